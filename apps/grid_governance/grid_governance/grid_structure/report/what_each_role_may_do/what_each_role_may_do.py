"""What Each Role May Do: every right of every role on the app's own DocTypes, and where it holds.

Read from the permission rules as they stand today, with what an administrator changed in the Role
Permission Manager, and from the table of what lies in a grid; there is no period. Filters: `role`, `record`.
"""

from collections.abc import Iterator
from typing import Any

import frappe
from frappe import _

from grid_governance.scope import role_rights
from grid_governance.scope.queries import RIGHTS


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns and rows, as Frappe's script reports do."""
	if not frappe.has_permission("Grid Post Assignment", "report"):
		raise frappe.PermissionError
	return columns(), list(rows(frappe._dict(filters or {})))


def columns() -> list[dict[str, Any]]:
	"""Return the columns; a right is 1 or 0."""
	named = {
		"read": _("See"),
		"write": _("Change"),
		"create": _("Create"),
		"delete": _("Delete"),
		"report": _("Report"),
		"export": _("Export"),
		"print": _("Print"),
		"import": _("Import"),
	}
	return [
		{"fieldname": "role", "label": _("Role"), "fieldtype": "Data", "width": 140},
		{"fieldname": "record", "label": _("Record"), "fieldtype": "Data", "width": 140},
		{"fieldname": "where", "label": _("Where"), "fieldtype": "Data", "width": 260},
		{"fieldname": "fields", "label": _("Fields"), "fieldtype": "Data", "width": 160},
		*({"fieldname": right, "label": named[right], "fieldtype": "Check", "width": 70} for right in RIGHTS),
	]


def rows(wanted: frappe._dict) -> Iterator[dict[str, Any]]:
	"""Yield a row for each rule, by role and record, in the reader's language."""
	places = {
		"post": _("In the grids of the post that gives the role"),
		"department": _("What is given to the department of the post"),
		"named": _("Where the reader is named"),
		"household": _("What concerns the reader's own household"),
		"everywhere": _("In every grid of the site"),
		"nowhere": _("Nowhere: no post opens it"),
		"unlimited": _("The same for everyone, by no grid"),
	}
	for rule in role_rights():
		if wanted.role not in (None, "", rule.role) or wanted.record not in (None, "", rule.doctype):
			continue
		yield {
			"role": _(rule.role),
			"record": _(rule.doctype),
			"where": _("; ").join(places[place] for place in rule.where)
			+ (_(", own rows only") if rule.if_owner else ""),
			"fields": _("Only fields of level {0}").format(rule.permlevel)
			if rule.permlevel
			else _("All others"),
			**{right: rule[right] for right in RIGHTS},
		}
