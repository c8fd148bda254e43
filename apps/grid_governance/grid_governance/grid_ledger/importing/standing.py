"""What stands in the ledger for a part of a file: a handful of queries for all its rows, inside the reader's scope."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import frappe
from frappe.query_builder import DocType
from pypika.queries import QueryBuilder, Table
from pypika.terms import Criterion, EmptyCriterion

from grid_governance import scope
from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.actions.households import village_of
from grid_governance.grid_ledger.importing.columns import Target
from grid_governance.grid_ledger.importing.matching import Home, Person
from grid_governance.grid_ledger.rules import likeness
from grid_governance.grid_structure.rules import VILLAGE
from grid_governance.scope.rules import covers
from grid_governance.scope.schema import LEVEL_COLUMNS

FIXED = {
	HOUSEHOLD: ("name", "grid", "grid_path", "title", "household_no", "head", "status", "member_count"),
	RESIDENT: (
		*(
			"name",
			"resident_name",
			"birth_date",
			"sex",
			"household",
			"grid",
			"grid_path",
			"status",
			"status_date",
		),
		*("relation_to_head", "guardian", "household_consistent", "merged_into", "consent_on"),
		*("consent_given_by", "consent_guardian"),
	),
	IDENTITY: ("name", "resident", "household", "id_type", "id_number_hash", "id_number_masked"),
	CONTACT: ("name", "resident", "kind", "phone", "wechat", "of_whom"),
	CARE: ("name", "resident", "category", "since", "until"),
}
"""What is read of each DocType beside the fields that the file fills."""

IN_VILLAGE = LEVEL_COLUMNS[VILLAGE]

Row = dict[str, Any]


class Standing:
	"""What the session user's part of the ledger holds, in the fields that *targets* (by key) fill."""

	def __init__(self, targets: Mapping[str, Target]) -> None:
		filled: dict[str, list[str]] = defaultdict(list)
		self._tables: dict[str, list[str]] = defaultdict(list)
		for target in targets.values():
			meta = frappe.get_meta(target.doctype)
			if target.fieldtype == "Table MultiSelect" and target.doctype in (HOUSEHOLD, RESIDENT):
				self._tables[target.doctype].append(target.fieldname)
			elif meta.has_field(target.fieldname) and target.fieldtype != "Password":
				filled[target.doctype].append(target.fieldname)
		self._fields = {
			doctype: tuple(dict.fromkeys((*fixed, *filled[doctype]))) for doctype, fixed in FIXED.items()
		}
		self._may_read = {doctype: bool(frappe.has_permission(doctype, "read")) for doctype in FIXED}

	def numbered(self, villages: Collection[str], numbers: Collection[str]) -> dict[tuple[str, str], Home]:
		"""Return the households of *villages* (paths) that have one of *numbers*, by path and number (small), without
		their people.

		Past the scope: a number is given once in a village, and who gives it again is told so (`Home.is_seen`).
		"""
		if not (villages and numbers):
			return {}
		table = DocType(HOUSEHOLD)
		query = self._select(HOUSEHOLD, table).where(
			table[IN_VILLAGE].isin(sorted(villages)) & table.household_no.isin(sorted(numbers))
		)
		seen = scope.ranges(frappe.session.user, HOUSEHOLD, "read")
		homes = [
			Home(row["name"], row, is_seen=covers(seen, row["grid_path"])) for row in query.run(as_dict=True)
		]
		return {
			(village_of(home.row["grid_path"]), home.row["household_no"].casefold()): home for home in homes
		}

	def of_hashes(self, hashes: Collection[str]) -> dict[str, list[Row]]:
		"""Return the residents with one of the *hashes* of numbers whose identities the reader may read, by hash.

		Rows: name, resident_name, birth_date, household, grid, grid_path, status, sex, household_consistent.
		"""
		if not (hashes and self._may_read[IDENTITY]):
			return {}
		identity, person = DocType(IDENTITY), DocType(RESIDENT)
		query = (
			_who(person)
			.join(identity)
			.on(identity.resident == person.name)
			.select(identity.id_number_hash)
			.where(identity.id_number_hash.isin(sorted(hashes)))
		)
		found: dict[str, list[Row]] = defaultdict(list)
		for row in _inside(query, (IDENTITY, identity), (RESIDENT, person)).run(as_dict=True):
			found[row.id_number_hash].append(row)
		return found

	def namesakes(self, villages: Collection[str], names: Collection[str]) -> list[Row]:
		"""Return who has one of *names* in *villages*; rows as in `of_hashes`."""
		if not (villages and names):
			return []
		person = DocType(RESIDENT)
		query = _who(person).where(
			person.resident_name.isin(sorted(names)) & person[IN_VILLAGE].isin(sorted(villages))
		)
		return _inside(query, (RESIDENT, person)).run(as_dict=True)

	def born(self, people: Collection[tuple[str, date]]) -> dict[tuple[str, date], list[Row]]:
		"""Return who has the name and the date of birth of one of *people*, wherever the reader sees her; rows as above."""
		if not people:
			return {}
		# One look into the index for each: as an IN of pairs the whole table is read.
		names = frappe.db.sql(
			"""select resident.name
			from json_table(%s, '$[*]' columns (resident_name varchar(140) path '$[0]', birth_date date path '$[1]')) asked
			straight_join `tabResident` resident force index (resident_name_in_scope)
				on resident.resident_name = asked.resident_name collate utf8mb4_unicode_ci
				and resident.birth_date = asked.birth_date""",
			json.dumps([[name, born.isoformat()] for name, born in people], ensure_ascii=False),
			pluck=True,
		)
		if not names:
			return {}
		person = DocType(RESIDENT)
		query = _who(person).where(person.name.isin(names))
		found: dict[tuple[str, date], list[Row]] = defaultdict(list)
		for row in _inside(query, (RESIDENT, person)).run(as_dict=True):
			key = (row.resident_name, row.birth_date)
			if key in people and len(found[key]) <= likeness.CROWD:
				found[key].append(row)
		return found

	def homes(self, names: Collection[str], known: Iterable[Home] = ()) -> dict[str, Home]:
		"""Return the households *names*, and those *known* already, with their people and what hangs on them."""
		homes = {home.name: home for home in known if home.is_seen}
		missing = sorted(set(names) - set(homes))
		if missing:
			table = DocType(HOUSEHOLD)
			query = self._select(HOUSEHOLD, table).where(table.name.isin(missing))
			for row in _inside(query, (HOUSEHOLD, table)).run(as_dict=True):
				homes[row.name] = Home(row.name, row)
		if not homes:
			return {}
		table = DocType(RESIDENT)
		query = self._select(RESIDENT, table).where(
			table.household.isin(sorted(homes)) & table.merged_into.isnull()
		)
		people: dict[str, Person] = {}
		for row in _inside(query, (RESIDENT, table)).run(as_dict=True):
			person = people[row.name] = Person(row.name, row)
			homes[row.household].people.append(person)
		self._hang_on(people)
		self._fill_tables(HOUSEHOLD, {home.name: home.row for home in homes.values()})
		self._fill_tables(RESIDENT, {person.name: person.row for person in people.values()})
		return homes

	def _fill_tables(self, doctype: str, rows: Mapping[str, Row]) -> None:
		"""Give *rows*, by name, what their tables of links name."""
		for fieldname in self._tables[doctype] if rows else ():
			table = frappe.get_meta(doctype).get_field(fieldname).options
			link = frappe.get_meta(table).get("fields", {"fieldtype": "Link"})[0].fieldname
			child = DocType(table)
			query = (
				frappe.qb.from_(child)
				.select(child.parent, child[link])
				.where((child.parenttype == doctype) & (child.parentfield == fieldname))
				.where(child.parent.isin(sorted(rows)))
				.orderby(child.idx)
			)
			for parent, linked in query.run():
				rows[parent].setdefault(fieldname, []).append(linked)

	def _hang_on(self, people: Mapping[str, Person]) -> None:
		for row in self._hanging(IDENTITY, people):
			people[row["resident"]].identity = row
		for row in self._hanging(CONTACT, people):
			people[row["resident"]].contacts.append(row)
		for row in self._hanging(CARE, people):
			people[row["resident"]].care.append(row)

	def _hanging(self, doctype: str, people: Mapping[str, Person]) -> Sequence[Row]:
		if not (people and self._may_read[doctype]):
			return ()
		table = DocType(doctype)
		query = self._select(doctype, table).where(table.resident.isin(sorted(people)))
		return _inside(query, (doctype, table)).run(as_dict=True)

	def _select(self, doctype: str, table: Table) -> QueryBuilder:
		return frappe.qb.from_(table).select(*(table[field] for field in self._fields[doctype]))


def _who(person: Table) -> QueryBuilder:
	"""Residents who were neither merged away nor anonymised, with what tells them apart."""
	return (
		frappe.qb.from_(person)
		.select(person.name, person.resident_name, person.birth_date, person.sex, person.status)
		.select(person.household, person.grid, person.grid_path, person.household_consistent)
		.where(person.merged_into.isnull() & person.anonymised_on.isnull())
	)


def _inside(query: QueryBuilder, *tables: tuple[str, Table]) -> QueryBuilder:
	"""Keep *query* on *tables*, each with its DocType, inside the session user's scope."""
	for doctype, table in tables:
		criterion: Criterion = scope.criterion(doctype, table=table)
		if not isinstance(criterion, EmptyCriterion):
			query = query.where(criterion)
	return query
