"""Lists and counts inside a scope: our paths against a stock User Permission on the same rows.

Read through `frappe.desk.reportview` as the Desk calls it, each time as a fresh request: the first page of
20 sorted as the DocType is shipped and by `modified`, and the exact count. Rows:

* one for each case and question, in milliseconds;
* the case in which stock is worst, and our worst case against stock's worst;
* how many times slower than the unrestricted list each shipped list is, ours and stock's;
* how many times slower 2,030 grids are than 10.
"""

from collections.abc import Callable
from statistics import median

import frappe
from frappe.desk import reportview

from benchmarks import scope_data
from benchmarks.pairing import Row, compare, fewer_is_better, take_turns, timed
from benchmarks.scope_data import OURS, STOCK, Case
from benchmarks.site import Bench

ROUNDS = 15
PAGE = 20
Series = dict[tuple[str, str, str], list[float]]
"""Milliseconds by question, case and side."""


def run(bench: Bench) -> list[Row]:
	"""Load the data when it is not there, measure every case and return the rows."""
	scope_data.ensure()
	cases = scope_data.cases()
	questions = _questions()
	_same_answers(bench, cases, questions)
	series: Series = {}
	for question, forms in questions.items():
		contenders = {
			(question, case.name, side): _contender(bench, user, forms[side])
			for case in cases
			for side, user in (("ours", case.ours), ("stock", case.stock))
		}
		series |= take_turns(contenders, ROUNDS)
	return _rows(series, [case.name for case in cases], list(questions))


def _questions() -> dict[str, dict[str, dict[str, object]]]:
	"""The form that the Desk sends for each question, for both sides."""
	shipped = frappe.get_meta(OURS)
	order = f"{shipped.sort_field} {shipped.sort_order}".lower()
	return {
		f"list as shipped ({order})": {
			side: _list_form(doctype, shipped.sort_field, shipped.sort_order.lower())
			for side, doctype in (("ours", OURS), ("stock", STOCK))
		},
		"list by modified": {
			side: _list_form(doctype, "modified", "desc")
			for side, doctype in (("ours", OURS), ("stock", STOCK))
		},
		"count": {side: _count_form(doctype) for side, doctype in (("ours", OURS), ("stock", STOCK))},
	}


def _list_form(doctype: str, sort_field: str, sort_order: str) -> dict[str, object]:
	shown = [field.fieldname for field in frappe.get_meta(OURS).fields if field.in_list_view]
	columns = [
		"name", "owner", "creation", "modified", "modified_by", "_user_tags", "_comments", "_assign", "_liked_by",
		"docstatus", "idx", "title", "workflow_state", *shown,
	]  # fmt: skip
	return {
		"cmd": "frappe.desk.reportview.get",
		"doctype": doctype,
		"fields": frappe.as_json([f"`tab{doctype}`.`{column}`" for column in columns]),
		"filters": "[]",
		"order_by": f"`tab{doctype}`.`{sort_field}` {sort_order}",
		"start": "0",
		"page_length": str(PAGE),
		"view": "List",
		"with_comment_count": "1",
	}


def _count_form(doctype: str) -> dict[str, object]:
	return {
		"cmd": "frappe.desk.reportview.get_count",
		"doctype": doctype,
		"filters": "[]",
		"fields": "[]",
		"distinct": "false",
	}


def _method(form: dict[str, object]) -> Callable[[], object]:
	return reportview.get if str(form["cmd"]).endswith(".get") else reportview.get_count


def _contender(bench: Bench, user: str, form: dict[str, object]) -> Callable[[], float]:
	return timed(_method(form), before=bench.request(user, form))


def _same_answers(
	bench: Bench, cases: list[Case], questions: dict[str, dict[str, dict[str, object]]]
) -> None:
	"""Fail unless both sides show the same rows to the same reader: only then do their times compare."""
	for case in cases:
		for question, forms in questions.items():
			answers = []
			for side, user in (("ours", case.ours), ("stock", case.stock)):
				bench.request(user, forms[side])()
				answer = _method(forms[side])()
				answers.append(answer if isinstance(answer, int) else [row[0] for row in answer["values"]])
			if answers[0] != answers[1] or not answers[0]:
				raise AssertionError(
					f"{question}, {case.name}: ours answers {answers[0]}, stock {answers[1]}"
				)


def _rows(series: Series, cases: list[str], questions: list[str]) -> list[Row]:
	rows = []
	for question in questions:
		rows += [
			compare(
				f"{question}, {case}", "ms", series[question, case, "ours"], series[question, case, "stock"]
			)
			for case in cases
		]
		rows += _worst(series, cases, question)
	for question in questions[:1]:
		rows += [
			_factor(series, question, case, cases[0], f"{question}, {case} against unrestricted")
			for case in cases[1:]
		]
	few, *_between, many = cases[1:4]
	rows += [
		_factor(series, question, many, few, f"{question}, {many} against {few}") for question in questions
	]
	return rows


def _worst(series: Series, cases: list[str], question: str) -> list[Row]:
	def typical(side: str) -> dict[str, float]:
		return {case: median(series[question, case, side]) for case in cases}

	ours, stock = typical("ours"), typical("stock")
	stock_worst, ours_worst = max(stock, key=stock.__getitem__), max(ours, key=ours.__getitem__)
	runs = len(series[question, cases[0], "ours"])
	return [
		fewer_is_better(
			f"{question}, stock's worst case ({stock_worst})",
			"ms",
			ours[stock_worst],
			stock[stock_worst],
			runs,
		),
		fewer_is_better(
			f"{question}, our worst case ({ours_worst}) against stock's",
			"ms",
			ours[ours_worst],
			stock[stock_worst],
			runs,
		),
	]


def _factor(series: Series, question: str, case: str, base: str, name: str) -> Row:
	"""A row of factors: the case's time as a multiple of the base's, on each side."""
	ours, stock = (
		median(series[question, case, side]) / median(series[question, base, side])
		for side in ("ours", "stock")
	)
	return fewer_is_better(name, "times", ours, stock, len(series[question, case, "ours"]))
