"""What a record may name: people whom its writer sees, and files that are hers to open."""

from collections.abc import Iterator
from urllib.parse import unquote

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.scope.attached import UNSAVED
from grid_governance.scope.doors.patches import is_active
from grid_governance.scope.doors.wrappers import readable
from grid_governance.scope.registry import NAMED_BY_READERS, limiting_field

UPLOADED = ("/files/", "/private/files/")


def check_people(doc: Document, method: str | None = None) -> None:
	"""Refuse a link to a person, household or place outside the scope of whoever writes it, in whatever DocType.

	Frappe asks only whether the record exists, and then tells its title to whoever reads the link. What was linked
	before stays. Raises PermissionError in words that tell nothing of the record.
	"""
	if not is_active() or doc.flags.ignore_permissions or frappe.session.user == "Administrator":
		return
	linked = set(_links(doc))
	if not linked:
		return
	before = doc.get_doc_before_save()
	asked: dict[str, set[str]] = {}
	for doctype, name in linked - set(_links(before) if before else ()):
		asked.setdefault(doctype, set()).add(name)
	for doctype, names in asked.items():
		for name in sorted(names - readable(doctype, names)):
			frappe.throw(
				_("{0} {1} is none of yours. Choose one in your own grids.").format(_(doctype), name),
				frappe.PermissionError,
			)


def check_files(doc: Document, method: str | None = None) -> None:
	"""Refuse in a row in a grid the address of a file that its writer may not open, and make private what it names.

	Frappe attaches whatever file a field names, and an attached file is opened with its document: with a look at the
	address alone. Runs after the validation of the room, which may have words of its own. Raises PermissionError.
	"""
	if not is_active() or not limiting_field(doc.doctype):
		return
	known = _addresses(doc.get_doc_before_save())
	for row, field, address in _attached(doc):
		if address in known or not address.startswith(UPLOADED):
			continue
		file = _readable_file(address)
		if not file:
			frappe.throw(
				_("The file {0} is not one of yours. Upload it here.").format(address), frappe.PermissionError
			)
		if not file.is_private and not file.attached_to_name:
			file.is_private = 1
			file.save(ignore_permissions=True)  # what hangs on a row in a grid is never public
			row.set(field, file.file_url)


def _links(doc: Document) -> Iterator[tuple[str, str]]:
	for row in (doc, *doc.get_all_children()):
		for field in row.meta.get_link_fields() + row.meta.get_dynamic_link_fields():
			doctype = field.options if field.fieldtype == "Link" else row.get(field.options)
			if doctype in NAMED_BY_READERS and row.get(field.fieldname):
				yield doctype, str(row.get(field.fieldname))


def _attached(doc: Document) -> Iterator[tuple[Document, str, str]]:
	for row in (doc, *doc.get_all_children()):
		for field in row.meta.get("fields", {"fieldtype": ["in", ("Attach", "Attach Image")]}):
			if row.get(field.fieldname):
				yield row, field.fieldname, str(row.get(field.fieldname))


def _addresses(doc: Document | None) -> set[str]:
	return {address for _row, _field, address in _attached(doc)} if doc else set()


def _readable_file(address: str) -> Document | None:
	"""Return the File at *address* that the session's user may open, one that hangs on nothing yet first."""
	names = frappe.get_all(
		"File",
		filters={"file_url": ["in", [address, unquote(address)]]},
		pluck="name",
		order_by="creation desc",
		limit_page_length=20,
	)
	files = [file for file in (frappe.get_doc("File", name) for name in names) if _may_open(file)]
	return min(files, key=lambda file: bool(file.attached_to_name), default=None)


def _may_open(file: Document) -> bool:
	"""Say whether the session's user may open *file*; what was sent to a form not yet saved is its sender's alone."""
	if (file.attached_to_name or "").startswith(UNSAVED):
		return file.owner == frappe.session.user
	return file.has_permission("read")
