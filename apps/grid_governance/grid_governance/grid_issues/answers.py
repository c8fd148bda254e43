"""What departments answer: the steps of a referral, and how its issue follows from them."""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.model.workflow import apply_workflow
from frappe.utils import get_datetime, now_datetime

from grid_governance import photos
from grid_governance.grid_issues import ISSUE, REFERRAL, markers, offered, referrals, rules, steps


class ReferralByHandError(frappe.ValidationError):
	"""A referral is to be made or changed without a step."""


class AnsweredError(frappe.ValidationError):
	"""A referral is to be deleted."""


@frappe.whitelist(methods=["POST"])
def take_step(referral: str, action: str, opinion: str = "", photo: str = "") -> dict[str, Any]:
	"""Take the workflow's *action* on *referral*; return it.

	*opinion* is the department's answer, or the reason why the matter is not its own; *photo* the file of a photo
	of the result. The action goes through Frappe's workflow like any other.
	"""
	doc = frappe.get_doc(REFERRAL, referral)
	doc.check_permission("write")
	doc.flags.step_words = {"said": opinion.strip(), "photo": photo}
	doc.flags.step_action = action
	return apply_workflow(doc, action).as_dict()


def validate(doc: Document) -> None:
	"""Take only steps from a client, and check their rules: an answer needs words, a return its reason."""
	stored = doc.get_doc_before_save()
	if not stored:
		if not doc.flags.by_issue:
			frappe.throw(_("Refer the issue by a step on its own form."), ReferralByHandError)
		return
	_put_back(doc, stored)
	before, after = markers.state(stored.workflow_state), markers.state(doc.workflow_state)
	if before.name == after.name:
		return
	action = offered.step_taken(stored, before.name, after.name, doc.flags.pop("step_action", None))
	if not action:
		frappe.throw(
			_("Only the department that was asked, or the township, takes this step."),
			steps.StepNotAllowedHereError,
		)
	words = doc.flags.pop("step_words", None) or {}
	said = words.get("said") or ""
	step = markers.step(action)
	if after.unhandled:
		doc.returned_reason = said
	elif after.stage == rules.RESOLVED:
		doc.update({"opinion": said, "photo": words.get("photo"), "answered_at": now_datetime()})
		photos.check(doc, "photo")
	category = frappe.db.get_value(ISSUE, doc.issue, "category")
	facts = rules.Facts(
		result=said,
		said=said,
		photo_after=doc.photo or "",
		needs_photo=bool(doc.lead and frappe.get_cached_value("Issue Category", category, "needs_photo")),
		return_by=get_datetime(doc.return_by) if doc.return_by else None,
		now=now_datetime(),
	)
	if why := rules.refusal(before, after, facts, step):
		frappe.throw(_refusal_message(why, facts), steps.REFUSALS[why])
	doc.flags.step = (before.name, action, said)


def after_step(doc: Document) -> None:
	"""Write the step's line in the issue's log and let the issue follow from what all departments have said."""
	photos.attach(doc)
	steps.settle_workflow_action(doc)
	taken = doc.flags.pop("step", None)
	if not taken:
		return
	referrals.write_log(doc, *taken)
	round_ = referrals.round_of(doc.issue, doc.round)
	outcome = rules.outcome(round_)
	if outcome is rules.Outcome.RESOLVED:
		steps.take_by_rule(doc.issue, outcome.value, {"result": doc.opinion, "photo_after": doc.photo})
	elif outcome is rules.Outcome.RETURNED:
		steps.take_by_rule(doc.issue, outcome.value, {})
	elif lead := rules.next_lead(round_):
		_hand_over(doc, lead.name)


def refuse_deletion(doc: Document) -> None:
	"""What a department was asked and what it said stays on record."""
	frappe.throw(_("{0} belongs to the record of its issue and stays.").format(doc.name), AnsweredError)


def _put_back(doc: Document, stored: Document) -> None:
	for fieldname in doc.meta.get_valid_columns():
		if doc.meta.get_field(fieldname) and fieldname != "workflow_state":
			doc.set(fieldname, stored.get(fieldname))


def _hand_over(doc: Document, new_lead: str) -> None:
	"""The department in the lead has returned the issue: another one that is still at work leads from now on."""
	frappe.db.set_value(REFERRAL, doc.name, "lead", 0)
	other = frappe.get_doc(REFERRAL, new_lead)
	other.db_set("lead", 1)  # on the document, whose notifications tell the department
	referrals.write_log(
		other, other.workflow_state, None, _("In the lead: {0}").format(referrals.name_of(other.department))
	)


def _refusal_message(why: rules.Refusal, facts: rules.Facts) -> str:
	return {
		rules.Refusal.NO_RESULT: _("Write down what the department has done."),
		rules.Refusal.NO_PHOTO: _("Issues of this category need a photo of the result."),
		rules.Refusal.NO_REASON: _("Write down why the matter is not the department's."),
		rules.Refusal.RETURN_OVER: _(
			"That the matter is not the department's could be said until {0}. Answer it, or settle it with whoever referred it."
		).format(facts.return_by.strftime("%Y-%m-%d %H:%M") if facts.return_by else ""),
	}[why]
