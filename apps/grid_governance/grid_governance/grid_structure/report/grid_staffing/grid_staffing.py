"""Grid Staffing: posts and the people who hold them, side by side, and what is vacant.

The state of one day (`day`, default today). Filters: `grid` (a node; everything below it), `roll_up` (the Grid
Level of the rows), `post`, and `show`: "Staffing" (a row for each node and post), "Vacancies" (units where fewer
hold a post than it asks for) or "Units without a Leader". People are counted once in each row, also in the total:
whoever leads two grids is two assignments and one person.
"""

from typing import Any

import frappe
from frappe import _
from frappe.utils import getdate

from grid_governance.grid_structure import queries, rules
from grid_governance.grid_structure.queries.staffing import Staffing, Tally, node_at

STAFFING, VACANCIES, LEADERLESS = "Staffing", "Vacancies", "Units without a Leader"


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, no message, chart and summary, as Frappe's script reports do."""
	if not frappe.has_permission("Grid Post Assignment", "report"):
		raise frappe.PermissionError
	wanted = frappe._dict(filters or {})
	staffing = Staffing(getdate(wanted.day), root(wanted.grid), wanted.post)
	whole = staffing.by_node(lambda path: "").get("", {})
	if wanted.show in (VACANCIES, LEADERLESS):
		return unit_columns(), units(staffing, wanted.show), None, None, summary(whole)
	return (
		columns(),
		data(staffing, position(wanted, staffing), whole),
		None,
		chart(staffing, whole),
		summary(whole),
	)


def root(grid: str | None) -> str:
	"""Return the path of *grid*, which the reader must be allowed to see; "" for no grid."""
	if not grid:
		return ""
	node = frappe.get_doc("Grid", grid)
	node.check_permission("read")
	return node.grid_path


def position(wanted: frappe._dict, staffing: Staffing) -> int:
	"""Return the level position of the rows: that asked for, else the first with several nodes, else the last."""
	if wanted.roll_up:
		return frappe.get_cached_value("Grid Level", wanted.roll_up, "position") or rules.GRID
	counts: dict[int, int] = {}
	for unit in staffing.units:
		at = rules.position(unit.grid_path)
		counts[at] = counts.get(at, 0) + 1
	several = [at for at in sorted(counts) if counts[at] > 1]
	return several[0] if several else max(counts, default=rules.GRID)


def columns() -> list[dict[str, Any]]:
	"""Return the columns; `per_unit` in assignments per grid of the post's level."""
	return [
		{"fieldname": "label", "label": _("Grid / Post"), "fieldtype": "Data", "width": 220},
		{"fieldname": "units", "label": _("Units"), "fieldtype": "Int", "width": 80},
		{"fieldname": "assignments", "label": _("Posts Held"), "fieldtype": "Int", "width": 90},
		{"fieldname": "people", "label": _("People"), "fieldtype": "Int", "width": 80},
		{"fieldname": "several", "label": _("In Several Grids"), "fieldtype": "Int", "width": 110},
		{"fieldname": "per_unit", "label": _("Per Unit"), "fieldtype": "Float", "precision": 1, "width": 120},
		{"fieldname": "vacancies", "label": _("Vacancies"), "fieldtype": "Int", "width": 90},
		{"fieldname": "leaderless", "label": _(LEADERLESS), "fieldtype": "Int", "width": 130},
	]


def data(staffing: Staffing, at: int, whole: dict[str | None, Tally]) -> list[dict[str, Any]]:
	"""Return a row for each node at level position *at* with one below it for each post, and the total the same way.

	`key` and `parent` make the tree; `grid` is the node's, `post` the row's post.
	"""
	by_node = staffing.by_node(lambda path: node_at(path, at))
	names = queries.GridNames(by_node)
	grids = {unit.grid_path: unit.name for unit in staffing.units}
	rows = []
	for path in sorted(by_node):
		rows += _rows(staffing, by_node[path], path, names.grid(path), grids.get(path))
	return rows + (_rows(staffing, whole, "total", _("Total"), None) if rows else [])


