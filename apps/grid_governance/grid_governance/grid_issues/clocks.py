"""Until when issues are to be resolved, and the conditions of late and punctual ones."""

from datetime import datetime

from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import get_datetime, now_datetime
from pypika.queries import Table
from pypika.terms import Criterion

from grid_governance.grid_issues import ISSUE, markers, rules
from grid_governance.grid_structure import queries as structure

WORKING_DAYS = "Working Days"

CLOCK_FIELDS = ("urgency", "grid", "found_at")
"""Fields that the due time is made from."""


def set_due_time(doc: Document) -> None:
	"""Set until when the issue is to be resolved, and set it anew when what it is made from changes.

	Once the issue is resolved its due time stands: nobody makes it punctual afterwards.
	"""
	if not (doc.found_at and doc.grid_path) or (doc.due_by and doc.resolved_at):
		return
	if doc.due_by and not any(map(doc.has_value_changed, CLOCK_FIELDS)):
		return
	due = due_by(doc.grid_path, doc.urgency, get_datetime(doc.found_at))
	doc.due_by = max(due, get_datetime(doc.extended_until)) if doc.extended_until else due
	state = markers.state(doc.workflow_state)
	doc.next_escalation_at = doc.due_by if state and state.stage == rules.OPEN else None


def moment(text: str) -> datetime | None:
	"""Return the moment that a client names, None when it is none."""
	try:
		return get_datetime(text) if text else None
	except (ValueError, OverflowError):
		return None


def spans(path: str) -> rules.Spans:
	"""Return how long issues may take at *path*: the township's own spans, else the site's."""
	held = structure.settings(path, "urgent_hours", "general_days", "complex_months", "clock_calendar")
	return rules.Spans(
		urgent_hours=held["urgent_hours"],
		general_days=held["general_days"],
		complex_months=held["complex_months"],
		working_days=held["clock_calendar"] == WORKING_DAYS,
	)


def due_by(path: str, urgency: str, found_at: datetime) -> datetime:
	"""Return until when an issue of *urgency* found at *path* is to be resolved by the rules of its township."""
	return rules.due_by(found_at, urgency, spans(path))


def reopen_days(path: str) -> int:
	"""Return for how many days after its end an issue at *path* may be taken up again, 0 for always."""
	return int(structure.setting(path, "reopen_days") or 0)


def overdue(table: Table | None = None, now: datetime | None = None) -> Criterion:
	"""Return the condition of an issue that is late at *now* (default: this moment): `rules.overdue` in SQL.

	Nothing is stored, so it holds at any moment and no job can lag behind. Served by an index on `due_by`.
	"""
	table = table or DocType(ISSUE)
	return table.resolved_at.isnull() & table.closed_at.isnull() & (table.due_by < (now or now_datetime()))


def on_time(table: Table | None = None) -> Criterion:
	"""Return the condition of an issue that was resolved in time: `rules.on_time` in SQL."""
	table = table or DocType(ISSUE)
	return table.resolved_at <= table.due_by
