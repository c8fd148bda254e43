"""Reads and writes the Excel files: template, export, and the rows to correct."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

import frappe
from frappe import _
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from grid_governance.grid_structure.workbook import rules
from grid_governance.grid_structure.workbook.plan import explain

MARK = PatternFill("solid", fgColor="FFE0B2")
HEAD = PatternFill("solid", fgColor="DCEBE6")
HEADING_ROWS = 10
"""A heading row is looked for among the first rows; titles may stand above it."""


class SheetError(frappe.ValidationError):
	"""The file is no Excel workbook, or has no heading row."""


def read(content: bytes) -> list[rules.Line]:
	"""Return the rows of the first sheet that has a heading row, empty ones left out. Raises SheetError."""
	try:
		workbook = load_workbook(BytesIO(content), data_only=True)
	except Exception as error:  # openpyxl raises whatever a broken archive makes it raise
		raise SheetError(
			_("This file cannot be read as an Excel workbook (.xlsx). Save it as .xlsx and attach it again.")
		) from error
	labels = {column.key: _(column.label) for column in rules.COLUMNS}
	for sheet in workbook.worksheets:
		rows = _rows(sheet)
		for at, cells in enumerate(rows[:HEADING_ROWS]):
			places = rules.header(cells, labels)
			if places:
				lines = (
					rules.parse(number, row, places)
					for number, row in enumerate(rows[at + 1 :], start=at + 2)
				)
				return [line for line in lines if line]
	raise SheetError(
		_("No row with headings was found. Take the template, or name the columns as it does: {0}.").format(
			", ".join(labels.values())
		)
	)


def template(villages: Sequence[str], posts: Sequence[str]) -> bytes:
	"""Return an empty sheet with drop-downs for *villages*, *posts*, sex and party membership."""
	return _save(_with_choices(_sheet([]), villages, posts))


def export(lines: Iterable[dict[str, Any]], villages: Sequence[str], posts: Sequence[str]) -> bytes:
	"""Return a sheet with *lines*, each a value by column key."""
	rows = [[line.get(column.key) for column in rules.COLUMNS] for line in lines]
	return _save(_with_choices(_sheet(rows), villages, posts))


def to_correct(lines: Iterable[rules.Line], villages: Sequence[str], posts: Sequence[str]) -> bytes:
	"""Return the refused *lines* in the template's columns, the cell at fault marked and the reason behind."""
	keys = [column.key for column in rules.COLUMNS]
	lines = list(lines)
	sheet = _sheet(
		[[*_given(line), "；".join(explain(problem) for problem in line.problems)] for line in lines]
	)
	sheet.cell(1, len(keys) + 1, _("Reason")).font = Font(bold=True)
	sheet.column_dimensions[get_column_letter(len(keys) + 1)].width = 60
	for row, line in enumerate(lines, start=2):
		for problem in line.problems:
			sheet.cell(row, keys.index(problem.column) + 1).fill = MARK
	return _save(_with_choices(sheet, villages, posts))


def _given(line: rules.Line) -> list[Any]:
	"""Return what stood in the row, in the template's order and unchanged where it was not understood."""
	wrong = {problem.column: problem.values[0] for problem in line.problems if problem.values}
	given = []
	for column in rules.COLUMNS:
		value = getattr(line, column.key)
		if column.key in wrong and not value:
			value = wrong[column.key]
		if column.key == "party_member":
			value = _("Yes") if value is True else (value or "")
		if column.key == "sex":
			value = _(value) if value else ""
		given.append(value or None)
	return given


def _rows(sheet: Worksheet) -> list[list[Any]]:
	rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
	for merged in sheet.merged_cells.ranges:
		value = sheet.cell(merged.min_row, merged.min_col).value
		if merged.min_row == 1 or merged.max_col > merged.min_col:
			continue  # a title over several columns
		for row in range(merged.min_row, merged.max_row + 1):
			rows[row - 1][merged.min_col - 1] = value
	return rows


def _sheet(rows: Iterable[Sequence[Any]]) -> Worksheet:
	sheet = Workbook().active
	sheet.title = _("Grids and People")
	for at, column in enumerate(rules.COLUMNS, start=1):
		cell = sheet.cell(1, at, _(column.label))
		cell.font, cell.fill = Font(bold=True), HEAD
		cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
		sheet.column_dimensions[get_column_letter(at)].width = column.width
		if column.key in ("phone", "grid_code"):
			sheet.column_dimensions[get_column_letter(at)].number_format = "@"
	for row in rows:
		sheet.append(["" if value is None else value for value in row])
	sheet.freeze_panes = "A2"
	return sheet


def _with_choices(sheet: Worksheet, villages: Sequence[str], posts: Sequence[str]) -> Worksheet:
	choices = {
		"village": villages,
		"post": posts,
		"sex": [_("Male"), _("Female")],
		"party_member": [_("Yes"), _("No")],
	}
	lists = sheet.parent.create_sheet(_("Choices"))
	lists.sheet_state = "hidden"
	keys = [column.key for column in rules.COLUMNS]
	for at, (key, values) in enumerate(choices.items(), start=1):
		for row, value in enumerate(values, start=1):
			lists.cell(row, at, value)
		letter = get_column_letter(at)
		allowed = DataValidation(
			type="list",
			formula1=f"'{lists.title}'!${letter}$1:${letter}${max(1, len(values))}",
			allow_blank=True,
			showErrorMessage=True,
			errorTitle=_("Not in the list"),
			error=_("Choose a value from the list."),
		)
		place = get_column_letter(keys.index(key) + 1)
		allowed.add(f"{place}2:{place}5000")
		sheet.add_data_validation(allowed)
	return sheet


def _save(sheet: Worksheet) -> bytes:
	out = BytesIO()
	sheet.parent.save(out)
	return out.getvalue()
