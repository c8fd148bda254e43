"""What changes issues: a step of the workflow with its rules, its effects and its line in the log."""

from textwrap import shorten
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.model.workflow import WorkflowPermissionError, apply_workflow
from frappe.query_builder import DocType
from frappe.utils import cast, get_datetime, now_datetime

from grid_governance.grid_issues import log, queries, referrals, rules

COMPUTED = (
	"resolved_at",
	"feedback_at",
	"closed_at",
	"reopened_count",
	"resolution_level",
	"reporter_worker",
	"due_by",
	"extended_until",
	"next_escalation_at",
	"escalation_level",
	"duplicate_of",
)
"""Fields that only a step sets; what a client sends for them is not taken."""

CLOCK_FIELDS = ("urgency", "grid", "found_at")
"""Fields that the due time is made from."""

STEP_WORDS = ("result", "photo_after", "feedback", "satisfaction")
"""Fields that may be given together with a step."""

PHOTOS = ("photo_before", "photo_after")

CHANGE_WIDTH = 140
"""Characters of a value that the log keeps of a correction."""

PENDING = "new-"
"""How the name begins that a form not yet saved sends along with a file."""


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


class FinalIssueError(frappe.ValidationError):
	"""A field of an issue in a final state is to be changed."""


class NotEditableNowError(frappe.ValidationError):
	"""An issue is to be edited by someone whom the workflow does not let edit in this state."""


class StepNotAllowedHereError(WorkflowPermissionError):
	"""A step is to be taken by someone whose post does not allow it in the issue's grid."""


class FoundInFutureError(frappe.ValidationError):
	"""An issue is said to have been found in the future."""


class CategoryError(frappe.ValidationError):
	"""An issue is to be put into a group, or into a category that is no longer used."""


class PhotoNotYoursError(frappe.ValidationError):
	"""A photo field names a file that the user has no right to see, or no file of this site."""


class IssueHandledError(frappe.ValidationError):
	"""An issue that has left its first state is to be deleted."""


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
) -> dict[str, Any]:
	"""Take the workflow's *action* on *issue*, with what is said at it, in one save; return the issue.

	*opinion* goes into the log; the others are fields of the issue and are left alone when empty
	(*satisfaction* from 0 to 1, *duplicate_of* the issue that it is merged into). *lead_department* and
	*other_departments* (a list or its JSON) are asked for an answer by *answer_by* (default: the issue's due time). The action goes through Frappe's workflow like any other.
	"""
	doc = frappe.get_doc(queries.ISSUE, issue)
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
	doc.flags.step_action = action
	doc.flags.step_referral = referrals.order(lead_department, other_departments, answer_by)
	return apply_workflow(doc, action).as_dict()


def prepare(doc: Document) -> None:
	"""Fill what a client may leave out, and put back what only a step sets."""
	stored = doc.get_doc_before_save()
	for fieldname in COMPUTED:
		doc.set(fieldname, stored.get(fieldname) if stored else None)
	if doc.flags.step_words:
		doc.update(doc.flags.pop("step_words"))
	if not stored:
		doc.reporter_worker = queries.worker_of(frappe.session.user)
		doc.workflow_state = doc.workflow_state or queries.first_state()
	found_at = get_datetime(doc.found_at) if doc.found_at else None
	if found_at and (not stored or found_at != stored.found_at):
		# To the minute, as the form shows it; a form that shows less than is stored calls itself changed.
		doc.found_at = found_at.replace(second=0, microsecond=0)
	if not doc.urgency:
		doc.urgency = (
			frappe.get_cached_value("Issue Category", doc.category, "default_urgency") or rules.GENERAL
		)


def set_due_time(doc: Document) -> None:
	"""Set until when the issue is to be resolved, and set it anew when what it is made from changes.

	Once the issue is resolved its due time stands: nobody makes it punctual afterwards.
	"""
	if not (doc.found_at and doc.grid_path) or (doc.due_by and doc.resolved_at):
		return
	if doc.due_by and not any(map(doc.has_value_changed, CLOCK_FIELDS)):
		return
	due = queries.due_by(doc.grid_path, doc.urgency, get_datetime(doc.found_at))
	doc.due_by = max(due, get_datetime(doc.extended_until)) if doc.extended_until else due
	state = queries.state(doc.workflow_state)
	doc.next_escalation_at = doc.due_by if state and state.stage == rules.OPEN else None


