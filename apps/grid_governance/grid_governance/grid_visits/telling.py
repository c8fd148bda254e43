"""What notices mean to those who are told of them: see `grid_matters`."""

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.query_builder.functions import Max
from frappe.utils import getdate
from pypika.functions import Length

from grid_governance.grid_structure.telling import Source, rules
from grid_governance.grid_visits import NOTICE
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
	return _nearest(roles, doc.grid_path or "") or roles


def is_urgent(doc: Document) -> bool | None:
	"""Say that no notice is told by e-mail: what hurries goes out as it is."""
	return False if doc.doctype == NOTICE else None


def opens(doc: Document) -> tuple[str, str] | None:
	"""Return nothing: a message about a notice opens the notice."""
	return None


def sources() -> list[Source]:
	"""Return nothing: a notice has a last day, and none on which it must have been approved."""
	return []


def _nearest(roles: set[str], path: str) -> set[str]:
	"""Return those of *roles* that somebody else than the session's user holds today, nearest above *path*."""
	post, today = DocType("Grid Post Assignment"), getdate()
	depth = Max(Length(post.grid_path))
	held = (
		frappe.qb.from_(post)
		.select(post.role, depth)
		.where(post.role.isin(sorted(roles) or [""]) & post.grid_path.isin(rules.above(path) or [""]))
		.where(post.user.isnotnull() & (post.user != frappe.session.user))
		.where((post.from_date <= today) & (post.to_date.isnull() | (post.to_date >= today)))
		.groupby(post.role)
		.run()
	)
	nearest = max((length for _role, length in held), default=0)
	return {role for role, length in held if length == nearest}
