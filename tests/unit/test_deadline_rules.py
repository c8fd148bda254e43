"""Until when a matter is to be done, with literal dates; holidays as the State Council has published them."""

from datetime import date, datetime, time, timedelta

import pytest
from chinese_calendar import is_workday
from hypothesis import assume, example, given, settings
from hypothesis import strategies as some

from grid_governance.grid_issues.rules import deadlines
from grid_governance.grid_issues.rules.deadlines import (
	DAYS,
	EXTEND,
	FINISH,
	HOURS,
	INFORM,
	LONGEST,
	MONTHS,
	PURPOSES,
	UNITS,
	ClockRule,
	Span,
)

NOW = datetime(2023, 6, 1, 9, 30)
FOUND = datetime(2023, 1, 31, 8, 15)
MOMENTS = some.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1))
KNOWN = some.datetimes(datetime(2008, 1, 1), datetime(2026, 6, 30))
"""Of these years the holidays are known, and the days on which they are made up for."""

A_DAY, FIVE = Span(1, DAYS, working=True), Span(5, DAYS, working=True)


def weekday(day: date) -> bool:
	return day.weekday() < 5


class TestEnd:
	@pytest.mark.parametrize(
		("start", "span", "end"),
		[
			(FOUND, Span(24, HOURS), datetime(2023, 2, 1, 8, 15)),
			(FOUND, Span(2, HOURS), datetime(2023, 1, 31, 10, 15)),
			(datetime(2024, 12, 31, 23, 0), Span(2, HOURS), datetime(2025, 1, 1, 1, 0)),
			(FOUND, Span(7), datetime(2023, 2, 7, 8, 15)),
			(datetime(2024, 2, 26, 9, 0), Span(7), datetime(2024, 3, 4, 9, 0)),
			(datetime(2023, 2, 26, 9, 0), Span(7), datetime(2023, 3, 5, 9, 0)),
			(FOUND, Span(1, MONTHS), datetime(2023, 2, 28, 8, 15)),
			(datetime(2024, 1, 31, 8, 15), Span(1, MONTHS), datetime(2024, 2, 29, 8, 15)),
			(datetime(2024, 2, 29, 8, 15), Span(12, MONTHS), datetime(2025, 2, 28, 8, 15)),
			(datetime(2023, 12, 31), Span(2, MONTHS), datetime(2024, 2, 29)),
			(datetime(2023, 11, 30), Span(1, MONTHS), datetime(2023, 12, 30)),
			(datetime(2025, 12, 15, 17, 0), Span(1, MONTHS), datetime(2026, 1, 15, 17, 0)),
			(datetime(2026, 1, 1), Span(60), datetime(2026, 3, 2)),
		],
	)
	def test_it_comes_at_the_same_time_of_the_day_hours_later_days_later_or_on_the_same_day_of_a_month(
		self, start, span, end
	):
		assert deadlines.ends(start, span, lambda day: pytest.fail("no day is asked about")) == end

	@pytest.mark.parametrize(
		("start", "span", "end"),
		[
			# An ordinary week: Friday to Monday, and a Saturday does not count.
			(datetime(2025, 6, 6, 9, 0), A_DAY, datetime(2025, 6, 9, 9, 0)),
			# What begins on a day off ends with its last day.
			(datetime(2025, 6, 7, 9, 0), FIVE, datetime.combine(date(2025, 6, 13), time.max)),
			(datetime(2025, 6, 8, 0, 1), A_DAY, datetime.combine(date(2025, 6, 9), time.max)),
			# National Day 2025: 1 to 8 October off, Sunday 28 September and Saturday 11 October worked.
			(datetime(2025, 9, 26, 16, 0), A_DAY, datetime(2025, 9, 28, 16, 0)),
			(datetime(2025, 9, 30, 16, 0), A_DAY, datetime(2025, 10, 9, 16, 0)),
			(datetime(2025, 9, 29, 16, 0), FIVE, datetime(2025, 10, 13, 16, 0)),
			(datetime(2025, 10, 3, 10, 0), A_DAY, datetime.combine(date(2025, 10, 9), time.max)),
			# National Day 2026: 1 to 7 October off, Sunday 20 September and Saturday 10 October worked; 25 September
			# to the 27th is the Mid-Autumn Festival.
			(datetime(2026, 9, 18, 9, 0), A_DAY, datetime(2026, 9, 20, 9, 0)),
			(datetime(2026, 9, 24, 9, 0), A_DAY, datetime(2026, 9, 28, 9, 0)),
			(datetime(2026, 9, 30, 9, 0), FIVE, datetime(2026, 10, 13, 9, 0)),
			# Over the end of the year: 1 January 2026 is a Thursday, off until the 3rd, and the 4th, a Sunday, is worked.
			(datetime(2025, 12, 31, 8, 0), A_DAY, datetime(2026, 1, 4, 8, 0)),
			(datetime(2025, 12, 30, 8, 0), FIVE, datetime(2026, 1, 7, 8, 0)),
		],
	)
	def test_working_days_leave_out_holidays_and_take_in_the_days_that_make_up_for_them(
		self, start, span, end
	):
		assert deadlines.ends(start, span, is_workday) == end

	def test_hours_and_months_are_those_of_the_calendar_whatever_is_said_of_working_days(self):
		friday = datetime(2023, 6, 2, 9, 0)
		assert deadlines.ends(friday, Span(24, HOURS, True), is_workday) == datetime(2023, 6, 3, 9, 0)
		assert deadlines.ends(friday, Span(1, MONTHS, True), is_workday) == datetime(2023, 7, 2, 9, 0)

	@settings(deadline=None)  # a busy machine is no fault
	@given(MOMENTS, some.integers(0, 40))
	def test_months_later_is_the_same_day_or_the_last_of_the_month(self, moment, months):
		later = deadlines.months_later(moment, months)
		assert (later.year * 12 + later.month) - (moment.year * 12 + moment.month) == months
		assert later.time() == moment.time()
		assert later.day == moment.day or (later.day < moment.day and (later + timedelta(days=1)).day == 1)

	@settings(deadline=None)  # a busy machine is no fault
	@given(KNOWN, some.integers(1, 60), some.sampled_from([weekday, is_workday]))
	def test_working_days_end_on_one_and_so_many_lie_between(self, moment, days, works):
		later = deadlines.ends(moment, Span(days, DAYS, working=True), works)
		assert later.time() == (moment.time() if works(moment.date()) else time.max)
		assert works(later.date())
		between = [moment + timedelta(days=day) for day in range(1, (later.date() - moment.date()).days + 1)]
		assert sum(works(day.date()) for day in between) == days

	@settings(deadline=None)  # a busy machine is no fault
	@given(KNOWN, some.integers(1, 60), some.sampled_from(UNITS), some.booleans())
	def test_a_longer_span_never_ends_earlier_and_none_before_its_start(self, moment, number, unit, working):
		def end(of: int) -> datetime:
			return deadlines.ends(moment, Span(of, unit, working), is_workday)

		assert moment < end(number) <= end(number + 1)

	@settings(deadline=None)  # a busy machine is no fault
	@example(datetime(2009, 1, 1, 23, 19), timedelta(minutes=41), 1, True)
	@given(KNOWN, some.timedeltas(timedelta(0), timedelta(days=40)), some.integers(1, 20), some.booleans())
	def test_what_begins_later_never_ends_earlier(self, moment, after, number, working):
		assume(moment + after < datetime(2026, 9, 1))
		for unit in UNITS:
			span = Span(number, unit, working)
			assert deadlines.ends(moment, span, is_workday) <= deadlines.ends(
				moment + after, span, is_workday
			)


