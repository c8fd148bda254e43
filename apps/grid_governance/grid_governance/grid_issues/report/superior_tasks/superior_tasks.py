"""Superior Tasks: issues assigned from above that came in during a period, and how many of them are closed.

The period is that of the finding (`found_at`), the day a task came in; both days included. Filters: those of
`reporting.ask`.
"""

from typing import Any

from frappe import _
from frappe.query_builder import DocType
from pypika.terms import EmptyCriterion

from grid_governance import reporting
from grid_governance.grid_issues import ISSUE
from grid_governance.grid_issues.report.outcome import Outcome
from grid_governance.reporting import Figure, Tally, share

SOURCE = "Superior Assignment"
CLOSED = "closed"


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, what the period means, chart and summary, as Frappe's script reports do."""
	question = reporting.ask(filters, ISSUE, dated="found_at")
	issue = DocType(ISSUE)
	outcome = Outcome()
	of_source = (issue.source == SOURCE) & outcome.counted
	figures = figures_of(outcome)
	if question.figure:
		return reporting.behind(question, of_source, figures)
	tallies = reporting.count(question, of_source, "source_in_grid", sums={CLOSED: outcome.closed})
	rate = {"fieldname": "rate", "label": _("Share Closed"), "fieldtype": "Percent", "width": 110}
	columns = reporting.columns(question, *figures, rate)
	note = _("Counted by the day the task came in, as things stand now.")
	if not tallies:
		return columns, [], reporting.none(question, note), None, None, True
	return (
		columns,
		reporting.data(question, tallies, lambda tally: cells(tally, figures)),
		note,
		reporting.chart(question, tallies, figures[1:]),
		summary(reporting.total(tallies, question), figures),
		True,
	)


def figures_of(outcome: Outcome) -> list[Figure]:
	"""Return the figures: received, and of these closed and not closed."""
	source = {"source": ["=", SOURCE]}
	return [
		Figure(
			"received",
			_("Tasks Received"),
			Tally.number,
			EmptyCriterion(),
			{**source, **outcome.counted_filters},
		),
		Figure(
			"closed",
			_("Matters Closed"),
			lambda tally: tally.number(CLOSED),
			outcome.closed,
			{**source, **outcome.closed_filters},
			"#2E8B57",
		),
		Figure(
			"open",
			_("Not Closed"),
			lambda tally: tally.number() - tally.number(CLOSED),
			outcome.waiting,
			{**source, **outcome.waiting_filters},
			"#E08A1E",
		),
	]


def cells(tally: Tally, figures: list[Figure]) -> dict[str, Any]:
	"""Return the counts of one node and the share closed of those received."""
	made = {figure.fieldname: figure.of(tally) for figure in figures}
	return made | {"rate": share(made["closed"], made["received"])}


def summary(whole: Tally, figures: list[Figure]) -> list[dict[str, Any]]:
	"""Return the counts of all and the share closed with the number it is of."""
	counts = [{"label": figure.label, "value": figure.of(whole), "datatype": "Int"} for figure in figures]
	label = _("Share closed, of {0}").format(whole.number())
	rate = share(whole.number(CLOSED), whole.number())
	return [*counts, {"label": label, "value": rate, "datatype": "Percent"}]
