"""Likely the Same Person: pairs of residents that may be one, each opened, compared and merged from its line.

The state of today; there is no period. Filters: `grid` (a node; everything below it), `reason` and `judged` (pairs that
somebody judged to be different people, too). Which pairs there are, and what each reader is told, is said in
`queries/likeness.py`.
"""

from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, format_datetime

from grid_governance.grid_ledger import RESIDENT
from grid_governance.grid_ledger.queries import likeness


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows and a remark, as Frappe's script reports do."""
	if not frappe.has_permission(RESIDENT, "report"):
		raise frappe.PermissionError
	wanted = frappe._dict(filters or {})
	found = likeness.listed(wanted.grid, wanted.reason, bool(cint(wanted.judged)))
	return columns(bool(cint(wanted.judged))), [_row(pair) for pair in found.pairs], _remark(found)


def columns(with_judged: bool) -> list[dict[str, Any]]:
	"""Return the columns; `resident` and `other` in a row are names of residents."""
	shown = [
		{"fieldname": "reason", "label": _("Why"), "fieldtype": "Data", "width": 150},
		{"fieldname": "compare", "label": _("Compare"), "fieldtype": "Data", "width": 70},
		{"fieldname": "resident_about", "label": _("Resident"), "fieldtype": "Data", "width": 370},
		{"fieldname": "other_about", "label": _("Other Resident"), "fieldtype": "Data", "width": 370},
	]
	if with_judged:
		shown.append({"fieldname": "judged", "label": _("Judged"), "fieldtype": "Data", "width": 220})
	return shown


def _row(pair: likeness.Pair) -> dict[str, Any]:
	return {
		"reason": _(pair.reason),
		"resident": pair.one.name,
		"resident_about": likeness.about(pair.one),
		"other": pair.other.name,
		"other_about": likeness.about(pair.other),
		"judged": _judged(pair),
		"compare": _("Compare"),
	}


def _judged(pair: likeness.Pair) -> str:
	if not pair.judged:
		return ""
	user, at = pair.judged
	return _("{0}, {1}").format(frappe.utils.get_fullname(user), format_datetime(at))


def _remark(found: likeness.Found) -> str | None:
	remarks = []
	if found.total > len(found.pairs):
		remarks.append(
			_("{0} pairs; the first {1} are shown. Choose a village or a reason.").format(
				found.total, len(found.pairs)
			)
		)
	if found.numbers_left_out:
		remarks.append(_("Numbers one character apart are looked for in one village. Choose it as the grid."))
	return "<br>".join(remarks) or None
