import frappe
from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_ledger.actions import households


class Household(Document):
	"""Those who live, or are registered, behind one door; its head, its place, what becomes of it."""

	def validate(self) -> None:
		households.check(self)

	def on_update(self) -> None:
		households.spread(self)


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	scope.index_path("Household", "modified")
	# Those of one grid, by number as they hang at the doors.
	frappe.db.add_index("Household", ["grid", "household_no"])
	# What is due for a visit next, in one grid.
	frappe.db.add_index("Household", ["grid", "next_visit_due"])
	# How many there are in each grid.
	scope.index_report("Household", "counted", "grid_path", "status", "residence_state")
	# One number, one household in a village; those without a number have none.
	scope.unique_in_village("Household", "household_no")
