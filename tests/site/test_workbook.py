"""A township's structure comes in as one sheet, and goes out again."""

from io import BytesIO

import frappe
import pytest
from openpyxl import Workbook, load_workbook

from grid_governance.grid_structure import rules as structure
from grid_governance.grid_structure.doctype.structure_import import structure_import
from grid_governance.grid_structure.workbook import actions, queries, rules, sheets
from grid_governance.grid_structure.workbook.plan import Plan, explain
from grid_governance.spreadsheet import writing
from tests.factories import level_at, make_grid, make_holder, make_post, make_role, make_township, make_worker

pytestmark = pytest.mark.usefixtures("site")
KEYS = [column.key for column in rules.COLUMNS]


@pytest.fixture
def town() -> frappe._dict:
	made = make_township(2, 0)
	for village, name in zip(made.villages, ("东村", "西村"), strict=True):
		village.grid_name = name
		village.save(ignore_permissions=True)
	made.member = make_post(make_role(), applies_to_level=level_at(structure.GRID)).name
	made.leader = make_post(make_role(), applies_to_level=level_at(structure.GRID), max_per_grid=1).name
	return made


def sheet(*rows: dict[str, object], titles: int = 0) -> bytes:
	book = Workbook()
	for _title in range(titles):
		book.active.append(["网格员花名册"])
	book.active.append([column.label for column in rules.COLUMNS])
	for row in rows:
		book.active.append([row.get(key) for key in KEYS])
	out = BytesIO()
	book.save(out)
	return out.getvalue()


def plan(town: frappe._dict, *rows: dict[str, object], root: str | None = None) -> Plan:
	return Plan(frappe.get_doc("Grid", root or town.root.name), sheets.read(sheet(*rows)))


def person(town: frappe._dict, name: str, **cells: object) -> dict[str, object]:
	return {"village": "东村", "grid": "第一网格", "post": town.member, "name": name, **cells}


def test_looking_writes_nothing(town):
	before = {
		doctype: frappe.db.count(doctype) for doctype in ("Grid", "Grid Worker", "Grid Post Assignment")
	}
	found = plan(town, person(town, "甲"), person(town, "乙", area="北片"))
	assert found.figures() == {
		"rows_read": 2,
		"rows_refused": 0,
		"rows_unchanged": 0,
		"new_grids": 3,
		"new_workers": 2,
		"new_posts": 2,
		"changes": 0,
	}
	assert before == {doctype: frappe.db.count(doctype) for doctype in before}


def test_good_rows_are_written_and_the_same_file_changes_nothing(town):
	rows = (
		{"village": "东村", "grid": "第一网格", "households": 28},
		person(town, "甲", phone="13800000001", sex="男", party_member="是", from_date="2026-01-01"),
		person(town, "乙", area="北片", from_date="2026-01-01"),
		person(town, "甲", grid="第二网格", phone="13800000001", from_date="2026-01-01"),
	)
	actions.carry_out(plan(town, *rows))
	first = frappe.get_doc("Grid", {"grid_name": "第一网格", "parent_grid": town.villages[0].name})
	assert first.planned_households == 28
	worker = frappe.get_doc("Grid Worker", {"phone": "13800000001"})
	assert (worker.worker_name, worker.sex, worker.is_party_member, worker.grid) == (
		"甲",
		"Male",
		1,
		first.name,
	)
	assert frappe.db.count("Grid Post Assignment", {"worker": worker.name}) == 2
	area = frappe.get_doc("Grid", {"grid_name": "北片"})
	assert frappe.db.get_value("Grid", {"parent_grid": area.name}, "grid_name") == "第一网格"
	again = plan(town, *rows)
	assert again.figures()["rows_unchanged"] == 4
	before = frappe.db.count("Grid Post Assignment")
	actions.carry_out(again)
	assert frappe.db.count("Grid Post Assignment") == before


def test_a_changed_cell_changes_the_row_and_an_empty_one_nothing(town):
	actions.carry_out(
		plan(town, person(town, "甲", phone="13800000001", employer="村委会", from_date="2026-01-01"))
	)
	changed = plan(
		town,
		person(
			town, "甲", phone="13800000001", employer="卫生室", from_date="2026-01-01", to_date="2026-12-31"
		),
		{"village": "东村", "grid": "第一网格", "households": 30},
	)
	assert changed.figures()["changes"] == 3
	actions.carry_out(changed)
	worker = frappe.get_doc("Grid Worker", {"phone": "13800000001"})
	assert worker.employer == "卫生室"
	assert (
		str(frappe.db.get_value("Grid Post Assignment", {"worker": worker.name}, "to_date")) == "2026-12-31"
	)
	actions.carry_out(plan(town, person(town, "甲", phone="13800000001", from_date="2026-01-01")))
	assert frappe.db.get_value("Grid Worker", worker.name, "employer") == "卫生室"


