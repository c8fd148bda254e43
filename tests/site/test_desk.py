"""Which workspace opens for whom, what stands on it, and which modules are hidden."""

import json

import frappe
import pytest
from frappe.utils import add_days, nowdate

from grid_governance.grid_structure import website
from grid_governance.grid_structure.queries import desk
from grid_governance.setup import roles, seeds
from tests.factories import (
	make_assignment,
	make_holder,
	make_post,
	make_role,
	make_township,
	make_user,
	make_worker,
)

OPENS = {
	"Grid Member": "my-grid",
	"Grid Instructor": "my-grid",
	"Party Patch Member": "grid-ledger",
	"Grid Leader": "village-work",
	"Village Secretary": "village-work",
	"Department Officer": "township-work",
	"Township Office": "township-work",
	"Governance Auditor": "township-work",
	"Governance Administrator": "grid-administration",
}
OURS = ("my-grid", "village-work", "grid-ledger", "township-work", "grid-administration", "without-post")


@pytest.fixture(autouse=True)
def town() -> frappe._dict:
	"""A township of two villages with two grids each; the site has its System Manager."""
	make_user(roles=[{"role": "System Manager"}])  # Frappe makes the first user of a site one
	return make_township(2, 2)


def workspace(key: str) -> str:
	return seeds.name_of(f"workspace/{key}")


def holder_of(role: str, town: frappe._dict) -> str:
	"""A user with *role*: by a post in a grid, or by hand where no post gives it."""
	by_post = {row["role_name"] for row in roles.shipped() if row.get("grid_by_post")}
	return make_holder(role, town.grids[0][0].name) if role in by_post else make_user(roles=[{"role": role}])


def opens_for(user: str) -> str:
	"""The workspace that the boot of *user* opens where no page is named."""
	frappe.clear_cache(user=user)
	frappe.set_user(user)
	boot = frappe._dict(allowed_workspaces=desk.get_workspace_sidebar_items()["pages"], user={})
	desk.extend_boot(boot)
	frappe.set_user("Administrator")
	return boot.user["default_workspace"]["name"]


def test_every_role_that_is_shipped_has_its_workspace():
	assert {row["role_name"] for row in roles.shipped()} == set(OPENS)


@pytest.mark.parametrize("role", OPENS)
def test_the_workspace_of_the_role_opens(role, town):
	assert opens_for(holder_of(role, town)) == workspace(OPENS[role])


def test_the_highest_post_counts_whatever_came_first(town):
	user = make_holder("Grid Member", town.grids[0][0].name)
	worker = frappe.db.get_value("Grid Worker", {"user": user})
	make_assignment(worker, make_post("Village Secretary").name, town.villages[1].name)
	assert opens_for(user) == workspace("village-work")


def test_in_one_grid_the_post_that_leads_counts(town):
	grid = town.grids[0][0].name
	worker = make_worker(grid)
	make_assignment(worker.name, make_post("Grid Member").name, grid, is_primary=1)
	make_assignment(worker.name, make_post("Grid Leader", is_lead=1).name, grid)
	assert opens_for(worker.user) == workspace("village-work")


def test_a_post_that_has_ended_or_is_to_begin_does_not_count(town):
	user = make_holder("Grid Member", town.grids[0][0].name)
	worker = frappe.db.get_value("Grid Worker", {"user": user})
	secretary, today = make_post("Village Secretary").name, nowdate()
	make_assignment(worker, secretary, town.villages[0].name, to_date=add_days(today, -3))
	make_assignment(worker, secretary, town.villages[1].name, from_date=add_days(today, 3))
	assert opens_for(user) == workspace("my-grid")


def test_a_role_that_no_post_gives_goes_before_posts(town):
	user = make_holder("Grid Member", town.grids[0][0].name)
	frappe.get_doc("User", user).add_roles("Governance Administrator")
	assert opens_for(user) == workspace("grid-administration")


def test_what_an_administrator_chose_opens_and_outlives_an_upgrade(town):
	user = make_holder("Grid Member", town.grids[0][0].name)
	home = frappe.get_doc("Role Home", "Grid Member")
	own = frappe.copy_doc(frappe.get_doc("Workspace", workspace("my-grid")))
	own.update({"label": "Own Page", "title": "Own Page"})
	own.insert()
	home.update({"workspace": own.name}).save()
	seeds.sync()
	assert opens_for(user) == own.name