class TestWhichSpanHolds:
	OWN = Span(24, HOURS)
	SITE = (
		ClockRule(FINISH, Span(60), source="Online Referral"),
		ClockRule(INFORM, Span(15), source="Online Referral"),
		ClockRule(FINISH, Span(10), urgency="General"),
		ClockRule(EXTEND, Span(30)),
	)
	TOWNSHIP = (
		ClockRule(FINISH, Span(5), urgency="General"),
		ClockRule(FINISH, Span(45), source="Online Referral"),
		ClockRule(FINISH, Span(3), source="Online Referral", urgency="Urgent"),
	)

	@pytest.mark.parametrize(
		("purpose", "source", "urgency", "tables", "span"),
		[
			# Where no rule speaks, the urgency's own time.
			(FINISH, "Patrol", "Urgent", (SITE,), OWN),
			(FINISH, "", "", ((),), OWN),
			# A rule of the site for the urgency, and the township's before it.
			(FINISH, "Patrol", "General", (SITE,), Span(10)),
			(FINISH, "Patrol", "General", (TOWNSHIP, SITE), Span(5)),
			# The source goes before the urgency, even the site's before the township's.
			(FINISH, "Online Referral", "General", (SITE,), Span(60)),
			(FINISH, "Online Referral", "General", (TOWNSHIP[:1], SITE), Span(60)),
			(FINISH, "Online Referral", "General", (TOWNSHIP, SITE), Span(45)),
			# Both together before the source alone.
			(FINISH, "Online Referral", "Urgent", (TOWNSHIP, SITE), Span(3)),
			# Another purpose is another matter; one for everything holds for everything.
			(INFORM, "Online Referral", "Urgent", (TOWNSHIP, SITE), Span(15)),
			(INFORM, "Patrol", "Urgent", (TOWNSHIP, SITE), OWN),
			(EXTEND, "Patrol", "Complex", (TOWNSHIP, SITE), Span(30)),
		],
	)
	def test_it_is_the_one_of_the_nearest_rule(self, purpose, source, urgency, tables, span):
		assert deadlines.span_for(purpose, source, urgency, tables, self.OWN) == span

	def test_it_is_none_where_no_rule_asks_for_it(self):
		assert deadlines.span_for(INFORM, "Patrol", "Urgent", [self.SITE]) is None

	RULES = some.lists(
		some.builds(
			ClockRule,
			some.sampled_from(PURPOSES),
			some.builds(Span, some.integers(1, 99)),
			some.sampled_from(["", "Patrol", "Online Referral"]),
			some.sampled_from(["", "Urgent", "General"]),
		),
		max_size=8,
	)

	@settings(deadline=None)  # a busy machine is no fault
	@given(RULES, RULES, some.sampled_from(PURPOSES), some.randoms())
	def test_the_order_of_rows_means_nothing_where_each_stands_once(self, near, far, purpose, chance):
		assume(not deadlines.twice(near) and not deadlines.twice(far))
		told = deadlines.span_for(purpose, "Patrol", "Urgent", [near, far])
		near, far = list(near), list(far)
		chance.shuffle(near)
		chance.shuffle(far)
		assert deadlines.span_for(purpose, "Patrol", "Urgent", [near, far]) == told
		fitting = [
			rule.span
			for rule in (*near, *far)
			if (rule.purpose, rule.source in ("", "Patrol"), rule.urgency in ("", "Urgent"))
			== (purpose, True, True)
		]
		assert told in fitting if fitting else told is None


