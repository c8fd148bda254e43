"""The times that the law sets for matters referred online (D7): given to a site once, then its administrator's.

clock_rules.json has them as rows of Clock Rule.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import frappe

from grid_governance.grid_issues.clocks import TABLE

FILE = Path(__file__).parent / "clock_rules.json"
SETTINGS = "Governance Settings"
FOR_THE_SAME = ("purpose", "source", "urgency")


def give() -> None:
	"""Put the times of the law into the site's settings, but for what stands there already."""
	add(SETTINGS, SETTINGS, json.loads(FILE.read_text("utf-8")))


def add(doctype: str, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
	"""Add *rows* of Clock Rule to the document *name*, but for purposes, sources and urgencies that have one.

	Only the rows are written: whatever else stands in the document is not judged anew.
	"""
	doc = frappe.get_doc(doctype, name)
	there = {_key(row) for row in doc.get(TABLE)}
	for row in rows:
		if _key(row) not in there:
			doc.append(TABLE, dict(row)).db_insert()
	frappe.clear_document_cache(doctype, name)


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
	return tuple(row.get(field) or "" for field in FOR_THE_SAME)
