from frappe.model.document import Document

from grid_governance import scope


class GridPlace(Document):
	"""A place of a grid: a shop, a school, a gate, a piece of land (地)."""


def on_doctype_update() -> None:
	"""Lists in scope, newest change first."""
	scope.index_path("Grid Place", "modified")
