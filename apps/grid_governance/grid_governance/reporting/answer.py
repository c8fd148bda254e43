"""What a report answers: counts by node, the table made of them, the chart, the rows behind a figure."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from pypika.terms import Case, Criterion, EmptyCriterion, Term

from grid_governance.grid_structure.rules import SEGMENT, SKIPPED, position
from grid_governance.reporting.question import FigureError, Question, below
from grid_governance.reporting.rules import node_path, width_of
from grid_governance.scope.registry import TITLED_BY_PEOPLE

BARS_MAX = 12
"""More rows than this make bars too thin to read; the chart then shows the total only."""

COLORS = (
	"#2E8B57", "#3B82C4", "#E08A1E", "#C0392B", "#7D5BA6", "#5E6C7A",
	"#1FA2A6", "#D4B106", "#A0522D", "#D16BA5", "#8FBC5A", "#34495E",
)  # fmt: skip
"""Of the parts of a chart that have none of their own; there are more groups of categories than people tell apart."""

HEATED_MAX = 40
"""How many nodes have room in a heat bar."""

HEAT = ((100, "All"), (80, "80 % and More"), (50, "50 % and More"), (0, "Below 50 %"))
"""The bands of a heat bar: the percentage from which each begins and what it is called, the highest first."""

HEAT_COLORS = ("#2E8B57", "#9CC46B", "#E08A1E", "#C0392B")

BEHIND_MAX = 1000
"""How many rows behind a figure are shown."""

COUNTED = "counted"
"""The name of the count of all rows, beside the sums that a report asks for."""


@dataclass
class Tally:
	"""The counts of one node: *path* cut at the level of the rows, a number by (group, name of what is counted)."""

	path: str
	counts: Counter[tuple[Hashable, str]] = field(default_factory=Counter)

	def number(self, name: str = COUNTED, groups: Iterable[Hashable] | None = None) -> int:
		"""Return how many rows *name* counts, in *groups* (default: in all)."""
		if groups is not None:
			return sum(self.counts[group, name] for group in groups)
		return sum(count for (_group, counted), count in self.counts.items() if counted == name)

	def by_group(self, name: str = COUNTED) -> dict[Hashable, int]:
		"""Return how many rows *name* counts in each group that has any."""
		return {group: count for (group, counted), count in self.counts.items() if counted == name and count}


@dataclass(frozen=True)
class Figure:
	"""A column of counts.

	*of* gives the number of a node; *rows* is the condition of the rows it counts, *filters* the same as
	filters of the list, None where a list has no words for it. *doctype* is what it counts where that is not what
	the question is about.
	"""

	fieldname: str
	label: str
	of: Callable[[Tally], int]
	rows: Criterion
	filters: Mapping[str, Any] | None = None
	color: str | None = None
	width: int = 100
	doctype: str = ""


def count(
	question: Question,
	only: Criterion,
	index: str | None,
	by: Term | None = None,
	sums: Mapping[str, Criterion] | None = None,
	rows_of: str = "",
) -> list[Tally]:
	"""Count the rows of *question* that are *only* those, by node and by *by*, in one statement.

	Beside all rows, for each name in *sums* those that its condition holds for. A path is cut at the level of
	the rows, so it is shorter for what hangs above that level and ends in ``0000`` where the level is skipped.
	The tallies come in the order of the tree.

	The statement counts by whole path and the cut is made here: an *index* that begins with the path and *by*
	then gives the groups one after another, and the database neither cuts a million paths nor keeps a table of
	the groups. What comes back grows with the grids, not with the rows. The *index* (`scope.index_report`) is
	named, because one on a level column looks cheaper to the optimiser: it holds fewer bytes, but not the answer.
	None is for a table that stays small.

	*rows_of* is the DocType whose rows are counted where that is not what the question is about: in the scope of the
	question's, for whoever may know how many there are without seeing them.
	"""
	sums = sums or {}
	table = DocType(rows_of or question.doctype)
	groups = [table.grid_path] if by is None else [table.grid_path, by]
	counted = [Count(Case().when(condition, 1)) for condition in sums.values()]
	query = frappe.qb.from_(table).select(*groups, Count("*"), *counted)
	query = query.force_index(index) if index else query
	found: dict[str, Tally] = {}
	for path, *rest in query.where(question.where(table)).where(only).groupby(*groups).run():
		node = path[: SEGMENT * question.roll_up]
		group = None if by is None else rest.pop(0)
		counts = found.setdefault(node, Tally(node)).counts
		for name, number in zip((COUNTED, *sums), rest, strict=True):
			counts[group, name] += number
	return [found[path] for path in sorted(found)]


def together(counts: Mapping[Hashable, Iterable[Tally]]) -> list[Tally]:
	"""Return the tallies of several counts as one list; each count is a group of its own, named by its key."""
	found: dict[str, Tally] = {}
	for group, tallies in counts.items():
		for tally in tallies:
			kept = found.setdefault(tally.path, Tally(tally.path)).counts
			for (_group, name), number in tally.counts.items():
				kept[group, name] += number
	return [found[path] for path in sorted(found)]


def total(tallies: Iterable[Tally], question: Question) -> Tally:
	"""Return the sum of *tallies*."""
	whole = Tally(question.prefix)
	for tally in tallies:
		whole.counts.update(tally.counts)
	return whole


def columns(question: Question, *made: Figure | dict[str, Any]) -> list[dict[str, Any]]:
	"""Return the columns of the table: the node, then *made*; a figure carries the way to its rows."""
	listable: dict[str, bool] = {}
	for doctype in {figure.doctype for figure in made if isinstance(figure, Figure)}:
		listable[doctype] = (question.about(doctype) if doctype else question).is_listable()
	place = {"fieldname": "node", "label": _("Grid"), "fieldtype": "Data", "width": 160}
	return [
		place,
		*(
			column if isinstance(column, dict) else _figure_column(column, question, listable[column.doctype])
			for column in made
		),
	]


def data(
	question: Question, tallies: Sequence[Tally], cells: Callable[[Tally], dict[str, Any]]
) -> list[dict[str, Any]]:
	"""Return a row for each of *tallies* with its *cells*, and the total last.

	Each row carries what the way to its rows needs: `path`, `exact` (rows of the node itself, not below it)
	and `grid` (None where the row is no node to go down into). The total says in `place` of what it is.
	"""
	grids = _grids_at([question.prefix, *(node_path(tally.path) for tally in tallies)])
	whole = total(tallies, question)
	made = [cells(tally) | _place(tally.path, question, grids) for tally in tallies]
	_grid, place = grids.get(question.prefix, (None, _("All Grids")))
	sum_of_all = {
		"node": _("Total"),
		"path": whole.path,
		"exact": 0,
		"grid": None,
		"is_total": 1,
		"place": place,
	}
	return [*made, cells(whole) | sum_of_all]


def chart(question: Question, tallies: Sequence[Tally], parts: Sequence[Figure]) -> dict[str, Any]:
	"""Return *parts* as stacked bars by node, or those of the total where bars would be one or too many."""
	whole = total(tallies, question)
	used = [part for part in parts if part.of(whole)]
	made: dict[str, Any] = {
		"colors": [part.color or COLORS[at % len(COLORS)] for at, part in enumerate(used)],
		"height": 260,
	}
	if not 1 < len(tallies) <= BARS_MAX:
		values = [part.of(whole) for part in used]
		labels = [part.label for part in used]
		return made | {"type": "donut", "data": {"labels": labels, "datasets": [{"values": values}]}}
	grids = _grids_at(node_path(tally.path) for tally in tallies)
	labels = [_place(tally.path, question, grids)["node"] for tally in tallies]
	bars = [{"name": part.label, "values": [part.of(tally) for tally in tallies]} for part in used]
	return made | {
		"type": "bar",
		"barOptions": {"stacked": 1},
		"data": {"labels": labels, "datasets": bars},
	}


def heat(
	question: Question, tallies: Sequence[Tally], rate_of: Callable[[Tally], float | None]
) -> dict[str, Any] | None:
	"""Return a bar for each node as long as its rate and as warm as what is missing; None where no node has a rate.

	*rate_of* gives the percentage of a node, None of one without. Of more than `HEATED_MAX` nodes those are shown that
	have the lowest rates.
	"""
	rated = [(rate, tally) for tally in tallies if (rate := rate_of(tally)) is not None]
	if not rated:
		return None
	if len(rated) > HEATED_MAX:
		rated = sorted(rated, key=lambda each: each[0])[:HEATED_MAX]
	grids = _grids_at(node_path(tally.path) for _rate, tally in rated)
	labels = [_place(tally.path, question, grids)["node"] for _rate, tally in rated]
	bands: list[dict[str, Any]] = []
	upper = float("inf")
	for lower, label in HEAT:
		values = [rate if lower <= rate < upper else 0 for rate, _tally in rated]
		bands.append({"name": _(label), "values": values})
		upper = lower
	return {
		"type": "bar",
		"barOptions": {"stacked": 1, "spaceRatio": 0.3},
		"colors": list(HEAT_COLORS),
		"height": 260,
		"data": {"labels": labels, "datasets": bands},
	}


def none(question: Question, note: str) -> str:
	"""Return what is said of a period without rows, after *note*: what the period means."""
	return f"{note} {_('There are none between {0} and {1}.')}".format(
		frappe.format(question.from_date), frappe.format(question.to_date)
	)


def behind(question: Question, only: Criterion, figures: Iterable[Figure]) -> tuple[Any, ...]:
	"""Return the rows that the question's figure counts, at most `BEHIND_MAX`, as a report.

	The same conditions as in `count`, the figure's own and its node: so there are as many as it says. Columns
	are those of the DocType's list. Raises FigureError for a figure that is none of *figures*.
	"""
	wanted = {figure.fieldname: figure for figure in figures}.get(question.figure)
	if not wanted:
		frappe.throw(_("This report has no such figure."), FigureError)
	if wanted.doctype:
		question, only = question.about(wanted.doctype), EmptyCriterion()
		frappe.has_permission(wanted.doctype, "report", throw=True)
	table, meta = DocType(question.doctype), frappe.get_meta(question.doctype)
	place = table.grid_path == question.node if question.exact else below(table.grid_path, question.node)
	shown = [
		df for df in meta.fields if df.in_list_view and not df.permlevel and df.fieldname != meta.title_field
	]
	found = (
		frappe.qb.from_(table)
		.select(table.name, table[meta.title_field], *(table[df.fieldname] for df in shown))
		.where(question.where(table))
		.where(only)
		.where(wanted.rows)
		.where(place)
		.orderby(table.grid_path)
		.orderby(table.name)
		.limit(BEHIND_MAX)
		.run(as_dict=True)
	)
	_show_titles([meta.get_field(meta.title_field), *shown], found)
	made = [*_title_columns(meta), *map(_plain_column, shown)]
	return made, found, behind_note(wanted.label, len(found), BEHIND_MAX), None, None, True


def behind_note(label: str, count: int, most: int) -> str:
	"""Return the line over the *count* rows behind the figure *label*, of which at most *most* are shown, with the way back."""
	said = _("Behind the figure {0}: {1}").format(label, count)
	if count == most:
		said = _("Behind the figure {0}: the first {1}").format(label, count)
	back = f'<a href="#" data-behind="">{_("Back to the Figures")}</a>'
	return f"{frappe.utils.escape_html(said)} {back}"


def place_of(question: Question) -> str:
	"""Return what people call the node that the question is about; a total tells it to the print as `place`."""
	_grid, place = _grids_at([question.prefix]).get(question.prefix, (None, _("All Grids")))
	return place


def _title_columns(meta: Any) -> list[dict[str, Any]]:
	"""The columns that name a row: the title alone, as the way to the record, where the name says nothing."""
	own = _plain_column(meta.get_field(meta.title_field))
	if meta.autoname == "hash":
		return [own | opening(meta.name)]
	title = {"fieldname": "name", "label": _(meta.name), "fieldtype": "Link", "options": meta.name}
	return [title | {"width": 150}, own]


def opening(doctype: str, by: str = "name") -> dict[str, str]:
	"""Return what makes a column the way to the record of *doctype* whose name stands in the row's field *by*."""
	return {"opens": doctype, "opens_by": by}


