import frappe
from frappe.model.document import Document

from grid_governance import scope


class VisitRound(Document):
	"""A period of visits in one leaf grid, with the figures frozen when it opened."""


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	scope.index_path("Visit Round", "modified")
	# One round of a grid and a period.
	frappe.db.add_unique("Visit Round", ["grid", "period_start"], constraint_name="once_in_grid")
	# The rounds of a period, and those still open.
	scope.index_report("Visit Round", "of_period", "period_start", "status")
