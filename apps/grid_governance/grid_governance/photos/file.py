"""Photos of documents: what a camera writes beside the picture is taken out before anything is stored."""

import mimetypes
from pathlib import PurePath
from typing import Any

import frappe
from frappe import _
from frappe.core.doctype.file import file as stock
from frappe.core.doctype.file.file import File

from grid_governance.photos import images

KEEPERS = "grid_photo_keepers"
"""Hook key: DocTypes whose pictures are always cleaned, whatever the System Settings say of others."""


class NotAPhotoError(frappe.ValidationError):
	"""A file that calls itself a photo is no picture, or too large a one."""


class PhotoFile(File):
	"""A file of Frappe's; a picture on a keeper of photos is stored upright and without the camera's data."""

	def save_file(
		self, content: bytes | str | None = None, *args: Any, **kwargs: Any
	) -> dict[str, str] | None:
		"""Store *content* as Frappe does, a picture cleaned and named for what it is. Raises NotAPhotoError."""
		if content and self.attached_to_doctype in frappe.get_hooks(KEEPERS) and self._is_to_be_a_picture():
			edge = images.LONGEST_EDGE if self.attached_to_field else None
			content, ending = cleaned(content, self.file_name, edge)
			self.file_name = PurePath(self.file_name).stem + ending
		return super().save_file(content, *args, **kwargs)

	def _is_to_be_a_picture(self) -> bool:
		named = mimetypes.guess_type(self.file_name or "")[0] or ""
		return bool(self.attached_to_field) or named.startswith("image/")


def cleaned(content: bytes | str, name: str, longest_edge: int | None = None) -> tuple[bytes, str]:
	"""Return the picture *content* clean, as it is where it already is, and the ending of its kind.

	Raises NotAPhotoError, which tells the file by *name*.
	"""
	content = content.encode() if isinstance(content, str) else content
	try:
		if images.is_clean(content, longest_edge):
			return content, images.ending(content)
		return images.clean(content, longest_edge)
	except images.NotAPictureError:
		frappe.throw(
			_(
				"{0} is not a photo, or one too large to open. Take the photo anew, or choose a JPG, PNG or WebP."
			).format(name),
			NotAPhotoError,
		)


def _strip(content: bytes, content_type: str) -> bytes:
	"""Stand in for Frappe's own, which forgets how the camera was held and lists every pixel in memory."""
	return cleaned(content, _("This file"))[0]


stock.strip_exif_data = _strip
