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
	scope.index_report("Resident Identity", "id_number_hash_in_scope", "id_number_hash", "resident")
	# Whose number it is, and what it says of her.
	frappe.db.add_index("Resident Identity", ["resident", "number_birth_date", "number_sex"])
	# One number once in a household.
	frappe.db.add_unique("Resident Identity", ["household", "id_number_hash"])
