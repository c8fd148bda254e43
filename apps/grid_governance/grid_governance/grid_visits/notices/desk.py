"""What the form of a notice shows and does: whom it would reach, how far it got, who is left, what goes into a chat group."""

from collections.abc import Collection
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from frappe.utils import now_datetime
from pypika.functions import Length
from pypika.queries import QueryBuilder

from grid_governance import scope
from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_structure.rules import paths_above
from grid_governance.grid_visits import DELIVERY, NOTICE, wechat
from grid_governance.grid_visits.notices import (
	CONFIRMED,
	LEFT,
	SENT,
	TOLD,
	UNREACHABLE,
	audience,
	channels,
	stages,
)

DONE = {"loudspeaker": ("by_loudspeaker", "announced_at"), "board": ("on_board", "posted_at")}
"""Ways that somebody takes by hand: the field that asks for it, and the one that says when it was done."""


class NotAskedForError(frappe.ValidationError):
	"""A way is marked as taken that the notice does not go, or that was marked before."""


class NotSentYetError(frappe.ValidationError):
	"""A notice that has not gone out has no address."""


@frappe.whitelist()
def standing(notice: str) -> dict[str, Any]:
	"""Return how far *notice* has got, as the reader may see it. Needs read permission on the notice.

	`is_out` (it has gone out, or goes now), `is_going` (deliveries are being made), `total`, `sent`, `confirmed`, `told`,
	`left`; `grids`: the same of each grid with `grid` and `grid_name`, those with the most left first; `trouble`: in words,
	what cannot be sent; `by_hand`: the ways that wait for somebody to take them. Before that `would_reach`: {households,
	persons} of today.
	"""
	doc = _readable(notice)
	answer: dict[str, Any] = {"trouble": channels.missing(doc), "by_hand": _by_hand(doc)}
	if not stages.is_public(doc.workflow_state):
		return {**answer, "is_out": False, "would_reach": audience.count(doc)}
	grids = by_grid(doc.name)
	sums = {key: sum(row[key] for row in grids) for key in ("total", "sent", "confirmed", "told", "left")}
	return {
		**answer,
		**sums,
		"is_out": True,
		"is_going": stages.is_going(doc.workflow_state),
		"grids": sorted(grids, key=lambda row: (-row["left"], row["grid_path"])),
	}


@frappe.whitelist()
def unreached(notice: str, grid: str) -> list[dict[str, Any]]:
	"""Return whom *notice* has not reached in *grid*: see `left_rows`. Needs read permission on the notice."""
	return left_rows(_readable(notice).name, grid, limit=500)


@frappe.whitelist()
def share(notice: str) -> dict[str, str]:
	"""Return what goes into a chat group: `text`, `link` and `picture` (its QR code). Needs read permission on the notice.

	It bears no recipient's code: whoever reads it in a group confirms with the code of her own message, or at the door.
	"""
	doc = _readable(notice)
	if not stages.is_public(doc.workflow_state):
		frappe.throw(
			_("Notice {0} has not gone out yet. Its address is there once it is approved.").format(doc.name),
			NotSentYetError,
		)
	link = wechat.address(doc.public_code)
	return {"text": wechat.text(doc, link), "link": link, "picture": wechat.picture(link)}


@frappe.whitelist(methods=["POST"])
def note_done(notice: str, way: str) -> str:
	"""Note that *notice* was read out ("loudspeaker") or hung up ("board") now, and return when.

	Needs write permission. Raises NotAskedForError for a way that it does not go or that was taken before.
	"""
	doc = frappe.get_doc(NOTICE, notice, for_update=True)
	doc.check_permission("write")
	if way not in _by_hand(doc):
		frappe.throw(
			_("Nothing is left to note: this way is not asked for, or was noted before."), NotAskedForError
		)
	at = now_datetime()
	doc.db_set(DONE[way][1], at)
	doc.add_comment(
		"Info", {"loudspeaker": _("Announced by Loudspeaker"), "board": _("Put on the Board")}[way]
	)
	return str(at)


def by_grid(notice: str) -> list[dict[str, Any]]:
	"""Return how far *notice* has got in each grid of the reader's scope: `grid`, `grid_name`, `grid_path`, `total`, `sent`,
	`confirmed`, `told`, `left`. Counted from an index, two statements."""
	delivery = DocType(DELIVERY)
	rows = (
		_within(delivery, notice)
		.where(delivery.state != UNREACHABLE)
		.select(delivery.grid_path, delivery.state, Count("*"))
		.groupby(delivery.grid_path, delivery.state)
		.orderby(delivery.grid_path)
		.run()
	)
	counts: dict[str, dict[str, int]] = {}
	for path, state, number in rows:
		counts.setdefault(path, {})[state] = number
	named = places(counts)
	return [_of_grid(path, states, named.get(path, frappe._dict(told=""))) for path, states in counts.items()]


