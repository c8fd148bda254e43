"""An officer sees what was referred to her department, its issues and their grids by name, and nothing else."""

import frappe
import pytest
from frappe.client import get as client_get
from frappe.model.workflow import WorkflowTransitionError, apply_workflow
from frappe.utils import add_to_date, now_datetime

from grid_governance import photos
from grid_governance.grid_issues import answers, log, offered, referrals, steps
from grid_governance.grid_structure.queries.progress import setup_progress
from tests.factories import (
	make_department,
	make_holder,
	make_issue,
	make_officer,
	make_township,
	seeded,
)

pytestmark = pytest.mark.usefixtures("site")


def action(key: str) -> str:
	return seeded(f"workflow_action_master/{key}")


@pytest.fixture
def town() -> frappe._dict:
	"""Two issues of one grid, each referred to its own department; an officer of each, and one of neither."""
	town = make_township(1, 2)
	mine, others, idle = (make_department(town.root.name).name for _at in range(3))
	town.issue, town.foreign = (make_issue(grid.name, "submit-to-village") for grid in town.grids[0])
	town.unreferred = make_issue(town.grids[0][0].name)
	for issue, department in ((town.issue, mine), (town.foreign, others)):
		steps.take_step(issue.name, action("refer"), lead_department=department)
	town.referral, town.foreign_referral = (
		frappe.db.get_value("Issue Referral", {"issue": issue.name}) for issue in (town.issue, town.foreign)
	)
	town.officer = make_officer("Department Officer", mine)
	town.idle = make_officer("Department Officer", idle)
	town.past = make_officer("Department Officer", mine, from_date="2020-01-01", to_date="2020-12-31")
	return town


def test_lists_hold_her_own_and_nothing_else(town, as_user):
	with as_user(town.officer):
		assert frappe.get_list("Issue Referral", pluck="name") == [town.referral]
		assert frappe.get_list("Grid Issue", pluck="name") == [town.issue.name]
		assert frappe.get_list("Grid", pluck="name") == [town.issue.grid]
	for doctype in ("Issue Referral", "Grid Issue", "Grid"):
		with as_user(town.idle):
			assert frappe.get_list(doctype, pluck="name") == []
		with as_user(town.past), pytest.raises(frappe.PermissionError):
			frappe.get_list(doctype, pluck="name")


def test_documents_open_for_her_own_and_nothing_else(town, as_user):
	with as_user(town.officer):
		assert client_get("Grid Issue", town.issue.name)
		assert log.handling(town.issue.name)
		assert [row.name for row in referrals.of_issue(town.issue.name)] == [town.referral]
		for doctype, name in (
			("Grid Issue", town.foreign.name),
			("Grid Issue", town.unreferred.name),
			("Issue Referral", town.foreign_referral),
		):
			with pytest.raises(frappe.PermissionError):
				client_get(doctype, name)
		for ask in (log.handling, referrals.of_issue, referrals.departments_for):
			with pytest.raises(frappe.PermissionError):
				ask(town.foreign.name)
		with pytest.raises(frappe.PermissionError):
			referrals.departments_for(town.issue.name)  # reads the issue, but refers nothing
		with pytest.raises(frappe.PermissionError):
			frappe.get_list("Issue Log", pluck="name")


def opened(user: str, as_user) -> list[list[str]]:
	"""What the lists of referrals, issues and grids hold for *user*."""
	with as_user(user):
		return [
			frappe.get_list(doctype, pluck="name") for doctype in ("Issue Referral", "Grid Issue", "Grid")
		]


def test_what_she_has_returned_is_closed_to_her_but_for_her_own_slip(town, as_user):
	assert opened(town.officer, as_user) == [[town.referral], [town.issue.name], [town.issue.grid]]
	with as_user(town.officer):
		returned = answers.take_step(town.referral, action("referral-return"), opinion="不归我们")
		assert returned["returned_reason"] == "不归我们"
	assert opened(town.officer, as_user) == [[town.referral], [], []]
	with as_user(town.officer):
		assert client_get("Issue Referral", town.referral)["returned_reason"] == "不归我们"
		for ask in (log.handling, referrals.of_issue):
			with pytest.raises(frappe.PermissionError):
				ask(town.issue.name)
		with pytest.raises(frappe.PermissionError):
			client_get("Grid Issue", town.issue.name)


