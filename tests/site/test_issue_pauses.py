"""Pauses: an issue waits for others, its clock stands still, no longer than its township allows."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from unittest.mock import patch

import frappe
import pytest
from frappe.query_builder import DocType
from frappe.utils import get_datetime

from grid_governance.grid_issues import bulk, clocks, offered, pauses, sheets, steps
from grid_governance.grid_structure.overrides.notification import ScopedNotification
from tests.factories import make_holder, make_issue, make_township, seeded
from tests.world import inside_savepoint, taken_back

DAYS = 30
STOPPED = datetime(2030, 5, 6, 9, 30)
DUE = datetime(2030, 5, 10, 18)
REASON = "等待司法鉴定结果"


def action(key: str) -> str:
	return seeded(f"workflow_action_master/{key}")


def state(key: str) -> str:
	return seeded(f"workflow_state/{key}")


def at(moment: datetime) -> AbstractContextManager[None]:
	"""Let the clock of pauses show *moment*."""
	return patch.object(pauses, "now_datetime", return_value=moment)


def build_town(site: str) -> Iterator[frappe._dict]:
	"""A township that allows pauses of `DAYS` days, its office, and an issue that a village works on, due at `DUE`."""
	with taken_back():
		town = make_township(1, 1)
		profile = frappe.get_doc(doctype="Township Profile", grid=town.root.name, pause_days=DAYS)
		town.profile = profile.insert().name
		town.office = make_holder("Township Office", town.root.name)
		town.secretary = make_holder("Village Secretary", town.villages[0].name)
		town.issue = make_issue(town.grids[0][0].name, "submit-to-village", "start").name
		frappe.db.set_value("Grid Issue", town.issue, {"due_by": DUE, "next_escalation_at": DUE})
		yield town


town = pytest.fixture(scope="module")(build_town)


@pytest.fixture(autouse=True)
def _on_site(town) -> Iterator[None]:
	"""Each test inside its own savepoint, and nothing left in the cache of what it changed."""
	yield from inside_savepoint(town)
	frappe.clear_document_cache("Governance Settings", "Governance Settings")
	frappe.clear_document_cache("Township Profile", town.profile)
	frappe.clear_document_cache("Workflow Action Master", action("pause-ends"))
	frappe.clear_document_cache("Grid Issue", town.issue)


@pytest.fixture
def paused(town, as_user) -> Callable[..., frappe.model.document.Document]:
	"""`paused(moment)` lets the office stop the clock of the issue at *moment* and returns it."""

	def pause(moment: datetime = STOPPED) -> frappe.model.document.Document:
		return step(town, as_user, "pause", moment)

	return pause


def step(town: frappe._dict, as_user: Callable, key: str, moment: datetime):
	with at(moment), as_user(town.office):
		steps.take_step(town.issue, action(key), opinion=REASON)
	return frappe.get_doc("Grid Issue", town.issue)


def last_line(issue: str) -> frappe._dict:
	return frappe.get_all(
		"Issue Log",
		filters={"issue": issue},
		fields=["from_state", "to_state", "action", "opinion", "changed", "by_user", "by_clock"],
		order_by="creation desc",
		limit_page_length=1,
	)[0]


def steps_offered(issue: str) -> set[str]:
	return {step["action"] for step in offered.get_transitions(frappe.get_doc("Grid Issue", issue))}


def late(issue: str, moment: datetime) -> bool:
	row = DocType("Grid Issue")
	query = frappe.qb.from_(row).select(row.name).where(row.name == issue)
	return bool(query.where(clocks.overdue(row, moment)).run())


def test_it_stands_still_and_goes_on_with_all_its_time(town, paused, as_user):
	issue = paused()
	assert issue.workflow_state == state("on-hold")
	assert (issue.paused_at, issue.paused_until) == (STOPPED, datetime(2030, 6, 5, 9, 30))
	assert issue.next_escalation_at is None
	assert issue.clock_at == issue.paused_until, "nothing happens before the pause is over"
	told = last_line(town.issue)
	assert (told.opinion, told.by_user) == (REASON, town.office)
	assert "2030-06-05 09:30" in told.changed

	issue = step(town, as_user, "resume", datetime(2030, 5, 9, 12))
	assert issue.workflow_state == state("in-progress")
	assert issue.due_by == issue.next_escalation_at == datetime(2030, 5, 13, 20, 30), (
		"3 days, 2 h 30 min later"
	)
	assert (issue.paused_at, issue.paused_until, issue.paused_for) == (None, None, 3 * 86400 + 9000)
	told = last_line(town.issue)
	assert told.changed.splitlines()[-1].endswith("→ 2030-05-13 20:30")
	assert "2030-05-06 09:30" in told.changed and "2030-05-09 12:00" in told.changed


def test_nothing_is_late_because_it_waits_and_what_was_late_stays_so(town, paused, as_user):
	paused()
	assert not late(town.issue, datetime(2030, 6, 5, 9))
	step(town, as_user, "resume", datetime(2030, 5, 9, 12))
	frappe.db.set_value("Grid Issue", town.issue, "due_by", datetime(2030, 5, 9, 11))
	assert late(town.issue, datetime(2030, 5, 9, 12))
	paused(datetime(2030, 5, 9, 12))
	assert late(town.issue, datetime(2030, 5, 20))
	issue = step(town, as_user, "resume", datetime(2030, 5, 12, 12))
	assert issue.due_by == datetime(2030, 5, 12, 11), "late by an hour, as before"


def test_all_pauses_together_last_no_longer_than_the_township_allows(town, paused, as_user):
	paused()
	step(town, as_user, "resume", STOPPED + timedelta(days=20))
	issue = paused(datetime(2030, 6, 1, 9))
	assert issue.paused_until == datetime(2030, 6, 11, 9)
	step(town, as_user, "resume", datetime(2030, 6, 12, 9))
	with as_user(town.office):
		assert action("pause") not in steps_offered(town.issue)
	with pytest.raises(pauses.NoPauseError):
		paused(datetime(2030, 6, 13))
	issue = frappe.get_doc("Grid Issue", town.issue)
	assert issue.workflow_state == state("in-progress")
	assert issue.due_by == DUE + timedelta(days=DAYS)


@pytest.mark.parametrize(("site_wide", "here"), [(0, 0), (7, 0), (0, 7)])
def test_only_where_pauses_are_allowed_is_one_offered_and_taken(town, paused, as_user, site_wide, here):
	frappe.db.set_single_value("Governance Settings", "pause_days", site_wide)
	frappe.clear_document_cache("Governance Settings", "Governance Settings")
	frappe.get_doc("Township Profile", town.profile).update({"pause_days": here}).save()
	with as_user(town.office):
		assert (action("pause") in steps_offered(town.issue)) == bool(site_wide or here)
		listed = {each["action"] for each in bulk.steps_for([town.issue])}
		assert (action("pause") in listed) == bool(site_wide or here)
	if site_wide or here:
		assert paused().paused_until == STOPPED + timedelta(days=7)
	else:
		with pytest.raises(pauses.NoPauseError):
			paused()


def test_it_needs_a_reason_and_who_may_take_the_step(town, as_user):
	with as_user(town.office), pytest.raises(steps.ReasonMissingError):
		steps.take_step(town.issue, action("pause"))
	with as_user(town.secretary), pytest.raises(frappe.ValidationError):
		steps.take_step(town.issue, action("pause"), opinion=REASON)
	assert frappe.db.get_value("Grid Issue", town.issue, "paused_at") is None


def test_when_its_time_is_over_the_clock_goes_on_by_itself(town, paused):
	issue = paused()
	assert pauses.ends_at(issue) == issue.paused_until
	with at(datetime(2030, 7, 1)):
		assert pauses.end(issue)
	issue.reload()
	assert issue.workflow_state == state("in-progress")
	assert issue.due_by == DUE + timedelta(days=DAYS), "no more, however late the sweep comes"
	assert pauses.ends_at(issue) is None
	told = last_line(town.issue)
	assert told.action == action("pause-ends")
	assert (told.by_clock, told.by_user) == (1, None)
	assert told.opinion
	assert not pauses.end(issue), "there is nothing to end"


def test_a_workflow_that_lets_no_pause_end_is_left_in_it_and_its_time_runs_out(town, paused):
	issue = paused()
	frappe.db.set_value("Workflow Action Master", action("pause-ends"), "grid_by_rule", "")
	frappe.clear_document_cache("Workflow Action Master", action("pause-ends"))
	assert pauses.ends_at(issue) is None
	assert not pauses.end(issue)
	assert not late(town.issue, issue.due_by)
	assert late(town.issue, issue.due_by + timedelta(seconds=1))


def test_an_instruction_and_a_granted_time_wait_as_well(town, paused, as_user):
	instructed, extended = datetime(2030, 5, 8, 12), datetime(2030, 5, 10, 18)
	frappe.db.set_value("Grid Issue", town.issue, {"instruction_due": instructed, "extended_until": extended})
	issue = paused()
	assert issue.instruction_due == instructed + timedelta(days=DAYS)
	issue = step(town, as_user, "resume", STOPPED + timedelta(days=2))
	assert issue.instruction_due == datetime(2030, 5, 10, 12)
	assert issue.extended_until == issue.due_by == datetime(2030, 5, 12, 18)


def test_an_urgency_corrected_afterwards_or_meanwhile_keeps_what_the_clock_stood_still(town, paused, as_user):
	paused()
	issue = step(town, as_user, "resume", STOPPED + timedelta(days=2))
	issue.update({"urgency": "Urgent"}).save()
	plain = clocks.due_by(issue.grid_path, "Urgent", get_datetime(issue.found_at))
	assert issue.due_by == plain + timedelta(days=2)
	frappe.db.set_value("Grid Issue", town.issue, "found_at", "2026-01-05 10:00:00")
	frappe.db.set_value("Grid Issue", town.issue, "due_by", DUE)
	issue = paused(datetime(2026, 1, 5, 12))
	assert issue.paused_until == datetime(2026, 2, 2, 12)
	issue.update({"urgency": "General"}).save()
	general = clocks.due_by(issue.grid_path, "General", datetime(2026, 1, 5, 10))
	assert issue.due_by == general + timedelta(days=2) + timedelta(days=28), "as late as it can become"
	issue = step(town, as_user, "resume", datetime(2026, 1, 6, 12))
	assert issue.due_by == general + timedelta(days=3)


def test_the_reporter_is_not_told_of_more_time_because_of_a_pause(town, paused):
	frappe.db.set_value("Grid Issue", town.issue, "extended_until", DUE)
	more_time = seeded("notification/issue-extended")
	with patch.object(ScopedNotification, "send", autospec=True) as send:
		issue = paused()
		assert more_time not in {call.args[0].name for call in send.call_args_list}
		issue.db_set("extended_until", DUE + timedelta(days=90))
		assert more_time in {call.args[0].name for call in send.call_args_list}


def test_the_handling_form_tells_of_pauses(town, paused, as_user):
	assert sheets.issue_handling_form(town.issue).pauses == ""
	paused()
	assert "2030-06-05 09:30" in sheets.issue_handling_form(town.issue).pauses
	step(town, as_user, "resume", STOPPED + timedelta(days=1, hours=12))
	assert "1.5" in sheets.issue_handling_form(town.issue).pauses
