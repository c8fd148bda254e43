"""The checks of households, and of what else a grid keeps."""

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.query_builder.functions import Coalesce, Count
from pypika.queries import QueryBuilder
from pypika.terms import Not

from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.queries import sizes
from grid_governance.grid_ledger.queries.circles import CENTRE
from grid_governance.grid_ledger.queries.elements import ORGANIZATION
from grid_governance.grid_ledger.queries.quality.findings import Check, Rows, empty, line, of_households
from grid_governance.grid_ledger.rules import households, numbers
from grid_governance.reporting import Question


def of_households_themselves() -> list[Check]:
	of = (HOUSEHOLD,)
	page, both = _("Enter it on the household's page."), (HOUSEHOLD, RESIDENT)
	head = _("Choose the head with the button on the household's page.")
	return [
		Check("no-head", _("Household without a Head"), head, HOUSEHOLD, of, no_head),
		Check("head-gone", _("Head Is No Member Any More"), head, HOUSEHOLD, both, head_gone),
		Check("two-heads", _("Household with Two Heads"), head, HOUSEHOLD, both, two_heads),
		Check(
			"no-members",
			_("Household without Members"),
			_("Enter its members, or dissolve it."),
			HOUSEHOLD,
			of,
			no_members,
		),
		Check(
			"wrong-count",
			_("Number of Members Is Wrong"),
			_("Save one of its members once: they are counted anew."),
			HOUSEHOLD,
			both,
			wrong_count,
		),
		Check("no-number", _("Without a Household Number"), page, HOUSEHOLD, of, no_number),
		Check("no-point", _("Without a Point on the Map"), page, HOUSEHOLD, of, no_point),
		Check(
			"wrong-grid",
			_("On a Grid That Holds No Households"),
			_("Move it into the grid in which it lies."),
			HOUSEHOLD,
			of,
			wrong_grid,
		),
	]


def no_head(question: Question) -> QueryBuilder:
	"""Return the households that have members and no head."""
	query, household = of_households(question)
	return query.where(empty(household.head) & (household.member_count > 0))


def head_gone(question: Question) -> QueryBuilder:
	"""Return the households whose head lives in another one, moved out, died or is not entered as their head."""
	query, household = of_households(question, RESIDENT)
	head = DocType(RESIDENT).as_("head_of_it")
	query = query.join(head).on(head.name == household.head)
	away = (head.household != household.name) | Not(sizes.member(head))
	return query.where(away | (Coalesce(head.relation_to_head, "") != households.HEAD))


def two_heads(question: Question) -> QueryBuilder:
	"""Return the households in which more than one person is entered as the head."""
	query, household = of_households(question)
	resident = DocType(RESIDENT)
	several = (
		frappe.qb.from_(resident)
		.force_index(sizes.COUNTED)
		.select(resident.household)
		.where(question.about(RESIDENT).where(resident))
		.where(sizes.member(resident) & (resident.relation_to_head == households.HEAD))
		.groupby(resident.household)
		.having(Count("*") > 1)
	)
	return query.where(household.name.isin(several))


def no_members(question: Question) -> QueryBuilder:
	"""Return the households in which nobody lives."""
	query, household = of_households(question)
	return query.where(Coalesce(household.member_count, 0) == 0)


def wrong_count(question: Question) -> QueryBuilder:
	"""Return the households that say another number of members than they have, gone and merged ones not counted."""
	query, household = of_households(question, RESIDENT)
	resident = DocType(RESIDENT)
	members = (
		frappe.qb.from_(resident)
		.select(Count("*"))
		.where((resident.household == household.name) & sizes.member(resident))
	)
	return query.where(Coalesce(household.member_count, 0) != members)


def no_number(question: Question) -> QueryBuilder:
	"""Return the households without a number."""
	query, household = of_households(question)
	return query.where(empty(household.household_no))


def no_point(question: Question) -> QueryBuilder:
	"""Return the households that stand on no map."""
	query, household = of_households(question)
	return query.where((Coalesce(household.latitude, 0) == 0) | (Coalesce(household.longitude, 0) == 0))


def wrong_grid(question: Question) -> QueryBuilder:
	"""Return the households that lie on a level which holds none (domain, D-checks), or on a closed grid."""
	query, household = of_households(question)
	grid, level = DocType("Grid"), DocType("Grid Level")
	return (
		query.join(grid)
		.on(grid.name == household.grid)
		.join(level)
		.on(level.name == grid.grid_level)
		.where((level.holds_households == 0) | (grid.status == "Closed"))
	)


def of_others() -> list[Check]:
	return [
		Check(
			"centre-outside",
			_("Centre outside Its Circle"),
			_("Correct the household or the circle of the centre."),
			CENTRE,
			(CENTRE, HOUSEHOLD),
			centre_outside,
		),
		Check(
			"bad-code",
			_("Social Credit Code Is Wrong"),
			_("Correct the code: 18 characters, the last one checks the others."),
			ORGANIZATION,
			(ORGANIZATION,),
			bad_code,
		),
	]


def centre_outside(question: Question) -> QueryBuilder:
	"""Return the centres whose household lies in another grid than their circle."""
	centre, household = DocType(CENTRE), DocType(HOUSEHOLD)
	query = (
		frappe.qb.from_(centre)
		.join(household)
		.on(household.name == centre.household)
		.where(question.about(CENTRE).where(centre))
		.where(sizes.reportable(household, HOUSEHOLD))
		.where((centre.status == "Active") & (household.grid != centre.grid))
	)
	return line(query, centre)


def bad_code(question: Question) -> Rows:
	"""Return the organisations whose code is none by its standard (GB 32100): a township has some thousands of them."""
	organization = DocType(ORGANIZATION)
	query = frappe.qb.from_(organization).select(organization.uscc)
	rows = (
		line(query, organization)
		.where(question.about(ORGANIZATION).where(organization))
		.where((organization.uscc != "") & (organization.active == 1))
		.orderby(organization.grid_path)
		.orderby(organization.name)
		.run(as_dict=True)
	)
	return [row for row in rows if not _is_code(row.pop("uscc"))]


def _is_code(code: str) -> bool:
	try:
		return numbers.organisation(code) == code
	except numbers.NumberProblem:
		return False
