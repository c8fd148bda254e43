"""What every save of a visit goes through. What a visit does elsewhere stands in `effects`, what it counts for in `rounds`."""

from datetime import date, timedelta

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import flt, get_datetime, getdate, now_datetime

from grid_governance import photos
from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_visits import VISIT, rules

SPOKEN_TO = (rules.MET, rules.BY_PHONE)
"""Outcomes that keep a promise to come again."""

CORRECTED_FOR = timedelta(hours=24)
"""How long an author may still correct the words of a visit."""

CLOCKS_DIFFER = timedelta(minutes=5)
"""How far the clock of a computer may be ahead of the server's; what lies further ahead is a mistake."""

KEPT = (
	*("grid", "worker", "entered_at", "returned_on", "client_key", "last_visit_before"),
	*("taken_back_at", "outcome_before", "taken_back_why", "taken_back_did", "anonymised_on"),
)
"""Fields that no client sets."""


class DissolvedError(frappe.ValidationError):
	"""A visit is entered for a household that is dissolved."""


class VisitTimeError(frappe.ValidationError):
	"""A visit lies ahead, or longer ago than anything is entered."""


class OutcomeError(frappe.ValidationError):
	"""A visit is entered as one that was taken back."""


class StrangerError(frappe.ValidationError):
	"""Somebody who is said to have been met does not belong to the household."""


class PromiseError(frappe.ValidationError):
	"""The promised return lies before the visit."""


class CompanionError(frappe.ValidationError):
	"""Somebody went along of whom neither the worker nor the name is said."""


class VisitPointError(frappe.ValidationError):
	"""The place of a visit is none on the earth."""


class VisitSettledError(frappe.PermissionError):
	"""A visit is changed by somebody else than its author, or after the time for corrections."""


def prepare(doc: Document) -> None:
	"""Set what follows from the household and the clock; put back what no client sets.

	A visit stays in the grid where it happened, wherever its household moves.
	"""
	stored = doc.get_doc_before_save()
	for fieldname in KEPT:
		if stored or (fieldname != "client_key" or not doc.flags.at_the_door):
			doc.set(fieldname, stored.get(fieldname) if stored else None)
	doc.set("effects", stored.effects if stored else [])
	if stored:
		return
	home = frappe.db.get_value(
		HOUSEHOLD, doc.household, ["grid", "title", "status", "last_visit_on"], as_dict=True
	)
	doc.flags.home = home or frappe._dict()
	doc.grid = doc.flags.home.grid
	doc.last_visit_before = doc.flags.home.last_visit_on
	doc.worker = frappe.db.get_value("Grid Worker", {"user": frappe.session.user, "active": 1})
	doc.entered_at = now_datetime().replace(microsecond=0)
	if doc.outcome == rules.NOBODY_HOME:
		doc.set("residents_met", [])


def check(doc: Document) -> None:
	"""Refuse what a visit cannot be, and corrections that come too late or from somebody else."""
	stored = doc.get_doc_before_save()
	if stored:
		_check_correction(stored)
	else:
		if doc.outcome == rules.TAKEN_BACK:
			frappe.throw(_("A visit is taken back after it was entered. Say what came of it."), OutcomeError)
		_check_household(doc)
		_check_time(doc)
		_check_met(doc)
	if doc.return_on and doc.has_value_changed("return_on") and getdate(doc.return_on) < _day(doc):
		frappe.throw(
			_("The promised day {0} lies before the visit. Correct it.").format(
				frappe.format(doc.return_on, "Date")
			),
			PromiseError,
		)
	for row in doc.companions:
		row.companion_name = (row.companion_name or "").strip()
		if not row.worker and not row.companion_name:
			frappe.throw(_("Enter the name of whoever came along, or choose a grid worker."), CompanionError)
	_check_point(doc)
	for fieldname in photos.fields(doc):
		photos.check(doc, fieldname)


