"""What installing, migrating and uninstalling the app does to a site."""

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields

from grid_governance.grid_issues.custom_fields import CUSTOM_FIELDS as ISSUE_FIELDS
from grid_governance.grid_ledger.custom_fields import CUSTOM_FIELDS as LEDGER_FIELDS
from grid_governance.grid_structure.telling.custom_fields import CUSTOM_FIELDS as TELLING_FIELDS
from grid_governance.grid_visits.custom_fields import CUSTOM_FIELDS as VISIT_FIELDS
from grid_governance.scope.custom_fields import CUSTOM_FIELDS as SCOPE_FIELDS
from grid_governance.setup import clock_rules, roles, seeds, site
from grid_governance.setup.seeds import permissions

OF_ROOMS = (SCOPE_FIELDS, ISSUE_FIELDS, LEDGER_FIELDS, TELLING_FIELDS, VISIT_FIELDS)
CUSTOM_FIELDS = {
	doctype: [field for room in OF_ROOMS for field in room.get(doctype, ())]
	for doctype in dict.fromkeys(doctype for room in OF_ROOMS for doctype in room)
}


def after_install() -> None:
	"""Make a site of the app: markers, roles, settings, seeds."""
	create_custom_fields(CUSTOM_FIELDS, update=True)
	roles.create()
	language = site.localise()
	seeds.report(seeds.sync(language))
	clock_rules.give()


def before_migrate() -> None:
	"""Remember what the app shipped before its DocTypes are brought up to the installed version."""
	permissions.note_base()


def after_migrate() -> None:
	"""Bring structure and untouched seeds up to the installed version of the app."""
	_bring_markers()
	_bring_defaults("Governance Settings")
	bring_indexes()
	roles.create()
	seeds.report(seeds.sync())
	permissions.sync()


def before_uninstall() -> None:
	"""Take away what `after_install` made outside the app's own DocTypes. Settings of the site stay."""
	seeds.remove()
	site.reopen_stock_workspaces()
	roles.remove()
	_remove_custom_fields()


def _bring_markers() -> None:
	"""Make missing markers, and give standing ones the type and the choices that the code knows.

	What else stands on them, such as labels and places, is the administrator's.
	"""
	create_custom_fields(CUSTOM_FIELDS, update=False)
	known = ("fieldtype", "options")
	for doctype, fields in CUSTOM_FIELDS.items():
		standing = {
			row.pop("fieldname"): row
			for row in frappe.get_all("Custom Field", {"dt": doctype}, ["fieldname", *known])
		}
		changed = [
			{key: field.get(key) for key in ("fieldname", *known)}
			for field in fields
			if any((field.get(key) or "") != (standing[field["fieldname"]][key] or "") for key in known)
		]
		if changed:
			create_custom_fields({doctype: changed}, update=True)


def _bring_defaults(settings: str) -> None:
	"""Give fields that *settings*, a DocType of one record, has got since it was saved their default.

	Frappe gives it to new records only, so a new setting would count as empty or as not ticked.
	"""
	stored = frappe.db.get_singles_dict(settings)
	for field in frappe.get_meta(settings).fields if stored else ():
		if field.default and field.fieldname not in stored:
			frappe.db.set_single_value(settings, field.fieldname, field.default, update_modified=False)


def bring_indexes() -> None:
	"""Give each of the app's tables the indexes that the code asks for today.

	Frappe asks a DocType for them only when its file has changed, so an index that changes in the code alone
	would never come to a standing site.
	"""
	own = {"module": ["in", frappe.get_module_list("grid_governance")], "issingle": 0}
	for doctype in frappe.get_all("DocType", filters=own, pluck="name", order_by="name asc"):
		frappe.get_doc("DocType", doctype).run_module_method("on_doctype_update")


def _remove_custom_fields() -> None:
	for doctype, fields in CUSTOM_FIELDS.items():
		names = [field["fieldname"] for field in fields]
		frappe.db.delete("Custom Field", {"dt": doctype, "fieldname": ("in", names)})
		frappe.clear_cache(doctype=doctype)
