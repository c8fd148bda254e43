"""Whichever way a shipped role looks, it sees the same rows: list, form, link, report, count, export, card."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import frappe
import pytest
from frappe.utils import add_days, nowdate

import grid_governance
from grid_governance import scope
from grid_governance.scope.branches import OfDepartment, Through
from grid_governance.scope.registry import BRANCHES, GRID_DOCTYPES
from tests.factories import (
	make_assignment,
	make_department,
	make_holder,
	make_issue,
	make_officer,
	make_post,
	make_township,
	make_user,
)
from tests.world import inside_savepoint, offered, taken_back

ROLES = json.loads((Path(grid_governance.__file__).parent / "setup" / "roles.json").read_text())
OFFICER = "Department Officer"
WRITES = ("write", "delete", "print", "export")


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""A tree of three levels with an issue in every grid, and a user for each shipped role.

	Of the roles that posts give, the first holds its post in the township, the second in a village, the
	others in a grid; the last one besides in a grid of the other village. The officer works for a department.
	"""
	with taken_back():
		town = make_township(2, 2)
		nodes = [[town.root], [town.villages[0]], *([grid] for grid in town.grids[0])]
		users = {}
		by_post = [
			role["role_name"] for role in ROLES if role.get("grid_by_post") and role["role_name"] != OFFICER
		]
		for role, places in zip(by_post, nodes + [[town.grids[0][0]]] * len(by_post), strict=False):
			users[role] = make_holder(role, *(place.name for place in places))
		worker = frappe.db.get_value("Grid Worker", {"user": users[by_post[-1]]})
		make_assignment(worker, make_post(by_post[-1]).name, town.grids[1][1].name)
		for role in ROLES:
			if role.get("grid_site_wide"):
				users[role["role_name"]] = make_user()
				frappe.get_doc("User", users[role["role_name"]]).add_roles(role["role_name"])
		departments = [make_department(town.root.name).name for _ in range(2)]
		users[OFFICER] = make_officer(OFFICER, departments[0])
		issues = [make_issue(grid.name) for row in town.grids for grid in row]
		yield frappe._dict(town=town, users=users, issues=issues)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def stored(doctype: str) -> dict[str, str]:
	"""The path of every row, by name."""
	rows = frappe.get_all(doctype, fields=["name", "grid_path"], order_by=None, limit_page_length=0)
	return {row.name: row.grid_path or "" for row in rows}


def expected(doctype: str, user: str, right: str) -> set[str]:
	"""What the posts and the permission rules say, worked out by themselves."""
	rules = [rule for rule in frappe.get_meta(doctype).permissions if not rule.permlevel]
	granting = {rule.role for rule in rules if rule.get(right) or (right == "read" and rule.select)}
	site_wide = {role["role_name"] for role in ROLES if role.get("grid_site_wide")}
	rows = stored(doctype)
	if granting & site_wide & set(frappe.get_roles(user)):
		return set(rows)
	posts = frappe.get_all(
		"Grid Post Assignment",
		filters={"user": user},
		fields=["role", "grid_path", "department", "from_date", "to_date"],
		order_by="name asc",
	)
	today = frappe.utils.getdate()
	held = [
		post for post in posts if post.role in granting and post.from_date <= today <= (post.to_date or today)
	]
	roots = [post.grid_path for post in held if not post.department]
	departments = {post.department for post in held} - {None, ""}
	return {
		name for name, path in rows.items() if any(path.startswith(root) for root in roots)
	} | of_departments(doctype, departments)


def of_departments(doctype: str, departments: set[str]) -> set[str]:
	"""The rows that lie in one of *departments*, or that a row of one of them names."""
	found = set()
	for branch in BRANCHES.get(doctype, ()):
		if isinstance(branch, OfDepartment):
			source, wanted = doctype, "name"
		elif isinstance(branch, Through):
			source, wanted = branch.doctype, branch.link
		else:
			continue
		state = getattr(branch, "state", "")
		fields = [wanted, branch.department, *filter(None, [state])]
		for row in frappe.get_all(source, fields=fields, order_by=None):
			ended = state and frappe.db.get_value("Workflow State", row[state], "grid_unhandled")
			if row[branch.department] in departments and not ended:
				found.add(row[wanted])
	return found


def by_list(doctype: str) -> set[str]:
	return set(frappe.get_list(doctype, pluck="name", limit_page_length=0))


def by_document(doctype: str, right: str = "read") -> set[str]:
	return {name for name in stored(doctype) if frappe.has_permission(doctype, right, doc=name)}


def by_report(doctype: str) -> set[str]:
	frappe.local.form_dict = frappe._dict(
		doctype=doctype, fields=json.dumps([f"`tab{doctype}`.`name`"]), view="Report"
	)
	answer = frappe.get_attr("frappe.desk.reportview.get")()
	return {row[0] for row in answer["values"]} if answer else set()


