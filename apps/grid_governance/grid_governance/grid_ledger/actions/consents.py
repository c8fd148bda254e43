"""Consent: who gave it, on which day, and what ends when it is withdrawn (PIPL Art. 13 to 15, 29, 31)."""

from datetime import date

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from grid_governance.grid_ledger import CARE, RESIDENT
from grid_governance.grid_ledger.actions import accesses, comings
from grid_governance.grid_ledger.rules import minors

CONSENT = "Consent"
"""The legal basis of a care category that somebody has to agree to."""


class ConsentError(frappe.ValidationError):
	"""A consent was given by who cannot give it, or on a day that lies ahead."""


def stamp(doc: Document, person: frappe._dict) -> None:
	"""Say on *doc*, a row with `consent_on`, who gave the consent; refuse one that the person could not give.

	*person*: resident_name, birth_date, guardian. For a child under 14 only the guardian consents (PIPL Art. 31).
	"""
	if not doc.consent_on:
		doc.consent_given_by = doc.consent_guardian = None
		return
	on = getdate(doc.consent_on)
	if on > getdate():
		frappe.throw(_("The day of the consent lies ahead. Correct it."), ConsentError)
	if doc.has_value_changed("consent_on"):
		doc.consent_withdrawn_on = None
	child = minors.consent_is_the_guardians(person.birth_date, on)
	if child and doc.consent_given_by == minors.IN_PERSON:
		frappe.throw(
			_(
				"On that day {0} was younger than 14: only the guardian can consent. Choose the guardian."
			).format(person.resident_name),
			ConsentError,
		)
	doc.consent_given_by = doc.consent_given_by or (minors.GUARDIAN if child else minors.IN_PERSON)
	if doc.consent_given_by != minors.GUARDIAN:
		doc.consent_guardian = None
	elif not doc.consent_guardian or doc.has_value_changed("consent_on"):
		doc.consent_guardian = person.guardian
	if doc.consent_given_by == minors.GUARDIAN and not doc.consent_guardian:
		frappe.throw(
			_("The guardian consents for {0}. Enter the guardian in the resident's record first.").format(
				person.resident_name
			),
			ConsentError,
		)


@frappe.whitelist(methods=["POST"])
def withdraw(resident: str, on: date, reason: str = "", category: str = "") -> None:
	"""Note that *resident*, or her guardian, withdrew the consent on the day *on*; what rests on it ends that day.

	Of all categories that rest on consent, or of *category* alone; then the consent on the resident's record stays. What
	rests on a legal duty goes on, and what was done before stays lawful (PIPL Art. 15). Logged. Raises PermissionError,
	DayError.
	"""
	doc = comings.of_day(resident, on)
	# Past the scope: the reader may not see all that rests on the consent, and all of it ends.
	resting = frappe.get_all(
		CARE,
		filters={
			"resident": doc.name,
			"consent_on": ["is", "set"],
			"consent_withdrawn_on": ["is", "not set"],
			"category": ["in", _resting_categories(category)],
		},
		pluck="name",
		order_by="name asc",
	)
	comings.end_care(doc.name, getdate(on), resting)
	frappe.db.set_value(CARE, {"name": ["in", resting or [""]]}, "consent_withdrawn_on", getdate(on))
	if not category and doc.consent_on:
		doc.consent_withdrawn_on = getdate(on)
		doc.save()
	accesses.note(
		accesses.REQUEST, doc.grid, RESIDENT, doc.name, reason=reason, detail=_("Consent withdrawn")
	)


def _resting_categories(category: str) -> list[str]:
	categories = frappe.get_all("Care Category", {"legal_basis": CONSENT}, pluck="name", order_by="name asc")
	return [each for each in categories if category in ("", each)] or [""]
