from frappe.model.document import Document


class AudienceRow(Document):
	"""A group of people whom a notice is for."""
