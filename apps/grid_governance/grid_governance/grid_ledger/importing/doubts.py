"""Who is meant by the rows of a household: found, asked about with those whom it may be, or alike somebody elsewhere."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.utils import getdate

from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.actions import households
from grid_governance.grid_ledger.importing import matching
from grid_governance.grid_ledger.importing.changes import listed as in_a_row
from grid_governance.grid_ledger.importing.drafts import Draft, Group
from grid_governance.grid_ledger.importing.matching import Found, Home, Person
from grid_governance.grid_ledger.importing.shapes import Candidate, Choice
from grid_governance.grid_ledger.queries import likeness as listed
from grid_governance.grid_ledger.rules import ages, likeness
from grid_governance.grid_ledger.rules.households import GONE, LIVING_HERE

Row = dict[str, Any]


class Doubts:
	"""Matches people, and remembers which numbers the file has had, for the length of a file."""

	def __init__(self) -> None:
		self._seen: dict[int, tuple[int, int]] = {}
		self._today = getdate()

	# households

	def decide_home(self, group: Group, found: Found) -> None:
		"""Let *group* be the household that was *found*, after the answer where that is not certain; else ask."""
		answer = group.first.answer
		if not found.doubt:
			group.home = found.it
		elif answer and answer.choice is Choice.RECORD:
			group.home = next((home for home in found.among if home.name == answer.record), None)
			group.is_chosen = group.home is not None
			if not group.home:
				self._ask_home(group, found)
		elif answer and answer.choice is Choice.NEW:
			group.is_chosen = True
			if found.doubt == matching.UNDER_ANOTHER:
				group.doubted = found.among
			if found.doubt == matching.STRANGERS:
				for row in group.every:
					row.refuse(households.number_taken(group.number), "Household.household_no")
		elif answer:
			for row in group.every:
				row.is_left_out = True
		else:
			self._ask_home(group, found)

	def _ask_home(self, group: Group, found: Found) -> None:
		"""Ask which household *group* is; its other rows wait for the answer."""
		question = {
			matching.STRANGERS: _(
				"The household with this number has other people in the ledger. Is it the same household?"
			),
			matching.OTHER_NUMBER: _(
				"In the ledger this household has another number. Is it the same household?"
			),
			matching.RESEMBLES: _(
				"A household of the ledger seems to have the same head. Is it the same household?"
			),
			matching.UNDER_ANOTHER: _(
				"These people live in a household of the ledger under another head. Is it still the same household? If it is not, they move out of it."
			),
		}[found.doubt]
		first = group.first
		first.ask(question, [_home_candidate(home) for home in found.among])
		for row in group.every:
			if row is not first:
				row.ask(
					_("Row {0} is to be decided first: {1}.").format(first.line.number, first.wanted.name)
				)

	# people of the household

	def find_people(self, group: Group) -> None:
		"""Find whom of the household that stands the rows of *group* mean."""
		if not group.home:
			return
		taken: dict[str, Draft] = {}
		for row, found in zip(
			group.rows, matching.people(group.wanted, group.home.people, group.is_chosen), strict=True
		):
			row.found = found
			person = self._decide(row, found)
			if person and person.name in taken:
				row.refuse(_("Row {0} means the same person.").format(taken[person.name].line.number))
			elif person:
				taken[person.name] = row
				row.person = person

	def _decide(self, row: Draft, found: Found) -> Person | None:
		"""Whom *row* means, after the answer where that was not certain."""
		answer = row.answer
		if found.doubt:
			if answer and answer.choice is Choice.RECORD:
				chosen = next((each for each in found.among if each.name == answer.record), None)
				if chosen:
					return self._back(row, chosen)
			if not (answer and answer.choice is Choice.NEW):
				row.ask(_question(found.doubt), [self._candidate(each.row) for each in found.among])
			return None
		person = found.it
		if not person or not person.is_gone or row.said[RESIDENT].get("status") in GONE:
			return person
		if answer and answer.choice is Choice.RECORD and answer.record == person.name:
			return self._back(row, person)
		if not (answer and answer.choice is Choice.NEW):
			row.ask(
				_("{0} is gone by the ledger ({1}). Is she back?").format(
					row.wanted.name, _(person.row["status"])
				),
				[self._candidate(person.row)],
			)
		return None

	@staticmethod
	def _back(row: Draft, person: Person) -> Person:
		if person.is_gone:
			row.said[RESIDENT].setdefault("status", LIVING_HERE)
		return person

	# people elsewhere

	def unknown(self, groups: Sequence[Group]) -> set[tuple[str, date]]:
		"""Return name and date of birth of those who are in none of the households of *groups* that stand."""
		return {
			(row.wanted.name, row.wanted.born)
			for group in groups
			for row in group.rows
			if row.wanted.born and not row.person and row.is_open
		}

	def find_elsewhere(
		self,
		groups: Sequence[Group],
		by_hash: Mapping[str, Sequence[Row]],
		born: Mapping[tuple[str, date], Sequence[Row]],
		homes: Mapping[str, Home],
	) -> None:
		"""Ask whether somebody moves whose number stands in another household of the village; all others whom a row
		resembles are told of only."""
		remarks: list[tuple[Draft, str, Row]] = []
		for group in groups:
			home = group.home.name if group.home else ""
			for row in group.rows:
				if not row.is_open:
					continue
				same = [each for each in by_hash.get(row.wanted.id_hash, ()) if each["household"] != home]
				if not row.person:
					self._elsewhere(group, row, same, born, homes, remarks)
				else:
					remarks += [(row, _reason(row, each), each) for each in same]
		_refuse_twice(groups)
		self._tell(remarks)

	def _elsewhere(
		self,
		group: Group,
		row: Draft,
		same: Sequence[Row],
		born: Mapping[tuple[str, date], Sequence[Row]],
		homes: Mapping[str, Home],
		remarks: list[tuple[Draft, str, Row]],
	) -> None:
		namesakes = born.get((row.wanted.name, row.wanted.born), ()) if row.wanted.born else ()
		doubted = {home.name for home in group.doubted}
		for each in (*same, *namesakes):
			if each["household"] in doubted and self._moves(group, row, each, homes):
				return
		near = [
			each
			for each in same
			if each["grid_path"].startswith(group.place.village)
			and each["status"] not in GONE
			and _reason(row, each) != likeness.REGISTERED_AND_LIVING
		]
		answer = row.answer
		if answer and answer.choice is Choice.RECORD:
			chosen = next((each for each in near if each["name"] == answer.record), None)
			if chosen and self._moves(group, row, chosen, homes):
				return
		if row.wanted.born and not namesakes:
			self._namesake_before(row)
		known = {each["name"] for each in same}
		remarks += [(row, _reason(row, each), each) for each in same]
		remarks += [
			(row, likeness.SAME_NAME_AND_BIRTH, each) for each in namesakes if each["name"] not in known
		]
		is_answered = bool(answer and answer.choice is Choice.NEW)
		if near and not is_answered:
			row.ask(
				_("This number stands in another household of the village. Does this person move here?"),
				[self._candidate(each) for each in near],
			)
		elif not is_answered:
			self._seen_before(group, row)

	def _namesake_before(self, row: Draft) -> None:
		"""Remark that a row above, which is not written yet, has this name and date of birth."""
		at = (row.line.sheet, row.line.number)
		before = self._seen.setdefault(hash((row.wanted.name, row.wanted.born)), at)
		if before != at:
			row.alike = _("Row {0} has the same name and date of birth.").format(before[1])

	def _seen_before(self, group: Group, row: Draft) -> None:
		"""Ask about a number that a row above of the same village has had, in a household that is still to be made."""
		if not row.wanted.id_hash:
			return
		at = (row.line.sheet, row.line.number)
		before = self._seen.setdefault(hash((group.place.village, row.wanted.id_hash)), at)
		if before != at and not row.wanted.is_apart:
			row.ask(
				_(
					"Row {0} has this number in another household. Correct one of them, or say that both are right."
				).format(before[1])
			)

	@staticmethod
	def _moves(group: Group, row: Draft, who: Row, homes: Mapping[str, Home]) -> bool:
		"""Let *row* mean *who*, who leaves the household in which she stands; say whether she could be read."""
		home = homes.get(who["household"])
		person = next((each for each in home.people if each.name == who["name"]), None) if home else None
		if not person:
			return False
		row.person, row.moves_from = person, home.row["title"] or _("Household without a Head")
		return True

	# words

	def _candidate(self, row: Row) -> Candidate:
		return Candidate(RESIDENT, row["name"], _label(row, self._today))

	def _tell(self, remarks: Collection[tuple[Draft, str, Row]]) -> None:
		if not remarks:
			return
		people = {row["name"]: row for _draft, _why, row in remarks}
		for row in people.values():
			row["age"] = ages.age(row["birth_date"], self._today) if row["birth_date"] else None
		listed.give_places(list(people.values()))
		for draft, why, row in remarks:
			told = f"{_(why)}: {listed.about(row)}"
			draft.alike = f"{draft.alike}\n{told}" if draft.alike else told


def _refuse_twice(groups: Sequence[Group]) -> None:
	"""Refuse a row that means whom a row of another household means, too; first of all one by which she would move."""
	meant: dict[str, Draft] = {}
	rows = [row for group in groups for row in group.rows if row.person]
	for row in sorted(rows, key=lambda row: (bool(row.moves_from), row.line.sheet, row.line.number)):
		before = meant.setdefault(row.person.name, row)
		if before is not row and not row.problems:
			row.refuse(_("Row {0} means the same person.").format(before.line.number))


def _question(doubt: str) -> str:
	return {
		matching.SEVERAL: _("Several people of this household have this name. Who is meant?"),
		matching.NUMBER_DIFFERS: _(
			"In the ledger this person has another number. Is she meant, and the number new?"
		),
		matching.BIRTH_DIFFERS: _("In the ledger this person has another date of birth. Is she meant?"),
	}[doubt]


def _home_candidate(home: Home) -> Candidate:
	people = in_a_row(person.row["resident_name"] for person in home.living[:6])
	parts = (home.row["title"], home.row.get("address"), people)
	return Candidate(HOUSEHOLD, home.name, " · ".join(part for part in parts if part))


def _label(row: Row, today: date) -> str:
	"""What tells somebody from others of her name: sex, date of birth, status."""
	born = frappe.format(row["birth_date"], "Date") if row["birth_date"] else ""
	age = _("{0} years").format(ages.age(row["birth_date"], today)) if row["birth_date"] else ""
	parts = (row["resident_name"], _(row["sex"]) if row["sex"] else "", born, age, _(row["status"]))
	return " · ".join(part for part in parts if part)


def _reason(row: Draft, who: Row) -> str:
	"""Why *row* and *who*, with one number, may be one: registered here and living there, or entered twice."""
	here = likeness.Place("", row.status, row.wanted.is_apart)
	there = likeness.Place(
		who["household"], who["status"], who["household_consistent"] == listed.NOT_CONSISTENT
	)
	if likeness.registered_and_living(here, there):
		return likeness.REGISTERED_AND_LIVING
	return likeness.SAME_NUMBER
