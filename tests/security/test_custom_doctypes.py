"""A DocType that an administrator makes and links to Grid is limited by grid, unless she says that it is not."""

from collections.abc import Iterator

import frappe
import pytest

from grid_governance import scope
from grid_governance.scope import limits
from grid_governance.scope.registry import LIMIT, limited_doctypes, limiting_field
from tests.factories import make_user
from tests.world import build_world, give, inside_savepoint

OWN = "Test Patrol Sheet"


@pytest.fixture(scope="module")
def made(site: str) -> Iterator[str]:
	"""A custom DocType with a Link to Grid. Making a table commits, so it is taken away again."""
	frappe.db.rollback()
	frappe.set_user("Administrator")
	frappe.delete_doc("DocType", OWN, force=True, ignore_missing=True)
	frappe.get_doc(
		doctype="DocType",
		name=OWN,
		module="Custom",
		custom=1,
		fields=[
			{"fieldname": "title", "fieldtype": "Data", "label": "Title"},
			{"fieldname": "place", "fieldtype": "Link", "options": "Grid", "label": "Place"},
		],
		permissions=[{"role": "System Manager", "read": 1, "write": 1, "create": 1}],
		sort_field="modified",
		sort_order="DESC",
	).insert()
	frappe.db.commit()
	yield OWN
	frappe.db.rollback()
	frappe.set_user("Administrator")
	frappe.delete_doc("DocType", OWN, force=True)
	frappe.db.commit()


@pytest.fixture(scope="module")
def world(made: str, site: str) -> Iterator[frappe._dict]:
	"""The world with a sheet in each village, which the reader may write."""
	for world in build_world(site):
		give(world.role, OWN, "read", "write", "create", "delete", "report")
		world.inside, world.outside = (
			frappe.get_doc(doctype=OWN, title=f"Sheet {number}", place=grid[0].name).insert()
			for number, grid in enumerate(world.town.grids)
		)
		yield world
	frappe.clear_cache(doctype=OWN)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


@pytest.fixture(autouse=True)
def _fresh_meta(_on_site: None) -> Iterator[None]:
	yield
	frappe.clear_cache(doctype=OWN)
	frappe.clear_cache(doctype="ToDo")


def seen(user: str) -> set[str]:
	frappe.set_user(user)
	return set(frappe.get_list(OWN, pluck="name", limit_page_length=0))


def test_it_is_limited_as_soon_as_it_links_to_a_grid(world):
	assert limiting_field(OWN) == "place"
	assert OWN in limited_doctypes()
	assert seen(world.reader) == {world.inside.name}
	assert frappe.has_permission(OWN, "read", doc=world.inside.name)
	assert not frappe.has_permission(OWN, "read", doc=world.outside.name)
	assert frappe.client.get_count(OWN) == 1
	assert frappe.get_list(OWN, fields=["place.grid_name"])[0].grid_name == world.town.grids[0][0].grid_name
	table = frappe.qb.DocType(OWN)
	assert frappe.qb.from_(table).select(table.name).where(scope.criterion(OWN)).run(pluck=True) == [
		world.inside.name
	]


def test_who_has_the_role_without_a_post_sees_nothing(world):
	user = make_user()
	frappe.get_doc("User", user).add_roles(world.role)
	assert seen(user) == set()
	assert not frappe.has_permission(OWN, "read", doc=world.inside.name)


def test_a_row_is_not_taken_over_pushed_out_or_left_without_a_grid(world):
	frappe.set_user(world.reader)
	taken = frappe.get_doc(OWN, world.outside.name)
	taken.place = world.inside.place
	with pytest.raises(frappe.PermissionError):
		taken.save()
	for place in (world.outside.place, None):
		pushed = frappe.get_doc(OWN, world.inside.name)
		pushed.place = place
		with pytest.raises(frappe.PermissionError):
			pushed.save()
		with pytest.raises(frappe.PermissionError):
			frappe.get_doc(doctype=OWN, title="x", place=place).insert()
	assert frappe.get_doc(doctype=OWN, title="x", place=world.inside.place).insert().name


def test_the_administrators_answer_counts_from_then_on(world):
	assert limits.limit_question(OWN) == {"applies": True, "limited": "place", "answered": False}
	limits.answer_limit_question(OWN, 0)
	assert limits.limit_question(OWN) == {"applies": True, "limited": None, "answered": True}
	assert seen(world.reader) == {world.inside.name, world.outside.name}
	frappe.set_user("Administrator")
	limits.answer_limit_question(OWN, 1)
	assert limits.limit_question(OWN)["limited"] == "place"
	assert seen(world.reader) == {world.inside.name}
	frappe.set_user("Administrator")
	assert frappe.db.count("Property Setter", {"doc_type": OWN, "property": LIMIT}) == 1


def test_only_a_system_manager_answers_and_only_for_what_links_to_a_grid(world):
	with pytest.raises(limits.NoLinkToGridError):
		limits.answer_limit_question("ToDo", 1)
	with pytest.raises(limits.NoLinkToGridError):
		limits.answer_limit_question("Grid Worker", 0)
	assert not limits.limit_question("Grid Worker")["applies"]
	assert not limits.limit_question("ToDo")["applies"]
	frappe.set_user(world.reader)
	for ask in (lambda: limits.limit_question(OWN), lambda: limits.answer_limit_question(OWN, 0)):
		with pytest.raises(frappe.PermissionError):
			ask()
