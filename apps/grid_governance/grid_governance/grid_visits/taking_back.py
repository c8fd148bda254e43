"""A visit that was entered by mistake is taken back by its author: what it moved is put back, and that it was there stays.

The visit keeps what it said (`outcome_before`), when and why it was taken back, and what was put back. From then on its
outcome is `rules.TAKEN_BACK`, which counts for nothing; what hung on it is worked out anew from the visits that are left.
What it did in other rooms is put back by those that can (`effects`), the rest is named to be put right where it stands.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import Case, DocType
from frappe.query_builder.functions import Coalesce, Max
from frappe.utils import add_days, cint, get_datetime, getdate, now_datetime

from grid_governance.grid_ledger import CARE, HOUSEHOLD
from grid_governance.grid_ledger.queries.care import goes_on
from grid_governance.grid_structure import queries as structure
from grid_governance.grid_visits import (
	MUST_VISIT,
	ROUND,
	ROUND_HOUSEHOLD,
	VISIT,
	actions,
	due,
	effects,
	must_visits,
	rounds,
	rules,
)

HOURS = "take_back_hours"
"""The setting: for how many hours after it was entered a visit can be taken back; 0 for never."""


class TakenBackAlreadyError(frappe.ValidationError):
	"""A visit is to be taken back that was taken back before."""


class ReasonMissingError(frappe.ValidationError):
	"""A visit is to be taken back, and nobody says why."""


@frappe.whitelist(methods=["POST"])
def take_back(visit: str, why: str) -> dict[str, Any]:
	"""Take *visit* back, for the reason *why*; return what was put back (`did`) and what stays (`stays`), in words.

	Raises PermissionError, `actions.VisitSettledError` for another than its author and for one that is too late,
	TakenBackAlreadyError, ReasonMissingError.
	"""
	doc = frappe.get_doc(VISIT, visit, for_update=True)
	doc.check_permission("write")
	_check(doc, why)
	did, stays = _put_back(doc, why.strip())
	doc.notify_update()
	return {"did": did, "stays": stays}


def is_open(visit: Document) -> bool:
	"""Say whether the session's user may take *visit* back now, for what its form offers."""
	return visit.owner == frappe.session.user and visit.outcome != rules.TAKEN_BACK and _in_time(visit)


def _check(visit: Document, why: str) -> None:
	if visit.outcome == rules.TAKEN_BACK:
		frappe.throw(_("This visit was taken back already."), TakenBackAlreadyError)
	if visit.owner != frappe.session.user:
		frappe.throw(_("Only whoever entered a visit takes it back."), actions.VisitSettledError)
	if not _in_time(visit):
		frappe.throw(
			_("A visit is taken back within {0} hours. Enter another visit that says what is right.").format(
				_hours(visit)
			),
			actions.VisitSettledError,
		)
	if not why.strip():
		frappe.throw(_("Enter why the visit is taken back."), ReasonMissingError)


def _in_time(visit: Document) -> bool:
	return rules.may_be_taken_back(get_datetime(visit.entered_at), now_datetime(), _hours(visit))


def _hours(visit: Document) -> int:
	return cint(structure.setting(visit.grid_path or "", HOURS))


def _put_back(visit: Document, why: str) -> tuple[list[str], list[str]]:
	"""Put back what *visit* moved and note it there; return what was put back and what stays, in words.

	Its outcome comes first: what is worked out anew below then no longer finds it. Rows are taken in the order in which a
	visit that is saved takes them, so that the two wait for each other.
	"""
	said = visit.outcome
	visit.db_set({"outcome": rules.TAKEN_BACK, "outcome_before": said})
	did = [*_coverage(visit, said), *_must_visits(visit), *_promises(visit, said)]
	_household(visit, said)
	undone, stays = effects.take_back(visit)
	did += undone
	visit.db_set(
		{
			"taken_back_at": now_datetime().replace(microsecond=0),
			"taken_back_why": why,
			"taken_back_did": "\n".join([*did, *(_("Stays as it is: {0}").format(each) for each in stays)]),
			"return_on": None,
			"return_note": None,
			"returned_on": None,
		}
	)
	return did, stays


