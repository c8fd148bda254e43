"""Visit Coverage: how many of the households that a round began with have been visited in it, by grid (domain a23).

Counted are the rows of the rounds (Round Household) that touch the period, by default this month: a household once a round,
in the grid in which it lay, whoever visited it. What came later stands beside and not in the figure, which was frozen when
the round opened. Filters: those of `reporting.ask`.
"""

from typing import Any

from frappe import _
from frappe.query_builder import DocType
from pypika.terms import Criterion

from grid_governance import reporting
from grid_governance.grid_visits import ROUND, ROUND_HOUSEHOLD
from grid_governance.grid_visits.report.periods import Rounds, this_month, touched
from grid_governance.reporting import Figure, Question, Tally, reached

SHOWS_PERSONS = ""
"""It counts households and shows none: behind its figures stands their list."""

DUE, VISITED, LEFT, TRIED, LATER, LATER_VISITED = "due", "visited", "left", "tried", "later", "later_visited"


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, what the period means, chart and summary, as Frappe's script reports do."""
	question = reporting.ask(this_month(filters), ROUND)
	rounds = touched(question)
	figures = figures_of(rounds)
	columns = columns_of(question, figures)
	note = _(
		"Counted are the rounds that touch the period: each household once a round, in the figure it began with."
	)
	tallies = tallies_of(question, rounds, figures)
	if not tallies:
		return columns, [], reporting.none(question, note), None, None, True
	return (
		columns,
		reporting.data(question, tallies, lambda tally: cells(tally, figures)),
		note,
		reporting.heat(question, tallies, rate_of),
		summary(reporting.total(tallies, question), figures),
		True,
	)


def tallies_of(question: Question, rounds: Rounds, figures: list[Figure]) -> list[Tally]:
	"""Return the counts by node, in one statement."""
	sums = {figure.fieldname: figure.rows for figure in figures}
	table = DocType(ROUND_HOUSEHOLD)
	return reporting.count(question, rounds.rows(table), "covered", sums=sums, rows_of=ROUND_HOUSEHOLD)


def figures_of(rounds: Rounds) -> list[Figure]:
	"""Return the figures of a node."""
	row, period = DocType(ROUND_HOUSEHOLD), rounds.filters()
	seen, unseen = row.visited_at.isnotnull(), row.visited_at.isnull()
	visited, unvisited = {"visited_at": ["is", "set"]}, {"visited_at": ["is", "not set"]}
	counted, late = {"counted": ["=", 1]}, {"counted": ["=", 0]}

	def of(name: str, label: str, rows: Criterion, *filters: dict[str, Any]) -> Figure:
		listed = (
			None
			if period is None
			else {key: value for each in (period, *filters) for key, value in each.items()}
		)
		return Figure(name, label, lambda tally: tally.number(name), rows, listed, doctype=ROUND_HOUSEHOLD)

	return [
		of(DUE, _("Households to Visit"), row.counted == 1, counted),
		of(VISITED, _("Households Visited"), (row.counted == 1) & seen, counted, visited),
		of(LEFT, _("Not Visited Yet"), (row.counted == 1) & unseen, counted, unvisited),
		of(
			TRIED,
			_("Of These Tried in Vain"),
			(row.counted == 1) & unseen & row.tried_at.isnotnull(),
			*(counted, unvisited, {"tried_at": ["is", "set"]}),
		),
		of(LATER, _("Came Later"), row.counted == 0, late),
		of(LATER_VISITED, _("Came Later, Visited"), (row.counted == 0) & seen, late, visited),
	]


def columns_of(question: Question, figures: list[Figure]) -> list[dict[str, Any]]:
	"""Return the columns; a figure is the way to its rows for those who may see them, and where a list has words."""
	rate = {"fieldname": "rate", "label": _("Share Visited"), "fieldtype": "Percent", "width": 110}
	by_name = {figure.fieldname: figure for figure in figures}
	made = reporting.columns(
		question,
		*(by_name[name] for name in (DUE, VISITED)),
		rate | {"is_rate": 1, "heat": 1},
		*(by_name[name] for name in (LEFT, TRIED, LATER, LATER_VISITED)),
	)
	shown = question.shows(ROUND_HOUSEHOLD)
	for column in made:
		if column.get("is_figure") and not (shown and column["filters"]):
			column["is_figure"] = 0
	return made


def rate_of(tally: Tally) -> float | None:
	"""Return the share visited of the households to visit of a node, None of none."""
	return reached(tally.number(VISITED), tally.number(DUE))


def cells(tally: Tally, figures: list[Figure]) -> dict[str, Any]:
	"""Return the counts of one node and the share visited."""
	return {figure.fieldname: figure.of(tally) for figure in figures} | {"rate": rate_of(tally)}


def summary(whole: Tally, figures: list[Figure]) -> list[dict[str, Any]]:
	"""Return the counts of all and the share visited with the number it is of."""
	rate = rate_of(whole)
	said = [
		{"label": figure.label, "value": figure.of(whole), "datatype": "Int"}
		for figure in figures
		if figure.fieldname in (DUE, VISITED, LEFT)
	]
	if rate is None:
		return said
	label = _("Share visited, of {0}").format(whole.number(DUE))
	return [
		*said,
		{
			"label": label,
			"value": rate,
			"datatype": "Percent",
			"indicator": "Green" if rate == 100 else "Orange",
		},
	]
