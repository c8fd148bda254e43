from frappe.model.document import Document


class VisitPerson(Document):
	"""One of those who were met."""
