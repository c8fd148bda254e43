"""What lies in the grids of a demo beside its people: places, facilities, organisations, and party centre households.

What they are called and how often they come stands in `elements.json`.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import frappe
from frappe.query_builder import DocType
from stdnum.cn import uscc

from grid_governance.grid_structure.rules import SEGMENT, VILLAGE
from grid_governance.setup.demo.families import NO_DIVISION, NO_PREFIX
from grid_governance.setup.demo.grids import Tree
from grid_governance.setup.demo.manifest import Manifest, series, write_values
from grid_governance.setup.demo.rules import strewn

PLACE, FACILITY, ORGANISATION = "Grid Place", "Grid Facility", "Grid Organization"
CENTRE = "Party Centre Household"
DOCTYPES = {
	PLACE: ("place_name", "place_type"),
	FACILITY: ("facility_name", "facility_type"),
	ORGANISATION: ("org_name", "org_type"),
}
"""The columns of the name and of the kind."""

WEIGHTS_OF_BODY = (3, 7, 9, 10, 5, 8, 4, 2)
"""By which the last character of a nine-character code of an organisation follows from the others (GB 11714)."""

Row = dict[str, Any]


def make(
	wanted: Mapping[str, Any],
	texts: Mapping[str, Any],
	names: Mapping[str, Sequence[Sequence[str]]],
	tree: Tree,
	centre: Sequence[float],
	random: Random,
	now: datetime,
) -> None:
	"""Write the places, facilities and organisations of *texts* that fit the setting `wanted["elements"]` ("village", "town").

	One `every` so many households of a grid; those `at` the village once in each.
	"""
	setting = wanted.get("elements")
	if not setting:
		return
	strew = _Strew(texts, names, random, now)
	for doctype in DOCTYPES:
		kinds = [kind for kind in texts[doctype] if setting in kind.get("in", (setting,))]
		_write(
			doctype, [strew.row(doctype, *lying, tree, centre) for lying in _lying(kinds, tree, random)], now
		)


def _lying(
	kinds: Sequence[Mapping[str, Any]], tree: Tree, random: Random
) -> Iterator[tuple[Mapping[str, Any], frappe._dict]]:
	"""Yield each element's kind and where it lies; nothing lies right in a village that was there before."""
	grids = tree.holding()
	villages: dict[str, frappe._dict] = {}
	for grid in grids:
		village = tree.at_path(grid.village)
		villages.setdefault(grid.village, village if tree.has_made(village) else grid)
	for kind in kinds:
		if kind.get("at") == "village":
			yield from ((kind, village) for village in villages.values())
			continue
		for grid in grids:
			count = int(grid.own_households / kind["every"] + random.random())
			yield from itertools.repeat((kind, grid), count)


def _write(doctype: str, rows: list[Row], now: datetime) -> None:
	"""Name *rows* from their series and write them."""
	if rows:
		for row, name in zip(rows, series(doctype, len(rows), now.year), strict=True):
			row["name"] = name
		write_values(doctype, rows)


