"""What departments are asked about an issue: referrals are made by a step of the issue, and called back by one."""

from dataclasses import dataclass
from datetime import datetime

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import get_datetime, now_datetime

from grid_governance.grid_issues import ISSUE, REFERRAL, clocks, log, markers, rules
from grid_governance.grid_issues.rules import deadlines
from grid_governance.grid_structure.rules import TOWNSHIP, ancestor_path

DEPARTMENT = "Township Department"


class CategoryTakenError(frappe.ValidationError):
	"""A department is to answer for a category that another one of the township answers for."""


class NotADepartmentHereError(frappe.ValidationError):
	"""An issue is to be referred to a department of another township, or to one that is no longer active."""


class AnswerByError(frappe.ValidationError):
	"""A department is to answer until a moment that is none, or before the matter was found."""


@dataclass(frozen=True)
class Order:
	"""Which departments are asked, and until when; *answer_by* empty for the issue's due time."""

	lead: str
	others: tuple[str, ...] = ()
	answer_by: str = ""


def order(lead: str, others: str | list[str], answer_by: str) -> Order | None:
	"""Return what a client asks for as an order, None when it names no department."""
	others = _names(others)
	return (
		Order(lead, tuple(dict.fromkeys(each for each in others if each != lead)), answer_by)
		if lead
		else None
	)


def _names(given: str | list[str]) -> list[str]:
	"""Return the names in what a client sends: a list, its JSON, or one name."""
	try:
		listed = frappe.parse_json(given) if given else []
	except ValueError:
		listed = given
	return [str(each) for each in (listed if isinstance(listed, list) else [listed])]


def departments(wanted: Order | None) -> tuple[str, ...]:
	"""Return the departments of an order, the one in the lead first."""
	return (wanted.lead, *wanted.others) if wanted else ()


def check_order(issue: Document, wanted: Order) -> None:
	"""Refuse departments that are not the township's own or no longer active, and a due time that can be none."""
	if wanted.answer_by and (clocks.moment(wanted.answer_by) or datetime.min) <= get_datetime(issue.found_at):
		frappe.throw(
			_("Enter until when the department is to answer: a day and a time after the matter was found."),
			AnswerByError,
		)
	township = ancestor_path(issue.grid_path, TOWNSHIP) or ""
	for name in departments(wanted):
		found = frappe.db.get_value(DEPARTMENT, name, ["grid_path", "active"])
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
	last = frappe.db.get_value(REFERRAL, {"issue": issue.name}, "round", order_by="round desc") or 0
	return_by = clocks.moment_for(
		deadlines.RETURN, issue.grid_path, issue.urgency, issue.source, now_datetime().replace(microsecond=0)
	)
	for department in departments(wanted):
		referral = frappe.new_doc(REFERRAL)
		referral.update(
			{
				"issue": issue.name,
				"title": issue.title,
				"grid": issue.grid,
				"department": department,
				"lead": int(department == wanted.lead),
				"round": last + 1,
				"due_by": wanted.answer_by or issue.due_by,
				"return_by": return_by,
				"workflow_state": markers.first_state(REFERRAL),
			}
		)
		referral.flags.by_issue = True
		referral.insert(ignore_permissions=True)  # none is made by hand; the step that makes it was permitted


def call_back(issue: Document) -> None:
	"""End what departments still have in hand of an issue that has moved on to where they do not act."""
	if markers.step_by_rule(ISSUE, issue.workflow_state, rules.LEAD_RESOLVED):
		return
	for referral in round_of(issue.name):
		found = rules.at_work(referral) and markers.step_by_rule(
			REFERRAL, referral.state.name, rules.MOVED_ON
		)
		if found:
			action, to_state = found
			doc = frappe.get_doc(REFERRAL, referral.name)
			doc.flags.by_clock = issue.flags.by_clock
			doc.db_set("workflow_state", to_state)  # on the document, whose notifications tell the department
			write_log(doc, referral.state.name, action)


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
			"by_clock": int(bool(doc.flags.by_clock)),
			"opinion": said or None,
		}
	)


def name_of(department: str) -> str:
	"""Return what people call *department*."""
	return frappe.db.get_value(DEPARTMENT, department, "department_name") or department


