"""Steps are taken by those whose post gives them, once, for their own department and inside their own scope."""

import frappe
import pytest

from tests.factories import make_assignment, make_issue, make_post, seeded
from tests.security.issues.conftest import ANSWER, ASK, DECIDE, TAKE_STEP, step
from tests.web import Answer, call, request

ISSUE, REFERRAL = "Grid Issue", "Issue Referral"


@pytest.fixture
def issue(world) -> str:
	"""An issue with the village."""
	return new_issue(world, "submit-to-village")


def new_issue(world: frappe._dict, *steps: str, **fields: object) -> str:
	frappe.set_user(world.member)
	name = make_issue(world.grid, *steps, category=world.category, **fields).name
	frappe.set_user("Administrator")
	return name


def take(user: str, issue: str, action: str, **said: object) -> Answer:
	answer = call(user, TAKE_STEP, issue=issue, action=step(action), **said)
	assert answer.status < 500, answer.fault
	return answer


def state(name: str, doctype: str = ISSUE) -> str:
	return frappe.db.get_value(doctype, name, "workflow_state")


def lines(issue: str) -> int:
	return frappe.db.count("Issue Log", {"issue": issue})


def test_a_step_sent_twice_is_taken_once(world, issue):
	assert take(world.secretary, issue, "start").status == 200
	before = lines(issue)
	for _again in range(2):
		assert take(world.secretary, issue, "start").refused
	assert lines(issue) == before
	said = {"result": "已修好"}
	assert take(world.secretary, issue, "resolve", **said).status == 200
	before, at = lines(issue), frappe.db.get_value(ISSUE, issue, "resolved_at")
	assert take(world.secretary, issue, "resolve", **said).refused
	assert (lines(issue), frappe.db.get_value(ISSUE, issue, "resolved_at")) == (before, at)


def test_a_form_that_is_out_of_date_takes_no_step(world, issue):
	stale = frappe.get_doc(ISSUE, issue).as_dict()
	assert take(world.secretary, issue, "start").status == 200
	before = lines(issue)
	for action in ("start", "reject"):
		answer = call(world.secretary, "frappe.model.workflow.apply_workflow", doc=stale, action=step(action))
		assert answer.refused
	assert lines(issue) == before


def test_nobody_takes_a_step_of_another_role(world, issue):
	for who in ("member", "leader", "office", "officer"):
		for action in ("start", "reject", "refer"):
			answer = take(world[who], issue, action, opinion="x", lead_department=world.department)
			assert answer.refused, (who, action)
	for who, user in world.outsiders.items():
		for action in ("start", "resolve", "escalate"):
			assert take(user, issue, action, opinion="x", result="x").refused, (who, action)
	assert state(issue) == seeded("workflow_state/with-village")


def test_many_at_once_are_judged_one_by_one(world, issue):
	for user in (*world.outsiders.values(), world.member):
		for action in ("start", "escalate"):
			answer = call(
				user,
				"frappe.model.workflow.bulk_workflow_approval",
				docnames=[issue, world.issue],
				doctype=ISSUE,
				action=step(action),
			)
			assert answer.status < 500, answer.fault
	assert state(issue) == seeded("workflow_state/with-village")
	assert state(world.issue) == seeded("workflow_state/with-department")
	call(
		world.secretary,
		"frappe.model.workflow.bulk_workflow_approval",
		docnames=[issue],
		doctype=ISSUE,
		action=step("start"),
	)
	assert state(issue) == seeded("workflow_state/in-progress"), "nobody takes steps this way"


def test_only_who_reported_it_withdraws_it(world):
	name = new_issue(world)
	worker = frappe.db.get_value("Grid Worker", {"user": world.leader})
	for given in ({"owner": world.leader}, {"reporter_worker": worker}):
		request(world.leader, "PUT", f"/api/resource/{ISSUE}/{name}", **given)
	assert take(world.leader, name, "withdraw", opinion="误报").refused
	assert take(world.member, name, "withdraw", opinion="误报").status == 200


def test_it_is_referred_inside_its_township_only(world, issue):
	for given in (
		{"lead_department": world.foreign_department},
		{"lead_department": world.department, "other_departments": [world.foreign_department]},
		{"lead_department": "没有的部门"},
		{"lead_department": world.department, "other_departments": [{"name": 1}]},
		{"lead_department": world.department, "other_departments": "没有的部门"},
	):
		assert take(world.secretary, issue, "refer", **given).refused, given
	assert not frappe.db.exists(REFERRAL, {"issue": issue})
	assert take(world.secretary, issue, "refer", lead_department=world.department).status == 200


