"""Matters on which the clock failed: noted with the reason, tried again later, forgotten when that succeeds."""

import traceback
from collections.abc import Sequence
from datetime import datetime

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.utils import now_datetime, strip_html

from grid_governance.grid_issues import ISSUE
from grid_governance.grid_issues.escalation import changes
from grid_governance.grid_issues.rules import clock

FAILURE = "Clock Failure"


def note(issue: str, error: Exception, now: datetime) -> None:
	"""Keep that the clock failed on *issue* with *error*, and let it be tried again after a while, longer each time."""
	row = frappe.db.get_value(ISSUE, issue, ["title", "grid", "workflow_state"], as_dict=True)
	before = frappe.db.get_value(FAILURE, issue, ["first_failed_at", "tries"], as_dict=True)
	tries = (before.tries if before else 0) + 1
	values = {
		"title": row.title,
		"grid": row.grid,
		"from_state": row.workflow_state,
		"failed_at": now,
		"first_failed_at": before.first_failed_at if before else now,
		"tries": tries,
		"reason": strip_html(str(error)).strip() or type(error).__name__,
		# Without the values of variables, which Frappe's own log writes down.
		"trace": "".join(traceback.format_exception(error)),
	}
	failure = frappe.get_doc(FAILURE, issue) if before else frappe.new_doc(FAILURE, issue=issue)
	failure.update(values)
	failure.flags.ignore_links = True
	failure.save(ignore_permissions=True)  # nobody writes these by hand
	_try_at(issue, now + clock.retry_after(tries))


def forget(issues: Sequence[str]) -> None:
	"""Take away what was noted of *issues*: the clock has done its part."""
	if issues:
		frappe.db.delete(FAILURE, {"name": ["in", list(issues)]})


def forget_settled() -> None:
	"""Take away what was noted of matters that have moved on since, or with which the clock has no more to do."""
	failure, issue = DocType(FAILURE), DocType(ISSUE)
	names = (
		frappe.qb.from_(failure)
		.left_join(issue)
		.on(issue.name == failure.name)
		.select(failure.name)
		.where(issue.name.isnull() | issue.clock_at.isnull() | (issue.workflow_state != failure.from_state))
		.run(pluck=True)
	)
	forget(names)


@frappe.whitelist(methods=["POST"])
def try_again(issue: str) -> str:
	"""Let the clock try *issue* again at once and return what is said of it. For whoever may delete the note of its failure."""
	frappe.get_doc(FAILURE, issue).check_permission("delete")
	_try_at(issue, now_datetime())
	changes.order_run()
	return _("The clock tries {0} again now. The failure goes from this list when it succeeds.").format(issue)


def _try_at(issue: str, moment: datetime) -> None:
	frappe.db.set_value(ISSUE, issue, "clock_at", moment, update_modified=False)
