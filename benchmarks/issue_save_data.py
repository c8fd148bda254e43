"""The people of the suite `issue_save`: 1,280 of them, each of whom holds every role that takes a step.

Their posts lie over one grid, the issue's own in the worst case: whoever acts next is all of them. In another
township one person holds the same posts, and there the 1,280 have the role but nothing to do with the issue, as
in a county. The tree is that of the other suites, whichever of them has loaded it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import frappe
from frappe.utils import today

from benchmarks import scope_data
from grid_governance import scope
from grid_governance.grid_issues import ISSUE, REFERRAL
from grid_governance.grid_structure.rules import GRID, TOWNSHIP, ancestor_path
from grid_governance.scope.custom_fields import BY_POST

HOLDERS = 1_280
OURS = "%-saves@example.com"
HOLDER, LONE = "holder-{:04}-saves@example.com", "lone-saves@example.com"
TITLE = "基准测试：村口路灯不亮"
DEPARTMENT = "基准测试科室"
NEAR, FAR = "all over its grid", "all elsewhere"


@dataclass(frozen=True)
class Cast:
	"""Where an issue is, who reports it and who takes its steps, which department it is referred to."""

	grid: str
	reporter: str
	handler: str
	department: str
	category: str


def ensure() -> dict[str, Cast]:
	"""Make the people unless they are there, and return by name who takes part. Takes some seconds."""
	if not frappe.db.get_global(scope_data.LOADED):
		scope_data.ensure()
	forget_issues()
	leaves = scope_data.lowest_grids()
	near, far = leaves[0], leaves[-1]
	departments = {grid: _department(path) for grid, path in (near, far)}
	if _count() != (HOLDERS + 1) * len(roles()):
		_remove_people()
		_make_people(everybody()[1:], near, departments[near[0]])
		_make_people([LONE], far, departments[far[0]])
		scope.forget()
	frappe.db.commit()
	frappe.clear_cache()
	category = _category()
	return {
		NEAR: Cast(near[0], HOLDER.format(0), HOLDER.format(1), departments[near[0]], category),
		FAR: Cast(far[0], LONE, LONE, departments[far[0]], category),
	}


def everybody() -> list[str]:
	"""Return the users that the suite has made."""
	return [LONE, *(HOLDER.format(number) for number in range(HOLDERS))]


def roles() -> list[str]:
	"""Return the roles given by posts that take a step in the workflows of issues and referrals."""
	workflows = frappe.get_all(
		"Workflow",
		filters={"is_active": 1, "document_type": ["in", [ISSUE, REFERRAL]]},
		pluck="name",
		order_by="name asc",
	)
	taking = frappe.get_all(
		"Workflow Transition", filters={"parent": ["in", workflows]}, pluck="allowed", order_by="allowed asc"
	)
	by_post = {"name": ["in", taking], BY_POST: 1}
	return frappe.get_all("Role", filters=by_post, pluck="name", order_by="name asc")


def forget_issues() -> None:
	"""Remove the issues that the suite has made and what hangs on them, so that the others count their own."""
	issues = frappe.get_all(ISSUE, filters={"title": TITLE}, pluck="name", order_by="name asc")
	if not issues:
		return
	referrals = frappe.get_all(REFERRAL, filters={"issue": ["in", issues]}, pluck="name", order_by="name asc")
	made = ["in", [*issues, *referrals]]
	actions = frappe.get_all(
		"Workflow Action", filters={"reference_name": made}, pluck="name", order_by="name asc"
	)
	frappe.db.delete("Workflow Action Permitted Role", {"parent": ["in", actions or [""]]})
	for doctype, field in (
		("Workflow Action", "reference_name"),
		("Comment", "reference_name"),
		("Notification Log", "document_name"),
		("Digest Entry", "document_name"),
		("Version", "docname"),
		("Issue Log", "issue"),
		(REFERRAL, "name"),
		(ISSUE, "name"),
	):
		frappe.db.delete(doctype, {field: made})
	frappe.db.commit()


def _count() -> int:
	return frappe.db.count("Grid Post Assignment", {"user": ("like", OURS), "to_date": ("is", "not set")})


def _remove_people() -> None:
	people = ("like", OURS)
	frappe.db.delete("Has Role", {"parent": people, "parenttype": "User"})
	for doctype, field in (
		("Grid Post Assignment", "user"),
		("Grid Worker", "user"),
		("Notification Settings", "name"),
		("User", "name"),
	):
		frappe.db.delete(doctype, {field: people})


def _make_people(users: Sequence[str], leaf: tuple[str, str], department: str) -> None:
	"""Write users, their roles, their workers and their posts over *leaf* (name, path), a statement for each kind."""
	posts = list(_posts(leaf, department))
	insert("User", ("email", "first_name", "full_name", "enabled", "user_type"),
		((user, user, "网格员", "网格员", 1, "System User") for user in users))  # fmt: skip
	insert("Notification Settings", ("enabled", "enable_email_notifications", "user"),
		((user, 1, 1, user) for user in users))  # fmt: skip
	insert("Has Role", ("parent", "parenttype", "parentfield", "role"),
		((f"{user}-{role}", user, "User", "roles", role) for user in users for role in roles()))  # fmt: skip
	insert("Grid Worker", ("worker_name", "user", "grid", "grid_path", "active"),
		((user, "网格员", user, *leaf, 1) for user in users))  # fmt: skip
	insert("Grid Post Assignment",
		("worker", "worker_name", "user", "from_date", "post", "role", "department", "grid", "grid_path"),
		((f"{user}-{post[0]}", user, "网格员", user, today(), *post) for user in users for post in posts))  # fmt: skip


def _posts(leaf: tuple[str, str], department: str) -> Iterator[tuple[str, str, str | None, str, str]]:
	"""Yield for each role (post, role, department or None, grid, its path): where such a post is held above *leaf*."""
	for role in roles():
		post = frappe.get_all(
			"Grid Post",
			filters={"role": role},
			fields=["name", "applies_to_level", "works_for_department"],
			order_by="part_time asc, name asc",
			limit_page_length=1,
		)[0]
		level = (
			frappe.db.get_value("Grid Level", post.applies_to_level, "position")
			if post.applies_to_level
			else GRID
		)
		path = ancestor_path(leaf[1], TOWNSHIP if post.works_for_department else level) or leaf[1]
		grid = frappe.db.get_value("Grid", {"grid_path": path})
		yield post.name, role, department if post.works_for_department else None, grid, path


def _department(path: str) -> str:
	grid = frappe.db.get_value("Grid", {"grid_path": ancestor_path(path, TOWNSHIP)})
	values = {"department_name": DEPARTMENT, "grid": grid}
	found = frappe.db.get_value("Township Department", values)
	return found or frappe.get_doc({"doctype": "Township Department", **values}).insert().name


def _category() -> str:
	plain = {"is_group": 0, "active": 1, "needs_photo": 0}
	return frappe.get_all(
		"Issue Category", filters=plain, pluck="name", order_by="name asc", limit_page_length=1
	)[0]


def insert(doctype: str, fields: Iterable[str], rows: Iterable[tuple[object, ...]]) -> None:
	now = frappe.utils.now()
	stamps = {"creation": now, "modified": now, "owner": "Administrator", "modified_by": "Administrator"}
	stamped = [(*row, *stamps.values()) for row in rows]
	frappe.db.bulk_insert(doctype, ["name", *fields, *stamps], stamped, chunk_size=1_000)
