import frappe
from frappe.model.document import Document

from grid_governance import scope


class Notice(Document):
	"""Something that a township or village lets its households know."""


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	scope.index_path("Notice", "modified")
	# What has expired, or waits at doors.
	frappe.db.add_index("Notice", ["workflow_state", "expires_on"])
