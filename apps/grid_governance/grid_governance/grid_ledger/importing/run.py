"""The jobs of an import: its check, and its writing.

What makes that nothing is lost and nothing is written twice: a part is written in one transaction together with how far the
import has come (`position`, families that are done), and whoever writes says which position it goes on from. After whatever
happens the position that stands in the database is where it goes on. Villages are locked while a part of theirs is read
and written, so that two files do not bring the same person at the same time.
"""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.translate import get_user_lang
from frappe.utils import add_to_date, getdate, now_datetime

from grid_governance import scope
from grid_governance.grid_ledger.importing import (
	columns,
	faults,
	finishing,
	flat,
	needs,
	reading,
	remarks,
	uploads,
)
from grid_governance.grid_ledger.importing.parts import CancelledError, Parts
from grid_governance.grid_ledger.importing.plan import Planner
from grid_governance.grid_ledger.importing.uploads import IMPORT
from grid_governance.grid_ledger.importing.writer import OvertakenError

STALE_MINUTES = 15
"""Minutes without a word after which a job is taken for dead."""


class DatabaseGoneError(Exception):
	"""The database went away and did not come back while it was waited for."""


STAGES = {uploads.CHECKING: "Planning", uploads.WRITING: "Writing"}
ENDS = {uploads.CHECKING: uploads.CHECKED, uploads.WRITING: uploads.DONE}
"""The stage of an import while its parts are worked through, and its state afterwards, by the state of the job."""

STOPPING = (uploads.ImportNotReadyError, uploads.UnreadableFileError, frappe.PermissionError)
"""Errors that say what somebody has to do before the import can go on."""


def check(name: str) -> None:
	"""Say what the file of the import *name* would do. A job: it commits, and can be begun again at any time."""
	_run(name, uploads.CHECKING)


def write(name: str) -> None:
	"""Write the file of the import *name*, from where it was cut off. A job, as `check`."""
	_run(name, uploads.WRITING)


def resume() -> None:
	"""Have imports gone on with whose job died: at work, and nothing has been heard of them for a while. Hourly."""
	from grid_governance.grid_ledger.importing import desk  # which knows this file's jobs by name

	for name in frappe.get_all(
		IMPORT,
		filters={
			"state": ["in", uploads.RUNNING],
			"modified": ["<", add_to_date(now_datetime(), minutes=-STALE_MINUTES)],
		},
		pluck="name",
		order_by="creation asc",
	):
		desk.order(frappe.get_doc(IMPORT, name))


def _run(name: str, state: str) -> None:
	"""Do the job of the import *name* in *state*, unless another one is at it or it is not in that state any more."""
	if not _alone(name):
		return
	try:
		frappe.db.rollback()  # the job before may have ended it a moment ago
		doc = frappe.get_doc(IMPORT, name)
		if doc.state == state:
			with _as_owner(doc):
				_see_through(doc)
	finally:
		_let_go(name)


def _see_through(doc: Document) -> None:
	"""Work on the import *doc* and note how it ended. Raises DatabaseGoneError: then nothing is noted, and `resume` goes on
	when it is back."""
	gone = ""
	try:
		_work(doc)
		_end(doc, ENDS[doc.state])
	except OvertakenError:
		return
	except CancelledError:
		_end(doc, uploads.CANCELLED)
	except STOPPING as error:
		_end(doc, uploads.STOPPED, str(error))
	except Exception as error:
		kind = faults.kind(error)
		if kind == faults.LOST:
			gone = str(error)
		elif kind == faults.FULL:
			full = _("The disk of the server is full. Ask whoever runs it to make room, then go on.")
			_end(doc, uploads.STOPPED, full)
		else:
			_log(doc, error)
			_end(
				doc,
				uploads.FAILED,
				_(
					"Something went wrong that nobody foresaw; what is written stays. The administrator finds it in the error log."
				),
			)

	if gone:
		# Not out of the error itself: whoever logs that writes down what was being worked on.
		raise DatabaseGoneError(gone)


def _log(doc: Document, error: Exception) -> None:
	"""Write *error* into the error log without the values of variables, which Frappe's own log has."""
	frappe.db.rollback()
	frappe.log_error(title=f"{IMPORT} {doc.name}", message="".join(traceback.format_exception(error)))


def _work(doc: Document) -> None:
	_check_rights(doc)
	today = getdate()
	_set(doc, stage="Reading")
	source = reading.read(doc, today)
	answers = remarks.answers(doc)
	if not doc.position:
		remarks.begin(doc)
		_set(doc, **dict.fromkeys(remarks.COUNTED, 0))
	_set(doc, stage=STAGES[doc.state], parts=len(source.families))
	planner = (
		Planner(doc.grid, source.targets, answers, today)
		if doc.kind == columns.PEOPLE
		else flat.Planner(doc.kind, doc.grid, source.targets, answers)
	)
	Parts(
		doc,
		source.families,
		planner.part,
		answers,
		by_documents=doc.state == uploads.WRITING and bool(needs.of_kind(doc.kind)),
		told=partial(_tell_position, doc),
	).work()
	_set(doc, stage="Finishing")
	_set(doc, **finishing.finish(doc, source))


def _check_rights(doc: Document) -> None:
	"""Refuse to go on for somebody who may not enter such rows there any more, or whose account is closed."""
	is_open = frappe.db.get_value("User", doc.owner, "enabled")
	for doctype in uploads.doctypes(doc.kind):
		if not is_open or not scope.covers(doc.grid_path or "", doc.owner, doctype, "create"):
			frappe.throw(
				_("{0} has no right to enter {1} here any more.").format(doc.owner, _(doctype)),
				frappe.PermissionError,
			)


@contextmanager
def _as_owner(doc: Document) -> Iterator[None]:
	"""Act as who uploaded the file, in her language: a job that is begun by the clock has another user and none."""
	user, language = frappe.session.user, frappe.local.lang
	if user != doc.owner:
		frappe.set_user(doc.owner)
	frappe.local.lang = get_user_lang(doc.owner)
	try:
		yield
	finally:
		frappe.local.lang = language
		if user != doc.owner:
			frappe.set_user(user)


def _end(doc: Document, state: str, error: str | None = None) -> None:
	"""Note that the job ended and why. A check that was cut off begins anew, so that it keeps no position."""
	frappe.db.rollback()
	position = {"position": 0} if doc.state == uploads.CHECKING else {}
	_set(doc, state=state, stage=None, cancel_asked=0, error=error, ended_at=now_datetime(), **position)


def _set(doc: Document, **values: Any) -> None:
	"""Set *values* of the import *doc* at once, and tell who waits for it."""
	frappe.db.set_value(IMPORT, doc.name, values)
	frappe.db.commit()  # a job's own: how far it is has to be seen from outside
	frappe.clear_document_cache(IMPORT, doc.name)
	doc.update(values)
	_tell(doc)


def _tell_position(doc: Document, position: int) -> None:
	doc.position = position
	_tell(doc)


def _tell(doc: Document) -> None:
	told = {field: doc.get(field) for field in ("name", "state", "stage", "position", "parts")}
	frappe.publish_realtime("ledger_import", told, user=doc.owner)


def _alone(name: str) -> bool:
	"""Say whether no other job is at the import *name*; as long as this one lives, none will be."""
	return bool(frappe.db.sql("select get_lock(%s, 0)", (_lock_name(name),))[0][0])


def _let_go(name: str) -> None:
	with suppress(Exception):  # of a connection that is gone the lock went with it
		frappe.db.sql("select release_lock(%s)", (_lock_name(name),))


def _lock_name(name: str) -> str:
	return f"{frappe.conf.db_name}:{name}"
