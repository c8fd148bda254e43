"""What the form of an import does: columns confirmed, jobs ordered, questions answered, files that go in time."""

import json
from collections.abc import Callable, Iterator

import frappe
import pytest
from frappe.utils import add_to_date, getdate, now_datetime

from grid_governance.grid_ledger.actions import retention
from grid_governance.grid_ledger.importing import desk, uploads
from grid_governance.grid_ledger.importing.uploads import IMPORT, LINE
from grid_governance.grid_ledger.rules import retention as rules
from tests.factories import make_holder, make_household, make_township, make_user
from tests.world import inside_savepoint, taken_back

HEADINGS = "网格,户号,姓名,与户主关系,身份证号,备用栏\n"
ROWS = "第一网格,0001,张三丰,户主,990101198001010017,甲\n"


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""Two villages with a grid each; `secretary` of the first, `colleague` there too, `neighbour` of the second."""
	with taken_back():
		town = make_township(2, 1)
		first, second = town.villages
		administrator = frappe.get_doc("User", make_user())
		administrator.add_roles("Governance Administrator")
		yield frappe._dict(
			village=first.name,
			grid=town.grids[0][0].name,
			secretary=make_holder("Village Secretary", first.name),
			colleague=make_holder("Village Secretary", first.name),
			neighbour=make_holder("Village Secretary", second.name),
			member=make_holder("Grid Member", town.grids[0][0].name),
			official=make_holder("Township Office", town.root.name),
			administrator=administrator.name,
		)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


@pytest.fixture(autouse=True)
def _chinese(_on_site, monkeypatch):
	monkeypatch.setattr(frappe.local, "lang", "zh")


@pytest.fixture
def ordered(monkeypatch) -> list[str]:
	"""The jobs that are ordered, by the state they work on."""
	jobs: list[str] = []
	monkeypatch.setattr(desk, "order", lambda doc: jobs.append(doc.state))
	return jobs


@pytest.fixture
def brought(world) -> Callable[..., frappe.model.document.Document]:
	"""`brought(text)`: an import of the secretary's with a CSV of *text*."""

	def make(text: str = HEADINGS + ROWS, encoding: str = "utf-8") -> frappe.model.document.Document:
		frappe.set_user(world.secretary)
		doc = frappe.get_doc(doctype=IMPORT, grid=world.village).insert()
		doc.file = sent(doc.name, text.encode(encoding))
		doc.save()
		return doc

	return make


def sent(name: str, content: bytes, file_name: str = "里溪村.csv") -> str:
	"""Send a file to the import *name* and return its address."""
	values = {"attached_to_doctype": IMPORT, "attached_to_name": name, "attached_to_field": "file"}
	file = frappe.get_doc(doctype="File", file_name=file_name, content=content, is_private=1, **values)
	return file.insert().file_url


def line(doc: frappe.model.document.Document, row: int = 2, **values: object) -> str:
	"""Put a row of *doc* into the database as the writer does."""
	made = frappe.get_doc(doctype=LINE, ledger_import=doc.name, sheet=0, row_no=row, **values)
	made.update({"grid": doc.grid, "grid_path": doc.grid_path, "owner": doc.owner})
	made.name = frappe.generate_hash(length=10)
	made.db_insert()
	return made.name


def chosen(doc: frappe.model.document.Document) -> dict[str, str]:
	return {row.letter: row.target for row in doc.columns if row.taken}


def test_the_columns_are_shown_with_examples_and_what_they_mean(world, brought):
	doc = brought()
	desk.look(doc.name)
	doc.reload()
	assert (doc.state, doc.file_name) == (uploads.TO_CONFIRM, "里溪村.csv")
	assert chosen(doc) == {
		"A": "Grid.name",
		"B": "Household.household_no",
		"C": "Resident.resident_name",
		"D": "Resident.relation_to_head",
		"E": "Resident Identity.id_number",
	}
	number, unknown = doc.columns[4], doc.columns[5]
	assert "990101198001010017" not in number.example
	assert number.example
	assert (unknown.target, unknown.taken) == ("", 0)
	assert unknown.note
	assert frappe.db.count("Household", {"grid": world.grid}) == 0


