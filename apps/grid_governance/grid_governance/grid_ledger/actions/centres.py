"""Party centre households and the circle around each."""

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.grid_ledger import HOUSEHOLD
from grid_governance.grid_structure import queries as structure
from grid_governance.grid_structure.rules import MICRO_GRID, WITHIN, position, size_verdict


class CentreGridError(frappe.ValidationError):
	"""A centre household is to have something else than a micro grid as its circle."""


class CentreMemberError(frappe.ValidationError):
	"""Who keeps a centre household is no party member, or lives outside the circle."""


def check(doc: Document) -> None:
	"""Refuse a circle that is no micro grid and a keeper who is no party member; warn of a size outside the range."""
	if position(doc.grid_path) != MICRO_GRID:
		frappe.throw(
			_(
				"The circle of a centre household is a micro grid. Choose one, or make it below the grid first."
			),
			CentreGridError,
		)
	_check_keeper(doc)
	if doc.household and frappe.db.get_value(HOUSEHOLD, doc.household, "grid") != doc.grid:
		frappe.throw(_("The household lies outside the circle."), CentreMemberError)
	_warn_of_size(doc)


def _check_keeper(doc: Document) -> None:
	if doc.has_value_changed("party_member") and not frappe.has_permission(
		"Grid Worker", "read", doc=doc.party_member
	):
		frappe.throw(
			_("{0} {1} is none of yours. Choose one in your own grids.").format(
				_("Grid Worker"), doc.party_member
			),
			frappe.PermissionError,
		)
	keeper = frappe.db.get_value("Grid Worker", doc.party_member, ["worker_name", "is_party_member"])
	if not keeper[1]:
		frappe.throw(_("{0} is not entered as a party member.").format(keeper[0]), CentreMemberError)


def _warn_of_size(doc: Document) -> None:
	count = frappe.db.count(HOUSEHOLD, {"grid": doc.grid, "status": "Active"})
	bounds = structure.settings(doc.grid_path, "centre_households_min", "centre_households_max")
	least, most = bounds["centre_households_min"], bounds["centre_households_max"]
	if size_verdict(count, least, most) != WITHIN:
		frappe.msgprint(
			_("The circle has {0} households; {1} to {2} are aimed at.").format(count, least, most),
			indicator="orange",
			alert=True,
		)
