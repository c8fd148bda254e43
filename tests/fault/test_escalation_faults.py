"""The clock, whatever happens to its job: nothing twice, nothing skipped, and the rest goes on."""

import json
from typing import Any

import pytest

from tests.fault.conftest import AtWork, Server, ended

ISSUES = 14
"""Two batches, the second of four."""


@pytest.fixture
def due(at_work: AtWork) -> dict[str, Any]:
	"""A village with issues whose time is over."""
	return call(at_work, "build", str(ISSUES))


def call(at_work: AtWork, what: str, *args: str, code: int = 0) -> Any:
	return at_work.do("call", f"escalation_at_work.{what}", *args, code=code)


def go(at_work: AtWork, process: Any) -> Any:
	"""Let the *process* that waits go on to its end, and return what it says then."""
	(at_work.sites / "go").touch()
	return ended(process)


def steps(server: Server, due: dict[str, Any]) -> list[int]:
	"""How often each issue has climbed, by the log; its state and its level say the same."""
	rows = server.sql(
		"""select issue.name, issue.escalation_level, count(log.name),
				sum(log.name is not null and log.to_state = issue.workflow_state)
			from `tabGrid Issue` issue
			left join `tabIssue Log` log on log.issue = issue.name and log.by_clock = 1
			where issue.name in ({}) group by issue.name order by issue.name""".format(
			",".join(["%s"] * len(due["issues"]))
		),
		due["issues"],
	)
	assert [row[0] for row in rows] == due["issues"]
	for _name, level, lines, here in rows:
		assert level == lines
		assert here == (1 if lines else 0)
	return [row[2] for row in rows]


def told(server: Server, due: dict[str, Any]) -> int:
	"""Of how many issues the secretary is to be told."""
	return server.sql(
		"select count(*), count(distinct document_name) from `tabDigest Entry` where for_user = %s",
		[due["secretary"]],
	)[0][1]


def test_a_job_that_is_killed_has_done_whole_batches_and_the_next_goes_on(server, at_work, due):
	call(at_work, "sweep", "killed", "12", code=-9)
	assert sorted(steps(server, due)) == [0] * 4 + [1] * 10
	assert told(server, due) == 10
	assert call(at_work, "sweep") == {"done": 4, "reminded": 0, "failed": 0, "skipped": 0}
	assert steps(server, due) == [1] * ISSUES
	assert told(server, due) == ISSUES
	assert call(at_work, "sweep")["done"] == 0


def test_two_jobs_at_once_share_the_work(server, at_work, due):
	one = at_work.begin("call", "escalation_at_work.sweep", "slow", "3")
	assert json.loads(one.stdout.readline()) == "there"
	other = call(at_work, "sweep")
	first = go(at_work, one)
	assert first["done"] + other["done"] == ISSUES
	assert other["skipped"] == 10, "what the first one holds it does not wait for"
	assert first["failed"] == other["failed"] == 0
	assert steps(server, due) == [1] * ISSUES
	assert told(server, due) == ISSUES


def test_what_somebody_saves_meanwhile_is_left_to_the_next_job(server, at_work, due):
	somebody = at_work.begin("call", "escalation_at_work.hold", due["issues"][2])
	assert json.loads(somebody.stdout.readline()) == "there"
	figures = call(at_work, "sweep")
	assert (figures["done"], figures["skipped"], figures["failed"]) == (ISSUES - 1, 1, 0)
	go(at_work, somebody)
	assert call(at_work, "sweep")["done"] == 1
	assert steps(server, due) == [1] * ISSUES
	titles = server.sql("select title from `tabGrid Issue` where name = %s", [due["issues"][2]])
	assert titles == [("换一个标题",)]


def test_one_that_fails_stops_no_other_and_is_listed_with_its_reason(server, at_work, due):
	bad = due["issues"][4]
	call(at_work, "spoil", bad)
	figures = call(at_work, "sweep")
	assert (figures["done"], figures["failed"]) == (ISSUES - 1, 1)
	listed = server.sql("select issue, tries, reason from `tabClock Failure`")
	assert [(row[0], row[1]) for row in listed] == [(bad, 1)]
	assert listed[0][2]
	assert sum(steps(server, due)) == ISSUES - 1
	assert told(server, due) == ISSUES - 1


def test_a_deadlock_costs_nothing_but_a_second_try(server, at_work, due):
	figures = call(at_work, "sweep", "deadlock", "3")
	assert (figures["done"], figures["failed"]) == (ISSUES, 0)
	assert steps(server, due) == [1] * ISSUES
	assert told(server, due) == ISSUES


def test_a_workflow_that_is_changed_meanwhile_holds_for_what_comes_after(server, at_work, due):
	one = at_work.begin("call", "escalation_at_work.sweep", "slow", "3")
	assert json.loads(one.stdout.readline()) == "there"
	call(at_work, "take_away")
	try:
		assert go(at_work, one)["done"] == 10
		assert call(at_work, "sweep")["done"] == 0
		assert sorted(steps(server, due)) == [0] * 4 + [1] * 10
		waiting = "select count(*) from `tabGrid Issue` where next_escalation_at is not null and name in ({})"
		marks = ",".join(["%s"] * ISSUES)
		assert server.sql(waiting.format(marks), due["issues"]) == [(10,)]
		call(at_work, "later", "3", *due["issues"])
		assert call(at_work, "sweep")["done"] == 10
		assert sorted(steps(server, due)) == [0] * 4 + [2] * 10
	finally:
		call(at_work, "give_back")
	# What is late climbs when it has had its hours under the workflow that holds now.
	assert call(at_work, "sweep")["done"] == 0
	call(at_work, "later", "3", *due["issues"])
	assert call(at_work, "sweep")["done"] == 4
	assert sorted(steps(server, due)) == [1] * 4 + [2] * 10


def test_what_is_lost_between_commit_and_queue_is_told_with_the_digest(server, at_work, due):
	call(at_work, "sweep", "lost", code=-9)
	assert sum(steps(server, due)) == 10
	assert told(server, due) == 10
