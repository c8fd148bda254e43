"""Somebody lives in the visited household who was not in the ledger."""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.grid_ledger import RESIDENT, visit_effects
from grid_governance.grid_ledger.rules import households

KIND = "newcomer"
ENTERED = (
	*("resident_name", "relation_to_head", "sex", "birth_date"),
	*("population_type", "inflow_reason", "residence_kind", "registered_division"),
)
"""Fields that the form at the door may fill; the rest is entered on the person's page."""


def offer(household: Document) -> dict[str, Any] | None:
	"""Return `relations`, `sexes` and `population_types`, codes to choose from; None for who may add nobody here."""
	if not visit_effects.may(household, RESIDENT):
		return None
	meta = frappe.get_meta(RESIDENT)
	return {
		"label": _("Somebody New"),
		"relations": list(households.RELATIONS),
		"sexes": [code for code in meta.get_options("sex").split("\n") if code],
		"population_types": meta.get_options("population_type").split("\n"),
	}


def apply(visit: Document, wanted: dict[str, Any]) -> dict[str, Any]:
	"""Add the person of whom `ENTERED` tells to the visited household. Raises what a new resident raises."""
	values = {field: wanted[field] for field in ENTERED if wanted.get(field)}
	doc = frappe.get_doc(doctype=RESIDENT, household=visit.household, **values).insert()
	return visit_effects.done(_("New: {0}").format(doc.resident_name), RESIDENT, doc.name)
