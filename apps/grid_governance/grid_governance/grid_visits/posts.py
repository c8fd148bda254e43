"""Who holds a post over a place today: asked for those who are told something."""

from collections.abc import Collection

import frappe
from frappe.query_builder import DocType
from frappe.utils import getdate

from grid_governance.grid_structure.telling.rules import above


def nearest(roles: Collection[str], path: str, besides: str = "") -> set[tuple[str, str]]:
	"""Return (role, user) of the posts that give one of *roles* today at *path*, or at the nearest node above where one is held.

	Posts in a department do not count, nor those of the user *besides*.
	"""
	post, today = DocType("Grid Post Assignment"), getdate()
	rows = (
		frappe.qb.from_(post)
		.select(post.role, post.user, post.grid_path)
		.where(post.role.isin(sorted(roles) or [""]) & post.grid_path.isin(above(path) or [""]))
		.where(post.user.isnotnull() & (post.user != besides))
		.where((post.from_date <= today) & (post.to_date.isnull() | (post.to_date >= today)))
		.where((post.department == "") | post.department.isnull())
		.run()
	)
	depth = max((len(held) for _role, _user, held in rows), default=0)
	return {(role, user) for role, user, held in rows if len(held) == depth}