def test_a_file_of_windows_is_read_as_well(brought):
	doc = brought(encoding="gb18030")
	desk.look(doc.name)
	doc.reload()
	assert doc.columns[2].example == "张三丰"


def test_who_reads_another_language_than_the_site_brings_its_files_as_well(brought, monkeypatch):
	frappe.db.set_single_value("System Settings", "language", "zh")
	doc = brought()
	monkeypatch.setattr(frappe.local, "lang", "en")
	desk.look(doc.name)
	doc.reload()
	assert sorted(chosen(doc)) == ["A", "B", "C", "D", "E"]


def test_what_is_no_table_is_refused_with_advice(brought):
	doc = brought("<html><body>张三丰</body></html>")
	with pytest.raises(uploads.UnreadableFileError):
		desk.look(doc.name)


def test_the_check_is_ordered_with_the_columns_that_were_chosen(brought, ordered):
	doc = brought()
	desk.look(doc.name)
	desk.check(doc.name, json.dumps({"0:5": "Resident.occupation", "0:4": ""}))
	doc.reload()
	assert (doc.state, doc.stage) == (uploads.CHECKING, "Waiting")
	assert ordered == [uploads.CHECKING]
	assert chosen(doc)["F"] == "Resident.occupation"
	assert "E" not in chosen(doc)
	frappe.db.set_value(IMPORT, doc.name, "state", uploads.CHECKED)
	desk.look(doc.name)
	doc.reload()
	assert chosen(doc)["F"] == "Resident.occupation", "a heading that was explained once is known"


@pytest.mark.parametrize(
	"columns",
	[
		{"0:5": "Resident.resident_name"},
		{"0:2": ""},
		{"0:5": "Resident.no_such_field"},
		{"0:5": "User.api_key"},
	],
	ids=["twice", "without a name", "no field", "no field of the ledger"],
)
def test_columns_that_cannot_mean_that_are_refused(brought, ordered, columns):
	doc = brought()
	desk.look(doc.name)
	with pytest.raises(desk.ColumnsError):
		desk.check(doc.name, json.dumps(columns))
	assert ordered == []


def test_numbers_are_not_taken_from_who_may_not_enter_them(world, ordered):
	frappe.set_user(world.official)
	doc = frappe.get_doc(doctype=IMPORT, grid=world.village).insert()
	doc.file = sent(doc.name, (HEADINGS + ROWS).encode())
	doc.save()
	desk.look(doc.name)
	doc.reload()
	assert "E" not in chosen(doc)
	assert doc.columns[4].note
	with pytest.raises(desk.ColumnsError):
		desk.check(doc.name, json.dumps({"0:4": "Resident Identity.id_number"}))
	desk.check(doc.name, json.dumps({"0:4": ""}))
	assert ordered == [uploads.CHECKING]


def test_nothing_is_checked_before_the_columns_are_confirmed(brought, ordered):
	doc = brought()
	with pytest.raises(uploads.ImportNotReadyError):
		desk.check(doc.name)
	desk.look(doc.name)
	with pytest.raises(uploads.ImportNotReadyError):
		desk.check(doc.name)
	with pytest.raises(uploads.ImportNotReadyError):
		desk.write(doc.name)
	assert ordered == []


def test_what_was_checked_is_written_and_what_stopped_goes_on_where_it_was(brought, ordered):
	doc = brought()
	frappe.db.set_value(IMPORT, doc.name, "state", uploads.CHECKED)
	desk.write(doc.name)
	doc.reload()
	assert doc.state == uploads.WRITING
	assert doc.started_at
	with pytest.raises(uploads.ImportNotReadyError):
		desk.write(doc.name)
	began = doc.started_at
	frappe.db.set_value(IMPORT, doc.name, {"state": uploads.STOPPED, "position": 7, "error": "磁盘已满"})
	desk.write(doc.name)
	doc.reload()
	assert (doc.state, doc.position, doc.started_at, doc.error) == (uploads.WRITING, 7, began, None)
	assert ordered == [uploads.WRITING, uploads.WRITING]


