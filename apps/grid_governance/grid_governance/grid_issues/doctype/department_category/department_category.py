from frappe.model.document import Document


class DepartmentCategory(Document):
	"""A category, or a group of them, that a department answers for in its township."""
