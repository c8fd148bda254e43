"""What is read of the posts in the tree."""

import frappe
from frappe.utils import getdate

from grid_governance.grid_structure import rules


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


def posts_in(grid: str) -> list[frappe._dict]:
	"""Return all assignments in *grid*, past and future ones included, earliest first."""
	return frappe.get_all(
		"Grid Post Assignment",
		filters={"grid": grid},
		fields=["name", "worker_name", "from_date", "to_date"],
		order_by="from_date asc",
		limit_page_length=0,
	)


def post_roles() -> set[str]:
	"""Return all roles that some post gives."""
	return set(frappe.get_all("Grid Post", pluck="role", order_by="name asc", limit_page_length=0))
