"""What is taken out of the house: each stock way to export or print rows about people asks for that right where the
rows lie, and is noted before the data leaves.

A room that keeps the log names its function in the hook `personal_data_taken`; it is called as
``note(kind, doctype, rows, path, name=…, detail=…)`` with kind "Export" or "Print". A report shows people when its
`ref_doctype` is one of `registry.PERSONS`; its module may say otherwise with ``SHOWS_PERSONS``: the DocType whose right
is asked, or "" for a report that only counts.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType

from grid_governance.grid_structure.rules import SEGMENT
from grid_governance.scope import queries, rules
from grid_governance.scope.doors.patches import named
from grid_governance.scope.registry import is_about_persons, limiting_field

HOOK = "personal_data_taken"
EXPORT, PRINT = "Export", "Print"
TOLD = ("Select", "Check", "Date", "Datetime", "Int", "Float", "Time")
"""Types of fields whose filter values are told in the log: the others may hold a name or a number."""
SHOWN_SECONDS = 12 * 3600


def exported_list(stock: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
	"""Export a list, or a view of the report builder."""
	given = frappe.local.form_dict
	doctype = given.get("doctype") or ""
	about = _persons_in(doctype, frappe.parse_json(given.get("fields") or "[]"))
	if not about:
		return stock(*args, **kwargs)
	filters = frappe.parse_json(given.get("filters") or "[]")
	if selected := frappe.parse_json(given.get("selected_items") or "[]"):
		filters = {"name": ["in", selected]}
	return _export_rows(
		lambda: stock(*args, **kwargs), about, doctype, filters, frappe.parse_json(given.get("or_filters"))
	)


def exported_data(stock: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
	"""Export with Frappe's data export; stock asks for the right on the DocType that the caller names as the parent."""
	given = named(stock, args, kwargs)
	doctype = given["doctype"][0] if isinstance(given["doctype"], list) else given["doctype"] or ""
	if not frappe.utils.cint(given["with_data"]) or not is_about_persons(doctype):
		return stock(*args, **kwargs)
	filters = frappe.parse_json(given["filters"]) or {}
	return _export_rows(lambda: stock(*args, **kwargs), [doctype], doctype, filters)


