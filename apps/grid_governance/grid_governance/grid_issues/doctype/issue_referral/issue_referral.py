import frappe
from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_issues import answers


class IssueReferral(Document):
	"""What one department is asked about an issue, and its answer; made and moved by steps alone."""

	def validate(self) -> None:
		answers.validate(self)

	def on_update(self) -> None:
		answers.after_step(self)

	def on_trash(self) -> None:
		answers.refuse_deletion(self)


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	# The list as shipped, in the scope of grids.
	scope.index_path("Issue Referral", "modified")
	# The list of a department's officers, and the issues and grids they see through it.
	frappe.db.add_index("Issue Referral", ["department", "modified"])
	frappe.db.add_index("Issue Referral", ["department", "issue"])
	frappe.db.add_index("Issue Referral", ["department", "grid"])
	# What was asked about one issue, by round.
	frappe.db.add_index("Issue Referral", ["issue", "round"])
