"""The scope of a post: by list, by form, by takeover, by time."""

from itertools import chain

import frappe
import pytest
from frappe.utils import add_days, nowdate

from grid_governance import scope
from grid_governance.grid_structure import rules
from grid_governance.scope.custom_fields import SITE_WIDE
from grid_governance.scope.registry import BY_PLACE, GRID_DOCTYPES
from grid_governance.scope.rules import EVERYWHERE, subtree
from tests.factories import (
	make_assignment,
	make_grid,
	make_holder,
	make_post,
	make_role,
	make_township,
	make_user,
	make_worker,
)

pytestmark = pytest.mark.usefixtures("site")
RIGHTS = ("read", "write", "create", "delete")


@pytest.fixture
def town() -> frappe._dict:
	return make_township(2, 3)


def give(role: str, doctype: str, *rights: str) -> None:
	"""Give *role* *rights* on *doctype*, beside the shipped ones, as the Role Permission Manager does."""
	frappe.permissions.add_permission(doctype, role)
	for right in RIGHTS:
		frappe.permissions.update_permission_property(doctype, role, 0, right, int(right in rights))


def role_with(doctype: str, *rights: str) -> str:
	role = make_role()
	give(role, doctype, *rights)
	return role


def visible(doctype: str, user: str) -> set[str]:
	frappe.set_user(user)
	try:
		return set(frappe.get_list(doctype, pluck="name", limit_page_length=0))
	finally:
		frappe.set_user("Administrator")


def permitted(doctype: str, user: str, ptype: str = "read") -> set[str]:
	names = frappe.get_all(doctype, pluck="name", limit_page_length=0)
	return {name for name in names if frappe.has_permission(doctype, ptype, doc=name, user=user)}


def test_without_a_post_nothing_is_seen(town):
	user = make_user()
	frappe.get_doc("User", user).add_roles(role_with("Grid", "read"))
	assert scope.ranges(user, "Grid") == ()
	assert visible("Grid", user) == permitted("Grid", user) == set()


def test_a_post_opens_its_subtree_and_nothing_else(town):
	user = make_holder(role_with("Grid", "read"), town.villages[0].name)
	seen = {town.villages[0].name, *(grid.name for grid in town.grids[0])}
	assert visible("Grid", user) == permitted("Grid", user) == seen


def test_list_and_form_agree_whatever_the_posts(town):
	deep = make_grid(town.grids[1][2].name, rules.MICRO_GRID)
	for nodes in (
		[town.grids[0][0], town.grids[1][1]],
		[town.villages[0], town.grids[1][0]],
		[town.root],
		[town.villages[0], town.villages[1]],
		[deep, town.grids[0][2]],
	):
		user = make_holder(role_with("Grid", "read"), *(node.name for node in nodes))
		seen = visible("Grid", user)
		assert seen == permitted("Grid", user)
		assert seen == {
			node.name
			for node in (town.root, *town.villages, *chain(*town.grids), deep)
			if any(node.grid_path.startswith(held.grid_path) for held in nodes)
		}


def test_level_columns_are_stored():
	"""MariaDB loses rows when it sorts by one column what it found by an index on a virtual one."""
	found = frappe.db.sql(
		"""select table_name, extra from information_schema.columns
		where table_schema = database() and column_name like '\\_path\\_%%'""",
	)
	assert {table for table, _extra in found} >= {
		f"tab{doctype}" for doctype in GRID_DOCTYPES.keys() - BY_PLACE
	}
	assert not [table for table, extra in found if "STORED" not in extra.upper()]


def test_a_right_holds_only_where_the_post_that_gives_it_is(town):
	"""A secretary in one village who is a reader in another writes in hers only."""
	user = make_holder(role_with("Grid", "read", "write"), town.villages[0].name)
	reader = make_post(role_with("Grid", "read"))
	worker = frappe.get_doc("Grid Worker", {"user": user})
	make_assignment(worker.name, reader.name, town.villages[1].name)
	assert scope.ranges(user, "Grid", "read") == tuple(subtree(v.grid_path) for v in town.villages)
	assert scope.ranges(user, "Grid", "write") == (subtree(town.villages[0].grid_path),)
	assert town.grids[1][0].name in permitted("Grid", user, "read")
	assert town.grids[1][0].name not in permitted("Grid", user, "write")


def test_a_post_counts_from_its_first_to_its_last_day(town):
	role, village = role_with("Grid", "read"), town.villages[0].name
	tomorrow, yesterday = add_days(nowdate(), 1), add_days(nowdate(), -1)
	assert visible("Grid", make_holder(role, village, from_date=nowdate(), to_date=nowdate()))
	for period in ({"from_date": tomorrow}, {"from_date": "2020-01-01", "to_date": yesterday}):
		user = make_holder(role, village, **period)
		assert role not in frappe.get_roles(user)
		assert scope.ranges(user, "Grid") == ()


