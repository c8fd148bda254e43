import frappe
from frappe.model.document import Document

from grid_governance import scope


class NoticeDelivery(Document):
	"""A notice on its way to one household or person."""


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	scope.index_path("Notice Delivery", "modified")
	# A household, or a person of it, once for a notice.
	frappe.db.add_unique("Notice Delivery", ["notice", "household", "resident"], constraint_name="once_for_notice")
	# Reach by node, and who is not reached.
	scope.index_report("Notice Delivery", "reach", "notice", "grid_path", "state")
	# What is told at a door, in one grid.
	frappe.db.add_index("Notice Delivery", ["grid", "state", "doorstep_at"])
	# Confirmed by a code.
	frappe.db.add_unique("Notice Delivery", ["code_hash"], constraint_name="code")
