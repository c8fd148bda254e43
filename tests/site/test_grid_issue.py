"""An issue's way through the seeded workflow on a real database."""

from collections.abc import Callable
from datetime import datetime, timedelta

import frappe
import pytest
from frappe.model.workflow import WorkflowPermissionError, WorkflowTransitionError, apply_workflow
from frappe.utils import add_to_date, getdate, now_datetime

from grid_governance.grid_issues import actions, clocks, corrections, log, markers, offered, queries, steps
from grid_governance.grid_issues.doctype.issue_log.issue_log import LogIsAppendOnlyError
from grid_governance.grid_issues.report.issue_resolution_levels import issue_resolution_levels
from tests.factories import (
	make_category,
	make_holder,
	make_issue,
	make_photo,
	make_township,
	make_user,
	make_worker,
	seeded,
)

pytestmark = pytest.mark.usefixtures("site")


def state(key: str) -> str:
	return seeded(f"workflow_state/{key}")


def action(key: str) -> str:
	return seeded(f"workflow_action_master/{key}")


def level(key: str) -> str:
	return seeded(f"resolution_level/{key}")


def log_of(issue: str) -> list[frappe._dict]:
	return frappe.get_all(
		"Issue Log",
		filters={"issue": issue},
		fields=[
			*("from_state", "to_state", "action", "opinion", "changed"),
			*("by_user", "by_worker", "grid", "grid_path"),
		],
		order_by="at asc, creation asc",
	)


@pytest.fixture
def town() -> frappe._dict:
	return make_township(2, 2)


@pytest.fixture
def people(town) -> frappe._dict:
	"""A member and a leader of the first grid, the secretary of its village."""
	grid, village = town.grids[0][0].name, town.villages[0].name
	return frappe._dict(
		member=make_holder("Grid Member", grid),
		leader=make_holder("Grid Leader", grid),
		secretary=make_holder("Village Secretary", village),
	)


def report_lamp(town: frappe._dict, **fields: object) -> frappe.model.document.Document:
	return make_issue(town.grids[0][0].name, title="街灯不亮", **fields)


def test_from_the_report_to_the_feedback(town, people, as_user):
	with as_user(people.member):
		issue = report_lamp(town)
		steps.take_step(issue.name, action("submit-to-village"), opinion="灯杆在水井旁")
	with as_user(people.secretary):
		steps.take_step(issue.name, action("start"))
		steps.take_step(issue.name, action("resolve"), result="换了灯泡")
	with as_user(people.leader):
		steps.take_step(issue.name, action("give-feedback"), feedback="亮了, 满意", satisfaction=0.8)

	issue.reload()
	assert issue.workflow_state == state("closed")
	assert issue.resolution_level == level("village")
	assert issue.resolved_at <= issue.feedback_at == issue.closed_at
	assert (issue.result, issue.feedback, issue.satisfaction) == ("换了灯泡", "亮了, 满意", 0.8)
	taken = [(step.from_state, step.to_state, step.action, step.opinion) for step in log_of(issue.name)]
	assert taken == [
		(None, state("reported"), None, None),
		(state("reported"), state("with-village"), action("submit-to-village"), "灯杆在水井旁"),
		(state("with-village"), state("in-progress"), action("start"), None),
		(state("in-progress"), state("resolved"), action("resolve"), "换了灯泡"),
		(state("resolved"), state("closed"), action("give-feedback"), "亮了, 满意"),
	]
	assert [step.by_user for step in log_of(issue.name)] == [
		people.member,
		people.member,
		people.secretary,
		people.secretary,
		people.leader,
	]


def test_settled_on_the_spot_stays_at_that_level(town, people, as_user):
	with as_user(people.member):
		issue = report_lamp(town)
		steps.take_step(issue.name, action("settle-on-the-spot"), result="拧紧了灯泡")
	with as_user(people.leader):
		steps.take_step(issue.name, action("give-feedback"), feedback="好")
	issue.reload()
	assert issue.resolution_level == level("on-the-spot")
	assert issue.closed_at


def test_frappes_own_way_takes_the_same_step(town, people, as_user):
	with as_user(people.member):
		issue = report_lamp(town)
		issue.result = "拧紧了灯泡"
		issue.save()
		apply_workflow(issue, action("settle-on-the-spot"))
	assert log_of(issue.name)[-1].action == action("settle-on-the-spot")
	assert log_of(issue.name)[-1].opinion == "拧紧了灯泡"


