"""What is wrong or missing in the ledger: each kind of finding one statement, inside the reader's scope.

A finding stands as long as the row is as it is: nothing is kept of it, so a correction takes it off at once.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import frappe
from frappe.query_builder import DocType
from pypika.analytics import Count as CountOver
from pypika.queries import QueryBuilder, Table
from pypika.terms import Field, Term

from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
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
	words for what is wrong the rows themselves.
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
		return Findings(check, found[:most], len(found))
	rows = (
		found.select(CountOver("*").over().as_("counted"))
		.orderby(Field("grid_path"))
		.orderby(Field("name"))
		.limit(most)
		.run(as_dict=True)
	)
	return Findings(check, rows, rows[0].counted if rows else 0)


def line(query: QueryBuilder, table: Table, title: Term, household: Table | None = None) -> QueryBuilder:
	"""Let *query* give the columns of a finding: the row of *table*, what it is called, its household."""
	query = query.select(table.name, title.as_("title"), table.grid_path)
	if household is None:
		return query
	return query.select(household.name.as_("household"), household.title.as_("household_title"))


def of_residents(question: Question, *beside: str) -> tuple[QueryBuilder, Table]:
	"""Begin a statement on the people that there are, where the reader may report the DocTypes *beside*, too."""
	resident, household = DocType(RESIDENT), DocType(HOUSEHOLD)
	query = (
		frappe.qb.from_(resident)
		.left_join(household)
		.on(household.name == resident.household)
		.where(question.about(RESIDENT).where(resident))
		.where(sizes.reportable(resident, *beside))
		.where(sizes.member(resident))
	)
	return line(query, resident, resident.resident_name, household), resident


def of_households(question: Question) -> tuple[QueryBuilder, Table]:
	"""Begin a statement on the households that there are."""
	household = DocType(HOUSEHOLD)
	query = (
		frappe.qb.from_(household)
		.where(question.about(HOUSEHOLD).where(household))
		.where(sizes.active(household))
	)
	return line(query, household, household.title, household), household


def of_hanging(doctype: str, question: Question, *beside: str) -> tuple[QueryBuilder, Table, Table]:
	"""Begin a statement on the rows of *doctype* that hang on people, with these people: gone ones, too."""
	table, resident, household = DocType(doctype), DocType(RESIDENT), DocType(HOUSEHOLD)
	query = (
		frappe.qb.from_(table)
		.join(resident)
		.on(resident.name == table.resident)
		.left_join(household)
		.on(household.name == resident.household)
		.where(question.about(doctype).where(table))
		.where(sizes.reportable(resident, RESIDENT, *beside))
		.where(resident.merged_into.isnull())
	)
	return line(query, table, resident.resident_name, household), table, resident


def empty(field: Any) -> Any:
	"""Return the condition that *field*, a text or a Link, says nothing."""
	return field.isnull() | (field == "")
