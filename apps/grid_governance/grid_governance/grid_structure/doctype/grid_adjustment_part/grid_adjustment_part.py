from frappe.model.document import Document


class GridAdjustmentPart(Document):
	"""A grid that is split off another one."""
