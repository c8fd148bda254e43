import frappe
from frappe.model.document import Document

from grid_governance import scope

BY_ROUND = "round_visited_at_index"
"""What older versions had: `covered` finds the rows of a round too."""


class RoundHousehold(Document):
	"""A household in a round: whether it counts, and whether it was visited."""


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves: as few as can be, since those of a whole township are written at once."""
	# Lists in any scope.
	scope.index_place("Round Household", "period_start")
	# A household once in a round, and its row of the present period.
	frappe.db.add_unique("Round Household", ["household", "period_start"], constraint_name="once_in_period")
	# Coverage, and the rows of a round: those of a period by node, counted and visited.
	frappe.db.add_index(
		"Round Household", ["period_start", "grid_path", "counted", "visited_at", "tried_at"], "covered"
	)
	if frappe.db.has_index("tabRound Household", BY_ROUND):
		frappe.db.sql_ddl(f"alter table `tabRound Household` drop index `{BY_ROUND}`")
