"""When a household is to be visited next, and when it was last: what the ledger shows of rounds and must-visits.

What a statement reads beside the households it writes stands in subqueries, so that it is an update of one table: of such a
one MariaDB locks none of the rows read, at the level that `sets.again` takes, and finds them by household whatever its
statistics say.
"""

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
	home = DocType(HOUSEHOLD)
	due = _due(home, day, following(path, last or day))
	differs = Coalesce(home.next_visit_due, NEVER) != due
	_set(home, due).where(sets.within(home, path) & differs).run()


def begin_below(path: str, end: date) -> None:
	"""Set `next_visit_due` of all households below *path* when the ordinary ones have all just entered a round that ends on
	*end*: the same as `refresh_below` comes to, without a look at their rows. One statement."""
	home = DocType(HOUSEHOLD)
	people = _of_people(home)
	# Nothing is NEVER here, unlike in `_set`, whose NULLIF would ask for the people of each household twice.
	due = Case().when(_ordinary(home), sets.least(end, Coalesce(people, end))).else_(Coalesce(people))
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
	home = DocType(HOUSEHOLD)
	due = _due(home, day, following(path, last or day))
	return _set(home, due).where(home.name.isin(households))


def _set(home: Table, due: Term) -> QueryBuilder:
	return frappe.qb.update(home).set(home.next_visit_due, null_if(due, NEVER))


def _due(home: Table, day: date, then: date) -> Term:
	"""When each household is to be visited as of *day*, or NEVER: by its round (where it was visited, by *then*), and for its
	people."""
	of_round = Case().when(_ordinary(home), Coalesce(_until(home, day, then), NEVER)).else_(NEVER)
	return sets.least(of_round, Coalesce(_of_people(home), NEVER))


def _until(home: Table, day: date, then: date) -> QueryBuilder:
	"""Until when a household is to be visited by its round of *day*, wherever it lay when that opened: the end of the round,
	or *then* where it was visited."""
	in_round, rounds = DocType(ROUND_HOUSEHOLD), DocType(ROUND)
	return (
		frappe.qb.from_(in_round)
		.join(rounds)
		.on((rounds.name == in_round.round) & (rounds.period_end >= day))
		.select(Case().when(in_round.visited_at.isnull(), rounds.period_end).else_(then))
		.where((in_round.household == home.name) & (in_round.period_start <= day))
		.where(in_round.period_start > day - rules.LONGEST_PERIOD)
		.orderby(in_round.period_start)
		.limit(1)
	)


def _of_people(home: Table) -> QueryBuilder:
	"""Until when somebody in a household must be visited."""
	must = DocType(MUST_VISIT)
	open_ = (must.household == home.name) & must.done_at.isnull()
	return frappe.qb.from_(must).select(Min(must.due_on)).where(open_)


def _ordinary(home: Table) -> Criterion:
	return (home.status == "Active") & home.residence_state.isin(rules.ORDINARY)
