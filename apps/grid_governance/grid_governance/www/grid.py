"""The public card of a grid: its name, its extent and who serves it. No word of households or residents."""

import frappe
from frappe import _

from grid_governance.grid_structure.queries.cards import grid_notice_board

no_cache = 1


def get_context(context: frappe._dict) -> None:
	"""Fill the page /grid/<code>. Raises PageDoesNotExistError for a code that names no grid in use."""
	code = frappe.form_dict.code
	if not code or not frappe.db.exists("Grid", {"name": code, "status": "Active"}):
		raise frappe.PageDoesNotExistError
	context.board = grid_notice_board(code)
	context.title = context.board.grid.grid_name
	context.no_header = 1
	context.metatags = {"robots": "noindex"}
	context.description = _("Who serves this grid")
