from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_ledger.actions import contacts


class ResidentContact(Document):
	"""A way to reach a resident: hers, or of somebody who answers for her."""

	def before_validate(self) -> None:
		contacts.prepare(self)

	def validate(self) -> None:
		contacts.check(self)


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	scope.index_path("Resident Contact", "modified")
	# Whom a phone belongs to, and near-duplicates by phone.
	scope.index_report("Resident Contact", "phone_in_scope", "phone", "kind", "resident")
