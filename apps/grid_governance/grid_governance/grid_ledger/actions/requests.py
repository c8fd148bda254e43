"""Requests of residents about their own data: see, correct, delete; each answered by its day (PIPL Art. 44 to 50)."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_days, getdate

from grid_governance.grid_ledger import RESIDENT

OPEN, ANSWERED, REFUSED = "Open", "Answered", "Refused"


class RequestDayError(frappe.ValidationError):
	"""A request was received after today."""


def prepare(doc: Document) -> None:
	"""Take over where the resident lives, and set by when the request is to be answered."""
	doc.grid = frappe.db.get_value(RESIDENT, doc.resident, "grid")
	if doc.is_new() or doc.has_value_changed("received_on"):
		days = frappe.db.get_single_value("Governance Settings", "data_request_days")
		doc.due_by = add_days(doc.received_on, days)


def check(doc: Document) -> None:
	"""Refuse a day of receipt that lies ahead."""
	if getdate(doc.received_on) > getdate():
		frappe.throw(_("The day of receipt lies ahead. Correct it."), RequestDayError)
