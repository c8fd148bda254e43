"""When the clock of an issue acts: against dates that are written down, and what holds for all."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_governance.grid_issues import rules
from grid_governance.grid_issues.rules import Level, State, clock
from grid_governance.grid_issues.rules.clock import Clock


def at(text: str) -> datetime:
	return datetime.strptime(text, "%Y-%m-%d %H:%M")


FOUND, DUE = at("2025-03-03 08:00"), at("2025-03-04 08:00")
HALF, FOUR_FIFTHS = at("2025-03-03 20:00"), at("2025-03-04 03:12")
URGENT = Clock(stage=rules.OPEN, climbs=True, starts_at=FOUND, due_by=DUE, percents=(50, 80), repeat_hours=2)

SPOT, VILLAGE, TOWNSHIP = Level("Spot", 10, True), Level("Village", 20), Level("Township", 40)
REPORTED, WITH_VILLAGE = State("Reported", level=SPOT), State("With Village", level=VILLAGE)
IN_PROGRESS, ABOVE = State("In Progress", level=VILLAGE), State("Supervision", level=TOWNSHIP)
RESOLVED, CLOSED = State("Resolved", rules.RESOLVED), State("Closed", rules.FINAL)
ON_HOLD = State("On Hold", rules.PAUSED)

moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31))
hours = st.integers(0, 24 * 40)


@pytest.mark.parametrize(
	("percents", "times"),
	[
		((50, 80), [HALF, FOUR_FIFTHS]),
		((80, 50, 50), [HALF, FOUR_FIFTHS]),
		((0, 25), [at("2025-03-03 14:00")]),
		((100, 120, -5, 0), []),
	],
)
def test_reminders_are_given_when_their_part_of_the_time_is_over(percents, times):
	assert clock.reminder_times(FOUND, DUE, percents) == times


@pytest.mark.parametrize(
	("now", "reminded", "due", "next_one"),
	[
		("2025-03-03 08:00", 0, 0, HALF),
		("2025-03-03 19:59", 0, 0, HALF),
		("2025-03-03 20:00", 1, 1, FOUR_FIFTHS),
		("2025-03-03 20:00", 0, 1, HALF),
		("2025-03-04 03:12", 2, 2, None),
		("2025-03-04 08:00", 0, 2, None),
		("2025-03-05 08:00", 1, 2, None),
	],
)
def test_the_next_reminder(now, reminded, due, next_one):
	assert clock.reminders_due(FOUND, DUE, (50, 80), at(now)) == due
	assert clock.next_reminder(FOUND, DUE, (50, 80), reminded, at(now)) == next_one


def test_nothing_is_reminded_of_that_has_no_time():
	assert clock.next_reminder(None, DUE, (50,), 0, FOUND) is None
	assert clock.next_reminder(FOUND, None, (50,), 0, FOUND) is None


@pytest.mark.parametrize(
	("last", "repeat", "instructed", "climbs"),
	[
		# Untouched: at the due time, however late the job comes.
		(None, 2, None, "2025-03-04 08:00"),
		# A level up at the due time: two hours, a day, never again.
		("2025-03-04 08:00", 2, None, "2025-03-04 10:00"),
		("2025-03-04 08:07", 2, None, "2025-03-04 10:07"),
		("2025-03-04 08:00", 24, None, "2025-03-05 08:00"),
		("2025-03-04 08:00", 0, None, None),
		# Somebody lets it climb before it is due: the due time stands.
		("2025-03-03 12:00", 2, None, "2025-03-04 08:00"),
		# Assigned back with a date: when that is over, sooner or later than it is due.
		("2025-03-04 11:00", 2, "2025-03-06 18:00", "2025-03-06 18:00"),
		("2025-03-03 11:00", 2, "2025-03-03 18:00", "2025-03-03 18:00"),
		# And it climbed when that was over: as often as any other.
		("2025-03-06 18:00", 24, "2025-03-06 18:00", "2025-03-07 18:00"),
		("2025-03-03 18:00", 24, "2025-03-03 18:00", "2025-03-04 08:00"),
	],
)
def test_the_next_escalation(last, repeat, instructed, climbs):
	found = clock.next_escalation(DUE, last and at(last), repeat, instructed and at(instructed))
	assert found == (climbs and at(climbs))


def test_over_the_end_of_the_year_and_february():
	assert clock.next_escalation(DUE, at("2025-12-31 23:30"), 24) == at("2026-01-01 23:30")
	assert clock.next_escalation(DUE, at("2028-02-28 12:00"), 24) == at("2028-02-29 12:00")
	assert clock.next_escalation(DUE, at("2027-02-28 12:00"), 24) == at("2027-03-01 12:00")


def test_only_what_is_worked_on_and_has_a_step_of_the_clocks_climbs():
	assert clock.escalation_of(URGENT) == DUE
	assert clock.escalation_of(replace(URGENT, climbs=False)) is None
	for stage in (rules.RESOLVED, rules.FINAL, rules.PAUSED):
		assert clock.escalation_of(replace(URGENT, stage=stage)) is None


@pytest.mark.parametrize(
	("changed", "climbs", "now", "acts"),
	[
		({}, DUE, "2025-03-03 08:00", HALF),
		({"reminded": 1}, DUE, "2025-03-03 20:00", FOUR_FIFTHS),
		({"reminded": 2}, DUE, "2025-03-04 03:12", DUE),
		# An instruction before the next reminder.
		({}, at("2025-03-03 10:00"), "2025-03-03 08:00", at("2025-03-03 10:00")),
		# The job was away: it climbs, and is not reminded of what is over.
		({}, DUE, "2025-03-07 08:00", DUE),
		# On top nobody is above: reminders alone, and then nothing.
		({"climbs": False}, None, "2025-03-03 08:00", HALF),
		({"climbs": False}, None, "2025-03-04 08:00", None),
		({"stage": rules.RESOLVED}, None, "2025-03-03 08:00", None),
		({"stage": rules.FINAL}, None, "2025-03-03 08:00", None),
		(
			{"stage": rules.PAUSED, "pause_ends": at("2025-03-10 08:00")},
			None,
			"2025-03-03 08:00",
			at("2025-03-10 08:00"),
		),
		({"stage": rules.PAUSED}, None, "2025-03-03 08:00", None),
	],
)
def test_the_clock_acts_at_the_earliest_of_what_it_has_to_do(changed, climbs, now, acts):
	assert clock.acts_at(replace(URGENT, **changed), climbs, at(now)) == acts


@pytest.mark.parametrize(
	("stands", "now", "climbs"),
	[
		(DUE, "2025-03-04 07:00", DUE),
		# Late when the workflow is changed: after its hours, and never with all others at once.
		(DUE, "2025-03-04 09:00", at("2025-03-04 11:00")),
		(None, "2025-03-20 09:00", at("2025-03-20 11:00")),
		# It climbed and waits for its next time: that stands.
		(at("2025-03-04 10:30"), "2025-03-04 09:00", at("2025-03-04 10:30")),
	],
)
def test_after_a_change_of_the_workflow(stands, now, climbs):
	assert clock.after_a_change(URGENT, stands, at(now)) == climbs
	assert clock.after_a_change(replace(URGENT, climbs=False), stands, at(now)) is None
	assert clock.after_a_change(replace(URGENT, stage=rules.RESOLVED), stands, at(now)) is None


def test_an_instruction_outlives_a_change_of_the_workflow():
	instructed = replace(URGENT, instruction_due=at("2025-03-09 12:00"))
	assert clock.after_a_change(instructed, at("2025-03-09 12:00"), at("2025-03-08 12:00")) == at(
		"2025-03-09 12:00"
	)


@pytest.mark.parametrize(
	("before", "after", "by_clock", "anew"),
	[
		(REPORTED, WITH_VILLAGE, True, True),
		(REPORTED, WITH_VILLAGE, False, False),
		(WITH_VILLAGE, IN_PROGRESS, False, False),
		(ABOVE, IN_PROGRESS, False, True),
		(RESOLVED, IN_PROGRESS, False, True),
		(CLOSED, IN_PROGRESS, False, True),
		(ON_HOLD, IN_PROGRESS, False, True),
		(IN_PROGRESS, IN_PROGRESS, True, False),
	],
)
def test_when_the_time_of_a_level_begins(before, after, by_clock, anew):
	assert clock.starts_anew(before, after, by_clock) is anew


def test_the_last_beginning_is_found_among_the_steps():
	steps = [
		(at("2025-03-06 09:00"), WITH_VILLAGE, IN_PROGRESS, False),
		(at("2025-03-05 09:00"), REPORTED, WITH_VILLAGE, True),
		(at("2025-03-04 09:00"), CLOSED, REPORTED, False),
	]
	assert clock.last_start(steps) == at("2025-03-05 09:00")
	assert clock.last_start(steps[:1]) is None
	assert clock.last_start([]) is None


@pytest.mark.parametrize(
	("tries", "after"), [(0, 10), (1, 10), (2, 20), (3, 40), (8, 1280), (9, 1440), (500, 1440)]
)
def test_what_failed_is_tried_again_later_each_time(tries, after):
	assert clock.retry_after(tries) == timedelta(minutes=after)


def test_more_time_takes_back_reminders_and_never_gives_one():
	longer = replace(URGENT, reminded=2, due_by=at("2025-03-05 08:00"))
	assert clock.reminders_given(longer, at("2025-03-04 04:00")) == 0
	assert clock.reminders_given(longer, at("2025-03-04 08:00")) == 1
	assert clock.reminders_given(replace(URGENT, reminded=0), at("2025-03-04 04:00")) == 0
	assert clock.reminders_given(replace(URGENT, reminded=2), at("2025-03-09 04:00")) == 2


@given(start=moments, length=st.integers(1, 24 * 60), reminded=st.integers(0, 2), gone=hours)
def test_a_sweep_leaves_nothing_that_is_due_behind(start, length, reminded, gone):
	"""After the reminders of a moment are given, the next thing to do lies ahead, or is to climb."""
	now = start + timedelta(hours=gone)
	due = start + timedelta(hours=length)
	each = replace(URGENT, starts_at=start, due_by=due)
	given_now = max(reminded, clock.reminders_due(start, due, each.percents, now))
	acts = clock.acts_at(replace(each, reminded=given_now), due, now)
	assert acts == due if now >= due else acts > now


@given(start=moments, length=hours, late=hours, repeat=st.integers(1, 72), instructed=st.none() | moments)
def test_a_step_of_the_clocks_puts_the_next_one_off(start, length, late, repeat, instructed):
	"""Who comes twice finds nothing to do: after a step at its time, the next one lies ahead of it."""
	due = start + timedelta(hours=length)
	first = clock.next_escalation(due, None, repeat, instructed)
	now = first + timedelta(hours=late)
	assert clock.next_escalation(due, now, repeat, instructed) > now


@given(now=moments, found=moments, length=st.integers(1, 24 * 60), stands=st.none() | moments)
def test_a_change_of_the_workflow_lets_nothing_climb_at_once(now, found, length, stands):
	each = replace(URGENT, starts_at=found, due_by=found + timedelta(hours=length))
	assert clock.after_a_change(each, stands, now) > now