def test_no_department_answers_for_another(world):
	other = world.outsiders["officer of another department"]
	before = lines(world.issue)
	for user in (other, world.secretary, world.member, *world.outsiders.values()):
		for action in ("referral-answer", "referral-return", "referral-take-on"):
			for answer in (
				call(user, ANSWER, referral=world.referral, action=step(action), opinion="不是我们的"),
				call(
					user,
					"frappe.model.workflow.bulk_workflow_approval",
					docnames=[world.referral],
					doctype=REFERRAL,
					action=step(action),
				),
			):
				assert answer.status < 500, answer.fault
	for key in ("referral-answered", "referral-returned"):
		for user in (other, world.secretary):
			wanted = {"workflow_state": seeded(f"workflow_state/{key}"), "department": world.other_department}
			assert request(user, "PUT", f"/api/resource/{REFERRAL}/{world.referral}", **wanted).refused
	assert state(world.referral, REFERRAL) == seeded("workflow_state/referral-waiting")
	assert lines(world.issue) == before


def test_an_officer_moves_no_referral_to_her_department_or_issue(world):
	"""Whatever else she sends, a referral keeps what it was made with."""
	stored = frappe.get_doc(REFERRAL, world.referral).as_dict()
	for given in (
		{"department": world.other_department},
		{"lead": 0},
		{"issue": "GI-1"},
		{"due_by": "2099-01-01 00:00:00"},
		{"opinion": "代写"},
	):
		request(world.officer, "PUT", f"/api/resource/{REFERRAL}/{world.referral}", **given)
	after = frappe.get_doc(REFERRAL, world.referral).as_dict()
	assert {**after, "modified": None, "modified_by": None} == {
		**stored,
		"modified": None,
		"modified_by": None,
	}


def test_an_answer_is_given_once(world):
	"""A second answer of the same department would count once more."""
	done = {"referral": world.referral, "action": step("referral-answer"), "opinion": "已办"}
	assert call(world.officer, ANSWER, **done).status == 200
	before = lines(world.issue)
	answer = call(world.officer, ANSWER, **done)
	assert answer.refused
	assert answer.status < 500, answer.fault
	assert lines(world.issue) == before


def test_nobody_decides_on_her_own_request(world):
	"""Not even who asked as secretary and holds a post in the township, too."""
	worker = frappe.db.get_value("Grid Worker", {"user": world.secretary})
	make_assignment(worker, make_post("Township Office").name, world.town.root.name)
	request_ = frappe.db.get_value("Issue Extension", world.extension, ["asked_by", "decision"])
	assert request_ == (world.secretary, "Waiting")
	due = frappe.db.get_value(ISSUE, world.issue, "due_by")
	for user in (world.secretary, world.member, world.leader, world.officer, *world.outsiders.values()):
		answer = call(user, DECIDE, extension=world.extension, granted=1, words="同意")
		assert answer.refused, user
		assert answer.status < 500, answer.fault
	assert frappe.db.get_value(ISSUE, world.issue, "due_by") == due


def test_a_decision_is_made_once(world):
	given = {"extension": world.extension, "granted": 1, "words": "同意"}
	assert call(world.office, DECIDE, **given).status == 200
	due, before = frappe.db.get_value(ISSUE, world.issue, "due_by"), lines(world.issue)
	for granted in (1, 0):
		answer = call(world.office, DECIDE, **{**given, "granted": granted})
		assert answer.refused
		assert answer.status < 500, answer.fault
	assert (frappe.db.get_value(ISSUE, world.issue, "due_by"), lines(world.issue)) == (due, before)


def test_more_time_is_asked_for_by_who_handles_it(world, issue):
	until = str(frappe.utils.add_days(frappe.db.get_value(ISSUE, issue, "due_by"), 2))
	for user in (world.member, world.leader, world.officer, *world.outsiders.values()):
		answer = call(user, ASK, issue=issue, until=until, reason="等材料")
		assert answer.refused, user
	for wrong in ("", "下周三", "2099-13-45"):
		answer = call(world.secretary, ASK, issue=issue, until=wrong, reason="等材料")
		assert answer.refused
		assert answer.status < 500, answer.fault
	assert call(world.secretary, ASK, issue=issue, until=until, reason="等材料").status == 200
	assert call(world.secretary, ASK, issue=issue, until=until, reason="等材料").refused


def test_it_is_merged_into_what_its_handler_sees_only(world):
	name, other = new_issue(world), new_issue(world)
	frappe.set_user("Administrator")
	elsewhere = make_issue(world.near, category=world.category).name
	for into in (elsewhere, name, "GI-1"):
		answer = take(world.secretary, name, "merge", duplicate_of=into)
		assert answer.refused, into
	assert take(world.secretary, name, "merge", duplicate_of=other).status == 200
