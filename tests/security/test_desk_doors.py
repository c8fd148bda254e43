"""What the desk tells of grids and people, to somebody who stands elsewhere: the tree, the names above, the own grids."""

import frappe
import pytest

from grid_governance.grid_structure import queries
from grid_governance.grid_structure.queries import desk
from grid_governance.setup import seeds
from tests.factories import make_holder, make_township, make_user

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def case() -> frappe._dict:
	"""A member of one grid of a township; the other village is not hers."""
	make_user()  # Frappe makes the first user of a site its System Manager
	town = make_township(2, 2)
	user = make_holder("Grid Member", town.grids[0][0].name)
	make_holder("Grid Leader", town.grids[0][1].name)
	frappe.set_user(user)
	return frappe._dict(town=town, user=user, grid=town.grids[0][0])


def nodes(parent: str = "", is_root: bool = False) -> list[str]:
	return [row["value"] for row in queries.tree_nodes("Grid", parent, is_root)]


def test_a_foreign_parent_expands_to_nothing(case):
	town = case.town
	for parent in (town.villages[1], *town.grids[1], town.grids[0][1]):
		assert nodes(parent.name) == []


def test_a_parent_above_expands_to_the_own_part_alone(case):
	assert nodes(case.town.root.name) == []
	assert nodes(case.town.villages[0].name) == [case.grid.name]


def test_of_what_lies_above_the_names_are_told_and_nothing_else(case):
	(root,) = queries.tree_nodes("Grid", is_root=True)
	assert root["value"] == case.grid.name
	assert root["above"] == [case.town.root.grid_name, case.town.villages[0].grid_name]
	assert set(root) == {"value", "title", "expandable", "grid_level", "grid_code", "above"}


def test_several_posts_give_several_roots_each_with_its_own_names_above(case):
	town = case.town
	frappe.set_user(make_holder("Grid Member", town.grids[0][0].name, town.grids[1][1].name))
	roots = queries.tree_nodes("Grid", is_root=True)
	assert [(root["value"], root["above"][-1]) for root in roots] == sorted(
		[
			(town.grids[0][0].name, town.villages[0].grid_name),
			(town.grids[1][1].name, town.villages[1].grid_name),
		],
		key=lambda pair: frappe.db.get_value("Grid", pair[0], "grid_path"),
	)


def test_an_official_has_the_whole_township_and_nothing_above(case):
	frappe.set_user(make_holder("Township Office", case.town.root.name))
	(root,) = queries.tree_nodes("Grid", is_root=True)
	assert (root["value"], root["above"]) == (case.town.root.name, [])
	assert nodes(case.town.root.name) == [village.name for village in case.town.villages]


def test_the_people_of_other_grids_are_not_told(case):
	assert [row["grid"] for row in desk.my_grids()] == [case.grid.name]


def test_a_workspace_of_others_gives_no_way_that_is_not_the_readers(case):
	for key in ("township-work", "grid-administration"):
		page = {"name": seeds.name_of(f"workspace/{key}"), "title": "", "public": 1}
		try:
			shown = desk.desktop_page(frappe.as_json(page))
		except frappe.PermissionError:
			continue
		for card in shown["cards"]["items"]:
			for link in card["links"]:
				assert link["link_type"] != "DocType" or frappe.has_permission(link["link_to"], "read")
	assert seeds.name_of("workspace/township-work") not in {
		page["name"] for page in desk.sidebar_items()["pages"]
	}
