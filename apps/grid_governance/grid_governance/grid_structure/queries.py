"""What is read of the grid tree and the posts in it."""

from collections.abc import Iterable
from datetime import date

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import add_days, getdate, sbool

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


def doctypes_with_path() -> list[str]:
	"""Return every DocType with a stamped `grid_path`, those made on the screen included."""
	stamped = {"filters": {"fieldname": "grid_path"}, "order_by": "name asc", "limit_page_length": 0}
	return sorted(
		{
			*frappe.get_all("DocField", pluck="parent", **stamped),
			*frappe.get_all("Custom Field", pluck="dt", **stamped),
		}
	)


def current_roles(user: str) -> set[str]:
	"""Return the roles of the posts that *user* holds today."""
	held = frappe.get_all(
		"Grid Post Assignment",
		filters={"user": user},
		fields=["role", "from_date", "to_date"],
		order_by="name asc",
		limit_page_length=0,
	)
	return {post.role for post in held if rules.is_current(post.from_date, post.to_date, getdate())}


def holders(post: str, grid: str) -> list[frappe._dict]:
	"""Return all assignments of *post* in *grid*, past and future ones included, earliest first."""
	return frappe.get_all(
		"Grid Post Assignment",
		filters={"post": post, "grid": grid},
		fields=["name", "worker_name", "from_date", "to_date"],
		order_by="from_date asc",
		limit_page_length=0,
	)


def post_roles() -> set[str]:
	"""Return all roles that some post gives."""
	return set(frappe.get_all("Grid Post", pluck="role", order_by="name asc", limit_page_length=0))


def users_changing_on(day: date) -> list[str]:
	"""Return the users one of whose posts begins on *day* or ended the day before."""
	changing = [["from_date", "=", day], ["to_date", "=", add_days(day, -1)]]
	users = {
		user
		for condition in changing
		for user in frappe.get_all(
			"Grid Post Assignment",
			filters=[condition, ["user", "is", "set"]],
			pluck="user",
			order_by="user asc",
			limit_page_length=0,
		)
	}
	return sorted(users)


@frappe.whitelist()
def tree_nodes(doctype: str, parent: str = "", is_root: bool | str = False) -> list[dict[str, object]]:
	"""Return the children of *parent* for the tree view, inside the reader's scope, in the order of their paths.

	At the root stand the highest nodes the reader may see, whatever lies above them: a village secretary's tree
	starts at her village. Rows: `value` (name), `title`, `expandable`, `grid_level`, `grid_code`.
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
	return query.where(grid.parent_grid.isnull() | grid.parent_grid.notin(visible)).run(as_dict=True)
