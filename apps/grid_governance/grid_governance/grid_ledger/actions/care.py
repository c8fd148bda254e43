"""Care: who is taken into which category, by hand and by age."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import add_days, getdate, now
from pypika.terms import Criterion

from grid_governance import scope
from grid_governance.grid_ledger import CARE, IDENTITY, RESIDENT
from grid_governance.grid_ledger.actions import consents, residents
from grid_governance.grid_ledger.rules import ages, households, minors
from grid_governance.grid_structure import queries as structure

ENTERED, BY_AGE, IMPORTED = "Entered", "Age Rule", "Import"
ELDER, FROM_AGE, BELOW_AGE = "From the Elder Age On", "From an Age On", "Below an Age"
CHUNK = 5000
"""Rows that one statement writes."""


class CareTwiceError(frappe.ValidationError):
	"""Somebody is in this category already."""


class CarePeriodError(frappe.ValidationError):
	"""Care ends before it begins."""


class CareConsentError(frappe.ValidationError):
	"""A category asks for a consent or a guardian that the ledger does not have."""


class CareAgeError(frappe.ValidationError):
	"""A category for minors is entered for somebody of full age, or whose age nobody knows."""


class CareGoneError(frappe.ValidationError):
	"""Somebody who is gone is taken into care."""


class CareLevelError(frappe.PermissionError):
	"""Somebody enters a sensitive category who may not see one."""


def prepare(doc: Document) -> None:
	"""Take over where the resident lives and how sensitive the category is."""
	if doc.is_new():
		residents.refuse_merged(doc.resident)
	place = frappe.db.get_value(RESIDENT, doc.resident, ["household", "grid"], as_dict=True) or frappe._dict()
	doc.household, doc.grid = place.household, place.grid
	if doc.category:
		doc.is_sensitive = frappe.get_cached_value("Care Category", doc.category, "is_sensitive")


def check(doc: Document) -> None:
	"""Refuse a second row that is open, a period that runs backwards, and what the category asks for and is not there."""
	category = frappe.get_cached_doc("Care Category", doc.category)
	if doc.until and getdate(doc.until) < getdate(doc.since):
		frappe.throw(
			_("The care ends on {0}, before it begins on {1}.").format(
				frappe.format(doc.until, "Date"), frappe.format(doc.since, "Date")
			),
			CarePeriodError,
		)
	if category.is_sensitive and not doc.flags.ignore_permissions and not _may_enter(doc):
		frappe.throw(level_missing(doc.category), CareLevelError)
	_check_once(doc)
	person = frappe.db.get_value(
		RESIDENT, doc.resident, ["resident_name", "birth_date", "status", "guardian"], as_dict=True
	)
	if doc.is_new() and not doc.until and person.status in households.GONE:
		frappe.throw(is_gone(person.resident_name), CareGoneError)
	if category.for_minor and not doc.until:
		_check_minor(doc, person)
	consents.stamp(doc, person)
	if category.legal_basis == consents.CONSENT and not doc.consent_on:
		frappe.throw(consent_missing(doc.category), CareConsentError)
	if doc.until and getdate(doc.until) <= getdate():
		doc.next_visit_due = None
	elif doc.has_value_changed("category") and category.must_visit:
		doc.next_visit_due = first_visit(getdate(doc.since), category.visit_interval_days, getdate())


def first_visit(since: date, interval_days: int, today: date) -> date:
	"""Return until when somebody who is in care *since* that day is to be visited, as entered *today*: nobody is late when
	she is entered."""
	return max(since + timedelta(days=interval_days), today)


def _check_minor(doc: Document, person: frappe._dict) -> None:
	"""Refuse a category for minors for an adult, and for a minor without a guardian of full age who is alive.

	Age on the day on which the care begins (Civil Code Art. 17, 27): who grows up stays until somebody ends it.
	"""
	if not doc.is_new() and not doc.has_value_changed("since"):
		return
	if problem := age_problem(doc.category, person, getdate(doc.since)):
		frappe.throw(problem, CareAgeError)
	if not person.guardian:
		frappe.throw(guardian_missing(doc.category), CareConsentError)
	residents.check_guardian(frappe._dict(name=doc.resident, guardian=person.guardian))


def age_problem(category: str, person: Mapping[str, Any], since: date) -> str:
	"""Return why *person* (resident_name, birth_date) is not taken into a *category* for minors on the day *since*,
	empty for nothing."""
	if minors.is_minor(person.get("birth_date"), since):
		return ""
	return _("{0} is for minors. {1} was no minor on {2}, or the date of birth is missing.").format(
		_(category), person.get("resident_name"), frappe.format(since, "Date")
	)


def guardian_missing(category: str) -> str:
	"""Return in words that *category* asks for a guardian."""
	return _("{0} is for minors. Enter the guardian in the resident's record first.").format(_(category))


def level_missing(category: str) -> str:
	"""Return in words that somebody of a higher level enters *category*."""
	return _("{0} is a sensitive category. The village secretary enters it.").format(_(category))


def consent_missing(category: str) -> str:
	"""Return in words that *category* rests on a consent."""
	return _("{0} rests on consent. Enter the day on which she or her guardian agreed.").format(_(category))


def is_gone(name: str) -> str:
	"""Return in words that who is gone is not taken into care."""
	return _("{0} is gone and is not taken into care.").format(name)


def _may_enter(doc: Document) -> bool:
	return scope.covers(doc.grid_path, frappe.session.user, IDENTITY, "create")


def _check_once(doc: Document) -> None:
	if doc.until:
		return
	standing = {
		"resident": doc.resident,
		"category": doc.category,
		"name": ["!=", doc.name],
		"until": ["is", "not set"],
	}
	if frappe.db.exists(CARE, standing):
		frappe.throw(_("She is in the category {0} already.").format(_(doc.category)), CareTwiceError)


def ask_no_more(today: date | None = None) -> None:
	"""Let care whose last day has come ask for no visit any more: that it ends was known before."""
	care = DocType(CARE)
	query = frappe.qb.update(care).set(care.next_visit_due, None).set(care.modified, now())
	query.where((care.until <= (today or getdate())) & care.next_visit_due.isnotnull()).run()


def apply_age_rules(today: date | None = None, among: Criterion | None = None) -> int:
	"""Take into each category with an age rule whoever has reached the age by *today* (default: today); return how many.

	Of all residents, or of those *among* (a condition on their table).

	Whoever was in the category once stays as people entered her, ended or not (domain, D-checks); nobody is taken
	out. By sets, a chunk at a time, each committed: run again, it goes on where it ended.
	"""
	today = today or getdate()
	count = 0
	for category in frappe.get_all(
		"Care Category",
		filters={"age_rule": ["is", "set"]},
		fields=["name", "age_rule", "age", "is_sensitive", "must_visit", "visit_interval_days"],
		order_by="name asc",
	):
		for condition in _reached(category, today):
			count += _take_in(category, condition if among is None else condition & among, today)
	return count


def _reached(category: frappe._dict, today: date) -> Iterator[Criterion]:
	"""The conditions of the residents who have reached the age: for the elder age one for each township."""
	resident = DocType(RESIDENT)
	if category.age_rule == FROM_AGE:
		yield resident.birth_date <= ages.born_until(category.age, today)
	elif category.age_rule == BELOW_AGE:
		yield resident.birth_date > ages.born_until(category.age, today)
	else:
		for path in structure.township_paths():
			elder = structure.setting(path, "elder_age")
			yield (resident.birth_date <= ages.born_until(elder, today)) & resident.grid_path.like(f"{path}%")


def _take_in(category: frappe._dict, reached: Criterion, today: date) -> int:
	resident, care = DocType(RESIDENT), DocType(CARE)
	known = frappe.qb.from_(care).select(care.resident).where(care.category == category.name)
	found = (
		frappe.qb.from_(resident)
		.select(resident.name, resident.household, resident.grid, resident.grid_path)
		.where(reached)
		.where(resident.status.notin(households.GONE) & resident.merged_into.isnull())
		.where(resident.name.notin(known))
		.orderby(resident.grid_path)
		.run(as_dict=True)
	)
	for start in range(0, len(found), CHUNK):
		_write(category, found[start : start + CHUNK], today)
		frappe.db.commit()  # a job's own: what is written stays when a later chunk fails
	return len(found)


def _write(category: frappe._dict, people: list[frappe._dict], today: date) -> None:
	due = add_days(today, category.visit_interval_days) if category.must_visit else None
	stamped = {"creation": now(), "modified": now(), "owner": "Administrator", "modified_by": "Administrator"}
	row = {"category": category.name, "since": today, "source": BY_AGE, "next_visit_due": due}
	row |= stamped | {"is_sensitive": category.is_sensitive}
	fields = ["name", "resident", "household", "grid", "grid_path", *row]
	frappe.db.bulk_insert(
		CARE,
		fields,
		[
			(
				frappe.generate_hash(length=16),
				each.name,
				each.household,
				each.grid,
				each.grid_path,
				*row.values(),
			)
			for each in people
		],
	)
