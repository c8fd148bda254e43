"""Rounds of visits: opened for each grid and period with the households that count, marked by each visit, closed at the end.

The rows of a round are its denominators: a household has one for each period, in the grid in which it lay, and keeps it
wherever it or its grid's posts go. One that comes later has a row outside the frozen figure. A visit marks the row of the
period in which it happened, also one that was on a phone until the round was over: the figure says what was done in the period,
whenever it became known.
"""

from datetime import date

import frappe
from frappe.model.document import Document
from frappe.query_builder import CustomFunction, DocType
from frappe.query_builder.functions import Coalesce, Count, Max
from frappe.utils import get_datetime, getdate, now_datetime
from pypika.queries import QueryBuilder, Table
from pypika.terms import Criterion, ExistsCriterion
from rq.timeouts import JobTimeoutException

from grid_governance.grid_ledger import HOUSEHOLD
from grid_governance.grid_structure import queries as structure
from grid_governance.grid_structure.rules import SEGMENT, VILLAGE
from grid_governance.grid_visits import ROUND, ROUND_HOUSEHOLD, due, must_visits, rules, sets

ACTIVE, OPEN, CLOSED = "Active", "Open", "Closed"
PHONE_COUNTS = "Counts for Ordinary Households"

days_after = CustomFunction("ADDDATE", ["day", "days"])


def open_all(today: date | str | None = None) -> None:
	"""Close the rounds that are over, open those that are missing, list the households that came later. The job of each hour.

	A village at a time, each one transaction: killed in between, the next run goes on; run twice, or by two workers at once,
	nothing is there twice. One that fails stands in the Error Log and keeps no other back. Also brings must-visits and the
	days of the ledger up to date with what was written in bulk.
	"""
	day = getdate(today)
	sets.again(_close, day)
	for village in _villages():
		_open_or_note(village, day)


def _open_or_note(village: str, day: date) -> None:
	try:
		sets.again(open_in, village, day)
	except JobTimeoutException:
		raise
	except Exception:  # whatever a village fails of, the others have their rounds
		frappe.log_error(title=f"{ROUND} {village}")


def open_in(path: str, day: date) -> None:
	"""Open the rounds of *day* that are missing in the grids below *path*, and bring the others up to date; commits nothing."""
	must_visits.ensure(path, day=day)
	start, end = rules.period(due.cycle_at(path), day)
	if not _insert_rounds(path, start, end, day):
		_add_later(path, day)
		due.refresh_below(path, day)
		return
	counted = _insert_counted(path)
	must_visits.join_rounds(path)
	_freeze(path)
	if counted == _number_of_ordinary(path):
		due.begin_below(path, end)
	else:
		due.refresh_below(path, day)


def catch_up(path: str) -> None:
	"""Let open rounds and must-visits below *path* follow what was written there in bulk, past the events of documents; opens
	no round. For `grid_ledger_written`."""
	day = getdate()
	must_visits.ensure(path, day=day)
	_add_later(path, day)
	due.refresh_below(path, day)


def ensure_row(household: str, day: date) -> str | None:
	"""Return the row of *household* in the round of *day*, made outside the figure when it is missing; None where there is none:
	it does not live here, or no round was held then.

	Opens the present round of its grid when no job has yet.
	"""
	home = frappe.db.get_value(
		HOUSEHOLD, household, ["grid", "grid_path", "status", "residence_state"], as_dict=True
	)
	row = _row(household, home, getdate(day))
	return row.name if row else None


def mark(visit: Document) -> None:
	"""Note the new *visit*: in the row of its household and the figures of its round, with the people met who must be visited,
	and in the ledger."""
	at = get_datetime(visit.visited_at)
	home = frappe.db.get_value(
		HOUSEHOLD, visit.household, ["grid", "grid_path", "status", "residence_state"], as_dict=True
	)
	row = _row(visit.household, home, at.date())
	if row and rules.counts_for_coverage(visit.outcome, _phone_counts(visit, home.grid_path)):
		_note_visited(row, visit.name, at)
	elif row and visit.outcome == rules.NOBODY_HOME:
		_note_tried(row, at)
	if rules.serves_must_visit(visit.outcome):
		must_visits.serve(visit)
	if rules.reached(visit.outcome):
		due.note_visit(visit.household, home.grid_path, getdate(), at.date())


