"""Takes the steps of an issue: each with its rules, its effects and its line in the log."""

from collections.abc import Mapping
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.model.workflow import WorkflowPermissionError, apply_workflow
from frappe.utils import get_datetime, now_datetime

from grid_governance.grid_issues import (
	ISSUE,
	clocks,
	corrections,
	duplicates,
	log,
	markers,
	offered,
	pauses,
	referrals,
	rules,
)
from grid_governance.scope.rules import plain


class TakenUpAboveError(frappe.ValidationError):
	"""An issue that a higher level has had is to be resolved on the spot."""


class ResultMissingError(frappe.ValidationError):
	"""An issue is to be resolved without saying what was done."""


class PhotoMissingError(frappe.ValidationError):
	"""An issue is to be resolved without the photo that its category asks for."""


class FeedbackMissingError(frappe.ValidationError):
	"""An issue is to be closed without the feedback of whoever reported it."""


class ReopenedTooLateError(frappe.ValidationError):
	"""A closed issue is to be taken up again after the time that the township allows."""


class ReasonMissingError(frappe.ValidationError):
	"""A step that has to be explained is to be taken without a word."""


class DuplicateError(frappe.ValidationError):
	"""An issue is to be merged into none, into itself or into one that has itself ended without handling."""


class DepartmentMissingError(frappe.ValidationError):
	"""An issue is to be referred to no department."""


class NotReporterError(frappe.ValidationError):
	"""A step that belongs to whoever reported the issue is to be taken by someone else."""


class ActedUponError(frappe.ValidationError):
	"""A step that is open before anyone has acted is to be taken afterwards."""


class InstructionMissingError(frappe.ValidationError):
	"""An issue is to be handed down without saying what is to be done and by when."""


class InstructionOverError(frappe.ValidationError):
	"""An instruction is to be done by a moment that is over."""


class ReturnedTooLateError(frappe.ValidationError):
	"""A matter is to be given back as not ours after the time in which that may be said."""


class StepNotAllowedHereError(WorkflowPermissionError):
	"""A step is to be taken by someone whose post does not allow it in the issue's grid."""


REFUSALS: dict[rules.Refusal, type[frappe.ValidationError]] = {
	rules.Refusal.TAKEN_UP_ABOVE: TakenUpAboveError,
	rules.Refusal.NO_RESULT: ResultMissingError,
	rules.Refusal.NO_PHOTO: PhotoMissingError,
	rules.Refusal.NO_FEEDBACK: FeedbackMissingError,
	rules.Refusal.TOO_LATE: ReopenedTooLateError,
	rules.Refusal.NO_REASON: ReasonMissingError,
	rules.Refusal.NO_DUPLICATE: DuplicateError,
	rules.Refusal.NO_DEPARTMENT: DepartmentMissingError,
	rules.Refusal.NOT_REPORTER: NotReporterError,
	rules.Refusal.ACTED_UPON: ActedUponError,
	rules.Refusal.NO_INSTRUCTION: InstructionMissingError,
	rules.Refusal.INSTRUCTION_OVER: InstructionOverError,
	rules.Refusal.RETURN_OVER: ReturnedTooLateError,
}


@frappe.whitelist(methods=["POST"])
def take_step(
	issue: str,
	action: str,
	opinion: str = "",
	result: str = "",
	photo_after: str = "",
	feedback: str = "",
	satisfaction: float = 0,
	duplicate_of: str = "",
	lead_department: str = "",
	other_departments: str | list[str] = "",
	answer_by: str = "",
	instruction: str = "",
	instruction_due: str = "",
) -> dict[str, Any]:
	"""Take the workflow's *action* on *issue*, with what is said at it, in one save; return the issue.

	*opinion* goes into the log; the others are fields of the issue and are left alone when empty
	(*satisfaction* from 0 to 1, *duplicate_of* the issue that it is merged into). *lead_department* and
	*other_departments* (a list or its JSON) are asked for an answer by *answer_by* (default: the issue's due
	time). *instruction* is what those below are to do by *instruction_due*, for a step that asks for one. The
	action goes through Frappe's workflow like any other.
	"""
	doc = frappe.get_doc(ISSUE, issue)
	doc.check_permission("write")
	words = {
		"result": result,
		"photo_after": photo_after,
		"feedback": feedback,
		"satisfaction": satisfaction,
		"duplicate_of": duplicate_of,
	}
	doc.flags.step_words = {key: value for key, value in words.items() if value}
	doc.flags.step_opinion = opinion
	doc.flags.step_instruction = (instruction, instruction_due)
	doc.flags.step_action = action
	doc.flags.step_referral = referrals.order(lead_department, other_departments, answer_by)
	return apply_workflow(doc, action).as_dict()


