"""Issue Resolution Levels: at which level the issues closed in a period were resolved.

The period is that of the closing (`closed_at`), both days included. Filters: `from_date`, `to_date`,
`grid` (a node; everything below it) and `roll_up` (the level of the rows; left empty, the next one below
the node that has more than one grid).
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.utils import getdate

from grid_governance import scope
from grid_governance.grid_issues import queries
from grid_governance.grid_structure.rules import SEGMENT, SKIPPED, position

BARS_MAX = 12
"""More rows than this make bars too thin to read; the chart then shows the total only."""

COLORS = ("#2E8B57", "#3B82C4", "#E08A1E", "#C0392B", "#7D5BA6", "#5E6C7A")


class PeriodError(frappe.ValidationError):
	"""The period ends before it begins."""


@dataclass
class Question:
	"""What is asked: a period, the path of a node ("" for all) and the level position of the rows."""

	from_date: date
	to_date: date
	prefix: str
	roll_up: int


@dataclass
class Row:
	"""The closed issues of one node: *path* as the statement cut it, a count per resolution level."""

	path: str
	counts: dict[str | None, int] = field(default_factory=dict)

	@property
	def total(self) -> int:
		"""All closed issues of the node."""
		return sum(self.counts.values())


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, no message, chart and summary, as Frappe's script reports do."""
	if not frappe.has_permission(queries.ISSUE, "report"):
		raise frappe.PermissionError
	question = ask(frappe._dict(filters or {}))
	rows = rows_of(question)
	total = total_of(rows, question.prefix)
	levels = levels_of(total)
	if not rows:
		return columns(levels), [], None, None, None, True
	return (
		columns(levels),
		data(rows, total, levels, question),
		None,
		chart(rows, total, levels, question),
		summary(total, levels),
		True,
	)


def ask(filters: frappe._dict) -> Question:
	"""Turn the filters into a question; refuses a period that ends before it begins."""
	to_date = getdate(filters.to_date)
	from_date = getdate(filters.from_date) if filters.from_date else to_date.replace(month=1, day=1)
	if from_date > to_date:
		frappe.throw(
			_("The period ends on {0}, before it begins on {1}.").format(
				frappe.format(to_date), frappe.format(from_date)
			),
			PeriodError,
		)
	if filters.grid:
		grid = frappe.get_doc("Grid", filters.grid)
		grid.check_permission("read")
		prefix = grid.grid_path
	else:
		prefix = common_node()
	return Question(from_date, to_date, prefix, roll_up_position(filters.roll_up, prefix))


def common_node() -> str:
	"""Return the path of the lowest node that holds everything the reader may have reported, "" for all."""
	starts = [limit.lo for limit in scope.ranges(frappe.session.user, queries.ISSUE, "report")]
	shared = min(starts, default="")
	while not all(start.startswith(shared) for start in starts):
		shared = shared[:-SEGMENT]
	return shared


def roll_up_position(level: str | None, prefix: str) -> int:
	"""Return the level position of the rows: the chosen level's, else the first below *prefix* with several grids."""
	if level:
		return frappe.get_cached_value("Grid Level", level, "position")
	below = [(at, grids) for at, grids in queries.grids_by_position(prefix) if at > position(prefix)]
	several = [at for at, grids in below if grids > 1]
	deepest = max((at for at, _grids in below), default=position(prefix) or 1)
	return several[0] if several else deepest


def rows_of(question: Question) -> list[Row]:
	"""Return one row per node that has closed issues, in the order of the tree."""
	rows: dict[str, Row] = {}
	for path, level, count in queries.closed_by_level(
		question.from_date, question.to_date, question.prefix, question.roll_up
	):
		rows.setdefault(path, Row(path)).counts[level] = count
	return list(rows.values())


def total_of(rows: list[Row], prefix: str) -> Row:
	"""Return the sum of *rows*."""
	total = Row(prefix)
	for row in rows:
		for level, count in row.counts.items():
			total.counts[level] = total.counts.get(level, 0) + count
	return total


def levels_of(total: Row) -> list[dict[str, Any]]:
	"""Return every resolution level from the lowest up, and "none" last when a closed issue has none."""
	levels = queries.levels()
	if None in total.counts:
		levels.append(frappe._dict(name=None, color="#9AA5B1"))
	return levels


def share(count: int, total: int) -> float:
	"""Return *count* as a percentage of *total*, to one decimal; 0 of nothing."""
	return round(100 * count / total, 1) if total else 0.0


