"""What departments are asked about an issue, what they answer, and how the issue follows."""

import frappe
import pytest
from frappe.model.workflow import apply_workflow
from frappe.utils import add_to_date, now_datetime

from grid_governance.grid_issues import answers, referrals, steps
from tests.factories import (
	make_category,
	make_department,
	make_holder,
	make_issue,
	make_officer,
	make_photo,
	make_township,
	seeded,
)

pytestmark = pytest.mark.usefixtures("site")


def state(key: str) -> str:
	return seeded(f"workflow_state/{key}")


def action(key: str) -> str:
	return seeded(f"workflow_action_master/{key}")


@pytest.fixture
def town() -> frappe._dict:
	"""A township with three departments, an officer of each of the first two, and the people of a village."""
	town = make_township(1, 1)
	town.grid = town.grids[0][0].name
	town.departments = [make_department(town.root.name).name for _at in range(3)]
	town.power, town.water = (make_officer("Department Officer", name) for name in town.departments[:2])
	town.secretary = make_holder("Village Secretary", town.villages[0].name)
	town.office = make_holder("Township Office", town.root.name)
	return town


@pytest.fixture
def refer(town, as_user):
	"""`refer(2)`: an issue that the secretary has referred to the first two departments, and the referrals."""

	def made(number: int = 2, **fields: object) -> tuple:
		issue = make_issue(town.grid, "submit-to-village", **fields)
		lead, *others = town.departments[:number]
		with as_user(town.secretary):
			steps.take_step(
				issue.name,
				action("refer"),
				opinion="请尽快处理",
				lead_department=lead,
				other_departments=frappe.as_json(others),
			)
		rows = frappe.get_all(
			"Issue Referral", filters={"issue": issue.name}, pluck="name", order_by="name asc"
		)
		return issue, rows

	return made


def log_of(issue: str) -> list[tuple]:
	rows = frappe.get_all(
		"Issue Log",
		filters={"issue": issue},
		fields=["action", "to_state", "department", "opinion", "by_user"],
		order_by="at asc, creation asc",
	)
	return [tuple(row.values()) for row in rows]


def test_an_issue_is_referred_to_several_departments_with_one_in_the_lead(town, refer):
	issue, rows = refer(3)
	issue.reload()
	assert issue.workflow_state == state("with-department")
	assert issue.resolution_level == seeded("resolution_level/department")
	made = [frappe.get_doc("Issue Referral", name) for name in rows]
	assert [(each.department, each.lead, each.round) for each in made] == [
		(town.departments[0], 1, 1),
		(town.departments[1], 0, 1),
		(town.departments[2], 0, 1),
	]
	assert {each.workflow_state for each in made} == {state("referral-waiting")}
	assert {each.due_by for each in made} == {issue.due_by}
	assert {(each.grid, each.grid_path) for each in made} == {(issue.grid, issue.grid_path)}
	said = log_of(issue.name)[-1]
	assert said[0] == action("refer")
	assert said[3].startswith("请尽快处理")
	for name in town.departments:
		assert referrals.name_of(name) in said[3]


def test_the_lead_resolves_the_issue_and_the_others_are_called_back(town, refer, as_user):
	issue, (lead, other) = refer()
	with as_user(town.power):
		answers.take_step(lead, action("referral-take-on"))
		with pytest.raises(steps.ResultMissingError):
			answers.take_step(lead, action("referral-answer"))
		answers.take_step(lead, action("referral-answer"), opinion="换了变压器保险")
	issue.reload()
	assert (issue.workflow_state, issue.result) == (state("resolved"), "换了变压器保险")
	assert issue.resolved_at
	assert frappe.db.get_value("Issue Referral", other, "workflow_state") == state("referral-ended")
	taken = log_of(issue.name)[3:]
	first, second = town.departments[:2]
	assert taken == [
		(action("referral-take-on"), state("referral-at-work"), first, None, town.power),
		(action("referral-answer"), state("referral-answered"), first, "换了变压器保险", town.power),
		(action("department-resolves"), state("resolved"), None, "换了变压器保险", town.power),
		(action("referral-end"), state("referral-ended"), second, None, town.power),
	]


def test_the_lead_needs_the_photo_that_the_category_asks_for(town, refer, as_user):
	issue, (lead,) = refer(1, category=make_category(needs_photo=1))
	with as_user(town.power):
		with pytest.raises(steps.PhotoMissingError):
			answers.take_step(lead, action("referral-answer"), opinion="修好了")
		photo = make_photo()
		answers.take_step(lead, action("referral-answer"), opinion="修好了", photo=photo.file_url)
	issue.reload()
	assert (issue.workflow_state, issue.photo_after) == (state("resolved"), photo.file_url)
	with as_user(town.secretary):
		files = frappe.get_list("File", filters={"file_url": photo.file_url}, pluck="attached_to_name")
	assert sorted(files) == sorted([issue.name, lead])


