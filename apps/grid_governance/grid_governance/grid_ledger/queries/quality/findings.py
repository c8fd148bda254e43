"""What is wrong or missing in the ledger: each kind of finding one statement, inside the reader's scope.

A finding stands as long as the row is as it is: nothing is kept of it, so a correction takes it off at once. A statement
looks for names alone, most of them in the index from which people and households are counted; what those few are called
that are shown is read afterwards.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import frappe
from frappe.query_builder import DocType
from pypika.analytics import Count as CountOver
from pypika.queries import QueryBuilder, Table
from pypika.terms import Criterion, Field

from grid_governance.grid_ledger import HOUSEHOLD, OF_RESIDENT, RESIDENT
from grid_governance.grid_ledger.queries import sizes
from grid_governance.reporting import Question

EACH_SHOWN, ONE_SHOWN = 50, 1000
"""How many findings of each kind are shown, of all kinds and of one alone."""

Rows = list[frappe._dict]


@dataclass(frozen=True)
class Check:
	"""One kind of finding.

	*label* says what is wrong, *advice* what to do, *doctype* is what a finding opens. *needs* are the DocTypes that the
	reader has to be able to report for it. *find* gives a statement with the columns of `line`, or where a database has no
	words for what is wrong these rows themselves.
	"""

	key: str
	label: str
	advice: str
	doctype: str
	needs: tuple[str, ...]
	find: Callable[[Question], QueryBuilder | Rows]


@dataclass(frozen=True)
class Findings:
	"""What a check has found: the first *rows* (name, title, household, household_title, grid_path) of *count*."""

	check: Check
	rows: Rows
	count: int


def run(checks: Iterable[Check], question: Question, most: int) -> list[Findings]:
	"""Return what each of *checks* that the reader may make finds, at most *most* rows of each, and how many there are."""
	return [
		_found(check, question, most)
		for check in checks
		if all(frappe.has_permission(doctype, "report") for doctype in check.needs)
	]


def _found(check: Check, question: Question, most: int) -> Findings:
	found = check.find(question)
	if isinstance(found, list):
		rows, count = found[:most], len(found)
	else:
		rows = (
			found.select(CountOver("*").over().as_("counted"))
			.orderby(Field("grid_path"))
			.orderby(Field("name"))
			.limit(most)
			.run(as_dict=True)
		)
		count = rows[0].counted if rows else 0
	return Findings(check, _called(check.doctype, rows), count)


def _called(doctype: str, rows: Rows) -> Rows:
	"""Give each of *rows* of *doctype* its title and its household, past the scope: the rows themselves lie in it."""
	meta = frappe.get_meta(doctype)
	hangs = doctype in OF_RESIDENT
	fields = {"title": "resident" if hangs else meta.title_field}
	if meta.has_field("household"):
		fields["household"] = "household"
	known = _values(doctype, {row.name for row in rows}, fields)
	people = (
		_values(RESIDENT, {row.title for row in known.values()}, {"title": "resident_name"}) if hangs else {}
	)
	for row in rows:
		row.update(known.get(row.name, {}))
		row.title = people[row.title].title if row.title in people else row.title
		row.household = row.name if doctype == HOUSEHOLD else row.household
	homes = _values(HOUSEHOLD, {row.household for row in rows}, {"title": "title"})
	for row in rows:
		row.household_title = homes[row.household].title if row.household in homes else None
	return rows


def _values(doctype: str, names: set[str | None], fields: dict[str, str]) -> dict[str, frappe._dict]:
	wanted = sorted(name for name in names if name)
	if not wanted:
		return {}
	found = frappe.get_all(
		doctype,
		filters={"name": ["in", wanted]},
		fields=["name", *(f"{field} as {told}" for told, field in fields.items())],
		order_by="name asc",
		limit_page_length=0,
	)
	return {row.pop("name"): row for row in found}


def line(query: QueryBuilder, table: Table) -> QueryBuilder:
	"""Let *query* give the columns of a finding: name and place of the row of *table*."""
	return query.select(table.name, table.grid_path)


def of_residents(question: Question, *beside: str, scan: bool = True) -> tuple[QueryBuilder, Table]:
	"""Begin a statement on the people that there are, where the reader may report the DocTypes *beside*, too.

	With *scan* all of them are looked at, in the index that holds what most checks ask for; without, the statement says
	itself how it gets at the few.
	"""
	resident = DocType(RESIDENT)
	query = frappe.qb.from_(resident)
	query = (
		(query.force_index(sizes.COUNTED) if scan else query)
		.where(question.about(RESIDENT).where(resident))
		.where(sizes.reportable(resident, *beside))
		.where(sizes.member(resident))
	)
	return line(query, resident), resident


def of_households(question: Question, *beside: str) -> tuple[QueryBuilder, Table]:
	"""Begin a statement on the households that there are, where the reader may report the DocTypes *beside*, too."""
	household = DocType(HOUSEHOLD)
	query = (
		frappe.qb.from_(household)
		.force_index(sizes.COUNTED)
		.where(question.about(HOUSEHOLD).where(household))
		.where(sizes.reportable(household, *beside))
		.where(sizes.active(household))
	)
	return line(query, household), household


def of_hanging(doctype: str, question: Question, *beside: str) -> tuple[QueryBuilder, Table, Table]:
	"""Begin a statement on the rows of *doctype* that hang on people, with these people: gone ones, too."""
	table, resident = DocType(doctype), DocType(RESIDENT)
	query = (
		frappe.qb.from_(table)
		.join(resident)
		.on(resident.name == table.resident)
		.where(question.about(doctype).where(table))
		.where(sizes.reportable(resident, RESIDENT, *beside))
		.where(resident.merged_into.isnull())
	)
	return line(query, table), table, resident


def empty(field: Any) -> Criterion:
	"""Return the condition that *field*, a text or a Link, says nothing."""
	return field.isnull() | (field == "")
