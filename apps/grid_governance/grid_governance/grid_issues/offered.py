"""Which steps are open to whom: the workflow's roles count where the issue lies, and for the department asked."""

import frappe
from frappe.model.document import Document
from frappe.model.workflow import get_transitions as stock_transitions
from frappe.model.workflow import get_workflow, get_workflow_name, is_transition_condition_satisfied
from frappe.query_builder import DocType

from grid_governance import scope
from grid_governance.grid_issues import ISSUE, REFERRAL, markers, pauses, queries, rules
from grid_governance.scope.registry import GRID_DOCTYPES


@frappe.whitelist()
def get_transitions(
	doc: str | dict | Document,
	workflow: str | dict | None = None,
	raise_exception: bool = False,
) -> list[dict]:
	"""Return the steps open to the session's user on *doc*, as Frappe's own endpoint of this name does.

	For what lies in a grid only those whose role the user holds there, each with what it `needs` from whoever
	takes it, and the reporter's own only to her; read permission is checked by Frappe on the stored row.
	"""
	transitions = stock_transitions(doc, None, raise_exception)
	doc = frappe.parse_json(doc)
	fields = {
		ISSUE: ["name", "grid_path", "owner", "reporter_worker", "paused_for"],
		REFERRAL: ["name", "grid_path", "department"],
	}.get(doc.get("doctype"), ["name", "grid_path"] if doc.get("doctype") in GRID_DOCTYPES else None)
	if not fields or not transitions:
		return transitions
	issue = frappe.db.get_value(doc.get("doctype"), doc.get("name"), fields, as_dict=True)
	roles = roles_on(issue)
	offered = []
	for transition in transitions:
		marks = markers.step(transition["action"])
		if transition["allowed"] in roles and not marks.by_rule:
			offered.append({**transition, "needs": marks.needs, "reporter_only": marks.reporter_only})
	if any(transition["reporter_only"] for transition in offered) and (
		not is_reporter(issue) or handled(issue.name)
	):
		offered = [transition for transition in offered if not transition["reporter_only"]]
	return _without_pauses(offered, issue) if doc.get("doctype") == ISSUE else offered


def step_taken(issue: Document, from_state: str, to_state: str, chosen: str | None = None) -> str | None:
	"""Return the action that leads the stored *issue* from one state to the other, None when there is none.

	Only transitions count whose role the session's user holds where the issue lies: Frappe's roles are
	global, a post's rights are not. Among several actions the *chosen* one is preferred, then one that
	people take over one that the clock takes.
	"""
	roles = roles_on(issue)
	actions = [
		transition.action
		for transition in get_workflow(issue.doctype).transitions
		if transition.state == from_state
		and transition.next_state == to_state
		and transition.allowed in roles
		and not markers.step(transition.action).by_rule
		and is_transition_condition_satisfied(transition, issue)
	]
	if chosen in actions:
		return chosen
	return min(actions, key=_by_clock, default=None)


def roles_on(doc: Document) -> set[str]:
	"""Return the roles of the session's user that count on an issue or a referral, by its grid or department."""
	return scope.roles_at(doc.get("grid_path") or "", department=doc.get("department"))


def may_edit(issue: Document) -> bool:
	"""Say whether the workflow lets the session's user edit the stored *issue* in its present state."""
	if not get_workflow_name(ISSUE):
		return True
	editors = {row.allow_edit for row in get_workflow(ISSUE).states if row.state == issue.workflow_state}
	return bool(editors & scope.roles_at(issue.grid_path or ""))


def handled(issue: str) -> bool:
	"""Say whether a step has been taken on *issue* since it was reported; a correction is none."""
	log = DocType("Issue Log")
	steps = (
		frappe.qb.from_(log)
		.select(log.name)
		.where((log.issue == issue) & log.from_state.isnotnull() & (log.from_state != log.to_state))
		.limit(1)
	)
	return bool(steps.run())


def is_reporter(issue: Document) -> bool:
	"""Say whether the session's user reported *issue*: by the account, or as the worker behind it."""
	user = frappe.session.user
	return issue.owner == user or bool(
		issue.reporter_worker and issue.reporter_worker == queries.worker_of(user)
	)


def _without_pauses(transitions: list[dict], issue: Document) -> list[dict]:
	"""Return *transitions* without those that stop the clock, where *issue* may not be paused or no more."""
	going_on = [each for each in transitions if markers.state(each["next_state"]).stage != rules.PAUSED]
	if len(going_on) == len(transitions) or pauses.possible(issue.grid_path, issue.paused_for):
		return transitions
	return going_on


def _by_clock(action: str) -> bool:
	return bool(frappe.get_cached_value("Workflow Action Master", action, "grid_by_clock"))
