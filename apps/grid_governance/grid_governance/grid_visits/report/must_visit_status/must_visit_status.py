"""Must-Visit Status: who has to be visited, what was due, and what was done in time, late or not at all (domain a22).

People are those in care today. Of the visits those count that were due in the period (`due_on`), by default this month, and
those due before that were still open in it. Filters: those of `reporting.ask`; `show`: "By Category" or "By Grid"; `category`,
which shows one by grid. One visit serves all of a person's categories: she stands in each of them and once in the total. Care
that the reader may not see is in no figure, and nobody is counted for it.
"""

from dataclasses import dataclass
from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from pypika.functions import Date
from pypika.queries import QueryBuilder
from pypika.terms import Case, Criterion, Field

from grid_governance import reporting, scope
from grid_governance.grid_ledger import CARE, IDENTITY, RESIDENT
from grid_governance.grid_ledger.queries.care import goes_on
from grid_governance.grid_structure.rules import SEGMENT
from grid_governance.grid_visits import MUST_VISIT
from grid_governance.grid_visits.report.periods import this_month
from grid_governance.reporting import Figure, Question, Tally, reached
from grid_governance.reporting.question import below

SHOWS_PERSONS = RESIDENT
"""Behind the figures stand people."""

BY_GRID = "By Grid"
PEOPLE, DUE, DONE, IN_TIME, LATE, OPEN = "people", "due", "done", "in_time", "late", "open"


@dataclass(frozen=True)
class Category:
	"""A care category whose people are visited; `label` is its name as people read it."""

	name: str
	label: str


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, how it is counted, chart and summary, as Frappe's script reports do."""
	question = reporting.ask(this_month(filters), MUST_VISIT)
	for doctype in (CARE, RESIDENT):
		frappe.has_permission(doctype, "report", throw=True)
	asked = frappe._dict(filters or {})
	categories, hidden = categories_for()
	one = asked.category or question.of
	chosen = [each for each in categories if one in (None, "", each.name)]
	names = [each.name for each in chosen]
	figures = figures_of(question, names)
	if question.figure:
		return reporting.behind(question, due(question), figures)
	tallies = by_grid(question, names)
	note = note_of(hidden)
	by_category = asked.show != BY_GRID and not asked.category
	columns = columns_of(question, figures, by_category)
	if not tallies:
		return columns, [], reporting.none(question, note), None, None, True
	whole = reporting.total(tallies, question)
	if by_category:
		rows = each_category(question, chosen, whole)
		return columns, rows, note, chart_of(rows), summary(whole), True
	return (
		columns,
		reporting.data(question, tallies, cells),
		note,
		reporting.heat(question, tallies, rate_of),
		summary(whole),
		True,
	)


def categories_for() -> tuple[list[Category], bool]:
	"""Return the categories whose people are visited, the most often visited first, and whether some are hidden.

	Hidden are the sensitive ones from a reader who sees nobody in them.
	"""
	found = frappe.get_all(
		"Care Category",
		filters={"must_visit": 1},
		fields=["name", "category_name", "is_sensitive"],
		order_by="visit_interval_days asc, name asc",
		limit_page_length=0,
	)
	sees_all = bool(frappe.has_permission(IDENTITY, "report"))
	kept = [Category(row.name, _(row.category_name)) for row in found if sees_all or not row.is_sensitive]
	return kept, len(kept) < len(found)


def note_of(hidden: bool) -> str:
	"""Return how it is counted."""
	note = _(
		"People in care today; visits due in the period, and those from before that were still open in it."
	)
	return f"{note} {_('Care that your post does not see is not counted.')}" if hidden else note


def due(question: Question) -> Criterion:
	"""Return the condition of the visits that were to be made in the period."""
	visit = DocType(MUST_VISIT)
	inside = (visit.due_on >= question.from_date) & (visit.due_on <= question.to_date)
	open_in_it = visit.done_at.isnull() | (visit.done_at >= question.from_date)
	return inside | ((visit.due_on < question.from_date) & open_in_it)


