"""What became of a household, in words that people read."""

from collections.abc import Iterable
from typing import Any

import frappe
from frappe import _

from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.rules import households

CHANGE = "Household Change"
SHOWN = 100
"""Changes that a household's history shows: the last ones."""


@frappe.whitelist()
def history(household: str) -> list[dict[str, Any]]:
	"""Return what became of *household*, the last change first, at most `SHOWN`, inside the reader's scope.

	Each with `happened_on`, `at`, `by` (full name), `what` (a sentence), `people` (what changed for whom, a line each)
	and `reason`. People and households outside the scope are not named. Raises PermissionError for a household that
	she may not read. The number of statements does not depend on how many changes there are.
	"""
	frappe.get_doc(HOUSEHOLD, household).check_permission("read")
	return _told(_lines(or_filters={"household": household, "other_household": household}), household)


def of_person(resident: str) -> list[dict[str, Any]]:
	"""Return what became of *resident* with her household, as `history` does: for callers that have judged her row."""
	rows = frappe.get_all(
		"Household Change Member",
		filters={"resident": resident},
		pluck="parent",
		order_by="creation desc",
		limit_page_length=SHOWN,
	)
	return _told(_lines(filters={"name": ["in", rows]})) if rows else []


def _lines(**chosen: dict[str, Any]) -> list[frappe._dict]:
	"""The changes that are *chosen* and lie in the reader's scope, the last first."""
	if not frappe.has_permission(CHANGE, "read"):
		return []
	return frappe.get_list(
		CHANGE,
		fields=[
			*("name", "kind", "household", "other_household", "from_grid", "grid"),
			*("happened_on", "at", "changed_by", "reason"),
		],
		order_by="at desc",
		limit_page_length=SHOWN,
		**chosen,
	)


def _told(lines: list[frappe._dict], household: str | None = None) -> list[dict[str, Any]]:
	"""*lines* in words, as seen from *household*, or from the household that each is about."""
	concerned = _members([line.name for line in lines])
	people = _called(RESIDENT, "resident_name", {row.resident for rows in concerned.values() for row in rows})
	homes = _called(HOUSEHOLD, "title", _all(lines, "household", "other_household"))
	grids = _names("Grid", "grid_name", _all(lines, "grid", "from_grid"))
	users = _names("User", "full_name", _all(lines, "changed_by"))
	return [
		{
			"happened_on": line.happened_on,
			"at": line.at,
			"by": users.get(line.changed_by) or line.changed_by,
			"what": _what(
				line, household or line.household, concerned.get(line.name, []), people, homes, grids
			),
			"people": [_concerned(row, people) for row in concerned.get(line.name, [])],
			"reason": line.reason or "",
		}
		for line in lines
	]


def _what(
	line: frappe._dict,
	household: str,
	concerned: list[frappe._dict],
	people: dict[str, str],
	homes: dict[str, str],
	grids: dict[str, str],
) -> str:
	"""The change as a sentence, as seen from *household*."""
	other = line.other_household if line.household == household else line.household
	elsewhere = homes.get(other) or _("a household in another grid")
	here = line.household == household
	if line.kind == "Move":
		return _("Moved from {0} to {1}").format(
			grids.get(line.from_grid) or line.from_grid, grids.get(line.grid) or line.grid
		)
	if line.kind == "Split":
		return (_("Split off: {0}") if here else _("Split off from {0}")).format(elsewhere)
	if line.kind == "Merge":
		return (_("Merged into {0}") if here else _("{0} was merged into this household")).format(elsewhere)
	if line.kind == "Head":
		after = next((row.resident for row in concerned if row.relation_after == households.HEAD), None)
		return _("Head of the household is now {0}").format(_person(after, people))
	return _(line.kind)


def _concerned(row: frappe._dict, people: dict[str, str]) -> str:
	"""Whom a change concerned: her relation to the head, before and after when it changed."""
	before, after = _(row.relation_before or ""), _(row.relation_after or "")
	relation = before if before == after or not after else f"{before} → {after}" if before else after
	return ": ".join(filter(None, (_person(row.resident, people), relation)))


def _person(resident: str | None, people: dict[str, str]) -> str:
	return people.get(resident or "") or _("somebody in another grid")


def _members(changes: list[str]) -> dict[str, list[frappe._dict]]:
	"""The people of each of *changes*, which have been judged already."""
	found: dict[str, list[frappe._dict]] = {}
	for row in frappe.get_all(
		"Household Change Member",
		filters={"parent": ["in", changes or [""]]},
		fields=["parent", "resident", "relation_before", "relation_after"],
		order_by="idx asc",
	):
		found.setdefault(row.parent, []).append(row)
	return found


def _all(lines: Iterable[frappe._dict], *fields: str) -> set[str]:
	return {line.get(field) for line in lines for field in fields if line.get(field)}


def _called(doctype: str, field: str, names: set[str]) -> dict[str, str]:
	"""What those of *names* are called that lie in the reader's scope."""
	rows = frappe.get_list(
		doctype,
		filters={"name": ["in", sorted(names) or [""]]},
		fields=["name", field],
		order_by="name asc",
		limit_page_length=0,
	)
	return {row.name: row[field] for row in rows}


def _names(doctype: str, field: str, names: set[str]) -> dict[str, str]:
	"""What grids and accounts are called: no secret inside a line that the reader may read."""
	rows = frappe.get_all(
		doctype, filters={"name": ["in", sorted(names) or [""]]}, fields=["name", field], order_by="name asc"
	)
	return {row.name: row[field] for row in rows}
