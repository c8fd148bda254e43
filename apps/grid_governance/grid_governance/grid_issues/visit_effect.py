"""A matter is raised from a visit: it begins as any other report, in the grid and about the household of the visit."""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance import photos, scope
from grid_governance.grid_issues import ISSUE, doorstep

KIND = "issue"
SHARED = True
"""The numbers of issues come from one series."""


def offer(household: Document) -> dict[str, Any] | None:
	"""Return `categories` and the reader's `own` ones, as `doorstep.offered` does; None for who may not report here."""
	if not scope.covers(household.grid_path, frappe.session.user, ISSUE, "create"):
		return None
	return {"label": _("Raise a Matter"), **doorstep.offered()}


def apply(visit: Document, wanted: dict[str, Any]) -> dict[str, str]:
	"""Report a matter of `category` with a `title`, made where it is left out, a `description` and an `urgency`.

	`photo`: the field of the visit whose photo shows it. Raises what a report raises.
	"""
	category, photo = str(wanted.get("category") or ""), wanted.get("photo")
	issue = frappe.new_doc(ISSUE)
	issue.update(
		{
			"category": category,
			"grid": visit.grid,
			"title": str(wanted.get("title") or "").strip() or doorstep.title_of(category, visit.grid),
			"description": str(wanted.get("description") or "").strip(),
			"urgency": wanted.get("urgency"),
			"source": "Visit",
			"found_at": visit.visited_at,
			"household": visit.household,
			"photo_before": visit.get(photo) if photo in photos.fields(visit) else None,
		}
	)
	issue.insert()
	return {
		"summary": _("Raised: {0}").format(issue.title),
		"reference_doctype": ISSUE,
		"reference_name": issue.name,
	}
