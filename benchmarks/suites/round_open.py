"""The first of the month: 200 grids, 60,000 households and 20,000 people who must be visited, in 33 villages.

Ours is what the hourly job does, a village a transaction: rounds, their households, the figures, the must-visits and the day of
the next visit in the ledger. Stock is the same, one `insert()` a row and one `set_value` a household, for one grid of
the same township, as Frappe's own code would, hooks, scope and validation included; its time is told per row and for all
of them. The two take turns, each with empty tables.

Rows: the whole township; a row; the job of the next hour, which finds nothing to do, against what opening it took stock.
"""

import time
from collections.abc import Callable
from statistics import median

import frappe

from benchmarks import round_open_data as data
from benchmarks.pairing import Row, fewer_is_better, take_turns
from benchmarks.site import Bench
from grid_governance.grid_ledger import CARE, HOUSEHOLD
from grid_governance.grid_visits import MUST_VISIT, ROUND, ROUND_HOUSEHOLD, rounds, rules, sets

OURS, AGAIN, STOCK = "ours", "ours again", "stock"
ROUNDS, WARM_UP = 3, 1


def run(bench: Bench) -> list[Row]:
	"""Measure on the benchmark site and return the rows. Takes a few minutes."""
	data.ensure()
	bench.open()
	contenders = {
		OURS: _fresh(bench, lambda: _ours(data.DAY)),
		AGAIN: lambda: _again(bench),
		STOCK: _fresh(bench, lambda: _stock(data.grids()[0])),
	}
	series = take_turns(contenders, ROUNDS, WARM_UP)
	ours, again, stock = (median(series[name]) for name in (OURS, AGAIN, STOCK))
	whole = stock * data.GRIDS
	written = data.GRIDS + data.HOMES + data.HOMES // data.VISITED
	bench.open()
	data.empty()
	return [
		fewer_is_better("200 grids, 60,000 households", "s", ours, whole, ROUNDS),
		fewer_is_better("a row", "ms", ours * 1000 / written, whole * 1000 / written, ROUNDS),
		fewer_is_better("the job of the next hour", "s", again, whole, ROUNDS),
	]


def _fresh(bench: Bench, work: Callable[[], None]) -> Callable[[], float]:
	def measured() -> float:
		bench.open()
		data.empty()
		return _seconds(work)

	return measured


def _again(bench: Bench) -> float:
	"""What the job takes when the round is open, and nothing has changed."""
	bench.open()
	data.empty()
	_ours(data.DAY)
	_check()
	return _seconds(lambda: _ours(data.DAY))


def _seconds(work: Callable[[], None]) -> float:
	begin = time.perf_counter()
	work()
	return time.perf_counter() - begin


def _ours(day: object) -> None:
	for village in data.villages():
		sets.again(rounds.open_in, village, day)


def _check() -> None:
	"""Raises AssertionError unless all of it is there."""
	below = {"grid_path": ("like", f"{data.path()}%")}
	found = {doctype: frappe.db.count(doctype, below) for doctype in data.MADE}
	wanted = {ROUND: data.GRIDS, ROUND_HOUSEHOLD: data.HOMES, MUST_VISIT: data.HOMES // data.VISITED}
	if found != wanted:
		raise AssertionError(f"{found} rows instead of {wanted}")


def _stock(path: str) -> None:
	"""Open the round of the grid at *path* a document at a time, and commit once."""
	grid = frappe.db.get_value("Grid", {"grid_path": path})
	start, end = rules.period("Monthly", data.DAY)
	homes = frappe.get_all(
		HOUSEHOLD, filters={"grid": grid}, pluck="name", order_by="household_no asc", limit_page_length=0
	)
	held = _insert(ROUND, grid=grid, period_start=start, period_end=end, ordinary_households=len(homes))
	for home in homes:
		_insert(ROUND_HOUSEHOLD, round=held, household=home, grid=grid, period_start=start, counted=1)
		frappe.db.set_value(HOUSEHOLD, home, "next_visit_due", end, update_modified=False)
	for care in frappe.get_all(
		CARE,
		filters={"grid": grid},
		fields=["resident", "household", "next_visit_due"],
		order_by="name asc",
		limit_page_length=0,
	):
		_insert(
			MUST_VISIT,
			resident=care.resident,
			household=care.household,
			grid=grid,
			due_on=care.next_visit_due,
			round=held,
		)
	frappe.db.commit()


def _insert(doctype: str, **values: object) -> str:
	return frappe.get_doc(doctype=doctype, **values).insert(ignore_permissions=True).name
