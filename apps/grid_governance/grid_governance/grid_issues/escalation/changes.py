"""When what the clock hangs on is changed (the workflow, markers, urgencies, settings), issues get their moments anew.

Such a change only leaves an order, in its own transaction. The next job of the clock follows it, a part of the issues in
each transaction, and the order says how far it has come; so no change is forgotten, whatever is killed.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from time import monotonic
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import Case, DocType
from frappe.utils import cstr, now_datetime
from pypika import Order
from rq.timeouts import JobTimeoutException

from grid_governance.grid_issues import ISSUE, rules
from grid_governance.grid_issues.escalation import arming
from grid_governance.grid_issues.rules import clock
from grid_governance.grid_structure.rules import TOWNSHIP, ancestor_path

ORDERS = "grid_clock_orders"
"""Parent of the rows of DefaultValue that hold the orders: read past Frappe's cache, which may be older than they are."""

CHUNK = 500
"""Issues of one transaction."""

RUN = "grid_governance.grid_issues.escalation.run"

SET = ("next_escalation_at", "clock_at", "reminded")

WATCHED: dict[str, tuple[str, ...]] = {
	"Workflow State": ("grid_stage", "grid_resolution_level"),
	"Workflow Action Master": ("grid_by_clock", "grid_by_rule"),
	"Issue Urgency": ("repeat_hours",),
	"Governance Settings": ("first_reminder", "second_reminder"),
	"Township Profile": ("first_reminder", "second_reminder"),
}
"""Fields that the clock hangs on, by DocType."""


def follow(doc: Document, method: str | None = None) -> None:
	"""Order that issues get their moments anew when a field of `WATCHED` has changed. A document event."""
	if doc.get_doc_before_save() and any(map(doc.has_value_changed, WATCHED[doc.doctype])):
		rearm([doc.name] if doc.doctype == "Workflow State" else None)


def follow_workflow(doc: Document, method: str | None = None) -> None:
	"""Order that issues get their moments anew when their workflow was changed or deleted. A document event."""
	if doc.document_type == ISSUE and not frappe.flags.in_install:
		rearm()


def rearm(states: Sequence[str] | None = None) -> None:
	"""Order that the issues in *states* (None: in all of them) get their moments anew.

	What is late then does not climb at once, but after the hours of its urgency: `clock.after_a_change`.
	"""
	leave_order(states)
	order_run()


def leave_order(states: Sequence[str] | None = None) -> None:
	"""Leave the order for the next job of the clock, in the transaction of the change."""
	frappe.get_doc(
		{
			"doctype": "DefaultValue",
			"parent": ORDERS,
			"parenttype": ORDERS,
			"parentfield": "system_defaults",
			"defkey": ORDERS,
			"defvalue": json.dumps({"states": states, "after": ""}),
		}
	).insert(ignore_permissions=True)  # follows a change that was permitted


def order_run() -> None:
	"""Let the job of the clock run as soon as the change is committed, and not only at its next time.

	Never left out as one that is under way already: that one remembers what was before the change, and itself orders
	the next when it does not come to its end. One too many finds nothing due.
	"""
	frappe.enqueue(RUN, queue="long", enqueue_after_commit=True)


def waiting(besides: Collection[str] = ()) -> bool:
	"""Say whether there is an order that no job has followed to its end, *besides* those named."""
	filters = {"parent": ORDERS, **({"name": ["not in", list(besides)]} if besides else {})}
	return bool(frappe.db.exists("DefaultValue", filters))


def follow_orders(until: float) -> list[str]:
	"""Do what was ordered, a part in each transaction, but not beyond *until* (`monotonic`). For a job: it commits.

	Return the orders that are left. One that fails stands in the Error Log, stays for the next job and stops nothing.
	"""
	left = []
	for order in frappe.get_all(
		"DefaultValue",
		filters={"parent": ORDERS},
		fields=["name", "defvalue"],
		order_by="creation asc",
		limit_page_length=0,
	):
		try:
			done = _follow(order, until)
		except JobTimeoutException:
			raise
		except Exception:  # whatever an order fails of, the clock itself goes on
			frappe.db.rollback()
			frappe.log_error(title=_("Issues did not get the moments of their clock anew"))
			frappe.db.commit()  # the line in the Error Log stays, whatever the next order does
			done = False
		if not done:
			left.append(order.name)
	return left


