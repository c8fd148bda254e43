import frappe
from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_issues import extensions


class IssueExtension(Document):
	"""A request for more time on an issue, and what was decided one level up."""

	def validate(self) -> None:
		extensions.refuse_by_hand(self)

	def on_trash(self) -> None:
		extensions.refuse_deletion(self)


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	# The list as shipped, in any scope.
	scope.index_path("Issue Extension", "modified")
	# What was asked for on one issue.
	frappe.db.add_index("Issue Extension", ["issue", "decision"])
