"""What a load made, remembered in the site's database until the demo is removed, and how its rows are written."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.model.naming import getseries
from frappe.query_builder import DocType

OWNER = "__grid_demo"
"""Owner of the defaults that hold manifests; not a user's and not the site's, so that no boot reads them."""

CHUNK = 2000
"""Rows that one statement writes."""

PIECE = 60_000
"""Characters of a manifest in one row: a default holds 65,535 bytes."""


@dataclass
class Manifest:
	"""Names of the rows that a load made by DocType, and what it changed of rows that were there before."""

	rows: dict[str, list[str]] = field(default_factory=dict)
	series: dict[str, list[int | None]] = field(default_factory=dict)
	"""Counter of a series before (None: there was none) and after the load."""
	villages: dict[str, list[int]] = field(default_factory=dict)
	"""`planned_households` and `is_group` of villages that were there before the load."""
	shown: list[str] = field(default_factory=list)
	"""Users whose accounts are listed: those with a password."""

	def add(self, doctype: str, *names: str) -> None:
		"""Remember that the rows *names* were made."""
		self.rows.setdefault(doctype, []).extend(names)


def stored(name: str) -> Manifest | None:
	"""Return the manifest of the demo *name*, None while it is not loaded."""
	pieces = frappe.get_all(
		"DefaultValue",
		filters={"parent": OWNER, "defkey": name},
		pluck="defvalue",
		order_by="idx asc",
		limit_page_length=0,
	)
	return Manifest(**json.loads("".join(pieces))) if pieces else None


def loaded() -> list[str]:
	"""Return the names of the demos that are loaded."""
	return frappe.get_all(
		"DefaultValue", {"parent": OWNER}, pluck="defkey", distinct=True, order_by="defkey asc"
	)


def store(name: str, manifest: Manifest) -> None:
	"""Remember *manifest* as that of the demo *name*, instead of what was remembered before."""
	drop(name)
	text = json.dumps(asdict(manifest), separators=(",", ":"))
	for idx, start in enumerate(range(0, len(text), PIECE)):
		frappe.get_doc(
			{
				"doctype": "DefaultValue",
				"parent": OWNER,
				"parenttype": OWNER,
				"parentfield": "system_defaults",
				"idx": idx,
				"defkey": name,
				"defvalue": text[start : start + PIECE],
			}
		).db_insert()


def drop(name: str) -> None:
	"""Forget the manifest of the demo *name*."""
	frappe.db.delete("DefaultValue", {"parent": OWNER, "defkey": name})


def counters() -> dict[str, int]:
	"""Return all naming series with their counters."""
	return dict(frappe.db.sql("select name, current from tabSeries"))


def name_by_series(rows: Iterable[Document], year: int) -> None:
	"""Name *rows*, all of one DocType, from its own series, in order; *year* is what the series says YYYY for."""
	rows = list(rows)
	if not rows:
		return
	for doc, name in zip(rows, series(rows[0].doctype, len(rows), year), strict=True):
		doc.name = name


def series(doctype: str, count: int, year: int) -> list[str]:
	"""Take *count* names from the series of *doctype* for *year*, in order."""
	*head, digits = frappe.get_meta(doctype).autoname.split(".")
	prefix = "".join(head).replace("YYYY", str(year))
	width = len(digits)
	first = int(getseries(prefix, width))
	row = DocType("Series")
	frappe.qb.update(row).set(row.current, first + count - 1).where(row.name == prefix).run()
	return [f"{prefix}{number:0{width}d}" for number in range(first, first + count)]


def write(rows: list[Document], made: Manifest) -> None:
	"""Insert *rows*, all of one DocType and with their names set, in one statement, and remember them."""
	if not rows:
		return
	cells = [row.get_valid_dict(convert_dates_to_str=True) for row in rows]
	_insert(rows[0].doctype, cells)
	made.add(rows[0].doctype, *(row.name for row in rows))


def write_values(doctype: str, rows: list[dict[str, Any]]) -> None:
	"""Insert *rows* of *doctype*, each the values that differ from a new row's, in one statement.

	Cheaper than documents by a factor of ten. Not remembered: for rows in grids, or about such rows, which go with
	them when the demo is removed.
	"""
	if not rows:
		return
	empty = frappe.new_doc(doctype).get_valid_dict(convert_dates_to_str=True)
	_insert(doctype, [{**empty, **row} for row in rows])


def _insert(doctype: str, rows: list[dict[str, Any]]) -> None:
	fields = [column for column in rows[0] if not column.startswith("_")]
	insert(f"tab{doctype}", fields, [tuple(_as_stored(row[column]) for column in fields) for row in rows])


def insert(table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
	"""Write *rows* into *table*, `CHUNK` with a statement: by the query builder each of a million values would be an object."""
	waiting, listed = iter(rows), ", ".join(f"`{column}`" for column in columns)
	while chunk := list(islice(waiting, CHUNK)):
		places = ", ".join(["%s"] * len(chunk))
		frappe.db.sql(f"insert into `{table}` ({listed}) values {places}", chunk)  # noqa: S608


def _as_stored(value: Any) -> Any:
	return str(value) if isinstance(value, datetime) else value
