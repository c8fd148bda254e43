"""Notices whose last day is over, and those that were withdrawn: nobody goes to a door for them any more."""

from datetime import date

import frappe
from frappe.query_builder import DocType
from frappe.utils import getdate, now

from grid_governance.grid_visits.notices import DELIVERY, LEFT, NOTICE, stages


def run(today: date | None = None) -> int:
	"""Let notices be over whose last day lies before *today* (default: today); return how many. Hourly, each committed.

	Those whom they have not reached stay in their lists, and go from the list of the day.
	"""
	over = frappe.get_all(
		NOTICE,
		filters={
			"workflow_state": ["in", stages.states(stages.SENT) or [""]],
			"expires_on": ["<", today or getdate()],
		},
		pluck="name",
		order_by="expires_on asc, name asc",
		limit_page_length=0,
	)
	for name in over:
		# Whoever reached the last one, or withdrew it, a moment ago has its row, or had it.
		doc = frappe.get_doc(NOTICE, name, for_update=True)
		if stages.of(doc.workflow_state) == stages.SENT:
			stages.move(doc, stages.EXPIRED)
			clear_doors(name)
		frappe.db.commit()  # a job's own: what is over stays over when a later one fails
	return len(over)


def is_over(notice: frappe._dict) -> bool:
	"""Say whether the last day of *notice* lies behind, also where `run` has not come to it yet."""
	return bool(notice.expires_on) and getdate(notice.expires_on) < getdate()


def clear_doors(notice: str) -> None:
	"""Take what *notice* has not reached from the list of the day. One statement."""
	row = DocType(DELIVERY)
	(
		frappe.qb.update(row)
		.set(row.doorstep_at, None)
		.set(row.modified, now())
		.where((row.notice == notice) & row.state.isin(LEFT) & row.doorstep_at.isnotnull())
		.run()
	)


def order_clearing(notice: str) -> None:
	"""Have `clear_doors` done by a job once this transaction is committed: there may be sixty thousand."""
	frappe.enqueue(
		clear_doors,
		queue="long",
		job_id=f"notice-doors-{notice}",
		deduplicate=True,
		enqueue_after_commit=True,
		notice=notice,
	)
