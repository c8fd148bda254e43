"""Files of every kind come in as the same rows, and what is no table is refused with what to do."""

import csv
import io
import os
import pickle
import resource
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_governance.spreadsheet import book, problems

TABLE = [
	["姓名", "证件号码", "备注"],
	["张三", "310116198001011234", "住院，“已”出院；"],
	["李四", "", "㐀䶮"],
]
HIDDEN = ("hidden", "veryHidden")


def saved(workbook: openpyxl.Workbook) -> bytes:
	out = io.BytesIO()
	workbook.save(out)
	return out.getvalue()


def xlsx(rows: list[list[object]], *merged: str) -> bytes:
	made = openpyxl.Workbook()
	for row in rows:
		made.active.append(row)
	for cells in merged:
		made.active.merge_cells(cells)
	return saved(made)


def xls(rows: list[list[object]]) -> bytes:
	made = xlwt.Workbook(encoding="utf-8")
	sheet = made.add_sheet("人口")
	day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
	for row, cells in enumerate(rows):
		for column, value in enumerate(cells):
			sheet.write(row, column, value, *([day] if isinstance(value, date) else []))
	out = io.BytesIO()
	made.save(out)
	return out.getvalue()


def ods(table: str) -> bytes:
	out = io.BytesIO()
	names = {
		kind: f"urn:oasis:names:tc:opendocument:xmlns:{kind}:1.0" for kind in ("office", "table", "text")
	}
	spaces = " ".join(f'xmlns:{kind}="{name}"' for kind, name in names.items())
	with zipfile.ZipFile(out, "w") as archive:
		archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
		archive.writestr(
			"META-INF/manifest.xml",
			'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
		)
		archive.writestr(
			"content.xml",
			f'<office:document-content {spaces} office:version="1.2"><office:body><office:spreadsheet>'
			f'<table:table table:name="人口">{table}</table:table>'
			"</office:spreadsheet></office:body></office:document-content>",
		)
	return out.getvalue()


def text(rows: list[list[str]], separator: str = ",") -> str:
	out = io.StringIO(newline="")
	csv.writer(out, delimiter=separator).writerows(rows)
	return out.getvalue()


def rows_of(content: bytes, name: str = "人口.xlsx") -> list[list[object]]:
	found = book.read(content, name)
	assert len(found.sheets) == 1
	return found.sheets[0].rows


def changed(content: bytes, part: str, change) -> bytes:
	"""An archive with one of its parts put through *change*."""
	out = io.BytesIO()
	with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
		for each in old.infolist():
			inside = old.read(each)
			new.writestr(each.filename, change(inside) if each.filename == part else inside)
	return out.getvalue()


def refusal(content: bytes, name: str = "人口.xlsx") -> str:
	with pytest.raises(book.FileProblem) as caught:
		book.read(content, name)
	assert caught.value.message.format(*caught.value.values)
	return caught.value.kind


