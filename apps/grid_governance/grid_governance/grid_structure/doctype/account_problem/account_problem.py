from frappe.model.document import Document


class AccountProblem(Document):
	"""A worker for whom a batch makes no account, and why."""
