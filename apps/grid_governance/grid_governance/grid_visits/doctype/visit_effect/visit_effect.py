from frappe.model.document import Document


class VisitEffect(Document):
	"""What a visit has done elsewhere."""
