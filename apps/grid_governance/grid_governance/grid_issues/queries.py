"""What is read of issues: markers of states, the steps open to a user, the handling of an issue."""

import json
from datetime import datetime
from urllib.parse import urlencode

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.model.workflow import get_transitions as stock_transitions
from frappe.model.workflow import get_workflow, get_workflow_name, is_transition_condition_satisfied
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from frappe.utils import getdate, now_datetime
from pypika.queries import Table
from pypika.terms import Criterion

from grid_governance import scope
from grid_governance.grid_issues import rules
from grid_governance.grid_structure import queries as structure
from grid_governance.grid_structure.rules import AFTER_DIGITS, TOWNSHIP, ancestor_path, is_current

ISSUE = "Grid Issue"
REFERRAL = "Issue Referral"
WORKING_DAYS = "Working Days"


def state(name: str | None) -> rules.State | None:
	"""Return the workflow state *name* by its markers, None for no name. Read from the document cache."""
	if not name:
		return None
	markers = frappe.get_cached_value(
		"Workflow State", name, ["grid_stage", "grid_resolution_level", "grid_unhandled"]
	)
	stage, level_name, unhandled = markers or (None, None, None)
	return rules.State(name, stage or rules.OPEN, level(level_name), bool(unhandled))


def step(action: str | None) -> rules.Step | None:
	"""Return the workflow action *action* by its markers, None for none. Read from the document cache."""
	if not action:
		return None
	markers = frappe.get_cached_value(
		"Workflow Action Master",
		action,
		["grid_needs", "grid_reporter_only", "grid_by_clock", "grid_by_rule"],
	)
	needs, reporter_only, by_clock, by_rule = markers or (None, None, None, None)
	return rules.Step(action, needs or "", bool(reporter_only), bool(by_clock), by_rule or "")


def step_by_rule(doctype: str, from_state: str, rule: str) -> tuple[str, str] | None:
	"""Return (action, next state) that a document of *doctype* takes from a state by *rule*, None for none."""
	if not get_workflow_name(doctype):
		return None
	for transition in get_workflow(doctype).transitions:
		if transition.state == from_state and step(transition.action).by_rule == rule:
			return transition.action, transition.next_state
	return None


def roles_on(doc: Document) -> set[str]:
	"""Return the roles of the session's user that count on an issue or a referral, by its grid or department."""
	return scope.roles_at(doc.get("grid_path") or "", department=doc.get("department"))


def level(name: str | None) -> rules.Level | None:
	"""Return the resolution level *name*, None for no name. Read from the document cache."""
	if not name:
		return None
	found = frappe.get_cached_value("Resolution Level", name, ["sequence", "untouched_only"])
	return rules.Level(name, int(found[0] or 0), bool(found[1])) if found else None


def spans(path: str) -> rules.Spans:
	"""Return how long issues may take at *path*: the township's own spans, else the site's."""
	held = structure.settings(path, "urgent_hours", "general_days", "complex_months", "clock_calendar")
	return rules.Spans(
		urgent_hours=held["urgent_hours"],
		general_days=held["general_days"],
		complex_months=held["complex_months"],
		working_days=held["clock_calendar"] == WORKING_DAYS,
	)


def due_by(path: str, urgency: str, found_at: datetime) -> datetime:
	"""Return until when an issue of *urgency* found at *path* is to be resolved by the rules of its township."""
	return rules.due_by(found_at, urgency, spans(path))


def reopen_days(path: str) -> int:
	"""Return for how many days after its end an issue at *path* may be taken up again, 0 for always."""
	return int(structure.setting(path, "reopen_days") or 0)


def overdue(table: Table | None = None, now: datetime | None = None) -> Criterion:
	"""Return the condition of an issue that is late at *now* (default: this moment): `rules.overdue` in SQL.

	Nothing is stored, so it holds at any moment and no job can lag behind. Served by an index on `due_by`.
	"""
	table = table or DocType(ISSUE)
	return table.resolved_at.isnull() & table.closed_at.isnull() & (table.due_by < (now or now_datetime()))


def on_time(table: Table | None = None) -> Criterion:
	"""Return the condition of an issue that was resolved in time: `rules.on_time` in SQL."""
	table = table or DocType(ISSUE)
	return table.resolved_at <= table.due_by


def first_state(doctype: str = ISSUE) -> str | None:
	"""Return the state in which an issue or a referral starts, None while no workflow is active."""
	if not get_workflow_name(doctype):
		return None
	return get_workflow(doctype).states[0].state


