"""A visit with two effects saved while another is saved, with 720,000 visits in the table.

Two writers, each a process of its own with a grid of its own, save one after another; both do so at the same moment, and
each takes turns between the two ways, so that whatever else the machine does hits both alike. A save is a request with its
commit; what a request begins with (connection, caches) is kept out of the clock on both sides.

Ours is `door.save`: the visit with who was met, a matter raised and a notice told, with coverage, must-visits, the household's
next visit, clocks, workflow and scope. Stock is what plain DocTypes with the same fields make of it: `insert()` of the visit,
`insert()` of the matter and `save()` of the delivery, which count nothing, ask for no place and know no key. The last rows are of
a visit alone against a plain `insert()`.
"""

import json
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from itertools import chain
from statistics import median, quantiles
from types import SimpleNamespace
from unittest.mock import patch

import frappe
from frappe.utils import background_jobs, now_datetime

from benchmarks import statements, visit_save_data
from benchmarks.pairing import Row, compare, fewer_is_better, take_turns, timed
from benchmarks.site import Bench
from benchmarks.visit_save_data import MADE, PLAIN, Writer
from grid_governance.grid_issues import ISSUE
from grid_governance.grid_visits import DELIVERY, VISIT, door, rounds
from grid_governance.scope import doors

ROUNDS, WARM_UP = 50, 5
TITLE, NOTE = "村口路灯不亮", "家中一切正常。"
BOTH, ALONE = "visit with two effects", "visit alone"
P95 = 18
"""Of the nineteen cuts into twentieths."""

Times = dict[tuple[str, str], list[float]]


def run(bench: Bench) -> list[Row]:
	"""Load the data when it is not there, let both writers save, and return the rows."""
	visit_save_data.ensure()
	bench.open()
	rounds.open_all()  # the job of each hour
	writers = visit_save_data.writers()
	frappe.destroy()
	try:
		with multiprocessing.get_context("spawn").Pool(len(writers)) as pool:
			found = pool.map(partial(_written, replace(bench)), enumerate(writers))
		statements = _statements(bench, writers[0])
	finally:
		bench.open()
		visit_save_data.forget()
	rows = []
	for name in (BOTH, ALONE):
		ours, stock = (
			list(chain.from_iterable(times[name, side] for times in found)) for side in ("ours", "stock")
		)
		rows += [
			compare(f"{name}, 2 writers", "ms", ours, stock),
			fewer_is_better(f"{name}, 2 writers, p95", "ms", _p95(ours), _p95(stock), len(ours)),
			fewer_is_better(
				f"{name}, statements", "", statements[name, "ours"], statements[name, "stock"], 1
			),
		]
		print(f"{name}: ours {median(ours):.1f} ms, stock {median(stock):.1f} ms", flush=True)
	return rows


def _p95(times: list[float]) -> float:
	return quantiles(times, n=20)[P95]


def _written(bench: Bench, of: tuple[int, Writer]) -> Times:
	"""Save as one writer and return the milliseconds of each save, by what and whose way."""
	number, writer = of
	saves = _saves(bench, writer)
	contenders = {
		key: timed(work, bench.request(writer.ours if key[1] == "ours" else writer.stock, {}))
		for key, work in saves.items()
	}
	with _no_jobs():
		return take_turns(contenders, ROUNDS, WARM_UP, seed=number)


def _saves(bench: Bench, writer: Writer) -> dict[tuple[str, str], Callable[[], None]]:
	bench.open()
	doors.install()  # as before every request
	places = visit_save_data.deliveries(writer.grid)
	return {
		(BOTH, "ours"): partial(_ours, writer, iter(places), True),
		(BOTH, "stock"): partial(_stock, writer, iter(places), True),
		(ALONE, "ours"): partial(_ours, writer, iter(reversed(places)), False),
		(ALONE, "stock"): partial(_stock, writer, iter(reversed(places)), False),
	}


def _ours(writer: Writer, places: Iterator[tuple[str, str]], with_effects: bool) -> None:
	household, delivery = next(places)
	effects = [
		{"kind": "issue", "category": writer.category, "title": TITLE},
		{"kind": "notice", "delivery": delivery},
	]
	values = {"residents_met": [_head(household)], "note": NOTE, "effects": effects if with_effects else []}
	door.save(f"{MADE}{frappe.generate_hash(length=20)}", household, "Met", json.dumps(values))
	frappe.db.commit()


def _stock(writer: Writer, places: Iterator[tuple[str, str]], with_effects: bool) -> None:
	household, delivery = next(places)
	visit = frappe.get_doc(
		{
			"doctype": PLAIN[VISIT],
			"household": household,
			"grid": writer.grid,
			"visit_kind": "Ordinary",
			"outcome": "Met",
			"visited_at": now_datetime(),
			"note": NOTE,
			"residents_met": [{"resident": household}],
		}
	).insert()
	if with_effects:
		_stock_effects(writer, household, delivery, visit.name)
	frappe.db.commit()


def _stock_effects(writer: Writer, household: str, delivery: str, visit: str) -> None:
	values = {"title": TITLE, "category": writer.category, "grid": writer.grid, "household": household}
	frappe.get_doc({"doctype": PLAIN[ISSUE], **values, "found_at": now_datetime()}).insert()
	told = frappe.get_doc(PLAIN[DELIVERY], delivery)
	told.update({"state": "Told", "told_at": now_datetime(), "visit": visit})
	told.save()


def _head(household: str) -> str:
	return household.replace("VH-", "VR-")


def _statements(bench: Bench, writer: Writer) -> dict[tuple[str, str], int]:
	"""Return how many statements one save of each kind sends, on households that nobody has visited yet."""
	counted = {}
	with _no_jobs():
		for key, save in _saves(bench, writer).items():
			for _first_warms_up in range(2):
				bench.request(writer.ours if key[1] == "ours" else writer.stock, {})()
				with statements.counted() as sent:
					save()
			counted[key] = len(sent)
	return counted


def _no_jobs() -> AbstractContextManager:
	"""Drop background jobs: no worker of the bench works while the clock runs."""
	dropped = SimpleNamespace(enqueue_call=lambda *args, **kwargs: None)
	return patch.object(background_jobs, "get_queue", lambda *args, **kwargs: dropped)
