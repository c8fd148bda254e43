"""What is remembered of posts is dropped by the events that change it and by nothing else."""

from collections.abc import Callable, Iterator
from datetime import date

import frappe
import pytest

from grid_governance import scope
from grid_governance.scope import held, queries
from grid_governance.scope.custom_fields import BY_POST, SITE_WIDE
from grid_governance.scope.rules import subtree
from tests.factories import (
	make_assignment,
	make_department,
	make_grid,
	make_holder,
	make_issue,
	make_officer,
	make_role,
	make_township,
	make_user,
)
from tests.world import give, inside_savepoint


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""A reader in the first of two villages, an officer of one of two departments, and an issue."""
	frappe.db.rollback()
	frappe.set_user("Administrator")
	frappe.flags.mute_emails = True
	frappe.get_doc("User", make_user()).add_roles("System Manager")  # or the next user is made one
	town = make_township(2, 1)
	role = make_role()
	give(role, "Grid", "read")
	departments = [make_department(town.root.name).name for _ in range(2)]
	reader = make_holder(role, town.villages[0].name)
	officer = make_officer(make_role(), departments[0])
	yield frappe._dict(
		town=town,
		role=role,
		other_role=make_role(),
		departments=departments,
		reader=reader,
		worker=frappe.db.get_value("Grid Worker", {"user": reader}),
		post=frappe.get_doc("Grid Post", {"role": role}),
		issue=make_issue(town.grids[0][0].name).name,
		held=frappe.db.get_value("Grid Post Assignment", {"user": reader}),
		held_by_officer=frappe.db.get_value("Grid Post Assignment", {"user": officer}),
	)
	frappe.set_user("Administrator")
	frappe.db.rollback()
	frappe.clear_cache()


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def change(doctype: str, name: str, **values: object) -> None:
	doc = frappe.get_doc(doctype, name)
	doc.update(values)
	doc.save()


def permit_writing(world: frappe._dict) -> None:
	frappe.permissions.update_permission_property("Grid", world.role, 0, "write", 1)
	world.changed_rights = "Grid"


DROPPING: dict[str, Callable[[frappe._dict], object]] = {
	"a post is given": lambda w: make_assignment(w.worker, w.post.name, w.town.villages[1].name),
	"a post ends": lambda w: change("Grid Post Assignment", w.held, to_date="2020-01-02"),
	"a post begins later": lambda w: change("Grid Post Assignment", w.held, from_date="2020-01-02"),
	"a post is taken back": lambda w: frappe.delete_doc("Grid Post Assignment", w.held),
	"a post passes to another grid": lambda w: change(
		"Grid Post Assignment", w.held, grid=w.town.villages[1].name
	),
	"an officer changes the department": lambda w: change(
		"Grid Post Assignment", w.held_by_officer, department=w.departments[1]
	),
	"a department has another name": lambda w: frappe.rename_doc(
		"Township Department", w.departments[0], frappe.generate_hash(length=10), force=True
	),
	"a grid moves": lambda w: change("Grid", w.town.grids[0][0].name, parent_grid=w.town.villages[1].name),
	"a post gives another role": lambda w: change("Grid Post", w.post.name, role=make_role()),
	"a role holds everywhere": lambda w: change("Role", w.role, **{BY_POST: 0, SITE_WIDE: 1}),
	"a worker gets another account": lambda w: change("Grid Worker", w.worker, user=make_user()),
	"an account has another name": lambda w: frappe.rename_doc(
		"User", w.reader, f"{frappe.generate_hash(length=8)}@example.com", force=True
	),
}

KEEPING: dict[str, Callable[[frappe._dict], object]] = {
	"an issue is reported": lambda w: make_issue(w.town.grids[0][0].name),
	"an issue is saved": lambda w: change("Grid Issue", w.issue, description="changed"),
	"a worker's file is changed": lambda w: change("Grid Worker", w.worker, employer="changed"),
	"a worker has a photo": lambda w: frappe.get_doc(
		doctype="File",
		file_name="photo.txt",
		content="photo",
		attached_to_doctype="Grid Worker",
		attached_to_name=w.worker,
	).insert(),
	"a note on a post": lambda w: change("Grid Post Assignment", w.held, responsibility_note="changed"),
	"the duties of a post": lambda w: change("Grid Post", w.post.name, duties="changed"),
	"a department's telephone": lambda w: change(
		"Township Department", w.departments[0], phone="021-12345678"
	),
	"a grid is called otherwise": lambda w: change("Grid", w.town.grids[0][0].name, grid_name="changed"),
	"a grid is drawn": lambda w: make_grid(w.town.villages[0].name, 5),
	"a user's roles": lambda w: frappe.get_doc("User", w.reader).add_roles(w.other_role),
	"a role's home page": lambda w: change("Role", w.role, home_page="/app/grid"),
	"a right in the Role Permission Manager": permit_writing,
	"a document is shared": lambda w: frappe.get_doc(
		doctype="DocShare", share_doctype="Grid", share_name=w.town.villages[1].name, user=w.reader, read=1
	).insert(ignore_permissions=True),
	"a comment": lambda w: frappe.get_doc("Grid", w.town.villages[0].name).add_comment("Comment", "x"),
}


@pytest.fixture
def drops(monkeypatch: pytest.MonkeyPatch) -> list[int]:
	"""Grows with each drop."""
	found: list[int] = []
	renew = held.renew
	monkeypatch.setattr(held, "renew", lambda: (found.append(1), renew()))
	return found


@pytest.mark.parametrize("event", DROPPING)
def test_what_changes_it_drops_it(world, drops, event):
	DROPPING[event](world)
	assert drops


@pytest.mark.parametrize("event", KEEPING)
def test_nothing_else_drops_it(world, drops, event):
	if "shared" in event:
		frappe.db.set_single_value("System Settings", "disable_document_sharing", 0)
	KEEPING[event](world)
	assert not drops


def test_what_drops_nothing_counts_at_once_all_the_same(world):
	"""Rights and roles are part of what is asked for, not of what is remembered."""
	village = subtree(world.town.villages[0].grid_path)
	assert scope.ranges(world.reader, "Grid", "read") == (village,)
	assert scope.ranges(world.reader, "Grid", "write") == ()
	permit_writing(world)
	assert scope.ranges(world.reader, "Grid", "write") == (village,)
	role = make_role(grid_by_post=0, **{SITE_WIDE: 1})
	give(role, "Grid", "read")
	user = frappe.get_doc("User", world.reader)
	user.add_roles(role)
	assert scope.ranges(world.reader, "Grid") == scope.rules.EVERYWHERE
	user.remove_roles(role)
	assert scope.ranges(world.reader, "Grid") == (village,)


def test_posts_begin_and_end_at_midnight_without_an_event(world, monkeypatch):
	"""What was remembered today is not asked tomorrow; the roles of the account follow by a daily job."""
	change("Grid Post Assignment", world.held, from_date="2030-05-02", to_date="2030-05-03")
	monkeypatch.setattr(held, "_changing", lambda: False)  # as after the commit
	village = (subtree(world.town.villages[0].grid_path),)
	seen = {}
	for day in (1, 2, 3, 4):
		for module in (held, queries):
			monkeypatch.setattr(module, "getdate", lambda day=day: date(2030, 5, day))
		frappe.local.grid_rights = {}
		seen[day] = [scope.ranges(world.reader, "Grid") for _ in range(2)]
	assert seen == {1: [(), ()], 2: [village] * 2, 3: [village] * 2, 4: [(), ()]}
