"""More time for an issue: asked for with a reason, decided one level up, once per level."""

from datetime import datetime
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_datetime, now_datetime

from grid_governance import scope
from grid_governance.grid_issues import ISSUE, REFERRAL, clocks, escalation, log, markers, offered, rules
from grid_governance.grid_issues.rules import deadlines

EXTENSION = "Issue Extension"


class NoMoreTimeError(frappe.ValidationError):
	"""More time is to be asked for where there is none to be had."""


class NotYoursToDecideError(frappe.PermissionError):
	"""A request for more time is to be decided by someone who is not one level up, or by whoever made it."""


class DecidedError(frappe.ValidationError):
	"""A request that has been decided, or whose issue is no longer at work, is to be decided."""


class ExtensionByHandError(frappe.ValidationError):
	"""A request for more time is to be written, changed or deleted by hand."""


@frappe.whitelist(methods=["POST"])
def ask(issue: str, until: str, reason: str) -> str:
	"""Ask for more time on *issue* until then; return the name of the request. For whoever may edit it now."""
	doc = frappe.get_doc(ISSUE, issue)
	doc.check_permission("write")
	if not offered.may_edit(doc):
		raise frappe.PermissionError
	state = markers.state(doc.workflow_state)
	due = get_datetime(doc.due_by) if doc.due_by else None
	wanted = clocks.moment(until)
	latest = _latest(doc)
	why = (
		rules.no_extension(state, bool(_decides_on(state)), due, wanted, reason, _requests(issue), latest)
		if wanted
		else rules.NoExtension.NOT_LATER
	)
	if why:
		frappe.throw(_refusal_message(why, doc, latest), NoMoreTimeError)
	request = frappe.new_doc(EXTENSION)
	request.update(
		{
			"issue": doc.name,
			"grid": doc.grid,
			"level": state.level.name,
			"due_before": due,
			"until": wanted,
			"reason": reason.strip(),
			"asked_by": frappe.session.user,
			"decision": rules.WAITING,
		}
	)
	request.flags.by_room = True
	request.insert(ignore_permissions=True)  # nobody writes requests by hand; the right is judged above
	log.remark(doc, _("More time until {0}: {1}").format(_shown(wanted), reason.strip()))
	return request.name


@frappe.whitelist(methods=["POST"])
def decide(extension: str, granted: bool, words: str = "") -> None:
	"""Grant or refuse a request for more time; a refusal needs *words*. For who decides one level up."""
	request = frappe.get_doc(EXTENSION, extension, for_update=True)
	doc = frappe.get_doc(ISSUE, request.issue, for_update=True)
	doc.check_permission("write")
	if not _may_decide(request, doc):
		frappe.throw(
			_("This request is decided one level up, not by whoever made it."), NotYoursToDecideError
		)
	state = markers.state(doc.workflow_state)
	if request.decision != rules.WAITING or state.stage != rules.OPEN:
		frappe.throw(_("This request is no longer open."), DecidedError)
	if not granted and not words.strip():
		frappe.throw(_("Write down why there is no more time."), DecidedError)
	request.update(
		{
			"decision": rules.GRANTED if granted else rules.REFUSED,
			"words": words.strip(),
			"decided_by": frappe.session.user,
			"decided_at": now_datetime(),
		}
	)
	request.flags.by_room = True
	request.save(ignore_permissions=True)  # nobody decides by hand; `_may_decide` has judged above
	if granted:
		_extend(doc, get_datetime(request.until), words)
	else:
		log.remark(doc, _("No more time: {0}").format(words.strip()))


