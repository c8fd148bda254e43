"""What changes the grid tree."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import CustomFunction, DocType

from grid_governance import scope
from grid_governance.grid_structure import queries, rules


class GridFullError(frappe.ValidationError):
	"""A node has given all the serials that its paths or codes have room for."""


def allocate_serials(parent_path: str, count: int = 1) -> Iterator[int]:
	"""Give *count* path serials below the node at *parent_path* (``""``: roots) and return them in order.

	A serial is given once and never again, also when the node it was given to is deleted. Locks the
	counter of that parent until the transaction ends. Raises GridFullError beyond 9,999.
	"""
	return _next_serials(f"GRID-PATH-{parent_path}", count, rules.MAX_SERIAL)


def allocate_code(base: str, digits: int) -> str:
	"""Return a new grid code: *base* and a serial of *digits* digits. A code that somebody typed is left out."""
	while frappe.db.exists("Grid", {"grid_code": (code := _next_code(base, digits))}):
		pass
	return code


def place(
	grid: Document,
	parent: Document | None,
	serial: int | None = None,
	unsaved: Mapping[str, Document] | None = None,
) -> None:
	"""Set path and code of *grid* and whether others may lie below it.

	It is a child of *parent* (None: a root) and takes a new serial if none is given. *unsaved* are nodes by path that the database does not hold yet.
	"""
	parent_path = parent.grid_path if parent else ""
	if serial is None:
		serial = next(allocate_serials(parent_path))
	level = queries.level(grid.grid_level)
	grid.grid_path = rules.child_path(parent_path, level.position, serial)
	grid.is_group = int(not level.is_leaf)
	if not grid.grid_code:
		grid.grid_code = grid.division_code or _made_code(grid.grid_path, parent, unsaved or {})


def restamp(old_path: str, new_path: str) -> None:
	"""Move everything below *old_path* to *new_path*: one statement for each DocType that has a path.

	Runs in the transaction of the move, so who sees what changes with the commit and not later.
	"""
	concat = CustomFunction("CONCAT", ["head", "tail"])
	substring = CustomFunction("SUBSTRING", ["text", "start"])
	within = scope.rules.subtree(old_path)
	for doctype in queries.doctypes_with_path():
		row = DocType(doctype)
		(
			frappe.qb.update(row)
			.set(row.grid_path, concat(new_path, substring(row.grid_path, len(old_path) + 1)))
			.where((row.grid_path >= within.lo) & (row.grid_path < within.hi))
			.run()
		)
	scope.forget()


def insert_nodes(nodes: list[dict[str, Any]]) -> list[str]:
	"""Insert many grids with a handful of statements and return their names, in order.

	Each of *nodes* has the fields of a Grid, with `parent_grid` the name of an existing node or the
	`grid_code` of one that stands before it in the list. They obey the rules of a saved Grid, whose errors are
	raised before anything is written. Authorising the caller is the caller's part.
	"""
	if not nodes:
		return []
	grids = [frappe.new_doc("Grid", **node) for node in nodes]
	parents = queries.nodes({grid.parent_grid for grid in grids if grid.parent_grid})
	wanted = Counter(grid.parent_grid for grid in grids)
	serials: dict[str | None, Iterator[int]] = {}
	placed: dict[str, Document] = {}
	for grid in grids:
		parent = parents.get(grid.parent_grid)
		if grid.parent_grid and not parent:
			frappe.throw(
				_("{0}: the grid {1} that it belongs to does not exist.").format(
					grid.grid_name, grid.parent_grid
				),
				frappe.DoesNotExistError,
			)
		grid.check(parent)
		if grid.parent_grid not in serials:
			path = parent.grid_path if parent else ""
			serials[grid.parent_grid] = allocate_serials(path, wanted[grid.parent_grid])
		place(grid, parent, next(serials[grid.parent_grid]), placed)
		grid.name, grid.old_parent = grid.grid_code, grid.parent_grid
		parents[grid.name] = placed[grid.grid_path] = grid
	_write_nodes(grids)
	return [grid.name for grid in grids]


def renumber() -> None:
	"""Set `lft` and `rgt` of the whole tree from the order of its paths, in one statement.

	The paths in order are the tree in pre-order: before the node of rank r at depth d (its segments that
	are not skipped, less one) lie r - 1 openings and r - 1 - d closings.
	"""
	segments = (
		f"substr(grid_path, {1 + rules.SEGMENT * n}, {rules.SEGMENT})" for n in range(len(rules.POSITIONS))
	)
	depth = " + ".join(f"({segment} not in ('', '{rules.SKIPPED}'))" for segment in segments)
	frappe.db.sql(  # made of constants only
		f"""update `tabGrid` node join (
			select ranked.name, ranked.place, ranked.depth, count(below.name) as below
			from (
				select name, grid_path, row_number() over (order by grid_path) as place, {depth} - 1 as depth
				from `tabGrid`
			) ranked
			left join `tabGrid` below on below.grid_path > ranked.grid_path
				and below.grid_path < concat(ranked.grid_path, '{rules.AFTER_DIGITS}')
			group by ranked.name
		) numbered on numbered.name = node.name
		set node.lft = 2 * place - depth - 1, node.rgt = 2 * place - depth + 2 * below"""  # noqa: S608
	)


def _next_serials(series: str, count: int, most: int) -> Iterator[int]:
	row = DocType("Series")
	current = frappe.qb.from_(row).select(row.current).where(row.name == series).for_update().run()
	first = (current[0][0] or 0) + 1 if current else 1
	last = first + count - 1
	if last > most:
		frappe.throw(
			_("No serial is left here: {0} of at most {1} are given. Draw a level in between.").format(
				first - 1, most
			),
			GridFullError,
		)
	if current:
		frappe.qb.update(row).set(row.current, last).where(row.name == series).run()
	else:
		frappe.qb.into(row).columns("name", "current").insert(series, last).run()
	return iter(range(first, last + 1))


def _next_code(base: str, digits: int) -> str:
	serial = next(_next_serials(f"GRID-CODE-{base}", 1, 10**digits - 1))
	return f"{base}{serial:0{digits}d}"


def _made_code(path: str, parent: Document, unsaved: Mapping[str, Document]) -> str:
	"""Return a code for a node without a division code of its own.

	Below a village: its 12-digit code and a three-digit serial; a node below such a grid adds two digits
	to the grid's. Above a village the division code is mandatory, which `Grid.check` has seen to.
	"""
	if rules.position(parent.grid_path) >= rules.GRID:
		return allocate_code(parent.grid_code, digits=2)
	village_path = rules.ancestor_path(path, rules.VILLAGE)
	village = unsaved.get(village_path) or queries.grid_at(village_path)
	return allocate_code(village.grid_code, digits=3)


def _write_nodes(grids: list[Document]) -> None:
	rows = []
	for grid in grids:
		grid.set_user_and_timestamp()
		rows.append(grid.get_valid_dict(convert_dates_to_str=True))
	frappe.db.bulk_insert("Grid", list(rows[0]), [tuple(row.values()) for row in rows])
	renumber()
