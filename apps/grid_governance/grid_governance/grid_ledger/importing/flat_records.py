"""The rows of a file of places, facilities or organisations, and the records that they may mean."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import frappe
from frappe import _

from grid_governance.grid_ledger import RESIDENT
from grid_governance.grid_ledger.importing.places import Place
from grid_governance.grid_ledger.importing.shapes import (
	Candidate,
	Change,
	Line,
	Outcome,
	Problem,
	Values,
	Verdict,
)
from grid_governance.grid_ledger.rules.households import GONE

CODES = {"Grid Organization": "uscc"}
"""The field of a DocType whose value no two records share."""

NAMED = {
	("Grid Place", "owner_resident"): RESIDENT,
	("Grid Facility", "place"): "Grid Place",
}
"""Links that a file fills with a name: of a resident of the village, of a place in the grid."""


def title_field(doctype: str) -> str:
	"""Return the field with the name by which people call records of *doctype*."""
	return frappe.get_meta(doctype).title_field


class Row:
	"""A row, and what becomes of it."""

	def __init__(self, line: Line, said: Values) -> None:
		self.line, self.said = line, said
		self.problems: list[Problem] = list(line.problems)
		self.place: Place | None = None
		self.among: list[frappe._dict] = []
		self.record: str | None = None
		self.values: Values = {}
		self.changes: list[Change] = []
		self.question, self.alike, self.is_done = "", "", False
		self.candidates: list[Candidate] = []

	@property
	def is_open(self) -> bool:
		"""Whether nothing speaks against it so far."""
		return not self.problems

	@property
	def is_written(self) -> bool:
		"""Whether a record is made or changed."""
		return bool(self.is_open and self.values and not self.question)

	def refuse(self, message: str, target: str = "") -> None:
		"""Refuse the row for the cell of *target*, the whole row where it is empty."""
		self.problems.append(Problem(target, message))

	def outcome(self) -> Outcome:
		"""Return what becomes of the row. A refused one is a copy, so that the row itself can be planned anew."""
		line = self.line
		if self.problems:
			refused = Line(line.sheet, line.number, line.cells, line.values, self.problems)
			return Outcome(refused, Verdict.REFUSED)
		if self.question:
			return Outcome(line, Verdict.TO_DECIDE, question=self.question, candidates=self.candidates)
		if not self.is_written:
			return Outcome(line, Verdict.UNCHANGED, alike=self.alike)
		verdict = Verdict.CHANGED if self.record else Verdict.NEW
		return Outcome(line, verdict, changes=self.changes, alike=self.alike)


class Standing:
	"""The records of *kind* that *rows* may mean, inside the reader's scope; of those outside *within*, a path, it is only
	said that they are alike."""

	def __init__(self, kind: str, fields: Iterable[str], rows: Sequence[Row], within: str) -> None:
		self._title, self._code = title_field(kind), CODES.get(kind, "")
		shown = list(
			dict.fromkeys(
				("name", "grid", "grid_path", self._title, *([self._code] if self._code else []), *fields)
			)
		)
		placed = [row for row in rows if row.place]
		grids = sorted({row.place.name for row in placed})
		titles = sorted({row.said.get(self._title) or "" for row in placed})
		asked = [{"grid": ["in", grids or [""]], self._title: ["in", titles or [""]]}]
		if codes := sorted({row.said[self._code] for row in placed if row.said.get(self._code)}):
			asked.append({self._code: ["in", codes]})
		self._by_name: dict[tuple[str, str], dict[str, frappe._dict]] = defaultdict(dict)
		self._by_code: dict[str, dict[str, frappe._dict]] = defaultdict(dict)
		self._elsewhere: dict[str, frappe._dict] = {}
		for filters in asked:
			for record in frappe.get_list(
				kind, filters=filters, fields=shown, order_by="name asc", limit_page_length=0
			):
				if not record.grid_path.startswith(within):
					self._elsewhere[record[self._code]] = record
					continue
				self._by_name[record.grid, record[self._title]][record.name] = record
				if self._code and record[self._code]:
					self._by_code[record[self._code]][record.name] = record
		self._taken: set[str] = set()

	def of(self, row: Row) -> list[frappe._dict]:
		"""Return which *row* may mean: those with its code, else those of its name in its grid that have no other."""
		code = row.said.get(self._code)
		found = self._by_code.get(code, {}) if code else {}
		if not found:
			named = self._by_name.get((row.place.name, row.said.get(self._title) or ""), {})
			found = {
				name: record
				for name, record in named.items()
				if not (code and record[self._code] and record[self._code] != code)
			}
		return [record for name, record in found.items() if name not in self._taken]

	def alike(self, row: Row) -> str:
		"""Say which record outside the import's grids has the code of *row*, if one has."""
		record = self._elsewhere.get(row.said.get(self._code) or "")
		return _("{0} has this code, too.").format(self.label(record)) if record else ""

	def has_code(self, row: Row) -> bool:
		"""Say whether a record with the code of *row* stands."""
		return bool(self._code and row.said.get(self._code) in self._by_code)

	def take(self, record: frappe._dict) -> None:
		"""Note that a row means *record*: no other one does."""
		self._taken.add(record.name)

	def label(self, record: frappe._dict) -> str:
		"""Return what tells *record* from others: its name, its code or number, where it lies."""
		grid = frappe.get_cached_value("Grid", record.grid, "grid_name")
		code = record.get(self._code) if self._code else ""
		return " · ".join(filter(None, (record[self._title], code or record.name, grid)))