def test_bad_rows_come_back_with_the_cell_marked_and_good_ones_are_kept(town):
	bad = {
		"village": person(town, "甲", village="南村"),
		"post": person(town, "乙", post="没有的岗位"),
		"phone": person(town, "丙", phone="12345"),
		"grid_code": person(town, "丁", grid="", grid_code="没有的编码"),
	}
	found = plan(town, *bad.values(), person(town, "好人"))
	actions.carry_out(found)
	assert frappe.db.exists("Grid Worker", {"worker_name": "好人"})
	assert [line.problems[0].column for line in found.refused] == list(bad)
	back = load_workbook(
		BytesIO(sheets.to_correct(found.refused, *queries.choices(town.root.name)))
	).worksheets[0]
	for row, column in enumerate(bad, start=2):
		assert back.cell(row, KEYS.index(column) + 1).fill == writing.MARKED
		assert back.cell(row, len(KEYS) + 1).value == explain(found.refused[row - 2].problems[0])
	assert [line.name for line in sheets.read(sheets.to_correct(found.refused, [], []))] == [
		"甲",
		"乙",
		"丙",
		"丁",
	]


def test_a_refused_row_leaves_nothing_that_a_later_one_rests_on(town):
	found = plan(
		town,
		person(town, "甲", grid="坏网格", post="没有的岗位"),
		person(town, "乙", grid="好网格", post=town.leader),
		person(town, "丙", grid="好网格", post=town.leader),
		person(town, "丙", grid="好网格"),
	)
	assert [line.name for line in found.refused] == ["甲", "丙"]
	actions.carry_out(found)
	assert not frappe.db.exists("Grid", {"grid_name": "坏网格", "parent_grid": town.villages[0].name})
	assert frappe.db.count("Grid Worker", {"worker_name": "丙"}) == 1


def test_homonyms_are_asked_about_not_guessed(town):
	grid = make_grid(town.villages[0].name, structure.GRID, grid_name="第一网格")
	for phone in ("13800000001", "13800000002"):
		make_worker(grid.name, worker_name="甲", phone=phone, user=None)
	found = plan(town, person(town, "甲"))
	assert [problem.column for problem in found.refused[0].problems] == ["name"]
	assert not plan(town, person(town, "甲", phone="13800000002")).refused
	other = plan(town, person(town, "甲", phone="13800000003"))
	assert other.figures()["new_workers"] == 1
	wrong = plan(town, person(town, "乙", phone="13800000001"))
	assert [problem.column for problem in wrong.refused[0].problems] == ["phone"]


def test_a_post_has_its_level_and_its_room(town):
	at_village = plan(town, {"village": "东村", "post": town.member, "name": "甲"})
	assert [problem.column for problem in at_village.refused[0].problems] == ["post"]
	two = plan(town, person(town, "甲", post=town.leader), person(town, "乙", post=town.leader))
	assert [line.name for line in two.refused] == ["乙"]


def test_a_sheet_with_titles_and_merged_villages_is_read(town):
	book = load_workbook(BytesIO(sheet(person(town, "甲"), person(town, "乙", village=None), titles=2)))
	book.active.merge_cells("A1:F1")
	book.active.merge_cells("A4:A5")
	out = BytesIO()
	book.save(out)
	lines = sheets.read(out.getvalue())
	assert [(line.number, line.village, line.name) for line in lines] == [
		(4, "东村", "甲"),
		(5, "东村", "乙"),
	]


@pytest.mark.parametrize(
	("content", "reason"),
	[
		(b"no workbook", "headings"),
		(b"PK\x03\x04broken", "damaged"),
		(b"%PDF-1.7", "no table"),
		(b"", "nothing"),
	],
)
def test_a_file_that_is_no_workbook_says_what_it_is(content: bytes, reason: str):
	with pytest.raises(sheets.SheetError, match=reason):
		sheets.read(content)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_text_file_is_read_too(town, encoding: str):
	text = f"村居,网格,岗位,姓名\r\n东村,第一网格,{town.member},甲\r\n合计,1\r\n"
	lines = sheets.read(text.encode(encoding), "网格员.csv")
	assert [(line.number, line.village, line.post, line.name) for line in lines] == [
		(2, "东村", town.member, "甲")
	]


def test_names_are_the_same_with_wide_brackets_and_with_narrow_ones(town):
	make_grid(town.villages[0].name, structure.GRID, grid_name="第一网格（东）")
	found = plan(town, person(town, "甲", grid="第一网格(东)"), person(town, "乙", grid="第一 网格（东）"))
	assert found.figures()["new_grids"] == 0


