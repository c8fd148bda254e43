"""The list of issues narrowed by one tap, the calendar of what is due and the map, on a phone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.browser.conftest import Person
from tests.browser.screen import until
from tests.factories import make_issue

pytestmark = pytest.mark.commits

LATE, TODAY = "河堤栏杆断裂一处", "巷口窨井盖松动"
TILES = "/base-map/{z}/{x}/{y}.png"
THUMB = 44
"""Pixels that a thumb meets."""


@dataclass
class Views:
	"""Who looks, and the two issues that the tests made: one three days late, one due by the end of today."""

	member: Person
	secretary: Person
	late: str
	today: str


@pytest.fixture(scope="module")
def views(township) -> Iterator[Views]:
	"""Two issues in a grid of the demo township, a few hundred metres from each other; they go with it."""
	import frappe
	from frappe.utils import add_to_date, now_datetime

	member = township.holder("Grid Member")
	category = frappe.get_all(
		"Issue Category", {"is_group": 0, "active": 1}, pluck="name", order_by="name asc", limit=1
	)[0]
	frappe.set_user(member.user)
	names = [make_issue(member.grid, title=title, category=category).name for title in (LATE, TODAY)]
	frappe.set_user("Administrator")
	now = now_datetime()
	for at, (name, due) in enumerate(
		zip(
			names,
			(add_to_date(now, days=-3), now.replace(hour=23, minute=59, second=59, microsecond=0)),
			strict=True,
		)
	):
		frappe.db.set_value(
			"Grid Issue", name, {"due_by": due, "latitude": 31.05 + at * 0.003, "longitude": 121.3}
		)
	frappe.db.commit()
	yield Views(member, township.holder("Village Secretary", above=member.grid_path), *names)


@pytest.fixture
def base_map(views) -> Iterator[None]:
	"""The settings name a base map on this site; they name none before and after."""
	import frappe

	def set_to(address: str, system: str) -> None:
		frappe.db.rollback()
		frappe.set_user("Administrator")
		frappe.get_doc("Governance Settings").update(
			{"map_tile_url": address, "map_tile_system": system}
		).save()
		frappe.db.commit()

	set_to(TILES, "GCJ-02")
	yield
	set_to("", "WGS-84")


def quick(screen, key: str):
	return screen.page.locator(f'.quick-filter[data-key="{key}"]:visible')


def tapped(screen, key: str, there: str, gone: str | None) -> list[str]:
	"""Tap a button over the list and wait until it holds *there* and not *gone*."""
	screen.tap(quick(screen, key))

	def narrowed() -> bool:
		rows = screen.rows()
		return there in rows and gone not in rows

	assert until(narrowed, screen.page), screen.rows()
	return screen.rows()


def test_one_tap_shows_what_is_late_and_one_more_everything(views, phone):
	screen = phone(views.member)
	screen.go("grid-issue")
	quick(screen, "late").wait_for()
	for button in screen.page.locator(".quick-filters .btn:visible").all():
		assert button.bounding_box()["height"] >= THUMB
	assert views.late in tapped(screen, "late", views.late, views.today)
	assert quick(screen, "late").get_attribute("aria-pressed") == "true"
	row = screen.page.locator(".list-row", has_text=LATE)
	assert re.search(r"逾期[34]天", row.inner_text())
	screen.look("views-late")
	tapped(screen, "today", views.today, views.late)
	assert quick(screen, "late").get_attribute("aria-pressed") == "false"
	assert "今天到期" in screen.page.locator(".list-row", has_text=TODAY).inner_text()
	screen.tap(quick(screen, "today"))
	assert until(lambda: {views.late, views.today} <= set(screen.rows()), screen.page)


def test_whose_turn_it_is_is_told_by_the_workflow(views, phone):
	screen = phone(views.member)
	screen.go("grid-issue")
	quick(screen, "acts").wait_for()
	for key in ("acts", "reported", "new", "open"):
		rows = tapped(screen, key, views.late, None)
		assert {views.late, views.today} <= set(rows), key
	screen.look("views-mine")


def test_what_was_tapped_is_not_kept_in_the_address(views, phone):
	screen = phone(views.member)
	screen.go("grid-issue")
	quick(screen, "late").wait_for()
	tapped(screen, "late", views.late, views.today)
	assert "due_by" not in screen.page.url
	assert "workflow_state" not in screen.page.url


def test_no_view_moves_issues_by_hand(views, desk):
	screen = desk(views.secretary)
	screen.go("grid-issue")
	quick(screen, "late").wait_for()
	offered = screen.page.locator("[data-view]").evaluate_all("all => all.map((each) => each.dataset.view)")
	assert {"Map", "Calendar"} <= set(offered)
	assert not {"Kanban", "Gantt"} & set(offered)
	screen.look("views-list")


def test_the_calendar_is_a_list_of_days_on_a_phone(views, phone):
	screen = phone(views.secretary)
	screen.go("grid-issue/view/calendar/default")
	event = screen.page.locator(".fc-list-item", has_text=TODAY)
	event.wait_for()
	screen.look("views-calendar")
	screen.tap(event.locator("a, .fc-list-item-title").first)
	screen.page.wait_for_url(re.compile(rf"/app/grid-issue/{re.escape(views.today)}"))


def test_the_calendar_is_a_month_at_a_desk_and_nothing_is_dragged(views, desk):
	screen = desk(views.secretary)
	screen.go("grid-issue/view/calendar/default")
	screen.page.locator(".fc-month-view").wait_for()
	assert not screen.page.locator(".fc-draggable, .fc-resizable").count()
	screen.look("views-calendar")


def test_the_map_shows_ones_own_and_asks_no_other_machine(views, phone):
	screen = phone(views.member)
	screen.go("grid-issue/view/map")
	screen.page.locator(".points-map .point").first.wait_for()
	screen.look("views-map")
	assert re.search(r"\d(公里|米)", screen.page.locator(".leaflet-control-scale").inner_text())
	assert not screen.page.locator(".points-map .leaflet-tile").count()
	one = screen.page.locator(f'.points-map .point[title="{LATE}"]')
	screen.page.evaluate("cur_list.points.map.setView([31.05, 121.3], 17)")
	one.wait_for()
	screen.tap(one)
	about = screen.page.locator(".leaflet-popup .point-about")
	about.wait_for()
	assert re.search(r"逾期[34]天", about.inner_text())
	screen.look("views-map-about")
	screen.tap(about.locator("a"))
	screen.page.wait_for_url(re.compile(rf"/app/grid-issue/{re.escape(views.late)}"))


def test_a_base_map_of_ones_own_lies_below_the_points(views, base_map, phone):
	screen = phone(views.member)
	asked = []

	def serve(route) -> None:
		asked.append(route.request.url)
		route.fulfill(
			content_type="image/svg+xml",
			body='<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256"><rect width="256" height="256" fill="#dde8d8"/></svg>',
		)

	screen.page.route("**/base-map/**", serve)
	screen.go("grid-issue/view/map")
	screen.page.locator(".points-map .leaflet-tile-loaded").first.wait_for()
	screen.page.locator(".points-map .point").first.wait_for()
	assert asked
	assert all(re.search(r"/base-map/\d+/\d+/\d+\.png$", url) for url in asked)
	screen.look("views-base-map")
