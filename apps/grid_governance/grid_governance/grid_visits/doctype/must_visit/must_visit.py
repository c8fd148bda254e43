import frappe
from frappe.model.document import Document

from grid_governance import scope


class MustVisit(Document):
	"""A person who is to be visited until a day; one open row for each."""


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	scope.index_path("Must Visit", "modified")
	# One for a person and a day.
	frappe.db.add_unique("Must Visit", ["resident", "due_on"], constraint_name="once_for_day")
	# What is due, done and late by node.
	scope.index_report("Must Visit", "due_in_scope", "due_on", "done_at")
