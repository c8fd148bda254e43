"""What stands in the place of Frappe's functions that are no methods of their own but decide what others show."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import frappe
from frappe import _

from grid_governance.scope import hooks, queries, rules
from grid_governance.scope.doors import takings
from grid_governance.scope.doors.patches import is_active
from grid_governance.scope.doors.wrappers import ClosedDoorError, require, require_administrator, sees_all
from grid_governance.scope.registry import limiting_field

PRIVATE = "/private/files/"
OPENED = ("image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf")
"""Types of private files that a browser shows in place: none of them runs scripts of this site."""
_PLAIN_COLUMN = re.compile(r"^(`tab[^`]+`\.)?`?\w+`?$")
_PLAIN_IFNULL = re.compile(
	r"^\s*\(?\s*(ifnull|coalesce)\(\s*(`tab[^`]+`\.)?`?\w+`?\s*,\s*('[^']*'|\"[^\"]*\"|\d+)\s*\)\s*"
	r"((!=|=)\s*('[^']*'|\"[^\"]*\"|\d+))?\s*\)?\s*$",
	re.IGNORECASE,
)
_PLAIN_EMPTY = re.compile(r"^\s*\(\s*`?(\w+)`?\s*=\s*''\s+or\s+`?\1`?\s+is\s+null\s*\)\s*$", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_LITERAL = re.compile(r"'(?:\\.|[^'\\])*'")


class HiddenFieldError(frappe.PermissionError):
	"""A filter, a sort or a group names a field whose permission level the user has not."""


class FilterTextError(frappe.PermissionError):
	"""A filter is a piece of SQL instead of a field, an operator and a value."""


def query_conditions(stock: Callable[..., str], query: Any) -> str:
	"""Put the hooks' conditions in parentheses, and add those for DocTypes that no hook can name."""
	conditions = [stock(query), hooks.generic_list_condition(query.doctype, query.user)]
	return " and ".join(f"({condition})" for condition in conditions if condition)


def controller_permissions(stock: Callable[..., Any], doc: Any, ptype: str, *args: Any, **kwargs: Any) -> Any:
	"""Add our judgement for DocTypes that no hook can name to that of the hooks: both must allow."""
	answer = stock(doc, ptype, *args, **kwargs)
	if answer is False:
		return False
	user = kwargs.get("user") or (args[0] if args else None) or frappe.session.user
	return answer if hooks.generic_has_permission(doc, ptype, user) else False


def child_permission(
	stock: Callable[..., bool],
	child_doctype: str,
	ptype: str = "read",
	child_doc: Any = None,
	user: str | None = None,
	*args: Any,
	**kwargs: Any,
) -> bool:
	"""Judge a row of a child table by the parent that is stored, too: the client may have sent her own."""
	answer = stock(child_doctype, ptype, child_doc, user, *args, **kwargs)
	if not answer or not child_doc or isinstance(child_doc, str) or not child_doc.get("name"):
		return answer
	stored = frappe.db.get_value(child_doctype, child_doc.name, ["parenttype", "parent"])
	if not stored or stored == (child_doc.parenttype, child_doc.parent) or not limiting_field(stored[0]):
		return answer
	return bool(frappe.has_permission(stored[0], ptype, doc=stored[1], user=user))


def build_conditions(stock: Callable[..., Any], query: Any) -> Any:
	"""Refuse filters, sorts and groups that would tell what the user may not read.

	Frappe drops hidden fields from what a list shows, and goes on filtering and sorting by them.
	"""
	if not query.flags.ignore_permissions:
		_check_filters(query)
		_check_order(query)
	return stock(query)


def field_permissions(stock: Callable[..., Any], query: Any) -> Any:
	"""Join rows of a linked document (`grid.grid_name`) only as far as they lie in scope."""
	answer = stock(query)
	if query.flags.ignore_permissions:
		return answer
	# Some versions of Frappe ask the database for virtual fields, too, when all are asked for.
	virtual = {field.fieldname for field in frappe.get_meta(query.doctype).get("fields", {"is_virtual": 1})}
	query.fields = [field for field in query.fields if field not in virtual]
	for link in query.link_tables:
		if limiting_field(link.doctype) and not sees_all(link.doctype):
			condition = queries.criterion(link.doctype, query.user).get_sql(
				quote_char="`", with_namespace=True
			)
			link.table_name = f"(select * from `tab{link.doctype}` where {condition})"  # noqa: S608
	return answer


