"""Data Quality: what is wrong or missing in the ledger, line by line, each the way to its record.

As things stand now: a correction takes its line off. Filters: `grid` (everything below it), and `kind`, one kind of
finding alone, of which more lines are shown. Of each kind the first lines stand below its true number. What tells of
numbers, phones or care is found where the reader may report these.
"""

from typing import Any

import frappe
from frappe import _

from grid_governance import reporting
from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.queries import quality
from grid_governance.grid_ledger.queries.quality import Findings
from grid_governance.grid_structure.queries import GridNames

SHOWS_PERSONS = RESIDENT


class KindError(frappe.ValidationError):
	"""A kind of finding is asked for that there is none of."""


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, what to do, chart and summary, as Frappe's script reports do."""
	question = reporting.ask(filters, RESIDENT)
	kind = (filters or {}).get("kind")
	checks = [check for check in quality.checks() if kind in (None, "", check.key)]
	if not checks:
		frappe.throw(_("There is no such kind of finding. Choose one of the list."), KindError)
	found = quality.run(checks, question, quality.ONE_SHOWN if kind else quality.EACH_SHOWN)
	found = [findings for findings in found if findings.count]
	note = _("As things stand now. Open a line, correct it, and it is gone here.")
	if not found:
		return columns(), [], f"{note} {_('Nothing was found.')}", None, None, True
	return columns(), data(found), note, chart(found) if len(found) > 1 else None, summary(found), True


@frappe.whitelist()
def kinds() -> list[dict[str, str]]:
	"""Return the kinds of findings that the session's user may be shown, as options: `value` and `label`.

	Raises PermissionError for who may not report residents.
	"""
	frappe.has_permission(RESIDENT, "report", throw=True)
	return [
		{"value": check.key, "label": check.label}
		for check in quality.checks()
		if all(frappe.has_permission(doctype, "report") for doctype in check.needs)
	]


def columns() -> list[dict[str, Any]]:
	"""Return the columns; `count` is the number of findings of a kind."""
	text = {"fieldtype": "Data"}
	return [
		text | {"fieldname": "kind", "label": _("Finding"), "width": 190, "narrows": "kind"},
		{"fieldname": "count", "label": _("Count"), "fieldtype": "Int", "width": 70, "is_rate": 1},
		text | {"fieldname": "title", "label": _("Record"), "width": 150} | reporting.opening(RESIDENT),
		text
		| {"fieldname": "household_title", "label": _("Household"), "width": 130}
		| reporting.opening(HOUSEHOLD, "household"),
		text | {"fieldname": "village", "label": _("Village"), "width": 110},
		text | {"fieldname": "in_grid", "label": _("Grid"), "width": 160},
		text | {"fieldname": "advice", "label": _("What to Do"), "width": 330},
	]


def data(found: list[Findings]) -> list[dict[str, Any]]:
	"""Return for each kind a row with its number, below it one for each finding that is shown."""
	names = GridNames(row.grid_path for findings in found for row in findings.rows)
	rows: list[dict[str, Any]] = []
	for findings in found:
		check, said = findings.check, ""
		if findings.count > len(findings.rows):
			said = _("The first {0} of {1} are shown.").format(len(findings.rows), findings.count)
		head = {"kind": check.label, "narrow": check.key, "count": findings.count, "is_total": 1}
		rows.append(head | {"advice": said})
		rows += [
			{
				"kind": check.label,
				"name": row.name,
				"opens": check.doctype,
				"title": row.title or row.name,
				"household": row.household,
				"household_title": row.household_title if row.household else "",
				"village": names.village(row.grid_path),
				"in_grid": names.grid(row.grid_path),
				"grid_path": row.grid_path,
				"advice": check.advice,
			}
			for row in findings.rows
		]
	return rows


def chart(found: list[Findings]) -> dict[str, Any]:
	"""Return how many there are of each kind, the most first."""
	most = sorted(found, key=lambda findings: -findings.count)
	labels, values = [each.check.label for each in most], [each.count for each in most]
	return {
		"data": {"labels": labels, "datasets": [{"name": _("Findings"), "values": values}]},
		"type": "bar",
		"colors": ["#C0392B"],
		"height": 240,
	}


def summary(found: list[Findings]) -> list[dict[str, Any]]:
	"""Return the number of findings and of their kinds."""
	count = sum(findings.count for findings in found)
	return [
		{"label": _("Findings"), "value": count, "datatype": "Int", "indicator": "Red"},
		{"label": _("Kinds of Findings"), "value": len(found), "datatype": "Int"},
	]
