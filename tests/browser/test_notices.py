"""A secretary tells the village of an eye clinic, and sees the last household that did not hear of it told at its door.

The tests of this file are the steps of one story and run in their order.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from grid_governance import scope
from grid_governance.grid_structure.queries.tree import doctypes_with_path
from tests.browser.conftest import Person
from tests.browser.screen import Screen, until
from tests.factories import (
	make_assignment,
	make_grid,
	make_household,
	make_resident,
	make_user,
	make_worker,
)

pytestmark = pytest.mark.commits

PATIENTLY = 60_000
TITLE = "眼科义诊进村"
TEXT = "本周六上午九点，县医院在村委会为老人和眼病患者义诊。\n请带医保卡。"
EYES = "眼病（义诊）"
OLD, ILL, NEITHER, FAR = "韩老伯", "卫眼病", "蒋青年", "沈二爷"
PASSWORD = "Eye-Clinic-4711"
SMALLEST = 44


@dataclass
class Story:
	"""Who takes part, the households by their heads, and the notice once it is there."""

	member: Person
	secretary: Person
	village: str
	homes: dict[str, str] = field(default_factory=dict)
	notice: str = ""


def _person(grid, role: str, name: str) -> Person:
	"""Somebody with an account who holds a post with *role* in *grid*."""
	import frappe
	from frappe.utils.password import update_password

	user = make_user(first_name=name, language="zh")
	worker = make_worker(grid.name, worker_name=name, user=user)
	post = frappe.get_all("Grid Post", {"role": role}, pluck="name", order_by="name asc", limit=1)[0]
	make_assignment(worker.name, post, grid.name)
	update_password(user, PASSWORD)
	return Person(user, PASSWORD, name, role, grid.name, grid.grid_name, grid.grid_path)


@pytest.fixture(scope="module")
def story(site: str, records) -> Iterator[Story]:
	"""A village with two grids: in the first an old man, one with an eye disease and one with neither; in the second another
	old man. Nothing of it is left afterwards."""
	import frappe

	frappe.set_user("Administrator")
	frappe.local.lang = "zh"
	root = make_grid(None, 2, grid_name="义诊乡")
	village = make_grid(root.name, 3, grid_name="义诊村")
	grids = [make_grid(village.name, 5, grid_name=f"义诊村第{number}网格") for number in "一二"]
	category = frappe.get_doc(doctype="Care Category", category_name=EYES).insert().name
	story = Story(
		_person(grids[0], "Grid Member", "云网格"),
		_person(village, "Village Secretary", "夏书记"),
		village.name,
	)
	people = ((OLD, "1950-01-01"), (ILL, "1990-01-01"), (NEITHER, "1991-01-01"), (FAR, "1951-01-01"))
	for number, (name, born) in enumerate(people, 1):
		grid = grids[name == FAR]
		home = make_household(grid.name, household_no=str(number), address="村西头").name
		head = make_resident(home, resident_name=name, birth_date=born)
		story.homes[name] = home
		if name == ILL:
			frappe.get_doc(doctype="Resident Care", resident=head.name, category=category).insert()
	frappe.db.commit()
	yield story
	frappe.db.rollback()
	frappe.set_user("Administrator")
	notices = frappe.get_all("Notice", {"grid": village.name}, pluck="name", order_by="name asc")
	for child in ("Audience Row", "Notice Grid"):
		frappe.db.delete(child, {"parent": ["in", notices]})
	for doctype in [each for each in doctypes_with_path() if each != "Grid"] + ["Grid"]:
		frappe.db.delete(doctype, {"grid_path": ["like", f"{root.grid_path}%"]})
	frappe.db.delete("Care Category", {"name": category})
	for person in (story.member, story.secretary):
		frappe.delete_doc("User", person.user, force=True, ignore_permissions=True)
	scope.forget()
	frappe.db.commit()


@pytest.fixture
def notice(story) -> str:
	"""The name of the notice of this story."""
	if not story.notice:
		pytest.fail("the notice has not been drafted: see the first step of the story")
	return story.notice


def panel(screen: Screen) -> str:
	screen.page.locator(".notice-panel .notice-count").wait_for(timeout=PATIENTLY)
	screen.settle()
	return screen.page.locator(".notice-panel").inner_text()


def opened(screen: Screen, story: Story) -> Screen:
	screen.data |= {story.notice}
	screen.go(f"notice/{story.notice}")
	panel(screen)
	return screen


def add_row(screen: Screen, fieldname: str, text: str, shown: str = "") -> None:
	"""Add a row to the audience and fill in one cell of it; *shown*: the entry to take from the list of a link."""
	table = screen.page.locator('.frappe-control[data-fieldname="audience_rows"]')
	screen.tap(table.locator(".grid-add-row:visible"))
	cell = table.locator(".grid-body .grid-row").last.locator(f'[data-fieldname="{fieldname}"]')
	screen.tap(cell.first)
	box = cell.locator("input:visible").first
	if shown:
		box.fill("")
		box.press_sequentially(text, delay=30)
		entry = screen.page.locator(".awesomplete > ul:visible > li", has_text=shown).first
		entry.wait_for()
		entry.click()
	else:
		box.fill(text)
		box.blur()
	screen.settle()


def small_targets(screen: Screen, where: str) -> list[str]:
	return screen.page.locator(f"{where} button:visible, {where} .btn:visible").evaluate_all(
		"(all, least) => all.filter((each) => each.getBoundingClientRect().height < least)"
		".map((each) => each.textContent)",
		SMALLEST,
	)


def code(story: Story, name: str) -> str:
	from grid_governance.grid_visits.notices import codes

	return codes.code_of(story.notice, story.homes[name])


def delivery(records, story: Story, name: str) -> dict:
	return records.one("Notice Delivery", {"notice": story.notice, "household": story.homes[name]}, "*")


def test_the_secretary_drafts_it_and_sees_how_many_it_is_for(story, desk, records):
	screen = desk(story.secretary)
	screen.go("notice/new")
	screen.type("notice_title", TITLE)
	screen.choose("notice_type", "便民", "便民通知")
	screen.choose("grid", story.secretary.grid_name[:3], story.secretary.grid_name)
	screen.type("content", TEXT)
	add_row(screen, "age_from", "65")
	add_row(screen, "care_category", EYES[:2], EYES)
	screen.look("notice-new")
	screen.save()
	screen.page.wait_for_url("**/app/notice/NT-*")
	story.notice = records.one("Notice", {"notice_title": TITLE})["name"]
	screen.data.add(story.notice)
	told = panel(screen)
	screen.look("notice-draft")
	screen.shot("notice-draft-whole", whole=True)
	assert "面向 3 户、3 人" in told
	assert not screen.page.locator(".notice-buttons").count()


def test_she_sends_it_and_watches_it_go_out(story, notice, desk, records):
	screen = opened(desk(story.secretary), story)
	screen.tap(screen.page.locator(".actions-btn-group:visible > button").first)
	action = records.seeded("workflow_action_master/notice-send")
	screen.tap(
		screen.page.locator(".actions-btn-group:visible .dropdown-item:visible", has_text=action).first
	)
	sent = records.seeded("workflow_state/notice-sent")
	state = until(
		lambda: records.one("Notice", {"name": notice}, "workflow_state")["workflow_state"] == sent,
		screen.page,
		60,
	)
	assert state, "the worker has not sent it within a minute"
	opened(screen, story)
	told = panel(screen)
	assert "0 / 3" in told
	assert "未送达 3" in told
	screen.look("notice-sent")
	screen.shot("notice-sent-whole", whole=True)
	met = {row["household"] for row in records.rows("Notice Delivery", {"notice": notice}, "household")}
	assert met == {story.homes[name] for name in (OLD, ILL, FAR)}


def test_its_form_is_read_on_a_phone(story, notice, phone):
	screen = opened(phone(story.secretary), story)
	screen.look("notice-phone")
	screen.shot("notice-phone-whole", whole=True)
	assert small_targets(screen, ".notice-panel") == []


def test_she_copies_it_for_the_chat_group(story, notice, desk, records):
	screen = opened(desk(story.secretary), story)
	screen.tap(screen.page.locator(".notice-buttons button", has_text="复制到微信"))
	dialog = screen.page.locator(".notice-share.show")
	dialog.locator("img").wait_for()
	screen.settle()
	screen.data |= {*re.findall(r"[A-Z2-7]{24}", dialog.locator("textarea").input_value())}
	screen.look("notice-share")
	text = dialog.locator("textarea").input_value()
	public = records.one("Notice", {"name": notice}, "public_code")["public_code"]
	assert TITLE in text
	assert text.endswith(f"/notice/{public}")


def test_a_resident_confirms_it_on_her_phone(story, notice, phone, records):
	screen = phone()
	public = records.one("Notice", {"name": notice}, "public_code")["public_code"]
	screen.page.goto(f"/notice/{public}?k={code(story, ILL)}")
	screen.page.locator(".notice-page button").wait_for()
	screen.look("notice-page")
	text = screen.page.locator(".notice-page").inner_text()
	assert TITLE in text
	assert "请带医保卡" in text
	assert ILL not in screen.page.content()
	assert delivery(records, story, ILL)["state"] == "Waiting"
	screen.tap(screen.page.locator(".notice-page button"))
	screen.page.get_by_text("已确认，谢谢。").wait_for()
	screen.look("notice-page-confirmed")
	assert delivery(records, story, ILL)["state"] == "Confirmed"
	screen.page.goto(f"/notice/{public}")
	screen.page.fill("#notice-code", "not a code")
	screen.tap(screen.page.locator(".notice-page button"))
	screen.page.get_by_text("此确认码无法使用").wait_for()
	screen.look("notice-page-wrong")


def test_the_page_is_read_at_a_desk(story, notice, desk, records):
	screen = desk()
	public = records.one("Notice", {"name": notice}, "public_code")["public_code"]
	screen.page.goto(f"/notice/{public}")
	screen.page.locator(".notice-page button").wait_for()
	screen.look("notice-page")


def test_all_but_one_have_confirmed_and_the_secretary_sees_who_is_left(story, notice, desk, records):
	import frappe

	from grid_governance.grid_visits.notices import codes, telling

	frappe.set_user("Administrator")
	for row in records.rows("Notice Delivery", {"notice": notice}, "household", "resident"):
		if row["household"] != story.homes[OLD]:
			assert telling.confirm(codes.code_of(notice, row["household"], row["resident"]))
	# The time after which somebody goes to the door is over.
	last = {"notice": notice, "household": story.homes[OLD]}
	frappe.db.set_value("Notice Delivery", last, "doorstep_at", "2020-01-01 00:00:00")
	frappe.db.commit()
	screen = opened(desk(story.secretary), story)
	assert "未送达 1" in panel(screen)
	screen.tap(screen.page.locator(".notice-grid-head:not(:disabled)"))
	screen.page.locator(".notice-left li").wait_for()
	screen.look("notice-last-one")
	assert OLD in screen.page.locator(".notice-left").inner_text()


def test_the_member_tells_it_at_the_door(story, notice, phone, records):
	screen = phone(story.member)
	screen.go("today")
	line = screen.page.locator(f"[data-household='{story.homes[OLD]}']").first
	line.wait_for(timeout=PATIENTLY)
	screen.settle()
	assert TITLE in line.inner_text()
	screen.tap(line)
	screen.tap(screen.page.locator("[data-action='outcome-Met']"))
	told = delivery(records, story, OLD)["name"]
	screen.tap(screen.page.locator(f"[data-action='told-{told}']"))
	screen.look("notice-at-the-door")
	screen.tap(screen.page.locator("[data-action='save']:visible").first)
	screen.page.locator(".visit-done").wait_for(timeout=PATIENTLY)
	row = delivery(records, story, OLD)
	assert row["state"] == "Told"
	assert row["visit"]


def test_the_secretary_sees_that_everybody_has_heard(story, notice, desk, records):
	screen = opened(desk(story.secretary), story)
	row = records.one("Notice", {"name": notice}, "*")
	assert row["workflow_state"] == records.seeded("workflow_state/notice-reached")
	assert (row["told"], row["confirmed"]) == (1, row["recipients"] - 1)
	told = panel(screen)
	assert f"{row['recipients']} / {row['recipients']}" in told
	assert "未送达 0" in told
	screen.look("notice-reached")


def test_the_chat_group_of_a_grid_says_whom_it_lacks(story, phone, records):
	import frappe

	frappe.set_user("Administrator")
	frappe.db.set_value("Household", story.homes[OLD], "in_wechat_group", 1)
	values = {"group_name": "义诊村一网格群", "grid": story.member.grid}
	group = frappe.get_doc(doctype="Grid Chat Group", **values).insert().name
	frappe.db.commit()
	screen = phone(story.member)
	screen.data |= {group, "Administrator"}
	screen.go(f"grid-chat-group/{group}")
	box = screen.page.locator('[data-fieldname="coverage_html"]')
	box.locator(".notice-left li").first.wait_for(timeout=PATIENTLY)
	screen.look("chat-group")
	text = box.inner_text()
	assert "3 户中 1 户有人入群" in text
	assert ILL in text
	assert OLD not in text
