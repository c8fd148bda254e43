"""A broken street lamp, from the grid member's phone to the township's report, one window per person.

The tests of this file are the steps of one story and run in their order.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.browser.screen import until

pytestmark = pytest.mark.commits

TITLE = "水井旁的路灯不亮"
PLACE = "村东头水井旁第三根灯杆"
RESULT = "更换灯泡和镇流器，当晚试亮正常。"
FEEDBACK = "已上门告知反映人，确认路灯亮了。"
REPORT = "Issue Resolution Levels"


@dataclass
class Story:
	"""Who takes part, and the issue once it is there."""

	member: object
	leader: object
	secretary: object
	official: object
	stranger: object
	issue: str = ""


@pytest.fixture(scope="module")
def story(township) -> Iterator[Story]:
	"""The people around the first grid of the demo township."""
	member = township.holder("Grid Member")
	yield Story(
		member=member,
		leader=township.holder("Grid Leader", at=member.grid),
		secretary=township.holder("Village Secretary", above=member.grid_path),
		official=township.holder("Township Office", above=member.grid_path),
		stranger=township.stranger(member),
	)


@pytest.fixture
def issue(story) -> str:
	"""The name of the issue of this story."""
	if not story.issue:
		pytest.fail("the lamp has not been reported: see the first step of the story")
	return story.issue


def log(records, issue: str) -> list[tuple]:
	"""The issue's log: (action, state after it, user) in order."""
	rows = records.rows(
		"Issue Log", {"issue": issue}, "action", "to_state", "by_user", order_by="at asc, creation asc"
	)
	return [(row["action"], row["to_state"], row["by_user"]) for row in rows]


def test_a_member_reports_the_lamp_with_a_photo(story, phone, records, picture):
	screen = phone(story.member)
	screen.look("member-home")
	screen.go("grid-issue")
	screen.look("member-list")
	screen.go("grid-issue/new")
	screen.look("member-new")

	screen.type("title", TITLE)
	screen.choose("category", "路灯", "路灯")
	screen.attach("photo_before", picture("路灯不亮"))
	screen.type("location_note", PLACE)
	screen.look("member-filled")
	screen.save()
	screen.page.wait_for_url("**/app/grid-issue/GI-*")
	screen.settle()
	screen.look("member-reported")
	screen.shot("member-reported-whole", whole=True)

	row = records.one("Grid Issue", {"title": TITLE}, "*")
	story.issue = row["name"]
	assert screen.page.url.endswith(row["name"])
	assert (row["grid"], row["grid_path"]) == (story.member.grid, story.member.grid_path)
	assert row["owner"] == story.member.user
	assert row["workflow_state"] == records.seeded("workflow_state/reported")
	assert row["category"] == records.seeded("issue_category/0101")
	assert (row["urgency"], row["location_note"]) == ("General", PLACE)
	worker = records.one("Grid Worker", {"user": story.member.user})
	assert row["reporter_worker"] == worker["name"]
	photos = records.rows("File", {"attached_to_name": row["name"]}, "file_url", "is_private")
	assert [tuple(photo.values()) for photo in photos] == [(row["photo_before"], 1)]
	assert log(records, row["name"]) == [(None, row["workflow_state"], story.member.user)]


def test_the_member_submits_it_to_the_village(story, issue, phone, records):
	screen = phone(story.member)
	screen.go(f"grid-issue/{issue}")
	assert screen.steps() == [
		records.seeded("workflow_action_master/settle-on-the-spot"),
		records.seeded("workflow_action_master/submit-to-village"),
		records.seeded("workflow_action_master/withdraw"),
		"帮助",
	]
	screen.step(records.seeded("workflow_action_master/submit-to-village"))
	screen.look("member-submit")
	screen.confirm()
	screen.look("member-submitted")

	state = records.one("Grid Issue", {"name": issue}, "workflow_state")["workflow_state"]
	assert state == records.seeded("workflow_state/with-village")
	action = records.seeded("workflow_action_master/submit-to-village")
	assert log(records, issue)[1:] == [(action, state, story.member.user)]


