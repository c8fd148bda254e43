"""What states and actions of the workflows stand for: read from their markers, never from their names."""

import frappe
from frappe.model.document import Document
from frappe.model.workflow import get_workflow, get_workflow_name, is_transition_condition_satisfied

from grid_governance.grid_issues import ISSUE, rules


def state(name: str | None) -> rules.State | None:
	"""Return the workflow state *name* by its markers, None for no name. Read from the document cache."""
	if not name:
		return None
	markers = frappe.get_cached_value(
		"Workflow State", name, ["grid_stage", "grid_resolution_level", "grid_unhandled"]
	)
	stage, level_name, unhandled = markers or (None, None, None)
	return rules.State(name, stage or rules.OPEN, level(level_name), bool(unhandled))


def step(action: str | None) -> rules.Step | None:
	"""Return the workflow action *action* by its markers, None for none. Read from the document cache."""
	if not action:
		return None
	markers = frappe.get_cached_value(
		"Workflow Action Master",
		action,
		["grid_needs", "grid_reporter_only", "grid_by_clock", "grid_by_rule"],
	)
	needs, reporter_only, by_clock, by_rule = markers or (None, None, None, None)
	return rules.Step(action, needs or "", bool(reporter_only), bool(by_clock), by_rule or "")


def step_by_rule(doctype: str, from_state: str, rule: str) -> tuple[str, str] | None:
	"""Return (action, next state) that a document of *doctype* takes from a state by *rule*, None for none."""
	if not get_workflow_name(doctype):
		return None
	for transition in get_workflow(doctype).transitions:
		if transition.state == from_state and step(transition.action).by_rule == rule:
			return transition.action, transition.next_state
	return None


def clock_step(from_state: str, doc: Document | None = None) -> tuple[str, str] | None:
	"""Return (action, next state) that the clock lets an issue take from a state, None for none.

	The first of the workflow's; with *doc* only what the transition's condition allows it.
	"""
	if not get_workflow_name(ISSUE):
		return None
	for transition in get_workflow(ISSUE).transitions:
		if transition.state != from_state or transition.next_state == from_state:
			continue
		marks = step(transition.action)
		if (
			marks.by_clock
			and not marks.by_rule
			and (doc is None or is_transition_condition_satisfied(transition, doc))
		):
			return transition.action, transition.next_state
	return None


def level(name: str | None) -> rules.Level | None:
	"""Return the resolution level *name*, None for no name. Read from the document cache."""
	if not name:
		return None
	found = frappe.get_cached_value("Resolution Level", name, ["sequence", "untouched_only"])
	return rules.Level(name, int(found[0] or 0), bool(found[1])) if found else None


def levels() -> list[dict]:
	"""Return the resolution levels from the lowest up, each with `name` and `color`."""
	return frappe.get_all(
		"Resolution Level", fields=["name", "color"], order_by="sequence asc, name asc", limit_page_length=0
	)


def first_state(doctype: str = ISSUE) -> str | None:
	"""Return the state in which an issue or a referral starts, None while no workflow is active."""
	if not get_workflow_name(doctype):
		return None
	return get_workflow(doctype).states[0].state


def final_states() -> list[str]:
	"""Return the names of the workflow states that end an issue handled: what counts as closed in figures."""
	return frappe.get_all(
		"Workflow State",
		filters={"grid_stage": rules.FINAL, "grid_unhandled": 0},
		pluck="name",
		order_by="name asc",
	)


def unsettled_states() -> list[str]:
	"""Return the states of the active workflow in which an issue is worked on, or waits for others."""
	if not get_workflow_name(ISSUE):
		return []
	return [
		row.state
		for row in get_workflow(ISSUE).states
		if state(row.state).stage in (rules.OPEN, rules.PAUSED)
	]


def settled_states() -> list[str]:
	"""Return the names of the workflow states in which nobody works on an issue any more: resolved, or over."""
	return frappe.get_all(
		"Workflow State",
		filters={"grid_stage": ["in", [rules.RESOLVED, rules.FINAL]]},
		pluck="name",
		order_by="name asc",
	)


def ended_states() -> list[str]:
	"""Return the names of the workflow states that end an issue in any way: handled, merged, refused, withdrawn."""
	return frappe.get_all(
		"Workflow State", filters={"grid_stage": rules.FINAL}, pluck="name", order_by="name asc"
	)
