"""A visit entered at the door: one call to begin with, one that saves everything, taken in once only."""

import json
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import now_datetime

from grid_governance import photos
from grid_governance.grid_ledger import HOUSEHOLD
from grid_governance.grid_ledger.queries import page
from grid_governance.grid_ledger.rules import households
from grid_governance.grid_visits import MUST_VISIT, VISIT, effects, promises, rules
from grid_governance.grid_visits.effects import notice

SHORTEST_KEY = 16
"""Characters that a phone's key has at least: two phones never draw the same."""

SENT = (
	*("visit_kind", "note", "return_on", "return_note"),
	*("latitude", "longitude"),
)
"""Values that are taken from the form as they are."""

PHOTOS = ("photo_1", "photo_2", "photo_3")
OPEN_RETURNS = 20
"""Promised returns of one household that the form shows."""


class ClientKeyError(frappe.ValidationError):
	"""A visit comes without the key by which it is known when it is sent again."""


class FormError(frappe.ValidationError):
	"""What the form sends cannot be read."""


class SentTwiceError(frappe.ValidationError):
	"""The same visit arrives twice at the same moment."""

	http_status_code = 409


@frappe.whitelist()
def start(household: str) -> dict[str, Any]:
	"""Return what the form of a visit to *household* needs. Raises PermissionError for who may not enter one there.

	`household`: name, title, address, household_no, grid, grid_name, last_visit_on, next_visit_due; `people`: who is not gone,
	the head first, each with resident, resident_name, relation_to_head, sex, age, status and `must_due`, the day until
	which she is to be visited, or None; `notices` not told yet; `returns` promised and not made: visit, return_on,
	return_note; `topics`: name, label; `outcomes` and `kinds`: codes; `effects`: what a visit may do here, by kind.
	"""
	home = frappe.get_doc(HOUSEHOLD, household)
	home.check_permission("read")
	visit = frappe.new_doc(VISIT)
	visit.grid = home.grid
	visit.check_permission("create")
	offered = effects.offers(home)
	return {
		"household": _home(home),
		"people": _people(home.name),
		"notices": offered.get(notice.KIND, {}).get("notices", []),
		"returns": _open_returns(home.name),
		"topics": _topics(),
		"outcomes": [each for each in _options(visit, "outcome") if each != rules.TAKEN_BACK],
		"kinds": _options(visit, "visit_kind"),
		"effects": offered,
	}


@frappe.whitelist(methods=["POST"])
def save(
	client_key: str, household: str, outcome: str, values: str = "{}", waited: float = 0
) -> dict[str, Any]:
	"""Take in a visit with everything that it does, and return `name`, `title` of the household and `did`, in words.

	*client_key* is drawn by the phone: the same visit sent again, because the first answer was lost, is answered as before
	and does nothing twice. *values* is the JSON of visit_kind, residents_met (names), topics (names), note, companions
	(worker or companion_name, belongs_to), return_on, return_note, latitude, longitude (degrees, WGS-84) and effects, each
	with its `kind`; photos are the files photo_1 to photo_3 of the request. *waited*: seconds since the visit was
	begun on the phone, whose clock need not be right. Everything or nothing: what a room refuses refuses the visit.

	Raises PermissionError, ClientKeyError, FormError, SentTwiceError, and what visits and effects raise.
	"""
	visit = frappe.new_doc(VISIT)
	visit.check_permission("create")
	if len(client_key) < SHORTEST_KEY:
		frappe.throw(_("This form is out of date. Load the page again."), ClientKeyError)
	if made := _taken_in(client_key):
		return made
	form, outcome = _form(values), rules.OLD_NAMES.get(outcome, outcome)
	visit.update({field: form.get(field) for field in SENT if form.get(field)})
	visit.update(
		{
			"household": household,
			"outcome": outcome,
			"visited_at": rules.visited_at(None, now_datetime(), waited),
			"client_key": client_key,
			"residents_met": [{"resident": name} for name in form.get("residents_met") or ()],
			"topics": [{"topic": name} for name in form.get("topics") or ()],
			"companions": [_companion(row) for row in form.get("companions") or ()],
			**_sent_photos(),
		}
	)
	_insert(visit)
	effects.carry_out(visit, form.get("effects") or ())
	return _answer(visit.name, visit.flags.home.title, [row.summary for row in visit.effects])