def test_the_reporter_is_the_worker_behind_the_user(town, people, as_user):
	with as_user(people.member):
		issue = report_lamp(town, reporter_worker=make_worker(town.grids[1][0].name).name)
	worker = frappe.db.get_value("Grid Worker", {"user": people.member})
	assert issue.reporter_worker == worker
	assert log_of(issue.name)[0].by_worker == worker


def test_urgency_is_proposed_by_the_category(town):
	urgent = make_category(default_urgency="Urgent")
	assert report_lamp(town, category=urgent).urgency == "Urgent"
	assert report_lamp(town, category=urgent, urgency="Complex").urgency == "Complex"
	assert report_lamp(town, category=make_category(default_urgency="")).urgency == "General"


def test_not_solved_and_reopened_start_anew_and_the_log_keeps_the_words(town, people, as_user):
	issue = report_lamp(town)
	grid_steps = ["submit-to-village", "start"]
	for step in grid_steps:
		steps.take_step(issue.name, action(step))
	steps.take_step(issue.name, action("resolve"), result="换了灯泡")
	steps.take_step(issue.name, action("not-solved"), opinion="晚上又不亮了")
	issue.reload()
	assert (issue.reopened_count, issue.result, issue.resolved_at) == (1, None, None)
	with pytest.raises(steps.ResultMissingError):
		steps.take_step(issue.name, action("resolve"))
	steps.take_step(issue.name, action("resolve"), result="换了线路")
	steps.take_step(issue.name, action("give-feedback"), feedback="亮了")
	steps.take_step(issue.name, action("reopen"), opinion="台风后又坏")
	issue.reload()
	assert (issue.reopened_count, issue.feedback, issue.closed_at, issue.feedback_at) == (2, None, None, None)
	assert [step.opinion for step in log_of(issue.name)][3:] == [
		"换了灯泡",
		"晚上又不亮了",
		"换了线路",
		"亮了",
		"台风后又坏",
	]


def test_resolving_needs_result_and_photo(town):
	issue = report_lamp(town, category=make_category(needs_photo=1))
	with pytest.raises(steps.ResultMissingError):
		steps.take_step(issue.name, action("settle-on-the-spot"))
	with pytest.raises(steps.PhotoMissingError):
		steps.take_step(issue.name, action("settle-on-the-spot"), result="换了灯泡")
	photo = make_photo()
	steps.take_step(issue.name, action("settle-on-the-spot"), result="换了灯泡", photo_after=photo.file_url)
	attached = frappe.db.get_value(
		"File", photo.name, ["attached_to_name", "attached_to_field", "is_private"]
	)
	assert attached == (issue.name, "photo_after", 1)


def test_closing_needs_feedback(town):
	issue = report_lamp(town)
	steps.take_step(issue.name, action("settle-on-the-spot"), result="换了灯泡")
	with pytest.raises(steps.FeedbackMissingError):
		steps.take_step(issue.name, action("give-feedback"))


def test_on_the_spot_ends_when_the_village_has_had_it(town):
	workflow = frappe.get_doc("Workflow", seeded("workflow/grid-issue"))
	workflow.append(
		"transitions",
		{
			"state": state("with-village"),
			"action": action("not-solved"),
			"next_state": state("reported"),
			"allowed": "Village Secretary",
			"allow_self_approval": 1,
		},
	)
	workflow.save()
	issue = report_lamp(town)
	steps.take_step(issue.name, action("submit-to-village"))
	steps.take_step(issue.name, action("not-solved"))
	with pytest.raises(steps.TakenUpAboveError):
		steps.take_step(issue.name, action("settle-on-the-spot"), result="换了灯泡")


def test_an_administrators_state_counts_by_its_markers(town):
	"""A new level and a new state need no code: the issue gets the level and the report's column."""
	county = frappe.get_doc(doctype="Resolution Level", level="County", sequence=50).insert().name
	ours = frappe.get_doc(
		doctype="Workflow State",
		workflow_state_name="County Handles",
		grid_stage="Open",
		grid_resolution_level=county,
	).insert()
	workflow = frappe.get_doc("Workflow", seeded("workflow/grid-issue"))
	workflow.append("states", {"state": ours.name, "doc_status": "0", "allow_edit": "Township Office"})
	for source, step, target in (
		(state("in-progress"), action("escalate"), ours.name),
		(ours.name, action("resolve"), state("resolved")),
	):
		workflow.append(
			"transitions",
			{
				"state": source,
				"action": step,
				"next_state": target,
				"allowed": "Township Office",
				"allow_self_approval": 1,
			},
		)
	workflow.save()
	issue = make_issue(
		town.grids[0][0].name, "submit-to-village", "start", "escalate", "resolve", "give-feedback"
	)
	assert issue.resolution_level == county


