"""Element Ledger: how many people, places, things, matters and organisations each grid keeps, and how many have changed.

Counted is what there is today; of it, beside, what was entered or changed in the period (`modified`), both days included.
Each of the five is counted where the reader may report it, and left out where she may report none. Filters: those of
`reporting.ask`.
"""

from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from pypika.terms import EmptyCriterion

from grid_governance import reporting
from grid_governance.grid_ledger import RESIDENT
from grid_governance.grid_ledger.queries.elements import PLACE, Element, elements
from grid_governance.reporting import Figure, Question, Tally

SHOWS_PERSONS = ""
"""It counts people and shows none: behind their figures stands their list."""

CHANGED = "changed"
COLORS = ("#2E8B57", "#3B82C4", "#E08A1E", "#C0392B", "#7D5BA6")


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, what the period means, chart and summary, as Frappe's script reports do."""
	question = reporting.ask(filters, PLACE)
	kept = elements()
	made = [figure for element in kept for figure in figures(element, question)]
	if question.figure:
		shown = [figure for figure in made if figure.doctype != RESIDENT]
		return reporting.behind(question, EmptyCriterion(), shown)
	tallies = reporting.together({element.doctype: counted(element, question) for element in kept})
	columns = reporting.columns(question, *made)
	for column in columns:
		if column.get("doctype") == RESIDENT and not column["filters"]:
			column["is_figure"] = 0  # her list holds more people than she may report
	note = _("Counted is what there is today; beside it, what was entered or changed in the period.")
	if not tallies:
		return columns, [], f"{note} {_('Nothing is entered here yet.')}", None, None, True
	whole = reporting.total(tallies, question)
	counts = [figure for figure in made if figure.color]
	return (
		columns,
		reporting.data(
			question, tallies, lambda tally: {figure.fieldname: figure.of(tally) for figure in made}
		),
		note,
		reporting.chart(question, tallies, counts),
		[{"label": figure.label, "value": figure.of(whole), "datatype": "Int"} for figure in counts],
		True,
	)


def counted(element: Element, question: Question) -> list[Tally]:
	"""Return the counts of *element* by node: all of it, and what has changed in the period."""
	table = DocType(element.doctype)
	sums = {CHANGED: question.in_period(table.modified)}
	return reporting.count(question.about(element.doctype), element.only, element.index, sums=sums)


def figures(element: Element, question: Question) -> list[Figure]:
	"""Return the two figures of *element*: how many there are, and how many of them have changed."""
	doctype, key = element.doctype, frappe.scrub(element.doctype)
	changed = element.only & question.in_period(DocType(doctype).modified)
	return [
		Figure(
			key,
			element.label,
			lambda tally: tally.number(groups=[doctype]),
			element.only,
			element.filters,
			COLORS[(element.order - 1) % len(COLORS)],
			90,
			doctype,
		),
		Figure(
			f"{key}_{CHANGED}",
			_("{0}: Changed").format(element.label),
			lambda tally: tally.number(CHANGED, [doctype]),
			changed,
			{**element.filters, **question.period_filter("modified")},
			None,
			90,
			doctype,
		),
	]
