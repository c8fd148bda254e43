"""Files of places, facilities and organisations: which row means which record, and what becomes of it.

Such a record is known by its code (an organisation by its social credit code), else by its name in its grid. Rows are saved as
documents, by all that happens when somebody saves one on the form.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_ledger.actions.organizations import CreditCodeError
from grid_governance.grid_ledger.importing import documents, families
from grid_governance.grid_ledger.importing.changes import Differences
from grid_governance.grid_ledger.importing.columns import Target
from grid_governance.grid_ledger.importing.flat_records import CODES, NAMED, Names, Row, Standing, title_field
from grid_governance.grid_ledger.importing.places import Place, Places
from grid_governance.grid_ledger.importing.shapes import (
	Answer,
	Candidate,
	Change,
	Choice,
	Family,
	Line,
	Part,
	Problem,
	Update,
	Values,
)
from grid_governance.grid_ledger.rules import numbers

AT_FAULT = {CreditCodeError: "Grid Organization.uscc"}
"""The target whose cell an error is about, by its class."""


def together(kind: str, lines: Iterable[Line]) -> list[Family]:
	"""Return *lines* of a file of *kind*, those that may mean the same record together, in the order of the file."""
	name = f"{kind}.{title_field(kind)}"
	code = f"{kind}.{CODES[kind]}" if kind in CODES else ""
	found: dict[tuple[str, ...], list[Line]] = defaultdict(list)
	for line in lines:
		known = str(line.values.get(code) or "")
		key = (
			("", "", "", "", known) if known else (*families.place([line]), str(line.values.get(name) or ""))
		)
		found[key].append(line)
	return [
		Family((f"{those[0].sheet:04d}", f"{those[0].number:08d}"), None, those) for those in found.values()
	]


class Planner:
	"""Plans a file of *kind* for the session user, below *root* (the name of a Grid), part by part; see `plan.Planner`."""

	def __init__(
		self,
		kind: str,
		root: str,
		targets: Mapping[str, Target],
		answers: Mapping[tuple[int, int], Answer],
	) -> None:
		self._kind, self._answers = kind, answers
		self._targets = {key: target for key, target in targets.items() if target.may_write}
		self._fields = [target.fieldname for target in self._targets.values() if target.doctype == kind]
		self._meta = frappe.get_meta(kind)
		self._places = _Anywhere(root)
		self._within = frappe.db.get_value("Grid", root, "grid_path")
		self._differences = Differences(self._targets)

	def part(self, of: Sequence[Family]) -> Part:
		"""Return what becomes of the rows of the families *of*. The ledger is read afresh, and nothing is changed."""
		part, rows = Part(), []
		for family in of:
			rows += [Row(line, self._said(line)) for line in family.people]
		for row in rows:
			found = self._places.find(families.place([row.line]))
			if isinstance(found, Place):
				row.place = found
			else:
				row.problems.append(found)
		names = Names(self._kind, rows)
		for row in rows:
			names.put(row)
		standing = Standing(self._kind, self._fields, rows, self._within)
		by_family: dict[int, Row] = {id(row.line): row for row in rows}
		for family in of:
			self._settle([by_family[id(line)] for line in family.people], standing, names)
		for row in rows:
			part.outcomes.append(row.outcome())
			if row.is_written:
				part.updates.append(Update(self._kind, row.record, row.values, row.line))
		return part

	def _said(self, line: Line) -> Values:
		said = {
			key.partition(".")[2]: value
			for key, value in line.values.items()
			if key.startswith(f"{self._kind}.")
		}
		if code := said.get(CODES.get(self._kind, "")):
			said[CODES[self._kind]] = numbers.clean(code)
		return said

	# which record is meant

	def _settle(self, rows: Sequence[Row], standing: Standing, names: Names) -> None:
		"""Find what each of *rows*, which may mean the same record, does: first those that say what stands already."""
		said: dict[str, int] = {}
		for row in rows:
			if row.is_open:
				before = said.setdefault(
					repr((row.place, sorted(row.said.items(), key=str))), row.line.number
				)
				if before != row.line.number:
					row.refuse(
						_(
							"Row {0} says the same. Delete one of them, or tell them apart by their names."
						).format(before)
					)
		undecided = [row for row in rows if row.is_open]
		for row in undecided:
			row.among, row.alike = standing.of(row), standing.alike(row)
		several = len(undecided) > 1 or any(len(row.among) > 1 for row in undecided)
		for row in sorted(
			undecided, key=lambda row: -len(row.said)
		):  # who says most finds her own record first
			same = (record for record in standing.of(row) if not self._difference(row, record, names)[0])
			if record := next(same, None):
				standing.take(record)
				row.record, row.is_done = record.name, True
		for row in undecided:
			if not row.is_done:
				row.among = standing.of(row)
				self._decide(row, several, standing, names)

	def _decide(self, row: Row, several: bool, standing: Standing, names: Names) -> None:
		answer = self._answers.get((row.line.sheet, row.line.number))
		chosen = None
		if answer and answer.choice is Choice.LEAVE_OUT:
			row.is_done = True
			return
		if answer and answer.choice is Choice.RECORD:
			chosen = next((record for record in row.among if record.name == answer.record), None)
		elif not answer and len(row.among) == 1 and (not several or standing.has_code(row)):
			chosen = row.among[0]
		if row.among and not chosen and not (answer and answer.choice is Choice.NEW):
			row.question = _("Several records here have this name. Which one is meant?")
			row.candidates = [
				Candidate(self._kind, record.name, standing.label(record)) for record in row.among
			]
			return
		if chosen:
			standing.take(chosen)
			row.record = chosen.name
			row.values, row.changes = self._difference(row, chosen, names)
		else:
			row.values = {**row.said, "grid": row.place.name}
		self._check(row, chosen)

	def _difference(self, row: Row, record: frappe._dict, names: Names) -> tuple[Values, list[Change]]:
		said = {field: value for field, value in row.said.items() if (self._kind, field) not in NAMED}
		values, changes = self._differences.of(self._kind, record.name, record, said)
		for field, value in row.said.items():
			if (self._kind, field) in NAMED and record.get(field) != value:
				values[field] = value
				old, new = names.title(field, record.get(field)), names.title(field, value)
				label = self._differences.label(f"{self._kind}.{field}")
				changes.append(Change(self._kind, record.name, field, label, old, new))
		if record.grid != row.place.name:
			values["grid"] = row.place.name
			old = frappe.get_cached_value("Grid", record.grid, "grid_name")
			changes.append(Change(self._kind, record.name, "grid", _("Grid"), old, row.place.title))
		return values, changes

	# whether it may be

	def _check(self, row: Row, record: frappe._dict | None) -> None:
		"""Refuse *row* where the session user may not write it, where something is missing, or by what saving would say."""
		if row.is_done or (record and not row.values):
			return
		right = "write" if record else "create"
		for path in {row.place.path, *([record.grid_path] if record else ())}:
			if not scope.covers(path, frappe.session.user, self._kind, right):
				row.refuse(
					_("Your posts do not let you enter {0} in {1}.").format(_(self._kind), row.place.title)
				)
				return
		doc = frappe.get_doc(self._kind, record.name) if record else frappe.new_doc(self._kind)
		doc.update(row.values)
		for df in self._meta.fields:
			# of a kind that is not said, Frappe would take the first there is
			said = doc.get(df.fieldname) if record or df.default else row.values.get(df.fieldname)
			if df.reqd and said in (None, "") and df.fieldname != "grid_path":
				key = f"{self._kind}.{df.fieldname}"
				message = _("{0} is missing.").format(self._differences.label(key))
				row.refuse(message, key if key in self._targets else "")
		if not row.problems:
			self._validate(row, doc)

	def _validate(self, row: Row, doc: Document) -> None:
		try:
			for hook in ("before_validate", "validate"):
				doc.run_method(hook)
		except documents.REFUSALS as error:
			key = next((key for kind, key in AT_FAULT.items() if isinstance(error, kind)), "")
			row.refuse(documents.said(error), key if key in row.line.values else "")


class _Anywhere(Places):
	"""The grids of an import of what may also lie where no households do."""

	def _checked(self, node: frappe._dict, target: str) -> Place | Problem:
		if node.status == "Closed":
			return super()._checked(node, target)
		return Place(node.name, node.grid_name, node.grid_path)
