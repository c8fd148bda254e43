"""What a demo township is made of: invented people, and matters with their course. Pure Python.

Everything follows from the data, its seed and the time it is loaded, so two loads at the same moment are
the same.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

Option = TypeVar("Option")

DAY_BEGINS, DAY_ENDS = 7, 20
"""Hours between which people report and act."""

CLOCK = "clock/escalate"
"""The step of a course that nobody takes: the clock's, when the time is over."""

RUNS = timedelta(minutes=10)
"""How often the clock looks."""

GROUPS = "一二三四五六七八九"
"""Numbers of villagers' groups."""


@dataclass(frozen=True)
class Person:
	"""An invented person: full name as written in Chinese, log-in made from the pinyin, and sex."""

	full_name: str
	login: str
	sex: str


@dataclass(frozen=True)
class Step:
	"""One step of a course: the action's seed and when it is taken.

	*party*: how many departments are asked, or which of them acts, from 0 for the one in the lead.
	"""

	action: str
	at: datetime
	party: int = 0


@dataclass(frozen=True)
class Matter:
	"""An issue to be: what was found where and when, by whom, and the steps taken up to now."""

	kind: Mapping[str, Any]
	title: str
	spot: str
	description: str
	place: str
	source: str
	reported_by: str
	found_at: datetime
	steps: tuple[Step, ...]


def people(
	names: Mapping[str, Sequence[Sequence[str]]], random: Random, taken: Iterable[str] = ()
) -> Iterator[Person]:
	"""Yield invented people without end; no log-in twice, and none of *taken*.

	Every combination of names comes once before one comes again. Log-ins that are the same in pinyin are
	numbered from the second on.
	"""
	combinations = list(itertools.product(names["surnames"], names["given"]))
	gone = set(taken)
	numbers: Counter[str] = Counter()
	while True:
		random.shuffle(combinations)
		for (surname, surname_pinyin), (given, given_pinyin, sex) in combinations:
			pinyin = login = surname_pinyin + given_pinyin
			while not numbers[pinyin] or login in gone:
				numbers[pinyin] += 1
				login = pinyin if numbers[pinyin] == 1 else f"{pinyin}{numbers[pinyin]}"
			gone.add(login)
			yield Person(surname + given, login, sex)


def holdings(villages: Sequence[str], count: int) -> list[list[int]]:
	"""Share out a post in units, whose village *villages* names for each, among *count* people.

	Returns for each person the places of her units in *villages*. With fewer people than units everyone has at
	least one unit and several hold neighbouring ones of the same village; else everyone has one, and units have
	as even a number of people as possible. Raises ValueError where there are more villages than people.
	"""
	if count >= len(villages):
		return [[unit] for unit, held in enumerate(even(count, len(villages))) for _number in range(held)]
	units: dict[str, list[int]] = {}
	for unit, village in enumerate(villages):
		units.setdefault(village, []).append(unit)
	if count < len(units):
		raise ValueError(f"{count} people are too few for {len(units)} villages")
	held: list[list[int]] = []
	more = apportioned(count - len(units), [len(of_village) - 1 for of_village in units.values()])
	for of_village, further in zip(units.values(), more, strict=True):
		following = iter(of_village)
		held += [list(itertools.islice(following, size)) for size in even(len(of_village), 1 + further)]
	return held


