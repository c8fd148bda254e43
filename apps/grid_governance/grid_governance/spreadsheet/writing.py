"""Makes workbooks as people like them: headings, drop-downs, columns of text, marked cells with notes. Pure Python.

Whatever a cell begins with, it is never a formula: what others typed may be one, and would calculate on the computer
of whoever opens the file.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation

ANY, TEXT, DAY = "Any", "Text", "Day"
"""What a column holds: anything, text that Excel must not take for a number, days."""

HEAD, NEEDED, MARKED = (PatternFill("solid", fgColor=color) for color in ("DCEBE6", "F8D9B8", "FFE0B2"))
"""Colours of headings, of those of mandatory columns and of marked cells."""

LAST_ROW = 1_048_576
LONGEST = 32_767
"""Signs that Excel takes in a cell."""
AUTHOR = "网格"
NOTE_WIDTH, NOTE_HEIGHT = 260, 90
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Signs that no file of Excel can hold; openpyxl looks for the first of them only."""
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\]")
_FORMATS = {TEXT: "@", DAY: "yyyy-mm-dd"}
_BOLD = Font(bold=True)
_CENTERED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_WRAPPED = Alignment(vertical="top", wrap_text=True)
_LINE = Side(style="thin", color="C9D6D2")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)


@dataclass(frozen=True, slots=True)
class Column:
	"""A column: its heading, its width in signs, what it holds, what is chosen from, what stands in a note at the heading."""

	heading: str
	width: float = 14
	holds: str = ANY
	choices: Sequence[str] = ()
	note: str = ""
	is_needed: bool = False
	wraps: bool = False


@dataclass(slots=True)
class Page:
	"""A sheet: its columns, its rows under them, and the marked cells with their notes by (row, column), both from 0."""

	name: str
	columns: Sequence[Column]
	rows: Iterable[Sequence[Any]] = ()
	marks: Mapping[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Words:
	"""What stands in a workbook beside its data, in the language of its reader: the name of the hidden sheet with what is
	chosen from, and what Excel says where something else is typed."""

	choices: str = "Choices"
	not_in_list: str = "Not in the list"
	choose: str = "Choose a value from the list."


def workbook(pages: Sequence[Page], words: Words = Words()) -> bytes:
	"""Return an .xlsx file with *pages*; columns with `choices` have drop-downs."""
	book = Workbook(write_only=True)
	lists = _Lists(words)
	taken: set[str] = {words.choices.casefold()}
	for page in pages:
		sheet = book.create_sheet(_title(page.name, taken))
		_set_up(sheet, page.columns, lists)
		sheet.append([_heading(sheet, column) for column in page.columns])
		for number, row in enumerate(page.rows):
			sheet.append(_row(sheet, page, number, row))
	lists.add_to(book)
	out = BytesIO()
	book.save(out)
	return out.getvalue()


class _Lists:
	"""What is chosen from, on a hidden sheet: a list in a formula of its own would end at 255 signs."""

	def __init__(self, words: Words) -> None:
		self._words = words
		self._columns: list[tuple[str, ...]] = []

	def rule(self, choices: Sequence[str], letter: str) -> DataValidation:
		"""Return the rule that cells of the column *letter* are one of *choices*."""
		values = tuple(choices)
		if values not in self._columns:
			self._columns.append(values)
		place = get_column_letter(self._columns.index(values) + 1)
		title = self._words.choices.replace("'", "''")
		rule = DataValidation(
			type="list",
			formula1=f"'{title}'!${place}$1:${place}${len(values)}",
			allow_blank=True,
			showErrorMessage=True,
			errorTitle=self._words.not_in_list,
			error=self._words.choose,
		)
		rule.add(f"{letter}2:{letter}{LAST_ROW}")
		return rule

	def add_to(self, book: Workbook) -> None:
		if not self._columns:
			return
		sheet = book.create_sheet(self._words.choices)
		sheet.sheet_state = "hidden"
		for at in range(max(map(len, self._columns))):
			sheet.append(
				[_plain_cell(sheet, values[at]) if at < len(values) else None for values in self._columns]
			)


def _set_up(sheet: WriteOnlyWorksheet, columns: Sequence[Column], lists: _Lists) -> None:
	for at, column in enumerate(columns, start=1):
		letter = get_column_letter(at)
		dimension = sheet.column_dimensions[letter]
		dimension.width = column.width
		if column.holds in _FORMATS:
			dimension.number_format = _FORMATS[column.holds]
		if column.choices:
			sheet.data_validations.append(lists.rule(column.choices, letter))
	sheet.freeze_panes = "A2"


def _heading(sheet: WriteOnlyWorksheet, column: Column) -> Cell:
	cell = _plain_cell(sheet, column.heading)
	cell.font = _BOLD
	cell.fill = NEEDED if column.is_needed else HEAD
	cell.alignment = _CENTERED
	cell.border = _BORDER
	_note(cell, column.note)
	return cell


def _row(sheet: WriteOnlyWorksheet, page: Page, number: int, row: Sequence[Any]) -> list[Any]:
	cells: list[Any] = []
	for at, value in enumerate(row):
		column = page.columns[at] if at < len(page.columns) else None
		note = page.marks.get((number, at))
		cell = _cell(sheet, value, column, must_be=note is not None)
		if cell is not None and note is not None:
			cell.fill = MARKED
			_note(cell, note)
		cells.append(cell)
	return cells


def _cell(sheet: WriteOnlyWorksheet, value: Any, column: Column | None, must_be: bool) -> Cell | None:
	if (value is None or value == "") and not must_be:
		return None
	cell = _plain_cell(sheet, value)
	if column and column.holds == TEXT:
		cell.number_format = "@"
	if column and column.wraps:
		cell.alignment = _WRAPPED
	return cell


def _plain_cell(sheet: WriteOnlyWorksheet, value: Any) -> Cell:
	"""Return a cell with *value*, a text as text: also after somebody has gone into it and out again."""
	if isinstance(value, datetime) and value.time() == time():
		value = value.date()
	if value is not None and not isinstance(value, (bool, int, float, date, datetime, time, timedelta)):
		value = _legal(str(value))[:LONGEST]
	cell = WriteOnlyCell(sheet, value)
	if isinstance(value, str) and value:
		cell.data_type = "s"
		if value.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")):
			cell.number_format = "@"
			cell.quotePrefix = True
	elif isinstance(value, date) and not isinstance(value, datetime):
		cell.number_format = _FORMATS[DAY]
	return cell


def _note(cell: Cell, note: str) -> None:
	if note:
		cell.comment = Comment(_legal(note)[:LONGEST], AUTHOR, height=NOTE_HEIGHT, width=NOTE_WIDTH)


def _title(name: str, taken: set[str]) -> str:
	"""Return *name* as that of a sheet: 31 signs without those that Excel refuses, and not twice."""
	base = _NOT_IN_TITLES.sub(" ", _legal(name)).strip("' ") or "1"
	title, number = base[:31], 1
	while title.casefold() in taken:
		number += 1
		title = f"{base[: 31 - len(str(number)) - 1]} {number}"
	taken.add(title.casefold())
	return title


def _legal(text: str) -> str:
	return _NOT_IN_XML.sub("", text)
