"""Somebody of the visited household lives elsewhere now, is away, or is back."""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.grid_ledger import RESIDENT, visit_effects
from grid_governance.grid_ledger.actions import comings
from grid_governance.grid_ledger.rules.households import AWAY, LIVING_HERE, MOVED_OUT

KIND = "moved"
STATUSES = (AWAY, MOVED_OUT, LIVING_HERE)


def offer(household: Document) -> dict[str, Any] | None:
	"""Return `statuses`, codes to choose from; None for who may not change people here."""
	if not visit_effects.may(household, RESIDENT, "write"):
		return None
	return {"label": _("Moved or Away"), "statuses": list(STATUSES)}


def apply(visit: Document, wanted: dict[str, Any]) -> dict[str, Any]:
	"""Let `resident` be of the `status` from the day `on`; with `household` and `relation` she joins another household here.

	A head who leaves others behind names `next_head` and their `relations`, as `comings.move_out` does, whose errors are
	raised. Raises NotOfTheHouseholdError, NothingToChangeError for another status.
	"""
	resident = wanted.get("resident")
	name, on = visit_effects.member(visit, resident), visit_effects.day_of(visit, wanted)
	leaving = {
		"on": on,
		"reason": str(wanted.get("reason") or ""),
		"next_head": str(wanted.get("next_head") or ""),
		"relations": wanted.get("relations"),
	}
	if wanted.get("household"):
		comings.move(resident, str(wanted["household"]), str(wanted.get("relation") or ""), **leaving)
	elif wanted.get("status") == MOVED_OUT:
		comings.move_out(resident, **leaving)
	elif wanted.get("status") in STATUSES:
		doc = comings.of_day(resident, on)
		doc.update({"status": wanted["status"], "status_date": on})
		doc.save()
	else:
		frappe.throw(
			_("Choose whether {0} has moved out, is away or is back.").format(name),
			visit_effects.NothingToChangeError,
		)
	if wanted.get("household"):
		summary = _("Joined another household: {0}").format(name)
	else:
		summary = _("{0}: {1}").format(name, _(wanted["status"]))
	return visit_effects.done(summary, RESIDENT, resident)