def even(total: int, parts: int) -> list[int]:
	"""Split *total* into *parts* whole numbers that differ by one at most, the larger ones scattered evenly."""
	return [(part + 1) * total // parts - part * total // parts for part in range(parts)]


def matters(
	data: Mapping[str, Any],
	texts: Mapping[str, Any],
	now: datetime,
	random: Random,
	pace: Callable[[str], float] = lambda _category: 1.0,
) -> list[Matter]:
	"""Return the matters of a demo as they stand at *now*, in the order in which they were found.

	Each course of *data* is taken exactly `count` times and to its end, whatever the moment: the last act lies
	within the last `days` of the course, or of the demo, and what came before is dated back from there. The hours
	of a course are those of a week's matter; *pace* says by category how much longer others take. Kinds, places
	and sources are shared out by their weights, what is said of them is drawn from *texts*.
	"""
	courses = [course for course in data["courses"] for _number in range(course["count"])]
	kinds, places = (
		_shared_out(options.items(), len(courses), random)
		for options in (data["kinds"], data.get("places", {"": 1}))
	)
	own = [course for course in courses if "source" not in course]
	sources = iter(_shared_out(data["sources"].items(), len(own), random))
	made = []
	for course, key, place in zip(courses, kinds, places, strict=True):
		kind = texts["kinds"][key]
		found_at, steps = _dated(
			course["steps"], course.get("days", data["days"]), now, random, pace(kind["category"])
		)
		source = course["source"] if "source" in course else next(sources)
		spot = _spot(random.choice(texts["spots"][data["setting"]][kind["at"]]), random)
		what = random.choice(kind["what"])
		made.append(
			Matter(
				kind=kind,
				title=f"{spot}{what}",
				spot=spot,
				description=f"{texts['found'][source]}：{spot}{what}，{random.choice(kind['so'])}。",
				place=place,
				source=source,
				reported_by=course.get("reported_by", ""),
				found_at=found_at,
				steps=steps,
			)
		)
	return sorted(made, key=lambda matter: matter.found_at)


def timed_by_clock(matter: Matter, due_by: Callable[[datetime], datetime]) -> Matter:
	"""Return *matter*, found so that its time is over when its course has the clock act; as it is where that never does.

	*due_by* says until when a matter found at a moment is to be resolved. What comes after the clock stays; what comes
	before moves with the finding, or is spread over the time when it took longer.
	"""
	at = next((at for at, step in enumerate(matter.steps) if step.action == CLOCK), None)
	if at is None:
		return matter
	drawn = matter.steps[at].at
	found_at = drawn - (due_by(drawn) - drawn)
	while due_by(found_at) > drawn:
		found_at -= timedelta(days=1)
	due = due_by(found_at)
	moments = [step.at + (found_at - matter.found_at) for step in matter.steps[:at]]
	if moments and moments[-1] >= due:
		moments = [found_at + (due - found_at) * (place + 1) / (at + 1) for place in range(at)]
	moments.append(min(due + (datetime.min - due) % RUNS, drawn))
	steps = (
		replace(step, at=moment.replace(second=0, microsecond=0))
		for step, moment in zip(matter.steps, moments, strict=False)
	)
	return replace(matter, found_at=found_at, steps=(*steps, *matter.steps[at + 1 :]))


def apportioned(total: int, weights: Sequence[float]) -> list[int]:
	"""Share out *total* by *weights* in whole numbers that add up to it, by the largest remainder."""
	whole = sum(weights)
	quotas = [total * weight / whole for weight in weights]
	counts = [int(quota) for quota in quotas]
	by_remainder = sorted(range(len(weights)), key=lambda at: (counts[at] - quotas[at], at))
	for at in by_remainder[: total - sum(counts)]:
		counts[at] += 1
	return counts


def strewn(centre: Sequence[float], *parts: str) -> tuple[float, float]:
	"""Return a point about *centre* (latitude, longitude): village (the first of *parts*) by village, then grid by grid.

	The same parts give the same point.
	"""
	at = list(centre)
	for part, spread in zip(parts, (0.02, 0.004), strict=True):
		draw = Random(part)
		at = [each + draw.gauss(0, spread) for each in at]
	return at[0], at[1]


def _shared_out(options: Iterable[tuple[Option, float]], total: int, random: Random) -> list[Option]:
	"""Return *total* picks from *options*, each as often as its weight gives it, in random order."""
	names, weights = zip(*options, strict=True)
	counts = apportioned(total, weights)
	picks = [name for name, count in zip(names, counts, strict=True) for _number in range(count)]
	random.shuffle(picks)
	return picks


def _spot(pattern: str, random: Random) -> str:
	"""Return a place of the kind that *pattern* names: `{n}` a house, `{u}` an entrance, `{g}` a group."""
	return pattern.format(n=random.randint(1, 36), u=random.randint(1, 6), g=random.choice(GROUPS))


def _dated(
	course: Sequence[Sequence[Any]], days: float, now: datetime, random: Random, pace: float
) -> tuple[datetime, tuple[Step, ...]]:
	"""Return when a matter was found and its steps: the last act within *days* before *now*, each by day."""
	at = _by_day(now - timedelta(days=days * random.random()), random)
	steps = []
	for action, least, most, *party in reversed(course):
		steps.append(Step(action, at, *party))
		at = _by_day(at - timedelta(hours=pace * random.uniform(least, most)), random)
	return at, tuple(reversed(steps))


def _by_day(moment: datetime, random: Random) -> datetime:
	"""Return *moment* to the minute, or one late in the day before it when it lies at night."""
	if moment.hour < DAY_BEGINS:
		moment -= timedelta(days=1)
	if not DAY_BEGINS <= moment.hour < DAY_ENDS:
		moment = moment.replace(hour=DAY_ENDS - 1 - random.randrange(3), minute=random.randrange(60))
	return moment.replace(second=0, microsecond=0)
