"""Keeps the stamped grid path right and refuses to write outside the writer's scope."""

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.scope.queries import covers


class OutOfScopeError(frappe.PermissionError):
	"""A row was to be put into a grid in which the user has no right to write it."""


class GridClosedError(frappe.ValidationError):
	"""A row was to be put into a grid that is closed."""


def stamp(doc: Document, method: str | None = None) -> None:
	"""Set `grid_path` from `grid`, and refuse a grid outside the scope of the user who saves.

	Frappe asks for permission before anything is stamped, so the grid that is really written is judged
	here once more. An empty grid is left to the mandatory check.
	"""
	if not doc.grid:
		return
	grid = frappe.db.get_value("Grid", doc.grid, ["grid_path", "grid_name", "status"], as_dict=True)
	doc.grid_path = grid.grid_path if grid else ""
	if not grid or not doc.has_value_changed("grid"):
		return
	if grid.status == "Closed":
		frappe.throw(
			_("{0} is closed. Choose the grid that has taken over from it.").format(grid.grid_name),
			GridClosedError,
		)
	if doc.flags.ignore_permissions:
		return
	if not covers(doc.grid_path, frappe.session.user, doc.doctype, "create" if doc.is_new() else "write"):
		frappe.throw(
			_("{0} lies outside the grids you work in. Choose one of your own grids.").format(doc.grid),
			OutOfScopeError,
		)