def follow(household: str, day: date | None = None) -> None:
	"""Let the round of *household* and its next visit follow what became of it: come, gone, dissolved, moved.

	It joins the open round of its grid outside the figure; where it is visited no longer, a row outside the figure goes.
	"""
	day = day or getdate()
	home = frappe.db.get_value(
		HOUSEHOLD, household, ["grid", "grid_path", "status", "residence_state"], as_dict=True
	)
	found = _find(household, day)
	if _is_ordinary(home):
		held = found or _round_of(home.grid, day)
		if held and not found:
			_join(household, home, held)
	elif found and not (found.counted or found.visited_at or found.tries):
		_leave(household, found.name)
	due.refresh([household], home.grid_path, day)


def forget(household: str) -> None:
	"""Take *household*, whose record is to be deleted, out of the rounds in which nobody went there: it never was one."""
	for row in frappe.get_all(
		ROUND_HOUSEHOLD,
		filters={"household": household, "visit": ["is", "not set"], "tries": 0},
		pluck="name",
		order_by="name asc",
		limit_page_length=0,
	):
		_leave(household, row)


def forget_grid(grid: str) -> None:
	"""Take the rounds of *grid*, whose record is to be deleted, away with it when no household was in them."""
	rounds, in_round = DocType(ROUND), DocType(ROUND_HOUSEHOLD)
	held = frappe.qb.from_(in_round).select(in_round.name).where(_is_of(in_round, rounds))
	frappe.qb.from_(rounds).delete().where((rounds.grid == grid) & ExistsCriterion(held).negate()).run()


def ordinary(home: Table) -> Criterion:
	"""Return the condition of a household that a round counts: of what the ledger's index `counted` holds. One that was
	merged into another is not active."""
	return (home.status == ACTIVE) & home.residence_state.isin(rules.ORDINARY)


def _villages() -> list[str]:
	"""The paths of the villages in which households lie, or of what stands in their place."""
	grid, level = DocType("Grid"), DocType("Grid Level")
	paths = _grids(grid, level).select(grid.grid_path).run(pluck=True)
	return sorted({path[: SEGMENT * VILLAGE] for path in paths})


def _grids(grid: Table, level: Table) -> QueryBuilder:
	"""The grids in which households lie: each has its rounds."""
	return (
		frappe.qb.from_(grid)
		.join(level)
		.on((level.name == grid.grid_level) & (level.holds_households == 1))
		.where(grid.status == ACTIVE)
	)


def _close(day: date) -> None:
	rounds, now = DocType(ROUND), now_datetime()
	(
		frappe.qb.update(rounds)
		.set(rounds.status, CLOSED)
		.set(rounds.closed_at, now)
		.set(rounds.modified, now)
		.where((rounds.status == OPEN) & (rounds.period_end < day))
		.run()
	)


def _insert_rounds(path: str, start: date, end: date, day: date) -> int:
	"""Write the rounds that are missing on *day*. Where the cycle was changed, a round begins when the last one is over."""
	grid, level, rounds = DocType("Grid"), DocType("Grid Level"), DocType(ROUND)
	before = (
		frappe.qb.from_(rounds)
		.select(rounds.grid, Max(rounds.period_end).as_("until"))
		.where(sets.within(rounds, path))
		.groupby(rounds.grid)
		.as_("before")
	)
	missing = (
		_grids(grid, level)
		.left_join(before)
		.on(before.grid == grid.name)
		.where(sets.within(grid, path) & (before.until.isnull() | (before.until < day)))
	)
	begins = sets.greatest(start, Coalesce(days_after(before.until, 1), start))
	values = {
		"name": sets.name_of(ROUND, grid.name, begins),
		"grid": grid.name,
		"grid_path": grid.grid_path,
		"period_start": begins,
		"period_end": end,
		"status": OPEN,
	}
	return sets.insert(ROUND, values, missing)


