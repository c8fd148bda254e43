from frappe.model.document import Document


class NoticeType(Document):
	"""What kind of thing a notice tells."""
