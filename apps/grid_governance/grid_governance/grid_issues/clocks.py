"""Urgencies and the times that issues have: until when they are to be resolved, and the conditions of late and punctual ones."""

from datetime import datetime
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import get_datetime, now_datetime
from pypika.queries import Table
from pypika.terms import Criterion

from grid_governance.grid_issues import ISSUE, pauses
from grid_governance.grid_issues.rules import deadlines
from grid_governance.grid_structure import calendar
from grid_governance.grid_structure import queries as structure
from grid_governance.grid_structure.rules import TOWNSHIP, ancestor_path

URGENCY = "Issue Urgency"
WORKING_DAYS = "Working Days"

TABLE = "clock_rules"
"""The field of Governance Settings and Township Profile in which the times stand."""

CLOCK_FIELDS = ("urgency", "source", "grid", "found_at")
"""Fields that the due time is made from."""


class ClockRuleError(frappe.ValidationError):
	"""A time for issues is none, or stands there twice."""


class UrgencyNotUsedError(frappe.ValidationError):
	"""An urgency that is no longer used is chosen."""


def check_rules(doc: Document, method: str | None = None) -> None:
	"""Document event of Governance Settings and Township Profile: each time is one, and stands there once."""
	for row in doc.get(TABLE) or ():
		if not deadlines.sound(row.span, row.unit):
			frappe.throw(
				_("{0}, row {1}: enter a time of 1 to {2} {3}.").format(
					_(doc.meta.get_label(TABLE)), row.idx, deadlines.LONGEST[row.unit], _(row.unit)
				),
				ClockRuleError,
			)
	if places := deadlines.twice(_rules(doc)):
		frappe.throw(
			_("{0}, rows {1} and {2} are for the same. Keep one of them.").format(
				_(doc.meta.get_label(TABLE)), *(place + 1 for place in places)
			),
			ClockRuleError,
		)


def check_urgency(doc: Document, fieldname: str) -> None:
	"""Refuse an urgency in *fieldname* of *doc* that is no longer used; one that stands there already stays."""
	urgency = doc.get(fieldname)
	if not urgency or not doc.has_value_changed(fieldname):
		return
	if not frappe.get_cached_value(URGENCY, urgency, "active"):
		frappe.throw(
			_("The urgency {0} is no longer used. Choose another one.").format(name_of(urgency)),
			UrgencyNotUsedError,
		)


def set_due_time(doc: Document) -> None:
	"""Set until when the issue is to be resolved, and set it anew when what it is made from changes.

	Once the issue is resolved its due time stands: nobody makes it punctual afterwards.
	"""
	if not (doc.found_at and doc.grid_path) or (doc.due_by and doc.resolved_at):
		return
	if doc.due_by and not any(map(doc.has_value_changed, CLOCK_FIELDS)):
		return
	due = pauses.moved(doc, due_by(doc.grid_path, doc.urgency, get_datetime(doc.found_at), doc.source))
	doc.due_by = max(due, get_datetime(doc.extended_until)) if due and doc.extended_until else due


def moment(text: str) -> datetime | None:
	"""Return the moment that a client names, None when it is none."""
	try:
		return get_datetime(text) if text else None
	except (ValueError, OverflowError):
		return None


def due_by(path: str, urgency: str, found_at: datetime, source: str = "") -> datetime | None:
	"""Return until when an issue found at *path* is to be resolved by the rules of its township, None without any."""
	return moment_for(deadlines.FINISH, path, urgency, source, found_at)


def moment_for(purpose: str, path: str, urgency: str, source: str, start: datetime) -> datetime | None:
	"""Return until when *purpose* is to be met that begins at *start*, None where no rule asks for it."""
	span = span_for(purpose, path, urgency, source)
	return deadlines.ends(start, span, calendar.working_days()) if span else None


def span_for(purpose: str, path: str, urgency: str, source: str) -> deadlines.Span | None:
	"""Return how long *purpose* may take at *path*: by its township's rules, the site's, then the urgency's own span."""
	own = _urgency_span(urgency) if purpose == deadlines.FINISH else None
	return deadlines.span_for(purpose, source or "", urgency or "", _tables(path), own)


