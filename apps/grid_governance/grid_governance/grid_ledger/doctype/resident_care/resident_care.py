import frappe
from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_ledger.actions import care


class ResidentCare(Document):
	"""That a resident is in a care category, from when to when and who says so."""

	def before_validate(self) -> None:
		care.prepare(self)

	def validate(self) -> None:
		care.check(self)


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	scope.index_path("Resident Care", "modified")
	# Whom to visit next.
	scope.index_report("Resident Care", "due_in_scope", "next_visit_due")
	# Who is in a category, and who of one resident.
	frappe.db.add_index("Resident Care", ["category", "resident"])
	frappe.db.add_index("Resident Care", ["resident", "category"])
