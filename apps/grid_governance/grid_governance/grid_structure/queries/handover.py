"""What is open under a post that is handed over."""

from typing import Any

import frappe


@frappe.whitelist()
def open_under(assignment: str) -> list[dict[str, Any]]:
	"""Return what is open under the holder of the Grid Post Assignment in its grid, as far as the reader sees it.

	Each line has `label`, `count` and `route` to the list of exactly these rows. Asked of the rooms by the hook
	`grid_handover_items`, functions of (worker, grid). Needs read permission on the assignment.
	"""
	post = frappe.get_doc("Grid Post Assignment", assignment)
	post.check_permission("read")
	return [
		line
		for function in frappe.get_hooks("grid_handover_items")
		for line in frappe.get_attr(function)(post.worker, post.grid)
	]
