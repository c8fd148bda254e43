"""Which days are working days: those of the state's calendar, but for what stands in Calendar Day.

The state's calendar comes from `chinesecalendar`, which knows the years whose holidays the State Council has
published; of a year that it does not know Monday to Friday are working days.
"""

from datetime import date

import chinese_calendar
import frappe
from chinese_calendar.constants import holidays

WORKING_DAY = "Working Day"
SATURDAY = 5


def works(day: date) -> bool:
	"""Say whether *day* is a working day on this site."""
	kind = _overrides().get(day)
	return kind == WORKING_DAY if kind else _by_state(day)


def known_until() -> date:
	"""Return the last day of the last year whose public holidays are known."""
	return date(max(holidays).year, 12, 31)


def forget() -> None:
	"""Read Calendar Day anew, here and in every other process."""
	frappe.cache().delete_value("calendar_days")


def _overrides() -> dict[date, str]:
	return frappe.cache().get_value("calendar_days", _read)


def _read() -> dict[date, str]:
	rows = frappe.get_all("Calendar Day", fields=["day", "kind"], order_by="day asc", limit_page_length=0)
	return {row.day: row.kind for row in rows}


def _by_state(day: date) -> bool:
	try:
		return chinese_calendar.is_workday(day)
	except NotImplementedError:
		return day.weekday() < SATURDAY
