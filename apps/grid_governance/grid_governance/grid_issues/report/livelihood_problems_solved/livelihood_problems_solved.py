"""Livelihood Problems Solved: what the issues closed in a period were about, by group of categories.

The period is that of the closing (`closed_at`), both days included. Filters: those of `reporting.ask`, and
`category_group`, which narrows the report to one group and shows its categories one by one.
"""

from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from pypika.terms import Criterion, EmptyCriterion

from grid_governance import reporting
from grid_governance.grid_issues import ISSUE
from grid_governance.grid_issues.report.outcome import Outcome
from grid_governance.reporting import Figure, Tally

CATEGORY = "Issue Category"


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, what the period means, chart and summary, as Frappe's script reports do."""
	question = reporting.ask(filters, ISSUE, dated="closed_at")
	issue = DocType(ISSUE)
	outcome = Outcome()
	group = (filters or {}).get("category_group")
	parts = parts_of(group)
	closed = of_parts(parts, group) & outcome.closed  # the first may be empty
	every = figures_of(parts, outcome)
	whole = in_all(parts, outcome, group)
	if question.figure:
		return reporting.behind(question, closed, [*every, whole])
	tallies = reporting.count(question, closed, by=issue.category)
	sum_of_all = reporting.total(tallies, question)
	figures = [figure for figure in every if figure.of(sum_of_all)]
	columns = reporting.columns(question, *figures, whole)
	if not tallies:
		return columns, [], None, None, None, True
	return (
		columns,
		reporting.data(question, tallies, lambda tally: cells(tally, [*figures, whole])),
		_("Counted by the day of closing."),
		reporting.chart(question, tallies, figures),
		[{"label": figure.label, "value": figure.of(sum_of_all), "datatype": "Int"} for figure in (whole, *figures)],
		True,
	)  # fmt: skip


def parts_of(group: str | None) -> list[tuple[str, list[str]]]:
	"""Return what the columns stand for: (label, names of categories) of each group, or of each category in *group*."""
	categories = frappe.get_all(
		CATEGORY,
		fields=["name", "category_name", "parent_category"],
		order_by="code asc",
		limit_page_length=0,
	)
	if group:
		return [
			(row.category_name, [row.name]) for row in categories if group in (row.name, row.parent_category)
		]
	found: dict[str, tuple[str, list[str]]] = {
		row.name: (row.category_name, [row.name]) for row in categories if not row.parent_category
	}
	for row in categories:
		if row.parent_category in found:
			found[row.parent_category][1].append(row.name)
	return list(found.values())


def of_parts(parts: list[tuple[str, list[str]]], group: str | None) -> Criterion:
	"""Return the condition of the issues the report is about: all, or those in *group*."""
	names = [name for _label, names in parts for name in names]
	return DocType(ISSUE).category.isin(names or [""]) if group else EmptyCriterion()


def figures_of(parts: list[tuple[str, list[str]]], outcome: Outcome) -> list[Figure]:
	"""Return the figure of each part: how many of its issues were closed."""
	category = DocType(ISSUE).category
	return [
		Figure(
			fieldname=f"count_{at}",
			label=label,
			of=lambda tally, names=names: tally.number(groups=names),
			rows=category.isin(names),
			filters={**outcome.closed_filters, "category": ["in", names]},
			width=120,
		)
		for at, (label, names) in enumerate(parts)
	]


def in_all(parts: list[tuple[str, list[str]]], outcome: Outcome, group: str | None) -> Figure:
	"""Return the figure of all closed issues of the report."""
	names = [name for _label, names in parts for name in names]
	filters = outcome.closed_filters | ({"category": ["in", names]} if group else {})
	return Figure("total", _("Solved in All"), Tally.number, EmptyCriterion(), filters)


def cells(tally: Tally, figures: list[Figure]) -> dict[str, Any]:
	"""Return the counts of one node."""
	return {figure.fieldname: figure.of(tally) for figure in figures}
