"""Changes of the tree as an office decides them: rename, reassign, dissolve, merge and split.

Each runs in the transaction of the Grid Adjustment that orders it, re-stamps what hangs on the grids with one
statement per DocType, and returns in words what was done.
"""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import add_days, getdate

from grid_governance import scope
from grid_governance.grid_structure import queries
from grid_governance.grid_structure.actions.posts import end_posts

STAYS = ("Grid", "Grid Post Assignment", "Grid Adjustment", "Township Profile")
"""DocTypes whose rows stay with a grid that is closed: its history. Other rooms name theirs by the hook `grid_history`."""


class SuccessorError(frappe.ValidationError):
	"""What hangs on a grid that is closed has nowhere to go, or cannot go there."""


def adjust(adjustment: Document) -> str:
	"""Carry out *adjustment* and return what was done, a sentence a line.

	Refuses with PermissionError when the user may not write one of the grids that it touches.
	"""
	grid = _writable(adjustment.grid)
	lines = _KINDS[adjustment.kind](adjustment, grid)
	scope.forget()
	return "\n".join(lines)


def _rename(adjustment: Document, grid: Document) -> list[str]:
	before = grid.grid_name
	grid.grid_name = adjustment.new_name
	_save(grid)
	return [_("{0} is now called {1}.").format(before, grid.grid_name)]


def _reassign(adjustment: Document, grid: Document) -> list[str]:
	before, parent = grid.parent_grid, _writable(adjustment.new_parent)
	grid.parent_grid = parent.name
	_save(grid)
	was = frappe.db.get_value("Grid", before, "grid_name") if before else "–"
	return [_("{0} now belongs to {1}, before to {2}.").format(grid.grid_name, parent.grid_name, was)]


def _dissolve(adjustment: Document, grid: Document) -> list[str]:
	successor = _writable(adjustment.successor) if adjustment.successor else None
	return _close_into(grid, successor, adjustment.effective_on)


def _merge(adjustment: Document, grid: Document) -> list[str]:
	lines = []
	for source in adjustment.sources:
		lines += _close_into(_writable(source.grid), grid, adjustment.effective_on)
	return lines


def _split(adjustment: Document, grid: Document) -> list[str]:
	parent = _writable(grid.parent_grid)
	made = []
	for part in adjustment.parts:
		new = frappe.new_doc("Grid")
		new.update(
			{
				"grid_name": part.grid_name,
				"grid_level": grid.grid_level,
				"parent_grid": parent.name,
				"grid_type": grid.grid_type,
				"planned_households": part.planned_households,
				"boundary_note": part.boundary_note,
				"established_on": adjustment.effective_on,
			}
		)
		new.insert(ignore_permissions=True)  # the right to change the parent was judged above
		part.new_grid = new.name
		made.append(new.grid_name)
	if adjustment.remaining_households:
		grid.planned_households = adjustment.remaining_households
		_save(grid)
	return [_("Split off {0}: {1}.").format(grid.grid_name, ", ".join(made))]


_KINDS = {"Rename": _rename, "Reassign": _reassign, "Dissolve": _dissolve, "Merge": _merge, "Split": _split}


def _close_into(grid: Document, successor: Document | None, effective_on: str) -> list[str]:
	"""Close *grid*; what lies below and hangs on it goes to *successor*, and its posts end the day before."""
	if successor:
		_check_successor(grid, successor)
	lines = []
	for child in frappe.get_all(
		"Grid", filters={"parent_grid": grid.name, "status": "Active"}, pluck="name", order_by="grid_path asc"
	):
		if not successor:
			frappe.throw(
				_("{0} still has grids below it. Name a successor, or move them first.").format(
					grid.grid_name
				),
				SuccessorError,
			)
		below = frappe.get_doc("Grid", child)
		below.parent_grid = successor.name
		_save(below)
		lines.append(_("{0} now belongs to {1}.").format(below.grid_name, successor.grid_name))
	lines += _move_rows(grid, successor)
	ended = end_posts(grid.name, add_days(getdate(effective_on), -1))
	if ended:
		lines.append(_("Posts in {0} ended: {1}.").format(grid.grid_name, ", ".join(ended)))
	grid.reload()
	grid.status = "Closed"
	_save(grid)
	lines.insert(0, _("{0} is closed.").format(grid.grid_name))
	return lines


def _check_successor(grid: Document, successor: Document) -> None:
	if successor.name == grid.name or successor.grid_path.startswith(grid.grid_path):
		frappe.throw(
			_("{0} cannot go into itself or into a grid below it. Choose another successor.").format(
				grid.grid_name
			),
			SuccessorError,
		)
	if successor.grid_level != grid.grid_level:
		frappe.throw(
			_("{0} is a {1} and {2} a {3}; a grid goes into one of its own level.").format(
				grid.grid_name, grid.grid_level, successor.grid_name, successor.grid_level
			),
			SuccessorError,
		)
	if successor.status != "Active":
		frappe.throw(
			_("{0} is closed itself. Choose another successor.").format(successor.grid_name), SuccessorError
		)


def _move_rows(grid: Document, successor: Document | None) -> list[str]:
	lines, stays = [], {*STAYS, *frappe.get_hooks("grid_history")}
	for doctype in queries.doctypes_with_path():
		if doctype in stays:
			continue
		count = frappe.db.count(doctype, {"grid": grid.name})
		if not count:
			continue
		if not successor:
			frappe.throw(
				_("{0} still has {1} records of the kind {2}. Name a successor that takes them over.").format(
					grid.grid_name, count, _(doctype)
				),
				SuccessorError,
			)
		row = DocType(doctype)
		(
			frappe.qb.update(row)
			.set(row.grid, successor.name)
			.set(row.grid_path, successor.grid_path)
			.where(row.grid == grid.name)
			.run()
		)
		lines.append(
			_("{0}: {1} from {2} to {3}.").format(_(doctype), count, grid.grid_name, successor.grid_name)
		)
	return lines


def _writable(name: str) -> Document:
	grid = frappe.get_doc("Grid", name)
	grid.check_permission("write")
	return grid


def _save(grid: Document) -> None:
	grid.save(ignore_permissions=True)  # `_writable` has judged the stored row and the new parent
