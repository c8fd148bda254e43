"""A part of a file while it is planned: its rows with what they say, and the households that they make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.utils import getdate

from grid_governance.grid_ledger import IDENTITY, RESIDENT
from grid_governance.grid_ledger.actions import identities
from grid_governance.grid_ledger.importing.families import HEAD_NAME, HEAD_NUMBER
from grid_governance.grid_ledger.importing.matching import NOBODY, Found, Home, Person, Wanted
from grid_governance.grid_ledger.importing.places import Place
from grid_governance.grid_ledger.importing.rows import Maker
from grid_governance.grid_ledger.importing.shapes import (
	Answer,
	Candidate,
	Change,
	Choice,
	Family,
	Line,
	Outcome,
	Problem,
	Secret,
	Update,
	Values,
	Verdict,
)
from grid_governance.grid_ledger.queries.likeness import NOT_CONSISTENT
from grid_governance.grid_ledger.rules import numbers
from grid_governance.grid_ledger.rules.households import HEAD
from grid_governance.spreadsheet import cells
from grid_governance.spreadsheet.problems import MESSAGES, ROUNDED

ID_NUMBER, ID_TYPE = f"{IDENTITY}.id_number", f"{IDENTITY}.id_type"
NAME, RELATION = f"{RESIDENT}.resident_name", f"{RESIDENT}.relation_to_head"


@dataclass(slots=True, eq=False)
class Draft:
	"""A row about somebody, and what becomes of it.

	`said` has its values by DocType and fieldname. `person` is who is meant in the ledger, `new` the row of a resident that
	is made, `rows` all that are made with it; `cared` are those of care with the key of their cell. `guardian` is the
	record of the one whom the row names, `moves_from` the household that she leaves. `rests_on` are rows without which
	this one is not written: the head's, the guardian's.
	"""

	line: Line
	said: dict[str, Values]
	wanted: Wanted
	number: str = ""
	citizen: numbers.Citizen | None = None
	problems: list[Problem] = field(default_factory=list)
	answer: Answer | None = None
	found: Found = NOBODY
	person: Person | None = None
	new: Values | None = None
	rows: list[tuple[str, Values]] = field(default_factory=list)
	secrets: list[Secret] = field(default_factory=list)
	cared: list[tuple[Values, str]] = field(default_factory=list)
	guardian: str = ""
	moves_from: str = ""
	updates: list[Update] = field(default_factory=list)
	changes: list[Change] = field(default_factory=list)
	rests_on: list["Draft"] = field(default_factory=list)
	question: str = ""
	candidates: list[Candidate] = field(default_factory=list)
	alike: str = ""
	is_left_out: bool = False

	@property
	def is_open(self) -> bool:
		"""Whether nothing speaks against writing it yet."""
		return not (self.problems or self.question or self.is_left_out)

	@property
	def relation(self) -> str:
		"""The relation to the head that the row says, else the one that stands."""
		return self.said[RESIDENT].get("relation_to_head") or (
			self.person.row["relation_to_head"] if self.person else ""
		)

	@property
	def status(self) -> str:
		"""Whether she lives here, as the row says or as it stands."""
		return self._value("status") or "Living Here"

	@property
	def record(self) -> str:
		"""The name of her record, new or standing."""
		return self.new["name"] if self.new else self.person.name if self.person else ""

	@property
	def born(self) -> date | None:
		"""Her date of birth by the row, by her number, or as it stands."""
		return self.wanted.born or (self.person.row["birth_date"] if self.person else None)

	def _value(self, fieldname: str) -> Any:
		return self.said[RESIDENT].get(fieldname) or (self.person.row[fieldname] if self.person else None)

	def as_person(self) -> Values:
		"""What rules ask of her: resident_name, birth_date, sex, status, guardian."""
		if self.new:
			return self.new
		said = {key: self._value(key) for key in ("resident_name", "sex", "status")}
		return said | {"birth_date": self.born, "guardian": self.guardian or self.person.row["guardian"]}

	def refuse(self, message: str, target: str = "") -> None:
		"""Refuse the row for the cell of *target*, the whole row where it is empty."""
		self.problems.append(Problem(target, message))

	def ask(self, question: str, candidates: Sequence[Candidate] = ()) -> None:
		"""Leave the row to be decided."""
		self.question, self.candidates = question, list(candidates)

	def outcome(self) -> Outcome:
		"""Return what becomes of the row. A refused one is a copy, so that the row itself can be planned anew."""
		if self.is_left_out:
			return Outcome(self.line, Verdict.UNCHANGED)
		if self.problems:
			line = self.line
			refused = Line(line.sheet, line.number, line.cells, line.values, self.problems)
			return Outcome(refused, Verdict.REFUSED, alike=self.alike)
		if self.question:
			return Outcome(
				*(self.line, Verdict.TO_DECIDE),
				alike=self.alike,
				question=self.question,
				candidates=self.candidates,
			)
		verdict = Verdict.NEW if self.new else Verdict.CHANGED if self.changes else Verdict.UNCHANGED
		return Outcome(self.line, verdict, changes=self.changes, alike=self.alike)


@dataclass(slots=True, eq=False)
class Group:
	"""The rows of one household.

	`values` has what they say of it, `home` the one that stands, `new` the row of one that is made. `asked` is the row that
	asks which household is meant, where that is not certain.
	"""

	family: Family
	place: Place
	rows: list[Draft]
	home_row: Draft | None
	values: Values = field(default_factory=dict)
	head: Wanted | None = None
	home: Home | None = None
	new: Values | None = None
	doubted: tuple[Home, ...] = ()
	is_chosen: bool = False

	@property
	def number(self) -> str:
		"""The number of the household, as the rows say it."""
		return str(self.values.get("household_no") or "")

	@property
	def every(self) -> list[Draft]:
		"""All rows, the household's own first."""
		return [self.home_row, *self.rows] if self.home_row else self.rows

	@property
	def first(self) -> Draft:
		"""The row that speaks for the household: its own, the head's, or the first."""
		if self.home_row:
			return self.home_row
		return next((row for row in self.rows if row.relation == HEAD), self.rows[0])

	@property
	def wanted(self) -> list[Wanted]:
		"""Whom the rows mean."""
		return [row.wanted for row in self.rows]


