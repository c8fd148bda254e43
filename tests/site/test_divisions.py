"""Townships from the published list of divisions, and grids drawn by rule, on a real site."""

import json

import frappe
import pytest

from grid_governance.grid_structure import rules as structure
from grid_governance.setup.divisions import actions, api, queries
from tests.factories import make_holder

pytestmark = pytest.mark.usefixtures("site")

LARGE, VILLAGES_OF_LARGE = "110118102", 37
WARM_UP = "371403109"
SMALL, VILLAGES_OF_SMALL = "420984204", 12


def node(name: str) -> frappe._dict:
	fields = ["grid_name", "grid_level", "parent_grid", "division_code", "grid_code", "grid_path", "is_group"]
	return frappe.db.get_value("Grid", name, fields, as_dict=True)


def children(parent: str) -> list[frappe._dict]:
	fields = ["name", "grid_name", "grid_path", "planned_households", "division_code"]
	return frappe.get_all(
		"Grid", {"parent_grid": parent}, fields, order_by="grid_path asc", limit_page_length=0
	)


def level_at(position: int) -> str:
	return frappe.db.get_value("Grid Level", {"position": position})


def test_a_township_comes_with_its_villages_under_their_codes():
	made = actions.import_division(LARGE)
	township = node(made.township)
	assert (township.division_code, township.grid_code) == (LARGE, LARGE)
	assert township.grid_level == level_at(structure.TOWNSHIP)
	villages = children(made.township)
	assert len(villages) == len(made.villages) == VILLAGES_OF_LARGE
	assert made.created == VILLAGES_OF_LARGE + 1
	for village in villages:
		assert village.name == village.division_code
		assert village.division_code.startswith(LARGE)
		assert village.grid_path.startswith(township.grid_path)
		assert not village.grid_name.endswith("会")
	assert [village.division_code for village in villages] == sorted(made.villages)


def test_the_whole_tree_is_in_order_afterwards():
	made = actions.import_division(SMALL)
	township = frappe.db.get_value("Grid", made.township, ["lft", "rgt"])
	assert township[1] - township[0] == 2 * VILLAGES_OF_SMALL + 1


def test_a_second_run_changes_nothing():
	actions.import_division(LARGE)
	before = frappe.db.sql("checksum table tabGrid, tabSeries")
	again = actions.import_division(f"{LARGE}000")
	assert again.created == 0
	assert len(again.villages) == VILLAGES_OF_LARGE
	assert frappe.db.sql("checksum table tabGrid, tabSeries") == before


def test_a_village_that_is_there_keeps_its_name_and_a_missing_one_comes():
	made = actions.import_division(SMALL)
	kept, gone = made.villages[:2]
	frappe.db.set_value("Grid", kept, "grid_name", "Ours")
	frappe.delete_doc("Grid", gone)
	again = actions.import_division(SMALL)
	assert again.created == 1
	assert node(kept).grid_name == "Ours"
	assert node(gone).parent_grid == made.township


def test_statements_do_not_grow_with_the_villages(count_queries):
	actions.import_division(WARM_UP)
	with count_queries() as large:
		actions.import_division(LARGE)
	with count_queries() as small:
		actions.import_division(SMALL)
	assert large.count == small.count


def test_a_county_in_the_tree_takes_its_township():
	county = frappe.get_doc(
		doctype="Grid", grid_name="County", grid_level=level_at(structure.COUNTY), division_code=SMALL[:6]
	).insert()
	made = actions.import_division(SMALL)
	assert node(made.township).parent_grid == county.name


@pytest.mark.parametrize("code", ["999999999", "14043120", "140431203206"])
def test_an_unknown_code_is_refused(code):
	with pytest.raises(queries.DivisionUnknownError):
		actions.import_division(code)


def test_without_the_package_the_message_says_what_to_do(monkeypatch, tmp_path):
	monkeypatch.setattr(frappe, "get_app_path", lambda app, *parts: str(tmp_path / "app" / app))
	with pytest.raises(queries.DivisionsMissingError, match="npm ci"):
		actions.import_division(SMALL)


def test_townships_are_found_by_the_beginning_of_name_or_code():
	assert {"value": "140431203", "label": "聪子峪乡 · 山西省 长治市 沁源县"} in api.search_townships(
		"聪子峪"
	)
	assert [found["value"] for found in api.search_townships(SMALL)] == [SMALL]
	assert api.search_townships(" ") == []
	assert api.search_townships("没有这个乡镇") == []


