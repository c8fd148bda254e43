"""The household that an issue concerns: where it lies, who may name it, and what is open about one.

An issue lies where its household lay when it was named. A household that moves later leaves its issues where they
were: they happened there, and whoever handles them stays the same.
"""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.grid_issues import ISSUE, markers
from grid_governance.grid_ledger import HOUSEHOLD
from grid_governance.scope.doors.core import hidden_fields

SHOWN = 50
"""Open issues of one household that its page shows."""


class IssueHouseholdError(frappe.ValidationError):
	"""An issue lies in another grid than the household that it is said to concern."""


def check(doc: Document) -> None:
	"""Refuse a household that the session's user may not read, and one that lies in another grid than the issue.

	Asked when either is entered. Raises PermissionError in words that tell nothing of the household, IssueHouseholdError.
	"""
	if not doc.household or not (doc.has_value_changed("household") or doc.has_value_changed("grid")):
		return
	if doc.has_value_changed("household") and not frappe.has_permission(HOUSEHOLD, "read", doc=doc.household):
		frappe.throw(
			_("The household is none of yours. Choose one in your grids, or leave it empty."),
			frappe.PermissionError,
		)
	if frappe.db.get_value(HOUSEHOLD, doc.household, "grid") != doc.grid:
		frappe.throw(
			_(
				"The household concerned lies in another grid than the issue. Choose the household's grid, or leave the household empty."
			),
			IssueHouseholdError,
		)


def open_matters(household: Document) -> list[dict[str, Any]]:
	"""Return the issues about *household* that have not ended, of those that the session's user reads, the most urgent first.

	For `grid_household_matters`: rows with `doctype`, `name`, `title`, `state`, `due`; at most `SHOWN`.
	"""
	if not frappe.has_permission(ISSUE, "read") or "household" in hidden_fields(ISSUE):
		return []
	rows = frappe.get_list(
		ISSUE,
		filters={"household": household.name, "workflow_state": ["not in", markers.ended_states() or [""]]},
		fields=["name", "title", "workflow_state as state", "due_by as due"],
		order_by="due_by asc",
		limit_page_length=SHOWN,
	)
	return [{"doctype": ISSUE, **row} for row in rows]
