"""How many households and people there are, by grid: counted anew each time, in one statement for each DocType.

Nothing of it is kept on Grid. A number kept there is right at night and wrong at noon, it is the same for a reader
who may not know it, and it saves little: sixty thousand households are counted from an index in a tenth of a second.
"""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate
from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from pypika.queries import Table
from pypika.terms import Case, Criterion, EmptyCriterion

from grid_governance import scope
from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.rules import households
from grid_governance.grid_structure.rules import AFTER_DIGITS
from grid_governance.reporting.question import below, common_node

HOUSEHOLDS, PRESENT, PEOPLE = "households", "present_households", "people"

ACTIVE_FILTERS = {"status": ["=", "Active"]}
PRESENT_FILTERS = {**ACTIVE_FILTERS, "residence_state": ["not in", list(households.NOT_RESIDENT)]}
MEMBER_FILTERS = {"status": ["not in", list(households.GONE)], "merged_into": ["is", "not set"]}
"""The conditions below as filters of the lists."""

COUNTED = "counted"
"""Index of Household and of Resident from which they are counted by grid."""


def active(household: Table) -> Criterion:
	"""Return the condition of the households that there are: not dissolved."""
	return household.status == "Active"


def present(household: Table) -> Criterion:
	"""Return the condition of the households that live here (常住户): what a grid is drawn by (domain f06, D1b)."""
	return active(household) & household.residence_state.notin(households.NOT_RESIDENT)


def member(resident: Table) -> Criterion:
	"""Return the condition of the people that there are: not gone, not merged into another row."""
	return resident.status.notin(households.GONE) & resident.merged_into.isnull()


def reportable(table: Table, *doctypes: str) -> Criterion:
	"""Return the condition of the rows of *table* that lie where the reader may report all of *doctypes*; it may be empty.

	A report that sets rows of one beside rows of another holds for those places only: elsewhere a number would be that
	of what the reader may know, not of what is there.
	"""
	made = (scope.criterion(doctype, ptype="report", table=table) for doctype in doctypes)
	return Criterion.all(found for found in made if not isinstance(found, EmptyCriterion))


def by_path(prefix: str = "", *beside: str) -> dict[str, dict[str, int]]:
	"""Return {HOUSEHOLDS: {path: n}, PRESENT: …, PEOPLE: …} of the grids below *prefix* that have any.

	Inside the reader's scope, for what she may report, and where she may report the DocTypes *beside*; a number that
	she may not know of at all is left out.
	"""
	found: dict[str, dict[str, int]] = {}
	if frappe.has_permission(HOUSEHOLD, "report"):
		household = DocType(HOUSEHOLD)
		rows = _counted(HOUSEHOLD, prefix, beside, active(household), present(household))
		found[HOUSEHOLDS] = {path: number for path, number, _present in rows}
		found[PRESENT] = {path: number for path, _number, number in rows}
	if frappe.has_permission(RESIDENT, "report"):
		found[PEOPLE] = dict(_counted(RESIDENT, prefix, beside, member(DocType(RESIDENT))))
	return found


def _counted(
	doctype: str, prefix: str, beside: tuple[str, ...], only: Criterion, *parts: Criterion
) -> list[tuple[Any, ...]]:
	table = DocType(doctype)
	return (
		frappe.qb.from_(table)
		.force_index(COUNTED)
		.select(table.grid_path, Count("*"), *(Count(Case().when(part, 1)) for part in parts))
		.where(reportable(table, doctype, *beside))
		.where(below(table.grid_path, prefix) & only)
		.where(below(table.grid_path, common_node(doctype)))  # what lies outside the scope is not walked past
		.groupby(table.grid_path)
		.orderby(table.grid_path)
		.run()
	)


def of_nodes(paths: Iterable[str], prefix: str) -> dict[str, Any]:
	"""Return what a report on the tree shows of the ledger; for the hook `grid_sizes`.

	*paths* are the nodes' below *prefix*. `columns` are those of the table, `cells` {path: {fieldname: number}} of all
	that lies below each node. A node that the reader may not count as a whole has no number, never a part of one.
	"""
	counted = by_path(prefix)
	wanted = {HOUSEHOLDS: HOUSEHOLD, PRESENT: HOUSEHOLD, PEOPLE: RESIDENT}
	ranges = {
		doctype: scope.ranges(frappe.session.user, doctype, "report") for doctype in set(wanted.values())
	}
	sums = {name: _Sums(counts) for name, counts in counted.items()}
	return {
		"columns": [column for column in columns() if column["fieldname"] in counted],
		"cells": {
			path: {
				name: sums[name].below(path)
				for name, doctype in wanted.items()
				if name in sums and scope.rules.covers(ranges[doctype], path)
			}
			for path in paths
		},
	}


def columns() -> list[dict[str, Any]]:
	"""Return the columns of the numbers, each with the list that it opens."""
	made = (
		(HOUSEHOLDS, _("Households"), HOUSEHOLD, ACTIVE_FILTERS),
		(PRESENT, _("Households Living Here"), HOUSEHOLD, PRESENT_FILTERS),
		(PEOPLE, _("Population Here"), RESIDENT, MEMBER_FILTERS),
	)
	return [
		{
			"fieldname": name,
			"label": label,
			"fieldtype": "Int",
			"width": 100,
			"doctype": doctype,
			"filters": filters,
		}
		for name, label, doctype, filters in made
	]


class _Sums:
	"""Numbers by path, added up for any node: those below it are neighbours when the paths are in order."""

	def __init__(self, counts: dict[str, int]) -> None:
		self._paths = sorted(counts)
		self._upto = [0, *accumulate(counts[path] for path in self._paths)]

	def below(self, path: str) -> int:
		"""Return the sum of the numbers at *path* and below it."""
		first = bisect_left(self._paths, path)
		return self._upto[bisect_left(self._paths, path + AFTER_DIGITS)] - self._upto[first]
