"""The ledger of the records that the app ships and the administrator owns."""

import frappe
from frappe.model.document import Document

from grid_governance.setup.seeds import ledger


class SeedRecord(Document):
	"""One seeded record: where it is, how it stands against what the app ships, and the difference."""

	def onload(self) -> None:
		"""Say which of the two buttons make sense."""
		self.set_onload(
			"can_take", self.state in ("Changed Here", "Deleted Here", "Update Waiting", "Reference Missing")
		)
		self.set_onload("can_keep", self.state == "Update Waiting")


def on_doctype_update() -> None:
	"""Declare the index that every save of a seeded DocType asks: which seed made this record?"""
	frappe.db.add_index("Seed Record", ["reference_doctype", "reference_name"], "reference")


@frappe.whitelist(methods=["POST"])
def take_shipped(seed: str) -> None:
	"""Put the record of *seed* as the app ships it, with the user's own rights on that record."""
	frappe.get_doc("Seed Record", seed).check_permission("write")
	ledger.take_shipped(seed)


@frappe.whitelist(methods=["POST"])
def keep_own(seed: str) -> None:
	"""Decline the waiting update of *seed*."""
	frappe.get_doc("Seed Record", seed).check_permission("write")
	ledger.keep_own(seed)