def test_what_only_a_step_sets_is_not_taken_from_a_client(town):
	issue = report_lamp(
		town, closed_at="2020-01-01 00:00:00", reopened_count=7, resolution_level=level("township")
	)
	issue.reload()
	assert (issue.closed_at, issue.reopened_count) == (None, 0)
	assert issue.resolution_level == level("on-the-spot")
	issue.update({"closed_at": "2020-01-01 00:00:00", "resolution_level": level("township")})
	issue.save()
	issue.reload()
	assert (issue.closed_at, issue.resolution_level) == (None, level("on-the-spot"))


def test_a_final_issue_is_frozen_even_for_the_administrator(town):
	issue = make_issue(town.grids[0][0].name, "settle-on-the-spot", "give-feedback")
	for fieldname, value in (
		("title", "another matter"),
		("result", "more"),
		("feedback", "worse"),
		("satisfaction", 1),
		("grid", town.grids[1][0].name),
		("found_at", "2020-01-01 00:00:00"),
	):
		closed = frappe.get_doc("Grid Issue", issue.name)
		closed.set(fieldname, value)
		with pytest.raises(corrections.FinalIssueError):
			closed.save()


def test_saving_a_final_issue_unchanged_as_the_form_sends_it_is_no_change(town):
	issue = make_issue(town.grids[0][0].name, "settle-on-the-spot", "give-feedback")
	sent = frappe.get_doc(frappe.parse_json(frappe.get_doc("Grid Issue", issue.name).as_json()))
	sent.save()
	assert len(log_of(issue.name)) == 3


def test_nothing_else_changes_with_the_step_that_reopens(town):
	issue = make_issue(town.grids[0][0].name, "settle-on-the-spot", "give-feedback")
	issue.update({"workflow_state": state("in-progress"), "title": "another matter"})
	with pytest.raises(corrections.FinalIssueError):
		issue.save()


def test_a_save_that_changes_nothing_writes_no_log(town):
	issue = report_lamp(town)
	issue.save()
	frappe.get_doc("Grid Issue", issue.name).save()
	assert len(log_of(issue.name)) == 1


def test_a_correction_is_one_line_that_says_what_was_changed(town, people, as_user):
	category = make_category(default_urgency="General")
	with as_user(people.member):
		issue = report_lamp(town, category=category, found_at="2023-01-31 08:15:00")
		issue.update({"location_note": "水井旁", "urgency": "Complex"}).save()
	reported, corrected = log_of(issue.name)
	assert reported.changed is None
	assert (corrected.from_state, corrected.to_state, corrected.action) == (
		state("reported"),
		state("reported"),
		None,
	)
	assert corrected.by_user == people.member
	lines = corrected.changed.splitlines()
	assert lines[1].endswith(": – → 水井旁")
	assert lines[-1].endswith(": 2023-02-07 08:15 → 2023-02-28 08:15")
	frappe.delete_doc("Grid Issue", issue.name)
	assert log_of(issue.name) == [], "a correction is no handling"


def two_hours_for_urgent_ones(town: frappe._dict) -> None:
	"""The township's own rule: what is urgent is to be resolved within two hours."""
	rule = {"purpose": "Finish", "urgency": "Urgent", "span": 2, "unit": "Hours"}
	frappe.get_doc(doctype="Township Profile", grid=town.root.name, clock_rules=[rule]).insert()


def test_the_due_time_is_the_townships(town):
	two_hours_for_urgent_ones(town)
	found = "2023-01-31 08:15:00"

	def due(grid: str, urgency: str) -> str:
		issue = make_issue(grid, found_at=found, urgency=urgency)
		assert issue.next_escalation_at == issue.due_by
		return str(issue.due_by)

	here, elsewhere = town.grids[0][0].name, make_township(1, 1).grids[0][0].name
	assert due(here, "Urgent") == "2023-01-31 10:15:00"
	assert due(elsewhere, "Urgent") == "2023-02-01 08:15:00"
	assert due(here, "General") == "2023-02-07 08:15:00"
	assert due(here, "Complex") == "2023-02-28 08:15:00"


