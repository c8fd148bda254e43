"""The data of the suite `round_open`: a township of 200 grids and 60,000 households, in every third of which lives somebody
who must be visited.

Written by sets, beside whatever other suites have loaded. The people have one category of care each, drawn in turns.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path

import frappe
from frappe.utils import now_datetime

from benchmarks import bulk_load
from grid_governance import scope
from grid_governance.grid_ledger import CARE, HOUSEHOLD, RESIDENT
from grid_governance.grid_structure import actions
from grid_governance.grid_structure.rules import GRID, TOWNSHIP, VILLAGE
from grid_governance.grid_visits import MUST_VISIT, ROUND, ROUND_HOUSEHOLD, must_visits

LOADED = "grid_benchmark_round_open"
CODE = "990399999"
VILLAGES, GRIDS, HOMES = 33, 200, 60_000
HOMES_IN_GRID = HOMES // GRIDS
VISITED = 3
"""Somebody who must be visited lives in one of so many households."""

DAY = date(2026, 11, 1)

ADMINISTRATOR = "Administrator"
MADE = (ROUND, ROUND_HOUSEHOLD)
"""What opening a round writes. Who must be visited stands there before, and is taken into the round."""


def ensure() -> None:
	"""Load the data unless this very data is there. Takes about a minute."""
	version = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
	if frappe.db.get_global(LOADED) == version and path():  # another suite empties the whole tree
		return
	_remove()
	actions.insert_nodes(list(_nodes()))
	scope.forget()
	_fill()
	must_visits.ensure(path())
	frappe.db.set_global(LOADED, version)
	frappe.db.commit()
	for doctype in (HOUSEHOLD, RESIDENT, CARE):
		frappe.db.sql_ddl(f"analyze table `tab{doctype}`")


def path() -> str:
	"""Return the path of the township."""
	return frappe.db.get_value("Grid", {"grid_code": CODE}, "grid_path")


def villages() -> list[str]:
	"""Return the paths of the villages, in order."""
	level = _level(VILLAGE)
	return _below(path(), level)


def grids() -> list[str]:
	"""Return the paths of the grids, in order."""
	return _below(path(), _level(GRID))


def empty(of: str = "") -> None:
	"""Take the rounds and their rows away below the path *of*, by default of the township, and wait until the database has
	really done so: rows that it still throws away are no part of what is measured next."""
	below = {"grid_path": ("like", f"{of or path()}%")}
	for doctype in MADE:
		frappe.db.delete(doctype, below)
	frappe.db.set_value(MUST_VISIT, below, "round", None, update_modified=False)
	frappe.db.set_value(
		HOUSEHOLD,
		below,
		"next_visit_due",
		None,
		update_modified=False,
	)
	frappe.db.commit()
	bulk_load.settle(few=0)


def _below(of: str, level: str) -> list[str]:
	return frappe.get_all(
		"Grid",
		filters={"grid_path": ("like", f"{of}%"), "grid_level": level},
		pluck="grid_path",
		order_by="grid_path asc",
		limit_page_length=0,
	)


def _level(position: int) -> str:
	return frappe.db.get_value("Grid Level", {"position": position})


def _remove() -> None:
	"""Take away what was left of an interrupted or older load."""
	frappe.db.set_global(LOADED, "")
	for doctype in (*MADE, MUST_VISIT, CARE, RESIDENT, HOUSEHOLD):
		frappe.db.delete(doctype, {"grid": ("like", f"{CODE}%")})
	frappe.db.delete("Grid", {"grid_code": ("like", f"{CODE}%")})
	frappe.db.delete("Series", {"name": ("like", f"GRID-CODE-{CODE}%")})


def _nodes() -> Iterator[dict[str, object]]:
	yield _node(CODE, _level(TOWNSHIP), None)
	for village in range(VILLAGES):
		code = f"{CODE}{village + 1:03}"
		yield _node(code, _level(VILLAGE), CODE)
		for at in range(len(range(village, GRIDS, VILLAGES))):
			yield {
				"grid_name": f"{code}-{at + 1}",
				"grid_code": f"{code}{at + 1:03}",
				"grid_level": _level(GRID),
				"parent_grid": code,
			}


def _node(code: str, level: str, parent: str | None) -> dict[str, object]:
	return {
		"grid_name": code,
		"grid_code": code,
		"division_code": code,
		"grid_level": level,
		"parent_grid": parent,
	}


def _fill() -> None:
	leaves = frappe.get_all(
		"Grid",
		filters={"grid_path": ("like", f"{path()}%"), "grid_level": _level(GRID)},
		fields=["name", "grid_path"],
		order_by="grid_path asc",
		limit_page_length=0,
	)
	categories = frappe.get_all("Care Category", {"must_visit": 1}, pluck="name", order_by="name asc")
	drawn = cycle(categories)
	homes, people, care = [], [], []
	for leaf in leaves:
		place = (leaf.name, leaf.grid_path)
		for at in range(HOMES_IN_GRID):
			home = frappe.generate_hash(length=10)
			homes.append((home, *place, str(len(homes) + 1), "Active", "Residing"))
			if at % VISITED == 0:
				person = frappe.generate_hash(length=10)
				due = DAY + timedelta(days=len(people) % 40)
				people.append((person, *place, home, "王国军", "Living Here"))
				care.append((frappe.generate_hash(length=10), *place, home, person, next(drawn), DAY, due))
	place = ("name", "grid", "grid_path")
	_write(HOUSEHOLD, (*place, "household_no", "status", "residence_state"), homes)
	_write(RESIDENT, (*place, "household", "resident_name", "status"), people)
	_write(CARE, (*place, "household", "resident", "category", "since", "next_visit_due"), care)


def _write(doctype: str, fields: Sequence[str], rows: list[tuple]) -> None:
	now = now_datetime()
	stamps = {"owner": ADMINISTRATOR, "modified_by": ADMINISTRATOR, "creation": now, "modified": now}
	frappe.db.bulk_insert(doctype, [*fields, *stamps], [(*row, *stamps.values()) for row in rows])