def check(doc: Document) -> None:
	"""Refuse what an issue must not be, whatever step is taken."""
	stored = doc.get_doc_before_save()
	_check_found_at(doc)
	if doc.category and doc.has_value_changed("category"):
		_check_category(doc)
	for fieldname in PHOTOS:
		check_photo(doc, fieldname)
	if doc.duplicate_of and doc.has_value_changed("duplicate_of"):
		_check_duplicate(doc)
	if stored:
		_check_editable(doc, stored)


def apply_step(doc: Document) -> None:
	"""When the state changes, check the rules of the step and set its effects; the log line is made later."""
	stored = doc.get_doc_before_save()
	before = queries.state(stored.workflow_state if stored else None)
	after = queries.state(doc.workflow_state)
	changed = _changes(doc, stored) if stored else None
	if not after or (before and before.name == after.name):
		if before and changed:
			doc.flags.step = {"from_state": before.name, "to_state": before.name, "changed": changed}
		return
	if doc.flags.step_by_rule:
		# Frappe asks for the right to read it once more, of whose answer may have closed it to her.
		stored.flags.ignore_permissions = True
	action = _action_taken(doc, stored, after.name) if before else None
	step = queries.step(action)
	if stored and not (step and step.needs == rules.DUPLICATE):
		doc.duplicate_of = stored.duplicate_of
	facts = _facts(doc, step)
	if before and (why := rules.refusal(before, after, facts, step)):
		frappe.throw(_refusal_message(why, doc, facts), REFUSALS[why])
	effects = rules.effects(before, after, facts, now_datetime(), step)
	doc.update(effects.values)
	said = (doc.flags.pop("step_opinion", None) or "").strip() or effects.said
	if step and step.needs == rules.DEPARTMENTS:
		referrals.check_order(doc, doc.flags.step_referral)
		said = referrals.wording(doc.flags.step_referral, said)
	else:
		doc.flags.step_referral = None
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
		worker = doc.reporter_worker if not step["from_state"] else queries.worker_of(frappe.session.user)
		log.write({**step, "issue": doc.name, "grid": doc.grid, "by_worker": worker})


def pass_on(doc: Document) -> None:
	"""After a step of the issue: ask the departments it was referred to, or call back those it has left."""
	if order := doc.flags.pop("step_referral", None):
		referrals.make(doc, order)
	elif doc.has_value_changed("workflow_state") and not doc.is_new():
		referrals.call_back(doc)


def take_by_rule(issue: str, rule: str, words: dict[str, Any]) -> bool:
	"""Let *issue* take the action that its workflow has for *rule*; say whether it has one in this state.

	*words* are fields of the issue that the step needs. Nobody chose the action, so nobody's post is asked.
	"""
	doc = frappe.get_doc(queries.ISSUE, issue)
	found = queries.step_by_rule(queries.ISSUE, doc.workflow_state, rule)
	if not found:
		return False
	doc.flags.step_words = {key: value for key, value in words.items() if value}
	doc.flags.step_action, doc.workflow_state = found
	doc.flags.step_by_rule = doc.flags.ignore_permissions = True
	doc.save()
	return True


def attach_photos(doc: Document) -> None:
	"""Attach the files that the photo fields name, so that who reads the issue sees them.

	Frappe does this too, after us, but where a file has no free row it writes a public copy of a private
	photo. What we have attached it leaves alone.
	"""
	for fieldname in photo_fields(doc):
		url = doc.get(fieldname)
		place = {
			"attached_to_doctype": doc.doctype,
			"attached_to_name": doc.name,
			"attached_to_field": fieldname,
		}
		if not url or not doc.has_value_changed(fieldname):
			continue
		if not frappe.db.exists("File", {"file_url": url, **place}):
			_attach(_own_upload(url), place)
		_release_pending(url)


def check_photo(doc: Document, fieldname: str) -> None:
	"""Refuse a photo that its writer could not see otherwise, and take a public one out of the public folder."""
	if doc.get(fieldname) and doc.has_value_changed(fieldname):
		_check_photo(doc, fieldname)


def photo_fields(doc: Document) -> list[str]:
	"""Return the fields of *doc* that name photos."""
	return [field.fieldname for field in doc.meta.get("fields", {"fieldtype": "Attach Image"})]


def settle_workflow_action(doc: Document) -> None:
	"""Note a step as done in Workflow Action, one row, before Frappe looks at every user for it.

	Frappe asks, at each change of state, for every user who holds a role of a next step whether she may
	read the document, over a thousand in a township, and its rows are seen by role, not by place. It
	leaves that alone where a row for the state exists.
	"""
	row = {"reference_doctype": doc.doctype, "reference_name": doc.name, "workflow_state": doc.workflow_state}
	if not doc.workflow_state or frappe.db.exists("Workflow Action", row):
		return
	frappe.new_doc("Workflow Action").update(
		{**row, "status": "Completed", "completed_by": frappe.session.user}
	).insert(ignore_permissions=True, ignore_links=True)


