"""People come and go: moved to another household, moved out, died, come back; each with its day, its reason and a line in
the history of the household.

What follows from it follows by whatever way the row was saved: `follow` compares it with what it was before.
"""

from datetime import date

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import CustomFunction, DocType
from frappe.utils import getdate, now

from grid_governance.grid_ledger import CARE, HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.actions import households, residents
from grid_governance.grid_ledger.rules import minors
from grid_governance.grid_ledger.rules.households import (
	DECEASED,
	GONE,
	LIVING_HERE,
	MOVED_OUT,
	RELATIONS,
)

MOVE_IN, MOVE_OUT, DEATH = "Move In", "Move Out", "Death"
LATER = CustomFunction("greatest", ["one", "other"])


class DayError(frappe.ValidationError):
	"""A day lies ahead, or before the birth."""


class GoneAlreadyError(frappe.ValidationError):
	"""Somebody who is gone goes, or somebody who is here comes back."""


class NextHeadError(frappe.ValidationError):
	"""The head goes, and nobody was named to be head after her."""


class RelationError(frappe.ValidationError):
	"""Somebody joins a household without a relation to its head."""


@frappe.whitelist(methods=["POST"])
def move(
	resident: str,
	household: str,
	relation: str,
	on: date,
	reason: str = "",
	next_head: str = "",
	relations: str | dict[str, str] | None = None,
) -> None:
	"""Let *resident* belong to *household* from the day *on*, in *relation* to its head.

	Where she was the head of others, *next_head* is head after her, and *relations* (a dict, or its JSON) gives the others'
	relation to that one. To another village only for who may write in both. Raises PermissionError, DayError, GoneAlreadyError,
	NextHeadError, RelationError, HeadError, MemberError.
	"""
	doc = _here(resident, on)
	home = _home(household)
	if home.name == doc.household:
		frappe.throw(_("{0} belongs to this household already.").format(doc.resident_name), GoneAlreadyError)
	_hand_over(doc, next_head, relations, reason)
	doc.update({"household": home.name, "relation_to_head": _relation(relation)})
	_save(doc, on, reason)


@frappe.whitelist(methods=["POST"])
def move_out(
	resident: str,
	on: date,
	reason: str = "",
	next_head: str = "",
	relations: str | dict[str, str] | None = None,
) -> None:
	"""Note that *resident* left the village on the day *on*; her row stays as history, her care ends.

	*next_head* and *relations* as in `move`, and what is raised too. Nothing is told to anybody elsewhere.
	"""
	_go(resident, MOVED_OUT, on, reason, next_head, relations)


@frappe.whitelist(methods=["POST"])
def record_death(
	resident: str,
	on: date,
	reason: str = "",
	next_head: str = "",
	relations: str | dict[str, str] | None = None,
) -> list[str]:
	"""Note that *resident* died on the day *on*; return the minors, whom the reader may see, that lose their guardian.

	Her row stays as history, her care ends, no visit to her is due. *next_head* and *relations* as in `move`, and
	what is raised too.
	"""
	doc = _go(resident, DECEASED, on, reason, next_head, relations)
	return [
		row.resident_name
		for row in frappe.get_list(
			RESIDENT,
			filters={"guardian": doc.name, "status": ["not in", GONE], "merged_into": ["is", "not set"]},
			fields=["resident_name", "birth_date"],
			order_by="resident_name asc",
			limit_page_length=0,
		)
		if minors.is_minor(row.birth_date, getdate())
	]


@frappe.whitelist(methods=["POST"])
def come_back(resident: str, on: date, relation: str, household: str = "", reason: str = "") -> None:
	"""Let *resident*, who was gone, live here again from the day *on*: in *household*, by default the one she left.

	Also corrects a death that was recorded wrongly; that wants a *reason*. Raises PermissionError, DayError,
	GoneAlreadyError, RelationError, HeadError.
	"""
	doc = of_day(resident, on)
	if doc.status not in GONE:
		frappe.throw(_("{0} is not gone.").format(doc.resident_name), GoneAlreadyError)
	if doc.status == DECEASED and not (reason or "").strip():
		frappe.throw(
			_("{0} is recorded as deceased. Enter as the reason what was wrong.").format(doc.resident_name),
			GoneAlreadyError,
		)
	home = _home(household or doc.household)
	doc.update(
		{
			"status": LIVING_HERE,
			"status_date": None,
			"household": home.name,
			"relation_to_head": _relation(relation),
		}
	)
	_save(doc, on, reason)