def test_ending_a_post_takes_role_and_scope_at_once(town):
	role = role_with("Grid", "read")
	user = make_holder(role, town.villages[0].name)
	assert role in frappe.get_roles(user)
	held = frappe.get_doc("Grid Post Assignment", {"user": user})
	held.to_date = add_days(nowdate(), -1)
	held.save(ignore_permissions=True)
	assert role not in frappe.get_roles(user)
	assert scope.ranges(user, "Grid") == ()


def test_deleting_one_of_two_posts_keeps_the_role(town):
	role = role_with("Grid", "read")
	user = make_holder(role, town.villages[0].name, town.villages[1].name)
	held = frappe.get_doc("Grid Post Assignment", {"user": user, "grid": town.villages[0].name})
	frappe.delete_doc("Grid Post Assignment", held.name, ignore_permissions=True)
	assert role in frappe.get_roles(user)
	assert scope.ranges(user, "Grid") == (subtree(town.villages[1].grid_path),)


def test_a_role_an_administrator_gave_survives_the_end_of_a_post(town):
	user = make_holder(role_with("Grid", "read"), town.villages[0].name)
	own = make_role()
	frappe.get_doc("User", user).add_roles(own)
	held = frappe.get_doc("Grid Post Assignment", {"user": user})
	frappe.delete_doc("Grid Post Assignment", held.name, ignore_permissions=True)
	assert own in frappe.get_roles(user)


def test_the_tree_moves_and_scope_with_it(town):
	"""Stock Frappe keeps cached grants; here a grid moved away is out of sight in the same transaction."""
	user = make_holder(role_with("Grid", "read"), town.villages[0].name)
	grid = town.grids[0][0]
	assert grid.name in visible("Grid", user)
	grid.reload()
	grid.parent_grid = town.villages[1].name
	grid.save(ignore_permissions=True)
	assert grid.name not in visible("Grid", user)
	assert grid.name not in permitted("Grid", user)


def test_a_post_moves_with_its_grid(town):
	user = make_holder(role_with("Grid", "read"), town.grids[0][0].name)
	grid = frappe.get_doc("Grid", town.grids[0][0].name)
	grid.parent_grid = town.villages[1].name
	grid.save(ignore_permissions=True)
	assert visible("Grid", user) == {grid.name}


def test_sending_ones_own_grid_does_not_take_a_row_over(town):
	"""Frappe judges the values the client sent; the stored row must be judged."""
	user = make_holder(role_with("Grid Worker", *RIGHTS), town.villages[0].name)
	other = make_worker(town.villages[1].name)
	frappe.set_user(user)
	taken = frappe.get_doc("Grid Worker", other.name)
	taken.grid = town.villages[0].name
	with pytest.raises(frappe.PermissionError):
		taken.save()
	forged = frappe.get_doc({**other.as_dict(), "doctype": "Grid Worker", "grid": town.villages[0].name})
	with pytest.raises(frappe.PermissionError):
		forged.save()
	forged = frappe.get_doc(
		{**other.as_dict(), "grid": town.villages[0].name, "grid_path": town.villages[0].grid_path}
	)
	assert not forged.has_permission("read")


def test_a_row_cannot_be_pushed_out_of_ones_scope(town):
	user = make_holder(role_with("Grid Worker", *RIGHTS), town.villages[0].name)
	own = make_worker(town.villages[0].name)
	frappe.set_user(user)
	own = frappe.get_doc("Grid Worker", own.name)
	own.grid = town.villages[1].name
	with pytest.raises(frappe.PermissionError):
		own.save()


def test_a_row_cannot_be_created_outside_ones_scope(town):
	user = make_holder(role_with("Grid Worker", *RIGHTS), town.villages[0].name)
	frappe.set_user(user)
	values = {"doctype": "Grid Worker", "worker_name": "测试"}
	assert frappe.get_doc({**values, "grid": town.grids[0][0].name}).insert().name
	for grid in (town.villages[1].name, town.root.name):
		with pytest.raises(frappe.PermissionError):
			frappe.get_doc({**values, "grid": grid}).insert()
	with pytest.raises(frappe.PermissionError):
		frappe.get_doc(
			{**values, "grid": town.villages[1].name, "grid_path": town.villages[0].grid_path}
		).insert()


