"""What a demo township is made of: invented people, and matters with their course. Pure Python.

Everything follows from the data, its seed and the time it is loaded, so two loads at the same moment are
the same.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

Option = TypeVar("Option")

DAY_BEGINS, DAY_ENDS = 7, 20
"""Hours between which people report and act."""


@dataclass(frozen=True)
class Person:
	"""An invented person: full name as written in Chinese, log-in made from the pinyin, and sex."""

	full_name: str
	login: str
	sex: str


@dataclass(frozen=True)
class Step:
	"""One step of a course: the action's seed and when it is taken."""

	action: str
	at: datetime


@dataclass(frozen=True)
class Matter:
	"""An issue to be: what was found where and when, and the steps taken up to now."""

	kind: Mapping[str, Any]
	title: str
	place: str
	location: str
	source: str
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


def matters(data: Mapping[str, Any], now: datetime, random: Random) -> list[Matter]:
	"""Return the matters of a demo as they stand at *now*, in the order in which they were found.

	Each course of *data* is taken exactly `count` times and to its end, whatever the moment: the last act lies
	within the last `days` of the course, or of the demo, and what came before is dated back from there. Kinds,
	places and sources are shared out by their weights.
	"""
	courses = [course for course in data["courses"] for _number in range(course["count"])]
	kinds, places, sources = (
		_shared_out(options, len(courses), random)
		for options in (
			[(kind, kind["weight"]) for kind in data["kinds"]],
			data["places"].items(),
			data["sources"].items(),
		)
	)
	made = []
	for course, kind, place, source in zip(courses, kinds, places, sources, strict=True):
		found_at, steps = _dated(course["steps"], course.get("days", data["days"]), now, random)
		made.append(
			Matter(
				kind=kind,
				title=random.choice(kind["titles"]),
				place=place,
				location=random.choice(kind["places"]),
				source=source,
				found_at=found_at,
				steps=steps,
			)
		)
	return sorted(made, key=lambda matter: matter.found_at)


def apportioned(total: int, weights: Sequence[float]) -> list[int]:
	"""Share out *total* by *weights* in whole numbers that add up to it, by the largest remainder."""
	whole = sum(weights)
	quotas = [total * weight / whole for weight in weights]
	counts = [int(quota) for quota in quotas]
	by_remainder = sorted(range(len(weights)), key=lambda at: (counts[at] - quotas[at], at))
	for at in by_remainder[: total - sum(counts)]:
		counts[at] += 1
	return counts


def _shared_out(options: Iterable[tuple[Option, float]], total: int, random: Random) -> list[Option]:
	"""Return *total* picks from *options*, each as often as its weight gives it, in random order."""
	names, weights = zip(*options, strict=True)
	counts = apportioned(total, weights)
	picks = [name for name, count in zip(names, counts, strict=True) for _number in range(count)]
	random.shuffle(picks)
	return picks


def _dated(
	course: Sequence[tuple[str, float, float]], days: float, now: datetime, random: Random
) -> tuple[datetime, tuple[Step, ...]]:
	"""Return when a matter was found and its steps: the last act within *days* before *now*, each by day."""
	at = _by_day(now - timedelta(days=days * random.random()), random)
	steps = []
	for action, least, most in reversed(course):
		steps.append(Step(action, at))
		at = _by_day(at - timedelta(hours=random.uniform(least, most)), random)
	return at, tuple(reversed(steps))


def _by_day(moment: datetime, random: Random) -> datetime:
	"""Return *moment* to the minute, or one late in the day before it when it lies at night."""
	if moment.hour < DAY_BEGINS:
		moment -= timedelta(days=1)
	if not DAY_BEGINS <= moment.hour < DAY_ENDS:
		moment = moment.replace(hour=DAY_ENDS - 1 - random.randrange(3), minute=random.randrange(60))
	return moment.replace(second=0, microsecond=0)
