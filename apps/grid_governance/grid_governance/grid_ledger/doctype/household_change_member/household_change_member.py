from frappe.model.document import Document


class HouseholdChangeMember(Document):
	"""A person whom a change of a household concerned, with her relation to the head before and after."""
