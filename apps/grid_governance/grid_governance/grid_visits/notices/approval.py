"""What every save of a notice goes through: what a client may not set, who takes which step, what goes out and stands."""

import base64
import secrets

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.model.workflow import WorkflowPermissionError, get_workflow, get_workflow_name
from frappe.utils import getdate, now_datetime

from grid_governance import scope
from grid_governance.grid_visits.notices import FILTER, NOTICE, PERSONS, audience, expiry, sending, stages

COMPUTED = (
	*("recipients", "sent_to", "confirmed", "told", "approved_by", "sent_at", "reached_at"),
	*("announced_at", "posted_at", "public_code", "is_sensitive", "reserved_told_at", "bell_rung_at"),
)
"""What only the system sets; a client's values are put back."""

FIXED = (
	*("notice_title", "notice_type", "grid", "content", "deliver_to", "audience_filter"),
	*("by_desk", "by_email", "by_sms", "by_loudspeaker", "on_board", "doorstep_hours"),
)
"""What was approved; with the grids and groups of the audience."""

CODE_BYTES = 15
"""Random bytes of a notice's public code."""


class StepNotAllowedHereError(WorkflowPermissionError):
	"""A step is taken by somebody whose post does not allow it where the notice lies."""


class NoticeApprovedError(frappe.ValidationError):
	"""What was approved is to be changed."""


class NotForApproverError(frappe.PermissionError):
	"""A notice that waits for approval is changed by somebody who does not approve it."""


class NobodyMeantError(frappe.ValidationError):
	"""A notice is to be sent to nobody."""


class OverAlreadyError(frappe.ValidationError):
	"""The last day of a notice that is to be sent, or a new one for it, lies behind."""


class NoticeSentError(frappe.ValidationError):
	"""A notice that has gone out is to be deleted."""


def prepare(doc: Document) -> None:
	"""Put back what only the system sets, as it stands at this moment: people confirm while somebody saves."""
	stored = (
		{} if doc.is_new() else frappe.db.get_value(NOTICE, doc.name, COMPUTED, as_dict=True, for_update=True)
	)
	for field in COMPUTED:
		doc.set(field, stored.get(field))


def check(doc: Document) -> None:
	"""Refuse an audience that does not hold together, and changes of what waits for approval or was approved."""
	audience.check_grids(doc)
	before = doc.get_doc_before_save()
	if not before or _audience(before) != _audience(doc):
		audience.check(doc, _saved_filters(doc))
	if before and _is_changed(doc, before):
		_check_changeable(doc, before)
	if before and doc.sent_at and getdate(doc.expires_on) != getdate(before.expires_on):
		_check_last_day(doc)


def apply_step(doc: Document) -> None:
	"""When the state changes, check who takes the step; with the approval fix what goes out, and to whom."""
	before = doc.get_doc_before_save()
	doc.is_sensitive = audience.is_sensitive(doc)
	if not before or before.workflow_state == doc.workflow_state:
		return
	if not doc.flags.ignore_permissions:
		_check_step(before, doc)
	if stages.of(doc.workflow_state) == stages.SENDING:
		_approve(doc)


def follow(doc: Document) -> None:
	"""After a save: have an approved notice sent, and a withdrawn one leave the list of the day."""
	before = doc.get_doc_before_save()
	_settle_workflow_action(doc)
	if not before or before.workflow_state == doc.workflow_state:
		return
	stage = stages.of(doc.workflow_state)
	if stage == stages.SENDING:
		sending.start(doc)
	elif stage == stages.WITHDRAWN and doc.sent_at:
		expiry.order_clearing(doc.name)


def refuse_deletion(doc: Document) -> None:
	"""Refuse to delete a notice that has gone out: whom it reached stays on record."""
	if doc.sent_at:
		frappe.throw(
			_("{0} has gone out and stays on record. Withdraw it instead.").format(doc.notice_title),
			NoticeSentError,
		)


def may_change(doc: Document) -> bool:
	"""Say whether the session's user may change what the stored notice *doc* says, as far as it has got."""
	stage = stages.of(doc.workflow_state)
	if stage not in (stages.DRAFT, stages.APPROVAL) or not doc.has_permission("write"):
		return False
	return stage == stages.DRAFT or _approves(doc, doc)


