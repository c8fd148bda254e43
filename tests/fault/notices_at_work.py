"""The fan-out of a notice in a process of its own, for `at_work.py call`: it is killed, or kills the database, on its way."""

import itertools
import json
import os
import signal
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import frappe
from frappe.utils import background_jobs

from grid_governance.grid_visits.notices import channels, sending
from tests.factories import make_household, make_notice, make_township, make_user

VILLAGES, HOMES, NOTICES = 4, 15, 5


def build() -> list[str]:
	"""Make a township with `VILLAGES` of `HOMES` households each, and notices for all of it that are approved and whose jobs
	are not begun, committed; return their names."""
	_alone()
	make_user()
	town = make_township(VILLAGES, 1)
	for (grid,) in town.grids:
		for _home in range(HOMES):
			make_household(grid.name)
	notices = [make_notice(town.root.name, "notice-send").name for _notice in range(NOTICES)]
	frappe.db.commit()
	return notices


def fan_out(notice: str) -> None:
	"""Do the job, and walk into the trap `FAULT_TRAP` in the village `FAULT_PART`."""
	_alone()
	if trap := os.environ.get("FAULT_TRAP"):
		_spring(TRAPS[trap], trap.endswith("before the commit"), int(os.environ["FAULT_PART"]))
	sending.fan_out(notice)


def _spring(happens: Callable[[], None], before: bool, at: int) -> None:
	"""Let it happen when part *at* of the job, a village or the end, is done: *before* its commit, or when the next begins."""
	parts = itertools.count(1)

	def trapped(work: Callable[..., Any]) -> Callable[..., Any]:
		def part(*args: object) -> Any:
			number = next(parts)
			if not before and number == at + 1:
				happens()
			done = work(*args)
			if before and number == at:
				happens()
			return done

		return part

	sending._write, sending._finish = trapped(sending._write), trapped(sending._finish)


def _alone() -> None:
	"""Keep jobs from the workers of the bench, which know no such site; nothing is sent."""
	background_jobs.get_queue = lambda *args, **kwargs: SimpleNamespace(enqueue_call=lambda *of, **more: None)
	channels.send = lambda notice: None


def _die() -> None:
	os.kill(os.getpid(), signal.SIGKILL)


def _kill_server() -> None:
	os.kill(int(os.environ["FAULT_SERVER"]), signal.SIGKILL)


def _linger() -> None:
	print(json.dumps("at it"), flush=True)
	signal.pause()


TRAPS: dict[str, Callable[[], None]] = {
	"killed before the commit": _die,
	"killed after the commit": _die,
	"server killed before the commit": _kill_server,
	"stands still before the commit": _linger,
}
