"""The job of the clock: every matter whose time has come is reminded of, climbs, or goes on after a pause.

What is due is claimed by name, a few at a time, and each matter stands in a savepoint of its own: one that fails is
noted (`failures`), and the others go on. What is claimed is locked, so two jobs at once share the work; a job that was
killed has done the whole of the batches it committed and nothing of the others.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.model.workflow import get_workflow_name
from frappe.query_builder import DocType
from frappe.realtime import clear_realtime_log
from frappe.translate import print_language
from frappe.utils import CallbackManager, create_batch, get_datetime, now_datetime
from pypika import Order
from rq.timeouts import JobTimeoutException

from grid_governance.grid_issues import ISSUE, log, markers, pauses, rules
from grid_governance.grid_issues.escalation import arming, changes, failures
from grid_governance.grid_issues.rules import clock

DONE, REMINDED, FAILED, SKIPPED = FIGURES = ("done", "reminded", "failed", "skipped")

CLOCK = "Administrator"
"""In whose name the clock acts: as all jobs of the scheduler. No log and no message says so."""

LOOKED_FOR = 10_000
"""Matters that one job takes on at most."""

BATCH = 10
"""Matters that one transaction holds: a person who saves one of them waits for the others."""

SECONDS = 200
"""How long a job goes on before it leaves the rest to the next one: Frappe ends a job of this queue after 300."""


def run(now: datetime | None = None) -> dict[str, int]:
	"""Do what the clock has to do at *now* (default: the moment itself); return how many: `FIGURES`. A job: it commits.

	*done*: matters that climbed or whose pause ended; *skipped*: that another job or a person holds, or that
	turned out to have nothing to do.
	"""
	if frappe.session.user != CLOCK:
		frappe.set_user(CLOCK)  # a job that somebody's change has ordered runs in her name
	figures = Counter(dict.fromkeys(FIGURES, 0))
	if not get_workflow_name(ISSUE):
		return dict(figures)
	until = monotonic() + SECONDS
	with print_language(frappe.get_system_settings("language")):
		left = changes.follow_orders(until)
		names = _due(now or now_datetime())
		frappe.db.commit()  # so that what is claimed is read as it stands then
		for batch in create_batch(names, BATCH):
			figures += _take(batch, now)
			# This job remembers the workflow as it was; one that is changed meanwhile holds for the next job.
			changed = changes.waiting(besides=left)
			frappe.db.commit()  # the next batch is claimed in a transaction of its own
			if changed or monotonic() > until:
				changes.order_run()
				break
	failures.forget_settled()
	frappe.db.commit()  # the end of the job
	return {name: figures[name] for name in FIGURES}


def _due(now: datetime) -> list[str]:
	issue = DocType(ISSUE)
	return (
		frappe.qb.from_(issue)
		.select(issue.name)
		.where(issue.clock_at <= now)
		.orderby(issue.clock_at, order=Order.asc)
		.limit(LOOKED_FOR)
		.run(pluck=True)
	)


def _take(names: list[str], now: datetime | None) -> Counter:
	"""Do what is due on *names* in one transaction; where the database refuses that, each in one of its own."""
	try:
		figures = _take_claimed(_claimed(names, now or now_datetime()), now)
		figures[SKIPPED] += len(names) - figures.total()
		frappe.db.commit()  # the next batch is claimed first of all in its transaction, and read as it stands then
	except Exception as error:
		if not _locked_out(error):
			raise
		frappe.db.rollback()
		if len(names) > 1:
			return sum((_take([name], now) for name in names), Counter())
		failures.note(names[0], error, now or now_datetime())
		frappe.db.commit()  # the note stays, whatever becomes of the others
		return Counter({FAILED: 1})
	return figures


def _claimed(names: list[str], now: datetime) -> list[str]:
	"""Lock those of *names* that are still due and that nobody else holds. By name alone: the index of what is due
	would lock the gaps between, and with them reports that are being made."""
	issue = DocType(ISSUE)
	held = (
		frappe.qb.from_(issue)
		.force_index("PRIMARY")  # a few names of a small table are looked for, and locked, in all of it
		.select(issue.name, issue.clock_at)
		.where(issue.name.isin(names))
		.for_update(skip_locked=True)
		.run()
	)
	due = {name for name, clock_at in held if clock_at and clock_at <= now}
	return [name for name in names if name in due]


def _take_claimed(names: list[str], now: datetime | None) -> Counter:
	figures = Counter()
	done = []
	for name in names:
		moment = now or now_datetime()
		frappe.db.savepoint("grid_clock")
		try:
			with _effects_of_its_own():
				figures[_act(frappe.get_doc(ISSUE, name), moment)] += 1
			done.append(name)
		except JobTimeoutException:
			raise
		except Exception as error:
			if _locked_out(error):
				raise
			frappe.db.rollback(save_point="grid_clock")
			failures.note(name, error, moment)
			figures[FAILED] += 1
	failures.forget(done)
	return figures


def _act(doc: Document, now: datetime) -> str:
	"""Do what the clock has to do on *doc* at *now*; say which of `FIGURES` that is."""
	doc.flags.clock_now = now
	doc.flags.ignore_version = True  # the log tells of the step, and nobody took it
	state = markers.state(doc.workflow_state)
	if state.stage == rules.PAUSED and doc.paused_until and doc.paused_until <= now and pauses.end(doc):
		return DONE
	if state.stage == rules.OPEN and doc.next_escalation_at and doc.next_escalation_at <= now:
		step = markers.clock_step(doc.workflow_state, doc)
		if step:
			climb(doc, step)
			return DONE
	return _remind_or_rest(doc, now)


def climb(doc: Document, step: tuple[str, str]) -> None:
	"""Let *doc* take the clock's *step* (action, next state) through the workflow, with words that say why."""
	said = why(doc)
	doc.flags.by_clock = doc.flags.step_by_rule = True
	doc.flags.step_action, doc.workflow_state = step
	doc.flags.step_opinion = said
	doc.flags.ignore_permissions = True  # the clock asks for nobody's post
	doc.flags.ignore_links = True  # nothing but the state changes
	doc.save(ignore_version=True)  # the log tells of the step, and nobody took it