def by_counts(doctype: str) -> set[int]:
	frappe.local.form_dict = frappe._dict(doctype=doctype)
	card = json.dumps({"document_type": doctype, "function": "Count"})
	return {
		frappe.get_attr("frappe.desk.reportview.get_count")(),
		frappe.get_attr("frappe.client.get_count")(doctype),
		frappe.get_attr("frappe.desk.doctype.number_card.number_card.get_result")(card, None),
	}


def by_export(doctype: str) -> set[str]:
	frappe.local.form_dict = frappe._dict(
		doctype=doctype,
		fields=json.dumps([f"`tab{doctype}`.`name`"]),
		file_format_type="CSV",
		title=doctype,
		view="Report",
	)
	with patch("frappe.desk.reportview.make_access_log"):  # which commits
		frappe.get_attr("frappe.desk.reportview.export_query")()
	content = frappe.local.response["filecontent"]
	text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
	return {row[1] for row in list(csv.reader(io.StringIO(text)))[1:]}


def agree(user: str, doctype: str, thorough: bool = True) -> None:
	"""Assert that every way of reading gives *user* what her posts give, and every right its own part."""
	frappe.set_user("Administrator")
	scope.forget()
	wanted = {right: expected(doctype, user, right) for right in ("read", *WRITES)}
	names = set(stored(doctype))
	frappe.set_user(user)
	if not frappe.has_permission(doctype, "read"):
		assert not wanted["read"]
		assert not by_document(doctype)
		with pytest.raises(frappe.PermissionError):
			by_list(doctype)
		return
	assert by_list(doctype) == wanted["read"]
	assert by_document(doctype) == wanted["read"]
	assert by_counts(doctype) == {len(wanted["read"])}
	by_criterion = frappe.qb.from_(doctype).select("name").where(scope.criterion(doctype)).run(pluck=True)
	assert sorted(by_criterion) == sorted(wanted["read"])
	if not thorough:
		return
	assert offered(doctype, page_length=10000, ignore_user_permissions=1) & names == wanted["read"]
	assert by_report(doctype) == wanted["read"]
	for right in WRITES:
		assert by_document(doctype, right) == wanted[right] & wanted["read"]
	if frappe.has_permission(doctype, "export"):
		assert by_export(doctype) == wanted["read"]
	else:
		with pytest.raises(frappe.PermissionError):
			by_export(doctype)


@pytest.mark.parametrize("role", [role["role_name"] for role in ROLES])
@pytest.mark.parametrize(
	"doctype", ["Grid", "Grid Worker", "Grid Post Assignment", "Grid Issue", "Township Department"]
)
def test_every_way_shows_the_same(world, role, doctype):
	agree(world.users[role], doctype)


@pytest.mark.parametrize("doctype", sorted(set(GRID_DOCTYPES)))
def test_no_doctype_in_a_grid_shows_more_than_the_posts_give(world, doctype):
	for user in world.users.values():
		agree(user, doctype, thorough=False)


def seen_by_village(world: frappe._dict) -> tuple[str, set[str]]:
	role = next(
		role
		for role, user in world.users.items()
		if frappe.db.exists("Grid Post Assignment", {"user": user, "grid": world.town.villages[0].name})
	)
	return world.users[role], {issue.name for issue in world.issues[:2]}


def test_the_moment_a_post_ends_nothing_is_seen(world):
	user, issues = seen_by_village(world)
	frappe.set_user(user)
	assert by_list("Grid Issue") == issues
	frappe.set_user("Administrator")
	post = frappe.get_doc("Grid Post Assignment", {"user": user})
	post.to_date = add_days(nowdate(), -1)
	post.save()
	for doctype in ("Grid", "Grid Issue"):
		agree(user, doctype)
	frappe.set_user(user)
	assert by_document("Grid Issue") == set()


def test_the_moment_a_grid_moves_its_rows_move(world):
	user, issues = seen_by_village(world)
	moved = frappe.get_doc("Grid", world.town.grids[0][1].name)
	moved.parent_grid = world.town.villages[1].name
	moved.save()
	for doctype in ("Grid", "Grid Issue", "Grid Worker"):
		agree(user, doctype)
	frappe.set_user(user)
	assert by_list("Grid Issue") == {world.issues[0].name} < issues


def test_the_moment_a_role_loses_a_right_it_is_gone(world):
	user, issues = seen_by_village(world)
	role = frappe.db.get_value("Grid Post Assignment", {"user": user}, "role")
	try:
		frappe.permissions.setup_custom_perms("Grid Issue")
		frappe.permissions.update_permission_property("Grid Issue", role, 0, "write", 0)
		agree(user, "Grid Issue")
		frappe.set_user(user)
		assert by_document("Grid Issue", "read") == issues
		assert by_document("Grid Issue", "write") == set()
		frappe.set_user("Administrator")
		frappe.permissions.update_permission_property("Grid Issue", role, 0, "read", 0)
		agree(user, "Grid Issue")
		frappe.set_user(user)
		assert by_document("Grid Issue") == set()
	finally:
		frappe.set_user("Administrator")
		frappe.db.rollback(save_point="test")
		frappe.clear_cache(doctype="Grid Issue")
		frappe.db.savepoint("test")
