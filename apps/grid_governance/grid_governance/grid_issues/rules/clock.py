"""When the clock of an issue acts: it reminds, lets the issue climb, ends a pause. Pure Python (B0.8, B2 W1).

Moments are computed from what is stored, so that a job that comes late does once what is due, and a second one nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from grid_governance.grid_issues import rules

FIRST_RETRY, LAST_RETRY = timedelta(minutes=10), timedelta(days=1)


@dataclass(frozen=True)
class Clock:
	"""What the clock of an issue hangs on.

	*stage* of its state; *climbs*: the workflow has a step of the clock's from it. The span is from *starts_at* to
	*due_by*; *percents* of it are told, *reminded* of them have been. *last_at*: when its time began anew (see
	`starts_anew`). *repeat_hours*: after how long it climbs again, 0 for never. *instruction_due*: by when somebody above
	wants it done. *pause_ends*: when a pause is over.
	"""

	stage: str
	climbs: bool = False
	starts_at: datetime | None = None
	due_by: datetime | None = None
	percents: tuple[int, ...] = ()
	reminded: int = 0
	last_at: datetime | None = None
	repeat_hours: int = 0
	instruction_due: datetime | None = None
	pause_ends: datetime | None = None


def reminder_times(starts_at: datetime, due_by: datetime, percents: Iterable[int]) -> list[datetime]:
	"""Return the moments at which *percents* of the span are over, the earliest first; 0 and 100 are none."""
	span = due_by - starts_at
	return [starts_at + span * percent / 100 for percent in sorted(set(percents)) if 0 < percent < 100]


def reminders_due(starts_at: datetime, due_by: datetime, percents: Iterable[int], at: datetime) -> int:
	"""Return how many reminders were to be given up to *at*."""
	return sum(moment <= at for moment in reminder_times(starts_at, due_by, percents))


def next_reminder(
	starts_at: datetime | None,
	due_by: datetime | None,
	percents: Iterable[int],
	reminded: int,
	now: datetime,
) -> datetime | None:
	"""Return when the next reminder is to be given after *reminded* of them, None for none. Once late, none is."""
	if not starts_at or not due_by or due_by <= now:
		return None
	times = reminder_times(starts_at, due_by, percents)
	return times[reminded] if reminded < len(times) else None


def next_escalation(
	due_by: datetime | None,
	last_at: datetime | None,
	repeat_hours: int,
	instruction_due: datetime | None = None,
) -> datetime | None:
	"""Return when an issue climbs that may climb: at its due time, then each *repeat_hours* after *last_at*.

	An instruction has its own time, and the issue climbs when that is over, sooner or later than it is due; 0 hours: it
	does not climb a second time.
	"""
	if instruction_due and (not last_at or last_at < instruction_due):
		return instruction_due
	if not due_by or not last_at or last_at < due_by:
		return due_by
	return last_at + timedelta(hours=repeat_hours) if repeat_hours > 0 else None


def escalation_of(clock: Clock) -> datetime | None:
	"""Return when the issue of *clock* climbs, None where it does not."""
	if clock.stage != rules.OPEN or not clock.climbs:
		return None
	return next_escalation(clock.due_by, clock.last_at, clock.repeat_hours, clock.instruction_due)


def after_a_change(clock: Clock, stands: datetime | None, now: datetime) -> datetime | None:
	"""Return when the issue of *clock* climbs after the workflow was changed at *now*; it was to climb at *stands*.

	What is late already does not climb at once, with hundreds of others, but when its level has had its hours.
	"""
	if clock.stage != rules.OPEN or not clock.climbs:
		return None
	ahead = [moment for moment in (clock.instruction_due, clock.due_by, stands) if moment and moment > now]
	if ahead:
		return ahead[0]
	return now + timedelta(hours=clock.repeat_hours) if clock.due_by else None


def acts_at(clock: Clock, climbs_at: datetime | None, now: datetime) -> datetime | None:
	"""Return when the clock has next anything to do, None for nothing. While it stands still, only to start again."""
	if clock.stage == rules.PAUSED:
		return clock.pause_ends
	if clock.stage != rules.OPEN:
		return None
	reminder = next_reminder(clock.starts_at, clock.due_by, clock.percents, clock.reminded, now)
	return min((moment for moment in (reminder, climbs_at) if moment), default=None)


def reminders_given(clock: Clock, now: datetime) -> int:
	"""Return how many reminders count as given when the span may have become another: never more than were due."""
	if not clock.reminded or not clock.starts_at or not clock.due_by or clock.due_by <= now:
		return clock.reminded
	return min(clock.reminded, reminders_due(clock.starts_at, clock.due_by, clock.percents, now))


def starts_anew(before: rules.State, after: rules.State, by_clock: bool) -> bool:
	"""Say whether the time of the level begins with this step: one of the clock's, one handed down, one taken up again.

	*by_clock*: the action is the clock's, whoever took it. A step on the same level moves nothing: it would put off
	what it is to answer for.
	"""
	if before.name == after.name:
		return False
	return by_clock or before.stage != rules.OPEN or rules.higher(after.level, before.level)


def last_start(steps: Sequence[tuple[datetime, rules.State, rules.State, bool]]) -> datetime | None:
	"""Return when the time began anew by *steps* (when, from, to, by the clock's action), the latest first."""
	return next((at for at, before, after, by_clock in steps if starts_anew(before, after, by_clock)), None)


def retry_after(tries: int) -> timedelta:
	"""Return after how long an issue is tried again on which the clock has failed *tries* times."""
	return min(FIRST_RETRY * (1 << min(max(tries, 1) - 1, 10)), LAST_RETRY)
