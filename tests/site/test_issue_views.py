"""The buttons over the lists, the calendar and the map: by markers, by the stored due time, in parts and in limits."""

import frappe
import pytest
from frappe.utils import add_to_date, get_datetime, now_datetime

from grid_governance.grid_issues import clocks, steps, views
from grid_governance.grid_structure import base_map
from tests.factories import make_department, make_holder, make_issue, make_officer, make_township, seeded

pytestmark = pytest.mark.usefixtures("site")

PART = {"south": 30.0, "west": 120.0, "north": 32.0, "east": 122.0}
"""A part of the map in which the tests' issues lie."""


def state(key: str) -> str:
	return seeded(f"workflow_state/{key}")


@pytest.fixture
def town() -> frappe._dict:
	"""A township with one issue in each of four states."""
	town = make_township(2, 1)
	town.grid = town.grids[0][0].name
	town.reported = make_issue(town.grid).name
	town.with_village = make_issue(town.grid, "submit-to-village").name
	town.resolved = make_issue(town.grid, "settle-on-the-spot").name
	town.closed = make_issue(town.grid, "settle-on-the-spot", "give-feedback").name
	town.issues = [town.reported, town.with_village, town.resolved, town.closed]
	return town


def put(issue: str, latitude: float, longitude: float) -> None:
	frappe.db.set_value("Grid Issue", issue, {"latitude": latitude, "longitude": longitude})


def test_late_by_state_is_what_is_overdue_by_the_clock(town):
	frappe.db.set_value(
		"Grid Issue", {"name": ["in", town.issues]}, "due_by", add_to_date(now_datetime(), days=-3)
	)
	known = views.quick_filters("Grid Issue")
	late = frappe.get_all(
		"Grid Issue",
		filters=[
			["name", "in", town.issues],
			["workflow_state", "in", known["open"]],
			["due_by", "<", now_datetime()],
		],
		pluck="name",
	)
	table = frappe.qb.DocType("Grid Issue")
	query = frappe.qb.from_(table).select(table.name).where(table.name.isin(town.issues))
	assert set(late) == {row[0] for row in query.where(clocks.overdue(table)).run()}
	assert set(late) == {town.reported, town.with_village}


def test_an_added_state_counts_by_its_marker_and_not_by_its_name(town):
	before = views.quick_filters("Grid Issue")
	assert state("with-village") in before["open"]
	frappe.db.set_value("Workflow State", state("with-village"), "grid_stage", "Resolved")
	frappe.clear_document_cache("Workflow State", state("with-village"))
	try:
		assert state("with-village") not in views.quick_filters("Grid Issue")["open"]
	finally:
		frappe.db.set_value("Workflow State", state("with-village"), "grid_stage", "Open")
		frappe.clear_document_cache("Workflow State", state("with-village"))


@pytest.mark.parametrize(
	("role", "waiting", "others"),
	[
		("Grid Member", {"reported"}, {"with-village", "resolved", "closed", "township-supervision"}),
		("Village Secretary", {"with-village", "in-progress", "resolved"}, {"with-department", "closed"}),
		("Township Office", {"township-supervision"}, {"reported", "with-village", "closed"}),
		("Grid Instructor", set(), {"reported", "with-village", "in-progress", "resolved"}),
	],
)
def test_what_waits_for_a_role_is_what_the_workflow_lets_it_do(town, as_user, role, waiting, others):
	with as_user(make_holder(role, town.root.name)):
		acts = set(views.quick_filters("Grid Issue")["acts"])
	assert {state(key) for key in waiting} <= acts
	assert not {state(key) for key in others} & acts


def test_an_officer_waits_on_her_departments_referrals(town, as_user):
	department = make_department(town.root.name).name
	steps.take_step(town.with_village, seeded("workflow_action_master/refer"), lead_department=department)
	with as_user(make_officer("Department Officer", department)):
		known = views.quick_filters("Issue Referral")
		assert set(known["acts"]) == {state("referral-waiting"), state("referral-at-work")}
		assert known["new"] == [state("referral-waiting")]
		assert known["reported"] is None
		assert views.quick_filters("Grid Issue")["acts"] == []


def test_reported_by_me_is_what_the_worker_behind_the_account_reported(town, as_user):
	member = make_holder("Grid Member", town.grid)
	with as_user(member):
		mine = make_issue(town.grid).name
		found = frappe.get_list("Grid Issue", filters=views.quick_filters("Grid Issue")["reported"])
	assert [row.name for row in found] == [mine]


