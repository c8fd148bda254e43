"""The visits of a demo with their rounds and must-visits, written as sets, as the saves of visits would leave them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import frappe
from frappe.query_builder import DocType
from pypika.functions import IfNull

from grid_governance.grid_ledger import CARE, HOUSEHOLD
from grid_governance.grid_structure.queries import setting
from grid_governance.grid_structure.rules import GRID, SEGMENT
from grid_governance.grid_visits import CHAT_GROUP, MUST_VISIT, ROUND, ROUND_HOUSEHOLD, VISIT, rounds
from grid_governance.grid_visits import rules as visiting
from grid_governance.setup.demo.calls import MET, NOBODY_HOME, Call, calls
from grid_governance.setup.demo.course import Holder
from grid_governance.setup.demo.grids import Tree
from grid_governance.setup.demo.manifest import insert

PERSON, SUBJECT, EFFECT = "Visit Person", "Visit Subject", "Visit Effect"

FIGURES = ("ordinary_households", "ordinary_visited", "must_due", "must_done")
"""What a round counts."""

PROMISED = 0.06
"""Share of the visits at which somebody promised to come again."""

Row = dict[str, Any]
Period = tuple[date, date]


@dataclass
class InCare:
	"""A row of care that wants visits: since when, how many days apart, and until when the next one is due."""

	since: date
	days: int
	due: date


@dataclass
class Home:
	"""A household; in what care its people are, by resident, and what its visits have come to."""

	name: str
	head: str
	grid: str
	grid_path: str
	residence_state: str
	point: tuple[float, float]
	must: dict[str, list[InCare]] = field(default_factory=dict)
	visits: list[Row] = field(default_factory=list)

	@property
	def counted(self) -> bool:
		"""Whether it is an ordinary household, which a round counts."""
		return self.residence_state in visiting.ORDINARY

	@property
	def place(self) -> Row:
		"""Where its rows lie."""
		return {"grid": self.grid, "grid_path": self.grid_path}


class Visits:
	"""Draws what `visits` of a demo says; *texts*: what is said at doors; *holders* by grid path."""

	def __init__(
		self,
		wanted: Mapping[str, Any],
		texts: Mapping[str, Any],
		tree: Tree,
		holders: Mapping[str, list[Holder]],
		random: Random,
		now: datetime,
	) -> None:
		self.texts, self.holders, self.random, self.now = texts, holders, random, now
		grids = tree.holding()
		self.paths = [grid.grid_path for grid in grids]
		self.villages = list(dict.fromkeys(grid.village for grid in grids))
		self.visited = {grid.name for grid in grids[: wanted.get("grids", len(grids))]}
		cycle = setting(min(self.paths), "visit_cycle") or "Monthly"
		self.periods = _periods(cycle, now.date(), wanted.get("rounds", 1))
		self.homes = _homes([grid.name for grid in grids])
		self.rounds = {
			(grid.name, start): self._hash()
			for start, _end in self.periods
			for grid in grids
			if grid.name in self.visited
		}
		self.figures: dict[tuple[str, date], Counter[str]] = defaultdict(Counter)
		self.tree, self.in_groups = tree, wanted.get("in_groups", 0)
		self.topics = frappe.get_all("Visit Topic", {"active": 1}, pluck="name", order_by="position asc")
		self.may_visit = {
			rule.role for rule in frappe.get_meta(VISIT).permissions if rule.create and not rule.permlevel
		}
		self.waiting: dict[str, list[Row]] = defaultdict(list)

	def draw(self) -> None:
		"""Let the households be called on."""
		for resident, household, care in _in_care(self.visited):
			self.homes[household].must.setdefault(resident, []).append(care)
		for home in self.homes.values():
			if home.grid in self.visited:
				self._call_on(home)

	def write(self) -> None:
		"""Write all of it, then open by the job's own statements what is left: the rounds of those not called on."""
		for home in self.homes.values():
			if home.grid in self.visited:
				self._visits(home)
				self._must_visits(home)
				self._rows_of_rounds(home)
		self._rounds()
		self._groups()
		for doctype, rows in self.waiting.items():
			insert(f"tab{doctype}", tuple(rows[0]), (tuple(row.values()) for row in rows))
		within = min(self.paths), max(self.paths) + "z"
		_set_days(within)
		_join_groups(within, self.in_groups)
		for village in self.villages:
			rounds.open_in(village, self.now.date())

	def _call_on(self, home: Home) -> None:
		every = min((care.days for cares in home.must.values() for care in cares), default=None)
		worker = self.random.choice(self._members(home.grid_path))
		for call in calls(self.periods, every, self.now, self.random):
			home.visits.append(self._visit(home, call, worker))
		again: date | None = None
		for visit in reversed(home.visits):
			visit["returned_on"] = again if visit["return_on"] else None
			again = visit["visited_at"].date() if visit["outcome"] == MET else again

	def _visit(self, home: Home, call: Call, worker: Holder) -> Row:
		met = call.outcome == MET
		promised = met and self.random.random() < PROMISED
		entered = min(call.at + timedelta(minutes=self.random.randint(1, 20)), self.now)
		return {
			"name": self._hash(),
			**_stamps(worker.user, entered),
			"household": home.name,
			"visit_kind": "Must-Visit" if home.must else "Ordinary",
			"outcome": call.outcome,
			"visited_at": call.at,
			"worker": worker.worker,
			"entered_at": entered,
			"note": self.random.choice(self.texts["notes"]) if met else None,
			"return_on": call.at.date() + timedelta(days=self.random.randint(2, 9)) if promised else None,
			"return_note": self.random.choice(self.texts["returns"]) if promised else None,
			"returned_on": None,
			"latitude": home.point[0],
			"longitude": home.point[1],
			"client_key": f"demo-{self._hash()}",
			**home.place,
		}

	def _members(self, path: str) -> list[Holder]:
		"""The nearest ones at *path* or above it who enter visits."""
		for length in range(len(path), 0, -SEGMENT):
			here = [
				holder
				for holder in self.holders.get(path[:length], ())
				if holder.role in self.may_visit and not holder.department
			]
			if here:
				return here
		frappe.throw(f"{path}: {VISIT}")

	def _visits(self, home: Home) -> None:
		for visit in home.visits:
			self.waiting[VISIT].append(visit)
			if visit["outcome"] != MET:
				continue
			people = dict.fromkeys([home.head, *home.must])
			self._children(visit, PERSON, "residents_met", ({"resident": each} for each in people))
			about = self.random.sample(self.topics, min(len(self.topics), 1))
			self._children(visit, SUBJECT, "topics", ({"topic": topic} for topic in about))

	def _children(
		self, visit: Row, doctype: str, parentfield: str, rows: Sequence[Row] | Iterator[Row]
	) -> None:
		stamps = _stamps(visit["owner"], visit["creation"])
		parent = {"parent": visit["name"], "parenttype": VISIT, "parentfield": parentfield}
		self.waiting[doctype] += [
			{"name": self._hash(), **stamps, **parent, "idx": idx, **row} for idx, row in enumerate(rows, 1)
		]

	def add_effect(self, visit: Row, **values: str) -> None:
		"""Note what *visit* has done elsewhere."""
		self._children(visit, EFFECT, "effects", [values])

	def _must_visits(self, home: Home) -> None:
		"""The closed rows of those whom the visits have served, and the open one of each."""
		met = [visit for visit in home.visits if visit["outcome"] == MET]
		for resident, cares in home.must.items():
			rows = []
			for visit in met:
				day = visit["visited_at"].date()
				if begun := [care for care in cares if care.since <= day]:
					rows.append(self._must_visit(home, resident, cares, visit))
					rows[0]["due_on"] = min(rows[0]["due_on"], day)
					for care in begun:
						care.due = day + timedelta(days=care.days)
			rows.append(self._must_visit(home, resident, cares, None))
			self._count_due(home.grid, rows)
			self.waiting[MUST_VISIT] += rows

	def _must_visit(self, home: Home, resident: str, cares: Sequence[InCare], visit: Row | None) -> Row:
		stamps = _stamps(visit["owner"], visit["entered_at"]) if visit else _stamps("Administrator", self.now)
		return {
			"name": self._hash(),
			**stamps,
			"resident": resident,
			"household": home.name,
			"due_on": min(care.due for care in cares),
			"interval_days": min(care.days for care in cares),
			"done_at": visit and visit["visited_at"],
			"visit": visit and visit["name"],
			"round": None,
			**home.place,
		}

	def _count_due(self, grid: str, rows: Sequence[Row]) -> None:
		"""Let each round count, of the *rows* of a person in their order, the one that was open when it began, if due in it."""
		for start, end in self.periods:
			row = next(row for row in rows if not row["done_at"] or row["done_at"].date() >= start)
			if row["due_on"] <= end:
				row["round"] = self.rounds[grid, start]
				figures = self.figures[grid, start]
				figures["must_due"] += 1
				figures["must_done"] += bool(row["done_at"] and row["done_at"].date() <= end)

	def _rows_of_rounds(self, home: Home) -> None:
		if not home.counted:
			return
		for start, end in self.periods:
			there = [visit for visit in home.visits if start <= visit["visited_at"].date() <= end]
			first = next((visit for visit in there if visit["outcome"] == MET), None)
			tries = [visit for visit in there if visit["outcome"] == NOBODY_HOME]
			self.figures[home.grid, start]["ordinary_households"] += 1
			self.figures[home.grid, start]["ordinary_visited"] += bool(first)
			opened = datetime.combine(start, datetime.min.time())
			self.waiting[ROUND_HOUSEHOLD].append(
				{
					"name": self._hash(),
					**_stamps("Administrator", opened),
					"round": self.rounds[home.grid, start],
					"household": home.name,
					"period_start": start,
					"counted": 1,
					"visited_at": first and first["visited_at"],
					"visit": first and first["name"],
					"tried_at": tries[-1]["visited_at"] if tries else None,
					"tries": len(tries),
					**home.place,
				}
			)

	def _rounds(self) -> None:
		places = {grid.name: {"grid": grid.name, "grid_path": grid.grid_path} for grid in self.tree.holding()}
		for (grid, start), name in self.rounds.items():
			end = dict(self.periods)[start]
			opened, closed = (
				datetime.combine(day, datetime.min.time()) for day in (start, end + timedelta(days=1))
			)
			over = closed <= self.now
			self.waiting[ROUND].append(
				{
					"name": name,
					**_stamps("Administrator", opened),
					"status": "Closed" if over else "Open",
					"period_start": start,
					"period_end": end,
					"opened_at": opened,
					"closed_at": closed if over else None,
					**{figure: self.figures[grid, start][figure] for figure in FIGURES},
					**places[grid],
				}
			)

	def _groups(self) -> None:
		"""A chat group of each grid, kept by one of its members."""
		if not self.in_groups:
			return
		for path in dict.fromkeys(path[: GRID * SEGMENT] for path in self.paths):
			grid, keeper = self.tree.at_path(path), self._members(path)[0]
			self.waiting[CHAT_GROUP].append(
				{
					"name": self._hash(),
					**_stamps(keeper.user, self.now),
					"group_name": self.texts["group"].format(grid=grid.grid_name),
					"grid": grid.name,
					"grid_path": path,
					"keeper": keeper.worker,
					"opened_on": self.periods[0][0],
					"active": 1,
				}
			)

	def _hash(self) -> str:
		return f"{self.random.getrandbits(64):016x}"


