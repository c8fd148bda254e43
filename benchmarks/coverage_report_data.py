"""The data of the suite `coverage_report`: a township with 2,000,000 visits, and an official who reads its report.

33 villages, 200 grids, 60,000 households. Every month each household is called on once: of twenty visits nobody is home at
one, of fifty one is refused. Beside the visits stand the rounds, a row for each grid and month, and their households. What
is counted needs no households and no people, so there are none.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import frappe
from frappe.utils import today

from benchmarks.bulk_load import indexes_later
from grid_governance import scope
from grid_governance.grid_structure import actions
from grid_governance.grid_structure.rules import GRID, TOWNSHIP, VILLAGE
from grid_governance.grid_visits import ROUND, ROUND_HOUSEHOLD, VISIT

TOWN = "990103101"
VILLAGES, GRIDS, HOUSEHOLDS = 33, 200, 60_000
VISITS = 2_000_000
MONTHS = -(-VISITS // HOUSEHOLDS)
FIRST_MONTH = "2023-01-01"
ASKED = {"from_date": "2025-03-01", "to_date": "2025-03-31"}
"""A month in the last third of those there are, with 60,000 visits."""

STRIDE = 7919
"""A prime that divides none of the counts: multiples of it, taken modulo a count, visit everything once."""

PART = 60_000
OFFICIAL = "coverage-official@example.com"
LOADED = "grid_benchmark_coverage"
LAST = f"CV-{VISITS - 1:07}"


def ensure() -> None:
	"""Load the data unless this very data is there. Takes several minutes."""
	version = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
	if (
		frappe.db.get_global(LOADED) == version
		and frappe.db.exists("Grid", TOWN)
		and frappe.db.exists(VISIT, LAST)
	):
		return
	for step in (_remove, _make_tree, _fill, _make_official):
		step()
		scope.forget()
		frappe.db.commit()
	frappe.clear_cache()
	for doctype in (VISIT, ROUND, ROUND_HOUSEHOLD, "Grid", "Grid Post Assignment"):
		frappe.db.sql_ddl(f"analyze table `tab{doctype}`")
	frappe.db.set_global(LOADED, version)
	frappe.db.commit()


def _remove() -> None:
	"""Empty what the suite fills, whatever was left of an interrupted or older load."""
	frappe.db.set_global(LOADED, "")
	for doctype in (VISIT, ROUND, ROUND_HOUSEHOLD):
		frappe.db.truncate(doctype)
	frappe.db.delete("Grid", {"name": ("like", f"{TOWN}%")})
	for doctype in ("Grid Post Assignment", "Grid Worker"):
		frappe.db.delete(doctype, {"user": OFFICIAL})


def _make_tree() -> None:
	actions.insert_nodes(list(_nodes()))


def _nodes() -> Iterator[dict[str, object]]:
	levels = dict(
		frappe.get_all("Grid Level", fields=["position", "name"], as_list=True, order_by="position asc")
	)
	yield _node(TOWN, levels[TOWNSHIP], None)
	numbers = [0] * VILLAGES
	for village in range(VILLAGES):
		yield _node(f"{TOWN}{village + 1:03}", levels[VILLAGE], TOWN)
	for grid in range(GRIDS):
		village = grid % VILLAGES
		numbers[village] += 1
		code = f"{TOWN}{village + 1:03}"
		yield {
			"grid_name": f"{code}-{numbers[village]}",
			"grid_code": f"{code}{numbers[village]:03}",
			"grid_level": levels[GRID],
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


def leaves() -> list[tuple[str, str]]:
	"""Return the grids as (name, path), in the order of their paths."""
	level = frappe.db.get_value("Grid Level", {"position": GRID})
	return frappe.get_all(
		"Grid",
		filters={"grid_level": level, "grid_code": ("like", f"{TOWN}%")},
		fields=["name", "grid_path"],
		order_by="grid_path asc",
		as_list=True,
	)


def _fill() -> None:
	frappe.db.sql_ddl("drop temporary table if exists bench_leaves")
	frappe.db.sql_ddl(
		"create temporary table bench_leaves (place int primary key, name varchar(140), path varchar(32))"
	)
	rows = [(place, name, path) for place, (name, path) in enumerate(leaves())]
	frappe.db.sql(f"insert into bench_leaves values {', '.join(['%s'] * len(rows))}", rows)  # noqa: S608
	for doctype in (VISIT, ROUND, ROUND_HOUSEHOLD):
		frappe.db.updatedb(doctype)  # whatever indexes an interrupted load has left
		frappe.get_doc("DocType", doctype).run_module_method("on_doctype_update")
	with indexes_later(VISIT, unique=False), indexes_later(ROUND_HOUSEHOLD, unique=False):
		for month in range(MONTHS):
			_fill_month(month, min(PART, VISITS - month * PART))
			frappe.db.commit()


def _fill_month(month: int, visits: int) -> None:
	"""Write the visits of a month, and from them its rounds."""
	values = {"first": FIRST_MONTH, "month": month, "start": month * PART, "visits": visits}
	frappe.db.sql(
		f"""insert into `tab{VISIT}` (name, creation, modified, modified_by, owner, household, grid, grid_path,
			visit_kind, outcome, visited_at, entered_at, note, client_key)
		select concat('CV-', lpad(%(start)s + seq, 7, '0')), at, at, 'Administrator', 'Administrator',
			concat('CH-', lpad(place, 5, '0')), grid, path, 'Ordinary', outcome, at, at, '家中一切正常，无新增诉求。',
			concat('cv-', %(start)s + seq)
		from ({_drawn(visits)}) row""",  # noqa: S608
		values,
	)
	frappe.db.sql(
		f"""insert into `tab{ROUND}` (name, creation, modified, modified_by, owner, grid, grid_path, status,
			period_start, period_end, ordinary_households, ordinary_visited, opened_at)
		select concat('CR-', %(month)s, '-', place), now(), now(), 'Administrator', 'Administrator', name, path, 'Closed',
			%(first)s + interval %(month)s month, last_day(%(first)s + interval %(month)s month), {HOUSEHOLDS // GRIDS}, 0,
			%(first)s + interval %(month)s month
		from bench_leaves""",  # noqa: S608
		values,
	)
	frappe.db.sql(
		f"""insert into `tab{ROUND_HOUSEHOLD}` (name, creation, modified, modified_by, owner, round, household, grid,
			grid_path, period_start, counted, visited_at, visit, tried_at, tries)
		select concat('CC-', %(month)s, '-', seq), now(), now(), 'Administrator', 'Administrator',
			concat('CR-', %(month)s, '-', leaf), concat('CH-', lpad(place, 5, '0')), grid, path,
			%(first)s + interval %(month)s month, 1, if(seq < %(visits)s and not missed, at, null),
			if(seq < %(visits)s, concat('CV-', lpad(%(start)s + seq, 7, '0')), null),
			if(seq < %(visits)s and missed, at, null), if(seq < %(visits)s and missed, 1, 0)
		from ({_drawn(HOUSEHOLDS)}) row""",  # noqa: S608
		values,
	)


def _drawn(number: int) -> str:
	"""The statement that draws so many visits of a month: which household, when, and what came of it."""
	return f"""
		select straight_join seq, mod(seq * {STRIDE}, {HOUSEHOLDS}) as place, leaf.place as leaf, leaf.name as grid, leaf.path,
			%(first)s + interval %(month)s month + interval mod(seq, 28) day
				+ interval mod(seq * 13, 660) + 420 minute as at,
			mod(seq, 20) = 0 as missed,
			case when mod(seq, 20) = 0 then 'Nobody Home' when mod(seq, 50) = 1 then 'Would Not Talk' else 'Met' end as outcome
		from seq_0_to_{number - 1} numbers
		join bench_leaves leaf on leaf.place = mod(seq * {STRIDE}, {HOUSEHOLDS}) * {GRIDS} div {HOUSEHOLDS}"""  # noqa: S608


def _make_official() -> None:
	"""Somebody who holds a post of the township's office."""
	if not frappe.db.exists("User", OFFICIAL):
		frappe.new_doc("User", email=OFFICIAL, first_name="Official", send_welcome_email=0).insert()
	post = frappe.get_all(
		"Grid Post",
		filters={"role": "Township Office"},
		pluck="name",
		order_by="name asc",
		limit_page_length=1,
	)[0]
	user = frappe.get_doc("User", OFFICIAL)
	user.set("roles", [{"role": "Township Office"}])
	user.save()
	worker = frappe.get_doc(
		{"doctype": "Grid Worker", "worker_name": "Official", "grid": TOWN, "user": OFFICIAL}
	).insert()
	path = frappe.db.get_value("Grid", TOWN, "grid_path")
	row = {
		"name": OFFICIAL,
		"creation": today(),
		"modified": today(),
		"owner": "Administrator",
		"modified_by": "Administrator",
		"worker": worker.name,
		"worker_name": "Official",
		"post": post,
		"role": "Township Office",
		"user": OFFICIAL,
		"from_date": "2020-01-01",
		"grid": TOWN,
		"grid_path": path,
	}
	frappe.db.bulk_insert("Grid Post Assignment", list(row), [tuple(row.values())])