def chart(staffing: Staffing, whole: dict[str | None, Tally]) -> dict[str, Any] | None:
	"""Return posts held and people by post, for all nodes together."""
	posts = [post.name for post in staffing.posts if post.name in whole]
	if not posts:
		return None
	return {
		"data": {
			"labels": posts,
			"datasets": [
				{"name": _("Posts Held"), "values": [whole[post].assignments for post in posts]},
				{"name": _("People"), "values": [len(whole[post].people) for post in posts]},
			],
		},
		"type": "bar",
		"height": 240,
	}


def summary(whole: dict[str | None, Tally]) -> list[dict[str, Any]]:
	"""Return posts held, people, people in several grids, vacancies and units without a leader."""
	every = whole.get(None) or Tally()
	figures = (
		(_("Posts Held"), every.assignments, None),
		(_("People"), len(every.people), None),
		(_("In Several Grids"), every.several, None),
		(_("Vacancies"), every.vacancies, "Orange" if every.vacancies else "Green"),
		(_(LEADERLESS), len(every.leaderless), "Red" if every.leaderless else "Green"),
	)
	return [
		{"label": label, "value": value, "datatype": "Int", **({"indicator": colour} if colour else {})}
		for label, value, colour in figures
	]


def unit_columns() -> list[dict[str, Any]]:
	"""Return the columns of the lists of units; numbers of people."""
	return [
		{"fieldname": "village", "label": _("Village"), "fieldtype": "Data", "width": 150},
		{"fieldname": "grid_name", "label": _("Grid"), "fieldtype": "Data", "width": 200},
		{"fieldname": "grid_level", "label": _("Level"), "fieldtype": "Data", "width": 100},
		{"fieldname": "post", "label": _("Post"), "fieldtype": "Data", "width": 150},
		{"fieldname": "needed", "label": _("Needed"), "fieldtype": "Int", "width": 90},
		{"fieldname": "held", "label": _("Held"), "fieldtype": "Int", "width": 90},
		{"fieldname": "missing", "label": _("Missing"), "fieldtype": "Int", "width": 90},
	]


def units(staffing: Staffing, show: str) -> list[dict[str, Any]]:
	"""Return the units with a vacancy, one row for each post, or those without a leader, in tree order."""
	if show == VACANCIES:
		found = [(row.unit, row.post, row.needed, row.held) for row in staffing.vacancies]
	else:
		leading = {post.applies_to_level: post.name for post in reversed(staffing.posts) if post.is_lead}
		found = [
			(unit, leading[unit.grid_level], 1, 0)
			for unit in staffing.units
			if unit.grid_path in staffing.leaderless
		]
	names = queries.GridNames(unit.grid_path for unit, *_rest in found)
	rows = [
		{
			"village": names.village(unit.grid_path),
			"grid": unit.name,
			"grid_name": unit.grid_name,
			"grid_level": unit.grid_level,
			"grid_path": unit.grid_path,
			"post": post,
			"needed": needed,
			"held": held,
			"missing": needed - held,
		}
		for unit, post, needed, held in found
	]
	return sorted(rows, key=lambda row: row["grid_path"])


def _rows(
	staffing: Staffing, tallies: dict[str | None, Tally], key: str, label: str, grid: str | None
) -> list[dict[str, Any]]:
	rows = [{"key": key, "parent": "", "indent": 0, "label": label, "grid": grid, "post": None}]
	rows[0] |= _figures(tallies[None])
	for post in staffing.posts:
		if post.name in tallies:
			row = {"key": f"{key} {post.name}", "parent": key, "indent": 1, "label": post.name}
			rows.append(row | {"grid": grid, "post": post.name} | _figures(tallies[post.name], of_post=True))
	return rows


def _figures(tally: Tally, of_post: bool = False) -> dict[str, Any]:
	counted = len(tally.units) if of_post else 0
	return {
		"units": counted or None,
		"assignments": tally.assignments,
		"people": len(tally.people),
		"several": tally.several,
		"per_unit": round(tally.assignments / counted, 1) if counted else None,
		"vacancies": tally.vacancies,
		"leaderless": len(tally.leaderless),
	}
