"""The grids of a demo: a township and its villages from the list of divisions, and what lies below them."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import frappe
from frappe.query_builder import DocType

from grid_governance import scope
from grid_governance.grid_structure.actions import insert_nodes
from grid_governance.grid_structure.rules import VILLAGE, ancestor_path
from grid_governance.setup import seeds
from grid_governance.setup.demo.manifest import Manifest
from grid_governance.setup.divisions import actions as divisions


class Tree:
	"""The active grids of a demo township; they are spoken of by division code or by the key of a node in its data."""

	def __init__(self, township: str, keys: Mapping[str, str]) -> None:
		self._by_name, self._below = {}, defaultdict(list)
		self._names = dict(keys)
		for grid in _grids(township):
			self._by_name[grid.name] = grid
			self._below[grid.parent_grid].append(grid)
			if grid.division_code:
				self._names[grid.division_code] = grid.name

	def places(self, which: Mapping[str, Any]) -> list[frappe._dict]:
		"""Return the grids that *which* names, in the order of the tree.

		`at` is one grid, `below` those right below it, `level` the seed of a level and all grids of it. Rows:
		`name`, `grid_level`, `grid_path`, `planned_households`, `village` (path).
		"""
		if "at" in which:
			return [self._by_name[self._names[which["at"]]]]
		if "below" in which:
			return self._below[self._names[which["below"]]]
		level = seeds.name_of(which["level"])
		return [grid for grid in self._by_name.values() if grid.grid_level == level]

	def holding(self) -> list[frappe._dict]:
		"""Return the grids in which households live: those of a level that holds them, for which some are planned."""
		levels = set(frappe.get_all("Grid Level", {"holds_households": 1}, pluck="name", order_by="name asc"))
		grids = self._by_name.values()
		return [grid for grid in grids if grid.grid_level in levels and grid.planned_households]


def make(data: Mapping[str, Any], made: Manifest) -> Tree:
	"""Make the grids that *data* describes where they are missing and return the township's tree.

	*made* learns which are new, and what was changed of villages that were there before.
	"""
	there = set(frappe.get_all("Grid", {"division_code": ("like", f"{data['township']}%")}, pluck="name"))
	households = data.get("households", {})
	made.villages = {
		village.name: [village.planned_households, village.is_group]
		for village in frappe.get_all(
			"Grid",
			filters={"division_code": ("in", list(households))},
			fields=["name", "planned_households", "is_group"],
		)
	}
	imported = divisions.import_division(data["township"], data.get("villages"))
	made.add("Grid", *sorted({imported.township, *imported.villages} - there))
	named = dict(
		frappe.get_all(
			"Grid",
			{"division_code": ("like", f"{data['township']}%")},
			["division_code", "name"],
			as_list=True,
		)
	)
	if households:
		planned = {named[code]: number for code, number in households.items()}
		made.add("Grid", *divisions.draw_grids(planned, target=data["households_a_grid"]))
	return Tree(named[data["township"]], _draw(data.get("nodes", []), named, made))


def _draw(nodes: list[dict[str, Any]], named: dict[str, str], made: Manifest) -> dict[str, str]:
	"""Insert *nodes*, level by level so that each finds its parent, and return the names of their grids by key."""
	keys: dict[str, str] = {}
	waiting = list(nodes)
	while waiting:
		ready = [node for node in waiting if node["below"] in named or node["below"] in keys]
		rows = [
			{
				"grid_name": node["name"],
				"grid_level": seeds.name_of(node["level"]),
				"parent_grid": named.get(node["below"]) or keys[node["below"]],
				"basis": node.get("basis"),
				"planned_households": node.get("households"),
			}
			for node in ready
		]
		names = insert_nodes(rows)
		made.add("Grid", *names)
		keys |= {node["key"]: name for node, name in zip(ready, names, strict=True)}
		waiting = [node for node in waiting if node["key"] not in keys]
	return keys


def _grids(township: str) -> list[frappe._dict]:
	grid = DocType("Grid")
	within = scope.rules.subtree(frappe.db.get_value("Grid", township, "grid_path"))
	found = (
		frappe.qb.from_(grid)
		.select(grid.name, grid.grid_level, grid.grid_path, grid.parent_grid, grid.division_code)
		.select(grid.planned_households)
		.where((grid.grid_path >= within.lo) & (grid.grid_path < within.hi))
		.where(grid.status == "Active")
		.orderby(grid.grid_path)
		.run(as_dict=True)
	)
	for row in found:
		row.village = ancestor_path(row.grid_path, VILLAGE)
	return found