def _insert_counted(path: str) -> int:
	"""Give a row in the rounds that were just made to each household that they count, and return how many got one.

	A household lies in its grid by its path too, so that the ledger's index `counted` answers without its rows.
	"""
	home, rounds = DocType(HOUSEHOLD), DocType(ROUND)
	counted = (
		frappe.qb.from_(rounds)
		.join(home)
		.on(home.grid_path == rounds.grid_path)
		.where(sets.within(rounds, path) & rounds.opened_at.isnull() & ordinary(home))
	)
	return sets.insert(ROUND_HOUSEHOLD, _values(home, rounds, counted=1), counted)


def _number_of_ordinary(path: str) -> int:
	"""How many households below *path* a round counts."""
	home = DocType(HOUSEHOLD)
	query = frappe.qb.from_(home).select(Count("*")).where(sets.within(home, path) & ordinary(home))
	return query.run()[0][0]


def _values(home: Table, rounds: Table, counted: int) -> dict[str, object]:
	return {
		"name": sets.name_of(ROUND_HOUSEHOLD, home.name, rounds.period_start, below=rounds.name),
		"round": rounds.name,
		"household": home.name,
		"grid": rounds.grid,
		"grid_path": rounds.grid_path,
		"period_start": rounds.period_start,
		"counted": counted,
	}


def _freeze(path: str) -> None:
	"""Write the figures of the rounds that were just made, which do not change any more."""
	rounds = DocType(ROUND)
	(
		frappe.qb.update(rounds)
		.set(rounds.ordinary_households, sets.number(_rows_of(rounds, counted=1)))
		.set(rounds.must_due, sets.number(must_visits.joined(rounds)))
		.set(rounds.opened_at, now_datetime())
		.where(sets.within(rounds, path) & rounds.opened_at.isnull())
		.run()
	)


def _rows_of(rounds: Table, counted: int) -> QueryBuilder:
	"""The subquery of how many rows the round of the statement around it has inside or outside its figure."""
	in_round = DocType(ROUND_HOUSEHOLD)
	return (
		frappe.qb.from_(in_round)
		.select(Count("*"))
		.where(_is_of(in_round, rounds) & (in_round.counted == counted))
	)


def _is_of(in_round: Table, rounds: Table) -> Criterion:
	"""Return the condition of the rows of *rounds*, for the index `covered`: of their period and place. A path is given to
	one grid for good, and a grid has one round of a period."""
	return (in_round.period_start == rounds.period_start) & (in_round.grid_path == rounds.grid_path)


def _add_later(path: str, day: date) -> None:
	"""Give a row to the households that have come since the round opened, and count them beside it."""
	home, rounds, in_round = DocType(HOUSEHOLD), DocType(ROUND), DocType(ROUND_HOUSEHOLD)
	missing = (
		frappe.qb.from_(home)
		.join(rounds)
		.on((rounds.grid == home.grid) & (rounds.period_start <= day) & (rounds.period_end >= day))
		.left_join(in_round)
		.on((in_round.household == home.name) & (in_round.period_start >= rounds.period_start))
		.where(sets.within(rounds, path) & sets.within(home, path) & ordinary(home))
		.where(in_round.name.isnull())
	)
	if sets.insert(ROUND_HOUSEHOLD, _values(home, rounds, counted=0), missing):
		_count_later(path, day)


def _count_later(path: str, day: date) -> None:
	rounds = DocType(ROUND)
	(
		frappe.qb.update(rounds)
		.set(rounds.later_households, sets.number(_rows_of(rounds, counted=0)))
		.where(sets.within(rounds, path) & (rounds.period_end >= day))
		.run()
	)


def _is_ordinary(home: frappe._dict) -> bool:
	return home.status == ACTIVE and home.residence_state in rules.ORDINARY