class TestWorkbooks:
	@pytest.mark.parametrize("make", [xlsx, xls])
	def test_cells_keep_what_they_are(self, make):
		rows = [["姓名", "出生日期", "人数", "同意"], ["张三", date(1980, 1, 31), 3.5, True]]
		assert rows_of(make(rows)) == rows

	def test_what_a_file_is_called_does_not_count(self):
		assert rows_of(xlsx(TABLE), "人口.csv") == rows_of(xls(TABLE), "人口.xlsx") == TABLE
		assert rows_of(text(TABLE).encode(), "人口.xls") == TABLE

	def test_a_row_stands_where_excel_shows_it(self):
		made = openpyxl.Workbook()
		made.active["C4"] = "标题"
		made.active["B6"] = datetime(2026, 1, 5, 8, 30)
		assert rows_of(saved(made)) == [
			*[["", "", ""]] * 3,
			["", "", "标题"],
			["", "", ""],
			["", datetime(2026, 1, 5, 8, 30), ""],
		]

	def test_hidden_and_empty_sheets_are_left_out(self):
		made = openpyxl.Workbook()
		made.active.title = "空表"
		for name, state in (("一村", "visible"), *((state, state) for state in HIDDEN), ("二村", "visible")):
			sheet = made.create_sheet(name)
			sheet["A1"] = name
			sheet.sheet_state = state
		chart = made.create_chartsheet("图")
		chart.sheet_state = "visible"
		assert [sheet.name for sheet in book.read(saved(made), "").sheets] == ["一村", "二村"]

	def test_what_is_merged_stands_in_all_cells(self):
		rows = [
			["2026年花名册", None, None],
			["户号", "姓名", "住址"],
			["1", "甲", "三组"],
			[None, "乙", None],
			["2", "丙", "四组"],
		]
		assert rows_of(xlsx(rows, "A1:C1", "A3:A4", "C3:C4")) == [
			["2026年花名册"] * 3,
			["户号", "姓名", "住址"],
			["1", "甲", "三组"],
			["1", "乙", "三组"],
			["2", "丙", "四组"],
		]

	def test_a_merge_over_the_whole_sheet_adds_no_cells(self):
		content = changed(
			xlsx([["甲", "乙"], ["丙", "丁"]], "A1:B1"),
			"xl/worksheets/sheet1.xml",
			lambda inside: inside.replace(b"A1:B1", b"A1:XFD1048576"),
		)
		assert rows_of(content) == [["甲", "甲"], ["甲", "甲"]]

	def test_merges_of_an_old_workbook(self):
		made = xlwt.Workbook(encoding="utf-8")
		sheet = made.add_sheet("人口")
		sheet.write_merge(0, 1, 0, 0, "甲")
		sheet.write(0, 1, "乙")
		sheet.write(1, 1, "丙")
		out = io.BytesIO()
		made.save(out)
		assert rows_of(out.getvalue()) == [["甲", "乙"], ["甲", "丙"]]

	def test_thousands_of_rows_come_in_their_order(self):
		rows = [[f"第{number}户", float(number), "汉族"] for number in range(5003)]
		assert rows_of(xlsx(rows)) == rows

	def test_rows_that_only_look_full_are_cut_off(self):
		made = openpyxl.Workbook()
		made.active.append(["甲"])
		for row in range(2, 3000):
			made.active.cell(row, 1).fill = openpyxl.styles.PatternFill("solid", fgColor="FFFFFF")
		assert rows_of(saved(made)) == [["甲"]]

	def test_a_sheet_of_libreoffice(self):
		row = '<table:table-row table:number-rows-repeated="{}">{}</table:table-row>'
		cell = '<table:table-cell office:value-type="string"><text:p>甲</text:p></table:table-cell>'
		far = '<table:table-cell table:number-columns-repeated="16384"/>'
		assert rows_of(ods(row.format(1, cell + far) + row.format(1_048_575, far))) == [["甲"]]


class TestTexts:
	@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
	@pytest.mark.parametrize("separator", [",", "\t", ";"])
	def test_encoding_and_separator_are_found_out(self, encoding: str, separator: str):
		assert rows_of(text(TABLE, separator).encode(encoding)) == TABLE

	def test_the_sheet_is_called_as_the_file(self):
		assert book.read(text(TABLE).encode(), "南村/人口台账.csv").sheets[0].name == "人口台账"

	def test_rows_are_made_even_and_empty_ones_stay_in_between(self):
		assert rows_of("花名册\n\n姓名,性别\n张三\n,,\n\n".encode()) == [
			["花名册", ""],
			["", ""],
			["姓名", "性别"],
			["张三", ""],
		]

	def test_digits_that_were_kept_from_excel(self):
		assert rows_of('姓名,号码\n张三,="00310116"\n'.encode()) == [["姓名", "号码"], ["张三", "00310116"]]

	def test_a_cell_may_have_lines(self):
		assert rows_of('姓名,住址\n张三,"三组\n12号，""东"""\n'.encode())[1] == ["张三", '三组\n12号，"东"']

	def test_a_lone_quotation_mark_swallows_no_rows(self):
		content = '姓名,性别\n张三,男\n"李四,女\n王五,男\n赵六,"女"\n'.encode()
		with pytest.raises(book.FileProblem) as caught:
			book.read(content, "")
		assert (caught.value.kind, caught.value.values) == (problems.QUOTES, (3,))

	def test_one_broken_character_does_not_turn_all_others_into_wrong_ones(self):
		content = text(TABLE).encode()
		assert refusal(content[:-4] + b"\xff\r\n") == problems.ENCODING
		assert refusal(content[: content.index("张".encode()) + 2]) == problems.ENCODING

	@settings(deadline=None)  # a busy machine is no fault
	@given(
		st.binary(max_size=200)
		| st.text('姓名,;\t"=\r\n', max_size=60).map(lambda said: said.encode("gb18030"))
	)
	def test_whatever_comes_is_a_table_or_a_problem(self, content: bytes):
		try:
			rows = book.read(content, "").sheets[0].rows
		except book.FileProblem as problem:
			assert problem.message
		else:
			assert len({len(row) for row in rows}) == 1
			assert any(rows[-1])

	def test_a_broken_character_of_excels_own_encoding(self):
		assert refusal("张三,男".encode("gb18030") + b"\x81") == problems.ENCODING


