"""The notices of a demo and how far they have got: told with its visits, confirmed by a code, or on their way."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.utils import add_years

from grid_governance.grid_ledger import RESIDENT
from grid_governance.grid_ledger.rules.households import GONE
from grid_governance.grid_structure.rules import SEGMENT
from grid_governance.grid_visits import DELIVERY, NOTICE
from grid_governance.grid_visits.notices import codes, stages
from grid_governance.setup import seeds
from grid_governance.setup.demo.calls import MET
from grid_governance.setup.demo.course import Holder
from grid_governance.setup.demo.grids import Tree
from grid_governance.setup.demo.manifest import Manifest, series, write_values
from grid_governance.setup.demo.visits import Home, Row, Visits

APPROVED_AT = time(8, 30)
"""When a notice goes out on its day."""

READ_WITHIN = 36
"""Hours within which those who confirm by a code do so."""

DRAFTED_BEFORE = timedelta(hours=16)


def make(
	wanted: Sequence[Mapping[str, Any]],
	visits: Visits,
	tree: Tree,
	holders: Mapping[str, list[Holder]],
	made: Manifest,
	random: Random,
) -> None:
	"""Write the notices *wanted* (README.md) that were sent before now; what was told is noted on the *visits*."""
	for each in wanted:
		notice = _Notice(each, visits, tree, holders, random)
		if notice.sent_at < visits.now:
			notice.write(made)


class _Notice:
	"""One notice, its deliveries and its table of those whom it is for."""

	def __init__(
		self,
		wanted: Mapping[str, Any],
		visits: Visits,
		tree: Tree,
		holders: Mapping[str, list[Holder]],
		random: Random,
	) -> None:
		self.wanted, self.visits, self.random = wanted, visits, random
		(self.grid,) = tree.places({"at": wanted["at"]})
		first = visits.periods[0][0]
		day = visits.now.date() - timedelta(days=wanted["days"]) if "days" in wanted else first
		self.sent_at = datetime.combine(day, APPROVED_AT)
		self.drafter, self.approver = _officials(holders, self.grid.grid_path)
		hours = wanted.get("hours", 72)
		self.doorstep_at = self.sent_at + timedelta(hours=hours)

	def write(self, made: Manifest) -> None:
		"""Write it all."""
		(self.name,) = series(NOTICE, 1, self.sent_at.year)
		rows = [self._delivery(home) for home in self._homes()]
		write_values(DELIVERY, rows)
		reached = [row["confirmed_at"] or row["told_at"] for row in rows]
		write_values(NOTICE, [self._row(rows, None if None in reached else max(reached, default=None))])
		if "age_from" in self.wanted:
			group = {"age_from": self.wanted["age_from"], "parent": self.name, "parenttype": NOTICE, "idx": 1}
			stamps = _stamps(self.drafter, self.sent_at - DRAFTED_BEFORE)
			write_values(
				"Audience Row", [{"name": self._hash(), **stamps, **group, "parentfield": "audience_rows"}]
			)
		made.add(NOTICE, self.name)

	def _homes(self) -> list[Home]:
		"""The households that it is for."""
		homes = self.visits.homes
		found = [home for home in homes.values() if home.grid_path.startswith(self.grid.grid_path)]
		if "age_from" in self.wanted:
			old = _with_somebody_of(self.wanted["age_from"], self.grid.grid_path, self.visits.now)
			found = [home for home in found if home.name in old]
		return found

	def _delivery(self, home: Home) -> Row:
		told = next(
			(
				visit
				for visit in home.visits
				if visit["outcome"] == MET and visit["visited_at"] > self.sent_at
			),
			None,
		)
		confirmed_at = self._confirmed_at(told)
		name = codes.name_for(codes.code_of(self.name, home.name))
		if confirmed_at:
			told = None
		if told:
			self.visits.add_effect(
				told,
				kind="notice",
				summary=_("Told: {0}").format(self.wanted["title"]),
				reference_doctype=DELIVERY,
				reference_name=name,
			)
		return {
			"name": name,
			**_stamps(self.approver, self.sent_at),
			"modified": confirmed_at or (told and told["entered_at"]) or self.sent_at,
			"modified_by": told["owner"] if told else self.approver.user,
			"notice": self.name,
			"household": home.name,
			"resident": "",
			"state": "Confirmed" if confirmed_at else "Told" if told else "Sent",
			"sent_at": self.sent_at,
			"confirmed_at": confirmed_at,
			"told_at": told and told["visited_at"],
			"told_by": told and told["worker"],
			"visit": told and told["name"],
			"doorstep_at": self.doorstep_at,
			**home.place,
		}

	def _confirmed_at(self, told: Row | None) -> datetime | None:
		"""When somebody of the household opened the link, before a visit would have told her."""
		if self.random.random() >= self.wanted.get("confirmed", 0):
			return None
		at = self.sent_at + timedelta(minutes=self.random.randrange(10, READ_WITHIN * 60))
		known = min(told["visited_at"], self.visits.now) if told else self.visits.now
		return at if at < known else None

	def _row(self, rows: Sequence[Row], reached_at: datetime | None) -> Row:
		drafted = self.sent_at - DRAFTED_BEFORE
		states = [row["state"] for row in rows]
		return {
			"name": self.name,
			**_stamps(self.drafter, drafted),
			"modified": reached_at or self.sent_at,
			"notice_title": self.wanted["title"],
			"notice_type": seeds.name_of(self.wanted["type"]),
			"content": self.wanted["content"],
			"grid": self.grid.name,
			"grid_path": self.grid.grid_path,
			"workflow_state": stages.state_for(stages.REACHED if reached_at else stages.SENT),
			"deliver_to": "Household",
			"by_desk": 1,
			"by_loudspeaker": 1,
			"announced_at": self.sent_at + timedelta(hours=10),
			"doorstep_hours": self.wanted.get("hours", 72),
			"expires_on": self.sent_at.date() + timedelta(days=self.wanted.get("expires", 60)),
			"recipients": len(rows),
			"sent_to": len(rows),
			"confirmed": states.count("Confirmed"),
			"told": states.count("Told"),
			"approved_by": self.approver.user,
			"sent_at": self.sent_at,
			"reached_at": reached_at,
			"public_code": f"{self.random.getrandbits(80):020x}",
		}

	def _hash(self) -> str:
		return f"{self.random.getrandbits(64):016x}"


def _stamps(by: Holder, at: datetime) -> Row:
	return {"owner": by.user, "creation": at, "modified_by": by.user, "modified": at}


def _officials(holders: Mapping[str, list[Holder]], path: str) -> tuple[Holder, Holder]:
	"""Return who drafts a notice at *path* and who approves it: one of the place itself, and one above her if there is one."""
	may = {rule.role for rule in frappe.get_meta(NOTICE).permissions if rule.create and not rule.permlevel}
	found = [
		holder
		for length in range(len(path), 0, -SEGMENT)
		for holder in holders.get(path[:length], ())
		if holder.role in may and not holder.department
	]
	if not found:
		frappe.throw(f"{path}: {NOTICE}")
	return found[0], found[-1]


def _with_somebody_of(age: int, path: str, now: datetime) -> set[str]:
	"""Return the households at *path* in which somebody has reached *age*."""
	resident = DocType(RESIDENT)
	rows = (
		frappe.qb.from_(resident)
		.select(resident.household)
		.distinct()
		.where((resident.grid_path >= path) & (resident.grid_path < f"{path}z"))
		.where((resident.birth_date <= add_years(now.date(), -age)) & resident.status.notin(GONE))
		.run(pluck=True)
	)
	return set(rows)
