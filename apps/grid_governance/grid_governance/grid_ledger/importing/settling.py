"""What becomes of the rows of one household: made, changed, left as they are, refused, or asked about."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import frappe
from frappe import _

from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.actions import care, identities, residents
from grid_governance.grid_ledger.importing import kin
from grid_governance.grid_ledger.importing.changes import Differences
from grid_governance.grid_ledger.importing.drafts import ID_NUMBER, NAME, RELATION, Draft, Group
from grid_governance.grid_ledger.importing.rows import Maker
from grid_governance.grid_ledger.importing.shapes import Change, Choice, Part, Secret, Update, Values
from grid_governance.grid_ledger.rules import numbers
from grid_governance.grid_ledger.rules.households import GONE, HEAD, LIVING_HERE

OF_FAMILY = ("head_name", "head_number", "group_rep")
"""What a file says of a household by naming its people."""

ORDER = (HOUSEHOLD, RESIDENT, IDENTITY, CONTACT, CARE)
"""In which new rows are written."""

May = Callable[[str, str, str], bool]
"""Says whether the session user has a right on a DocType at a path: (doctype, path, right)."""

Title = Callable[[str], str]
"""Returns what a grid is called, empty for one outside the file's place."""


class Settler:
	"""Settles the rows of households that were matched; *may* judges the rights of the session user."""

	def __init__(self, maker: Maker, differences: Differences, may: May, title: Title) -> None:
		self._make, self._compare, self._may, self._title = maker, differences, may, title

	def settle(self, group: Group, part: Part) -> None:
		"""Find out what becomes of each row of *group*, and put what is to be written into *part*."""
		self._household(group)
		for row in group.rows:
			if row.is_open:
				self._person(group, row)
		kin.name_guardians(group, self._compare)
		for row in group.rows:
			if row.is_open:
				self._consents(row)
		kin.settle_heads(group, self._compare)
		kin.wait(group)
		self._write(group, part)

	# the household

	def _household(self, group: Group) -> None:
		said = {key: value for key, value in group.values.items() if key not in OF_FAMILY}
		if group.home:
			self._standing_household(group, said | {"grid": group.place.name})
			return
		group.new = self._make.household(said, group.place)
		if len(group.rows) == 1:  # who lives alone is the head
			group.rows[0].said[RESIDENT].setdefault("relation_to_head", HEAD)
		for problem in self._make.problems(HOUSEHOLD, group.new):
			_refuse_all(group, problem.message, problem.target)
		if not self._may(HOUSEHOLD, group.place.path, "create"):
			_refuse_all(group, _outside(group))

	def _standing_household(self, group: Group, said: Values) -> None:
		home, first = group.home, group.first
		if (home.row["household_no"] or "").casefold() == group.number.casefold():
			said.pop("household_no", None)
		values, changes = self._compare.of(HOUSEHOLD, home.name, home.row, said)
		if not values:
			return
		for path in (home.row["grid_path"], group.place.path):
			if not self._may(HOUSEHOLD, path, "write"):
				_refuse_all(group, _outside(group))
		if "grid" in values:  # new members lie where the household goes, and not without it
			kin.rest(group.every, first)
		first.updates.append(Update(HOUSEHOLD, home.name, values, first.line))
		first.changes += [self._named(group, each) if each.fieldname == "grid" else each for each in changes]

	def _named(self, group: Group, change: Change) -> Change:
		"""The grids of a household that moves, by what they are called."""
		old = self._title(group.home.row["grid"]) or change.old
		return replace(change, old=old, new=group.place.title)

	# a person

	def _person(self, group: Group, row: Draft) -> None:
		said = {key: value for key, value in row.said[RESIDENT].items() if key != "guardian"}
		if row.person:
			self._standing(group, row, said)
		else:
			self._new(group, row, said)
		if not row.is_open:
			return
		self._identity(group, row)
		self._contacts(group, row)
		self._care(group, row)

	def _new(self, group: Group, row: Draft, said: Values) -> None:
		if not row.wanted.name:
			row.refuse(_("The name of the person is missing."), NAME)
		if not row.relation:
			row.refuse(_("Enter the relation to the head of the household."), RELATION)
		if not self._may(RESIDENT, group.place.path, "create"):
			row.refuse(_outside(group))
		if row.problems:
			return
		if row.citizen:
			said.setdefault("birth_date", row.citizen.birth_date)
			said.setdefault("sex", row.citizen.sex)
		skills = {key: value for key, value in said.items() if isinstance(value, list)}
		plain = {key: value for key, value in said.items() if key not in skills} if skills else said
		home = group.new["name"] if group.new else group.home.name
		row.new = self._make.resident(plain, home, group.place)
		row.rows.append((RESIDENT, row.new))
		row.rows += self._make.tables(RESIDENT, row.new, skills)
		row.problems += self._make.problems(RESIDENT, row.new)

	def _standing(self, group: Group, row: Draft, said: Values) -> None:
		person = row.person
		if row.citizen:
			self._by_number(row, said)
		values, changes = self._compare.of(RESIDENT, person.name, person.row, said)
		home = group.new["name"] if group.new else group.home.name
		if person.row["household"] != home:
			values |= {"household": home, "relation_to_head": row.relation}
			changes.append(
				self._compare.change(RESIDENT, person.name, "household", row.moves_from, _title_of(group))
			)
		if person.is_gone and row.status not in GONE:
			values |= {"status": LIVING_HERE, "relation_to_head": row.relation}
		if values.get("status") in GONE and not (said.get("status_date") or person.row["status_date"]):
			row.refuse(
				residents.gone_problem({"status": values["status"], "resident_name": row.wanted.name}),
				"Resident.status_date",
			)
		if values and not self._may(RESIDENT, person.row["grid_path"], "write"):
			row.refuse(_outside(group))
		if values:
			row.updates.append(Update(RESIDENT, person.name, values, row.line))
			row.changes += changes

	@staticmethod
	def _by_number(row: Draft, said: Values) -> None:
		"""Take date of birth and sex from the number where nobody has said them, or somebody said that she is meant.

		A number that is new to her and contradicts what stands is refused (domain D11).
		"""
		stands, found = row.person.row, row.citizen
		is_chosen = bool(row.answer and row.answer.choice is Choice.RECORD)
		for fieldname, value in (("birth_date", found.birth_date), ("sex", found.sex)):
			if is_chosen or not stands.get(fieldname):
				said.setdefault(fieldname, value)
		known = row.person.identity
		if known and known["id_number_hash"] == row.wanted.id_hash:
			return
		if problem := identities.contradiction(found, stands | said):
			row.refuse(problem, ID_NUMBER)

	# what hangs on a person

	def _update(self, group: Group, row: Draft, update: Update, level: str = "") -> None:
		"""Change what hangs on somebody who stands, if the session user may; *level*: the DocType whose right is asked."""
		if not self._may(level or update.doctype, row.person.row["grid_path"], "write"):
			row.refuse(_outside(group))
		row.updates.append(update)

	def _identity(self, group: Group, row: Draft) -> None:
		if not row.number:
			return
		person = row.person
		known = person.identity if person else None
		if known and known["id_number_hash"] == row.wanted.id_hash:
			return
		kind = row.wanted.id_type
		if known:
			values = {"id_type": kind, "id_number": row.number}
			self._update(group, row, Update(IDENTITY, known["name"], values, row.line))
			row.changes.append(
				Change(
					*(IDENTITY, known["name"], "id_number", self._compare.label(ID_NUMBER)),
					*(known["id_number_masked"] or "", numbers.masked(row.number)),
				)
			)
			return
		of = row.new or person.row
		if not self._may(IDENTITY, of["grid_path"], "create"):
			row.refuse(_outside(group), ID_NUMBER)
			return
		made = self._make.identity(kind, row.number, row.wanted.id_hash, row.citizen, of)
		row.rows.append((IDENTITY, made))
		row.secrets.append(Secret(IDENTITY, made["name"], "id_number", row.number))
		self._added(row, IDENTITY, made["name"], "id_number", made["id_number_masked"])

	def _contacts(self, group: Group, row: Draft) -> None:
		said = row.said.get(CONTACT)
		if not said or not (said.get("phone") or said.get("wechat")):
			return
		of = row.new or row.person.row
		held = row.person.contacts if row.person else []
		shared = {key: value for key, value in said.items() if key != "phone"}
		for phone in said.get("phone") or [None]:
			known = next((each for each in held if _same_contact(each, phone, said.get("wechat"))), None)
			if known:
				values, changes = self._compare.of(CONTACT, known["name"], known, shared)
				if values:
					self._update(group, row, Update(CONTACT, known["name"], values, row.line))
					row.changes += changes
			else:
				if not self._may(CONTACT, of["grid_path"], "create"):
					row.refuse(_outside(group), "Resident Contact.phone")
					return
				made = self._make.contact(shared | {"phone": phone}, of)
				row.problems += self._make.problems(CONTACT, made)
				row.rows.append((CONTACT, made))
				self._added(row, CONTACT, made["name"], "phone", phone or said.get("wechat"))
			shared.pop("wechat", None)

	def _care(self, group: Group, row: Draft) -> None:
		said = row.said.get(CARE)
		if not said:
			return
		wanted: dict[str, Any] = dict.fromkeys(said.get("category") or (), True)
		wanted |= {key: value for key, value in said.items() if self._make.is_category(key)}
		of = row.new or row.person.row
		for category, said_since in wanted.items():
			since = said_since if isinstance(said_since, date) else None
			level = IDENTITY if self._make.is_sensitive(category) else CARE
			target = f"{CARE}.{category}"
			held = [each for each in row.person.care if each["category"] == category] if row.person else []
			if open_ := next((each for each in held if not each["until"]), None):
				if since and open_["since"] != since:
					update = Update(CARE, open_["name"], {"since": since}, row.line)
					self._update(group, row, update, level)
					row.changes.append(
						self._compare.change(CARE, open_["name"], "since", open_["since"], since)
					)
				continue
			ended = max((each["until"] for each in held), default=None)
			if ended and not (since and since >= ended):
				row.refuse(
					_(
						"The care in {0} ended on {1}. If she is cared for again, write the day since when in a column {0}."
					).format(_(category), frappe.format(ended, "Date")),
					target,
				)
				continue
			if not self._may(level, of["grid_path"], "create"):
				row.refuse(care.level_missing(category) if level == IDENTITY else _outside(group), target)
				continue
			made = self._make.care(category, since, {}, of)
			row.rows.append((CARE, made))
			self._added(row, CARE, made["name"], "category", category)
			row.cared.append((made, target))

	def _added(self, row: Draft, doctype: str, name: str, fieldname: str, value: Any) -> None:
		if row.person:
			row.changes.append(self._compare.change(doctype, name, fieldname, None, value))

	def _consents(self, row: Draft) -> None:
		"""Check what asks for a guardian, who is known only now: consents, and care of minors."""
		person = row.as_person()
		said = row.said[RESIDENT]
		consent = row.new
		if row.person and said.get("consent_on") not in (None, row.person.row["consent_on"]):
			consent = {
				key: said.get(key) or row.person.row[key] for key in ("consent_on", "consent_given_by")
			}
		if consent and (problem := self._make.give_consent(consent, person)):
			row.refuse(problem, "Resident.consent_on")
		for made, target in row.cared:
			if problem := self._make.care_problem(made, person):
				row.refuse(problem, target)

	# what is written

	def _write(self, group: Group, part: Part) -> None:
		rows = [row for row in group.rows if row.is_open]
		if group.new and (rows or (group.home_row and group.home_row.is_open)):
			head = next((row for row in rows if row.relation == HEAD), None)
			# Somebody who moves in makes herself the head and is counted when she does.
			own = head.new["name"] if head and head.new else None
			living = sum(1 for row in rows if row.new and row.status not in GONE)
			self._make.with_people(group.new, own, head.wanted.name if own else None, living)
			part.new[HOUSEHOLD].append(group.new)
			if group.home_row:
				group.home_row.new = group.new
		for row in rows:
			for doctype, made in row.rows:
				part.new[doctype].append(made)
			part.secrets += row.secrets
			if row.new and group.home:
				part.grown.add(group.home.name)
		# A household is moved, and has its head, before others join it.
		for row in sorted(group.every, key=lambda row: (row is not group.home_row, row.relation != HEAD)):
			if row.is_open:
				part.updates += row.updates
		part.outcomes += [row.outcome() for row in group.every]


def _refuse_all(group: Group, message: str, target: str = "") -> None:
	for row in group.every:
		row.refuse(message, target)


def _outside(group: Group) -> str:
	return _("{0} lies outside the grids you work in. Choose one of your own grids.").format(
		group.place.title
	)


def _title_of(group: Group) -> str:
	"""What the household of *group* is called, also when it is still to be made."""
	if group.home:
		return group.home.row["title"] or ""
	return residents.title_of(group.head.name if group.head else None, group.number)


def _same_contact(held: Values, phone: str | None, wechat: str | None) -> bool:
	return held["phone"] == phone if phone else (held["wechat"] or "") == wechat