def test_the_calendar_holds_what_is_due_between_and_keeps_the_lists_filters(town):
	noon = get_datetime("2024-03-05 12:00:00")
	for days, issue in enumerate(town.issues):
		frappe.db.set_value("Grid Issue", issue, "due_by", add_to_date(noon, days=days))
	start, end = add_to_date(noon, hours=-1), add_to_date(noon, days=2)
	due = views.due_between("Grid Issue", start, end)
	assert [row["name"] for row in due] == town.issues[:2]
	assert {row["all_day"] for row in due} == {0}
	filters = frappe.as_json([["Grid Issue", "workflow_state", "=", state("with-village")]])
	assert [row["name"] for row in views.due_between("Grid Issue", start, end, filters)] == [
		town.with_village
	]


def test_more_than_the_calendar_holds_is_said(town, monkeypatch):
	monkeypatch.setattr(views, "MOST_EVENTS", 2)
	frappe.db.set_value("Grid Issue", {"name": ["in", town.issues]}, "due_by", "2024-03-05 12:00:00")
	start, end = get_datetime("2024-03-05"), get_datetime("2024-03-06")
	filters = [["Grid Issue", "name", "in", town.issues]]
	assert len(views.due_between("Grid Issue", start, end, filters)) == 2
	assert any("2" in str(message) for message in frappe.get_message_log())


def test_the_map_holds_what_lies_in_the_part_in_sight(town):
	put(town.reported, 31.0, 121.0)
	put(town.with_village, 33.0, 121.0)
	found = views.points(**PART, filters=[["Grid Issue", "name", "in", town.issues]])
	(point,) = found["points"]
	assert (point.name, float(point.latitude), float(point.longitude)) == (town.reported, 31.0, 121.0)
	assert found["grids"] == {town.grid: frappe.db.get_value("Grid", town.grid, "grid_name")}
	assert found["more"] is False


def test_an_issue_without_a_point_lies_nowhere(town):
	world = {"south": -90, "west": -180, "north": 90, "east": 180}
	assert views.points(**world, filters=[["Grid Issue", "name", "in", town.issues]])["points"] == []


def test_the_whole_world_is_answered_in_a_limit(town, monkeypatch):
	monkeypatch.setattr(views, "MOST_POINTS", 2)
	for issue in town.issues:
		put(issue, 31.0, 121.0)
	found = views.points(**PART, filters=[["Grid Issue", "name", "in", town.issues]])
	assert len(found["points"]) == 2
	assert found["more"] is True


@pytest.mark.parametrize(
	"wrong",
	[{"south": float("nan")}, {"east": float("inf")}, {"south": 33.0}, {"west": 123.0}, {"north": 900.0}],
)
def test_limits_that_are_none_are_refused(town, wrong):
	with pytest.raises(views.PartOfMapError):
		views.points(**{**PART, **wrong})


def test_other_records_have_no_such_views(site):
	with pytest.raises(views.NoSuchViewError):
		views.quick_filters("User")
	with pytest.raises(views.NoSuchViewError):
		views.due_between("Event", now_datetime(), now_datetime())


def test_the_part_in_sight_is_served_by_an_index(town, explain):
	sql = frappe.get_list(
		"Grid Issue",
		filters=[
			["latitude", ">=", 30],
			["latitude", "<=", 32],
			["longitude", ">=", 120],
			["longitude", "<=", 122],
		],
		run=False,
	)
	index = "latitude_longitude_index"
	(plan,) = explain(sql.replace("from `tabGrid Issue`", f"from `tabGrid Issue` force index (`{index}`)"))
	assert plan["key"] == index
	assert plan["type"] == "range"


def settings(**values: str) -> frappe.model.document.Document:
	return frappe.get_doc("Governance Settings").update(values)


@pytest.mark.parametrize(
	"address",
	[
		"https://t{s}.example.com/{z}/{x}/{y}.png?key=1",
		"http://10.0.0.2:8080/{z}/{x}/{y}.png",
		"/files/tiles/{z}/{x}/{y}.png",
	],
)
def test_a_base_map_of_ones_own_reaches_the_desk(site, address):
	settings(
		map_tile_url=address, map_tile_servers="01", map_tile_system="GCJ-02", map_attribution="图"
	).save()
	boot = frappe._dict()
	base_map.extend_boot(boot)
	assert boot.map_tiles == {"url": address, "servers": "01", "system": "GCJ-02", "attribution": "图"}


@pytest.mark.parametrize(
	"address",
	[
		"javascript:alert(1)/{z}/{x}/{y}",
		"//example.com/{z}/{x}/{y}.png",
		"https://example.com/{z}/{x}.png",
		"https://user:secret@example.com/{z}/{x}/{y}.png",
		'https://example.com/{z}/{x}/{y}.png"onerror="x',
		"https://{s}.example.com/{z}/{x}/{y}.png",
	],
)
def test_an_address_that_is_none_is_refused(site, address):
	with pytest.raises(base_map.BaseMapAddressError):
		settings(map_tile_url=address, map_tile_servers="").save()


def test_without_an_address_there_is_no_base_map(site):
	settings(map_tile_url="").save()
	boot = frappe._dict()
	base_map.extend_boot(boot)
	assert boot.map_tiles == {}
