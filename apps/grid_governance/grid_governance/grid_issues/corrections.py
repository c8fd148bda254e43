"""What may be corrected of an issue, by whom, and the words that the log keeps of it."""

from textwrap import shorten
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cast, get_datetime

from grid_governance.grid_issues import markers, offered, rules

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
	"inform_by",
	"informed_at",
	"informed_way",
	"return_by",
	"instruction",
	"instruction_due",
	"verdict",
	"verdict_words",
	"verdict_answer",
	"verdict_by",
	"paused_at",
	"paused_until",
	"paused_for",
	"urged_on",
	"urged_times",
	"reminded",
	"clock_at",
)
"""Fields that only a step sets; what a client sends for them is not taken."""

STEP_WORDS = ("result", "photo_after", "feedback", "satisfaction")
"""Fields that may be given together with a step."""

PHOTOS = ("photo_before", "photo_after")

CHANGE_WIDTH = 140
"""Characters of a value that the log keeps of a correction."""


class FinalIssueError(frappe.ValidationError):
	"""A field of an issue in a final state is to be changed."""


class NotEditableNowError(frappe.ValidationError):
	"""An issue is to be edited by someone whom the workflow does not let edit in this state."""


def check_editable(doc: Document, stored: Document) -> None:
	"""A final issue is frozen; elsewhere the workflow's "only allow edit for" holds on the server too.

	With a step comes what is said at it, whoever may edit.
	"""
	state = markers.state(stored.workflow_state)
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
	if edited and not doc.flags.ignore_permissions and not offered.may_edit(stored):
		frappe.throw(
			_(
				"{0} cannot be edited by you while it is {1}: {2} was changed. Take a step of the workflow instead."
			).format(doc.name, _(stored.workflow_state), _(doc.meta.get_label(edited[0]))),
			NotEditableNowError,
		)


def changes(doc: Document, stored: Document) -> str | None:
	"""Say for the log which fields were corrected, with the words before and after; None for none."""
	edited = [field for field in _changed_fields(doc, stored) if field not in STEP_WORDS]
	if edited and stored.due_by and stored.due_by != doc.due_by:
		edited.append("due_by")
	lines = []
	for fieldname in edited:
		df = doc.meta.get_field(fieldname)
		if fieldname in PHOTOS or df.permlevel:  # the log is read by more people than what stands on a level
			lines.append(_(df.label))
			continue
		old, new = (_shown(df, of.get(fieldname)) for of in (stored, doc))
		lines.append(f"{_(df.label)}: {old} → {new}")
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
