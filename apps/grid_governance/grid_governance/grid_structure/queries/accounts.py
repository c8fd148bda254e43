"""What is read of accounts: whom they belong to, what they may, and who has none yet."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

import frappe
from frappe.query_builder import DocType
from frappe.utils import getdate
from pypika.terms import Criterion

from grid_governance import scope
from grid_governance.grid_structure import rules
from grid_governance.grid_structure.queries.posts import post_roles
from grid_governance.scope.rules import EVERYWHERE

ASSIGNMENT = "Grid Post Assignment"


def roles_of(user: str) -> set[str]:
	"""Return the roles that are stored with *user*, wherever they came from."""
	return set(
		frappe.get_all(
			"Has Role",
			filters={"parent": user, "parenttype": "User"},
			pluck="role",
			order_by="idx asc",
			limit_page_length=0,
		)
	)


def desk_roles() -> set[str]:
	"""Return the roles that open the desk and are not disabled."""
	return set(
		frappe.get_all("Role", filters={"desk_access": 1, "disabled": 0}, pluck="name", order_by="name asc")
	)


def disabled_roles() -> set[str]:
	"""Return the roles that are switched off; a saved User loses them."""
	return set(frappe.get_all("Role", filters={"disabled": 1}, pluck="name", order_by="name asc"))


def worker_of(user: str, otherwise: str | None = None) -> frappe._dict | None:
	"""Return `name`, `grid` and `grid_path` of the worker who signs in as *user*, else of the worker *otherwise*."""
	fields = ["name", "grid", "grid_path"]
	return frappe.db.get_value("Grid Worker", {"user": user}, fields, as_dict=True) or (
		frappe.db.get_value("Grid Worker", otherwise, fields, as_dict=True) if otherwise else None
	)


def is_locked(user: str) -> bool:
	"""Say whether *user* was locked because the last post had ended, and not by somebody's hand."""
	last = frappe.get_all(
		"Account Log",
		filters={"user": user, "event": ["in", ["Locked", "Unlocked"]]},
		pluck="event",
		order_by="at desc",
		limit=1,
	)
	return last == ["Locked"]


def posts_of(worker: str) -> list[frappe._dict]:
	"""Return `post`, `role`, `grid` and `grid_path` of the posts *worker* holds now or will hold, main post first.

	`current` says whether it is held today.
	"""
	return _posts(DocType(ASSIGNMENT).worker == worker)


def within_reach(posts: Iterable[frappe._dict], user: str) -> bool:
	"""Say whether *user* stands above whoever holds *posts*: may hold that person's password for a moment.

	All posts lie where *user* may write posts; and one that gives that right itself lies deeper than the
	post of *user*, so that nobody gets at an equal.
	"""
	within = scope.ranges(user, ASSIGNMENT, "write")
	if within == EVERYWHERE:
		return True
	roots = {lo for lo, _hi in within}
	appointing = {
		permission.role
		for permission in frappe.get_meta(ASSIGNMENT).permissions
		if permission.write and not permission.permlevel
	}
	return all(
		scope.rules.covers(within, post.grid_path)
		and not (post.role in appointing and post.grid_path in roots)
		for post in posts
	)


def workers_without_account(path: str, for_update: bool = False) -> list[frappe._dict]:
	"""Return the active workers without an account who hold, or will hold, a post at or below *path*.

	In the order of their posts' grids; each with `posts`, all of them, as `posts_of` gives them. Locked
	until the transaction ends with *for_update*.
	"""
	worker, assignment = DocType("Grid Worker"), DocType(ASSIGNMENT)
	within = scope.rules.subtree(path)
	here = (
		frappe.qb.from_(assignment)
		.select(assignment.worker)
		.where((assignment.grid_path >= within.lo) & (assignment.grid_path < within.hi))
		.where(_not_ended(assignment, getdate()))
	)
	query = (
		frappe.qb.from_(worker)
		.select(worker.name, worker.worker_name, worker.phone, worker.grid, worker.grid_path)
		.where((worker.user.isnull()) | (worker.user == ""))
		.where(worker.active == 1)
		.where(worker.name.isin(here))
		.orderby(worker.name)
	)
	found = (query.for_update() if for_update else query).run(as_dict=True)
	if not found:
		return []
	held = posts_of_many([one.name for one in found])
	for one in found:
		one.posts = held[one.name]
	return sorted(found, key=lambda one: (one.posts[0].grid_path, one.name))


