"""What the rounds, must-visits and notices make of changes in the ledger: called by the document events in `hooks.py`."""

import frappe
from frappe.model.document import Document
from frappe.utils import getdate

from grid_governance.grid_visits import MUST_VISIT, due, must_visits, rounds
from grid_governance.grid_visits.notices import following

RESHAPING = ("Split", "Merge", "Dissolve")
"""Changes of a household that move its people by sets, without saving them."""

MERGED = "Merged"


def household_saved(doc: Document, method: str | None = None) -> None:
	"""Let a household that is new, was moved, or changed its state stand in the round that it belongs to."""
	if not any(map(doc.has_value_changed, ("grid", "status", "residence_state"))):
		return
	if doc.get_doc_before_save() and doc.has_value_changed("grid"):
		_bring_people(doc.name)
		following.follow([doc.name])
	rounds.follow(doc.name)


def household_changed(doc: Document, method: str | None = None) -> None:
	"""Do the same for the households of a Household Change, which were written by sets."""
	if doc.kind not in RESHAPING:
		return
	homes = [*filter(None, (doc.household, doc.other_household))]
	for household in homes:
		_bring_people(household)
		rounds.follow(household)
	following.follow(homes)


def household_deleted(doc: Document, method: str | None = None) -> None:
	"""Take a household that was entered by mistake out of its round."""
	rounds.forget(doc.name)


def resident_saved(doc: Document, method: str | None = None) -> None:
	"""Let the must-visit of somebody who moved, left, died or came back follow her, and what she has not been told."""
	before = doc.get_doc_before_save()
	if before and any(map(doc.has_value_changed, ("household", "grid", "status"))):
		must_visits.ensure(residents=[doc.name])
		_refresh(doc.grid_path, doc.household, before.household)
		following.follow([before.household])


def resident_deleted(doc: Document, method: str | None = None) -> None:
	"""Take the open must-visit of a resident away whose record is deleted."""
	must_visits.forget(doc.name)


def care_saved(doc: Document, method: str | None = None) -> None:
	"""Open, change or drop the must-visit of somebody whose care began, changed or ended."""
	must_visits.ensure(residents=[doc.resident])
	_refresh(doc.grid_path, doc.household)


def people_merged(doc: Document, method: str | None = None) -> None:
	"""Let the row that stays have the must-visits of the one that went, which is told nothing any more."""
	if doc.verdict != MERGED:
		return
	must_visits.take_over(doc.resident, doc.other_resident)
	household, path = frappe.db.get_value("Resident", doc.resident, ["household", "grid_path"])
	_refresh(path, household, doc.household)
	following.follow([doc.household or household])


def grid_deleted(doc: Document, method: str | None = None) -> None:
	"""Take the rounds of an empty grid away that is deleted."""
	rounds.forget_grid(doc.name)


def _bring_people(household: str) -> None:
	"""Put the open must-visits of those who live in *household* where they are now."""
	people = frappe.get_all("Resident", {"household": household}, pluck="name", order_by="name asc")
	if people and frappe.db.exists(MUST_VISIT, {"resident": ["in", people], "done_at": ["is", "not set"]}):
		must_visits.ensure(residents=people)


def _refresh(path: str, *households: str | None) -> None:
	due.refresh(sorted(set(filter(None, households))), path, getdate())
