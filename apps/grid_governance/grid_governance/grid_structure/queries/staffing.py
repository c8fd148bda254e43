"""Who holds which post where on a day, and what is vacant, counted from three queries."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

import frappe
from frappe.query_builder import DocType

from grid_governance import scope
from grid_governance.grid_structure import rules


@dataclass
class Tally:
	"""Counts of some holdings and units. People are a set, so that no sum counts anyone twice."""

	assignments: int = 0
	people: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
	units: set[str] = field(default_factory=set)
	vacancies: int = 0
	leaderless: set[str] = field(default_factory=set)

	@property
	def several(self) -> int:
		"""People who hold it in more than one grid."""
		return sum(len(grids) > 1 for grids in self.people.values())


@dataclass(frozen=True)
class Vacancy:
	"""A unit in which fewer people hold a post than it asks for; *needed* and *held* are numbers of people."""

	unit: frappe._dict
	post: str
	needed: int
	held: int


class Staffing:
	"""The posts held on *day* in the reader's scope at and below the path *prefix*, and its active grids.

	With *post* only that one.
	"""

	def __init__(self, day: date, prefix: str, post: str | None = None) -> None:
		self.posts = [row for row in _posts() if post in (None, "", row.name)]
		self.units = _units(prefix)
		names = {row.name for row in self.posts}
		self.held = [row for row in _held(day, prefix) if row.post in names]
		self._holders: dict[tuple[str, str], int] = defaultdict(int)
		for row in self.held:
			self._holders[row.grid_path, row.post] += 1
		self.leaderless = self._leaderless()
		self.vacancies = list(self._vacancies())

	def by_node(self, node_of: Callable[[str], str]) -> dict[str, dict[str | None, Tally]]:
		"""Return the tallies by node and post, under the post None those of all posts together.

		*node_of* says for a path in which node it counts.
		"""
		tallies: dict[str, dict[str | None, Tally]] = defaultdict(lambda: defaultdict(Tally))

		def both(path: str, post: str) -> Iterable[Tally]:
			of_node = tallies[node_of(path)]
			return of_node[post], of_node[None]

		for row in self.held:
			for tally in both(row.grid_path, row.post):
				tally.assignments += 1
				tally.people[row.worker].add(row.grid_path)
		for post in self.posts:
			for unit in self._units_of(post):
				for tally in both(unit.grid_path, post.name):
					tally.units.add(unit.grid_path)
					if post.is_lead and unit.grid_path in self.leaderless:
						tally.leaderless.add(unit.grid_path)
		for vacancy in self.vacancies:
			for tally in both(vacancy.unit.grid_path, vacancy.post):
				tally.vacancies += vacancy.needed - vacancy.held
		return tallies

	def _units_of(self, post: frappe._dict) -> Iterable[frappe._dict]:
		return (unit for unit in self.units if unit.grid_level == post.applies_to_level)

	def _leaderless(self) -> set[str]:
		"""The units that have a leading post which nobody holds, nor another leading post of their level."""
		leading = [post for post in self.posts if post.is_lead]
		led = {path for path, post in self._holders if post in {lead.name for lead in leading}}
		return {unit.grid_path for post in leading for unit in self._units_of(post)} - led

	def _vacancies(self) -> Iterable[Vacancy]:
		for post in self.posts:
			for unit in self._units_of(post) if post.min_per_grid else ():
				held = self._holders.get((unit.grid_path, post.name), 0)
				if held < post.min_per_grid:
					yield Vacancy(unit, post.name, post.min_per_grid, held)


def node_at(path: str, position: int) -> str:
	"""Return the path of the node at *position* above *path*; where that level is skipped, or *path* ends above
	it, the next one above that there is."""
	node = path[: rules.SEGMENT * position]
	while node.endswith(rules.SKIPPED):
		node = node[: -rules.SEGMENT]
	return node


def _posts() -> list[frappe._dict]:
	post, level = DocType("Grid Post"), DocType("Grid Level")
	return (
		frappe.qb.from_(post)
		.left_join(level)
		.on(level.name == post.applies_to_level)
		.select(post.name, post.applies_to_level, post.is_lead, post.min_per_grid)
		.orderby(level.position.isnull())
		.orderby(level.position)
		.orderby(post.is_lead, order=frappe.qb.desc)
		.orderby(post.creation)
		.run(as_dict=True)
	)


def _units(prefix: str) -> list[frappe._dict]:
	grid = DocType("Grid")
	within = scope.rules.subtree(prefix)
	return (
		frappe.qb.from_(grid)
		.select(grid.name, grid.grid_name, grid.grid_level, grid.grid_path)
		.where((grid.grid_path >= within.lo) & (grid.grid_path < within.hi))
		.where(grid.status == "Active")
		.where(scope.criterion("Grid", ptype="report"))
		.orderby(grid.grid_path)
		.run(as_dict=True)
	)


def _held(day: date, prefix: str) -> list[frappe._dict]:
	assignment = DocType("Grid Post Assignment")
	within = scope.rules.subtree(prefix)
	return (
		frappe.qb.from_(assignment)
		.select(assignment.grid_path, assignment.post, assignment.worker)
		.where((assignment.grid_path >= within.lo) & (assignment.grid_path < within.hi))
		.where(assignment.from_date <= day)
		.where(assignment.to_date.isnull() | (assignment.to_date >= day))
		.where(scope.criterion("Grid Post Assignment", ptype="report"))
		.run(as_dict=True)
	)
