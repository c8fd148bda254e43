from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_ledger.actions import organizations


class GridOrganization(Document):
	"""An organisation of a grid: a party branch, a cooperative, a school (组织)."""

	def validate(self) -> None:
		organizations.check(self)


def on_doctype_update() -> None:
	"""Lists in scope, newest change first."""
	scope.index_path("Grid Organization", "modified")
