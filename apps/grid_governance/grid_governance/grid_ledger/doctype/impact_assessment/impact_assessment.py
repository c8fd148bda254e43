from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_ledger.actions import notices


class ImpactAssessment(Document):
	"""What handling personal data may do to people, and what is done against it (PIPL Art. 55 and 56)."""

	def before_insert(self) -> None:
		notices.prefill(self)

	def validate(self) -> None:
		notices.check(self)
		notices.check_assessment(self)

	def on_trash(self) -> None:
		notices.keep_assessment(self)


def on_doctype_update() -> None:
	"""Lists in scope, newest change first."""
	scope.index_path("Impact Assessment", "modified")
