"""Whom to visit until when: for each person who must be visited one open row, for each time she was seen a closed one.

The categories of care that she is in have an interval each. The shortest one holds; a visit that meets her serves all of
them. No row names a category: who may not see a sensitive one does not learn of it here (domain B0.6).
"""

from collections.abc import Collection
from datetime import date

import frappe
from frappe.model.document import Document
from frappe.query_builder import Case, CustomFunction, DocType
from frappe.query_builder.functions import Coalesce, Count, Max, Min
from frappe.utils import get_datetime, getdate, now_datetime
from pypika.queries import QueryBuilder, Table
from pypika.terms import Criterion, ExistsCriterion, ValueWrapper

from grid_governance.grid_ledger import CARE, RESIDENT
from grid_governance.grid_ledger.queries.care import goes_on
from grid_governance.grid_ledger.rules import households
from grid_governance.grid_visits import MUST_VISIT, ROUND, sets

CATEGORY = "Care Category"
FOLLOWS = ("due_on", "interval_days", "household", "grid", "grid_path")
"""What of an open row is as the person's care and place are."""

OPEN_OF = "_open_of"
"""The column that names the person in her open row alone, and is unique. Joined by it, no plan can go through all that is
open: that is what a database chooses which has not yet counted the rows that a bulk has brought."""

days_after = CustomFunction("ADDDATE", ["day", "days"])


def ensure(path: str | None = None, residents: list[str] | None = None, day: date | None = None) -> None:
	"""Make the open rows what care says: of everybody, of those below *path*, or of *residents*. By sets; commits nothing.

	Who is in a category whose people must be visited has one open row, due on the earliest of their days and lying where
	she lives; who is in none any more, or gone, has none. *day*: today, from which the interval of a category runs whose
	people had none before. One statement finds that all is as it should be, where it is.
	"""
	day = day or getdate()
	if residents is None and not _differs(path, day):
		return
	_give_days(path, residents, day)
	_drop(path, residents, day)
	_correct(path, residents, day)
	_open_missing(path, residents, day)


def serve(visit: Document, only: Collection[str] | None = None) -> None:
	"""Note *visit*, which met somebody, with those met who must be visited, and open their next row.

	Their interval runs from the day of the visit in each of their categories. A visit from before they were taken into care,
	or before a later one that is noted already, serves nobody. *only*: those of the people met who are meant, by default all.
	"""
	met = [row.resident for row in visit.residents_met if only is None or row.resident in only]
	at = get_datetime(visit.visited_at)
	served = _served(met, at) if met else []
	if not served:
		return
	must, now = DocType(MUST_VISIT), now_datetime()
	(
		frappe.qb.update(must)
		.set(must.done_at, at)
		.set(must.visit, visit.name)
		.set(must.modified, now)
		.set(must.modified_by, frappe.session.user)
		.where(must.resident.isin(served) & must.done_at.isnull())
		.run()
	)
	_begin_intervals(served, getdate(at))
	count_in_rounds(visit.name, getdate(at), served)
	_open_missing(None, served, getdate())


def join_rounds(path: str) -> None:
	"""Let each round below *path* that is about to open count those who are due in it: `round` of the open rows.

	A person lies in her grid by its path too, with which the index of what is open goes on. An update of one table, which
	locks no round (see `due`).
	"""
	must, rounds, other = DocType(MUST_VISIT), DocType(ROUND), DocType(ROUND).as_("other")
	still = (
		frappe.qb.from_(other)
		.select(other.name)
		.where((other.name == must.round) & (other.period_end >= rounds.period_start))
	)
	opening = (
		frappe.qb.from_(rounds)
		.select(rounds.name)
		.where((rounds.grid_path == must.grid_path) & rounds.opened_at.isnull())
		.where((must.due_on <= rounds.period_end) & ExistsCriterion(still).negate())
	)
	(
		frappe.qb.update(must)
		.set(must.round, Coalesce(opening, must.round))
		.where(sets.within(must, path) & must.done_at.isnull())
		.run()
	)


def joined(rounds: Table) -> QueryBuilder:
	"""Return the subquery of how many have just joined the round of the statement around it (`join_rounds`)."""
	must = DocType(MUST_VISIT)
	return frappe.qb.from_(must).select(Count("*")).where(must.round == rounds.name)


