"""The job of the rounds is killed, run twice, and by two workers at once; around midnight, at the end of a month, on a leap day."""

import json
from typing import Any

import pytest

from tests.fault.conftest import AtWork, Server, ended

pytestmark = pytest.mark.commits

KILLED = -9
VILLAGES, GRIDS, HOMES = 2, 2, 2
JOB = ("call", "rounds_at_work.open_day")


@pytest.fixture(scope="module")
def town(at_work: AtWork) -> dict[str, Any]:
	"""One town, in which each test has months of its own, later than those of the tests before it."""
	return at_work.do("call", "rounds_at_work.build")


def figures(server: Server, town: dict[str, Any], start: str) -> list[tuple]:
	"""The rounds of the township that begin on *start*: village, ordinary, rows of it, due, later; one for each grid."""
	return server.sql(
		"""select left(r.grid_path, 12), r.ordinary_households,
			(select count(distinct h.household) from `tabRound Household` h where h.round = r.name),
			r.must_due, r.later_households
		from `tabVisit Round` r where r.grid_path like %s and r.period_start = %s order by r.grid_path""",
		[town["path"] + "%", start],
	)


def complete(town: dict[str, Any]) -> list[tuple]:
	return [(village, HOMES, HOMES, 1, 0) for village in town["villages"] for _grid in range(GRIDS)]


def states(server: Server, town: dict[str, Any], since: str) -> list[tuple[str, ...]]:
	"""Beginning, end and state of the township's rounds that begin *since* then."""
	found = server.sql(
		"""select distinct period_start, period_end, status from `tabVisit Round`
		where grid_path like %s and period_start >= %s order by 1""",
		[town["path"] + "%", since],
	)
	return [tuple(map(str, row)) for row in found]


def visited(server: Server, household: str, start: str) -> tuple:
	"""ordinary_visited and must_done of the round of *household* that begins on *start*."""
	(row,) = server.sql(
		"""select r.ordinary_visited, r.must_done from `tabVisit Round` r
		join `tabRound Household` h on h.round = r.name where h.household = %s and h.period_start = %s""",
		[household, start],
	)
	return row


def test_a_worker_is_killed_and_the_next_one_goes_on(at_work, server, town):
	at_work.do(*JOB, "2026-06-01", trap="killed", village=town["villages"][1], code=KILLED)
	assert figures(server, town, "2026-06-01") == complete(town)[:GRIDS]
	at_work.do(*JOB, "2026-06-01")
	assert figures(server, town, "2026-06-01") == complete(town)
	at_work.do(*JOB, "2026-06-01")
	assert figures(server, town, "2026-06-01") == complete(town)


def test_two_workers_at_once(at_work, server, town):
	"""The second one comes while the first one is in the midst of a village."""
	slow = at_work.begin(*JOB, "2026-07-01", trap="slow", village=town["villages"][0])
	assert json.loads(slow.stdout.readline()) == "opened"
	at_work.do(*JOB, "2026-07-01")
	ended(slow)
	assert figures(server, town, "2026-07-01") == complete(town)
	people = server.sql(
		"""select count(*), count(distinct resident) from `tabMust Visit`
		where done_at is null and grid_path like %s""",
		[town["path"] + "%"],
	)
	assert people == [(len(town["people"]), len(town["people"]))]


def test_two_workers_on_both_sides_of_midnight(at_work, server, town):
	slow = at_work.begin(*JOB, "2026-08-31", trap="slow", village=town["villages"][0])
	assert json.loads(slow.stdout.readline()) == "opened"
	at_work.do(*JOB, "2026-09-01")
	ended(slow)
	at_work.do(*JOB, "2026-09-01")
	assert figures(server, town, "2026-09-01") == complete(town)
	assert states(server, town, "2026-08-01") == [
		("2026-08-01", "2026-08-31", "Closed"),
		("2026-09-01", "2026-09-30", "Open"),
	]


def test_a_visit_comes_in_while_the_next_rounds_open(at_work, server, town):
	"""The household's village is in the midst of being opened: the visit is counted once, where it happened."""
	at_work.do(*JOB, "2026-10-05")
	slow = at_work.begin(*JOB, "2026-11-01", trap="slow", village=town["villages"][0])
	assert json.loads(slow.stdout.readline()) == "opened"
	home, person = town["homes"][0], town["people"][0]
	at_work.do("call", "rounds_at_work.visit", home, person, "2026-10-31 23:59:59")
	ended(slow)
	assert visited(server, home, "2026-10-01") == (1, 1)
	assert visited(server, home, "2026-11-01") == (0, 0)


def test_two_visits_to_one_household_at_once(at_work, server, town):
	at_work.do(*JOB, "2026-12-05")
	home, person = town["homes"][HOMES], town["people"][1]
	at = "2026-12-20 19:30:00"
	first = at_work.begin("call", "rounds_at_work.visit", home, person, at, "slow")
	assert json.loads(first.stdout.readline()) == "marked"
	at_work.do("call", "rounds_at_work.visit", home, person, at)
	name = ended(first)
	assert visited(server, home, "2026-12-01") == (1, 1)
	assert server.sql(
		"select visit from `tabRound Household` where household = %s and period_start = '2026-12-01'", [home]
	) == [(name,)]


HELD = {
	"Round Household": {"new households are listed"},
	"Must Visit": {"people enter"},
	"Visit Round": {"households are counted", "figures are frozen"},
}
"""By table: which steps of the job have to wait for somebody who holds its rows, since they write them."""


def waited(at_work: AtWork, server: Server, town: dict[str, Any], doctype: str, *isolation: str) -> set[str]:
	"""The steps of a day's job that could not go on while somebody held the rows of *doctype* in a village."""
	day, village = "2027-02-01", town["villages"][0]
	at_work.do(*JOB, day)
	held = f"select name from `tab{doctype}` where grid_path like %s for update"  # noqa: S608
	with server.holding(held, [f"{village}%"]):
		done = at_work.do("call", "rounds_at_work.steps", village, day, *isolation)
	return {step for step, went_through in done.items() if not went_through}


@pytest.mark.parametrize("doctype", HELD)
def test_the_job_waits_for_none_of_the_rows_that_it_only_reads(at_work, server, town, doctype):
	"""Somebody is in the midst of saving visits: she holds rows of the village's rounds, of their households, or of people."""
	assert waited(at_work, server, town, doctype) <= HELD[doctype]


def test_at_the_level_of_isolation_of_requests_it_would(at_work, server, town):
	"""So the test before this one can fail."""
	assert waited(at_work, server, town, "Visit Round", "repeatable read") > HELD["Visit Round"]


def test_a_leap_day_ends_its_month(at_work, server, town):
	for day in ("2028-02-29", "2028-03-01"):
		at_work.do(*JOB, day)
	assert states(server, town, "2028-02-01") == [
		("2028-02-01", "2028-02-29", "Closed"),
		("2028-03-01", "2028-03-31", "Open"),
	]
