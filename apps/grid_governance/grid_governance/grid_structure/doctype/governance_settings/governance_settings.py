from frappe.model.document import Document

from grid_governance.grid_structure import base_map
from grid_governance.grid_structure.doctype.township_profile.township_profile import check_households_together


class GovernanceSettings(Document):
	"""Rules of the whole site; a township's own profile goes before them."""

	def validate(self) -> None:
		check_households_together(self)
		base_map.check(self)

	def on_update(self) -> None:
		base_map.show_change(self)
