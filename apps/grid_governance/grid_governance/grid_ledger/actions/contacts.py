"""Phones and chat names of residents."""

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.grid_ledger import CONTACT, RESIDENT
from grid_governance.grid_ledger.actions import residents
from grid_governance.grid_structure.rules import mobile_number


class ContactEmptyError(frappe.ValidationError):
	"""A contact has neither a phone nor a chat name."""


def prepare(doc: Document) -> None:
	"""Write a mobile number as eleven digits, and take over where the resident lives."""
	if doc.is_new():
		residents.refuse_merged(doc.resident)
	doc.phone = mobile_number(doc.phone) or (doc.phone or "").strip()
	place = frappe.db.get_value(RESIDENT, doc.resident, ["household", "grid"], as_dict=True) or frappe._dict()
	doc.household, doc.grid = place.household, place.grid


def check(doc: Document) -> None:
	"""Refuse a contact by which nobody is reached; of several that are first to call, the last one entered is."""
	if not (doc.phone or (doc.wechat or "").strip()):
		frappe.throw(_("Enter a phone or a chat name."), ContactEmptyError)
	if doc.is_main:
		frappe.db.set_value(CONTACT, {"resident": doc.resident, "name": ["!=", doc.name]}, "is_main", 0)