def shared(
	stock: Callable[..., list[str]],
	doctype: str,
	user: str | None = None,
	rights: list[str] | None = None,
	*,
	filters: list | None = None,
	limit: int | None = None,
) -> list[str]:
	"""Let a share grant nothing outside the receiver's own scope."""
	if not limiting_field(doctype):
		return stock(doctype, user, rights, filters=filters, limit=limit)
	user = user or frappe.session.user
	names = stock(doctype, user, rights, filters=filters)
	row = frappe.qb.DocType(doctype)
	for right in rights or ["read"]:
		if names:
			query = frappe.qb.from_(row).select(row.name).where(row.name.isin(names))
			names = query.where(queries.criterion(doctype, user, right)).run(pluck=True)
	return list(names)[:limit] if limit else list(names)


def report_result(stock: Callable[..., Any], report: Any, *args: Any, **kwargs: Any) -> Any:
	"""Refuse a report written in SQL over rows in grids to whoever does not see every grid."""
	if report.report_type == "Query Report" and not sees_all(report.ref_doctype):
		frappe.throw(
			_(
				"The report {0} is written in SQL and shows every grid. Ask for a report of another kind."
			).format(_(report.name)),
			ClosedDoorError,
		)
	answer = stock(report, *args, **kwargs)
	takings.note_shown(report, answer)
	return answer


def prepared_result(
	stock: Callable[..., Any], report: Any, filters: Any, dn: str = "", user: Any = None
) -> Any:
	"""Serve a prepared result to whoever had it made."""
	own = frappe.session.user
	if dn and frappe.db.get_value("Prepared Report", dn, "owner") != own:
		require_administrator()
	return stock(report, filters, dn, own)


def run_report(stock: Callable[..., Any], report: Any, *args: Any, **kwargs: Any) -> Any:
	"""Run a report over rows in grids as one that is prepared already, or Frappe would make a slow one so."""
	if report.prepared_report or not limiting_field(report.ref_doctype):
		return stock(report, *args, **kwargs)
	report.prepared_report = 1
	try:
		return stock(report, *args, **kwargs)
	finally:
		report.prepared_report = 0


def print_permission(stock: Callable[..., Any], doc: Any) -> Any:
	"""Ask for the right to print, and take no share key, for rows in grids; stock is content with reading."""
	if not limiting_field(doc.doctype):
		return stock(doc)
	if not frappe.has_permission(doc.doctype, "print", doc):
		raise frappe.PermissionError(_("You do not have permission to print this document."))
	return None


def web_form_permission(
	stock: Callable[..., Any], web_form: Any, doctype: str, name: str, ptype: str = "read"
) -> bool:
	"""Ask for the document's own permission: an owner who gave up the post has no way back by a web form."""
	if limiting_field(doctype):
		return bool(frappe.has_permission(doctype, ptype, doc=name))
	return stock(web_form, doctype, name, ptype)


def versions(stock: Callable[..., Any], doc: Any) -> list:
	"""Leave out of a form's history the fields that the user may not read."""
	found, hidden = stock(doc), hidden_fields(doc.doctype)
	for version in found if hidden else ():
		data = frappe.parse_json(version.data) or {}
		data["changed"] = [change for change in data.get("changed") or [] if change[0] not in hidden]
		version.data = frappe.as_json(data)
	return found


def insert_file(stock: Callable[..., Any], file: Any) -> Any:
	"""Keep files of rows in grids private, and let no one claim a private file by its address."""
	if not (file.is_folder or file.content or file.file_url):
		frappe.throw(_("The file {0} is empty. Choose it again.").format(file.file_name or ""))
	# Both stand in attributes beside the document, and the first is the file's address from now on.
	file.file_name = rules.plain_name(file.file_name or "") or None
	if (file.file_url or "").startswith("http"):
		file.file_url = rules.plain_address(file.file_url)
	keep_file_private(file)
	return stock(file)


def keep_file_private(file: Any, method: str | None = None) -> None:
	"""Make a file private that hangs on a row in a grid; refuse the address of another one's private file."""
	if not is_active():
		return
	if file.attached_to_doctype and limiting_field(file.attached_to_doctype):
		file.is_private = 1
	address = unquote(file.file_url or "")
	if PRIVATE not in address or file.get("content") or not file.has_value_changed("file_url"):
		return
	known = frappe.get_all(
		"File",
		filters={"file_url": address[address.index(PRIVATE) :], "name": ["!=", file.name or ""]},
		pluck="name",
		order_by="name asc",
	)
	if not any(frappe.has_permission("File", "read", doc=name) for name in known):
		frappe.throw(_("This file does not exist or is not yours."), frappe.PermissionError)


def json_response(stock: Callable[..., Any]) -> Any:
	"""Take hidden fields out of documents that Frappe sends back whole after it has written them."""
	for key in ("message", "data", "docs"):
		_hide_fields(frappe.local.response.get(key))
	return stock()


def hidden_fields(doctype: str, parenttype: str | None = None) -> set[str]:
	"""Return the fields of *doctype* whose permission level the session's user has not."""
	meta = frappe.get_meta(doctype)
	high = [field for field in meta.fields if field.permlevel]
	if not high or frappe.session.user == "Administrator":
		return set()
	levels = meta.get_permlevel_access("read", parenttype=parenttype)
	return {field.fieldname for field in high if field.permlevel not in levels}


