"""An urgent matter that nobody touches climbs with the clock from the grid to the township, is assigned back, settled and
closed; the figures of the reports are right at each moment.

Time is moved by `tests.clock`; what is under test looks at the real clock.
"""

from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

import frappe
import pytest
from frappe.utils import add_to_date, get_datetime, now_datetime

from grid_governance.grid_issues import clocks, escalation, log, steps
from grid_governance.grid_issues.report.issue_closing_and_timeliness import (
	issue_closing_and_timeliness as timeliness,
)
from grid_governance.grid_issues.report.issue_resolution_levels import issue_resolution_levels as levels
from grid_governance.grid_structure.rules import VILLAGE
from tests.clock import pass_time
from tests.factories import level_at, make_category, make_holder, make_issue, make_township, seeded

pytestmark = pytest.mark.usefixtures("site")

ISSUE, LOG = "Grid Issue", "Issue Log"
FIGURES = ("found", "closed", "open", "overdue")
SHARES = ("all", "urgent", "general", "complex")
INSTRUCTION = "今晚六点前恢复照明"


def state(key: str) -> str:
	return seeded(f"workflow_state/{key}")


def action(key: str) -> str:
	return seeded(f"workflow_action_master/{key}")


@pytest.fixture
def town() -> frappe._dict:
	"""A village with its people, and a matter of a week in it that was settled and closed the same day."""
	town = make_township(1, 1)
	grid = town.grids[0][0].name
	town.grid = grid
	town.member = make_holder("Grid Member", grid)
	town.leader = make_holder("Grid Leader", grid)
	town.secretary = make_holder("Village Secretary", town.villages[0].name)
	town.office = make_holder("Township Office", town.root.name)
	make_issue(grid, "settle-on-the-spot", "give-feedback", category=make_category())
	return town


@pytest.fixture
def issue(town, as_user) -> str:
	"""A lamp that is out, reported this minute."""
	with as_user(town.member):
		return make_issue(town.grid, title="街灯不亮", urgency="Urgent").name


@pytest.fixture
def sweep() -> Iterator[object]:
	"""Let the job of the clock run; what it commits stays inside the test. What a migration has ordered is done before."""

	def run() -> dict:
		with patch.object(frappe.db, "commit", lambda: None):
			return escalation.run()

	run()
	yield run


def stored(issue: str) -> frappe._dict:
	return frappe.db.get_value(ISSUE, issue, "*", as_dict=True)


def key_of(issue: str) -> str:
	"""The seed of the state in which *issue* is."""
	record = {"reference_doctype": "Workflow State", "reference_name": stored(issue).workflow_state}
	return frappe.db.get_value("Seed Record", record).partition("/")[2]


def timeliness_of(town: frappe._dict) -> tuple[tuple[int, ...], dict[str, tuple[float | None, int]]]:
	"""What R2 says of the town: found, closed, open and overdue; by urgency the share in time and its n."""
	today = now_datetime().date()
	period = {"from_date": str(add_to_date(today, days=-40)), "to_date": str(today)}
	_columns, data, *_rest = timeliness.execute({**period, "grid": town.root.name})
	total = data[-1]
	return tuple(total[name] for name in FIGURES), {
		name: (total[f"share_judged_{name}"], total[f"judged_{name}"]) for name in SHARES
	}


def levels_of(town: frappe._dict) -> dict[str, int]:
	"""What R1 says of the town's village: closed matters by the seed of their level."""
	today = now_datetime().date()
	period = {"from_date": str(add_to_date(today, days=-40)), "to_date": str(today)}
	filters = {**period, "grid": town.root.name, "roll_up": level_at(VILLAGE)}
	columns, data, *_rest = levels.execute(filters)
	labels = {column["fieldname"]: column["label"] for column in columns}
	keys = {
		seeded(f"resolution_level/{key}"): key for key in ("on-the-spot", "village", "department", "township")
	}
	return {
		keys[label]: data[-1][name]
		for name, label in labels.items()
		if name.startswith("count_") and label in keys and data[-1][name]
	}


ONE_IN_TIME = (100.0, 1)
NONE_YET = (None, 0)


