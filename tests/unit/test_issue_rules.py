"""Rules of an issue's steps, with literal states, levels and times."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from grid_governance.grid_issues import rules
from grid_governance.grid_issues.rules import (
	Facts,
	Level,
	NoExtension,
	Outcome,
	Referral,
	Refusal,
	Request,
	State,
	Step,
)

SPOT = Level("On the Spot", 10, untouched_only=True)
VILLAGE = Level("Village", 20)
DEPARTMENT = Level("Department", 30)

REPORTED = State("Reported", rules.OPEN, SPOT)
WITH_VILLAGE = State("With Village", rules.OPEN, VILLAGE)
IN_PROGRESS = State("In Progress", rules.OPEN, VILLAGE)
RESOLVED = State("Resolved", rules.RESOLVED)
CLOSED = State("Closed", rules.FINAL)
WAITING = State("Waiting", rules.PAUSED, VILLAGE)

NOW = datetime(2023, 6, 1, 9, 30)


def test_resolving_needs_a_result():
	assert rules.refusal(REPORTED, RESOLVED, Facts(highest=SPOT)) is Refusal.NO_RESULT
	assert rules.refusal(REPORTED, RESOLVED, Facts(result=" \n", highest=SPOT)) is Refusal.NO_RESULT
	assert rules.refusal(REPORTED, RESOLVED, Facts(result="bulb changed", highest=SPOT)) is None


def test_resolving_needs_the_photo_that_the_category_asks_for():
	facts = Facts(result="bulb changed", needs_photo=True, highest=SPOT)
	assert rules.refusal(REPORTED, RESOLVED, facts) is Refusal.NO_PHOTO
	with_photo = Facts(
		result="bulb changed", needs_photo=True, photo_after="/private/files/a.jpg", highest=SPOT
	)
	assert rules.refusal(REPORTED, RESOLVED, with_photo) is None


def test_closing_needs_feedback():
	assert rules.refusal(RESOLVED, CLOSED, Facts(result="done", highest=SPOT)) is Refusal.NO_FEEDBACK
	assert rules.refusal(RESOLVED, CLOSED, Facts(result="done", feedback="thanks", highest=SPOT)) is None


def test_on_the_spot_only_while_nobody_above_has_had_it():
	facts = Facts(result="done", highest=VILLAGE)
	assert rules.refusal(REPORTED, RESOLVED, facts) is Refusal.TAKEN_UP_ABOVE


def test_the_village_may_resolve_what_a_department_gave_back():
	assert rules.refusal(IN_PROGRESS, RESOLVED, Facts(result="done", highest=DEPARTMENT)) is None


@pytest.mark.parametrize("after", [WITH_VILLAGE, IN_PROGRESS, WAITING])
def test_steps_that_end_nothing_need_nothing(after):
	assert rules.refusal(REPORTED, after, Facts(needs_photo=True, highest=SPOT)) is None


def test_a_new_issue_is_at_the_level_of_its_first_state():
	effects = rules.effects(None, REPORTED, Facts(), NOW)
	assert effects.values == {"resolution_level": "On the Spot"}
	assert effects.said == ""


def test_the_level_only_grows():
	assert (
		rules.effects(REPORTED, WITH_VILLAGE, Facts(highest=SPOT), NOW).values["resolution_level"]
		== "Village"
	)
	given_back = rules.effects(WAITING, IN_PROGRESS, Facts(highest=DEPARTMENT), NOW)
	assert given_back.values["resolution_level"] == "Department"
	assert (
		rules.effects(IN_PROGRESS, RESOLVED, Facts(highest=VILLAGE), NOW).values["resolution_level"]
		== "Village"
	)


def test_levels_compare_by_rank_and_no_level_is_the_lowest():
	assert rules.higher(SPOT, VILLAGE)
	assert rules.higher(None, SPOT)
	assert not rules.higher(VILLAGE, SPOT)
	assert not rules.higher(VILLAGE, Level("Town street", 20))
	assert not rules.higher(SPOT, None)
	assert rules.highest(None, None) is None


def test_resolving_stamps_its_time_and_the_log_keeps_the_result():
	effects = rules.effects(IN_PROGRESS, RESOLVED, Facts(result=" bulb changed ", highest=VILLAGE), NOW)
	assert effects.values == {"resolution_level": "Village", "resolved_at": NOW}
	assert effects.said == "bulb changed"


def test_closing_stamps_feedback_and_end_and_leaves_the_time_of_resolving():
	effects = rules.effects(RESOLVED, CLOSED, Facts(result="done", feedback="thanks", highest=SPOT), NOW)
	assert effects.values == {
		"resolution_level": "On the Spot",
		"feedback_at": NOW,
		"closed_at": NOW,
	}
	assert effects.said == "thanks"


def test_not_solved_starts_anew_and_counts():
	facts = Facts(result="done", feedback="still dark", highest=VILLAGE, reopened_count=1)
	effects = rules.effects(RESOLVED, IN_PROGRESS, facts, NOW)
	assert effects.values == {
		"resolution_level": "Village",
		**dict.fromkeys(rules.FROM_ABOVE),
		"result": None,
		"photo_after": None,
		"resolved_at": None,
		"feedback": None,
		"satisfaction": 0,
		"reopened_count": 2,
	}
	assert effects.said == "still dark"


def test_reopening_takes_the_end_away():
	effects = rules.effects(CLOSED, IN_PROGRESS, Facts(feedback="thanks", highest=VILLAGE), NOW)
	assert effects.values["closed_at"] is None
	assert effects.values["feedback_at"] is None
	assert effects.values["reopened_count"] == 1
	assert effects.said == "", "the old feedback is not what was said at reopening"


def test_back_from_the_end_to_resolved_is_no_new_work():
	effects = rules.effects(CLOSED, RESOLVED, Facts(result="done", highest=SPOT), NOW)
	assert "reopened_count" not in effects.values
	assert "resolved_at" not in effects.values
	assert effects.values["closed_at"] is None
	assert rules.refusal(CLOSED, RESOLVED, Facts(highest=SPOT)) is None


def test_a_phone_clock_may_run_ahead_a_little():
	assert not rules.lies_ahead(NOW, NOW)
	assert not rules.lies_ahead(NOW + timedelta(minutes=10), NOW)
	assert rules.lies_ahead(NOW + timedelta(minutes=10, seconds=1), NOW)


def test_changed_takes_empty_zero_and_missing_for_the_same():
	before = {"title": "lamp", "feedback": None, "satisfaction": 0.0}
	after = {"title": "lamps", "feedback": "", "satisfaction": 0, "description": None, "source": "Visit"}
	assert rules.changed(before, after) == ["title", "source"]


FOUND = datetime(2023, 1, 31, 8, 15)


MERGED = State("Merged", rules.FINAL, unhandled=True)
ESCALATE = Step("Escalate", needs=rules.REASON, by_clock=True)
MERGE = Step("Merge", needs=rules.DUPLICATE)
WITHDRAW = Step("Withdraw", needs=rules.REASON, reporter_only=True)


def test_a_step_that_has_to_be_explained_is_not_taken_without_a_word_but_by_the_clock():
	assert rules.refusal(REPORTED, WITH_VILLAGE, Facts(said=" "), ESCALATE) is Refusal.NO_REASON
	assert rules.refusal(REPORTED, WITH_VILLAGE, Facts(said="urgent"), ESCALATE) is None
	assert rules.refusal(REPORTED, WITH_VILLAGE, Facts(clock_acts=True), ESCALATE) is None


def test_a_merge_names_the_other_issue_and_needs_no_feedback():
	assert rules.refusal(REPORTED, MERGED, Facts(), MERGE) is Refusal.NO_DUPLICATE
	assert rules.refusal(REPORTED, MERGED, Facts(duplicate_of="GI-1"), MERGE) is None


def test_only_the_reporter_withdraws_and_only_before_anyone_has_acted():
	mine = Facts(said="wrong house", by_reporter=True)
	assert rules.refusal(REPORTED, MERGED, mine, WITHDRAW) is None
	assert rules.refusal(REPORTED, MERGED, replace(mine, by_reporter=False), WITHDRAW) is Refusal.NOT_REPORTER
	assert rules.refusal(REPORTED, MERGED, replace(mine, acted_upon=True), WITHDRAW) is Refusal.ACTED_UPON


def test_what_ends_without_handling_is_over_and_not_answered():
	values = rules.effects(REPORTED, MERGED, Facts(feedback="thanks", highest=SPOT), NOW, MERGE).values
	assert values["closed_at"] == NOW
	assert "feedback_at" not in values and "resolved_at" not in values
	again = rules.effects(MERGED, IN_PROGRESS, Facts(duplicate_of="GI-1", highest=SPOT), NOW).values
	assert again["closed_at"] is None and again["duplicate_of"] is None


def test_each_escalation_counts_whoever_makes_it():
	first = rules.effects(REPORTED, WITH_VILLAGE, Facts(highest=SPOT), NOW, ESCALATE).values
	assert first["escalation_level"] == 1
	again = rules.effects(WITH_VILLAGE, WAITING, Facts(escalation_level=1), NOW, ESCALATE).values
	assert again["escalation_level"] == 2
	assert "escalation_level" not in rules.effects(REPORTED, WITH_VILLAGE, Facts(), NOW).values


AT_WORK = State("At Work", rules.OPEN)
ANSWERED = State("Answered", rules.RESOLVED)
RETURNED = State("Returned", rules.FINAL, unhandled=True)
REFER = Step("Refer", needs=rules.DEPARTMENTS)


def asked(*states: State, lead: int = 0) -> list[Referral]:
	return [Referral(str(at), at == lead, state) for at, state in enumerate(states)]


def test_referring_names_a_department():
	assert rules.refusal(WITH_VILLAGE, WAITING, Facts(), REFER) is Refusal.NO_DEPARTMENT
	assert rules.refusal(WITH_VILLAGE, WAITING, Facts(departments=1), REFER) is None


@pytest.mark.parametrize(
	("referrals", "outcome", "next_lead"),
	[
		(asked(AT_WORK, AT_WORK), None, None),
		(asked(ANSWERED, AT_WORK), Outcome.RESOLVED, None),
		(asked(AT_WORK, ANSWERED), None, None),
		(asked(AT_WORK, RETURNED), None, None),
		(asked(RETURNED, RETURNED), Outcome.RETURNED, None),
		(asked(RETURNED, ANSWERED), Outcome.RETURNED, None),
		(asked(RETURNED, RETURNED, AT_WORK), None, "2"),
		(asked(RETURNED, WAITING, AT_WORK), None, "1"),
	],
)
def test_what_the_departments_answers_mean(referrals, outcome, next_lead):
	assert rules.outcome(referrals) is outcome
	taking_over = rules.next_lead(referrals)
	assert (taking_over and taking_over.name) == next_lead


@settings(deadline=None)
@given(some.lists(some.sampled_from([AT_WORK, WAITING, ANSWERED, RETURNED]), min_size=1, max_size=6))
def test_an_issue_stays_with_departments_as_long_as_one_is_at_work_and_the_lead_has_not_resolved(states):
	referrals = asked(*states)
	stays = rules.outcome(referrals) is None
	assert stays == (states[0] is not ANSWERED and any(map(rules.at_work, referrals)))
	if stays and states[0] is RETURNED:
		assert rules.next_lead(referrals) is not None, "somebody is always in the lead"


@pytest.mark.parametrize(
	("change", "why"),
	[
		({}, None),
		({"state": RESOLVED}, NoExtension.NOT_OPEN),
		({"state": State("New", rules.OPEN)}, NoExtension.NOT_OPEN),
		({"decided_above": False}, NoExtension.NOBODY_ABOVE),
		({"reason": " "}, NoExtension.NO_REASON),
		({"until": NOW}, NoExtension.NOT_LATER),
		({"due": None}, NoExtension.NOT_LATER),
		({"before": [Request("Village", rules.GRANTED)]}, NoExtension.ASKED_BEFORE),
		({"before": [Request("Village", rules.WAITING)]}, NoExtension.ASKED_BEFORE),
		({"before": [Request("Village", rules.REFUSED)]}, None),
		({"before": [Request("Department", rules.GRANTED)]}, None),
	],
)
def test_when_a_level_may_ask_for_more_time(change, why):
	asked = {
		"state": IN_PROGRESS,
		"decided_above": True,
		"due": NOW,
		"until": NOW + timedelta(days=3),
		"reason": "waiting for parts",
		"before": [],
	}
	assert rules.no_extension(**{**asked, **change}) is why


def test_a_closed_issue_is_taken_up_again_within_the_days_set():
	facts = Facts(closed_at=FOUND, reopen_days=30, now=FOUND + timedelta(days=30))
	late = replace(facts, now=FOUND + timedelta(days=30, seconds=1))
	assert rules.refusal(CLOSED, IN_PROGRESS, facts) is None
	assert rules.refusal(CLOSED, IN_PROGRESS, late) is Refusal.TOO_LATE
	assert rules.refusal(CLOSED, IN_PROGRESS, replace(late, reopen_days=0)) is None
	assert rules.refusal(MERGED, IN_PROGRESS, late) is None
