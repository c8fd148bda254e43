"""Until when a matter is to be done: which span holds for it, and when that span ends. Pure Python (e29, D7)."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

HOURS, DAYS, MONTHS = UNITS = ("Hours", "Days", "Months")

LONGEST = {HOURS: 87_600, DAYS: 3_650, MONTHS: 120}
"""The most of each unit that a span may be: ten years."""

FINISH, INFORM, RETURN, EXTEND = PURPOSES = ("Finish", "Inform", "Return", "Extend")
"""What a span is for: to resolve the matter, to tell the petitioner that it is in hand, to say that it is not ours,
and the most that one extension gives."""


@dataclass(frozen=True)
class Span:
	"""A number of hours, days or calendar months; *working*: days skip those on which nobody works."""

	number: int
	unit: str = DAYS
	working: bool = False


def sound(number: int, unit: str) -> bool:
	"""Say whether a span of *number* *unit* is one: neither nothing nor longer than anybody waits."""
	return 0 < number <= LONGEST.get(unit, 0)


@dataclass(frozen=True)
class ClockRule:
	"""A span for a purpose, of matters of one source, of one urgency, of both, or (both empty) of all."""

	purpose: str
	span: Span
	source: str = ""
	urgency: str = ""


def span_for(
	purpose: str,
	source: str,
	urgency: str,
	tables: Sequence[Iterable[ClockRule]],
	otherwise: Span | None = None,
) -> Span | None:
	"""Return the span that holds, of *tables* of rules, the nearest (the township's) first; *otherwise* when none does.

	A rule that names the source goes before one that names none, since a law on how a matter came says more than
	how urgent it is (D7); then one that names the urgency; then the nearer table.
	"""
	fitting = [
		((not rule.source, not rule.urgency, at), rule.span)
		for at, table in enumerate(tables)
		for rule in table
		if rule.purpose == purpose and rule.source in ("", source) and rule.urgency in ("", urgency)
	]
	return min(fitting, key=lambda each: each[0])[1] if fitting else otherwise


def twice(rules: Sequence[ClockRule]) -> tuple[int, int] | None:
	"""Return the places (from 0) of the first two *rules* for the same purpose, source and urgency, None for none."""
	seen: dict[tuple[str, str, str], int] = {}
	for at, rule in enumerate(rules):
		first = seen.setdefault((rule.purpose, rule.source, rule.urgency), at)
		if first != at:
			return first, at
	return None


def ends(start: datetime, span: Span, works: Callable[[date], bool]) -> datetime:
	"""Return when *span* is over that begins at *start*, at the same time of the day unless it is one of hours, or one of
	working days that begins on a day off.

	*works* says whether a day is a working day.
	"""
	if span.unit == HOURS:
		return start + timedelta(hours=span.number)
	if span.unit == MONTHS:
		return months_later(start, span.number)
	if span.working:
		return working_days_later(start, span.number, works)
	return start + timedelta(days=span.number)


def months_later(moment: datetime, months: int) -> datetime:
	"""Return the same day and time *months* later, the last day of that month where it is shorter."""
	years, month = divmod(moment.month - 1 + months, 12)
	year, month = moment.year + years, month + 1
	return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def working_days_later(moment: datetime, days: int, works: Callable[[date], bool]) -> datetime:
	"""Return the same time *days* working days later; the day of *moment* itself does not count.

	What begins on a day off has the whole of its last day, so that nobody loses the hours that she was off.
	"""
	day = moment.date()
	while days:
		day += timedelta(days=1)
		days -= works(day)
	return datetime.combine(day, moment.time() if works(moment.date()) else time.max)


def overdue(
	due: datetime | None, resolved_at: datetime | None, over_at: datetime | None, now: datetime
) -> bool:
	"""Say whether a matter is late at *now*: neither resolved nor over, and its time has run out."""
	return due is not None and not resolved_at and not over_at and due < now


def on_time(due: datetime | None, resolved_at: datetime | None) -> bool | None:
	"""Say whether a matter was resolved in time, None while it is not resolved or has no due time."""
	if not due or not resolved_at:
		return None
	return resolved_at <= due
