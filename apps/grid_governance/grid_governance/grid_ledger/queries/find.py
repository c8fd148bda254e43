"""People are found by name, pinyin, initials, house number, and by the whole number of their papers."""

import re
from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, getdate

from grid_governance.grid_ledger import HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.actions import identities
from grid_governance.grid_ledger.rules import ages, numbers

LETTERS = re.compile(r"[a-z ']+", re.ASCII)
WHOLE_NUMBER = re.compile(r"\d{15}|\d{17}[\dX]", re.ASCII)

Filters = list[Any]


@frappe.whitelist()
def residents(
	doctype: str = RESIDENT,
	txt: str = "",
	searchfield: str = "",
	start: int = 0,
	page_len: int = 20,
	filters: dict[str, Any] | list[Any] | None = None,
	**_more: object,
) -> list[tuple[str, str, str]]:
	"""Return (name, resident's name, what tells her from others of that name) for link fields, inside the scope.

	Standard query of Resident. Raises PermissionError for who may not read residents.
	"""
	found = people(txt, filters, cint(start), cint(page_len) or 20)
	return [(row.name, row.resident_name, told_apart(row)) for row in found]


def people(text: str, filters: object = None, start: int = 0, limit: int = 20) -> list[frappe._dict]:
	"""Return the residents whom *text* means, inside the reader's scope, at most *limit* from *start* on, by name.

	Letters are the beginning of the pinyin or of the initials (``wgj`` finds 王国军), a whole citizen number goes
	through its hash for those who may read identities, other digits begin a house number, anything else a name. Rows:
	name, resident_name, sex, age, status, household and grid with `household_title` and `grid_name`.
	"""
	chosen, either = _meaning(text)
	if chosen is None:
		return []
	rows = frappe.get_list(
		RESIDENT,
		filters=[*_as_list(filters), *chosen, [RESIDENT, "merged_into", "is", "not set"]],
		or_filters=either,
		fields=["name", "resident_name", "sex", "birth_date", "status", "household", "grid"],
		order_by="resident_name asc, name asc",
		limit_start=start,
		limit_page_length=limit,
	)
	return _with_places(rows)


def told_apart(row: frappe._dict) -> str:
	"""Return what tells a resident from others of her name: sex, age, status when it is not the usual one, grid, household."""
	age = _("{0} years").format(row.age) if row.age is not None else None
	status = None if row.status == "Living Here" else _(row.status)
	parts = (_(row.sex) if row.sex else None, age, status, row.grid_name, row.household_title)
	return " · ".join(part for part in parts if part)


def _meaning(text: str) -> tuple[Filters | None, Filters]:
	"""The filters that *text* stands for, all of the first and one of the second; None when it can mean nobody."""
	text = (text or "").strip()
	number = numbers.clean(text)
	if WHOLE_NUMBER.fullmatch(number):
		if not frappe.has_permission(IDENTITY, "read"):
			return None, []
		return [[RESIDENT, "name", "in", identities.of_number(number) or [""]]], []
	if text.isascii() and text.isdigit():
		own = {"household_no": ["like", _beginning(text)]}
		homes = frappe.get_list(
			HOUSEHOLD, filters=own, pluck="name", order_by="household_no asc", limit_page_length=200
		)
		return [[RESIDENT, "household", "in", homes or [""]]], []
	if LETTERS.fullmatch(text.lower()):
		key = _beginning(re.sub(r"[ ']", "", text.lower()))
		return [], [[RESIDENT, "initials", "like", key], [RESIDENT, "pinyin", "like", key]]
	return ([[RESIDENT, "resident_name", "like", _beginning(text)]] if text else []), []


def _beginning(text: str) -> str:
	return re.sub(r"([\\%_])", r"\\\1", text) + "%"


def _as_list(filters: object) -> Filters:
	filters = frappe.parse_json(filters) or []
	if isinstance(filters, dict):
		return [
			[RESIDENT, field, *(value if isinstance(value, (list, tuple)) else ("=", value))]
			for field, value in filters.items()
		]
	return list(filters)


def _with_places(rows: list[frappe._dict]) -> list[frappe._dict]:
	"""Give each of *rows* its age and what its household and its grid are called: two statements for all."""
	homes = _called(HOUSEHOLD, "title", {row.household for row in rows})
	grids = _called("Grid", "grid_name", {row.grid for row in rows})
	for row in rows:
		row.age = ages.age(getdate(row.birth_date), getdate()) if row.birth_date else None
		row.household_title, row.grid_name = homes.get(row.household), grids.get(row.grid)
	return rows


def _called(doctype: str, field: str, names: set[str]) -> dict[str, str]:
	if not names:
		return {}
	return dict(
		frappe.get_all(
			doctype,
			filters={"name": ["in", sorted(names)]},
			fields=["name", field],
			order_by="name asc",
			as_list=True,
		)
	)


@frappe.whitelist()
def grids_for_households(
	doctype: str, txt: str, searchfield: str, start: int, page_len: int, filters: dict[str, Any] | None = None
) -> list[tuple[str, str]]:
	"""Return (name, grid's name) of the grids of the reader's on which households may be put: link query.

	*txt* is a part of the name or of the code. Raises PermissionError for who may not read grids.
	"""
	like = f"%{txt}%"
	levels = frappe.get_all("Grid Level", {"holds_households": 1}, pluck="name", order_by="position asc")
	rows = frappe.get_list(
		"Grid",
		filters={"grid_level": ["in", levels or [""]], "status": "Active"},
		or_filters={"grid_name": ["like", like], "grid_code": ["like", like]},
		fields=["name", "grid_name"],
		order_by="grid_path asc",
		limit_start=cint(start),
		limit_page_length=cint(page_len) or 20,
	)
	return [(row.name, row.grid_name) for row in rows]
