"""The grid tree on a real database."""

import frappe
import pytest

from grid_governance.grid_structure import actions, rules
from grid_governance.grid_structure.doctype.grid.grid import (
	DivisionCodeError,
	LevelFixedError,
	LevelOrderError,
	VillageMissingError,
)
from tests.factories import level_at, make_grid, make_township, make_worker

pytestmark = pytest.mark.usefixtures("site")


def nested_set() -> dict[str, tuple[int, int]]:
	rows = frappe.get_all("Grid", fields=["name", "lft", "rgt"], order_by="lft asc", limit_page_length=0)
	return {row.name: (row.lft, row.rgt) for row in rows}


def assert_nested_set_agrees_with_paths() -> None:
	rows = frappe.get_all(
		"Grid", fields=["name", "lft", "rgt", "grid_path"], order_by="lft asc", limit_page_length=0
	)
	bounds = sorted(bound for row in rows for bound in (row.lft, row.rgt))
	assert bounds == list(range(1, 2 * len(rows) + 1))
	for a in rows:
		for b in rows:
			assert (a.lft <= b.lft and b.rgt <= a.rgt) == b.grid_path.startswith(a.grid_path)


def test_a_path_shows_the_skipped_area():
	town = make_township(1, 1)
	village, grid = town.villages[0], town.grids[0][0]
	assert grid.grid_path == f"{village.grid_path}{rules.SKIPPED}0001"
	assert grid.grid_code == f"{village.division_code}001"
	assert grid.name == grid.grid_code


def test_a_serial_is_never_given_twice():
	village = make_township(1, 0).villages[0]
	first = make_grid(village.name, rules.GRID)
	frappe.delete_doc("Grid", first.name, ignore_permissions=True)
	second = make_grid(village.name, rules.GRID)
	assert second.grid_path[-4:] == "0002"
	assert second.grid_code.endswith("002")


def test_a_full_node_says_so():
	village = make_township(1, 0).villages[0]
	actions.allocate_serials(village.grid_path, rules.MAX_SERIAL)
	with pytest.raises(actions.GridFullError):
		make_grid(village.name, rules.GRID)


def test_moving_a_village_grid_takes_everything_below_along():
	town = make_township(2, 1)
	grid = town.grids[0][0]
	micro = make_grid(grid.name, rules.MICRO_GRID)
	worker = make_worker(micro.name)
	grid.reload()
	grid.parent_grid = town.villages[1].name
	grid.save(ignore_permissions=True)
	micro.reload()
	worker.reload()
	assert grid.grid_path == f"{town.villages[1].grid_path}{rules.SKIPPED}0002"
	assert micro.grid_path == f"{grid.grid_path}0001"
	assert worker.grid_path == micro.grid_path
	assert grid.grid_code.startswith(town.villages[0].division_code), "a code is a name and stays"
	assert_nested_set_agrees_with_paths()


def test_moving_there_and_back_gives_a_new_serial():
	town = make_township(2, 1)
	grid = town.grids[0][0]
	before = grid.grid_path
	for village in (town.villages[1], town.villages[0]):
		grid.reload()
		grid.parent_grid = village.name
		grid.save(ignore_permissions=True)
	assert grid.grid_path != before
	assert grid.grid_path.startswith(town.villages[0].grid_path)


@pytest.mark.parametrize(
	("position", "error"), [(rules.VILLAGE, LevelOrderError), (rules.TOWNSHIP, LevelOrderError)]
)
def test_levels_only_go_down(position: int, error: type[Exception]):
	village = make_township(1, 0).villages[0]
	with pytest.raises(error):
		make_grid(village.name, position, division_code=village.division_code)


def test_nothing_lies_below_a_leaf():
	grid = make_township(1, 1).grids[0][0]
	frappe.db.set_value("Grid Level", grid.grid_level, "is_leaf", 1)
	frappe.clear_document_cache("Grid Level", grid.grid_level)
	with pytest.raises(LevelOrderError):
		make_grid(grid.name, rules.MICRO_GRID)