def kinds(question: Question) -> dict[str, Criterion]:
	"""Return what becomes of the visits that were due, by the name of the figure that counts them."""
	visit, today = DocType(MUST_VISIT), question.now.date()
	done, waiting = visit.done_at.isnotnull(), visit.done_at.isnull()
	return {
		DUE: visit.name.isnotnull(),
		DONE: done,
		IN_TIME: done & (Date(visit.done_at) <= visit.due_on),
		LATE: waiting & (visit.due_on < today),
		OPEN: waiting & (visit.due_on >= today),
	}


def of_care(question: Question, names: list[str]) -> Criterion:
	"""Return the condition of the care for which a visit of the period was due, without what the reader may not know of.

	Care lies where its people live today, a visit where they lived then: the visit's place alone says whether it is counted.
	"""
	care = DocType(CARE)
	going_on = care.until.isnull() | (care.until >= question.from_date)
	seen = scope.open_rows(CARE, ptype="report", table=care)  # first: it may be empty
	return (
		seen
		& care.category.isin(names or [""])
		& (care.since.isnull() | (care.since <= question.to_date))
		& going_on
	)


def cared_for(question: Question, names: list[str]) -> QueryBuilder:
	"""Return the statement of the people for whom a visit of the period was due."""
	care = DocType(CARE)
	return frappe.qb.from_(care).select(care.resident).where(of_care(question, names))


def in_care(question: Question, names: list[str]) -> Criterion:
	"""Return the condition of the care in the categories *names* that goes on today, in the reader's scope."""
	care = DocType(CARE)
	return (
		scope.criterion(CARE, ptype="report", table=care)
		& care.category.isin(names or [""])
		& goes_on(care, question.now.date())
	)


def by_grid(question: Question, names: list[str]) -> list[Tally]:
	"""Return the numbers of the figures by node, in the order of the tree; nobody is counted twice."""
	care = DocType(CARE)
	tallies: dict[str, Tally] = {}
	for path, numbers in counted(question, names) + people(question, names, care.grid_path):
		node = path[: SEGMENT * question.roll_up]
		tally = tallies.setdefault(node, Tally(node))
		tally.counts.update({(None, name): number for name, number in numbers.items() if number})
	return [tallies[path] for path in sorted(tallies) if tallies[path].counts]


def counted(question: Question, names: list[str]) -> list[tuple[str, dict[str, int]]]:
	"""Return by path how many visits of the period were due, done, late …, each once."""
	visit = DocType(MUST_VISIT)
	return _numbers(
		question,
		frappe.qb.from_(visit).where(visit.resident.isin(cared_for(question, names))),
		visit.grid_path,
	)


def counted_by_category(question: Question, names: list[str]) -> list[tuple[str, dict[str, int]]]:
	"""Return the same by category, a visit in each that its person is in."""
	visit, care = DocType(MUST_VISIT), DocType(CARE)
	here = frappe.qb.from_(visit).select(visit.resident).where(question.where(visit)).where(due(question))
	known = cared_for(question, names).where(care.resident.isin(here))
	held = known.select(care.category).distinct().as_("held")
	return _numbers(
		question, frappe.qb.from_(visit).join(held).on(held.resident == visit.resident), held.category
	)


def _numbers(question: Question, visits: QueryBuilder, group: Field) -> list[tuple[str, dict[str, int]]]:
	parts = kinds(question)
	rows = (
		visits.select(group, *(Count(Case().when(part, 1)) for part in parts.values()))
		.where(question.where(DocType(MUST_VISIT)))
		.where(due(question))
		.groupby(group)
		.orderby(group)
		.run()
	)
	return [(row[0], dict(zip(parts, row[1:], strict=True))) for row in rows]


def people(question: Question, names: list[str], group: Field) -> list[tuple[str, dict[str, int]]]:
	"""Return by *group* how many people are in care today in the categories *names*."""
	care = DocType(CARE)
	rows = (
		frappe.qb.from_(care)
		.select(group, Count(care.resident).distinct())
		.where(in_care(question, names))
		.where(below(care.grid_path, question.prefix))
		.groupby(group)
		.orderby(group)
		.run()
	)
	return [(key, {PEOPLE: number}) for key, number in rows]


