import frappe
from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_visits.notices import approval


class Notice(Document):
	"""Something that a township or village lets its households know; its way is the active Workflow's."""

	def before_validate(self) -> None:
		approval.prepare(self)

	def validate(self) -> None:
		approval.check(self)
		approval.apply_step(self)

	def on_update(self) -> None:
		approval.follow(self)

	def on_trash(self) -> None:
		approval.refuse_deletion(self)


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	scope.index_path("Notice", "modified")
	# What has expired, or is being sent.
	frappe.db.add_index("Notice", ["workflow_state", "expires_on"])