def columns(levels: list[dict[str, Any]]) -> list[dict[str, Any]]:
	"""Return the columns: the node, a count and a share for each level, and the total both are part of."""
	made = [{"fieldname": "node", "label": _("Grid"), "fieldtype": "Data", "width": 200}]
	for at, level in enumerate(levels):
		label = level.name or _("No Level")
		made.append(
			{
				"fieldname": f"count_{at}",
				"label": _(label),
				"fieldtype": "Int",
				"width": 110,
				"resolution_level": level.name or "",
			}
		)
		made.append(
			{
				"fieldname": f"share_{at}",
				"label": _("Share {0}").format(_(label)),
				"fieldtype": "Percent",
				"width": 110,
			}
		)
	made.append({"fieldname": "total", "label": _("Closed in All"), "fieldtype": "Int", "width": 110})
	return made


def data(
	rows: list[Row], total: Row, levels: list[dict[str, Any]], question: Question
) -> list[dict[str, Any]]:
	"""Return the rows of the table, the total last.

	Each carries what the click through to its issues needs: `path`, `exact` (issues of the node itself,
	not below it), `grid` (None where the row is no node to go down into) and the names of the final states.
	"""
	grids = queries.grids_at(_node_path(row.path) for row in [*rows, total])
	states = queries.final_states()
	made = [_cells(row, levels) | _place(row.path, question, grids) | {"states": states} for row in rows]
	sum_of_all = {"node": _("Total"), "path": total.path, "exact": 0, "grid": None, "is_total": 1}
	return [*made, _cells(total, levels) | sum_of_all | {"states": states}]


def chart(rows: list[Row], total: Row, levels: list[dict[str, Any]], question: Question) -> dict[str, Any]:
	"""Return stacked bars by node, or the shares of the total where bars would be one or too many."""
	used = [level for level in levels if total.counts.get(level.name)]
	names = [_(level.name or "No Level") for level in used]
	colors = [level.color or COLORS[at % len(COLORS)] for at, level in enumerate(used)]
	if not 1 < len(rows) <= BARS_MAX:
		values = [total.counts[level.name] for level in used]
		return {
			"data": {"labels": names, "datasets": [{"values": values}]},
			"type": "donut",
			"colors": colors,
			"height": 260,
		}
	grids = queries.grids_at(_node_path(row.path) for row in rows)
	return {
		"data": {
			"labels": [_place(row.path, question, grids)["node"] for row in rows],
			"datasets": [
				{"name": name, "values": [row.counts.get(level.name, 0) for row in rows]}
				for name, level in zip(names, used, strict=True)
			],
		},
		"type": "bar",
		"barOptions": {"stacked": 1},
		"colors": colors,
		"height": 260,
	}


def summary(total: Row, levels: list[dict[str, Any]]) -> list[dict[str, Any]]:
	"""Return the total and, for each level that has any, its share with the number behind it."""
	made = [{"label": _("Closed in All"), "value": total.total, "datatype": "Int"}]
	for level in levels:
		count = total.counts.get(level.name)
		if count:
			label = _("{0}: {1} issues").format(_(level.name or "No Level"), count)
			made.append({"label": label, "value": share(count, total.total), "datatype": "Percent"})
	return made


def _cells(row: Row, levels: list[dict[str, Any]]) -> dict[str, Any]:
	cells: dict[str, Any] = {"total": row.total}
	for at, level in enumerate(levels):
		count = row.counts.get(level.name, 0)
		cells |= {f"count_{at}": count, f"share_{at}": share(count, row.total)}
	return cells


def _node_path(path: str) -> str:
	"""Return the path of the node that a row belongs to: the levels skipped at its end are cut off."""
	while path.endswith(SKIPPED):
		path = path[:-SEGMENT]
	return path


def _place(path: str, question: Question, grids: dict[str, tuple[str, str]]) -> dict[str, Any]:
	grid, name = grids.get(_node_path(path), (None, _("No longer in the tree")))
	if position(path) < question.roll_up:
		return {"node": _("{0} itself").format(name), "path": path, "exact": 1, "grid": None}
	if path.endswith(SKIPPED):
		return {
			"node": _("{0}, below without this level").format(name),
			"path": path,
			"exact": 0,
			"grid": None,
		}
	return {"node": name, "path": path, "exact": 0, "grid": grid}
