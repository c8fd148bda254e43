from frappe.model.document import Document


class CalendarDay(Document):
	"""A day that is a holiday or a working day here, whatever the state's calendar says."""
