"""Moves time for one issue: what it and its log hold is dated back, so that the real clock finds it that much later."""

from datetime import timedelta

import frappe
from frappe.query_builder import DocType
from pypika.enums import Dialects
from pypika.terms import Interval

DATED = {"Grid Issue": "name", "Issue Log": "issue"}
"""What holds moments of an issue, with the field that names it."""


def pass_time(issue: str, **time: float) -> None:
	"""Let *time* (as for timedelta, whole seconds) go by for *issue*; nothing is committed."""
	gone = Interval(seconds=int(timedelta(**time).total_seconds()), dialect=Dialects.MYSQL)
	for doctype, named in DATED.items():
		row, fields = DocType(doctype), frappe.get_meta(doctype).get("fields", {"fieldtype": "Datetime"})
		query = frappe.qb.update(row).where(row[named] == issue)
		for fieldname in (*(field.fieldname for field in fields), "creation", "modified"):
			query = query.set(row[fieldname], row[fieldname] - gone)
		query.run()
	frappe.clear_document_cache("Grid Issue", issue)