def _row(household: str, home: frappe._dict, day: date) -> frappe._dict | None:
	"""The row of *household* in the round of *day*, made when it is missing."""
	found = _find(household, day)
	if found or not _is_ordinary(home):
		return found
	held = _round_of(home.grid, day)
	if held:
		_join(household, home, held)
	elif _is_present(home.grid_path, day):
		open_in(home.grid_path, getdate())
	else:
		return None
	return _find(household, day, locked=True)


def _is_present(path: str, day: date) -> bool:
	start, end = rules.period(due.cycle_at(path), getdate())
	return start <= day <= end


def _find(household: str, day: date, locked: bool = False) -> frappe._dict | None:
	"""The row of *household* on *day*; *locked*: as it is now, also when another transaction has just made it."""
	in_round, rounds = DocType(ROUND_HOUSEHOLD), DocType(ROUND)
	query = (
		frappe.qb.from_(in_round)
		.join(rounds)
		.on(rounds.name == in_round.round)
		.select(in_round.name, in_round.round, in_round.counted, in_round.visited_at, in_round.tries)
		.where((in_round.household == household) & (in_round.period_start <= day))
		.where(rounds.period_end >= day)
		.orderby(in_round.period_start)
		.limit(1)
	)
	found = (query.for_update() if locked else query).run(as_dict=True)
	return found[0] if found else None


def _round_of(grid: str, day: date) -> frappe._dict | None:
	return frappe.db.get_value(
		ROUND,
		{"grid": grid, "period_start": ["<=", day], "period_end": [">=", day]},
		["name", "period_start"],
		as_dict=True,
	)


def _join(household: str, home: frappe._dict, held: frappe._dict) -> None:
	"""Write the row of *household* in the round *held*, outside its figure."""
	place, rounds = DocType(HOUSEHOLD), DocType(ROUND)
	source = frappe.qb.from_(place).join(rounds).on(rounds.name == held.name).where(place.name == household)
	if sets.insert(ROUND_HOUSEHOLD, _values(place, rounds, counted=0), source):
		_add(held.name, "later_households", 1)


def _leave(household: str, row: str) -> None:
	"""Take *row* out of its round and its figures."""
	held = frappe.db.get_value(ROUND_HOUSEHOLD, row, ["round", "counted"], as_dict=True, for_update=True)
	in_round = DocType(ROUND_HOUSEHOLD)
	if held and sets.run(frappe.qb.from_(in_round).delete().where(in_round.name == row)):
		_add(held.round, "ordinary_households" if held.counted else "later_households", -1)


def _add(held: str, fieldname: str, count: int) -> None:
	rounds = DocType(ROUND)
	frappe.qb.update(rounds).set(rounds[fieldname], rounds[fieldname] + count).where(
		rounds.name == held
	).run()


def _note_visited(row: frappe._dict, visit: str, at: object) -> None:
	"""Mark *row* as visited. The first visit that is saved counts; one that happened before it, and is saved later, is the
	visit of the period from then on, and counts nothing."""
	in_round = DocType(ROUND_HOUSEHOLD)
	marked = (
		frappe.qb.update(in_round)
		.set(in_round.visited_at, at)
		.set(in_round.visit, visit)
		.set(in_round.modified, now_datetime())
		.where(in_round.name == row.name)
	)
	if sets.run(marked.where(in_round.visited_at.isnull())):
		if row.counted:
			_add(row.round, "ordinary_visited", 1)
	else:
		marked.where(in_round.visited_at > at).run()


def _note_tried(row: frappe._dict, at: object) -> None:
	in_round = DocType(ROUND_HOUSEHOLD)
	(
		frappe.qb.update(in_round)
		.set(in_round.tries, in_round.tries + 1)
		.set(in_round.tried_at, sets.greatest(Coalesce(in_round.tried_at, at), at))
		.set(in_round.modified, now_datetime())
		.where(in_round.name == row.name)
		.run()
	)


def _phone_counts(visit: Document, path: str) -> bool:
	return visit.outcome == rules.BY_PHONE and structure.setting(path, "phone_visits") == PHONE_COUNTS
