import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.grid_structure import rules


class PositionError(frappe.ValidationError):
	"""A level has no place in grid paths, or its place is in use."""


class SizeRuleError(frappe.ValidationError):
	"""The household numbers of a level contradict each other."""


class GridLevel(Document):
	"""A level of the grid tree and the sizes its grids are drawn to."""

	def validate(self) -> None:
		self.check_position()
		self.check_sizes()

	def check_position(self) -> None:
		"""A level stands at one of the positions of a path."""
		if self.position not in rules.POSITIONS:
			frappe.throw(
				_("Position {0} of level {1} does not exist. Use a number from {2} to {3}.").format(
					self.position, self.level_name, rules.POSITIONS[0], rules.POSITIONS[-1]
				),
				PositionError,
			)

	def check_sizes(self) -> None:
		"""From ≤ aimed at ≤ to, where they are given."""
		households = (self.households_min, self.households_target, self.households_max)
		if not rules.rising(*households) or not rules.rising(self.members_min, self.members_max):
			frappe.throw(
				_("Level {0}: the numbers must rise from 'from' to 'to'.").format(self.level_name),
				SizeRuleError,
			)
