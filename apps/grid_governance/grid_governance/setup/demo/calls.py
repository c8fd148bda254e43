"""On which days the households of a demo are called on. Pure Python."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

MET, NOBODY_HOME = "Met", "Nobody Home"

FIRST_HOUR, LAST_HOUR = 8, 20
"""Hours within which people are called on; the evening is for those who work."""

TRIED_IN_VAIN = 0.12
"""Share of the visits before which nobody was at home."""

PUT_OFF = 0.15
"""Share of the must-visits that are still to come though they were due."""

EARLY = 3
"""Days by which a must-visit comes before it is due, at most."""


@dataclass(frozen=True)
class Call:
	"""A visit to be: when, and whether somebody was met."""

	at: datetime
	outcome: str


def calls(
	periods: Sequence[tuple[date, date]], every: int | None, now: datetime, random: Random
) -> list[Call]:
	"""Return when a household is called on in *periods* up to *now*, in order: at least once in each that has passed.

	In the last period, the present one, as many households have been called on as days of it are gone. *every*: days
	between must-visits to somebody of the household, None without such.
	"""
	wanted = list(_must_days(periods[0][0], every, now.date(), random)) if every else []
	for start, end in periods:
		if not any(start < day <= end for day in wanted):
			wanted.append(start + timedelta(days=random.randint(1, max((end - start).days, 1))))
	made = []
	for day in sorted(wanted):
		met = Call(_hour(day, random), MET)
		if random.random() < TRIED_IN_VAIN and not any(day == start for start, _end in periods):
			made.append(Call(_hour(day - timedelta(days=1), random), NOBODY_HOME))
		made.append(met)
	return [call for call in made if call.at <= now]


def _must_days(first: date, every: int, today: date, random: Random) -> Iterator[date]:
	day = first + timedelta(days=random.randint(1, every))
	while day <= today:
		following = day + timedelta(days=max(every - random.randint(0, min(EARLY, every - 1)), 1))
		if following <= today or random.random() >= PUT_OFF:
			yield day
		day = following


def _hour(day: date, random: Random) -> datetime:
	minutes = random.randrange((LAST_HOUR - FIRST_HOUR) * 60)
	return datetime.combine(day, time(FIRST_HOUR)) + timedelta(minutes=minutes)
