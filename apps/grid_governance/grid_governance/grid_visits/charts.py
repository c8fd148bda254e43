"""Charts of the reports for workspaces. A reader who may not open a report has an empty chart there, and no error."""

from typing import Any

import frappe
from frappe.utils import get_first_day, get_last_day, getdate

from grid_governance.grid_ledger import CARE, RESIDENT
from grid_governance.grid_visits import MUST_VISIT, ROUND
from grid_governance.grid_visits.report.must_visit_status import must_visit_status
from grid_governance.grid_visits.report.visit_coverage import visit_coverage as coverage

CHART = 3
"""Where the chart stands in what a script report returns."""


@frappe.whitelist()
def visit_coverage(filters: dict | list | str | None = None) -> dict[str, Any]:
	"""Return the bars of the report Visit Coverage from the first of this month to today: `labels`, `datasets`.

	Nothing for a reader without the report right, and where nothing is counted. *filters* are the chart's; none count.
	"""
	if not frappe.has_permission(ROUND, "report"):
		return {}
	return _bars(coverage.execute(_month(str(getdate()))))


@frappe.whitelist()
def must_visits(filters: dict | list | str | None = None) -> dict[str, Any]:
	"""Return the bars of the report Must-Visit Status of this whole month. As `visit_coverage`."""
	if not all(frappe.has_permission(each, "report") for each in (MUST_VISIT, CARE, RESIDENT)):
		return {}
	return _bars(must_visit_status.execute(_month(str(get_last_day(getdate())))))


def _month(until: str) -> dict[str, Any]:
	return {"from_date": str(get_first_day(getdate())), "to_date": until}


def _bars(answer: tuple[Any, ...]) -> dict[str, Any]:
	chart = answer[CHART]
	return chart["data"] if chart else {}
