from frappe.model.document import Document

from grid_governance.grid_ledger.actions import retention


class RetentionRule(Document):
	"""How long a kind of personal data is kept, and what happens then (PIPL Art. 19)."""

	def validate(self) -> None:
		retention.check(self)