def test_from_the_grid_to_the_township_and_back_to_its_end(town, issue, sweep, as_user):
	due = stored(issue).due_by - stored(issue).found_at
	assert due == timedelta(hours=24)
	assert timeliness_of(town) == (
		(2, 1, 1, 0),
		{"all": ONE_IN_TIME, "urgent": NONE_YET, "general": ONE_IN_TIME, "complex": NONE_YET},
	)
	assert levels_of(town) == {"on-the-spot": 1}

	# Half of the time, four fifths of it: whoever has the matter is reminded, once each.
	for hours, minutes, reminded in ((11, 50, 0), (0, 20, 1), (6, 50, 1), (0, 20, 2), (4, 30, 2)):
		pass_time(issue, hours=hours, minutes=minutes)
		for _again in range(2):
			sweep()
			assert (key_of(issue), stored(issue).reminded) == ("reported", reminded)
	assert timeliness_of(town)[0] == (2, 1, 1, 0)

	# The time is over: to the village.
	pass_time(issue, minutes=20)
	assert timeliness_of(town) == (
		(2, 1, 1, 1),
		{"all": (50.0, 2), "urgent": (0.0, 1), "general": ONE_IN_TIME, "complex": NONE_YET},
	)
	for _again in range(2):
		sweep()
		assert (key_of(issue), stored(issue).escalation_level) == ("with-village", 1)
	assert stored(issue).due_by - stored(issue).found_at == due

	# Two hours, and nobody has moved: to the township. There the clock has no further step.
	pass_time(issue, hours=1, minutes=40)
	sweep()
	assert key_of(issue) == "with-village"
	pass_time(issue, minutes=30)
	sweep()
	assert (key_of(issue), stored(issue).escalation_level) == ("township-supervision", 2)
	assert stored(issue).next_escalation_at is None
	pass_time(issue, days=3)
	sweep()
	assert (key_of(issue), stored(issue).escalation_level) == ("township-supervision", 2)
	assert stored(issue).due_by - stored(issue).found_at == due

	# The township assigns it back, with an instruction and a date.
	by = add_to_date(now_datetime(), hours=6).replace(microsecond=0)
	with as_user(town.office):
		steps.take_step(
			issue, action("assign-back"), opinion="", instruction=INSTRUCTION, instruction_due=str(by)
		)
	row = stored(issue)
	assert (key_of(issue), row.instruction) == ("in-progress", INSTRUCTION)
	assert get_datetime(row.instruction_due) == get_datetime(row.next_escalation_at) == by
	sweep()
	assert (key_of(issue), stored(issue).escalation_level) == ("in-progress", 2)

	pass_time(issue, hours=2)
	with as_user(town.secretary):
		steps.take_step(issue, action("resolve"), result="换了整流器")
	assert timeliness_of(town) == (
		(2, 1, 1, 0),
		{"all": (50.0, 2), "urgent": (0.0, 1), "general": ONE_IN_TIME, "complex": NONE_YET},
	)
	pass_time(issue, days=2)
	sweep()
	assert key_of(issue) == "resolved"
	with as_user(town.leader):
		steps.take_step(issue, action("give-feedback"), feedback="亮了")
	pass_time(issue, days=2)
	sweep()

	assert timeliness_of(town) == (
		(2, 2, 0, 0),
		{"all": (50.0, 2), "urgent": (0.0, 1), "general": ONE_IN_TIME, "complex": NONE_YET},
	)
	assert levels_of(town) == {"on-the-spot": 1, "township": 1}
	row = stored(issue)
	assert (key_of(issue), row.clock_at, row.next_escalation_at) == ("closed", None, None)
	assert (row.escalation_level, row.due_by - row.found_at) == (2, due)
	assert row.resolution_level == seeded("resolution_level/township")
	_check_log(town, issue)


def _check_log(town: frappe._dict, issue: str) -> None:
	lines = frappe.get_all(
		LOG,
		{"issue": issue},
		["from_state", "to_state", "action", "by_clock", "by_user", "by_worker", "opinion"],
		order_by="at asc, creation asc",
	)
	taken = [line for line in lines if line.from_state != line.to_state]
	clock, escalate = "", action("escalate")
	assert [(line.to_state, line.action, clock if line.by_clock else line.by_user) for line in taken] == [
		(state("reported"), None, town.member),
		(state("with-village"), escalate, clock),
		(state("township-supervision"), escalate, clock),
		(state("in-progress"), action("assign-back"), town.office),
		(state("resolved"), action("resolve"), town.secretary),
		(state("closed"), action("give-feedback"), town.leader),
	]
	assert INSTRUCTION in taken[3].opinion
	by_clock = [line for line in lines if line.by_clock]
	assert all(line.opinion for line in by_clock), "the clock says why"
	assert {line.by_worker for line in by_clock} == {None}
	names = [(each.worker_name, each.full_name) for each in log.lines(issue) if each.action == escalate]
	assert names == [(None, None)] * 2, "the clock's steps bear nobody's name"


def test_an_instruction_that_is_not_carried_out_climbs_again(town, issue, sweep, as_user):
	for hours in (24.2, 2.3):
		pass_time(issue, hours=hours)
		sweep()
	by = add_to_date(now_datetime(), hours=6).replace(microsecond=0)
	with as_user(town.office):
		steps.take_step(
			issue, action("assign-back"), opinion="", instruction=INSTRUCTION, instruction_due=str(by)
		)
	pass_time(issue, hours=5.8)
	sweep()
	assert key_of(issue) == "in-progress"
	pass_time(issue, hours=0.4)
	for _again in range(2):
		sweep()
		assert (key_of(issue), stored(issue).escalation_level) == ("township-supervision", 3)


def test_what_is_resolved_in_time_never_climbs(town, issue, sweep, as_user):
	pass_time(issue, hours=20)
	sweep()
	with as_user(town.leader):
		steps.take_step(issue, action("settle-on-the-spot"), result="拧紧了灯泡")
	assert stored(issue).clock_at is None
	pass_time(issue, hours=20)
	sweep()
	assert (key_of(issue), stored(issue).escalation_level) == ("resolved", 0)
	assert timeliness_of(town) == (
		(2, 1, 1, 0),
		{"all": (100.0, 2), "urgent": ONE_IN_TIME, "general": ONE_IN_TIME, "complex": NONE_YET},
	)


def test_what_was_taken_up_again_has_no_more_time_than_before(town, issue, sweep, as_user):
	"""The due time stands; the clock goes on from where the matter is."""
	pass_time(issue, hours=20)
	with as_user(town.leader):
		steps.take_step(issue, action("settle-on-the-spot"), result="拧紧了灯泡")
		steps.take_step(issue, action("give-feedback"), feedback="亮了")
	pass_time(issue, hours=20)
	with as_user(town.leader):
		steps.take_step(issue, action("reopen"), opinion="又灭了")
	assert clocks.default_urgency()
	row = stored(issue)
	assert row.due_by - row.found_at == timedelta(hours=24)
	assert row.next_escalation_at, "it has a clock again"
	assert timeliness_of(town)[0] == (2, 1, 1, 1)
