"""What is open about a household at its door: who is to be visited there, and what was promised."""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType

from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_visits import MUST_VISIT, VISIT, promises

SHOWN = 20
"""Rows of one kind that the page of a household shows."""


def open_matters(household: Document) -> list[dict[str, Any]]:
	"""Return the open must-visits of *household* that the session's user reads, and the promised returns.

	For `grid_household_matters`: rows with `doctype`, `name`, `title`, `state`, `due`; at most `SHOWN` of each.
	"""
	return [*_must(household), *_promised(household)]


def _must(household: Document) -> list[dict[str, Any]]:
	if not frappe.has_permission(MUST_VISIT, "read"):
		return []
	rows = frappe.get_list(
		MUST_VISIT,
		filters={"household": household.name, "done_at": ["is", "not set"]},
		fields=["name", "resident", "due_on"],
		order_by="due_on asc",
		limit_page_length=SHOWN,
	)
	named = dict(
		frappe.get_list(
			RESIDENT,
			filters={"name": ["in", [row.resident for row in rows] or [""]]},
			fields=["name", "resident_name"],
			order_by="name asc",
			as_list=True,
			limit_page_length=SHOWN,
		)
	)
	return [
		{
			"doctype": MUST_VISIT,
			"name": row.name,
			"title": _("Visit {0} in person").format(named[row.resident]),
			"state": "Must Visit",
			"due": f"{row.due_on} 23:59:59",
		}
		for row in rows
		if row.resident in named
	]


def _promised(household: Document) -> list[dict[str, Any]]:
	if not frappe.has_permission(VISIT, "read"):
		return []
	rows = promises.waiting(DocType(HOUSEHOLD).name == household.name, limit=SHOWN)
	return [
		{
			"doctype": VISIT if row.is_read else HOUSEHOLD,
			"name": row.visit if row.is_read else row.household,
			"title": row.return_note or _("Promised to come again"),
			"state": "Promised",
			"due": f"{row.return_on} 23:59:59",
		}
		for row in rows
	]
