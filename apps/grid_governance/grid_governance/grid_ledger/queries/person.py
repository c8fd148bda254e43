"""What is known of one person, for the top of her form: how she is reached, what she needs, what became of her."""

from typing import Any

import frappe
from frappe.utils import getdate

from grid_governance import scope
from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.queries.history import of_person
from grid_governance.grid_ledger.rules import households

CONTACT_FIELDS = ("name", "kind", "phone", "wechat", "of_whom", "is_main", "note")
CARE_FIELDS = ("name", "category", "since", "until", "source", "note")
IDENTITY_FIELDS = ("name", "id_type", "id_number_masked", "verified_on")


@frappe.whitelist()
def person(resident: str) -> dict[str, Any]:
	"""Return what hangs on *resident* as far as the session's user may read it. Raises PermissionError outside her scope.

	`household_title`, `grid_name`; `contacts`, the first to call first; `care`: what holds, the latest first, and
	`past_care`; each with the `color` of its category; `identity`: id_type, id_number_masked, verified_on, None where there is none
	or the reader may not know; `history` as `history.of_person` gives it; `may`: what the reader may enter for her, by DocType.
	"""
	doc = frappe.get_doc(RESIDENT, resident)
	doc.check_permission("read")
	care = _of(CARE, resident, CARE_FIELDS, "since desc, creation desc")
	for row in care:
		row.color = frappe.get_cached_value("Care Category", row.category, "color")
	holding = [row for row in care if not row.until or getdate(row.until) >= getdate()]
	here = doc.status not in households.GONE and not doc.merged_into
	entered = {
		doctype: here and scope.covers(doc.grid_path, frappe.session.user, doctype, "create")
		for doctype in (CONTACT, CARE, IDENTITY)
	}
	return {
		"household_title": frappe.db.get_value(HOUSEHOLD, doc.household, "title"),
		"grid_name": frappe.db.get_value("Grid", doc.grid, "grid_name"),
		"contacts": _of(CONTACT, resident, CONTACT_FIELDS, "is_main desc, creation asc"),
		"care": holding,
		"past_care": [row for row in care if row not in holding],
		"identity": next(iter(_of(IDENTITY, resident, IDENTITY_FIELDS, "creation desc")), None),
		"history": of_person(resident),
		"may": {**entered, "write": bool(here and frappe.has_permission(RESIDENT, "write", doc=doc))},
	}


def _of(doctype: str, resident: str, fields: tuple[str, ...], order_by: str) -> list[frappe._dict]:
	"""The rows of *doctype* that hang on *resident*, none for who may not read that DocType."""
	if not frappe.has_permission(doctype, "read"):
		return []
	return frappe.get_list(
		doctype, filters={"resident": resident}, fields=list(fields), order_by=order_by, limit_page_length=0
	)
