"""Residents: what is made from a name and a household, and what a row has to hold."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from frappe.utils import getdate

from grid_governance.grid_ledger import HOUSEHOLD, IDENTITY, OF_RESIDENT, RESIDENT
from grid_governance.grid_ledger.rules import households, minors, names


class BirthError(frappe.ValidationError):
	"""Somebody was born after today."""


class GoneError(frappe.ValidationError):
	"""Somebody is gone without a day, or the head of a household that still has members."""


class HeadError(frappe.ValidationError):
	"""A household would have no head, or two."""


class GuardianError(frappe.ValidationError):
	"""Somebody is her own guardian."""


class MergedError(frappe.ValidationError):
	"""A row that was merged into another one is to be changed, or something hung on it."""


def refuse_merged(resident: str) -> None:
	"""Keep the row of *resident* as the history it is when it was merged into another one. Raises MergedError."""
	if frappe.db.get_value(RESIDENT, resident, "merged_into"):
		frappe.throw(
			_("This record was merged into another one and stays as it was. Open the one that stayed."),
			MergedError,
		)


def prepare(doc: Document) -> None:
	"""Make what follows from the name and from the household: search keys, the grid."""
	doc.resident_name = " ".join((doc.resident_name or "").split())
	doc.pinyin, doc.initials = names.keys(doc.resident_name)
	if doc.household:
		doc.grid = frappe.db.get_value(HOUSEHOLD, doc.household, "grid")


def check(doc: Document) -> None:
	"""Refuse what cannot be of a person: a birth to come, a departure without a day, being one's own guardian."""
	_keep_merges(doc)
	if problem := birth_problem(doc.birth_date):
		frappe.throw(problem, BirthError)
	if problem := gone_problem(doc):
		frappe.throw(problem, GoneError)
	if doc.guardian and doc.has_value_changed("guardian"):
		check_guardian(doc)
	if not doc.flags.by_household:
		_check_head(doc)


def birth_problem(born: date | str | None) -> str:
	"""Return what is wrong with a date of birth, empty for nothing."""
	if not born or getdate(born) <= getdate():
		return ""
	return _("The date of birth {0} lies ahead. Correct it.").format(frappe.format(born, "Date"))


def gone_problem(row: Mapping[str, Any] | Document) -> str:
	"""Return what is missing of somebody who is gone, empty for nothing. *row*: resident_name, status, status_date."""
	if row.get("status") not in households.GONE or row.get("status_date"):
		return ""
	return _("Enter since when {0} is gone.").format(row.get("resident_name"))


def _keep_merges(doc: Document) -> None:
	"""Refuse to change a merged row; what was merged into what is said by a merge alone, not by a client."""
	if doc.is_new():
		doc.merged_into = None
		return
	refuse_merged(doc.name)
	doc.merged_into = None


def check_guardian(doc: Document) -> None:
	"""Refuse a guardian who is the person herself, a minor or dead (Civil Code Art. 27, 39). Raises GuardianError."""
	if doc.guardian == doc.name:
		frappe.throw(_("Nobody is her own guardian. Choose another person."), GuardianError)
	guardian = frappe.db.get_value(
		RESIDENT, doc.guardian, ["birth_date", "status", "merged_into"], as_dict=True
	)
	if problem := guardian_problem(guardian):
		frappe.throw(problem, GuardianError)


def guardian_problem(guardian: Mapping[str, Any] | None) -> str:
	"""Return why *guardian* (birth_date, status, merged_into) is none of anybody, empty for nothing (Civil Code Art. 27, 39)."""
	if not guardian or guardian.get("merged_into") or guardian.get("status") == households.DECEASED:
		return _("A guardian is alive and has a record of her own. Choose another person.")
	if minors.is_minor(guardian.get("birth_date"), getdate()):
		return _("A minor is nobody's guardian. Choose a person of full age.")
	return ""


def _check_head(doc: Document) -> None:
	"""Keep the one head of the household: who is head is said by the household, and changed there."""
	_check_head_left(doc)
	head = _living_head(doc)
	is_head, was_head = doc.relation_to_head == households.HEAD, head == doc.name
	if is_head and head and not was_head and doc.status not in households.GONE:
		frappe.throw(
			_("{0} is the head of this household already. Change the head on the household's page.").format(
				frappe.db.get_value(RESIDENT, head, "resident_name")
			),
			HeadError,
		)
	if not is_head and (was_head or not head) and doc.status not in households.GONE:
		frappe.throw(
			_("A household has one head. Enter the head first, or change the head on the household's page."),
			HeadError,
		)
	if was_head and doc.status in households.GONE and others_living(doc.household, doc.name):
		frappe.throw(
			_("{0} is the head of a household with other members. Choose another head first.").format(
				doc.resident_name
			),
			GoneError,
		)


def _living_head(doc: Document) -> str | None:
	"""The head of the household of *doc*: also *doc* herself when she is gone, but nobody else who is."""
	head = frappe.db.get_value(HOUSEHOLD, doc.household, "head")
	if not head or head == doc.name:
		return head
	return None if frappe.db.get_value(RESIDENT, head, "status") in households.GONE else head


def _check_head_left(doc: Document) -> None:
	"""Refuse that the head of a household with other members joins another one."""
	before = doc.get_doc_before_save()
	if not before or before.household == doc.household:
		return
	if frappe.db.get_value(HOUSEHOLD, before.household, "head") == doc.name and others_living(
		before.household, doc.name
	):
		frappe.throw(
			_("{0} is the head of a household with other members. Choose another head first.").format(
				doc.resident_name
			),
			GoneError,
		)