class TestRefusals:
	@pytest.mark.parametrize(
		("content", "kind"),
		[
			(b"", problems.EMPTY),
			("\ufeff \r\n,,\r\n".encode(), problems.EMPTY),
			(xlsx([]), problems.EMPTY),
			(b"%PDF-1.7\n1 0 obj", problems.NO_TABLE),
			(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", problems.NO_TABLE),
			(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01", problems.NO_TABLE),
			("<html><table><tr><td>张三</td></tr></table></html>".encode("gb18030"), problems.PAGE),
			(b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', problems.PAGE),
			(book.COMPOUND + "EncryptedPackage".encode("utf-16-le"), problems.PASSWORD),
			(book.COMPOUND + "WordDocument".encode("utf-16-le"), problems.NO_TABLE),
			(book.COMPOUND + "Workbook".encode("utf-16-le") * 99, problems.DAMAGED),
			(b"PK\x03\x04broken", problems.DAMAGED),
			(xlsx(TABLE)[:-200], problems.DAMAGED),
			(xls(TABLE)[:1500], problems.DAMAGED),
		],
		# By how it begins: the size of a workbook changes with the moment at which it is made.
		ids=lambda given: given if isinstance(given, str) else given[:4].hex(),
	)
	def test_what_is_no_table_says_what_it_is(self, content: bytes, kind: str):
		assert refusal(content) == kind

	def test_another_archive_is_no_table(self):
		out = io.BytesIO()
		with zipfile.ZipFile(out, "w") as archive:
			archive.writestr("word/document.xml", "<w:document/>")
		assert refusal(out.getvalue()) == problems.NO_TABLE

	def test_a_sheet_that_breaks_off_is_not_read_in_part(self):
		rows = [[f"第{number}户"] for number in range(500)]
		cut = changed(xlsx(rows), "xl/worksheets/sheet1.xml", lambda inside: inside[: len(inside) // 2])
		assert refusal(cut) == problems.DAMAGED

	def test_a_cell_far_away_is_refused_without_the_memory_of_the_cells_between(self):
		made = openpyxl.Workbook()
		made.active["A1"], made.active["XFD1048576"] = "甲", "乙"
		before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
		assert refusal(saved(made)) == problems.TOO_LARGE
		assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000

	def test_a_table_of_too_many_cells_is_refused(self):
		made = openpyxl.Workbook()
		made.active["A1"], made.active["P1000000"] = "甲", "乙"
		assert refusal(saved(made)) == problems.TOO_LARGE

	def test_an_archive_that_unpacks_to_more_than_a_township_is_refused(self, monkeypatch):
		monkeypatch.setattr(book, "UNPACKED", 1000)
		assert refusal(xlsx(TABLE)) == problems.TOO_LARGE

	def test_what_the_reading_process_sends_makes_no_objects(self):
		sent = io.BytesIO(pickle.dumps(os.getcwd))
		with pytest.raises(pickle.UnpicklingError):
			list(book._received(sent))
