"""Where each person lands after logging in, and where her grid tree begins."""

import pytest

pytestmark = pytest.mark.commits

ON = {
	"Grid Member": "phone",
	"Grid Leader": "phone",
	"Grid Instructor": "desk",
	"Village Secretary": "phone",
	"Township Office": "desk",
}


@pytest.mark.parametrize("role", ON)
def test_everyone_lands_on_the_workspace_of_the_product(role, township, request):
	screen = request.getfixturevalue(ON[role])(township.holder(role))
	screen.look(f"landing-{role.replace(' ', '-').lower()}")
	assert screen.page.locator(".page-title:visible .title-text").inner_text() == "网格化治理"
	logo = screen.page.locator(".navbar-brand img, .app-logo").first
	assert logo.evaluate("image => image.complete && image.naturalWidth > 0")


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
	assert _tree(screen)[0] == secretary.grid_name
	grids = records.rows("Grid", {"parent_grid": secretary.grid}, "grid_name", order_by="grid_path asc")
	below = [grid["grid_name"] for grid in grids]
	if below[0] not in _labels(screen):
		screen.tap(screen.page.locator(".tree-link:visible", has_text=secretary.grid_name).first)
		screen.settle()
	screen.look("secretary-tree")
	assert _labels(screen) == [secretary.grid_name, *below]


def test_the_tree_of_an_official_begins_at_the_township(township, desk):
	official = township.holder("Township Office")
	screen = desk(official)
	assert _tree(screen)[0] == official.grid_name
	screen.look("official-tree")


def _tree(screen) -> list[str]:
	screen.go("grid/view/tree")
	screen.page.locator(".tree-children .tree-link:visible").first.wait_for()
	screen.settle()
	return _labels(screen)


def _labels(screen) -> list[str]:
	"""The nodes below the heading of the tree, from top to bottom."""
	nodes = screen.page.locator(".tree-children .tree-link:visible .tree-label")
	return [text.strip() for text in nodes.all_inner_texts()]
