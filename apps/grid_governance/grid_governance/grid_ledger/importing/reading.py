"""From an uploaded file to its families, by what its columns were confirmed to mean."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from frappe.model.document import Document

from grid_governance.grid_ledger.importing import columns, flat, lines, uploads
from grid_governance.grid_ledger.importing.columns import Target
from grid_governance.grid_ledger.importing.columns.recognising import recognise
from grid_governance.grid_ledger.importing.families import families
from grid_governance.grid_ledger.importing.shapes import Family, Line
from grid_governance.spreadsheet import headings
from grid_governance.spreadsheet.book import Book


@dataclass(frozen=True, slots=True)
class Source:
	"""What is in a file: the sheets as they are, what their columns fill (by sheet, then by place, from 0), the families."""

	book: Book
	columns: Mapping[int, Mapping[int, Target]]
	families: list[Family]

	@property
	def targets(self) -> dict[str, Target]:
		"""The targets that the file fills, by key."""
		return {target.key: target for of_sheet in self.columns.values() for target in of_sheet.values()}


def read(doc: Document, today: date) -> Source:
	"""Read the file of the import *doc* by its columns, as the session user. In a flat kind rows that may mean
	the same record come together.

	Raises uploads.ImportNotReadyError, uploads.UnreadableFileError.
	"""
	book = uploads.read(*uploads.content(doc))
	taken = _taken(doc)
	found = _lines(book, doc.kind, taken, today)
	if doc.kind == columns.PEOPLE:
		return Source(book, taken, families(found))
	return Source(book, taken, flat.together(doc.kind, found))


def _taken(doc: Document) -> dict[int, dict[int, Target]]:
	targets = columns.targets(doc.kind)
	rows = [row for row in doc.columns if row.taken and row.target in targets]
	return {
		sheet: {row.position: targets[row.target] for row in of_sheet}
		for sheet, of_sheet in groupby(rows, key=lambda row: row.sheet)
	}


def _lines(book: Book, kind: str, taken: Mapping[int, Mapping[int, Target]], today: date) -> Iterator[Line]:
	for at, sheet in enumerate(book.sheets):
		heading = recognise(sheet, kind)[0] if taken.get(at) else None
		if not heading:
			continue
		of = lines.reader(taken[at], today)
		for number, cells in enumerate(sheet.rows[heading.first :], start=heading.first + 1):
			if headings.is_total(cells) or heading.repeats(cells):
				continue
			if line := of(at, number, cells):
				yield line
