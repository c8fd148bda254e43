"""The households and people of a demo, written as sets: sixty thousand households in a minute or two.

They obey the rules of saved ones (a head, numbers that fit, care by age) and look like them in the database.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from itertools import islice
from random import Random
from typing import Any

import frappe
from frappe.utils import add_days, getdate
from frappe.utils.password import encrypt

from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.actions import care as care_rules
from grid_governance.grid_ledger.actions import identities
from grid_governance.grid_ledger.actions.residents import title_of
from grid_governance.grid_ledger.rules import names as spelling
from grid_governance.grid_ledger.rules import numbers
from grid_governance.grid_structure.rules import SEGMENT, VILLAGE
from grid_governance.setup import seeds
from grid_governance.setup.demo import elements, histories
from grid_governance.setup.demo.course import Holder
from grid_governance.setup.demo.doubles import Doubles
from grid_governance.setup.demo.families import Families, Member, sizes
from grid_governance.setup.demo.grids import Tree
from grid_governance.setup.demo.manifest import CHUNK, Manifest, insert
from grid_governance.setup.demo.rules import apportioned, strewn

Row = dict[str, Any]
Counts = int | Mapping[str, int]
"""How many in the whole demo, or in each village by its division code."""

SKILL = "Resident Skill"


def make(
	data: Mapping[str, Any],
	texts: Mapping[str, Mapping[str, Any]],
	tree: Tree,
	holders: Mapping[str, list[Holder]],
	made: Manifest,
	random: Random,
	now: datetime,
) -> None:
	"""Write the households that *data* plans, the people who live in them, and what else lies in the grids.

	What `ledger` says of them stands in README.md. *texts*: `names` of people, `elements` of everything else. *holders*
	(by grid path) are those who have entered what became of households.
	"""
	_Ledger(data, texts, tree, holders, random, now).write(made)


class _Ledger:
	"""What a demo's `ledger` says, and what of it waits to be written."""

	def __init__(
		self,
		data: Mapping[str, Any],
		texts: Mapping[str, Mapping[str, Any]],
		tree: Tree,
		holders: Mapping[str, list[Holder]],
		random: Random,
		now: datetime,
	) -> None:
		self.wanted, self.tree, self.random, self.now = data["ledger"], tree, random, now
		self.centre = data.get("centre") or data["issues"]["centre"]
		self.texts = texts
		self.villages = _villages(tree)
		self.households = {
			village: sum(grid.own_households for grid in grids) for village, grids in self.villages.items()
		}
		self.families = Families(texts["names"], random, getdate(now))
		self.doubles = Doubles(
			self.families,
			random,
			self.households,
			self.by_village(self.wanted.get("pairs", 0)),
			self.by_village(self.wanted.get("alike", 0)),
		)
		self.histories = histories.Histories(
			self.wanted.get("changes", {}),
			texts["elements"]["reasons"],
			holders,
			self.households,
			random,
			now,
		)
		self.category = cache(_category)
		self.skill = cache(lambda key: seeds.name_of(f"skill/{key}"))
		self.stamp = {
			"creation": now,
			"modified": now,
			"owner": "Administrator",
			"modified_by": "Administrator",
		}
		self.waiting: dict[str, list[Row]] = defaultdict(list)
		self.first: dict[str, str] = {}

	def write(self, made: Manifest) -> None:
		"""Write all of it, a chunk at a time."""
		for grid, size, number in self._doors():
			family = self.doubles.put_into(grid.village, self.families.family(size))
			home = _Home(self, grid, number, family)
			self.first.setdefault(grid.name, home.name)
			for doctype, row in home.rows():
				self.waiting[doctype].append(self.stamp | row)
			for doctype, row in self.histories.of(grid, home.name, family, home.people):
				self.waiting[doctype].append(row)
			if len(self.waiting[RESIDENT]) >= CHUNK:
				self._flush()
		self._flush()
		elements.make(
			self.wanted,
			self.texts["elements"],
			self.texts["names"],
			self.tree,
			self.centre,
			self.random,
			self.now,
		)
		elements.make_centres(self.wanted, self.texts["elements"], self.tree, self.first, made, self.now)

	def by_village(self, counts: Counts) -> dict[str, int]:
		"""Return *counts* by the path of the village; one for all is shared out by the households."""
		if isinstance(counts, int):
			return dict(
				zip(self.households, apportioned(counts, list(self.households.values())), strict=True)
			)
		found = {self.tree.places({"at": code})[0].grid_path: count for code, count in counts.items()}
		return {village: found.get(village, 0) for village in self.households}

	def _doors(self) -> Iterator[tuple[frappe._dict, int, int]]:
		"""Each household's grid, how many live in it and its number in the village."""
		people = self.by_village(self.wanted["people"])
		for village, grids in self.villages.items():
			drawn = iter(sizes(self.households[village], people[village], self.random))
			number = 0
			for grid in grids:
				for size in islice(drawn, grid.own_households):
					number += 1
					yield grid, size, number

	def _flush(self) -> None:
		for doctype, rows in self.waiting.items():
			if doctype == IDENTITY:
				secrets = [(IDENTITY, row["name"], "id_number", encrypt(row["id_number"]), 1) for row in rows]
				insert("__Auth", ("doctype", "name", "fieldname", "password", "encrypted"), secrets)
				rows = [row | {"id_number": "*" * len(row["id_number"])} for row in rows]
			if rows:
				insert(f"tab{doctype}", tuple(rows[0]), [tuple(row.values()) for row in rows])
		self.waiting.clear()