def test_the_due_time_follows_urgency_and_grid_and_nothing_else(town):
	other = make_township(1, 1)
	two_hours_for_urgent_ones(other)
	issue = report_lamp(town, found_at="2023-01-31 08:15:00", urgency="General")
	issue.update({"due_by": "2030-01-01 00:00:00", "next_escalation_at": None, "title": "灯"}).save()
	issue.reload()
	assert str(issue.due_by) == str(issue.next_escalation_at) == "2023-02-07 08:15:00"
	issue.update({"urgency": "Urgent"}).save()
	assert str(issue.due_by) == "2023-02-01 08:15:00"
	issue.update({"grid": other.grids[0][0].name}).save()
	assert str(issue.due_by) == "2023-01-31 10:15:00"
	steps.take_step(issue.name, action("escalate"), opinion="太危险")
	issue.reload()
	assert str(issue.due_by) == "2023-01-31 10:15:00"


def test_nobody_makes_a_resolved_issue_punctual(town):
	issue = report_lamp(town, found_at="2023-01-31 08:15:00", urgency="Urgent")
	steps.take_step(issue.name, action("settle-on-the-spot"), result="换了灯泡")
	issue.reload()
	assert issue.next_escalation_at is None
	issue.update({"urgency": "Complex"}).save()
	assert str(issue.due_by) == "2023-02-01 08:15:00"


def test_late_and_on_time_are_asked_of_the_moment(town):
	late = report_lamp(town, found_at="2023-01-31 08:15:00", urgency="Urgent")
	slow = report_lamp(town, found_at="2023-01-31 08:15:00", urgency="Urgent")
	quick = report_lamp(town, urgency="Complex")
	for issue in (slow, quick):
		steps.take_step(issue.name, action("settle-on-the-spot"), result="换了灯泡")
	issue = frappe.qb.DocType("Grid Issue")
	mine = issue.name.isin([late.name, slow.name, quick.name])

	def names(condition) -> set[str]:
		return {row[0] for row in frappe.qb.from_(issue).select(issue.name).where(mine & condition).run()}

	due = datetime(2023, 2, 1, 8, 15)
	assert names(clocks.overdue(now=due)) == set()
	assert names(clocks.overdue(now=due + timedelta(seconds=1))) == {late.name}
	assert names(clocks.overdue()) == {late.name}
	assert names(clocks.on_time()) == {quick.name}


def test_the_log_follows_its_issue_to_another_grid(town):
	issue = report_lamp(town)
	issue.grid = town.grids[1][1].name
	issue.save()
	assert {(step.grid, step.grid_path) for step in log_of(issue.name)} == {
		(town.grids[1][1].name, town.grids[1][1].grid_path)
	}


def test_the_log_follows_a_grid_that_moves(town):
	issue = report_lamp(town)
	grid = town.grids[0][0]
	grid.reload()
	grid.parent_grid = town.villages[1].name
	grid.save()
	path = frappe.db.get_value("Grid", grid.name, "grid_path")
	assert path.startswith(town.villages[1].grid_path)
	assert frappe.db.get_value("Grid Issue", issue.name, "grid_path") == path
	assert {step.grid_path for step in log_of(issue.name)} == {path}


@pytest.mark.parametrize(
	"tamper",
	[
		lambda log: log.update({"opinion": "nothing happened"}).save(),
		lambda log: log.save(ignore_permissions=True),
		lambda log: log.delete(ignore_permissions=True, force=True),
		lambda log: log.rename("another name", force=True),
		lambda log: frappe.copy_doc(log).insert(ignore_permissions=True),
	],
	ids=["change", "save", "delete", "rename", "forge"],
)
def test_the_log_is_append_only_even_for_the_administrator(town, tamper: Callable):
	issue = report_lamp(town)
	log = frappe.get_doc("Issue Log", {"issue": issue.name})
	with pytest.raises((LogIsAppendOnlyError, frappe.ValidationError)) as refused:
		tamper(log)
	assert refused.type is LogIsAppendOnlyError


def test_a_handled_issue_cannot_be_deleted(town):
	issue = make_issue(town.grids[0][0].name, "submit-to-village")
	with pytest.raises(actions.IssueHandledError):
		frappe.delete_doc("Grid Issue", issue.name)
	assert frappe.db.exists("Grid Issue", issue.name)


