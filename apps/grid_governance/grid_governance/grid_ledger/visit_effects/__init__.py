"""What a visit does in the ledger: somebody came, moved or died, care begins or ends, the household is put right.

Each module is registered under `grid_visit_effects` and goes through the ledger's own actions, with their permissions and
rules; a visit is known here only by its `household`, `visited_at` and `name`.
"""

from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from grid_governance import scope
from grid_governance.grid_ledger import CARE, RESIDENT


class NotOfTheHouseholdError(frappe.ValidationError):
	"""What a visit is to change belongs to another household than the visited one."""


class NothingToChangeError(frappe.ValidationError):
	"""A change of the ledger leaves out what is to be changed."""


def may(household: Document, doctype: str, right: str = "create") -> bool:
	"""Say whether the session's user has *right* on rows of *doctype* where *household* lies."""
	return scope.covers(household.grid_path, frappe.session.user, doctype, right)


def member(visit: Document, resident: Any) -> str:
	"""Return the name that *resident*, who belongs to the visited household, is called by. Raises NotOfTheHouseholdError."""
	return _of_household(RESIDENT, visit, resident, "resident_name")


def cared_for(visit: Document, care: Any) -> str:
	"""Return the resident whom the row *care* of the visited household is about. Raises NotOfTheHouseholdError."""
	return _of_household(CARE, visit, care, "resident")


def day_of(visit: Document, wanted: dict[str, Any]) -> date:
	"""Return the day `on` that is wanted, by default the day of the visit."""
	return getdate(wanted.get("on") or visit.visited_at)


def done(summary: str, doctype: str | None = None, name: str | None = None) -> dict[str, Any]:
	"""Return what is noted on the visit: *summary* in words, and the row that it is about."""
	return {"summary": summary, "reference_doctype": doctype, "reference_name": name}


def _of_household(doctype: str, visit: Document, name: Any, field: str) -> str:
	found = frappe.db.get_value(doctype, {"name": str(name or ""), "household": visit.household}, field)
	if not found:
		frappe.throw(
			_("What is to be changed does not belong to this household any more. Load the page again."),
			NotOfTheHouseholdError,
		)
	return found
