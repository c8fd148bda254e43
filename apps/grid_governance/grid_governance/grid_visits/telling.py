"""What notices mean to those who are told of them: see `grid_matters`."""

import frappe
from frappe.model.document import Document

from grid_governance.grid_structure.telling import Source
from grid_governance.grid_visits import NOTICE, posts
from grid_governance.grid_visits.notices import stages


def acting_roles(doc: Document) -> set[str] | None:
	"""Return the roles whose holders may let the notice *doc* go out that waits for it: of these the nearest that is held.

	A notice of a grid is the village's to approve; the township hears of it where the village has nobody else.
	"""
	if doc.doctype != NOTICE:
		return None
	if stages.of(doc.workflow_state) != stages.APPROVAL:
		return set()
	roles = stages.senders(doc.workflow_state)
	held = posts.nearest(roles, doc.grid_path or "", besides=frappe.session.user)
	return {role for role, _user in held} or roles


def is_urgent(doc: Document) -> bool | None:
	"""Say that no notice is told by e-mail: what hurries goes out as it is."""
	return False if doc.doctype == NOTICE else None


def opens(doc: Document) -> tuple[str, str] | None:
	"""Return nothing: a message about a notice opens the notice."""
	return None


def sources() -> list[Source]:
	"""Return nothing: a notice has a last day, and none on which it must have been approved."""
	return []
