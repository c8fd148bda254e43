"""What there is to say of the rows of a file: kept as lines of the import while it runs, read again for what comes back."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

import frappe
from frappe.model.document import Document

from grid_governance.grid_ledger.importing.shapes import (
	Answer,
	Candidate,
	Change,
	Choice,
	Line,
	Outcome,
	Problem,
	Values,
	Verdict,
)
from grid_governance.grid_ledger.importing.uploads import LINE
from grid_governance.grid_ledger.importing.writer import Rows, Statement
from grid_governance.grid_ledger.rules import numbers
from grid_governance.spreadsheet.book import Book

Place = tuple[int, int]
"""Which row of a file: its sheet, from 0, and its number as Excel shows it."""

FIGURES = {
	Verdict.NEW: "rows_new",
	Verdict.CHANGED: "rows_changed",
	Verdict.UNCHANGED: "rows_unchanged",
	Verdict.REFUSED: "rows_refused",
	Verdict.TO_DECIDE: "rows_to_decide",
}
"""The field of an import that counts the rows of a verdict."""

COUNTED = ("rows_read", *FIGURES.values(), "rows_alike")
"""The figures of an import."""

PLAIN = (Verdict.NEW, Verdict.UNCHANGED)
"""Verdicts of which there is nothing to say."""

SAID = ("verdict", "is_alike", "who", "details", "modified", "modified_by")
"""Fields of a line that are said anew when its row is gone through again; an answer stays."""

WHO = (
	*("Resident.resident_name", "Household.head_name", "Household.household_no", "Household.address"),
	*("Grid Place.place_name", "Grid Facility.facility_name", "Grid Organization.org_name"),
)
"""By the first of these a row is called, else by the first text in it."""


def begin(doc: Document) -> None:
	"""Forget what was said of the rows of the import *doc*; answers stay for the next time through."""
	nothing = {"ledger_import": doc.name, "answer": ["is", "not set"]}
	frappe.db.delete(LINE, nothing)
	again = {"verdict": Verdict.TO_DECIDE.value, "is_alike": 0, "details": None}
	frappe.db.set_value(LINE, {"ledger_import": doc.name}, again, update_modified=False)


def answers(doc: Document) -> dict[Place, Answer]:
	"""Return what was answered to the rows of the import *doc*."""
	rows = frappe.get_all(
		LINE,
		filters={"ledger_import": doc.name, "answer": ["is", "set"]},
		fields=["sheet", "row_no", "answer", "answer_record"],
		order_by="sheet asc, row_no asc",
		limit_page_length=0,
	)
	return {(row.sheet, row.row_no): Answer(Choice(row.answer), row.answer_record or "") for row in rows}


def place(line: Line) -> Place:
	"""Return which row *line* is."""
	return (line.sheet, line.number)


def statement(doc: Document, rows: Rows, outcomes: Iterable[Outcome]) -> Statement:
	"""Return what keeps *outcomes* as lines of the import *doc*, or says anew what lines there are of them."""
	made = rows.insert(LINE, [_row(doc, outcome) for outcome in outcomes])
	anew = ", ".join(f"`{field}` = values(`{field}`)" for field in SAID)
	return made._replace(query=f"{made.query} on duplicate key update {anew}")


def worth_saying(outcome: Outcome, answered: Mapping[Place, Answer]) -> bool:
	"""Say whether there is a line for *outcome*."""
	return outcome.verdict not in PLAIN or bool(outcome.alike) or place(outcome.line) in answered


def figures(outcomes: Iterable[Outcome]) -> Counter[str]:
	"""Count *outcomes* by the fields of an import."""
	counted: Counter[str] = Counter()
	for outcome in outcomes:
		counted[FIGURES[outcome.verdict]] += 1
		counted["rows_read"] += 1
		counted["rows_alike"] += bool(outcome.alike)
	return counted


def outcomes(doc: Document, book: Book, *verdicts: Verdict, alike: bool = False) -> list[Outcome]:
	"""Return the rows of the import *doc* with one of *verdicts*, and with *alike* those that resemble somebody, in the
	order of the file, with their cells from *book*."""
	which = [["verdict", "in", [verdict.value for verdict in verdicts]]]
	rows = frappe.get_all(
		LINE,
		filters={"ledger_import": doc.name},
		or_filters=[*which, *([["is_alike", "=", 1]] if alike else [])],
		fields=["sheet", "row_no", "verdict", "details"],
		order_by="sheet asc, row_no asc",
		limit_page_length=0,
	)
	return [_outcome(row, book) for row in rows]


def _row(doc: Document, outcome: Outcome) -> Values:
	line = outcome.line
	return {
		"name": frappe.generate_hash(length=10),
		"ledger_import": doc.name,
		"sheet": line.sheet,
		"row_no": line.number,
		"verdict": outcome.verdict.value,
		"is_alike": int(bool(outcome.alike)),
		"who": numbers.hidden_in(_who(line)),
		# A file that has slipped by a column has numbers anywhere, and a reason says what stands in a cell.
		"details": numbers.hidden_in(json.dumps(dict(_details(outcome)), ensure_ascii=False)),
		"grid": doc.grid,
		"grid_path": doc.grid_path,
	}


def _who(line: Line) -> str:
	said: Iterator[Any] = (line.values[key] for key in WHO if line.values.get(key))
	texts = (value for value in line.values.values() if isinstance(value, str))
	return str(next(said, next(texts, "")))[:140]


def _details(outcome: Outcome) -> Iterator[tuple[str, Any]]:
	if outcome.line.problems:
		yield "problems", [asdict(problem) for problem in outcome.line.problems]
	for key in ("changes", "candidates"):
		if found := getattr(outcome, key):
			yield key, [asdict(each) for each in found]
	for key in ("alike", "question"):
		if said := getattr(outcome, key):
			yield key, said


def _outcome(row: frappe._dict, book: Book) -> Outcome:
	details = json.loads(row.details or "{}")
	cells = book.sheets[row.sheet].rows[row.row_no - 1]
	line = Line(
		row.sheet, row.row_no, cells, problems=[Problem(**each) for each in details.get("problems", ())]
	)
	return Outcome(
		line,
		Verdict(row.verdict),
		[Change(**each) for each in details.get("changes", ())],
		details.get("alike", ""),
		details.get("question", ""),
		[Candidate(**each) for each in details.get("candidates", ())],
	)
