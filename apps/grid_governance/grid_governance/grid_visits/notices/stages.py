"""What the states of the active workflow of notices stand for: read from their marker, never from their names."""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.model.workflow import get_workflow, get_workflow_name

from grid_governance.grid_visits.notices import NOTICE

DRAFT, APPROVAL, SENDING, SENT = "Draft", "Approval", "Sending", "Sent"
REACHED, EXPIRED, WITHDRAWN = "Reached Everybody", "Expired", "Withdrawn"

PUBLIC = (SENDING, SENT, REACHED, EXPIRED)
"""Stages in which people outside may read the notice."""


class StageMissingError(frappe.ValidationError):
	"""The workflow has no state for a stage that a notice comes to by itself."""


def of(state: str | None) -> str:
	"""Return the stage that the workflow state *state* stands for, `DRAFT` where it is not marked. From the cache."""
	found = state and frappe.get_cached_value("Workflow State", state, "grid_notice_stage")
	return found or DRAFT


def is_public(state: str | None) -> bool:
	"""Say whether people outside may read a notice in *state*."""
	return of(state) in PUBLIC


def is_going(state: str | None) -> bool:
	"""Say whether the deliveries of a notice in *state* are being made."""
	return of(state) == SENDING


def going() -> list[str]:
	"""Return the states in which messages still go out."""
	return states(SENDING, SENT)


def states(*stages: str) -> list[str]:
	"""Return the names of all workflow states of the site that stand for one of *stages*, by name."""
	return frappe.get_all(
		"Workflow State", filters={"grid_notice_stage": ["in", stages]}, pluck="name", order_by="name asc"
	)


def senders(state: str) -> set[str]:
	"""Return the roles that may let a notice in *state* go out, by the active workflow."""
	if not get_workflow_name(NOTICE):
		return set()
	return {
		step.allowed
		for step in get_workflow(NOTICE).transitions
		if step.state == state and of(step.next_state) == SENDING
	}


def state_for(stage: str) -> str:
	"""Return the first state of the active workflow of notices that stands for *stage*. Raises StageMissingError."""
	if get_workflow_name(NOTICE):
		for row in get_workflow(NOTICE).states:
			if of(row.state) == stage:
				return row.state
	frappe.throw(
		_("The workflow of notices has no state that is marked as {0}. Mark one in Workflow State.").format(
			_(stage)
		),
		StageMissingError,
	)


def move(notice: Document, stage: str, **values: Any) -> None:
	"""Bring *notice*, whose row the caller holds, to *stage* with *values*.

	As a change of the document: its author is told, and a Webhook or a Notification that an administrator has set on it
	hears of it. Raises StageMissingError.
	"""
	notice.db_set({"workflow_state": state_for(stage), **values}, notify=True)
