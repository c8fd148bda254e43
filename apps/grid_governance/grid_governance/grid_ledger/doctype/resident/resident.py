import frappe
from frappe.model.document import Document
from frappe.utils import getdate

from grid_governance import scope
from grid_governance.grid_ledger.actions import comings, consents, residents
from grid_governance.grid_ledger.rules import ages


class Resident(Document):
	"""A person of a household: what everybody in scope reads. Numbers, phones and care hang on her, on levels of their own."""

	@property
	def age(self) -> int | None:
		"""Full years today, None where the date of birth is unknown."""
		return ages.age(getdate(self.birth_date), getdate()) if self.birth_date else None

	def before_validate(self) -> None:
		residents.prepare(self)

	def validate(self) -> None:
		residents.check(self)
		consents.stamp(self, self)

	def on_update(self) -> None:
		residents.spread(self)
		comings.follow(self)

	def on_trash(self) -> None:
		residents.forget(self)

	def after_delete(self) -> None:
		residents.recount({self.household})
		residents.entitle({self.household})


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	scope.index_path("Resident", "modified")
	# Found by the beginning of the pinyin, of the initials.
	for column in ("pinyin", "initials"):
		scope.index_report("Resident", f"{column}_in_scope", column)
	# The same by the name; and who shares name and date of birth with somebody.
	scope.index_report("Resident", "resident_name_in_scope", "resident_name", "birth_date", "merged_into")
	# The members of a household.
	frappe.db.add_index("Resident", ["household", "status", "merged_into"])
	# How many there are in each grid, how many of them have changed, and what is wrong with them.
	scope.index_report(
		"Resident",
		"counted",
		*("grid_path", "status", "merged_into", "modified", "birth_date", "sex"),
		*("relation_to_head", "household"),
	)
	# The age rules and the data quality, by day of birth.
	frappe.db.add_index("Resident", ["birth_date", "grid_path"])
