"""Numbers for number cards: the totals of the reports, so that a card and its report cannot disagree."""

from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from frappe.utils import add_days, getdate

from grid_governance import reporting, scope
from grid_governance.grid_ledger import HOUSEHOLD
from grid_governance.grid_visits import MUST_VISIT, NOTICE, ROUND, ROUND_HOUSEHOLD
from grid_governance.grid_visits.report.households_not_visited import households_not_visited as left
from grid_governance.grid_visits.report.notice_reach import notice_reach as reach
from grid_governance.grid_visits.report.periods import touched
from grid_governance.grid_visits.report.visit_coverage import visit_coverage as coverage

NOTICE_DAYS = 90
"""How many days back a notice that has not reached everybody is still worth a card."""

FIRST_DAY = "2000-01-01"
"""Before it nobody was to be visited: a list is asked for days between two."""

WEEK = 7
"""Days that the card of what is soon due looks ahead."""


@frappe.whitelist()
def visit_coverage(filters: dict | list | str | None = None) -> dict[str, Any]:
	"""Return the share of the households visited in the rounds that go on today, in the reader's scope.

	`value` (percent, None of nothing), `fieldtype`, `note` with the number it is of, and `report` with `filters`, the
	way to the figures. The value is None for a reader without the report right. *filters* are the card's; none count.
	"""
	if not frappe.has_permission(ROUND, "report"):
		return {"value": None, "fieldtype": "Percent", "note": ""}
	today = getdate()
	period = {"from_date": str(today), "to_date": str(today)}
	question = reporting.ask(period, ROUND)
	rounds = touched(question)
	whole = reporting.total(coverage.tallies_of(question, rounds, coverage.figures_of(rounds)), question)
	return {
		"value": coverage.rate_of(whole),
		"fieldtype": "Percent",
		"note": _("{0} of {1} households").format(whole.number(coverage.VISITED), whole.number(coverage.DUE)),
		"report": "Visit Coverage",
		"filters": period,
	}


@frappe.whitelist()
def households_not_visited(filters: dict | list | str | None = None) -> dict[str, Any]:
	"""Return how many households are still to be visited in the rounds that go on. As `visit_coverage`."""
	allowed = all(frappe.has_permission(each, "report") for each in (HOUSEHOLD, ROUND, ROUND_HOUSEHOLD))
	if not allowed:
		return {"value": None, "fieldtype": "Int", "note": ""}
	question = reporting.ask({}, HOUSEHOLD)
	figures = left.figures_of()
	whole = reporting.total(left.tallies_of(question, left.unvisited_in(question, 0), figures), question)
	return {
		"value": whole.number(left.LEFT),
		"fieldtype": "Int",
		"note": _("{0} of these tried in vain").format(whole.number(left.TRIED)),
		"report": "Households Not Visited",
		"filters": {},
	}


@frappe.whitelist()
def notices_not_reached(filters: dict | list | str | None = None) -> dict[str, Any]:
	"""Return how many notices of the last days have not reached everybody in the reader's grids. As `visit_coverage`."""
	if not frappe.has_permission(NOTICE, "report"):
		return {"value": None, "fieldtype": "Int", "note": ""}
	today = getdate()
	period = {"from_date": str(add_days(today, -NOTICE_DAYS)), "to_date": str(today)}
	rows = reach.rows_of(reporting.ask(period, NOTICE), None)
	short = [row for row in rows if reach.rate_of(row["tally"], row["going"]) != 100]
	return {
		"value": len(short),
		"fieldtype": "Int",
		"note": _("Of {0} notices in the last {1} days").format(len(rows), NOTICE_DAYS),
		"report": "Notice Reach",
		"filters": period,
	}


@frappe.whitelist()
def must_visits_late(filters: dict | list | str | None = None) -> dict[str, Any]:
	"""Return how many people in the reader's scope should have been visited and were not.

	`value` (None for a reader without the right to read must-visits), `fieldtype`, and `doctype` with `filters`, the way
	to the list of them. *filters* are the card's; none count.
	"""
	return _open_between(FIRST_DAY, str(add_days(getdate(), -1)))


@frappe.whitelist()
def must_visits_in_a_week(filters: dict | list | str | None = None) -> dict[str, Any]:
	"""Return how many people in the reader's scope are to be visited from today on for a week. As `must_visits_late`."""
	return _open_between(str(getdate()), str(add_days(getdate(), WEEK)))


def _open_between(first: str, last: str) -> dict[str, Any]:
	if not frappe.has_permission(MUST_VISIT, "read"):
		return {"value": None, "fieldtype": "Int"}
	must = DocType(MUST_VISIT)
	found = (
		frappe.qb.from_(must)
		.select(Count("*"))
		.where(scope.criterion(MUST_VISIT, table=must))
		.where(must.done_at.isnull() & must.due_on[first:last])
		.run()
	)
	return {
		"value": found[0][0],
		"fieldtype": "Int",
		"doctype": MUST_VISIT,
		"filters": {"done_at": ["is", "not set"], "due_on": ["between", [first, last]]},
	}
