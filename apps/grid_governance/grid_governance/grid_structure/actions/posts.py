"""What changes posts and ends them."""

from datetime import date

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType

from grid_governance import scope
from grid_governance.grid_structure import queries
from grid_governance.grid_structure.actions.accounts import sync_account


def change_role(post: Document) -> None:
	"""Let everyone who holds *post* have its new role, and no longer the one it gave before."""
	row = DocType("Grid Post Assignment")
	frappe.qb.update(row).set(row.role, post.role).where(row.post == post.name).run()
	scope.forget()
	holders = frappe.get_all(
		"Grid Post Assignment",
		filters={"post": post.name, "user": ["is", "set"]},
		pluck="user",
		distinct=True,
		order_by="user asc",
		limit_page_length=0,
	)
	for user in holders:
		sync_account(user, given_before=frozenset({post.get_doc_before_save().role}))


def end_posts(grid: str, last_day: date) -> list[str]:
	"""End all posts that are held in *grid* beyond *last_day* and return the holders' names.

	A post that was to begin later is taken back.
	"""
	held = [post for post in queries.posts_in(grid) if not post.to_date or post.to_date > last_day]
	for post in held:
		assignment = frappe.get_doc("Grid Post Assignment", post.name)
		# The right to close the grid, and so to end its posts, was judged by the caller.
		if assignment.from_date > last_day:
			assignment.delete(ignore_permissions=True)
			continue
		assignment.to_date = last_day
		assignment.save(ignore_permissions=True)
	return [post.worker_name for post in held]