def test_an_issue_nobody_has_handled_goes_with_its_log(town):
	issue = report_lamp(town)
	frappe.delete_doc("Grid Issue", issue.name)
	assert not frappe.db.exists("Grid Issue", issue.name)
	assert log_of(issue.name) == []


def test_found_in_the_future_is_refused(town):
	with pytest.raises(actions.FoundInFutureError):
		report_lamp(town, found_at=add_to_date(now_datetime(), hours=1))


def test_when_it_was_found_is_kept_to_the_minute(town):
	issue = report_lamp(town, found_at="2023-06-01 09:30:59.5")
	assert str(frappe.db.get_value("Grid Issue", issue.name, "found_at")) == "2023-06-01 09:30:00"


def test_groups_and_categories_out_of_use_are_refused(town):
	with pytest.raises(actions.CategoryError):
		report_lamp(town, category=make_category(is_group=1))
	with pytest.raises(actions.CategoryError):
		report_lamp(town, category=make_category(active=0))


def test_the_workflow_decides_who_edits_in_a_state(town, people, as_user):
	with as_user(people.member):
		issue = report_lamp(town)
		steps.take_step(issue.name, action("submit-to-village"))
		issue.reload()
		issue.title = "no lamp at all"
		with pytest.raises(corrections.NotEditableNowError):
			issue.save()
	with as_user(people.secretary):
		issue.reload()
		issue.location_note = "水井旁"
		issue.save()


def test_the_step_of_another_post_is_not_offered(town, people, as_user):
	with as_user(people.member):
		issue = report_lamp(town)
		seen = {step["action"] for step in offered.get_transitions(issue)}
		assert seen == {action(key) for key in ("settle-on-the-spot", "submit-to-village", "withdraw")}
		steps.take_step(issue.name, action("submit-to-village"))
		assert offered.get_transitions(issue.as_json()) == []
		with pytest.raises(WorkflowTransitionError):
			steps.take_step(issue.name, action("start"))


def test_two_actions_between_the_same_states(town, people, as_user):
	with as_user(people.leader):
		by_hand = report_lamp(town)
		steps.take_step(by_hand.name, action("escalate"), opinion="太危险")
		unnamed = report_lamp(town)
		unnamed.workflow_state = state("with-village")
		unnamed.save()
	assert log_of(by_hand.name)[-1].action == action("escalate")
	assert log_of(unnamed.name)[-1].action == action("submit-to-village")


def test_the_grid_of_the_only_or_main_post_is_proposed(town, as_user):
	first, second = town.grids[0][0].name, town.grids[0][1].name
	with as_user(make_holder("Grid Member", first)):
		assert queries.starting_values() == {"grid": first}
	with as_user(make_holder("Grid Member", first, second)):
		assert queries.starting_values() == {"grid": None}
	holder = make_holder("Grid Member", first, second)
	frappe.db.set_value("Grid Post Assignment", {"user": holder, "grid": second}, "is_primary", 1)
	with as_user(holder):
		assert queries.starting_values() == {"grid": second}
	with as_user(make_user()), pytest.raises(frappe.PermissionError):
		queries.starting_values()


def test_the_form_shows_the_handling_last_step_first(town, people, as_user):
	with as_user(people.member):
		issue = report_lamp(town)
		steps.take_step(issue.name, action("submit-to-village"), opinion="请村里看看")
		lines = log.handling(issue.name)
	assert [line.to_state for line in lines] == [state("with-village"), state("reported")]
	assert lines[0].opinion == "请村里看看"
	assert lines[0].worker_name == frappe.db.get_value("Grid Worker", {"user": people.member}, "worker_name")


def in_a_later_request() -> None:
	"""The posts that this test has made count as committed: until then, who holds what is not remembered."""
	frappe.db.grid_scope_changing = False
	frappe.local.grid_scope_token = None


def test_a_step_costs_few_queries_however_many_people_could_act_next(town, people, as_user, count_queries):
	grid = town.grids[0][0].name
	step = action("submit-to-village")
	in_a_later_request()
	with as_user(people.member):
		warm, few, many = (report_lamp(town) for _at in range(3))
		steps.take_step(warm.name, step)  # fills the caches, as any request before would have
		with count_queries() as with_few:
			steps.take_step(few.name, step)
	for _at in range(4):
		make_holder("Grid Leader", grid)
	in_a_later_request()
	with as_user(people.member):
		frappe.get_roles()
		steps.take_step(report_lamp(town).name, step)
		with count_queries() as with_many:
			steps.take_step(many.name, step)
	assert with_few.count <= 32, "\n".join(with_few.queries)
	assert with_many.count <= with_few.count + 2, "\n".join(with_many.queries)


