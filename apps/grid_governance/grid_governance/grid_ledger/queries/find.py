"""People and households are found by name, pinyin, initials, house number, and by the whole number of papers.

What is typed comes in the body of a request and goes no further than into the conditions of one query; a whole number
is a keyed hash there. Everything is read as the list reads it: inside the scope and on the reader's own level.
"""

from typing import Any

import frappe
from frappe import _
from frappe.model import get_permitted_fields
from frappe.utils import cint, getdate

from grid_governance.grid_ledger import HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.actions import identities
from grid_governance.grid_ledger.rules import ages, households, searches

MOST = 500
"""Rows that one search gives; who finds more is asked to type on."""

IN_THE_BAR = {RESIDENT: 8, HOUSEHOLD: 5}

Filters = list[list[Any]]


class SearchFilterError(frappe.ValidationError):
	"""What is sent with a search is no filter on what is searched."""


class NotSearchedError(frappe.ValidationError):
	"""Only residents and households are found this way."""


@frappe.whitelist(methods=["POST"])
def residents(
	doctype: str = RESIDENT,
	txt: str = "",
	searchfield: str = "",
	start: int = 0,
	page_len: int = 20,
	filters: dict[str, Any] | list[Any] | str | None = None,
	**_more: object,
) -> list[tuple[str, str, str]]:
	"""Return (name, resident's name, what tells her from others of that name) for link fields, inside the scope.

	Standard query of Resident. *filters* are on the resident's own fields (`searches.checked_filters`). Raises
	PermissionError for who may not read residents, SearchFilterError.
	"""
	return [(row.name, row.resident_name, told_apart(row)) for row in people(txt, filters, start, page_len)]


@frappe.whitelist(methods=["POST"])
def homes(
	doctype: str = HOUSEHOLD,
	txt: str = "",
	searchfield: str = "",
	start: int = 0,
	page_len: int = 20,
	filters: dict[str, Any] | list[Any] | str | None = None,
	**_more: object,
) -> list[tuple[str, str, str]]:
	"""Return (name, title, where it lies) of households for link fields, as `residents`; standard query of Household."""
	rows = _rows(HOUSEHOLD, txt, filters, start, page_len)
	return [(row.name, row.title, _where(row)) for row in rows]


@frappe.whitelist(methods=["POST"])
def for_search_bar(txt: str) -> list[dict[str, str]]:
	"""Return whom and what the search bar offers for *txt*: doctype, name, title, told_apart; people first.

	Nothing for who reads neither residents nor households.
	"""
	return [
		{"doctype": doctype, "name": name, "title": title, "told_apart": told}
		for doctype, search in ((RESIDENT, residents), (HOUSEHOLD, homes))
		if frappe.has_permission(doctype)
		for name, title, told in search(doctype, txt, page_len=IN_THE_BAR[doctype])
	]


@frappe.whitelist(methods=["POST"])
def filters_for(doctype: str, txt: str) -> dict[str, Any]:
	"""Return the `filters` by which the list of *doctype* (Resident, Household) shows what *txt* means.

	They name no number: those of a whole one are the records it belongs to. `more` says that there are more than
	`MOST`, of which the first are shown. Raises PermissionError for who may not read *doctype*, NotSearchedError.
	"""
	if doctype not in IN_THE_BAR:
		frappe.throw(_("Residents and households are searched this way."), NotSearchedError)
	frappe.has_permission(doctype, throw=True)
	chosen, either = _meaning(doctype, txt)
	if either:
		return _one_way(doctype, either)
	more = any(one[2] == "in" and len(one[3]) > MOST for one in chosen)
	return {"filters": [_cut(one) for one in chosen], "more": more}


def people(text: str, filters: object = None, start: int = 0, limit: int = 20) -> list[frappe._dict]:
	"""Return the residents whom *text* means, inside the reader's scope, at most *limit* from *start* on, by name.

	Letters are the beginning of the pinyin or of the initials (``wgj`` finds 王国军), a whole citizen number goes
	through its hash for those who may read identities, other digits begin a house number, anything else a name, or a
	part of one where none begins so. Rows: name, resident_name, sex, age, status, household and grid with
	`household_title` and `grid_name`. Those who were merged into another row are left out. Raises SearchFilterError.
	"""
	return _rows(RESIDENT, text, filters, start, limit)


_READ = {
	RESIDENT: ("resident_name", "sex", "birth_date", "status", "household", "grid"),
	HOUSEHOLD: ("title", "address", "member_count", "status", "grid"),
}
_KEPT: dict[str, Filters] = {RESIDENT: [[RESIDENT, "merged_into", "is", "not set"]], HOUSEHOLD: []}


def _rows(doctype: str, text: str, filters: object, start: int, limit: int) -> list[frappe._dict]:
	chosen, either = _meaning(doctype, text)
	fields = _READ[doctype]
	rows = frappe.get_list(
		doctype,
		filters=[*own_filters(doctype, filters), *chosen, *_KEPT[doctype]],
		or_filters=either,
		fields=["name", *fields],
		order_by=f"{fields[0]} asc, name asc",
		limit_start=max(cint(start), 0),
		limit_page_length=min(max(cint(limit), 1), MOST),
	)
	return _with_places(rows)


def own_filters(doctype: str, given: object) -> Filters:
	"""Return the filters that a client sent with a search, if they are on fields of *doctype* that she may read.

	Raises SearchFilterError.
	"""
	try:
		return searches.checked_filters(
			frappe.parse_json(given), doctype, {"name", *get_permitted_fields(doctype)}
		)
	except ValueError:
		frappe.throw(
			_("The search for {0} takes filters on its own fields only.").format(_(doctype)),
			SearchFilterError,
		)


