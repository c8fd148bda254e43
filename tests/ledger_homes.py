"""The households that files of townships are made of: drawn by a seed, and spoilt as people spoil them. Pure Python.

Nobody of them lives: see `grid_governance/setup/demo/families.py`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from grid_governance.setup.demo import families
from tests.ledger_mistakes import Mistake, Slip, spoil_row

NAMES = Path(families.__file__).parent / "names.json"
Values = dict[str, Any]

CARE = ("elder-alone", "empty-nest", "left-behind-elder", "disabled", "allowance")
"""Seeds of care categories that need neither a guardian nor a consent."""


@dataclass(frozen=True)
class Place:
	"""A grid that households lie in: the name of its village, its own name and code."""

	village: str
	grid: str
	code: str


@dataclass
class Person:
	"""A row: *values* by target as they are, *cells* those that are written otherwise than they are.

	*mistake* is why the row is to be refused, *slip* what is to be understood all the same.
	"""

	values: Values
	cells: Values = field(default_factory=dict)
	mistake: Mistake | None = None
	slip: Slip | None = None

	@property
	def name(self) -> str:
		return self.values["Resident.resident_name"]


@dataclass
class Home:
	"""A household: *values* by target (also of the grid), its people with the head first."""

	values: Values
	people: list[Person]


def homes(
	places: Sequence[Place],
	households: int,
	people: int,
	seed: int,
	today: date,
	care: Mapping[str, str] | None = None,
) -> list[Home]:
	"""Return so many *people* in so many *households*, shared out evenly over *places* in their order, as on *today*.

	*care*: name of the category by its seed, see `CARE`. Numbers of households are counted in each village.
	"""
	random = Random(seed)
	drawn = families.Families(_names(), random, today)
	numbers: dict[str, int] = {}
	found = []
	for at, size in enumerate(families.sizes(households, people, random)):
		place = places[at * len(places) // households]
		number = numbers[place.village] = numbers.get(place.village, 0) + 1
		found.append(_home(place, number, drawn.family(size), random, care or {}))
	return found


def spoil(
	homes: Sequence[Home], kinds: Sequence[Mistake | Slip], seed: int = 1, each: int = 1
) -> dict[Mistake | Slip, list[Person]]:
	"""Put each of *kinds* into *each* households (no household has two), and return who was hit by it.

	A mistake that makes a whole household impossible hits all of its people. Raises ValueError when there are too few.
	"""
	random = Random(seed)
	waiting = list(homes)
	random.shuffle(waiting)
	hit: dict[Mistake | Slip, list[Person]] = {}
	for kind in (kind for kind in kinds for _ in range(each)):
		for home in waiting:
			if people := spoil_row(kind, home.people):
				waiting.remove(home)
				break
		else:
			raise ValueError(f"no household is left for {kind}")
		for person in people:
			if isinstance(kind, Mistake):
				person.mistake = kind
			else:
				person.slip = kind
		hit.setdefault(kind, []).extend(people)
	return hit


def let_live_elsewhere(homes: Sequence[Home], count: int, seed: int = 1) -> list[tuple[Person, Person]]:
	"""Enter *count* people a second time, as lodgers of another household, each with her number; return both rows of each."""
	random, pairs = Random(seed), []
	for here, there in zip(*[iter(random.sample(list(homes), 2 * count))] * 2, strict=True):
		person = random.choice(here.people)
		lodger = Person(person.values | {"Resident.relation_to_head": "Not Related"}, dict(person.cells))
		there.people.append(lodger)
		pairs.append((person, lodger))
	return pairs


def everybody(homes: Sequence[Home]) -> Iterator[Person]:
	"""Yield all people of *homes*."""
	for home in homes:
		yield from home.people


def _home(
	place: Place, number: int, family: Sequence[families.Member], random: Random, care: Mapping[str, str]
) -> Home:
	values = {
		"Grid.village": place.village,
		"Grid.name": place.grid,
		"Grid.code": place.code,
		"Household.household_no": f"{number:04d}",
		"Household.address": f"{place.grid}{random.randrange(1, 60)}巷{number}号",
		"Household.residence_state": "Residing",
	}
	people, names = [], set()
	for member in family:
		name = member.name
		while name in names:  # nobody is called like somebody in the same house
			name = name[:1] + random.choice(_names()["given"])[0]
		names.add(name)
		people.append(Person(_person(member, name, random, care)))
	return Home(values, people)


def _person(member: families.Member, name: str, random: Random, care: Mapping[str, str]) -> Values:
	grown = member.guardian is None
	return {
		"Resident.resident_name": name,
		"Resident.relation_to_head": member.relation,
		"Resident.sex": member.sex,
		"Resident Identity.id_number": member.number,
		"Resident.birth_date": member.born,
		"Resident.ethnicity": "汉族",
		"Resident.education": random.choice(("Primary School", "Junior Middle School", "College"))
		if grown
		else None,
		"Resident.political_status": random.choice(("No Party", "No Party", "Party Member"))
		if grown
		else None,
		"Resident.occupation": random.choice(("务农", "务工", "个体经营", None)) if grown else None,
		"Resident.population_type": "Registered",
		"Resident.status": "Away" if member.away else "Living Here",
		"Resident Contact.phone": member.phone or None,
		**{f"Resident Care.{care[key]}": "是" for key in member.care if key in care and key in CARE},
	}


@cache
def _names() -> Mapping[str, Sequence[Sequence[str]]]:
	return json.loads(NAMES.read_text("utf-8"))
