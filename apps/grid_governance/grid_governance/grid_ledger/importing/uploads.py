"""The file of an import: who may bring which, what a client may set of it, what is kept of it and how long."""

from pathlib import Path
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from grid_governance import scope
from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.spreadsheet import book
from grid_governance.spreadsheet.problems import FileProblem

IMPORT, LINE, COLUMN = "Ledger Import", "Ledger Import Line", "Ledger Import Column"
PEOPLE = "Households and People"

DRAFT, TO_CONFIRM, CHECKING, CHECKED = "Draft", "Columns to Confirm", "Checking", "Checked"
WRITING, DONE, STOPPED, CANCELLED, FAILED = "Writing", "Done", "Stopped", "Cancelled", "Failed"

RUNNING = (CHECKING, WRITING)
"""States in which a job works on an import, or is to."""

SENT = ("grid", "kind", "file")
"""What a client sets of an import; all else is the room's."""

RESULTS = ("refused_file", "outcome_file")
FILES = ("file", *RESULTS)


class ImportRightError(frappe.PermissionError):
	"""Somebody brings a file of what she may not enter herself."""


class ImportNotReadyError(frappe.ValidationError):
	"""An import has no file, is being worked on, or is past what is asked of it."""


class UnreadableFileError(frappe.ValidationError):
	"""A file is no table, or one that cannot be read."""


def keep_own_fields(doc: Document) -> None:
	"""Set the fields of the import *doc* that are not the client's to what stands, in a new one to what is theirs."""
	if doc.flags.by_room:
		return
	stored = doc.get_doc_before_save()
	for field in doc.meta.fields:
		if field.fieldname in SENT or field.fieldname == "grid_path":
			continue
		if field.fieldtype in frappe.model.table_fields:
			doc.set(field.fieldname, stored.get(field.fieldname) if stored else [])
		elif field.fieldtype not in frappe.model.no_value_fields:
			doc.set(field.fieldname, stored.get(field.fieldname) if stored else field.default)


def check_right(doc: Document) -> None:
	"""Refuse a new import of what its owner may not enter by hand in its grid. Raises ImportRightError."""
	if not doc.is_new():
		return
	for doctype in doctypes(doc.kind):
		if not scope.covers(doc.grid_path or "", frappe.session.user, doctype, "create"):
			frappe.throw(
				_(
					"Your posts do not let you enter {0} in {1}, so you cannot import them there either. Choose a grid of yours, or ask somebody who works there."
				).format(_(doctype), frappe.db.get_value("Grid", doc.grid, "grid_name")),
				ImportRightError,
			)


def check_file(doc: Document) -> None:
	"""Forget what was found when the import *doc* gets another file. Raises ImportNotReadyError once rows are written."""
	if doc.flags.by_room or not doc.has_value_changed("file"):
		return
	if doc.state in RUNNING or doc.started_at:
		frappe.throw(
			_("Rows of this file are written already. Make a new import for another file."),
			ImportNotReadyError,
		)
	found = ["file_name", "error", "stage", "refused_file", "outcome_file", "ended_at", "cleared_on"]
	doc.update({"state": DRAFT, "columns": [], **dict.fromkeys(found)})
	for field in doc.meta.get("fields", {"fieldtype": "Int"}):
		doc.set(field.fieldname, 0)
	if not doc.is_new():
		frappe.db.delete(LINE, {"ledger_import": doc.name})
		delete_files(doc.get_doc_before_save(), FILES)


def doctypes(kind: str) -> tuple[str, ...]:
	"""Return the DocTypes that whoever imports a file of *kind* must be able to enter."""
	return (HOUSEHOLD, RESIDENT) if kind == PEOPLE else (kind,)


def content(doc: Document) -> tuple[bytes, str]:
	"""Return the uploaded file of the import *doc* and its name. Raises ImportNotReadyError where it is gone."""
	file = frappe.db.get_value(
		"File",
		{"file_url": doc.file, "attached_to_doctype": IMPORT, "attached_to_name": doc.name},
		["name", "file_name"],
		as_dict=True,
	)
	if not doc.file or not file:
		frappe.throw(_("Attach the Excel file first."), ImportNotReadyError)
	path = frappe.get_doc("File", file.name).get_full_path()
	try:
		return Path(path).read_bytes(), file.file_name  # `get_content` guesses at the encoding of text
	except FileNotFoundError:
		frappe.throw(_("The file is not there any more. Upload it again."), ImportNotReadyError)


def read(content: bytes, file_name: str) -> book.Book:
	"""Return the sheets of the file *content*. Raises UnreadableFileError with what to do about it."""
	try:
		return book.read(content, file_name)
	except FileProblem as problem:
		frappe.throw(_(problem.message).format(*problem.values), UnreadableFileError)


def delete_files(doc: Document, fields: tuple[str, ...]) -> None:
	"""Delete the files that the import *doc* names in *fields* (of `FILES`)."""
	addresses = [doc.get(field) for field in fields if doc.get(field)]
	_delete_files({"attached_to_name": doc.name, "file_url": ["in", addresses]})


def forget(names: list[str]) -> None:
	"""Remove the rows, files and examples of the imports *names*; figures and times stay, for the history."""
	_delete_files({"attached_to_name": ["in", names]})
	frappe.db.delete(LINE, {"ledger_import": ["in", names]})
	frappe.db.delete(COLUMN, {"parenttype": IMPORT, "parent": ["in", names]})
	said = {"reference_doctype": IMPORT, "comment_type": ["in", ["Attachment", "Attachment Removed"]]}
	frappe.db.delete("Comment", {**said, "reference_name": ["in", names]})
	gone = {**dict.fromkeys(FILES), "error": None, "cleared_on": getdate()}
	frappe.db.set_value(IMPORT, {"name": ["in", names]}, gone, update_modified=False)
	for name in names:
		frappe.clear_document_cache(IMPORT, name)


def _delete_files(which: dict[str, Any]) -> None:
	for name in frappe.get_all(
		"File", filters={"attached_to_doctype": IMPORT, **which}, pluck="name", order_by="name asc"
	):
		# The room's own files, and those whose time is over: whoever made them.
		frappe.delete_doc("File", name, ignore_permissions=True, delete_permanently=True)
