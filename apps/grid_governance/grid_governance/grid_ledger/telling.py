"""What requests of residents about their data mean to those who are told of them: see `grid_matters`."""

import frappe
from frappe.model.document import Document

from grid_governance.grid_ledger.rules.requests import OPEN
from grid_governance.grid_structure.telling import Source

REQUEST = "Personal Data Request"


def acting_roles(doc: Document) -> set[str] | None:
	"""Return the roles whose holders answer the open request *doc*."""
	if doc.doctype != REQUEST:
		return None
	return answering() if doc.status == OPEN else set()


def is_urgent(doc: Document) -> bool | None:
	"""Say that a request has two weeks: it is told with the digest."""
	return False if doc.doctype == REQUEST else None


def opens(doc: Document) -> tuple[str, str] | None:
	"""Return nothing: a message about a request opens the request."""
	return None


def sources() -> list[Source]:
	"""Return what is looked through for rows that are due or late: open requests."""
	return [Source(REQUEST, "due_by", {OPEN: frozenset(answering())}, state="status")]


def answering() -> set[str]:
	"""Return the roles that may write requests: their holders answer them."""
	return {rule.role for rule in frappe.get_meta(REQUEST).permissions if rule.write and not rule.permlevel}
