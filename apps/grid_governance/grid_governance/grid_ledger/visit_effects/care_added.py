"""Somebody of the visited household is taken into care; whoever was there has seen it."""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.grid_ledger import CARE, IDENTITY, visit_effects
from grid_governance.grid_ledger.actions.consents import CONSENT

KIND = "care_added"


def offer(household: Document) -> dict[str, Any] | None:
	"""Return `categories` that the reader may enter: name, label, needs_consent, for_minor; None for who may enter none."""
	if not visit_effects.may(household, CARE):
		return None
	plain = {} if visit_effects.may(household, IDENTITY) else {"is_sensitive": 0}
	rows = frappe.get_all(
		"Care Category",
		filters=plain,
		fields=["name", "legal_basis", "for_minor"],
		order_by="creation asc",
		limit_page_length=0,
	)
	return {
		"label": _("Take into Care"),
		"categories": [
			{
				"name": row.name,
				"label": _(row.name),
				"needs_consent": row.legal_basis == CONSENT,
				"for_minor": row.for_minor,
			}
			for row in rows
		],
	}


def apply(visit: Document, wanted: dict[str, Any]) -> dict[str, Any]:
	"""Take `resident` into `category` since the day of the visit, with a `note` and, where it rests on one, the consent.

	Raises NotOfTheHouseholdError and what a new row of care raises. What is noted on the visit names no category, and of a
	sensitive one not even the person: more people read visits than may know of those.
	"""
	name = visit_effects.member(visit, wanted.get("resident"))
	doc = frappe.get_doc(
		doctype=CARE,
		resident=wanted["resident"],
		category=wanted.get("category"),
		since=visit_effects.day_of(visit, wanted),
		note=str(wanted.get("note") or "").strip(),
		consent_on=wanted.get("consent_on"),
		consent_given_by=wanted.get("consent_given_by"),
		verified_by=frappe.session.user,
	).insert()
	if doc.is_sensitive:
		return visit_effects.done(_("Ledger brought up to date"))
	return visit_effects.done(_("Taken into care: {0}").format(name), CARE, doc.name)
