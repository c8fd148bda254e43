"""Online Referrals: issues handed over online that were closed in a period, how long they took, and whether the
petitioner was told in time.

The period is that of the closing (`closed_at`), both days included. An issue takes from its finding to its
closing; the days are those of the issue in the middle, to one decimal. Told in time is of those closed for which a
rule said until when (`inform_by`); they are the n beside the share. Filters: those of `reporting.ask`.
"""

from collections.abc import Hashable, Mapping
from typing import Any

from frappe import _
from frappe.query_builder import DocType
from pypika.queries import Table
from pypika.terms import Criterion, CustomFunction, EmptyCriterion, LiteralValue, Term

from grid_governance import reporting
from grid_governance.grid_issues import ISSUE, informing
from grid_governance.grid_issues.report.outcome import Outcome
from grid_governance.reporting import Figure, Tally, median, share

SOURCE = "Online Referral"
TENTH_OF_A_DAY = 144
"""In minutes. Counted by node and tenth of a day, what the statement returns grows with the days, not the issues."""

INFORMED, TO_INFORM = "informed", "to_inform"
"""Told in time, and with a time until when they were to be told."""

Floor = CustomFunction("FLOOR", ["number"])
TimestampDiff = CustomFunction("TIMESTAMPDIFF", ["unit", "start", "end"])


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, what the period means, chart and summary, as Frappe's script reports do."""
	question = reporting.ask(filters, ISSUE, dated="closed_at")
	issue = DocType(ISSUE)
	outcome = Outcome()
	closed = (issue.source == SOURCE) & outcome.closed
	conditions = {INFORMED: informing.in_time(issue), TO_INFORM: issue.inform_by.isnotnull()}
	figures = figures_of(conditions, {"source": ["=", SOURCE], **outcome.closed_filters})
	if question.figure:
		return reporting.behind(question, closed, figures)
	tallies = reporting.count(question, closed, "source_in_grid", by=tenths_taken(issue), sums=conditions)
	number, informed, to_inform = figures
	days = {"fieldname": "days", "label": _("Days in the Middle"), "fieldtype": "Float", "precision": 1}
	rate = {"fieldname": "rate", "label": _("Share Told in Time"), "fieldtype": "Percent", "is_rate": 1}
	columns = reporting.columns(
		question, number, days | {"width": 130}, informed, rate | {"width": 130}, to_inform
	)
	note = _("Counted by the day of closing; half of the issues took no longer than the days in the middle.")
	if not tallies:
		return columns, [], reporting.none(question, note), None, None, True
	whole = reporting.total(tallies, question)
	return (
		columns,
		reporting.data(question, tallies, lambda tally: cells(tally, figures)),
		note,
		reporting.chart(question, tallies, [number]),
		summary(whole, number, days),
		True,
	)


def figures_of(conditions: Mapping[str, Criterion], closed: dict[str, Any]) -> list[Figure]:
	"""Return the figures: closed, of these told in time, and the number that this is of."""
	return [
		Figure("closed", _("Matters Closed"), Tally.number, EmptyCriterion(), closed),
		Figure(
			INFORMED, _("Petitioner Told in Time"), lambda tally: tally.number(INFORMED), conditions[INFORMED]
		),
		Figure(
			TO_INFORM,
			_("n, to Be Told"),
			lambda tally: tally.number(TO_INFORM),
			conditions[TO_INFORM],
			{**closed, "inform_by": ["is", "set"]},
		),
	]


def cells(tally: Tally, figures: list[Figure]) -> dict[str, Any]:
	"""Return the counts of one node, the days in the middle and the share told in time; None of nothing."""
	made = {figure.fieldname: figure.of(tally) for figure in figures}
	rate = share(made[INFORMED], made[TO_INFORM]) if made[TO_INFORM] else None
	return made | {"days": days_of(tally), "rate": rate}


def summary(whole: Tally, number: Figure, days: dict[str, Any]) -> list[dict[str, Any]]:
	"""Return the number of all, the days in the middle, and the share told in time with the number it is of."""
	said = [
		{"label": number.label, "value": number.of(whole), "datatype": "Int"},
		{"label": days["label"], "value": days_of(whole), "datatype": "Float", "precision": 1},
	]
	if of := whole.number(TO_INFORM):
		label = _("Petitioner told in time, of {0}").format(of)
		said.append({"label": label, "value": share(whole.number(INFORMED), of), "datatype": "Percent"})
	return said


def tenths_taken(issue: Table) -> Term:
	"""Return the tenths of a day from the finding of an issue to its closing, rounded down."""
	return Floor(TimestampDiff(LiteralValue("MINUTE"), issue.found_at, issue.closed_at) / TENTH_OF_A_DAY)


def days_of(tally: Tally) -> float | None:
	"""Return how many days the issue in the middle took."""
	tenths: Mapping[Hashable, int] = tally.by_group()
	middle = median({int(value): count for value, count in tenths.items()})
	return None if middle is None else round(middle / 10, 1)
