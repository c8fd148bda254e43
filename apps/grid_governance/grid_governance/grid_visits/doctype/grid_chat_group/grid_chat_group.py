import frappe
from frappe.model.document import Document

from grid_governance import scope


class GridChatGroup(Document):
	"""A chat group of a grid, such as one of WeChat. What is said in it is not kept."""


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	scope.index_path("Grid Chat Group", "modified")
	# The groups of a grid.
	frappe.db.add_index("Grid Chat Group", ["grid", "active"])
