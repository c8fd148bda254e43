import frappe
from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_ledger.actions import households

BY_VISIT = "grid_next_visit_due_index"
"""What older versions had: those of one grid are few, and the day of their next visit changes with every round."""


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
	# Found by the beginning of the number, of the head's name, of the address; listed by number.
	for column in ("household_no", "title", "address"):
		scope.index_report("Household", f"{column}_in_scope", column)
	# How many there are in each grid, and what is wrong with them.
	scope.index_report(
		"Household",
		"counted",
		*("grid_path", "status", "residence_state", "head", "household_no"),
		*("member_count", "latitude", "longitude"),
	)
	# One number, one household in a village; those without a number have none.
	scope.unique_in_village("Household", "household_no")
	if frappe.db.has_index("tabHousehold", BY_VISIT):
		frappe.db.sql_ddl(f"alter table `tabHousehold` drop index `{BY_VISIT}`")
