"""Ways to a row beside its grid: by a department, through another DocType, by name, as one's own household.

A row is seen by whoever has one of its branches; a branch that the reader has not is left out of the query.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Protocol

import frappe
from frappe.query_builder import DocType
from pypika.queries import Table
from pypika.terms import Criterion, LiteralValue, Term

from grid_governance.scope.held import Holding

DEPARTMENT, NAMED, HOUSEHOLD = "department", "named", "household"
"""The kinds of ways."""

HOUSEHOLDS = "grid_households"
"""Hook key: functions (user) -> names of the households that a user of the website belongs to."""


@dataclass(frozen=True)
class Reader:
	"""Who asks, and what her posts and roles give her for one DocType and one right."""

	user: str
	holding: Holding


class Branch(Protocol):
	"""One way to the rows of a DocType."""

	kind: ClassVar[str]

	def condition(self, doctype: str, table: Table, reader: Reader) -> Criterion | None:
		"""Return the condition for the rows of *table* that *reader* has this way, None when she has none."""

	def field(self) -> str | None:
		"""Return the field that puts a row where this way leads, None when no single field does."""

	def leads_to(self, value: str | None, reader: Reader) -> bool:
		"""Say whether *reader* may put a row where *value* of the field says."""


@dataclass(frozen=True)
class OfDepartment:
	"""Rows of a department, for its officers: *department* links to Township Department."""

	kind: ClassVar[str] = DEPARTMENT
	department: str

	def condition(self, doctype: str, table: Table, reader: Reader) -> Criterion | None:
		"""Return the condition for the rows of the reader's departments."""
		names = reader.holding.departments
		return table[self.department].isin(_listed(names)) if names else None

	def field(self) -> str | None:
		"""Return the field with the department."""
		return self.department

	def leads_to(self, value: str | None, reader: Reader) -> bool:
		"""Say whether *value* is one of the reader's departments."""
		return value in reader.holding.departments


@dataclass(frozen=True)
class Through:
	"""Rows that *link* of another *doctype* names, for the officers of the *department* of that other row.

	Which right the officer has on the row is for its own permission rules to say, not for the other DocType's.
	*state* is the other row's Link to Workflow State: one that ended without handling no longer leads here.
	"""

	kind: ClassVar[str] = DEPARTMENT
	doctype: str
	link: str
	department: str = "department"
	state: str = ""

	def condition(self, doctype: str, table: Table, reader: Reader) -> Criterion | None:
		"""Return the condition for the rows that are named in rows of the reader's departments."""
		row = DocType(self.doctype)
		within = OfDepartment(self.department).condition(self.doctype, row, reader)
		if not within:
			return None
		rows = frappe.qb.from_(row).select(row[self.link]).where(within)
		if self.state:
			ended = DocType("Workflow State")
			unhandled = frappe.qb.from_(ended).select(ended.name).where(ended.grid_unhandled == _one())
			rows = rows.where(row[self.state].isnull() | row[self.state].notin(unhandled))
		return table.name.isin(rows)

	def field(self) -> str | None:
		"""Return None: another row says so."""

	def leads_to(self, value: str | None, reader: Reader) -> bool:
		"""Say no: a row is put in this way's reach by writing the other one."""
		return False


@dataclass(frozen=True)
class NamedIn:
	"""Rows that name the reader in a child table, such as the mediators of a case.

	*rows* is the field of the child table, *worker* its Link to Grid Worker, which wants an index. For whoever
	has the right by some post held today, wherever it is, or by a role that posts do not give.
	"""

	kind: ClassVar[str] = NAMED
	rows: str
	worker: str = "worker"

	def condition(self, doctype: str, table: Table, reader: Reader) -> Criterion | None:
		"""Return the condition for the rows in whose child table the reader stands."""
		if not (reader.holding.roots or reader.holding.departments or reader.holding.own):
			return None
		row, worker = DocType(frappe.get_meta(doctype).get_field(self.rows).options), DocType("Grid Worker")
		me = frappe.qb.from_(worker).select(worker.name).where(worker.user == quoted(reader.user))
		naming = (row.parenttype == quoted(doctype)) & (row.parentfield == quoted(self.rows))
		return table.name.isin(
			frappe.qb.from_(row).select(row.parent).where(row[self.worker].isin(me)).where(naming)
		)

	def field(self) -> str | None:
		"""Return None: several rows say so."""

	def leads_to(self, value: str | None, reader: Reader) -> bool:
		"""Say no: nobody takes a row by naming herself in it."""
		return False


@dataclass(frozen=True)
class OwnHousehold:
	"""Rows of the reader's own household: *household* is the field that names it.

	Only by a role that posts do not give: a post says nothing about its holder's own family. Which households
	are whose is asked of the functions under the hook key `grid_households`, each time.
	"""

	kind: ClassVar[str] = HOUSEHOLD
	household: str

	def condition(self, doctype: str, table: Table, reader: Reader) -> Criterion | None:
		"""Return the condition for the rows of the reader's households."""
		names = self._own(reader)
		return table[self.household].isin(_listed(names)) if names else None

	def field(self) -> str | None:
		"""Return the field with the household."""
		return self.household

	def leads_to(self, value: str | None, reader: Reader) -> bool:
		"""Say whether *value* is one of the reader's households."""
		return value in self._own(reader)

	def _own(self, reader: Reader) -> list[str]:
		if not reader.holding.own or reader.user == "Guest":
			return []
		return sorted(
			{name for path in frappe.get_hooks(HOUSEHOLDS) for name in frappe.get_attr(path)(reader.user)}
		)


def _one() -> Term:
	"""A check that is set, as SQL text."""
	return LiteralValue("1")


def quoted(text: str) -> Term:
	"""Return a value as SQL text: list hooks return text."""
	return LiteralValue(frappe.db.escape(text, percent=False))


def _listed(names: Iterable[str]) -> Term:
	return LiteralValue(f"({', '.join(frappe.db.escape(name, percent=False) for name in names)})")