def test_the_secretary_takes_it_up_and_settles_it(story, issue, desk, records, picture):
	screen = desk(story.secretary)
	screen.look("secretary-home")
	screen.go("grid-issue")
	assert issue in screen.rows()
	screen.look("secretary-list")
	screen.go(f"grid-issue/{issue}")
	screen.look("secretary-issue")

	start = records.seeded("workflow_action_master/start")
	screen.step(start)
	screen.look("secretary-start")
	screen.type("opinion", "安排村电工今天下午去看。")
	screen.confirm()

	resolve = records.seeded("workflow_action_master/resolve")
	screen.step(resolve)
	screen.look("secretary-resolve")
	screen.type("result", RESULT)
	screen.attach("photo_after", picture("路灯已亮", lit=True))
	screen.look("secretary-resolve-filled")
	screen.confirm()
	screen.look("secretary-resolved")
	screen.shot("secretary-resolved-whole", whole=True)

	row = records.one("Grid Issue", {"name": issue}, "*")
	assert row["workflow_state"] == records.seeded("workflow_state/resolved")
	assert row["resolution_level"] == records.seeded("resolution_level/village")
	assert row["result"] == RESULT
	assert row["photo_after"] and row["resolved_at"] and not row["closed_at"]
	photo = {"file_url": row["photo_after"], "attached_to_name": issue}
	assert records.one("File", photo, "is_private")["is_private"] == 1
	by = story.secretary.user
	assert log(records, issue)[2:] == [
		(start, records.seeded("workflow_state/in-progress"), by),
		(resolve, row["workflow_state"], by),
	]
	opinions = [
		line["opinion"] for line in records.rows("Issue Log", {"issue": issue, "by_user": by}, "opinion")
	]
	assert opinions == ["安排村电工今天下午去看。", RESULT]


def test_without_the_photo_of_the_result_it_is_not_settled(story, desk, records):
	"""The category asks for a photo; the refusal is told in Chinese and nothing is changed."""
	screen = desk(story.secretary)
	issue = _taken_up(story, screen, records)
	screen.go(f"grid-issue/{issue}")
	screen.step(records.seeded("workflow_action_master/resolve"))
	screen.type("result", RESULT)
	screen.allow("417")
	screen.tap(screen.page.locator(".modal.show .modal-footer .btn-primary:visible").last)
	screen.page.locator(".msgprint:visible").wait_for()
	screen.settle()
	assert "照片" in screen.page.locator(".msgprint:visible").inner_text()
	screen.look("secretary-refused")
	state = records.one("Grid Issue", {"name": issue}, "workflow_state")["workflow_state"]
	assert state == records.seeded("workflow_state/in-progress")


def test_the_leader_closes_it_with_feedback(story, issue, phone, records):
	screen = phone(story.leader)
	screen.look("leader-home")
	screen.go(f"grid-issue/{issue}")
	screen.look("leader-issue")
	feedback = records.seeded("workflow_action_master/give-feedback")
	screen.step(feedback)
	screen.type("feedback", FEEDBACK)
	screen.tap(screen.control("satisfaction").locator(".rating svg, .rating .icon").nth(4))
	screen.look("leader-feedback")
	screen.confirm()
	screen.look("leader-closed")
	screen.shot("leader-closed-whole", whole=True)

	row = records.one("Grid Issue", {"name": issue}, "*")
	assert row["workflow_state"] == records.seeded("workflow_state/closed")
	assert row["feedback"] == FEEDBACK
	assert row["feedback_at"] and row["closed_at"]
	assert row["satisfaction"] > 0
	assert log(records, issue)[-1] == (feedback, row["workflow_state"], story.leader.user)
	assert len(log(records, issue)) == 5


def test_the_official_reads_the_levels_and_sees_the_rows_behind_a_figure(story, issue, desk, records):
	screen = desk(story.official)
	screen.look("official-home")
	screen.go(f"query-report/{REPORT}")
	_report_stands(screen)
	screen.look("official-report")
	by_first = _figures(screen)
	closed = len(_closed(records, story.official))
	assert by_first["total"] == closed > 0

	leaf = records.one("Grid Level", {"position": 5})["name"]
	screen.choose("roll_up", leaf, leaf)
	_report_stands(screen)
	screen.look("official-report-grids")
	by_grid = _figures(screen)
	assert by_grid["total"] == closed, "the total does not depend on the roll-up"
	assert by_grid["nodes"] != by_first["nodes"]
	assert story.member.grid_name in by_grid["nodes"]

	village = records.seeded("resolution_level/village")
	shown, link = _figure(screen, story.member.grid_name, village)
	behind = [row["name"] for row in _closed(records, story.member) if row["resolution_level"] == village]
	assert shown == len(behind) and issue in behind
	screen.tap(link)
	screen.page.wait_for_url("**/app/grid-issue/view/list**")
	screen.settle()
	screen.look("official-behind-the-figure")
	assert sorted(screen.rows()) == sorted(behind)


