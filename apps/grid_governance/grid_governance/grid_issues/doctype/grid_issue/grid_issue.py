import frappe
from frappe.model.document import Document

from grid_governance import photos, scope
from grid_governance.grid_issues import actions, clocks, escalation, households, informing, steps
from grid_governance.grid_structure.telling.concerned import only_concerned

REPORTED = {
	# Issue Resolution Levels: closed in a period, by node and level. Livelihood Problems Solved: by category.
	"closed_in_grid": ("grid_path", "resolution_level", "closed_at", "workflow_state", "category", "source"),
	# Issue Closing and Timeliness: found in a period, by node and urgency.
	"found_in_grid": (
		"grid_path",
		"urgency",
		"found_at",
		"due_by",
		"resolved_at",
		"closed_at",
		"workflow_state",
	),
	# Superior Tasks, Online Referrals: of one source, found or closed in a period, by node; informed in time.
	"source_in_grid": (
		"source",
		"grid_path",
		"found_at",
		"closed_at",
		"workflow_state",
		"inform_by",
		"informed_at",
	),
}
"""Indexes from which reports are answered without the rows, by name. They begin with what the report groups by, so
that the groups come out in order; the path comes first, so that a village's report reads its own part of a
county's issues."""


class GridIssue(Document):
	"""A matter found in a grid, from the report to the feedback; its way is the active Workflow's."""

	def validate(self) -> None:
		actions.prepare(self)
		actions.check(self)
		households.check(self)
		clocks.set_due_time(self)
		informing.set_times(self)
		steps.apply_step(self)
		informing.settle(self)
		escalation.arm(self)

	def on_update(self) -> None:
		steps.log_step(self)
		photos.attach(self)
		steps.settle_workflow_action(self)
		steps.pass_on(self)
		actions.restamp_log(self)

	def on_trash(self) -> None:
		actions.forget(self)

	def run_notifications(self, method: str) -> None:
		with only_concerned(self, method):
			super().run_notifications(method)


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	# The list as shipped: newest change first, in any scope.
	scope.index_path("Grid Issue", "modified")
	# What is open, late or due today, in any scope: by due time alone every closed issue comes first.
	scope.index_path("Grid Issue", "workflow_state")
	# The calendar: what is due in a month, open or not.
	frappe.db.add_index("Grid Issue", ["due_by"])
	# What the clock has to do: all of the sweep, whose cost must not grow with what is not due yet.
	frappe.db.add_index("Grid Issue", ["clock_at"])
	# Whose petitioner is to be told on a day: the daily notifications.
	frappe.db.add_index("Grid Issue", ["inform_by"])
	for name, columns in REPORTED.items():
		scope.index_report("Grid Issue", name, *columns)
	# The public card of a worker: what she has reported, and how much of it is closed.
	frappe.db.add_index("Grid Issue", ["reporter_worker", "workflow_state"])
	# The list filtered by one grid or one category, newest change first.
	frappe.db.add_index("Grid Issue", ["grid", "modified"])
	frappe.db.add_index("Grid Issue", ["category", "modified"])
	# What is open about one household: its page.
	frappe.db.add_index("Grid Issue", ["household", "workflow_state"])
	# The list behind a figure of that report, for a reader of all grids.
	frappe.db.add_index("Grid Issue", ["resolution_level", "closed_at"])
	# The map: what lies in the part of the earth that it shows (WGS-84, as a phone's geolocation gives it).
	frappe.db.add_index("Grid Issue", ["latitude", "longitude"])