def keep_promises(doc: Document) -> None:
	"""Note the return that a new visit is, on earlier visits of its household that promised one.

	A visit that comes late from a phone finds the return that others have made since.
	"""
	visit, day = DocType(VISIT), _day(doc)
	if doc.outcome in SPOKEN_TO:
		(
			frappe.qb.update(visit)
			.set(visit.returned_on, day)
			.where((visit.household == doc.household) & (visit.visited_at < doc.visited_at))
			.where(visit.return_on.isnotnull() & visit.returned_on.isnull())
			.where(visit.name != doc.name)
			.run()
		)
	if not doc.return_on:
		return
	later = frappe.get_all(
		VISIT,
		filters={
			"household": doc.household,
			"visited_at": [">", doc.visited_at],
			"outcome": ["in", SPOKEN_TO],
		},
		pluck="visited_at",
		order_by="visited_at asc",
		limit_page_length=1,
	)
	if later:
		doc.db_set("returned_on", getdate(later[0]), update_modified=False)


def _day(doc: Document) -> date:
	return getdate(doc.visited_at)


def _check_correction(stored: Document) -> None:
	"""Let the author alone correct her words, for a while (the visit is a record of what happened)."""
	late = now_datetime() - get_datetime(stored.entered_at or stored.creation) > CORRECTED_FOR
	if stored.outcome == rules.TAKEN_BACK:
		message = _("This visit was taken back. Enter another visit that says what is right.")
	elif stored.owner == frappe.session.user and not late:
		return
	elif stored.owner == frappe.session.user:
		message = _("A visit is corrected within a day. Enter another visit that says what is right.")
	else:
		message = _("Only whoever entered a visit corrects it. Enter a visit of your own.")
	frappe.throw(message, VisitSettledError)


def _check_household(doc: Document) -> None:
	if doc.flags.home.status != "Active":
		frappe.throw(
			_("This household is dissolved. Enter the visit where its people live now."), DissolvedError
		)


def _check_time(doc: Document) -> None:
	"""Refuse a visit to come, and one that would change figures long known; a clock that is a little ahead is set right."""
	doc.visited_at = get_datetime(doc.visited_at).replace(microsecond=0)
	now = now_datetime()
	if doc.visited_at > now + CLOCKS_DIFFER:
		frappe.throw(_("The visit lies ahead. Enter when it really was."), VisitTimeError)
	if doc.visited_at < now - rules.LONGEST_WAIT - CLOCKS_DIFFER:
		frappe.throw(
			_(
				"The visit is more than {0} days ago, and its figures are settled. It is not entered any more."
			).format(rules.LONGEST_WAIT.days),
			VisitTimeError,
		)
	doc.visited_at = min(doc.visited_at, now.replace(microsecond=0))


def _check_met(doc: Document) -> None:
	"""Refuse people of another household; each who was met stands there once."""
	met = list(dict.fromkeys(row.resident for row in doc.residents_met if row.resident))
	if not met:
		return
	if len(met) < len(doc.residents_met):
		doc.set("residents_met", [{"resident": name} for name in met])
	belong = frappe.get_all(
		RESIDENT,
		filters={"name": ["in", met], "household": doc.household},
		pluck="name",
		order_by="name asc",
		limit_page_length=0,
	)
	if len(belong) < len(met):
		frappe.throw(
			_("{0} of those who were met do not belong to this household. Load the page again.").format(
				len(met) - len(belong)
			),
			StrangerError,
		)


def _check_point(doc: Document) -> None:
	"""Refuse a point that is none (degrees, WGS-84). Frappe keeps an empty number as 0; no grid lies on the equator."""
	latitude, longitude = abs(flt(doc.latitude)), abs(flt(doc.longitude))
	if (latitude or longitude) and not (0 < latitude <= 90 and 0 < longitude <= 180):
		frappe.throw(
			_("The place on the map could not be understood. Take it anew, or write down where it is."),
			VisitPointError,
		)