def _stamps(user: str, at: datetime) -> Row:
	return {"owner": user, "creation": at, "modified_by": user, "modified": at}


def _periods(cycle: str, today: date, count: int) -> list[Period]:
	"""Return the *count* periods of *cycle* up to that of *today*, in order."""
	found = [visiting.period(cycle, today)]
	while len(found) < count:
		found.insert(0, visiting.period(cycle, found[0][0] - timedelta(days=1)))
	return found


def _homes(grids: Sequence[str]) -> dict[str, Home]:
	"""Return the households of *grids*, by name, in the order of their numbers."""
	home = DocType(HOUSEHOLD)
	rows = (
		frappe.qb.from_(home)
		.select(home.name, home.head, home.grid, home.grid_path, home.residence_state)
		.select(home.latitude, home.longitude)
		.where(home.grid.isin(grids) & (home.status == "Active") & (IfNull(home.merged_into, "") == ""))
		.orderby(home.grid_path, home.household_no)
		.run()
	)
	return {row[0]: Home(*row[:5], point=(row[5], row[6])) for row in rows}


def _in_care(grids: set[str]) -> Iterator[tuple[str, str, InCare]]:
	"""Yield (resident, household, care) of those in *grids* who are in care that wants visits."""
	care, category = DocType(CARE), DocType("Care Category")
	rows = (
		frappe.qb.from_(care)
		.join(category)
		.on(category.name == care.category)
		.select(care.resident, care.household, care.since, category.visit_interval_days, care.next_visit_due)
		.where(care.grid.isin(sorted(grids)) & care.until.isnull())
		.where((category.must_visit == 1) & care.next_visit_due.isnotnull())
		.orderby(care.household, care.resident, care.name)
		.run()
	)
	for resident, household, *care_row in rows:
		yield resident, household, InCare(*care_row)