def apply_step(doc: Document) -> None:
	"""When the state changes, check the rules of the step and set its effects; the log line is made later."""
	stored = doc.get_doc_before_save()
	before = markers.state(stored.workflow_state if stored else None)
	after = markers.state(doc.workflow_state)
	changed = corrections.changes(doc, stored) if stored else None
	if not after or (before and before.name == after.name):
		if before and changed:
			doc.flags.step = {"from_state": before.name, "to_state": before.name, "changed": changed}
		return
	if doc.flags.step_by_rule:
		stored.flags.ignore_permissions = True  # whose answer may have closed it to her
	action = _action_taken(doc, stored, after.name) if before else None
	step = markers.step(action)
	if stored and not (step and step.needs == rules.DUPLICATE):
		doc.duplicate_of = stored.duplicate_of
	facts = _facts(doc, step)
	if before and (why := rules.refusal(before, after, facts, step)):
		frappe.throw(_refusal_message(why, doc, facts), REFUSALS[why])
	effects = rules.effects(before, after, facts, now_datetime(), step)
	doc.update(effects.values)
	changed = "\n".join(filter(None, (changed, pauses.follow(doc, before, after)))) or None
	said = (doc.flags.pop("step_opinion", None) or "").strip() or effects.said
	if step and step.needs == rules.DEPARTMENTS:
		referrals.check_order(doc, doc.flags.step_referral)
		said = referrals.wording(doc.flags.step_referral, said)
	else:
		doc.flags.step_referral = None
	if effects.values.get("instruction_due"):
		said = with_instruction(said, effects.values, step)
		doc.flags.instructed = " · " + with_instruction("", effects.values, step).replace("\n", " · ")
	doc.flags.step = {
		"from_state": before.name if before else None,
		"to_state": after.name,
		"action": action,
		"opinion": said or None,
		"changed": changed,
	}


def log_step(doc: Document) -> None:
	"""Write the one log line of the step or the correction that this save has made, in the same transaction."""
	step = doc.flags.pop("step", None)
	if step:
		reported = {} if step["from_state"] else _of_report(doc)
		if doc.flags.by_clock:
			step |= {"by_clock": 1, "at": doc.flags.clock_now or now_datetime()}
		log.write({**step, **reported, "issue": doc.name, "grid": doc.grid})


def _of_report(doc: Document) -> dict[str, Any]:
	"""What only the first line of an issue has: who reported it, and the key that a phone gave the report."""
	return {"by_worker": doc.reporter_worker, "client_key": doc.flags.client_key}


def pass_on(doc: Document) -> None:
	"""After a step of the issue: ask the departments it was referred to, or call back those it has left."""
	if order := doc.flags.pop("step_referral", None):
		referrals.make(doc, order)
	elif doc.has_value_changed("workflow_state") and not doc.is_new():
		referrals.call_back(doc)
	if doc.duplicate_of and doc.has_value_changed("duplicate_of"):
		duplicates.tell(doc)


def take_by_rule(issue: str, rule: str, words: dict[str, Any]) -> bool:
	"""Let *issue* take the action that its workflow has for *rule*; say whether it has one in this state.

	*words* are fields of the issue that the step needs. Nobody chose the action, so nobody's post is asked.
	"""
	doc = frappe.get_doc(ISSUE, issue)
	found = markers.step_by_rule(ISSUE, doc.workflow_state, rule)
	if not found:
		return False
	doc.flags.step_words = {key: value for key, value in words.items() if value}
	doc.flags.step_action, doc.workflow_state = found
	doc.flags.step_by_rule = True
	doc.flags.ignore_permissions = True  # the departments' answers take this step, and each was permitted
	doc.save()
	return True


def check_duplicate(doc: Document) -> None:
	"""An issue is merged into another one that its handler sees and that is or was handled itself."""
	other = frappe.get_doc(ISSUE, doc.duplicate_of)
	other.check_permission("read")
	state = markers.state(other.workflow_state)
	if other.name == doc.name or (state and state.unhandled):
		frappe.throw(
			_("{0} cannot be merged into {1}. Choose an issue that is handled itself.").format(
				doc.name, other.name
			),
			DuplicateError,
		)


def settle_workflow_action(doc: Document) -> None:
	"""Note a step as done in Workflow Action, one row, before Frappe looks at every user for it.

	Frappe asks, at each change of state, for every user who holds a role of a next step whether she may
	read the document, over a thousand in a township, and its rows are seen by role, not by place. It
	leaves that alone where a row for the state exists.
	"""
	row = {"reference_doctype": doc.doctype, "reference_name": doc.name, "workflow_state": doc.workflow_state}
	if not doc.workflow_state or frappe.db.exists("Workflow Action", row):
		return
	note = frappe.new_doc("Workflow Action").update(
		{**row, "status": "Completed", "completed_by": frappe.session.user}
	)
	note.set_user_and_timestamp()
	note.set_new_name()
	note.db_insert()  # Frappe's own note of a step that was permitted: nobody's right is asked, nothing follows it


