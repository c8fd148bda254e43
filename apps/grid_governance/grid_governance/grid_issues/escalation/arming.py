"""When the clock of an issue acts next, on the document that is being saved."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import cint, get_datetime, now_datetime
from pypika import Order

from grid_governance.grid_issues import markers, rules
from grid_governance.grid_issues.clocks import URGENCY
from grid_governance.grid_issues.rules import clock
from grid_governance.grid_structure import queries as structure

MOVED_BY = ("workflow_state", "due_by", "urgency", "instruction_due")
"""Fields that the moments of the clock hang on."""

LOOKED_BACK = 50
"""Steps of an issue that are looked through for the one with which its time began anew."""


def arm(doc: Document) -> None:
	"""Set on the issue when it climbs, when the clock acts next and how many reminders count as given.

	Called when all that a save changes is set. Where nothing changes that the moments hang on, they stand.
	"""
	if not any(map(doc.has_value_changed, MOVED_BY)):
		return
	now = doc.flags.clock_now or now_datetime()
	told = facts(doc, last_at(doc, now))
	doc.reminded = clock.reminders_given(told, now)
	doc.next_escalation_at = clock.escalation_of(told)
	doc.clock_at = clock.acts_at(replace(told, reminded=doc.reminded), doc.next_escalation_at, now)


def facts(
	row: Document | dict[str, Any], last: datetime | None, percents: tuple[int, ...] | None = None
) -> clock.Clock:
	"""Return what the clock of an issue hangs on; *row* is the document, or a dict of its fields."""
	state = markers.state(row.get("workflow_state"))
	return clock.Clock(
		stage=state.stage if state else rules.OPEN,
		climbs=bool(state and markers.clock_step(state.name)),
		starts_at=_moment(row.get("found_at")),
		due_by=_moment(row.get("due_by")),
		percents=reminders(row.get("grid_path") or "") if percents is None else percents,
		reminded=row.get("reminded") or 0,
		last_at=last,
		repeat_hours=repeat_hours(row.get("urgency")),
		instruction_due=_moment(row.get("instruction_due")),
		pause_ends=_moment(row.get("paused_until")),
	)


def reminders(path: str) -> tuple[int, ...]:
	"""Return after how many percent of its time an issue at *path* is reminded of."""
	return tuple(map(cint, structure.settings(path, "first_reminder", "second_reminder").values()))


def repeat_hours(urgency: str | None) -> int:
	"""Return after how many hours an issue of *urgency* climbs again, 0 for never."""
	return cint(frappe.get_cached_value(URGENCY, urgency, "repeat_hours")) if urgency else 0


def last_at(doc: Document, now: datetime) -> datetime | None:
	"""Return when the time of the level that has the issue began anew; *now* when the step being taken begins it.

	The log is asked only about an issue that is late: before that it changes nothing.
	"""
	step = doc.flags.step or {}
	if step.get("from_state") and clock.starts_anew(*_of_step(step)):
		return now
	limits = [moment for moment in (_moment(doc.due_by), _moment(doc.instruction_due)) if moment]
	if doc.is_new() or not limits or min(limits) > now:
		return None
	return _last_of_log(doc.name)


def _of_step(step: dict[str, Any]) -> tuple[rules.State, rules.State, bool]:
	action = markers.step(step.get("action"))
	return (
		markers.state(step["from_state"]),
		markers.state(step["to_state"]),
		bool(action and action.by_clock),
	)


def _last_of_log(issue: str) -> datetime | None:
	log = DocType("Issue Log")
	rows = (
		frappe.qb.from_(log)
		.select(log.at, log.from_state, log.to_state, log.action)
		.where((log.issue == issue) & log.from_state.isnotnull() & (log.from_state != log.to_state))
		.orderby(log.at, order=Order.desc)
		.orderby(log.creation, order=Order.desc)
		.limit(LOOKED_BACK)
		.run(as_dict=True)
	)
	return clock.last_start([(row["at"], *_of_step(row)) for row in rows])


def _moment(value: object) -> datetime | None:
	return get_datetime(value) if value else None