def test_a_save_costs_few_queries(town, people, as_user, count_queries):
	with as_user(people.member):
		warm, issue = report_lamp(town), report_lamp(town)
		warm.update({"location_note": "水井旁"}).save()
		with count_queries() as seen:
			issue.update({"location_note": "水井旁"}).save()
	assert seen.count <= 25, "\n".join(seen.queries)


def test_the_list_in_scope_is_served_by_an_index(town, people, as_user, explain):
	for _at in range(3):
		report_lamp(town)
	with as_user(people.secretary):
		condition = frappe.get_list(
			"Grid Issue", fields=["name"], order_by="modified desc", limit=20, run=False
		)
	plan = explain(condition)
	assert plan[0]["key"], plan
	assert "filesort" not in (plan[0]["Extra"] or ""), plan


def test_a_public_photo_becomes_private(town):
	photo = make_photo(is_private=0)
	assert photo.file_url.startswith("/files/")
	issue = report_lamp(town, photo_before=photo.file_url)
	issue.reload()
	assert issue.photo_before.startswith("/private/files/")
	assert frappe.db.get_value("File", photo.name, "is_private") == 1


def test_direct_state_without_a_transition_is_refused(town, people, as_user):
	with as_user(people.member):
		issue = report_lamp(town)
		issue.workflow_state = state("closed")
		with pytest.raises(WorkflowPermissionError):
			issue.save()


def test_a_photo_sent_before_the_first_save_belongs_to_the_issue_and_stays_private(town, people, as_user):
	"""The form uploads it under the name of a document that does not exist yet."""
	with as_user(people.member):
		photo = make_photo(
			attached_to_doctype="Grid Issue",
			attached_to_name="new-grid-issue-1",
			attached_to_field="photo_before",
		)
		first = report_lamp(town, photo_before=photo.file_url)
		pending = frappe.copy_doc(photo)  # the same photo in another form, left without saving
		pending.docstatus = 0
		pending.set_new_name()
		pending.db_insert()
		second = report_lamp(town, photo_before=photo.file_url)
	rows = frappe.get_all(
		"File",
		filters={"file_name": photo.file_name, "attached_to_name": ["is", "set"]},
		fields=["file_url", "is_private", "attached_to_name", "attached_to_field"],
		order_by="attached_to_name asc",
	)
	assert [tuple(row.values()) for row in rows] == [
		(photo.file_url, 1, first.name, "photo_before"),
		(photo.file_url, 1, second.name, "photo_before"),
	]
	with as_user(people.leader):
		for row in frappe.get_all("File", filters={"file_url": photo.file_url}, pluck="name"):
			file = frappe.get_doc("File", row)  # releases give the waiting one to the second issue
			assert file.is_downloadable() == (file.attached_to_name in (first.name, second.name))


def test_the_reporter_withdraws_before_anyone_has_acted(town, people, as_user):
	other = make_holder("Grid Member", town.grids[0][0].name)
	with as_user(people.member):
		issue = report_lamp(town)
		issue.update({"location_note": "水井旁"}).save()  # a correction is no handling
	with as_user(other):
		assert action("withdraw") not in {step["action"] for step in offered.get_transitions(issue)}
		with pytest.raises(steps.NotReporterError):
			steps.take_step(issue.name, action("withdraw"), opinion="不想办")
	with as_user(people.member):
		assert action("withdraw") in {step["action"] for step in offered.get_transitions(issue)}
		with pytest.raises(steps.ReasonMissingError):
			steps.take_step(issue.name, action("withdraw"))
		steps.take_step(issue.name, action("withdraw"), opinion="看错了灯杆")
	issue.reload()
	assert issue.workflow_state == state("withdrawn")
	assert issue.closed_at and not issue.feedback_at and not issue.next_escalation_at
	assert (log_of(issue.name)[-1].action, log_of(issue.name)[-1].opinion) == (
		action("withdraw"),
		"看错了灯杆",
	)
	issue.title = "其他"
	with pytest.raises(corrections.FinalIssueError):
		issue.save()