def take_over(kept: str, gone: str) -> None:
	"""Let *kept* have the must-visits of *gone*, who is the same person; of the open ones there is one."""
	must = DocType(MUST_VISIT)
	frappe.qb.from_(must).delete().where((must.resident == gone) & must.done_at.isnull()).run()
	frappe.qb.update(must).set(must.resident, kept).where(must.resident == gone).run()
	ensure(residents=[kept])


def forget(resident: str) -> None:
	"""Take the open row of *resident* away, whose record is to be deleted; what was done stays."""
	must = DocType(MUST_VISIT)
	frappe.qb.from_(must).delete().where((must.resident == resident) & must.done_at.isnull()).run()


def _visited_care(care: Table, category: Table, person: Table, day: date) -> QueryBuilder:
	"""The care that goes on after *day* of people who are here, in categories whose people must be visited."""
	return (
		frappe.qb.from_(care)
		.join(category)
		.on((category.name == care.category) & (category.must_visit == 1))
		.join(person)
		.on(person.name == care.resident)
		.where(goes_on(care, day))
		.where(person.status.notin(households.GONE) & person.merged_into.isnull())
	)


def _wanted(path: str | None, residents: list[str] | None, day: date) -> QueryBuilder:
	"""Who is to have an open row, and what is to stand in it, each with `to_` before its name."""
	care, category, person = DocType(CARE), DocType(CATEGORY), DocType(RESIDENT)
	query = _by_person(care, category, person, day)
	among = _among(person, person.name, path, residents)
	return query.where(care.next_visit_due.isnotnull() & among).as_("wanted")


def _by_person(care: Table, category: Table, person: Table, day: date) -> QueryBuilder:
	return (
		_visited_care(care, category, person, day)
		.select(
			care.resident,
			Min(care.next_visit_due).as_("to_due_on"),
			Min(category.visit_interval_days).as_("to_interval_days"),
			Max(person.household).as_("to_household"),
			Max(person.grid).as_("to_grid"),
			Max(person.grid_path).as_("to_grid_path"),
		)
		.groupby(care.resident)
	)


def _differs(path: str | None, day: date) -> bool:
	"""Say whether an open row below *path* is missing, is one too many, or is not as care says: one statement.

	Where everybody has her row and it lies below *path*, and there are as many rows as people, none is too many.
	"""
	care, category, person = DocType(CARE), DocType(CATEGORY), DocType(RESIDENT)
	must, standing = DocType(MUST_VISIT), DocType(MUST_VISIT).as_("standing")
	without_day = Count(Case().when(care.next_visit_due.isnull(), 1)).as_("without_day")
	by_person = _by_person(care, category, person, day).select(without_day)
	wanted = by_person.where(_among(person, person.name, path, None)).as_("wanted")
	other = Criterion.any(must[each] != wanted[f"to_{each}"] for each in FOLLOWS)
	rows = (
		frappe.qb.from_(standing)
		.select(Count("*"))
		.where(sets.within(standing, path or "") & standing.done_at.isnull())
	)
	((differing, people, open_rows),) = (
		frappe.qb.from_(wanted)
		.left_join(must)
		.on(must[OPEN_OF] == wanted.resident)
		.select(
			Count(Case().when((wanted.without_day > 0) | must.name.isnull() | other, 1)), Count("*"), rows
		)
		.run()
	)
	return bool(differing) or people != open_rows


def _among(table: Table, resident: object, path: str | None, residents: list[str] | None) -> Criterion:
	if residents is not None:
		return resident.isin(residents or [""])
	return sets.within(table, path or "")


def _give_days(path: str | None, residents: list[str] | None, day: date) -> None:
	"""Let the interval of care without a day begin: its category was not visited when she was taken into it."""
	care, category = DocType(CARE), DocType(CATEGORY)
	(
		frappe.qb.update(care)
		.join(category)
		.on((category.name == care.category) & (category.must_visit == 1))
		.set(care.next_visit_due, days_after(day, category.visit_interval_days))
		.where(care.next_visit_due.isnull() & goes_on(care, day))
		.where(_among(care, care.resident, path, residents))
		.run()
	)


def _drop(path: str | None, residents: list[str] | None, day: date) -> None:
	must, care, category, person = (
		DocType(MUST_VISIT),
		DocType(CARE),
		DocType(CATEGORY),
		DocType(RESIDENT),
	)
	visited = _visited_care(care, category, person, day)
	still = visited.select(care.name).where(care.resident == must.resident)
	(
		frappe.qb.from_(must)
		.delete()
		.where(must.done_at.isnull() & _among(must, must.resident, path, residents))
		.where(ExistsCriterion(still).negate())
		.run()
	)


