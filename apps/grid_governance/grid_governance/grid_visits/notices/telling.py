"""Who has been reached: told at a door, or confirmed by a code. The figures of the notice move with the rows."""

from typing import Any

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import cint, now, now_datetime

from grid_governance.grid_visits.notices import (
	CONFIRMED,
	DELIVERY,
	LEFT,
	NOTICE,
	SENT,
	TOLD,
	WAITING,
	codes,
	stages,
)


def tell(delivery: str, visit: Document) -> bool:
	"""Note that the *delivery* was told with *visit*; return whether it had reached nobody before.

	Also of a notice whose last day is over, since it was told after all; not of one that was withdrawn. Whoever calls
	has judged the visit, and that it was to the household of the delivery.
	"""
	values = {"told_at": visit.visited_at, "told_by": visit.worker, "visit": visit.name}
	return _reach(delivery, TOLD, values)


def untell(visit: Document) -> int:
	"""Let the deliveries that were told with *visit* have reached nobody again; return how many those are.

	A notice that had reached everybody with them has been sent again, until its last day. The notice first, then its
	delivery, as in `tell`; whoever calls has judged the visit.
	"""
	rows = frappe.get_all(
		DELIVERY,
		filters={"household": visit.household, "visit": visit.name, "state": TOLD},
		fields=["name", "notice", "sent_at"],
		order_by="notice asc, name asc",
		limit_page_length=0,
	)
	for row in rows:
		state = _locked(NOTICE, row.notice, "workflow_state")
		left = {"state": SENT if row.sent_at else WAITING, "told_at": None, "told_by": None, "visit": None}
		frappe.db.set_value(DELIVERY, row.name, left)
		notice = DocType(NOTICE)
		frappe.qb.update(notice).set(notice.told, notice.told - 1).where(notice.name == row.notice).run()
		if stages.of(state) == stages.REACHED:
			stages.move(frappe.get_doc(NOTICE, row.notice), stages.SENT, reached_at=None)
	return len(rows)


def confirm(code: str) -> bool:
	"""Note that somebody who has *code* (as people type it) confirms; return whether it is a code that counts.

	True again when it was confirmed before, or told, or nobody is to be reached by it any more. Asks no permission: the code
	is one.
	"""
	name = codes.name_for(code)
	row = name and frappe.db.get_value(
		DELIVERY, name, ["notice", "household", "code_household", "resident"], as_dict=True
	)
	home = row and (row.code_household or row.household)
	if not row or not codes.is_genuine(code, row.notice, home, row.resident):
		return False
	if stages.of(frappe.db.get_value(NOTICE, row.notice, "workflow_state")) == stages.WITHDRAWN:
		return False
	_reach(name, CONFIRMED, {"confirmed_at": now()})
	return True


def settle(notice: str) -> None:
	"""Let *notice* have reached everybody when the last one is reached. The caller holds its row, or has just changed it."""
	fields = ["workflow_state", "recipients", "confirmed", "told"]
	row = frappe.db.get_value(NOTICE, notice, fields, as_dict=True, for_update=True)
	reached = cint(row.confirmed) + cint(row.told)
	if stages.of(row.workflow_state) == stages.SENT and 0 < cint(row.recipients) <= reached:
		stages.move(frappe.get_doc(NOTICE, notice), stages.REACHED, reached_at=now_datetime())


def _reach(delivery: str, state: str, values: dict[str, Any]) -> bool:
	"""Bring *delivery* to *state* if it has reached nobody, and count it; whoever else does so at the same time waits."""
	name = frappe.db.get_value(DELIVERY, delivery, "notice")
	if not name or stages.of(_locked(NOTICE, name, "workflow_state")) == stages.WITHDRAWN:
		return False
	if _locked(DELIVERY, delivery, "state") not in LEFT:
		return False
	frappe.db.set_value(DELIVERY, delivery, {"state": state, **values})
	notice = DocType(NOTICE)
	column = notice.told if state == TOLD else notice.confirmed
	frappe.qb.update(notice).set(column, column + 1).where(notice.name == name).run()
	settle(name)
	return True


def _locked(doctype: str, name: str, field: str) -> str | None:
	"""Lock a row and return its *field* as it stands now. The notice first, then the delivery, as the fan-out does."""
	return frappe.db.get_value(doctype, name, field, for_update=True)
