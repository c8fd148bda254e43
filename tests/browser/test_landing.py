"""Where each person lands after logging in, and where the grid tree begins."""

import pytest

pytestmark = pytest.mark.commits

LANDS = {
	"Grid Member": ("phone", "我的网格"),
	"Grid Leader": ("phone", "村级工作台"),
	"Grid Instructor": ("desk", "我的网格"),
	"Village Secretary": ("phone", "村级工作台"),
	"Township Office": ("desk", "镇级工作台"),
}


@pytest.mark.parametrize("role", LANDS)
def test_everyone_lands_on_the_workspace_of_the_highest_post(role, township, request):
	device, workspace = LANDS[role]
	screen = request.getfixturevalue(device)(township.holder(role))
	screen.look(f"landing-{role.replace(' ', '-').lower()}")
	assert screen.page.locator(".page-title:visible .title-text").inner_text() == workspace
	logo = screen.page.locator(".navbar-brand img, .app-logo").first
	assert logo.evaluate("image => image.complete && image.naturalWidth > 0")


def test_a_member_can_report_from_her_first_screen(township, phone):
	screen = phone(township.holder("Grid Member"))
	report = screen.page.locator(".shortcut-widget-box:visible", has_text="上报").first
	box = report.bounding_box()
	assert box["y"] + box["height"] <= 844, "the shortcut lies below the first screen"
	screen.tap(report)
	screen.page.wait_for_url("**/app/report-issue")
	screen.page.locator(".report-send").wait_for()


def test_only_system_managers_are_shown_the_stock_workspaces(township, desk, admin_password):
	staff = desk(township.holder("Township Office"))
	assert _places(staff) == ["镇级工作台", "要素台账"]
	administrator = desk()
	administrator.login("Administrator", admin_password)
	assert administrator.page.locator(".page-title:visible .title-text").inner_text() == "平台管理"
	assert {"我的网格", "村级工作台", "镇级工作台", "平台管理", "用户"} <= set(_places(administrator))


def test_the_plain_address_opens_the_own_workspace_and_not_the_last_one(township, desk):
	screen = desk(township.holder("Grid Leader"))
	screen.go("my-grid")
	assert screen.page.locator(".page-title:visible .title-text").inner_text() == "我的网格"
	screen.page.goto("/app")
	screen.page.wait_for_url("**/app/village-work")
	screen.settle()
	assert screen.page.locator(".page-title:visible .title-text").inner_text() == "村级工作台"
	screen.go("grid-issue")
	screen.tap(screen.page.locator(".navbar-brand").first)
	screen.page.wait_for_url("**/app/village-work")


def test_the_own_workspace_opens_after_the_first_password_too(township, phone):
	import frappe

	from grid_governance.grid_structure.actions import accounts

	person = [one for one in township.people if one.role == "Grid Member"][-1]
	accounts.set_first_password(person.user, person.password)
	frappe.db.commit()
	screen = phone()
	screen.page.goto("/login")
	screen.page.fill("#login_email", person.user)
	screen.page.fill("#login_password", person.password)
	screen.tap(screen.page.locator(".form-login .btn-login"))
	screen.page.wait_for_url("**/update-password*")
	screen.page.fill("#new_password", f"{person.password}-2")
	if screen.page.locator("#confirm_password").count():
		screen.page.fill("#confirm_password", f"{person.password}-2")
	screen.page.wait_for_timeout(1500)  # the page asks the server how strong the password is
	screen.tap(screen.page.locator("#update"))
	screen.page.wait_for_url("**/app/my-grid")


def test_whoever_has_no_post_reads_why_there_is_nothing(site, phone):
	import frappe
	from frappe.utils.password import update_password

	from tests.factories import make_user

	user, password = make_user(), "Grid-2026-desk"
	update_password(user, password)
	frappe.db.commit()
	try:
		screen = phone()
		screen.page.goto("/login?redirect-to=/app")
		screen.page.fill("#login_email", user)
		screen.page.fill("#login_password", password)
		screen.tap(screen.page.locator(".form-login .btn-login"))
		screen.page.wait_for_url("**/without_post")
		assert screen.page.locator("h1").inner_text() == "您目前没有任职岗位。"
		screen.look("without-post")
	finally:
		frappe.delete_doc("User", user, force=True)
		frappe.db.commit()


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
	above = screen.page.locator(".grid-tree-above").inner_text()
	town = records.one("Grid", {"name": township.holder("Township Office").grid}, "grid_name")["grid_name"]
	assert above.split(" › ")[-2:] == [town, secretary.grid_name]
	assert _labels(screen) == [secretary.grid_name, *below]


def test_the_tree_of_an_official_begins_at_the_township(township, desk):
	official = township.holder("Township Office")
	screen = desk(official)
	assert _tree(screen)[0] == official.grid_name
	screen.look("official-tree")


def test_the_tree_of_a_member_names_all_that_lies_above_her_grid(township, phone, records):
	member = township.holder("Grid Member")
	screen = phone(member)
	patches = records.rows("Grid", {"parent_grid": member.grid}, "grid_name", order_by="grid_path asc")
	assert _tree(screen) == [member.grid_name, *(patch["grid_name"] for patch in patches)]
	names = screen.page.locator(".grid-tree-above").inner_text().split(" › ")
	above = [
		grid["grid_name"]
		for grid in records.rows("Grid", {}, "grid_name", "grid_path", order_by="grid_path asc")
		if member.grid_path.startswith(grid["grid_path"])
	]
	assert names == above
	screen.look("member-tree")


def test_nothing_is_told_of_a_node_that_is_not_the_readers(township, desk, records):
	member = township.holder("Grid Member")
	screen = desk(member)
	method = "grid_governance.grid_structure.queries.tree_nodes"
	grids = records.rows("Grid", {}, "name", "grid_path", order_by="grid_path asc")
	own = {grid["name"] for grid in grids if grid["grid_path"].startswith(member.grid_path)}
	assert len(own) < len(grids)
	for parent in ("", *(grid["name"] for grid in grids[:40])):
		for door in (method, "frappe.desk.treeview.get_all_nodes"):
			arguments = {"doctype": "Grid", "parent": parent, "label": parent, "tree_method": method}
			told = screen.call(door, **arguments)["message"] or []
			nodes = [node for row in told for node in row.get("data", [row])]
			assert {node["value"] for node in nodes} <= own, (door, parent)
	(root,) = screen.call(method, doctype="Grid", parent="", is_root=True)["message"]
	assert root["value"] == member.grid
	assert set(root) == {"value", "title", "expandable", "grid_level", "grid_code", "above"}
	screen.allow("get_all_nodes")


def _places(screen) -> list[str]:
	screen.page.locator(".desk-sidebar .item-anchor:visible").first.wait_for()
	return [
		text.strip() for text in screen.page.locator(".desk-sidebar .item-anchor:visible").all_inner_texts()
	]


def _tree(screen) -> list[str]:
	screen.go("grid/view/tree")
	screen.page.locator(".tree-children .tree-link:visible").first.wait_for()
	screen.settle()
	return _labels(screen)


def _labels(screen) -> list[str]:
	"""The nodes below the heading of the tree, from top to bottom."""
	nodes = screen.page.locator(".tree-children .tree-link:visible .tree-label")
	return [text.strip() for text in nodes.all_inner_texts()]
