"""Does what a plan says: good rows are written, and whatever is refused now comes back with its reason."""

from collections.abc import Callable
from typing import Any

import frappe

from grid_governance.grid_structure.actions.tree import insert_nodes
from grid_governance.grid_structure.workbook.plan import WORKER_FIELDS, Node, Plan, Step, Worker
from grid_governance.grid_structure.workbook.rules import Problem


def carry_out(plan: Plan, progress: Callable[[int, int], None] = lambda done, total: None) -> None:
	"""Write what *plan* found, each row for itself; a row that is refused moves to `plan.refused`.

	Grids first, set-based; then people and posts by saving each, with the rights of the session user. Running
	it again with the same sheet changes nothing. *progress* is called with rows done and rows in all.
	"""
	_draw(plan)
	kept = []
	for number, step in enumerate(plan.steps, start=1):
		if _write(step):
			kept.append(step)
		else:
			plan.refused.append(step.line)
		progress(number, len(plan.steps))
	plan.steps = kept
	plan.refused.sort(key=lambda line: line.number)


def _draw(plan: Plan) -> None:
	"""Insert the new grids, level by level, so that each finds its parent."""
	new = [node for step in plan.steps for node in step.new_nodes]
	while new:
		ready = [node for node in new if node.parent.name]
		rows = [
			{
				"grid_name": node.title,
				"grid_level": node.level,
				"parent_grid": node.parent.name,
				"grid_code": node.code or None,
				"planned_households": node.households,
			}
			for node in ready
		]
		for node, name in zip(ready, insert_nodes(rows), strict=True):
			node.name = name
		new = [node for node in new if not node.name]


def _write(step: Step) -> bool:
	frappe.db.savepoint("structure_row")
	try:
		_write_households(step.households, step.line.households)
		_write_worker(step)
		_write_post(step)
	except (frappe.ValidationError, frappe.PermissionError) as error:
		frappe.db.rollback(save_point="structure_row")
		frappe.clear_messages()
		step.line.problems.append(Problem("name", "{0}", (str(error),)))
		if step.new_worker:
			step.new_worker.name = None
		return False
	return True


def _write_households(node: Node | None, households: int) -> None:
	if not node:
		return
	grid = frappe.get_doc("Grid", node.name)
	grid.planned_households = households
	grid.save()


def _write_worker(step: Step) -> None:
	if step.new_worker:
		worker = frappe.new_doc("Grid Worker")
		worker.update({"worker_name": step.new_worker.title, "grid": step.new_worker.kept_by.name})
		worker.update(_fields(step.new_worker.values))
		step.new_worker.name = worker.insert().name
	if step.worker_changes:
		known, changed = step.worker_changes
		worker = frappe.get_doc("Grid Worker", _saved(known))
		worker.update(_fields(changed))
		worker.save()


def _write_post(step: Step) -> None:
	if step.new_post:
		held = step.new_post
		frappe.get_doc(
			doctype="Grid Post Assignment",
			worker=_saved(held.worker),
			post=held.post,
			grid=held.node.name,
			from_date=held.from_date,
			to_date=held.to_date,
		).insert()
	if step.until and step.until.name:
		held = frappe.get_doc("Grid Post Assignment", step.until.name)
		held.to_date = step.line.to_date
		held.save()


def _saved(worker: Worker) -> str:
	"""Return the name of *worker*; the row that was to make it may have been refused."""
	if not worker.name:
		frappe.throw(frappe._("{0} was refused in an earlier row.").format(worker.title))
	return worker.name


def _fields(values: dict[str, Any]) -> dict[str, Any]:
	return {WORKER_FIELDS[key]: value for key, value in values.items()}