def test_a_sent_path_is_never_believed(town):
	user = make_holder(role_with("Grid Worker", *RIGHTS), town.villages[0].name)
	frappe.set_user(user)
	made = frappe.get_doc(
		doctype="Grid Worker", worker_name="测试", grid=town.grids[0][0].name, grid_path="00000001"
	).insert()
	assert made.grid_path == town.grids[0][0].grid_path
	made.grid_path = ""
	made.save()
	assert made.grid_path == town.grids[0][0].grid_path


def test_a_root_grid_needs_a_right_that_holds_everywhere(town):
	user = make_holder(role_with("Grid", *RIGHTS), town.root.name)
	frappe.set_user(user)
	with pytest.raises(frappe.PermissionError):
		make = frappe.get_doc(
			doctype="Grid", grid_name="新乡", grid_level=town.root.grid_level, division_code="990000999"
		)
		make.insert()


def test_a_site_wide_role_sees_every_grid_and_only_where_it_has_rights(town):
	role = make_role(**{SITE_WIDE: 1})
	give(role, "Grid", "read")
	user = make_user()
	frappe.get_doc("User", user).add_roles(role)
	scope.forget()
	assert scope.ranges(user, "Grid") == EVERYWHERE
	assert scope.ranges(user, "Grid", "write") == ()
	assert visible("Grid", user) == set(frappe.get_all("Grid", pluck="name", limit_page_length=0))


def test_a_post_cannot_give_a_role_that_is_not_marked():
	from grid_governance.grid_structure.doctype.grid_post.grid_post import PostRoleError

	for role in ("System Manager", make_role(grid_by_post=0)):
		with pytest.raises(PostRoleError):
			make_post(role)


def test_the_tree_view_starts_at_ones_own_nodes(town):
	from grid_governance.grid_structure.queries import tree_nodes

	user = make_holder(role_with("Grid", "read"), town.villages[0].name, town.grids[1][1].name)
	frappe.set_user(user)
	assert [node.value for node in tree_nodes("Grid", is_root=True)] == [
		town.villages[0].name,
		town.grids[1][1].name,
	]
	assert [node.value for node in tree_nodes("Grid", town.villages[0].name)] == [
		grid.name for grid in town.grids[0]
	]
	assert [node.value for node in tree_nodes("Grid", town.villages[1].name)] == [town.grids[1][1].name]
	assert tree_nodes("Grid", town.root.name)[0].value == town.villages[0].name


def test_a_role_counts_at_a_place_only_where_a_post_gives_it(town):
	secretary, member, own = make_role(), make_role(), make_role(grid_by_post=0)
	user = make_holder(secretary, town.villages[0].name)
	frappe.get_doc("User", user).add_roles(own)
	worker = frappe.get_doc("Grid Worker", {"user": user})
	make_assignment(worker.name, make_post(member).name, town.grids[1][0].name)
	roles = {secretary, member, own}
	assert scope.roles_at(town.grids[0][0].grid_path, user) & roles == {secretary, own}
	assert scope.roles_at(town.grids[1][0].grid_path, user) & roles == {member, own}
	assert scope.roles_at(town.villages[1].grid_path, user) & roles == {own}


def test_a_change_is_seen_at_once_by_its_own_transaction_even_when_taken_back(town):
	role = role_with("Grid", "read")
	user = make_holder(role, town.villages[0].name)
	before = scope.ranges(user, "Grid")
	assert before == (subtree(town.villages[0].grid_path),)
	worker = frappe.get_doc("Grid Worker", {"user": user})
	post = frappe.db.get_value("Grid Post Assignment", {"user": user}, "post")
	frappe.db.savepoint("given")
	make_assignment(worker.name, post, town.villages[1].name)
	assert len(scope.ranges(user, "Grid")) == 2
	frappe.db.rollback(save_point="given")
	assert scope.ranges(user, "Grid") == before


def test_a_mark_on_a_role_counts_at_once(town):
	role = make_role(grid_by_post=0)
	give(role, "Grid", "read")
	user = make_user()
	frappe.get_doc("User", user).add_roles(role)
	assert scope.ranges(user, "Grid") == ()
	marked = frappe.get_doc("Role", role)
	marked.set(SITE_WIDE, 1)
	marked.save(ignore_permissions=True)
	assert scope.ranges(user, "Grid") == EVERYWHERE


def test_a_post_that_gives_another_role_gives_it_to_those_who_hold_it(town):
	reader, writer = role_with("Grid", "read"), role_with("Grid", "read", "write")
	user = make_holder(writer, town.villages[0].name)
	post = frappe.get_doc("Grid Post", {"role": writer})
	post.role = reader
	post.save(ignore_permissions=True)
	assert {reader, writer} & set(frappe.get_roles(user)) == {reader}
	assert scope.ranges(user, "Grid", "write") == ()
	assert scope.ranges(user, "Grid") == (subtree(town.villages[0].grid_path),)
