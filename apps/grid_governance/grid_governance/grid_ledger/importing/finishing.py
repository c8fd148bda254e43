"""What an import does when all parts are done: what comes back to be corrected, what it found, care by age for the new."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType

from grid_governance import scope
from grid_governance.grid_ledger import RESIDENT
from grid_governance.grid_ledger.actions import accesses, care
from grid_governance.grid_ledger.importing import remarks, returned, uploads
from grid_governance.grid_ledger.importing.reading import Source
from grid_governance.grid_ledger.importing.shapes import Verdict
from grid_governance.grid_ledger.importing.uploads import IMPORT


def finish(doc: Document, source: Source) -> dict[str, str | None]:
	"""Take whom the import *doc* has brought into care by age, make files of what comes back to its owner, and return
	their addresses by field of the import. Can be done again."""
	if doc.state == uploads.WRITING:
		_take_into_care(doc)
		_tell_others(doc)
	uploads.delete_files(doc, uploads.RESULTS)
	files: dict[str, str | None] = dict.fromkeys(uploads.RESULTS)
	refused = [outcome.line for outcome in remarks.outcomes(doc, source.book, Verdict.REFUSED)]
	if refused:
		content = returned.refused(source.book, source.columns, refused, source.families)
		files["refused_file"] = _attach(doc, _("Rows to Correct"), content)
	told = remarks.outcomes(doc, source.book, Verdict.CHANGED, Verdict.TO_DECIDE, alike=True)
	if told and _may_take_out(doc):
		content = returned.outcome(source.book, source.columns, told)
		what = _("Changes and Questions")
		files["outcome_file"] = _attach(doc, what, content)
		if doc.kind == uploads.PEOPLE:
			accesses.note(accesses.EXPORT, doc.grid, RESIDENT, rows=len(told), detail=what)
	return files


def _may_take_out(doc: Document) -> bool:
	"""Say whether the owner of the import *doc* may have what stands in the ledger as a file (domain B3); she reads it on
	the form in any case. What comes back to be corrected is what she has sent."""
	return all(
		scope.covers(doc.grid_path, doc.owner, doctype, "export") for doctype in uploads.doctypes(doc.kind)
	)


def _take_into_care(doc: Document) -> None:
	"""Apply the age rules to those whom the import *doc* has brought; everybody else has them applied daily."""
	resident = DocType(RESIDENT)
	brought = (resident.creation >= doc.started_at) & resident.grid_path.like(f"{doc.grid_path}%")
	care.apply_age_rules(among=brought)


def _tell_others(doc: Document) -> None:
	"""Let rooms that follow the ledger's documents follow what was written without them: functions under the hook key
	`grid_ledger_written`, called with the path below which it lies."""
	for function in frappe.get_hooks("grid_ledger_written"):
		frappe.get_attr(function)(doc.grid_path)


def _attach(doc: Document, what: str, content: bytes) -> str:
	"""Keep *content* as a private Excel file of the import *doc* and return its address."""
	title = frappe.db.get_value("Grid", doc.grid, "grid_name")
	file = frappe.get_doc(
		doctype="File",
		file_name=f"{title}-{what}-{frappe.generate_hash(length=6)}.xlsx",
		attached_to_doctype=IMPORT,
		attached_to_name=doc.name,
		is_private=1,
		content=content,
	)
	return file.insert(ignore_permissions=True).file_url  # of her own import, whose fields are the room's
