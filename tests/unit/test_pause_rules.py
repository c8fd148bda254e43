"""How long a clock may stand still, and what that does to its moments: literal dates, and what holds for all."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from grid_governance.grid_issues.rules.pauses import Pause, allowed, held, resumed, stood

BEGAN = datetime(2026, 2, 10, 9, 30)
PAUSE = Pause(BEGAN, datetime(2026, 3, 12, 9, 30))
"""Thirty days at most."""
DUE = datetime(2026, 2, 20, 12)
LATE = datetime(2026, 2, 10, 8)

MOMENTS = some.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1))
SPANS = some.timedeltas(timedelta(), timedelta(days=400))


def test_what_is_left_of_the_days_over_all_pauses():
	assert allowed(30, timedelta()) == timedelta(days=30)
	assert allowed(30, timedelta(days=12, hours=6)) == timedelta(days=17, hours=18)
	assert allowed(30, timedelta(days=31)) == timedelta()
	assert allowed(0, timedelta()) == timedelta()


def test_it_stands_still_until_it_goes_on_and_never_beyond_the_end_of_the_pause():
	assert stood(PAUSE, datetime(2026, 2, 15, 9, 30)) == timedelta(days=5)
	assert stood(PAUSE, datetime(2026, 3, 12, 9, 30)) == timedelta(days=30)
	assert stood(PAUSE, datetime(2026, 4, 1)) == timedelta(days=30), (
		"a sweep that comes late gives no more time"
	)
	assert stood(PAUSE, datetime(2026, 2, 1)) == timedelta()


def test_while_it_stands_still_what_is_due_is_as_late_as_it_can_become():
	assert held(DUE, PAUSE) == datetime(2026, 3, 22, 12)


def test_what_had_run_out_before_stays_run_out():
	assert held(LATE, PAUSE) == LATE
	assert resumed(LATE, PAUSE, datetime(2026, 2, 15, 9, 30)) == datetime(2026, 2, 15, 8)


def test_when_it_goes_on_what_is_due_has_moved_by_the_time_it_stood_still():
	assert resumed(held(DUE, PAUSE), PAUSE, datetime(2026, 2, 15, 9, 30)) == datetime(2026, 2, 25, 12)
	assert resumed(held(DUE, PAUSE), PAUSE, datetime(2026, 5, 1)) == datetime(2026, 3, 22, 12)


@given(moment=MOMENTS, began=MOMENTS, whole=SPANS, after=SPANS)
def test_a_pause_moves_every_moment_by_what_it_lasted(moment, began, whole, after):
	pause, now = Pause(began, began + whole), began + after
	assert resumed(held(moment, pause), pause, now) == moment + min(whole, after)


@given(moment=MOMENTS, began=MOMENTS, whole=SPANS, after=SPANS)
def test_during_a_pause_nothing_runs_out_and_nothing_comes_back(moment, began, whole, after):
	pause, now = Pause(began, began + whole), began + min(after, whole)
	assert (held(moment, pause) < now) == (moment < began)


@given(moment=MOMENTS, began=MOMENTS, whole=SPANS, after=SPANS)
def test_what_was_in_time_at_the_beginning_is_in_time_when_it_goes_on(moment, began, whole, after):
	pause, now = Pause(began, began + whole), began + min(after, whole)
	assert (resumed(held(moment, pause), pause, now) < now) == (moment < began)


@given(days=some.integers(0, 400), lasted=some.lists(SPANS, max_size=5))
def test_all_pauses_together_last_no_longer_than_the_days(days, lasted):
	used = timedelta()
	for span in lasted:
		pause = Pause(BEGAN, BEGAN + allowed(days, used))
		used += stood(pause, BEGAN + span)
	assert used <= timedelta(days=days)
