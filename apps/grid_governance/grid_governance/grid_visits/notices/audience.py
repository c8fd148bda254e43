"""Whom a notice is for: the grids, and the groups of people; who is in any of the groups is meant.

Households that stand (active, not merged) are meant, and of their people those who are not gone. Whoever saves or counts
an audience by care needs the right to read that care where the notice is for.
"""

from collections.abc import Iterable
from datetime import date

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from frappe.utils import cint, getdate
from pypika.queries import QueryBuilder, Table
from pypika.terms import Case, Criterion, ExistsCriterion, Term, ValueWrapper

from grid_governance import scope
from grid_governance.grid_ledger import CARE, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.queries.care import goes_on
from grid_governance.grid_ledger.rules import ages
from grid_governance.grid_ledger.rules.households import GONE
from grid_governance.grid_structure.rules import VILLAGE
from grid_governance.grid_visits.notices import FILTER, PERSONS
from grid_governance.scope.rules import covers, merge, subtree
from grid_governance.scope.schema import LEVEL_COLUMNS

FIELDS = ("care_category", "age_from", "age_to", "sex", "skill")
"""What a row of an audience says; all of it has to hold for a person."""


class AudienceOutsideError(frappe.ValidationError):
	"""A notice is for a grid that does not lie below its own."""


class EmptyRowError(frappe.ValidationError):
	"""A row of an audience says nothing, and would mean everybody."""


class AgeRangeError(frappe.ValidationError):
	"""A row of an audience is from a higher age to a lower one."""


class SensitiveAudienceError(frappe.PermissionError):
	"""An audience is made by care that whoever makes it may not read."""


def check(doc: Document, filters: Iterable[Document] = ()) -> None:
	"""Refuse rows of a notice or saved filter *doc*, and of the saved *filters* it names, that do not hold together.

	Raises EmptyRowError, AgeRangeError, SensitiveAudienceError.
	"""
	for row in [*own_rows(doc), *(row for each in filters for row in own_rows(each))]:
		if not any(row.get(field) for field in FIELDS):
			frappe.throw(
				_("Row {0} of the audience says nothing. Fill it in, or take it away.").format(row.idx),
				EmptyRowError,
			)
		if cint(row.age_from) > cint(row.age_to) > 0:
			frappe.throw(
				_("Row {0} of the audience is from {1} to {2} years. Enter the lower age first.").format(
					row.idx, row.age_from, row.age_to
				),
				AgeRangeError,
			)
	if not doc.flags.ignore_permissions and not may_count(doc):
		frappe.throw(
			_(
				"The audience names a care category that you may not see here. The village secretary sends it."
			),
			SensitiveAudienceError,
		)


def check_grids(doc: Document) -> None:
	"""Refuse grids that do not lie below the notice's own. Raises AudienceOutsideError."""
	names = [row.grid for row in doc.audience_grids]
	for name, path in _paths(names).items():
		if not covers([subtree(doc.grid_path)], path):
			frappe.throw(
				_("{0} does not lie in {1}. Choose grids below the notice's own.").format(name, doc.grid),
				AudienceOutsideError,
			)


def may_count(doc: Document, user: str | None = None) -> bool:
	"""Say whether *user* (default: the session's) may read the care that the audience of *doc* is made by."""
	user, categories = user or frappe.session.user, _categories(doc)
	if not categories:
		return True
	needed = {CARE, IDENTITY} if _is_sensitive(categories) else {CARE}
	return all(scope.covers(doc.grid_path or "", user, doctype) for doctype in needed)


def is_sensitive(doc: Document) -> bool:
	"""Say whether a row of the audience names a sensitive category: deliveries may tell who is in it."""
	return _is_sensitive(_categories(doc))


def count(notice: Document) -> dict[str, int | None]:
	"""Return how many `households`, and how many `persons` in them, *notice* (saved or not) is for, in two statements.

	Both None for a reader who may not read the care that the audience is made by.
	"""
	return counted(notice) if may_count(notice) else {"households": None, "persons": None}


def counted(notice: Document) -> dict[str, int]:
	"""Return what `count` does, whoever asks: for callers that have judged her."""
	home, place, person = DocType(HOUSEHOLD), DocType("Grid"), DocType(RESIDENT)
	homes = _of_homes(notice, home, place, None).select(Count("*"))
	people = _of_people(notice, home, person, None).select(Count("*"))
	return {"households": homes.run()[0][0], "persons": people.run()[0][0]}


def select(notice: Document, village: str | None = None) -> QueryBuilder:
	"""Return the statement for the recipients of *notice*: household, resident ("" for a household), grid, grid_path,
	is_sensitive (1 for who is meant only as somebody in sensitive care).

	Each once; those of one *village* (its path, from `villages`) if asked.
	"""
	home, place, person = DocType(HOUSEHOLD), DocType("Grid"), DocType(RESIDENT)
	if notice.deliver_to == PERSONS:
		found, grid = _of_people(notice, home, person, village), home.grid
		who, known = person.name, _matches_any(notice, person, _told_openly(notice))
	else:
		found, grid = _of_homes(notice, home, place, village), place.name
		who, known = ValueWrapper(""), _home_has_any(notice, home, person, village)
	return found.select(
		home.name.as_("household"),
		who.as_("resident"),
		grid.as_("grid"),
		home.grid_path,
		_unless(known, notice).as_("is_sensitive"),
	)


