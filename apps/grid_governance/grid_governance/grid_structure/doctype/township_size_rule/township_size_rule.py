from frappe.model.document import Document


class TownshipSizeRule(Document):
	"""The sizes that grids of one level have in a township."""
