"""Notices that had gone out before it was noted when their bell rang: it rang then, and is not rung again."""

import frappe
from frappe.query_builder import DocType

from grid_governance.grid_visits.notices import NOTICE, stages


def execute() -> None:
	notice = DocType(NOTICE)
	(
		frappe.qb.update(notice)
		.set(notice.bell_rung_at, notice.sent_at)
		.where(notice.sent_at.isnotnull() & notice.bell_rung_at.isnull())
		.where(notice.workflow_state.notin(stages.states(stages.SENDING) or [""]))
		.run()
	)
