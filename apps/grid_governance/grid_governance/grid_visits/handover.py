"""What is open at the doors of a post that is handed over: who must be visited, and where somebody promised to come again."""

import json
from typing import Any
from urllib.parse import urlencode

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from frappe.utils import getdate
from pypika.terms import Case

from grid_governance import scope
from grid_governance.grid_visits import MUST_VISIT, VISIT, sets

NOT_SET, SET = ["is", "not set"], ["is", "set"]


def open_under(worker: str, grid: str) -> list[dict[str, Any]]:
	"""Return how many people must be visited in *grid* and below, how many of them are late, and the returns that were promised.

	For `grid_handover_items`: each with `label`, `count` and `route` to the list of exactly these rows. In the reader's
	scope; what is none is left out.
	"""
	path = frappe.db.get_value("Grid", grid, "grid_path")
	here = {"grid_path": ["like", f"{path}%"]}
	people, late = _must_visits(path)
	promised, by_her = _promises(path, worker)
	waiting = {**here, "done_at": NOT_SET}
	returns = {**here, "return_on": SET, "returned_on": NOT_SET}
	lines = (
		(_("People who must be visited"), people, MUST_VISIT, waiting),
		(_("Of these late"), late, MUST_VISIT, {**waiting, "due_on": ["<", str(getdate())]}),
		(_("Promised to come again"), promised, VISIT, returns),
		(_("Of these promised by this person"), by_her, VISIT, {**returns, "worker": worker}),
	)
	return [
		{"label": label, "count": count, "route": _route(doctype, filters)}
		for label, count, doctype, filters in lines
		if count
	]


def _must_visits(path: str) -> tuple[int, int]:
	must = DocType(MUST_VISIT)
	return (
		frappe.qb.from_(must)
		.select(Count("*"), Count(Case().when(must.due_on < getdate(), 1)))
		.where(scope.criterion(MUST_VISIT))
		.where(sets.within(must, path) & must.done_at.isnull())
		.run()[0]
	)


def _promises(path: str, worker: str) -> tuple[int, int]:
	visit = DocType(VISIT)
	return (
		frappe.qb.from_(visit)
		.select(Count("*"), Count(Case().when(visit.worker == worker, 1)))
		.where(scope.criterion(VISIT))
		.where(sets.within(visit, path) & visit.return_on.isnotnull() & visit.returned_on.isnull())
		.run()[0]
	)


def _route(doctype: str, filters: dict[str, Any]) -> str:
	wanted = {
		field: value if isinstance(value, str) else json.dumps(value) for field, value in filters.items()
	}
	return f"/app/{frappe.scrub(doctype).replace('_', '-')}/view/list?{urlencode(wanted)}"
