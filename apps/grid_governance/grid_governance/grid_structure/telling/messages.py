"""The words of a digest: its parts, each with how many records there are and the list that shows them."""

import json
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode

import frappe
from frappe import _
from frappe.utils import escape_html, format_datetime, get_url, get_url_to_form

from grid_governance.grid_structure.telling import Source
from grid_governance.grid_structure.telling.queries import Row

SHOWN = 20
"""Records of one part that a mail shows; the list has all."""

NAMED = 100
"""Records that a link names one by one; with more the address grows too long for a browser."""


class Part(NamedTuple):
	"""One part of a digest: what it is about, how many there are, the list (a path, or empty), the first rows."""

	label: str
	count: int
	path: str
	rows: tuple[Row, ...]


def new(notification: str, doctype: str, rows: Sequence[Row]) -> list[Part]:
	"""Return the parts that tell what *notification* has gathered, each of as many records as a link can name."""
	return [
		_part(notification, doctype, some, {"name": ["in", [row.name for row in some]]})
		for some in (rows[start : start + NAMED] for start in range(0, len(rows), NAMED))
	]


def due_today(source: Source, states: Collection[str], rows: Sequence[Row], day: date) -> list[Part]:
	"""Return the part that tells what is due on *day*, or none."""
	wanted = {source.due: ["between", [str(day), str(day)]], source.state: ["in", sorted(states)]}
	label = _("{0}: Due Today").format(_(source.doctype))
	return [_part(label, source.doctype, rows, wanted)] if rows else []


def late(source: Source, states: Collection[str], rows: Sequence[Row], day: date) -> list[Part]:
	"""Return the part that tells what was due before *day*, or none."""
	wanted = {source.due: ["<", str(day)], source.state: ["in", sorted(states)]}
	label = _("{0}: Late").format(_(source.doctype))
	return [_part(label, source.doctype, rows, wanted)] if rows else []


def subject(new: int, due: int, late: int) -> str:
	"""Return what a digest says in one line."""
	counts = (
		(late, _("{0} late").format(late)),
		(due, _("{0} due today").format(due)),
		(new, _("{0} new").format(new)),
	)
	return _("Daily Digest: {0}").format(" · ".join(text for count, text in counts if count))


def desk_text(parts: Sequence[Part]) -> str:
	"""Return a digest for the desk: links to lists, which show what the reader may read when she opens them."""
	lines = (
		f'<p><a href="{escape_html(part.path)}">{escape_html(part.label)}</a> '
		f"({escape_html(_('{0} records').format(part.count))})</p>"
		for part in parts
	)
	return "\n".join(lines)


def shown(parts: Sequence[Part]) -> list[dict[str, Any]]:
	"""Return *parts* for the template of a mail: whole addresses, times as people read them."""
	return [
		{
			"label": part.label,
			"count": part.count,
			"url": get_url(part.path) if part.path else "",
			"rows": [
				{
					"url": get_url_to_form(row.doctype, row.name),
					"name": row.name,
					"title": row.title,
					"state": _(row.state),
					"due": format_datetime(row.due, "yyyy-MM-dd HH:mm") if row.due else "",
				}
				for row in part.rows[:SHOWN]
			],
			"more": max(part.count - SHOWN, 0),
		}
		for part in parts
	]


def _part(label: str, doctype: str, rows: Sequence[Row], filters: dict[str, Any]) -> Part:
	query = urlencode({field: json.dumps(value, ensure_ascii=False) for field, value in filters.items()})
	return Part(
		label, len(rows), f"/app/{frappe.scrub(doctype).replace('_', '-')}/view/list?{query}", tuple(rows)
	)
