from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_structure import actions

COMPUTED = ("status", "total", "made", "slips", "problems", "error")
"""What only the job that makes the accounts sets; what a client sends for them is not taken."""


class AccountBatch(Document):
	"""Accounts for everyone with a post in a grid or below: first looked through, then made by a job."""

	def validate(self) -> None:
		if self.flags.by_job:
			return
		stored = self.get_doc_before_save()
		for fieldname in COMPUTED:
			self.set(fieldname, stored.get(fieldname) if stored else None)
		self.status = self.status or "Waiting"
		if self.status == "Waiting":
			actions.survey(self)


def on_doctype_update() -> None:
	"""Lists in scope, newest first."""
	scope.index_path("Account Batch", "creation")
