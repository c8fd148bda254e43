"""Issue Closing and Timeliness: what has become of the issues found in a period, and how much of it in time.

The period is that of the finding (`found_at`), both days included: what was found then is closed, or open and
perhaps overdue at this moment. The on-time share is that of the issues it can be said of: those resolved, and
those not resolved whose time is over; its number stands beside it. Filters: those of `reporting.ask`.
"""

from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from pypika.terms import Criterion, EmptyCriterion

from grid_governance import reporting
from grid_governance.grid_issues import ISSUE, clocks
from grid_governance.grid_issues.report.outcome import Outcome
from grid_governance.reporting import Figure, Question, Tally, share

CLOSED, OVERDUE, IN_TIME, RESOLVED = "closed", "overdue", "in_time", "resolved"
JUDGED = (RESOLVED, OVERDUE)
"""What an issue is one of, if it can be said at all whether it was in time."""


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, what the period means, chart and summary, as Frappe's script reports do."""
	question = reporting.ask(filters, ISSUE, dated="found_at")
	outcome = Outcome()
	conditions = conditions_at(question, outcome)
	figures = counted(question, conditions, outcome)
	urgencies = clocks.urgencies()
	judged = {None: judged_of(None, conditions)}
	judged |= {urgency.name: judged_of(urgency, conditions) for urgency in urgencies}
	if question.figure:
		return reporting.behind(question, outcome.counted, [*figures.values(), *judged.values()])
	issue = DocType(ISSUE)
	tallies = reporting.count(question, outcome.counted, "found_in_grid", by=issue.urgency, sums=conditions)
	judged = {urgency: judged[urgency] for urgency in (None, *with_columns(urgencies, tallies))}
	columns = reporting.columns(question, *figures.values(), *shares_and_numbers(judged))
	note = _("Counted by the day of finding, as things stand now.")
	if not tallies:
		return columns, [], reporting.none(question, note), None, None, True
	return (
		columns,
		reporting.data(question, tallies, lambda tally: cells(tally, figures, judged)),
		note,
		reporting.chart(question, tallies, bars(figures)),
		summary(reporting.total(tallies, question), figures, judged),
		True,
	)


def conditions_at(question: Question, outcome: Outcome) -> dict[str, Criterion]:
	"""Return the conditions that are counted, for the moment of *question*."""
	issue = DocType(ISSUE)
	return {
		CLOSED: outcome.closed,
		OVERDUE: clocks.overdue(issue, question.now),
		IN_TIME: clocks.on_time(issue),
		RESOLVED: issue.resolved_at.isnotnull() & issue.due_by.isnotnull(),
	}


def counted(question: Question, conditions: dict[str, Criterion], outcome: Outcome) -> dict[str, Figure]:
	"""Return the figures of the table that are no rates, by the name of their column."""
	unresolved = {"resolved_at": ["is", "not set"], "closed_at": ["is", "not set"]}
	made = (
		Figure("found", _("Found"), Tally.number, EmptyCriterion(), outcome.counted_filters, width=84),
		Figure(
			"closed",
			_("Matters Closed"),
			lambda tally: tally.number(CLOSED),
			conditions[CLOSED],
			outcome.closed_filters,
			"#2E8B57",
			84,
		),
		Figure(
			"open",
			_("Not Closed"),
			lambda tally: tally.number() - tally.number(CLOSED),
			outcome.waiting,
			outcome.waiting_filters,
			"#3B82C4",
			84,
		),
		Figure(
			"overdue",
			_("Overdue"),
			lambda tally: tally.number(OVERDUE),
			conditions[OVERDUE],
			{**unresolved, "due_by": ["<", str(question.now)]},
			"#C0392B",
			84,
		),
	)
	return {figure.fieldname: figure for figure in made}


def with_columns(urgencies: list[frappe._dict], tallies: list[Tally]) -> list[str]:
	"""Return which of *urgencies* have columns: the active ones, and others of which something was found."""
	found = {urgency for tally in tallies for urgency in tally.by_group()}
	return [row.name for row in urgencies if row.active or row.name in found]


def judged_of(urgency: frappe._dict | None, conditions: dict[str, Criterion]) -> Figure:
	"""Return the figure of the issues of *urgency* (None: of any) that the on-time share is of."""
	condition = Criterion.any(conditions[name] for name in JUDGED)
	rows = condition & (DocType(ISSUE).urgency == urgency.name) if urgency else condition
	groups = [urgency.name] if urgency else None
	label = _("n, {0}").format(urgency.urgency_name) if urgency else _("n, in All")
	name = f"judged_{urgency.name.lower() if urgency else 'all'}"

	def number(tally: Tally) -> int:
		return sum(tally.number(name, groups) for name in JUDGED)

	return Figure(name, label, number, rows, width=78)


def shares_and_numbers(judged: dict[str | None, Figure]) -> list[Figure | dict[str, Any]]:
	"""Return the columns of the on-time shares, each with its number beside it."""
	made: list[Figure | dict[str, Any]] = []
	for urgency, figure in judged.items():
		label = _("In Time") if urgency is None else _("In Time, {0}").format(clocks.name_of(urgency))
		column = {"fieldname": f"share_{figure.fieldname}", "label": label, "fieldtype": "Percent"}
		made += [column | {"is_rate": 1, "width": 93}, figure]
	return made


def cells(tally: Tally, figures: dict[str, Figure], judged: dict[str | None, Figure]) -> dict[str, Any]:
	"""Return the counts of one node, and the on-time shares; None where there is nothing to be in time."""
	made: dict[str, Any] = {name: figure.of(tally) for name, figure in figures.items()}
	for urgency, figure in judged.items():
		number = figure.of(tally)
		made[figure.fieldname] = number
		made[f"share_{figure.fieldname}"] = share(in_time(tally, urgency), number) if number else None
	return made


def in_time(tally: Tally, urgency: str | None) -> int:
	"""Return how many issues of *urgency* (None: of any) were resolved in time."""
	return tally.number(IN_TIME, None if urgency is None else [urgency])


def bars(figures: dict[str, Figure]) -> list[Figure]:
	"""Return the parts of the chart: what was found is closed, open in time or overdue."""
	waiting = Figure(
		"waiting",
		_("Not Closed, Not Overdue"),
		lambda tally: figures["open"].of(tally) - figures["overdue"].of(tally),
		EmptyCriterion(),
		color=figures["open"].color,
	)
	return [figures["closed"], waiting, figures["overdue"]]


def summary(
	whole: Tally, figures: dict[str, Figure], judged: dict[str | None, Figure]
) -> list[dict[str, Any]]:
	"""Return the counts of all, and the on-time share of each urgency that has any, with the number it is of."""
	made = [
		{"label": figure.label, "value": figure.of(whole), "datatype": "Int"} for figure in figures.values()
	]
	made[-1]["indicator"] = "Red" if made[-1]["value"] else "Green"
	for urgency, figure in judged.items():
		if urgency and (number := figure.of(whole)):
			label = _("{0} in time, of {1}").format(clocks.name_of(urgency), number)
			value = share(in_time(whole, urgency), number)
			made.append({"label": label, "value": value, "datatype": "Percent"})
	return made
