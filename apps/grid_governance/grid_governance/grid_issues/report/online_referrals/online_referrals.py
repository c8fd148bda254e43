"""Online Referrals: issues handed over online that were closed in a period, and how long they took.

The period is that of the closing (`closed_at`), both days included. An issue takes from its finding to its
closing; the days are those of the issue in the middle, to one decimal. Filters: those of `reporting.ask`.
"""

from collections.abc import Hashable, Mapping
from typing import Any

from frappe import _
from frappe.query_builder import DocType
from pypika.queries import Table
from pypika.terms import CustomFunction, EmptyCriterion, LiteralValue, Term

from grid_governance import reporting
from grid_governance.grid_issues import ISSUE
from grid_governance.grid_issues.report.outcome import Outcome
from grid_governance.reporting import Figure, Tally, median

SOURCE = "Online Referral"
TENTH_OF_A_DAY = 144
"""In minutes. Counted by node and tenth of a day, what the statement returns grows with the days, not the issues."""

Floor = CustomFunction("FLOOR", ["number"])
TimestampDiff = CustomFunction("TIMESTAMPDIFF", ["unit", "start", "end"])


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, what the period means, chart and summary, as Frappe's script reports do."""
	question = reporting.ask(filters, ISSUE, dated="closed_at")
	issue = DocType(ISSUE)
	outcome = Outcome()
	closed = (issue.source == SOURCE) & outcome.closed
	in_filters = {"source": ["=", SOURCE], **outcome.closed_filters}
	figure = Figure("closed", _("Matters Closed"), Tally.number, EmptyCriterion(), in_filters)
	if question.figure:
		return reporting.behind(question, closed, [figure])
	tallies = reporting.count(question, closed, "source_in_grid", by=tenths_taken(issue))
	days = {"fieldname": "days", "label": _("Days in the Middle"), "fieldtype": "Float", "precision": 1}
	columns = reporting.columns(question, figure, days | {"width": 130})
	note = _("Counted by the day of closing; half of the issues took no longer than the days in the middle.")
	if not tallies:
		return columns, [], reporting.none(question, note), None, None, True
	whole = reporting.total(tallies, question)
	return (
		columns,
		reporting.data(question, tallies, lambda tally: {"closed": tally.number(), "days": days_of(tally)}),
		note,
		reporting.chart(question, tallies, [figure]),
		[
			{"label": figure.label, "value": whole.number(), "datatype": "Int"},
			{"label": days["label"], "value": days_of(whole), "datatype": "Float", "precision": 1},
		],
		True,
	)


def tenths_taken(issue: Table) -> Term:
	"""Return the tenths of a day from the finding of an issue to its closing, rounded down."""
	return Floor(TimestampDiff(LiteralValue("MINUTE"), issue.found_at, issue.closed_at) / TENTH_OF_A_DAY)


def days_of(tally: Tally) -> float | None:
	"""Return how many days the issue in the middle took."""
	tenths: Mapping[Hashable, int] = tally.by_group()
	middle = median({int(value): count for value, count in tenths.items()})
	return None if middle is None else round(middle / 10, 1)
