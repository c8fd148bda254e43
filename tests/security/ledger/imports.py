"""What a file would do in somebody's name, without a file: rows by the keys of their targets, planned as she plans them."""

from collections.abc import Mapping
from typing import Any

import frappe
from frappe.utils import getdate

from grid_governance.grid_ledger.importing import columns, flat, lines
from grid_governance.grid_ledger.importing.families import families
from grid_governance.grid_ledger.importing.plan import Planner
from grid_governance.grid_ledger.importing.shapes import Answer, Outcome, Part

Row = dict[str, Any]


def planned(
	user: str, root: str, *rows: Row, answers: Mapping[tuple[int, int], Answer] | None = None
) -> Part:
	"""What *rows* (cells by target, from row 2 of sheet 0 on) do below the grid *root* in the name of *user*."""
	before = frappe.session.user
	frappe.set_user(user)
	try:
		targets = columns.targets(columns.PEOPLE)
		keys = [key for key in dict.fromkeys(key for row in rows for key in row) if key in targets]
		read = lines.reader({at: targets[key] for at, key in enumerate(keys)}, getdate())
		found = [
			read(0, number, [row.get(key, "") for key in keys]) for number, row in enumerate(rows, start=2)
		]
		planner = Planner(root, {key: targets[key] for key in keys}, answers or {}, getdate())
		return planner.part(families(line for line in found if line))
	finally:
		frappe.set_user(before)


def planned_flat(kind: str, user: str, root: str, *rows: Row) -> Part:
	"""The same for a file of *kind*: places, facilities or organisations."""
	before = frappe.session.user
	frappe.set_user(user)
	try:
		targets = columns.targets(kind)
		keys = [key for key in dict.fromkeys(key for row in rows for key in row) if key in targets]
		read = lines.reader({at: targets[key] for at, key in enumerate(keys)}, getdate())
		found = [
			read(0, number, [row.get(key, "") for key in keys]) for number, row in enumerate(rows, start=2)
		]
		planner = flat.Planner(kind, root, {key: targets[key] for key in keys}, {})
		return planner.part(flat.together(kind, [line for line in found if line]))
	finally:
		frappe.set_user(before)


def told(part: Part) -> list[Row]:
	"""What whoever imports is told of each row, in the order of the file."""
	return [_told(each) for each in sorted(part.outcomes, key=lambda each: each.line.number)]


def _told(outcome: Outcome) -> Row:
	return {
		"verdict": outcome.verdict.value,
		"problems": [(each.target, each.message) for each in outcome.line.problems],
		"changes": [(each.label, each.old, each.new) for each in outcome.changes],
		"alike": outcome.alike,
		"question": outcome.question,
		"candidates": [(each.name, each.label) for each in outcome.candidates],
	}


def written(part: Part) -> dict[str, int]:
	"""How many new rows a part has by DocType, its secrets and its updates among them."""
	counts = {doctype: len(rows) for doctype, rows in part.new.items() if rows}
	return counts | {key: len(got) for key in ("secrets", "updates") if (got := getattr(part, key))}


def head(grid: str, number: str = "990001", **more: Any) -> Row:
	"""The row of a head whom nobody knows yet, with a new household in *grid*; *more* by keys with __ for the dot."""
	place = frappe.db.get_value("Grid", grid, ["grid_name", "parent_grid"], as_dict=True)
	row = {
		"Grid.village": frappe.db.get_value("Grid", place.parent_grid, "grid_name"),
		"Grid.name": place.grid_name,
		"Household.household_no": number,
		"Resident.resident_name": "巫马新",
		"Resident.relation_to_head": "Head",
	}
	return row | {key.replace("__", "."): value for key, value in more.items()}
