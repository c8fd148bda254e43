"""What a report is asked: a period, a node, the level of its rows, and perhaps one figure to look behind."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from frappe.utils import cint, getdate, now_datetime
from pypika.queries import Table
from pypika.terms import Criterion, Field

from grid_governance import scope
from grid_governance.grid_structure.rules import AFTER_DIGITS, SEGMENT, position


class PeriodError(frappe.ValidationError):
	"""The period ends before it begins."""


class FigureError(frappe.ValidationError):
	"""The figure to look behind is none of the report's."""


@dataclass(frozen=True)
class Question:
	"""A report's question about rows of *doctype*.

	The period, both days included, is that of the Datetime field *dated*; where that is "", the question is about
	what there is today. *prefix* is the path of a node, "" for all; *roll_up* the level position of the rows. *now* is the moment for which the report speaks.
	*figure*, *node* and *exact* name one figure to look behind: its column, the path of its row, and whether
	the row is the node alone without what lies below it; *of* is what the row tells of where it is no node.
	"""

	doctype: str
	dated: str
	from_date: date
	to_date: date
	prefix: str
	roll_up: int
	now: datetime
	figure: str = ""
	node: str = ""
	exact: bool = False
	of: str = ""

	def where(self, table: Table) -> Criterion:
		"""Return the condition of the rows that are asked about: period, node and the reader's scope."""
		in_scope = scope.criterion(self.doctype, ptype="report", table=table)  # first: it may be empty
		here = in_scope & below(table.grid_path, self.prefix)
		return here & self.in_period(table[self.dated]) if self.dated else here

	def in_period(self, dated: Field) -> Criterion:
		"""Return the condition that the moment *dated* lies in the period."""
		return (dated >= self.from_date) & (dated < self.to_date + timedelta(days=1))

	def period_filter(self, dated: str = "") -> dict[str, Any]:
		"""Return the period as a filter of the DocType's list, of its field *dated* (default: the question's)."""
		field = dated or self.dated
		return {field: ["between", [str(self.from_date), str(self.to_date)]]} if field else {}

	def about(self, doctype: str) -> "Question":
		"""Return the same question about the rows of another DocType, in the reader's scope there."""
		return replace(self, doctype=doctype)

	def is_listable(self) -> bool:
		"""Say whether the reader's list shows what her report counts: she may read no more than she may report."""
		table = DocType(self.doctype)
		every = frappe.qb.from_(table).select(table.name)
		read, report = (
			str(every.where(scope.criterion(self.doctype, ptype=right))) for right in ("read", "report")
		)
		return read == report

	def shows(self, doctype: str) -> bool:
		"""Say whether whoever asks may report *doctype* wherever she may report what the question is about."""
		user = frappe.session.user
		mine, theirs = (scope.ranges(user, each, "report") for each in (self.doctype, doctype))
		return mine == theirs and bool(frappe.has_permission(doctype, "report"))


def ask(filters: dict[str, Any] | None, doctype: str, dated: str = "") -> Question:
	"""Return the question that a report's *filters* ask about *doctype*, whose field *dated* the period means.

	Without *dated* it is about what there is today.

	Filters: `from_date`, `to_date`, `grid` (a node the reader may see; everything below it), `roll_up` (a Grid
	Level, never above that node; left empty, the next one below it that has more than one grid). Raises
	PermissionError for a reader without the report right and for a foreign grid, PeriodError for a period that
	ends before it begins.
	"""
	if not frappe.has_permission(doctype, "report"):
		raise frappe.PermissionError
	asked = frappe._dict(filters or {})
	to_date = getdate(asked.to_date)
	from_date = getdate(asked.from_date) if asked.from_date else to_date.replace(month=1, day=1)
	if from_date > to_date:
		frappe.throw(
			_("The period ends on {0}, before it begins on {1}.").format(
				frappe.format(to_date), frappe.format(from_date)
			),
			PeriodError,
		)
	prefix = _path_of(asked.grid) if asked.grid else common_node(doctype)
	return Question(
		doctype=doctype,
		dated=dated,
		from_date=from_date,
		to_date=to_date,
		prefix=prefix,
		roll_up=roll_up_position(asked.roll_up, prefix),
		now=now_datetime().replace(microsecond=0),  # a filter of a list takes whole seconds only
		figure=asked.figure or "",
		node=asked.node or "",
		exact=bool(cint(asked.exact)),
		of=asked.of or "",
	)


def below(path: Field, prefix: str) -> Criterion:
	"""Return the condition of a *path* in the subtree of *prefix*, "" for all."""
	return (path >= prefix) & (path < prefix + AFTER_DIGITS)


def common_node(doctype: str) -> str:
	"""Return the path of the lowest node that holds all rows the reader may have reported, "" for all."""
	starts = [limit.lo for limit in scope.ranges(frappe.session.user, doctype, "report")]
	shared = min(starts, default="")
	while not all(start.startswith(shared) for start in starts):
		shared = shared[:-SEGMENT]
	return shared


def roll_up_position(level: str | None, prefix: str) -> int:
	"""Return the level position of the rows: the chosen level's, else the first below *prefix* with several grids.

	Never above *prefix*: a node above one's own would carry the figures of a part of it.
	"""
	if level:
		return max(frappe.get_cached_value("Grid Level", level, "position") or 1, position(prefix))
	below_it = [(at, grids) for at, grids in grids_by_position(prefix) if at > position(prefix)]
	several = [at for at, grids in below_it if grids > 1]
	deepest = max((at for at, _grids in below_it), default=position(prefix) or 1)
	return several[0] if several else deepest


def grids_by_position(prefix: str) -> list[tuple[int, int]]:
	"""Return (level position, number of grids) below the path *prefix* in the reader's scope, top first."""
	grid, grid_level = DocType("Grid"), DocType("Grid Level")
	return (
		frappe.qb.from_(grid)
		.join(grid_level)
		.on(grid_level.name == grid.grid_level)
		.select(grid_level.position, Count("*"))
		.where(below(grid.grid_path, prefix))
		.where(scope.criterion("Grid"))
		.groupby(grid_level.position)
		.orderby(grid_level.position)
		.run()
	)


def _path_of(grid: str) -> str:
	node = frappe.get_doc("Grid", grid)
	node.check_permission("read")
	return node.grid_path
