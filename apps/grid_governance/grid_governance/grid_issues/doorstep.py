"""A matter reported on the spot with a phone: one call with everything in it, taken in once only."""

from datetime import timedelta
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count, Max
from frappe.utils import now_datetime

from grid_governance import photos
from grid_governance.grid_issues import ISSUE, log, markers, queries, rules

OWN_CATEGORIES = 6
"""Categories that stand as buttons before all others."""

LAST_REPORTS = 200
"""Reports of a worker from which her most used categories are counted."""

LONGEST_WAIT = timedelta(days=30)
"""How long a report may have waited in a phone and still say when the matter was found."""


class SentTwiceError(frappe.ValidationError):
	"""The same report arrives twice at the same moment."""

	http_status_code = 409


class OverAlreadyError(frappe.ValidationError):
	"""A report is to join an issue that has ended."""


@frappe.whitelist()
def start() -> dict[str, Any]:
	"""Return what a report begins with, for whoever may report.

	`grid` (None when there are several) and `grid_name`; `categories`: those in use with `name`, `label`, `group`, `urgency`,
	`urgency_name`, `needs_photo`; `own`: the names of those that the reader has reported most of late, the most used first.
	"""
	grid = queries.starting_values()["grid"]
	place = frappe.db.get_value("Grid", grid, ["grid_name", "grid_path"], as_dict=True) if grid else None
	return {"grid": grid, "grid_name": place.grid_name if place else None, **offered()}


def offered() -> dict[str, list[Any]]:
	"""Return the `categories` in use and the `own` ones of the session's worker, as `start` tells them."""
	categories = _categories()
	return {"categories": categories, "own": _own({category.name for category in categories})}


@frappe.whitelist(methods=["POST"])
def report(
	client_key: str,
	category: str,
	grid: str,
	title: str = "",
	location_note: str = "",
	description: str = "",
	latitude: float | None = None,
	longitude: float | None = None,
	household: str = "",
	waited: float = 0,
) -> dict[str, str]:
	"""Report a matter, with the file `photo` of the request when there is one; return its `name`, `title` and `state`.

	*client_key* is drawn by the phone: the same report sent again, because the first answer was lost, returns the issue
	it has made. *title* is made from category and grid when it is left out. *household*: whom it concerns, one in *grid*. *waited*: seconds since the report was begun
	on the phone, whose clock need not be right.
	"""
	issue = frappe.new_doc(ISSUE)
	issue.check_permission("create")
	if made := _taken_in(client_key):
		return _answer(frappe.get_doc(ISSUE, made))
	issue.update(
		{
			"category": category,
			"grid": grid,
			"title": title.strip() or title_of(category, grid),
			"location_note": location_note.strip(),
			"description": description.strip(),
			"found_at": now_datetime() - min(timedelta(seconds=max(waited, 0)), LONGEST_WAIT),
			"latitude": latitude,
			"longitude": longitude,
			"household": household,
		}
	)
	if photo := _sent_photo():
		issue.photo_before = photos.keep(photo).file_url
	issue.flags.client_key = client_key
	_once(issue.insert)
	return _answer(issue)


@frappe.whitelist(methods=["POST"])
def join(issue: str, client_key: str, words: str = "") -> dict[str, str]:
	"""Add to *issue* that it was met with again, in *words* and with the file `photo` of the request.

	One line in the log, no step: nobody's handling changes. Answers as `report` does, once for a *client_key*. Needs read
	permission on the issue and the right to report. Raises OverAlreadyError for an issue that has ended.
	"""
	frappe.new_doc(ISSUE).check_permission("create")
	doc = frappe.get_doc(ISSUE, issue)
	doc.check_permission("read")
	if _taken_in(client_key):
		return _answer(doc)
	if markers.state(doc.workflow_state).stage == rules.FINAL:
		frappe.throw(
			_("{0} is closed. Report the matter anew.").format(doc.title),
			OverAlreadyError,
		)
	if photo := _sent_photo():
		photos.keep(photo, {"attached_to_doctype": ISSUE, "attached_to_name": doc.name})
	said = words.strip()
	line = {
		"issue": doc.name,
		"grid": doc.grid,
		"from_state": doc.workflow_state,
		"to_state": doc.workflow_state,
		"opinion": _("Met with again: {0}").format(said) if said else _("Met with again."),
		"client_key": client_key,
	}
	_once(log.write, line)
	return _answer(doc)


def _once(write: Any, *args: Any) -> None:
	"""Write; a key that another request has just used is refused, and its report found when it is sent again."""
	try:
		write(*args)
	except frappe.UniqueValidationError:
		frappe.clear_messages()
		frappe.throw(
			_("This report is just being taken in. Wait a moment and send it again."), SentTwiceError
		)


def _taken_in(client_key: str) -> str | None:
	"""Return the issue that the session's user has reported, or joined, under *client_key*."""
	return frappe.db.get_value(
		"Issue Log", {"client_key": client_key, "by_user": frappe.session.user}, "issue"
	)


def _answer(issue: Document) -> dict[str, str]:
	return {"name": issue.name, "title": issue.title, "state": issue.workflow_state}


def title_of(category: str, grid: str) -> str:
	"""Return the matter in a few words for whoever typed none: the category, and the grid where it is."""
	what = frappe.get_cached_value("Issue Category", category, "category_name") or category
	where = frappe.db.get_value("Grid", grid, "grid_name") or grid
	return _("{0} in {1}").format(what, where)


def _sent_photo() -> bytes | None:
	sent = frappe.request.files.get("photo") if frappe.request else None
	return sent.stream.read() if sent else None


def _categories() -> list[frappe._dict]:
	category, group = DocType("Issue Category"), DocType("Issue Category").as_("category_group")
	urgency = DocType("Issue Urgency")
	return (
		frappe.qb.from_(category)
		.left_join(group)
		.on(group.name == category.parent_category)
		.left_join(urgency)
		.on(urgency.name == category.default_urgency)
		.select(
			category.name,
			category.category_name.as_("label"),
			group.category_name.as_("group"),
			category.default_urgency.as_("urgency"),
			urgency.urgency_name,
			category.needs_photo,
		)
		.where((category.is_group == 0) & (category.active == 1))
		.orderby(category.code)
		.run(as_dict=True)
	)


def _own(in_use: set[str]) -> list[str]:
	"""Return the categories that the session's worker has reported most of late, at most `OWN_CATEGORIES`."""
	worker = queries.worker_of(frappe.session.user)
	if not worker:
		return []
	issue = DocType(ISSUE)
	last = (
		frappe.qb.from_(issue)
		.select(issue.category, issue.creation)
		.where(issue.reporter_worker == worker)
		.orderby(issue.creation, order=frappe.qb.desc)
		.limit(LAST_REPORTS)
	)
	used = (
		frappe.qb.from_(last)
		.select(last.category)
		.groupby(last.category)
		.orderby(Count("*"), order=frappe.qb.desc)
		.orderby(Max(last.creation), order=frappe.qb.desc)
		.run(pluck=True)
	)
	return [name for name in used if name in in_use][:OWN_CATEGORIES]
