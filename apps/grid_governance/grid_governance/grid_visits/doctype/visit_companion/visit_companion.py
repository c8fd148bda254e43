from frappe.model.document import Document


class VisitCompanion(Document):
	"""Who went along: a worker, or somebody from elsewhere."""
