"""What holding a post does to the holder's account."""

from datetime import date

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import getdate

from grid_governance import scope
from grid_governance.grid_structure import queries


def sync_roles(user: str) -> None:
	"""Give *user* the roles of the posts held today and take away those of posts that have ended.

	Only roles that some post gives are touched; a role an administrator gave by hand and that no post
	gives stays.
	"""
	if not user or user == "Administrator":
		return
	scope.forget()
	due = queries.current_roles(user)
	account = frappe.get_doc("User", user)
	has = {row.role for row in account.roles}
	ended = (has - due) & queries.post_roles()
	missing = due - has
	if not (ended or missing):
		return
	account.set("roles", [row for row in account.roles if row.role not in ended])
	for role in sorted(missing):
		account.append("roles", {"role": role})
	account.flags.ignore_permissions = True  # the right to appoint was judged on the assignment
	account.save()


def change_user(worker: Document) -> None:
	"""Carry a worker's new user account into the posts the worker holds, and sync the roles of both users."""
	row = DocType("Grid Post Assignment")
	frappe.qb.update(row).set(row.user, worker.user).where(row.worker == worker.name).run()
	for user in sorted({worker.user, worker.get_doc_before_save().user} - {None, ""}):
		sync_roles(user)


def sync_roles_of_the_day() -> None:
	"""Give and take the roles of everyone whose post begins today or ended yesterday. Runs daily."""
	for user in queries.users_changing_on(getdate()):
		sync_roles(user)


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