class TestDrawing:
	@pytest.fixture
	def villages(self) -> list[str]:
		return actions.import_division(SMALL).villages

	def test_households_are_spread_evenly(self, villages):
		drawn = actions.draw_grids({villages[0]: 85}, target=25)
		grids = children(villages[0])
		assert [grid.name for grid in grids] == drawn
		assert [grid.planned_households for grid in grids] == [29, 28, 28]
		assert [grid.name for grid in grids] == [f"{villages[0]}{serial:03d}" for serial in (1, 2, 3)]
		assert frappe.db.get_value("Grid", villages[0], ["planned_households", "is_group"]) == (85, 1)

	def test_the_dialog_sends_rows_and_numbers_as_text(self, villages):
		rows = [{"grid": villages[0], "households": "85"}, {"grid": villages[1]}]
		assert api.draw_grids(json.dumps(rows), "25") == 3
		assert [grid.planned_households for grid in children(villages[0])] == [29, 28, 28]
		assert children(villages[1]) == []

	def test_names_are_in_the_language_of_the_site(self, villages):
		frappe.db.set_single_value("System Settings", "language", "zh")
		frappe.local.lang = "en"
		frappe.clear_cache(doctype="System Settings")
		actions.draw_grids({villages[0]: 50}, target=25)
		name = node(villages[0]).grid_name
		assert [grid.grid_name for grid in children(villages[0])] == [f"{name}第一网格", f"{name}第二网格"]

	def test_the_size_aimed_at_is_that_of_the_level(self, villages):
		level = level_at(structure.GRID)
		frappe.db.set_value("Grid Level", level, "households_target", 40)
		frappe.clear_document_cache("Grid Level", level)
		assert len(actions.draw_grids({villages[0]: 120})) == 3

	def test_a_level_without_a_size_is_refused(self, villages):
		with pytest.raises(queries.TargetMissingError):
			actions.draw_grids({villages[0]: 120}, level=level_at(structure.VILLAGE))

	def test_a_village_that_has_grids_is_left(self, villages):
		actions.draw_grids({villages[0]: 50}, target=25)
		assert actions.draw_grids({villages[0]: 500, villages[1]: 25}, target=25) == [f"{villages[1]}001"]
		assert frappe.db.get_value("Grid", villages[0], "planned_households") == 50
		assert len(children(villages[0])) == 2

	def test_what_is_offered_to_draw_are_villages_without_grids(self, villages):
		actions.draw_grids({villages[0]: 50}, target=25)
		offered = api.villages_below(SMALL)
		assert [row.grid for row in offered["villages"]] == villages[1:]
		assert [row.grid for row in api.villages_below(villages[1])["villages"]] == [villages[1]]
		assert api.villages_below(villages[0])["villages"] == []

	def test_the_size_aimed_at_is_the_township_s_own(self, villages):
		level = level_at(structure.GRID)
		rule = {"grid_level": level, "households_target": 25}
		frappe.get_doc(doctype="Township Profile", grid=SMALL, size_rules=[rule]).insert()
		offered = api.villages_below(SMALL)
		assert (offered["level"], offered["target"]) == (level, 25)
		assert len(actions.draw_grids({villages[0]: 85})) == 3

	@pytest.mark.parametrize(
		("households", "target"),
		[({"201": 85, "202": -1}, 25), ({"201": 85}, -25), ({"201": 0}, 25), ({}, 25)],
	)
	def test_what_cannot_be_drawn_is_refused_and_nothing_written(self, villages, households, target):
		with pytest.raises(actions.HouseholdsMissingError):
			actions.draw_grids({f"{SMALL}{code}": count for code, count in households.items()}, target=target)
		assert children(villages[0]) == []

	def test_a_village_without_households_is_left_for_later(self, villages):
		frappe.db.set_value("Grid", villages[1], "planned_households", 40)
		actions.draw_grids({villages[0]: 50, villages[1]: 0}, target=25)
		assert children(villages[1]) == []
		assert frappe.db.get_value("Grid", villages[1], "planned_households") == 40

	def test_a_code_that_somebody_typed_is_left_out(self, villages):
		typed = {"grid_name": "北街", "grid_level": level_at(structure.GRID), "parent_grid": villages[0]}
		frappe.get_doc(doctype="Grid", grid_code=f"{villages[1]}002", **typed).insert()
		drawn = actions.draw_grids({villages[1]: 75}, target=25)
		assert drawn == [f"{villages[1]}{serial}" for serial in ("001", "004", "003")]

	def test_ninety_grids_take_no_more_statements_than_ten(self, villages, count_queries):
		actions.draw_grids({villages[0]: 50}, target=25)  # what is read once is read by now
		with count_queries() as ten:
			assert len(actions.draw_grids(dict.fromkeys(villages[1:3], 125), target=25)) == 10
		with count_queries() as ninety:
			assert len(actions.draw_grids(dict.fromkeys(villages[3:], 250), target=25)) == 90
		assert ninety.count <= ten.count


class TestRights:
	@pytest.fixture
	def township(self) -> str:
		return actions.import_division(SMALL).township

	@pytest.mark.parametrize("role", ["Grid Member", "Grid Leader", "Village Secretary"])
	def test_grid_staff_may_not(self, township, as_user, role):
		with as_user(make_holder(role, f"{SMALL}203")):
			with pytest.raises(frappe.PermissionError):
				api.import_division(LARGE)
			with pytest.raises(frappe.PermissionError):
				api.draw_grids([{"grid": f"{SMALL}203", "households": 50}], target=25)
			with pytest.raises(frappe.PermissionError):
				api.search_townships("聪")

	def test_a_township_official_works_in_her_own_township_only(self, township, as_user):
		missing = f"{SMALL}203"
		frappe.delete_doc("Grid", missing)
		with as_user(make_holder("Township Office", township)):
			assert api.import_division(SMALL)["created"] == 1
			assert api.draw_grids([{"grid": missing, "households": 50}], target=25) == 2
			with pytest.raises(frappe.PermissionError):
				api.import_division(LARGE)

	def test_a_village_out_of_scope_is_not_drawn(self, township, as_user):
		other = actions.import_division(LARGE).villages[0]
		with as_user(make_holder("Township Office", township)):
			assert api.draw_grids([{"grid": other, "households": 50}], target=25) == 0
		assert children(other) == []
