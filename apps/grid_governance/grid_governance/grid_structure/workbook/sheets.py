"""Reads and writes the files: template, export, and the rows to correct."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import frappe
from frappe import _

from grid_governance.grid_structure.workbook import rules
from grid_governance.grid_structure.workbook.plan import explain
from grid_governance.spreadsheet import book, writing
from grid_governance.spreadsheet.problems import FileProblem

REASON_WIDTH = 60
TEXTS = {"phone", "grid_code"}
"""Columns of digits that are no number."""


class SheetError(frappe.ValidationError):
	"""The file is no table, or has no heading row."""


def read(content: bytes, filename: str = "") -> list[rules.Line]:
	"""Return the rows of the first sheet that has a heading row, empty ones left out. Raises SheetError."""
	labels = {column.key: _(column.label) for column in rules.COLUMNS}
	try:
		sheets = book.read(content, filename).sheets
	except FileProblem as problem:
		raise SheetError(_(problem.message).format(*problem.values)) from problem
	for sheet in sheets:
		if found := rules.header(sheet.rows, labels):
			first, places = found
			lines = (
				rules.parse(number, row, places)
				for number, row in enumerate(sheet.rows[first:], start=first + 1)
			)
			return [line for line in lines if line]
	raise SheetError(
		_("No row with headings was found. Take the template, or name the columns as it does: {0}.").format(
			", ".join(labels.values())
		)
	)


def template(villages: Sequence[str], posts: Sequence[str]) -> bytes:
	"""Return an empty sheet with drop-downs for *villages*, *posts*, sex and party membership."""
	return _workbook([], villages, posts)


def export(lines: Iterable[dict[str, Any]], villages: Sequence[str], posts: Sequence[str]) -> bytes:
	"""Return a sheet with *lines*, each a value by column key."""
	return _workbook([[line.get(column.key) for column in rules.COLUMNS] for line in lines], villages, posts)


def to_correct(lines: Iterable[rules.Line], villages: Sequence[str], posts: Sequence[str]) -> bytes:
	"""Return the refused *lines* in the template's columns, the cell at fault marked and the reason behind."""
	keys = [column.key for column in rules.COLUMNS]
	rows: list[Sequence[Any]] = []
	marks: dict[tuple[int, int], str] = {}
	for number, line in enumerate(lines):
		reasons = [explain(problem) for problem in line.problems]
		rows.append([*_given(line), "；".join(reasons)])
		for problem, reason in zip(line.problems, reasons, strict=True):
			marks[number, keys.index(problem.column)] = reason
	reason = writing.Column(_("Reason"), REASON_WIDTH, wraps=True)
	return _workbook(rows, villages, posts, [reason], marks)


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


def _workbook(
	rows: Sequence[Sequence[Any]],
	villages: Sequence[str],
	posts: Sequence[str],
	behind: Sequence[writing.Column] = (),
	marks: Mapping[tuple[int, int], str] | None = None,
) -> bytes:
	choices = {
		"village": villages,
		"post": posts,
		"sex": [_("Male"), _("Female")],
		"party_member": [_("Yes"), _("No")],
	}
	columns = [
		writing.Column(
			_(column.label),
			column.width,
			writing.TEXT if column.key in TEXTS else writing.ANY,
			choices.get(column.key, ()),
		)
		for column in rules.COLUMNS
	]
	page = writing.Page(_("Grids and People"), [*columns, *behind], rows, marks or {})
	words = writing.Words(_("Choices"), _("Not in the list"), _("Choose a value from the list."))
	return writing.workbook([page], words)
