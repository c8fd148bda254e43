"""Photos of a document (an issue, a referral, a visit): private, one's own, and seen by whoever sees the document."""

from pathlib import PurePath

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType

from grid_governance.photos import images
from grid_governance.photos.file import cleaned

PENDING = "new-"
"""How the name begins that a form not yet saved sends along with a file."""


class PhotoNotYoursError(frappe.ValidationError):
	"""A photo field names a file that the user has no right to see, or no file of this site."""


def attach(doc: Document) -> None:
	"""Attach the files that the photo fields name, so that who reads the issue sees them.

	Frappe does this too, after us, but where a file has no free row it writes a public copy of a private
	photo. What we have attached it leaves alone.
	"""
	for fieldname in fields(doc):
		url = doc.get(fieldname)
		place = {
			"attached_to_doctype": doc.doctype,
			"attached_to_name": doc.name,
			"attached_to_field": fieldname,
		}
		if not url or not doc.has_value_changed(fieldname):
			continue
		if not frappe.db.exists("File", {"file_url": url, **place}):
			_attach(_own_upload(url), place)
		_release_pending(url)


def show_with(url: str, doc: Document) -> None:
	"""Attach the photo at *url*, which the session's user may see, to *doc* as well."""
	place = {"attached_to_doctype": doc.doctype, "attached_to_name": doc.name, "attached_to_field": None}
	photo = _own_upload(url)
	if photo and not frappe.db.exists(
		"File", {"file_url": url, **place, "attached_to_field": ["is", "not set"]}
	):
		_attach(photo, place)


def check(doc: Document, fieldname: str) -> None:
	"""Refuse a photo that its writer could not see otherwise, and take a public one out of the public folder."""
	if doc.get(fieldname) and doc.has_value_changed(fieldname):
		_refuse_others(doc, fieldname)


def keep(content: bytes, place: dict[str, str] | None = None) -> Document:
	"""Store the photo *content* as a private file of the session's user, attached to *place* if given; return its row.

	Raises NotAPhotoError.
	"""
	content, ending = cleaned(content, _("This file"), images.LONGEST_EDGE)
	return _private(_("Photo of the Scene") + ending, content, place)


def fields(doc: Document) -> list[str]:
	"""Return the fields of *doc* that name photos."""
	return [field.fieldname for field in doc.meta.get("fields", {"fieldtype": "Attach Image"})]


def _attach(photo: Document, place: dict[str, str]) -> None:
	if not _is_attached(photo):
		photo.db_set(place, update_modified=False)
		return
	row = frappe.copy_doc(photo)
	row.update(place)
	row.set_new_name()
	row.set_user_and_timestamp()
	row.db_insert()  # an insert would write the file once more


def _release_pending(url: str) -> None:
	"""Free the rows of *url* that hang on a form not yet saved; one of them is enough to make Frappe find
	no document to ask when the file is downloaded, and answer that there is no such file."""
	file = DocType("File")
	(
		frappe.qb.update(file)
		.set(file.attached_to_doctype, None)
		.set(file.attached_to_name, None)
		.set(file.attached_to_field, None)
		.where((file.file_url == url) & file.attached_to_name.like(f"{PENDING}%"))
		.run()
	)


def _refuse_others(doc: Document, fieldname: str) -> None:
	"""Frappe attaches any file whose address a field names, so a name alone would open it to the writer."""
	url = doc.get(fieldname)
	photo = _own_upload(url) if url.startswith(("/files/", "/private/files/")) else None
	just_sent = photo and photo.owner == frappe.session.user and not _is_attached(photo)
	if not photo or not (photo.is_private or just_sent):
		frappe.throw(
			_("The file {0} is not one of yours. Take or upload the photo here.").format(url),
			PhotoNotYoursError,
		)
	if not photo.is_private:
		photo.is_private = 1
		photo.save(ignore_permissions=True)  # photos of a document are never public
		doc.set(fieldname, photo.file_url)
	doc.set(fieldname, _without_camera_data(photo).file_url)


def _without_camera_data(photo: Document) -> Document:
	"""Return *photo*, or a clean copy of it where it was sent without a document, past the cleaning of its files."""
	stored = photo.get_content()
	content, ending = cleaned(stored, photo.file_name, images.LONGEST_EDGE)
	return photo if content == stored else _private(PurePath(photo.file_name).stem + ending, content)


def _private(name: str, content: bytes, place: dict[str, str] | None = None) -> Document:
	values = {"file_name": name, "is_private": 1, "content": content}
	return frappe.get_doc(doctype="File", **{**values, **(place or {})}).insert()


def _own_upload(url: str) -> Document | None:
	"""Return the row of the file at *url* that the session's user may see, one not yet attached first."""
	files = frappe.get_all(
		"File", filters={"file_url": url}, pluck="name", order_by="creation desc", limit_page_length=20
	)
	readable = [
		file for file in map(_file, files) if not _is_pending_of_others(file) and file.has_permission("read")
	]
	return min(readable, key=_is_attached, default=None)


def _file(name: str) -> Document:
	return frappe.get_doc("File", name)


def _is_attached(file: Document) -> bool:
	"""Say whether *file* belongs to a document that exists; a form not yet saved sends a name of its own."""
	return bool(file.attached_to_name) and not _is_pending(file)


def _is_pending(file: Document) -> bool:
	return (file.attached_to_name or "").startswith(PENDING)


def _is_pending_of_others(file: Document) -> bool:
	"""Say whether *file* was uploaded by another user to a form not yet saved: there is no document to ask."""
	return _is_pending(file) and file.owner != frappe.session.user
