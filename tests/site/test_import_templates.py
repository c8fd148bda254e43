"""Templates, and what comes back from an import: opened as Excel files, and read again by the importer itself."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import frappe
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.importing import columns, lines, returned, templates
from grid_governance.grid_ledger.importing.columns import Target
from grid_governance.grid_ledger.importing.families import families
from grid_governance.grid_ledger.importing.shapes import Candidate, Change, Line, Outcome, Problem, Verdict
from grid_governance.spreadsheet import book
from grid_governance.spreadsheet.book import Book
from tests.factories import make_holder, make_township, make_user
from tests.world import inside_savepoint, taken_back

NUMBER, NAME = f"{IDENTITY}.id_number", f"{RESIDENT}.resident_name"
REASON = "退回原因"
TODAY = date(2026, 3, 1)


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	with taken_back():
		make_user()  # Frappe makes the first user of a site its System Manager
		town = make_township(2, 2)
		yield frappe._dict(
			town=town,
			grids=[grid.grid_name for grid in town.grids[0]],
			far=town.grids[1][0].grid_name,
			secretary=make_holder("Village Secretary", town.villages[0].name),
			member=make_holder("Grid Member", town.grids[0][0].name),
			instructor=make_holder("Grid Instructor", town.villages[0].name),
		)


@pytest.fixture(autouse=True)
def _on_site(world: frappe._dict, monkeypatch) -> Iterator[None]:
	monkeypatch.setattr(frappe.local, "lang", "zh")
	yield from inside_savepoint(world)


def sheets(content: bytes) -> list[Worksheet]:
	"""The sheets that people see."""
	return [sheet for sheet in load_workbook(BytesIO(content)).worksheets if sheet.sheet_state == "visible"]


def headings_of(sheet: Worksheet) -> list[str]:
	return [cell.value for cell in sheet[1]]


def choices(sheet: Worksheet, heading: str) -> list[str]:
	"""What is offered in the column *heading*, from the hidden sheet that its rule points to."""
	letter = sheet.cell(1, headings_of(sheet).index(heading) + 1).column_letter
	for rule in sheet.data_validations.dataValidation:
		if f"{letter}2:" in str(rule.sqref):
			name, cells = rule.formula1.split("!")
			hidden = sheet.parent[name.strip("'")]
			return [row[0].value for row in hidden[cells.replace("$", "")]]
	return []


def kind_of(what: str) -> str:
	return what if what in columns.FLAT else columns.PEOPLE


def columns_of(read: Book, kind: str) -> dict[int, dict[int, Target]]:
	targets = columns.targets(kind)
	return {
		at: {each.index: targets[each.key] for each in columns.recognise(sheet, kind)[1] if each.taken}
		for at, sheet in enumerate(read.sheets)
	}


def lines_of(read: Book, found: dict[int, dict[int, Target]], kind: str = columns.PEOPLE) -> list[Line]:
	made = []
	for at, sheet in enumerate(read.sheets):
		heading = columns.heading_of(sheet, kind)
		reading = lines.reader(found[at], TODAY)
		for number, row in enumerate(sheet.rows[heading.first :], start=heading.first + 1):
			if line := reading(at, number, row):
				made.append(line)
	return made


def excel(*rows: list[Any], name: str = "人口台账") -> Book:
	made = Workbook()
	made.active.title = name
	for row in rows:
		made.active.append(row)
	out = BytesIO()
	made.save(out)
	return book.read(out.getvalue(), "x.xlsx")


@pytest.mark.parametrize("what", templates.KINDS)
def test_every_column_of_a_template_is_understood_when_it_comes_back_and_its_examples_are_not_read(
	world, what
):
	frappe.set_user(world.secretary)
	read = book.read(templates.template(what), "x.xlsx")
	recognised = [columns.recognise(sheet, kind_of(what)) for sheet in read.sheets]
	own = [found for heading, found in recognised if heading]
	assert len(own) == (2 if what == templates.IN_TWO_SHEETS else 1)
	assert [heading for heading, _found in recognised[len(own) :]] == [None] * len(own)
	for found in own:
		assert all(each.taken for each in found), [each.heading for each in found if not each.taken]
		assert len({each.key for each in found}) == len(found)


def test_everything_that_may_be_entered_stands_in_the_one_sheet(world):
	frappe.set_user(world.secretary)
	needless = {columns.GRID_AREA, *templates.NEEDLESS}
	[sheet, _example] = sheets(templates.template(columns.PEOPLE))
	labels = {t.label for key, t in columns.targets(columns.PEOPLE).items() if key not in needless}
	assert set(headings_of(sheet)) == labels


def test_the_examples_are_rows_that_would_be_taken(world):
	frappe.set_user(world.secretary)
	sheet = book.read(templates.template(columns.PEOPLE), "x.xlsx").sheets[1]
	read = Book((book.Sheet("人口", sheet.rows),))
	made = lines_of(read, columns_of(read, columns.PEOPLE))
	assert [line.problems for line in made] == [[], [], []]
	assert [line.values["Resident.relation_to_head"] for line in made] == ["Head", "Spouse", "Grandchild"]
	assert made[0].values[NUMBER] == templates.EXAMPLE_NUMBER
	[family] = families(made)
	assert len(family.people) == 3


def test_cells_are_chosen_from_what_there_is_in_the_scope(world):
	frappe.set_user(world.secretary)
	sheet = sheets(templates.template(columns.PEOPLE))[0]
	assert choices(sheet, "性别") == ["男", "女", "未说明"]
	assert choices(sheet, "已入网格微信群") == ["是", "否"]
	assert choices(sheet, "网格") == world.grids
	assert choices(sheet, "村居") == [world.town.villages[0].grid_name]
	assert not choices(sheet, "姓名")
	frappe.set_user(world.member)
	sheet = sheets(templates.template(columns.PEOPLE))[0]
	assert choices(sheet, "网格") == world.grids[:1]
	assert choices(sheet, "村居") == [world.town.villages[0].grid_name]


def test_numbers_are_typed_as_text_and_mandatory_columns_are_seen(world):
	frappe.set_user(world.secretary)
	sheet = sheets(templates.template(columns.PEOPLE))[0]
	named = headings_of(sheet)
	for heading in ("证件号码", "电话", "户号"):
		letter = sheet.cell(1, named.index(heading) + 1).column_letter
		assert sheet.column_dimensions[letter].number_format == "@", heading
	marked = {
		cell.value for cell in sheet[1] if cell.fill.fgColor.rgb[-6:] != sheet["A1"].fill.fgColor.rgb[-6:]
	}
	assert marked == {"网格", "姓名", "与户主关系"}
	assert all("必填" in sheet.cell(1, named.index(each) + 1).comment.text for each in marked)


def test_a_member_of_a_grid_gets_no_column_that_she_may_not_fill(world):
	frappe.set_user(world.member)
	sheet = sheets(templates.template(columns.PEOPLE))[0]
	sensitive = set(frappe.get_all("Care Category", {"is_sensitive": 1}, pluck="name"))
	assert not set(headings_of(sheet)) & {"证件号码", "证件类型", "户主证件号码", *sensitive}
	assert {"姓名", "电话"} <= set(headings_of(sheet))
	with pytest.raises(frappe.PermissionError):
		templates.template(IDENTITY)
	for what in (HOUSEHOLD, RESIDENT, CONTACT, CARE, *columns.FLAT):
		assert sheets(templates.template(what))


@pytest.mark.parametrize("what", templates.KINDS)
def test_who_may_enter_nothing_gets_no_template(world, what):
	frappe.set_user(world.instructor)
	with pytest.raises(frappe.PermissionError):
		templates.template(what)


def test_a_field_made_on_the_screen_stands_in_the_template(world):
	name = f"own_{frappe.generate_hash(length=8)}"
	field = {
		"dt": RESIDENT,
		"fieldname": name,
		"label": "最近体检",
		"fieldtype": "Select",
		"options": "\n合格\n待复查",
	}
	frappe.get_doc(doctype="Custom Field", name=f"{RESIDENT}-{name}", reqd=1, **field).db_insert()
	frappe.clear_cache(doctype=RESIDENT)
	try:
		sheet = sheets(templates.template(RESIDENT))[0]
		assert choices(sheet, "最近体检") == ["合格", "待复查"]
		assert "必填" in sheet.cell(1, headings_of(sheet).index("最近体检") + 1).comment.text
	finally:
		frappe.db.delete("Custom Field", {"dt": RESIDENT, "fieldname": name})
		frappe.clear_cache(doctype=RESIDENT)


HEADINGS = ["序号", "户号", "姓名", "与户主关系", "身份证号", "出生年月日", "备忘", "联系电话"]


def refused(read: Book, *problems: tuple[int, str, str]) -> tuple[Worksheet, bytes]:
	"""The sheet of the rows with *problems*: the number of the row, the target at fault, why."""
	found = columns_of(read, columns.PEOPLE)
	by_row: dict[int, Line] = {}
	for number, target, message in problems:
		line = by_row.setdefault(number, Line(0, number, read.sheets[0].rows[number - 1]))
		line.problems.append(Problem(target, message))
	content = returned.refused(read, found, by_row.values(), families(lines_of(read, found)))
	[sheet] = sheets(content)
	return sheet, content


def test_refused_rows_come_back_in_their_columns_with_the_cell_marked_and_the_reason_in_words(world):
	read = excel(
		["里溪村人口信息表"],
		HEADINGS,
		[1, "001", "张三", "户主", "11010519491231002X", "1949.12.31", "=1+1", 13800000000],
		[2, "001", "李四", "妻", "440524188001010014", "1950年2月30日", "", "不知道"],
	)
	sheet, _content = refused(
		read,
		(4, "Resident.birth_date", "没有这一天。"),
		(4, f"{CONTACT}.phone", "不是电话。"),
		(4, "", "整行。"),
	)
	assert sheet.title == "人口台账"
	assert headings_of(sheet) == [*HEADINGS, "户主姓名", REASON]
	assert [cell.value for cell in sheet[2]][:8] == [
		2,
		"001",
		"李四",
		"妻",
		"440524188001010014",
		"1950年2月30日",
		None,
		"不知道",
	]
	assert sheet.max_row == 2
	marked = [cell for cell in sheet[2] if cell.comment]
	assert [cell.column_letter for cell in marked] == ["F", "H"]
	assert all(cell.fill.fill_type == "solid" for cell in marked)
	assert "没有这一天" in marked[0].comment.text
	assert sheet["J2"].value.split("\n") == ["出生年月日：没有这一天。", "联系电话：不是电话。", "整行。"]
	assert sheet["I2"].value == "张三"
	assert sheet["E2"].number_format == "@"


def test_what_comes_back_is_read_again_and_only_the_reasons_are_left_out(world):
	read = excel(HEADINGS, [1, "001", "张三", "户主", "110105194912310021", "1949.12.31", "x", "1"])
	_sheet, content = refused(read, (2, NUMBER, "最后一位不对。"))
	again = book.read(content, "x.xlsx")
	_heading, found = columns.recognise(again.sheets[0], columns.PEOPLE)
	assert [each.key for each in found if each.taken] == [
		each.key for each in columns.recognise(read.sheets[0], columns.PEOPLE)[1] if each.taken
	]
	assert found[-1].heading == REASON
	assert not found[-1].taken
	sheet, _content = refused(again, (2, NUMBER, "还是不对。"))
	assert headings_of(sheet) == [*HEADINGS, REASON]
	assert sheet.cell(2, len(HEADINGS) + 1).value == "身份证号：还是不对。"


def test_what_others_typed_is_no_formula_when_it_comes_back(world):
	read = excel(HEADINGS, [1, "+1", "@甲", "-户主", "", "", '=HYPERLINK("http://x")', ""])
	read.sheets[0].rows[1][6] = '=HYPERLINK("http://x")'
	sheet, _content = refused(read, (2, "Resident.relation_to_head", "=1+1"))
	values = [cell for cell in sheet[2] if cell.value]
	assert {cell.data_type for cell in values} <= {"s", "n", "inlineStr"}
	assert sheet["G2"].value == '=HYPERLINK("http://x")'
	assert sheet["G2"].data_type == "s"


def test_a_rounded_number_comes_back_as_it_looked(world):
	read = excel(
		HEADINGS, [1, "001", "张三", "户主", 1.10105194912310e17, date(1949, 12, 31), "", 13800000000.0]
	)
	sheet, _content = refused(read, (2, NUMBER, "舍入了。"))
	assert (sheet["E2"].value, sheet["H2"].value) == ("1.1010519491231E+17", 13800000000)
	assert sheet["F2"].value.date() == date(1949, 12, 31)


def test_a_row_whose_household_only_the_row_above_names_comes_back_with_it(world):
	headings = ["村居", "网格", "户号", "姓名", "与户主关系", "出生日期"]
	read = excel(
		headings,
		["里溪村", "一网格", "001", "张三", "户主", "1949-12-31"],
		["", "", "", "李四", "妻", "坏"],
		["", "", "002", "王五", "户主", "坏"],
		["", "", "", "王六", "子", "坏"],
	)
	sheet, content = refused(read, *((row, "Resident.birth_date", "坏。") for row in (3, 4, 5)))
	assert [[cell.value for cell in row][:4] for row in sheet.iter_rows(min_row=2)] == [
		["里溪村", "一网格", "001", "李四"],
		["里溪村", None, "002", "王五"],
		["里溪村", None, "002", "王六"],
	]
	assert headings_of(sheet) == [*headings, "户主姓名", REASON]
	assert [sheet.cell(row, len(headings) + 1).value for row in (2, 3, 4)] == ["张三", None, "王五"]
	again = book.read(content, "x.xlsx")
	[first, second] = families(lines_of(again, columns_of(again, columns.PEOPLE)))
	assert (len(first.people), len(second.people)) == (1, 2)


def test_without_numbers_it_comes_back_with_the_name_of_its_head(world):
	headings = ["村居", "网格", "姓名", "与户主关系", "出生日期"]
	read = excel(
		headings,
		["里溪村", "一网格", "张三", "户主", "1949-12-31"],
		["", "", "李四", "妻", "坏"],
		["", "", "王五", "户主", "1950-01-01"],
		["", "", "王六", "子", "坏"],
	)
	sheet, content = refused(read, *((row, "Resident.birth_date", "坏。") for row in (3, 5)))
	assert headings_of(sheet) == [*headings, "户主姓名", REASON]
	assert [sheet.cell(row, 6).value for row in (2, 3)] == ["张三", "王五"]
	again = book.read(content, "x.xlsx")
	assert len(families(lines_of(again, columns_of(again, columns.PEOPLE)))) == 2


def test_what_is_changed_and_asked_and_alike_can_be_looked_through(world):
	read = excel(
		HEADINGS, [1, "001", "张三", "户主", "", "", "", ""], [2, "001", "李四", "妻", "", "", "", ""]
	)
	found = columns_of(read, columns.PEOPLE)
	rows = read.sheets[0].rows
	change = Change(RESIDENT, "x", "education", "教育", "小学", "=初中")
	outcomes = [
		Outcome(Line(0, 2, rows[1]), Verdict.CHANGED, changes=[change], alike="与他人相似。"),
		Outcome(
			Line(0, 3, rows[2]), Verdict.TO_DECIDE, question="是哪一位？",
			candidates=[Candidate(RESIDENT, "a", "李四 1950"), Candidate(RESIDENT, "b", "李四 1960")],
		),
	]  # fmt: skip
	changed, asked, alike = sheets(returned.outcome(read, found, outcomes))
	assert [cell.value for cell in changed[2]] == ["人口台账", 2, "张三", "教育", "小学", "=初中"]
	assert changed["F2"].data_type == "s"
	assert [cell.value for cell in asked[2]] == ["人口台账", 3, "李四", "是哪一位？", "李四 1950\n李四 1960"]
	assert [cell.value for cell in alike[2]] == ["人口台账", 2, "张三", "与他人相似。"]
	assert len(sheets(returned.outcome(read, found, outcomes[1:]))) == 1


def test_rows_of_two_sheets_come_back_in_two_sheets(world):
	made = Workbook()
	made.active.title = "户"
	made.active.append(["户号", "户主姓名", "家庭住址"])
	made.active.append(["001", "张三", "x"])
	second = made.create_sheet("人")
	second.append(["户号", "姓名", "与户主关系"])
	second.append(["001", "张三", "乱写"])
	out = BytesIO()
	made.save(out)
	read = book.read(out.getvalue(), "x.xlsx")
	problems = [Problem("Household.address", "太短。"), Problem("Resident.relation_to_head", "不懂。")]
	refused_lines = [Line(at, 2, read.sheets[at].rows[1], problems=[problems[at]]) for at in range(2)]
	first, second = sheets(returned.refused(read, columns_of(read, columns.PEOPLE), refused_lines))
	assert (first.title, headings_of(first)[-1], first["D2"].value) == ("户", REASON, "家庭住址：太短。")
	assert (second.title, second["C2"].comment is not None) == ("人", True)