def _insert(visit: Document) -> None:
	"""Store *visit*; a key that another request has just used is refused, and its visit found when it is sent again."""
	visit.flags.at_the_door = True
	try:
		visit.insert()
	except frappe.UniqueValidationError:
		frappe.clear_messages()
		frappe.throw(_("This visit is just being taken in. Wait a moment and send it again."), SentTwiceError)


def _taken_in(client_key: str) -> dict[str, Any] | None:
	"""Return the answer to what the session's user has sent under *client_key* before, None for nothing."""
	made = frappe.db.get_value(
		VISIT, {"client_key": client_key, "owner": frappe.session.user}, ["name", "household"], as_dict=True
	)
	if not made:
		return None
	did = frappe.get_all(
		"Visit Effect", {"parent": made.name, "parenttype": VISIT}, pluck="summary", order_by="idx asc"
	)
	return _answer(made.name, frappe.db.get_value(HOUSEHOLD, made.household, "title"), did)


def _answer(name: str, title: str, did: list[str]) -> dict[str, Any]:
	return {"name": name, "title": title, "did": did}


def _form(values: str) -> dict[str, Any]:
	try:
		form = json.loads(values)
	except ValueError:
		form = None
	if not isinstance(form, dict):
		frappe.throw(_("This form is out of date. Load the page again."), FormError)
	return form


def _companion(row: dict[str, Any]) -> dict[str, Any]:
	return {field: row.get(field) for field in ("worker", "companion_name", "belongs_to")}


def _sent_photos() -> dict[str, str]:
	"""Keep the photos of the request as files of the session's user; return their addresses by field."""
	files = frappe.request.files if frappe.request else {}
	sent = {field: files.get(field) for field in PHOTOS}
	return {field: photos.keep(file.stream.read()).file_url for field, file in sent.items() if file}


def _home(home: Document) -> dict[str, Any]:
	shown = ("name", "title", "address", "household_no", "grid", "last_visit_on", "next_visit_due")
	return {field: home.get(field) for field in shown} | {
		"grid_name": frappe.db.get_value("Grid", home.grid, "grid_name")
	}


def _people(household: str) -> list[dict[str, Any]]:
	shown = ("resident_name", "relation_to_head", "sex", "age", "status", "care")
	due = _must_due(household)
	return [
		{"resident": row.name, "must_due": due.get(row.name)} | {field: row.get(field) for field in shown}
		for row in page.members(household)
		if row.status not in households.GONE
	]


def _must_due(household: str) -> dict[str, Any]:
	"""The day until which each of the people of *household* is to be visited, where the reader may know."""
	if not frappe.has_permission(MUST_VISIT, "read"):
		return {}
	rows = frappe.get_list(
		MUST_VISIT,
		filters={"household": household, "done_at": ["is", "not set"]},
		fields=["resident", "due_on"],
		order_by="due_on desc",  # of several the first one due stays
		limit_page_length=0,
	)
	return {row.resident: row.due_on for row in rows}


def _open_returns(household: str) -> list[dict[str, Any]]:
	rows = promises.waiting(DocType(HOUSEHOLD).name == household, limit=OPEN_RETURNS)
	return [{field: row[field] for field in ("visit", "return_on", "return_note")} for row in rows]


def _topics() -> list[dict[str, str]]:
	names = frappe.get_all(
		"Visit Topic", filters={"active": 1}, pluck="name", order_by="position asc", limit_page_length=0
	)
	return [{"name": name, "label": _(name)} for name in names]


def _options(visit: Document, fieldname: str) -> list[str]:
	return visit.meta.get_options(fieldname).split("\n")
