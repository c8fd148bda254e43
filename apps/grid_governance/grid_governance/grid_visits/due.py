"""When a household is to be visited next, and when it was last: what the ledger shows of rounds and must-visits."""

from datetime import date, timedelta

import frappe
from frappe.query_builder import Case, CustomFunction, DocType
from frappe.query_builder.functions import Coalesce, Max, Min
from pypika.queries import QueryBuilder, Table
from pypika.terms import Criterion, Term

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
	home, lying = DocType(HOUSEHOLD), DocType(HOUSEHOLD).as_("lying")
	until = _until(lying, day, following(path, last or day)).where(sets.within(lying, path))
	dues = _dues(lying).where(sets.within(lying, path))
	due = _due(home, until, dues)
	differs = Coalesce(home.next_visit_due, NEVER) != Coalesce(due, NEVER)
	_joined(home, until, dues).set(home.next_visit_due, due).where(sets.within(home, path) & differs).run()


def begin_below(path: str, end: date) -> None:
	"""Set `next_visit_due` of all households below *path* when the ordinary ones have all just entered a round that ends on
	*end*: the same as `refresh_below` comes to, without a look at their rows. One statement."""
	home, must = DocType(HOUSEHOLD), DocType(MUST_VISIT).as_("must")
	dues = (
		frappe.qb.from_(must)
		.select(Min(must.due_on))
		.where((must.household == home.name) & must.done_at.isnull())
	)
	due = Case().when(_ordinary(home), sets.least(end, Coalesce(dues, end))).else_(Coalesce(dues))
	frappe.qb.update(home).set(home.next_visit_due, due).where(sets.within(home, path)).run()


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
	home, lying = DocType(HOUSEHOLD), DocType(HOUSEHOLD).as_("lying")
	until = _until(lying, day, following(path, last or day)).where(lying.name.isin(households))
	dues = _dues(lying).where(lying.name.isin(households))
	query = _joined(home, until, dues).set(home.next_visit_due, _due(home, until, dues))
	return query.where(home.name.isin(households))


def _until(lying: Table, day: date, then: date) -> QueryBuilder:
	"""Until when each household of *lying* is to be visited by its round of *day*, wherever it lay when that opened: the end
	of the round, or *then* where it was visited."""
	in_round, rounds = DocType(ROUND_HOUSEHOLD), DocType(ROUND)
	return (
		frappe.qb.from_(lying)
		.join(in_round)
		.on(
			(in_round.household == lying.name)
			& (in_round.period_start <= day)
			& (in_round.period_start > day - rules.LONGEST_PERIOD)
		)
		.join(rounds)
		.on((rounds.name == in_round.round) & (rounds.period_end >= day))
		.select(
			in_round.household,
			Case().when(in_round.visited_at.isnull(), rounds.period_end).else_(then).as_("day"),
		)
		.as_("in_round")
	)


def _dues(lying: Table) -> QueryBuilder:
	"""Until when somebody in each household of *lying* must be visited."""
	must = DocType(MUST_VISIT)
	return (
		frappe.qb.from_(lying)
		.join(must)
		.on((must.household == lying.name) & must.done_at.isnull())
		.select(must.household, Min(must.due_on).as_("day"))
		.groupby(must.household)
		.as_("must")
	)


def _joined(home: Table, until: QueryBuilder, dues: QueryBuilder) -> QueryBuilder:
	query = frappe.qb.update(home).left_join(until).on(until.household == home.name)
	return query.left_join(dues).on(dues.household == home.name)


def _due(home: Table, until: QueryBuilder, dues: QueryBuilder) -> Term:
	of_round = Case().when(_ordinary(home), Coalesce(until.day, NEVER)).else_(NEVER)
	return null_if(sets.least(of_round, Coalesce(dues.day, NEVER)), NEVER)


def _ordinary(home: Table) -> Criterion:
	return (home.status == "Active") & home.residence_state.isin(rules.ORDINARY)