def accounts_in_the_way(names: Collection[str], numbers: Collection[str]) -> list[frappe._dict]:
	"""Return `name`, `username`, `mobile_no` of the users who have one of *names* or mobile *numbers* already."""
	user = DocType("User")
	return (
		frappe.qb.from_(user)
		.select(user.name, user.username, user.mobile_no)
		.where(
			user.name.isin([*names, ""])
			| user.username.isin([*(name.split("@")[0] for name in names), ""])
			| user.mobile_no.isin([*numbers, ""])
		)
		.where(user.name != "")
		.run(as_dict=True)
	)


def users_out_of_step(today: date | None = None) -> list[str]:
	"""Return the users with posts whose roles or lock are not what their posts of *today* make them.

	Looks at all of them, so that days on which nothing ran are caught up on. Five queries.
	"""
	today = today or getdate()
	assignment, role_row, user = DocType(ASSIGNMENT), DocType("Has Role"), DocType("User")
	due: dict[str, set[str]] = defaultdict(set)
	for name, role in (
		frappe.qb.from_(assignment)
		.select(assignment.user, assignment.role)
		.distinct()
		.where(assignment.user.isnotnull() & (assignment.user != ""))
		.where((assignment.from_date <= today) & _not_ended(assignment, today))
		.run()
	):
		due[name].add(role)
	anyone = (
		frappe.qb.from_(assignment)
		.select(assignment.user)
		.where(assignment.user.isnotnull() & (assignment.user != ""))
	)
	accounts = dict(
		frappe.qb.from_(user)
		.select(user.name, user.enabled)
		.where(user.name.isin(anyone))
		.where(user.name.notin(frappe.STANDARD_USERS))
		.run()
	)
	has: dict[str, set[str]] = defaultdict(set)
	for name, role in (
		frappe.qb.from_(role_row)
		.select(role_row.parent, role_row.role)
		.where((role_row.parenttype == "User") & role_row.parent.isin(anyone))
		.run()
	):
		has[name].add(role)
	given, off = post_roles(), disabled_roles()
	return sorted(
		name
		for name, enabled in accounts.items()
		if has[name] & given != due[name] - off
		or (enabled and not due[name] and not has[name] - given)
		or (not enabled and due[name] and is_locked(name))
	)


def _posts(which: Criterion) -> list[frappe._dict]:
	assignment = DocType(ASSIGNMENT)
	today = getdate()
	posts = (
		frappe.qb.from_(assignment)
		.select(assignment.worker, assignment.post, assignment.role, assignment.grid, assignment.grid_path)
		.select(assignment.from_date, assignment.is_primary)
		.where(which)
		.where(_not_ended(assignment, today))
		.run(as_dict=True)
	)
	for post in posts:
		post.current = post.from_date <= today
	return sorted(posts, key=lambda post: (not post.is_primary, not post.current, post.grid_path, post.post))


def _not_ended(assignment: DocType, today: date) -> Criterion:
	return assignment.to_date.isnull() | (assignment.to_date >= today)


def posts_of_many(workers: Collection[str]) -> dict[str, list[frappe._dict]]:
	"""Return what `posts_of` returns for each of *workers* who holds or will hold a post, by worker."""
	held = defaultdict(list)
	for post in _posts(DocType(ASSIGNMENT).worker.isin([*workers, ""])):
		held[post.worker].append(post)
	return held


class GridNames:
	"""What the grids at *paths* and the villages above them are called."""

	def __init__(self, paths: Iterable[str]) -> None:
		paths = {path for path in paths if path}
		villages = {rules.ancestor_path(path, rules.VILLAGE) for path in paths} - {None}
		found = frappe.get_all(
			"Grid",
			filters={"grid_path": ["in", sorted(paths | villages) or [""]]},
			fields=["grid_path", "grid_name"],
			order_by="grid_path asc",
			limit_page_length=0,
		)
		self._names = {grid.grid_path: grid.grid_name for grid in found}

	def grid(self, path: str) -> str:
		"""Return the name of the grid at *path*, "" where there is none."""
		return self._names.get(path, "")

	def village(self, path: str) -> str:
		"""Return the name of the village above the grid at *path*, "" for a village and above."""
		village = rules.ancestor_path(path, rules.VILLAGE)
		return self._names.get(village, "") if village != path else ""
