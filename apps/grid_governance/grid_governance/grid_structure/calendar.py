"""Which days are working days: those of the state's calendar, but for what stands in Calendar Day.

The state's calendar comes from `chinesecalendar`, which knows the years whose holidays the State Council has
published; of a year that it does not know Monday to Friday are working days.
"""

from collections.abc import Callable
from datetime import date
from functools import cache

import chinese_calendar
import frappe
from chinese_calendar.constants import holidays
from frappe import _

DAY = "Calendar Day"
WORKING_DAY = "Working Day"
SATURDAY = 5


def works(day: date) -> bool:
	"""Say whether *day* is a working day on this site. For several days ask `working_days` once."""
	return working_days()(day)


def working_days() -> Callable[[date], bool]:
	"""Return what says of a day whether it is a working day; Calendar Day is read once, and only if it is asked."""
	here = cache(_here)

	def works_on(day: date) -> bool:
		kind = here().get(day)
		return kind == WORKING_DAY if kind else works_by_state(day)

	return works_on


def works_by_state(day: date) -> bool:
	"""Say whether *day* is a working day of the state's calendar, where that is known, else of the week."""
	try:
		return chinese_calendar.is_workday(day)
	except NotImplementedError:
		return day.weekday() < SATURDAY


@frappe.whitelist()
def known_until() -> date:
	"""Return the last day of the last year whose public holidays are known."""
	if not frappe.has_permission(DAY, "read"):
		frappe.throw(_("No permission for {0}").format(_(DAY)), frappe.PermissionError)
	return date(max(holidays).year, 12, 31)


def _here() -> dict[date, str]:
	rows = frappe.get_all(DAY, fields=["day", "kind"], order_by="day asc", limit_page_length=0)
	return {row.day: row.kind for row in rows}
