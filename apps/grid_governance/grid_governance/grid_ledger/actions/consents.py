"""Consent: who gave it, on which day, and what ends when it is withdrawn (PIPL Art. 13 to 15, 29, 31)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

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
	if doc.has_value_changed("consent_on"):
		doc.consent_withdrawn_on = None
	keeps = doc.consent_guardian and not doc.has_value_changed("consent_on")
	guardian = doc.consent_guardian if keeps else person.guardian
	given = given_by(person, on, doc.consent_given_by)
	if problem := problem_of(person, on, doc.consent_given_by, guardian):
		frappe.throw(problem, ConsentError)
	doc.consent_given_by = given
	doc.consent_guardian = guardian if given == minors.GUARDIAN else None


def given_by(person: Mapping[str, Any], on: date, said: str | None) -> str:
	"""Return who gave a consent on the day *on*: as it was *said*, else the guardian of a child under 14, else herself."""
	child = minors.consent_is_the_guardians(person.get("birth_date"), on)
	return said or (minors.GUARDIAN if child else minors.IN_PERSON)


def problem_of(person: Mapping[str, Any], on: date, said: str | None, guardian: str | None) -> str:
	"""Return why *person* (resident_name, birth_date) cannot have consented on the day *on*, empty for nothing.

	*said*: who consented; *guardian*: who did so for her (PIPL Art. 31).
	"""
	if on > getdate():
		return _("The day of the consent lies ahead. Correct it.")
	if said == minors.IN_PERSON and minors.consent_is_the_guardians(person.get("birth_date"), on):
		return _(
			"On that day {0} was younger than 14: only the guardian can consent. Choose the guardian."
		).format(person.get("resident_name"))
	if given_by(person, on, said) == minors.GUARDIAN and not guardian:
		return _("The guardian consents for {0}. Enter the guardian in the resident's record first.").format(
			person.get("resident_name")
		)
	return ""


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