def final_states() -> list[str]:
	"""Return the names of the workflow states that end an issue handled: what counts as closed in figures."""
	return frappe.get_all(
		"Workflow State",
		filters={"grid_stage": rules.FINAL, "grid_unhandled": 0},
		pluck="name",
		order_by="name asc",
	)


def ended_states() -> list[str]:
	"""Return the names of the workflow states that end an issue in any way: handled, merged, refused, withdrawn."""
	return frappe.get_all(
		"Workflow State", filters={"grid_stage": rules.FINAL}, pluck="name", order_by="name asc"
	)


def step_taken(issue: Document, from_state: str, to_state: str, chosen: str | None = None) -> str | None:
	"""Return the action that leads the stored *issue* from one state to the other, None when there is none.

	Only transitions count whose role the session's user holds where the issue lies: Frappe's roles are
	global, a post's rights are not. Among several actions the *chosen* one is preferred, then one that
	people take over one that the clock takes.
	"""
	roles = roles_on(issue)
	actions = [
		transition.action
		for transition in get_workflow(issue.doctype).transitions
		if transition.state == from_state
		and transition.next_state == to_state
		and transition.allowed in roles
		and not step(transition.action).by_rule
		and is_transition_condition_satisfied(transition, issue)
	]
	if chosen in actions:
		return chosen
	return min(actions, key=_by_clock, default=None)


def handled(issue: str) -> bool:
	"""Say whether a step has been taken on *issue* since it was reported; a correction is none."""
	log = DocType("Issue Log")
	steps = (
		frappe.qb.from_(log)
		.select(log.name)
		.where((log.issue == issue) & log.from_state.isnotnull() & (log.from_state != log.to_state))
		.limit(1)
	)
	return bool(steps.run())


def may_edit(issue: Document) -> bool:
	"""Say whether the workflow lets the session's user edit the stored *issue* in its present state."""
	if not get_workflow_name(ISSUE):
		return True
	editors = {row.allow_edit for row in get_workflow(ISSUE).states if row.state == issue.workflow_state}
	return bool(editors & scope.roles_at(issue.grid_path or ""))


def worker_of(user: str) -> str | None:
	"""Return the name of the active Grid Worker who logs in as *user*."""
	return frappe.db.get_value("Grid Worker", {"user": user, "active": 1}, "name")


@frappe.whitelist()
def get_transitions(
	doc: str | dict | Document,
	workflow: str | dict | None = None,
	raise_exception: bool = False,
) -> list[dict]:
	"""Return the steps open to the session's user on *doc*, as Frappe's own endpoint of this name does.

	For issues only those whose role the user holds in the issue's grid, each with what it `needs` from whoever
	takes it, and the reporter's own only to her; read permission is checked by Frappe on the stored row.
	"""
	transitions = stock_transitions(doc, None, raise_exception)
	doc = frappe.parse_json(doc)
	fields = {
		ISSUE: ["name", "grid_path", "owner", "reporter_worker"],
		REFERRAL: ["name", "grid_path", "department"],
	}.get(doc.get("doctype"))
	if not fields or not transitions:
		return transitions
	issue = frappe.db.get_value(doc.get("doctype"), doc.get("name"), fields, as_dict=True)
	roles = roles_on(issue)
	offered = []
	for transition in transitions:
		marks = step(transition["action"])
		if transition["allowed"] in roles and not marks.by_rule:
			offered.append({**transition, "needs": marks.needs, "reporter_only": marks.reporter_only})
	if any(transition["reporter_only"] for transition in offered) and (
		not is_reporter(issue) or handled(issue.name)
	):
		offered = [transition for transition in offered if not transition["reporter_only"]]
	return offered


def is_reporter(issue: Document) -> bool:
	"""Say whether the session's user reported *issue*: by the account, or as the worker behind it."""
	user = frappe.session.user
	return issue.owner == user or bool(issue.reporter_worker and issue.reporter_worker == worker_of(user))


@frappe.whitelist()
def starting_values() -> dict[str, str | None]:
	"""Return what a new issue of the session's user starts with: `grid`, her main or only post's.

	`grid` is None for someone who holds several posts of equal weight or none.
	"""
	frappe.new_doc(ISSUE).check_permission("create")
	posts = frappe.get_all(
		"Grid Post Assignment",
		filters={"user": frappe.session.user},
		fields=["grid", "grid_path", "from_date", "to_date", "is_primary"],
		order_by="is_primary desc, grid_path asc",
		limit_page_length=0,
	)
	mine = [
		post
		for post in posts
		if is_current(post.from_date, post.to_date, getdate())
		and scope.covers(post.grid_path, frappe.session.user, ISSUE, "create")
	]
	main = [post.grid for post in mine if post.is_primary] or [post.grid for post in mine]
	return {"grid": main[0] if len(set(main)) == 1 else None}


