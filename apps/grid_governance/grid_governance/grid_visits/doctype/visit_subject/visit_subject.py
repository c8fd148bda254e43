from frappe.model.document import Document


class VisitSubject(Document):
	"""A topic of a visit."""
