"""The circles of party centre households: how many households and people each holds."""

from dataclasses import dataclass

import frappe
from frappe.query_builder import DocType

from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.queries import sizes
from grid_governance.grid_structure import queries as structure
from grid_governance.grid_structure.rules import TOWNSHIP, ancestor_path, size_verdict
from grid_governance.reporting import Question

CENTRE = "Party Centre Household"


@dataclass
class Circle:
	"""An active centre with the households and people in its micro grid, and how that lies to its township's bounds.

	*keeper* is the name of the party member who keeps it; it stands on the notice board of the grid.
	"""

	name: str
	centre_name: str
	party_member: str
	keeper: str
	grid: str
	grid_path: str
	plate_no: str | None
	households: int
	people: int
	least: int
	most: int

	@property
	def verdict(self) -> str:
		"""How the number of households lies to the bounds (domain a24)."""
		return size_verdict(self.households, self.least, self.most)


def circles(question: Question) -> list[Circle]:
	"""Return the active centres that *question* is about, inside the reader's scope, in the order of the tree."""
	centre, worker = DocType(CENTRE), DocType("Grid Worker")
	rows = (
		frappe.qb.from_(centre)
		.left_join(worker)
		.on(worker.name == centre.party_member)
		.select(centre.name, centre.centre_name, centre.party_member, centre.grid, centre.grid_path)
		.select(centre.plate_no, worker.worker_name.as_("keeper"))
		.where(question.about(CENTRE).where(centre))
		.where(sizes.reportable(centre, HOUSEHOLD, RESIDENT))
		.where(centre.status == "Active")
		.orderby(centre.grid_path)
		.orderby(centre.name)
		.run(as_dict=True)
	)
	counted = sizes.by_path(question.prefix, CENTRE)
	households, people = counted.get(sizes.HOUSEHOLDS, {}), counted.get(sizes.PEOPLE, {})
	bounds = Bounds("centre_households_min", "centre_households_max")
	return [
		Circle(
			**row,
			households=households.get(row.grid_path, 0),
			people=people.get(row.grid_path, 0),
			least=bounds.at(row.grid_path)[0],
			most=bounds.at(row.grid_path)[1],
		)
		for row in rows
	]


class Bounds:
	"""The least and most households of a circle, or of a patch, by township: read once for each."""

	def __init__(self, least: str, most: str) -> None:
		self._fields = (least, most)
		self._known: dict[str | None, tuple[int, int]] = {}

	def at(self, path: str) -> tuple[int, int]:
		"""Return the least and the most households that the township of *path* wants."""
		township = ancestor_path(path, TOWNSHIP)
		if township not in self._known:
			found = structure.settings(path, *self._fields)
			least, most = (found[field] or 0 for field in self._fields)
			self._known[township] = (least, most)
		return self._known[township]
