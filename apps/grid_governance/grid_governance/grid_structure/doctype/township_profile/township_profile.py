import frappe
from frappe import _
from frappe.model import table_fields
from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_structure import rules


class NotATownshipError(frappe.ValidationError):
	"""A profile is made for a grid that is no township."""


class SizeOrderError(frappe.ValidationError):
	"""The numbers of a size rule contradict each other."""


class TownshipProfile(Document):
	"""The rules in which one township differs from the site's; what is empty comes from there."""

	def validate(self) -> None:
		self.check_township()
		self.check_size_rules()
		check_households_together(self)

	def check_township(self) -> None:
		"""Rules are a township's: not a village's, not a county's."""
		grid = frappe.db.get_value("Grid", self.grid, ["grid_name", "grid_level", "grid_path"], as_dict=True)
		if rules.position(grid.grid_path) != rules.TOWNSHIP:
			frappe.throw(
				_("{0} is a {1}. Choose a township or sub-district.").format(grid.grid_name, grid.grid_level),
				NotATownshipError,
			)

	def check_size_rules(self) -> None:
		"""One rule a level, numbers that rise."""
		levels = [row.grid_level for row in self.size_rules]
		for row in self.size_rules:
			if levels.count(row.grid_level) > 1:
				frappe.throw(
					_("Row {0}: the level {1} has two size rules. Keep one.").format(row.idx, row.grid_level),
					SizeOrderError,
				)
			if not rules.rising(
				row.households_min, row.households_target, row.households_max
			) or not rules.rising(row.members_min, row.members_max):
				frappe.throw(
					_("Row {0}: the numbers of the level {1} must rise from 'from' to 'to'.").format(
						row.idx, row.grid_level
					),
					SizeOrderError,
				)


@frappe.whitelist()
def site_rules() -> dict[str, str | int]:
	"""Return the rules of Governance Settings by field of the profile: what holds where a township says nothing."""
	frappe.has_permission("Township Profile", "read", throw=True)
	site, profile = frappe.get_cached_doc("Governance Settings"), frappe.get_meta("Township Profile")
	shared = [
		field.fieldname
		for field in profile.fields
		if field.fieldtype not in table_fields and site.meta.has_field(field.fieldname)
	]
	return {field: site.get(field) for field in shared if site.get(field)}


def check_households_together(doc: Document) -> None:
	"""The circle of a party centre household, and a patch, have a smallest size that is not above their largest."""
	if not rules.rising(doc.centre_households_min, doc.centre_households_max):
		frappe.throw(
			_("The households of a party centre household must rise from {0} to {1}.").format(
				doc.centre_households_min, doc.centre_households_max
			),
			SizeOrderError,
		)
	if not rules.rising(doc.patch_households_min, doc.patch_households_max):
		frappe.throw(
			_("The households of a patch must rise from {0} to {1}.").format(
				doc.patch_households_min, doc.patch_households_max
			),
			SizeOrderError,
		)


def on_doctype_update() -> None:
	"""Lists in scope; the profile of a township is found by its path."""
	scope.index_path("Township Profile", "modified")
