from frappe.model.document import Document


class VisitTopic(Document):
	"""What a visit is about."""