def restamp_log(doc: Document) -> None:
	"""Let the log, the referrals and the requests lie where their issue lies now; one statement each."""
	stored = doc.get_doc_before_save()
	if not stored or stored.grid_path == doc.grid_path:
		return
	for doctype in ("Issue Log", queries.REFERRAL, "Issue Extension"):
		row = DocType(doctype)
		(
			frappe.qb.update(row)
			.set(row.grid, doc.grid)
			.set(row.grid_path, doc.grid_path)
			.where(row.issue == doc.name)
			.run()
		)


def forget(doc: Document) -> None:
	"""Before an issue is deleted: refuse once it has been handled, else take its log away with it."""
	if queries.handled(doc.name):
		frappe.throw(
			_("{0} has been handled and stays on record. Close it through the workflow instead.").format(
				doc.name
			),
			IssueHandledError,
		)
	frappe.db.delete("Issue Log", {"issue": doc.name})


def _attach(photo: Document, place: dict[str, str]) -> None:
	if not _is_attached(photo):
		photo.db_set(place, update_modified=False)
		return
	row = frappe.copy_doc(photo)
	row.update(place)
	row.set_new_name()
	row.set_user_and_timestamp()
	row.db_insert()  # an insert would write the file once more


def _release_pending(url: str) -> None:
	"""Free the rows of *url* that hang on a form not yet saved; one of them is enough to make Frappe find
	no document to ask when the file is downloaded, and answer that there is no such file."""
	file = DocType("File")
	(
		frappe.qb.update(file)
		.set(file.attached_to_doctype, None)
		.set(file.attached_to_name, None)
		.set(file.attached_to_field, None)
		.where((file.file_url == url) & file.attached_to_name.like(f"{PENDING}%"))
		.run()
	)


def _facts(doc: Document, step: rules.Step | None) -> rules.Facts:
	reporters = bool(step and step.reporter_only)
	return rules.Facts(
		result=doc.result or "",
		feedback=doc.feedback or "",
		photo_after=doc.photo_after or "",
		needs_photo=bool(frappe.get_cached_value("Issue Category", doc.category, "needs_photo")),
		highest=queries.level(doc.resolution_level),
		reopened_count=doc.reopened_count or 0,
		due_by=get_datetime(doc.due_by) if doc.due_by else None,
		said=doc.flags.get("step_opinion") or "",
		duplicate_of=doc.duplicate_of or "",
		by_reporter=reporters and queries.is_reporter(doc),
		acted_upon=reporters and queries.handled(doc.name),
		clock_acts=bool(doc.flags.by_clock),
		closed_at=get_datetime(doc.closed_at) if doc.closed_at else None,
		reopen_days=queries.reopen_days(doc.grid_path) if doc.closed_at else 0,
		now=now_datetime(),
		departments=len(referrals.departments(doc.flags.step_referral)),
		escalation_level=doc.escalation_level or 0,
	)


def _action_taken(doc: Document, stored: Document, to_state: str) -> str | None:
	chosen = doc.flags.pop("step_action", None)
	if doc.flags.step_by_rule:
		return chosen
	action = queries.step_taken(stored, stored.workflow_state, to_state, chosen)
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
	}
	return messages[why]


def _check_duplicate(doc: Document) -> None:
	"""An issue is merged into another one that its handler sees and that is or was handled itself."""
	other = frappe.get_doc(queries.ISSUE, doc.duplicate_of)
	other.check_permission("read")
	state = queries.state(other.workflow_state)
	if other.name == doc.name or (state and state.unhandled):
		frappe.throw(
			_("{0} cannot be merged into {1}. Choose an issue that is handled itself.").format(
				doc.name, other.name
			),
			DuplicateError,
		)


def _check_found_at(doc: Document) -> None:
	if doc.found_at and rules.lies_ahead(get_datetime(doc.found_at), now_datetime()):
		frappe.throw(
			_("Found At lies in the future. Enter when the matter was really found."), FoundInFutureError
		)


def _check_category(doc: Document) -> None:
	category = frappe.get_cached_doc("Issue Category", doc.category)
	if category.is_group:
		frappe.throw(
			_("{0} is a group. Choose one of the categories in it.").format(category.category_name),
			CategoryError,
		)
	if not category.active:
		frappe.throw(
			_("The category {0} is no longer used. Choose another one.").format(category.category_name),
			CategoryError,
		)