def with_instruction(said: str, values: Mapping[str, Any], step: rules.Step) -> str:
	"""Return what the log says of a step that gives an instruction; an order to departments has its words already."""
	words = values["instruction"] if step.needs == rules.INSTRUCTION else ""
	due = _("To be done by {0}").format(values["instruction_due"].strftime("%Y-%m-%d %H:%M"))
	return "\n".join(filter(None, (said, words, due)))


def _instruction(doc: Document, step: rules.Step | None) -> dict[str, Any]:
	"""Return the words and the date that come with a step; what departments are asked for by when are such, too."""
	words, due = doc.flags.get("step_instruction") or ("", "")
	order = doc.flags.step_referral
	if step and step.needs == rules.DEPARTMENTS and order:
		words, due = words or doc.flags.get("step_opinion") or "", due or order.answer_by
	until = clocks.moment(due)
	# Set while the document is validated, after its texts were made plain.
	return {"instruction": plain(words), "instruction_due": until and until.replace(microsecond=0)}


def _facts(doc: Document, step: rules.Step | None) -> rules.Facts:
	reporters = bool(step and step.reporter_only)
	return rules.Facts(
		result=doc.result or "",
		feedback=doc.feedback or "",
		photo_after=doc.photo_after or "",
		needs_photo=bool(frappe.get_cached_value("Issue Category", doc.category, "needs_photo")),
		highest=markers.level(doc.resolution_level),
		reopened_count=doc.reopened_count or 0,
		said=doc.flags.get("step_opinion") or "",
		duplicate_of=doc.duplicate_of or "",
		by_reporter=reporters and offered.is_reporter(doc),
		acted_upon=reporters and offered.handled(doc.name),
		clock_acts=bool(doc.flags.by_clock),
		closed_at=get_datetime(doc.closed_at) if doc.closed_at else None,
		reopen_days=clocks.reopen_days(doc.grid_path) if doc.closed_at else 0,
		now=now_datetime(),
		departments=len(referrals.departments(doc.flags.step_referral)),
		escalation_level=doc.escalation_level or 0,
		return_by=get_datetime(doc.return_by) if doc.return_by else None,
		**_instruction(doc, step),
	)


def _action_taken(doc: Document, stored: Document, to_state: str) -> str | None:
	chosen = doc.flags.pop("step_action", None)
	if doc.flags.step_by_rule:
		return chosen
	action = offered.step_taken(stored, stored.workflow_state, to_state, chosen)
	if not action and not doc.flags.ignore_permissions:
		frappe.throw(
			_(
				"Your post does not allow the step from {0} to {1} in {2}. Ask whoever handles issues there."
			).format(_(stored.workflow_state), _(to_state), stored.grid),
			StepNotAllowedHereError,
		)
	return action


def _refusal_message(why: rules.Refusal, doc: Document, facts: rules.Facts) -> str:
	messages = {
		rules.Refusal.TAKEN_UP_ABOVE: _(
			"{0} has already been with {1} and can no longer be settled on the spot. Let those in charge there resolve it."
		).format(doc.name, facts.highest.name if facts.highest else ""),
		rules.Refusal.NO_RESULT: _("{0} cannot be resolved yet: write down what was done.").format(doc.name),
		rules.Refusal.NO_PHOTO: _(
			"{0} cannot be resolved yet: issues of the category {1} need a photo of the result."
		).format(doc.name, frappe.get_cached_value("Issue Category", doc.category, "category_name")),
		rules.Refusal.NO_FEEDBACK: _(
			"{0} cannot be closed yet: tell whoever reported it and write down the answer as feedback."
		).format(doc.name),
		rules.Refusal.TOO_LATE: _(
			"{0} was closed more than {1} days ago and is not taken up again. Report it anew."
		).format(doc.name, facts.reopen_days),
		rules.Refusal.NO_REASON: _("This step needs a reason. Write it down under Opinion."),
		rules.Refusal.NO_DUPLICATE: _("Choose the issue that {0} repeats.").format(doc.name),
		rules.Refusal.NO_DEPARTMENT: _("Choose the department that takes the lead on {0}.").format(doc.name),
		rules.Refusal.NOT_REPORTER: _("Only whoever reported {0} takes this step.").format(doc.name),
		rules.Refusal.ACTED_UPON: _(
			"Somebody has already acted on {0}. Tell whoever handles it now what was mistaken."
		).format(doc.name),
		rules.Refusal.NO_INSTRUCTION: _("Write down what is to be done about {0}, and by when.").format(
			doc.name
		),
		rules.Refusal.RETURN_OVER: _(
			"That {0} is not ours could be said until {1}. It is to be handled now: refer it or resolve it."
		).format(doc.name, facts.return_by.strftime("%Y-%m-%d %H:%M") if facts.return_by else ""),
		rules.Refusal.INSTRUCTION_OVER: _("Choose a time that is not over yet until when it is to be done."),
	}
	return messages[why]
