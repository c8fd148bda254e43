import frappe
from frappe.model.document import Document

from grid_governance.grid_ledger.importing.columns import synonyms


class ImportSynonym(Document):
	"""A word that files write for a field of the ledger, or for one of its values."""

	def validate(self) -> None:
		synonyms.check(self)


def on_doctype_update() -> None:
	"""One word means one thing, of a column and in it."""
	frappe.db.add_unique("Import Synonym", ["target", "word", "code"])
