"""The ledger of the records that the app ships and the administrator owns."""

import frappe
from frappe.model.document import Document

from grid_governance.setup.seeds import decisions


class SeedRecord(Document):
	"""One seeded record: where it is, how it stands against what the app ships, and the difference."""

	def onload(self) -> None:
		"""Say what may be decided."""
		self.set_onload("choices", decisions.choices(self.name))


def on_doctype_update() -> None:
	"""Declare the index that every save of a seeded DocType asks: which seed made this record?"""
	frappe.db.add_index("Seed Record", ["reference_doctype", "reference_name"], "reference")


@frappe.whitelist(methods=["POST"])
def decide(seed: str, choice: str) -> None:
	"""Carry out what the user decided about *seed*: "take", "merge", "keep", "remove" or "release".

	What it writes to the record is done with the user's own rights on that record.
	"""
	frappe.get_doc("Seed Record", seed).check_permission("write")
	decisions.decide(seed, choice)


@frappe.whitelist(methods=["POST"])
def look_again() -> None:
	"""Bring the list up to the permission rules as they stand now."""
	frappe.has_permission("Seed Record", "read", throw=True)
	decisions.look_again()
