from frappe.model.document import Document

from grid_governance.grid_ledger.actions import categories


class CareCategory(Document):
	"""A kind of people whom the village looks after: how often they are visited, who may know of it."""

	def on_update(self) -> None:
		categories.guard(self)
