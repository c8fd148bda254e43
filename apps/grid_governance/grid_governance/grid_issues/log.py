"""The log of issues: its one writer, and how it is read."""

from typing import Any

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import now_datetime
from pypika import Order

from grid_governance.grid_issues import ISSUE, markers, queries


def write(line: dict[str, Any]) -> None:
	"""Write one line: *line* has the issue, its grid, the states, the action, the words and the worker.

	By whose account it was taken is the session's; the worker, unless *line* names one, too. A line `by_clock` bears
	nobody's name. When it was taken is now, unless *line* says `at`.
	"""
	log = frappe.new_doc("Issue Log")
	log.update({"at": now_datetime(), **line})
	if log.by_clock:
		log.update({"by_user": None, "by_worker": None})
	else:
		log.by_user = frappe.session.user
		if "by_worker" not in line:
			log.by_worker = queries.worker_of(log.by_user)
	log.flags.by_workflow = True
	# Nobody may write the log by hand; its links come from the workflow itself.
	log.insert(
		ignore_permissions=True,  # the step that it tells of was permitted when issue or referral was saved
		ignore_links=True,
	)


def remark(doc: Document, said: str | None, **more: Any) -> None:
	"""Write a line on the issue *doc* that tells of no step: what was *said* in the state it is in, and *more* (`write`)."""
	state = doc.workflow_state
	write(
		{"issue": doc.name, "grid": doc.grid, "from_state": state, "to_state": state, "opinion": said, **more}
	)


def settled_in(issue: str) -> str | None:
	"""Return the state from which *issue* was last settled, None when its log tells of none."""
	log, ended = DocType("Issue Log"), markers.settled_states() or [""]
	found = (
		frappe.qb.from_(log)
		.select(log.from_state)
		.where((log.issue == issue) & log.to_state.isin(ended) & log.from_state.notin(ended))
		.where(log.department.isnull() | (log.department == ""))  # such a line tells of a referral
		.orderby(log.at, order=Order.desc)
		.orderby(log.creation, order=Order.desc)
		.limit(1)
		.run(pluck=True)
	)
	return found[0] if found else None


@frappe.whitelist()
def handling(issue: str) -> list[dict]:
	"""Return the steps of *issue* as the form shows them, the last first, at most 100: `lines`.

	Needs read permission on the issue.
	"""
	frappe.get_doc(ISSUE, issue).check_permission("read")
	return lines(issue, Order.desc, 100)


def lines(issue: str, order: Order = Order.asc, limit: int | None = None) -> list[frappe._dict]:
	"""Return the log of *issue*, whoever reads it: for callers that have judged the issue.

	Each with `at`, `worker_name` or else `full_name` of the user, the `department` spoken for, `from_state`,
	`to_state`, `action`, `opinion`, `changed` (what was corrected), `by_clock` and the `style` of the state it led to.
	"""
	log, worker, user = DocType("Issue Log"), DocType("Grid Worker"), DocType("User")
	department, to_state = DocType("Township Department"), DocType("Workflow State")
	return (
		frappe.qb.from_(log)
		.left_join(worker)
		.on(worker.name == log.by_worker)
		.left_join(user)
		.on(user.name == log.by_user)
		.left_join(to_state)
		.on(to_state.name == log.to_state)
		.left_join(department)
		.on(department.name == log.department)
		.select(
			log.at,
			log.from_state,
			log.to_state,
			log.action,
			log.opinion,
			log.changed,
			log.by_clock,
			to_state.style,
			department.department_name.as_("department"),
			worker.worker_name,
			user.full_name,
		)
		.where(log.issue == issue)
		.orderby(log.at, order=order)
		.orderby(log.creation, order=order)
		.limit(limit)
		.run(as_dict=True)
	)
