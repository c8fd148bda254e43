"""The clock of issues on a real database: what it does once, for whom, and what it leaves alone."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from unittest.mock import patch

import frappe
import pytest
from frappe.utils import add_to_date, get_datetime, now_datetime

from grid_governance.grid_issues import escalation, extensions, log, markers, rules, steps
from grid_governance.grid_issues.escalation import changes, failures, sweep
from grid_governance.grid_structure.telling import actions as telling
from tests.clock import pass_time
from tests.factories import (
	make_category,
	make_department,
	make_holder,
	make_issue,
	make_township,
	make_user,
	seeded,
)
from tests.world import inside_savepoint, taken_back

pytestmark = pytest.mark.usefixtures("site")

ISSUE, FAILURE, LOG = "Grid Issue", "Clock Failure", "Issue Log"
IDLE = {"done": 0, "reminded": 0, "failed": 0, "skipped": 0}
CHANGED = ("Workflow", "Workflow State", "Workflow Action Master", "Issue Urgency", "Governance Settings")
RIGHT_LIGHT = {"latitude": 30.1, "longitude": 110.2}


def build(site: str) -> Iterator[frappe._dict]:
	"""A township with one village and grid: a member, a leader, a secretary, the office and one officer of a department."""
	with taken_back():
		town = make_township(1, 1)
		grid, village = town.grids[0][0].name, town.villages[0].name
		yield frappe._dict(
			town=town.root.name,
			village=village,
			grid=grid,
			category=make_category(),
			member=make_holder("Grid Member", grid),
			leader=make_holder("Grid Leader", grid),
			secretary=make_holder("Village Secretary", village),
			office=make_holder("Township Office", town.root.name),
			department=make_department(town.root.name).name,
		)


world = pytest.fixture(scope="module")(build)


@pytest.fixture(autouse=True)
def _on_site(world) -> Iterator[None]:
	"""Take back what a test did, and what is remembered of the records that it changed."""
	yield from inside_savepoint(world)
	for doctype in CHANGED:
		frappe.clear_document_cache(doctype)
	frappe.cache.hdel("workflow", ISSUE)


@pytest.fixture(autouse=True)
def _nothing_else(world) -> None:
	"""What other tests have left on the site has no clock here, and nothing is kept for anybody."""
	frappe.db.sql("update `tabGrid Issue` set clock_at = null where clock_at is not null")
	frappe.db.delete("DefaultValue", {"parent": changes.ORDERS})
	frappe.db.delete(FAILURE)
	frappe.db.delete("Digest Entry")


@pytest.fixture
def run() -> Callable[..., dict[str, int]]:
	"""The job of the clock; what it commits stays inside the test."""

	def run(now: object = None) -> dict[str, int]:
		with patch.object(frappe.db, "commit", lambda: None):
			figures = escalation.run(now)
		for row in frappe.get_all(FAILURE, fields=["issue", "trace"]):
			print(row)  # what pytest shows of a test that fails
		return figures

	return run


@pytest.fixture
def bells() -> Iterator[list[dict]]:
	"""The bells that are ordered, as the arguments of their jobs."""
	ordered: list[dict] = []

	def order(method: object, **given: object) -> None:
		if method is telling.ring:
			ordered.append(given)

	with patch.object(frappe, "enqueue", order):
		yield ordered


def state(key: str) -> str:
	return seeded(f"workflow_state/{key}")


def action(key: str) -> str:
	return seeded(f"workflow_action_master/{key}")


def stored(issue: str) -> frappe._dict:
	return frappe.db.get_value(ISSUE, issue, "*", as_dict=True)


def report(world: frappe._dict, **fields: object) -> str:
	return make_issue(world.grid, **{"urgency": "Urgent", "category": world.category, **fields}).name


def of_clock(issue: str) -> list[frappe._dict]:
	return frappe.get_all(
		LOG,
		{"issue": issue, "by_clock": 1},
		["from_state", "to_state", "action", "opinion", "by_user", "by_worker", "at"],
		order_by="at asc, creation asc",
	)


# What it does, and only once


def test_at_the_due_time_it_climbs_once_with_one_line_that_says_why(world, run):
	issue = report(world)
	before = stored(issue)
	assert (before.next_escalation_at, before.clock_at) == (
		before.due_by,
		before.found_at + timedelta(hours=12),
	)
	pass_time(issue, hours=25)
	due = stored(issue).due_by
	assert run() == {**IDLE, "done": 1}
	after = stored(issue)
	assert after.workflow_state == state("with-village")
	assert (after.escalation_level, after.due_by) == (1, due)
	(line,) = of_clock(issue)
	assert (line.from_state, line.to_state, line.action) == (
		state("reported"),
		state("with-village"),
		action("escalate"),
	)
	assert (line.by_user, line.by_worker) == (None, None)
	assert due.strftime("%Y-%m-%d %H:%M") in line.opinion
	assert run() == IDLE
	assert len(of_clock(issue)) == 1


def test_it_climbs_again_after_the_hours_of_its_urgency_until_there_is_no_step(world, run):
	issue = report(world)
	pass_time(issue, hours=25)
	run()
	climbed = of_clock(issue)[0].at
	assert stored(issue).next_escalation_at == climbed + timedelta(hours=2)
	assert stored(issue).clock_at == stored(issue).next_escalation_at
	pass_time(issue, minutes=119)
	assert run() == IDLE
	pass_time(issue, minutes=2)
	assert run() == {**IDLE, "done": 1}
	last = stored(issue)
	assert (last.workflow_state, last.escalation_level) == (state("township-supervision"), 2)
	assert (last.next_escalation_at, last.clock_at) == (None, None)
	assert len(of_clock(issue)) == 2


@pytest.mark.parametrize(("urgency", "hours"), [("Urgent", 2), ("General", 24)])
def test_the_hours_are_the_administrators(world, run, urgency, hours):
	frappe.get_doc("Issue Urgency", urgency).update({"repeat_hours": hours + 1}).save()
	run()
	issue = report(world, urgency=urgency)
	pass_time(issue, days=8)
	run()
	assert stored(issue).next_escalation_at == of_clock(issue)[0].at + timedelta(hours=hours + 1)


def test_it_may_be_said_what_time_it_is(world, run):
	issue = report(world)
	now = stored(issue).due_by + timedelta(minutes=7)
	assert run(stored(issue).due_by - timedelta(hours=13)) == IDLE
	assert run(now) == {**IDLE, "done": 1}
	assert run(now) == IDLE
	assert of_clock(issue)[0].at == now
	assert stored(issue).next_escalation_at == now + timedelta(hours=2)


def test_reminders_are_given_once_each_and_never_after_the_due_time(world, run, bells):
	issue = report(world)
	whoever = {world.member, world.leader, world.secretary}
	bells.clear()
	for hours, reminded, told in ((11.9, 0, 0), (0.2, 1, 1), (7.1, 2, 2), (4.5, 2, 2)):
		pass_time(issue, hours=hours)
		for _again in range(2):
			run()
			assert (stored(issue).reminded, len(bells)) == (reminded, told)
	assert all(set(each["users"]) == whoever for each in bells)
	assert stored(issue).workflow_state == state("reported")
	assert [line.action for line in of_clock(issue)] == [None, None]


def test_a_job_that_comes_late_lets_climb_and_reminds_of_nothing(world, run, bells):
	issue = report(world)
	pass_time(issue, hours=30)
	assert run() == {**IDLE, "done": 1}
	assert stored(issue).reminded == 0
	assert [each["notification"] for each in bells if each["users"] == [world.secretary]] == [
		seeded("notification/issue-next")
	]


def test_a_reminder_leaves_the_record_alone_and_a_line_in_the_log(world, run):
	issue = report(world)
	pass_time(issue, hours=12.5)
	before, lines = stored(issue), frappe.db.count(LOG, {"issue": issue})
	assert run() == {**IDLE, "reminded": 1}
	assert run() == IDLE
	assert stored(issue).modified == before.modified
	assert frappe.db.count(LOG, {"issue": issue}) == lines + 1
	(line,) = of_clock(issue)
	assert (line.from_state, line.to_state, line.action) == (
		before.workflow_state,
		before.workflow_state,
		None,
	)
	assert (line.by_user, line.by_worker) == (None, None)
	assert str(before.due_by)[:16] in line.opinion


def test_other_percents_hold_for_what_is_open_too(world, run):
	issue = report(world)
	settings = frappe.get_doc("Governance Settings")
	settings.update({"first_reminder": 25, "second_reminder": 0})
	settings.save()
	run()
	assert stored(issue).clock_at == stored(issue).found_at + timedelta(hours=6)
	pass_time(issue, hours=7)
	run()
	assert (stored(issue).reminded, stored(issue).clock_at) == (1, stored(issue).due_by)


# Who is told


def test_one_notification_to_whoever_acts_next(world, run, bells, as_user):
	with as_user(world.member):
		issue = report(world)
	bells.clear()
	pass_time(issue, hours=25)
	run()
	told = [(each["notification"], each["users"]) for each in bells]
	assert sorted(told) == sorted(
		[
			(seeded("notification/issue-next"), [world.secretary]),
			(seeded("notification/issue-moved"), [world.member]),
		]
	)


def vacate(*people: str) -> None:
	for person in people:
		for post in frappe.get_all("Grid Post Assignment", {"user": person}, pluck="name"):
			frappe.db.set_value("Grid Post Assignment", post, "to_date", add_to_date(None, days=-1))


def told_next(bells: list[dict]) -> list[set[str]]:
	return [set(each["users"]) for each in bells if each["notification"] == seeded("notification/issue-next")]


def test_a_vacant_post_is_passed_over_for_the_one_above(world, run, bells):
	vacate(world.secretary)
	issue = report(world)
	pass_time(issue, hours=25)
	run()
	assert stored(issue).workflow_state == state("with-village")
	assert told_next(bells) == [{world.office}]


def test_a_locked_account_is_a_vacant_post(world, run, bells):
	frappe.db.set_value("User", world.secretary, "enabled", 0)
	issue = report(world)
	pass_time(issue, hours=25)
	run()
	assert told_next(bells) == [{world.office}]


def test_with_nobody_on_the_way_up_the_nearest_who_sees_it_is_told(world, run, bells):
	vacate(world.secretary, world.office)
	adviser = make_holder("Grid Instructor", world.town)
	nearer = make_holder("Grid Instructor", world.village)
	issue = report(world)
	pass_time(issue, hours=25)
	run()
	assert told_next(bells) == [{nearer}]
	assert adviser not in told_next(bells)[0]


def test_who_took_the_step_herself_leaves_no_post_vacant(world, bells, as_user):
	issue = report(world)
	with as_user(world.secretary):
		steps.take_step(issue, action("escalate"), opinion="先报上去")
	assert told_next(bells) == []
	with as_user(world.secretary):
		steps.take_step(issue, action("escalate"), opinion="村里办不了")
	assert told_next(bells) == [{world.office}]
	bells.clear()
	with as_user(world.office):
		steps.take_step(
			issue,
			action("assign-back"),
			instruction="今天办好",
			instruction_due=str(add_to_date(now_datetime(), hours=6)),
		)
	assert told_next(bells) == [{world.secretary}]
	bells.clear()
	with as_user(world.secretary):
		steps.take_step(issue, action("resolve"), result="办好了")
	assert all(world.office not in users for users in told_next(bells))


def test_what_is_told_at_once_is_kept_until_it_is_told(world, run, bells):
	issue = report(world)
	pass_time(issue, hours=25)
	run()
	kept = {"document_name": issue, "notification": seeded("notification/issue-next")}
	assert frappe.get_all("Digest Entry", kept, pluck="for_user") == [world.secretary]
	(ring,) = (each for each in bells if each["notification"] == kept["notification"])
	telling.ring(**{key: value for key, value in ring.items() if key != "enqueue_after_commit"})
	assert not frappe.db.exists("Digest Entry", kept)
	told = {"for_user": world.secretary, "document_name": issue}
	assert frappe.db.count("Notification Log", told) == 1


# What it leaves alone


def test_what_is_settled_closed_or_new_is_left_alone(world, run):
	settled = make_issue(world.grid, "settle-on-the-spot", urgency="Urgent", category=world.category).name
	closed = make_issue(
		world.grid, "settle-on-the-spot", "give-feedback", urgency="Urgent", category=world.category
	).name
	fresh = report(world)
	for issue in (settled, closed):
		pass_time(issue, days=40)
		assert (stored(issue).clock_at, stored(issue).next_escalation_at) == (None, None)
	assert run() == IDLE
	assert {stored(issue).escalation_level for issue in (settled, closed, fresh)} == {0}


def test_a_workflow_without_a_step_of_the_clocks(world, run):
	frappe.get_doc("Workflow Action Master", action("escalate")).db_set("grid_by_clock", 0)
	issue = report(world)
	assert stored(issue).next_escalation_at is None
	assert markers.clock_step(state("reported")) is None
	pass_time(issue, hours=25)
	run()
	assert (stored(issue).workflow_state, stored(issue).escalation_level) == (state("reported"), 0)
	assert run() == IDLE
	assert not frappe.db.count(FAILURE)


def test_a_site_without_a_workflow_rests(world, run):
	issue = report(world)
	pass_time(issue, hours=25)
	frappe.db.set_value("Workflow", {"document_type": ISSUE}, "is_active", 0)
	frappe.clear_cache(doctype=ISSUE)
	frappe.cache.hdel("workflow", ISSUE)
	try:
		assert run() == IDLE
	finally:
		frappe.cache.hdel("workflow", ISSUE)


def test_a_condition_of_the_workflow_holds_for_the_clock_too(world, run):
	workflow = frappe.get_doc("Workflow", {"document_type": ISSUE, "is_active": 1})
	for row in workflow.transitions:
		if row.state == state("reported") and row.action == action("escalate"):
			row.db_set("condition", "doc.title == 'never'")
	frappe.clear_document_cache("Workflow", workflow.name)
	issue = report(world)
	pass_time(issue, hours=25)
	assert run() == {**IDLE, "skipped": 1}
	after = stored(issue)
	assert after.workflow_state == state("reported")
	assert after.clock_at > now_datetime()
	assert run() == IDLE
	assert not frappe.db.count(FAILURE)


def test_steps_on_the_same_level_put_nothing_off(world, run, as_user):
	issue = report(world)
	pass_time(issue, hours=25)
	run()
	at = stored(issue).next_escalation_at
	with as_user(world.secretary):
		steps.take_step(issue, action("start"))
	assert abs(stored(issue).next_escalation_at - at) < timedelta(seconds=1)


def test_an_edit_leaves_the_clock_as_it_stands(world, run):
	issue = report(world)
	pass_time(issue, hours=25)
	run()
	before = stored(issue)
	frappe.get_doc(ISSUE, issue).update({"title": "路灯不亮"}).save()
	after = stored(issue)
	assert (after.clock_at, after.next_escalation_at) == (before.clock_at, before.next_escalation_at)


def test_more_time_moves_the_clock(world, run):
	issue = report(world)
	pass_time(issue, hours=20)
	run()
	assert stored(issue).reminded == 2
	doc = frappe.get_doc(ISSUE, issue)
	until = add_to_date(doc.due_by, hours=30)
	extensions._extend(doc, until, "等材料")
	after = stored(issue)
	assert (after.due_by, after.next_escalation_at, after.reminded) == (until, until, 0)
	assert after.clock_at == after.found_at + (until - after.found_at) / 2
	assert run() == IDLE


def test_an_urgency_that_changes_moves_the_clock(world, run):
	issue = report(world, urgency="General")
	assert stored(issue).next_escalation_at - stored(issue).found_at == timedelta(days=7)
	frappe.get_doc(ISSUE, issue).update({"urgency": "Urgent"}).save()
	assert stored(issue).next_escalation_at - stored(issue).found_at == timedelta(hours=24)
	assert stored(issue).clock_at - stored(issue).found_at == timedelta(hours=12)


# What fails


def spoil(issue: str) -> None:
	"""Let *issue* hold what its own rules refuse."""
	frappe.db.set_value(ISSUE, issue, {"latitude": 999, "longitude": 1}, update_modified=False)


def test_one_that_fails_is_listed_and_the_others_go_on(world, run, bells):
	issues = [report(world) for _each in range(3)]
	for issue in issues:
		pass_time(issue, hours=25)
	bells.clear()
	frappe.db.delete("Digest Entry")
	spoil(issues[1])
	assert run() == {**IDLE, "done": 2, "failed": 1}
	bad = stored(issues[1])
	assert (bad.workflow_state, bad.escalation_level) == (state("reported"), 0)
	assert not of_clock(issues[1])
	failure = frappe.get_doc(FAILURE, issues[1])
	assert (failure.title, failure.grid, failure.from_state, failure.tries) == (
		bad.title,
		world.grid,
		state("reported"),
		1,
	)
	assert failure.grid_path == bad.grid_path
	assert failure.reason
	assert "PointError" in failure.trace
	assert timedelta(minutes=9) < bad.clock_at - now_datetime() < timedelta(minutes=11)
	assert len(told_next(bells)) == 2
	assert not frappe.db.exists("Digest Entry", {"document_name": issues[1]})
	assert run() == IDLE


def test_it_is_tried_again_and_forgotten_when_it_succeeds(world, run):
	issue = report(world)
	pass_time(issue, hours=25)
	spoil(issue)
	run()
	first = frappe.db.get_value(FAILURE, issue, "first_failed_at")
	pass_time(issue, minutes=11)
	assert run() == {**IDLE, "failed": 1}
	assert frappe.db.get_value(FAILURE, issue, ["tries", "first_failed_at"]) == (2, first)
	assert stored(issue).clock_at - now_datetime() > timedelta(minutes=19)
	frappe.db.set_value(ISSUE, issue, RIGHT_LIGHT, update_modified=False)
	pass_time(issue, minutes=21)
	assert run() == {**IDLE, "done": 1}
	assert not frappe.db.exists(FAILURE, issue)


def test_what_people_have_settled_meanwhile_is_no_failure_any_more(world, run):
	issue = report(world)
	pass_time(issue, hours=25)
	spoil(issue)
	run()
	frappe.db.set_value(ISSUE, issue, RIGHT_LIGHT, update_modified=False)
	steps.take_step(issue, action("settle-on-the-spot"), result="好了")
	assert frappe.db.exists(FAILURE, issue)
	run()
	assert not frappe.db.exists(FAILURE, issue)


def test_an_administrator_lets_it_be_tried_at_once_and_nobody_else(world, run, as_user):
	issue = report(world)
	pass_time(issue, hours=25)
	spoil(issue)
	run()
	frappe.db.set_value(ISSUE, issue, RIGHT_LIGHT, update_modified=False)
	administrator = make_user(roles=[{"role": "Governance Administrator"}])
	for person in (world.office, world.secretary, world.member):
		with as_user(person), pytest.raises(frappe.PermissionError):
			failures.try_again(issue)
	assert run() == IDLE
	with as_user(administrator):
		assert issue in failures.try_again(issue)
	assert run() == {**IDLE, "done": 1}


def test_a_failure_is_seen_where_its_issue_lies(world, run, as_user):
	issue = report(world)
	pass_time(issue, hours=25)
	spoil(issue)
	run()
	other = make_holder("Township Office", make_township(1, 1).root.name)
	for person, seen in ((world.office, 1), (other, 0)):
		with as_user(person):
			assert len(frappe.get_list(FAILURE)) == seen
	with as_user(world.secretary), pytest.raises(frappe.PermissionError):
		frappe.get_list(FAILURE)
	with as_user(world.office):
		assert not frappe.get_doc(FAILURE, issue).has_permission("delete")


def test_a_report_that_failed_can_still_be_deleted(world, run):
	issue = report(world)
	pass_time(issue, hours=25)
	spoil(issue)
	run()
	frappe.delete_doc(ISSUE, issue)
	assert not frappe.db.exists(FAILURE, issue)


# What is changed meanwhile


def test_a_marker_that_is_changed_gives_open_issues_their_moments_anew(world, run):
	issue, fresh = report(world), report(world)
	pass_time(issue, hours=25)
	escalate = frappe.get_doc("Workflow Action Master", action("escalate"))
	escalate.db_set("grid_by_clock", 0)
	escalation.rearm()
	assert run()["done"] == 0
	assert stored(issue).workflow_state == state("reported")
	assert (stored(issue).next_escalation_at, stored(fresh).next_escalation_at) == (None, None)
	assert stored(fresh).clock_at == stored(fresh).found_at + timedelta(hours=12)
	escalate.db_set("grid_by_clock", 1)
	escalation.rearm()
	# What is late does not climb at once with all the others, but after its hours.
	assert run() == IDLE
	left = stored(issue).next_escalation_at - now_datetime()
	assert timedelta(minutes=118) < left <= timedelta(hours=2)
	assert stored(fresh).next_escalation_at == stored(fresh).due_by
	assert not changes.waiting()


def test_only_the_states_named_are_looked_at(world, run):
	issue = report(world)
	frappe.db.set_value(ISSUE, issue, {"clock_at": None, "next_escalation_at": None}, update_modified=False)
	escalation.rearm([state("with-village")])
	run()
	assert stored(issue).clock_at is None
	escalation.rearm([state("reported")])
	run()
	assert stored(issue).next_escalation_at == stored(issue).due_by


def test_an_order_is_followed_a_part_at_a_time(world, run):
	issues = [report(world) for _each in range(3)]
	frappe.db.sql("update `tabGrid Issue` set next_escalation_at = null, clock_at = null")
	escalation.rearm([state("reported")])
	with patch.object(changes, "CHUNK", 2), patch.object(frappe.db, "commit", lambda: None):
		changes.follow_orders(0)
		assert changes.waiting(), "it is out of time"
	run()
	assert all(stored(issue).next_escalation_at == stored(issue).due_by for issue in issues)
	assert not changes.waiting()


def test_a_state_that_ends_a_matter_now_stops_its_clock(world, run):
	issue = report(world)
	frappe.get_doc("Workflow State", state("reported")).db_set("grid_stage", rules.FINAL)
	escalation.rearm([state("reported")])
	run()
	assert (stored(issue).clock_at, stored(issue).next_escalation_at) == (None, None)


def test_saving_what_the_clock_hangs_on_leaves_an_order(world):
	urgency = frappe.get_doc("Issue Urgency", "Urgent")
	urgency.update({"repeat_hours": 3}).save()
	assert changes.waiting()
	frappe.db.delete("DefaultValue", {"parent": changes.ORDERS})
	urgency.reload()
	urgency.save()
	assert not changes.waiting()
	frappe.get_doc("Workflow", {"document_type": ISSUE, "is_active": 1}).save()
	assert changes.waiting()


# What it costs


def test_the_sweep_finds_what_is_due_by_one_index(world, explain):
	(plan,) = explain(
		"select name from `tabGrid Issue` where clock_at <= %s order by clock_at limit 10000", now_datetime()
	)
	assert plan["key"] == "clock_at_index"


def test_with_nothing_due_it_asks_a_handful_of_questions(world, run, count_queries):
	report(world)
	run()
	with count_queries() as seen:
		assert run() == IDLE
	assert seen.count <= 6, seen.queries


def test_what_others_hold_is_skipped(world, run):
	issue = report(world)
	pass_time(issue, hours=25)
	with patch.object(sweep, "_claimed", lambda names, now: []):
		assert run() == {**IDLE, "skipped": 1}
	assert run() == {**IDLE, "done": 1}


def test_the_log_says_it_was_the_clock_and_nobody(world, run):
	issue = report(world)
	pass_time(issue, hours=25)
	run()
	line = log.lines(issue)[-1]
	assert (line.by_clock, line.worker_name, line.full_name) == (1, None, None)
	assert not frappe.db.exists(
		"Version", {"docname": issue, "owner": "Administrator", "data": ["like", "%with%"]}
	)


def test_a_department_that_is_called_back_by_the_clock_is_told_so(world, run, as_user):
	issue = report(world)
	with as_user(world.leader):
		steps.take_step(issue, action("submit-to-village"))
	with as_user(world.secretary):
		steps.take_step(issue, action("refer"), opinion="请修", lead_department=world.department)
	pass_time(issue, hours=25)
	run()
	assert stored(issue).workflow_state == state("township-supervision")
	assert {line.by_user for line in of_clock(issue)} == {None}


def test_moments_that_a_client_sends_are_not_taken(world):
	issue = report(world)
	far = get_datetime("2099-01-01 00:00:00")
	before = stored(issue)
	frappe.get_doc(ISSUE, issue).update(
		{"title": "灯", "clock_at": far, "next_escalation_at": far, "reminded": 2}
	).save()
	after = stored(issue)
	for field in ("clock_at", "next_escalation_at", "reminded"):
		assert after[field] == before[field]
