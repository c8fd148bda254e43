"""The households and people of a demo, written as sets: sixty thousand households in a minute or two.

They obey the rules of saved ones (a head, numbers that fit, care by age) and look like them in the database.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
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
from grid_governance.setup import seeds
from grid_governance.setup.demo.families import Families, Member, sizes
from grid_governance.setup.demo.grids import Tree
from grid_governance.setup.demo.rules import apportioned

CHUNK = 2000
"""Rows that one statement writes."""

Row = dict[str, Any]


def make(
	data: Mapping[str, Any], names: Mapping[str, Any], tree: Tree, random: Random, now: datetime
) -> None:
	"""Write the households that *data* plans and the people who live in them.

	`ledger.people` says how many live in the whole demo, or in each village by its division code; every grid has as
	many households as are planned for it, of the village's people its share.
	"""
	families = Families(names, random, getdate(now))
	stamp = {"creation": now, "modified": now, "owner": "Administrator", "modified_by": "Administrator"}
	waiting: dict[str, list[Row]] = defaultdict(list)
	for grid, size, number in _households(data, tree, random):
		_add(waiting, _Home(grid, number, families.family(size), random, now), stamp)
		if len(waiting[RESIDENT]) >= CHUNK:
			_flush(waiting)
	_flush(waiting)


def _households(
	data: Mapping[str, Any], tree: Tree, random: Random
) -> Iterator[tuple[frappe._dict, int, int]]:
	"""Each household's grid, its size and its number in the village."""
	people = data["ledger"]["people"]
	planned = {grid.name: grid for grid in tree.holding()}
	villages: dict[str, list[frappe._dict]] = defaultdict(list)
	for grid in planned.values():
		villages[grid.village].append(grid)
	if isinstance(people, int):
		weights = [sum(grid.planned_households for grid in grids) for grids in villages.values()]
		of_village = dict(zip(villages, apportioned(people, weights), strict=True))
	else:
		of_village = {tree.places({"at": code})[0].grid_path: number for code, number in people.items()}
	for village, grids in villages.items():
		count = sum(grid.planned_households for grid in grids)
		drawn = iter(sizes(count, of_village[village], random))
		number = 0
		for grid in grids:
			for size in islice(drawn, grid.planned_households):
				number += 1
				yield grid, size, number


class _Home:
	"""One household with its people and what hangs on them, as rows of the tables."""

	def __init__(
		self, grid: frappe._dict, number: int, family: list[Member], random: Random, now: datetime
	) -> None:
		self._random, self._now = random, now
		self._place = {"grid": grid.name, "grid_path": grid.grid_path}
		self.name, self._names = self._hash(), [self._hash() for _ in family]
		self._family, self._number = family, f"{number:04d}"

	def rows(self) -> Iterator[tuple[str, Row]]:
		"""Yield (DocType, row)."""
		head = self._family[0]
		yield (
			HOUSEHOLD,
			{
				"name": self.name,
				"household_no": self._number,
				"title": title_of(head.name, self._number),
				"head": self._names[0],
				"residence_state": "Residing",
				"status": "Active",
				"member_count": len(self._family),
				**self._place,
			},
		)
		for name, member in zip(self._names, self._family, strict=True):
			yield RESIDENT, self._resident(name, member)
			yield IDENTITY, self._identity(name, member)
			if member.phone:
				yield CONTACT, self._hanging(name, kind="Own", phone=member.phone, is_main=1)
			for key in member.care:
				yield CARE, self._care(name, key)

	def _resident(self, name: str, member: Member) -> Row:
		pinyin, initials = _keys(member.name)
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
			"population_type": "Registered",
			"guardian": None if member.guardian is None else self._names[member.guardian],
			**self._place,
		}

	def _identity(self, resident: str, member: Member) -> Row:
		return self._hanging(
			resident,
			id_type=identities.CITIZEN,
			id_number=member.number,
			id_number_masked=numbers.masked(member.number),
			id_number_hash=identities.keyed_hash(member.number),
		)

	def _care(self, resident: str, key: str) -> Row:
		category = _category(key)
		since = add_days(getdate(self._now), -self._random.randrange(30, 1500))
		due = add_days(getdate(self._now), self._random.randrange(category.visit_interval_days or 1))
		return self._hanging(
			resident,
			category=category.name,
			since=since,
			source=care_rules.BY_AGE if category.age_rule else care_rules.ENTERED,
			is_sensitive=category.is_sensitive,
			next_visit_due=due if category.must_visit else None,
		)

	def _hanging(self, resident: str, **values: object) -> Row:
		return {"name": self._hash(), "resident": resident, "household": self.name, **values, **self._place}

	def _hash(self) -> str:
		return f"{self._random.getrandbits(64):016x}"


def _add(waiting: dict[str, list[Row]], home: _Home, stamp: Row) -> None:
	for doctype, row in home.rows():
		waiting[doctype].append(stamp | row)


def _flush(waiting: dict[str, list[Row]]) -> None:
	for doctype, rows in waiting.items():
		if doctype == IDENTITY:
			secrets = [(IDENTITY, row["name"], "id_number", encrypt(row["id_number"]), 1) for row in rows]
			_insert("__Auth", ("doctype", "name", "fieldname", "password", "encrypted"), secrets)
			rows = [row | {"id_number": "*" * len(row["id_number"])} for row in rows]
		if rows:
			_insert(f"tab{doctype}", tuple(rows[0]), [tuple(row.values()) for row in rows])
	waiting.clear()


def _insert(table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
	"""Write *rows* in one statement: by the query builder each of a million values would become an object."""
	rows = list(rows)
	listed = ", ".join(f"`{column}`" for column in columns)
	frappe.db.sql(f"insert into `{table}` ({listed}) values {', '.join(['%s'] * len(rows))}", rows)  # noqa: S608


@lru_cache(maxsize=10_000)
def _keys(name: str) -> tuple[str, str]:
	return spelling.keys(name)


def _category(key: str) -> Any:
	return frappe.get_cached_doc("Care Category", seeds.name_of(f"care_category/{key}"))
