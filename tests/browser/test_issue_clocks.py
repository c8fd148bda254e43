"""What an administrator sees of urgencies, days off and a township's times, and how a list colours what is urgent."""

from collections.abc import Callable, Iterator

import frappe
import pytest

from grid_governance.grid_structure import calendar, rules
from tests.factories import make_grid, make_issue

pytestmark = pytest.mark.commits

TITLE = "井盖缺失"


@pytest.fixture(scope="module")
def place(site: str) -> Iterator[frappe._dict]:
	"""A township with a profile, and an urgent issue in a grid of it."""
	frappe.set_user("Administrator")
	category = frappe.get_all(
		"Issue Category", {"is_group": 0, "active": 1}, pluck="name", order_by="code asc"
	)[0]
	root = make_grid(None, rules.TOWNSHIP, grid_name="石桥镇")
	village = make_grid(root.name, rules.VILLAGE, grid_name="石桥村")
	grid = make_grid(village.name, rules.GRID, grid_name="石桥一组网格")
	profile = frappe.get_doc(doctype="Township Profile", grid=root.name)
	profile.append("clock_rules", {"purpose": "Finish", "urgency": "Urgent", "span": 12, "unit": "Hours"})
	profile.insert()
	issue = make_issue(grid.name, title=TITLE, category=category, urgency="Urgent")
	frappe.db.commit()
	yield frappe._dict(profile=profile.name, issue=issue.name)
	frappe.db.rollback()
	frappe.delete_doc("Grid Issue", issue.name, ignore_permissions=True, force=True)
	frappe.delete_doc("Township Profile", profile.name, force=True)
	for node in (grid, village, root):
		frappe.delete_doc("Grid", node.name, force=True)
	frappe.db.commit()


@pytest.fixture(params=["desk", "phone"])
def screen(request: pytest.FixtureRequest, admin_password: str):
	"""A window of the Administrator, at a desk and on a phone."""
	opened: Callable = request.getfixturevalue(request.param)
	window = opened()
	window.login("Administrator", admin_password)
	return window


def test_urgencies_days_off_and_times_of_a_township_are_read(place, screen):
	screen.go("issue-urgency")
	assert screen.rows() == frappe.get_all("Issue Urgency", pluck="name", order_by="sequence asc")
	screen.look("clocks-urgencies")
	screen.go("issue-urgency/Urgent")
	screen.look("clocks-urgency")
	screen.go("calendar-day")
	screen.page.locator(".calendar-known:visible").wait_for()
	assert str(calendar.known_until().year) in screen.page.locator(".calendar-known").inner_text()
	screen.look("clocks-days-off")
	screen.go(f"township-profile/{place.profile}")
	times = screen.page.locator(".site-times:visible li")
	times.first.wait_for()
	said = times.all_inner_texts()
	assert "紧急：办结 24 小时" in said
	own = frappe.get_doc("Governance Settings").clock_rules
	assert len(said) == len(own) + frappe.db.count("Issue Urgency", {"active": 1})
	screen.shot("clocks-township", whole=True)  # an empty table says in English what its picture shows


def test_what_is_urgent_has_its_colour_in_the_list(place, desk, admin_password):
	screen = desk()
	screen.login("Administrator", admin_password)
	screen.go(f"grid-issue?name={place.issue}")
	pill = screen.page.locator(".list-row .indicator-pill.red:visible", has_text="紧急")
	pill.first.wait_for()
	assert screen.rows() == [place.issue]
	screen.look("clocks-issues")
	screen.go(f"grid-issue/{place.issue}")
	box = screen.control("urgency").locator("input:visible")
	words = box.first.input_value() if box.count() else screen.control("urgency").inner_text()
	assert "紧急" in words.removeprefix("紧急程度")
