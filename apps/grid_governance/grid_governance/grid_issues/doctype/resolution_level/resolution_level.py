from frappe.model.document import Document


class ResolutionLevel(Document):
	"""A level at which issues are resolved; a workflow state names the one that acts in it."""
