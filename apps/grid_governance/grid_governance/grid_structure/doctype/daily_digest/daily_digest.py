from frappe.model.document import Document


class DailyDigest(Document):
	"""The digest of one day: up to whom it has been told, so that a job that was killed is gone on with."""
