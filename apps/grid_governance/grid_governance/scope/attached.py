"""Rows that hang on a document: seen by whoever sees the document, in lists and by name."""

import frappe
from frappe.core.doctype.file import file as stock_file
from frappe.model.document import Document
from frappe.query_builder import DocType

from grid_governance.scope import queries
from grid_governance.scope.registry import attachment, limited_doctypes, limiting_field

UNSAVED = "new-"
"""How the Desk names a document that is not saved yet; its files are uploaded under that name."""


def list_condition(doctype: str, user: str) -> str:
	"""Return the SQL that keeps a list of *doctype* to rows whose document lies in the scope of *user*.

	Rows of documents that do not lie in a grid are left to Frappe's own rules.
	"""
	if user == "Administrator":
		return ""
	type_field, name_field = (f"`tab{doctype}`.`{field}`" for field in attachment(doctype))
	limited = limited_doctypes()
	among = ", ".join(frappe.db.escape(each) for each in limited)
	allowed = [f"ifnull({type_field}, '') not in ({among})", _own_unsaved(doctype, name_field, user)]
	for each in limited:
		ways = queries.conditions(each, user)
		if ways == []:
			continue
		here = f"{type_field} = {frappe.db.escape(each)}"
		if ways is not None:
			here += f" and exists ({_row_in_scope(each, name_field, user)})"
		allowed.append(f"({here})")
	return f"({' or '.join(allowed)})"


def has_permission(doc: Document, user: str, ptype: str | None = None) -> bool:
	"""Say whether the document that *doc* hangs on lies in the scope of *user*.

	Both the document that is stored and the one the client sent must; and a file is hers as it is stored.
	"""
	if user == "Administrator":
		return True
	type_field, name_field = attachment(doc.doctype)
	stored = (
		frappe.db.get_value(doc.doctype, doc.name, [type_field, name_field, "owner"]) if doc.name else None
	)
	if stored and not _visible(stored[0], stored[1], user, own=stored[2] == user):
		return False
	if stored and doc.doctype == "File" and not stock_file.has_permission(_as_stored(doc), ptype, user):
		return False
	return _visible(doc.get(type_field), doc.get(name_field), user, own=not stored or stored[2] == user)


def _as_stored(file: Document) -> Document:
	"""The *file* without what a client has sent for it: stock believes that it is public, or hangs on a document of hers."""
	kept = ["is_private", "owner", "attached_to_doctype", "attached_to_name"]
	return frappe.get_doc(
		doctype="File", name=file.name, **frappe.db.get_value("File", file.name, kept, as_dict=True)
	)


def _visible(doctype: str | None, name: str | None, user: str, own: bool) -> bool:
	if not doctype or not limiting_field(doctype):
		return True
	if own and (not name or str(name).startswith(UNSAVED)):
		return True
	ways = queries.conditions(doctype, user)
	if not ways:
		return ways is None
	row = DocType(doctype)
	return bool(
		frappe.qb.from_(row)
		.select(row.name)
		.where((row.name == name) & queries.criterion(doctype, user))
		.run()
	)


def _own_unsaved(doctype: str, name_field: str, user: str) -> str:
	unsaved = f"left({name_field}, {len(UNSAVED)}) = {frappe.db.escape(UNSAVED)}"
	return f"({unsaved} and `tab{doctype}`.`owner` = {frappe.db.escape(user)})"


def _row_in_scope(doctype: str, name_field: str, user: str) -> str:
	condition = queries.criterion(doctype, user).get_sql(quote_char="`", with_namespace=True)
	return f"select 1 from `tab{doctype}` where `tab{doctype}`.`name` = {name_field} and {condition}"  # noqa: S608