def _set_days(within: tuple[str, str]) -> None:
	"""Set of each household when it was last visited, and in each row of care until when it is next."""
	frappe.db.sql(
		"""update `tabHousehold` home
		join (select household, max(date(visited_at)) as day from `tabHousehold Visit`
			where grid_path >= %s and grid_path < %s and outcome = 'Met' group by household
		) last on last.household = home.name
		set home.last_visit_on = last.day""",
		within,
	)
	frappe.db.sql(
		"""update `tabResident Care` care
		join (select resident, max(date(done_at)) as day from `tabMust Visit`
			where grid_path >= %s and grid_path < %s and done_at is not null group by resident
		) last on last.resident = care.resident and last.day >= care.since
		join `tabCare Category` category on category.name = care.category and category.must_visit = 1
		set care.next_visit_due = last.day + interval category.visit_interval_days day
		where care.until is null""",
		within,
	)


def _join_groups(within: tuple[str, str], share: float) -> None:
	"""Let about *share* of the households be in their grid's group, by their heads; always the same ones."""
	frappe.db.sql(
		"""update `tabHousehold` set in_wechat_group = 1, group_rep = head
		where grid_path >= %s and grid_path < %s and status = 'Active' and crc32(name) %% 100 < %s""",
		(*within, round(share * 100)),
	)
