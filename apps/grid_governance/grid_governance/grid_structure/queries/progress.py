"""How far a township has come in setting itself up."""

import frappe
from frappe.query_builder import DocType
from frappe.utils import getdate

from grid_governance import scope
from grid_governance.grid_structure import rules
from grid_governance.grid_structure.queries.settings import SizeRules


@frappe.whitelist()
def townships() -> list[frappe._dict]:
	"""Return the townships in the reader's scope: `name`, `grid_name`."""
	level = frappe.db.get_value("Grid Level", {"position": rules.TOWNSHIP})
	return frappe.get_list(
		"Grid",
		filters={"grid_level": level, "status": "Active"},
		fields=["name", "grid_name"],
		order_by="grid_path asc",
		limit_page_length=0,
	)


@frappe.whitelist()
def setup_progress(township: str) -> dict[str, int | bool]:
	"""Return the figures of each step of setting up *township*, a grid inside the reader's own.

	`villages`; `grids`, `villages_without_grids`, `outside_size`; `profile` (bool); `holders` (distinct people with a
	post today), `grids_without_lead`; `without_account` (holders who have none).
	"""
	node = frappe.get_doc("Grid", township)
	node.check_permission("read")
	if not scope.covers(node.grid_path, frappe.session.user, "Grid"):
		# Who sees one grid by name, by a matter referred to her department, is told nothing of what lies in it.
		raise frappe.PermissionError
	within = scope.rules.subtree(node.grid_path)
	grids = _grids(within)
	villages = [grid for grid in grids if rules.position(grid.grid_path) == rules.VILLAGE]
	leaves = [grid for grid in grids if rules.position(grid.grid_path) == rules.GRID]
	drawn = {rules.ancestor_path(grid.grid_path, rules.VILLAGE) for grid in leaves}
	held = _held(within)
	led = {post.grid_path for post in held if post.is_lead}
	return {
		"villages": len(villages),
		"grids": len(leaves),
		"villages_without_grids": sum(village.grid_path not in drawn for village in villages),
		"outside_size": _outside_size(leaves),
		"profile": bool(frappe.db.exists("Township Profile", {"grid": township})),
		"holders": len({post.worker for post in held}),
		"grids_without_lead": sum(grid.grid_path not in led for grid in [*villages, *leaves]),
		"without_account": len({post.worker for post in held if not post.user}),
	}


def _grids(within: scope.Range) -> list[frappe._dict]:
	return frappe.get_all(
		"Grid",
		filters=[["grid_path", ">=", within.lo], ["grid_path", "<", within.hi], ["status", "=", "Active"]],
		fields=["name", "grid_path", "grid_level", "planned_households"],
		order_by="grid_path asc",
		limit_page_length=0,
	)


def _held(within: scope.Range) -> list[frappe._dict]:
	held, post = DocType("Grid Post Assignment"), DocType("Grid Post")
	today = getdate()
	return (
		frappe.qb.from_(held)
		.join(post)
		.on(post.name == held.post)
		.select(held.worker, held.user, held.grid_path, post.is_lead)
		.where((held.grid_path >= within.lo) & (held.grid_path < within.hi))
		.where((held.from_date <= today) & (held.to_date.isnull() | (held.to_date >= today)))
		.run(as_dict=True)
	)


def _outside_size(grids: list[frappe._dict]) -> int:
	sizes = SizeRules()
	outside = 0
	for grid in grids:
		bounds = sizes.at(grid.grid_path, grid.grid_level)
		verdict = rules.size_verdict(
			grid.planned_households, bounds["households_min"], bounds["households_max"]
		)
		outside += bool(grid.planned_households) and verdict != rules.WITHIN
	return outside
