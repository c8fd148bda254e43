"""Party Centre Households: where there are centres, who keeps them, and how many households gather around each.

The state of today. The circle of a centre is its micro grid; its size is that of the households in it (domain a24: five to
fifteen, as the township says). Filters: `grid`, `roll_up` and `show`: "By Grid" (figures of each grid, with the households
outside any circle) or "Each Centre" (a row for each). Figures of households and people are those that the reader may
report; `figure`, `node` and `exact` name one to look behind (`reporting.ask`).
"""

from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from pypika.terms import Criterion

from grid_governance import reporting
from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.queries import sizes
from grid_governance.grid_ledger.queries.circles import CENTRE, Circle, circles
from grid_governance.grid_structure.queries import GridNames
from grid_governance.grid_structure.rules import SEGMENT, TOO_LARGE, TOO_SMALL, WITHIN
from grid_governance.reporting import Figure, Question, Tally
from grid_governance.reporting.rules import node_path

SHOWS_PERSONS = HOUSEHOLD
"""Behind the figures stand households."""

COLOURS = {TOO_SMALL: "orange", WITHIN: "green", TOO_LARGE: "red"}
CENTRES, IN_CIRCLES, OUTSIDE, LINKED = "centres", "in_circles", "outside", "linked"
EACH = "Each Centre"


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, how it is counted, chart and summary, as Frappe's script reports do."""
	question = reporting.ask(filters, CENTRE)
	for doctype in (HOUSEHOLD, RESIDENT):
		frappe.has_permission(doctype, "report", throw=True)
	found = circles(question)
	made = {figure.fieldname: figure for figure in figures(found)}
	if question.figure:
		return reporting.behind(question, DocType(CENTRE).status == "Active", made.values())
	note = _("The circle of a centre is its micro grid. Counted are households that are not dissolved.")
	tallies = tallies_of(question, found)
	whole = reporting.total(tallies, question)
	said = summary(whole, made)
	if (filters or {}).get("show") == EACH:
		return each_columns(), each(found), note, None, said, True
	columns = reporting.columns(question, *made.values())
	if not tallies:
		return columns, [], f"{note} {_('There are no households and no centres here.')}", None, None, True
	rows = reporting.data(
		question,
		tallies,
		lambda tally: {name: figure.of(tally) for name, figure in made.items()},
	)
	parts = [made[name] for name in (IN_CIRCLES, OUTSIDE)]
	return columns, rows, note, reporting.chart(question, tallies, parts), said, True


def figures(found: list[Circle]) -> list[Figure]:
	"""Return the figures of a grid: centres, those too small or too large, households and people in and outside circles."""
	centre, household, resident = DocType(CENTRE), DocType(HOUSEHOLD), DocType(RESIDENT)
	grids = sorted({circle.grid for circle in found}) or [""]
	active = sizes.reportable(household, HOUSEHOLD, CENTRE) & sizes.active(household)
	member = sizes.reportable(resident, RESIDENT, CENTRE) & sizes.member(resident)
	named = {verdict: [circle.name for circle in found if circle.verdict == verdict] for verdict in COLOURS}

	def of(name: str, label: str, rows: Criterion, doctype: str = "", color: str | None = None) -> Figure:
		return Figure(name, label, lambda tally: tally.number(name), rows, color=color, doctype=doctype)

	return [
		Figure(
			CENTRES,
			_("Centre Households"),
			lambda tally: tally.number(CENTRES),
			centre.status == "Active",
			{"status": ["=", "Active"]},
		),
		*(
			of(verdict, _("Circle: {0}").format(_(verdict)), centre.name.isin(named[verdict] or [""]))
			for verdict in COLOURS
		),
		of(IN_CIRCLES, _("Households in Circles"), active & household.grid.isin(grids), HOUSEHOLD, "#2E8B57"),
		of(LINKED, _("People in Circles"), member & resident.grid.isin(grids), RESIDENT),
		of(
			OUTSIDE,
			_("Households without a Centre"),
			active & household.grid.notin(grids),
			HOUSEHOLD,
			"#E08A1E",
		),
	]


