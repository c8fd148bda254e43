from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_ledger.actions import notices


class PrivacyNotice(Document):
	"""What a township tells its people of how it handles their data (PIPL Art. 17, 30, 31)."""

	def before_insert(self) -> None:
		notices.prefill(self)

	def validate(self) -> None:
		notices.check(self)


def on_doctype_update() -> None:
	"""Lists in scope; the notice of a township is found by its grid."""
	scope.index_path("Privacy Notice", "modified")
