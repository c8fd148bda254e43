"""The grids of a demo: a township and its villages from the list of divisions, and what lies below them."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import frappe
from frappe.query_builder import DocType

from grid_governance import scope
from grid_governance.grid_structure.actions import insert_nodes
from grid_governance.grid_structure.rules import VILLAGE, ancestor_path, split_households
from grid_governance.setup import seeds
from grid_governance.setup.demo.manifest import Manifest
from grid_governance.setup.divisions import actions as divisions
from grid_governance.setup.divisions.rules import ordinal


class Tree:
	"""The active grids of a demo township; they are spoken of by division code or by the key of a node in its data.

	*made* are the names of those that its load has made.
	"""

	def __init__(self, township: str, keys: Mapping[str, str], made: Collection[str]) -> None:
		self._by_name, self._by_path, self._below, self._made = {}, {}, defaultdict(list), set(made)
		self._names = dict(keys)
		for grid in _grids(township):
			self._by_name[grid.name] = self._by_path[grid.grid_path] = grid
			self._below[grid.parent_grid].append(grid)
			if grid.division_code:
				self._names[grid.division_code] = grid.name

	def places(self, which: Mapping[str, Any]) -> list[frappe._dict]:
		"""Return the grids that *which* names, in the order of the tree.

		`at` is one grid, `below` those right below it, `level` the seed of a level and all grids of it. Rows:
		`name`, `grid_name`, `grid_level`, `grid_path`, `planned_households`, `village` (path).
		"""
		if "at" in which:
			return [self._by_name[self._names[which["at"]]]]
		if "below" in which:
			return self._below[self._names[which["below"]]]
		level = seeds.name_of(which["level"])
		return [grid for grid in self._by_name.values() if grid.grid_level == level]

	def at_path(self, path: str) -> frappe._dict:
		"""Return the grid whose path is *path*."""
		return self._by_path[path]

	def has_made(self, grid: frappe._dict) -> bool:
		"""Say whether *grid* was made with the demo."""
		return grid.name in self._made

	def holding(self) -> list[frappe._dict]:
		"""Return the grids of the demo in which households live, with `own_households`: how many live in none below.

		They are of a level that holds households, and some are planned for them. Grids that were there before are left
		to those who made them.
		"""
		levels = set(frappe.get_all("Grid Level", {"holds_households": 1}, pluck="name", order_by="name asc"))
		found = {
			name: grid
			for name, grid in self._by_name.items()
			if grid.grid_level in levels and name in self._made
		}
		for name, grid in found.items():
			below = sum(child.planned_households for child in self._below[name] if child.name in found)
			grid.own_households = max(grid.planned_households - below, 0)
		return [grid for grid in found.values() if grid.own_households]


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
		drawn = divisions.draw_grids(planned, target=data["households_a_grid"])
		made.add("Grid", *drawn)
		_draw_patches(data.get("patches", {}), drawn, named, made)
	keys = _draw(data.get("nodes", []), named, made)
	return Tree(named[data["township"]], keys, made.rows["Grid"])


def _draw_patches(
	patches: Mapping[str, Mapping[str, Any]], drawn: list[str], named: Mapping[str, str], made: Manifest
) -> None:
	"""Split the *drawn* grids of each village of *patches* into micro grids of about its `households`."""
	rows = []
	for code, patch in patches.items():
		for grid in frappe.get_all(
			"Grid",
			filters={"parent_grid": named[code], "name": ("in", drawn)},
			fields=["name", "grid_name", "planned_households"],
			order_by="grid_path asc",
		):
			sizes = split_households(grid.planned_households, patch["households"])
			for number, size in enumerate(sizes, 1):
				rows.append(
					{
						"grid_name": patch["name"].format(grid=grid.grid_name, number=ordinal(number, "zh")),
						"grid_level": seeds.name_of("grid_level/micro-grid"),
						"parent_grid": grid.name,
						"basis": "Rule",
						"planned_households": size,
					}
				)
	made.add("Grid", *insert_nodes(rows))


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
		.select(
			grid.name, grid.grid_name, grid.grid_level, grid.grid_path, grid.parent_grid, grid.division_code
		)
		.select(grid.planned_households)
		.where((grid.grid_path >= within.lo) & (grid.grid_path < within.hi))
		.where(grid.status == "Active")
		.orderby(grid.grid_path)
		.run(as_dict=True)
	)
	for row in found:
		row.village = ancestor_path(row.grid_path, VILLAGE)
	return found
