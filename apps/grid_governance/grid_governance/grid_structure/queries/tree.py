"""What is read of the grid tree."""

from collections.abc import Collection, Iterable

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import sbool

from grid_governance import scope
from grid_governance.grid_structure import rules


def level(name: str) -> Document:
	"""Return the Grid Level *name*, from the cache."""
	return frappe.get_cached_doc("Grid Level", name)


def nodes(names: Iterable[str]) -> dict[str, frappe._dict]:
	"""Return those of the grids *names* that exist, by name, with what a child needs to know of its parent."""
	found = frappe.get_all(
		"Grid",
		filters={"name": ["in", sorted(names)]},
		fields=["name", "grid_name", "grid_level", "grid_path", "grid_code", "division_code"],
		order_by="grid_path asc",
		limit_page_length=0,
	)
	return {grid.name: grid for grid in found}


def grid_at(path: str) -> Document:
	"""Return the grid whose path is *path*. Raises DoesNotExistError."""
	return frappe.get_doc("Grid", {"grid_path": path})


def codes_in_use(codes: Collection[str]) -> set[str]:
	"""Return those of *codes* that some grid has."""
	return set(
		frappe.get_all(
			"Grid",
			filters={"grid_code": ["in", [*codes]]},
			pluck="grid_code",
			order_by="grid_code asc",
			limit_page_length=0,
		)
	)


def doctypes_with_path() -> list[str]:
	"""Return every DocType with a stamped `grid_path`, those made on the screen included."""
	stamped = {"filters": {"fieldname": "grid_path"}, "order_by": "name asc", "limit_page_length": 0}
	return sorted(
		{
			*frappe.get_all("DocField", pluck="parent", **stamped),
			*frappe.get_all("Custom Field", pluck="dt", **stamped),
		}
	)


def names_above(paths: Iterable[str]) -> dict[str, list[str]]:
	"""Return for each of *paths* what the grids above it are called, from the top down.

	Past all permissions: whoever may see a grid may know in which village and township it lies.
	"""
	above = {path: rules.paths_above(path) for path in paths}
	found = frappe.get_all(
		"Grid",
		filters={"grid_path": ["in", sorted({each for some in above.values() for each in some}) or [""]]},
		fields=["grid_path", "grid_name"],
		order_by="grid_path asc",
		limit_page_length=0,
	)
	names = {grid.grid_path: grid.grid_name for grid in found}
	return {path: [names[each] for each in some if each in names] for path, some in above.items()}


@frappe.whitelist()
def tree_nodes(doctype: str, parent: str = "", is_root: bool | str = False) -> list[dict[str, object]]:
	"""Return the children of *parent* for the tree view, inside the reader's scope, in the order of their paths.

	At the root stand the highest nodes the reader may see, whatever lies above them: a village secretary's tree
	starts at her village. Rows: `value` (name), `title`, `expandable`, `grid_level`, `grid_code`; at the root `above`
	too, the names of what lies above, from the top down.
	"""
	frappe.has_permission("Grid", "read", throw=True)
	grid, above = DocType("Grid"), DocType("Grid").as_("above")
	query = (
		frappe.qb.from_(grid)
		.select(grid.name.as_("value"), grid.grid_name.as_("title"), grid.is_group.as_("expandable"))
		.select(grid.grid_level, grid.grid_code)
		.where(scope.criterion("Grid"))
		.orderby(grid.grid_path)
	)
	if not sbool(is_root):
		return query.where(grid.parent_grid == parent).run(as_dict=True)
	visible = frappe.qb.from_(above).select(above.name).where(scope.criterion("Grid", table=above))
	roots = (
		query.select(grid.grid_path)
		.where(grid.parent_grid.isnull() | (grid.parent_grid == "") | grid.parent_grid.notin(visible))
		.run(as_dict=True)
	)
	names = names_above([root.grid_path for root in roots])
	for root in roots:
		root.above = names[root.pop("grid_path")]
	return roots
