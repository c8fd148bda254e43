"""When a household is to be visited next, and when it was last: what the ledger shows of rounds and must-visits."""

from datetime import date, timedelta

import frappe
from frappe.query_builder import Case, CustomFunction, DocType
from frappe.query_builder.functions import Coalesce, Max, Min
from pypika.queries import QueryBuilder, Table
from pypika.terms import Term

from grid_governance.grid_ledger import HOUSEHOLD
from grid_governance.grid_structure import queries as structure
from grid_governance.grid_visits import MUST_VISIT, ROUND, ROUND_HOUSEHOLD, rules, sets

NEVER = date(9999, 12, 31)
null_if = CustomFunction("NULLIF", ["value", "nothing"])


def cycle_at(path: str) -> str:
	"""Return how often ordinary households are visited at *path*: a key of `rules.MONTHS`."""
	return structure.setting(path, "visit_cycle") or "Monthly"


def refresh_below(path: str, day: date) -> None:
	"""Set `next_visit_due` of all households below *path* as of *day*: one statement."""
	rounds = DocType(ROUND)
	(last,) = (
		frappe.qb.from_(rounds)
		.select(Max(rounds.period_end))
		.where(sets.within(rounds, path) & (rounds.period_start <= day) & (rounds.period_end >= day))
		.run(pluck=True)
	)
	home, in_round, must = DocType(HOUSEHOLD), DocType(ROUND_HOUSEHOLD), DocType(MUST_VISIT)
	until = _until(day, following(path, last or day)).where(sets.within(in_round, path))
	dues = _dues().where(sets.within(must, path))
	due = _due(home, until, dues)
	differs = Coalesce(home.next_visit_due, NEVER) != Coalesce(due, NEVER)
	_joined(home, until, dues).set(home.next_visit_due, due).where(sets.within(home, path) & differs).run()


def refresh(households: list[str], path: str, day: date, last: date | None = None) -> None:
	"""Set `next_visit_due` of *households*, which lie in the township of *path*, as of *day*: one statement.

	*last*: the last day of the round that they are in, by default of the one that the cycle gives.
	"""
	_of(households, path, day, last).run()


def note_visit(household: str, path: str, day: date, visited_on: date) -> None:
	"""Set `last_visit_on` of *household*, never backwards, and `next_visit_due` as of *day*: one statement."""
	home = DocType(HOUSEHOLD)
	moved = sets.greatest(Coalesce(home.last_visit_on, visited_on), visited_on)
	_of([household], path, day, None).set(home.last_visit_on, moved).run()


def following(path: str, last: date) -> date:
	"""Return the last day of the round that follows the one which ends in the period of *last*."""
	cycle = cycle_at(path)
	return rules.period(cycle, rules.period(cycle, last)[1] + timedelta(days=1))[1]


def _of(households: list[str], path: str, day: date, last: date | None) -> QueryBuilder:
	home, in_round, must = DocType(HOUSEHOLD), DocType(ROUND_HOUSEHOLD), DocType(MUST_VISIT)
	until = _until(day, following(path, last or day)).where(in_round.household.isin(households))
	dues = _dues().where(must.household.isin(households))
	query = _joined(home, until, dues).set(home.next_visit_due, _due(home, until, dues))
	return query.where(home.name.isin(households))


def _until(day: date, then: date) -> QueryBuilder:
	"""Until when each household of a round of *day* is to be visited: its end, or *then* where it was visited."""
	in_round, rounds = DocType(ROUND_HOUSEHOLD), DocType(ROUND)
	return (
		frappe.qb.from_(in_round)
		.join(rounds)
		.on(rounds.name == in_round.round)
		.select(
			in_round.household,
			Case().when(in_round.visited_at.isnull(), rounds.period_end).else_(then).as_("day"),
		)
		.as_("in_round")
		.where((rounds.period_start <= day) & (rounds.period_end >= day))
	)


def _dues() -> QueryBuilder:
	must = DocType(MUST_VISIT)
	return (
		frappe.qb.from_(must)
		.select(must.household, Min(must.due_on).as_("day"))
		.where(must.done_at.isnull())
		.groupby(must.household)
		.as_("must")
	)


def _joined(home: Table, until: QueryBuilder, dues: QueryBuilder) -> QueryBuilder:
	query = frappe.qb.update(home).left_join(until).on(until.household == home.name)
	return query.left_join(dues).on(dues.household == home.name)


def _due(home: Table, until: QueryBuilder, dues: QueryBuilder) -> Term:
	ordinary = (home.status == "Active") & home.residence_state.isin(rules.ORDINARY)
	of_round = Case().when(ordinary, Coalesce(until.day, NEVER)).else_(NEVER)
	return null_if(sets.least(of_round, Coalesce(dues.day, NEVER)), NEVER)