def _plain_column(df: Any) -> dict[str, Any]:
	fieldtype = "Data" if df.fieldtype in ("Link", "Select") else df.fieldtype
	return {"fieldname": df.fieldname, "label": _(df.label), "fieldtype": fieldtype, "width": 150}


def _show_titles(shown: Iterable[Any], rows: Sequence[dict[str, Any]]) -> None:
	"""Put into *rows* what people call the linked documents, and options in the reader's language."""
	for df in shown:
		if df.fieldtype not in ("Link", "Select"):
			continue
		values = {row[df.fieldname] for row in rows if row[df.fieldname]}
		titles = {value: _(value) for value in values}
		linked = frappe.get_meta(df.options) if df.fieldtype == "Link" else None
		if values and linked and linked.show_title_field_in_link:
			titles |= _titles(linked, sorted(values))
		for row in rows:
			row[df.fieldname] = titles.get(row[df.fieldname])


def _titles(linked: Any, names: list[str]) -> dict[str, str]:
	"""Return what people call *names*; of people outside the reader's scope it is not told who they are."""
	asked = {
		"filters": {"name": ["in", names]},
		"fields": ["name", linked.title_field],
		"order_by": "name asc",
	}
	if linked.name not in TITLED_BY_PEOPLE:
		return dict(frappe.get_all(linked.name, as_list=True, **asked))
	return dict.fromkeys(names, "") | dict(
		frappe.get_list(linked.name, as_list=True, limit_page_length=0, **asked)
	)


