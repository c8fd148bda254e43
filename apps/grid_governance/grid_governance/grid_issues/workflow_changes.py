"""Says what a change of a workflow, of a state or of an action means for the documents that stand in it.

Workflow, Workflow State and Workflow Action Master are Frappe's own, and whoever may write them decides about
everybody's work: a transition of the clock's that is taken out leaves overdue matters lying, a state that is taken
out leaves its documents where no step leads away. So the save is refused once, with the numbers, from wherever it
comes: the form, the Workflow Builder, the API. It is made when the same change comes again with the field
`accepted_changes` holding what the refusal gave; the button of its message does that. What the numbers count lies
on the whole site, as the workflow does.

Only workflows of this app's DocTypes are looked at. The app's own writing of seeds is not asked.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from frappe.utils import cint, escape_html

from grid_governance.grid_issues import ISSUE, clocks, markers, rules
from grid_governance.grid_issues.rules import changes, drawing
from grid_governance.grid_issues.rules.changes import Change, Kind, Shape, Standing, Way

WORKFLOW, STATE, ACTION = "Workflow", "Workflow State", "Workflow Action Master"
APP = "grid_governance"
ACCEPTED = "accepted_changes"
"""The attribute, no field, in which a client sends back what a refusal gave it (64 hexadecimal digits)."""

STATE_MARKERS = ("grid_stage", "grid_resolution_level", "grid_unhandled")
ACTION_MARKERS = ("grid_by_clock", "grid_by_rule", "grid_reporter_only")


class ChangeNotConfirmedError(frappe.ValidationError):
	"""A workflow or a marker is to be changed with consequences for documents that nobody has confirmed."""


class WorkflowInForceError(frappe.ValidationError):
	"""A workflow is to be deleted while it is in force and documents stand in it."""


def check_workflow(doc: Document, method: str | None = None) -> None:
	"""Before a workflow is saved: tell what changes for the documents of its DocType."""
	if _is_ours(doc.document_type):
		doc.workflow_data = _drawn(doc)
	if _is_written_by_the_app(doc):
		return
	stored = doc.get_doc_before_save()
	found: list[tuple[Change, Standing]] = []
	for document_type in dict.fromkeys([stored.document_type if stored else None, doc.document_type]):
		held = _in_force(document_type)
		if not held:
			continue
		comes = doc if cint(doc.is_active) and doc.document_type == document_type else None
		after = comes or (held if held.name != doc.name else None)
		found += _told(held, _shape(held), _shape(after) if after else None)
	_ask(doc, found)


def check_state(doc: Document, method: str | None = None) -> None:
	"""Before a state is saved: tell what its new markers change in the workflows that use it."""
	if _is_written_by_the_app(doc) or doc.is_new() or not any(map(doc.has_value_changed, STATE_MARKERS)):
		return
	level = markers.level(doc.grid_resolution_level)
	state = rules.State(doc.name, doc.grid_stage or rules.OPEN, level, bool(cint(doc.grid_unhandled)))
	_ask(doc, _in_workflows(states={doc.name: state}))


def check_action(doc: Document, method: str | None = None) -> None:
	"""Before an action is saved: tell what its new markers change in the workflows that use it."""
	if _is_written_by_the_app(doc) or doc.is_new() or not any(map(doc.has_value_changed, ACTION_MARKERS)):
		return
	step = rules.Step(
		doc.name,
		doc.grid_needs or "",
		bool(cint(doc.grid_reporter_only)),
		bool(cint(doc.grid_by_clock)),
		doc.grid_by_rule or "",
	)
	_ask(doc, _in_workflows(steps={doc.name: step}))


def check_deletion(doc: Document, method: str | None = None) -> None:
	"""Before a workflow is deleted: it is not while it is in force and documents stand in it."""
	held = _in_force(doc.document_type)
	if _is_written_by_the_app(doc) or not held or held.name != doc.name:
		return
	found = _told(held, _shape(held), None)
	if found:
		frappe.throw(
			_("{0} is in force, and {1} records stand in its states. Deactivate it first.").format(
				escape_html(doc.name), found[0][1].number
			),
			WorkflowInForceError,
		)


def redraw(doc: Document, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""After a state or an action has another name: let the drawings of the Workflow Builder name it so.

	Frappe renames the rows of workflows but not the drawing, from which the Builder writes the rows anew.
	"""
	for workflow in _workflows():
		frappe.db.set_value(
			WORKFLOW, workflow.name, "workflow_data", _drawn(workflow, {old: new}), update_modified=False
		)
		frappe.clear_document_cache(WORKFLOW, workflow.name)