def test_what_came_back_to_the_first_state_is_not_withdrawn(town, people, as_user):
	workflow = frappe.get_doc("Workflow", seeded("workflow/grid-issue"))
	workflow.append(
		"transitions",
		{
			"state": state("with-village"),
			"action": action("not-solved"),
			"next_state": state("reported"),
			"allowed": "Village Secretary",
			"allow_self_approval": 1,
		},
	)
	workflow.save()
	with as_user(people.member):
		issue = report_lamp(town)
		steps.take_step(issue.name, action("submit-to-village"))
	with as_user(people.secretary):
		steps.take_step(issue.name, action("not-solved"))
	with as_user(people.member):
		assert action("withdraw") not in {step["action"] for step in offered.get_transitions(issue)}
		with pytest.raises(steps.ActedUponError):
			steps.take_step(issue.name, action("withdraw"), opinion="看错了")


def test_a_duplicate_is_merged_into_an_issue_that_is_handled(town, people, as_user):
	elsewhere = make_issue(town.grids[1][0].name)
	with as_user(people.member):
		first, second, third = (report_lamp(town) for _at in range(3))
	with as_user(people.leader):
		for wrong in ("", second.name):
			with pytest.raises(steps.DuplicateError):
				steps.take_step(second.name, action("merge"), duplicate_of=wrong)
		with pytest.raises(frappe.PermissionError):
			steps.take_step(second.name, action("merge"), duplicate_of=elsewhere.name)
		steps.take_step(second.name, action("merge"), duplicate_of=first.name)
		with pytest.raises(steps.DuplicateError):
			steps.take_step(third.name, action("merge"), duplicate_of=second.name)
		steps.take_step(third.name, action("submit-to-village"), duplicate_of=first.name)
	second.reload()
	third.reload()
	assert (second.workflow_state, second.duplicate_of) == (state("merged"), first.name)
	assert third.duplicate_of is None, "only the step that merges says into what"
	third.update({"duplicate_of": first.name}).save()
	assert frappe.db.get_value("Grid Issue", third.name, "duplicate_of") is None


def test_what_is_no_matter_of_the_village_is_refused_with_a_reason(town, people, as_user):
	with as_user(people.member):
		issue = report_lamp(town)
	with as_user(people.leader):
		with pytest.raises(steps.ReasonMissingError):
			steps.take_step(issue.name, action("reject"))
		steps.take_step(issue.name, action("reject"), opinion="属于供电公司资产")
	issue.reload()
	assert issue.workflow_state == state("rejected")
	assert issue.workflow_state in markers.ended_states()
	assert issue.workflow_state not in markers.final_states()


def test_to_the_township_and_back(town, people, as_user):
	office = make_holder("Township Office", town.root.name)
	with as_user(people.member):
		issue = report_lamp(town)
		steps.take_step(issue.name, action("submit-to-village"))
	with as_user(people.secretary):
		with pytest.raises(steps.ReasonMissingError):
			steps.take_step(issue.name, action("escalate"))
		steps.take_step(issue.name, action("escalate"), opinion="需要镇里协调")
	issue.reload()
	assert (issue.workflow_state, issue.escalation_level) == (state("township-supervision"), 1)
	assert issue.resolution_level == level("township")
	assert issue.next_escalation_at is None, "the clock has no step above the township"
	with as_user(office):
		with pytest.raises(steps.InstructionMissingError):
			steps.take_step(issue.name, action("assign-back"), opinion="三天内办结")
		by = str(add_to_date(now_datetime(), days=3))
		steps.take_step(issue.name, action("assign-back"), instruction="三天内办结", instruction_due=by)
	with as_user(people.secretary):
		steps.take_step(issue.name, action("resolve"), result="修好了")
	issue.reload()
	assert issue.resolution_level == level("township"), "the level only grows"


def test_unhandled_ends_count_in_no_figure_of_closed_issues(town, people, as_user):
	make_issue(town.grids[0][0].name, "settle-on-the-spot", "give-feedback")
	make_issue(town.grids[0][0].name, "reject")
	today = getdate()
	period = {"from_date": add_to_date(today, days=-1), "to_date": today}
	_columns, rows, *_rest = issue_resolution_levels.execute({**period, "grid": town.root.name})
	assert rows[-1]["total"] == 1
	worker = frappe.db.get_value("Grid Worker", {"user": people.member})
	assert [line["count"] for line in queries.open_under(worker, town.root.name)] == []
