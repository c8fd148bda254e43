"""What comes back from an import as Excel files: the refused rows to be corrected, and what is changed and asked."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from frappe import _
from openpyxl.utils import get_column_letter

from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.importing import columns, templates
from grid_governance.grid_ledger.importing.columns import Target
from grid_governance.grid_ledger.importing.families import place
from grid_governance.grid_ledger.importing.shapes import Family, Line, Outcome, Values, Verdict
from grid_governance.grid_ledger.rules.households import HEAD
from grid_governance.spreadsheet import cells, writing
from grid_governance.spreadsheet.book import Book, Sheet
from grid_governance.spreadsheet.headings import Heading
from grid_governance.spreadsheet.writing import Column, Page

Columns = Mapping[int, Target]
"""What the columns of a sheet fill, by their place from 0."""

NUMBER = f"{HOUSEHOLD}.household_no"
WHOSE = (NUMBER, columns.HEAD_NAME, columns.HEAD_NUMBER)
PLACE = (columns.GRID_VILLAGE, columns.GRID_AREA, columns.GRID_NAME, columns.GRID_CODE)
NAME, RELATION = f"{RESIDENT}.resident_name", f"{RESIDENT}.relation_to_head"
WHO = (
	*(NAME, columns.HEAD_NAME, NUMBER),
	*("Grid Place.place_name", "Grid Facility.facility_name", "Grid Organization.org_name"),
)
"""By the first of these a row is called, else by what stands in its first cell."""

REASON_WIDTH = 60
MOST_NOTES = 2000
"""Cells that get a note; of more Excel opens slowly, and the reasons stand in their column anyway."""


def refused(
	book: Book, found: Mapping[int, Columns], lines: Iterable[Line], households: Iterable[Family] = ()
) -> bytes:
	"""Return the refused *lines* of *book* as a file to be corrected and uploaded again; *found* by sheet, from 0.

	In the original columns with what stood in them; the cells at fault are marked and have a note, and the reasons stand in
	a last column that is not read when it comes back. What the other rows of its household, one of *households*, said for a
	row, it says itself now: it may come back without them.
	"""
	of_sheet: dict[int, list[Line]] = defaultdict(list)
	for line in lines:
		of_sheet[line.sheet].append(line)
	missing = _missing(households, {(at, line.number) for at, those in of_sheet.items() for line in those})
	pages = [
		_page(book.sheets[at], found.get(at, {}), sorted(those, key=lambda line: line.number), missing)
		for at, those in sorted(of_sheet.items())
	]
	return writing.workbook(pages, templates.words())


def outcome(book: Book, found: Mapping[int, Columns], outcomes: Iterable[Outcome]) -> bytes:
	"""Return what becomes of *outcomes* as a file to look through: what is changed, what is asked, who is like others."""
	changed, asked, alike = [], [], []
	for each in outcomes:
		row = [book.sheets[each.line.sheet].name, each.line.number, _who(each.line, found)]
		changed += [[*row, change.label, change.old, change.new] for change in each.changes]
		if each.verdict is Verdict.TO_DECIDE:
			asked.append([*row, each.question, "\n".join(candidate.label for candidate in each.candidates)])
		if each.alike:
			alike.append([*row, each.alike])
	where = [Column(_("Sheet"), 16), Column(_("Row"), 8), Column(_("Name"), 16)]
	pages = [
		Page(
			_("What Is Changed"),
			[*where, Column(_("Field"), 18), _wide(_("Old Value")), _wide(_("New Value"))],
			changed,
		),
		Page(_("What Is Asked"), [*where, _wide(_("Question")), _wide(_("Who or Which It May Be"))], asked),
		Page(_("Like Others"), [*where, _wide(_("Whom It Resembles"))], alike),
	]
	return writing.workbook([page for page in pages if page.rows] or pages[:1], templates.words())


def _wide(heading: str) -> Column:
	return Column(heading, 40, wraps=True)


def _page(
	sheet: Sheet, targets: Columns, lines: Sequence[Line], missing: Mapping[tuple[int, int], Values]
) -> Page:
	kind = next(
		(target.doctype for target in targets.values() if target.doctype in columns.FLAT), columns.PEOPLE
	)
	heading = columns.heading_of(sheet, kind) or Heading(0, [])
	shown = [(at, said) for at, said, _key in heading.columns if not columns.is_reason(said)]
	adds_head = not any(target.key == columns.HEAD_NAME for target in targets.values()) and any(
		columns.HEAD_NAME in missing.get((line.sheet, line.number), {}) for line in lines
	)
	made = [_column(said or get_column_letter(at + 1), targets.get(at)) for at, said in shown]
	if adds_head:
		made.append(Column(_("Name of the Head"), 14))
	made.append(Column(_("Why It Is Refused"), REASON_WIDTH, wraps=True))
	rows, marks = [], {}
	for number, line in enumerate(lines):
		given = sheet.rows[line.number - 1]
		known = missing.get((line.sheet, line.number), {})
		row = [_cell(given, at, targets.get(at), known) for at, _said in shown]
		if adds_head:
			row.append(known.get(columns.HEAD_NAME))
		reasons = []
		for at, message in _reasons(line, given, targets):
			place = next((place for place, (of, _said) in enumerate(shown) if of == at), None)
			if place is None:
				reasons.append(message)
				continue
			note = message if len(marks) < MOST_NOTES else ""
			marks[number, place] = "\n".join(filter(None, (marks.get((number, place)), note)))
			reasons.append(f"{made[place].heading}：{message}")
		rows.append([*row, "\n".join(reasons)])
	return Page(sheet.name, made, rows, marks)


def _column(heading: str, target: Target | None) -> Column:
	"""Return a column as it was, with what helps to correct it."""
	if not target:
		return Column(heading)
	column = templates.column(target)
	return replace(column, heading=heading, is_needed=False)


def _reasons(line: Line, given: Sequence[Any], targets: Columns) -> Iterator[tuple[int | None, str]]:
	"""The problems of *line*, each with the place of its column, None where none is at fault."""
	for problem in line.problems:
		places = [at for at, target in targets.items() if target.key == problem.target]
		filled = [at for at in places if at < len(given) and cells.text(given[at])]
		yield next(iter(filled or places), None), problem.message


def _cell(given: Sequence[Any], at: int, target: Target | None, known: Mapping[str, Any]) -> Any:
	"""Return what stood in a cell, or what the rows above say for an empty one. Days and numbers stay such."""
	value = given[at] if at < len(given) else None
	if value in (None, "") and target:
		value = known.get(target.key)
	if isinstance(value, float):
		return int(value) if value.is_integer() and abs(value) < cells.EXACT else cells.text(value)
	return value


def _missing(
	households: Iterable[Family], wanted: Collection[tuple[int, int]]
) -> dict[tuple[int, int], Values]:
	"""Return what the households of the rows *wanted* say of themselves, by target: number, head, where they lie."""
	found: dict[tuple[int, int], Values] = {}
	villages: dict[str, str] = {}
	for family in households:
		every = [family.home, *family.people] if family.home else family.people
		if village := _said(every, columns.GRID_VILLAGE):
			villages[family.key[0]] = village
		those = [line for line in every if (line.sheet, line.number) in wanted]
		if not those:
			continue
		said = {key: value for key in WHOSE if (value := _said(every, key))}
		said |= {key: value for key, value in zip(PLACE, place(every), strict=True) if value}
		said.setdefault(columns.GRID_VILLAGE, villages.get(family.key[0]))
		head = next((line for line in family.people if line.values.get(RELATION) == HEAD), None)
		if head and head.values.get(NAME):
			said[columns.HEAD_NAME] = head.values[NAME]
		for line in those:
			left_out = (columns.HEAD_NAME, columns.HEAD_NUMBER) if line.values.get(RELATION) == HEAD else ()
			found[line.sheet, line.number] = {
				key: value for key, value in said.items() if key not in left_out
			}
	return found


def _said(lines: Iterable[Line], key: str) -> Any:
	return next((line.values[key] for line in lines if line.values.get(key)), None)


def _first(row: Sequence[Any], places: Sequence[int]) -> Any:
	return next((row[at] for at in places if at < len(row) and row[at] not in (None, "")), None)


def _who(line: Line, found: Mapping[int, Columns]) -> str:
	"""Return how the row *line* is called: by its name, else by whose household it is of."""
	targets = found.get(line.sheet, {})
	for key in WHO:
		if said := _first(line.cells, [at for at, target in targets.items() if target.key == key]):
			return cells.text(said)
	return next((said for value in line.cells if (said := cells.text(value))), "")
