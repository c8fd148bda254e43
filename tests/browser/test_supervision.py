"""The township's official finds the late matter in her list, hands it back with an instruction, urges and praises.

The tests of this file are the steps of one story and run in their order.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import frappe
import pytest
from frappe.utils import add_days, add_to_date, now_datetime

from grid_governance.grid_issues import steps
from grid_governance.setup import seeds
from tests.browser.conftest import Person
from tests.browser.screen import until
from tests.factories import make_issue

pytestmark = pytest.mark.commits

TITLE, BESIDE = "河边护栏断了一截", "文化广场地砖松动"
INSTRUCTION = "三天内装好护栏，先拉警戒线"
URGED = "汛期将到，请抓紧"
PRAISE = "处置及时，先围挡后修复"
LIST = "query-report/Issue%20Supervision"


@dataclass
class Story:
	"""The official, the secretary, the late matter that the township has, and one that lies with the village."""

	official: Person
	secretary: Person
	issue: str
	beside: str


@pytest.fixture(scope="module")
def story(township) -> Iterator[Story]:
	"""Two late matters in a grid of the demo township; they go with it."""
	member = township.holder("Grid Member")
	secretary = township.holder("Village Secretary", above=member.grid_path)
	category = frappe.get_all(
		"Issue Category",
		{"is_group": 0, "active": 1, "needs_photo": 0},
		pluck="name",
		order_by="name asc",
		limit=1,
	)[0]
	frappe.set_user(member.user)
	issue, beside = (
		make_issue(member.grid, title=title, category=category).name for title in (TITLE, BESIDE)
	)
	for name in (issue, beside):
		steps.take_step(name, seeds.name_of("workflow_action_master/submit-to-village"))
	frappe.set_user(secretary.user)
	steps.take_step(issue, seeds.name_of("workflow_action_master/escalate"), opinion="村里没有经费")
	frappe.set_user("Administrator")
	for name in (issue, beside):
		late = str(add_to_date(now_datetime(), days=-2))
		frappe.db.set_value("Grid Issue", name, "due_by", late, update_modified=False)
	frappe.db.commit()
	yield Story(township.holder("Township Office", above=member.grid_path), secretary, issue, beside)


def held(records, issue: str) -> dict:
	return records.one("Grid Issue", {"name": issue}, "*")


def test_she_finds_it_in_her_list(story, desk):
	screen = desk(story.official)
	screen.go("township-work")
	shortcut = screen.page.locator(".shortcut-widget-box:visible", has_text="督办清单").first
	shortcut.wait_for()
	screen.look("supervision-workspace")
	screen.tap(shortcut)
	screen.page.locator(".dt-cell:visible a", has_text=TITLE).first.wait_for()
	screen.look("supervision-list")
	screen.tap(screen.page.locator(".dt-cell:visible a", has_text=TITLE).first)
	assert until(lambda: screen.page.url.endswith(f"/app/grid-issue/{story.issue}"), screen.page)


def test_she_hands_it_back_with_what_and_by_when(story, desk, records):
	screen = desk(story.official)
	screen.go(f"grid-issue/{story.issue}")
	screen.step(records.seeded("workflow_action_master/assign-back"))
	screen.type("instruction", INSTRUCTION)
	screen.type("instruction_due", f"{add_days(now_datetime(), 3):%Y-%m-%d} 18:00:00")
	screen.look("supervision-instruction")
	screen.confirm()
	row = held(records, story.issue)
	assert row["workflow_state"] == records.seeded("workflow_state/in-progress")
	assert (row["instruction"], f"{row['instruction_due']:%H:%M}") == (INSTRUCTION, "18:00")
	screen.look("supervision-instructed")
	assert screen.page.get_by_text(INSTRUCTION).first.is_visible()


def test_she_urges_it_once_a_day(story, desk, records):
	screen = desk(story.official)
	screen.go(f"grid-issue/{story.issue}")
	screen.tap(screen.control("supervision_html").get_by_text("催办", exact=True))
	screen.page.locator(".modal.show .modal-footer .btn-primary:visible").wait_for()
	screen.type("words", URGED)
	screen.look("supervision-urging")
	screen.confirm()
	screen.control("supervision_html").get_by_text("今日已催办").wait_for()
	assert held(records, story.issue)["urged_times"] == 1
	screen.look("supervision-urged")


def test_the_secretary_reads_it_on_her_phone(story, phone):
	screen = phone(story.secretary)
	screen.go(f"grid-issue/{story.issue}")
	screen.page.get_by_text(INSTRUCTION).first.wait_for()
	screen.page.get_by_text(URGED).first.scroll_into_view_if_needed()
	screen.look("supervision-secretary")


def test_on_a_phone_she_urges_from_the_list(story, phone, records):
	screen = phone(story.official)
	screen.go("grid-issue")
	screen.page.locator(".quick-filter[data-key=late]:visible").first.wait_for()
	screen.go(f"grid-issue?name={story.beside}")
	screen.tap(screen.page.locator(f'.list-row-checkbox[data-name="{story.beside}"]:visible'))
	screen.settle()
	screen.step("催办")
	screen.look("supervision-urging-list")
	screen.confirm()
	assert until(lambda: held(records, story.beside)["urged_times"] == 1, screen.page)


def test_on_a_phone_the_list_stands(story, phone):
	screen = phone(story.official)
	screen.go(LIST)
	screen.page.locator(".dt-cell:visible", has_text=BESIDE).first.wait_for()
	screen.look("supervision-list")


def test_she_has_it_sent_every_monday(story, desk, records):
	screen = desk(story.official)
	screen.go(LIST)
	wanted = {"report": "Issue Supervision", "user": story.official.user}
	frappe.db.set_value("User", story.official.user, "email", f"{story.official.grid}@example.com".lower())
	frappe.db.commit()
	screen.tap(screen.page.get_by_role("button", name="每周一发到我的邮箱"))
	screen.page.get_by_role("button", name="不再发送到邮箱").wait_for()
	screen.look("supervision-mail")
	assert records.one("Auto Email Report", wanted, "enabled")["enabled"] == 1
	screen.tap(screen.page.get_by_role("button", name="不再发送到邮箱"))
	screen.page.get_by_role("button", name="每周一发到我的邮箱").wait_for()
	assert records.one("Auto Email Report", wanted, "enabled")["enabled"] == 0
	frappe.db.delete("Auto Email Report", wanted)
	frappe.db.commit()


def test_when_it_is_over_she_praises(story, desk, records):
	frappe.set_user(story.secretary.user)
	for step, words in (("resolve", {"result": "护栏已装好"}), ("give-feedback", {"feedback": "群众满意"})):
		steps.take_step(story.issue, records.seeded(f"workflow_action_master/{step}"), **words)
	frappe.set_user("Administrator")
	frappe.db.commit()
	screen = desk(story.official)
	screen.go(f"grid-issue/{story.issue}")
	screen.tap(screen.control("supervision_html").get_by_text("表扬", exact=True))
	screen.page.locator(".modal.show .modal-footer .btn-primary:visible").wait_for()
	screen.type("words", PRAISE)
	screen.look("supervision-praising")
	screen.confirm()
	assert until(lambda: held(records, story.issue)["verdict"] == "Praise", screen.page)
	screen.page.get_by_text(PRAISE).first.wait_for()
	screen.look("supervision-praised")
