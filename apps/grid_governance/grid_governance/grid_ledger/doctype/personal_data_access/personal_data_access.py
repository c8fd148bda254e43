import frappe
from frappe import _

from grid_governance import scope
from grid_governance.grid_ledger.queries import accesses
from grid_governance.grid_structure.append_only import AppendOnly, AppendOnlyError


class PersonalDataAccessFixedError(AppendOnlyError):
	"""A line of the access log is to be written by hand, changed, renamed or deleted."""


class PersonalDataAccess(AppendOnly):
	"""Who did what with whose data, when and why."""

	def is_written_by_its_room(self) -> bool:
		"""Say whether this line comes with the access it tells of."""
		return bool(self.flags.by_room)

	def refuse(self) -> None:
		"""The log of accesses is evidence."""
		frappe.throw(
			_("The log of accesses to personal data is written with each access and cannot be changed."),
			PersonalDataAccessFixedError,
		)


def on_doctype_update() -> None:
	"""Lists in scope by time; what one user did."""
	scope.index_path("Personal Data Access", "at")
	frappe.db.add_index("Personal Data Access", ["user", "at"])
	accesses.index()
