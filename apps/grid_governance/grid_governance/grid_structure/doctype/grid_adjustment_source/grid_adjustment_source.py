from frappe.model.document import Document


class GridAdjustmentSource(Document):
	"""A grid that goes into another one."""
