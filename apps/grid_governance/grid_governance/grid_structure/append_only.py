"""Records that are evidence: written with what they tell of, and by nobody changed, renamed or deleted."""

import frappe
from frappe.model.document import Document


class AppendOnlyError(frappe.ValidationError):
	"""A line of a log is to be written by hand, changed, renamed or deleted."""


class AppendOnly(Document):
	"""A log that not even an administrator changes. Those below say in `refuse` why, with their own error."""

	def validate(self) -> None:
		if not (self.is_new() and self.is_written_by_its_room()):
			self.refuse()

	def before_rename(self, old: str, new: str, merge: bool = False) -> None:
		self.refuse()

	def on_trash(self) -> None:
		self.refuse()

	def is_written_by_its_room(self) -> bool:
		"""Say whether this new line comes from the code that keeps the log; saving it is refused if not."""
		return False

	def refuse(self) -> None:
		"""Raise an AppendOnlyError that tells how this log is written."""
		raise NotImplementedError
