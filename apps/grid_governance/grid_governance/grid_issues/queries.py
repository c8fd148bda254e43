"""What is read of issues beside their steps: where a report starts, and what stands to a worker's name."""

import json
from urllib.parse import urlencode

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from frappe.utils import getdate
from pypika.terms import Criterion

from grid_governance import scope
from grid_governance.grid_issues import ISSUE, markers
from grid_governance.grid_structure.rules import AFTER_DIGITS, is_current


@frappe.whitelist()
def starting_values() -> dict[str, str | None]:
	"""Return what a new issue of the session's user starts with: `grid`, her main or only post's.

	`grid` is None for someone who holds several posts of equal weight or none.
	"""
	frappe.new_doc(ISSUE).check_permission("create")
	posts = frappe.get_all(
		"Grid Post Assignment",
		filters={"user": frappe.session.user},
		fields=["grid", "grid_path", "from_date", "to_date", "is_primary"],
		order_by="is_primary desc, grid_path asc",
		limit_page_length=0,
	)
	mine = [
		post
		for post in posts
		if is_current(post.from_date, post.to_date, getdate())
		and scope.covers(post.grid_path, frappe.session.user, ISSUE, "create")
	]
	main = [post.grid for post in mine if post.is_primary] or [post.grid for post in mine]
	return {"grid": main[0] if len(set(main)) == 1 else None}


def worker_of(user: str) -> str | None:
	"""Return the name of the active Grid Worker who logs in as *user*."""
	return frappe.db.get_value("Grid Worker", {"user": user, "active": 1}, "name")


def reporter_of(issue: Document) -> str:
	"""Return the name of whoever reported *issue*: of the worker, or of the user."""
	if issue.reporter_worker:
		return frappe.db.get_value("Grid Worker", issue.reporter_worker, "worker_name") or ""
	return frappe.db.get_value("User", issue.owner, "full_name") or ""


def open_under(worker: str, grid: str) -> list[dict[str, object]]:
	"""Return how many issues are not closed in *grid* and below, and how many of them *worker* reported.

	For `grid_handover_items`: each with `label`, `count` and `route` to the list of these issues. In the
	reader's scope; what is none is left out.
	"""
	path = frappe.db.get_value("Grid", grid, "grid_path")
	issue = DocType(ISSUE)
	open_here = (
		frappe.qb.from_(issue)
		.select(Count("*"))
		.where(_below(issue.grid_path, path))
		.where(issue.workflow_state.notin(markers.ended_states() or [""]))
		.where(scope.criterion(ISSUE))
	)
	filters = {"grid_path": ["like", f"{path}%"], "workflow_state": ["not in", markers.ended_states()]}
	lines = (
		(_("Issues not closed yet"), open_here, filters),
		(
			_("Of these reported by this person"),
			open_here.where(issue.reporter_worker == worker),
			{**filters, "reporter_worker": worker},
		),
	)
	counted = ((label, query.run()[0][0], wanted) for label, query, wanted in lines)
	return [
		{"label": label, "count": count, "route": f"/app/grid-issue/view/list?{_as_route(wanted)}"}
		for label, count, wanted in counted
		if count
	]


def worker_results(worker: str) -> list[dict]:
	"""Return for the public card of *worker* how many issues she has reported and how many of them are closed."""
	reported = frappe.db.count(ISSUE, {"reporter_worker": worker})
	closed = frappe.db.count(
		ISSUE, {"reporter_worker": worker, "workflow_state": ["in", markers.final_states()]}
	)
	return [
		{"label": _("Matters Reported"), "value": reported},
		{"label": _("Of These Closed"), "value": closed},
	]


def _as_route(filters: dict[str, object]) -> str:
	return urlencode(
		{
			field: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
			for field, value in filters.items()
		}
	)


def _below(path: Criterion, prefix: str) -> Criterion:
	return (path >= prefix) & (path < prefix + AFTER_DIGITS)
