"""What a file holds stands afterwards where it belongs and nowhere else: no number in a row of the import or a log, no markup,
nothing that calculates, nothing that was written for somebody whose post has ended."""

import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import frappe
import MySQLdb
import openpyxl
import pytest
from frappe.utils.password import get_decrypted_password

from grid_governance.grid_ledger.actions import anonymising
from grid_governance.grid_ledger.importing import parts, plan, run, uploads, writer
from grid_governance.spreadsheet import cells
from tests.factories import make_citizen_number, make_resident
from tests.security.issues.test_no_markup_is_kept import DISGUISES
from tests.security.issues.test_no_sheet_calculates import FORMULAS
from tests.security.ledger.conftest import COLUMN, HOUSEHOLD, IDENTITY, IMPORT, LINE, RESIDENT
from tests.web import call, request

DESK = "grid_governance.grid_ledger.importing.desk."
HEADINGS = (
	"网格",
	"户号",
	"姓名",
	"与户主关系",
	"性别",
	"出生日期",
	"身份证号",
	"联系电话",
	"家庭住址",
	"职业",
)


@pytest.fixture(autouse=True)
def _in_one_transaction(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
	"""Let jobs run inside the test's own: what they commit waits for ever, and the writer writes over the same connection."""
	database, roll_back = frappe.local.db, type(frappe.local.db).rollback
	monkeypatch.setattr(database, "commit", lambda: None)
	monkeypatch.setattr(
		database,
		"rollback",
		lambda *, save_point=None: roll_back(database, save_point=save_point) if save_point else None,
	)
	monkeypatch.setattr(writer.Writer, "begin", lambda self, statements: parts._execute(statements))
	monkeypatch.setattr(writer.Writer, "end", lambda self: None)
	monkeypatch.setattr(frappe, "publish_realtime", lambda *args, **kwargs: None)
	yield
	frappe.local.lang = "en"


def sheet(rows: Sequence[Sequence[Any]], headings: Sequence[str] = HEADINGS, title: str = "村民") -> bytes:
	book = openpyxl.Workbook()
	book.active.title = title
	for row in (headings, *rows):
		book.active.append([None] * len(row))
		for at, value in enumerate(row, start=1):
			cell = book.active.cell(book.active.max_row, at)
			cell.value = value
			if isinstance(value, str):
				cell.data_type = "s"
	file = io.BytesIO()
	book.save(file)
	return file.getvalue()


def uploaded(user: str, grid: str, content: bytes, file_name: str = "村民.xlsx") -> str:
	"""An import by *user* of *content*, looked at."""
	made = request(user, "POST", f"/api/resource/{IMPORT}", grid=grid)
	assert made.status == 200, made.text
	name = made.message["name"]
	sent = call(
		user,
		"upload_file",
		files={"file": (file_name, content)},
		doctype=IMPORT,
		docname=name,
		fieldname="file",
		is_private="1",
	)
	assert sent.status == 200, sent.fault or sent.text
	put = request(user, "PUT", f"/api/resource/{IMPORT}/{name}", file=sent.message["file_url"])
	assert put.status == 200, put.fault or put.text
	look = call(user, DESK + "look", name=name)
	assert look.status == 200, look.fault or look.text
	return name


def step(name: str, which: str, columns: str = "{}") -> frappe._dict:
	"""Order *which* ("check", "write") as the owner and do it as the clock would, whose user is the Administrator."""
	owner = frappe.db.get_value(IMPORT, name, "owner")
	given = {"columns": columns} if which == "check" else {}
	ordered = call(owner, DESK + which, name=name, **given)
	assert ordered.status == 200, ordered.fault or ordered.text
	return work(name, which)


def work(name: str, which: str) -> frappe._dict:
	frappe.set_user("Administrator")
	{"check": run.check, "write": run.write}[which](name)
	frappe.set_user("Administrator")
	frappe.clear_document_cache(IMPORT, name)
	return frappe.get_doc(IMPORT, name)


def files(doc: Any) -> dict[str, bytes]:
	"""What came back, by its field."""
	return {
		field: uploads.content(frappe._dict(name=doc.name, file=doc.get(field)))[0]
		for field in uploads.RESULTS
		if doc.get(field)
	}


def stored_of(name: str) -> str:
	"""All that is kept of an import but its files, as one text."""
	lines = frappe.get_all(LINE, {"ledger_import": name}, ["*"], order_by="name asc", limit_page_length=0)
	columns = frappe.get_all(COLUMN, {"parent": name}, ["*"], order_by="name asc", limit_page_length=0)
	doc = frappe.db.get_value(IMPORT, name, "*", as_dict=True)
	return json.dumps([doc, lines, columns], ensure_ascii=False, default=str)


def logs() -> str:
	"""What Frappe has written down of whatever went on."""
	found = []
	for doctype in (
		"Error Log",
		"Version",
		"Comment",
		"Access Log",
		"Personal Data Access",
		"Household Change",
	):
		found += frappe.get_all(doctype, ["*"], order_by="creation desc", limit_page_length=200)
	return json.dumps(found, ensure_ascii=False, default=str)


def family(world: frappe._dict, no: str, number: str, **changed: Any) -> dict[str, Any]:
	grid = frappe.db.get_value("Grid", world.grid, "grid_name")
	row = dict(
		zip(HEADINGS, (grid, no, "公冶甲", "户主", "男", "1980-01-01", number, "", "东门", ""), strict=True)
	)
	return row | changed


def rows_of(*rows: dict[str, Any]) -> list[list[Any]]:
	return [[row[heading] for heading in HEADINGS] for row in rows]


SHIFTED = ("性别", "与户主关系", "出生日期", "联系电话", "网格")
"""Columns in which a number stands when a file has slipped by one."""


def test_a_number_stands_in_the_ledger_encrypted_and_nowhere_else(world):
	number, other, twice = (make_citizen_number() for _ in range(3))
	numbers = [number, other, twice]
	rows = [family(world, "8801", number)]
	for at, heading in enumerate(SHIFTED):
		numbers.append(make_citizen_number())
		rows.append(family(world, f"88{at}2", "", **{heading: numbers[-1]}))
	rows += [
		family(world, "8901", f"{other[:-1]}{'1' if other[-1] != '1' else '2'}"),
		family(world, "8902", twice),
		family(world, "8902", twice, 与户主关系="子"),
		family(world, "8903", make_citizen_number(born="19900101")),
		family(world, "8904", "", 户号="", 姓名=make_citizen_number(), 与户主关系="无此关系"),
	]
	numbers += [rows[-5]["身份证号"], rows[-2]["身份证号"], rows[-1]["姓名"]]
	name = uploaded(world.uploader, world.grid, sheet(rows_of(*rows)))
	for which in ("check", "write"):
		doc = step(name, which)
		assert doc.state in ("Checked", "Done"), doc.error
		kept = stored_of(name) + logs()
		found = {
			each: kept[kept.index(each) - 200 : kept.index(each) + 60] for each in numbers if each in kept
		}
		assert found == {}
	household = frappe.db.get_value(HOUSEHOLD, {"owner": world.uploader, "household_no": "8801"})
	resident = frappe.db.get_value(RESIDENT, {"household": household}, "name")
	masked = frappe.db.get_value(IDENTITY, {"resident": resident}, "name")
	assert get_decrypted_password(IDENTITY, masked, "id_number") == number


@pytest.mark.parametrize("disguise", DISGUISES)
def test_no_markup_is_kept(world, disguise):
	text, grid = DISGUISES[disguise], frappe.db.get_value("Grid", world.grid, "grid_name")
	file_name = re.sub('[/"]', "", text) or "x"
	rows = [
		[grid, "7701", f"{text}名", "户主", "男", "1980-01-01", "", "", f"{text}门", f"{text}业", text],
		[grid, "7702", "公冶乙", *[text] * 8],
		[text] * 11,
	]
	name = uploaded(
		world.uploader,
		world.grid,
		sheet(rows, (*HEADINGS, f"{text}列"), "村"),
		f"{file_name}.xlsx",
	)
	for which in ("check", "write"):
		doc = step(name, which)
		assert doc.state in ("Checked", "Done"), doc.error
		told = [line for line in frappe.get_all(LINE, {"ledger_import": name}, pluck="details") if line]
		spoken = [text for each in told for text in texts(json.loads(each))]
		kept = [text for each in rows_kept(name) for text in texts(each)]
		assert [each for each in (*spoken, *kept) if re.search('[<>"]', each)] == []
	made = {"owner": world.uploader, "creation": [">=", doc.started_at]}
	people = [
		frappe.db.get_value(doctype, name, "*", as_dict=True)
		for doctype in (HOUSEHOLD, RESIDENT)
		for name in frappe.get_all(doctype, made, pluck="name", order_by="name asc")
	]
	assert people, "nobody was written"
	assert [text for row in people for text in texts(row) if re.search('[<>"]', text)] == []


def rows_kept(name: str) -> list[dict[str, Any]]:
	"""The import's own row, its columns and its lines without their JSON."""
	lines = frappe.get_all(LINE, {"ledger_import": name}, ["*"], order_by="name asc", limit_page_length=0)
	columns = frappe.get_all(COLUMN, {"parent": name}, ["*"], order_by="name asc", limit_page_length=0)
	doc = frappe.db.get_value(IMPORT, name, "*", as_dict=True)
	return [{**row, "details": None} for row in (*lines, *columns, doc)]


def texts(value: Any) -> Iterator[str]:
	if isinstance(value, str):
		yield value
	elif isinstance(value, dict):
		for each in value.values():
			yield from texts(each)
	elif isinstance(value, list | tuple):
		for each in value:
			yield from texts(each)


@pytest.mark.parametrize("as_csv", [False, True])
def test_no_file_that_comes_back_calculates(world, as_csv):
	home = frappe.get_doc(HOUSEHOLD, world.kept[HOUSEHOLD])
	rows = [
		[
			formula,
			home.household_no,
			"=1+1",
			formula,
			formula,
			formula,
			formula,
			formula,
			formula,
			formula,
			formula,
		]
		for formula in FORMULAS
	]
	headings = (*HEADINGS, "=1+1")
	if as_csv:
		text = io.StringIO(newline="")
		import csv

		csv.writer(text).writerows([headings, *rows])
		content, file_name = text.getvalue().replace("\x01", "").encode(), "=1+1.csv"
	else:
		content = sheet([[value.replace("\x01", "") for value in row] for row in rows], headings, "=1+1")
		file_name = "=1+1.xlsx"
	doc = step(uploaded(world.uploader, world.grid, content, file_name), "check")
	assert doc.state == "Checked", doc.error
	back = files(doc)
	assert "refused_file" in back
	for content in back.values():
		book = openpyxl.load_workbook(io.BytesIO(content))
		formulas = [
			cell.value
			for page in book.worksheets
			for row in page.iter_rows()
			for cell in row
			if cell.data_type == "f" or cell.hyperlink
		]
		assert formulas == []
		assert [str(value) for page in book for row in page.values for value in row if value == "=1+1"]


def test_old_values_are_text_in_what_comes_back(world):
	"""What was written past the cleaning of a save stands in the ledger and comes back in a list of changes."""
	head = world.kept[RESIDENT]
	for formula in ("=1+1", '=HYPERLINK("http://x.example","点")', "@SUM(A1)"):
		frappe.db.set_value(RESIDENT, head, "occupation", formula)
		doc = step(changing(world), "check")
		assert doc.rows_changed == 1, doc.as_dict()
		book = openpyxl.load_workbook(io.BytesIO(files(doc)["outcome_file"]))
		found = [cell for page in book for row in page.iter_rows() for cell in row if cell.value == formula]
		assert found
		assert {cell.data_type for cell in found} == {"s"}


def changing(world: frappe._dict) -> str:
	"""An import that changes what stands of the head of the household."""
	no = frappe.db.get_value(HOUSEHOLD, world.kept[HOUSEHOLD], "household_no")
	who = frappe.db.get_value(RESIDENT, world.kept[RESIDENT], "resident_name")
	row = family(world, no, "", 姓名=who, 性别="", 职业="木工", 家庭住址="")
	return uploaded(world.uploader, world.grid, sheet(rows_of(row)))


def test_old_values_leave_the_house_with_the_right_to_and_are_noted(world):
	noted = {"kind": "Export", "user": world.uploader, "reference_doctype": RESIDENT, "grid": world.grid}
	assert not frappe.db.count("Personal Data Access", noted)
	assert step(changing(world), "check").outcome_file
	assert frappe.db.get_value("Personal Data Access", noted, "rows") == 1
	world.changed_rights = RESIDENT
	frappe.permissions.add_permission(RESIDENT, "Village Secretary")
	frappe.permissions.update_permission_property(RESIDENT, "Village Secretary", 0, "export", 0)
	doc = step(changing(world), "check")
	assert (doc.rows_changed, doc.outcome_file) == (1, None)


QUOTED = (
	"O'Hara \\",
	"%s %(name)s %d %%",
	"'); drop table `tabResident`; --",
	"\\N",
	"{0} {} {name!r}",
	"😀𠮷㐂",
	"a\\'b\\\\'c",
	"`name` = 1 or 1=1",
	"${7*7} {{7*7}} {% raw %}",
	"null",
)


def test_texts_are_written_as_they_are(world):
	rows = [
		family(world, f"66{at}", "", 家庭住址=text, 职业=text, 姓名=f"公冶{'甲乙丙丁戊己庚辛壬癸'[at]}")
		for at, text in enumerate(QUOTED)
	]
	name = uploaded(world.uploader, world.grid, sheet(rows_of(*rows)))
	step(name, "check")
	doc = step(name, "write")
	assert doc.state == "Done", doc.error
	made = {"owner": world.uploader, "creation": [">=", doc.started_at]}
	addresses = frappe.get_all(HOUSEHOLD, made, pluck="address", order_by="household_no asc")
	assert sorted(filter(None, addresses)) == sorted(
		cells.text(text) for text in QUOTED if cells.text(text) in addresses
	)
	assert {cells.text(text) for text in QUOTED} - set(addresses) <= {"null"}


ENDED: dict[str, Callable[[str], None]] = {
	"post": lambda user: [
		frappe.db.set_value("Grid Post Assignment", each, "to_date", "2020-02-01")
		for each in frappe.get_all("Grid Post Assignment", {"user": user}, pluck="name", order_by="name asc")
	],
	"account": lambda user: frappe.db.set_value("User", user, "enabled", 0),
}


@pytest.mark.parametrize("what", ENDED)
@pytest.mark.parametrize("which", ["check", "write"])
def test_nothing_is_done_for_whoever_is_not_there_any_more(world, what, which):
	"""An import that waits, or is gone on with by the clock, when its owner has gone."""
	from grid_governance import scope

	name = uploaded(world.uploader, world.grid, sheet(rows_of(family(world, "5501", make_citizen_number()))))
	if which == "write":
		step(name, "check")
	given = {"columns": "{}"} if which == "check" else {}
	assert call(world.uploader, DESK + which, name=name, **given).status == 200
	ENDED[what](world.uploader)
	scope.forget()
	frappe.clear_cache(user=world.uploader)
	people, told = frappe.db.count(RESIDENT), frappe.db.count(LINE)
	doc = work(name, which)
	assert doc.state == "Stopped", doc.state
	assert doc.error
	assert (frappe.db.count(RESIDENT), frappe.db.count(LINE)) == (people, told)


def test_a_job_works_in_the_name_of_the_owner(world):
	"""Whoever begins it: what lies outside her grids is refused, and what is made is hers."""
	near = frappe.db.get_value("Grid", world.near, "grid_name")
	village = frappe.db.get_value("Grid", world.near_village, "grid_name")
	here = frappe.db.get_value("Grid", world.grid, "grid_name")
	own = frappe.db.get_value("Grid", world.village, "grid_name")
	rows = [
		["4401", "公冶乙", "户主", own, here],
		["4402", "公冶丙", "户主", village, near],
		["4403", "公冶丁", "户主", own, near],
	]
	name = uploaded(
		world.uploader, world.village, sheet(rows, ("户号", "姓名", "与户主关系", "村居", "网格"))
	)
	checked = step(name, "check")
	assert (checked.rows_new, checked.rows_refused) == (1, 2)
	doc = step(name, "write")
	assert (doc.rows_new, doc.rows_refused) == (1, 2)
	made = frappe.get_all(
		RESIDENT,
		{"resident_name": ["in", ["公冶乙", "公冶丙", "公冶丁"]]},
		["owner", "modified_by", "grid"],
		order_by="name asc",
	)
	assert made == [{"owner": world.uploader, "modified_by": world.uploader, "grid": world.grid}]
	lines = frappe.get_all(LINE, {"ledger_import": name}, ["owner", "grid"], order_by="name asc")
	assert {(line.owner, line.grid) for line in lines} == {(world.uploader, world.village)}
	for field, content in files(doc).items():
		assert content
		assert frappe.db.get_value("File", {"file_url": doc.get(field)}, ["owner", "is_private"]) == (
			world.uploader,
			1,
		)


FAULTS = {
	"nobody foresaw": lambda: RuntimeError("x"),
	"the database is gone": lambda: MySQLdb.OperationalError(2006, "gone away"),
	"the disk is full": lambda: OSError(28, "No space left on device"),
}


def as_a_worker(name: str) -> None:
	"""Check an import as Frappe's worker does, which writes down why a job has failed."""
	frappe.set_user("Administrator")
	try:
		run.check(name)
	except Exception:
		frappe.log_error(title="grid_governance.grid_ledger.importing.run.check")
	frappe.set_user("Administrator")


@pytest.mark.parametrize("fault", FAULTS)
def test_no_log_has_what_was_being_worked_on(world, monkeypatch, fault):
	"""Frappe writes down the values of variables; here they are people with their numbers."""
	number = make_citizen_number()
	name = uploaded(world.uploader, world.grid, sheet(rows_of(family(world, "3301", number))))
	assert call(world.uploader, DESK + "check", name=name, columns="{}").status == 200

	def broken(self: Any, families: Any) -> None:
		seen = {"number": number, "line": families[0]}
		raise FAULTS[fault]() from ValueError(str(seen)[:1])

	monkeypatch.setattr(plan.Planner, "part", broken)
	monkeypatch.setattr(parts, "WAITS", ())
	as_a_worker(name)
	found = frappe.get_all("Error Log", ["method", "error"], order_by="creation desc", limit_page_length=5)
	assert found or fault == "the disk is full"
	assert number not in json.dumps(found, ensure_ascii=False)
	assert number not in stored_of(name)


def test_nothing_of_it_outlives_its_time(world):
	number = make_citizen_number()
	rows = [family(world, "2201", number), family(world, "2202", "", 性别="无此")]
	name = uploaded(world.uploader, world.grid, sheet(rows_of(*rows)))
	step(name, "check")
	doc = step(name, "write")
	paths = [
		frappe.get_doc("File", each).get_full_path()
		for each in frappe.get_all("File", {"attached_to_name": name}, pluck="name", order_by="name asc")
	]
	assert len(paths) >= 2
	frappe.set_user(world.uploader)
	uploads.forget([name])
	frappe.set_user("Administrator")
	assert not [path for path in paths if frappe.utils.os.path.exists(path)]
	assert frappe.db.count("File", {"attached_to_name": name}) == 0
	assert frappe.db.count(LINE, {"ledger_import": name}) == 0
	left = stored_of(name) + json.dumps(
		frappe.get_all("Deleted Document", ["*"], order_by="creation desc", limit_page_length=50), default=str
	)
	for word in ("公冶甲", number, doc.refused_file):
		assert word not in left


LONG = {
	"headings": lambda world: sheet(
		rows_of(family(world, "1101", "")),
		[f"{each}{'长' * 600}" if at == 8 else each for at, each in enumerate(HEADINGS)],
	),
	"name": lambda world: sheet(rows_of(family(world, "1101", "", 姓名="长" * 5000))),
	"address": lambda world: sheet(rows_of(family(world, "1101", "", 家庭住址="长" * 30000))),
	"household number": lambda world: sheet(rows_of(family(world, "1" * 3000, "", 姓名=""))),
	"number": lambda world: sheet(rows_of(family(world, "1101", "1" * 5000))),
	"phone": lambda world: sheet(rows_of(family(world, "1101", "", 联系电话="13900000000、" * 2000))),
	"relation": lambda world: sheet(rows_of(family(world, "1101", "", 与户主关系="长" * 9000))),
	"control characters": lambda world: (
		"\t".join(HEADINGS) + "\n\t1101\t公\u2028\x85冶\t户主\t男\t\t\t\t东\x7f\ufffe门\t\n"
	).encode(),
	"names of sheets": lambda world: sheet(rows_of(family(world, "1101", "", 性别="无此")), title="'a'!b"),
	"columns": lambda world: sheet([[1] * 3000], [*HEADINGS, *[f"列{at}" for at in range(2991)]]),
}


@pytest.mark.parametrize("what", LONG)
def test_what_is_too_much_is_said_and_breaks_nothing(world, what):
	"""Whatever stands in a cell, a heading or a name: the check comes to its end, and what is refused comes back."""
	try:
		name = uploaded(world.uploader, world.grid, LONG[what](world), f"{'长' * 60}.xlsx")
	except AssertionError as refused:
		assert "UnreadableFileError" in str(refused) or "exc_type" in str(refused)
		return
	for which in ("check", "write"):
		doc = step(name, which)
		assert doc.state in ("Checked", "Done"), (doc.state, doc.error)
	for content in files(doc).values():
		assert openpyxl.load_workbook(io.BytesIO(content)).worksheets


def test_a_learned_word_does_not_turn_what_a_form_says(world):
	"""What one user says of her file is no other word's meaning for all the others."""
	name = uploaded(
		world.uploader, world.grid, sheet([["公冶甲", "户主", "x"]], ("姓名", "与户主关系", "姓别"))
	)
	step(
		name, "check", json.dumps({"0:0": "Resident.occupation", "0:1": "", "0:2": "Resident.resident_name"})
	)
	again = uploaded(
		world.inside["Village Secretary"],
		world.grid,
		sheet([["公冶甲", "户主", "x"]], ("姓名", "与户主关系", "姓别")),
	)
	targets = {column.heading: column.target for column in frappe.get_doc(IMPORT, again).columns}
	assert targets["姓名"] == "Resident.resident_name"
	assert targets["与户主关系"] == "Resident.relation_to_head"


def test_a_person_who_is_entered_meanwhile_is_not_entered_twice(world):
	"""Between the check and the writing somebody enters her by hand."""
	row = family(world, "9901", make_citizen_number())
	name = uploaded(world.uploader, world.grid, sheet(rows_of(row)))
	assert step(name, "check").rows_new == 1
	home = frappe.get_doc(doctype=HOUSEHOLD, grid=world.grid, household_no="9901").insert()
	make_resident(home.name, resident_name="公冶甲")
	doc = step(name, "write")
	assert frappe.db.count(RESIDENT, {"resident_name": "公冶甲", "grid": world.grid}) == 1, doc.as_dict()


def test_who_is_forgotten_is_forgotten_here_too(world):
	"""Her row with what was changed of her, and the list of changes; the uploaded file goes with its import."""
	name = changing(world)
	doc = step(name, "check")
	path = frappe.get_doc("File", {"file_url": doc.outcome_file}).get_full_path()
	assert "木工" in stored_of(name)
	anonymising.residents([world.kept[RESIDENT]], frappe.utils.getdate())
	assert "木工" not in stored_of(name)
	assert world.kept[RESIDENT] not in stored_of(name)
	assert not frappe.db.get_value(IMPORT, name, "outcome_file")
	assert not frappe.utils.os.path.exists(path)
	assert frappe.db.get_value(IMPORT, name, "rows_changed") == 1
