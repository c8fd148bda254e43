"""What the ledger says of the visited household is put right."""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.grid_ledger import HOUSEHOLD, visit_effects

KIND = "household"
ENTERED = ("address", "house_type", "residence_state", "in_wechat_group", "group_rep")
"""Fields that the form at the door may correct; the rest is corrected on the household's page."""


def offer(household: Document) -> dict[str, Any] | None:
	"""Return the present `values` and `residence_states`, `house_types`, codes; None for who may not correct it."""
	if not frappe.has_permission(HOUSEHOLD, "write", doc=household):
		return None
	options = {field: household.meta.get_options(field) for field in ("residence_state", "house_type")}
	return {
		"label": _("Correct the Household"),
		"values": {field: household.get(field) for field in ENTERED},
		"residence_states": options["residence_state"].split("\n"),
		"house_types": [code for code in options["house_type"].split("\n") if code],
	}


def apply(visit: Document, wanted: dict[str, Any]) -> dict[str, Any]:
	"""Correct those of `ENTERED` that are sent. Raises NothingToChangeError for none, and what a changed household raises."""
	values = {field: wanted[field] for field in ENTERED if field in wanted}
	if not values:
		frappe.throw(_("Enter what is to be corrected."), visit_effects.NothingToChangeError)
	if values.get("group_rep"):
		values["in_wechat_group"] = 1
	doc = frappe.get_doc(HOUSEHOLD, visit.household)
	doc.update(values)
	doc.save()
	labels = "、".join(_(doc.meta.get_label(field)) for field in ENTERED if field in wanted)
	return visit_effects.done(_("Corrected: {0}").format(labels), HOUSEHOLD, doc.name)
