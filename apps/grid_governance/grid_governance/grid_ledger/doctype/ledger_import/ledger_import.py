import frappe
from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_ledger.importing import uploads


class LedgerImport(Document):
	"""A file of households and people, or of what else lies in grids: looked at first, then written.

	What the room says of it (columns, figures, state, files) is set by the room alone, past `save`: what a client sends
	for these fields is not taken. Seen by whoever uploaded it, by nobody else.
	"""

	def validate(self) -> None:
		uploads.keep_own_fields(self)
		uploads.check_right(self)
		uploads.check_file(self)


def on_doctype_update() -> None:
	"""Lists in scope, newest first; the jobs to go on with by `state`, which is indexed by itself."""
	scope.index_path("Ledger Import", "creation")
	frappe.db.add_index("Ledger Import", ["owner", "creation"])
