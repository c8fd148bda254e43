"""Which rows of the ledger may be the same person."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from grid_governance.grid_ledger.rules.numbers import one_apart

SAME_NUMBER, SAME_NAME_AND_BIRTH, SAME_PHONE, NUMBER_ONE_APART = (
	"Same Number",
	"Same Name and Birth",
	"Same Phone",
	"Number One Apart",
)
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


def pairs(people: Iterable[Person]) -> dict[tuple[str, str], str]:
	"""Return {(name, name): reason} of those of *people* that may be the same, each pair once with its strongest reason.

	Compared are only those who share something, so the work grows with the people, not with their pairs.
	"""
	people = {person.name: person for person in people}
	found: dict[tuple[str, str], str] = {}
	for reason, alike in _sharing(people.values()):
		for one, other in combinations(sorted(alike), 2):
			number, another = people[one].number, people[other].number
			if reason == NUMBER_ONE_APART and not one_apart(number, another):
				continue
			standing = found.get((one, other))
			if standing is None or REASONS.index(reason) < REASONS.index(standing):
				found[one, other] = reason
	return found


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