class Drafter:
	"""Makes drafts of lines: splits what they say by DocType, and reads what a citizen number says."""

	def __init__(self, maker: Maker, answers: Mapping[tuple[int, int], Answer], today: date) -> None:
		self._maker, self._answers, self._today = maker, answers, today
		self._split: dict[str, tuple[str, str]] = {}

	def row(self, line: Line) -> Draft:
		"""Return the draft of *line*; what was wrong with its cells is wrong with it."""
		said: dict[str, Values] = {RESIDENT: {}}
		for key, value in line.values.items():
			parts = self._split.get(key)
			if not parts:
				doctype, _dot, fieldname = key.partition(".")
				parts = self._split[key] = (doctype, fieldname)
			doctype, fieldname = parts
			if doctype in said:
				said[doctype][fieldname] = value
			else:
				said[doctype] = {fieldname: value}
		own = said[RESIDENT]
		is_apart = own.get("household_consistent") == NOT_CONSISTENT
		wanted = Wanted(own.get("resident_name", ""), own.get("birth_date"), is_apart=is_apart)
		draft = Draft(line, said, wanted)
		draft.problems = list(line.problems)
		if self._answers:
			draft.answer = self._answers.get((line.sheet, line.number))
			draft.is_left_out = bool(draft.answer and draft.answer.choice is Choice.LEAVE_OUT)
		if number := line.values.get(ID_NUMBER):
			self._number(draft, number, line.values.get(ID_TYPE) or identities.CITIZEN)
		return draft

	def _number(self, draft: Draft, number: str, kind: str) -> None:
		own = draft.said[RESIDENT]
		if kind == identities.CITIZEN:
			try:
				found = draft.citizen = numbers.citizen(number, self._today)
			except numbers.NumberProblem as problem:
				draft.refuse(self._problem(number, problem.kind), ID_NUMBER)
				return
			number = found.number
			if problem := _contradiction(found, own):
				draft.refuse(problem, ID_NUMBER)
		elif len(number) > 64:
			draft.refuse(
				_("{0} characters are too many: at most {1} are kept. Shorten it.").format(len(number), 64),
				ID_NUMBER,
			)
			return
		draft.number = number
		born = draft.citizen.birth_date if draft.citizen else None
		draft.wanted = replace(
			draft.wanted, born=draft.wanted.born or born, id_type=kind, id_hash=self._maker.hash(number)
		)

	@staticmethod
	def _problem(number: str, kind: str) -> str:
		if kind == numbers.CHECK and cells.seems_rounded(number):
			return _(MESSAGES[ROUNDED]).format(number)
		return identities.message(kind)

	def head(self, rows: Sequence[Draft], home_row: Draft | None) -> Wanted | None:
		"""Return whom *rows* have as the head of their household, be she among them or named only."""
		for row in rows:
			if row.relation == HEAD:
				return row.wanted
		for row in [home_row, *rows] if home_row else rows:
			name, number = row.line.values.get(HEAD_NAME), row.line.values.get(HEAD_NUMBER)
			if not (name or number):
				continue
			try:
				found = numbers.citizen(number, self._today) if number else None
			except numbers.NumberProblem:
				found = None
			if not found:
				return Wanted(name or "")
			return Wanted(*(name or "", found.birth_date, identities.CITIZEN, self._maker.hash(found.number)))
		return None


def _contradiction(found: numbers.Citizen, own: Values) -> str:
	"""What a row says otherwise than the number in it."""
	if own.get("birth_date") and own["birth_date"] != found.birth_date:
		return _(
			"By this number {0} was born on {1}, by the row on {2}. Correct the one that is wrong."
		).format(
			own.get("resident_name", ""),
			frappe.format(found.birth_date, "Date"),
			frappe.format(getdate(own["birth_date"]), "Date"),
		)
	return identities.contradiction(
		found, {"sex": own.get("sex"), "resident_name": own.get("resident_name", "")}
	)
