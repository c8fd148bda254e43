import frappe
from frappe import _

from grid_governance import scope
from grid_governance.grid_structure.append_only import AppendOnly, AppendOnlyError


class HouseholdChangeFixedError(AppendOnlyError):
	"""A line of a household's history is to be written by hand, changed, renamed or deleted."""


class HouseholdChange(AppendOnly):
	"""What became of a household: moved, split, merged, another head, dissolved. Written with the change."""

	def is_written_by_its_room(self) -> bool:
		"""Say whether this line comes with the change it tells of."""
		return bool(self.flags.by_room)

	def refuse(self) -> None:
		"""The history of households is evidence."""
		frappe.throw(
			_("The history of a household is written with each change and cannot be changed."),
			HouseholdChangeFixedError,
		)


def on_doctype_update() -> None:
	"""Lists in scope by time."""
	scope.index_path("Household Change", "at")
