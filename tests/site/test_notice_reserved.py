"""A notice to people in sensitive care: the office learns whom it has not reached, the member's day names nobody."""

import frappe
import pytest
from frappe import _
from frappe.utils import add_days, add_to_date, getdate, now_datetime

from grid_governance.grid_visits import today
from grid_governance.grid_visits.notices import channels, desk, reserved, sending, sheets
from tests.factories import (
	make_care,
	make_holder,
	make_household,
	make_notice,
	make_resident,
	make_township,
	make_user,
	seeded,
)
from tests.world import as_text, inside_savepoint, taken_back

SECRET, OPEN = "张保密", "李公开"


@pytest.fixture(scope="module")
def world(site):
	"""Two villages; in the first one a person in sensitive care and one who is old; in the other one in sensitive care."""
	with taken_back():
		make_user()
		town = make_township(2, 1)
		town.village, town.grid = town.villages[0], town.grids[0][0].name
		town.far = town.grids[1][0].name
		people = (
			(town.grid, SECRET, "1990-01-01"),
			(town.grid, OPEN, "1930-01-01"),
			(town.far, "远处", "1990-01-01"),
		)
		made = [
			make_resident(make_household(grid).name, resident_name=name, birth_date=born)
			for grid, name, born in people
		]
		for person in (made[0], made[2]):
			make_care(person.name, "disabled")
		town.secret, town.open, _far = (person.name for person in made)
		town.secretary = make_holder("Village Secretary", town.village.name)
		town.other = make_holder("Village Secretary", town.villages[1].name)
		town.official = make_holder("Township Office", town.root.name)
		town.member = make_holder("Grid Member", town.grid)
		yield town


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


@pytest.fixture
def notice(world, monkeypatch):
	"""A notice of the township for the disabled and the old, each by herself, which goes to the doors today."""
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	monkeypatch.setattr(channels, "send", lambda notice: None)
	audience = [{"care_category": seeded("care_category/disabled")}, {"age_from": 65}]
	doc = make_notice(
		world.root.name, "notice-send", audience=audience, deliver_to="Person", doorstep_hours=24
	)
	sending.fan_out(doc.name)
	return frappe.get_doc("Notice", doc.name)


@pytest.fixture
def later():
	return add_to_date(now_datetime(), hours=25)


def told(user: str) -> list[frappe._dict]:
	return frappe.get_all(
		"Notification Log", {"for_user": user}, ["subject", "email_content"], order_by="creation asc"
	)


def said(text: str, *values: object) -> str:
	return _(text).format(*values)


def test_the_secretary_of_each_village_is_told_how_many_and_where_they_stand(world, notice, later):
	assert reserved.tell(later) == 1
	for user in (world.secretary, world.other):
		(log,) = told(user)
		assert log.subject == said("{0} people are left to you to tell: {1}", 1, notice.notice_title)
		assert f"notice={notice.name}" in log.email_content and "is_sensitive=1" in log.email_content
	assert told(world.official) == told(world.member) == []


def test_the_list_she_is_led_to_is_these_alone(world, notice, as_user):
	filters = {"notice": notice.name, "is_sensitive": 1, "state": ["in", ["Waiting", "Sent"]]}
	with as_user(world.secretary):
		assert frappe.get_list("Notice Delivery", filters=filters, pluck="resident") == [world.secret]
	with as_user(world.member):
		assert frappe.get_list("Notice Delivery", filters=filters, pluck="resident") == []


def test_nobody_is_named_in_what_is_told(world, notice, later):
	reserved.tell(later)
	assert SECRET not in as_text([told(user) for user in (world.secretary, world.other, world.official)])


def test_the_members_day_names_the_others_alone(world, notice, later, as_user):
	frappe.db.set_value("Notice Delivery", {"notice": notice.name}, "doorstep_at", now_datetime())
	with as_user(world.member):
		seen = as_text(today.today(world.grid))
	assert notice.notice_title in seen and OPEN in seen
	assert SECRET not in seen


def test_before_its_time_and_a_second_time_nobody_is_told(world, notice, later):
	assert reserved.tell(add_to_date(now_datetime(), hours=23)) == 0
	assert told(world.secretary) == []
	assert (reserved.tell(later), reserved.tell(later)) == (1, 0)
	assert len(told(world.secretary)) == 1


def test_who_was_reached_is_left_to_nobody(world, notice, later):
	frappe.db.set_value("Notice Delivery", {"notice": notice.name, "resident": world.secret}, "state", "Told")
	reserved.tell(later)
	assert told(world.secretary) == []
	assert len(told(world.other)) == 1


def test_a_notice_without_sensitive_care_tells_nobody(world, later, monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	monkeypatch.setattr(channels, "send", lambda notice: None)
	doc = make_notice(world.village.name, "notice-send")
	sending.fan_out(doc.name)
	assert reserved.tell(later) == 0


def test_where_nobody_may_see_them_the_township_learns_the_number(world, notice, later):
	post = {"user": world.secretary}
	frappe.db.set_value("Grid Post Assignment", post, "to_date", add_days(getdate(), -1))
	reserved.tell(later)
	(log,) = told(world.official)
	expected = ("{0} people in {1} have not been told: {2}", 1, world.village.grid_name, notice.notice_title)
	assert log.subject == said(*expected)
	assert "/app/" not in log.email_content
	assert told(world.secretary) == []


def test_a_withdrawn_notice_is_nobodys(world, notice, later):
	frappe.db.set_value("Notice", notice.name, "workflow_state", seeded("workflow_state/notice-withdrawn"))
	assert reserved.tell(later) == 0


def test_the_forms_list_says_who_is_hers_to_tell(world, notice, as_user):
	with as_user(world.secretary):
		rows = {row["resident_name"]: row["is_sensitive"] for row in desk.left_rows(notice.name)}
	assert rows == {SECRET: 1, OPEN: 0}


def test_on_paper_nobody_in_sensitive_care_is_named(world, as_user, monkeypatch):
	"""A sheet is handed to a grid member."""
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	audience = [{"care_category": seeded("care_category/disabled")}, {"age_from": 65}]
	with as_user(world.secretary):
		doc = make_notice(world.village.name, "notice-send", audience=audience, deliver_to="Person")
	sending._write(frappe.get_doc("Notice", doc.name), world.village.grid_path, now_datetime())
	with as_user(world.secretary):
		assert {row["resident_name"] for row in desk.left_rows(doc.name)} == {OPEN, SECRET}
		html = frappe.get_print("Notice", doc.name, seeded("print_format/unreached-list"))
		slips = sheets.notice_slips(doc.name).slips
	assert OPEN in html and SECRET not in html
	assert len(slips) == 1