def test_once_rows_are_written_file_and_columns_stay(brought, ordered):
	doc = brought()
	started = {"state": uploads.STOPPED, "started_at": now_datetime()}
	frappe.db.set_value(IMPORT, doc.name, started)
	doc.reload()
	doc.file = sent(doc.name, (HEADINGS + ROWS * 2).encode(), "另一个.csv")
	with pytest.raises(uploads.ImportNotReadyError):
		doc.save()
	with pytest.raises(uploads.ImportNotReadyError):
		desk.look(doc.name)
	with pytest.raises(uploads.ImportNotReadyError):
		desk.check(doc.name, "{}")


def test_another_file_begins_anew(brought, ordered):
	doc = brought()
	desk.look(doc.name)
	frappe.db.set_value(IMPORT, doc.name, {"state": uploads.CHECKED, "rows_new": 5})
	kept = line(doc, verdict="Refused")
	first = doc.file
	doc.reload()
	doc.file = sent(doc.name, (HEADINGS + ROWS * 2).encode(), "另一个.csv")
	doc.save()
	doc.reload()
	assert (doc.state, doc.rows_new, doc.columns) == (uploads.DRAFT, 0, [])
	assert not frappe.db.exists(LINE, kept)
	assert not frappe.db.exists("File", {"file_url": first})


def test_what_a_client_sends_for_the_rooms_fields_is_not_taken(world):
	frappe.set_user(world.secretary)
	sent_by_client = {
		"state": uploads.CHECKED,
		"rows_new": 99,
		"started_at": now_datetime(),
		"refused_file": "/private/files/x.xlsx",
		"columns": [{"sheet": 0, "position": 0, "target": "Resident Identity.id_number", "taken": 1}],
	}
	doc = frappe.get_doc(doctype=IMPORT, grid=world.village, **sent_by_client).insert()
	doc.reload()
	assert (doc.state, doc.rows_new, doc.started_at, doc.refused_file) == (uploads.DRAFT, 0, None, None)
	assert doc.columns == []
	doc.update({"state": uploads.WRITING, "position": 3})
	doc.append("columns", sent_by_client["columns"][0])
	doc.save()
	doc.reload()
	assert (doc.state, doc.position, doc.columns) == (uploads.DRAFT, 0, [])


def test_who_may_not_enter_households_there_does_not_import_them(world):
	frappe.set_user(world.neighbour)
	with pytest.raises(frappe.PermissionError):
		frappe.get_doc(doctype=IMPORT, grid=world.village).insert()
	frappe.set_user(world.member)
	with pytest.raises(frappe.PermissionError):
		frappe.get_doc(doctype=IMPORT, grid=world.grid).insert()
	frappe.set_user(world.administrator)
	with pytest.raises(uploads.ImportRightError):
		frappe.get_doc(doctype=IMPORT, grid=world.village).insert()


@pytest.mark.parametrize("who", ["colleague", "neighbour", "member", "official"])
def test_an_import_is_its_owners_alone(world, brought, who):
	doc = brought()
	line(doc, verdict="Refused", who="张三丰")
	frappe.set_user(world[who])
	for method in (desk.look, desk.choices, desk.check, desk.write, desk.cancel, desk.clear):
		with pytest.raises(frappe.PermissionError):
			method(doc.name)
	for doctype in (IMPORT, LINE) if who != "member" else ():
		assert frappe.get_list(doctype, limit_page_length=0) == []


def test_an_answer_names_one_of_those_that_are_offered(world, brought):
	doc = brought()
	offered, other = make_household(world.grid).name, make_household(world.grid).name
	details = {"question": "？", "candidates": [{"doctype": "Household", "name": offered, "label": "甲"}]}
	asked = line(doc, verdict="To Be Decided", details=json.dumps(details))
	desk.answer(doc.name, asked, "This Record", offered)
	assert frappe.db.get_value(LINE, asked, ["answer", "answer_record"]) == ("This Record", offered)
	desk.answer(doc.name, asked, "Leave Out", offered)
	assert frappe.db.get_value(LINE, asked, ["answer", "answer_record"]) == ("Leave Out", None)
	for choice, record in (("This Record", other), ("This Record", None), ("Whatever", offered)):
		with pytest.raises(desk.AnswerError):
			desk.answer(doc.name, asked, choice, record)
	refused = line(doc, 3, verdict="Refused")
	with pytest.raises(desk.AnswerError):
		desk.answer(doc.name, refused, "New Record")
	with pytest.raises(desk.AnswerError):
		desk.answer(brought().name, asked, "New Record")