class _Strew:
	"""Makes rows of elements by chance."""

	def __init__(
		self,
		texts: Mapping[str, Any],
		names: Mapping[str, Sequence[Sequence[str]]],
		random: Random,
		now: datetime,
	) -> None:
		self._texts, self._names, self._random, self._now = texts, names, random, now
		self._numbers: dict[str, int] = {}

	def row(
		self, doctype: str, kind: Mapping[str, Any], grid: frappe._dict, tree: Tree, centre: Sequence[float]
	) -> Row:
		"""Return a row of *doctype* of the *kind* in *grid*."""
		name_of, type_of = DOCTYPES[doctype]
		point = strewn(centre, grid.grid_path[: VILLAGE * SEGMENT], grid.grid_path)
		row = {
			"creation": self._now,
			"modified": self._now,
			"owner": "Administrator",
			"modified_by": "Administrator",
			name_of: self._name(kind, tree.at_path(grid.village)),
			type_of: kind["type"],
			"grid": grid.name,
			"grid_path": grid.grid_path,
		}
		if doctype == ORGANISATION:
			return row | self._organisation(kind)
		row |= dict(
			zip(
				("latitude", "longitude"),
				[round(each + self._random.gauss(0, 0.001), 6) for each in point],
				strict=True,
			)
		)
		return row | (self._facility() if doctype == FACILITY else {"status": "In Use"})

	def _name(self, kind: Mapping[str, Any], village: frappe._dict) -> str:
		key = f"{village.name}/{kind['type']}"
		self._numbers[key] = self._numbers.get(key, 0) + 1
		return self._random.choice(kind["names"]).format(
			given=self._random.choice(self._names["given"])[0],
			number=self._numbers[key],
			village=village.grid_name,
		)

	def _facility(self) -> Row:
		conditions, weights = zip(*self._texts["conditions"].items(), strict=True)
		checked = self._now - timedelta(days=self._random.randrange(1, 90))
		return {
			"condition": self._random.choices(conditions, weights)[0],
			"last_check_on": str(checked.date()),
		}

	def _organisation(self, kind: Mapping[str, Any]) -> Row:
		people, row = kind.get("employees", (0, 0)), {}
		if "code" in kind:
			row["uscc"] = credit_code(kind["code"], self._random)
			surname, given = (self._random.choice(self._names[key])[0] for key in ("surnames", "given"))
			row["legal_person"] = surname + given
			row["contact"] = f"{NO_PREFIX}{self._random.randrange(10**7):07d}"
		has_party = kind["type"] == "Party Branch" or self._random.random() < kind.get("party", 0)
		return {
			**{"uscc": None, "legal_person": "", "contact": ""},
			**row,
			"employees": self._random.randint(*people),
			"has_party_org": int(has_party),
			"active": 1,
		}


def credit_code(body: str, random: Random) -> str:
	"""Return a unified social credit code, valid in form, that nobody has: *body* says who registers and what.

	Two characters of the registrar and the kind, six of a division that there is not, nine of the organisation (the last
	by GB 11714), one to check (GB 32100).
	"""
	digits = [random.randrange(10) for _ in WEIGHTS_OF_BODY]
	check = -sum(digit * weight for digit, weight in zip(digits, WEIGHTS_OF_BODY, strict=True)) % 11
	own = "".join(map(str, digits)) + ("X" if check == 10 else str(check))
	code = f"{body}{NO_DIVISION}{random.randrange(10**4):04d}{own}"
	return code + uscc.calc_check_digit(code)


def make_centres(
	wanted: Mapping[str, Any],
	texts: Mapping[str, Any],
	tree: Tree,
	first: Mapping[str, str],
	made: Manifest,
	now: datetime,
) -> None:
	"""Make the micro grids of `wanted["centres"]` circles of party centre households, kept by whoever holds a post there.

	*first* is the household where one is kept, by grid.
	"""
	if "centres" not in wanted:
		return
	keepers = _keepers(made)
	rows = [
		{
			"creation": now,
			"modified": now,
			"owner": "Administrator",
			"modified_by": "Administrator",
			"centre_name": texts["centre"].format(keeper=keepers[grid.name].worker_name),
			"party_member": keepers[grid.name].worker,
			"household": first.get(grid.name),
			"grid": grid.name,
			"grid_path": grid.grid_path,
			"opened_on": str((now - timedelta(days=200 + 10 * number)).date()),
			"plate_no": f"{number:03d}",
			"status": "Active",
		}
		for number, grid in enumerate(_in_tree(tree, wanted["centres"], keepers), 1)
	]
	_write(CENTRE, rows, now)


def _in_tree(
	tree: Tree, which: Mapping[str, Any], keepers: Mapping[str, frappe._dict]
) -> Iterator[frappe._dict]:
	return (grid for grid in tree.places(which) if grid.name in keepers)


def _keepers(made: Manifest) -> dict[str, frappe._dict]:
	"""The party members who hold posts of the demo, by grid."""
	post, worker = DocType("Grid Post Assignment"), DocType("Grid Worker")
	rows = (
		frappe.qb.from_(post)
		.join(worker)
		.on(worker.name == post.worker)
		.select(post.grid, post.worker, worker.worker_name)
		.where(post.name.isin(made.rows["Grid Post Assignment"]) & (worker.is_party_member == 1))
		.orderby(post.name)
		.run(as_dict=True)
	)
	return {row.grid: row for row in reversed(rows)}
