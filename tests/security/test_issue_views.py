"""Buttons, calendar and map show no issue outside the reader's scope, whatever part of time or earth is asked for."""

import frappe
import pytest
from frappe.custom.doctype.property_setter.property_setter import make_property_setter
from frappe.utils import get_datetime

from grid_governance.grid_issues import steps, views
from grid_governance.scope.doors.core import FilterTextError, HiddenFieldError
from tests.factories import (
	make_department,
	make_holder,
	make_issue,
	make_officer,
	make_township,
	make_user,
	seeded,
)

pytestmark = pytest.mark.usefixtures("site")

WORLD = {"south": -90.0, "west": -180.0, "north": 90.0, "east": 180.0}
ALWAYS = {"start": get_datetime("1990-01-01"), "end": get_datetime("2990-01-01")}


@pytest.fixture
def town() -> frappe._dict:
	"""Two villages with an issue each, at the same place; the first is referred to a department."""
	town = make_township(2, 1)
	town.own, town.foreign = (make_issue(grids[0].name, "submit-to-village") for grids in town.grids)
	for issue in (town.own, town.foreign):
		frappe.db.set_value("Grid Issue", issue.name, {"latitude": 31.0, "longitude": 121.0})
	town.department = make_department(town.root.name).name
	steps.take_step(town.own.name, seeded("workflow_action_master/refer"), lead_department=town.department)
	town.reader = make_holder("Village Secretary", town.villages[0].name)
	return town


def shown(filters: list | None = None) -> set[str]:
	"""What the map and the calendar show to the session's user: they must agree."""
	found = views.points(**WORLD, filters=filters)["points"]
	due = views.due_between("Grid Issue", **ALWAYS, filters=filters)
	assert {row.name for row in found} == {row["name"] for row in due}
	return {row.name for row in found}


def test_the_whole_world_is_ones_own_scope(town, as_user):
	with as_user(town.reader):
		assert shown() == {town.own.name}
		grids = views.points(**WORLD)["grids"]
		assert set(grids) == {town.own.grid}


def test_a_filter_that_names_the_other_village_opens_nothing(town, as_user):
	with as_user(town.reader):
		for filters in (
			[["Grid Issue", "name", "=", town.foreign.name]],
			[["Grid Issue", "grid", "=", town.foreign.grid]],
			[["Grid Issue", "grid_path", "like", "%"], ["Grid Issue", "name", "!=", town.own.name]],
		):
			assert shown(filters) == set()


@pytest.mark.parametrize(
	"filters",
	[
		["1=1) or (1=1"],
		{"name": "x"},
		[["Grid Issue", "name) or (1", "=", "1"]],
		[["Grid Issue", "(select 1)", "=", "1"]],
	],
)
def test_a_filter_is_no_piece_of_sql(town, as_user, filters):
	with as_user(town.reader):
		for ask in (
			lambda: views.points(**WORLD, filters=filters),
			lambda: views.due_between("Grid Issue", **ALWAYS, filters=filters),
		):
			with pytest.raises((FilterTextError, frappe.DataError)):
				ask()


def test_a_stranger_and_a_guest_see_nothing(town, as_user):
	elsewhere = make_holder("Village Secretary", make_township(1, 0).villages[0].name)
	with as_user(elsewhere):
		assert shown() == set()
	for nobody in (make_user(), "Guest"):
		with as_user(nobody):
			for ask in (
				lambda: views.points(**WORLD),
				lambda: views.due_between("Grid Issue", **ALWAYS),
				lambda: views.due_between("Issue Referral", **ALWAYS),
				lambda: views.quick_filters("Grid Issue"),
			):
				with pytest.raises(frappe.PermissionError):
					ask()


def test_an_officer_sees_what_her_department_was_given(town, as_user):
	with as_user(make_officer("Department Officer", town.department)):
		assert shown() == {town.own.name}
		due = views.due_between("Issue Referral", **ALWAYS)
		assert {row["name"] for row in due} == {
			frappe.db.get_value("Issue Referral", {"issue": town.own.name})
		}
	idle = make_officer("Department Officer", make_department(town.root.name).name)
	with as_user(idle):
		assert shown() == set()
		assert views.due_between("Issue Referral", **ALWAYS) == []


def test_a_user_permission_narrows_the_map_and_the_calendar(town, as_user):
	reader = make_holder("Township Office", town.root.name)
	with as_user(reader):
		assert {town.own.name, town.foreign.name} <= shown()
	frappe.get_doc(
		doctype="User Permission", user=reader, allow="Grid", for_value=town.own.grid, apply_to_all_doctypes=1
	).insert(ignore_permissions=True)
	with as_user(reader):
		assert shown() == {town.own.name}


@pytest.mark.parametrize("field", ["latitude", "title"])
def test_a_field_above_the_readers_level_is_not_told_and_not_asked_for(town, as_user, field):
	make_property_setter("Grid Issue", field, "permlevel", 8, "Int")
	frappe.clear_cache(doctype="Grid Issue")
	try:
		with as_user(town.reader):
			for row in views.due_between("Grid Issue", **ALWAYS):
				assert field not in row
			if field == "latitude":
				with pytest.raises(HiddenFieldError):
					views.points(**WORLD)
			else:
				assert all(field not in row for row in views.points(**WORLD)["points"])
	finally:
		frappe.clear_cache(doctype="Grid Issue")