def test_a_line_is_not_written_by_hand(brought):
	doc = brought()
	name = line(doc, verdict="To Be Decided")
	frappe.set_user("Administrator")
	row = frappe.get_doc(LINE, name)
	row.answer = "New Record"
	for change in (row.save, row.delete, frappe.copy_doc(row).insert):
		with pytest.raises(frappe.ValidationError):
			change()


def test_a_job_that_lives_is_asked_to_stop_and_a_dead_one_ends(brought):
	doc = brought()
	with pytest.raises(uploads.ImportNotReadyError):
		desk.cancel(doc.name)
	heard = {"state": uploads.WRITING, "started_at": now_datetime()}
	frappe.db.set_value(IMPORT, doc.name, heard)
	desk.cancel(doc.name)
	assert frappe.db.get_value(IMPORT, doc.name, ["state", "cancel_asked"]) == (uploads.WRITING, 1)
	silent = add_to_date(now_datetime(), minutes=-desk.STALE_MINUTES - 1)
	frappe.db.set_value(IMPORT, doc.name, "modified", silent, update_modified=False)
	desk.cancel(doc.name)
	assert frappe.db.get_value(IMPORT, doc.name, "state") == uploads.CANCELLED


def test_rows_and_files_go_at_once_when_wanted_and_figures_stay(brought):
	doc = brought()
	desk.look(doc.name)
	line(doc, verdict="Refused", who="张三丰")
	frappe.db.set_value(IMPORT, doc.name, {"state": uploads.DONE, "rows_new": 5})
	desk.clear(doc.name)
	doc.reload()
	assert (doc.rows_new, doc.file, doc.columns, doc.cleared_on) == (5, None, [], getdate())
	assert not frappe.db.exists(LINE, {"ledger_import": doc.name})
	assert not frappe.db.exists("File", {"attached_to_name": doc.name})
	assert not frappe.db.exists("Comment", {"reference_name": doc.name, "content": ["like", "%里溪村%"]})
	with pytest.raises(uploads.ImportNotReadyError):
		desk.write(doc.name)


def test_rows_and_files_go_when_their_time_is_over(brought, monkeypatch):
	old, young, running = brought(), brought(), brought()
	frappe.set_user("Administrator")
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	long_ago = {"modified": "2024-01-10 08:00:00"}
	for doc in (old, running):
		frappe.db.set_value(IMPORT, doc.name, long_ago, update_modified=False)
	frappe.db.set_value(IMPORT, running.name, "state", uploads.WRITING, update_modified=False)
	frappe.db.set_value(IMPORT, young.name, "modified", "2024-03-10 08:00:00", update_modified=False)
	frappe.db.set_value("Retention Rule", {"name": ["is", "set"]}, "enabled", 0)
	frappe.db.set_value("Retention Rule", {"kind": rules.IMPORTS}, {"enabled": 1, "months": 1})
	assert retention.run(getdate("2024-03-15")) == {rules.IMPORTS: 1}
	assert not frappe.db.exists("File", {"attached_to_name": old.name})
	for doc in (young, running):
		assert frappe.db.exists("File", {"attached_to_name": doc.name})
	assert retention.run(getdate("2024-03-15")) == {}


def test_the_template_is_an_excel_file_in_ones_own_language(world):
	frappe.set_user(world.secretary)
	desk.template("Households and People")
	assert frappe.local.response.filecontent[:2] == b"PK"
	assert frappe.local.response.filename.endswith(".xlsx")
	frappe.set_user(world.member)
	with pytest.raises(frappe.PermissionError):
		desk.template("Households and People")
