"""Patches: the micro grids that a party member looks after, with their households and who that is (domain f07, f09)."""

from collections import Counter, defaultdict
from dataclasses import dataclass

import frappe
from frappe.query_builder import DocType
from frappe.utils import getdate

from grid_governance.grid_ledger import HOUSEHOLD
from grid_governance.grid_ledger.queries import sizes
from grid_governance.grid_ledger.queries.circles import CENTRE, Bounds
from grid_governance.grid_structure.rules import MICRO_GRID, size_verdict
from grid_governance.reporting import Question
from grid_governance.reporting.question import below

ASSIGNMENT = "Grid Post Assignment"

ONE_EACH, NOBODY, NO_MEMBER, SEVERAL, SHARED = (
	"One Member Each",
	"Nobody in Charge",
	"No Party Member",
	"Several Members",
	"Member of Several Patches",
)


@dataclass
class Patch:
	"""A micro grid that is no circle of a centre household, the households that live there, and who answers for it.

	*people* are (worker, name) of the party members with a post in it today, *others* the same of those with a post
	who are none; *elsewhere* says that its one member has another patch, too.
	"""

	grid: str
	grid_name: str
	grid_path: str
	households: int
	least: int
	most: int
	people: list[tuple[str, str]]
	others: list[tuple[str, str]]
	elsewhere: bool = False

	@property
	def size(self) -> str:
		"""How its households lie to the bounds of a patch in its township."""
		return size_verdict(self.households, self.least, self.most)

	@property
	def responsibility(self) -> str:
		"""Whether it has the one party member whom the rule asks for (domain f07)."""
		if not self.people:
			return NO_MEMBER if self.others else NOBODY
		if len(self.people) > 1:
			return SEVERAL
		return SHARED if self.elsewhere else ONE_EACH


def patches(question: Question) -> list[Patch]:
	"""Return the patches that *question*, about grids, asks for, inside the reader's scope, in the order of the tree."""
	grid, centre, level = DocType("Grid"), DocType(CENTRE), DocType("Grid Level")
	circles = frappe.qb.from_(centre).select(centre.grid).where(centre.status == "Active")
	rows = (
		frappe.qb.from_(grid)
		.join(level)
		.on(level.name == grid.grid_level)
		.select(grid.name, grid.grid_name, grid.grid_path)
		.where(question.where(grid))
		.where(sizes.reportable(grid, HOUSEHOLD, ASSIGNMENT))
		.where((level.position == MICRO_GRID) & (grid.status == "Active"))
		.where(grid.name.notin(circles))
		.orderby(grid.grid_path)
		.run(as_dict=True)
	)
	counted = sizes.by_path(question.prefix, "Grid")[sizes.PRESENT]
	bounds, held = Bounds("patch_households_min", "patch_households_max"), _held(question)
	found = []
	for row in rows:
		least, most = bounds.at(row.grid_path)
		people = sorted({(who, name) for who, name, party in held[row.name] if party})
		others = sorted({(who, name) for who, name, party in held[row.name] if not party})
		found.append(
			Patch(
				row.name,
				row.grid_name,
				row.grid_path,
				counted.get(row.grid_path, 0),
				least,
				most,
				people,
				others,
			)
		)
	several = Counter(worker for patch in found for worker, _name in patch.people)
	for patch in found:
		patch.elsewhere = any(several[worker] > 1 for worker, _name in patch.people)
	return found


def _held(question: Question) -> dict[str, list[tuple[str, str, int]]]:
	"""Who holds a post today, by grid: worker, name, whether a party member."""
	post, worker, today = DocType(ASSIGNMENT), DocType("Grid Worker"), getdate()
	rows = (
		frappe.qb.from_(post)
		.join(worker)
		.on(worker.name == post.worker)
		.select(post.grid, post.worker, worker.worker_name, worker.is_party_member)
		.where(sizes.reportable(post, ASSIGNMENT))
		.where(below(post.grid_path, question.prefix))
		.where((post.from_date <= today) & (post.to_date.isnull() | (post.to_date >= today)))
		.run()
	)
	found: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
	for grid, *who in rows:
		found[grid].append(tuple(who))
	return found
