from frappe.model.document import Document


class ResidentSkill(Document):
	"""A skill of a resident."""
