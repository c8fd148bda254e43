"""What has become of households of a demo before it was loaded: split off from the parents', another head."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import frappe

from grid_governance.grid_ledger.actions.households import CHANGE, HEAD, SPLIT
from grid_governance.grid_ledger.rules import households as rules
from grid_governance.grid_structure.rules import SEGMENT
from grid_governance.setup.demo.course import Holder
from grid_governance.setup.demo.doubles import Spread
from grid_governance.setup.demo.families import Member

MEMBER = "Household Change Member"
BEFORE_SPLIT = {
	("Head", "Male"): "Son",
	("Head", "Female"): "Daughter",
	("Spouse", "Male"): "Child-in-law",
	("Spouse", "Female"): "Child-in-law",
	("Son", "Male"): "Grandchild",
	("Daughter", "Female"): "Grandchild",
}
"""Relation to the parents' head, by relation to one's own and sex."""

GENERATION = timedelta(days=18 * 365)
DAYS = 300
"""Within which the changes lie."""

Row = dict[str, Any]


class Histories:
	"""Draws changes: `counts` by kind, in the words of `reasons`, entered by the nearest of *holders* (by path)."""

	def __init__(
		self,
		counts: Mapping[str, int],
		reasons: Mapping[str, Sequence[str]],
		holders: Mapping[str, list[Holder]],
		households: Mapping[str, int],
		random: Random,
		now: datetime,
	) -> None:
		total = sum(households.values())
		self._spread = {kind: Spread(counts.get(kind, 0), total) for kind in (SPLIT, HEAD)}
		self._reasons, self._holders, self._random, self._now = reasons, holders, random, now
		self._neighbours: list[tuple[frappe._dict, str, Member]] = []

	def of(
		self, grid: frappe._dict, household: str, family: Sequence[Member], people: Sequence[str]
	) -> Iterator[tuple[str, Row]]:
		"""Yield (DocType, row) of what has become of *household*, whose *family* are the residents *people*."""
		split, head = (spread.due() for spread in self._spread.values())
		parents = self._parents(grid.village, family) if split else None
		if parents:
			before = [BEFORE_SPLIT[member.relation, member.sex] for member in family]
			yield from self._line(SPLIT, parents[0], (parents[1], household), family, people, before)
		elif head and len(family) > 1 and family[1].relation == "Spouse":
			before = ["Spouse", rules.HEAD, *(member.relation for member in family[2:])]
			yield from self._line(HEAD, grid, (household, None), family, people, before)
		self._neighbours.append((grid, household, family[0]))

	def _parents(self, village: str, family: Sequence[Member]) -> tuple[frappe._dict, str] | None:
		"""The grid and the household of somebody in *village* who may be the father of this head."""
		head = family[0]
		if not all((member.relation, member.sex) in BEFORE_SPLIT for member in family) or head.guest:
			return None
		self._neighbours = [neighbour for neighbour in self._neighbours if neighbour[0].village == village]
		for grid, household, older in self._neighbours:
			same_name = older.name[0] == head.name[0] and older.sex == "Male"
			if same_name and not older.guest and older.born < head.born - GENERATION:
				return grid, household
		return None

	def _line(
		self,
		kind: str,
		grid: frappe._dict,
		of: tuple[str, str | None],
		family: Sequence[Member],
		people: Sequence[str],
		before: Sequence[str],
	) -> Iterator[tuple[str, Row]]:
		self._spread[kind].done += 1
		at = self._now.replace(hour=10, minute=0, second=0, microsecond=0)
		at -= timedelta(days=self._random.randrange(1, DAYS), minutes=self._random.randrange(60))
		user = self._entered_by(grid.grid_path)
		name = f"{self._random.getrandbits(64):016x}"
		stamp = {"creation": at, "modified": at, "owner": user, "modified_by": user}
		yield (
			CHANGE,
			{
				"name": name,
				**stamp,
				"kind": kind,
				"household": of[0],
				"other_household": of[1],
				"happened_on": at.date(),
				"changed_by": user,
				"at": at,
				"reason": self._random.choice(self._reasons[kind]),
				"grid": grid.name,
				"grid_path": grid.grid_path,
			},
		)
		for idx, (resident, member, relation) in enumerate(zip(people, family, before, strict=True), 1):
			row = {"resident": resident, "relation_before": relation, "relation_after": member.relation}
			place = {"parent": name, "parenttype": CHANGE, "parentfield": "members", "idx": idx}
			yield MEMBER, {"name": f"{self._random.getrandbits(64):016x}", **stamp, **place, **row}

	def _entered_by(self, path: str) -> str:
		for length in range(len(path), 0, -SEGMENT):
			if held := self._holders.get(path[:length]):
				return held[0].user
		return "Administrator"
