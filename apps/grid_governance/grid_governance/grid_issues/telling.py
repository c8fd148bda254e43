"""What issues, referrals and requests for more time mean to those who are told of them: see `grid_matters`."""

import frappe
from frappe.model.document import Document
from frappe.model.workflow import get_workflow, get_workflow_name

from grid_governance.grid_issues import log, markers, rules
from grid_governance.grid_structure.telling import Source
from grid_governance.scope.custom_fields import BY_POST, SITE_WIDE

ISSUE, REFERRAL, EXTENSION = "Grid Issue", "Issue Referral", "Issue Extension"


def acting_roles(doc: Document) -> set[str] | None:
	"""Return the roles whose holders act next on *doc*: by its workflow state, or who decides on a request."""
	if doc.doctype in (ISSUE, REFERRAL):
		state = doc.workflow_state
		# Only what is closed has a word from above, and that is for those who settled it.
		if doc.doctype == ISSUE and doc.get("verdict"):
			state = log.settled_in(doc.name)
		return set(acting(doc.doctype).get(state, ()))
	if doc.doctype == EXTENSION:
		role = frappe.get_cached_value("Resolution Level", doc.level, "extension_role")
		return {role} if role and doc.decision == rules.WAITING else set()
	return None


def standing_in(doc: Document) -> list[set[str]] | None:
	"""Return the roles that are told where nobody holds one of `acting_roles`, the first that is held, nearest above.

	That is who acts where the clock would take the matter, step by step; then whoever takes a step of its workflow; then
	whoever reads it.
	"""
	if doc.doctype not in (ISSUE, REFERRAL) or not get_workflow_name(doc.doctype):
		return None
	by_state, found = acting(doc.doctype), []
	state, passed = doc.workflow_state, set()
	while doc.doctype == ISSUE and state not in passed and (step := markers.clock_step(state)):
		passed.add(state)
		state = step[1]
		found.append(set(by_state.get(state, ())))
	found.append({row.allowed for row in get_workflow(doc.doctype).transitions if _by_post(row.allowed)})
	found.append({rule.role for rule in doc.meta.permissions if rule.read and _by_post(rule.role)})
	return found


def is_urgent(doc: Document) -> bool | None:
	"""Say whether the urgency of the issue that *doc* is or belongs to is one that is told at once."""
	if doc.doctype not in (ISSUE, REFERRAL, EXTENSION):
		return None
	urgency = doc.urgency if doc.doctype == ISSUE else frappe.db.get_value(ISSUE, doc.issue, "urgency")
	return bool(urgency and frappe.get_cached_value("Issue Urgency", urgency, "told_at_once"))


def opens(doc: Document) -> tuple[str, str] | None:
	"""Return the record that a message about *doc* opens: of a request for more time its issue, where it is decided."""
	return (ISSUE, doc.issue) if doc.doctype == EXTENSION else None


def sources() -> list[Source]:
	"""Return what is looked through for rows that are due or late: issues and referrals that somebody works on."""
	return [
		Source(ISSUE, "due_by", acting(ISSUE, at_work=True)),
		Source(REFERRAL, "due_by", acting(REFERRAL, at_work=True), department="department"),
	]


def acting(doctype: str, at_work: bool = False) -> dict[str, frozenset[str]]:
	"""Return by state of the workflow of *doctype* the roles that act in it; with *at_work* of open states alone.

	That is the role that the workflow lets edit. Where no post gives that one, as with "All", it is those who may
	take a step. In a final state nobody acts.
	"""
	if not get_workflow_name(doctype):
		return {}
	workflow = get_workflow(doctype)
	stages = (rules.OPEN,) if at_work else (rules.OPEN, rules.RESOLVED, rules.PAUSED)
	found = {}
	for state in workflow.states:
		stage = frappe.get_cached_value("Workflow State", state.state, "grid_stage") or rules.OPEN
		if stage not in stages:
			continue
		roles = {state.allow_edit} if _by_post(state.allow_edit) else _stepping(workflow, state.state)
		if roles:
			found[state.state] = frozenset(roles)
	return found


def _stepping(workflow: Document, state: str) -> set[str]:
	"""Return the roles given by posts that take a step from *state* which is not for a rule, nor for the reporter."""
	return {
		transition.allowed
		for transition in workflow.transitions
		if transition.state == state
		and _by_post(transition.allowed)
		and not any(
			frappe.get_cached_value(
				"Workflow Action Master", transition.action, ["grid_by_rule", "grid_reporter_only"]
			)
			or ()
		)
	}


def _by_post(role: str) -> bool:
	by_post, site_wide = frappe.get_cached_value("Role", role, [BY_POST, SITE_WIDE]) or (0, 0)
	return bool(by_post and not site_wide)
