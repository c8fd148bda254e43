"""A lamp that the village cannot repair, referred to two departments and repaired by one of them.

The tests of this file are the steps of one story and run in their order.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.browser.conftest import Person
from tests.factories import make_department, make_officer

pytestmark = pytest.mark.commits

TITLE = "村口路灯整排不亮"
PASSWORD = "Lamp-Post-4711"
ASKED = "线路疑似被挖断，请尽快查修。"
ANSWER = "修复被挖断的电缆，整排路灯恢复照明。"
NOT_OURS = "路灯线路归供电所管理，不属于本部门。"


@dataclass
class Story:
	"""Who takes part, the departments by name, and the issue once it is there."""

	member: Person
	secretary: Person
	power: Person
	roads: Person
	departments: tuple[str, str]
	issue: str = ""


@pytest.fixture(scope="module")
def story(township) -> Iterator[Story]:
	"""A member and a secretary of the demo township, and an officer in each of two departments made for the story."""
	import frappe
	from frappe.utils.password import update_password

	member = township.holder("Grid Member")
	root = frappe.db.get_value("Grid", {"grid_path": member.grid_path[:8]})
	frappe.set_user("Administrator")
	names = [
		make_department(root, department_name=name).name for name in ("供电所（路灯）", "公路站（路灯）")
	]
	users = [make_officer("Department Officer", name) for name in names]
	for user, name in zip(users, ("路建国", "田小军"), strict=True):
		frappe.db.set_value("User", user, "language", "zh")
		frappe.db.set_value("Grid Worker", {"user": user}, "worker_name", name)
		update_password(user, PASSWORD)
	frappe.db.commit()
	officers = [
		Person(user, PASSWORD, "", "Department Officer", root, "", member.grid_path[:8]) for user in users
	]
	labels = tuple(frappe.db.get_value("Township Department", name, "department_name") for name in names)
	yield Story(
		member,
		township.holder("Village Secretary", above=member.grid_path),
		*officers,
		departments=labels,
	)
	frappe.db.rollback()
	frappe.set_user("Administrator")
	posts = frappe.get_all("Grid Post Assignment", {"user": ["in", users]}, pluck="post")
	for user in users:
		frappe.db.delete("Grid Post Assignment", {"user": user})
		frappe.db.delete("Grid Worker", {"user": user})
		frappe.delete_doc("User", user, force=True, ignore_permissions=True)
	for post in posts:
		frappe.delete_doc("Grid Post", post, force=True)
	frappe.db.commit()


@pytest.fixture
def issue(story) -> str:
	"""The name of the issue of this story."""
	if not story.issue:
		pytest.fail("the lamps have not been reported: see the first step of the story")
	return story.issue


def state(records, issue: str) -> str:
	return records.one("Grid Issue", {"name": issue}, "workflow_state")["workflow_state"]


def referral(records, issue: str, lead: int) -> dict:
	return records.one("Issue Referral", {"issue": issue, "lead": lead}, "*")


def test_a_member_reports_corrects_and_submits(story, phone, records):
	screen = phone(story.member)
	screen.go("grid-issue/new")
	screen.type("title", TITLE)
	screen.choose("category", "路灯", "路灯")
	screen.type("location_note", "村口")
	screen.save()
	screen.page.wait_for_url("**/app/grid-issue/GI-*")
	screen.settle()
	screen.type("location_note", "村口至小学的十二根灯杆")
	screen.save()
	screen.look("referral-member-corrected")
	screen.shot("referral-member-corrected-whole", whole=True)
	row = records.one("Grid Issue", {"title": TITLE}, "*")
	story.issue = row["name"]
	assert row["due_by"]
	lines = records.rows("Issue Log", {"issue": row["name"]}, "changed", order_by="at asc, creation asc")
	assert [bool(line["changed"]) for line in lines] == [False, True]
	screen.step(records.seeded("workflow_action_master/submit-to-village"))
	screen.confirm()
	assert state(records, row["name"]) == records.seeded("workflow_state/with-village")


def test_the_secretary_refers_it_to_two_departments(story, issue, desk, records):
	screen = desk(story.secretary)
	screen.go(f"grid-issue/{issue}")
	screen.step(records.seeded("workflow_action_master/refer"))
	lead, other = story.departments
	screen.control("lead_department").locator("select").select_option(label=lead)
	screen.type("opinion", ASKED)
	screen.control("other_departments").locator("label", has_text=other).click()
	screen.look("referral-secretary-refers")
	screen.confirm()
	screen.look("referral-secretary-referred")
	screen.shot("referral-secretary-referred-whole", whole=True)
	assert state(records, issue) == records.seeded("workflow_state/with-department")
	assert len(records.rows("Issue Referral", {"issue": issue})) == 2


def test_the_department_it_does_not_belong_to_returns_it_with_a_reason(story, issue, desk, records):
	screen = desk(story.roads)
	screen.go("issue-referral")
	assert screen.rows() == [referral(records, issue, 0)["name"]]
	screen.look("referral-officer-list")
	screen.go(f"issue-referral/{referral(records, issue, 0)['name']}")
	screen.look("referral-officer-form")
	screen.step(records.seeded("workflow_action_master/referral-return"))
	screen.type("opinion", NOT_OURS)
	screen.look("referral-officer-returns")
	screen.confirm()
	assert referral(records, issue, 0)["returned_reason"] == NOT_OURS
	assert state(records, issue) == records.seeded("workflow_state/with-department")


def test_the_department_in_the_lead_repairs_it(story, issue, desk, records, picture):
	screen = desk(story.power)
	screen.go(f"issue-referral/{referral(records, issue, 1)['name']}")
	screen.step(records.seeded("workflow_action_master/referral-take-on"))
	screen.confirm()
	screen.step(records.seeded("workflow_action_master/referral-answer"))
	screen.type("opinion", ANSWER)
	screen.attach("photo", picture("整排路灯已亮", lit=True))
	screen.look("referral-officer-answers")
	screen.confirm()
	screen.look("referral-officer-answered")
	screen.shot("referral-officer-answered-whole", whole=True)
	screen.go(f"grid-issue/{issue}")
	screen.look("referral-officer-issue")
	row = records.one("Grid Issue", {"name": issue}, "*")
	assert row["workflow_state"] == records.seeded("workflow_state/resolved")
	assert (row["result"], bool(row["photo_after"])) == (ANSWER, True)


def test_the_whole_way_stands_in_the_handling_record(story, issue, phone, records):
	screen = phone(story.member)
	screen.go(f"grid-issue/{issue}")
	screen.look("referral-member-sees")
	screen.shot("referral-member-sees-whole", whole=True)
	record = screen.page.locator(".issue-handling").inner_text()
	for words in (ASKED, NOT_OURS, ANSWER, *story.departments):
		assert words in record
