import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance import scope


class LogIsAppendOnlyError(frappe.ValidationError):
	"""A line of the log is to be written by hand, changed, renamed or deleted."""


class IssueLog(Document):
	"""One step of an issue: when, who, from which state to which, by which action and with what words.

	A line without another state tells of a correction: `changed` says of what.
	"""

	def validate(self) -> None:
		if not self.is_new() or not self.flags.by_workflow:
			self.refuse()

	def before_rename(self, old: str, new: str, merge: bool = False) -> None:
		self.refuse()

	def on_trash(self) -> None:
		self.refuse()

	def refuse(self) -> None:
		"""The log is evidence: nobody changes it, not even an administrator."""
		frappe.throw(
			_("The log of {0} is written by the workflow alone and cannot be changed.").format(self.issue),
			LogIsAppendOnlyError,
		)


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	# The list as shipped: newest step first, in any scope. The form's own list uses the index on `issue`.
	scope.index_path("Issue Log", "at")
