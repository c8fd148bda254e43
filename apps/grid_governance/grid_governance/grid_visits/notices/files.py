"""What hangs on a notice goes out with it: it is fixed with what was approved."""

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.grid_visits.notices import NOTICE, approval

FIXED = ("attached_to_doctype", "attached_to_name", "file_name", "file_url", "content_hash")
"""What of a file says what hangs on which notice."""


class AttachmentFixedError(frappe.PermissionError):
	"""What hangs on a notice is to be changed by somebody who may not, or after its approval."""


def check(file: Document, method: str | None = None) -> None:
	"""Refuse to hang *file* on a notice, or to change or take what hangs there, unless its text may be changed too.

	Raises AttachmentFixedError.
	"""
	before = file.get_doc_before_save()
	if before and not any((file.get(field) or "") != (before.get(field) or "") for field in FIXED):
		return
	rows = [row for row in (before, file) if row and row.attached_to_doctype == NOTICE]
	for name in {row.attached_to_name for row in rows}:
		if frappe.db.exists(NOTICE, name) and not approval.may_change(frappe.get_doc(NOTICE, name)):
			frappe.throw(
				_(
					"What hangs on notice {0} is added and changed by whoever writes it, before it is submitted,"
					" or by whoever approves it, before it goes out."
				).format(name),
				AttachmentFixedError,
			)
