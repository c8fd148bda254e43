"""Settings of a new site: the region it stands in, and the product instead of the framework.

site.json has the values. Both parts are applied once, when the app is installed; `bench migrate` never
touches a setting.
"""

import json
from pathlib import Path
from typing import Any

import frappe
from frappe.desk.page.setup_wizard.setup_wizard import disable_future_access
from frappe.model.document import Document
from frappe.translate import get_translations_from_apps

from grid_governance.setup.seeds import rules

FILE = Path(__file__).parent / "site.json"


def localise() -> str:
	"""Set up the site and return the language code it works in.

	A fresh site (setup wizard not done) gets language, country, time zone, formats and currency, and the
	wizard is marked as done. The language is `grid_language` of the site's config where that is given. On a
	site that someone has set up already the region stays, and of the product's settings only those are
	written that still stand at Frappe's default.
	"""
	values = json.loads(FILE.read_text("utf-8"))
	region = values["region"]
	language = frappe.get_system_settings("language") or "en"
	fresh = not frappe.db.get_single_value("System Settings", "setup_complete")
	if fresh:
		language = frappe.conf.get("grid_language") or region["language"]
		_set_region(region, language)
	texts = get_translations_from_apps(language, ["grid_governance"])
	for doctype, settings in values["product"]["settings"].items():
		rendered = rules.render(settings, lambda text: texts.get(text) or text, str)
		_set_where_stock(frappe.get_single(doctype), rendered)
	_hide_public_links()
	_close_stock_workspaces(values["product"]["stock_workspaces_for"])
	return language


def reopen_stock_workspaces() -> None:
	"""Uninstall: open Frappe's workspaces to everyone again where `localise` closed them."""
	role = json.loads(FILE.read_text("utf-8"))["product"]["stock_workspaces_for"]
	for workspace in _stock_workspaces():
		if [row.role for row in workspace.roles] == [role]:
			frappe.db.delete("Has Role", {"parenttype": "Workspace", "parent": workspace.name})


def _set_region(region: dict[str, Any], language: str) -> None:
	disable_future_access()
	settings = frappe.get_single("System Settings")
	settings.update({**region["System Settings"], "language": language})
	settings.flags.ignore_mandatory = True
	settings.save(ignore_permissions=True)
	frappe.db.set_value("Currency", region["currency"], "enabled", 1)
	frappe.db.set_default("currency", region["currency"])
	frappe.db.set_value("User", "Administrator", {"language": language, "time_zone": settings.time_zone})
	if frappe.get_meta("Installed Application").has_field("is_setup_complete"):
		frappe.db.set_value("Installed Application", {"app_name": ("is", "set")}, "is_setup_complete", 1)


def _set_where_stock(settings: Document, wanted: dict[str, Any]) -> None:
	"""Set the fields of *settings* that are empty or at the default of their DocType."""
	for field, value in wanted.items():
		df = settings.meta.get_field(field)
		if not df:
			continue
		present = rules.canonical(settings.get(field), df.fieldtype)
		if present in ("", 0) or present == rules.canonical(df.default, df.fieldtype):
			settings.set(field, value)
	settings.flags.ignore_mandatory = True
	settings.save(ignore_permissions=True)


def _hide_public_links() -> None:
	"""Hide the entries of the help menu that lead to a public host; Frappe's own may not be deleted."""
	navbar = frappe.get_single("Navbar Settings")
	for item in navbar.help_dropdown + navbar.settings_dropdown:
		if (item.route or "").startswith(("http:", "https:", "//")):
			item.hidden = 1
	navbar.save(ignore_permissions=True)


def _close_stock_workspaces(role: str) -> None:
	"""Leave Frappe's own workspaces (build, tools, integrations ...) to *role*; staff have their own."""
	for workspace in _stock_workspaces():
		if not workspace.roles:
			workspace.append("roles", {"role": role})
			workspace.save(ignore_permissions=True)


def _stock_workspaces() -> list[Document]:
	modules = frappe.get_all("Module Def", filters={"app_name": "frappe"}, pluck="name", order_by="name asc")
	names = frappe.get_all(
		"Workspace", filters={"public": 1, "module": ("in", modules)}, pluck="name", order_by="name asc"
	)
	return [frappe.get_doc("Workspace", name) for name in names]
