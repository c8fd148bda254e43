"""Standard answers: kept by a township for itself or by an administrator for all, offered when a step is taken."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.query_builder.functions import Coalesce

from grid_governance import scope
from grid_governance.grid_issues import ISSUE
from grid_governance.grid_structure.rules import TOWNSHIP, ancestor_path, position

STANDARD_ANSWER = "Standard Answer"

OFFERED = 100
"""Answers offered at a step, at most."""


class AnswerForAllError(frappe.PermissionError):
	"""A standard answer for every township is to be written by someone of one township."""


class AnswerPlaceError(frappe.ValidationError):
	"""A standard answer is to hold in a grid that is no township."""


@frappe.whitelist()
def offered(issue: str) -> dict[str, list[str]]:
	"""Return the standard answers that fit *issue*, by what they are used for; at most `OFFERED` in all.

	Those of its category first, then those of the category's group, then those for every category; of its own
	township before those of all. Needs read permission on the issue: a township's answers are its people's.
	"""
	doc = frappe.get_doc(ISSUE, issue)
	doc.check_permission("read")
	group = frappe.get_cached_value("Issue Category", doc.category, "parent_category")
	township = ancestor_path(doc.grid_path, TOWNSHIP) or ""
	nearest = (doc.category, group, None)
	answer = DocType(STANDARD_ANSWER)
	rows = (
		frappe.qb.from_(answer)
		.select(answer.text, answer.used_for, answer.category, answer.grid_path)
		.where(Coalesce(answer.grid_path, "").isin(["", township]))
		.where(Coalesce(answer.category, "").isin(["", *filter(None, nearest)]))
		.where(answer.active == 1)
		.orderby(answer.modified, order=frappe.qb.desc)
		.limit(OFFERED)
		.run(as_dict=True)
	)
	rows.sort(key=lambda row: (nearest.index(row.category or None), not row.grid_path))
	found: dict[str, list[str]] = {}
	for row in rows:
		texts = found.setdefault(row.used_for, [])
		if row.text not in texts:
			texts.append(row.text)
	return found


def check(doc: Document) -> None:
	"""Refuse a place that is no township, and an answer for all townships by whoever is of one."""
	doc.text = doc.text.strip()
	if not doc.grid:
		doc.grid_path = ""
		if not doc.flags.ignore_permissions and not scope.covers(
			"", frappe.session.user, STANDARD_ANSWER, "write"
		):
			frappe.throw(_("Choose your township. Only an administrator writes for all."), AnswerForAllError)
	elif position(doc.grid_path) != TOWNSHIP:
		frappe.throw(
			_("{0} is no township. A standard answer holds in a township or in all.").format(doc.grid),
			AnswerPlaceError,
		)