def _coverage(visit: Document, said: str) -> list[str]:
	"""Let the household's row of the round be as without *visit*, which *said* what came of it."""
	row = _row(visit)
	if not row:
		return []
	if said == rules.NOBODY_HOME:
		tried = _moments(visit, row, (rules.NOBODY_HOME,))
		values = {"tries": max(row.tries - 1, 0), "tried_at": tried[-1].visited_at if tried else None}
		frappe.db.set_value(ROUND_HOUSEHOLD, row.name, values)
		return [_("One try less stands in the round.")]
	if row.visit != visit.name:
		return []
	others = _moments(visit, row, _counting(visit.household))
	first = others[0] if others else frappe._dict()
	frappe.db.set_value(ROUND_HOUSEHOLD, row.name, {"visited_at": first.visited_at, "visit": first.name})
	if others:
		return [_("Another visit counts for the round.")]
	if row.counted:
		held = DocType(ROUND)
		query = frappe.qb.update(held).set(held.ordinary_visited, held.ordinary_visited - 1)
		query.where(held.name == row.round).run()
	return [_("The household counts as not visited in the round.")]


def _row(visit: Document) -> frappe._dict | None:
	"""The row of the household in the round of the day of *visit*, locked: `name`, `round`, `counted`, `visit`, `tries`,
	`period_start`, `period_end`."""
	in_round, held = DocType(ROUND_HOUSEHOLD), DocType(ROUND)
	day = getdate(visit.visited_at)
	fields = ("name", "round", "counted", "visit", "tries", "period_start")
	rows = (
		frappe.qb.from_(in_round)
		.join(held)
		.on(held.name == in_round.round)
		.select(*(in_round[field] for field in fields), held.period_end)
		.where((in_round.household == visit.household) & (in_round.period_start <= day))
		.where(held.period_end >= day)
		.orderby(in_round.period_start)
		.limit(1)
		.for_update()
		.run(as_dict=True)
	)
	return rows[0] if rows else None


def _moments(visit: Document, row: frappe._dict, outcomes: Collection[str]) -> list[frappe._dict]:
	"""The visits to the household in the period of *row* that ended in one of *outcomes*, the first one first."""
	return frappe.get_all(
		VISIT,
		filters=[
			["household", "=", visit.household],
			["visited_at", ">=", row.period_start],
			["visited_at", "<", add_days(row.period_end, 1)],
			["outcome", "in", outcomes],
		],
		fields=["name", "visited_at"],
		order_by="visited_at asc",
		limit_page_length=0,
	)


def _counting(household: str) -> list[str]:
	"""The outcomes that cover an ordinary household where *household* lies."""
	path = frappe.db.get_value(HOUSEHOLD, household, "grid_path")
	by_phone = structure.setting(path, "phone_visits") == rounds.PHONE_COUNTS
	return [each for each in rules.OUTCOMES if rules.counts_for_coverage(each, by_phone)]


def _must_visits(visit: Document) -> list[str]:
	"""Open the rows again that *visit* closed, as if it had never been; visits entered after it then serve them."""
	own = frappe.get_all(
		MUST_VISIT,
		filters={"visit": visit.name},
		fields=["name", "resident"],
		order_by="name asc",
		limit_page_length=0,
	)
	if not own:
		return []
	people = sorted({row.resident for row in own})
	since = _since(visit, people, [row.name for row in own])
	for other, day in {(row.visit, getdate(row.done_at)) for row in since if row.visit}:
		must_visits.count_in_rounds(other, day, people, by=-1)
	must_visits.count_in_rounds(visit.name, getdate(visit.visited_at), people, by=-1)
	if since:
		frappe.db.delete(MUST_VISIT, {"name": ["in", [row.name for row in since]]})
	_open_again(own, since)
	seen_since = sorted({row.resident for row in since if row.visit})
	_restore_days([row.name for row in own], people, seen_since, getdate(visit.visited_at))
	must_visits.ensure(residents=people)
	_serve_again(visit, people)
	return [_("People who are to be visited again: {0}").format(len(people))]


def _since(visit: Document, people: list[str], own: list[str]) -> list[frappe._dict]:
	"""The rows of *people* that were opened because *visit* closed one, the first one first."""
	rows = frappe.get_all(
		MUST_VISIT,
		filters={"resident": ["in", people], "name": ["not in", own]},
		fields=["name", "resident", "visit", "done_at", "round"],
		order_by="creation asc",
		limit_page_length=0,
	)
	at = get_datetime(visit.visited_at)
	return [row for row in rows if not row.done_at or row.done_at >= at]


def _open_again(own: list[frappe._dict], since: list[frappe._dict]) -> None:
	"""Open the rows *own*. A round that has opened meanwhile and counts the row that stood in their place counts them."""
	must = DocType(MUST_VISIT)
	opened = frappe.qb.update(must).set(must.done_at, None).set(must.visit, None)
	opened.set(must.modified, now_datetime()).where(must.name.isin([row.name for row in own])).run()
	counts = {row.resident: row.round for row in since if row.round}
	for row in own:
		if held := counts.get(row.resident):
			frappe.db.set_value(MUST_VISIT, row.name, "round", held)


