"""Everything that is kept of one person, as she is given it: her data, and who had access to it (PIPL Art. 45)."""

from collections.abc import Iterable
from typing import Any

import frappe
import pdfkit
from frappe import _
from frappe.model import no_value_fields, table_fields
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import format_datetime, formatdate, getdate
from frappe.utils.password import get_decrypted_password

from grid_governance.grid_ledger import HOUSEHOLD, IDENTITY, OF_RESIDENT, RESIDENT
from grid_governance.grid_ledger.queries import notices
from grid_governance.grid_structure.actions.slips import OPTIONS

TEMPLATE = "grid_governance/grid_ledger/dossier.html"
LEFT_OUT = (
	"pinyin",
	"initials",
	"id_number",
	"id_number_masked",
	"id_number_hash",
	"grid_path",
	"title",
	"page_html",
)
"""Fields that are made of others, or are told in another way."""
ACCESSES_MAX = 500


def pdf(request: Document) -> bytes:
	"""Return the file that answers *request*, as a PDF. Reads as the session's user reads."""
	return pdfkit.from_string(html(request), False, options=OPTIONS)


def html(request: Document) -> str:
	"""Return the page of that file."""
	resident = frappe.get_doc(RESIDENT, request.resident)
	resident.check_permission("read")
	return frappe.render_template(
		TEMPLATE,
		{
			"title": _("What Is Kept of {0}").format(resident.resident_name),
			"request": request,
			"asker": _(request.relation),
			"day": formatdate(getdate()),
			"place": notices.place_of(resident.grid),
			"handler": notices.handler_of(resident.grid_path),
			"parts": parts(resident),
			"accesses": accesses(resident),
		},
	)


def parts(resident: Document) -> list[dict[str, Any]]:
	"""Return the parts of the file: `title` and `rows` of (label, value)."""
	found = [{"title": _(RESIDENT), "rows": _rows(resident)}]
	if resident.household and frappe.has_permission(HOUSEHOLD, "read", doc=resident.household):
		found.append({"title": _(HOUSEHOLD), "rows": _rows(frappe.get_doc(HOUSEHOLD, resident.household))})
	for doctype in OF_RESIDENT:
		if not frappe.has_permission(doctype, "read"):
			continue
		names = frappe.get_list(
			doctype,
			filters={"resident": resident.name},
			pluck="name",
			order_by="creation asc",
			limit_page_length=0,
		)
		for name in names:
			doc = frappe.get_doc(doctype, name)
			rows = _rows(doc, without=("resident", "household", "grid"))
			if doctype == IDENTITY:
				number = get_decrypted_password(IDENTITY, name, "id_number")
				rows.insert(1, (_("Number"), number))
			found.append({"title": _(doctype), "rows": rows})
	if history := _history(resident.name):
		found.append({"title": _("Household Change"), "rows": history})
	return found


def accesses(resident: Document) -> list[tuple[str, str, str, str]]:
	"""Return (when, who, what, reason) of the newest accesses to what is kept of her, of this year and the last."""
	names = {RESIDENT: [resident.name], HOUSEHOLD: [resident.household or ""]}
	for doctype in OF_RESIDENT:
		names[doctype] = frappe.get_all(
			doctype, {"resident": resident.name}, pluck="name", order_by="name asc"
		)
	since = getdate().replace(month=1, day=1).replace(year=getdate().year - 1)
	found = []
	for doctype, of in names.items():
		found += _seen(doctype, of, since)
	users = {user for _at, user, _kind, _reason in found}
	called = dict(
		frappe.get_all(
			"User",
			filters={"name": ["in", sorted(users) or [""]]},
			fields=["name", "full_name"],
			as_list=True,
			order_by="name asc",
			limit_page_length=0,
		)
	)
	found.sort(key=lambda line: line[0], reverse=True)
	return [
		(format_datetime(at, "yyyy-MM-dd HH:mm"), called.get(user, user), _(kind), reason or "")
		for at, user, kind, reason in found[:ACCESSES_MAX]
	]


def _seen(doctype: str, names: list[str], since: Any) -> list[tuple]:
	of = names or [""]
	view, own = DocType("View Log"), DocType("Personal Data Access")
	seen = (
		frappe.qb.from_(view)
		.select(view.creation, view.viewed_by)
		.where((view.reference_doctype == doctype) & view.reference_name.isin(of) & (view.creation >= since))
		.orderby(view.creation, order=frappe.qb.desc)
		.limit(ACCESSES_MAX)
		.run()
	)
	done = (
		frappe.qb.from_(own)
		.select(own.at, own.user, own.kind, own.reason)
		.where((own.reference_doctype == doctype) & own.reference_name.isin(of) & (own.at >= since))
		.orderby(own.at, order=frappe.qb.desc)
		.limit(ACCESSES_MAX)
		.run()
	)
	return [*((at, user, "Viewed", "") for at, user in seen), *done]


def _history(resident: str) -> list[tuple[str, str]]:
	change, member = DocType("Household Change"), DocType("Household Change Member")
	found = (
		frappe.qb.from_(change)
		.join(member)
		.on(member.parent == change.name)
		.select(change.happened_on, change.kind, change.reason)
		.where(member.resident == resident)
		.orderby(change.happened_on)
		.run()
	)
	return [(formatdate(day), " ".join(filter(None, (_(kind), reason)))) for day, kind, reason in found]


def _rows(doc: Document, without: Iterable[str] = ()) -> list[tuple[str, str]]:
	"""Return (label, value) of every field of *doc* that has a value, those made on the screen too."""
	left_out = {*LEFT_OUT, *without}
	rows = []
	for df in doc.meta.fields:
		value = doc.get(df.fieldname)
		if df.fieldname in left_out or (df.fieldtype in no_value_fields and df.fieldtype not in table_fields):
			continue
		if df.fieldtype in table_fields:
			value = ", ".join(_of_row(row) for row in value or ())
		elif df.fieldtype == "Link":
			value = _title(df.options, value)
		elif df.fieldtype == "Select":
			value = _(value) if value else ""
		elif df.fieldtype == "Check":
			value = _("Yes") if value else ""
		elif value not in (None, ""):
			value = _(str(frappe.format_value(value, df))) if df.read_only else frappe.format_value(value, df)
		if value not in (None, "", 0, "0"):
			rows.append((_(df.label or df.fieldname), str(value)))
	return rows


def _of_row(row: Document) -> str:
	shown = [_title(df.options, row.get(df.fieldname)) for df in row.meta.fields if df.fieldtype == "Link"]
	return " ".join(filter(None, (*shown, row.get("note"))))


def _title(doctype: str, name: str | None) -> str:
	"""Return what people call a linked record: a person by her name only if she is the reader's to read."""
	if not name:
		return ""
	if doctype == "Grid":
		return notices.place_of(name)
	field = frappe.get_meta(doctype).get_title_field()
	if doctype in (RESIDENT, HOUSEHOLD) and not frappe.has_permission(doctype, "read", doc=name):
		return ""
	return _(str(frappe.db.get_value(doctype, name, field) or name))
