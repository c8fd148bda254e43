"""What a resident's row says and what hangs on it, in the words that people read, inside the reader's scope."""

from collections.abc import Callable
from typing import Any

import frappe
from frappe import _
from frappe.model.base_document import get_controller
from frappe.model.document import Document
from frappe.utils import getdate
from frappe.utils.password import get_decrypted_password

from grid_governance import scope
from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, OF_RESIDENT, RESIDENT
from grid_governance.grid_ledger.rules import likeness
from grid_governance.grid_structure.append_only import AppendOnly

STAYS_AS_IT_IS = frozenset({"household", "relation_to_head"})
"""Who stays, stays where she is: another household is a move, not a merge."""

FOLLOWS = {
	"status": ("status_date",),
	"consent_on": ("consent_given_by", "consent_guardian", "consent_withdrawn_on"),
}
"""Fields that mean nothing without another one: they go with it."""

SHOWN_APART = {HOUSEHOLD, RESIDENT, *OF_RESIDENT}


def choosable(meta: "frappe.model.meta.Meta") -> list["frappe.model.meta.DocField"]:
	"""Return the fields of Resident in which one of two values is chosen: everybody's, the administrator's own included.

	What stands on a level of its own, what is made from other fields and what goes with another one is left out.
	"""
	left_out = STAYS_AS_IT_IS.union(*FOLLOWS.values())
	return [
		df
		for df in meta.fields
		if df.fieldtype in frappe.model.data_fieldtypes
		and not (df.permlevel or df.hidden or df.read_only or df.is_virtual)
		and df.fieldname not in left_out
	]


def shown(df: "frappe.model.meta.DocField", value: object) -> str:
	"""Return what people read of *value* in the field *df*; of a record outside the reader's scope no name."""
	if value in (None, "") or (df.fieldtype == "Check" and not value):
		return ""
	if df.fieldtype == "Check":
		return _("Yes")
	if df.fieldtype == "Select":
		return _(value)
	if df.fieldtype != "Link":
		return frappe.format(value, df) if df.fieldtype in ("Date", "Datetime") else str(value)
	meta = frappe.get_meta(df.options)
	if not meta.title_field or meta.title_field == "name":
		return _(value)
	if not frappe.has_permission(df.options, "read", value):
		return _("Somebody outside your grids") if df.options == RESIDENT else _("Outside your grids")
	return frappe.db.get_value(df.options, value, meta.title_field) or value


def hanging(docs: list[Document]) -> list[dict[str, Any]]:
	"""Return what hangs on each of *docs* as far as the reader may read it: label, and for each of them lines of text."""
	names = [doc.name for doc in docs]
	found = [
		(_(CONTACT), _lines(CONTACT, "resident", names, _contact, "kind", "phone", "wechat", "of_whom")),
		(_(CARE), _lines(CARE, "resident", names, _care, "category", "since", "until")),
		(
			_("Guardian of"),
			_lines(RESIDENT, "guardian", names, lambda row: row.resident_name, "resident_name"),
		),
		(_("Head of"), _lines(HOUSEHOLD, "head", names, lambda row: row.title, "title")),
	]
	for doctype, fieldname in links():
		if doctype in SHOWN_APART or frappe.is_table(doctype):
			continue
		lines = _lines(doctype, fieldname, names, lambda row: row.name, "name")
		found.append((_(doctype), [[_("{0} records").format(len(each))] if each else [] for each in lines]))
	return [{"label": label, "lines": lines} for label, lines in found if any(lines)]


def links() -> list[tuple[str, str]]:
	"""Return (DocType, fieldname) of every Link to a resident on this site but those of logs, which stay as written."""
	from frappe.model.rename_doc import get_link_fields

	return sorted(
		(field.parent, field.fieldname)
		for field in get_link_fields(RESIDENT)
		if not field.issingle and not any(map(_is_log, _documents_of(field.parent)))
	)


def _documents_of(doctype: str) -> list[str]:
	"""The DocType itself, or those that have it as a table."""
	if not frappe.is_table(doctype):
		return [doctype]
	return frappe.get_all(
		"DocField",
		filters={"fieldtype": ["in", frappe.model.table_fields], "options": doctype},
		pluck="parent",
		order_by="parent asc",
	)


def _is_log(doctype: str) -> bool:
	return issubclass(get_controller(doctype), AppendOnly)


def numbers(docs: list[Document]) -> dict[str, Any] | None:
	"""Return what the reader may know of the numbers of *docs*: `masked` and `verdict`; None without a right to both."""
	if not all(scope.covers(doc.grid_path, frappe.session.user, IDENTITY) for doc in docs):
		return None
	kept = [
		frappe.db.get_value(
			IDENTITY, {"resident": doc.name}, ["name", "id_number_masked", "id_number_hash"], as_dict=True
		)
		for doc in docs
	]
	masked = [row.id_number_masked if row else "" for row in kept]
	if not all(kept):
		return {"masked": masked, "verdict": None, "both": False}
	verdict = None
	if kept[0].id_number_hash == kept[1].id_number_hash:
		verdict = likeness.SAME_NUMBER
	elif likeness.one_apart(*(get_decrypted_password(IDENTITY, row.name, "id_number") for row in kept)):
		verdict = likeness.NUMBER_ONE_APART
	return {"masked": masked, "verdict": verdict, "both": True}


def _lines(doctype: str, link: str, names: list[str], told: Callable, *fields: str) -> list[list[str]]:
	"""The rows of *doctype* that name each of *names* in *link*, as text, inside the reader's scope."""
	if not frappe.has_permission(doctype, "read"):
		return [[] for _name in names]
	rows = frappe.get_list(
		doctype,
		filters={link: ["in", names]},
		fields=[*fields, f"{link} as of_resident"],
		order_by="creation asc",
		limit_page_length=0,
	)
	return [[told(row) for row in rows if row.of_resident == name] for name in names]


def _contact(row: frappe._dict) -> str:
	return " ".join(part for part in (row.phone, row.wechat, _(row.kind), row.of_whom) if part)


def _care(row: frappe._dict) -> str:
	ended = row.until and getdate(row.until) < getdate()
	return _("{0} (ended)").format(_(row.category)) if ended else _(row.category)
