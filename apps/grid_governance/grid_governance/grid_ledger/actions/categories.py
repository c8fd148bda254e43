"""Categories of care: what follows for those who are in one when it is changed."""

import frappe
from frappe.model.document import Document

from grid_governance.grid_ledger import CARE


def guard(category: Document) -> None:
	"""Keep the rows of *category* where it stands: when it becomes sensitive, or is none any more, they do, too."""
	if not category.is_new() and category.has_value_changed("is_sensitive"):
		frappe.db.set_value(
			CARE, {"category": category.name}, "is_sensitive", category.is_sensitive, update_modified=False
		)
