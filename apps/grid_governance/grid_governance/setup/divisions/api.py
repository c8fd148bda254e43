"""What the buttons on the lists and forms of Grid call."""

import frappe
from frappe.utils import cint

from grid_governance.grid_structure.queries import SizeRules
from grid_governance.setup.divisions import actions, queries


@frappe.whitelist()
def search_townships(txt: str) -> list[dict[str, str]]:
	"""Return townships of the published list whose name or code begins with *txt*, for whoever may create grids."""
	actions.authorise_anywhere()
	return (
		[{"value": code, "label": label} for code, label in queries.search(txt.strip())]
		if txt.strip()
		else []
	)


@frappe.whitelist(methods=["POST"])
def import_division(code: str) -> dict[str, object]:
	"""Make the township of *code* with its villages. `actions.import_division` authorises."""
	imported = actions.import_division(code)
	return {"township": imported.township, "villages": len(imported.villages), "created": imported.created}


@frappe.whitelist(methods=["POST"])
def draw_grids(villages: str | list, target: str | int | None = None) -> int:
	"""Draw grids below *villages*, rows of `grid` and `households`; return how many. The action authorises.

	The rows come as JSON from the browser. An empty *target* is what the grid level aims at.
	"""
	households = {row["grid"]: cint(row.get("households")) for row in frappe.parse_json(villages)}
	return len(actions.draw_grids(households, target=cint(target) or None))


@frappe.whitelist()
def villages_below(grid: str) -> dict[str, object]:
	"""Return what is to be drawn at and below *grid*.

	`villages`: those without grids, with their planned households; `level` and `target`: what is drawn there
	and of how many households, where the rules say so.
	"""
	node = frappe.get_doc("Grid", grid)
	node.check_permission("read")
	level, target = queries.drawn_level(SizeRules(), node.grid_path, queries.levels_below_village())
	return {"villages": queries.undrawn_villages(grid), "level": level, "target": target}
