"""An import without a desk, for operators: `bench --site … import-ledger`."""

from collections.abc import Callable
from pathlib import Path

import frappe
from frappe import _
from frappe.core.api.file import get_max_file_size
from frappe.model.document import Document
from frappe.translate import get_user_lang

from grid_governance.grid_ledger.importing import desk, remarks, run, uploads
from grid_governance.grid_ledger.importing.uploads import IMPORT


class UnknownGridError(frappe.ValidationError):
	"""No grid has the code that was given."""


class StoppedError(frappe.ValidationError):
	"""An import did not come to its end."""


class NoSuchFileError(frappe.ValidationError):
	"""There is no file at the path that was given."""


def bring(path: Path, code: str, kind: str, user: str) -> Document:
	"""Return a new import by *user* of the file at *path*, of *kind*, for the grid with *code*; its columns as recognised.

	Acts as *user* from now on. Raises UnknownGridError, NoSuchFileError and what the desk raises.
	"""
	frappe.set_user(user)
	frappe.local.lang = get_user_lang(user)  # a command has none of its own
	if not path.is_file():
		frappe.throw(_("There is no file {0}.").format(path), NoSuchFileError)
	grid = frappe.db.get_value("Grid", {"grid_code": code})
	if not grid:
		frappe.throw(_("There is no grid with the code {0} here.").format(code), UnknownGridError)
	doc = frappe.get_doc({"doctype": IMPORT, "grid": grid, "kind": kind}).insert()
	# Of this process alone: what browsers may send does not bind an operator with a file of 180,000 rows.
	frappe.local.conf.max_file_size = max(get_max_file_size(), path.stat().st_size)
	file = frappe.get_doc(
		doctype="File",
		file_name=path.name,
		attached_to_doctype=IMPORT,
		attached_to_name=doc.name,
		attached_to_field="file",
		is_private=1,
		content=path.read_bytes(),
	).insert()
	doc.file = file.file_url
	doc.save()
	desk.look(doc.name)
	return doc


def check(doc: Document) -> None:
	"""Check the import *doc*, its columns taken as they were recognised. Raises StoppedError when it did not end."""
	doc.reload()
	_work(desk.ready_to_check(doc, "{}"), run.check)


def write(doc: Document) -> None:
	"""Write the import *doc*, which was checked. Raises StoppedError when it did not end."""
	_work(desk.ready_to_write(doc), run.write)


def figures(doc: Document) -> str:
	"""Return what was found of the import *doc*, one figure on a line."""
	return "\n".join(f"{_(doc.meta.get_label(field))}: {doc.get(field)}" for field in remarks.COUNTED)


def refused(doc: Document) -> bytes | None:
	"""Return the Excel file of the refused rows of the import *doc*, None where there are none."""
	file = doc.refused_file and frappe.db.get_value(
		"File", {"file_url": doc.refused_file, "attached_to_doctype": IMPORT, "attached_to_name": doc.name}
	)
	return Path(frappe.get_doc("File", file).get_full_path()).read_bytes() if file else None


def _work(doc: Document, job: Callable[[str], None]) -> None:
	"""Do the job of *doc* here and now; one of the workers that would take it up finds it at work."""
	frappe.db.commit()  # a command is its own request, and what it orders is done by a job
	job(doc.name)
	doc.reload()
	if doc.state not in (uploads.CHECKED, uploads.DONE):
		raise StoppedError(f"{doc.name}: {doc.error or _(doc.state)}")
