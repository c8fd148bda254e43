"""The families of a demo: who lives behind a door, how old, how related, who is looked after. Pure Python.

All of it follows from a seeded generator. Nobody of it lives: numbers begin with a division that there is not, and
phones with a prefix that no person is given.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from stdnum.iso7064 import mod_11_2

from grid_governance.grid_ledger.rules.ages import age
from grid_governance.grid_ledger.rules.numbers import FEMALE, MALE

NO_DIVISION = "990000"
NO_PREFIX = "1400"
"""Of phones: numbers of machines have 13 digits there, and nobody has 11."""

LARGEST = 7
ELDER_AGE = 65
ADULT = 18

Names = Mapping[str, Sequence[Sequence[str]]]


@dataclass(frozen=True)
class Member:
	"""One person of a family. *care*: keys of seeded care categories; *guardian*: place of the guardian in the family."""

	name: str
	sex: str
	born: date
	relation: str
	number: str
	phone: str = ""
	away: bool = False
	care: tuple[str, ...] = ()
	guardian: int | None = None


def sizes(households: int, people: int, random: Random) -> list[int]:
	"""Return how many live in each of *households*, 1 to `LARGEST`, *people* in all.

	Raises ValueError when so many people do not fit, or do not fill, so many households.
	"""
	if not households <= people <= households * LARGEST:
		raise ValueError(f"{people} people do not fit {households} households")
	found = [1] * households
	open_ = list(range(households))
	for _ in range(people - households):
		at = random.randrange(len(open_))
		found[open_[at]] += 1
		if found[open_[at]] == LARGEST:
			open_[at] = open_[-1]
			open_.pop()
	return found


class Families:
	"""Draws families by *random*, as they would stand on *today*; no number and no phone comes twice."""

	def __init__(self, names: Names, random: Random, today: date) -> None:
		self._random, self._today = random, today
		self._surnames = [surname for surname, _pinyin in names["surnames"]]
		self._given = {
			sex: [given for given, _pinyin, of in names["given"] if of == sex] for sex in (MALE, FEMALE)
		}
		self._numbers: set[str] = set()
		self._phones = iter(random.sample(range(10**7), 10**6))

	def family(self, size: int) -> list[Member]:
		"""Return a family of *size*, its head first."""
		drawn = list(self._kin(size))
		ages = [years for _relation, years, _sex in drawn]
		surname = self._random.choice(self._surnames)
		return [
			self._member(relation, years, sex, surname, ages, at)
			for at, (relation, years, sex) in enumerate(drawn)
		]

	def _kin(self, size: int) -> Iterator[tuple[str, int, str]]:
		"""Relation to the head, age, sex of each of a family of *size*."""
		luck, years = self._random.random(), self._random.randint
		if size == 1:
			yield "Head", years(66, 90) if luck < 0.55 else years(25, 60), self._sex()
			return
		if size == 2 and luck < 0.1:
			yield "Head", years(62, 76), self._sex()
			yield "Grandchild", years(4, 14), self._sex()
			return
		head = years(65, 86) if size == 2 and luck < 0.55 else years(27, 58)
		yield "Head", head, MALE
		yield "Spouse", max(head - years(-2, 5), 22), FEMALE
		left = size - 2
		eldest = head - years(23, 27)
		for child in range(min(left, self._random.choice((1, 2, 2, 3)))):
			sex = self._sex()
			yield "Son" if sex == MALE else "Daughter", max(eldest - child * years(2, 5), 0), sex
			left -= 1
		for sex in (MALE, FEMALE)[:left]:
			yield "Parent", min(head + years(22, 28), 99), sex
			left -= 1
		for _ in range(left):
			yield "Sibling", max(head - years(1, 12), ADULT), self._sex()

	def _member(
		self, relation: str, years: int, sex: str, surname: str, ages: Sequence[int], at: int
	) -> Member:
		born = self._born(years)
		of_family = relation in ("Head", "Son", "Daughter", "Sibling", "Grandchild")
		name = (surname if of_family else self._random.choice(self._surnames)) + self._random.choice(
			self._given[sex]
		)
		adult = years >= ADULT
		return Member(
			name=name,
			sex=sex,
			born=born,
			relation=relation,
			number=self._number(born, sex),
			phone=f"{NO_PREFIX}{next(self._phones):07d}"
			if adult and (at == 0 or self._random.random() < 0.6)
			else "",
			away=adult and years < 60 and at > 0 and self._random.random() < 0.3,
			care=tuple(self._care(years, ages)),
			guardian=0 if not adult else None,
		)

	def _care(self, years: int, ages: Sequence[int]) -> Iterator[str]:
		adults = [each for each in ages if each >= ADULT]
		between = any(ADULT <= each < 60 for each in ages)
		if years >= ELDER_AGE:
			yield "elder"
			if len(ages) == 1:
				yield "elder-alone"
			elif min(adults) >= ELDER_AGE:
				yield "empty-nest" if len(adults) == len(ages) else "left-behind-elder"
		if years < ADULT and not between:
			yield "left-behind-child"
		if years >= ADULT:
			if self._random.random() < 0.025:
				yield "disabled"
			if self._random.random() < 0.03:
				yield "allowance"

	def _sex(self) -> str:
		return self._random.choice((MALE, FEMALE))

	def _born(self, years: int) -> date:
		"""A day on which somebody of *years* full years may have been born."""
		latest = self._today.replace(year=self._today.year - years, day=min(self._today.day, 28))
		born = latest - timedelta(days=self._random.randrange(360))
		assert age(born, self._today) == years
		return born

	def _number(self, born: date, sex: str) -> str:
		while True:
			serial = self._random.randrange(500) * 2 + (sex == MALE)
			body = f"{NO_DIVISION}{born:%Y%m%d}{serial:03d}"
			if body not in self._numbers:
				self._numbers.add(body)
				return body + mod_11_2.calc_check_digit(body)
