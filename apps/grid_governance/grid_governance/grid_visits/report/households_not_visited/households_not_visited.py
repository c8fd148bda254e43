"""Households Not Visited: who is still to be visited in the round that goes on, the longest unvisited first (domain a23).

The state of today: households that live here, whose row in an open round has no visit yet; those that came later are among
them. A household without a visit on record stands first. Filters: `grid`, `roll_up`; `show`: "Each Household" (at most
`SHOWN_MAX` rows below their true number) or "By Grid"; `days`: of these only those without a visit for so many days.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from frappe.utils import cint, getdate
from pypika.queries import QueryBuilder
from pypika.terms import Case, Criterion

from grid_governance import reporting
from grid_governance.grid_ledger import HOUSEHOLD
from grid_governance.grid_structure.queries import GridNames
from grid_governance.grid_structure.rules import SEGMENT
from grid_governance.grid_visits import ROUND, ROUND_HOUSEHOLD
from grid_governance.grid_visits import rounds as of_rounds
from grid_governance.grid_visits.report.periods import touched
from grid_governance.reporting import Figure, FigureError, Question, Tally
from grid_governance.reporting.question import below

SHOWS_PERSONS = HOUSEHOLD

BY_GRID = "By Grid"
LEFT, TRIED, UNTRIED, NEVER = "left", "tried", "untried", "never"

SHOWN_MAX = 1000
"""How many households are shown; the summary tells of all."""


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, how it is counted, chart and summary, as Frappe's script reports do."""
	question = reporting.ask(filters, HOUSEHOLD)
	for doctype in (ROUND, ROUND_HOUSEHOLD):
		frappe.has_permission(doctype, "report", throw=True)
	asked = frappe._dict(filters or {})
	unvisited = unvisited_in(question, cint(asked.days))
	figures = figures_of()
	if question.figure:
		return behind(question, unvisited, figures)
	tallies = tallies_of(question, unvisited, figures)
	whole = reporting.total(tallies, question)
	note = _("Households that live here and have not been visited in the round that goes on.")
	if not tallies:
		said = f"{note} {_('There are none, or no round is open.')}"
		return columns_each(), [], said, None, None, True
	said = summary(whole, figures)
	if asked.show == BY_GRID:
		rows = reporting.data(question, tallies, lambda tally: cells(tally, figures))
		parts = [figure for figure in figures if figure.fieldname in (TRIED, UNTRIED)]
		columns = reporting.columns(question, *figures)
		return columns, rows, note, reporting.chart(question, tallies, parts), said, True
	rows = each(unvisited, question.now.date())
	if whole.number(LEFT) > len(rows):
		note += " " + _("The first {0} of {1} are shown.").format(len(rows), whole.number(LEFT))
	rows[0]["place"] = reporting.place_of(question)
	return columns_each(), rows, note, None, said, True


def unvisited_in(question: Question, days: int) -> QueryBuilder:
	"""Return the statement, without what it selects, of the households in the reader's scope still to be visited.

	With *days*, of those only that have had no visit for so long.
	"""
	today = question.now.date()
	rounds = touched(replace(question.about(ROUND), from_date=today, to_date=today))
	row, household = DocType(ROUND_HOUSEHOLD), DocType(HOUSEHOLD)
	found = (
		frappe.qb.from_(row)
		.join(household)
		.on(household.name == row.household)
		.where(question.where(household))
		.where(of_rounds.ordinary(household))
		.where(rounds.rows(row) & row.visited_at.isnull())
	)
	if days <= 0:
		return found
	since = today - timedelta(days=days)
	return found.where(household.last_visit_on.isnull() | (household.last_visit_on <= since))


def figures_of() -> list[Figure]:
	"""Return the figures of a node: conditions on the row of the round and on its household."""
	row, household = DocType(ROUND_HOUSEHOLD), DocType(HOUSEHOLD)

	def of(name: str, label: str, rows: Criterion, color: str | None = None) -> Figure:
		return Figure(name, label, lambda tally: tally.number(name), rows, color=color)

	return [
		of(LEFT, _("Not Visited Yet"), row.visited_at.isnull()),
		of(TRIED, _("Of These Tried in Vain"), row.tried_at.isnotnull(), "#E08A1E"),
		of(UNTRIED, _("Not Tried Yet"), row.tried_at.isnull(), "#C0392B"),
		of(NEVER, _("Never Visited"), household.last_visit_on.isnull()),
	]


