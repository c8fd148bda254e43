"""Patch Responsibility: patches with their households, and the one party member who answers for each.

The state of today. A patch is a micro grid that is no circle of a centre household; its size is that of the households that
live there, its bounds those that its township wants (domain f07: five to ten). It has one party member with a post
in it, and she has no other patch (f07, f09). Filters: `grid`, `roll_up`, `show`: "By Grid" (figures of each grid) or "Each
Patch" (a row for each), and `kind`: of these one kind of responsibility only.
"""

from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from pypika.terms import Criterion

from grid_governance import reporting
from grid_governance.grid_ledger import HOUSEHOLD
from grid_governance.grid_ledger.queries import patches as of_patches
from grid_governance.grid_ledger.queries import sizes
from grid_governance.grid_ledger.queries.patches import ASSIGNMENT, Patch
from grid_governance.grid_structure.queries import GridNames
from grid_governance.grid_structure.rules import SEGMENT, TOO_LARGE, TOO_SMALL, WITHIN
from grid_governance.reporting import Figure, Question, Tally
from grid_governance.reporting.rules import node_path

SHOWS_PERSONS = HOUSEHOLD
"""Behind the figures stand households."""

SIZES = {TOO_SMALL: "orange", WITHIN: "green", TOO_LARGE: "red"}
KINDS = {
	of_patches.ONE_EACH: "green",
	of_patches.NOBODY: "red",
	of_patches.NO_MEMBER: "orange",
	of_patches.SEVERAL: "orange",
	of_patches.SHARED: "orange",
}
PATCHES, HELD, OUTSIDE = "patches", "held", "outside"
EACH = "Each Patch"


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, how it is counted, chart and summary, as Frappe's script reports do."""
	question = reporting.ask(filters, "Grid")
	for doctype in (HOUSEHOLD, ASSIGNMENT):
		frappe.has_permission(doctype, "report", throw=True)
	asked = frappe._dict(filters or {})
	found = of_patches.patches(question)
	made = {figure.fieldname: figure for figure in figures(found)}
	if question.figure:
		return reporting.behind(question, DocType("Grid").name.isin(names_of(found)), made.values())
	note = _(
		"A patch is a micro grid that is no circle of a centre household; counted are the households living there."
	)
	tallies = tallies_of(question, found)
	said = summary(reporting.total(tallies, question), made)
	if asked.show == EACH:
		kept = [patch for patch in found if asked.kind in (None, "", patch.responsibility)]
		return each_columns(), each(kept), note, None, said, True
	columns = reporting.columns(question, *made.values())
	if not tallies:
		return columns, [], f"{note} {_('There are no households and no patches here.')}", None, None, True
	rows = reporting.data(
		question,
		tallies,
		lambda tally: {name: figure.of(tally) for name, figure in made.items()},
	)
	return columns, rows, note, reporting.chart(question, tallies, [made[kind] for kind in KINDS]), said, True


def names_of(found: list[Patch]) -> list[str]:
	"""Return the grids of the patches; never empty, for a condition."""
	return sorted({patch.grid for patch in found}) or [""]


def figures(found: list[Patch]) -> list[Figure]:
	"""Return the figures of a grid: patches, by size and by responsibility; households in them and outside."""
	grid, household = DocType("Grid"), DocType(HOUSEHOLD)
	here = sizes.reportable(household, HOUSEHOLD, "Grid") & sizes.present(household)
	chart = {"green": "#2E8B57", "orange": "#E08A1E", "red": "#C0392B"}

	def of(name: str, label: str, rows: Criterion, doctype: str = "", color: str | None = None) -> Figure:
		return Figure(name, label, lambda tally: tally.number(name), rows, color=color, doctype=doctype)

	def patches(kind: str, kept: list[Patch], color: str | None = None) -> Figure:
		return of(kind, _(kind), grid.name.isin(names_of(kept)), color=color)

	return [
		of(PATCHES, _("Patches"), grid.name.isin(names_of(found))),
		*(patches(size, [patch for patch in found if patch.size == size]) for size in SIZES),
		*(
			patches(kind, [patch for patch in found if patch.responsibility == kind], chart[colour])
			for kind, colour in KINDS.items()
		),
		of(HELD, _("Households in Patches"), here & household.grid.isin(names_of(found)), HOUSEHOLD),
		of(
			OUTSIDE,
			_("Households outside Patches"),
			here & household.grid.notin(names_of(found)),
			HOUSEHOLD,
		),
	]


