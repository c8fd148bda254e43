"""What the public is told of how personal data is handled: by whom, what for, how long, and the rights of each (PIPL Art. 17)."""

from typing import Any

import frappe

from grid_governance.grid_ledger.actions.notices import NOTICE, texts
from grid_governance.grid_structure import queries as structure
from grid_governance.grid_structure import rules

TEXTS = ("purposes", "kinds", "sensitive", "minors", "sharing", "rights")


def place_of(grid: str) -> str:
	"""Return the names of *grid* and of what lies above it, from the township down."""
	path = frappe.db.get_value("Grid", grid, "grid_path") or ""
	above = [each for each in (*rules.paths_above(path), path) if rules.position(each) >= rules.TOWNSHIP]
	names = frappe.get_all(
		"Grid", filters={"grid_path": ["in", above or [""]]}, pluck="grid_name", order_by="grid_path asc"
	)
	return " ".join(names)


def handler_of(path: str) -> str:
	"""Return who handles the data of residents at *path*: what its township calls itself in its notice, else its name."""
	township = rules.ancestor_path(path, rules.TOWNSHIP)
	if not township:
		return ""
	told = frappe.db.get_value(NOTICE, {"grid_path": township}, "handler")
	return told or frappe.db.get_value("Grid", {"grid_path": township}, "grid_name") or ""


def privacy_notice(township: str | None = None) -> frappe._dict:
	"""Return the notice of the grid *township* as it is published; what it does not say is as shipped.

	`handler`, `contact_person`, `contact_phone`, `contact_address`, `effective_on`, the texts of `TEXTS`, `retention`
	(rows `rule_name`, `months`, `action`, `remark`, as they apply today) and `request_days`. No word of any resident.
	"""
	fields = ["handler", "contact_person", "contact_phone", "contact_address", "effective_on", *TEXTS]
	own = (frappe.db.get_value(NOTICE, {"grid": township}, fields, as_dict=True) if township else None) or {}
	shipped = texts(NOTICE)
	made = frappe._dict({**own, **{field: own.get(field) or shipped[field] for field in TEXTS}})
	made.township = township
	made.handler = made.handler or (township and frappe.db.get_value("Grid", township, "grid_name"))
	made.request_days = frappe.db.get_single_value("Governance Settings", "data_request_days")
	made.retention = frappe.get_all(
		"Retention Rule",
		filters={"enabled": 1},
		fields=["rule_name", "months", "action", "remark"],
		order_by="creation asc",
	)
	return made


def published() -> list[frappe._dict]:
	"""Return the townships of the site, `name` and `grid_name`, in the order of the tree."""
	return frappe.get_all(
		"Grid",
		filters={"grid_path": ["in", structure.township_paths() or [""]], "status": "Active"},
		fields=["name", "grid_name"],
		order_by="grid_path asc",
		limit_page_length=0,
	)


@frappe.whitelist()
def townships(
	doctype: str, txt: str, searchfield: str, start: int, page_len: int, filters: dict | None = None
) -> list[Any]:
	"""Search the townships that the reader sees, for a Link field."""
	found = frappe.get_list(
		"Grid",
		filters={"grid_path": ["in", structure.township_paths() or [""]], "grid_name": ["like", f"%{txt}%"]},
		fields=["name", "grid_name"],
		order_by="grid_path asc",
		limit_start=start,
		limit_page_length=page_len,
		as_list=True,
	)
	return list(found)
