"""Making grids: a township with its villages from the list of divisions, and grids below them by rule."""

from collections.abc import Collection
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.query_builder import Case, DocType

from grid_governance import scope
from grid_governance.grid_structure import rules as structure
from grid_governance.grid_structure.actions import insert_nodes
from grid_governance.grid_structure.queries import SizeRules
from grid_governance.setup.divisions import queries, rules


class LevelMissingError(frappe.ValidationError):
	"""There is no grid level at a position that is needed."""


class HouseholdsMissingError(frappe.ValidationError):
	"""Grids are to be drawn for no households at all, or for fewer than none."""


@dataclass(frozen=True)
class Imported:
	"""What an import found and made: the township's grid, the villages listed, and how many nodes are new."""

	township: str
	villages: list[str]
	created: int


def import_division(code: str, villages: Collection[str] | None = None) -> Imported:
	"""Make the township of *code* and its villages under their statistical codes; what exists is left as it is.

	With *villages* (12-digit codes) only those of them. It hangs below its county where that is in the tree, else
	it is a root. Needs the right to create grids where the township lies.
	"""
	division = queries.township(code)
	wanted = [village for village in division.villages if villages is None or village[0] in villages]
	known = _grids_of([division.code[:6], division.code, *(code for code, _name in wanted)])
	county, township = known.get(division.code[:6]), known.get(division.code)
	authorise(township or county)
	nodes = []
	if not township:
		above = county.name if county else None
		nodes.append(_node(division.code, division.name, _level_at(structure.TOWNSHIP), above))
	parent, level = township.name if township else division.code, _level_at(structure.VILLAGE)
	nodes += [_node(code, name, level, parent) for code, name in wanted if code not in known]
	if nodes:
		insert_nodes(nodes)
	made = [known[code].name if code in known else code for code, _name in wanted]
	return Imported(parent, made, len(nodes))


def draw_grids(households: dict[str, int], level: str | None = None, target: int | None = None) -> list[str]:
	"""Draw grids of about *target* households below villages and return the names of the new ones.

	*households* gives the planned households by village (name of its Grid). *level* is by default the
	uppermost one below the village for which its township, or else the level itself, says how many households to
	aim at; *target* is that number unless given. A village that has grids below it already, or for which no
	households are given, is left as it is, and so are its planned households.
	"""
	check_households(households, target)
	language = frappe.get_system_settings("language") or "en"  # names are data of the site, not of who draws
	villages = _undrawn({name: planned for name, planned in households.items() if planned})
	for village in villages:
		authorise(village)
	sizes, levels, nodes = SizeRules(), [level] if level else queries.levels_below_village(), []
	for village in villages:
		drawn, size_aimed_at = queries.drawn_level(sizes, village.grid_path, levels, target)
		nodes += [
			{
				"grid_name": _("{0} Grid {1}", lang=language).format(
					village.grid_name, rules.ordinal(number, language)
				),
				"grid_level": drawn,
				"parent_grid": village.name,
				"basis": "Rule",
				"planned_households": size,
			}
			for number, size in enumerate(
				structure.split_households(households[village.name], size_aimed_at), 1
			)
		]
	_set_planned({village.name: households[village.name] for village in villages})
	return insert_nodes(nodes)


def check_households(households: dict[str, int], target: int | None) -> None:
	"""Refuse numbers below 0, and an order in which no village has a household."""
	wrong = [name for name, planned in households.items() if planned < 0]
	if wrong:
		names = frappe.get_all("Grid", {"name": ("in", wrong)}, pluck="grid_name", order_by="grid_path asc")
		frappe.throw(
			_("{0}: the number of households cannot be below 0.").format(", ".join(names)),
			HouseholdsMissingError,
		)
	if (target or 0) < 0:
		frappe.throw(_("The households a grid cannot be below 0."), HouseholdsMissingError)
	if not any(households.values()):
		frappe.throw(
			_("Enter the households of at least one village. Its grids are drawn from them."),
			HouseholdsMissingError,
		)


def authorise(above: frappe._dict | None = None) -> None:
	"""Refuse who may not create grids below *above*; without it, a root, which needs a right everywhere."""
	within = scope.ranges(frappe.session.user, "Grid", "create")
	if not (scope.rules.covers(within, above.grid_path) if above else within == scope.rules.EVERYWHERE):
		_refuse()


def authorise_anywhere() -> None:
	"""Refuse who may not create grids anywhere."""
	if not scope.ranges(frappe.session.user, "Grid", "create"):
		_refuse()


def _refuse() -> None:
	frappe.throw(
		_("You may not create grids here. Ask an administrator of the site."), frappe.PermissionError
	)


def _node(code: str, name: str, level: str, parent: str | None) -> dict[str, object]:
	return {
		"grid_name": name,
		"grid_level": level,
		"parent_grid": parent,
		"division_code": code,
		"grid_code": code,
	}


def _grids_of(codes: list[str]) -> dict[str, frappe._dict]:
	rows = frappe.get_all(
		"Grid",
		filters={"division_code": ("in", codes)},
		fields=["name", "division_code", "grid_path"],
		order_by="grid_path asc",
		limit_page_length=0,
	)
	return {row.division_code: row for row in rows}


def _level_at(position: int) -> str:
	level = frappe.db.get_value("Grid Level", {"position": position})
	if not level:
		frappe.throw(
			_("There is no grid level at position {0}. Create it first.").format(position), LevelMissingError
		)
	return level


def _undrawn(households: dict[str, int]) -> list[frappe._dict]:
	drawn = frappe.get_all(
		"Grid",
		{"parent_grid": ("in", [*households])},
		pluck="parent_grid",
		distinct=True,
		order_by="parent_grid asc",
	)
	return frappe.get_list(
		"Grid",
		filters={"name": ("in", [name for name in households if name not in drawn])},
		fields=["name", "grid_name", "grid_path"],
		order_by="grid_path asc",
		limit_page_length=0,
	)


def _set_planned(households: dict[str, int]) -> None:
	if not households:
		return
	grid = DocType("Grid")
	size = Case()
	for name, planned in households.items():
		size = size.when(grid.name == name, planned)
	frappe.qb.update(grid).set(grid.planned_households, size).where(grid.name.isin(list(households))).run()
