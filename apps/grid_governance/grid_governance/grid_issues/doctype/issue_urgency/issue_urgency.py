from frappe.model.document import Document


class IssueUrgency(Document):
	"""How soon an issue is to be resolved: in hours, in days, in calendar months (e29)."""
