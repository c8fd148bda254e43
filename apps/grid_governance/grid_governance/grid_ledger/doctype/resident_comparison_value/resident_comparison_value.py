from frappe.model.document import Document


class ResidentComparisonValue(Document):
	"""One field in which two rows differed: the value that was kept and the one that was given up."""
