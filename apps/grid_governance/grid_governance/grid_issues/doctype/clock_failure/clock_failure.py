from frappe.model.document import Document

from grid_governance import scope


class ClockFailure(Document):
	"""An issue on which the clock could not act, with the reason; it is tried again and goes when that succeeds."""


def on_doctype_update() -> None:
	"""The list as shipped: the last failure first, in any scope."""
	scope.index_path("Clock Failure", "failed_at")