def exported_template(stock: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
	"""Download a template of the data import with its rows."""
	given = named(stock, args, kwargs)
	doctype = given["doctype"]
	if given["export_records"] == "blank_template" or not is_about_persons(doctype):
		return stock(*args, **kwargs)
	filters = frappe.parse_json(given["export_filters"]) or {}
	limit = 5 if given["export_records"] == "5_records" else 0
	return _export_rows(lambda: stock(*args, **kwargs), [doctype], doctype, filters, limit=limit)


def exported_report(stock: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
	"""Export a script report."""
	given = frappe.local.form_dict
	report = given.get("report_name") or ""
	return _export_report(lambda: stock(*args, **kwargs), report, frappe.session.user, given.get("filters"))


def mailed_report(stock: Callable[..., Any], mail: Any) -> Any:
	"""Make the content of a report by e-mail, in the name of the user whom it names.

	Stock runs a script report in the name of whoever runs the job, who sees every grid.
	"""
	if not limiting_field(frappe.db.get_value("Report", mail.report, "ref_doctype")):
		return stock(mail)
	before = frappe.session.user
	frappe.set_user(mail.user)
	try:
		to = _("by e-mail to {0}").format(" ".join((mail.email_to or "").split()))
		return _export_report(lambda: stock(mail), mail.report, mail.user, mail.filters, to)
	finally:
		frappe.set_user(before)


def printed(stock: Callable[..., Any], doc: Any, *args: Any, **kwargs: Any) -> Any:
	"""Print a document, on the screen, as a PDF, alone or with others, or for a mail."""
	page = stock(doc, *args, **kwargs)
	_note_print(doc)
	return page


def printed_by_builder(
	stock: Callable[..., Any], kit: Any, print_format: Any, doc: Any, letterhead: Any = None
) -> Any:
	"""Print a document with a format of the new print designer."""
	_note_print(doc)
	return stock(kit, print_format, doc, letterhead)


def mailed(stock: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
	"""Send a document by e-mail: with its print, the right to print it is asked for."""
	given = named(stock, args, kwargs)
	doctype, name = given.get("doctype"), given.get("name")
	if not (doctype and name and is_about_persons(doctype)):
		return stock(*args, **kwargs)
	if not (given.get("print_html") or given.get("print_format")):
		return stock(*args, **kwargs)
	doc = frappe.get_doc(doctype, name)
	if not frappe.has_permission(doctype, "print", doc):
		raise frappe.PermissionError(_("You do not have permission to print this document."))
	to = given.get("recipients")
	_note_print(doc, _("by e-mail to {0}").format(to if isinstance(to, str) else ", ".join(to or [])))
	return stock(*args, **kwargs)


def told_of_print(stock: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
	"""Hear from the browser that a report is printed: it has the rows already, those of the last run."""
	given = named(stock, args, kwargs)
	report = given["report_name"] or ""
	about = shown_by(report) if given["method"] in ("Print", "PDF") else ""
	if about:
		_require(about, PRINT)
		rows, path = frappe.cache().get_value(_shown_key(report)) or (0, "")
		note(PRINT, about, rows, path, detail=_report_words(report, given["filters"]))
	return stock(*args, **kwargs)


def note_shown(report: Any, answer: Any) -> None:
	"""Keep for the log how many rows a report about people has just given to the session's user, and where they lie."""
	if not shown_by(report.name):
		return
	rows = answer.get("result") if isinstance(answer, dict) else answer
	taken = _extent([row for row in rows or () if isinstance(row, dict) and not row.get("is_total")])
	taken = (taken[0] or len(rows or ()), taken[1])
	frappe.local.report_taken = taken
	frappe.cache().set_value(_shown_key(report.name), taken, expires_in_sec=SHOWN_SECONDS)


def built(stock: Callable[..., Any], report: Any, *args: Any, **kwargs: Any) -> Any:
	"""Run a report of the report builder, as reports by e-mail do."""
	columns, rows = stock(report, *args, **kwargs)
	if report.report_type == "Report Builder":
		note_shown(report, {"result": rows})
	return columns, rows


def shown_by(report: str) -> str:
	"""Return the DocType of the people whom *report* shows, "" if it shows none."""
	found = frappe.db.get_value(
		"Report",
		report,
		["ref_doctype", "report_type", "reference_report", "is_standard", "module"],
		as_dict=True,
	)
	if not found:
		return ""
	if found.report_type == "Custom Report" and found.reference_report != report:
		return shown_by(found.reference_report or "")
	if found.report_type == "Script Report" and found.is_standard == "Yes":
		module = frappe.get_module(
			frappe.core.doctype.report.report.get_report_module_dotted_path(found.module, report)
		)
		declared = getattr(module, "SHOWS_PERSONS", None)
		if declared is not None:
			return declared
	return found.ref_doctype if is_about_persons(found.ref_doctype) else ""


def note(kind: str, doctype: str, rows: int, path: str, name: str | None = None, detail: str = "") -> None:
	"""Have it noted that the session's user takes *rows* rows of *doctype* that lie below *path* out of the house."""
	for function in frappe.get_hooks(HOOK):
		frappe.get_attr(function)(kind, doctype, rows, path, name=name, detail=detail)
	# A print is a GET request, after which Frappe takes back what was written unless it is told.
	frappe.local.flags.commit = True


def _export_rows(
	export: Callable[[], Any],
	about: list[str],
	doctype: str,
	filters: Any,
	or_filters: Any = None,
	limit: int = 0,
) -> Any:
	"""Run *export* of rows of *doctype*, which tell *about* people, where the user may export them, and note it."""
	for each in about:
		_require(each, EXPORT)
	with queries.taking("export"):
		rows, path = _count(doctype, filters, or_filters)
		answer = export()
	if rows:
		note(EXPORT, about[0], min(rows, limit) if limit else rows, path, detail=words(doctype, filters))
	return answer


def _export_report(export: Callable[[], Any], report: str, user: str, filters: Any, detail: str = "") -> Any:
	about = shown_by(report)
	if not about:
		return export()
	_require(about, EXPORT, user)
	frappe.local.report_taken = None
	with queries.taking("export"):
		answer = export()
	rows, path = frappe.local.report_taken or (0, "")
	told = " ".join(filter(None, (_report_words(report, filters), detail)))
	note(EXPORT, about, rows, path, detail=told)
	return answer


def _require(doctype: str, kind: str, user: str | None = None) -> None:
	"""Refuse whoever has by no role the right to export or print people; a system manager as such has not."""
	user = user or frappe.session.user
	if not frappe.permissions.get_role_permissions(frappe.get_meta(doctype), user=user).get(kind.lower()):
		said = {
			EXPORT: _("Your post does not export {0}: personal data stays in the system."),
			PRINT: _("Your post does not print {0}: personal data stays in the system."),
		}[kind]
		frappe.throw(said.format(_(doctype)), frappe.PermissionError)


def _note_print(doc: Any, detail: str = "") -> None:
	if is_about_persons(doc.doctype):
		note(PRINT, doc.doctype, 1, doc.get("grid_path") or "", name=doc.name, detail=detail)


def _persons_in(doctype: str, fields: Any) -> list[str]:
	"""Return *doctype* if it is about people, and those of its links through which *fields* read of people."""
	found = [doctype] if is_about_persons(doctype) else []
	meta = frappe.get_meta(doctype) if doctype and frappe.db.exists("DocType", doctype) else None
	for field in fields if meta and isinstance(fields, list) else ():
		text = str(field).replace("`", "").strip()
		if "." not in text:
			continue
		head = text.split(".", 1)[0]
		link = meta.get_field(head)
		linked = link.options if link and link.fieldtype == "Link" else head.removeprefix("tab")
		if linked not in found and is_about_persons(linked):
			found.append(linked)
	return found


def _count(doctype: str, filters: Any, or_filters: Any = None) -> tuple[int, str]:
	"""Return how many rows an export has, and the path of the lowest grid that holds them all."""
	if frappe.is_table(doctype) or not frappe.get_meta(doctype).has_field("grid_path"):
		return 1, _own_root("Household")
	from frappe.desk.reportview import execute

	found = execute(
		doctype,
		filters=filters,
		or_filters=or_filters or None,
		fields=["grid_path", f"count(`tab{doctype}`.`name`) as counted"],
		group_by=f"`tab{doctype}`.`grid_path`",
		order_by="grid_path asc",
		limit_page_length=0,
	)
	return sum(row.counted for row in found), _common(row.grid_path or "" for row in found)


def _extent(rows: list[dict[str, Any]]) -> tuple[int, str]:
	paths = [row.get("grid_path") or row.get("path") for row in rows]
	if any(paths):
		return len(rows), _common(path for path in paths if path)
	grids = {row["grid"] for row in rows if row.get("grid")}
	if not grids:
		return len(rows), _own_root("Household")
	grid = DocType("Grid")
	found = frappe.qb.from_(grid).select(grid.grid_path).where(grid.name.isin(sorted(grids))).run(pluck=True)
	return len(rows), _common(found)


def _own_root(doctype: str) -> str:
	"""Return the path of the lowest grid that holds whatever the user sees of *doctype*."""
	ranges = queries.ranges(frappe.session.user, doctype, "read")
	return "" if ranges in (rules.EVERYWHERE, ()) else _common(low for low, _high in ranges)


def _common(paths: Iterable[str]) -> str:
	"""Return the path of the lowest node above all *paths*: what is below one node shares its digits."""
	every = list(paths)
	low, high = min(every, default=""), max(every, default="")
	end = 0
	while end < len(low) and low[: end + SEGMENT] == high[: end + SEGMENT]:
		end += SEGMENT
	return low[:end]


def words(doctype: str, filters: Any) -> str:
	"""Return *filters* of a list as people read them, without values that may be a name or a number of somebody."""
	meta = frappe.get_meta(doctype)
	return "; ".join(_words(meta, *each) for each in _triples(filters))


def _triples(filters: Any) -> Iterator[tuple[str, str, Any]]:
	if isinstance(filters, dict):
		filters = [
			[field, *(value if isinstance(value, list | tuple) else ("=", value))]
			for field, value in filters.items()
		]
	for each in filters or ():
		if isinstance(each, list | tuple) and len(each) >= 3:
			yield tuple(each[-3:] if len(each) == 3 else each[1:4])


def _words(meta: Any, field: str, operator: str, value: Any) -> str:
	df = meta.get_field(field)
	label = _(df.label) if df and df.label else _(field)
	told = df and (df.fieldtype in TOLD or (df.fieldtype == "Link" and not is_about_persons(df.options)))
	values = value if isinstance(value, list | tuple) else [value]
	shown = ", ".join(_(str(each)) for each in values) if told else "…"
	return f"{label} {operator} {shown}"


def _report_words(report: str, filters: Any) -> str:
	given = frappe.parse_json(filters) if filters else {}
	grid = given.get("grid") if isinstance(given, dict) else None
	dates = [
		str(given[key])
		for key in ("from_date", "to_date", "day")
		if isinstance(given, dict) and given.get(key)
	]
	return " ".join(filter(None, (_("Report {0}").format(_(report)), grid, " – ".join(dates))))


def _shown_key(report: str) -> str:
	return f"grid_report_shown|{frappe.session.user}|{report}"
