"""What changes the grid tree."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import Case, CustomFunction, DocType

from grid_governance import scope
from grid_governance.grid_structure import queries, rules
from grid_governance.scope.doors import texts


class GridFullError(frappe.ValidationError):
	"""A node has given all the serials that its paths or codes have room for."""


def allocate_serials(parent_path: str, count: int = 1) -> Iterator[int]:
	"""Give *count* path serials below the node at *parent_path* (``""``: roots) and return them in order.

	A serial is given once and never again, also when the node it was given to is deleted. Locks the
	counter of that parent until the transaction ends. Raises GridFullError beyond 9,999.
	"""
	series = f"GRID-PATH-{parent_path}"
	return _next_serials({series: count}, {series: rules.MAX_SERIAL})[series]


def place(grid: Document, parent: Document | None) -> None:
	"""Set path and code of *grid* and whether others may lie below it. A child of *parent* (None: a root)."""
	_place(grid, parent, next(allocate_serials(parent.grid_path if parent else "")))
	if not grid.grid_code:
		_give_codes([(grid, parent)])


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
	serials = _path_serials(wanted, parents)
	for grid in grids:
		texts.make_plain(grid)
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
			serials[grid.parent_grid] = allocate_serials(parent.grid_path, wanted[grid.parent_grid])
		_place(grid, parent, next(serials[grid.parent_grid]))
		grid.old_parent = grid.parent_grid
		if grid.grid_code:
			parents[grid.grid_code] = grid
	_give_codes([(grid, parents[grid.parent_grid]) for grid in grids if not grid.grid_code])
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


def _place(grid: Document, parent: Document | None, serial: int) -> None:
	level = queries.level(grid.grid_level)
	grid.grid_path = rules.child_path(parent.grid_path if parent else "", level.position, serial)
	grid.is_group = int(not level.is_leaf)
	grid.grid_code = grid.grid_code or grid.division_code


def _path_serials(
	wanted: Mapping[str | None, int], parents: Mapping[str, Document]
) -> dict[str | None, Iterator[int]]:
	"""Reserve at once the path serials *wanted* below each of *parents*, and for roots; by the parent's name."""
	paths = {name: parents[name].grid_path if name else "" for name in wanted if not name or name in parents}
	counts = {f"GRID-PATH-{path}": wanted[name] for name, path in paths.items()}
	serials = _next_serials(counts, dict.fromkeys(counts, rules.MAX_SERIAL))
	return {name: serials[f"GRID-PATH-{path}"] for name, path in paths.items()}


def _give_codes(placed: list[tuple[Document, Document]]) -> None:
	"""Give a code to grids without a division code of their own, each with its parent.

	Below a village: its 12-digit code and a three-digit serial; a node below such a grid adds two digits
	to the grid's. Above a village the division code is mandatory, which `Grid.check` has seen to. A code that
	somebody typed is left out.
	"""
	below = [(grid, *_base_of_code(grid, parent)) for grid, parent in placed]
	while below:
		wanted = Counter((base, digits) for _grid, base, digits in below)
		series = {f"GRID-CODE-{base}": count for (base, _digits), count in wanted.items()}
		most = {f"GRID-CODE-{base}": 10**digits - 1 for base, digits in wanted}
		serials = _next_serials(series, most)
		for grid, base, digits in below:
			grid.grid_code = f"{base}{next(serials[f'GRID-CODE-{base}']):0{digits}d}"
		typed = queries.codes_in_use([grid.grid_code for grid, _base, _digits in below])
		below = [row for row in below if row[0].grid_code in typed]


def _base_of_code(grid: Document, parent: Document) -> tuple[str, int]:
	if rules.position(parent.grid_path) >= rules.GRID:
		return parent.grid_code, 2
	if rules.position(parent.grid_path) == rules.VILLAGE:
		return parent.grid_code, 3
	return queries.grid_at(rules.ancestor_path(grid.grid_path, rules.VILLAGE)).grid_code, 3


def _next_serials(counts: Mapping[str, int], most: Mapping[str, int]) -> dict[str, Iterator[int]]:
	"""Reserve a run of *counts* serials in each series, up to *most*, with three statements for all of them.

	Locks the counters, in one order for everybody, until the transaction ends.
	"""
	if not counts:
		return {}
	row = DocType("Series")
	given = dict(
		frappe.qb.from_(row)
		.select(row.name, row.current)
		.where(row.name.isin(sorted(counts)))
		.orderby(row.name)
		.for_update()
		.run()
	)
	first = {series: (given.get(series) or 0) + 1 for series in counts}
	last = {series: first[series] + count - 1 for series, count in counts.items()}
	for series in counts:
		if last[series] > most[series]:
			frappe.throw(
				_("No serial is left here: {0} of at most {1} are given. Draw a level in between.").format(
					first[series] - 1, most[series]
				),
				GridFullError,
			)
	if given:
		current = Case()
		for series in given:
			current = current.when(row.name == series, last[series])
		frappe.qb.update(row).set(row.current, current).where(row.name.isin(sorted(given))).run()
	if new := sorted(counts.keys() - given.keys()):
		frappe.db.bulk_insert("Series", ["name", "current"], [(series, last[series]) for series in new])
	return {series: iter(range(first[series], last[series] + 1)) for series in counts}


def _write_nodes(grids: list[Document]) -> None:
	rows = []
	for grid in grids:
		grid.name = grid.grid_code
		grid.set_user_and_timestamp()
		rows.append(grid.get_valid_dict(convert_dates_to_str=True))
	frappe.db.bulk_insert("Grid", list(rows[0]), [tuple(row.values()) for row in rows])
	renumber()