def tallies_of(question: Question, found: list[Patch]) -> list[Tally]:
	"""Return the numbers of the figures by node, in the order of the tree."""
	tallies: dict[str, Tally] = {}

	def add(path: str, numbers: dict[str, int]) -> None:
		node = path[: SEGMENT * question.roll_up]
		kept = tallies.setdefault(node, Tally(node)).counts
		kept.update({(None, name): number for name, number in numbers.items() if number})

	for patch in found:
		add(patch.grid_path, {PATCHES: 1, patch.size: 1})
		add(patch.grid_path, {patch.responsibility: 1})
	paths = {patch.grid_path for patch in found}
	for path, number in sizes.by_path(question.prefix, "Grid")[sizes.PRESENT].items():
		add(path, {HELD if path in paths else OUTSIDE: number})
	return [tallies[path] for path in sorted(tallies)]


def each_columns() -> list[dict[str, Any]]:
	"""Return the columns of the list of patches; sizes in households."""
	text, number = {"fieldtype": "Data"}, {"fieldtype": "Int", "width": 80}
	return [
		text | {"fieldname": "village", "label": _("Village"), "width": 120},
		text | {"fieldname": "in_grid", "label": _("Grid"), "width": 120},
		text
		| {"fieldname": "grid_name", "label": _("Patch"), "width": 150}
		| reporting.opening("Grid", "grid"),
		text
		| {"fieldname": "who", "label": _("Who Answers for It"), "width": 150}
		| reporting.opening("Grid Worker", "worker"),
		text | {"fieldname": "kind", "label": _("How It Is Held"), "width": 140, "mark": "kind_colour"},
		number
		| {"fieldname": "households", "label": _("Households Living Here"), "is_figure": 1}
		| {"doctype": HOUSEHOLD, "filters": sizes.PRESENT_FILTERS},
		number | {"fieldname": "least", "label": _("Households From")},
		number | {"fieldname": "most", "label": _("Households To")},
		text | {"fieldname": "size", "label": _("Size"), "width": 90, "mark": "size_colour"},
	]


def each(found: list[Patch]) -> list[dict[str, Any]]:
	"""Return a row for each patch in tree order, and the total. Where several answer for it, all are named."""
	names = GridNames(
		path for patch in found for path in (patch.grid_path, node_path(patch.grid_path[:-SEGMENT]))
	)
	rows: list[dict[str, Any]] = []
	for patch in found:
		named = patch.people or patch.others
		row = {
			"village": names.village(patch.grid_path),
			"in_grid": names.grid(node_path(patch.grid_path[:-SEGMENT])),
			"who": "、".join(name for _worker, name in named),
			"worker": named[0][0] if len(named) == 1 else None,
			"kind": _(patch.responsibility),
			"kind_colour": KINDS[patch.responsibility],
			"size": _(patch.size),
			"size_colour": SIZES[patch.size],
			"path": patch.grid_path,
			"exact": 0,
		}
		kept = ("grid", "grid_name", "households", "least", "most")
		rows.append(row | {name: getattr(patch, name) for name in kept})
	if rows:
		total = {"village": _("Total"), "is_total": 1}
		rows.append(total | {"households": sum(patch.households for patch in found)})
	return rows


def summary(whole: Tally, made: dict[str, Figure]) -> list[dict[str, Any]]:
	"""Return how many patches there are, how many have their one member, and in colour what needs looking after."""
	colours = {"orange": "Orange", "red": "Red"}
	wrong = {name: colours[colour] for name, colour in (SIZES | KINDS).items() if colour in colours}
	wrong[OUTSIDE] = "Orange"
	return [
		{"label": made[name].label, "value": made[name].of(whole), "datatype": "Int"}
		| ({"indicator": wrong[name]} if name in wrong else {})
		for name in (PATCHES, of_patches.ONE_EACH, *wrong)
		if name not in wrong or made[name].of(whole)
	]
