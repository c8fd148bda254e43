import frappe
from frappe.model.document import Document

from grid_governance import photos, scope
from grid_governance.grid_visits import actions, rounds, taking_back

BY_GRID = "grid_return_on_returned_on_index"
"""An index of earlier versions: a promise does not wait in the grid of the visit."""


class HouseholdVisit(Document):
	"""A visit at the door, or by telephone: whom it met, what it was about and what it did."""

	def onload(self) -> None:
		self.set_onload("may_take_back", taking_back.is_open(self))

	def before_validate(self) -> None:
		actions.prepare(self)

	def validate(self) -> None:
		actions.check(self)

	def after_insert(self) -> None:
		rounds.mark(self)
		actions.keep_promises(self)

	def on_update(self) -> None:
		photos.attach(self)


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	scope.index_path("Household Visit", "modified")
	# The visits of a household, the newest first.
	frappe.db.add_index("Household Visit", ["household", "visited_at"])
	# Visits of a period by node, each household once.
	scope.index_report("Household Visit", "visited_in_scope", "visited_at", "outcome", "household")
	# What was promised to a household and is not kept, wherever it lies by now.
	frappe.db.add_index("Household Visit", ["household", "returned_on", "return_on"])
	if frappe.db.has_index("tabHousehold Visit", BY_GRID):
		frappe.db.sql_ddl(f"alter table `tabHousehold Visit` drop index `{BY_GRID}`")
