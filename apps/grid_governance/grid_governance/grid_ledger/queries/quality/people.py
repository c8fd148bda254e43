"""The checks of people, of their numbers and phones, of their care."""

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.query_builder.functions import Coalesce
from frappe.utils import getdate
from pypika.queries import QueryBuilder, Table
from pypika.terms import Criterion, Not

from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.queries import sizes
from grid_governance.grid_ledger.queries.quality.findings import Check, empty, line, of_hanging, of_residents
from grid_governance.grid_ledger.rules import ages, households, minors, numbers
from grid_governance.reporting import Question

OLDEST = 120
"""Nobody is older (the oldest whose age is proven died at 122); who seems to be was born in another year."""

PHONE = r"^(1[3-9][0-9]{9}|(0[0-9]{2,3}-?)?[2-9][0-9]{6,7}(-[0-9]{1,6})?|[48]00-?[0-9]{3}-?[0-9]{4})$"
"""A mobile number, a fixed line with or without its area, a service number."""


def of_people() -> list[Check]:
	of = (RESIDENT,)
	enter = _("Enter it in the resident's record.")
	return [
		Check("no-birth", _("Without a Date of Birth"), enter, RESIDENT, of, no_birth),
		Check("no-sex", _("Without a Sex"), enter, RESIDENT, of, no_sex),
		Check(
			"too-old",
			_("Older Than {0} Years").format(OLDEST),
			_("Correct the date of birth, or enter the death."),
			RESIDENT,
			of,
			too_old,
		),
		Check("no-relation", _("Without a Relation to the Head"), enter, RESIDENT, of, no_relation),
		Check(
			"elsewhere",
			_("In Another Grid Than the Household"),
			_("Save the household once: its people follow it."),
			RESIDENT,
			(RESIDENT, HOUSEHOLD),
			elsewhere,
		),
	]


def no_birth(question: Question) -> QueryBuilder:
	"""Return the people whose day of birth nobody has entered."""
	query, resident = of_residents(question)
	return query.where(resident.birth_date.isnull())


def no_sex(question: Question) -> QueryBuilder:
	"""Return the people whose sex nobody has entered."""
	query, resident = of_residents(question)
	return query.where(empty(resident.sex))


def too_old(question: Question) -> QueryBuilder:
	"""Return the people who would be older than anybody."""
	query, resident = of_residents(question)
	return query.where(resident.birth_date <= ages.born_until(OLDEST + 1, getdate()))


def no_relation(question: Question) -> QueryBuilder:
	"""Return the people of whom nobody knows how they belong to their household."""
	query, resident = of_residents(question)
	return query.where(empty(resident.relation_to_head))


def elsewhere(question: Question) -> QueryBuilder:
	"""Return the people who lie in another grid than the household they live in."""
	query, resident = of_residents(question, HOUSEHOLD)
	household = DocType(HOUSEHOLD)
	query = query.join(household).on(household.name == resident.household)
	return query.where(household.grid_path != resident.grid_path)


def of_numbers() -> list[Check]:
	of = (RESIDENT, IDENTITY)
	correct = _("Correct the number or the record: look at the paper itself.")
	return [
		Check(
			"no-identity",
			_("Without an Identity"),
			_("Enter the number of her papers on the household's page."),
			RESIDENT,
			of,
			no_identity,
		),
		Check(
			"other-birth", _("Another Date of Birth in the Number"), correct, RESIDENT, of, other_birth
		),
		Check("other-sex", _("Another Sex in the Number"), correct, RESIDENT, of, other_sex),
		Check(
			"same-number",
			_("The Same Number Twice"),
			_("Merge them; if she is registered in one place and lives in the other, enter that she is not registered where she lives."),
			RESIDENT,
			of,
			same_number,
		),
		Check(
			"bad-phone",
			_("No Phone Number"),
			_("Correct the phone in the contact."),
			CONTACT,
			(RESIDENT, CONTACT),
			bad_phone,
		),
	]  # fmt: skip


def no_identity(question: Question) -> QueryBuilder:
	"""Return the people without the number of any paper, where the reader may know numbers."""
	query, resident = of_residents(question, IDENTITY)
	identity = DocType(IDENTITY)
	return query.left_join(identity).on(identity.resident == resident.name).where(identity.name.isnull())


def other_birth(question: Question) -> QueryBuilder:
	"""Return the people who were born on another day by their number than by the ledger."""
	query, resident = of_residents(question, IDENTITY)
	identity = DocType(IDENTITY)
	query = query.join(identity).on(identity.resident == resident.name)
	return query.where(identity.number_birth_date != resident.birth_date)


