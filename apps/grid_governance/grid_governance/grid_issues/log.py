"""Writes the log of issues, which nobody else does."""

from typing import Any

import frappe
from frappe.utils import now_datetime


def write(line: dict[str, Any]) -> None:
	"""Write one line: *line* has the issue, its grid, the states, the action, the words and the worker.

	Who took the step and when is the session's.
	"""
	log = frappe.new_doc("Issue Log")
	log.update({**line, "at": now_datetime(), "by_user": frappe.session.user})
	log.flags.by_workflow = True
	# Nobody may write the log; the step that it tells of was permitted when the issue or the referral was saved,
	# and its links come from the workflow itself.
	log.insert(ignore_permissions=True, ignore_links=True)
