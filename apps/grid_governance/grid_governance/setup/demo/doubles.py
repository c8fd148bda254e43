"""People who stand in the ledger of a demo twice: registered here and living there, or entered twice. Pure Python.

Both are rows like any others; they take the place of people whom the generator had put there, so that a demo has as
many people as it says.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from random import Random

from grid_governance.grid_ledger.rules.ages import age
from grid_governance.grid_ledger.rules.numbers import FEMALE
from grid_governance.setup.demo.families import Families, Member

AS_OLD = 4
"""Years by which a wife may be older or younger than the one whose place she takes."""

REMEMBERED = 300


class Spread:
	"""Says when the next of *count* things is due among *total*: they come evenly, and late rather than not at all.

	The last ones find no place where too few are left that fit.
	"""

	def __init__(self, count: int, total: int) -> None:
		self._count, self._total = count, total
		self.done = self._seen = 0

	def due(self) -> bool:
		"""Say whether one is due with the next of the *total*."""
		self._seen += 1
		return self.done < self._count and self._seen * (self._count + 1) > (self.done + 1) * self._total


class Doubles:
	"""Puts people into families a second time.

	*pairs* and *alike* say by village how many of those who live there are registered in another household (人户分离),
	and how many wives stand in their parents' household still: with a digit mistyped, without a number, or with
	nothing but the same phone. *households* is how many families a village has.
	"""

	def __init__(
		self,
		families: Families,
		random: Random,
		households: Mapping[str, int],
		pairs: Mapping[str, int],
		alike: Mapping[str, int],
	) -> None:
		self._families, self._random = families, random
		self._pairs = {village: Spread(pairs.get(village, 0), total) for village, total in households.items()}
		self._alike = {village: Spread(alike.get(village, 0), total) for village, total in households.items()}
		self._away: deque[tuple[str, Member]] = deque(maxlen=REMEMBERED)
		self._daughters: deque[tuple[str, Member]] = deque(maxlen=REMEMBERED)

	def put_into(self, village: str, family: list[Member]) -> list[Member]:
		"""Return *family*, which lives in *village*, with somebody from an earlier one in it where that is due."""
		met = self._lodger(village, family) if self._pairs[village].due() else None
		if not met and self._alike[village].due():
			met = self._wife(village, family)
		for member in family[1:]:
			if not met and member.away:
				self._away.append((village, member))
			elif not met and member.relation == "Daughter" and member.phone:
				self._daughters.append((village, member))
		return met or family

	def _lodger(self, village: str, family: list[Member]) -> list[Member] | None:
		"""Somebody who is away from home lives here, alone; from another village if there is one."""
		if len(family) > 1 or not self._away:
			return None
		found = next((entry for entry in self._away if entry[0] != village), self._away[0])
		self._away.remove(found)
		self._pairs[village].done += 1
		phone = self._families.phone()
		return [
			replace(found[1], relation="Head", away=False, guest=True, care=(), guardian=None, phone=phone)
		]

	def _wife(self, village: str, family: list[Member]) -> list[Member] | None:
		"""The wife of the family is a daughter of another one, where she stands still."""
		if len(family) == 1 or (family[1].relation, family[1].sex) != ("Spouse", FEMALE):
			return None
		years = self._age(family[1].born)
		for entry in self._daughters:
			if entry[0] == village and abs(self._age(entry[1].born) - years) <= AS_OLD:
				self._daughters.remove(entry)
				kinds = (self._mistyped, self._without_number, self._by_phone)
				wife = kinds[self._alike[village].done % len(kinds)](entry[1])
				self._alike[village].done += 1
				wife = replace(wife, relation="Spouse", away=False, care=(), guardian=None)
				return [family[0], wife, *family[2:]]
		return None

	def _mistyped(self, member: Member) -> Member:
		return replace(self._families.mistyped(member), phone="")

	def _without_number(self, member: Member) -> Member:
		return replace(member, number="", phone="")

	def _by_phone(self, member: Member) -> Member:
		return replace(member, number="", born=None)

	def _age(self, born: date | None) -> int:
		return age(born, self._families.today) if born else 0
