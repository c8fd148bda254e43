"""Periods of rounds, what counts, and the clock of a phone, with literal days."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from grid_governance.grid_visits import rules

NOW = datetime(2026, 3, 1, 0, 0, 30)
DAYS = some.dates(date(2000, 1, 1), date(2100, 12, 31))
CYCLES = some.sampled_from(sorted(rules.MONTHS))


@pytest.mark.parametrize(
	("cycle", "day", "first", "last"),
	[
		("Monthly", date(2026, 11, 1), date(2026, 11, 1), date(2026, 11, 30)),
		("Monthly", date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
		("Monthly", date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
		("Monthly", date(2026, 2, 28), date(2026, 2, 1), date(2026, 2, 28)),
		("Quarterly", date(2026, 3, 31), date(2026, 1, 1), date(2026, 3, 31)),
		("Quarterly", date(2026, 11, 22), date(2026, 10, 1), date(2026, 12, 31)),
		("Half-yearly", date(2028, 2, 29), date(2028, 1, 1), date(2028, 6, 30)),
		("Half-yearly", date(2026, 7, 1), date(2026, 7, 1), date(2026, 12, 31)),
	],
)
def test_the_period_of_a_day(cycle, day, first, last):
	assert rules.period(cycle, day) == (first, last)


@pytest.mark.parametrize(
	("cycle", "day", "first", "last"),
	[
		("Monthly", date(2026, 12, 5), date(2027, 1, 1), date(2027, 1, 31)),
		("Monthly", date(2028, 1, 31), date(2028, 2, 1), date(2028, 2, 29)),
		("Quarterly", date(2026, 12, 31), date(2027, 1, 1), date(2027, 3, 31)),
		("Half-yearly", date(2026, 1, 1), date(2026, 7, 1), date(2026, 12, 31)),
	],
)
def test_the_period_that_follows(cycle, day, first, last):
	assert rules.next_period(cycle, day) == (first, last)


@given(CYCLES, DAYS)
def test_periods_hold_their_day_and_follow_without_a_gap(cycle, day):
	first, last = rules.period(cycle, day)
	assert first <= day <= last
	assert rules.period(cycle, first) == rules.period(cycle, last) == (first, last)
	assert rules.next_period(cycle, day)[0] == last + timedelta(days=1)


def test_another_cycle_is_refused():
	with pytest.raises(KeyError):
		rules.period("Weekly", date(2026, 11, 1))


@pytest.mark.parametrize(
	("outcome", "with_phone", "without_phone"),
	[
		("Met", True, True),
		("Would Not Talk", True, True),
		("By Phone", True, False),
		("Nobody Home", False, False),
	],
)
def test_what_covers_a_household(outcome, with_phone, without_phone):
	assert rules.counts_for_coverage(outcome, True) is with_phone
	assert rules.counts_for_coverage(outcome, False) is without_phone


def test_who_must_be_visited_is_seen_or_not():
	outcomes = ("Met", "Would Not Talk", "By Phone", "Nobody Home")
	assert [each for each in outcomes if rules.serves_must_visit(each)] == ["Met"]
	assert [each for each in outcomes if rules.reached(each)] == ["Met", "Would Not Talk", "By Phone"]


@pytest.mark.parametrize(
	("claimed", "waited", "happened"),
	[
		(None, 0, NOW),
		(None, 60, datetime(2026, 2, 28, 23, 59, 30)),
		(None, -3600, NOW),
		(None, float("nan"), NOW),
		(None, 30 * 24 * 3600, NOW - timedelta(days=30)),
		(None, float("inf"), NOW),
		(None, 30 * 24 * 3600 + 1, NOW),
		(datetime(2026, 2, 28, 20), 0, datetime(2026, 2, 28, 20)),
		(datetime(2036, 1, 1), 0, NOW),
		(datetime(1970, 1, 1), 0, NOW - timedelta(days=30)),
	],
)
def test_the_clock_of_the_server_holds(claimed, waited, happened):
	assert rules.visited_at(claimed, NOW, waited) == happened


@pytest.mark.parametrize(
	("now", "hours", "open_"),
	[
		(datetime(2026, 3, 2, 9, 0), 24, True),
		(datetime(2026, 3, 2, 9, 0, 1), 24, False),
		(datetime(2026, 3, 1, 9, 0), 0, False),
		(datetime(2026, 3, 3, 8, 59), 48, True),
	],
)
def test_a_visit_is_taken_back_within_its_hours(now, hours, open_):
	assert rules.may_be_taken_back(datetime(2026, 3, 1, 9, 0), now, hours) is open_


def test_one_that_was_taken_back_counts_for_nothing():
	assert rules.TAKEN_BACK not in rules.OUTCOMES
	assert not rules.reached(rules.TAKEN_BACK)
	assert not rules.serves_must_visit(rules.TAKEN_BACK)
	assert not rules.counts_for_coverage(rules.TAKEN_BACK, True)
