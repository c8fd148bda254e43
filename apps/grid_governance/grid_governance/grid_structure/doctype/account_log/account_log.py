import frappe
from frappe import _

from grid_governance import scope
from grid_governance.grid_structure.append_only import AppendOnly, AppendOnlyError


class AccountLogFixedError(AppendOnlyError):
	"""A line of the log of accounts is to be written by hand, changed, renamed or deleted."""


class AccountLog(AppendOnly):
	"""What happened to a worker's account, when and by whom; written by `actions.accounts` alone, in bulk."""

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
