"""Grid Structure and Size: the tree with its levels, who lives there, and which grids are outside their size rules.

The state of today; there is no period. Filters: `grid` (a node; everything below it), `level` and
`verdict` ("Too Small", "Within", "Too Large", "Not Stated"). The size of a grid is that of the households entered that
live there (常住户, domain f06) and of its people; where none is entered yet, that of the planned households. The bounds are
those of its township, else those of its level. Whoever may not count households is shown the planned ones only.
"""

from collections import Counter
from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType

from grid_governance import scope
from grid_governance.grid_structure import queries, rules

SIZES_HOOK = "grid_sizes"
"""Hook key: functions (paths of grids, path above them all) -> `columns` of numbers, and `cells` {path: {fieldname:
number}} of what lies at and below each grid, inside the reader's scope. Of the numbers these are judged by: `households`
(whether any is entered), `present_households`, `people`."""

NOT_STATED = "Not Stated"
ENTERED, PLANNED = "Entered Households", "Planned Households"
CHART_COLOUR = "#2E8B57"


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, how it is judged, chart and summary, as Frappe's script reports do."""
	if not frappe.has_permission("Grid", "report"):
		raise frappe.PermissionError
	wanted = frappe._dict(filters or {})
	grids, prefix = nodes(wanted.grid)
	counted, numbers = sizes([grid.grid_path for grid in grids], prefix)
	judged = judge(grids, numbers)
	rows = [
		row
		for row in judged
		if wanted.level in (None, "", row.grid_level) and wanted.verdict in (None, "", row.verdict)
	]
	note = _("A grid is judged by the households living there; while none is entered, by the planned ones.")
	return columns(counted), data(rows, counted), note, chart(rows), summary(rows, judged, counted)


def nodes(below: str | None) -> tuple[list[frappe._dict], str]:
	"""Return the grids in the reader's scope, of *below* only if it is given, in the order of the tree; and its path."""
	grid, prefix = DocType("Grid"), ""
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
		prefix = node.grid_path
		within = scope.rules.subtree(prefix)
		query = query.where((grid.grid_path >= within.lo) & (grid.grid_path < within.hi))
	return query.run(as_dict=True), prefix


def sizes(paths: list[str], prefix: str) -> tuple[list[dict[str, Any]], dict[str, dict[str, int]]]:
	"""Return the columns of the numbers that the rooms count, and these numbers by path of a grid."""
	counted: list[dict[str, Any]] = []
	numbers: dict[str, dict[str, int]] = {path: {} for path in paths}
	for method in frappe.get_hooks(SIZES_HOOK):
		given = frappe.get_attr(method)(paths, prefix)
		counted += given["columns"]
		for path, cells in given["cells"].items():
			numbers[path] |= cells
	return counted, numbers


def judge(grids: list[frappe._dict], numbers: dict[str, dict[str, int]]) -> list[frappe._dict]:
	"""Add to each of *grids*, which are in tree order, its depth in the list, the grids right below, numbers and verdict."""
	bounds_at = queries.SizeRules().at
	open_nodes: list[frappe._dict] = []
	for grid in grids:
		while open_nodes and not grid.grid_path.startswith(open_nodes[-1].grid_path):
			open_nodes.pop()
		if open_nodes:
			open_nodes[-1].below += 1
		bounds = bounds_at(grid.grid_path, grid.grid_level)
		grid.update(indent=len(open_nodes), below=0, **numbers.get(grid.grid_path, {}))
		grid.update(
			least=bounds["households_min"],
			most=bounds["households_max"],
			people_most=bounds["population_max"],
		)
		grid.basis, grid.verdict = verdict(grid)
		open_nodes.append(grid)
	return grids


def verdict(grid: frappe._dict) -> tuple[str, str]:
	"""Return what *grid* is judged by and how it lies to its bounds; empty where it has none."""
	if not (grid.least or grid.most or grid.people_most):
		return "", ""
	if not grid.households:
		if not grid.planned_households:
			return "", NOT_STATED
		return PLANNED, rules.size_verdict(grid.planned_households, grid.least, grid.most)
	found = rules.size_verdict(grid.present_households, grid.least, grid.most)
	crowded = grid.people_most and (grid.people or 0) > grid.people_most
	return ENTERED, rules.TOO_LARGE if crowded else found


def columns(counted: list[dict[str, Any]]) -> list[dict[str, Any]]:
	"""Return the columns; *counted* are those of the numbers that the rooms count."""
	level = {"label": _("Level"), "fieldtype": "Link", "options": "Grid Level"}
	return [
		{"fieldname": "grid_name", "label": _("Grid"), "fieldtype": "Data", "width": 230},
		level | {"fieldname": "grid_level", "width": 90},
		{
			"fieldname": "grid_code",
			"label": _("Grid Code"),
			"fieldtype": "Data",
			"width": 150,
			"align": "left",
		},
		_number("below", _("Grids Right Below"), 110),
		*counted,
		_number("planned_households", _("Planned Households"), 90),
		_number("least", _("Households From"), 90),
		_number("most", _("Households To"), 90),
		_number("people_most", _("People To"), 90),
		{"fieldname": "verdict", "label": _("Size"), "fieldtype": "Data", "width": 90},
		{"fieldname": "basis", "label": _("Size Taken From"), "fieldtype": "Data", "width": 110},
		{"fieldname": "status", "label": _("Status"), "fieldtype": "Data", "width": 70},
	]


def _number(fieldname: str, label: str, width: int) -> dict[str, Any]:
	return {"fieldname": fieldname, "label": label, "fieldtype": "Int", "width": width}


def data(rows: list[frappe._dict], counted: list[dict[str, Any]]) -> list[dict[str, Any]]:
	"""Return the rows of the table; each links to its grid. `verdict_code` is the untranslated verdict.

	A number that is not given, or that the reader may not know, is None.
	"""
	given = ("planned_households", "least", "most", "people_most")
	return [
		{
			**row,
			"grid": row.name,
			"path": row.grid_path,
			"exact": 0,
			**{column["fieldname"]: row.get(column["fieldname"]) for column in counted},
			**{number: row[number] or None for number in given},
			"verdict": _(row.verdict) if row.verdict else "",
			"verdict_code": row.verdict,
			"basis": _(row.basis) if row.basis else "",
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


def summary(
	rows: list[frappe._dict], judged: list[frappe._dict], counted: list[dict[str, Any]]
) -> list[dict[str, Any]]:
	"""Return the number of grids of each level in *rows*, of those outside or without a size, and the sums of *judged*.

	A sum is that of the highest nodes of the tree; it is left out where one of them has no number.
	"""
	made = [
		{"label": level, "value": count, "datatype": "Int"}
		for level, count in Counter(row.grid_level for row in rows).items()
	]
	for column in counted:
		numbers = [row.get(column["fieldname"]) for row in judged if not row.indent]
		if numbers and None not in numbers:
			made.append({"label": column["label"], "value": sum(numbers), "datatype": "Int"})
	verdicts = Counter(row.verdict for row in rows)
	colors = {rules.TOO_SMALL: "Orange", rules.TOO_LARGE: "Red", NOT_STATED: "Grey"}
	return made + [
		{"label": _(verdict), "value": verdicts[verdict], "datatype": "Int", "indicator": color}
		for verdict, color in colors.items()
		if verdicts[verdict]
	]
