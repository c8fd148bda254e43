from frappe.model.document import Document


class LedgerImportColumn(Document):
	"""A column of an imported file: its heading, an example of its cells, and what it is taken as.

	`sheet` and `position` count from 0; `target` is the key of a target (see `importing.columns`), empty where the
	column means nothing to the ledger; `taken` says whether it is written; `note` says why it is not.
	"""
