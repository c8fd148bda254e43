"""Notice Reach: how many of those a notice is for have confirmed it or were told of it (domain a17).

A row for each notice sent in the period (`sent_at` of the notice), in what of it lies in the reader's grids: a township's
notice shows a village its own households. With the filter `notice`, whatever the period, a row for each grid instead. Other
filters: those of `reporting.ask`, `notice_type`. 100 % means that every delivery is confirmed or told; as long as
deliveries are still being made a notice has no share. Withdrawn notices are counted nowhere, nor are deliveries to those
who are gone. Who is meant only as somebody in sensitive care is counted for those who may know of such care there, and
neither a recipient nor told for others.
"""

from collections.abc import Callable
from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from pypika.terms import Criterion

from grid_governance import reporting, scope
from grid_governance.grid_visits import DELIVERY, NOTICE
from grid_governance.grid_visits.notices import CONFIRMED, LEFT, TOLD, UNREACHABLE, stages
from grid_governance.reporting import Figure, Question, Tally, reached

SHOWS_PERSONS = ""
"""It counts deliveries and shows none: behind its figures stands their list."""

INDEX = "known_reach"
LISTED_MAX = 20
"""Of more notices than this a list has no words: an address holds no more names."""


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, how it is counted, chart and summary, as Frappe's script reports do."""
	question = reporting.ask(filters, NOTICE)
	asked = frappe._dict(filters or {})
	if asked.notice:
		return of_one(question, asked.notice)
	figures = figures_of({})
	columns = columns_of(question, figures)
	first, *others = notice_columns()
	columns = [first, *columns[1:], *others]
	note = _("Counted by the day the notice was sent, as things stand now.")
	rows = rows_of(question, asked.notice_type)
	if not rows:
		return columns, [], reporting.none(question, note), None, None, True
	whole = reporting.total((row["tally"] for row in rows), question)
	going = any(row["going"] for row in rows)
	total = cells(whole, figures, going) | total_place(question, rows)
	made = [row.pop("cells") | row for row in (_finished(row, figures, question) for row in rows)]
	return columns, [*made, total], note, None, summary(whole, figures, going), True


def of_one(question: Question, notice: str) -> tuple[Any, ...]:
	"""Return the report on *notice* by grid."""
	delivery = DocType(DELIVERY)
	state = frappe.db.get_value(NOTICE, notice, "workflow_state")
	going = stages.is_going(state)
	figures = figures_of({"notice": ["=", notice]})
	columns = columns_of(question, figures)
	if stages.of(state) == stages.WITHDRAWN:
		return columns, [], _("Withdrawn notices are not counted."), None, None, True
	known = scope.open_rows(DELIVERY, ptype="report")  # first: it may be empty
	meant = known & (delivery.notice == notice) & (delivery.state != UNREACHABLE)
	tallies = reporting.count(question, meant, INDEX, by=delivery.state, rows_of=DELIVERY)
	note = _("One notice by grid, as things stand now.")
	if not tallies:
		return columns, [], f"{note} {_('Nobody here is among its recipients.')}", None, None, True
	rates: Callable[[Tally], float | None] = lambda tally: rate_of(tally, going)  # noqa: E731
	return (
		columns,
		reporting.data(question, tallies, lambda tally: cells(tally, figures, going)),
		note,
		reporting.heat(question, tallies, rates),
		summary(reporting.total(tallies, question), figures, going),
		True,
	)


def rows_of(question: Question, notice_type: str | None) -> list[dict[str, Any]]:
	"""Return the notices sent in the period, the latest first, each with its `tally` and whether it is still `going` out."""
	notice, delivery = DocType(NOTICE), DocType(DELIVERY)
	query = (
		frappe.qb.from_(delivery)
		.force_index(INDEX)
		.join(notice)
		.on(notice.name == delivery.notice)
		.where(question.where(delivery) & (delivery.state != UNREACHABLE))
		.where(scope.open_rows(DELIVERY, ptype="report", table=delivery))
		.where(question.in_period(notice.sent_at))
		.where(notice.workflow_state.notin(stages.states(stages.WITHDRAWN) or [""]))
	)
	if notice_type:
		query = query.where(notice.notice_type == notice_type)
	found = (
		query.select(
			notice.name, notice.notice_title, notice.notice_type, notice.sent_at, notice.workflow_state
		)
		.select(delivery.state, Count("*").as_("number"))
		.groupby(notice.name, delivery.state)
		.orderby(notice.sent_at, order=frappe.qb.desc)
		.orderby(notice.name)
		.run(as_dict=True)
	)
	rows: dict[str, dict[str, Any]] = {}
	for each in found:
		row = rows.setdefault(each.name, {**each, "tally": Tally(question.prefix)})
		row["going"] = stages.is_going(each.workflow_state)
		row["tally"].counts[each.state, reporting.answer.COUNTED] += each.number
	return list(rows.values())


