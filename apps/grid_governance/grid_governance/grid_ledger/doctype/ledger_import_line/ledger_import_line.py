import frappe
from frappe import _

from grid_governance import scope
from grid_governance.grid_structure.append_only import AppendOnly, AppendOnlyError


class ImportLineFixedError(AppendOnlyError):
	"""A line of an import is to be written by hand, changed, renamed or deleted."""


class LedgerImportLine(AppendOnly):
	"""A row of an imported file of which there is something to say; one that is merely new or unchanged has none.

	Written by the importer in sets, with the owner of the import as its own; answered by `importing.desk.answer`.
	`sheet` counts from 0 and `row_no` is the row as Excel shows it. `details` is a JSON object with, where there
	are any, "problems" [{"target", "message"}], "changes" [{"doctype", "name", "fieldname", "label", "old", "new"}],
	"alike" (a sentence), "question" (a sentence) and "candidates" [{"doctype", "name", "label"}]. `answer` is a value
	of `importing.shapes.Choice`, `answer_record` the name of the candidate that was chosen.
	"""

	def refuse(self) -> None:
		"""What a file says is corrected in the file."""
		frappe.throw(
			_("The rows of an import are written by it. Correct the file and upload it again."),
			ImportLineFixedError,
		)


def on_doctype_update() -> None:
	"""Lists in scope; a row of a file stands once; the rows of an import by what becomes of them, in their order."""
	scope.index_path("Ledger Import Line", "modified")
	frappe.db.add_unique(
		"Ledger Import Line", ["ledger_import", "sheet", "row_no"], constraint_name="row_of_import"
	)
	frappe.db.add_index("Ledger Import Line", ["ledger_import", "verdict", "sheet", "row_no"])
