"""What departments are asked about an issue: referrals are made by a step of the issue, and called back by one."""

from dataclasses import dataclass

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.grid_issues import log, queries, rules
from grid_governance.grid_structure.rules import TOWNSHIP, ancestor_path


class NotADepartmentHereError(frappe.ValidationError):
	"""An issue is to be referred to a department of another township, or to one that is no longer active."""


@dataclass(frozen=True)
class Order:
	"""Which departments are asked, and until when; *answer_by* empty for the issue's due time."""

	lead: str
	others: tuple[str, ...] = ()
	answer_by: str = ""


def order(lead: str, others: str | list[str], answer_by: str) -> Order | None:
	"""Return what a client asks for as an order, None when it names no department."""
	listed = frappe.parse_json(others) if others else []
	others = [listed] if isinstance(listed, str) else listed
	return (
		Order(lead, tuple(dict.fromkeys(each for each in others if each != lead)), answer_by)
		if lead
		else None
	)


def departments(wanted: Order | None) -> tuple[str, ...]:
	"""Return the departments of an order, the one in the lead first."""
	return (wanted.lead, *wanted.others) if wanted else ()


def check_order(issue: Document, wanted: Order) -> None:
	"""Refuse departments that are not the township's own or no longer active."""
	township = ancestor_path(issue.grid_path, TOWNSHIP) or ""
	for name in departments(wanted):
		found = frappe.db.get_value("Township Department", name, ["grid_path", "active"])
		if not found or not township or found[0] != township or not found[1]:
			frappe.throw(
				_(
					"{0} is no department that this issue can be referred to. Choose one of its own township."
				).format(name_of(name)),
				NotADepartmentHereError,
			)


def wording(wanted: Order, said: str) -> str:
	"""Return what the log says of an order: the words of whoever refers, and which departments are asked."""
	asked = _("In the lead: {0}").format(name_of(wanted.lead))
	if wanted.others:
		asked += "\n" + _("Taking part: {0}").format("、".join(map(name_of, wanted.others)))
	return f"{said}\n{asked}".strip()


def make(issue: Document, wanted: Order) -> None:
	"""Ask each department of an order: one referral each, in one round, exactly one in the lead."""
	last = frappe.db.get_value(queries.REFERRAL, {"issue": issue.name}, "round", order_by="round desc") or 0
	for department in departments(wanted):
		referral = frappe.new_doc(queries.REFERRAL)
		referral.update(
			{
				"issue": issue.name,
				"title": issue.title,
				"grid": issue.grid,
				"department": department,
				"lead": int(department == wanted.lead),
				"round": last + 1,
				"due_by": wanted.answer_by or issue.due_by,
				"workflow_state": queries.first_state(queries.REFERRAL),
			}
		)
		referral.flags.by_issue = True
		# Nobody may make a referral by hand; the step of the issue that makes this one was permitted.
		referral.insert(ignore_permissions=True)


def call_back(issue: Document) -> None:
	"""End what departments still have in hand of an issue that has moved on to where they do not act."""
	if queries.step_by_rule(queries.ISSUE, issue.workflow_state, rules.LEAD_RESOLVED):
		return
	for referral in queries.round_of(issue.name):
		found = rules.at_work(referral) and queries.step_by_rule(
			queries.REFERRAL, referral.state.name, rules.MOVED_ON
		)
		if found:
			action, to_state = found
			frappe.db.set_value(queries.REFERRAL, referral.name, "workflow_state", to_state)
			write_log(frappe.get_doc(queries.REFERRAL, referral.name), referral.state.name, action)


def write_log(doc: Document, from_state: str, action: str | None, said: str = "") -> None:
	"""Write a line of the issue's log that tells of the referral *doc*."""
	log.write(
		{
			"issue": doc.issue,
			"grid": doc.grid,
			"department": doc.department,
			"from_state": from_state,
			"to_state": doc.workflow_state,
			"action": action,
			"opinion": said or None,
			"by_worker": queries.worker_of(frappe.session.user),
		}
	)


def name_of(department: str) -> str:
	"""Return what people call *department*."""
	return frappe.db.get_value("Township Department", department, "department_name") or department
