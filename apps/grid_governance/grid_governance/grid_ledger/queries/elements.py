"""The elements that a grid's ledger is kept of: people, places, things, matters, organisations (人、地、物、事、组织; domain e25)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from pypika.terms import Criterion

from grid_governance.grid_ledger import RESIDENT
from grid_governance.grid_ledger.queries import sizes

HOOK = "grid_elements"
"""Hook key: functions () -> list of `Element`; each room gives those it keeps."""

PLACE, FACILITY, ORGANIZATION = "Grid Place", "Grid Facility", "Grid Organization"


@dataclass(frozen=True)
class Element:
	"""One of the five.

	*order* is its place among them; *only* the condition of the rows of *doctype* that there are, *filters* the same as
	filters of the list; *index* that from which they are counted (`reporting.count`).
	"""

	order: int
	doctype: str
	label: str
	only: Criterion
	filters: Mapping[str, Any]
	index: str | None = None


def elements() -> list[Element]:
	"""Return those of the five that the reader may report, in their order."""
	given = (element for method in frappe.get_hooks(HOOK) for element in frappe.get_attr(method)())
	allowed = [element for element in given if frappe.has_permission(element.doctype, "report")]
	return sorted(allowed, key=lambda element: element.order)


def own() -> list[Element]:
	"""Return those that the ledger keeps: people who live here, places in use, things, active organisations."""
	in_use, active = {"status": ["=", "In Use"]}, {"active": ["=", 1]}
	return [
		Element(
			1,
			RESIDENT,
			_("People of the Ledger"),
			sizes.member(DocType(RESIDENT)),
			sizes.MEMBER_FILTERS,
			sizes.COUNTED,
		),
		Element(2, PLACE, _("Places of the Ledger"), DocType(PLACE).status == "In Use", in_use),
		Element(3, FACILITY, _("Things of the Ledger"), DocType(FACILITY).name.isnotnull(), {}),
		Element(5, ORGANIZATION, _("Organizations of the Ledger"), DocType(ORGANIZATION).active == 1, active),
	]
