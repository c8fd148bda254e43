"""A notice is told in person, at the door or by telephone."""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import getdate

from grid_governance import scope
from grid_governance.grid_ledger import RESIDENT
from grid_governance.grid_visits import DELIVERY, NOTICE, actions
from grid_governance.grid_visits.notices import stages, telling

KIND = "notice"
SHARED = True
"""The notice counts whom it has reached, in a whole township."""

OPEN = ("Waiting", "Sent")
"""States of a delivery that has not reached anybody."""

SHOWN = 50
"""Notices that a visit can tell."""


class NobodyToldError(frappe.ValidationError):
	"""A notice is said to be told where nobody talked, or to another household than the visited one."""


def offer(household: Document) -> dict[str, Any] | None:
	"""Return the notices that wait to be told: `delivery`, `notice`, `title`, `text`, `resident`, `resident_name`."""
	return {"label": _("Tell a Notice"), "notices": waiting(household.name)}


def waiting(household: str) -> list[frappe._dict]:
	"""Return what is on its way to *household* and has not reached it, of notices that hold today, the oldest first."""
	delivery, notice, resident = DocType(DELIVERY), DocType(NOTICE), DocType(RESIDENT)
	return (
		frappe.qb.from_(delivery)
		.join(notice)
		.on(notice.name == delivery.notice)
		.left_join(resident)
		.on(resident.name == delivery.resident)
		.select(
			delivery.name.as_("delivery"),
			notice.name.as_("notice"),
			notice.notice_title.as_("title"),
			notice.content.as_("text"),
			delivery.resident,
			resident.resident_name,
		)
		.where((delivery.household == household) & delivery.state.isin(OPEN))
		.where(notice.workflow_state.isin(stages.going() or [""]))
		.where(notice.expires_on.isnull() | (notice.expires_on >= getdate()))
		.where(scope.criterion(DELIVERY, table=delivery))
		.orderby(delivery.creation)
		.limit(SHOWN)
		.run(as_dict=True)
	)


def apply(visit: Document, wanted: dict[str, Any]) -> dict[str, str | None]:
	"""Note that the `delivery` was told. Raises NobodyToldError.

	What is noted on the visit tells nothing of a sensitive notice: more people read visits than may know whom it is for.
	"""
	name = str(wanted.get("delivery") or "")
	found = _of_household(name, visit.household)
	if not found or visit.outcome not in actions.SPOKEN_TO:
		frappe.throw(
			_("This notice cannot be told with this visit. Load the page again, or leave it out."),
			NobodyToldError,
		)
	telling.tell(name, visit)
	if found.is_sensitive:
		return {"summary": _("Notice told"), "reference_doctype": None, "reference_name": None}
	return {
		"summary": _("Told: {0}").format(found.title),
		"reference_doctype": DELIVERY,
		"reference_name": name,
	}


def take_back(visit: Document) -> str | None:
	"""Let what was told with *visit* have reached nobody again."""
	number = telling.untell(visit)
	return _("Notices that count as not told again: {0}").format(number) if number else None


def _of_household(name: str, household: str) -> frappe._dict | None:
	"""Return `title` and `is_sensitive` of the delivery *name* to *household*, None where the session's user has none."""
	delivery, notice = DocType(DELIVERY), DocType(NOTICE)
	rows = (
		frappe.qb.from_(delivery)
		.join(notice)
		.on(notice.name == delivery.notice)
		.select(notice.notice_title.as_("title"), delivery.is_sensitive)
		.where((delivery.name == name) & (delivery.household == household))
		.where(scope.criterion(DELIVERY, table=delivery))
		.run(as_dict=True)
	)
	return rows[0] if rows else None
