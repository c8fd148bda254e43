"""Which rows of the ledger may be the same person."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import NamedTuple

from grid_governance.grid_ledger.rules.households import AWAY, LIVING_HERE
from grid_governance.grid_ledger.rules.numbers import one_apart

SAME_NUMBER, SAME_NAME_AND_BIRTH, SAME_PHONE, NUMBER_ONE_APART = (
	"Same Number",
	"Same Name and Birth",
	"Same Phone",
	"Number One Apart",
)
REGISTERED_AND_LIVING = "Registered Here, Living There"
"""One person in two households, one where she is registered and one where she lives (人户分离): no duplicate."""

REASONS = (SAME_NUMBER, NUMBER_ONE_APART, SAME_NAME_AND_BIRTH, SAME_PHONE)
"""Why two may be one, the strongest reason first."""

CROWD = 20
"""What more people than this share is the village office's phone or the day nobody knew, and says nothing of anybody."""


@dataclass(frozen=True)
class Person:
	"""What is compared of a person. *phones* and *number* as they are stored; empty where they are unknown."""

	name: str
	resident_name: str
	birth_date: date | None = None
	number: str = ""
	phones: tuple[str, ...] = ()
	household: str = ""


class Place(NamedTuple):
	"""Where a row says somebody is: her household, her status there, and whether she is registered elsewhere."""

	household: str
	status: str
	apart: bool = False


def pairs(people: Iterable[Person]) -> dict[tuple[str, str], str]:
	"""Return {(name, name): reason} of those of *people* that may be the same, each pair once with its strongest reason.

	Compared are only those who share something, so the work grows with the people, not with their pairs. A phone
	that members of one household share is the family's, unless they have one name.
	"""
	named = {person.name: person for person in people}
	found: dict[tuple[str, str], str] = {}
	for reason, alike in _sharing(named.values()):
		for one, other in combinations(sorted(alike), 2):
			number, another = named[one].number, named[other].number
			if reason == NUMBER_ONE_APART and not one_apart(number, another):
				continue
			if reason == SAME_PHONE and _one_family(named[one], named[other]):
				continue
			standing = found.get((one, other))
			if standing is None or REASONS.index(reason) < REASONS.index(standing):
				found[one, other] = reason
	return found


def registered_and_living(one: Place, other: Place) -> bool:
	"""Say whether two rows with one number are the place of registration and the place of living of one person.

	They stand in two households; and of one it is entered that she is not registered where she lives, or she lives in
	one and is away from the other. Both rows are right, each village keeps its own (domain B0.6).
	"""
	if one.household == other.household:
		return False
	return one.apart or other.apart or {one.status, other.status} == {LIVING_HERE, AWAY}


def _one_family(person: Person, other: Person) -> bool:
	same = person.household and person.household == other.household
	return bool(same) and person.resident_name != other.resident_name


def _sharing(people: Iterable[Person]) -> Iterator[tuple[str, set[str]]]:
	shared: dict[tuple[str, object], set[str]] = defaultdict(set)
	for person in people:
		if person.birth_date:
			shared[SAME_NAME_AND_BIRTH, (person.resident_name, person.birth_date)].add(person.name)
		for phone in person.phones:
			shared[SAME_PHONE, phone].add(person.name)
		if person.number:
			shared[SAME_NUMBER, person.number].add(person.name)
			for at in range(len(person.number) - 1):
				shared[NUMBER_ONE_APART, (at, person.number[:at], person.number[at + 1 : -1])].add(
					person.name
				)
	for (reason, _what), alike in shared.items():
		if 1 < len(alike) <= CROWD:
			yield reason, alike
