"""What installing the app makes of a site: settings, roles, markers, and the way back."""

import frappe
import pytest

from grid_governance.setup import install, roles, seeds, site
from grid_governance.setup.seeds.rules import canonical

pytestmark = pytest.mark.usefixtures("site")


def settings(doctype: str) -> frappe.model.document.Document:
	frappe.clear_document_cache(doctype, doctype)
	return frappe.get_single(doctype)


@pytest.fixture
def fresh_site():
	"""The site as before its set-up: wizard not done, stock values."""
	for doctype in ("System Settings", "Website Settings", "Navbar Settings"):
		single = settings(doctype)
		for df in single.meta.fields:
			if df.fieldtype not in frappe.model.no_value_fields:
				single.set(df.fieldname, canonical(df.default, df.fieldtype))
		single.update(
			{"language": "en", "time_zone": "UTC", "date_format": "dd-mm-yyyy", "number_format": "#,###.##"}
		)
		single.setup_complete = 0
		single.flags.ignore_mandatory = True
		single.save()


def test_a_fresh_site_is_chinese(fresh_site):
	assert site.localise() == "zh"
	system = settings("System Settings")
	assert (system.language, system.country, system.time_zone) == ("zh", "China", "Asia/Shanghai")
	assert (system.date_format, system.time_format, system.first_day_of_the_week) == (
		"yyyy-mm-dd",
		"HH:mm",
		"Monday",
	)
	assert system.setup_complete == 1
	assert frappe.db.get_default("currency") == "CNY"
	assert frappe.db.get_default("desktop:home_page") == "workspace"


def test_the_language_can_be_chosen(fresh_site, monkeypatch):
	monkeypatch.setitem(frappe.local.conf, "grid_language", "en")
	assert site.localise() == "en"
	assert settings("System Settings").language == "en"
	assert settings("Website Settings").app_name == "Grid Governance"


def test_the_product_stands_on_it_and_nothing_leads_outside(fresh_site):
	site.localise()
	system, website, navbar = map(settings, ("System Settings", "Website Settings", "Navbar Settings"))
	assert system.enable_telemetry == system.enable_onboarding == system.allow_error_traceback == 0
	assert system.disable_document_sharing == system.allow_login_using_user_name == 1
	assert website.disable_signup == 1
	assert website.app_name == system.app_name == "网格化治理"
	assert website.favicon.startswith("/assets/grid_governance/")
	shown = [item.route for item in navbar.help_dropdown + navbar.settings_dropdown if not item.hidden]
	assert not [route for route in shown if route and "//" in route]


def test_what_an_administrator_set_stays(fresh_site):
	system, website = settings("System Settings"), settings("Website Settings")
	system.update({"setup_complete": 1, "language": "en", "country": "France", "app_name": "Our Town"})
	system.save()
	website.update({"app_name": "Our Town", "favicon": "/files/own.png"})
	website.save()
	assert site.localise() == "en"
	system, website = settings("System Settings"), settings("Website Settings")
	assert (system.language, system.country, system.app_name) == ("en", "France", "Our Town")
	assert (website.app_name, website.favicon) == ("Our Town", "/files/own.png")
	assert website.disable_signup == 1


def test_migrate_touches_no_setting(monkeypatch):
	monkeypatch.setattr(
		install, "create_custom_fields", lambda *args, **kwargs: None
	)  # commits: it changes tables
	system = settings("System Settings")
	system.update({"disable_document_sharing": 0, "app_name": "Our Town"})
	system.save()
	install.after_migrate()
	system = settings("System Settings")
	assert (system.disable_document_sharing, system.app_name) == (0, "Our Town")


@pytest.mark.commits
def test_markers_follow_an_upgrade_and_keep_their_labels():
	marker = frappe.get_doc("Custom Field", "Workflow Action Master-grid_needs")
	shipped = marker.options, marker.label
	try:
		marker.update({"options": "\nReason", "label": "Our Label"}).save()
		install._bring_markers()
		marker.reload()
		assert (marker.options, marker.label) == (shipped[0], "Our Label")
	finally:
		marker.reload()
		marker.update({"options": shipped[0], "label": shipped[1]}).save()
		frappe.db.commit()


def test_stock_workspaces_are_for_system_managers_and_open_again_afterwards():
	for workspace in site._stock_workspaces():
		assert {row.role for row in workspace.roles} == {"System Manager"}, workspace.name
	site.reopen_stock_workspaces()
	assert all(not workspace.roles for workspace in site._stock_workspaces())


def test_cards_count_inside_the_scope(as_user):
	from frappe.desk.doctype.number_card.number_card import get_result

	from tests.factories import make_holder, make_issue, make_township

	town = make_township(2, 1)
	mine, other = town.grids[0][0].name, town.grids[1][0].name
	for grid in (mine, other, other):
		make_issue(grid)
	card = frappe.get_doc("Number Card", seeds.name_of("number_card/open-issues"))
	with as_user(make_holder("Grid Member", mine)):
		assert get_result(card.as_json(), card.filters_json) == 1


def test_roles_have_their_markers_and_changed_ones_stay():
	for role in roles.shipped():
		stored = frappe.get_doc("Role", role["role_name"])
		assert {key: stored.get(key) for key in role} == role
	member = frappe.get_doc("Role", "Grid Member")
	member.update({"two_factor_auth": 1}).save()
	roles.create()
	assert frappe.db.get_value("Role", "Grid Member", "two_factor_auth") == 1


def test_a_role_that_others_use_outlives_the_app():
	frappe.get_doc(
		doctype="Custom DocPerm", parent="ToDo", parenttype="DocType", role="Grid Instructor", read=1
	).insert()
	roles.remove()
	assert frappe.db.exists("Role", "Grid Instructor")
	assert not frappe.db.exists("Role", "Grid Member")


def test_seeds_in_foreign_doctypes_go_with_the_app():
	workflow, state = seeds.name_of("workflow/grid-issue"), seeds.name_of("workflow_state/reported")
	kept = frappe.get_doc("Workflow State", seeds.name_of("workflow_state/resolved"))
	kept.update({"style": "Inverse"}).save()
	seeds.remove()
	assert not frappe.db.exists("Workflow", workflow)
	assert not frappe.db.exists("Workflow State", state)
	assert not frappe.db.exists("Workspace", "Grid Governance")
	assert frappe.db.exists("Workflow State", kept.name)
