"""Lists, search and the page of a household over 180,000 people, through the web server.

A grid member and a township official ask what they ask in the Desk, each request signed in and answered by the bench's
own web server: the first page of the list of residents, by change and by name, with its count; a resident by the initials
that are commonest where they read, and by letters that nobody has; a household with all that its page shows. On the other
side stand custom DocTypes with the same rows and a User Permission on the same grid, which Frappe widens to all below
it: its list, its link search (`like %…%` over the title and the search fields), and for the page the form with the
lists of residents, contacts and care that a user would open one by one.

Rows: for each question and reader milliseconds, from the request to the answer.
"""

from collections.abc import Callable
from functools import partial

import frappe

from benchmarks import ledger_lists_data
from benchmarks.http import Visitor
from benchmarks.ledger_lists_data import PLAIN, Reader
from benchmarks.pairing import Row, compare, take_turns, timed
from benchmarks.site import Bench
from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, RESIDENT

ROUNDS = 15
PAGE = 20
NOBODY = "qqqq"
GET, COUNT, SEARCH = (
	"frappe.desk.reportview.get",
	"frappe.desk.reportview.get_count",
	"frappe.desk.search.search_link",
)
FORM, OUR_PAGE = "frappe.desk.form.load.getdoc", "grid_governance.grid_ledger.queries.page.page"

Ask = Callable[[], object]


def run(bench: Bench) -> list[Row]:
	"""Load the data when it is not there, measure every question and return the rows."""
	ledger_lists_data.ensure()
	contenders = {}
	for reader in ledger_lists_data.readers():
		ours, stock = Visitor(bench, reader.ours), Visitor(bench, reader.stock)
		questions = _questions(reader, ours, stock)
		_same_answers(reader, questions)
		for question, sides in questions.items():
			for side, ask in sides.items():
				contenders[f"{question}, {reader.name}", side] = timed(ask)
	series = take_turns(contenders, ROUNDS)
	asked = dict.fromkeys(question for question, _side in contenders)
	return [
		compare(question, "ms", series[question, "ours"], series[question, "stock"]) for question in asked
	]


def _questions(reader: Reader, ours: Visitor, stock: Visitor) -> dict[str, dict[str, Ask]]:
	two, three = (_commonest(reader.grid, letters) for letters in (2, 3))
	household = _largest_household(reader.grid)
	plain = PLAIN[RESIDENT]
	found = {
		"list by change": _both(_listed, ours, stock, order="modified desc"),
		"list by name": _both(_listed, ours, stock, order="resident_name asc"),
		"count": {"ours": partial(_count, ours, RESIDENT), "stock": partial(_count, stock, plain)},
	}
	for name, text in (("two initials", two), ("three initials", three), ("letters nobody has", NOBODY)):
		found[f"search, {name}"] = {
			"ours": partial(_search, ours, RESIDENT, text),
			"stock": partial(_search, stock, plain, text),
		}
	found["page of a household"] = {
		"ours": partial(_our_page, ours, household),
		"stock": partial(_stock_page, stock, household),
	}
	return found


def _both(ask: Callable[..., object], ours: Visitor, stock: Visitor, **how: object) -> dict[str, Ask]:
	return {
		"ours": partial(ask, ours, RESIDENT, RESIDENT, **how),
		"stock": partial(ask, stock, PLAIN[RESIDENT], RESIDENT, **how),
	}


def _listed(
	visitor: Visitor, doctype: str, as_of: str, order: str, filters: list[list[object]] | None = None
) -> list[str]:
	"""The names on the first page of the list of *doctype*, with the columns that the list of *as_of* shows."""
	shown = [field.fieldname for field in frappe.get_meta(as_of).fields if field.in_list_view]
	columns = dict.fromkeys(
		[
			"name",
			"owner",
			"modified",
			"_user_tags",
			"_comments",
			"_assign",
			"_liked_by",
			"docstatus",
			"idx",
			*shown,
		]
	)
	answer = visitor.call(
		GET,
		{
			"doctype": doctype,
			"fields": frappe.as_json([f"`tab{doctype}`.`{column}`" for column in columns]),
			"filters": frappe.as_json(filters or []),
			"order_by": f"`tab{doctype}`.`{order.split()[0]}` {order.split()[1]}",
			"start": 0,
			"page_length": PAGE,
			"view": "List",
			"with_comment_count": 1,
		},
	)["message"]
	return [row[0] for row in answer["values"]] if answer else []


def _count(visitor: Visitor, doctype: str) -> int:
	form = {"doctype": doctype, "filters": "[]", "fields": "[]", "distinct": "false"}
	return visitor.call(COUNT, form)["message"]


def _search(visitor: Visitor, doctype: str, text: str) -> list[str]:
	answer = visitor.call(SEARCH, {"doctype": doctype, "txt": text, "page_length": 10})
	return [row["value"] for row in answer["results"]]


def _our_page(visitor: Visitor, household: str) -> set[str]:
	"""The members that the page shows."""
	visitor.call(FORM, {"doctype": HOUSEHOLD, "name": household})
	page = visitor.call(OUR_PAGE, {"household": household})["message"]
	return {member["name"] for member in page["members"]}


def _stock_page(visitor: Visitor, household: str) -> set[str]:
	"""The members that the lists show, which are opened after the form."""
	visitor.call(FORM, {"doctype": PLAIN[HOUSEHOLD], "name": household})
	shown = [
		_listed(visitor, PLAIN[each], each, "modified desc", [[PLAIN[each], "household", "=", household]])
		for each in (RESIDENT, CONTACT, CARE)
	]
	return set(shown[0])


def _commonest(grid: str, letters: int) -> str:
	"""The so many letters with which the initials of most people below *grid* begin."""
	path = frappe.db.get_value("Grid", grid, "grid_path")
	return frappe.db.sql(
		"""select left(initials, %s) as first from tabResident where grid_path like %s
		group by first order by count(*) desc, first limit 1""",
		(letters, f"{path}%"),
	)[0][0]


def _largest_household(grid: str) -> str:
	path = frappe.db.get_value("Grid", grid, "grid_path")
	return frappe.get_all(
		HOUSEHOLD,
		filters={"grid_path": ["like", f"{path}%"]},
		pluck="name",
		order_by="member_count desc, name asc",
		limit_page_length=1,
	)[0]


def _same_answers(reader: Reader, questions: dict[str, dict[str, Ask]]) -> None:
	"""Fail unless both sides answer, and the same where they are asked the same: only then do their times compare.

	A search by infix finds others besides, and the order of rows that were changed at one moment is nobody's.
	"""
	for question, sides in questions.items():
		ours, stock = (ask() for ask in sides.values())
		if question.startswith("search"):
			same = bool(ours) == bool(stock)
		elif question.startswith("list"):
			same = len(ours) == len(stock) == PAGE
		else:
			same = bool(ours) and ours == stock
		if not same:
			raise AssertionError(f"{question}, {reader.name}: ours answers {ours}, stock {stock}")