def others_living(household: str, resident: str) -> list[str]:
	"""Return the members of *household* who are not gone, without *resident*."""
	return frappe.get_all(
		RESIDENT,
		filters={
			"household": household,
			"name": ["!=", resident],
			"status": ["not in", households.GONE],
			"merged_into": ["is", "not set"],
		},
		pluck="name",
		order_by="name asc",
	)


def spread(doc: Document) -> None:
	"""Carry a resident's change to what hangs on her and on the household: place, number of members, its title."""
	before = doc.get_doc_before_save()
	moved = before and (before.household, before.grid) != (doc.household, doc.grid)
	if moved:
		place_what_hangs(
			[doc.name], {"household": doc.household, "grid": doc.grid, "grid_path": doc.grid_path}
		)
	if before and before.household != doc.household:
		frappe.db.set_value(HOUSEHOLD, {"name": before.household, "head": doc.name}, "head", None)
	if before and (before.household != doc.household or doc.status in households.GONE):
		leave_group(before.household, [doc.name])
	heads = doc.relation_to_head == households.HEAD and doc.status not in households.GONE
	if heads and not doc.flags.by_household:
		frappe.db.set_value(HOUSEHOLD, doc.household, "head", doc.name)
	recount({doc.household, *([before.household] if moved else ())})
	entitle({doc.household, *([before.household] if moved else ())})


def leave_group(household: str, people: list[str]) -> None:
	"""Let *household* be in the grid's chat group no more when one of *people*, who left it, was there for it."""
	represented = {"name": household, "group_rep": ["in", people]}
	frappe.db.set_value(HOUSEHOLD, represented, {"group_rep": None, "in_wechat_group": 0})


def place_what_hangs(people: list[str], place: dict[str, str]) -> None:
	"""Put what hangs on *people* where they are now: *place* has household, grid and grid_path.

	A number stands once in a household. Where somebody there has the number of a newcomer, nobody who moves her is told,
	since who moves people need not know numbers: the newcomer's identity waits without a household, and the two are
	listed as one person to whoever reads identities there.
	"""
	for doctype in OF_RESIDENT:
		twice = _numbers_twice(people, place["household"]) if doctype == IDENTITY else []
		rest = {"resident": ["in", people], "name": ["not in", twice or [""]]}
		frappe.db.set_value(doctype, rest, place, update_modified=False)
		if twice:
			there = place | {"household": None}
			frappe.db.set_value(doctype, {"name": ["in", twice]}, there, update_modified=False)


def _numbers_twice(people: list[str], household: str) -> list[str]:
	"""The identities of *people* whose number would stand in *household* once more."""
	identity, other = DocType(IDENTITY), DocType(IDENTITY).as_("other")
	is_there = (other.household == household) & other.resident.notin(people)
	comes_too = other.resident.isin(people) & (other.name < identity.name)
	return (
		frappe.qb.from_(identity)
		.join(other)
		.on(other.id_number_hash == identity.id_number_hash)
		.select(identity.name)
		.where(identity.resident.isin(people) & (is_there | comes_too))
		.run(pluck=True)
	)


def forget(doc: Document) -> None:
	"""Take what hangs on a resident away with her. Refused for a head with other members."""
	if frappe.db.get_value(HOUSEHOLD, doc.household, "head") == doc.name:
		if others_living(doc.household, doc.name):
			frappe.throw(
				_("{0} is the head of a household with other members. Choose another head first.").format(
					doc.resident_name
				),
				HeadError,
			)
		frappe.db.set_value(HOUSEHOLD, doc.household, "head", None)
	for doctype in OF_RESIDENT:
		for name in frappe.get_all(doctype, {"resident": doc.name}, pluck="name", order_by="name asc"):
			# Who may delete the person deletes what is known of her, though she may not see all of it.
			frappe.delete_doc(doctype, name, ignore_permissions=True)


def recount(of: set[str]) -> None:
	"""Set how many members each of the households *of* has: those who are not gone. One statement to count."""
	if not of:
		return
	resident = DocType(RESIDENT)
	counted = dict(
		frappe.qb.from_(resident)
		.select(resident.household, Count("*"))
		.where(resident.household.isin(list(of)))
		.where(resident.status.notin(households.GONE) & resident.merged_into.isnull())
		.groupby(resident.household)
		.run()
	)
	for household in sorted(of):
		frappe.db.set_value(
			HOUSEHOLD, household, "member_count", counted.get(household, 0), update_modified=False
		)


def entitle(of: set[str]) -> None:
	"""Give the households *of* the name that people know them by: the head's, and the number."""
	for name in sorted(of):
		household = frappe.db.get_value(HOUSEHOLD, name, ["head", "household_no", "title"], as_dict=True)
		head = household.head and frappe.db.get_value(RESIDENT, household.head, "resident_name")
		title = title_of(head, household.household_no)
		if title != household.title:
			frappe.db.set_value(HOUSEHOLD, name, "title", title, update_modified=False)


def title_of(head: str | None, number: str | None) -> str:
	"""Return what people call a household with *head* and *number*, either of which may be unknown."""
	return " · ".join(part for part in (head, number) if part) or _("Household without a Head")