def urgencies() -> list[frappe._dict]:
	"""Return the urgencies, the most urgent first: `name` (its code), `urgency_name`, `active`, `indicator`."""
	return frappe.get_all(
		URGENCY,
		fields=["name", "urgency_name", "active", "indicator"],
		order_by="sequence asc, name asc",
		limit_page_length=0,
	)


@frappe.whitelist()
def site_times() -> list[dict[str, Any]]:
	"""Return the times of the whole site, which hold where a township's profile says nothing of its own.

	Rows with `purpose`, `source`, `urgency` (the name that people read), `span`, `unit`, `counted`: the rules of
	Governance Settings, then the own times of the urgencies in use.
	"""
	if not frappe.has_permission("Township Profile", "read"):
		frappe.throw(_("No permission for {0}").format(_("Township Profile")), frappe.PermissionError)
	own = frappe.get_all(
		URGENCY,
		filters={"active": 1},
		fields=["urgency_name as urgency", "span", "unit", "counted"],
		order_by="sequence asc, name asc",
		limit_page_length=0,
	)
	fields = ("purpose", "source", "span", "unit", "counted")
	rules_of_site = frappe.get_cached_doc("Governance Settings").get(TABLE) or ()
	return [
		*(
			{field: row.get(field) for field in fields} | {"urgency": name_of(row.urgency)}
			for row in rules_of_site
		),
		*({"purpose": deadlines.FINISH, "source": "", **row} for row in own),
	]


def default_urgency() -> str | None:
	"""Return the urgency of an issue whose category proposes none, None while there is no urgency at all."""
	return frappe.db.get_value(URGENCY, {"active": 1}, order_by="is_default desc, sequence asc")


def name_of(urgency: str | None) -> str:
	"""Return the name that people read of the urgency with this code, empty for none."""
	return (urgency and frappe.get_cached_value(URGENCY, urgency, "urgency_name")) or urgency or ""


def extend_boot(bootinfo: frappe._dict) -> None:
	"""Boot hook: tell the desk the urgencies as `issue_urgencies`, by code: `label` and `colour` (empty for none)."""
	bootinfo.issue_urgencies = {
		row.name: {"label": row.urgency_name, "colour": row.indicator or ""} for row in urgencies()
	}


def _urgency_span(urgency: str) -> deadlines.Span | None:
	held = frappe.get_cached_value(URGENCY, urgency, ["span", "unit", "counted"]) if urgency else None
	return _span(*held) if held else None


def _tables(path: str) -> list[list[deadlines.ClockRule]]:
	township = ancestor_path(path, TOWNSHIP)
	profile = frappe.db.get_value("Township Profile", {"grid_path": township}) if township else None
	held = [frappe.get_cached_doc("Township Profile", profile)] if profile else []
	return [_rules(doc) for doc in (*held, frappe.get_cached_doc("Governance Settings"))]


def _rules(doc: Document) -> list[deadlines.ClockRule]:
	return [
		deadlines.ClockRule(
			row.purpose, _span(row.span, row.unit, row.counted), row.source or "", row.urgency or ""
		)
		for row in doc.get(TABLE) or ()
	]


def _span(number: int, unit: str, counted: str | None) -> deadlines.Span:
	return deadlines.Span(number, unit, unit == deadlines.DAYS and counted == WORKING_DAYS)


def reopen_days(path: str) -> int:
	"""Return for how many days after its end an issue at *path* may be taken up again, 0 for always."""
	return int(structure.setting(path, "reopen_days") or 0)


def overdue(table: Table | None = None, now: datetime | None = None) -> Criterion:
	"""Return the condition of an issue that is late at *now* (default: this moment): `deadlines.overdue` in SQL.

	Nothing is stored, so it holds at any moment and no job can lag behind. Served by an index on `due_by`.
	"""
	table = table or DocType(ISSUE)
	return table.resolved_at.isnull() & table.closed_at.isnull() & (table.due_by < (now or now_datetime()))


def on_time(table: Table | None = None) -> Criterion:
	"""Return the condition of an issue that was resolved in time: `deadlines.on_time` in SQL."""
	table = table or DocType(ISSUE)
	return table.resolved_at <= table.due_by