def figures_of(question: Question, names: list[str]) -> list[Figure]:
	"""Return the figures; behind them stand the visits, and the people themselves."""
	visit, care, resident = DocType(MUST_VISIT), DocType(CARE), DocType(RESIDENT)
	visits = visit.resident.isin(cared_for(question, names))
	labels = {
		DUE: _("Visits Due"),
		DONE: _("Visits Made"),
		IN_TIME: _("Of These in Time"),
		LATE: _("Visits Late"),
		OPEN: _("Visits Still to Come"),
	}
	parts = kinds(question)
	known = resident.name.isin(frappe.qb.from_(care).select(care.resident).where(in_care(question, names)))
	return [
		Figure(PEOPLE, _("People in Care"), lambda tally: tally.number(PEOPLE), known, doctype=RESIDENT),
		*(
			Figure(name, label, lambda tally, name=name: tally.number(name), visits & parts[name])
			for name, label in labels.items()
		),
	]


def columns_of(question: Question, figures: list[Figure], by_category: bool) -> list[dict[str, Any]]:
	"""Return the columns: the category or the grid, the figures, and the share made with the number it is of beside it."""
	rate = {"fieldname": "rate", "label": _("Share Made"), "fieldtype": "Percent", "width": 110}
	made = reporting.columns(question, *figures[:3], rate | {"is_rate": 1, "heat": 1}, *figures[3:])
	if by_category:
		made[0] = {**made[0], "label": _("Care Category"), "width": 190, "narrows": "category"}
	return made


def rate_of(tally: Tally) -> float | None:
	"""Return the share made of the visits due, None of none."""
	return reached(tally.number(DONE), tally.number(DUE))


def cells(tally: Tally) -> dict[str, Any]:
	"""Return the numbers of one row and the share made."""
	made = {name: tally.number(name) for name in (PEOPLE, DUE, DONE, IN_TIME, LATE, OPEN)}
	return made | {"rate": rate_of(tally)}


def each_category(question: Question, chosen: list[Category], whole: Tally) -> list[dict[str, Any]]:
	"""Return a row for each category that has anybody, and the total, in which everybody stands once."""
	names, care = [each.name for each in chosen], DocType(CARE)
	tallies = {name: Tally(question.prefix) for name in names}
	found = counted_by_category(question, names) + people(question, names, care.category)
	for name, numbers in found:
		tallies[name].counts.update({(None, key): number for key, number in numbers.items()})
	place = {"path": question.prefix, "exact": 0, "grid": None}
	rows = [
		cells(tallies[each.name]) | place | {"node": each.label, "narrow": each.name, "of": each.name}
		for each in chosen
		if tallies[each.name].counts
	]
	once = {"node": _("Total, Each Person Once"), "of": "", "is_total": 1}
	return [*rows, cells(whole) | place | once | {"place": reporting.place_of(question)}]


def chart_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
	"""Return for each category what was made, what is to come and what is late."""
	parts = (
		(DONE, _("Visits Made"), "#2E8B57"),
		(OPEN, _("Visits Still to Come"), "#3B82C4"),
		(LATE, _("Visits Late"), "#C0392B"),
	)
	shown = [row for row in rows if not row.get("is_total")]
	return {
		"type": "bar",
		"barOptions": {"stacked": 1},
		"colors": [color for _name, _label, color in parts],
		"height": 260,
		"data": {
			"labels": [row["node"] for row in shown],
			"datasets": [
				{"name": label, "values": [row[name] for row in shown]} for name, label, _color in parts
			],
		},
	}


def summary(whole: Tally) -> list[dict[str, Any]]:
	"""Return the people, the visits due and late, and the share made with the number it is of."""
	made = cells(whole)
	said: list[dict[str, Any]] = [
		{"label": _("People in Care"), "value": made[PEOPLE], "datatype": "Int"},
		{"label": _("Visits Due"), "value": made[DUE], "datatype": "Int"},
		{
			"label": _("Visits Late"),
			"value": made[LATE],
			"datatype": "Int",
			"indicator": "Red" if made[LATE] else "Green",
		},
	]
	if made["rate"] is None:
		return said
	label = _("Share made, of {0}").format(made[DUE])
	return [*said, {"label": label, "value": made["rate"], "datatype": "Percent"}]
