"""Issues of a demo with their log: the same rules and the same lines as when people handle them, written as sets."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from random import Random
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.model.workflow import get_workflow
from frappe.query_builder import DocType

from grid_governance.grid_issues import clocks, markers
from grid_governance.grid_issues import rules as handling
from grid_governance.grid_structure.rules import SEGMENT
from grid_governance.setup import seeds
from grid_governance.setup.demo import photos, rules
from grid_governance.setup.demo.manifest import Manifest, name_by_series, write

ISSUE, LOG = "Grid Issue", "Issue Log"


@dataclass(frozen=True)
class Holder:
	"""Someone with an account who holds a post: acts in the steps that its *role* allows."""

	grid: str
	grid_path: str
	user: str
	worker: str
	role: str


@dataclass
class Case:
	"""An issue being made: the row, the lines of its log, and what its texts are drawn from."""

	row: Document
	matter: rules.Matter
	path: str
	needs_photo: bool
	log: list[dict[str, Any]] = field(default_factory=list)


def make(
	data: Mapping[str, Any],
	holders: Mapping[str, list[Holder]],
	made: Manifest,
	random: Random,
	now: datetime,
) -> None:
	"""Write the issues that *data* describes, handled by *holders* (by grid path), with their log and photos."""
	township = _Township(data, holders, random)
	cases = [township.handle(matter) for matter in rules.matters(data, now, random)]
	_name(cases)
	logs = [_log_row(case, line, random) for case in cases for line in case.log]
	issues = [case.row for case in cases]
	for rows in (issues, logs, photos.attached(issues, random)):
		write(rows, made)


def _grids(places: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
	"""Return the grids below each village of *places* (division codes) as (name, path)."""
	found: dict[str, list[tuple[str, str]]] = defaultdict(list)
	grid, village = DocType("Grid"), DocType("Grid").as_("village")
	rows = (
		frappe.qb.from_(grid)
		.join(village)
		.on(village.name == grid.parent_grid)
		.select(village.division_code, grid.name, grid.grid_path)
		.where(village.division_code.isin(list(places)))
		.orderby(grid.grid_path)
		.run()
	)
	for code, name, path in rows:
		found[code].append((name, path))
	return found


class _Township:
	"""Where matters come up and who handles them."""

	def __init__(self, data: Mapping[str, Any], holders: Mapping[str, list[Holder]], random: Random) -> None:
		self.data, self.holders, self.random = data, holders, random
		self.grids = _grids(data["places"])
		self.name_of, self.spans = cache(seeds.name_of), cache(clocks.spans)
		self.transitions = get_workflow(ISSUE).transitions

	def handle(self, matter: rules.Matter) -> Case:
		"""Report *matter* in one of the grids of its village and take its steps as far as the workflow has them."""
		grid, path = self.random.choice(self.grids[matter.place])
		category = frappe.get_cached_doc("Issue Category", self.name_of(matter.kind["category"]))
		reporter = self.random.choice(self.holders[path])
		urgency = category.default_urgency or handling.GENERAL
		row = frappe.new_doc(
			ISSUE,
			title=matter.title,
			category=category.name,
			urgency=urgency,
			source=matter.source,
			grid=grid,
			grid_path=path,
			location_note=matter.location,
			photo_before=photos.BEFORE if category.needs_photo else None,
			found_at=matter.found_at,
			due_by=handling.due_by(matter.found_at, urgency, self.spans(path)),
			reporter_worker=reporter.worker,
			workflow_state=markers.first_state(),
		)
		case = Case(row, matter, path, bool(category.needs_photo))
		_enter(case, None, markers.state(row.workflow_state), None, reporter, matter.found_at)
		for step in matter.steps:
			if not self.take(case, step):
				break
		return case

	def take(self, case: Case, step: rules.Step) -> bool:
		"""Take *step* if the site's workflow offers it to someone in charge; say whether it was taken."""
		before = markers.state(case.row.workflow_state)
		for transition in self.transitions:
			if (transition.state, transition.action) != (before.name, self.name_of(step.action)):
				continue
			actor = self.in_charge(case.path, transition.allowed)
			if actor:
				after = markers.state(transition.next_state)
				case.row.update(self.words(case, before, after))
				_enter(case, before, after, transition.action, actor, step.at)
				return True
		return False

	def in_charge(self, path: str, role: str) -> Holder | None:
		"""Return the nearest holder of *role* at *path* or above it."""
		for length in range(len(path), 0, -SEGMENT):
			for holder in self.holders.get(path[:length], ()):
				if holder.role == role:
					return holder
		return None

	def words(self, case: Case, before: handling.State, after: handling.State) -> dict[str, Any]:
		"""Return what is said at a step: the result, the feedback, or that it is not solved."""
		choose = self.random.choice
		if after.stage == handling.RESOLVED:
			photo = photos.AFTER if case.needs_photo else None
			return {"result": choose(case.matter.kind["results"]), "photo_after": photo}
		if after.stage == handling.FINAL:
			return {
				"feedback": choose(case.matter.kind["feedback"]),
				"satisfaction": choose(self.data["satisfaction"]),
			}
		return {"feedback": choose(self.data["unsolved"])} if before.stage == handling.RESOLVED else {}


def _enter(
	case: Case,
	before: handling.State | None,
	after: handling.State,
	action: str | None,
	actor: Holder,
	at: datetime,
) -> None:
	"""Bring the issue into the state *after* by the rules of handling, and write the line of the log."""
	row = case.row
	facts = handling.Facts(
		result=row.result or "",
		feedback=row.feedback or "",
		photo_after=row.photo_after or "",
		needs_photo=case.needs_photo,
		highest=markers.level(row.resolution_level),
		reopened_count=row.reopened_count or 0,
		due_by=row.due_by,
	)
	if before and (why := handling.refusal(before, after, facts)):
		frappe.throw(f"{row.title}: {before.name} – {after.name}: {why.value}")
	effects = handling.effects(before, after, facts, at)
	row.update({**effects.values, "workflow_state": after.name})
	if not before:
		row.owner, row.creation = actor.user, at
	row.modified_by, row.modified = actor.user, at
	case.log.append(
		{
			"from_state": before.name if before else None,
			"to_state": after.name,
			"action": action,
			"opinion": effects.said,
			"at": at,
			"by_user": actor.user,
			"by_worker": actor.worker,
		}
	)


def _name(cases: list[Case]) -> None:
	"""Name the issues by the year in which each was reported."""
	by_year: dict[int, list[Document]] = defaultdict(list)
	for case in cases:
		by_year[case.matter.found_at.year].append(case.row)
	for year, rows in by_year.items():
		name_by_series(rows, year)


def _log_row(case: Case, line: dict[str, Any], random: Random) -> Document:
	row = frappe.new_doc(LOG, issue=case.row.name, grid=case.row.grid, grid_path=case.path, **line)
	row.name = f"{random.getrandbits(40):010x}"
	row.owner = row.modified_by = line["by_user"]
	row.creation = row.modified = line["at"]
	return row