class _Home:
	"""One household with its people and what hangs on them, as rows of the tables."""

	def __init__(self, ledger: _Ledger, grid: frappe._dict, number: int, family: list[Member]) -> None:
		self._ledger, self._random = ledger, ledger.random
		self._place = {"grid": grid.name, "grid_path": grid.grid_path}
		self.name, self.people = self._hash(), [self._hash() for _ in family]
		self._family, self._number = family, f"{number:04d}"
		at = strewn(ledger.centre, grid.grid_path[: VILLAGE * SEGMENT], grid.grid_path)
		self._point = [round(each + self._random.gauss(0, 0.001), 6) for each in at]

	def rows(self) -> Iterator[tuple[str, Row]]:
		"""Yield (DocType, row)."""
		head = self._family[0]
		yield (
			HOUSEHOLD,
			{
				"name": self.name,
				"household_no": self._number,
				"title": title_of(head.name, self._number),
				"head": self.people[0],
				"residence_state": "Residing",
				"status": "Active",
				"member_count": len(self._family),
				"latitude": self._point[0],
				"longitude": self._point[1],
				**self._place,
			},
		)
		for name, member in zip(self.people, self._family, strict=True):
			yield RESIDENT, self._resident(name, member)
			if member.number:
				yield IDENTITY, self._identity(name, member)
			if member.phone:
				yield CONTACT, self._hanging(name, kind="Own", phone=member.phone, is_main=1)
			for key in member.care:
				yield CARE, self._care(name, key)
			yield from self._skills(name, member)

	def _resident(self, name: str, member: Member) -> Row:
		pinyin, initials = spelled(member.name)
		return {
			"name": name,
			"resident_name": member.name,
			"pinyin": pinyin,
			"initials": initials,
			"sex": member.sex,
			"birth_date": member.born,
			"household": self.name,
			"relation_to_head": member.relation,
			"status": "Away" if member.away else "Living Here",
			"population_type": "Migrant" if member.guest else "Registered",
			"inflow_reason": "Work" if member.guest else None,
			"household_consistent": "Not Consistent" if member.away or member.guest else "Consistent",
			"guardian": None if member.guardian is None else self.people[member.guardian],
			**self._place,
		}

	def _identity(self, resident: str, member: Member) -> Row:
		return self._hanging(
			resident,
			id_type=identities.CITIZEN,
			id_number=member.number,
			id_number_masked=numbers.masked(member.number),
			id_number_hash=identities.keyed_hash(member.number),
			number_birth_date=member.born,
			number_sex=member.sex,
		)

	def _care(self, resident: str, key: str) -> Row:
		category, today = self._ledger.category(key), getdate(self._ledger.now)
		since = add_days(today, -self._random.randrange(30, 1500))
		due = add_days(today, self._random.randrange(category.visit_interval_days or 1))
		return self._hanging(
			resident,
			category=category.name,
			since=since,
			source=care_rules.BY_AGE if category.age_rule else care_rules.ENTERED,
			is_sensitive=category.is_sensitive,
			next_visit_due=due if category.must_visit else None,
		)

	def _skills(self, resident: str, member: Member) -> Iterator[tuple[str, Row]]:
		"""One of the skills that people have, for a share of the grown-ups who are known by their date of birth."""
		wanted = self._ledger.wanted.get("skills", 0)
		if not wanted or not member.born or member.guardian is not None or self._random.random() >= wanted:
			return
		weights = self._ledger.texts["elements"]["skills"]
		(key,) = self._random.choices(list(weights), list(weights.values()))
		row = {"skill": self._ledger.skill(key), "parent": resident, "parenttype": RESIDENT}
		yield SKILL, {"name": self._hash(), "idx": 1, "parentfield": "skills", **row}

	def _hanging(self, resident: str, **values: object) -> Row:
		return {"name": self._hash(), "resident": resident, "household": self.name, **values, **self._place}

	def _hash(self) -> str:
		return f"{self._random.getrandbits(64):016x}"


def _villages(tree: Tree) -> dict[str, list[frappe._dict]]:
	"""The grids that hold households, by the path of the village."""
	villages: dict[str, list[frappe._dict]] = defaultdict(list)
	for grid in tree.holding():
		villages[grid.village].append(grid)
	return dict(villages)


@cache
def spelled(name: str) -> tuple[str, str]:
	"""Return pinyin and initials of an invented *name*, of which there are a few thousand."""
	return spelling.keys(name)


def _category(key: str) -> Any:
	return frappe.get_cached_doc("Care Category", seeds.name_of(f"care_category/{key}"))