def _remind_or_rest(doc: Document, now: datetime) -> str:
	"""Remind of *doc* where that is due, and let the clock rest until it has something to do again."""
	last = arming.last_at(doc, now)
	told = arming.facts(doc, last)
	climbs_at = clock.escalation_of(told)
	if climbs_at and climbs_at <= now:  # a condition of the workflow keeps it where it is
		climbs_at = now + timedelta(hours=told.repeat_hours) if told.repeat_hours else None
	given = reminded = doc.reminded or 0
	if told.stage == rules.OPEN and told.starts_at and told.due_by and now < told.due_by:
		reminded = max(given, clock.reminders_due(told.starts_at, told.due_by, told.percents, now))
	acts_at = clock.acts_at(replace(told, reminded=reminded), climbs_at, now)
	if acts_at and acts_at <= now:
		acts_at = None
	values = {"reminded": reminded, "next_escalation_at": climbs_at, "clock_at": acts_at}
	if reminded == given:
		frappe.db.set_value(ISSUE, doc.name, values, update_modified=False)
		return SKIPPED
	doc.flags.by_clock = True
	doc.reminds = 1  # what the condition of the notification asks for
	doc.db_set(values, update_modified=False)  # on the document: its notification tells whoever acts next
	log.remark(doc, _("Reminded; it is due by {0}.").format(_shown(doc.due_by)), at=now, by_clock=1)
	return REMINDED


def why(doc: Document) -> str:
	"""Return why *doc* climbs, as the log says it."""
	instructed = doc.instruction_due and get_datetime(doc.instruction_due)
	if instructed and instructed == get_datetime(doc.next_escalation_at):
		return _("What was instructed was to be done by {0}.").format(_shown(instructed))
	if doc.escalation_level:
		return _("Still not resolved after it climbed; it was due by {0}.").format(_shown(doc.due_by))
	return _("Not resolved by the time it was due, {0}.").format(_shown(doc.due_by))


def _shown(moment: object) -> str:
	return get_datetime(moment).strftime("%Y-%m-%d %H:%M")


@contextmanager
def _effects_of_its_own() -> Iterator[None]:
	"""Hold back what one matter orders for after the commit, so that one which fails has told nobody."""
	shared = frappe.db.after_commit
	had_realtime = hasattr(frappe.local, "_realtime_log")
	frappe.db.after_commit = own = CallbackManager()
	try:
		yield
	except Exception:
		frappe.clear_messages()
		if not had_realtime:
			clear_realtime_log()
		raise
	else:
		shared.add(own.run)
	finally:
		frappe.db.after_commit = shared


def _locked_out(error: Exception) -> bool:
	"""Say whether the database gave the transaction up for another one's."""
	return isinstance(error, (frappe.QueryDeadlockError, frappe.QueryTimeoutError))