class Names:
	"""The records that links of *rows* name, inside the reader's scope."""

	def __init__(self, kind: str, rows: Sequence[Row]) -> None:
		self._kind = kind
		self._titles: dict[str, str] = {}
		self._found: dict[tuple[str, str], list[frappe._dict]] = defaultdict(list)
		for (of, field), doctype in NAMED.items():
			said = sorted({row.said[field] for row in rows if of == kind and row.said.get(field)})
			if not said:
				continue
			title = title_field(doctype)
			only = (
				{"status": ["not in", GONE], "merged_into": ["is", "not set"]} if doctype == RESIDENT else {}
			)
			for record in frappe.get_list(
				doctype,
				filters={title: ["in", said], **only},
				fields=["name", "grid", "grid_path", title],
				order_by="name asc",
				limit_page_length=0,
			):
				self._found[field, record[title]].append(record)
				self._titles[record.name] = record[title]

	def put(self, row: Row) -> None:
		"""Put the records into *row* in the place of their names; refuse it for a name that none has, or several."""
		for field in [field for field in row.said if (self._kind, field) in NAMED]:
			name = row.said[field]
			found = [
				record
				for record in self._found[field, name]
				if row.place and self._is_near(field, record, row.place)
			]
			if len(found) == 1:
				row.said[field] = found[0].name
			elif row.place:
				row.refuse(self._said(field, name, len(found)), f"{self._kind}.{field}")

	def _is_near(self, field: str, record: frappe._dict, place: Place) -> bool:
		if NAMED[self._kind, field] == RESIDENT:
			return record.grid_path.startswith(place.village)
		return record.grid == place.name

	def _said(self, field: str, name: str, count: int) -> str:
		if NAMED[self._kind, field] == RESIDENT:
			if count:
				return _(
					"{0} residents of the village are called {1}. Leave the cell empty and choose on the form."
				).format(count, name)
			return _(
				"The village has no resident {0} whom you may see. Correct the name, or leave the cell empty."
			).format(name)
		if count:
			return _(
				"{0} places of the grid are called {1}. Leave the cell empty and choose on the form."
			).format(count, name)
		return _("The grid has no place {0}. Bring in the places first, or leave the cell empty.").format(
			name
		)

	def title(self, field: str, name: str | None) -> str:
		"""Return what the record *name*, which stands or is to stand in *field*, is called, empty where its reader may not see it."""
		if name and name not in self._titles:
			doctype = NAMED[self._kind, field]
			found = frappe.get_list(
				doctype, filters={"name": name}, pluck=title_field(doctype), order_by="name asc"
			)
			self._titles[name] = next(iter(found), "")
		return self._titles.get(name or "", "")