def other_sex(question: Question) -> QueryBuilder:
	"""Return the people who have another sex by their number than by the ledger."""
	query, resident = of_residents(question, IDENTITY)
	identity = DocType(IDENTITY)
	query = query.join(identity).on(identity.resident == resident.name)
	return query.where(resident.sex.isin([numbers.MALE, numbers.FEMALE])).where(
		identity.number_sex != resident.sex
	)


def same_number(question: Question) -> QueryBuilder:
	"""Return the people with whose number somebody else stands in the reader's scope, too.

	Not those of whom it is entered that they are registered elsewhere, nor the others of such a pair (domain B0.6): of two
	places one is where she lives. Beyond the scope nothing is compared.
	"""
	identity, other = DocType(IDENTITY), DocType(IDENTITY).as_("other_identity")
	resident, someone = DocType(RESIDENT), DocType(RESIDENT).as_("someone")
	apart = "Not Consistent"
	query = (
		frappe.qb.from_(identity)
		.join(other)
		.on((other.id_number_hash == identity.id_number_hash) & (other.name != identity.name))
		.join(resident)
		.on(resident.name == identity.resident)
		.join(someone)
		.on(someone.name == other.resident)
		.where(question.about(IDENTITY).where(identity))
		.where(identity.id_number_hash != "")
		.where(someone.name != resident.name)
		.groupby(resident.name)
	)
	for each in (resident, someone):
		query = (
			query.where(sizes.reportable(each, RESIDENT, IDENTITY))
			.where(sizes.member(each))
			.where(Coalesce(each.household_consistent, "") != apart)
		)
	return line(query, resident)


def bad_phone(question: Question) -> QueryBuilder:
	"""Return the contacts whose phone is no phone number, with the people they are of."""
	query, contact, resident = of_hanging(CONTACT, question)
	return query.where(sizes.member(resident)).where((contact.phone != "") & Not(contact.phone.rlike(PHONE)))


def of_care() -> list[Check]:
	of = (RESIDENT, CARE)
	return [
		Check(
			"no-guardian",
			_("Minor in Care without a Guardian"),
			_("Enter the guardian in the resident's record."),
			CARE,
			of,
			no_guardian,
		),
		Check(
			"guardian-died",
			_("Minor Whose Guardian Died"),
			_("Enter another guardian in the resident's record."),
			RESIDENT,
			(RESIDENT,),
			guardian_died,
		),
		Check(
			"ended-but-due",
			_("Care Has Ended, a Visit Is Still Due"),
			_("Take the next visit out, or the end if the care goes on."),
			CARE,
			of,
			ended_but_due,
		),
		Check(
			"care-of-gone",
			_("In Care though Gone"),
			_("Enter until when she was in care."),
			CARE,
			of,
			care_of_gone,
		),
	]


def no_guardian(question: Question) -> QueryBuilder:
	"""Return the open care of minors for whom nobody answers."""
	query, care, resident = of_hanging(CARE, question)
	minors_only = frappe.get_all("Care Category", {"for_minor": 1}, pluck="name", order_by="name asc")
	return query.where(
		care.category.isin(minors_only or [""])
		& _is_open(care)
		& sizes.member(resident)
		& empty(resident.guardian)
	)


def guardian_died(question: Question) -> QueryBuilder:
	"""Return the minors for whom somebody answers who died (Civil Code Art. 39)."""
	query, resident = of_residents(question, scan=False)
	guardian = DocType(RESIDENT).as_("guardian")
	return (
		query.join(guardian)
		.on(guardian.name == resident.guardian)
		.where(
			(guardian.status == households.DECEASED)
			& (resident.birth_date > ages.born_until(minors.FULL_AGE, getdate()))
		)
	)


def ended_but_due(question: Question) -> QueryBuilder:
	"""Return the care that is over and still asks for a visit."""
	query, care, _resident = of_hanging(CARE, question)
	return query.where((care.until < getdate()) & care.next_visit_due.isnotnull())


def care_of_gone(question: Question) -> QueryBuilder:
	"""Return the open care of people who moved out or died."""
	query, care, resident = of_hanging(CARE, question)
	return query.where(_is_open(care) & resident.status.isin(households.GONE))


def _is_open(care: Table) -> Criterion:
	return care.until.isnull() | (care.until >= getdate())
