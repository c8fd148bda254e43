"""Reports of one matter: what may be the same is shown before it is reported once more, and what is merged is told."""

from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import getdate
from pypika.terms import Criterion

from grid_governance import photos, scope
from grid_governance.grid_issues import ISSUE, log, markers, queries, rules

SHOWN = 10
"""Issues shown as possibly the same, at most."""

LOOKED_AT = 50
"""Issues of the grid, and issues around the point, that are looked at, at most: the newest."""


@frappe.whitelist()
def near(
	grid: str, category: str, latitude: float | None = None, longitude: float | None = None
) -> list[dict[str, Any]]:
	"""Return the issues not closed that a report of *category* in *grid* may repeat, at most `SHOWN`.

	Of the same category and in the same grid, or, where both have a point, within the metres that Governance
	Settings name. Each with `name`, `title`, `state`, `reported_on` (a date) and `distance_m` (None where one of
	them has no point), the nearest first, then the newest. Only what the session's user may read.
	"""
	frappe.has_permission(ISSUE, "read", throw=True)
	metres = frappe.db.get_single_value("Governance Settings", "duplicate_metres") or 0
	point = (float(latitude), float(longitude)) if latitude and longitude else None
	issue = DocType(ISSUE)
	found = _candidates(category, issue.grid == grid)
	if point and metres:
		(south, north), (west, east) = rules.box_around(point, metres)
		around = issue.latitude.between(south, north) & issue.longitude.between(west, east)
		found += [row for row in _candidates(category, around) if _distance(row, point) <= metres]
	shown = {
		row.name: {
			"name": row.name,
			"title": row.title,
			"state": row.workflow_state,
			"reported_on": getdate(row.found_at),
			"distance_m": _distance(row, point),
		}
		for row in found
	}
	return sorted(shown.values(), key=_nearest_then_newest)[:SHOWN]


@frappe.whitelist()
def same_matter(
	doctype: str, txt: str, searchfield: str, start: int, page_len: int, filters: dict[str, Any]
) -> list[tuple[str, str, str]]:
	"""Return (name, title, what else tells it apart) of issues that the one named in *filters* may be merged into.

	Link query. Those of `near` come first, then the others that are not over, newest change first; *txt* is a part
	of the title or of the number. Only what the session's user may read. Raises PermissionError where she may not
	read the issue itself.
	"""
	own = frappe.get_doc(ISSUE, filters.get("issue"))
	own.check_permission("read")
	like = f"%{txt}%"
	close = [each["name"] for each in near(own.grid, own.category, own.latitude, own.longitude)]
	close = [name for name in close if name != own.name]
	fields = ["name", "title", "category", "grid", "workflow_state", "found_at"]
	wanted = {"or_filters": {"title": ["like", like], "name": ["like", like]}, "fields": fields}
	first = frappe.get_list(
		ISSUE, filters={"name": ["in", close or [""]]}, order_by="modified desc", **wanted
	)
	first.sort(key=lambda row: close.index(row.name))
	over = markers.ended_states() or [""]
	others = frappe.get_list(
		ISSUE,
		filters=[["name", "not in", [own.name, *close]], ["workflow_state", "not in", over]],
		order_by="modified desc",
		limit_start=int(start),
		limit_page_length=int(page_len),
		**wanted,
	)
	found = [*(first if not int(start) else ()), *others]
	return [
		(row.name, row.title, told_apart) for row, told_apart in zip(found, _told_apart(found), strict=True)
	]


def _told_apart(rows: list[frappe._dict]) -> list[str]:
	"""Category, grid, state and day of each of *rows*, as people call them."""
	called = {
		doctype: dict(
			frappe.get_all(
				doctype,
				filters={"name": ["in", sorted({row[field] for row in rows})]},
				fields=["name", title],
				order_by="name asc",
				as_list=True,
			)
		)
		for doctype, field, title in (
			("Issue Category", "category", "category_name"),
			("Grid", "grid", "grid_name"),
		)
		if rows
	}
	return [
		" · ".join(
			(
				called["Issue Category"][row.category],
				called["Grid"][row.grid],
				_(row.workflow_state),
				frappe.format(getdate(row.found_at), "Date"),
			)
		)
		for row in rows
	]


def tell(doc: Document) -> None:
	"""Let the log of the issue that *doc* has been merged into say who has reported it too, and show the photo."""
	other = frappe.get_doc(ISSUE, doc.duplicate_of)
	said = [_("Also reported by {0}: {1}").format(queries.reporter_of(doc), doc.title), doc.description]
	log.remark(other, "\n".join(filter(None, said)))
	if doc.photo_before:
		photos.show_with(doc.photo_before, other)


def _candidates(category: str, place: Criterion) -> list[frappe._dict]:
	"""Return the newest issues of *category* at *place* that are not over, in the scope of the session's user.

	Read from the indexes on grid, and on the point.
	"""
	issue = DocType(ISSUE)
	return (
		frappe.qb.from_(issue)
		.select(
			issue.name, issue.title, issue.workflow_state, issue.found_at, issue.latitude, issue.longitude
		)
		.where((issue.category == category) & place)
		.where(issue.workflow_state.notin(markers.ended_states() or [""]))
		.where(scope.criterion(ISSUE))
		.orderby(issue.modified, order=frappe.qb.desc)
		.limit(LOOKED_AT)
		.run(as_dict=True)
	)


def _distance(row: frappe._dict, point: tuple[float, float] | None) -> int | None:
	if not point or not (row.latitude and row.longitude):
		return None
	return rules.metres_between(point, (row.latitude, row.longitude))


def _nearest_then_newest(row: dict[str, Any]) -> tuple[bool, int, int]:
	on: date = row["reported_on"]
	return row["distance_m"] is None, row["distance_m"] or 0, -on.toordinal()