def test_a_grid_lies_in_a_village():
	with pytest.raises(VillageMissingError):
		make_grid(make_township(1, 0).root.name, rules.GRID)


def test_a_village_has_a_code_of_its_township():
	root = make_township(1, 0).root
	for code in ("", "12345", "110101001001"):
		with pytest.raises(DivisionCodeError):
			make_grid(root.name, rules.VILLAGE, division_code=code)


def test_the_level_of_a_node_with_children_is_fixed():
	town = make_township(1, 1)
	village = town.villages[0]
	grid = make_grid(village.name, rules.AREA)
	make_grid(grid.name, rules.GRID)
	grid.reload()
	grid.grid_level = level_at(rules.GRID)
	with pytest.raises(LevelFixedError):
		grid.save(ignore_permissions=True)


def test_the_level_of_a_childless_node_changes_with_its_path_and_rows():
	village = make_township(1, 0).villages[0]
	area = make_grid(village.name, rules.AREA)
	worker = make_worker(area.name)
	area.reload()
	area.grid_level = level_at(rules.GRID)
	area.save(ignore_permissions=True)
	assert rules.position(area.grid_path) == rules.GRID
	assert frappe.db.get_value("Grid Worker", worker.name, "grid_path") == area.grid_path


def test_many_nodes_are_inserted_like_single_ones():
	"""The set-based way gives the same rows as saving one by one, names and stamps apart."""
	town = make_township(2, 0)
	level = level_at(rules.GRID)
	one_by_one = [make_grid(town.villages[0].name, rules.GRID, grid_name=f"第{n}网格") for n in (1, 2, 3)]
	names = actions.insert_nodes(
		[
			{"grid_name": f"第{n}网格", "grid_level": level, "parent_grid": town.villages[1].name}
			for n in (1, 2, 3)
		]
	)
	at_once = [frappe.get_doc("Grid", name) for name in names]
	assert_nested_set_agrees_with_paths()
	different = {
		"name",
		"grid_code",
		"grid_path",
		"parent_grid",
		"old_parent",
		"lft",
		"rgt",
		"creation",
		"modified",
	}
	for single, bulk in zip(one_by_one, at_once, strict=True):
		single.reload()
		left, right = single.get_valid_dict(), bulk.get_valid_dict()
		assert {k: v for k, v in left.items() if k not in different} == {
			k: v for k, v in right.items() if k not in different
		}
		assert single.grid_path[-8:] == bulk.grid_path[-8:]
		assert single.grid_code[-3:] == bulk.grid_code[-3:]


def test_a_batch_may_hold_a_node_and_its_children():
	root = make_township(0, 0).root
	village_code = f"{root.division_code}201"
	names = actions.insert_nodes(
		[
			{
				"grid_name": "东村",
				"grid_level": level_at(rules.VILLAGE),
				"parent_grid": root.name,
				"division_code": village_code,
			},
			{"grid_name": "第一网格", "grid_level": level_at(rules.GRID), "parent_grid": village_code},
		]
	)
	village, grid = (frappe.get_doc("Grid", name) for name in names)
	assert grid.grid_path.startswith(village.grid_path)
	assert village.is_group
	assert frappe.db.get_value("Grid", root.name, "is_group")
	assert_nested_set_agrees_with_paths()


def test_a_bad_row_writes_nothing():
	root = make_township(0, 0).root
	before = frappe.db.count("Grid")
	with pytest.raises(VillageMissingError):
		actions.insert_nodes(
			[
				{
					"grid_name": "东村",
					"grid_level": level_at(rules.VILLAGE),
					"parent_grid": root.name,
					"division_code": f"{root.division_code}201",
				},
				{"grid_name": "无村网格", "grid_level": level_at(rules.GRID), "parent_grid": root.name},
			]
		)
	assert frappe.db.count("Grid") == before
