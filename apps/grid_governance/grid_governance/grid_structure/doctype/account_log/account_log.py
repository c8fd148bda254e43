import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance import scope


class AccountLogFixedError(frappe.ValidationError):
	"""A line of the log is to be written by hand, changed, renamed or deleted."""


class AccountLog(Document):
	"""What happened to a worker's account, when and by whom; written by `actions.accounts` alone."""

	def validate(self) -> None:
		self.refuse()

	def before_rename(self, old: str, new: str, merge: bool = False) -> None:
		self.refuse()

	def on_trash(self) -> None:
		self.refuse()

	def refuse(self) -> None:
		"""The log is evidence: nobody changes it, not even an administrator."""
		frappe.throw(
			_("The log of accounts is written with each change of an account and cannot be changed."),
			AccountLogFixedError,
		)


def on_doctype_update() -> None:
	"""Lists in scope, newest first; the last event of one account; the accounts of a batch."""
	scope.index_path("Account Log", "at")
	frappe.db.add_index("Account Log", ["user", "at"])
