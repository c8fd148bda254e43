from frappe.model.document import Document


class ClockRule(Document):
	"""A time for issues of one source or urgency, of a township or of the whole site."""
