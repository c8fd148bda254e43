"""A workbook that is made opens as it should: drop-downs, text that stays text, marks with their reasons."""

from datetime import date, datetime
from io import BytesIO

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from grid_governance.spreadsheet import book, writing
from grid_governance.spreadsheet.writing import DAY, TEXT, Column, Page, Words

NUMBER = "310116198001011234"


def opened(*pages: Page, words: Words | None = None) -> openpyxl.Workbook:
	made = writing.workbook(pages, words) if words else writing.workbook(pages)
	return openpyxl.load_workbook(BytesIO(made))


def sheet(*rows: list[object], columns: list[Column] | None = None, **given) -> Worksheet:
	return opened(Page("表", columns or [Column("甲"), Column("乙")], rows, **given)).worksheets[0]


@pytest.mark.parametrize(
	"text", ["=1+1", "+1", "-2", "@SUM(A1)", " =1+1", "\t=1+1", "＝1+1", '=HYPERLINK("http://x.example")']
)
def test_nothing_is_ever_a_formula(text: str):
	cell = sheet([text])["A2"]
	assert (cell.value.strip(), cell.data_type, cell.number_format) == (text.strip(), "s", "@")
	assert cell.quotePrefix
	heading = sheet(columns=[Column(text)])["A1"]
	assert heading.data_type == "s"


def test_a_choice_is_no_formula():
	lists = opened(Page("表", [Column("甲", choices=["=1+1", "是"])])).worksheets[1]
	assert [(cell.value, cell.data_type) for cell in lists["A"]] == [("=1+1", "s"), ("是", "s")]


def test_values_keep_what_they_are():
	row = [NUMBER, 3, 1.5, True, date(1980, 1, 31), datetime(1980, 1, 31), datetime(1980, 1, 31, 8, 30), None]
	made = writing.workbook([Page("表", [Column(str(at)) for at in range(8)], [row])])
	day = date(1980, 1, 31)
	assert book.read(made, "").sheets[0].rows[1] == [
		NUMBER,
		3.0,
		1.5,
		True,
		day,
		day,
		datetime(1980, 1, 31, 8, 30),
		"",
	]


def test_signs_that_excel_cannot_keep_are_left_out():
	assert sheet(["张\x00三\x0b"])["A2"].value == "张三"


def test_a_text_of_any_length_is_taken():
	assert len(sheet(["长" * 40_000])["A2"].value) == writing.LONGEST


def test_a_column_of_text_keeps_digits_also_those_typed_later():
	made = sheet(["00123", "x"], columns=[Column("号码", holds=TEXT), Column("日期", holds=DAY)])
	assert made["A2"].number_format == "@"
	assert made.column_dimensions["A"].number_format == "@"
	assert made.column_dimensions["B"].number_format == "yyyy-mm-dd"


def test_headings_say_what_is_needed():
	made = sheet(columns=[Column("姓名", 30, note="必须填写", is_needed=True), Column("备注")])
	assert made["A1"].comment.text == "必须填写"
	assert made["A1"].fill.fgColor.rgb != made["B1"].fill.fgColor.rgb
	assert made["A1"].font.bold and made["B1"].comment is None
	assert made.column_dimensions["A"].width == 30
	assert made.freeze_panes == "A2"


def test_drop_downs_read_from_a_hidden_sheet():
	columns = [Column("性别", choices=["男", "女"]), Column("名"), Column("配偶性别", choices=("男", "女"))]
	words = Words("选项's", "不在列表中", "请从列表中选择。")
	made = opened(Page("表", columns), words=words)
	rules = {
		str(rule.sqref): (rule.formula1, rule.errorTitle)
		for rule in made.worksheets[0].data_validations.dataValidation
	}
	assert rules == {
		"A2:A1048576": ("'选项''s'!$A$1:$A$2", "不在列表中"),
		"C2:C1048576": ("'选项''s'!$A$1:$A$2", "不在列表中"),
	}
	lists = made["选项's"]
	assert lists.sheet_state == "hidden"
	assert [cell.value for cell in lists["A"]] == ["男", "女"]


def test_without_choices_there_is_no_hidden_sheet():
	assert opened(Page("表", [Column("甲")])).sheetnames == ["表"]


def test_marked_cells_have_their_reason():
	made = sheet(["张三", "x"], ["", "女"], marks={(0, 1): "不在列表中", (1, 0): "没有填写"})
	assert (made["B2"].comment.text, made["A3"].comment.text) == ("不在列表中", "没有填写")
	marked = [cell.coordinate for row in made.iter_rows(min_row=2) for cell in row if cell.fill.fill_type]
	assert marked == ["B2", "A3"]


def test_a_long_text_is_broken_into_lines():
	assert sheet(["长"], columns=[Column("原因", 60, wraps=True)])["A2"].alignment.wrap_text


def test_names_of_sheets_are_ones_that_excel_takes():
	names = ["人口/户[1]", "人口?户*1:", "长" * 40, "长" * 40, "", "选项", "'甲'"]
	made = opened(*[Page(name, [Column("甲", choices=["是"])]) for name in names], words=Words("选项"))
	titles = made.sheetnames[: len(names)]
	assert made.sheetnames[-1] == "选项"
	assert len({title.casefold() for title in made.sheetnames}) == len(made.sheetnames)
	assert all(0 < len(title) <= 31 and not set(title) & set("[]:*?/\\") for title in titles)


def test_a_page_may_be_many_rows_that_are_made_one_by_one():
	made = writing.workbook([Page("表", [Column("号")], ([str(number)] for number in range(3000)))])
	assert [row[0] for row in book.read(made, "").sheets[0].rows] == ["号", *map(str, range(3000))]


def test_what_is_written_is_read_again():
	rows = [["张三", "=1"], ["李四", " -"], ["", "住“三”组"]]
	made = writing.workbook([Page("表", [Column("甲"), Column("乙")], rows)])
	assert book.read(made, "").sheets[0].rows == [["甲", "乙"], *rows]
