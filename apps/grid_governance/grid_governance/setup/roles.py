"""The roles of the app. roles.json lists them with their markers; no other file names one outside seeds."""

import json
from pathlib import Path

import frappe

FILE = Path(__file__).parent / "roles.json"


def shipped() -> list[dict[str, object]]:
	"""Return the roles the app ships, as field values of Role."""
	return [{"desk_access": 1, **role} for role in json.loads(FILE.read_text("utf-8"))]


def create() -> None:
	"""Create the roles that are missing and set their markers; what an administrator set on them stays.

	Frappe makes bare roles of those that a DocType's permissions name, so a role may exist before it was
	ever set up. A role that has been set up is known by having one of its markers.
	"""
	for role in shipped():
		name = role["role_name"]
		if not frappe.db.exists("Role", name):
			frappe.get_doc({"doctype": "Role", **role}).insert(ignore_permissions=True)
			continue
		doc = frappe.get_doc("Role", name)
		if not any(doc.get(marker) for marker in _markers()):
			doc.update(role)
			doc.save(ignore_permissions=True)


def remove() -> None:
	"""Delete the app's roles but for those that permissions of foreign DocTypes use."""
	for role in shipped():
		name = role["role_name"]
		if frappe.db.exists("Role", name) and not _used_elsewhere(name):
			frappe.db.delete("Has Role", {"role": name})
			frappe.db.delete("Custom DocPerm", {"role": name})
			frappe.delete_doc("Role", name, ignore_permissions=True, force=True)


def _markers() -> set[str]:
	return {marker for role in shipped() for marker in role} - {"role_name", "desk_access"}


def _used_elsewhere(role: str) -> bool:
	modules = frappe.get_all("Module Def", {"app_name": "grid_governance"}, pluck="name", order_by="name asc")
	own = set(frappe.get_all("DocType", {"module": ("in", modules)}, pluck="name", order_by="name asc"))
	used = {
		*frappe.get_all("DocPerm", {"role": role}, pluck="parent", order_by="name asc"),
		*frappe.get_all("Custom DocPerm", {"role": role}, pluck="parent", order_by="name asc"),
	}
	return bool(used - own)
