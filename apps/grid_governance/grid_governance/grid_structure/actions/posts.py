"""What ends posts."""

from datetime import date

import frappe

from grid_governance.grid_structure import queries


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