def villages(notice: Document) -> list[str]:
	"""Return the paths of the villages in which households of the audience may lie, in order."""
	grid, home = DocType("Grid"), DocType(HOUSEHOLD)
	column = grid[LEVEL_COLUMNS[VILLAGE]]
	lies_there = frappe.qb.from_(home).select(home.name).where(home.grid_path == grid.grid_path)
	return (
		frappe.qb.from_(grid)
		.select(column)
		.distinct()
		.where(_in_grids(notice, grid, None) & ExistsCriterion(lies_there))
		.orderby(column)
		.run(pluck=True)
	)


def rows(notice: Document) -> list[Document]:
	"""Return the rows of the audience: its own and, until it is approved, those of the saved filter."""
	saved = notice.get("audience_filter") if not notice.get("sent_at") else None
	return [*own_rows(notice), *(own_rows(frappe.get_cached_doc(FILTER, saved)) if saved else ())]


def own_rows(doc: Document) -> list[Document]:
	"""Return the rows that stand in the notice or saved filter *doc*."""
	return doc.get("rows" if doc.doctype == FILTER else "audience_rows") or []


def _of_people(notice: Document, home: Table, person: Table, village: str | None) -> QueryBuilder:
	return (
		frappe.qb.from_(person)
		.join(home)
		.on(home.name == person.household)
		.where(_standing(home) & _in_grids(notice, home, village))
		.where(_person_is_meant(notice, person, village))
	)


def _of_homes(notice: Document, home: Table, place: Table, village: str | None) -> QueryBuilder:
	"""The households that are meant. They lie in their grids by their paths too, so that the ledger's index `counted`
	finds all of a village without reading their rows."""
	query = (
		frappe.qb.from_(place)
		.join(home)
		.on(home.grid_path == place.grid_path)
		.where(_standing(home) & _in_grids(notice, place, village))
	)
	if not rows(notice):
		return query
	person = DocType(RESIDENT)
	people = frappe.qb.from_(person).select(person.household).where(_person_is_meant(notice, person, village))
	return query.where(home.name.isin(people))


def _standing(home: Table) -> Criterion:
	"""The condition of a household that is there: what is merged into another, or anonymised, was dissolved first."""
	return home.status == "Active"


def _person_is_meant(notice: Document, person: Table, village: str | None) -> Criterion:
	meant = _living(person) & _in_grids(notice, person, village)
	groups = rows(notice)
	return meant & _matches_any(notice, person, groups) if groups else meant


def _living(person: Table) -> Criterion:
	return person.status.notin(GONE) & person.merged_into.isnull() & person.anonymised_on.isnull()


def _told_openly(notice: Document) -> list[Document]:
	"""The rows of the audience that tell of nobody what not all who see a delivery may know."""
	return [row for row in rows(notice) if not (row.care_category and _is_sensitive({row.care_category}))]


def _matches_any(notice: Document, person: Table, groups: list[Document]) -> Criterion:
	today = getdate(notice.get("sent_at"))
	return Criterion.any(_matches(person, row, today) for row in groups)


def _home_has_any(notice: Document, home: Table, person: Table, village: str | None) -> Criterion:
	"""The condition for a household of which somebody is meant by a row that tells nothing."""
	groups = _told_openly(notice)
	if not groups:
		return Criterion.any(())
	people = (
		frappe.qb.from_(person)
		.select(person.household)
		.where(_living(person) & _in_grids(notice, person, village) & _matches_any(notice, person, groups))
	)
	return home.name.isin(people)


def _unless(known: Criterion, notice: Document) -> Term:
	"""1 for a recipient of a sensitive *notice* who is not *known* to be meant for another reason, else 0."""
	if not is_sensitive(notice):
		return ValueWrapper(0)
	return Case().when(known, 0).else_(1) if _told_openly(notice) else ValueWrapper(1)


def _matches(person: Table, row: Document, today: date) -> Criterion:
	"""The condition for the people of one row; ages in full years on the day *today*."""
	found = []
	if row.age_from:
		found.append(person.birth_date <= ages.born_until(cint(row.age_from), today))
	if row.age_to:
		found.append(person.birth_date > ages.born_until(cint(row.age_to) + 1, today))
	if row.sex:
		found.append(person.sex == row.sex)
	if row.care_category:
		care = DocType(CARE)
		open_ = (care.category == row.care_category) & goes_on(care, today)
		found.append(person.name.isin(frappe.qb.from_(care).select(care.resident).where(open_)))
	if row.skill:
		skill = DocType("Resident Skill")
		having = (skill.parenttype == RESIDENT) & (skill.skill == row.skill)
		found.append(person.name.isin(frappe.qb.from_(skill).select(skill.parent).where(having)))
	return Criterion.all(found)


def _in_grids(notice: Document, table: Table, village: str | None) -> Criterion:
	names = [row.grid for row in notice.get("audience_grids") or ()]
	paths = _paths(names).values() if names else [notice.grid_path or _paths([notice.grid])[notice.grid]]
	ranges = merge(map(subtree, paths))
	within = Criterion.any((table.grid_path >= lo) & (table.grid_path < hi) for lo, hi in ranges)
	return within if village is None else (table[LEVEL_COLUMNS[VILLAGE]] == village) & within


def _paths(grids: list[str]) -> dict[str, str]:
	grid = DocType("Grid")
	found = frappe.qb.from_(grid).select(grid.name, grid.grid_path).where(grid.name.isin(grids or [""]))
	return dict(found.run())


def _categories(doc: Document) -> set[str]:
	every = own_rows(doc) if doc.doctype == FILTER else rows(doc)
	return {row.care_category for row in every if row.care_category}


def _is_sensitive(categories: set[str]) -> bool:
	return any(frappe.get_cached_value("Care Category", name, "is_sensitive") for name in categories)
