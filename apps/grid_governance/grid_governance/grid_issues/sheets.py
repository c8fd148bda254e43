"""What the printed sheets of an issue show. Each reads what its reader may read, whoever calls it."""

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.grid_issues import ISSUE, log
from grid_governance.grid_structure.rules import paths_above


def issue_handling_form(issue: str) -> frappe._dict:
	"""Return what the handling form of *issue* shows. Needs read permission on the issue.

	`place` (names from the township down to its grid), `category`, `group`, `reporter` (name of the worker, or of
	the user) and `steps`: the whole log, the first step
	first, each with `at`, `who`, `done`, `to_state` and `words` (opinion, and what was corrected).
	"""
	doc = frappe.get_doc(ISSUE, issue)
	doc.check_permission("read")
	category = frappe.get_cached_doc("Issue Category", doc.category)
	return frappe._dict(
		place=_place(doc.grid_path),
		category=category.category_name,
		group=frappe.get_cached_value("Issue Category", category.parent_category, "category_name")
		if category.parent_category
		else "",
		reporter=_reporter(doc),
		steps=_steps(doc.name),
	)


def _place(path: str) -> list[str]:
	wanted = [*paths_above(path), path]
	return frappe.get_all(
		"Grid", filters={"grid_path": ["in", wanted]}, pluck="grid_name", order_by="grid_path asc"
	)


def _reporter(doc: Document) -> str:
	if doc.reporter_worker:
		return frappe.db.get_value("Grid Worker", doc.reporter_worker, "worker_name") or ""
	return frappe.db.get_value("User", doc.owner, "full_name") or ""


def _steps(issue: str) -> list[frappe._dict]:
	steps = log.lines(issue)
	for step in steps:
		who = (step.worker_name or step.full_name, step.department)
		step.who = "\n".join(filter(None, who))
		step.words = "\n".join(filter(None, (step.opinion, step.changed)))
		step.done = step.action or (_("Reporting") if not step.from_state else _("Corrected"))
	return steps