class TestRows:
	@pytest.mark.parametrize("unit", UNITS)
	def test_a_time_is_more_than_nothing_and_at_most_ten_years(self, unit):
		said = [deadlines.sound(number, unit) for number in (-1, 0, 1, LONGEST[unit], LONGEST[unit] + 1)]
		assert said == [False, False, True, True, False]

	def test_a_unit_that_is_none_makes_no_time(self):
		assert not deadlines.sound(1, "Weeks")

	def test_two_rows_for_the_same_are_found(self):
		one, other = ClockRule(FINISH, Span(1), "Patrol"), ClockRule(FINISH, Span(2), "Patrol")
		assert deadlines.twice([]) is deadlines.twice([one, ClockRule(INFORM, Span(1), "Patrol")]) is None
		assert deadlines.twice([one, ClockRule(FINISH, Span(1), "Patrol", "Urgent"), other]) == (0, 2)


def test_late_is_what_is_neither_resolved_nor_over_when_its_time_has_run_out():
	due = NOW - timedelta(seconds=1)
	assert deadlines.overdue(due, None, None, NOW)
	assert not deadlines.overdue(NOW, None, None, NOW)
	assert not deadlines.overdue(due, NOW, None, NOW)
	assert not deadlines.overdue(due, None, NOW, NOW)
	assert not deadlines.overdue(None, None, None, NOW)


def test_on_time_is_resolved_by_the_due_time():
	assert deadlines.on_time(NOW, NOW) is True
	assert deadlines.on_time(NOW, NOW + timedelta(seconds=1)) is False
	assert deadlines.on_time(NOW, None) is None
	assert deadlines.on_time(None, NOW) is None
