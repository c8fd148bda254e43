"""Care of somebody of the visited household ends; whoever was there has seen why."""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from grid_governance.grid_ledger import CARE, RESIDENT, visit_effects

KIND = "care_ended"


class CareReasonError(frappe.ValidationError):
	"""Care is to end, and nobody says why."""


def offer(household: Document) -> dict[str, Any] | None:
	"""Return `cares` that hold and the reader may know of: care, resident, resident_name, category, label; None for who
	may end none."""
	if not visit_effects.may(household, CARE, "write"):
		return None
	rows = frappe.get_list(
		CARE,
		filters={"household": household.name, "until": ["is", "not set"]},
		fields=["name as care", "resident", "category"],
		order_by="since asc",
		limit_page_length=0,
	)
	called = dict(
		frappe.get_all(
			RESIDENT,
			filters={"name": ["in", [row.resident for row in rows] or [""]]},
			fields=["name", "resident_name"],
			order_by="name asc",
			as_list=True,
		)
	)
	for row in rows:
		row.update({"resident_name": called.get(row.resident), "label": _(row.category)})
	return {"label": _("End Care"), "cares": rows}


def apply(visit: Document, wanted: dict[str, Any]) -> dict[str, Any]:
	"""End the row `care` on the day of the visit for the `reason`, which joins its note.

	Raises NotOfTheHouseholdError, CareReasonError and what a changed row of care raises. Noted on the visit as `care_added` is.
	"""
	resident = visit_effects.cared_for(visit, wanted.get("care"))
	reason = str(wanted.get("reason") or "").strip()
	if not reason:
		frappe.throw(_("Enter why the care ends."), CareReasonError)
	doc = frappe.get_doc(CARE, wanted["care"])
	doc.check_permission("write")
	doc.until = max(visit_effects.day_of(visit, wanted), getdate(doc.since))
	doc.note = "\n".join(part for part in (doc.note, reason) if part)
	doc.verified_by = frappe.session.user
	doc.save()
	if doc.is_sensitive:
		return visit_effects.done(_("Ledger brought up to date"))
	name = visit_effects.member(visit, resident)
	return visit_effects.done(_("Care ended: {0}").format(name), CARE, doc.name)
