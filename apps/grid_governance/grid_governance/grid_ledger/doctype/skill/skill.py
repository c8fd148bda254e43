from frappe.model.document import Document


class Skill(Document):
	"""What somebody can do that the village may ask for."""