@frappe.whitelist()
def of_issue(issue: str) -> list[dict]:
	"""Return what departments were asked about *issue* and what they answered, the last round first.

	Each with `name`, `department` (its name), `lead`, `state`, its `style`, `due_by`, `opinion` and
	`returned_reason`. Needs read permission on the issue.
	"""
	frappe.get_doc(ISSUE, issue).check_permission("read")
	referral, department, workflow_state = (
		DocType(REFERRAL),
		DocType(DEPARTMENT),
		DocType("Workflow State"),
	)
	return (
		frappe.qb.from_(referral)
		.left_join(department)
		.on(department.name == referral.department)
		.left_join(workflow_state)
		.on(workflow_state.name == referral.workflow_state)
		.select(
			referral.name,
			department.department_name.as_("department"),
			referral.lead,
			referral.workflow_state.as_("state"),
			workflow_state.style,
			referral.due_by,
			referral.opinion,
			referral.returned_reason,
		)
		.where(referral.issue == issue)
		.orderby(referral.round, order=frappe.qb.desc)
		.orderby(referral.lead, order=frappe.qb.desc)
		.orderby(referral.creation)
		.limit(100)
		.run(as_dict=True)
	)


def round_of(issue: str, number: int | None = None) -> list[rules.Referral]:
	"""Return the referrals of one round of *issue*, in order; *number* defaults to the last round."""
	rows = frappe.get_all(
		REFERRAL,
		filters={"issue": issue},
		fields=["name", "lead", "workflow_state", "round"],
		order_by="round desc, creation asc, name asc",
		limit_page_length=0,
	)
	wanted = number or (rows[0].round if rows else 0)
	return [
		rules.Referral(row.name, bool(row.lead), markers.state(row.workflow_state))
		for row in rows
		if row.round == wanted
	]


@frappe.whitelist()
def departments_for(issue: str) -> list[dict[str, str | bool]]:
	"""Return the departments that *issue* can be referred to: the active ones of its township, by name.

	Each with `value`, `label` and `proposed`: whether it answers for the issue's category. For whoever may write
	the issue; the departments' own records lie in the township, outside the scope of a village.
	"""
	doc = frappe.get_doc(ISSUE, issue)
	doc.check_permission("write")
	township = ancestor_path(doc.grid_path, TOWNSHIP) or ""
	rows = frappe.get_all(
		DEPARTMENT,
		filters={"grid_path": township, "active": 1},
		fields=["name as value", "department_name as label"],
		order_by="department_name asc",
		limit_page_length=0,
	)
	proposed = answering_for(doc.category, township)
	return [{**row, "proposed": row.value == proposed} for row in rows]


def answering_for(category: str, township: str) -> str | None:
	"""Return the active department at the path *township* that answers for *category*, None for none.

	The one that names the category itself, else the one that names its group.
	"""
	group = frappe.get_cached_value("Issue Category", category, "parent_category")
	found = _naming([category, group], township)
	return found.get(category) or found.get(group)


def check_categories(doc: Document, method: str | None = None) -> None:
	"""Before a department is saved: each category is answered for by one department of the township."""
	named = [row.category for row in doc.answers_for or ()]
	path = frappe.db.get_value("Grid", doc.grid, "grid_path")
	for category, other in _naming(named, path, besides=doc.name).items():
		frappe.throw(
			_("{0} is already answered for by {1}. Take it away there first.").format(
				frappe.get_cached_value("Issue Category", category, "category_name"), name_of(other)
			),
			CategoryTakenError,
		)


def _naming(categories: list[str | None], township: str, besides: str | None = None) -> dict[str, str]:
	"""Return which of *categories* are named by an active department of *township*, with the department."""
	row, department = DocType("Department Category"), DocType(DEPARTMENT)
	wanted = [category for category in categories if category]
	if not wanted:
		return {}
	query = (
		frappe.qb.from_(row)
		.join(department)
		.on((row.parent == department.name) & (row.parenttype == DEPARTMENT))
		.select(row.category, department.name)
		.where(row.category.isin(wanted) & (department.grid_path == township) & (department.active == 1))
		.orderby(department.department_name, order=frappe.qb.desc)
	)
	return dict(query.where(department.name != besides).run() if besides else query.run())
