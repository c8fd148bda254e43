import frappe
from frappe import _

from grid_governance import scope
from grid_governance.grid_structure.append_only import AppendOnly, AppendOnlyError


class MustVisitError(AppendOnlyError):
	"""A must-visit is to be written by hand."""


class MustVisit(AppendOnly):
	"""A person who is to be visited until a day; one open row for each.

	Written by sets (`must_visits`), by no form. When two rows of a person are merged, hers go over by an event of this room.
	"""

	def is_written_by_its_room(self) -> bool:
		"""No role may create one; what is there is changed by visits and care alone."""
		return True

	def refuse(self) -> None:
		frappe.throw(
			_("Who must be visited follows from the care that people are in. Change the care instead."),
			MustVisitError,
		)


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	scope.index_path("Must Visit", "modified")
	_one_open_row()
	# What was done for a person, and that she was seen since.
	frappe.db.add_index("Must Visit", ["resident", "done_at"])
	# What is open in a household, and until when.
	frappe.db.add_index("Must Visit", ["household", "done_at", "due_on"])
	# What is open below a node, however much was done there.
	frappe.db.add_index("Must Visit", ["done_at", "grid_path"])
	# Whom a visit served, and whom a round counts.
	frappe.db.add_index("Must Visit", ["visit"])
	frappe.db.add_index("Must Visit", ["round"])
	# What is due, done and late by node.
	scope.index_report("Must Visit", "due_in_scope", "due_on", "done_at")
	# What is still open or was done lately, however long ago it was due.
	scope.index_report("Must Visit", "done_in_scope", "done_at", "due_on")


def _one_open_row() -> None:
	"""Let a person have one open row: a generated column holds her name until it is done. Can be run any number of times."""
	if not frappe.db.has_index("tabMust Visit", "one_open_row"):
		frappe.db.sql_ddl(
			"""alter table `tabMust Visit` add column if not exists `_open_of` varchar(140)
			generated always as (if(`done_at` is null, `resident`, null)) stored,
			add unique index `one_open_row` (`_open_of`)"""
		)
