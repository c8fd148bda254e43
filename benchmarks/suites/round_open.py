"""The first of the month: 200 grids, 60,000 households and 20,000 people who must be visited, in 33 villages.

Ours is what the hourly job does, a village a transaction: rounds, their households, the figures, who is due, and the day of
the next visit in the ledger. Stock is the same for one grid of the same township, one `insert()` a row and one
`set_value` for each household and each person who is due, as Frappe's own code would; its time is told for all grids. The
rows alone are timed on their own, too: those of the rounds and their households, inserted and committed, and nothing
else. All take turns, each without rounds.

Rows: all that opening the township does; its rows alone; a row; the job of the next hour, which finds nothing to do, against
what opening it took stock.
"""

import time
from collections.abc import Callable
from statistics import median

import frappe

from benchmarks import round_open_data as data
from benchmarks.pairing import Row, fewer_is_better, take_turns
from benchmarks.site import Bench
from grid_governance.grid_ledger import HOUSEHOLD
from grid_governance.grid_visits import MUST_VISIT, ROUND, ROUND_HOUSEHOLD, rounds, rules, sets

OURS, STOCK = "ours", "stock"
OUR_ROWS, STOCK_ROWS = "rows alone", "rows alone, stock"
ROUNDS, WARM_UP = 3, 1


def run(bench: Bench) -> list[Row]:
	"""Measure on the benchmark site and return the rows. Takes a few minutes."""
	data.ensure()
	again: list[float] = []
	contenders = {
		OURS: lambda: _ours(bench, again),
		STOCK: lambda: _stock_seconds(bench, _stock),
		OUR_ROWS: lambda: _our_rows(bench),
		STOCK_ROWS: lambda: _stock_seconds(bench, _stock_rows),
	}
	series = take_turns(contenders, ROUNDS, WARM_UP)
	ours, rows, repeated = median(series[OURS]), median(series[OUR_ROWS]), median(again[WARM_UP:])
	whole, stock_rows = (median(series[name]) * data.GRIDS for name in (STOCK, STOCK_ROWS))
	written = data.GRIDS + data.HOMES
	bench.open()
	data.empty()
	return [
		fewer_is_better("200 grids, 60,000 households", "s", ours, whole, ROUNDS),
		fewer_is_better("their rows alone", "s", rows, stock_rows, ROUNDS),
		fewer_is_better("a row", "ms", rows * 1000 / written, stock_rows * 1000 / written, ROUNDS),
		fewer_is_better("the job of the next hour", "s", repeated, whole, ROUNDS),
	]


def _ours(bench: Bench, again: list[float]) -> float:
	"""Open all rounds and return the seconds; what the job of the next hour takes goes to *again*."""
	bench.open()
	data.empty()
	seconds = _seconds(_open)
	_check()
	again.append(_seconds(_open))
	return seconds


def _our_rows(bench: Bench) -> float:
	bench.open()
	data.empty()
	seconds = _seconds(lambda: [sets.again(_insert_rows, village) for village in data.villages()])
	_check()
	return seconds


def _insert_rows(village: str) -> None:
	start, end = rules.period("Monthly", data.DAY)
	rounds._insert_rounds(village, start, end, data.DAY)
	rounds._insert_counted(village)


def _stock_seconds(bench: Bench, work: Callable[[str], object]) -> float:
	bench.open()
	data.empty()
	grid = data.grids()[0]
	return _seconds(lambda: work(grid))


def _seconds(work: Callable[[], None]) -> float:
	begin = time.perf_counter()
	work()
	return time.perf_counter() - begin


def _open() -> None:
	for village in data.villages():
		sets.again(rounds.open_in, village, data.DAY)


def _check() -> None:
	"""Raises AssertionError unless all of it is there."""
	below = {"grid_path": ("like", f"{data.path()}%")}
	found = {doctype: frappe.db.count(doctype, below) for doctype in data.MADE}
	wanted = {ROUND: data.GRIDS, ROUND_HOUSEHOLD: data.HOMES}
	if found != wanted:
		raise AssertionError(f"{found} rows instead of {wanted}")


def _stock(path: str) -> None:
	"""Open the round of the grid at *path* a document at a time, and commit once."""
	grid, held, homes = _insert_one_by_one(path)
	_start, end = rules.period("Monthly", data.DAY)
	for home in homes:
		frappe.db.set_value(HOUSEHOLD, home, "next_visit_due", end, update_modified=False)
	due = frappe.get_all(
		MUST_VISIT,
		filters={"grid": grid, "done_at": ["is", "not set"], "due_on": ["<=", end]},
		pluck="name",
		order_by="name asc",
		limit_page_length=0,
	)
	for person in due:
		frappe.db.set_value(MUST_VISIT, person, "round", held, update_modified=False)
	frappe.db.set_value(ROUND, held, "must_due", len(due), update_modified=False)
	frappe.db.commit()


def _stock_rows(path: str) -> None:
	"""Insert the rows of the grid at *path*, and commit once."""
	_insert_one_by_one(path)
	frappe.db.commit()


def _insert_one_by_one(path: str) -> tuple[str, str, list[str]]:
	"""Insert the round of the grid at *path* and a row for each household, and return the grid, the round, the households."""
	grid = frappe.db.get_value("Grid", {"grid_path": path})
	start, end = rules.period("Monthly", data.DAY)
	homes = frappe.get_all(
		HOUSEHOLD, filters={"grid": grid}, pluck="name", order_by="household_no asc", limit_page_length=0
	)
	held = _insert(ROUND, grid=grid, period_start=start, period_end=end, ordinary_households=len(homes))
	for home in homes:
		_insert(ROUND_HOUSEHOLD, round=held, household=home, grid=grid, period_start=start, counted=1)
	return grid, held, homes


def _insert(doctype: str, **values: object) -> str:
	return frappe.get_doc(doctype=doctype, **values).insert(ignore_permissions=True).name
