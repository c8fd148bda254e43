"""Which grid a row belongs to: by its code, or by its name (and area) inside its village (domain B0.1, D2)."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import frappe
from frappe import _

from grid_governance.grid_ledger.actions import households
from grid_governance.grid_ledger.importing.shapes import Problem
from grid_governance.grid_structure import rules
from grid_governance.grid_structure.workbook.rules import village_key
from grid_governance.scope.rules import subtree

VILLAGE, AREA, GRID, CODE = "Grid.village", "Grid.area", "Grid.name", "Grid.code"

Names = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Place:
	"""A grid in which households lie."""

	name: str
	title: str
	path: str

	@property
	def village(self) -> str:
		"""The path of the village, which numbers its households."""
		return households.village_of(self.path)


class Places:
	"""The grids at and below *root*, the name of a Grid; what was looked for once is remembered."""

	def __init__(self, root: str) -> None:
		path = frappe.db.get_value("Grid", root, "grid_path")
		within = subtree(path)
		found = _nodes([["grid_path", ">=", within.lo], ["grid_path", "<", within.hi]])
		# Past the scope: the caller has judged the root; of what lies above it, the name of the village is compared.
		above = _nodes([["grid_path", "in", rules.paths_above(path) or [""]]])
		self._nodes = {row.grid_path: row for row in (*above, *found)}
		self._root = self._nodes[path]
		self._inside = [row for row in self._nodes.values() if row.grid_path.startswith(path)]
		self._open = [row for row in self._inside if row.status == "Active"]
		self._holding = [
			row for row in self._open if not households.level_problem(row.grid_level, row.grid_name)
		]
		self._by_code = {row.grid_code: row for row in self._inside if row.grid_code}
		self._by_title: dict[str, list[frappe._dict]] = defaultdict(list)
		for row in self._inside:
			self._by_title[row.grid_name].append(row)
		self._known: dict[Names, Place | Problem] = {}
		self._villages: dict[str, str] = {}

	def title(self, name: str) -> str:
		"""Return what the grid *name* is called, empty for one that does not lie at or below the root."""
		return next((node.grid_name for node in self._inside if node.name == name), "")

	def village(self, names: Names) -> str:
		"""Return the path of the village that *names* mean, as in `find`, empty where they mean none."""
		village, _area, _title, code = names
		key = code or village
		if key not in self._villages:
			node = self._by_code.get(code) if code else self._village(village)
			path = "" if isinstance(node, Problem) or not node else node.grid_path
			self._villages[key] = households.village_of(path)
		return self._villages[key]

	def are_current(self, places: Collection[Place]) -> bool:
		"""Say whether the grids *places* lie where they did, and are open."""
		if not places:
			return True
		stands = _nodes([["name", "in", sorted({place.name for place in places})]])
		open_ = {(node.name, node.grid_path) for node in stands if node.status == "Active"}
		return open_ >= {(place.name, place.path) for place in places}

	def find(self, names: Names) -> Place | Problem:
		"""Return the grid that *names* (village, area, name and code of the grid, "" for what is not said) mean, or what
		is wrong with them."""
		found = self._known.get(names)
		if found is None:
			found = self._known[names] = self._find(*names)
		return found

	def _find(self, village: str, area: str, title: str, code: str) -> Place | Problem:
		if code:
			node = self._by_code.get(code)
			if not node:
				return Problem(CODE, _("There is no grid with the code {0} here.").format(code))
			return self._checked(node, CODE)
		home = self._village(village)
		if isinstance(home, Problem):
			return home
		inside = home or self._root
		if area:
			areas = [node for node in self._named(area, inside.grid_path) if _is_area(node)]
			if not areas:
				return Problem(AREA, _("There is no area {0} in {1}.").format(area, inside.grid_name))
			inside = areas[0]
		if title:
			return self._by_name(title, inside, bool(home))
		return self._only(inside, bool(home))

	def _village(self, name: str) -> frappe._dict | Problem | None:
		"""The node of the village that is named or in which the root lies; None where it is not said."""
		at = rules.ancestor_path(self._root.grid_path, rules.VILLAGE)
		if at:
			own = self._nodes[at]
			if name and village_key(name) != village_key(own.grid_name) and name != own.grid_code:
				return Problem(
					VILLAGE,
					_("Only {0} is imported here; {1} is another village.").format(
						self._root.grid_name, name
					),
				)
			return self._root
		if not name:
			return None
		found = [
			node
			for node in self._open
			if rules.position(node.grid_path) == rules.VILLAGE
			and (node.grid_code == name or village_key(node.grid_name) == village_key(name))
		]
		if len(found) == 1:
			return found[0]
		if found:
			return Problem(
				VILLAGE,
				_("{0} is the name of {1} villages. Write the 12-digit code.").format(name, len(found)),
			)
		return Problem(
			VILLAGE,
			_("{0} has no village {1}. Bring in the villages first, or correct the name.").format(
				self._root.grid_name, name
			),
		)

	def _by_name(self, title: str, inside: frappe._dict, has_village: bool) -> Place | Problem:
		found = self._named(title, inside.grid_path)
		found = [node for node in found if node in self._holding] or found
		if not found:
			return Problem(GRID, _("There is no grid {0} in {1}.").format(title, inside.grid_name))
		if len(found) > 1:
			if has_village:
				return Problem(
					GRID,
					_(
						"{0} grids in {1} are called {2}. Write the area as well, or the code of the grid."
					).format(len(found), inside.grid_name, title),
				)
			return Problem(VILLAGE, _("The village is missing."))
		return self._checked(found[0], GRID)

	def _only(self, inside: frappe._dict, has_village: bool) -> Place | Problem:
		"""The only grid there, for a row that names none."""
		holding = [node for node in self._holding if node.grid_path.startswith(inside.grid_path)]
		if len(holding) == 1:
			return self._checked(holding[0], GRID)
		if not has_village:
			return Problem(VILLAGE, _("The village is missing."))
		return Problem(GRID, _("Write the grid in which the household lies: its name, or its code."))

	def _named(self, title: str, path: str) -> list[frappe._dict]:
		return [node for node in self._by_title.get(title, ()) if node.grid_path.startswith(path)]

	def _checked(self, node: frappe._dict, target: str) -> Place | Problem:
		if node.status == "Closed":
			return Problem(
				target,
				_("{0} is closed. Choose the grid that has taken over from it.").format(node.grid_name),
			)
		if problem := households.level_problem(node.grid_level, node.grid_name):
			return Problem(target, problem)
		return Place(node.name, node.grid_name, node.grid_path)


def _is_area(node: frappe._dict) -> bool:
	return rules.position(node.grid_path) == rules.AREA


def _nodes(filters: list[list[Any]]) -> list[frappe._dict]:
	return frappe.get_all(
		"Grid",
		filters=filters,
		fields=["name", "grid_name", "grid_code", "grid_level", "grid_path", "status"],
		order_by="grid_path asc",
		limit_page_length=0,
	)
