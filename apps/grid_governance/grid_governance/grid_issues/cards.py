"""Shares for number cards: the totals of the reports, so that a card and its report cannot disagree."""

from typing import Any

import frappe
from frappe import _
from frappe.utils import add_days, getdate

from grid_governance.grid_issues import ISSUE
from grid_governance.grid_issues.report.issue_closing_and_timeliness import (
	issue_closing_and_timeliness as timeliness,
)
from grid_governance.grid_issues.report.issue_resolution_levels import issue_resolution_levels as levels
from grid_governance.grid_issues.report.issue_supervision import issue_supervision as supervision
from grid_governance.grid_issues.supervision import REPORT

DAYS = 30
"""How many days the shares are of, today included: at the start of a month there is as much to go by as at its end."""


@frappe.whitelist()
def on_time_share(filters: dict | list | str | None = None) -> dict[str, Any]:
	"""Return the share of the issues found in the last days that were resolved in time, in the reader's scope.

	`value` (percent, None of nothing), `fieldtype`, `note` with the number it is of, and `report` with `filters`, the
	way to the figures. The value is None for a reader without the report right. *filters* are the card's; none count.
	"""
	return _share("Issue Closing and Timeliness", timeliness, "share_judged_all", "judged_all")


@frappe.whitelist()
def share_on_the_spot(filters: dict | list | str | None = None) -> dict[str, Any]:
	"""Return the share of the issues closed in the last days that the lowest level settled. As `on_time_share`."""
	return _share("Issue Resolution Levels", levels, "share_0", "total")


@frappe.whitelist()
def to_watch(filters: dict | list | str | None = None) -> dict[str, Any]:
	"""Return how many issues are to be watched now, in the reader's scope, with the way to them. As `on_time_share`."""
	if not frappe.has_permission(ISSUE, "report"):
		return {"value": None, "fieldtype": "Int", "note": ""}
	return {"value": supervision.number(), "fieldtype": "Int", "report": REPORT, "filters": {}}


def _share(name: str, report: Any, share: str, number: str) -> dict[str, Any]:
	"""Return the column *share* of the total of the report *name*, of as many as the column *number* says."""
	if not frappe.has_permission(ISSUE, "report"):
		return {"value": None, "fieldtype": "Percent", "note": ""}
	today = getdate()
	period = {"from_date": str(add_days(today, 1 - DAYS)), "to_date": str(today)}
	_columns, data, *_rest = report.execute(period)
	total = data[-1] if data else {}
	of = total.get(number) or 0
	return {
		"value": total[share] if of else None,
		"fieldtype": "Percent",
		"note": _("Of {0} issues in the last {1} days").format(of, DAYS),
		"report": name,
		"filters": period,
	}
