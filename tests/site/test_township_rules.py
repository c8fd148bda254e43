"""Two townships with different rules on one site."""

import frappe
import pytest

from grid_governance.grid_structure import queries, rules
from grid_governance.grid_structure.doctype.township_department.township_department import (
	DepartmentTownshipError,
)
from grid_governance.grid_structure.doctype.township_profile.township_profile import (
	NotATownshipError,
	SizeOrderError,
)
from grid_governance.grid_structure.report.grid_structure_and_size import grid_structure_and_size as report
from tests.factories import level_at, make_grid, make_holder, make_role, make_township

pytestmark = pytest.mark.usefixtures("site")


def make_profile(township: str, sizes: dict[str, int] | None = None, **fields: object):
	profile = frappe.get_doc(doctype="Township Profile", grid=township, **fields)
	if sizes:
		profile.append("size_rules", {"grid_level": level_at(rules.GRID), **sizes})
	return profile.insert(ignore_permissions=True)


def test_each_township_has_its_own_rules_and_the_rest_from_the_site():
	small, large = make_township(1, 1), make_township(1, 1)
	frappe.db.set_single_value(
		"Governance Settings", {"reopen_days": 30, "elder_age": 65, "visit_cycle": "Quarterly"}
	)
	make_profile(small.root.name, {"households_min": 20, "households_max": 30}, elder_age=60)
	make_profile(large.root.name, {"households_min": 200, "households_max": 500}, reopen_days=2)
	here, there = small.grids[0][0], large.grids[0][0]
	assert queries.setting(here.grid_path, "elder_age") == 60
	assert queries.setting(there.grid_path, "elder_age") == 65
	assert queries.setting(here.grid_path, "reopen_days") == 30
	assert queries.setting(there.grid_path, "reopen_days") == 2
	assert {queries.setting(grid.grid_path, "visit_cycle") for grid in (here, there)} == {"Quarterly"}
	sizes = queries.SizeRules()
	assert sizes.at(here.grid_path, here.grid_level)["households_max"] == 30
	assert sizes.at(there.grid_path, there.grid_level)["households_max"] == 500


def test_an_empty_number_comes_from_the_level():
	town = make_township(1, 1)
	level = frappe.get_doc("Grid Level", level_at(rules.GRID))
	level.update({"households_min": 11, "households_target": 0, "households_max": 0}).save(
		ignore_permissions=True
	)
	make_profile(town.root.name, {"households_max": 30})
	bounds = queries.SizeRules().at(town.grids[0][0].grid_path, level.name)
	assert (bounds["households_min"], bounds["households_max"]) == (11, 30)


def test_a_grid_outside_its_size_is_saved_with_a_warning():
	town = make_township(1, 0)
	make_profile(town.root.name, {"households_min": 20, "households_max": 30})
	frappe.local.message_log = []
	grid = make_grid(town.villages[0].name, rules.GRID, planned_households=31)
	assert frappe.db.exists("Grid", grid.name)
	assert any("31" in str(message) for message in frappe.local.message_log)
	frappe.local.message_log = []
	make_grid(town.villages[0].name, rules.GRID, planned_households=30)
	assert not frappe.local.message_log


def test_the_report_shows_the_tree_and_who_is_outside():
	town = make_township(1, 0)
	make_profile(town.root.name, {"households_min": 20, "households_max": 30})
	village = town.villages[0].name
	for households in (19, 20, 30, 31, 0):
		make_grid(village, rules.GRID, planned_households=households)
	_columns, rows, _message, _chart, summary = report.execute({"grid": town.root.name})
	assert [(row["indent"], row["below"]) for row in rows] == [(0, 1), (1, 5), *[(2, 0)] * 5]
	assert [row["verdict_code"] for row in rows[2:]] == [
		"Too Small",
		"Within",
		"Within",
		"Too Large",
		"Not Stated",
	]
	assert {card["label"]: card["value"] for card in summary}[level_at(rules.GRID)] == 5
	outside = report.execute({"grid": town.root.name, "verdict": "Too Large"})[1]
	assert [row["planned_households"] for row in outside] == [31]


def test_the_report_stays_inside_the_readers_scope():
	town = make_township(2, 2)
	role = make_role()
	frappe.permissions.add_permission("Grid", role)
	frappe.permissions.update_permission_property("Grid", role, 0, "report", 1)
	user = make_holder(role, town.villages[0].name)
	frappe.set_user(user)
	rows = report.execute({})[1]
	assert {row["grid"] for row in rows} == {town.villages[0].name, *(grid.name for grid in town.grids[0])}
	with pytest.raises(frappe.PermissionError):
		report.execute({"grid": town.villages[1].name})
	frappe.set_user("Guest")
	with pytest.raises(frappe.PermissionError):
		report.execute({})


def test_a_profile_is_a_townships():
	with pytest.raises(NotATownshipError):
		make_profile(make_township(1, 0).villages[0].name)


@pytest.mark.parametrize(
	"sizes", [{"households_min": 30, "households_max": 20}, {"members_min": 7, "members_max": 6}]
)
def test_sizes_rise(sizes: dict[str, int]):
	with pytest.raises(SizeOrderError):
		make_profile(make_township(0, 0).root.name, sizes)


def test_every_township_has_its_own_department_of_a_name():
	one, two = make_township(1, 0), make_township(0, 0)
	for town in (one, two):
		frappe.get_doc(doctype="Township Department", department_name="司法所", grid=town.root.name).insert(
			ignore_permissions=True
		)
	with pytest.raises(frappe.UniqueValidationError):
		frappe.get_doc(doctype="Township Department", department_name=" 司法所 ", grid=one.root.name).insert(
			ignore_permissions=True
		)
	with pytest.raises(DepartmentTownshipError):
		frappe.get_doc(
			doctype="Township Department", department_name="司法所", grid=one.villages[0].name
		).insert(ignore_permissions=True)
