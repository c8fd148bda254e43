from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_issues import standard_answers


class StandardAnswer(Document):
	"""Words that fit many issues: filled into the dialog of a step, and changed there to what really happened."""

	def validate(self) -> None:
		standard_answers.check(self)


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	# The list as shipped, and what is offered in one township.
	scope.index_path("Standard Answer", "modified")
