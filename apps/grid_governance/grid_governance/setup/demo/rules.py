"""What a demo township is made of: invented people, and matters with their course. Pure Python.

Everything follows from the data, its seed and the time it is loaded, so two loads at the same moment are
the same.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

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


def people(names: Mapping[str, Sequence[Sequence[str]]], random: Random) -> Iterator[Person]:
	"""Yield invented people, no name and no log-in twice, until the combinations are used up."""
	combinations = list(itertools.product(names["surnames"], names["given"]))
	random.shuffle(combinations)
	seen: set[str] = set()
	for (surname, surname_pinyin), (given, given_pinyin, sex) in combinations:
		login = surname_pinyin + given_pinyin
		if login not in seen:
			seen.add(login)
			yield Person(surname + given, login, sex)


def matters(data: Mapping[str, Any], now: datetime, random: Random) -> list[Matter]:
	"""Return the matters of a demo in the order in which they were found.

	Steps that would lie after *now* have not been taken, which leaves some matters open.
	"""
	made = [_matter(data, now, random) for _number in range(data["count"])]
	return sorted(made, key=lambda matter: matter.found_at)


def _matter(data: Mapping[str, Any], now: datetime, random: Random) -> Matter:
	kind = _weighted(data["kinds"], random)
	recent = data["recent"]
	days = recent["days"] if random.random() < recent["share"] else data["days"]
	found_at = _by_day(now - timedelta(days=days * random.random()), random).replace(second=0, microsecond=0)
	if found_at > now:
		found_at -= timedelta(days=1)
	return Matter(
		kind=kind,
		title=random.choice(kind["titles"]),
		place=_chosen(data["places"], random),
		location=random.choice(kind["places"]),
		source=_chosen(data["sources"], random),
		found_at=found_at,
		steps=tuple(_taken(_weighted(data["courses"], random)["steps"], found_at, now, random)),
	)


def _taken(
	course: Iterable[tuple[str, float, float]], at: datetime, now: datetime, random: Random
) -> Iterator[Step]:
	for action, least, most in course:
		at = _by_day(at + timedelta(hours=random.uniform(least, most)), random)
		if at > now:
			return
		yield Step(action, at)


def _by_day(moment: datetime, random: Random) -> datetime:
	"""Return *moment*, or one in the morning that follows it when it lies at night, to the second."""
	if moment.hour >= DAY_ENDS:
		moment += timedelta(days=1)
	if not DAY_BEGINS <= moment.hour < DAY_ENDS:
		moment = moment.replace(hour=DAY_BEGINS + random.randrange(3), minute=random.randrange(60))
	return moment.replace(microsecond=0)


def _weighted(options: Sequence[Mapping[str, Any]], random: Random) -> Mapping[str, Any]:
	return random.choices(options, [option["weight"] for option in options])[0]


def _chosen(weights: Mapping[str, int], random: Random) -> str:
	return random.choices(list(weights), list(weights.values()))[0]
