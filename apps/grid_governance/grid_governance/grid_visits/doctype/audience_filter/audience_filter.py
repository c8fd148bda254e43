from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_visits.notices import audience


class AudienceFilter(Document):
	"""Whom notices are for, kept under a name."""

	def validate(self) -> None:
		audience.check(self)


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	scope.index_path("Audience Filter", "modified")
	# Found by name.
	scope.index_report("Audience Filter", "named_in_scope", "filter_name")
