"""The families of a demo: who lives behind a door, how old, how related, who is looked after. Pure Python.

All of it follows from a seeded generator. Nobody of it lives: numbers begin with divisions that there are not, and
phones with a prefix that no person is given.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from stdnum.iso7064 import mod_11_2

from grid_governance.grid_ledger.rules.ages import age
from grid_governance.grid_ledger.rules.numbers import FEMALE, MALE

NO_DIVISION = "99"
"""Of numbers: no province has it. Four digits more are each family's own, so that few numbers are alike by chance."""

NO_PREFIX = "1400"
"""Of phones: numbers of machines have 13 digits there, and nobody has 11."""

PHONES, STRIDE = 10**7, 7_368_787
"""Phones with that prefix, and a step that has no divisor in common with their count, so that each comes once."""

LARGEST = 7
ELDER_AGE = 65
ADULT = 18

Names = Mapping[str, Sequence[Sequence[str]]]


@dataclass(frozen=True)
class Member:
	"""One person of a family.

	*care*: keys of seeded care categories; *guardian*: place of the guardian in the family; *away*: lives elsewhere,
	*guest*: is registered elsewhere. *born* is None and *number* empty where nobody has entered them.
	"""

	name: str
	sex: str
	born: date | None
	relation: str
	number: str
	phone: str = ""
	away: bool = False
	guest: bool = False
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
		self._random, self.today = random, today
		self._surnames = [surname for surname, _pinyin in names["surnames"]]
		self._given = {
			sex: [given for given, _pinyin, of in names["given"] if of == sex] for sex in (MALE, FEMALE)
		}
		self._numbers: set[str] = set()
		self._phone = random.randrange(PHONES)

	def family(self, size: int) -> list[Member]:
		"""Return a family of *size*, its head first."""
		drawn = list(self._kin(size))
		division = f"{NO_DIVISION}{self._random.randrange(10**4):04d}"
		ages = [years for _relation, years, _sex in drawn]
		surname = self._random.choice(self._surnames)
		return [
			self._member(relation, years, sex, surname, division, ages, at)
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

	def mistyped(self, member: Member) -> Member:
		"""Return *member* with one digit of the number typed otherwise: the number fits her and is nobody's."""
		body = member.number[:-1]
		while body in self._numbers:
			digit = str((int(body[15]) + self._random.randrange(1, 10)) % 10)
			body = body[:15] + digit + body[16:]
		return replace(member, number=self._taken(body))

	def phone(self) -> str:
		"""Return a phone that nobody has."""
		self._phone = (self._phone + STRIDE) % PHONES
		return f"{NO_PREFIX}{self._phone:07d}"

	def _member(
		self, relation: str, years: int, sex: str, surname: str, division: str, ages: Sequence[int], at: int
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
			number=self._number(division, born, sex),
			phone=self.phone() if adult and (at == 0 or self._random.random() < 0.6) else "",
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
		latest = self.today.replace(year=self.today.year - years, day=min(self.today.day, 28))
		born = latest - timedelta(days=self._random.randrange(360))
		assert age(born, self.today) == years
		return born

	def _number(self, division: str, born: date, sex: str) -> str:
		while True:
			serial = self._random.randrange(500) * 2 + (sex == MALE)
			body = f"{division}{born:%Y%m%d}{serial:03d}"
			if body not in self._numbers:
				return self._taken(body)

	def _taken(self, body: str) -> str:
		self._numbers.add(body)
		return body + mod_11_2.calc_check_digit(body)
