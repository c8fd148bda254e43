"""A household on one page: who lives there, who is responsible, what is due, what is open."""

from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import flt, getdate

from grid_governance import scope
from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.rules import ages, households, minors
from grid_governance.grid_structure.queries.cards import people_in
from grid_governance.grid_structure.rules import VILLAGE, paths_above, position
from grid_governance.setup import seeds

MATTERS = "grid_household_matters"
"""Hook key: functions (household document) -> rows of what is open about it, each with `doctype`, `name`, `title`,
`state` and `due` (a date or None); each room gives its own, inside the reader's scope."""
CARD = "print_format/household-card"
"""The seed of the sheet on which a household is printed."""


@frappe.whitelist()
def page(household: str) -> dict[str, Any]:
	"""Return what the page of *household* shows its reader. Raises PermissionError for one she may not read.

	`grid_name`; `members` as `members` gives them; `responsible`: post, worker_name, phone of those who serve the grid,
	nearest first; `last_visit_on`, `next_visit_due` and `days_late` (of the next visit, 0 for none); `located`: whether
	it has a point on the map; `matters`: rows of the rooms; `may`: what the reader may do there, `write`, `print`, and
	enter for its people, by DocType; `card`: the print format of its card.
	"""
	doc = frappe.get_doc(HOUSEHOLD, household)
	doc.check_permission("read")
	due = doc.next_visit_due and getdate(doc.next_visit_due)
	return {
		"grid_name": frappe.db.get_value("Grid", doc.grid, "grid_name"),
		"members": members(doc.name),
		"responsible": responsible(doc),
		"last_visit_on": doc.last_visit_on,
		"next_visit_due": due,
		"days_late": max((getdate() - due).days, 0) if due else 0,
		"located": bool(flt(doc.latitude) and flt(doc.longitude)),
		"matters": _matters(doc),
		"may": _may(doc),
		"card": seeds.name_of(CARD),
	}


def _may(doc: Document) -> dict[str, bool]:
	"""What the reader may do about *doc*: nothing but print it once it is dissolved."""
	active = doc.status == "Active"
	entered = {
		doctype: active and scope.covers(doc.grid_path, frappe.session.user, doctype, "create")
		for doctype in (RESIDENT, CONTACT, CARE, IDENTITY)
	}
	return {
		**entered,
		"write": bool(active and frappe.has_permission(HOUSEHOLD, "write", doc=doc)),
		"print": bool(frappe.has_permission(HOUSEHOLD, "print", doc=doc)),
	}


def members(household: str) -> list[frappe._dict]:
	"""Return the people of *household* whom the session's user reads, the head first, those who are gone last.

	Each with name, resident_name, relation_to_head, sex, age (None where the birth is unknown), status, is_minor,
	`guardian` (her name); `care`: category and colour of what holds today and the reader may know of; `phone`: the one
	to call first, of whom, for who may read contacts; `identity`: name, id_number_masked and verified_on, for who may read identities.
	The number of statements does not depend on how many there are.
	"""
	rows = frappe.get_list(
		RESIDENT,
		filters={"household": household, "merged_into": ["is", "not set"]},
		fields=["name", "resident_name", "relation_to_head", "birth_date", "sex", "status", "guardian"],
		order_by="creation asc",
		limit_page_length=0,
	)
	care, phones, papers = _care(household), _phones(household), _identities(household)
	called = _called({row.guardian for row in rows if row.guardian})
	for row in rows:
		born = getdate(row.birth_date) if row.birth_date else None
		row.age = ages.age(born, getdate()) if born else None
		row.is_minor = minors.is_minor(born, getdate())
		row.guardian = called.get(row.guardian)
		del row["birth_date"]
		row.care, row.phone, row.identity = care.get(row.name, []), phones.get(row.name), papers.get(row.name)
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


def _phones(household: str) -> dict[str, frappe._dict]:
	"""The phone to call first, by resident, for who may read contacts: `phone`, `kind`, `of_whom`."""
	if not frappe.has_permission(CONTACT, "read"):
		return {}
	rows = frappe.get_list(
		CONTACT,
		filters={"household": household, "phone": ["is", "set"]},
		fields=["resident", "phone", "kind", "of_whom"],
		order_by="is_main asc, creation desc",  # of several the last one read stays
		limit_page_length=0,
	)
	return {row.pop("resident"): row for row in rows}


def _identities(household: str) -> dict[str, frappe._dict]:
	"""What the reader may know of each resident's number, by resident."""
	if not frappe.has_permission(IDENTITY, "read"):
		return {}
	rows = frappe.get_list(
		IDENTITY,
		filters={"household": household},
		fields=["name", "resident", "id_number_masked", "verified_on"],
		order_by="creation asc",
		limit_page_length=0,
	)
	return {row.pop("resident"): row for row in rows}


def _called(residents: set[str]) -> dict[str, str]:
	"""The names of those of *residents* who lie in the reader's scope."""
	if not residents:
		return {}
	rows = frappe.get_list(
		RESIDENT,
		filters={"name": ["in", sorted(residents)]},
		fields=["name", "resident_name"],
		order_by="name asc",
		limit_page_length=0,
	)
	return {row.name: row.resident_name for row in rows}


def responsible(doc: Document) -> list[frappe._dict]:
	"""Return those who serve the household *doc*, from its own grid up to the village: published on every notice board.

	Each with post, worker_name, phone.
	"""
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
