"""Livelihood Problems Solved: what the issues closed in a period were about, by group of categories.

The period is that of the closing (`closed_at`), both days included. What was handed down or handed over has reports of
its own (Superior Tasks, Online Referrals) and is not counted here, so that their figures stand beside each other in a
brief. Filters: those of `reporting.ask`, and `category_group`, which narrows the report to one group and shows its
categories one by one.
"""

from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from pypika.terms import Criterion, EmptyCriterion

from grid_governance import reporting
from grid_governance.grid_issues import ISSUE
from grid_governance.grid_issues.report.online_referrals.online_referrals import SOURCE as ONLINE
from grid_governance.grid_issues.report.outcome import Outcome
from grid_governance.grid_issues.report.superior_tasks.superior_tasks import SOURCE as SUPERIOR
from grid_governance.reporting import Figure, Tally

CATEGORY = "Issue Category"

COUNTED_ELSEWHERE = [SUPERIOR, ONLINE]
"""Sources whose issues have a report of their own."""


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, what the period means, chart and summary, as Frappe's script reports do."""
	question = reporting.ask(filters, ISSUE, dated="closed_at")
	issue = DocType(ISSUE)
	outcome = Outcome()
	group = (filters or {}).get("category_group")
	parts = parts_of(group)
	closed = of_parts(parts, group) & outcome.closed
	every = figures_of(parts, outcome)
	whole = in_all(parts, outcome, group)
	if question.figure:
		return reporting.behind(question, closed, [*every, whole])
	tallies = reporting.count(question, closed, "closed_in_grid", by=issue.category)
	sum_of_all = reporting.total(tallies, question)
	figures = [figure for figure in every if figure.of(sum_of_all)]
	columns = reporting.columns(question, *figures, whole)
	note = _("Counted by the day of closing, without tasks from above and online referrals.")
	if not tallies:
		return columns, [], reporting.none(question, note), None, None, True
	return (
		columns,
		reporting.data(question, tallies, lambda tally: cells(tally, [*figures, whole])),
		note,
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
	"""Return the condition of the issues the report is about: all of its sources, or those of them in *group*."""
	names = [name for _label, names in parts for name in names]
	issue = DocType(ISSUE)
	own = issue.source.isnull() | issue.source.notin(COUNTED_ELSEWHERE)
	return own & issue.category.isin(names or [""]) if group else own


def of_own(outcome: Outcome) -> dict[str, Any]:
	"""Return the condition of the closed issues the report is about, as filters of the list."""
	return {**outcome.closed_filters, "source": ["not in", COUNTED_ELSEWHERE]}


def figures_of(parts: list[tuple[str, list[str]]], outcome: Outcome) -> list[Figure]:
	"""Return the figure of each part: how many of its issues were closed."""
	category = DocType(ISSUE).category
	return [
		Figure(
			fieldname=f"count_{at}",
			label=label,
			of=lambda tally, names=names: tally.number(groups=names),
			rows=category.isin(names),
			filters={**of_own(outcome), "category": ["in", names]},
			width=120,
		)
		for at, (label, names) in enumerate(parts)
	]


def in_all(parts: list[tuple[str, list[str]]], outcome: Outcome, group: str | None) -> Figure:
	"""Return the figure of all closed issues of the report."""
	names = [name for _label, names in parts for name in names]
	filters = of_own(outcome) | ({"category": ["in", names]} if group else {})
	return Figure("total", _("Solved in All"), Tally.number, EmptyCriterion(), filters)


def cells(tally: Tally, figures: list[Figure]) -> dict[str, Any]:
	"""Return the counts of one node."""
	return {figure.fieldname: figure.of(tally) for figure in figures}
