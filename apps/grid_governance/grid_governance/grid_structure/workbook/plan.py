"""What each row of the sheet would do, found without writing anything."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from grid_governance import scope
from grid_governance.grid_structure import rules as structure
from grid_governance.grid_structure.workbook.rules import Line, Problem, village_key
from grid_governance.spreadsheet.cells import fold

WORKER_FIELDS = {"phone": "phone", "sex": "sex", "employer": "employer", "party_member": "is_party_member"}
"""Fields of Grid Worker by the column that fills them; an empty cell changes nothing."""


@dataclass
class Node:
	"""A grid that is there (`name` is set) or is to be made."""

	title: str
	level: str
	parent: "Node | None"
	name: str | None = None
	code: str = ""
	households: int = 0
	path: str = ""


@dataclass
class Worker:
	"""A worker who is there (`name` is set) or is to be made."""

	title: str
	kept_by: Node
	name: str | None = None
	values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Held:
	"""A post that is held (`name` is set) or is to be."""

	worker: Worker
	post: str
	node: Node
	from_date: date
	to_date: date | None
	name: str | None = None


@dataclass
class Step:
	"""What one row does."""

	line: Line
	new_nodes: list[Node] = field(default_factory=list)
	households: Node | None = None
	new_worker: Worker | None = None
	worker_changes: tuple[Worker, dict[str, Any]] | None = None
	new_post: Held | None = None
	until: Held | None = None

	@property
	def changes(self) -> int:
		"""How many existing rows it changes."""
		return sum(bool(change) for change in (self.households, self.worker_changes, self.until))

	@property
	def does_nothing(self) -> bool:
		"""Whether everything in the row is there already."""
		return not (self.changes or self.new_nodes or self.new_worker or self.new_post)


class Plan:
	"""The rows of a sheet against what lies below *root*; `steps` in their order, refused ones in `refused`."""

	def __init__(self, root: Document, lines: Iterable[Line]) -> None:
		self.root = Node(
			root.grid_name, root.grid_level, None, root.name, root.grid_code, path=root.grid_path
		)
		self.steps: list[Step] = []
		self.refused: list[Line] = []
		self._may_draw = scope.covers(root.grid_path, frappe.session.user, "Grid", "create")
		self._levels = {
			level.position: level.name
			for level in frappe.get_all("Grid Level", fields=["name", "position"], order_by="position asc")
		}
		self._posts = {
			post.name: post
			for post in frappe.get_all(
				"Grid Post",
				fields=["name", "applies_to_level", "max_per_grid"],
				order_by="name asc",
				limit_page_length=0,
			)
		}
		self._read_nodes()
		self._read_workers()
		self._read_held()
		for line in lines:
			step = self._step(line)
			if line.problems:
				self.refused.append(line)
			else:
				self.steps.append(step)

	def figures(self) -> dict[str, int]:
		"""Return how many rows there are, are refused and change nothing, and what is made and changed."""
		return {
			"rows_read": len(self.steps) + len(self.refused),
			"rows_refused": len(self.refused),
			"rows_unchanged": sum(step.does_nothing for step in self.steps),
			"new_grids": sum(len(step.new_nodes) for step in self.steps),
			"new_workers": sum(bool(step.new_worker) for step in self.steps),
			"new_posts": sum(bool(step.new_post) for step in self.steps),
			"changes": sum(step.changes for step in self.steps),
		}

	def _below(self, doctype: str, fields: list[str], order_by: str) -> list[frappe._dict]:
		within = scope.rules.subtree(self.root.path)
		return frappe.get_all(
			doctype,
			filters=[["grid_path", ">=", within.lo], ["grid_path", "<", within.hi]],
			fields=fields,
			order_by=order_by,
			limit_page_length=0,
		)

	def _read_nodes(self) -> None:
		rows = self._below(
			"Grid",
			[
				"name",
				"grid_name",
				"grid_level",
				"parent_grid",
				"grid_path",
				"grid_code",
				"planned_households",
				"status",
			],
			"grid_path asc",
		)
		self._nodes: dict[str, Node] = {self.root.name: self.root}
		self._by_code: dict[str, Node] = {}
		self._by_title: dict[tuple[str, str], Node] = {}
		for row in rows:
			if row.status != "Active":
				continue
			node = self._nodes.get(row.name) or Node(
				row.grid_name, row.grid_level, self._nodes.get(row.parent_grid), row.name
			)
			node.code, node.households, node.path = row.grid_code, row.planned_households or 0, row.grid_path
			self._nodes[row.name] = self._by_code[row.grid_code] = node
			if node.parent:
				self._by_title[(_key(node.parent), fold(row.grid_name))] = node

	def _read_workers(self) -> None:
		rows = self._below(
			"Grid Worker",
			["name", "worker_name", "grid", "phone", "sex", "employer", "is_party_member"],
			"creation asc",
		)
		self._by_phone: dict[str, Worker] = {}
		self._by_name: dict[str, list[Worker]] = defaultdict(list)
		self._workers: dict[str, Worker] = {}
		for row in rows:
			kept_by = self._nodes.get(row.grid)
			if not kept_by:
				continue  # kept by a grid that is closed
			values = {key: row[fieldname] or "" for key, fieldname in WORKER_FIELDS.items()}
			self._know(Worker(row.worker_name, kept_by, row.name, values))

	def _know(self, worker: Worker) -> None:
		self._by_name[worker.title].append(worker)
		if worker.name:
			self._workers[worker.name] = worker
		if worker.values.get("phone"):
			self._by_phone[worker.values["phone"]] = worker

	def _read_held(self) -> None:
		rows = self._below(
			"Grid Post Assignment",
			["name", "worker", "post", "grid", "from_date", "to_date"],
			"from_date asc",
		)
		self._held: dict[tuple[str, str], list[Held]] = defaultdict(list)
		for row in rows:
			worker, node = self._workers.get(row.worker), self._nodes.get(row.grid)
			if worker and node:
				held = Held(worker, row.post, node, row.from_date, row.to_date, row.name)
				self._held[(row.post, _key(node))].append(held)

	def _step(self, line: Line) -> Step:
		"""Return what *line* does. A refused one leaves nothing behind that a later row could rest on."""
		step = Step(line)
		node = self._node(line, step)
		if node and line.has_person and not line.problems:
			self._person(line, step, node)
		if not line.problems:
			self._remember(step)
		return step

	def _remember(self, step: Step) -> None:
		for made in step.new_nodes:
			self._by_title[(_key(made.parent), fold(made.title))] = made
			if made.code:
				self._by_code[made.code] = made
		if step.households:
			step.households.households = step.line.households
		if step.new_worker:
			self._know(step.new_worker)
		if step.worker_changes:
			worker, changed = step.worker_changes
			worker.values.update(changed)
			if "phone" in changed:
				self._by_phone[changed["phone"]] = worker
		if step.new_post:
			self._held[(step.new_post.post, _key(step.new_post.node))].append(step.new_post)
		if step.until:
			step.until.to_date = step.line.to_date

	def _node(self, line: Line, step: Step) -> Node | None:
		"""Return the grid that *line* is about; grids it names and that are not there are noted in *step*."""
		node = self._village(line)
		if node and line.area:
			node = self._child(line, step, node, line.area, structure.AREA)
		if node and (line.grid or line.grid_code):
			node = self._grid(line, step, node)
		if node and line.households and node not in step.new_nodes and node.households != line.households:
			step.households = node
		return node

	def _village(self, line: Line) -> Node | None:
		at = structure.position(self.root.path)
		if at >= structure.VILLAGE:
			if line.village and not _is_village(self.root, line.village):
				return _refuse(
					line,
					"village",
					_("Only {0} is imported here; {1} is another village."),
					self.root.title,
					line.village,
				)
			return self.root
		if not line.village:
			return (
				self.root
				if not (line.area or line.grid)
				else _refuse(line, "village", _("The village is missing."))
			)
		found = [
			node
			for node in self._nodes.values()
			if structure.position(node.path) == structure.VILLAGE and _is_village(node, line.village)
		]
		if len(found) == 1:
			return found[0]
		if found:
			return _refuse(
				line,
				"village",
				_("{0} is the name of {1} villages. Write the 12-digit code."),
				line.village,
				len(found),
			)
		return _refuse(
			line,
			"village",
			_("{0} has no village {1}. Bring in the villages first, or correct the name."),
			self.root.title,
			line.village,
		)

	def _grid(self, line: Line, step: Step, parent: Node) -> Node | None:
		known = self._by_code.get(line.grid_code) if line.grid_code else None
		if not known:
			if not line.grid:
				return _refuse(
					line, "grid_code", _("There is no grid with the code {0} here."), line.grid_code
				)
			return self._child(line, step, parent, line.grid, structure.GRID)
		if known is not parent and not _lies_in(known, parent):
			return _refuse(
				line, "grid_code", _("The grid {0} does not lie in {1}."), line.grid_code, parent.title
			)
		return known

	def _child(self, line: Line, step: Step, parent: Node, title: str, at: int) -> Node | None:
		known = self._by_title.get((_key(parent), fold(title)))
		if known:
			return known
		if not self._may_draw:
			return _refuse(line, "grid", _("{0} is not there, and you may not draw grids here."), title)
		is_grid = at == structure.GRID
		made = Node(title, self._levels[at], parent, code=line.grid_code if is_grid else "")
		made.households = line.households if is_grid else 0
		step.new_nodes.append(made)
		return made

	def _person(self, line: Line, step: Step, node: Node) -> None:
		post = self._posts.get(line.post)
		if not post:
			return _refuse(line, "post", _("There is no post {0}. Choose one from the list."), line.post)
		if post.applies_to_level and post.applies_to_level != node.level:
			return _refuse(
				line,
				"post",
				_("{0} is a post of the level {1}; {2} is a {3}."),
				line.post,
				post.applies_to_level,
				node.title,
				node.level,
			)
		worker = self._worker(line, step, node)
		if worker:
			self._post(line, step, worker, node, post.max_per_grid)

	def _worker(self, line: Line, step: Step, node: Node) -> Worker | None:
		worker = self._by_phone.get(line.phone) if line.phone else None
		if worker and worker.title != line.name:
			return _refuse(
				line,
				"phone",
				_("{0} is the number of {1}. Correct the name or the number."),
				line.phone,
				worker.title,
			)
		if not worker:
			same = [
				other
				for other in self._by_name[line.name]
				if _village_of(other.kept_by) is _village_of(node)
				and (not line.phone or not other.values.get("phone"))
			]
			if len(same) > 1:
				return _refuse(
					line,
					"name",
					_("{0} people here are called {1}. Add the phone number."),
					len(same),
					line.name,
				)
			worker = same[0] if same else None
		given = {key: getattr(line, key) for key in WORKER_FIELDS if getattr(line, key)}
		if not worker:
			step.new_worker = Worker(line.name, node, values=given)
			return step.new_worker
		changed = {key: value for key, value in given.items() if worker.values.get(key) != value}
		if changed:
			step.worker_changes = (worker, changed)
		return worker

	def _post(self, line: Line, step: Step, worker: Worker, node: Node, most: int) -> None:
		begin = line.from_date or getdate()
		held = self._held[(line.post, _key(node))]
		overlapping = [
			one for one in held if structure.periods_overlap(begin, line.to_date, one.from_date, one.to_date)
		]
		mine = [one for one in overlapping if one.worker is worker]
		if mine:
			if line.to_date and mine[0].to_date != line.to_date:
				step.until = mine[0]
			return
		if most and len(overlapping) >= most:
			names = ", ".join(one.worker.title for one in overlapping)
			_refuse(
				line,
				"post",
				_("{0} in {1} is held by {2} already; there is room for {3}."),
				line.post,
				node.title,
				names,
				most,
			)
			return
		step.new_post = Held(worker, line.post, node, begin, line.to_date)


def explain(problem: Problem) -> str:
	"""Return why a row is refused, in the reader's language."""
	return _(problem.message).format(*problem.values)


def _refuse(line: Line, column: str, message: str, *values: Any) -> None:
	line.problems.append(Problem(column, message, values))


def _is_village(node: Node, said: str) -> bool:
	return said == node.code or village_key(fold(said)) == village_key(fold(node.title))


def _key(node: Node) -> str:
	return node.name or f"{_key(node.parent)}/{node.title}"


def _lies_in(node: Node | None, parent: Node) -> bool:
	while node:
		if node is parent:
			return True
		node = node.parent
	return False


def _village_of(node: Node) -> Node:
	while node.parent and (not node.path or structure.position(node.path) > structure.VILLAGE):
		node = node.parent
	return node
