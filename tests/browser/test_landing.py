"""Where each person lands after logging in, and where her grid tree begins."""

import pytest

pytestmark = pytest.mark.commits

ROLES = ("Grid Member", "Grid Leader", "Grid Instructor", "Village Secretary", "Township Office")


@pytest.mark.parametrize("role", ROLES)
def test_everyone_lands_on_the_workspace_of_the_product(role, township, phone, desk, records):
	person = township.holder(role)
	workspace = records.one("Workspace", {"module": "Grid Structure", "public": 1}, "title")["title"]
	for window, name in ((phone, "phone"), (desk, "desk")):
		screen = window(person)
		screen.look(f"landing-{role.replace(' ', '-').lower()}")
		assert screen.page.locator(".page-title:visible .title-text").inner_text() == workspace, name
		assert screen.page.locator(".navbar-brand img, .app-logo").first.evaluate(
			"image => image.complete && image.naturalWidth > 0"
		)


def test_a_member_can_report_from_her_first_screen(township, phone):
	screen = phone(township.holder("Grid Member"))
	report = screen.page.locator(".shortcut-widget-box:visible", has_text="上报").first
	box = report.bounding_box()
	assert box["y"] + box["height"] <= 844, "the shortcut lies below the first screen"
	screen.tap(report)
	screen.page.wait_for_url("**/app/grid-issue/new*")
	screen.settle()
	assert screen.control("title").locator("input").is_visible()


def test_only_system_managers_are_shown_the_stock_workspaces(township, desk):
	screen = desk(township.holder("Township Office"))
	places = screen.page.locator(".desk-sidebar .item-anchor:visible").all_inner_texts()
	assert len(places) == 1, places


def test_the_tree_of_a_secretary_begins_at_her_village(township, desk, records):
	secretary = township.holder("Village Secretary")
	screen = desk(secretary)
	screen.go("grid/view/tree")
	screen.page.locator(".tree-link:visible").first.wait_for()
	screen.settle()
	screen.look("secretary-tree")
	labels = [
		text.strip() for text in screen.page.locator(".tree-link:visible .tree-label").all_inner_texts()
	]
	grids = records.rows("Grid", {"parent_grid": secretary.grid}, "grid_name", order_by="grid_path asc")
	assert labels == [secretary.grid_name, *(grid["grid_name"] for grid in grids)]


def test_the_tree_of_an_official_begins_at_the_township(township, desk):
	official = township.holder("Township Office")
	screen = desk(official)
	screen.go("grid/view/tree")
	first = screen.page.locator(".tree-link:visible .tree-label").first
	first.wait_for()
	screen.settle()
	screen.look("official-tree")
	assert first.inner_text().strip() == official.grid_name
