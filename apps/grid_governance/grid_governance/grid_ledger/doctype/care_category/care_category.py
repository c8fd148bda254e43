from frappe.model.document import Document


class CareCategory(Document):
	"""A kind of people whom the village looks after: how often they are visited, who may know of it."""
