"""The times of issues were fields of the settings, three urgencies a part of the code. They are records now.

What stands in the old fields goes into Issue Urgency and Clock Rule. They have left their DocTypes but not the
tables, so they are read from there.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields
from frappe.query_builder import DocType
from frappe.utils import cint
from pypika.terms import Criterion

from grid_governance.grid_issues.clocks import TABLE
from grid_governance.grid_issues.custom_fields import CUSTOM_FIELDS
from grid_governance.setup import clock_rules, seeds

URGENCY, PROFILE = "Issue Urgency", "Township Profile"
CALENDAR = "clock_calendar"
OLD = {
	"Urgent": ("urgent_hours", "Hours", "urgent_at_once"),
	"General": ("general_days", "Days", "general_at_once"),
	"Complex": ("complex_months", "Months", "complex_at_once"),
}
"""By urgency: the field of its time, the unit of that field, the field that said whether it is told at once."""

TIMES = (*(field for field, _unit, _told in OLD.values()), CALENDAR)


def execute() -> None:
	make_tables()
	seeds.bring("issue_urgency")
	site = frappe.db.get_singles_dict(clock_rules.SETTINGS)
	carry_site(site)
	carry_townships(site.get(CALENDAR), old_townships())
	clock_rules.give()


def make_tables() -> None:
	"""Make the fields in which rules stand; a migrate makes those of all rooms, but after the patches."""
	for doctype in (clock_rules.SETTINGS, PROFILE):
		if not frappe.get_meta(doctype).has_field(TABLE):
			create_custom_fields({doctype: CUSTOM_FIELDS[doctype]})


def carry_site(old: Mapping[str, Any]) -> None:
	"""Give the urgencies the times of the site's *old* settings, by field, and whether they are told at once."""
	for code, (field, unit, told) in OLD.items():
		if not frappe.db.exists(URGENCY, code):
			continue
		values: dict[str, Any] = {}
		if span := cint(old.get(field)):
			values |= {"span": span, "unit": unit}
		if unit == "Days" and old.get(CALENDAR):
			values["counted"] = old[CALENDAR]
		if old.get(told) is not None:
			values["told_at_once"] = cint(old[told])
		urgency = frappe.get_doc(URGENCY, code)
		if any(urgency.get(key) != value for key, value in values.items()):
			urgency.update(values).save(ignore_permissions=True)


def old_townships() -> list[frappe._dict]:
	"""Return the profiles with times of their own: `name` and the fields of `TIMES` that the table has."""
	profile = DocType(PROFILE)
	fields = [field for field in TIMES if frappe.db.has_column(PROFILE, field)]
	if not fields:
		return []
	set_here = Criterion.any((profile[field] != "") & (profile[field] != "0") for field in fields)
	columns = (profile[field] for field in fields)
	return frappe.qb.from_(profile).select(profile.name, *columns).where(set_here).run(as_dict=True)


def carry_townships(site_calendar: str | None, profiles: Iterable[frappe._dict]) -> None:
	"""Give each township rules for the times in which it differed from the site, whose days were *site_calendar*."""
	for profile in profiles:
		clock_rules.add(PROFILE, profile.name, rules_of(profile, site_calendar))


def rules_of(profile: frappe._dict, site_calendar: str | None) -> Iterator[dict[str, Any]]:
	"""Yield the rows of Clock Rule that say what the old fields of *profile* said."""
	for code, (field, unit, _told) in OLD.items():
		span, counted = cint(profile.get(field)), None
		if unit == "Days":
			counted = profile.get(CALENDAR) or site_calendar
			if not span and counted != site_calendar:
				span = frappe.db.get_value(URGENCY, code, "span")
		if span:
			yield {"purpose": "Finish", "urgency": code, "span": span, "unit": unit, "counted": counted}
