"""What tests ask about the rows of a demo."""

import frappe

from grid_governance.scope.rules import subtree


def path_of(code: str) -> str:
	"""The path of the grid of the division *code*."""
	return frappe.db.get_value("Grid", {"division_code": code}, "grid_path")


def rows(doctype: str, code: str, **filters: object) -> list[frappe._dict]:
	"""The rows of *doctype* in the grids of the division *code*, in the order in which they were made."""
	within = subtree(path_of(code))
	return frappe.get_all(
		doctype,
		filters=[
			["grid_path", ">=", within.lo],
			["grid_path", "<", within.hi],
			*([doctype, field, "=", value] for field, value in filters.items()),
		],
		fields=["*"],
		order_by="creation asc, name asc",
		limit_page_length=0,
	)
