import frappe
from frappe import _

from grid_governance import scope
from grid_governance.grid_structure.append_only import AppendOnly, AppendOnlyError


class LogIsAppendOnlyError(AppendOnlyError):
	"""A line of the log is to be written by hand, changed, renamed or deleted."""


class IssueLog(AppendOnly):
	"""One step of an issue: when, who, from which state to which, by which action and with what words.

	A line without another state tells of a correction (`changed` says of what), or of words: a reminder, an urging.
	"""

	def is_written_by_its_room(self) -> bool:
		"""The workflow's steps and corrections write it."""
		return bool(self.flags.by_workflow)

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