def forget_cards(board: Any, method: str | None = None) -> None:
	"""Store no names of cards in a Kanban board over rows in grids: everyone reads the board."""
	if is_active() and limiting_field(board.reference_doctype):
		for column in board.columns:
			column.order = "[]"


def check_rename(doc: Any, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""Ask for the right to write both the document to be renamed and the one it is merged into.

	Refuse it where the DocType allows no other name, which a client lifts with `force`: stock merges two people by it,
	and what was kept of the one is gone without a trace.
	"""
	if not is_active() or not limiting_field(doc.doctype) or frappe.session.user == "Administrator":
		return
	if not doc.meta.allow_rename:
		frappe.throw(_("{0} keeps its name.").format(_(doc.doctype)), ClosedDoorError)
	for name in (old, new) if merge else (old,):
		require("write", doc.doctype, name)


def check_children(doc: Any, method: str | None = None) -> None:
	"""Refuse rows of a child table that belong to another document.

	Frappe writes a row under the name that the client sent, and so would move another document's row here.
	"""
	if not is_active() or doc.is_new() or not limiting_field(doc.doctype):
		return
	for table in doc.meta.get_table_fields():
		names = [row.name for row in doc.get(table.fieldname) or [] if row.name and not row.get("__islocal")]
		for child in frappe.get_all(
			table.options,
			filters={"name": ["in", names or [""]]},
			fields=["parent", "parenttype"],
			order_by="name asc",
		):
			if (child.parenttype, child.parent) != (doc.doctype, doc.name):
				frappe.throw(_("A row of another document cannot be moved here."), frappe.PermissionError)


def _check_filters(query: Any) -> None:
	for given in (query.filters, query.or_filters):
		for each in [given] if isinstance(given, dict) else given or []:
			if isinstance(each, str):
				if not (_PLAIN_IFNULL.match(each) or _PLAIN_EMPTY.match(each)):
					frappe.throw(_("A filter is a field, an operator and a value."), FilterTextError)
				_refuse_hidden(query.doctype, query.doctype, each)
			elif isinstance(each, dict):
				for field in each:
					_check_column(query.doctype, query.doctype, field)
			else:
				doctype, field = (query.doctype, each[0]) if len(each) == 3 else each[:2]
				_check_column(query.doctype, doctype, field)


def _check_column(parent: str, doctype: str, field: str) -> None:
	if not (_PLAIN_COLUMN.match(field) or _PLAIN_IFNULL.match(field)):
		frappe.throw(_("A filter is a field, an operator and a value."), FilterTextError)
	_refuse_hidden(parent, doctype or parent, field)


def _check_order(query: Any) -> None:
	for text in (query.order_by, query.group_by):
		if not isinstance(text, str) or not text:
			continue
		_refuse_hidden(query.doctype, query.doctype, text)
		for table in frappe.get_meta(query.doctype).get_table_fields():
			if f"tab{table.options}" in text:
				_refuse_hidden(query.doctype, table.options, text)
	for field in query.fields:
		if isinstance(field, str) and "(" in field:
			_refuse_hidden(query.doctype, query.doctype, field)


def _refuse_hidden(parent: str, doctype: str, text: str) -> None:
	hidden = hidden_fields(doctype, parent if doctype != parent else None)
	if hidden and hidden.intersection(_WORD.findall(_LITERAL.sub("", text))):
		frappe.throw(
			_("You may not filter, sort or group by a field that you may not read."), HiddenFieldError
		)


def _hide_fields(given: Any) -> None:
	for each in given if isinstance(given, list) else [given]:
		doctype = each.get("doctype") if isinstance(each, dict) or hasattr(each, "doctype") else None
		if not isinstance(doctype, str) or not limiting_field(doctype):
			continue
		for field in hidden_fields(doctype):
			if isinstance(each, dict):
				each.pop(field, None)
			else:
				each.delete_key(field)


def private_file(stock: Callable[..., Any], path: str) -> Any:
	"""Let a browser open pictures and papers in place and download everything else, and guess no type.

	Frappe names four endings that it does not open; others that carry scripts, such as .xhtml, it does.
	"""
	response = stock(path)
	response.headers["X-Content-Type-Options"] = "nosniff"
	if response.mimetype not in OPENED and "Content-Disposition" not in response.headers:
		response.headers["Content-Disposition"] = "attachment"
	return response


def no_public_picture(stock: Callable[..., str], email: str) -> str:
	"""Answer that nobody has a picture at gravatar.com, without asking there.

	Frappe asks for each User and Contact that is saved: a host that an intranet does not reach, told the
	addresses of all who work here.
	"""
	return ""