def _follow(order: frappe._dict, until: float) -> bool:
	"""Follow *order* until it is done or the time is up; say whether it is done. One that cannot be read is dropped."""
	wanted = _read(order.defvalue)
	while wanted and wanted["after"] is not None:
		if monotonic() >= until:
			return False
		wanted["after"] = _rearm_part(wanted["states"], wanted["after"], now_datetime())
		value = json.dumps(wanted)
		frappe.db.set_value("DefaultValue", order.name, "defvalue", value, update_modified=False)
		frappe.db.commit()  # a part and how far the order has come, together
	frappe.db.delete("DefaultValue", {"name": order.name})
	frappe.db.commit()  # what is done is not followed again by a job that comes after a killed one
	return True


def _read(text: str) -> dict[str, Any] | None:
	try:
		wanted = json.loads(text)
		return {"states": wanted["states"], "after": wanted["after"]}
	except (ValueError, TypeError, KeyError):
		return None


def _rearm_part(states: list[str] | None, after: str, now: datetime) -> str | None:
	"""Give the next `CHUNK` issues after the name *after* their moments; return the last name, None when none is left."""
	issue = DocType(ISSUE)
	at_work = [name for name in _states() if states is None or name in states]
	concerned = issue.workflow_state.isin(at_work or [""])
	armed = issue.clock_at.isnotnull() | issue.next_escalation_at.isnotnull()
	concerned |= armed if states is None else (armed & issue.workflow_state.isin(states))
	names = (
		frappe.qb.from_(issue)
		.select(issue.name)
		.where(concerned & (issue.name > after))
		.orderby(issue.name, order=Order.asc)
		.limit(CHUNK)
		.run(pluck=True)
	)
	rows = (  # locked by name alone, and as they stand then
		frappe.qb.from_(issue)
		.select(
			*("name", "workflow_state", "grid_path", "urgency", "found_at", "due_by", "instruction_due"),
			*("paused_until", *SET),
		)
		.where(issue.name.isin(names or [""]))
		.for_update()
		.run(as_dict=True)
	)
	percents: dict[str, tuple[int, ...]] = {}
	changed = {}
	for row in rows:
		place = ancestor_path(row.grid_path or "", TOWNSHIP) or ""
		if place not in percents:
			percents[place] = arming.reminders(row.grid_path or "")
		values = _moments(row, percents[place], now)
		if any(cstr(row[field] or "") != cstr(values[field] or "") for field in SET):
			changed[row.name] = values
	_write(changed)
	return names[-1] if len(names) == CHUNK else None


def _moments(row: frappe._dict, percents: tuple[int, ...], now: datetime) -> dict[str, object]:
	told = arming.facts(row, None, percents)
	climbs_at = clock.after_a_change(told, row.next_escalation_at, now)
	reminded = clock.reminders_given(told, now)
	acts_at = clock.acts_at(replace(told, reminded=reminded), climbs_at, now)
	return {"next_escalation_at": climbs_at, "clock_at": acts_at, "reminded": reminded}


def _write(changed: dict[str, dict[str, object]]) -> None:
	"""Write the values of all issues in one statement."""
	if not changed:
		return
	issue = DocType(ISSUE)
	query = frappe.qb.update(issue).where(issue.name.isin(sorted(changed)))
	for field in SET:
		value = Case()
		for name, values in changed.items():
			value = value.when(issue.name == name, values[field])
		query = query.set(issue[field], value)
	query.run()


def _states() -> list[str]:
	"""Return the states in which an issue has a clock: where it is worked on, or waits."""
	ended = frappe.get_all(
		"Workflow State",
		filters={"grid_stage": ["in", [rules.RESOLVED, rules.FINAL]]},
		pluck="name",
		order_by="name asc",
		limit_page_length=0,
	)
	return frappe.get_all(
		"Workflow State",
		filters={"name": ["not in", ended or [""]]},
		pluck="name",
		order_by="name asc",
		limit_page_length=0,
	)