def test_what_goes_out_comes_in_again_and_changes_nothing(town):
	actions.carry_out(
		plan(
			town,
			person(town, "甲", phone="13800000001", sex="女", party_member="是", from_date="2026-01-01"),
			person(town, "乙", village="西村", area="北片", from_date="2026-01-01"),
			{"village": "西村", "grid": "空网格", "households": 12},
		)
	)
	out = sheets.export(queries.rows(town.root.grid_path), *queries.choices(town.root.name))
	again = Plan(frappe.get_doc("Grid", town.root.name), sheets.read(out))
	figures = again.figures()
	assert not again.refused
	assert figures["rows_unchanged"] == figures["rows_read"] > 4


def test_the_template_has_its_choices(town):
	book = load_workbook(BytesIO(sheets.template(*queries.choices(town.root.name))))
	rules_of = {
		str(rule.sqref).split(":")[0]: rule.formula1
		for rule in book.worksheets[0].data_validations.dataValidation
	}
	assert set(rules_of) == {"A2", "F2", "I2", "J2"}
	assert [cell.value for cell in book.worksheets[1]["A"]][:2] == ["东村", "西村"]


def grant(role: str, **rights: tuple[str, ...]) -> None:
	for scrubbed, wanted in rights.items():
		doctype = frappe.unscrub(scrubbed)
		frappe.permissions.add_permission(doctype, role)
		for right in ("read", "write", "create", "export"):
			frappe.permissions.update_permission_property(doctype, role, 0, right, int(right in wanted))


def test_a_village_secretary_brings_in_her_people_and_draws_no_grids(town):
	grid = make_grid(town.villages[0].name, structure.GRID, grid_name="第一网格")
	role = make_role()
	everything = ("read", "write", "create")
	grant(role, grid=("read",), grid_worker=everything, grid_post_assignment=everything)
	frappe.set_user(make_holder(role, town.villages[0].name))
	found = plan(town, person(town, "甲"), person(town, "乙", grid="新网格"), root=town.villages[0].name)
	assert [line.name for line in found.refused] == ["乙"]
	actions.carry_out(found)
	assert frappe.db.get_value("Grid Worker", {"worker_name": "甲"}, "grid") == grid.name


def test_an_export_names_people_only_to_those_who_may_export_them(town):
	role = make_role()
	grant(role, grid=("read",), grid_worker=("read",))
	frappe.set_user(make_holder(role, town.villages[0].name))
	with pytest.raises(frappe.PermissionError):
		queries.download(town.villages[0].name, "export")
	with pytest.raises(frappe.PermissionError):
		queries.download(town.villages[1].name)
	queries.download(town.villages[0].name)
	assert frappe.local.response.filename.startswith(town.villages[0].grid_name)


def test_a_job_reads_chinese_headings_and_keeps_the_refused_rows_as_a_file(town, monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	monkeypatch.setattr(frappe, "publish_progress", lambda *_args, **_kwargs: None)
	frappe.db.set_value("User", "Administrator", "language", "zh")
	frappe.clear_document_cache("User", "Administrator")
	frappe.cache.hdel("lang", "Administrator")
	book = Workbook()
	book.active.append(["村居", "网格", "网格岗位", "姓名"])
	book.active.append(["东村", "第一网格", town.member, "甲"])
	book.active.append(["东村", "第一网格", "没有的岗位", "乙"])
	content = BytesIO()
	book.save(content)
	doc = frappe.get_doc(doctype="Structure Import", grid=town.root.name).insert()
	attached = {"attached_to_doctype": doc.doctype, "attached_to_name": doc.name, "is_private": 1}
	name = f"{frappe.generate_hash(length=8)}.xlsx"
	file = frappe.get_doc(doctype="File", file_name=name, content=content.getvalue(), **attached).insert()
	doc.db_set("file", file.file_url)

	frappe.local.lang = "zh"
	structure_import.check_file(doc.name)
	doc.reload()
	assert (doc.status, doc.rows_refused, doc.new_workers) == ("Checked", 1, 1)
	frappe.local.lang = "en"  # as in a job
	structure_import.run(doc.name)
	doc.reload()
	assert (doc.status, doc.rows_refused) == ("Done", 1)
	assert frappe.db.exists("Grid Worker", {"worker_name": "甲"})
	refused = frappe.get_doc("File", {"file_url": doc.refused_file})
	assert refused.is_private
	rows = list(load_workbook(BytesIO(refused.get_content())).active.iter_rows(values_only=True))
	assert rows[1][KEYS.index("name")] == "乙"
	for stored in (file, refused):
		stored.delete()