def test_a_member_of_another_grid_sees_nothing_of_it(story, issue, phone, desk, records):
	screen = phone(story.stranger)
	screen.go("grid-issue")
	assert issue not in screen.rows()
	screen.shot("stranger-list")

	answer = screen.call(
		"frappe.desk.search.search_link", doctype="Grid Issue", txt=TITLE, ignore_user_permissions=0
	)
	assert TITLE not in str(answer) and issue not in str(answer)
	answer = screen.call("frappe.client.get_list", doctype="Grid Issue", filters={"name": issue})
	assert not answer["message"]

	screen.allow("403")
	refused = screen.call("frappe.client.get", doctype="Grid Issue", name=issue)
	assert refused["status"] == 403 and not refused["message"]
	screen.page.goto(f"/app/grid-issue/{issue}")
	screen.page.get_by_text("没有权限", exact=False).first.wait_for()
	screen.settle()
	screen.look("stranger-refused")
	assert TITLE not in screen.page.locator("body").inner_text()

	at_desk = desk(story.stranger)
	at_desk.page.fill("#navbar-search", TITLE)
	at_desk.settle()
	at_desk.page.wait_for_timeout(500)
	at_desk.shot("stranger-search")
	assert issue not in at_desk.page.locator(".awesomplete").first.inner_text()
	found = at_desk.call("frappe.utils.global_search.search", text=TITLE, start=0, limit=20)
	assert issue not in str(found)


def _taken_up(story, screen, records) -> str:
	"""An issue that the secretary reports and takes up through the desk's own calls; its name."""
	made = screen.call(
		"frappe.client.insert",
		doc={
			"doctype": "Grid Issue",
			"title": "巷口路灯时亮时灭",
			"category": records.seeded("issue_category/0101"),
			"grid": story.member.grid,
		},
	)
	name = made["message"]["name"]
	for step in ("escalate", "start"):
		answer = screen.call(
			"grid_governance.grid_issues.steps.take_step",
			issue=name,
			action=records.seeded(f"workflow_action_master/{step}"),
			opinion="请村里处理。",
		)
		assert answer["status"] == 200
	return name


def _closed(records, person) -> list[dict]:
	"""The closed issues in a person's grid, of this year, as the report opens."""
	return records.rows(
		"Grid Issue",
		{
			"grid_path": ["like", f"{person.grid_path}%"],
			"workflow_state": records.seeded("workflow_state/closed"),
			"closed_at": ["is", "set"],
		},
		*("name", "resolution_level"),
	)


def _report_stands(screen) -> None:
	screen.settle()
	screen.page.locator(".report-wrapper .dt-row-0, .report-wrapper .dt-row").first.wait_for()
	screen.settle()


def _data(screen) -> tuple[list[dict], list[dict]]:
	"""The report's columns and rows as its table shows them."""
	return tuple(
		screen.page.evaluate(
			"""[
				frappe.query_report.columns.map((column) => ({ fieldname: column.fieldname, label: column.label || column.name })),
				frappe.query_report.data,
			]"""
		)
	)


def _figures(screen) -> dict:
	columns, rows = _data(screen)
	assert {"node", "total"} <= {column["fieldname"] for column in columns}
	nodes = [row for row in rows if not row.get("is_total")]
	total = next(row for row in rows if row.get("is_total"))
	assert sum(row["total"] for row in nodes) == total["total"]
	return {"total": total["total"], "nodes": [row["node"] for row in nodes]}


def _figure(screen, node: str, level: str):
	"""The count that stands in the table for a node and a level, and its link."""
	columns, rows = _data(screen)
	column = next(
		c["fieldname"] for c in columns if c["fieldname"].startswith("count_") and c["label"] == level
	)
	place = next(at for at, row in enumerate(rows) if row.get("node") == node)
	labels = [c["fieldname"] for c in columns]
	cell = screen.page.locator(
		f".report-wrapper .dt-row[data-row-index='{place}'] .dt-cell[data-col-index='{labels.index(column) + 1}'] a"
	)
	until(lambda: cell.count() == 1, screen.page)
	return int(cell.inner_text().replace(",", "")), cell