def places(paths: Collection[str]) -> dict[str, frappe._dict]:
	"""Return by path the grids at *paths*: `name`, and `told`, which is their name with that of the node above, since two
	villages call their grids alike. One statement."""
	above = {path: (paths_above(path) or [""])[-1] for path in paths}
	found = {
		grid.grid_path: grid
		for grid in frappe.get_all(
			"Grid",
			filters={"grid_path": ["in", [*paths, *set(above.values())]]},
			fields=["name", "grid_name", "grid_path"],
			order_by="grid_path asc",
			limit_page_length=0,
		)
	}
	for path in found.keys() & above.keys():
		parent = found.get(above[path], frappe._dict())
		found[path].told = _told(parent.grid_name or "", found[path].grid_name or "")
	return {path: found[path] for path in found.keys() & above.keys()}


def left_rows(
	notice: str, grid: str | None = None, limit: int = 500, right: str = "read"
) -> list[dict[str, Any]]:
	"""Return whom *notice* has not reached, where the reader has *right* on deliveries, by place: `delivery`, `household`,
	`title`, `household_no`, `address`, `resident`, `resident_name`, `whom` (the person, or the head), `grid`, `grid_path`,
	`grid_name`, `failed`, `is_sensitive` (the office tells her: no grid member's list has her), `code_household` (the one
	that the code is made for, where it is another one).

	Of a household or person that has left the reader's scope since, only that it is there. One statement.
	"""
	delivery, home, person, node = DocType(DELIVERY), DocType(HOUSEHOLD), DocType(RESIDENT), DocType("Grid")
	query = (
		_within(delivery, notice, right)
		.left_join(home)
		.on(scope.criterion(HOUSEHOLD, ptype=right, table=home) & (home.name == delivery.household))
		.left_join(person)
		.on(scope.criterion(RESIDENT, ptype=right, table=person) & (person.name == delivery.resident))
		.left_join(node)
		.on(node.name == delivery.grid)
		.select(
			delivery.name.as_("delivery"),
			*(delivery.grid, delivery.grid_path, delivery.failed, delivery.is_sensitive),
			delivery.code_household,
			home.name.as_("household"),
			*(home.title, home.household_no, home.address),
			person.name.as_("resident"),
			person.resident_name,
			node.grid_name,
		)
		.where(delivery.state.isin(LEFT))
		.orderby(delivery.grid_path, Length(home.household_no), home.household_no, person.resident_name)
		.limit(limit)
	)
	if grid:
		query = query.where(delivery.grid_path == (frappe.db.get_value("Grid", grid, "grid_path") or ""))
	rows = query.run(as_dict=True)
	for row in rows:
		# The title ends with the number, which stands by itself.
		row.whom = row.resident_name or (row.title or "").removesuffix(f" · {row.household_no}")
	return rows


def _within(delivery: DocType, notice: str, right: str = "read") -> QueryBuilder:
	inside = scope.criterion(DELIVERY, ptype=right, table=delivery)
	return frappe.qb.from_(delivery).where(delivery.notice == notice).where(inside)


def _of_grid(path: str, states: dict[str, int], grid: frappe._dict) -> dict[str, Any]:
	return {
		"grid": grid.name,
		"grid_name": grid.told,
		"grid_path": path,
		"total": sum(states.values()),
		"sent": states.get(SENT, 0),
		"confirmed": states.get(CONFIRMED, 0),
		"told": states.get(TOLD, 0),
		"left": sum(states.get(state, 0) for state in LEFT),
	}


def _told(above: str, name: str) -> str:
	"""Return the *name* of a grid with that of the node *above*, unless it says so itself."""
	return name if not above or name.startswith(above) else f"{above} · {name}"


def _by_hand(doc: Document) -> list[str]:
	if not stages.is_public(doc.workflow_state):
		return []
	return [way for way, (asked, done) in DONE.items() if doc.get(asked) and not doc.get(done)]


def _readable(notice: str) -> Document:
	doc = frappe.get_doc(NOTICE, notice)
	doc.check_permission("read")
	return doc