def test_a_workspace_that_is_hidden_or_deleted_does_not_open(town):
	user = make_holder("Grid Leader", town.grids[0][0].name)
	hidden = frappe.get_doc("Workspace", workspace("village-work"))
	hidden.update({"is_hidden": 1}).save()
	assert opens_for(user) == workspace("my-grid")
	hidden.delete()
	assert opens_for(user) == workspace("my-grid")


def test_somebody_without_a_post_is_told_so(town):
	role = make_role(desk_access=1)
	user = make_user(roles=[{"role": role}])
	assert opens_for(user) == workspace("without-post")
	with_rights_left = make_user(roles=[{"role": "Grid Member"}])
	assert opens_for(with_rights_left) == workspace("without-post")


def test_an_account_without_any_role_is_led_to_a_page(town):
	user = make_user()
	assert website.home_page_of(user) == website.PAGE
	assert website.home_page_of(make_holder("Grid Member", town.grids[0][0].name)) is None
	assert website.home_page_of("Guest") is None


@pytest.mark.parametrize("role", OPENS)
def test_every_link_of_a_workspace_is_one_that_its_reader_may_open(role, town, as_user):
	user = holder_of(role, town)
	with as_user(user):
		frappe.clear_cache(user=user)
		for page in desk.sidebar_items()["pages"]:
			shown = desk.desktop_page(frappe.as_json(page))
			for target in _targets(shown):
				assert _may_open(*target), f"{page['name']}: {target}"


@pytest.mark.parametrize("key", OURS)
def test_a_workspace_links_to_what_exists_and_shows_all_it_names(key):
	doc = frappe.get_doc("Workspace", workspace(key))
	blocks = json.loads(doc.content)
	for kind, field, rows in (
		("shortcut", "shortcut_name", doc.shortcuts),
		("number_card", "number_card_name", doc.number_cards),
		("chart", "chart_name", doc.charts),
		("custom_block", "custom_block_name", doc.custom_blocks),
		("card", "card_name", [row for row in doc.links if row.type == "Card Break"]),
	):
		named = [block["data"][field] for block in blocks if block["type"] == kind]
		assert named == [row.label for row in rows]
	for row in [*doc.shortcuts, *(row for row in doc.links if row.type == "Link")]:
		assert frappe.db.exists(row.get("link_type") or row.type, row.link_to), row.link_to


def test_who_may_not_report_has_no_button_to(town, as_user):
	page = frappe.as_json({"name": workspace("my-grid"), "title": "", "public": 1})
	for role, offered in (("Grid Member", True), ("Grid Instructor", False)):
		with as_user(make_holder(role, town.grids[0][0].name)):
			labels = [
				item["link_to"]
				for item in desk.desktop_page(page)["shortcuts"]["items"]
				if item["doc_view"] == "New"
			]
			assert bool(labels) is offered


def test_her_grids_are_shown_to_whoever_serves_in_them_alone(town, as_user):
	grid, other = town.grids[0][0], town.grids[1][0]
	user = make_holder("Grid Member", grid.name, other.name)
	make_holder("Grid Leader", town.grids[0][1].name)
	with as_user(user):
		mine = desk.my_grids()
	assert [row["grid"] for row in mine] == [grid.name, other.name]
	assert mine[0]["place"] == [town.root.grid_name, town.villages[0].grid_name]
	assert len(mine[0]["people"]) == 1
	with as_user(make_user()):
		assert desk.my_grids() == []


def test_breadcrumbs_lead_to_workspaces_of_the_reader(town, as_user):
	user = make_holder("Grid Member", town.grids[0][0].name)
	with as_user(user):
		boot = frappe._dict(
			allowed_workspaces=desk.get_workspace_sidebar_items()["pages"],
			user={},
			module_wise_workspaces={
				"Grid Issues": [workspace("village-work"), workspace("my-grid")],
				"Core": ["Build"],
			},
		)
		desk.extend_boot(boot)
	assert boot.module_wise_workspaces == {"Grid Issues": [workspace("my-grid")]}


