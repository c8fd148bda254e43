"""Issues of a demo, with all that handling leaves: the same rules as when people handle them, written as sets."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache, partial
from random import Random
from typing import Any

import frappe
from frappe.model.workflow import get_workflow

from grid_governance.grid_issues import (
	ISSUE,
	REFERRAL,
	clocks,
	informing,
	markers,
	referrals,
	supervision,
	telling,
)
from grid_governance.grid_issues import rules as handling
from grid_governance.grid_issues.rules import supervision as watching
from grid_governance.grid_structure.rules import GRID, SEGMENT, VILLAGE, position
from grid_governance.setup import seeds
from grid_governance.setup.demo import photos, rules
from grid_governance.setup.demo.course import EXTENSION, Case, Clock, Holder, Rows
from grid_governance.setup.demo.manifest import Manifest, series, write_values

WEEK = timedelta(days=7)

WORKING_HOUR = 17
"""When an answer is due on a day that whoever refers a matter has set."""


def make(
	data: Mapping[str, Any],
	texts: Mapping[str, Any],
	holders: Mapping[str, list[Holder]],
	departments: Sequence[tuple[str, Sequence[str]]],
	made: Manifest,
	random: Random,
	now: datetime,
) -> None:
	"""Write the issues that *data* describes, in the words of *texts*, handled by *holders* (by grid path).

	*departments* are (name, codes of the categories that it takes or of their groups). What is written is said in
	README.md.
	"""
	township = _Township(data, texts, holders, departments, random, now)
	with in_language_of_site():
		found = map(township.timed, rules.matters(data, texts, now, random, township.pace))
		for matter in sorted(found, key=lambda each: each.found_at):
			township.handle(matter)
	_write(township.rows, made, random)


@contextmanager
def in_language_of_site() -> Iterator[None]:
	"""Write words in the language of the site meanwhile, whoever loads the demo."""
	before = frappe.local.lang
	frappe.local.lang = frappe.db.get_single_value("System Settings", "language") or before
	try:
		yield
	finally:
		frappe.local.lang = before


class _Township:
	"""Where matters come up and who handles them."""

	def __init__(
		self,
		data: Mapping[str, Any],
		texts: Mapping[str, Any],
		holders: Mapping[str, list[Holder]],
		departments: Sequence[tuple[str, Sequence[str]]],
		random: Random,
		now: datetime,
	) -> None:
		self.data, self.texts, self.holders, self.random, self.now = data, texts, holders, random, now
		self.departments = departments
		self.name_of = cache(seeds.name_of)
		self.transitions = {doctype: get_workflow(doctype).transitions for doctype in (ISSUE, REFERRAL)}
		self.editors = {row.state: row.allow_edit for row in get_workflow(ISSUE).states}
		self.officers = {
			holder.department: holder for held in holders.values() for holder in held if holder.department
		}
		self.clock = Clock.of(min(holders))
		self.reporters = self._reporters()
		self.point = cache(self._point)
		self.rows = Rows()
		self.earlier: dict[str, list[Case]] = defaultdict(list)

	def _reporters(self) -> dict[str, list[list[Holder]]]:
		"""Return who reports, grid by grid, below each village of the data (by division code; "" is all)."""
		may = {rule.role for rule in frappe.get_meta(ISSUE).permissions if rule.create and not rule.permlevel}
		found: dict[str, list[list[Holder]]] = defaultdict(list)
		wanted = {"": ""} | {
			code: frappe.db.get_value("Grid", {"division_code": code}, "grid_path")
			for code in self.data.get("places", {})
		}
		for path, held in self.holders.items():
			here = [holder for holder in held if holder.role in may]
			if here and position(path) >= GRID:
				for code, of_village in wanted.items():
					if path.startswith(of_village):
						found[code].append(here)
		return found

	def pace(self, category: str) -> float:
		"""Return how much longer than a week matters of *category* may take."""
		urgency = self.urgency(self.name_of(category))
		start = datetime(2024, 1, 1)
		return (self.clock.due_by({"urgency": urgency}, start) - start) / WEEK

	def timed(self, matter: rules.Matter) -> rules.Matter:
		"""Return *matter*, found so that the clock acts when its time is over."""
		values = {"urgency": self.urgency(self.name_of(matter.kind["category"])), "source": matter.source}
		return rules.timed_by_clock(matter, partial(self.clock.due_by, values))

	@staticmethod
	def urgency(category: str) -> str:
		"""Return the urgency that *category* proposes."""
		return (
			frappe.get_cached_value("Issue Category", category, "default_urgency") or clocks.default_urgency()
		)

	def handle(self, matter: rules.Matter) -> None:
		"""Report *matter* in one of the grids of its village and take its steps."""
		first = self.repeated(matter)
		there = self.random.choice(self.reporters[matter.place])
		grid, path = there[0].grid, there[0].grid_path
		title, spot = matter.title, matter.spot
		if first:
			grid, path, spot = first.row["grid"], first.row["grid_path"], first.row["location_note"]
			there, title = self.holders[path], f"{spot}{self.random.choice(matter.kind['what'])}"
		category = self.name_of(matter.kind["category"])
		needs_photo = frappe.get_cached_value("Issue Category", category, "needs_photo")
		reporter = self.reporter(matter, [first.reporter] if first else there, path)
		latitude, longitude = self.point(path)
		values = {
			"title": title,
			"description": matter.description if not first else "",
			"category": category,
			"urgency": self.urgency(category),
			"source": matter.source,
			"grid": grid,
			"grid_path": path,
			"location_note": spot,
			"latitude": round(latitude + self.random.gauss(0, 0.001), 6),
			"longitude": round(longitude + self.random.gauss(0, 0.001), 6),
			"photo_before": photos.before(matter.kind.get("scene"), path) if needs_photo else None,
		}
		case = Case(self.rows, self.clock, values, reporter, matter.found_at)
		for step in matter.steps:
			self.take(case, matter, step, first)
		case.wind(self.now)
		if case.state.stage != handling.FINAL or case.state.closes:
			self.earlier[matter.kind["category"]].append(case)

	def repeated(self, matter: rules.Matter) -> Case | None:
		"""Return the last issue of the same kind when *matter* is to be merged into one."""
		needs = (markers.step(self.action(step)).needs for step in matter.steps if _of_workflow(step))
		same = self.earlier[matter.kind["category"]] or [case for of in self.earlier.values() for case in of]
		return same[-1] if handling.DUPLICATE in needs and same else None

	def action(self, step: rules.Step) -> str:
		"""Return the name of the workflow's action that *step* is."""
		return self.name_of(step.action)

	def reporter(self, matter: rules.Matter, there: Sequence[Holder], path: str) -> Holder:
		"""Return who reports *matter*: the holder of the post that its course names, else someone of the grid."""
		if matter.reported_by:
			role = frappe.get_cached_value("Grid Post", self.name_of(matter.reported_by), "role")
			return self.in_charge(path, role)[0]
		return self.random.choice(there)

	def take(self, case: Case, matter: rules.Matter, step: rules.Step, first: Case | None) -> None:
		"""Take *step* as whoever is in charge. Raises when the site's workflow does not offer it to anybody."""
		said = self.random.choice(self.texts["words"].get(step.action.rpartition("/")[2], [""]))
		if not _of_workflow(step):
			self.take_beside(case, step, said)
			return
		action, words = self.action(step), {}
		doctype = REFERRAL if any(row.action == action for row in self.transitions[REFERRAL]) else ISSUE
		state = case.state if doctype == ISSUE else case.state_of(step.party)
		options = [
			row for row in self.transitions[doctype] if (row.state, row.action) == (state.name, action)
		]
		if doctype == REFERRAL:
			row, actor = self.officer(case, options, step.party)
			if markers.state(row.next_state).stage == handling.RESOLVED:
				said = self.random.choice(matter.kind.get("answers") or matter.kind["results"])
			case.answer(step.party, action, row.next_state, actor, step.at, said)
			return
		row, actor = self.actor(case, options, step)
		after, needs = markers.state(row.next_state), markers.step(action).needs
		if after.stage == handling.RESOLVED:
			words["result"] = self.random.choice(matter.kind["results"])
			words["photo_after"] = photos.after(case.row["photo_before"])
		elif after.closes:
			words["feedback"] = self.random.choice(matter.kind["feedback"])
			words["satisfaction"] = self.random.choice(self.texts["satisfaction"])
		if needs == handling.DUPLICATE:
			words["duplicate_of"] = first.row
		elif needs == handling.DEPARTMENTS:
			words["order"] = self.order(matter, step)
		elif needs == handling.INSTRUCTION:
			words |= self.instruction(matter, step)
		case.step(action, row.next_state, actor, step.at, said, **words)

	def take_beside(self, case: Case, step: rules.Step, said: str) -> None:
		"""Take a *step* that is none of the workflow's: the clock's own, of more time, of those above."""
		kind, _slash, action = step.action.partition("/")
		if kind == "issue_extension":
			self.take_time(case, step, said)
		elif step.action == rules.CLOCK:
			case.climb(step.at)
		elif action == "tell":
			way = self.random.choice(informing.ways(frappe.new_doc(ISSUE)))
			case.tell(way, self.in_charge(case.path, self.editors[case.state.name])[0], step.at, said)
		elif action == "urge":
			case.urge(self.above(case, case.state), step.at, said)
		elif action == "explain":
			role = min(telling.acting(ISSUE)[case.settled_in.name])
			case.explain(self.in_charge(case.path, role)[0], step.at, said)
		else:
			verdict = watching.PRAISE if action == "praise" else watching.QUERY
			case.judge(verdict, self.above(case, case.settled_in), step.at, said)

	def above(self, case: Case, state: handling.State) -> Holder:
		"""Return somebody who stands above *case* in *state*."""
		roles = sorted(watching.above(state, supervision.desks()))
		return next(holder for role in roles for holder in self.in_charge(case.path, role))

	def instruction(self, matter: rules.Matter, step: rules.Step) -> dict[str, Any]:
		"""Return what those below are told to do, and by when: within three days, less for urgent matters."""
		by = step.at + timedelta(days=3 * min(self.pace(matter.kind["category"]), 1))
		return {
			"instruction": self.random.choice(self.texts["instructions"]),
			"instruction_due": by.replace(minute=0, second=0, microsecond=0),
		}

	def take_time(self, case: Case, step: rules.Step, said: str) -> None:
		"""Ask for more time as whoever may edit the issue now, or decide it as her superior."""
		if step.action.endswith("/ask"):
			until = case.row["due_by"] + self.random.choice((3, 5, 7)) * timedelta(days=1)
			case.ask_time(until, self.in_charge(case.path, self.editors[case.state.name])[0], step.at, said)
			return
		role = frappe.get_cached_value("Resolution Level", case.request["level"], "extension_role")
		decider = self.in_charge(case.path, role)[0]
		case.decide_time(step.action.endswith("/grant"), decider, step.at, said)

	def actor(self, case: Case, options: Sequence[Any], step: rules.Step) -> tuple[Any, Holder]:
		"""Return the transition of *options* that is taken and who takes it: the reporter where she may."""
		found = [(row, holder) for row in options for holder in self.in_charge(case.path, row.allowed)]
		mine = [(row, holder) for row, holder in found if holder.user == case.reporter.user]
		if not found:
			frappe.throw(f"{case.row['title']}: {case.state.name} – {step.action}")
		return (mine or found)[0]

	def officer(self, case: Case, options: Sequence[Any], party: int) -> tuple[Any, Holder]:
		"""Return the transition that is taken for a department and who takes it: its officer, else the township."""
		department = case.department(party)
		for row in options:
			if department in self.officers and self.officers[department].role == row.allowed:
				return row, self.officers[department]
		for row in options:
			for holder in self.in_charge(case.path, row.allowed):
				return row, holder
		frappe.throw(f"{case.row['title']}: {department}")

	def in_charge(self, path: str, role: str) -> list[Holder]:
		"""Return the nearest holders of *role* at *path* or above it, in random order; none work for a department."""
		for length in range(len(path), 0, -SEGMENT):
			here = [
				holder
				for holder in self.holders.get(path[:length], ())
				if holder.role == role and not holder.department
			]
			if here:
				self.random.shuffle(here)
				return here
		return []

	def order(self, matter: rules.Matter, step: rules.Step) -> referrals.Order:
		"""Return which departments are asked: the one that takes the category leads; some set a day of their own."""
		code = matter.kind["category"].rpartition("/")[2]
		lead = next(
			(name for name, takes in self.departments if any(code.startswith(each) for each in takes)),
			self.departments[-1][0],
		)
		others = [name for name, _takes in self.departments if name != lead]
		asked = self.random.sample(others, min(max(step.party - 1, 0), len(others)))
		answer_by: Any = ""
		if self.random.random() < 0.5:
			day = step.at + timedelta(days=self.random.randint(3, 6))
			answer_by = day.replace(hour=WORKING_HOUR, minute=0)
		return referrals.Order(lead, tuple(asked), answer_by)

	def _point(self, path: str) -> tuple[float, float]:
		"""Return where the grid at *path* lies."""
		return rules.strewn(self.data["centre"], path[: VILLAGE * SEGMENT], path)


def _of_workflow(step: rules.Step) -> bool:
	return step.action.startswith("workflow_action_master/")


def _write(rows: Rows, made: Manifest, random: Random) -> None:
	"""Name the rows and write them; a row that another one points to gives its name."""
	for doctype in (ISSUE, REFERRAL, EXTENSION):
		by_year: dict[int, list[dict[str, Any]]] = defaultdict(list)
		for row in rows.of.get(doctype, ()):
			by_year[row["creation"].year].append(row)
		for year, of_year in by_year.items():
			for row, name in zip(of_year, series(doctype, len(of_year), year), strict=True):
				row["name"] = name
	made.add(ISSUE, *(row["name"] for row in rows.of[ISSUE]))
	rows.of["File"] = [
		file
		for doctype in (ISSUE, REFERRAL)
		for row in rows.of.get(doctype, ())
		for file in photos.attached(doctype, row)
	]
	for doctype, of_doctype in rows.of.items():
		for row in of_doctype:
			row.setdefault("name", f"{random.getrandbits(40):010x}")
		write_values(doctype, [_pointed(row) for row in of_doctype])


def _pointed(row: dict[str, Any]) -> dict[str, Any]:
	return {key: value["name"] if isinstance(value, dict) else value for key, value in row.items()}