def follow(doc: Document) -> None:
	"""Carry on what a saved change of household or status brings: ended care, lines in the history of the households."""
	before = doc.get_doc_before_save()
	if not before:
		return
	left = before.status not in GONE and doc.status in GONE
	moved = before.household != doc.household
	if left:
		end_care(doc.name, doc.flags.happened_on or getdate(doc.status_date))
	was_here, is_here = before.status not in GONE, doc.status not in GONE
	near = moved and _same_village(before, doc)
	if was_here and (left or moved):
		kind = DEATH if doc.status == DECEASED else MOVE_OUT
		_note(kind, before.household, doc, before, other=doc.household if near else None)
	if is_here and (moved or not was_here):
		_note(MOVE_IN, doc.household, doc, before, other=before.household if near else None)


def end_care(resident: str, on: date, only: list[str] | None = None) -> None:
	"""End the open care of *resident*, of the rows *only* if they are given, on the day *on*; nothing is due any more.

	Also the rows that the session's user may not see: she says that somebody is gone, and it is true for all of them.
	"""
	care = DocType(CARE)
	query = (
		frappe.qb.update(care)
		.set(care.until, LATER(care.since, on))
		.set(care.next_visit_due, None)
		.set(care.modified, now())
		.set(care.modified_by, frappe.session.user)
		.where((care.resident == resident) & (care.until.isnull() | (care.until > on)))
	)
	if only is not None:
		query = query.where(care.name.isin(only or [""]))
	query.run()


def _go(
	resident: str,
	status: str,
	on: date,
	reason: str,
	next_head: str,
	relations: str | dict[str, str] | None,
) -> Document:
	doc = _here(resident, on)
	_hand_over(doc, next_head, relations, reason)
	doc.update({"status": status, "status_date": getdate(on)})
	_save(doc, on, reason)
	return doc


def of_day(resident: str, on: date) -> Document:
	"""Return the row of *resident*, locked, for a change by the session's user on the day *on*.

	Raises PermissionError, MergedError, DayError for a day that lies ahead or before the birth.
	"""
	doc = frappe.get_doc(RESIDENT, resident, for_update=True)
	doc.check_permission("write")
	residents.refuse_merged(doc.name)
	if getdate(on) > getdate():
		frappe.throw(_("The day {0} lies ahead. Correct it.").format(frappe.format(on, "Date")), DayError)
	if doc.birth_date and getdate(on) < getdate(doc.birth_date):
		frappe.throw(
			_("The day {0} lies before the birth of {1}. Correct it.").format(
				frappe.format(on, "Date"), doc.resident_name
			),
			DayError,
		)
	return doc


def _here(resident: str, on: date) -> Document:
	doc = of_day(resident, on)
	if doc.status in GONE:
		frappe.throw(
			_("{0} is gone already ({1}).").format(doc.resident_name, _(doc.status)), GoneAlreadyError
		)
	return doc


def _home(household: str) -> Document:
	doc = frappe.get_doc(HOUSEHOLD, household)
	doc.check_permission("write")
	if doc.status != "Active":
		frappe.throw(_("This household is dissolved and stays as it was."), households.MergeError)
	return doc


def _relation(relation: str) -> str:
	if relation not in RELATIONS:
		frappe.throw(_("Enter the relation to the head of the household."), RelationError)
	return relation


def _hand_over(doc: Document, next_head: str, relations: str | dict[str, str] | None, reason: str) -> None:
	"""Give the household that *doc*, its head, leaves to *next_head*; nothing where she leaves nobody behind."""
	if frappe.db.get_value(HOUSEHOLD, doc.household, "head") != doc.name:
		return
	if not residents.others_living(doc.household, doc.name):
		return
	if not next_head:
		frappe.throw(
			_("{0} is the head of the household. Choose who is head after her.").format(doc.resident_name),
			NextHeadError,
		)
	households.hand_over(doc.household, doc.name, next_head, frappe.parse_json(relations) or {}, reason)


def _save(doc: Document, on: date, reason: str) -> None:
	doc.flags.happened_on = getdate(on)
	doc.flags.reason = reason
	doc.save()


def _same_village(before: Document, doc: Document) -> bool:
	"""Whether both households may be named on either side: another village is not told where she went or came from."""
	return households.village_of(before.grid_path) == households.village_of(doc.grid_path)


def _note(kind: str, household: str, doc: Document, before: Document, other: str | None) -> None:
	leaves = kind != MOVE_IN
	households.note(
		kind,
		frappe.get_doc(HOUSEHOLD, household),
		other=other,
		members=[
			{
				"resident": doc.name,
				"relation_before": before.relation_to_head if leaves else "",
				"relation_after": "" if leaves else doc.relation_to_head,
			}
		],
		reason=doc.flags.reason,
		on=doc.flags.happened_on or (getdate(doc.status_date) if leaves and doc.status_date else None),
	)