def _check_photo(doc: Document, fieldname: str) -> None:
	"""Frappe attaches any file whose address a field names, so a name alone would open it to the writer."""
	url = doc.get(fieldname)
	photo = _own_upload(url) if url.startswith(("/files/", "/private/files/")) else None
	just_sent = photo and photo.owner == frappe.session.user and not _is_attached(photo)
	if not photo or not (photo.is_private or just_sent):
		frappe.throw(
			_("The file {0} is not one of yours. Take or upload the photo here.").format(url),
			PhotoNotYoursError,
		)
	if not photo.is_private:
		photo.is_private = 1
		photo.save(ignore_permissions=True)  # photos of issues are never public
		doc.set(fieldname, photo.file_url)


def _own_upload(url: str) -> Document | None:
	"""Return the row of the file at *url* that the session's user may see, one not yet attached first."""
	files = frappe.get_all(
		"File", filters={"file_url": url}, pluck="name", order_by="creation desc", limit_page_length=20
	)
	readable = [
		file for file in map(_file, files) if not _is_pending_of_others(file) and file.has_permission("read")
	]
	return min(readable, key=_is_attached, default=None)


def _file(name: str) -> Document:
	return frappe.get_doc("File", name)


def _is_attached(file: Document) -> bool:
	"""Say whether *file* belongs to a document that exists; a form not yet saved sends a name of its own."""
	return bool(file.attached_to_name) and not _is_pending(file)


def _is_pending(file: Document) -> bool:
	return (file.attached_to_name or "").startswith(PENDING)


def _is_pending_of_others(file: Document) -> bool:
	"""Say whether *file* was uploaded by another user to a form not yet saved: there is no document to ask."""
	return _is_pending(file) and file.owner != frappe.session.user


def _check_editable(doc: Document, stored: Document) -> None:
	"""A final issue is frozen; elsewhere the workflow's "only allow edit for" holds on the server too.

	With a step comes what is said at it, whoever may edit.
	"""
	state = queries.state(stored.workflow_state)
	edited = _changed_fields(doc, stored)
	if state and state.stage == rules.FINAL and edited:
		frappe.throw(
			_("{0} is closed and frozen; {1} cannot be changed. Take the issue up again first.").format(
				doc.name, _(doc.meta.get_label(edited[0]))
			),
			FinalIssueError,
		)
	if doc.has_value_changed("workflow_state"):
		edited = [fieldname for fieldname in edited if fieldname not in STEP_WORDS]
	if edited and not doc.flags.ignore_permissions and not queries.may_edit(stored):
		frappe.throw(
			_(
				"{0} cannot be edited by you while it is {1}: {2} was changed. Take a step of the workflow instead."
			).format(doc.name, _(stored.workflow_state), _(doc.meta.get_label(edited[0]))),
			NotEditableNowError,
		)


def _changes(doc: Document, stored: Document) -> str | None:
	"""Say for the log which fields were corrected, with the words before and after; None for none."""
	edited = [field for field in _changed_fields(doc, stored) if field not in STEP_WORDS]
	if edited and stored.due_by and stored.due_by != doc.due_by:
		edited.append("due_by")
	lines = []
	for fieldname in edited:
		df = doc.meta.get_field(fieldname)
		old, new = (_shown(df, of.get(fieldname)) for of in (stored, doc))
		lines.append(f"{_(df.label)}: {old} → {new}" if fieldname not in PHOTOS else _(df.label))
	return "\n".join(lines) or None


def _shown(df: Document, value: Any) -> str:
	"""Return *value* as people read it, cut to one line."""
	if not value:
		return "–"
	if df.fieldtype == "Select":
		return _(value)
	if df.fieldtype == "Link":
		return (
			frappe.get_cached_doc(df.options, value).get_title()
			if frappe.db.exists(df.options, value)
			else value
		)
	if df.fieldtype == "Datetime":
		return get_datetime(value).strftime("%Y-%m-%d %H:%M")
	return shorten(str(value), CHANGE_WIDTH, placeholder="…")


def _changed_fields(doc: Document, stored: Document) -> list[str]:
	fields = [
		field
		for field in doc.meta.get_valid_columns()
		if field not in (*COMPUTED, "workflow_state", "grid_path") and doc.meta.get_field(field)
	]

	def value(of: Document, fieldname: str) -> Any:
		raw = of.get(fieldname)
		return cast(doc.meta.get_field(fieldname).fieldtype, raw) if raw else None

	return rules.changed(
		{field: value(stored, field) for field in fields}, {field: value(doc, field) for field in fields}
	)
