import frappe
from frappe.model.document import Document

from grid_governance import scope


class RoundHousehold(Document):
	"""A household in a round: whether it counts, and whether it was visited."""


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves: as few as can be, since those of a whole township are written at once."""
	# Lists in any scope.
	scope.index_place("Round Household", "period_start")
	# A household once in a round, and its row of the present period.
	frappe.db.add_unique("Round Household", ["household", "period_start"], constraint_name="once_in_period")
	frappe.db.add_index("Round Household", ["round", "visited_at"])
	# Coverage: those of a period by node, counted and visited.
	frappe.db.add_index(
		"Round Household", ["period_start", "grid_path", "counted", "visited_at", "tried_at"], "covered"
	)