@frappe.whitelist()
def handling(issue: str) -> list[dict]:
	"""Return the steps of *issue* as the form shows them, the last first, at most 100.

	Each with `at`, `who` (name of the worker, or of the user), `from_state`, `to_state`, `action`,
	`opinion`, `changed` (what was corrected) and the `style` of the state it led to. Needs read permission on the issue.
	"""
	frappe.get_doc(ISSUE, issue).check_permission("read")
	log, worker, user = DocType("Issue Log"), DocType("Grid Worker"), DocType("User")
	department = DocType("Township Department")
	to_state = DocType("Workflow State")
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
			to_state.style,
			department.department_name.as_("department"),
			worker.worker_name,
			user.full_name,
		)
		.where(log.issue == issue)
		.orderby(log.at, order=frappe.qb.desc)
		.orderby(log.creation, order=frappe.qb.desc)
		.limit(100)
		.run(as_dict=True)
	)


@frappe.whitelist()
def referrals(issue: str) -> list[dict]:
	"""Return what departments were asked about *issue* and what they answered, the last round first.

	Each with `name`, `department` (its name), `lead`, `state`, its `style`, `due_by`, `opinion` and
	`returned_reason`. Needs read permission on the issue.
	"""
	frappe.get_doc(ISSUE, issue).check_permission("read")
	referral, department, workflow_state = (
		DocType(REFERRAL),
		DocType("Township Department"),
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
		rules.Referral(row.name, bool(row.lead), state(row.workflow_state))
		for row in rows
		if row.round == wanted
	]


@frappe.whitelist()
def departments_for(issue: str) -> list[dict[str, str]]:
	"""Return the departments that *issue* can be referred to: the active ones of its township, by name.

	Each with `value` and `label`. For whoever may write the issue; the departments' own records lie in the
	township, outside the scope of a village.
	"""
	doc = frappe.get_doc(ISSUE, issue)
	doc.check_permission("write")
	rows = frappe.get_all(
		"Township Department",
		filters={"grid_path": ancestor_path(doc.grid_path, TOWNSHIP) or "", "active": 1},
		fields=["name as value", "department_name as label"],
		order_by="department_name asc",
		limit_page_length=0,
	)
	return rows


def open_under(worker: str, grid: str) -> list[dict[str, object]]:
	"""Return how many issues are not closed in *grid* and below, and how many of them *worker* reported.

	For `grid_handover_items`: each with `label`, `count` and `route` to the list of these issues. In the
	reader's scope; what is none is left out.
	"""
	path = frappe.db.get_value("Grid", grid, "grid_path")
	issue = DocType(ISSUE)
	open_here = (
		frappe.qb.from_(issue)
		.select(Count("*"))
		.where(_below(issue.grid_path, path))
		.where(issue.workflow_state.notin(ended_states() or [""]))
		.where(scope.criterion(ISSUE))
	)
	filters = {"grid_path": ["like", f"{path}%"], "workflow_state": ["not in", ended_states()]}
	lines = (
		(_("Issues not closed yet"), open_here, filters),
		(
			_("Of these reported by this person"),
			open_here.where(issue.reporter_worker == worker),
			{**filters, "reporter_worker": worker},
		),
	)
	counted = ((label, query.run()[0][0], wanted) for label, query, wanted in lines)
	return [
		{"label": label, "count": count, "route": f"/app/grid-issue/view/list?{_as_route(wanted)}"}
		for label, count, wanted in counted
		if count
	]


def worker_results(worker: str) -> list[dict]:
	"""Return for the public card of *worker* how many issues she has reported and how many of them are closed."""
	reported = frappe.db.count(ISSUE, {"reporter_worker": worker})
	closed = frappe.db.count(ISSUE, {"reporter_worker": worker, "workflow_state": ["in", final_states()]})
	return [
		{"label": _("Matters Reported"), "value": reported},
		{"label": _("Of These Closed"), "value": closed},
	]


def levels() -> list[dict]:
	"""Return the resolution levels from the lowest up, each with `name` and `color`."""
	return frappe.get_all(
		"Resolution Level", fields=["name", "color"], order_by="sequence asc, name asc", limit_page_length=0
	)


def _as_route(filters: dict[str, object]) -> str:
	return urlencode(
		{
			field: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
			for field, value in filters.items()
		}
	)


def _below(path: Criterion, prefix: str) -> Criterion:
	return (path >= prefix) & (path < prefix + AFTER_DIGITS)


def _by_clock(action: str) -> bool:
	return bool(frappe.get_cached_value("Workflow Action Master", action, "grid_by_clock"))
