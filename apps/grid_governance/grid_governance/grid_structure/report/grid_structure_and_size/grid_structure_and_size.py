"""Grid Structure and Size: the tree with its levels, and which grids are outside their size rules.

The state of today; there is no period. Filters: `grid` (a node; everything below it), `level` and
`verdict` ("Too Small", "Within", "Too Large", "Not Stated"). Size is the planned households of a grid; the bounds
are those of its township, else those of its level.
"""

from collections import Counter
from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType

from grid_governance import scope
from grid_governance.grid_structure import queries, rules

NOT_STATED = "Not Stated"
CHART_COLOUR = "#2E8B57"


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, no message, chart and summary, as Frappe's script reports do."""
	if not frappe.has_permission("Grid", "report"):
		raise frappe.PermissionError
	wanted = frappe._dict(filters or {})
	judged = judge(nodes(wanted.grid))
	rows = [
		row
		for row in judged
		if wanted.level in (None, "", row.grid_level) and wanted.verdict in (None, "", row.verdict)
	]
	return columns(), data(rows), None, chart(rows), summary(rows)


def nodes(below: str | None) -> list[frappe._dict]:
	"""Return the grids in the reader's scope, of *below* only if it is given, in the order of the tree."""
	grid = DocType("Grid")
	query = (
		frappe.qb.from_(grid)
		.select(grid.name, grid.grid_name, grid.grid_level, grid.grid_code, grid.grid_path, grid.status)
		.select(grid.planned_households)
		.where(scope.criterion("Grid", ptype="report"))
		.orderby(grid.grid_path)
	)
	if below:
		node = frappe.get_doc("Grid", below)
		node.check_permission("read")
		within = scope.rules.subtree(node.grid_path)
		query = query.where((grid.grid_path >= within.lo) & (grid.grid_path < within.hi))
	return query.run(as_dict=True)


def judge(grids: list[frappe._dict]) -> list[frappe._dict]:
	"""Add to each of *grids*, which are in tree order, its depth in the list, the grids right below, bounds and verdict."""
	sizes = queries.SizeRules()
	open_nodes: list[frappe._dict] = []
	for grid in grids:
		while open_nodes and not grid.grid_path.startswith(open_nodes[-1].grid_path):
			open_nodes.pop()
		if open_nodes:
			open_nodes[-1].below += 1
		bounds = sizes.at(grid.grid_path, grid.grid_level)
		least, most = bounds["households_min"], bounds["households_max"]
		grid.update(indent=len(open_nodes), below=0, least=least, most=most)
		grid.verdict = (
			rules.size_verdict(grid.planned_households, least, most)
			if grid.planned_households
			else NOT_STATED
		)
		if not least and not most:
			grid.verdict = ""  # a level without bounds cannot be outside them
		open_nodes.append(grid)
	return grids


def columns() -> list[dict[str, Any]]:
	"""Return the columns; households in numbers of households."""
	return [
		{"fieldname": "grid_name", "label": _("Grid"), "fieldtype": "Data", "width": 260},
		{
			"fieldname": "grid_level",
			"label": _("Level"),
			"fieldtype": "Link",
			"options": "Grid Level",
			"width": 110,
		},
		{
			"fieldname": "grid_code",
			"label": _("Grid Code"),
			"fieldtype": "Data",
			"width": 160,
			"align": "left",
		},
		{"fieldname": "below", "label": _("Grids Right Below"), "fieldtype": "Int", "width": 110},
		{
			"fieldname": "planned_households",
			"label": _("Planned Households"),
			"fieldtype": "Int",
			"width": 110,
		},
		{"fieldname": "least", "label": _("Households From"), "fieldtype": "Int", "width": 100},
		{"fieldname": "most", "label": _("Households To"), "fieldtype": "Int", "width": 100},
		{"fieldname": "verdict", "label": _("Size"), "fieldtype": "Data", "width": 110},
		{"fieldname": "status", "label": _("Status"), "fieldtype": "Data", "width": 90},
	]


def data(rows: list[frappe._dict]) -> list[dict[str, Any]]:
	"""Return the rows of the table; each links to its grid. `verdict_code` is the untranslated verdict."""
	return [
		{
			**row,
			"grid": row.name,
			**{number: row[number] or None for number in ("planned_households", "least", "most")},
			"verdict": _(row.verdict) if row.verdict else "",
			"verdict_code": row.verdict,
			"status": _(row.status),
		}
		for row in rows
	]


def chart(rows: list[frappe._dict]) -> dict[str, Any] | None:
	"""Return the number of grids by level."""
	levels = Counter(row.grid_level for row in rows)
	if not levels:
		return None
	return {
		"data": {"labels": list(levels), "datasets": [{"name": _("Grids"), "values": list(levels.values())}]},
		"type": "bar",
		"colors": [CHART_COLOUR],
		"height": 220,
	}


def summary(rows: list[frappe._dict]) -> list[dict[str, Any]]:
	"""Return the number of grids of each level, and of those outside or without a size."""
	made = [
		{"label": level, "value": count, "datatype": "Int"}
		for level, count in Counter(row.grid_level for row in rows).items()
	]
	verdicts = Counter(row.verdict for row in rows)
	colors = {rules.TOO_SMALL: "Orange", rules.TOO_LARGE: "Red", NOT_STATED: "Grey"}
	return made + [
		{"label": _(verdict), "value": verdicts[verdict], "datatype": "Int", "indicator": color}
		for verdict, color in colors.items()
		if verdicts[verdict]
	]
