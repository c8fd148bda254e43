import frappe
from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_ledger.actions import centres


class PartyCentreHousehold(Document):
	"""A party member's household around which others gather: a micro grid of its own (党员中心户)."""

	def validate(self) -> None:
		centres.check(self)


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	scope.index_path("Party Centre Household", "modified")
	# Whether a household is kept as a centre, on its page.
	frappe.db.add_index("Party Centre Household", ["household"])
