import frappe
from frappe import _

from grid_governance import scope
from grid_governance.grid_structure.append_only import AppendOnly, AppendOnlyError


class ResidentComparisonFixedError(AppendOnlyError):
	"""A verdict on two people is to be written by hand, changed, renamed or deleted."""


class ResidentComparison(AppendOnly):
	"""What somebody said of two rows that looked alike: merged, and which values were given up, or different people."""

	def is_written_by_its_room(self) -> bool:
		"""Say whether this line comes with the merge or the verdict it tells of."""
		return bool(self.flags.by_room)

	def refuse(self) -> None:
		"""What became of two people's rows is evidence."""
		frappe.throw(
			_("What was said of two people is written with each comparison and cannot be changed."),
			ResidentComparisonFixedError,
		)


def on_doctype_update() -> None:
	"""Lists in scope by time."""
	scope.index_path("Resident Comparison", "at")
