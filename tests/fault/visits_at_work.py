"""Visits in a process of its own, for `at_work.py call`: it can be killed, or kills itself or the database on its way."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import frappe
import pymysql
from frappe.utils import background_jobs

from grid_governance.grid_visits import door, effects
from tests.factories import (
	make_category,
	make_holder,
	make_household,
	make_resident,
	make_township,
	make_user,
)

HOMES = 12
AGAIN = 0.2
"""Seconds until a phone that got no answer sends again."""

Told = dict[str, Any]


def build() -> Told:
	"""Make a grid with `HOMES` households and somebody who visits them, committed; return what they are."""
	_drop_jobs()
	make_user()
	town = make_township(1, 1)
	grid = town.grids[0][0].name
	homes = [make_household(grid).name for _home in range(HOMES)]
	heads = [make_resident(home).name for home in homes]
	told = {"grid": grid, "homes": homes, "heads": heads, "member": make_holder("Grid Member", grid)}
	told["category"] = make_category()
	frappe.db.commit()
	return told


def visit(town: str, key: str) -> Told:
	"""Save one visit that raises a matter and adds somebody, as a request does; walk into the trap `FAULT_TRAP`."""
	told = json.loads(town)
	_drop_jobs()
	print(json.dumps("sending"), flush=True)
	trap = TRAPS.get(os.environ.get("FAULT_TRAP", ""))
	if trap:
		trap()
	try:
		return _save(told, told["homes"][0], key)
	except door.SentTwiceError:
		return {"refused": door.SentTwiceError.http_status_code}


def round_of_visits(town: str) -> int:
	"""Visit every household as a phone does: what is not answered is sent again. Returns how often that was."""
	told, again = json.loads(town), 0
	_drop_jobs()
	for at, home in enumerate(told["homes"]):
		while True:
			try:
				_save(told, home, f"round-of-visits-{at:04}")
				break
			except (pymysql.OperationalError, pymysql.InterfaceError):
				again += 1
				time.sleep(AGAIN)
				_connect_again()
		print(json.dumps(at), flush=True)
	return again


def _save(told: Told, home: str, key: str) -> Told:
	frappe.set_user(told["member"])
	wanted = [
		{"kind": "issue", "category": told["category"], "title": "路灯不亮"},
		{"kind": "newcomer", "resident_name": "王小明", "relation_to_head": "Son"},
	]
	head = told["heads"][told["homes"].index(home)]
	answer = door.save(key, home, "Met", json.dumps({"residents_met": [head], "effects": wanted}))
	frappe.db.commit()
	return answer


def _connect_again() -> None:
	while not _is_connected():
		time.sleep(AGAIN)


def _is_connected() -> bool:
	try:
		frappe.local.db = None
		frappe.connect(set_admin_as_user=False)
		frappe.db.sql("select 1")
	except Exception:  # whatever a database that is being started answers
		return False
	return True


def _drop_jobs() -> None:
	"""Keep jobs from the workers of the bench, which know no such site."""
	background_jobs.get_queue = lambda *args, **kwargs: SimpleNamespace(enqueue_call=lambda *of, **more: None)


def _after_the_effects(happens: Callable[[], None]) -> Callable[[], None]:
	def set_trap() -> None:
		carry_out = effects.carry_out

		def trapped(*args: Any) -> None:
			carry_out(*args)
			happens()

		effects.carry_out = trapped

	return set_trap


def _after_the_commit() -> None:
	commit = frappe.db.commit

	def trapped() -> None:
		commit()
		_die()

	frappe.db.commit = trapped


def _die() -> None:
	os.kill(os.getpid(), signal.SIGKILL)


def _kill_server() -> None:
	os.kill(int(os.environ["FAULT_SERVER"]), signal.SIGKILL)


def _linger() -> None:
	print(json.dumps("taken in"), flush=True)
	while not Path(os.environ["FAULT_UNTIL"]).exists():
		time.sleep(AGAIN)


TRAPS: dict[str, Callable[[], None]] = {
	"killed before the commit": _after_the_effects(_die),
	"server killed": _after_the_effects(_kill_server),
	"answer lost": _after_the_commit,
	"slow": _after_the_effects(_linger),
}