def _finished(row: dict[str, Any], figures: list[Figure], question: Question) -> dict[str, Any]:
	"""Return *row* as it is shown, its figures in `cells`."""
	return {
		"cells": cells(row["tally"], figures, row["going"]),
		"notice_title": row["notice_title"],
		"narrow": row["name"],
		"notice_type": _(row["notice_type"] or ""),
		"sent_at": row["sent_at"],
		"state": _(row["workflow_state"] or ""),
		"filters": {"notice": ["=", row["name"]]},
		"path": question.prefix,
		"exact": 0,
	}


def total_place(question: Question, rows: list[dict[str, Any]]) -> dict[str, Any]:
	"""Return what the total of *rows* needs beside its figures; of many notices it is no way to their list."""
	names = [row["name"] for row in rows]
	return {
		"notice_title": _("Total"),
		"is_total": 1,
		"place": reporting.place_of(question),
		"path": question.prefix,
		"exact": 0,
		"filters": {"notice": ["in", names[:LISTED_MAX]]},
		"plain": int(len(names) > LISTED_MAX),
	}


def figures_of(filters: dict[str, Any]) -> list[Figure]:
	"""Return the figures: deliveries, confirmed, told, both, and neither. *filters* narrow the lists behind them."""
	state = DocType(DELIVERY).state

	def of(name: str, label: str, states: tuple[str, ...]) -> Figure:
		rows: Criterion = state.isin(states)
		return Figure(
			name,
			label,
			lambda tally: tally.number(groups=states),
			rows,
			{**filters, "state": ["in", list(states)]},
			doctype=DELIVERY,
		)

	return [
		of("deliveries", _("Recipients"), (*LEFT, CONFIRMED, TOLD)),
		of("reached", _("Reached"), (CONFIRMED, TOLD)),
		of("confirmed", _("Confirmed"), (CONFIRMED,)),
		of("told", _("Told at the Door"), (TOLD,)),
		of("left", _("Not Reached Yet"), LEFT),
	]


def notice_columns() -> list[dict[str, Any]]:
	"""Return the columns that say which notice a row is about."""
	text = {"fieldtype": "Data", "align": "left"}
	return [
		text | {"fieldname": "notice_title", "label": _("Notice"), "width": 220, "narrows": "notice"},
		text | {"fieldname": "notice_type", "label": _("Type of Notice"), "width": 110},
		{"fieldname": "sent_at", "label": _("Sent at"), "fieldtype": "Datetime", "width": 150},
		text | {"fieldname": "state", "label": _("State"), "width": 100},
	]


def columns_of(question: Question, figures: list[Figure]) -> list[dict[str, Any]]:
	"""Return the columns by grid; a figure is the way to its rows for those who may see them."""
	rate = {"fieldname": "rate", "label": _("Share Reached"), "fieldtype": "Percent", "width": 110}
	made = reporting.columns(question, *figures[:2], rate | {"is_rate": 1, "heat": 1}, *figures[2:])
	if not question.shows(DELIVERY):
		for column in made:
			column["is_figure"] = 0
	return made


def rate_of(tally: Tally, going: bool) -> float | None:
	"""Return the share reached of the recipients; None of none, and of a notice still *going* out."""
	return None if going else reached(tally.number(groups=(CONFIRMED, TOLD)), tally.number())


def cells(tally: Tally, figures: list[Figure], going: bool) -> dict[str, Any]:
	"""Return the counts of one row and the share reached."""
	return {figure.fieldname: figure.of(tally) for figure in figures} | {"rate": rate_of(tally, going)}


def summary(whole: Tally, figures: list[Figure], going: bool) -> list[dict[str, Any]]:
	"""Return the counts of all and the share reached with the number it is of."""
	said = [
		{"label": figure.label, "value": figure.of(whole), "datatype": "Int"}
		for figure in figures
		if figure.fieldname in ("deliveries", "reached", "left")
	]
	rate = rate_of(whole, going)
	if rate is None:
		return said
	label = _("Share reached, of {0}").format(whole.number())
	return [
		*said,
		{
			"label": label,
			"value": rate,
			"datatype": "Percent",
			"indicator": "Green" if rate == 100 else "Orange",
		},
	]
