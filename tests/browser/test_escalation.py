"""A village without water, and nobody moves: with the clock the matter climbs to the township, one window per person.

The tests of this file are the steps of one story and run in their order. Time is moved by `tests.clock`; the job of
the clock runs here, as the scheduler would start it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from grid_governance.grid_issues import escalation
from tests.clock import pass_time

pytestmark = pytest.mark.commits

TITLE = "泵房跳闸，全组停水"
INSTRUCTION = "今晚八点前恢复供水，并报镇里"
RESULT = "更换接触器，八点前已恢复供水。"
FEEDBACK = "挨户问过，都已来水。"
CLOCK = "Administrator"
"""In whose session the job runs: Frappe says who changed the record last."""

REPORT = "Issue Closing and Timeliness"
FIGURES = ("found", "closed", "open", "overdue", "judged_all", "judged_urgent")


@dataclass
class Story:
	"""Who takes part, the issue once it is there, and what the report said before it."""

	member: object
	leader: object
	secretary: object
	official: object
	issue: str = ""
	before: dict[str, int] = field(default_factory=dict)


@pytest.fixture(scope="module")
def story(township) -> Iterator[Story]:
	"""The people around the first grid of the demo township."""
	member = township.holder("Grid Member")
	yield Story(
		member=member,
		leader=township.holder("Grid Leader", at=member.grid),
		secretary=township.holder("Village Secretary", above=member.grid_path),
		official=township.holder("Township Office", above=member.grid_path),
	)


@pytest.fixture
def issue(story) -> str:
	"""The name of the issue of this story."""
	if not story.issue:
		pytest.fail("the matter has not been reported: see the first step of the story")
	return story.issue


def later(issue: str, **time: float) -> None:
	"""Let *time* pass for *issue*, then let the clock look at it."""
	pass_time(issue, **time)
	frappe.db.commit()
	escalation.run()
	frappe.db.commit()


def figures(screen) -> dict[str, int]:
	"""The totals of the report on closing and timeliness, as the official opens it."""
	screen.go(f"query-report/{REPORT}")
	screen.settle()
	screen.page.locator(".report-wrapper .dt-row-0, .report-wrapper .dt-row").first.wait_for()
	screen.settle()
	total = screen.page.evaluate("frappe.query_report.data.find((row) => row.is_total)")
	return {name: total.get(name) or 0 for name in FIGURES}


def grown(story: Story, screen) -> dict[str, int]:
	"""By how much the figures have grown since before the story; what has not is left out."""
	now = figures(screen)
	return {name: now[name] - story.before[name] for name in FIGURES if now[name] != story.before[name]}


def state_of(records, issue: str) -> str:
	return records.one("Grid Issue", {"name": issue}, "workflow_state")["workflow_state"]


def test_it_is_reported(story, desk, phone, records):
	escalation.run()  # what the loading of the demo, or a migration, has left to do
	frappe.db.commit()
	story.before = figures(desk(story.official))
	made = phone(story.member).call(
		"frappe.client.insert",
		doc={
			"doctype": "Grid Issue",
			"title": TITLE,
			"category": records.seeded("issue_category/0103"),
			"urgency": records.seeded("issue_urgency/urgent"),
			"grid": story.member.grid,
		},
	)
	assert made["status"] == 200
	story.issue = made["message"]["name"]


def test_nobody_touches_it_and_it_climbs_to_the_village(story, issue, phone, records):
	later(issue, hours=24, minutes=10)
	assert state_of(records, issue) == records.seeded("workflow_state/with-village")
	screen = phone(story.member)
	screen.go(f"grid-issue/{issue}")
	screen.data.add(CLOCK)
	screen.look("clock-member-escalated")
	line = records.one("Issue Log", {"issue": issue, "by_clock": 1}, "opinion", "by_worker")
	assert line["opinion"] and not line["by_worker"]
	assert line["opinion"].split()[0] in screen.page.locator(".form-layout").inner_text()


def test_the_secretary_has_it_and_lets_it_lie(story, issue, desk, records):
	screen = desk(story.secretary)
	screen.go("grid-issue")
	assert issue in screen.rows()
	screen.look("clock-secretary-list")
	later(issue, hours=2, minutes=20)
	assert state_of(records, issue) == records.seeded("workflow_state/township-supervision")
	assert records.one("Grid Issue", {"name": issue}, "escalation_level")["escalation_level"] == 2


def test_the_official_counts_it_as_late_and_assigns_it_back(story, issue, desk, records):
	screen = desk(story.official)
	assert grown(story, screen) == {
		"found": 1,
		"open": 1,
		"overdue": 1,
		"judged_all": 1,
		"judged_urgent": 1,
	}
	screen.go(f"grid-issue/{issue}")
	screen.data.add(CLOCK)
	screen.look("clock-official-issue")
	screen.step(records.seeded("workflow_action_master/assign-back"))
	screen.look("clock-official-assign-back")
	by = (now_datetime() + timedelta(hours=6)).replace(second=0, microsecond=0)
	screen.type("instruction", INSTRUCTION)
	screen.type("instruction_due", by.strftime("%Y-%m-%d %H:%M:%S"))
	screen.look("clock-official-instruction")
	screen.confirm()
	row = records.one("Grid Issue", {"name": issue}, "*")
	assert row["workflow_state"] == records.seeded("workflow_state/in-progress")
	assert (row["instruction"], row["instruction_due"]) == (INSTRUCTION, by)
	assert row["next_escalation_at"] == by


def test_the_secretary_reads_the_instruction_and_settles_it(story, issue, phone, records):
	screen = phone(story.secretary)
	screen.go(f"grid-issue/{issue}")
	assert INSTRUCTION in screen.page.locator(".form-layout").inner_text()
	screen.look("clock-secretary-instruction")
	screen.step(records.seeded("workflow_action_master/resolve"))
	screen.type("result", RESULT)
	screen.confirm()
	assert state_of(records, issue) == records.seeded("workflow_state/resolved")
	later(issue, hours=30)
	assert state_of(records, issue) == records.seeded("workflow_state/resolved"), "its clock has stopped"


def test_the_leader_closes_it_and_the_figures_are_right(story, issue, phone, desk, records):
	screen = phone(story.leader)
	screen.go(f"grid-issue/{issue}")
	screen.step(records.seeded("workflow_action_master/give-feedback"))
	screen.type("feedback", FEEDBACK)
	screen.confirm()
	row = records.one("Grid Issue", {"name": issue}, "*")
	assert row["workflow_state"] == records.seeded("workflow_state/closed")
	assert row["resolution_level"] == records.seeded("resolution_level/township")
	screen.look("clock-leader-closed")

	official = desk(story.official)
	assert grown(story, official) == {"found": 1, "closed": 1, "judged_all": 1, "judged_urgent": 1}
	official.look("clock-official-report")
	official.go(f"grid-issue/{issue}")
	official.shot("clock-official-closed-whole", whole=True)