def told_apart(row: frappe._dict) -> str:
	"""Return what tells a resident from others of her name: sex, age, status when it is not the usual one, grid, household."""
	age = _("{0} years").format(row.age) if row.age is not None else None
	status = None if row.status == "Living Here" else _(row.status)
	return _joined(_(row.sex) if row.sex else None, age, status, row.grid_name, row.household_title)


def _where(row: frappe._dict) -> str:
	"""Return what tells a household from others: grid, address, how many live there, that it is dissolved."""
	number = _("{0} People").format(row.member_count) if row.member_count else None
	return _joined(row.grid_name, row.address, number, _(row.status) if row.status != "Active" else None)


def _joined(*parts: str | None) -> str:
	return " · ".join(part for part in parts if part)


def _meaning(doctype: str, text: str) -> tuple[Filters, Filters]:
	"""The filters on *doctype* that *text* stands for: all of the first, and one of the second where there are any."""
	meant = searches.kind(text)
	if not meant:
		return [], []
	kind, text = meant
	if kind == searches.NUMBER:
		field = "name" if doctype == RESIDENT else "household"
		return [_among(doctype, _of_number(text, field))], []
	key = searches.beginning(text)
	if doctype == RESIDENT:
		return _of_person(kind, key, text)
	if kind == searches.LETTERS:
		return [_among(HOUSEHOLD, _of_heads(key))], []
	column = "household_no" if kind == searches.HOUSE else "title"
	return [], [[HOUSEHOLD, column, "like", key], [HOUSEHOLD, "address", "like", key]]


def _of_person(kind: str, key: str, text: str) -> tuple[Filters, Filters]:
	if kind == searches.HOUSE:
		numbered = frappe.get_list(
			HOUSEHOLD,
			filters={"household_no": ["like", key]},
			pluck="name",
			order_by="household_no asc",
			limit_page_length=MOST + 1,
		)
		return [[RESIDENT, "household", "in", numbered or [""]]], []
	if kind == searches.LETTERS:
		filters = [[RESIDENT, column, "like", key] for column in searches.columns_of(key)]
		return (filters, []) if len(filters) == 1 else ([], filters)
	named = [RESIDENT, "resident_name", "like", key]
	return [named if _any(RESIDENT, [named]) else _among(RESIDENT, _known_as(text))], []


def _known_as(part: str) -> list[str]:
	"""The residents with *part* in their names: neighbours know 王国军 as 国军.

	Every name in scope is read, from the index that holds names and paths; asked for where nobody's begins so.
	"""
	return frappe.get_list(
		RESIDENT,
		filters={"resident_name": ["like", searches.anywhere(part)]},
		pluck="name",
		order_by="resident_name asc",
		limit_page_length=MOST + 1,
	)


def _of_number(number: str, field: str) -> list[str]:
	"""The residents, or by *field* their households, of a whole number, for whoever may read identities."""
	if not frappe.has_permission(IDENTITY):
		return []
	names = identities.of_number(number)
	if field == "name" or not names:
		return names
	return frappe.get_list(
		RESIDENT, filters={"name": ["in", names]}, pluck=field, order_by="name asc", limit_page_length=MOST
	)


def _of_heads(key: str) -> list[str]:
	"""The households whose head's pinyin or initials begin so.

	In an order that no index has: with one, MariaDB walks along it past everybody whose name begins otherwise.
	"""
	return frappe.get_list(
		RESIDENT,
		filters={"relation_to_head": households.HEAD, "status": ["not in", households.GONE]},
		or_filters={column: ["like", key] for column in searches.columns_of(key)},
		pluck="household",
		order_by="creation asc",
		limit_page_length=MOST + 1,
	)


def _among(doctype: str, names: list[str]) -> list[Any]:
	return [doctype, "name", "in", names or [""]]


def _cut(one: list[Any]) -> list[Any]:
	return [*one[:3], one[3][:MOST]] if one[2] == "in" else one


def _one_way(doctype: str, either: Filters) -> dict[str, Any]:
	"""Put one of two filters as filters that all hold, which is what a list, its count and its sidebar take.

	Mostly one of the two finds nothing that the other does not, and is left out; else the records are named.
	"""
	for one, other in (either, either[::-1]):
		if not _any(doctype, [other, [*one[:2], "not like", one[3]]]):
			return {"filters": [one], "more": False}
	names = frappe.get_list(
		doctype,
		or_filters=either,
		pluck="name",
		order_by=f"{_READ[doctype][0]} asc",
		limit_page_length=MOST + 1,
	)
	return {"filters": [_cut(_among(doctype, names))], "more": len(names) > MOST}


def _any(doctype: str, filters: Filters) -> bool:
	return bool(
		frappe.get_list(doctype, filters=filters, pluck="name", order_by="name asc", limit_page_length=1)
	)


def _with_places(rows: list[frappe._dict]) -> list[frappe._dict]:
	"""Give each of *rows* its age and what its household and its grid are called: two statements for all."""
	homes_called = _called(HOUSEHOLD, "title", {row.household for row in rows if row.household})
	grids = _called("Grid", "grid_name", {row.grid for row in rows})
	for row in rows:
		row.age = ages.age(getdate(row.birth_date), getdate()) if row.birth_date else None
		row.household_title, row.grid_name = homes_called.get(row.household), grids.get(row.grid)
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
	like = f"%{searches.WILDCARDS.sub('', txt)}%"
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