@frappe.whitelist()
def standing(issue: str) -> dict[str, Any]:
	"""Return what the form shows: `may_ask`, `latest` (until when at most, None for any time), and `waiting`.

	`waiting` is the request not yet decided, with `may_decide`.

	Needs read permission on the issue.
	"""
	doc = frappe.get_doc(ISSUE, issue)
	doc.check_permission("read")
	state = markers.state(doc.workflow_state)
	waiting = frappe.get_all(
		EXTENSION,
		filters={"issue": issue, "decision": rules.WAITING},
		fields=["name", "level", "until", "reason", "asked_by"],
		order_by="creation desc",
		limit_page_length=1,
	)
	at_work = bool(state and state.stage == rules.OPEN)
	asked = at_work and any(
		each.level == (state.level and state.level.name) and each.decision != rules.REFUSED
		for each in _requests(issue)
	)
	may_ask = (
		at_work
		and not asked
		and bool(doc.due_by and _decides_on(state))
		and doc.has_permission("write")
		and offered.may_edit(doc)
	)
	request = waiting[0] if waiting and at_work else None
	if request:
		request.may_decide = doc.has_permission("write") and _may_decide(request, doc)
	return {"may_ask": bool(may_ask), "waiting": request, "latest": _latest(doc) if may_ask else None}


def refuse_by_hand(doc: Document) -> None:
	"""Requests are made and decided through their own calls alone."""
	if not doc.flags.by_room:
		frappe.throw(_("Ask for more time on the form of the issue."), ExtensionByHandError)


def refuse_deletion(doc: Document) -> None:
	"""What was asked for and decided stays on record."""
	frappe.throw(
		_("{0} belongs to the record of its issue and stays.").format(doc.name), ExtensionByHandError
	)


def _extend(doc: Document, until: Any, words: str) -> None:
	before = get_datetime(doc.due_by)
	doc.update({"due_by": until, "extended_until": until})
	escalation.arm(doc)
	# Set on the documents and not by statements: their notifications tell the reporter and the departments.
	doc.db_set(
		{
			fieldname: doc.get(fieldname)
			for fieldname in ("due_by", "extended_until", "next_escalation_at", "clock_at", "reminded")
		}
	)
	asked = frappe.get_all(
		REFERRAL,
		filters={"issue": doc.name, "due_by": before, "answered_at": ["is", "not set"]},
		fields=["name", "workflow_state"],
		order_by="creation asc",
	)
	for referral in asked:
		if markers.state(referral.workflow_state).stage == rules.OPEN:
			frappe.get_doc(REFERRAL, referral.name).db_set("due_by", until)
	label = _(doc.meta.get_label("due_by"))
	log.remark(doc, words.strip() or None, changed=f"{label}: {_shown(before)} → {_shown(until)}")


def _may_decide(request: Document, doc: Document) -> bool:
	role = frappe.get_cached_value("Resolution Level", request.level, "extension_role")
	return bool(
		role and role in scope.roles_at(doc.grid_path or "") and request.asked_by != frappe.session.user
	)


def _decides_on(state: rules.State | None) -> str | None:
	if not state or not state.level:
		return None
	return frappe.get_cached_value("Resolution Level", state.level.name, "extension_role")


def _requests(issue: str) -> list[rules.Request]:
	rows = frappe.get_all(
		EXTENSION,
		filters={"issue": issue},
		fields=["level", "decision"],
		order_by="creation asc",
		limit_page_length=0,
	)
	return [rules.Request(row.level, row.decision) for row in rows]


def _shown(moment: Any) -> str:
	return get_datetime(moment).strftime("%Y-%m-%d %H:%M")


def _latest(doc: Document) -> datetime | None:
	"""Return until when at most a level may get more time, counted from the present due time; None for any time."""
	if not doc.due_by:
		return None
	return clocks.moment_for(
		deadlines.EXTEND, doc.grid_path, doc.urgency, doc.source, get_datetime(doc.due_by)
	)


def _refusal_message(why: rules.NoExtension, doc: Document, latest: datetime | None) -> str:
	return {
		rules.NoExtension.NOT_OPEN: _("{0} is not being worked on now.").format(doc.name),
		rules.NoExtension.NOBODY_ABOVE: _("Nobody above decides on more time at this level."),
		rules.NoExtension.NO_REASON: _("Write down why more time is needed."),
		rules.NoExtension.NOT_LATER: _("Choose a later time than the present due time."),
		rules.NoExtension.TOO_LONG: _(
			"One extension lasts until {0} at the latest. Choose an earlier time."
		).format(_shown(latest) if latest else ""),
		rules.NoExtension.ASKED_BEFORE: _("More time is asked for once per level, and it has been."),
	}[why]
