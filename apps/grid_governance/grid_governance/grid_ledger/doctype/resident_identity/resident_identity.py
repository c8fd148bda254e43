import frappe
from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_ledger.actions import identities


class ResidentIdentity(Document):
	"""The number of one person, encrypted by Frappe's own key; who sees it whole gives a reason."""

	def before_validate(self) -> None:
		identities.prepare(self)

	def on_update(self) -> None:
		identities.fill(self)


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	scope.index_path("Resident Identity", "modified")
	# Found by the whole number, and the same person registered here and living there.
	frappe.db.add_index("Resident Identity", ["id_number_hash", "grid_path"])
	# One number once in a household.
	frappe.db.add_unique("Resident Identity", ["household", "id_number_hash"])
