"""Sending: a delivery for each recipient, written village by village by a job.

Each village is one statement and one transaction, which holds the notice's row: a withdrawal waits for it, and the next
village sees the withdrawal. What is there already stays as it is (the unique key), so the job can be cut off anywhere,
begun again, and run twice at once.
"""

import time
from datetime import datetime
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.query_builder import CustomFunction, DocType
from frappe.query_builder.functions import Count
from frappe.utils import add_to_date, cint, get_datetime, now_datetime
from pypika.functions import Concat
from pypika.queries import QueryBuilder, Selectable
from pypika.terms import Term, ValueWrapper

from grid_governance.grid_structure import queries as structure
from grid_governance.grid_visits import sets
from grid_governance.grid_visits.notices import (
	DELIVERY,
	NOTICE,
	UNREACHABLE,
	WAITING,
	audience,
	channels,
	codes,
	stages,
	telling,
)

STALE_MINUTES = 15
"""Minutes without a word after which a job is taken for dead."""

PROGRESS = "notice_progress"
"""Name of the event, and of the value in Redis, that tell how far a notice is."""

TOLD_EVERY = 0.5
"""Seconds between two words about the progress."""

KEPT = 60 * 60
"""Seconds for which the progress can be read."""

SHA2 = CustomFunction("SHA2", ["text", "bits"])
UNHEX = CustomFunction("UNHEX", ["digits"])
LEFT = CustomFunction("LEFT", ["text", "length"])


def start(notice: Document) -> None:
	"""Have the deliveries of *notice*, which has just been approved, written by a job once this transaction is committed."""
	_order(notice.name)


def resume() -> None:
	"""Have notices gone on with whose job died: being sent, and nothing has been heard of them for a while. Hourly."""
	for name in frappe.get_all(
		NOTICE,
		filters={
			"workflow_state": ["in", stages.states(stages.SENDING) or [""]],
			"modified": ["<", add_to_date(now_datetime(), minutes=-STALE_MINUTES)],
		},
		pluck="name",
		order_by="creation asc",
		limit_page_length=0,
	):
		_order(name)


def progress(notice: str) -> dict[str, Any] | None:
	"""Return how far the job of *notice* is: `notice`, `done` and `total` recipients; None where none has been at work."""
	return frappe.cache.get_value(f"{PROGRESS}|{notice}", expires=True)


def fan_out(notice: str) -> None:
	"""Write the deliveries of *notice*, then say that it is sent. A job: it commits, and can be begun again at any time."""
	doc = frappe.get_doc(NOTICE, notice)
	due, done, told = door_time(doc), _written(notice), 0.0
	for village in audience.villages(doc):
		written = sets.again(_write, doc, village, due)
		if written is None:
			return
		done += written
		if time.monotonic() - told > TOLD_EVERY:
			told = time.monotonic()
			_tell(notice, done, max(done, cint(doc.recipients)))
	_finish(notice)
	frappe.db.commit()


def door_time(doc: Document) -> datetime:
	"""Return when whoever has not confirmed becomes a line in the list of the day."""
	hours = cint(doc.doorstep_hours) or cint(structure.setting(doc.grid_path, "doorstep_hours"))
	return add_to_date(get_datetime(doc.sent_at), hours=hours)


def _order(name: str) -> None:
	frappe.enqueue(
		fan_out,
		queue="long",
		timeout=3600,
		job_id=f"notice-{name}",
		deduplicate=True,
		enqueue_after_commit=True,
		notice=name,
	)


def _hold(name: str) -> bool:
	"""Lock the row of the notice *name* and say whether it is still being sent."""
	return stages.is_going(frappe.db.get_value(NOTICE, name, "workflow_state", for_update=True))


def _write(doc: Document, village: str, due: datetime) -> int | None:
	"""Write the deliveries of one *village*, which are told at the door from *due* on; return how many were missing, or None
	where the notice is not being sent any more."""
	if not _hold(doc.name):
		return None
	found = audience.select(doc, village).as_("recipient")
	row = DocType(DELIVERY)
	values = _values(doc, found, due)
	insert: QueryBuilder = (
		frappe.qb.into(row)
		.columns(*values)
		.from_(found)
		.select(*values.values())
		.on_duplicate_key_update(row.name, row.name)
	)
	written = sets.run(insert)
	# The village has been heard of: see `resume`. Past the cache of documents, which `_finish` clears.
	notice = DocType(NOTICE)
	frappe.qb.update(notice).set(notice.modified, frappe.utils.now()).where(notice.name == doc.name).run()
	return written


def _written(notice: str) -> int:
	"""Return how many deliveries of *notice* there are to recipients who are still there."""
	row = DocType(DELIVERY)
	meant = (row.notice == notice) & (row.state != UNREACHABLE)
	return frappe.qb.from_(row).select(Count("*")).where(meant).run()[0][0]


def _values(doc: Document, found: Selectable, due: datetime) -> dict[str, Term | Any]:
	"""Return what stands in each column of a delivery, for the recipients *found*."""
	now = frappe.utils.now()
	return {
		"name": _name(doc.name, found),
		"creation": ValueWrapper(now),
		"modified": ValueWrapper(now),
		"owner": ValueWrapper(doc.approved_by or doc.owner),
		"modified_by": ValueWrapper(doc.approved_by or doc.owner),
		"notice": ValueWrapper(doc.name),
		"household": found.household,
		"resident": found.resident,
		"grid": found.grid,
		"grid_path": found.grid_path,
		"state": ValueWrapper(WAITING),
		"is_sensitive": found.is_sensitive,
		"doorstep_at": ValueWrapper(due),
	}


def _name(notice: str, found: Selectable) -> Term:
	"""The name of a delivery as `codes.name_for` makes it, in SQL: the key of the notice opens no other one."""
	inner, outer = (UNHEX(ValueWrapper(pad)) for pad in codes.pads(notice))
	text = Concat(inner, found.household, "/", found.resident)
	mac = LEFT(UNHEX(SHA2(Concat(outer, UNHEX(SHA2(text, 256))), 256)), codes.MAC)
	return Concat(ValueWrapper(codes.tag(notice).hex()), LEFT(SHA2(mac, 256), codes.NAME_DIGITS))


def _finish(name: str) -> None:
	"""Let the notice *name*, if it is still being sent, be sent: its recipients are those who are written down."""
	doc = frappe.get_doc(NOTICE, name, for_update=True)
	if not stages.is_going(doc.workflow_state):
		return
	recipients = _written(name)
	stages.move(doc, stages.SENT, recipients=recipients)
	telling.settle(name)
	_tell(name, recipients, recipients)
	channels.send(doc)


def _tell(notice: str, done: int, total: int) -> None:
	said = {"notice": notice, "done": done, "total": total}
	frappe.cache.set_value(f"{PROGRESS}|{notice}", said, expires_in_sec=KEPT)
	frappe.publish_realtime(PROGRESS, said, doctype=NOTICE, docname=notice)
