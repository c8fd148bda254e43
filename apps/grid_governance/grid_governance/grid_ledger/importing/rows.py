"""New rows of the ledger, complete as a saved document would leave them, and what each has to hold."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from secrets import token_hex
from typing import Any

import frappe
from frappe import _

from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.actions import care, consents, households, identities, residents
from grid_governance.grid_ledger.importing.places import Place
from grid_governance.grid_ledger.importing.shapes import Problem, Values
from grid_governance.grid_ledger.rules import minors, names, numbers
from grid_governance.grid_ledger.rules.households import GONE
from grid_governance.grid_structure.rules import mobile_number

STAMPS = ("name", "owner", "creation", "modified", "modified_by")
"""What the writer gives every row."""

NAME_LENGTH, NAMES = 10, 1000
"""Characters of a name as Frappe makes it, and how many are drawn at once."""

keys_of = lru_cache(maxsize=50_000)(names.keys)
"""Pinyin and initials of a name, remembered: people share names."""


class Maker:
	"""Makes new rows for the session user. `today` is the day on which a care begins that has no day of its own."""

	def __init__(self, today: date) -> None:
		self._today = today
		self._templates = {
			doctype: _template(doctype) for doctype in (HOUSEHOLD, RESIDENT, IDENTITY, CONTACT, CARE)
		}
		self._required = {
			doctype: [(df.fieldname, df.label) for df in frappe.get_meta(doctype).fields if _is_asked_for(df)]
			for doctype in (HOUSEHOLD, RESIDENT, IDENTITY, CONTACT, CARE)
		}
		self._links: dict[str, str] = {}
		self._names: list[str] = []
		self._hash = identities.hasher()
		self._categories = {
			row.name: row
			for row in frappe.get_all(
				"Care Category",
				fields=[
					*("name", "is_sensitive", "for_minor", "legal_basis"),
					*("must_visit", "visit_interval_days"),
				],
				order_by="name asc",
				limit_page_length=0,
			)
		}

	def _name(self) -> str:
		"""A name as Frappe gives it (`make_autoname("hash")`); random bytes are taken for many at once."""
		if not self._names:
			drawn = token_hex(NAMES * NAME_LENGTH // 2)
			self._names = [drawn[at : at + NAME_LENGTH] for at in range(0, len(drawn), NAME_LENGTH)]
		return self._names.pop()

	def household(self, values: Values, place: Place) -> Values:
		"""Return a household in *place* with *values*, without its people: see `with_people`."""
		row = self._templates[HOUSEHOLD] | values
		row.update(name=self._name(), grid=place.name, grid_path=place.path)
		return row

	@staticmethod
	def with_people(row: Values, head: str | None, head_name: str | None, members: int) -> None:
		"""Give the household *row* its head (the name of the record, and hers), its title, and how many belong to it."""
		row.update(head=head, member_count=members)
		row["title"] = residents.title_of(head_name, row["household_no"])

	def resident(self, values: Values, household: str, place: Place) -> Values:
		"""Return a resident of *household*, which lies in *place*."""
		row = self._templates[RESIDENT] | values
		pinyin, initials = keys_of(row["resident_name"])
		row.update(
			name=self._name(),
			pinyin=pinyin,
			initials=initials,
			household=household,
			grid=place.name,
			grid_path=place.path,
		)
		return row

	def identity(
		self, id_type: str, number: str, id_hash: str, found: numbers.Citizen | None, resident: Values
	) -> Values:
		"""Return the identity of *resident* with the keyed hash *id_hash* of *number*, which stays out of the row itself.

		*found*: what a citizen number says.
		"""
		row = self._templates[IDENTITY] | _place_of(resident)
		row.update(
			name=self._name(),
			id_type=id_type,
			id_number="*" * len(number),
			id_number_masked=numbers.masked(number),
			id_number_hash=id_hash,
			number_birth_date=found.birth_date if found else None,
			number_sex=found.sex if found else None,
		)
		return row

	def hash(self, number: str) -> str:
		"""Return the keyed hash of *number*."""
		return self._hash(number)

	def contact(self, values: Values, resident: Values) -> Values:
		"""Return a contact of *resident* with *values*."""
		row = self._templates[CONTACT] | _place_of(resident) | values
		row["name"] = self._name()
		row["phone"] = mobile_number(row["phone"]) or (row["phone"] or "").strip()
		return row

	def care(self, category: str, since: date | None, values: Values, resident: Values) -> Values:
		"""Return the care of *resident* in *category* since that day, today if it is not said."""
		kind = self._categories[category]
		since = since or self._today
		row = self._templates[CARE] | _place_of(resident) | values
		due = care.first_visit(since, kind.visit_interval_days, self._today) if kind.must_visit else None
		row.update(
			name=self._name(),
			category=category,
			since=since,
			source=care.IMPORTED,
			is_sensitive=kind.is_sensitive,
			next_visit_due=due,
		)
		return row

	def tables(self, doctype: str, row: Values, said: Values) -> list[tuple[str, Values]]:
		"""Return the rows of the tables of links of *row*: *said* has lists of names by the field of the table."""
		made = []
		for fieldname, linked in said.items():
			table = frappe.get_meta(doctype).get_field(fieldname).options
			if table not in self._templates:
				self._templates[table] = _template(table)
				links = frappe.get_meta(table).get("fields", {"fieldtype": "Link"})
				self._links[table] = links[0].fieldname
			for at, name in enumerate(linked, start=1):
				child = self._templates[table] | {
					"name": self._name(),
					"parent": row["name"],
					"parenttype": doctype,
					"parentfield": fieldname,
					"idx": at,
					self._links[table]: name,
				}
				made.append((table, child))
		return made

	def is_category(self, name: str) -> bool:
		"""Say whether *name* is a category of care."""
		return name in self._categories

	def is_sensitive(self, category: str) -> bool:
		"""Say whether *category* stands on the level of identities."""
		return bool(self._categories[category].is_sensitive)

	def care_problem(self, row: Values, person: Mapping[str, Any]) -> str:
		"""Return why *person* (a resident's row) is not taken into care with *row*, empty for nothing."""
		kind = self._categories[row["category"]]
		if person["status"] in GONE:
			return care.is_gone(person["resident_name"])
		if kind.for_minor:
			if problem := care.age_problem(kind.name, person, row["since"]):
				return problem
			if not person["guardian"]:
				return care.guardian_missing(kind.name)
		if kind.legal_basis == consents.CONSENT and not row["consent_on"]:
			return care.consent_missing(kind.name)
		return self.give_consent(row, person)

	@staticmethod
	def give_consent(row: Values, person: Mapping[str, Any]) -> str:
		"""Say on *row* who gave its consent; return why nobody can have, empty for nothing."""
		on = row["consent_on"]
		if not on:
			row["consent_given_by"] = row["consent_guardian"] = None
			return ""
		said, guardian = row["consent_given_by"], person["guardian"]
		if problem := consents.problem_of(person, on, said, guardian):
			return problem
		given = row["consent_given_by"] = consents.given_by(person, on, said)
		row["consent_guardian"] = guardian if given == minors.GUARDIAN else None
		return ""

	def problems(self, doctype: str, row: Values) -> list[Problem]:
		"""Return what is missing in *row* of *doctype* or cannot be, whatever else stands in the ledger."""
		found = [
			Problem(f"{doctype}.{fieldname}", _("{0} is missing.").format(_(label)))
			for fieldname, label in self._required[doctype]
			if row[fieldname] is None or row[fieldname] == "" or row[fieldname] == []
		]
		if doctype == RESIDENT:
			if row["birth_date"] and row["birth_date"] > self._today:
				found.append(Problem("Resident.birth_date", residents.birth_problem(row["birth_date"])))
			if not row["status_date"] and (problem := residents.gone_problem(row)):
				found.append(Problem("Resident.status_date", problem))
		elif doctype == HOUSEHOLD and (
			problem := households.point_problem(row["latitude"], row["longitude"])
		):
			found.append(Problem("Household.latitude", problem))
		return found


def _place_of(resident: Values) -> Values:
	return {
		"resident": resident["name"],
		"household": resident["household"],
		"grid": resident["grid"],
		"grid_path": resident["grid_path"],
	}


def _template(doctype: str) -> Values:
	row = dict(frappe.new_doc(doctype).get_valid_dict(ignore_virtual=True))
	for field in STAMPS:
		row.pop(field, None)
	return row


def _is_asked_for(df: Any) -> bool:
	"""Whether the field *df* has to be filled by the file: what the room itself fills is never missing."""
	return bool(df.reqd) and not df.read_only and df.fieldname not in ("grid", "household", "resident")