def _approve(doc: Document) -> None:
	_check_last_day(doc)
	audience.check(doc, _saved_filters(doc))
	found = audience.counted(doc)["persons" if doc.deliver_to == PERSONS else "households"]
	if not found:
		frappe.throw(
			_("Nobody is meant by this audience. Change the grids or the groups of people."), NobodyMeantError
		)
	if doc.audience_filter:
		# As it is now: a filter that is changed later changes nothing of what was approved.
		for row in audience.own_rows(frappe.get_doc(FILTER, doc.audience_filter)):
			doc.append("audience_rows", {field: row.get(field) for field in audience.FIELDS})
	doc.recipients = found
	doc.approved_by, doc.sent_at = frappe.session.user, now_datetime()
	doc.public_code = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode()


def _check_last_day(doc: Document) -> None:
	if expiry.is_over(doc):
		frappe.throw(
			_("The last day of the notice, {0}, is over. Enter a later one.").format(
				frappe.format(doc.expires_on, "Date")
			),
			OverAlreadyError,
		)


def _check_step(before: Document, doc: Document) -> None:
	"""Refuse a step whose role the session's user has, but not where the notice lies: Frappe's roles are global."""
	if not get_workflow_name(NOTICE):
		return
	roles, to_state = _roles(before, doc), doc.workflow_state
	if not any(
		step.state == before.workflow_state and step.next_state == to_state and step.allowed in roles
		for step in get_workflow(NOTICE).transitions
	):
		frappe.throw(
			_(
				"Your post does not allow the step from {0} to {1} in {2}. Ask whoever sends notices there."
			).format(_(before.workflow_state), _(to_state), doc.grid),
			StepNotAllowedHereError,
		)


def _check_changeable(doc: Document, before: Document) -> None:
	stage = stages.of(before.workflow_state)
	if stage == stages.APPROVAL and not _approves(before, doc):
		frappe.throw(
			_("{0} waits for approval. Whoever approves it changes it, or sends it back.").format(
				doc.notice_title
			),
			NotForApproverError,
		)
	if stage not in (stages.DRAFT, stages.APPROVAL):
		frappe.throw(
			_("{0} was approved as it is. Withdraw it and write a new one instead.").format(
				before.notice_title
			),
			NoticeApprovedError,
		)


def _approves(before: Document, doc: Document) -> bool:
	"""Say whether the session's user may let the notice go out from its present state."""
	if not get_workflow_name(NOTICE):
		return True
	return not stages.senders(before.workflow_state).isdisjoint(_roles(before, doc))


def _roles(before: Document, doc: Document) -> set[str]:
	"""The roles that count where the notice lies, and where it is to lie: the same save may move it."""
	return scope.roles_at(before.grid_path or "") & scope.roles_at(doc.grid_path or "")


def _is_changed(doc: Document, before: Document) -> bool:
	return _audience(doc) != _audience(before) or any(
		(doc.get(field) or "") != (before.get(field) or "") for field in FIXED
	)


def _audience(doc: Document) -> tuple[object, ...]:
	"""What the audience of *doc* says, to be compared."""
	grids = sorted(row.grid for row in doc.audience_grids)
	groups = [tuple(row.get(field) or None for field in audience.FIELDS) for row in doc.audience_rows]
	return grids, groups, doc.audience_filter or None, doc.grid


def _saved_filters(doc: Document) -> list[Document]:
	return [frappe.get_cached_doc(FILTER, doc.audience_filter)] if doc.audience_filter else []


def _settle_workflow_action(doc: Document) -> None:
	"""Note the step as done in Workflow Action before Frappe asks every holder of the next role whether she may read it."""
	row = {"reference_doctype": NOTICE, "reference_name": doc.name, "workflow_state": doc.workflow_state}
	if not doc.workflow_state or frappe.db.exists("Workflow Action", row):
		return
	frappe.new_doc("Workflow Action").update(
		{**row, "status": "Completed", "completed_by": frappe.session.user}
	).insert(
		ignore_permissions=True,  # Frappe's own note of a step that was permitted; nobody writes it by hand
		ignore_links=True,
	)
