from frappe.model.document import Document


class NoticeGrid(Document):
	"""A grid that a notice is for."""