def tallies_of(question: Question, unvisited: QueryBuilder, figures: list[Figure]) -> list[Tally]:
	"""Return the numbers of the figures by node, in the order of the tree, in one statement."""
	path = DocType(HOUSEHOLD).grid_path
	rows = (
		unvisited.select(path, *(Count(Case().when(figure.rows, 1)) for figure in figures))
		.groupby(path)
		.orderby(path)
		.run()
	)
	tallies: dict[str, Tally] = {}
	for grid_path, *numbers in rows:
		node = grid_path[: SEGMENT * question.roll_up]
		counts = tallies.setdefault(node, Tally(node)).counts
		for figure, number in zip(figures, numbers, strict=True):
			counts[None, figure.fieldname] += number
	return [tallies[path] for path in sorted(tallies)]


def behind(question: Question, unvisited: QueryBuilder, figures: list[Figure]) -> tuple[Any, ...]:
	"""Return the households that the question's figure counts. Raises FigureError for a figure that is none of *figures*."""
	wanted = {figure.fieldname: figure for figure in figures}.get(question.figure)
	if not wanted:
		frappe.throw(_("This report has no such figure."), FigureError)
	path = DocType(HOUSEHOLD).grid_path
	place = path == question.node if question.exact else below(path, question.node)
	rows = each(unvisited.where(wanted.rows).where(place), question.now.date())
	note = reporting.behind_note(wanted.label, len(rows), SHOWN_MAX)
	return columns_each(), rows, note, None, None, True


def each(unvisited: QueryBuilder, today: Any) -> list[dict[str, Any]]:
	"""Return a row for each household, the longest unvisited first; `days` is None for one never visited."""
	row, household = DocType(ROUND_HOUSEHOLD), DocType(HOUSEHOLD)
	found = (
		unvisited.select(household.name, household.title, household.household_no, household.address)
		.select(household.grid_path, household.last_visit_on, row.tries, row.tried_at)
		.orderby(household.last_visit_on)
		.orderby(household.grid_path)
		.orderby(household.name)
		.limit(SHOWN_MAX)
		.run(as_dict=True)
	)
	names = GridNames(each_.grid_path for each_ in found)
	return [
		{
			**each_,
			"village": names.village(each_.grid_path),
			"in_grid": names.grid(each_.grid_path),
			"days": (today - getdate(each_.last_visit_on)).days if each_.last_visit_on else None,
			"tries": each_.tries or 0,
		}
		for each_ in found
	]


def columns_each() -> list[dict[str, Any]]:
	"""Return the columns of the list of households."""
	text = {"fieldtype": "Data", "align": "left"}
	return [
		text | {"fieldname": "title", "label": _("Household"), "width": 130} | reporting.opening(HOUSEHOLD),
		{"fieldname": "days", "label": _("Days Since"), "fieldtype": "Int", "width": 90, "is_rate": 1},
		{"fieldname": "last_visit_on", "label": _("Last Visit"), "fieldtype": "Date", "width": 110},
		{"fieldname": "tries", "label": _("Tries"), "fieldtype": "Int", "width": 120},
		text | {"fieldname": "address", "label": _("Address"), "width": 200},
		text | {"fieldname": "household_no", "label": _("Household Number"), "width": 100},
		text | {"fieldname": "village", "label": _("Village"), "width": 110},
		text | {"fieldname": "in_grid", "label": _("Grid"), "width": 200},
		{"fieldname": "tried_at", "label": _("Last Tried at"), "fieldtype": "Datetime", "width": 150},
	]


def cells(tally: Tally, figures: list[Figure]) -> dict[str, Any]:
	"""Return the counts of one node."""
	return {figure.fieldname: figure.of(tally) for figure in figures}


def summary(whole: Tally, figures: list[Figure]) -> list[dict[str, Any]]:
	"""Return the counts of all."""
	return [{"label": figure.label, "value": figure.of(whole), "datatype": "Int"} for figure in figures]
