"""Promises to come again: they wait at the door of their household, wherever that lies by now."""

from datetime import date

import frappe
from frappe.query_builder import DocType
from pypika.terms import Criterion

from grid_governance import scope
from grid_governance.grid_ledger import HOUSEHOLD
from grid_governance.grid_visits import VISIT
from grid_governance.scope.rules import covers


def waiting(homes: Criterion, until: date | None = None, limit: int | None = None) -> list[frappe._dict]:
	"""Return what was promised to the households *homes* (a condition on their table) and not kept, the first day first.

	`visit`, `household`, `return_on`, `return_note`, and `is_read`: whether the session's user reads the visit, which stays in
	the grid where it happened. Who does not learns the day alone: what was said there is not for her. To call for
	households that she reads.
	"""
	visit, home = DocType(VISIT), DocType(HOUSEHOLD)
	query = (
		frappe.qb.from_(visit)
		.join(home)
		.on(home.name == visit.household)
		.select(visit.name.as_("visit"), visit.household, visit.return_on, visit.return_note, visit.grid_path)
		.where(homes & visit.returned_on.isnull())
		.where(visit.return_on <= until if until else visit.return_on.isnotnull())
		.orderby(visit.return_on)
		.limit(limit)
	)
	read = scope.ranges(frappe.session.user, VISIT, "read")
	rows = query.run(as_dict=True)
	for row in rows:
		row.is_read = covers(read, row.pop("grid_path"))
		row.return_note = row.return_note if row.is_read else None
	return rows