def _correct(path: str | None, residents: list[str] | None, day: date) -> None:
	must, wanted = DocType(MUST_VISIT), _wanted(path, residents, day)
	query = frappe.qb.update(must).join(wanted).on(wanted.resident == must.resident)
	for fieldname in FOLLOWS:
		query = query.set(must[fieldname], wanted[f"to_{fieldname}"])
	query = query.set(must.modified, now_datetime()).where(must.done_at.isnull())
	query.where(Criterion.any(must[each] != wanted[f"to_{each}"] for each in FOLLOWS)).run()


def _open_missing(path: str | None, residents: list[str] | None, day: date) -> None:
	"""Open the rows that are not there. What was done may go by retention, so no name is made of it: it could come twice."""
	wanted, must = _wanted(path, residents, day), DocType(MUST_VISIT)
	drawn = ValueWrapper(frappe.generate_hash())
	missing = (
		frappe.qb.from_(wanted).left_join(must).on(must[OPEN_OF] == wanted.resident).where(must.name.isnull())
	)
	values = {
		"name": sets.name_of(MUST_VISIT, wanted.resident, drawn),
		"resident": wanted.resident,
		**{fieldname: wanted[f"to_{fieldname}"] for fieldname in FOLLOWS},
	}
	sets.insert(MUST_VISIT, values, missing)


def _served(met: list[str], at: object) -> list[str]:
	"""Those of *met* whom a visit *at* serves; their open rows are locked."""
	must, later, care, category = (
		DocType(MUST_VISIT),
		DocType(MUST_VISIT).as_("later"),
		DocType(CARE),
		DocType(CATEGORY),
	)
	seen_since = (
		frappe.qb.from_(later)
		.select(later.name)
		.where((later.resident == must.resident) & (later.done_at > at))
	)
	begun = (
		frappe.qb.from_(care)
		.join(category)
		.on((category.name == care.category) & (category.must_visit == 1))
		.select(care.name)
		.where((care.resident == must.resident) & goes_on(care, getdate()) & (care.since <= getdate(at)))
	)
	return (
		frappe.qb.from_(must)
		.select(must.resident)
		.where(must.resident.isin(met) & must.done_at.isnull())
		.where(ExistsCriterion(seen_since).negate() & ExistsCriterion(begun))
		.orderby(must.resident)
		.for_update()
		.run(pluck=True)
	)


def _begin_intervals(residents: list[str], day: date) -> None:
	care, category = DocType(CARE), DocType(CATEGORY)
	(
		frappe.qb.update(care)
		.join(category)
		.on((category.name == care.category) & (category.must_visit == 1))
		.set(care.visit_due_before, care.next_visit_due)  # first: it is what stood there until now
		.set(care.next_visit_due, days_after(day, category.visit_interval_days))
		.where(care.resident.isin(residents) & goes_on(care, getdate()) & (care.since <= day))
		.run()
	)


def count_in_rounds(visit: str, day: date, residents: Collection[str], by: int = 1) -> None:
	"""Add those of *residents* whom *visit* served to the figure of the round of *day* that counts them, *by* 1; with -1 take
	them out of it.

	That is the round which their row names; or an earlier one in the same grid, when the visit was on a phone while the
	next round opened, and took over who was still due.
	"""
	must, named, held, rounds = (
		DocType(MUST_VISIT),
		DocType(ROUND).as_("named"),
		DocType(ROUND).as_("held"),
		DocType(ROUND),
	)
	was_due = (must.creation <= held.opened_at) & (must.due_on <= held.period_end)
	done = (
		frappe.qb.from_(must)
		.join(named)
		.on(named.name == must.round)
		.join(held)
		.on((held.grid == named.grid) & (held.period_start <= day) & (held.period_end >= day))
		.select(held.name, Count("*").as_("people"))
		.where((must.visit == visit) & must.resident.isin(residents))
		.where((held.name == named.name) | was_due)
		.groupby(held.name)
		.as_("done")
	)
	(
		frappe.qb.update(rounds)
		.join(done)
		.on(done.name == rounds.name)
		.set(rounds.must_done, rounds.must_done + by * done.people)
		.run()
	)