def tallies_of(question: Question, found: list[Circle]) -> list[Tally]:
	"""Return the numbers of the figures by node, in the order of the tree."""
	tallies: dict[str, Tally] = {}

	def add(path: str, numbers: dict[str, int]) -> None:
		node = path[: SEGMENT * question.roll_up]
		kept = tallies.setdefault(node, Tally(node)).counts
		kept.update({(None, name): number for name, number in numbers.items() if number})

	for circle in found:
		add(circle.grid_path, {CENTRES: 1, circle.verdict: 1})
	paths = {circle.grid_path for circle in found}
	counted = sizes.by_path(question.prefix, CENTRE)
	for path, number in counted[sizes.HOUSEHOLDS].items():
		add(path, {IN_CIRCLES if path in paths else OUTSIDE: number})
	for path, number in counted[sizes.PEOPLE].items():
		if path in paths:
			add(path, {LINKED: number})
	return [tallies[path] for path in sorted(tallies)]


def each_columns() -> list[dict[str, Any]]:
	"""Return the columns of the list of centres; sizes in households."""
	text = {"fieldtype": "Data"}
	number = {"fieldtype": "Int", "width": 80}
	figure = number | {"is_figure": 1}
	return [
		text | {"fieldname": "village", "label": _("Village"), "width": 120},
		text | {"fieldname": "in_grid", "label": _("Grid"), "width": 120},
		text
		| {"fieldname": "centre_name", "label": _("Centre Households"), "width": 150}
		| reporting.opening(CENTRE),
		text
		| {"fieldname": "keeper", "label": _("Kept By a Member"), "width": 100}
		| reporting.opening("Grid Worker", "party_member"),
		text
		| {"fieldname": "circle", "label": _("Circle"), "width": 140}
		| reporting.opening("Grid", "grid"),
		text | {"fieldname": "plate_no", "label": _("Number on the Plate"), "width": 90},
		figure
		| {"fieldname": "households", "label": _("Households"), "doctype": HOUSEHOLD}
		| {"filters": sizes.ACTIVE_FILTERS},
		figure
		| {"fieldname": "people", "label": _("Population Here"), "doctype": RESIDENT}
		| {"filters": sizes.MEMBER_FILTERS},
		number | {"fieldname": "least", "label": _("Households From")},
		number | {"fieldname": "most", "label": _("Households To")},
		text | {"fieldname": "size", "label": _("Size"), "width": 90, "mark": "colour"},
	]


def each(found: list[Circle]) -> list[dict[str, Any]]:
	"""Return a row for each centre in tree order, and the total."""
	names = GridNames(
		path for circle in found for path in (circle.grid_path, node_path(circle.grid_path[:-SEGMENT]))
	)
	rows: list[dict[str, Any]] = [
		{
			**vars(circle),
			"village": names.village(circle.grid_path),
			"in_grid": names.grid(node_path(circle.grid_path[:-SEGMENT])),
			"circle": names.grid(circle.grid_path),
			"path": circle.grid_path,
			"exact": 0,
			"size": _(circle.verdict),
			"colour": COLOURS[circle.verdict],
		}
		for circle in found
	]
	if rows:
		sums = {name: sum(row[name] for row in rows) for name in ("households", "people")}
		rows.append({"village": _("Total"), "is_total": 1, **sums})
	return rows


def summary(whole: Tally, made: dict[str, Figure]) -> list[dict[str, Any]]:
	"""Return how many centres there are and how many households around them, and in colour what needs looking after."""
	wrong = {TOO_SMALL: "Orange", TOO_LARGE: "Red", OUTSIDE: "Orange"}
	return [
		{"label": made[name].label, "value": made[name].of(whole), "datatype": "Int"}
		| ({"indicator": wrong[name]} if name in wrong else {})
		for name in (CENTRES, IN_CIRCLES, LINKED, *wrong)
		if name not in wrong or made[name].of(whole)
	]
