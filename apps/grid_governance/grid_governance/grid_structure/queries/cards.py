"""What a grid and its people show to the public: the notice board and the worker's card.

The name and extent of a grid, the names and work phones of those who serve it and a supervision phone have to be
published (Binzhou regulation on grid services 2021, Art. 6). Nothing about households or residents stands here.
"""

from collections.abc import Collection
from typing import Any

import frappe
from frappe.query_builder import DocType
from frappe.twofactor import get_qr_svg_code
from frappe.utils import get_url, getdate
from pypika.queries import QueryBuilder

from grid_governance.grid_structure import rules


def grid_notice_board(grid: str) -> frappe._dict:
	"""Return what the notice board of *grid* shows.

	`grid` (the document), `place` (the names above it, from the township down), `people` (post, name, phone; leads
	first), `supervision_phone`, `address` of its public page and `qr` (that address as an SVG data URI).
	"""
	node = frappe.get_doc("Grid", grid)
	address = get_url(f"/grid/{node.name}")
	return frappe._dict(
		grid=node,
		place=_names_above(node.grid_path),
		people=people(node.name),
		supervision_phone=_supervision_phone(node.grid_path),
		address=address,
		qr=f"data:image/svg+xml;base64,{get_qr_svg_code(address).decode()}",
	)


def people(grid: str) -> list[frappe._dict]:
	"""Return who holds posts in *grid* today: `post`, `duties`, `worker_name`, `phone`; leads first."""
	return people_in([grid])[grid]


def people_in(grids: Collection[str]) -> dict[str, list[frappe._dict]]:
	"""Return what `people` returns for each of *grids*, by grid."""
	held, worker = DocType("Grid Post Assignment"), DocType("Grid Worker")
	rows = (
		_held_today(held)
		.join(worker)
		.on(worker.name == held.worker)
		.select(held.grid, worker.worker_name, worker.phone)
		.where(held.grid.isin([*grids, ""]))
		.orderby(held.post, worker.worker_name)
		.run(as_dict=True)
	)
	found: dict[str, list[frappe._dict]] = {grid: [] for grid in grids}
	for row in rows:
		found[row.grid].append(row)
	return found


def grid_worker_card(worker: str) -> frappe._dict:
	"""Return what the public card of *worker* shows: who it is, what for, and with what result.

	`worker` (the document), `posts` (post, grid_name, place, duties) and `results` (label, value), which the rooms give
	through the hook `grid_worker_results`.
	"""
	held, grid = DocType("Grid Post Assignment"), DocType("Grid")
	posts = (
		_held_today(held)
		.join(grid)
		.on(grid.name == held.grid)
		.select(grid.grid_name, grid.grid_path)
		.where(held.worker == worker)
		.orderby(grid.grid_path)
		.run(as_dict=True)
	)
	for row in posts:
		row.place = _names_above(row.grid_path)
	return frappe._dict(worker=frappe.get_doc("Grid Worker", worker), posts=posts, results=_results(worker))


def _held_today(held: DocType) -> QueryBuilder:
	"""Begin a query for the posts *held* today, with `post` and `duties`, posts that lead a grid first."""
	post, today = DocType("Grid Post"), getdate()
	return (
		frappe.qb.from_(held)
		.join(post)
		.on(post.name == held.post)
		.select(held.post, post.duties)
		.where(held.from_date <= today)
		.where(held.to_date.isnull() | (held.to_date >= today))
		.orderby(post.is_lead, order=frappe.qb.desc)
	)


def _results(worker: str) -> list[dict[str, Any]]:
	return [
		result
		for method in frappe.get_hooks("grid_worker_results")
		for result in frappe.call(method, worker=worker)
	]


def _names_above(path: str) -> list[str]:
	above = [rules.ancestor_path(path, at) for at in range(rules.TOWNSHIP, rules.position(path))]
	found = frappe.get_all(
		"Grid",
		filters={"grid_path": ["in", [one for one in above if one]]},
		pluck="grid_name",
		order_by="grid_path asc",
	)
	return found


def _supervision_phone(path: str) -> str | None:
	township = rules.ancestor_path(path, rules.TOWNSHIP)
	return frappe.db.get_value("Township Profile", {"grid_path": township}, "supervision_phone")
