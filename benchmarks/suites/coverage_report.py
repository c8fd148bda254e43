"""A township's month of visits out of 2,000,000: the report of coverage against the same with `get_all` and Python.

The other side reads the rounds of the month and its visits with `get_all`, whose filters are answered from our indexes,
and counts each household once in Python, by village; it shows no more than that and asks nobody's permission. Ours is run as
the Desk runs a report, for an official of the township. Both have to count the same. Rows: the month, in milliseconds.
"""

from collections import Counter
from collections.abc import Callable

import frappe
from frappe.desk import query_report

from benchmarks import coverage_report_data as data
from benchmarks.pairing import Row, compare, take_turns, timed
from benchmarks.site import Bench
from grid_governance.grid_structure.rules import SEGMENT, VILLAGE
from grid_governance.grid_visits import ROUND, VISIT

ROUNDS = 9
REPORT = "Visit Coverage"
COUNTING = ("Met", "Would Not Talk")


def run(bench: Bench) -> list[Row]:
	"""Load the data when it is not there, measure the report and return the rows."""
	data.ensure()
	sides = {"ours": _ours, "stock": _plain}
	prepare = bench.request(data.OFFICIAL, {})
	_same_answers(prepare)
	series = take_turns({side: _contender(prepare, ask) for side, ask in sides.items()}, ROUNDS, warm_up=1)
	return [compare("coverage of a township, one month", "ms", series["ours"], series["stock"])]


def _contender(request: Callable[[], None], ask: Callable[[], object]) -> Callable[[], float]:
	"""Return a contender that answers once before it is measured, so that its rows are in the database's memory."""

	def prepare() -> None:
		request()
		ask()
		request()

	return timed(ask, before=prepare)


def _ours() -> dict[str, tuple[int, int]]:
	level = frappe.db.get_value("Grid Level", {"position": VILLAGE})
	frappe.db.set_value("Report", {"prepared_report": 1}, "prepared_report", 0)
	rows = query_report.run(REPORT, filters={**data.ASKED, "roll_up": level})["result"]
	return {row["path"]: (row["due"], row["visited"]) for row in rows if row.get("grid")}


def _plain() -> dict[str, tuple[int, int]]:
	paths = dict(data.leaves())
	start, end = data.ASKED["from_date"], data.ASKED["to_date"]
	rounds = frappe.get_all(
		ROUND,
		filters={"grid": ["in", list(paths)], "period_start": ["between", [start, end]]},
		fields=["grid", "ordinary_households"],
		limit_page_length=0,
	)
	visits = frappe.get_all(
		VISIT,
		filters={
			"grid": ["in", list(paths)],
			"visited_at": ["between", [start, end]],
			"outcome": ["in", COUNTING],
		},
		fields=["grid", "household"],
		limit_page_length=0,
	)
	due: Counter[str] = Counter()
	for row in rounds:
		due[_village(paths[row.grid])] += row.ordinary_households
	seen: dict[str, set[str]] = {}
	for visit in visits:
		seen.setdefault(_village(paths[visit.grid]), set()).add(visit.household)
	return {village: (due[village], len(seen.get(village, ()))) for village in due}


def _village(path: str) -> str:
	return path[: SEGMENT * VILLAGE]


def _same_answers(request: Callable[[], None]) -> None:
	"""Fail unless both sides count the same for every village: only then do their times compare."""
	request()
	ours = _ours()
	request()
	plain = _plain()
	if ours != plain or len(ours) != data.VILLAGES:
		raise AssertionError(f"ours answers {ours}, the plain way {plain}")
	if sum(due for due, _visited in ours.values()) != data.HOUSEHOLDS:
		raise AssertionError(f"not every household is counted: {ours}")
