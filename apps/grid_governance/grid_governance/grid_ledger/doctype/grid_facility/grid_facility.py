from frappe.model.document import Document

from grid_governance import scope


class GridFacility(Document):
	"""A thing of a grid: a street lamp, a fire point (物). Of a camera its condition, never its pictures."""


def on_doctype_update() -> None:
	"""Lists in scope, newest change first."""
	scope.index_path("Grid Facility", "modified")
