import frappe
from frappe import _

from grid_governance import scope
from grid_governance.grid_structure.append_only import AppendOnly, AppendOnlyError

REACH = "reach"
"""What older versions had, without what decides who may know of a delivery."""


class DeliveryByHandError(AppendOnlyError):
	"""A delivery is to be written or changed by hand."""


class NoticeDelivery(AppendOnly):
	"""A notice on its way to one household or person; written by sets, moved on by visits and codes."""

	def refuse(self) -> None:
		"""Say how a delivery comes about."""
		frappe.throw(
			_("Deliveries are made when a notice is sent. Tell it at the door with a visit."),
			DeliveryByHandError,
		)


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves: as few as can be, since sixty thousand rows are written at once."""
	# Lists in any scope, and what is told at the doors of a grid.
	scope.index_place("Notice Delivery", "state", "doorstep_at")
	# A household, or a person of it, once for a notice; and what is on its way to a household.
	frappe.db.add_unique(
		"Notice Delivery", ["household", "notice", "resident"], constraint_name="once_for_notice"
	)
	# Reach by node, and who is not reached; with what decides who may know of it.
	frappe.db.add_index("Notice Delivery", ["notice", "grid_path", "state", "is_sensitive"], "known_reach")
	if frappe.db.has_index("tabNotice Delivery", REACH):
		frappe.db.sql_ddl(f"alter table `tabNotice Delivery` drop index `{REACH}`")