class TestModuleProfiles:
	"""What is not theirs is hidden from staff, by what Role Home says."""

	def blocked(self, user: str) -> set[str]:
		return set(frappe.get_all("Block Module", {"parent": user, "parenttype": "User"}, pluck="module"))

	@pytest.fixture
	def profile(self) -> frappe.model.document.Document:
		return frappe.get_doc("Module Profile", seeds.name_of("module_profile/grid-staff"))

	def test_a_post_brings_its_profile_and_takes_it_along(self, town, profile):
		worker = make_worker(town.grids[0][0].name)
		assert not frappe.db.get_value("User", worker.user, "module_profile")
		assignment = make_assignment(worker.name, make_post("Grid Member").name, town.grids[0][0].name)
		assert frappe.db.get_value("User", worker.user, "module_profile") == profile.name
		assert self.blocked(worker.user) == {row.module for row in profile.block_modules}
		assignment.delete()
		assert not frappe.db.get_value("User", worker.user, "module_profile")
		assert self.blocked(worker.user) == set()

	def test_administrators_keep_what_frappe_shows(self, town):
		user = make_user(roles=[{"role": "System Manager"}])
		worker = make_worker(town.grids[0][0].name, user=user)
		make_assignment(worker.name, make_post("Grid Member").name, town.grids[0][0].name)
		assert not frappe.db.get_value("User", user, "module_profile")
		assert self.blocked(user) == set()

	def test_one_that_was_chosen_by_hand_stays(self, town):
		own = frappe.get_doc(doctype="Module Profile", module_profile_name="Own Profile").insert()
		worker = make_worker(town.grids[0][0].name)
		frappe.db.set_value("User", worker.user, "module_profile", own.name)
		make_assignment(worker.name, make_post("Grid Member").name, town.grids[0][0].name)
		assert frappe.db.get_value("User", worker.user, "module_profile") == own.name

	def test_a_changed_profile_reaches_the_accounts_that_have_it(self, town, profile):
		user = make_holder("Grid Member", town.grids[0][0].name)
		profile.set("block_modules", [{"module": "Core"}])
		profile.save()
		assert self.blocked(user) == {"Core"}

	def test_a_saved_account_keeps_what_is_hidden(self, town, profile):
		user = make_holder("Grid Member", town.grids[0][0].name)
		frappe.get_doc("User", user).save()
		assert self.blocked(user) == {row.module for row in profile.block_modules}

	def test_staff_see_none_of_the_modules_that_are_hidden(self, town, profile, as_user):
		user = make_holder("Grid Member", town.grids[0][0].name)
		frappe.db.delete("Has Role", {"parenttype": "Workspace", "role": "System Manager"})
		with as_user(user):
			frappe.clear_cache(user=user)
			modules = {page.get("module") for page in desk.sidebar_items()["pages"]}
		assert modules and not modules & {row.module for row in profile.block_modules}


def _targets(shown: dict) -> list[tuple[str, str, str | None]]:
	"""Where the parts of a workspace lead, as (kind, name, view)."""
	links = [link for card in shown["cards"]["items"] for link in card["links"]]
	return [
		*((item["type"], item["link_to"], item.get("doc_view")) for item in shown["shortcuts"]["items"]),
		*((link["link_type"], link["link_to"], None) for link in links),
		*(("Number Card", card.number_card_name, None) for card in shown["number_cards"]["items"]),
		*(("Dashboard Chart", chart.chart_name, None) for chart in shown["charts"]["items"]),
	]


def _may_open(kind: str, name: str, view: str | None) -> bool:
	kind = kind.lower()
	if kind == "doctype":
		return bool(frappe.has_permission(name, "create" if view == "New" else "read"))
	if kind == "report":
		report = frappe.get_doc("Report", name)
		return report.is_permitted() and bool(frappe.has_permission(report.ref_doctype, "report"))
	if kind == "page":
		return frappe.get_doc("Page", name).is_permitted()
	if kind == "dashboard chart":
		chart = frappe.get_doc("Dashboard Chart", name)
		kind, name = ("report", chart.report_name) if chart.report_name else ("doctype", chart.document_type)
		return _may_open(kind, name, None)
	card = frappe.get_doc("Number Card", name)
	return bool(frappe.has_permission(card.document_type, "read"))
