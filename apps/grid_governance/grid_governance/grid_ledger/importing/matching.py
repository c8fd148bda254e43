"""Which household and which person of the ledger the rows of a file mean; what is not certain is a doubt. Pure Python."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from grid_governance.grid_ledger.rules.households import GONE

SEVERAL, NUMBER_DIFFERS, BIRTH_DIFFERS = "Several", "Number Differs", "Birth Differs"
"""Why it is not certain that somebody of the household is meant: several are of that name; hers is another number, or
another date of birth."""

STRANGERS, OTHER_NUMBER, RESEMBLES, UNDER_ANOTHER = "Strangers", "Other Number", "Resembles", "Under Another"
"""Why it is not certain that a household is meant: none of its people is in the rows; it has another number; its head
seems to be the same, and it lies in another grid, or there are several; the people of the rows live in it under
another head."""


@dataclass(slots=True)
class Person:
	"""A resident who stands in the ledger with what hangs on her, as far as the reader may read it.

	`row` has her fields, `identity` name, id_type, id_number_hash and household of her number, if any.
	"""

	name: str
	row: dict[str, Any]
	identity: dict[str, Any] | None = None
	contacts: list[dict[str, Any]] = field(default_factory=list)
	care: list[dict[str, Any]] = field(default_factory=list)

	@property
	def is_gone(self) -> bool:
		"""Whether she moved out or died."""
		return self.row["status"] in GONE


@dataclass(slots=True)
class Home:
	"""A household that stands in the ledger, with its people, those who are gone included.

	`is_seen` is false for one outside the reader's scope, of which she learns nothing but that its number is taken.
	"""

	name: str
	row: dict[str, Any]
	people: list[Person] = field(default_factory=list)
	is_seen: bool = True

	@property
	def head(self) -> Person | None:
		"""The head, if there is one."""
		return next((person for person in self.people if person.name == self.row["head"]), None)

	@property
	def living(self) -> list[Person]:
		"""Those who are not gone."""
		return [person for person in self.people if not person.is_gone]


@dataclass(frozen=True, slots=True)
class Wanted:
	"""Whom a row means: her name, her date of birth as the row or her number says it, the keyed hash of her number, and
	whether she is registered elsewhere than she lives."""

	name: str
	born: date | None = None
	id_type: str = ""
	id_hash: str = ""
	is_apart: bool = False


@dataclass(frozen=True, slots=True)
class Found:
	"""What was found for a row or a family: `doubt` says why none is certain, and `among` which it may be."""

	it: Any = None
	doubt: str = ""
	among: tuple[Any, ...] = ()


NOBODY = Found()


def people(rows: Sequence[Wanted], members: Sequence[Person], guess: bool = False) -> list[Found]:
	"""Return for each of *rows* which of the *members* of its household it means.

	By the hash of the number; then by name and date of birth; then by the name alone where one of both has no date of
	birth and nobody else has the name. Nobody is meant by two rows. With *guess*, for rows whose household somebody
	has chosen, a single one of the name is meant, and where there are several none is.
	"""
	by_hash = {
		member.identity["id_number_hash"]: member
		for member in members
		if member.identity and member.identity["id_number_hash"]
	}
	found = [Found(by_hash[row.id_hash]) if row.id_hash in by_hash else NOBODY for row in rows]
	taken = {one.it.name for one in found if one.it}
	named: dict[str, list[Person]] = {}
	for member in members:
		if member.name not in taken:
			named.setdefault(member.row["resident_name"], []).append(member)
	for at, row in enumerate(rows):
		if not found[at].it and row.name in named:
			one = found[at] = _named(row, named[row.name])
			if one.doubt and guess:
				one = found[at] = Found(one.among[0]) if len(one.among) == 1 else NOBODY
			if one.it:
				named[row.name] = [member for member in named[row.name] if member is not one.it]
	return found


def _named(row: Wanted, same: Sequence[Person]) -> Found:
	"""Which of *same*, who have the name of *row*, is meant."""
	if not same:
		return NOBODY
	born = [person for person in same if row.born and person.row["birth_date"] == row.born]
	open_ = [person for person in same if not (row.born and person.row["birth_date"])]
	if len(born) == 1 and (len(same) == 1 or not open_):
		return _unless_numbers_differ(row, born[0])
	if len(same) == 1 and open_:
		return _unless_numbers_differ(row, same[0])
	return Found(doubt=SEVERAL if born or open_ else BIRTH_DIFFERS, among=tuple(same))


def _unless_numbers_differ(row: Wanted, person: Person) -> Found:
	if _numbers_differ(row, person):
		return Found(doubt=NUMBER_DIFFERS, among=(person,))
	return Found(person)


def _numbers_differ(row: Wanted, person: Person) -> bool:
	known = person.identity
	return bool(
		known
		and row.id_hash
		and known["id_type"] == row.id_type
		and known["id_number_hash"] not in ("", None, row.id_hash)
	)


def is_surely(row: Wanted, person: Person) -> bool:
	"""Say whether *row* means *person* wherever she stands: one number, or one name, one date of birth and no other number."""
	if person.identity and row.id_hash and person.identity["id_number_hash"] == row.id_hash:
		return True
	is_born = bool(row.born) and person.row["birth_date"] == row.born
	return person.row["resident_name"] == row.name and is_born and not _numbers_differ(row, person)


def _may_be(row: Wanted, person: Person) -> bool:
	"""Whether nothing but a missing date of birth speaks against *person*."""
	is_open = not (row.born and person.row["birth_date"])
	return person.row["resident_name"] == row.name and is_open and not _numbers_differ(row, person)


def numbered(home: Home, rows: Sequence[Wanted], head: Wanted | None = None) -> Found:
	"""Say whether *home*, which has the number that the *rows* give for their household, is meant: not by other people.

	Somebody of the rows is known there, or the *head* whom they name: of a household that is written a row may follow alone.
	"""
	if not rows or not home.living:
		return Found(home)
	rows = [*rows, head] if head else rows
	named = {person.row["resident_name"] for person in home.people}
	hashes = {person.identity["id_number_hash"] for person in home.people if person.identity}
	if any(row.name in named or (row.id_hash and row.id_hash in hashes) for row in rows):
		return Found(home)
	return Found(doubt=STRANGERS, among=(home,))


def unnumbered(
	head: Wanted | None, rows: Sequence[Wanted], number: str, grid: str, homes: Iterable[Home]
) -> Found:
	"""Return which of *homes*, households of the village in which somebody of the rows may live, the rows mean.

	The one of their *grid* whose head is theirs, by number or by name and date of birth; then the only one whose head has
	the name and nothing speaks against it. Without a *head* the one in which somebody of the *rows* surely lives. A
	doubt is one with another *number* than the rows', one of another grid with their head, unless she is registered
	elsewhere than she lives, and one in which half of the rows, two at least, live under another head.
	"""
	homes = [home for home in homes if home.row["status"] == "Active"]
	if head:
		sure = [home for home in homes if home.head and is_surely(head, home.head)]
		here = [home for home in homes if home.row["grid"] == grid]
		fit = [home for home in sure if home in here] or [
			home for home in here if home.head and _may_be(head, home.head) and _agrees(home, number)
		]
		if sure and not fit and not head.is_apart:
			return Found(doubt=RESEMBLES, among=tuple(sure))
	else:
		fit = [home for home in homes if _sure(rows, home.people)]
	if len(fit) == 1:
		return Found(fit[0]) if _agrees(fit[0], number) else Found(doubt=OTHER_NUMBER, among=(fit[0],))
	if fit:
		return Found(doubt=RESEMBLES, among=tuple(fit))
	alike = [home for home in homes if 2 * _sure(rows, home.living) >= max(len(rows), 3)]
	return Found(doubt=UNDER_ANOTHER, among=tuple(alike)) if alike else NOBODY


def _sure(rows: Collection[Wanted], members: Collection[Person]) -> int:
	return sum(any(is_surely(row, person) for person in members) for row in rows)


def _agrees(home: Home, number: str) -> bool:
	known = home.row["household_no"]
	return not (known and number and known != number)
