"""What the views of issues and referrals show: the buttons over a list, the calendar, the map.

Rows are read as the list reads them, so scope, permission levels and user permissions are the list's.
"""

from datetime import datetime
from math import isfinite
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.model.workflow import get_workflow, get_workflow_name

from grid_governance.grid_issues import ISSUE, REFERRAL, markers, queries, rules
from grid_governance.scope.doors.core import FilterTextError, hidden_fields

MOST_EVENTS = 2000
"""Entries of the calendar at one time: a month of a large county has fewer that are open."""

MOST_POINTS = 1000
"""Points of the map at one time, the newest first; a smaller part of the map shows the others."""

SHOWN = {
	ISSUE: ("name", "title", "urgency", "due_by", "workflow_state", "resolved_at", "closed_at"),
	REFERRAL: ("name", "title", "department", "due_by", "workflow_state", "answered_at"),
}
"""What the calendar reads of a row; what the reader's permission level hides is left out."""


class NoSuchViewError(frappe.ValidationError):
	"""Only issues and referrals have these views."""


class PartOfMapError(frappe.ValidationError):
	"""The part of the map that is asked for is none."""


@frappe.whitelist()
def quick_filters(doctype: str) -> dict[str, Any]:
	"""Return what the buttons over the list of *doctype* (Grid Issue, Issue Referral) filter by.

	Names of workflow states by their markers: `open`, in which a due time counts (`clocks.overdue` by state);
	`new`, in which nobody has acted yet; `acts`, in which a step waits for somebody with a role of the session's
	user, pauses and the clock's, the rules' and the reporter's own steps left out. `reported`: the filters for
	what she has reported herself, None for referrals. Of several posts all roles count, wherever they are held.
	"""
	_authorise(doctype)
	if not get_workflow_name(doctype):
		return {"open": [], "new": [], "acts": [], "reported": _reported(doctype)}
	workflow = get_workflow(doctype)
	states = {row.state: markers.state(row.state) for row in workflow.states}
	roles = set(frappe.get_roles())
	return {
		"open": [name for name, state in states.items() if _is_open(state)],
		"new": [markers.first_state(doctype)],
		"acts": [
			name
			for name, state in states.items()
			if state.stage != rules.FINAL
			and any(
				row.state == name and row.allowed in roles and _waits(row) for row in workflow.transitions
			)
		],
		"reported": _reported(doctype),
	}


@frappe.whitelist()
def due_between(
	doctype: str, start: datetime, end: datetime, filters: str | list | None = None
) -> list[dict[str, Any]]:
	"""Return the rows of *doctype* (Grid Issue, Issue Referral) due from *start* until before *end*, soonest first.

	For Frappe's calendar: the fields of `SHOWN` and `all_day` (0). *filters* are the list's, its JSON or None. At
	most `MOST_EVENTS`; a message says when there are more.
	"""
	_authorise(doctype)
	rows = frappe.get_list(
		doctype,
		filters=[
			*_given(filters),
			[doctype, "due_by", ">=", start],
			[doctype, "due_by", "<", end],
		],
		fields=_readable(doctype, SHOWN[doctype]),
		order_by="due_by asc",
		limit_page_length=MOST_EVENTS + 1,
	)
	if len(rows) > MOST_EVENTS:
		frappe.msgprint(
			_("Only the first {0} are shown. Choose a grid or a shorter time.").format(MOST_EVENTS),
			alert=True,
		)
	return [{**row, "all_day": 0} for row in rows[:MOST_EVENTS]]


@frappe.whitelist()
def points(
	south: float, west: float, north: float, east: float, filters: str | list | None = None
) -> dict[str, Any]:
	"""Return the issues that lie in a part of the earth, in degrees of WGS-84, the newest changes first.

	`points`: the fields of `SHOWN` with `latitude`, `longitude` and `grid`, at most `MOST_POINTS`; `more`: whether
	there are others; `grids`: the names of their grids by record. *filters* are the list's, its JSON or None.
	Raises PartOfMapError for limits that are no degrees. Served by the index on the two coordinates, or by the
	reader's own part of the tree, whichever is smaller.
	"""
	_authorise(ISSUE)
	limits = (south, west, north, east)
	if not all(isfinite(limit) and abs(limit) <= 360 for limit in limits) or south > north or west > east:
		frappe.throw(_("This is no part of the map. Open the map again."), PartOfMapError)
	rows = frappe.get_list(
		ISSUE,
		filters=[
			*_given(filters),
			[ISSUE, "latitude", ">=", south],
			[ISSUE, "latitude", "<=", north],
			[ISSUE, "longitude", ">=", west],
			[ISSUE, "longitude", "<=", east],
			[ISSUE, "latitude", "!=", 0],  # without a point
		],
		fields=_readable(ISSUE, (*SHOWN[ISSUE], "latitude", "longitude", "grid")),
		order_by="modified desc",
		limit_page_length=MOST_POINTS + 1,
	)
	shown = rows[:MOST_POINTS]
	grids = frappe.get_list(
		"Grid",
		filters={"name": ["in", sorted({row.grid for row in shown if row.get("grid")}) or [""]]},
		fields=["name", "grid_name"],
		order_by="name asc",
		limit_page_length=0,
	)
	return {
		"points": shown,
		"more": len(rows) > MOST_POINTS,
		"grids": {grid.name: grid.grid_name for grid in grids},
	}


def _authorise(doctype: str) -> None:
	if doctype not in SHOWN:
		frappe.throw(_("There is no such view of {0}.").format(_(doctype)), NoSuchViewError)
	if not frappe.has_permission(doctype, "read"):
		frappe.throw(_("No permission for {0}").format(_(doctype)), frappe.PermissionError)


def _readable(doctype: str, fields: tuple[str, ...]) -> list[str]:
	hidden = hidden_fields(doctype)
	return [field for field in fields if field not in hidden]


def _given(filters: str | list | None) -> list:
	given = frappe.parse_json(filters) or []
	if not isinstance(given, list) or not all(isinstance(each, list) and len(each) >= 3 for each in given):
		frappe.throw(_("A filter is a field, an operator and a value."), FilterTextError)
	return given


def _is_open(state: rules.State) -> bool:
	return state.stage not in (rules.RESOLVED, rules.FINAL)


def _waits(transition: Document) -> bool:
	"""Say whether a matter waits for whoever may take *transition*."""
	step = markers.step(transition.action)
	own_time = step.by_clock or step.by_rule or step.reporter_only
	return not own_time and markers.state(transition.next_state).stage != rules.PAUSED


def _reported(doctype: str) -> list[list[str]] | None:
	if doctype != ISSUE:
		return None
	worker = queries.worker_of(frappe.session.user)
	field, value = ("reporter_worker", worker) if worker else ("owner", frappe.session.user)
	return [[doctype, field, "=", value]]