def draw_missing() -> None:
	"""Draw the workflows of our DocTypes that have no drawing yet: the Builder lays their actions on one another."""
	for workflow in _workflows():
		if not frappe.parse_json(workflow.workflow_data or "[]"):
			frappe.db.set_value(
				WORKFLOW, workflow.name, "workflow_data", _drawn(workflow), update_modified=False
			)


def note_told(doc: Document, method: str | None = None) -> None:
	"""Let the form know that the server tells what a change means, so that Frappe's own question is left out."""
	doc.set_onload("changes_are_told", int(_is_ours(doc.document_type)))


def _is_written_by_the_app(doc: Document) -> bool:
	flags = frappe.flags
	return bool(
		doc.flags.seeding or flags.in_install or flags.in_uninstall or flags.in_migrate or flags.in_patch
	)


def _is_ours(document_type: str | None) -> bool:
	module = document_type and frappe.get_cached_value("DocType", document_type, "module")
	return bool(module) and frappe.get_cached_value("Module Def", module, "app_name") == APP


def _in_force(document_type: str | None) -> Document | None:
	"""Return the workflow that is stored as in force for one of our DocTypes."""
	if not document_type or not _is_ours(document_type):
		return None
	name = frappe.db.get_value(WORKFLOW, {"document_type": document_type, "is_active": 1})
	return frappe.get_doc(WORKFLOW, name) if name else None


def _workflows(**filters: object) -> list[Document]:
	"""Return the workflows of our DocTypes, those alone that fit *filters*."""
	found = frappe.get_all(
		WORKFLOW,
		filters=filters,
		fields=["name", "document_type"],
		order_by="name asc",
		limit_page_length=0,
	)
	return [frappe.get_doc(WORKFLOW, row.name) for row in found if _is_ours(row.document_type)]


def _in_workflows(**new: Mapping[str, rules.State | rules.Step]) -> list[tuple[Change, Standing]]:
	"""Return what the *new* markers mean in every workflow in force that has the state or the action."""
	return [
		each
		for workflow in _workflows(is_active=1)
		for each in _told(workflow, _shape(workflow), _shape(workflow, **new))
	]


def _shape(
	workflow: Document,
	states: Mapping[str, rules.State] | None = None,
	steps: Mapping[str, rules.Step] | None = None,
) -> Shape:
	"""Return *workflow* by its markers as they are stored, but for the *states* and *steps* given."""
	states, steps = states or {}, steps or {}
	runs = workflow.document_type == ISSUE  # the clock takes steps of issues alone

	def step(action: str) -> rules.Step:
		found = steps.get(action) or markers.step(action)
		return found if runs else replace(found, by_clock=False)

	return Shape(
		tuple(states.get(row.state) or markers.state(row.state) for row in workflow.states if row.state),
		tuple(
			Way(row.state, step(row.action), row.next_state, row.allowed or "", row.condition or "")
			for row in workflow.transitions
			if row.state and row.action and row.next_state
		),
	)


def _told(workflow: Document, before: Shape, after: Shape | None) -> list[tuple[Change, Standing]]:
	"""Return what is to be told when *workflow*, in force as *before*, becomes *after*; with what it concerns."""
	found = changes.changes(before, after)
	numbers = _numbers(workflow, {state for change in found for state in change.states}) if found else {}
	counted = [(change, changes.standing(change, numbers)) for change in found]
	return [(change, concerned) for change, concerned in counted if changes.told(change, concerned)]


def _numbers(workflow: Document, states: Iterable[str]) -> dict[str, Standing]:
	"""Return how many documents of the whole site stand in each of *states*, and how many issues are overdue."""
	wanted = sorted(states)
	if not wanted:
		return {}
	table = DocType(workflow.document_type)
	field = table[workflow.workflow_state_field]
	counting = frappe.qb.from_(table).select(field, Count("*")).where(field.isin(wanted)).groupby(field)
	late = dict(counting.where(clocks.overdue(table)).run()) if workflow.document_type == ISSUE else {}
	return {state: Standing(number, late.get(state, 0)) for state, number in counting.run()}


