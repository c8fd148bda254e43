"""Pauses: an issue waits for others, and its clock stands still, no longer than its township allows.

While it stands still, `due_by`, `extended_until` and `instruction_due` are as late as the pause can make them, so that
"overdue" means the same in every list and figure and no job can lag behind; when it goes on, they are moved back to
what they were and the time that the clock stood still. Informing the petitioner and returning what is not ours are
duties to others: these moments wait for no pause.
"""

from datetime import datetime, timedelta
from functools import partial

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_datetime, now_datetime

from grid_governance.grid_issues import ISSUE, markers, rules
from grid_governance.grid_issues.rules.pauses import Pause, allowed, held, resumed, stood
from grid_governance.grid_structure import queries as structure

MOVED = ("due_by", "extended_until", "instruction_due")
"""Moments that wait while the clock stands still."""

TOLD = ("due_by", "instruction_due")
"""Those of them that the log tells of."""


class NoPauseError(frappe.ValidationError):
	"""The clock of an issue is to be stopped where its township allows no pause, or no more of it."""


def possible(path: str, used: float | None) -> bool:
	"""Say whether the clock of an issue at *path* may be stopped that has stood still for *used* seconds before."""
	return bool(allowed(days(path), timedelta(seconds=used or 0)))


def days(path: str) -> int:
	"""Return for how many days, over all its pauses, the clock of an issue at *path* may stand still; 0 for none."""
	return int(structure.setting(path or "", "pause_days") or 0)


def follow(doc: Document, before: rules.State | None, after: rules.State) -> str | None:
	"""Stop the clock with a step into a paused state and let it go on with one out of it; return the words for the log.

	Raises NoPauseError where the township allows no pause, or the issue has had what it allows.
	"""
	if after.stage == rules.PAUSED:
		return None if doc.paused_at else _stop(doc, before)
	return _go_on(doc) if doc.paused_at else None


def moved(doc: Document, due: datetime | None) -> datetime | None:
	"""Return *due*, made anew from when the matter was found, with the time for which the clock stood and stands still."""
	if not due:
		return None
	due += timedelta(seconds=doc.get("paused_for") or 0)
	return held(due, _pause(doc)) if doc.get("paused_at") else due


def ends_at(doc: Document) -> datetime | None:
	"""Return when the sweep has to end the pause of *doc*; None where there is none that the workflow lets end."""
	state = markers.state(doc.workflow_state)
	if not doc.get("paused_until") or not state or state.stage != rules.PAUSED:
		return None
	return get_datetime(doc.paused_until) if _ending(doc) else None


def end(doc: Document) -> bool:
	"""Let *doc* take the step that its workflow has for the end of a pause; say whether it has one. For the sweep.

	The clock takes it: nobody's post is asked and nobody's name stands in the log.
	"""
	found = _ending(doc)
	if not found:
		return False
	doc.flags.step_action, doc.workflow_state = found
	doc.flags.step_opinion = _("The time for pauses is over; the clock goes on.")
	doc.flags.step_by_rule = doc.flags.by_clock = True
	doc.flags.ignore_permissions = True  # the township's own rule takes this step, nobody's post
	doc.save(ignore_version=True)  # the log tells of the step
	return True


def words(doc: Document) -> str:
	"""Return what a sheet says of the pauses of *doc*, empty when it has had none."""
	said = []
	if doc.get("paused_for"):
		said.append(_("Stood still for {0} days in all").format(f"{doc.paused_for / 86400:.1f}"))
	if doc.get("paused_at"):
		said.append(
			_("Stands still since {0}, until {1} at the latest").format(
				_shown(doc.paused_at), _shown(doc.paused_until)
			)
		)
	return "\n".join(said)


def _stop(doc: Document, before: rules.State | None) -> str:
	now = _now(doc)
	granted = days(doc.grid_path)
	left = allowed(granted, timedelta(seconds=doc.paused_for or 0))
	if before and not left:
		frappe.throw(_refusal(doc, granted), NoPauseError)
	pause = Pause(now, now + left)
	doc.update({"paused_at": pause.began, "paused_until": pause.ends})
	return _move(
		doc,
		partial(held, pause=pause),
		_("The clock stands still, until {0} at the latest.").format(_shown(pause.ends)),
	)


def _go_on(doc: Document) -> str:
	now = _now(doc)
	pause = _pause(doc)
	lasted = stood(pause, now)
	doc.update(
		{
			"paused_for": (doc.paused_for or 0) + lasted.total_seconds(),
			"paused_at": None,
			"paused_until": None,
		}
	)
	return _move(
		doc,
		partial(resumed, pause=pause, now=now),
		_("The clock stood still from {0} to {1}.").format(_shown(pause.began), _shown(pause.began + lasted)),
	)


def _move(doc: Document, to: partial, said: str) -> str:
	"""Move the moments of *doc* and return *said* with those that people look at, as they were and are."""
	doc.clock_moved = 1  # what the condition of the notification of more time asks for: a pause is none
	lines = [said]
	for fieldname in MOVED:
		old = doc.get(fieldname)
		if not old:
			continue
		new = to(get_datetime(old))
		doc.set(fieldname, new)
		if fieldname in TOLD and _shown(old) != _shown(new):
			lines.append(f"{_(doc.meta.get_label(fieldname))}: {_shown(old)} → {_shown(new)}")
	return "\n".join(lines)


def _now(doc: Document) -> datetime:
	return (doc.flags.clock_now or now_datetime()).replace(microsecond=0)


def _pause(doc: Document) -> Pause:
	began = get_datetime(doc.paused_at)
	return Pause(began, get_datetime(doc.paused_until) if doc.get("paused_until") else began)


def _ending(doc: Document) -> tuple[str, str] | None:
	return markers.step_by_rule(ISSUE, doc.workflow_state, rules.PAUSE_OVER)


def _refusal(doc: Document, granted: int) -> str:
	if not granted:
		return _(
			"Pauses are not allowed in this township, so that the clock of {0} goes on. Ask for more time instead."
		).format(doc.name)
	return _("{0} has had all of the {1} days that its pauses may last. Ask for more time instead.").format(
		doc.name, granted
	)


def _shown(moment: datetime | str) -> str:
	return get_datetime(moment).strftime("%Y-%m-%d %H:%M")