def _restore_days(own: list[str], people: list[str], seen_since: list[str], day: date) -> None:
	"""Let the care of *people* be due as before the visit of *day* that closed their rows *own*.

	What stood there is noted for the last visit alone: of those *seen_since* the row itself says until when they were due.
	"""
	care, category, must = DocType(CARE), DocType(must_visits.CATEGORY), DocType(MUST_VISIT)
	noted = Coalesce(care.visit_due_before, must.due_on)
	due_on = Case().when(care.resident.isin(seen_since or [""]), must.due_on).else_(noted)
	(
		frappe.qb.update(care)
		.join(category)
		.on((category.name == care.category) & (category.must_visit == 1))
		.join(must)
		.on((must.resident == care.resident) & must.name.isin(own))
		.set(care.next_visit_due, due_on)
		.set(care.visit_due_before, None)
		.where(care.resident.isin(people) & goes_on(care, getdate()) & (care.since <= day))
		.run()
	)


def _serve_again(visit: Document, people: list[str]) -> None:
	"""Let the visits that met some of *people* and were entered after *visit* serve them, in the order of their days."""
	other, met = DocType(VISIT), DocType("Visit Person")
	rows = (
		frappe.qb.from_(other)
		.join(met)
		.on((met.parent == other.name) & (met.parenttype == VISIT))
		.select(other.name, met.resident)
		.where((other.household == visit.household) & (other.outcome == rules.MET))
		.where((other.creation >= visit.creation) & met.resident.isin(people))
		.orderby(other.visited_at)
		.run()
	)
	found: dict[str, set[str]] = defaultdict(set)
	for name, resident in rows:
		found[name].add(resident)
	for name, residents in found.items():
		must_visits.serve(frappe.get_doc(VISIT, name), only=residents)


def _promises(visit: Document, said: str) -> list[str]:
	"""Open the promises again that *visit* kept, where no other visit has; say what it promised itself, which falls."""
	day, told = getdate(visit.visited_at), []
	if visit.return_on:
		told.append(
			_("The promise to come again on {0} falls.").format(frappe.format(visit.return_on, "Date"))
		)
	if said not in actions.SPOKEN_TO:
		return told
	kept = frappe.get_all(
		VISIT,
		filters={
			"household": visit.household,
			"visited_at": ["<", visit.visited_at],
			"return_on": ["is", "set"],
			"returned_on": day,
		},
		fields=["name", "visited_at"],
		order_by="visited_at asc",
		limit_page_length=0,
	)
	if not kept:
		return told
	others = frappe.get_all(
		VISIT,
		filters={
			"household": visit.household,
			"visited_at": [">", kept[0].visited_at],
			"outcome": ["in", actions.SPOKEN_TO],
		},
		pluck="visited_at",
		order_by="visited_at asc",
		limit_page_length=0,
	)
	again: dict[date | None, list[str]] = defaultdict(list)
	for promise in kept:
		came = next((at for at in others if at > promise.visited_at), None)
		again[getdate(came) if came else None].append(promise.name)
	for came_on, names in again.items():
		frappe.db.set_value(VISIT, {"name": ["in", names]}, "returned_on", came_on)
	if again[None]:
		told.append(_("Promises to come again that are open again: {0}").format(len(again[None])))
	return told


def _household(visit: Document, said: str) -> None:
	"""Let the ledger show when the household was last visited, and is next, without *visit*."""
	home = frappe.db.get_value(HOUSEHOLD, visit.household, ["grid_path", "last_visit_on"], as_dict=True)
	if rules.reached(said):
		_hand_on(visit)
	if rules.reached(said) and home.last_visit_on == getdate(visit.visited_at):
		other = DocType(VISIT)
		(latest,) = (
			frappe.qb.from_(other)
			.select(Max(other.visited_at))
			.where((other.household == visit.household) & other.outcome.isin(rules.REACHING))
			.run(pluck=True)
		)
		days = [getdate(each) for each in (visit.last_visit_before, latest) if each]
		frappe.db.set_value(HOUSEHOLD, visit.household, "last_visit_on", max(days, default=None))
	due.refresh([visit.household], home.grid_path, getdate())


def _hand_on(visit: Document) -> None:
	"""Let visits entered since know the day that *visit* knew as the last one before, where they know its own: when they are
	taken back too, it is that again."""
	before, day = visit.last_visit_before, getdate(visit.visited_at)
	if not before or getdate(before) < day:
		knowing = {"household": visit.household, "last_visit_before": day}
		frappe.db.set_value(VISIT, knowing, "last_visit_before", before, update_modified=False)
