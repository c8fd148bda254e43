"""Rules that differ from township to township: its profile, else the site's settings, else the level."""

from collections.abc import Mapping
from typing import Any

import frappe
from frappe.query_builder import DocType

from grid_governance.grid_structure import rules

SIZES = (
	"households_min",
	"households_target",
	"households_max",
	"population_max",
	"members_min",
	"members_max",
)


def setting(path: str, fieldname: str) -> Any:
	"""Return what holds at *path*: the township's own *fieldname*, else that of Governance Settings."""
	township = rules.ancestor_path(path, rules.TOWNSHIP)
	own = frappe.db.get_value("Township Profile", {"grid_path": township}, fieldname) if township else None
	return own or frappe.db.get_single_value("Governance Settings", fieldname)


def settings(path: str, *fieldnames: str) -> dict[str, Any]:
	"""Return what holds at *path* for several fields at once, as `setting` does for one."""
	township = rules.ancestor_path(path, rules.TOWNSHIP)
	own = (
		frappe.db.get_value("Township Profile", {"grid_path": township}, fieldnames, as_dict=True)
		if township
		else None
	) or {}
	site = frappe.get_cached_doc("Governance Settings")
	return {field: own.get(field) or site.get(field) for field in fieldnames}


def township_paths() -> list[str]:
	"""Return the paths of all townships of the site, in order."""
	return frappe.get_all(
		"Grid",
		filters={
			"grid_level": [
				"in",
				frappe.get_all("Grid Level", {"position": rules.TOWNSHIP}, pluck="name", order_by="name asc"),
			]
		},
		pluck="grid_path",
		order_by="grid_path asc",
		limit_page_length=0,
	)


class SizeRules:
	"""The sizes of grids by township and level, read at once; a township's own go before the level's.

	A number of 0 means no bound.
	"""

	def __init__(self) -> None:
		self._of_level = {
			level.name: level
			for level in frappe.get_all(
				"Grid Level", fields=["name", *SIZES], order_by="position asc", limit_page_length=0
			)
		}
		profile, row = DocType("Township Profile"), DocType("Township Size Rule")
		own = (
			frappe.qb.from_(row)
			.join(profile)
			.on(row.parent == profile.name)
			.select(profile.grid_path, row.grid_level, *(row[field] for field in SIZES))
			.run(as_dict=True)
		)
		self._of_township = {(rule.grid_path, rule.grid_level): rule for rule in own}

	def at(self, path: str, level: str) -> Mapping[str, int]:
		"""Return the numbers of `SIZES` for a grid of *level* at *path*."""
		general = self._of_level[level]
		own = self._of_township.get((rules.ancestor_path(path, rules.TOWNSHIP), level), {})
		return {field: own.get(field) or general.get(field) or 0 for field in SIZES}
