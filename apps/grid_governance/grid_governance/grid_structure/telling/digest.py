"""The daily digest: what is new, due today and late, told to each person once a day.

Each job is one transaction that tells a chunk of people and orders the next. The Daily Digest of the day holds up to
whom it has come and is written in the same transaction as what they are told, so a job that was killed has told
nobody, and the next hourly run goes on from there: nobody is left out and nobody is told twice.
"""

import traceback
from itertools import chain

import frappe
from frappe.model.document import Document
from frappe.translate import print_language
from frappe.utils import add_to_date, get_datetime, getdate, now_datetime

from grid_governance.grid_structure.telling import Source, actions, messages, queries, rules

DIGEST = "Daily Digest"
RUNNING, DONE, BROKEN_OFF = "Running", "Done", "Broken Off"

CHUNK = 200
"""People that one transaction tells."""

STALE_MINUTES = 15


def tick() -> None:
	"""Begin the digest of today when its time has come, or go on with it where its job was killed. Hourly."""
	now = now_datetime()
	if not rules.has_come(now, queries.digest_time()):
		return
	day = str(getdate(now))
	found = frappe.db.get_value(DIGEST, day, ["status", "modified"], as_dict=True)
	if not found:
		_begin(day)
	elif found.status != RUNNING or found.modified > add_to_date(now, minutes=-STALE_MINUTES):
		return
	_order(day)


def run(day: str) -> None:
	"""Tell the next people of the digest of *day*."""
	doc = frappe.get_doc(DIGEST, day, for_update=True)
	if doc.status != RUNNING or _overtaken(doc):
		return
	waiting = queries.waiting(getdate(doc.day), get_datetime(doc.until))
	left = sorted(user for user in waiting if user > (doc.last_user or ""))
	chunk = left[:CHUNK]
	failed = _tell_all(doc, {user: waiting[user] for user in chunk})
	_forget([user for user in chunk if user not in failed], doc)
	done = len(left) <= CHUNK
	doc.db_set(
		{
			"failed": doc.failed + len(failed),
			"told": doc.told,
			"last_user": chunk[-1] if chunk else doc.last_user,
			"status": DONE if done else RUNNING,
		}
	)
	if not done:
		_order(day)


def _begin(day: str) -> None:
	frappe.db.set_value(DIGEST, {"status": RUNNING}, "status", BROKEN_OFF)
	doc = frappe.new_doc(DIGEST)
	doc.update({"day": day, "until": now_datetime(), "status": RUNNING})
	doc.insert(ignore_permissions=True)  # the scheduler's job; nobody makes one by hand


def _tell_all(doc: Document, waiting: dict[str, queries.Waiting]) -> set[str]:
	"""Tell everybody of *waiting* who is to be told, count them in *doc*; return those for whom it failed."""
	failed = set()
	sources = {source.doctype: source for source in queries.sources()}
	mails = actions.sends_mail()
	for person in queries.people(waiting):
		frappe.db.savepoint("digest")
		try:
			with print_language(person.language or frappe.get_system_settings("language")):
				doc.told += _tell(person, waiting[person.user], sources, doc, mails)
		except Exception as error:
			if frappe.db.is_deadlocked(error) or frappe.db.is_timedout(error):
				raise
			frappe.db.rollback(save_point="digest")
			# Without the values of variables, which Frappe's own log writes down.
			frappe.log_error(title=f"{DIGEST} {doc.name}", message="".join(traceback.format_exception(error)))
			failed.add(person.user)
	return failed


def _tell(
	person: queries.Person, waiting: queries.Waiting, sources: dict[str, Source], doc: Document, mails: bool
) -> bool:
	"""Tell *person* what she may read of what waits for her; say whether there was any."""
	day = getdate(doc.day)
	new, due, late = [], [], []
	for (notification, doctype), names in waiting.entries.items():
		new += messages.new(notification, doctype, queries.readable(person.user, doctype, names))
	for doctype, states in waiting.states.items():
		source, rows = sources[doctype], queries.due(person.user, sources[doctype], states, day)
		due += messages.due_today(source, states, [row for row in rows if getdate(row.due) == day], day)
		late += messages.late(source, states, [row for row in rows if getdate(row.due) < day], day)
	parts = [*late, *due, *new]
	if not parts:
		return False
	counts = {row.name for row in chain.from_iterable(part.rows for part in new)}
	subject = messages.subject(len(counts), sum(part.count for part in due), sum(part.count for part in late))
	log = frappe.new_doc("Notification Log")
	log.update(
		{
			"type": "Alert",
			"for_user": person.user,
			"from_user": person.user,
			"subject": subject,
			"email_content": messages.desk_text(parts),
		}
	)
	log.insert(ignore_permissions=True)  # as Frappe writes them; its reader is the one it is for
	if mails and person.mail:
		actions.mail([person.mail], subject, parts)
	return True


def _forget(users: list[str], doc: Document) -> None:
	"""Drop what these users were kept, told or not: what they may not read is not told later either."""
	if users:
		frappe.db.delete(queries.ENTRY, {"for_user": ["in", users], "creation": ["<=", doc.until]})


def _overtaken(doc: Document) -> bool:
	"""Say whether another job has told people of *doc* while this one waited for it.

	This transaction still reads the site as it was before that.
	"""
	return frappe.db.get_value(DIGEST, doc.name, "modified") != get_datetime(doc.modified)


def _order(day: str) -> None:
	frappe.enqueue(
		"grid_governance.grid_structure.telling.digest.run",
		queue="long",
		enqueue_after_commit=True,
		day=day,
	)
