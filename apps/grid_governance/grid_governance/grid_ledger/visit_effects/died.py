"""Somebody of the visited household has died."""

from typing import Any

from frappe import _
from frappe.model.document import Document

from grid_governance.grid_ledger import RESIDENT, visit_effects
from grid_governance.grid_ledger.actions import comings

KIND = "died"


def offer(household: Document) -> dict[str, Any] | None:
	"""Return the label; None for who may not change people here."""
	return {"label": _("Has Died")} if visit_effects.may(household, RESIDENT, "write") else None


def apply(visit: Document, wanted: dict[str, Any]) -> dict[str, Any]:
	"""Note that `resident` died on the day `on`. `next_head`, `relations` and errors as `comings.record_death` has them."""
	resident = wanted.get("resident")
	name = visit_effects.member(visit, resident)
	comings.record_death(
		resident,
		visit_effects.day_of(visit, wanted),
		str(wanted.get("reason") or ""),
		str(wanted.get("next_head") or ""),
		wanted.get("relations"),
	)
	return visit_effects.done(_("Died: {0}").format(name), RESIDENT, resident)
