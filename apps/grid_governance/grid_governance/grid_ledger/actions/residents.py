"""Residents: what is made from a name and a household, and what a row has to hold."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from frappe.utils import getdate

from grid_governance.grid_ledger import HOUSEHOLD, OF_RESIDENT, RESIDENT
from grid_governance.grid_ledger.rules import households, names


class BirthError(frappe.ValidationError):
	"""Somebody was born after today."""


class GoneError(frappe.ValidationError):
	"""Somebody is gone without a day, or the head of a household that still has members."""


class HeadError(frappe.ValidationError):
	"""A household would have no head, or two."""


class GuardianError(frappe.ValidationError):
	"""Somebody is her own guardian."""


def prepare(doc: Document) -> None:
	"""Make what follows from the name and from the household: search keys, the grid."""
	doc.resident_name = " ".join((doc.resident_name or "").split())
	doc.pinyin, doc.initials = names.keys(doc.resident_name)
	if doc.household:
		doc.grid = frappe.db.get_value(HOUSEHOLD, doc.household, "grid")


def check(doc: Document) -> None:
	"""Refuse what cannot be of a person: a birth to come, a departure without a day, being one's own guardian."""
	if doc.birth_date and getdate(doc.birth_date) > getdate():
		frappe.throw(
			_("The date of birth {0} lies ahead. Correct it.").format(frappe.format(doc.birth_date, "Date")),
			BirthError,
		)
	if doc.status in households.GONE and not doc.status_date:
		frappe.throw(_("Enter since when {0} is gone.").format(doc.resident_name), GoneError)
	if doc.guardian and doc.guardian == doc.name:
		frappe.throw(_("Nobody is her own guardian. Choose another person."), GuardianError)
	if not doc.flags.by_household:
		_check_head(doc)


def _check_head(doc: Document) -> None:
	"""Keep the one head of the household: who is head is said by the household, and changed there."""
	head = frappe.db.get_value(HOUSEHOLD, doc.household, "head")
	is_head, was_head = doc.relation_to_head == households.HEAD, head == doc.name
	if is_head and head and not was_head:
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
		for doctype in OF_RESIDENT:
			frappe.db.set_value(
				doctype,
				{"resident": doc.name},
				{"household": doc.household, "grid": doc.grid, "grid_path": doc.grid_path},
				update_modified=False,
			)
	if doc.relation_to_head == households.HEAD and not doc.flags.by_household:
		frappe.db.set_value(HOUSEHOLD, doc.household, "head", doc.name)
	recount({doc.household, *([before.household] if moved else ())})
	entitle({doc.household})


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
