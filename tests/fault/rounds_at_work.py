"""Rounds in a process of its own, for `at_work.py call`: it can be killed, or kills itself on its way, and two can run at once."""

import json
import os
import signal
import time
from collections.abc import Callable
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import frappe
from frappe.utils import background_jobs, get_last_day, getdate

from grid_governance.grid_visits import due, must_visits, rounds, sets
from tests.factories import make_household, make_resident, make_township, make_user
from tests.visit_rows import make_old_care

VILLAGES, GRIDS, HOMES = 2, 2, 2
"""So many villages, grids in each, households in each grid; in each grid one person must be visited."""

SECONDS_TO_MEET = 1.0
"""How long one process waits inside its transaction for the other one to run into it."""


def build() -> dict[str, Any]:
	"""Make a township, committed; return its path, its villages' paths, its households and who must be visited."""
	_drop_jobs()
	make_user()
	town = make_township(VILLAGES, GRIDS)
	homes, people = [], []
	for grid in (grid for village in town.grids for grid in village):
		of_grid = [make_household(grid.name).name for _home in range(HOMES)]
		person = make_resident(of_grid[0]).name
		make_old_care(person, "elder-alone", since="2025-01-01")
		homes += of_grid
		people.append(person)
	frappe.db.commit()
	villages = sorted(village.grid_path for village in town.villages)
	return {"path": town.root.grid_path, "villages": villages, "homes": homes, "people": people}


def open_day(day: str) -> None:
	"""Do the job of *day*, and walk into the trap `FAULT_TRAP`; `FAULT_VILLAGE`: the path at which it waits."""
	_drop_jobs()
	trap = TRAPS.get(os.environ.get("FAULT_TRAP", ""))
	if trap:
		_spring(os.environ["FAULT_VILLAGE"], trap)
	rounds.open_all(day)


def visit(household: str, resident: str, at: str, slow: str = "") -> str:
	"""Enter a visit that met *resident*, as a request does; *slow*: linger before it is committed."""
	_drop_jobs()
	doc = frappe.get_doc(doctype="Household Visit", household=household, outcome="Met")
	doc.visited_at = datetime.fromisoformat(at)
	if resident:
		doc.append("residents_met", {"resident": resident})
	doc.grid, doc.grid_path = frappe.db.get_value("Household", household, ["grid", "grid_path"])
	doc.set_new_name()
	doc.db_insert()
	rounds.mark(doc)
	if slow:
		print(json.dumps("marked"), flush=True)
		time.sleep(SECONDS_TO_MEET)
	frappe.db.commit()
	return doc.name


def steps(path: str, day: str, isolation: str = "") -> dict[str, bool]:
	"""Do what opens and follows rounds below *path* on *day*, a transaction each that waits a second at most for rows that
	somebody holds; say of each whether it went through. *isolation*: other than `sets.again` takes."""
	_drop_jobs()
	frappe.db.sql("set session innodb_lock_wait_timeout = 1")
	return {name: _goes_through(work, path, getdate(day), isolation) for name, work in STEPS.items()}


def _goes_through(work: Callable[[str, date], None], path: str, day: date, isolation: str) -> bool:
	try:
		if isolation:
			frappe.db.sql(f"set session transaction isolation level {isolation}")
			frappe.db.commit()
			work(path, day)
			frappe.db.commit()
		else:
			sets.again(work, path, day, tries=1)
	except frappe.QueryTimeoutError:
		frappe.db.rollback()
		return False
	return True


def _freeze_again(path: str, day: date) -> None:
	frappe.db.set_value(
		"Visit Round", {"grid_path": ["like", f"{path}%"], "period_start": day}, "opened_at", None
	)
	rounds._freeze(path)


STEPS: dict[str, Callable[[str, date], None]] = {
	"new households are listed": rounds._add_later,
	"households follow": due.refresh_below,
	"households enter": lambda path, day: due.begin_below(path, get_last_day(day)),
	"people enter": lambda path, day: must_visits.join_rounds(path),
	"households are counted": rounds._count_later,
	"figures are frozen": _freeze_again,
}
"""What the job of a day writes beside new rows."""


def _spring(village: str, trap: Callable[[], None]) -> None:
	open_in = rounds.open_in

	def trapped(path: str, day: object) -> None:
		open_in(path, day)
		if path == village:
			trap()

	rounds.open_in = trapped


def _die() -> None:
	os.kill(os.getpid(), signal.SIGKILL)


def _linger() -> None:
	print(json.dumps("opened"), flush=True)
	time.sleep(SECONDS_TO_MEET)


def _drop_jobs() -> None:
	"""Keep jobs from the workers of the bench, which know no such site."""
	background_jobs.get_queue = lambda *args, **kwargs: SimpleNamespace(enqueue_call=lambda *of, **more: None)


TRAPS = {"killed": _die, "slow": _linger}
