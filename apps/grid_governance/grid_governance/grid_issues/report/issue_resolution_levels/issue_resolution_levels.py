"""Issue Resolution Levels: at which level the issues closed in a period were resolved.

The period is that of the closing (`closed_at`), both days included; closed is an issue handled to the end, so
one that was taken up again is not. Filters: those of `reporting.ask`.
"""

from typing import Any

from frappe import _
from frappe.query_builder import DocType
from pypika.terms import EmptyCriterion

from grid_governance import reporting
from grid_governance.grid_issues import ISSUE, markers
from grid_governance.grid_issues.report.outcome import Outcome
from grid_governance.reporting import Figure, Question, Tally, share


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, what the period means, chart and summary, as Frappe's script reports do."""
	question = reporting.ask(filters, ISSUE, dated="closed_at")
	issue = DocType(ISSUE)
	outcome = Outcome()
	levels = of_levels(outcome)
	if question.figure:
		return reporting.behind(question, outcome.closed, [*levels, in_all(outcome)])
	tallies = reporting.count(question, outcome.closed, "closed_in_grid", by=issue.resolution_level)
	whole = reporting.total(tallies, question)
	if not levels[-1].of(whole):
		levels.pop()  # each closed issue has a level
	note = _("Counted by the day of closing.")
	if not tallies:
		return table(question, levels, outcome), [], reporting.none(question, note), None, None, True
	return (
		table(question, levels, outcome),
		reporting.data(question, tallies, lambda tally: cells(tally, levels)),
		note,
		reporting.chart(question, tallies, levels),
		summary(whole, levels),
		True,
	)


def of_levels(outcome: Outcome) -> list[Figure]:
	"""Return the figures: how many of the closed issues each level resolved, and last those without a level."""
	issue = DocType(ISSUE)
	figures = [
		Figure(
			fieldname=f"count_{at}",
			label=_(level.name),
			of=lambda tally, name=level.name: tally.number(groups=[name]),
			rows=issue.resolution_level == level.name,
			filters={**outcome.closed_filters, "resolution_level": ["=", level.name]},
			color=level.color,
			width=110,
		)
		for at, level in enumerate(markers.levels())
	]
	none = Figure(
		fieldname=f"count_{len(figures)}",
		label=_("No Level"),
		of=lambda tally: tally.number(groups=(None, "")),
		rows=issue.resolution_level.isnull() | (issue.resolution_level == ""),
		filters={**outcome.closed_filters, "resolution_level": ["is", "not set"]},
		color="#9AA5B1",
		width=110,
	)
	return [*figures, none]


def in_all(outcome: Outcome) -> Figure:
	"""Return the figure of all closed issues."""
	return Figure(
		fieldname="total",
		label=_("Closed in All"),
		of=Tally.number,
		rows=EmptyCriterion(),
		filters=outcome.closed_filters,
		width=110,
	)


def table(question: Question, levels: list[Figure], outcome: Outcome) -> list[dict[str, Any]]:
	"""Return the columns: a count and a share for each level, and the total that both are part of."""
	made: list[Figure | dict[str, Any]] = []
	for at, level in enumerate(levels):
		label = _("Share {0}").format(level.label)
		made += [level, {"fieldname": f"share_{at}", "label": label, "fieldtype": "Percent", "width": 110}]
	return reporting.columns(question, *made, in_all(outcome))


def cells(tally: Tally, levels: list[Figure]) -> dict[str, Any]:
	"""Return the counts and shares of one node."""
	made: dict[str, Any] = {"total": tally.number()}
	for at, level in enumerate(levels):
		made |= {f"count_{at}": level.of(tally), f"share_{at}": share(level.of(tally), tally.number())}
	return made


def summary(whole: Tally, levels: list[Figure]) -> list[dict[str, Any]]:
	"""Return the total and, for each level that has any, its share with the number behind it."""
	made = [{"label": _("Closed in All"), "value": whole.number(), "datatype": "Int"}]
	for level in levels:
		if count := level.of(whole):
			label = _("{0}: {1} issues").format(level.label, count)
			made.append({"label": label, "value": share(count, whole.number()), "datatype": "Percent"})
	return made