def test_asked_once_more_she_sees_it_again(town, as_user):
	department = frappe.db.get_value("Issue Referral", town.referral, "department")
	with as_user(town.officer):
		answers.take_step(town.referral, action("referral-return"), opinion="不归我们")
	steps.take_step(town.issue.name, action("refer"), lead_department=department)
	assert opened(town.officer, as_user)[1:] == [[town.issue.name], [town.issue.grid]]


def test_what_has_moved_on_without_her_is_closed_to_her(town, as_user):
	given = {"instruction": "由村里办", "instruction_due": str(add_to_date(now_datetime(), days=1))}
	for step in ("escalate", "assign-back"):
		steps.take_step(town.issue.name, action(step), opinion="超期", **given)
	assert opened(town.officer, as_user) == [[town.referral], [], []]


def test_what_she_has_answered_stays_open_to_her(town, as_user):
	with as_user(town.officer):
		answers.take_step(town.referral, action("referral-answer"), opinion="done")
	assert opened(town.officer, as_user) == [[town.referral], [town.issue.name], [town.issue.grid]]


def test_of_the_grid_of_a_referral_the_name_is_told_and_nothing_else(town, as_user):
	with as_user(town.officer):
		assert client_get("Grid", town.issue.grid)["name"] == town.issue.grid
		with pytest.raises(frappe.PermissionError):
			setup_progress(town.issue.grid)


def test_she_takes_no_step_on_what_is_not_hers(town, as_user):
	for user in (town.officer, town.idle, town.past):
		with as_user(user), pytest.raises(frappe.PermissionError):
			answers.take_step(town.foreign_referral, action("referral-return"), opinion="不归我们")
	with as_user(town.past), pytest.raises(frappe.PermissionError):
		answers.take_step(town.referral, action("referral-return"), opinion="不归我们")


def test_she_changes_nothing_of_the_issue_itself(town, as_user):
	with as_user(town.officer):
		issue = frappe.get_doc("Grid Issue", town.issue.name)
		assert offered.get_transitions(issue) == []
		with pytest.raises(frappe.PermissionError):
			steps.take_step(issue.name, action("department-resolves"), result="done")
		with pytest.raises(frappe.PermissionError):
			apply_workflow(issue, action("department-resolves"))
		issue.reload()
		issue.title = "其他"
		with pytest.raises(frappe.PermissionError):
			issue.save()


def test_nobody_takes_by_hand_what_departments_answers_bring_about(town, as_user):
	office = make_holder("Township Office", town.root.name)
	with as_user(office):
		issue = frappe.get_doc("Grid Issue", town.issue.name)
		assert not {action("department-resolves"), action("departments-return")} & {
			step["action"] for step in offered.get_transitions(issue)
		}
		with pytest.raises(steps.StepNotAllowedHereError):
			steps.take_step(issue.name, action("department-resolves"), result="done")
		with pytest.raises(steps.StepNotAllowedHereError):
			answers.take_step(town.referral, action("referral-end"))


def test_a_secretary_or_a_member_answers_for_no_department(town, as_user):
	secretary = make_holder("Village Secretary", town.villages[0].name)
	member = make_holder("Grid Member", town.issue.grid)
	for user in (secretary, member):
		with as_user(user):
			assert frappe.get_list("Issue Referral", filters={"issue": town.issue.name}, pluck="name")
			with pytest.raises(frappe.PermissionError):
				answers.take_step(town.referral, action("referral-answer"), opinion="done")
	elsewhere = make_holder("Township Office", make_township(1, 1).root.name)
	with as_user(elsewhere), pytest.raises(frappe.PermissionError):
		answers.take_step(town.referral, action("referral-answer"), opinion="done")


def test_an_officer_of_two_departments_acts_in_each_as_its_own(town, as_user):
	"""A township official who is also an officer elsewhere has her rights where each post gives them."""
	foreign = make_township(1, 1)
	both = make_officer("Department Officer", make_department(foreign.root.name).name)
	with as_user(both), pytest.raises((frappe.PermissionError, WorkflowTransitionError)):
		answers.take_step(town.referral, action("referral-answer"), opinion="done")


def test_a_photo_of_another_department_is_not_taken_by_its_address(town, as_user):
	photo = frappe.get_doc(
		doctype="File",
		file_name=f"{frappe.generate_hash(length=8)}.txt",
		is_private=1,
		content="secret",
		attached_to_doctype="Issue Referral",
		attached_to_name=town.foreign_referral,
	).insert()
	with as_user(town.officer), pytest.raises(photos.PhotoNotYoursError):
		answers.take_step(town.referral, action("referral-answer"), opinion="done", photo=photo.file_url)