def _ask(doc: Document, found: Sequence[tuple[Change, Standing]]) -> None:
	"""Refuse the save of *doc* unless it carries the answer to exactly this."""
	if not found:
		return
	answer = _answer(doc, found)
	if doc.get(ACCEPTED) == answer:
		return
	lines = "".join(f"<li>{_wording(change, concerned)}</li>" for change, concerned in found)
	frappe.msgprint(
		f"<p>{_('This is not saved yet. Once it is saved:')}</p><ul>{lines}</ul>",
		title=_("What This Changes"),
		indicator="orange",
		raise_exception=ChangeNotConfirmedError,
		primary_action={
			"label": _("Save Anyway"),
			"client_action": "frappe.grid_save_anyway",
			"args": {"doctype": doc.doctype, "name": doc.name, ACCEPTED: answer},
		},
	)


def _answer(doc: Document, found: Sequence[tuple[Change, Standing]]) -> str:
	"""Return what stands for these changes of this version of *doc*; the numbers move meanwhile and do not count."""
	stored = doc.get_doc_before_save()
	told = sorted((change.kind.value, change.states, change.what) for change, _concerned in found)
	text = repr((doc.doctype, doc.name, str(stored.modified) if stored else "", told))
	return hashlib.sha256(text.encode()).hexdigest()


def _wording(change: Change, concerned: Standing) -> str:
	"""Return the sentence on one change, safe as HTML."""
	states = f"<b>{escape_html(_(change.states[0]))}</b>" if change.states else ""
	number, overdue = concerned.number, concerned.overdue
	what = escape_html(_(change.what)) if change.what else ""
	sentences = {
		Kind.NO_WORKFLOW: lambda: _(
			"No workflow is in force any more: nobody takes a step, nor does the clock. {0} records stand in its states."
		).format(number),
		Kind.STATE_GONE: lambda: _(
			"{0} is no state of the workflow any more. {1} records stand in it and can take no step. Keep the state, or move them first."
		).format(states, number),
		Kind.NO_WAY_OUT: lambda: _(
			"No step that people take leads out of {0} any more. {1} records stand there."
		).format(states, number),
		Kind.NOT_OFFERED: lambda: _(
			"The step {1} is no longer offered in {0} to those who handle it. {2} records stand there."
		).format(states, what, number),
		Kind.NO_CLOCK: lambda: _(
			"The clock takes no step any more: what is overdue stays where it is. {0} records stand where it took one, {1} of them overdue."
		).format(number, overdue),
		Kind.CLOCK_STOPS: lambda: _(
			"The clock no longer moves on what is overdue in {0}. {1} records stand there, {2} of them overdue."
		).format(states, number, overdue),
		Kind.CLOCK_STARTS: lambda: _(
			"The clock moves what is overdue from {0} to {1}. {2} records stand there; the {3} of them that are overdue already are moved once the hours have passed after which their urgency climbs again."
		).format(states, what, number, overdue),
		Kind.RULE_STOPS: lambda: _(
			"The rule {1} no longer leads anything out of {0}. {2} records stand there."
		).format(states, what, number),
		Kind.CONDITION_LOST: lambda: _(
			"The condition of the step {1} from {0} is gone. {2} records stand there."
		).format(states, what, number),
		Kind.STAGE: lambda: _(
			"{0} counts as {1} from now on: figures, clocks and who may edit follow. {2} records stand in it."
		).format(states, what, number),
		Kind.LEVEL: lambda: _(
			"What comes into {0} from now on counts for the level {1}. {2} records stand in it and keep the level that they have."
		).format(states, what or _("No Level"), number),
		Kind.UNHANDLED: lambda: (
			_("What ended in {0} counts as closed in no figure any more: {1} records.")
			if change.what
			else _("What ended in {0} counts as closed in the figures from now on: {1} records.")
		).format(states, number),
		Kind.FIRST_STATE: lambda: _("New records start in {0}.").format(states),
	}
	return sentences[change.kind]()


def _drawn(workflow: Document, renamed: Mapping[str, str] | None = None) -> str | None:
	"""Return the Workflow Builder's drawing of *workflow*, with the places that it has in the present one.

	The Builder of Frappe 15.0 shows the drawing and writes states and transitions from it: one that is older than
	the rows would take them back. Later ones keep only places in it, and are left alone.
	"""
	if frappe.get_meta("Workflow Document State").has_field("workflow_builder_id"):
		return workflow.workflow_data
	held = frappe.parse_json(workflow.workflow_data) if workflow.workflow_data else []
	states = [row.as_dict() for row in workflow.states]
	ways = [row.as_dict() for row in workflow.transitions]
	return frappe.as_json(drawing.drawn(states, ways, held if isinstance(held, list) else [], renamed or {}))
