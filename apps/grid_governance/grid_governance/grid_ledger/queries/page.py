"""A household on one page: who lives there, who is responsible, what is due, what is open."""

from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import getdate

from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.rules import ages, households
from grid_governance.grid_structure.queries.cards import people_in
from grid_governance.grid_structure.rules import VILLAGE, paths_above, position

MATTERS = "grid_household_matters"
"""Hook key: functions (household document) -> rows of what is open about it, each with `doctype`, `name`, `title`,
`state` and `due` (a date or None); each room gives its own, inside the reader's scope."""


@frappe.whitelist()
def page(household: str) -> dict[str, Any]:
	"""Return what the page of *household* shows its reader. Raises PermissionError for one she may not read.

	`members`: name, resident_name, relation, age, sex, status, `care` (the categories that she may know of, with
	colour), `phone` (where she may read contacts); the head first, those who are gone last. `responsible`: post,
	worker_name, phone of those who serve the grid, nearest first. `last_visit_on`, `next_visit_due`. `matters`: rows of
	the rooms. `may_write`.
	"""
	doc = frappe.get_doc(HOUSEHOLD, household)
	doc.check_permission("read")
	return {
		"members": _members(doc.name),
		"responsible": _responsible(doc),
		"last_visit_on": doc.last_visit_on,
		"next_visit_due": doc.next_visit_due,
		"matters": _matters(doc),
		"may_write": doc.status == "Active" and doc.has_permission("write"),
	}


def _members(household: str) -> list[frappe._dict]:
	rows = frappe.get_list(
		RESIDENT,
		filters={"household": household, "merged_into": ["is", "not set"]},
		fields=["name", "resident_name", "relation_to_head", "birth_date", "sex", "status"],
		order_by="creation asc",
		limit_page_length=0,
	)
	care, phones = _care(household), _phones(household)
	for row in rows:
		born = row.pop("birth_date")
		row.age = ages.age(getdate(born), getdate()) if born else None
		row.care, row.phone = care.get(row.name, []), phones.get(row.name)
	order = {relation: at for at, relation in enumerate(households.RELATIONS)}
	return sorted(
		rows, key=lambda row: (row.status in households.GONE, order.get(row.relation_to_head, len(order)))
	)


def _care(household: str) -> dict[str, list[dict[str, str]]]:
	"""The categories that hold today, by resident; the scope leaves out what the reader may not know."""
	if not frappe.has_permission(CARE, "read"):
		return {}
	found: dict[str, list[dict[str, str]]] = {}
	for row in frappe.get_list(
		CARE,
		filters={"household": household},
		or_filters=[["until", "is", "not set"], ["until", ">=", getdate()]],
		fields=["resident", "category"],
		order_by="since asc",
		limit_page_length=0,
	):
		color = frappe.get_cached_value("Care Category", row.category, "color")
		found.setdefault(row.resident, []).append({"category": row.category, "color": color})
	return found


def _phones(household: str) -> dict[str, str]:
	"""The phone to call first, by resident, for who may read contacts."""
	if not frappe.has_permission(CONTACT, "read"):
		return {}
	rows = frappe.get_list(
		CONTACT,
		filters={"household": household, "phone": ["is", "set"]},
		fields=["resident", "phone"],
		order_by="is_main asc, creation desc",  # of several the last one read stays
		limit_page_length=0,
	)
	return {row.resident: row.phone for row in rows}


def _responsible(doc: Document) -> list[frappe._dict]:
	"""Those who serve the household, from its own grid up to the village: published on every notice board."""
	paths = [
		doc.grid_path,
		*reversed([path for path in paths_above(doc.grid_path) if position(path) >= VILLAGE]),
	]
	grids = dict(
		frappe.get_all(
			"Grid",
			filters={"grid_path": ["in", paths]},
			fields=["grid_path", "name"],
			order_by="grid_path asc",
			as_list=True,
		)
	)
	serving = people_in(list(grids.values()))
	return [person for path in paths if path in grids for person in serving[grids[path]]]


def _matters(doc: Document) -> list[dict[str, Any]]:
	rooms = (frappe.get_attr(room) for room in frappe.get_hooks(MATTERS))
	return [row for room in rooms for row in room(doc)]