def _figure_column(figure: Figure, question: Question, listable: bool) -> dict[str, Any]:
	filters = dict(figure.filters or {})
	if not figure.doctype:
		filters = question.period_filter() | filters
	return {
		"fieldname": figure.fieldname,
		"label": figure.label,
		"fieldtype": "Int",
		"width": max(figure.width, width_of(figure.label)),
		"is_figure": 1,
		"doctype": figure.doctype or question.doctype,
		"filters": filters if listable and figure.filters is not None else None,
	}


def _place(path: str, question: Question, grids: dict[str, tuple[str, str]]) -> dict[str, Any]:
	grid, name = grids.get(node_path(path), (None, _("No longer in the tree")))
	row = {"node": name, "path": path, "exact": 0, "grid": grid}
	if position(path) < question.roll_up:
		return row | {"node": _("{0} itself").format(name), "exact": 1, "grid": None}
	if path.endswith(SKIPPED):
		return row | {"node": _("{0}, below without this level").format(name), "grid": None}
	return row


def _grids_at(paths: Iterable[str]) -> dict[str, tuple[str, str]]:
	"""Return {path: (grid, grid's name as people call it)} for those of *paths* that name a grid."""
	wanted = sorted(set(paths))
	if not wanted:
		return {}
	found = frappe.get_all(
		"Grid",
		filters={"grid_path": ["in", wanted]},
		fields=["grid_path", "name", "grid_name"],
		order_by="grid_path asc",
		limit_page_length=0,
	)
	return {grid.grid_path: (grid.name, grid.grid_name) for grid in found}