def test_not_ours_needs_a_reason_and_when_all_say_so_the_issue_goes_back(town, refer, as_user):
	issue, (lead, other) = refer()
	with as_user(town.water):
		answers.take_step(other, action("referral-return"), opinion="不是供水管线")
	with as_user(town.power):
		with pytest.raises(steps.ReasonMissingError):
			answers.take_step(lead, action("referral-return"), opinion=" ")
		answers.take_step(lead, action("referral-return"), opinion="产权属于小区")
	issue.reload()
	assert issue.workflow_state == state("in-progress")
	assert frappe.db.get_value("Issue Referral", lead, "returned_reason") == "产权属于小区"
	with as_user(town.secretary):
		steps.take_step(issue.name, action("refer"), lead_department=town.departments[2])
	assert frappe.get_all("Issue Referral", {"issue": issue.name, "round": 2}, pluck="lead") == [1]
	with as_user(town.office):
		last = frappe.db.get_value("Issue Referral", {"issue": issue.name, "round": 2})
		answers.take_step(last, action("referral-answer"), opinion="已处理")
	issue.reload()
	assert issue.workflow_state == state("resolved"), (
		"the township answers for a department without an account"
	)


def test_when_the_lead_returns_it_the_next_at_work_takes_over(town, refer, as_user):
	issue, (lead, other) = refer()
	with as_user(town.power):
		answers.take_step(lead, action("referral-return"), opinion="产权属于供水")
	assert [frappe.db.get_value("Issue Referral", name, "lead") for name in (lead, other)] == [0, 1]
	issue.reload()
	assert issue.workflow_state == state("with-department")
	assert log_of(issue.name)[-1][2] == town.departments[1]
	with as_user(town.water):
		answers.take_step(other, action("referral-answer"), opinion="修好了管线")
	issue.reload()
	assert issue.workflow_state == state("resolved")


@pytest.mark.parametrize("answer_by", ["tomorrow or so", "2020-01-01", "9999-99-99"])
def test_a_department_answers_after_the_matter_was_found(town, as_user, answer_by):
	issue = make_issue(town.grid, "submit-to-village")
	with as_user(town.secretary), pytest.raises(referrals.AnswerByError):
		steps.take_step(
			issue.name,
			action("refer"),
			opinion="请尽快处理",
			lead_department=town.departments[0],
			answer_by=answer_by,
		)


def test_the_township_supervises_and_the_department_may_still_resolve(town, refer, as_user):
	issue, (lead,) = refer(1)
	with as_user(town.office):
		steps.take_step(issue.name, action("escalate"), opinion="督办")
	assert frappe.db.get_value("Issue Referral", lead, "workflow_state") == state("referral-waiting")
	with as_user(town.power):
		answers.take_step(lead, action("referral-answer"), opinion="修好了")
	issue.reload()
	assert (issue.workflow_state, issue.resolution_level) == (
		state("resolved"),
		seeded("resolution_level/township"),
	)


def test_assigned_back_the_departments_are_called_back(town, refer, as_user):
	issue, (lead, other) = refer()
	with as_user(town.office):
		steps.take_step(issue.name, action("escalate"), opinion="督办")
		tomorrow = str(add_to_date(now_datetime(), days=1))
		steps.take_step(issue.name, action("assign-back"), instruction="由村里办", instruction_due=tomorrow)
	states = [frappe.db.get_value("Issue Referral", name, "workflow_state") for name in (lead, other)]
	assert states == [state("referral-ended")] * 2


def test_only_the_townships_own_active_departments_are_asked(town, as_user):
	foreign = make_department(make_township(1, 1).root.name).name
	closed = make_department(town.root.name, active=0).name
	issue = make_issue(town.grid, "submit-to-village")
	with as_user(town.secretary):
		for wrong in (foreign, closed, "nobody"):
			with pytest.raises(referrals.NotADepartmentHereError):
				steps.take_step(issue.name, action("refer"), lead_department=wrong)
		with pytest.raises(steps.DepartmentMissingError):
			steps.take_step(issue.name, action("refer"))
		named = {each["value"] for each in referrals.departments_for(issue.name)}
	assert named == set(town.departments)


def test_a_referral_follows_its_issue_to_another_grid(town, refer):
	issue, (lead,) = refer(1)
	other = make_township(1, 1).grids[0][0]
	issue.reload()
	issue.update({"grid": other.name}).save()
	assert frappe.db.get_value("Issue Referral", lead, ["grid", "grid_path"]) == (other.name, other.grid_path)


@pytest.mark.parametrize(
	"tamper",
	[
		lambda doc: doc.delete(ignore_permissions=True, force=True),
		lambda doc: frappe.copy_doc(doc).insert(ignore_permissions=True),
	],
	ids=["delete", "forge"],
)
def test_a_referral_is_made_and_kept_by_steps_alone(refer, tamper):
	_issue, (lead,) = refer(1)
	with pytest.raises((answers.AnsweredError, answers.ReferralByHandError)):
		tamper(frappe.get_doc("Issue Referral", lead))


def test_nothing_of_a_referral_is_changed_without_a_step(town, refer, as_user):
	_issue, (lead, other) = refer()
	with as_user(town.water):
		doc = frappe.get_doc("Issue Referral", other)
		doc.update({"lead": 1, "due_by": "2030-01-01 00:00:00", "opinion": "done", "round": 9})
		doc.save()
	assert frappe.db.get_value("Issue Referral", other, ["lead", "opinion", "round"]) == (0, None, 1)
	with as_user(town.power), pytest.raises(steps.ResultMissingError):
		apply_workflow(frappe.get_doc("Issue Referral", lead), action("referral-answer"))
