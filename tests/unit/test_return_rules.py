"""Until when a matter may be given back as not ours, and how long one extension may be: literal moments."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from grid_governance.grid_issues import rules
from grid_governance.grid_issues.rules import Facts, Level, NoExtension, Refusal, State, Step

VILLAGE = Level("Village", 20)
AT_WORK = State("In Progress", rules.OPEN, VILLAGE)
REJECTED = State("Not Accepted", rules.FINAL, unhandled=True)
CLOSED = State("Closed", rules.FINAL)
RETURN_BY = datetime(2026, 1, 12, 9, 30)
AFTER = RETURN_BY + timedelta(seconds=1)
REJECT = Step("Do Not Accept", needs=rules.REASON)
FACTS = Facts(said="not ours", highest=VILLAGE, return_by=RETURN_BY, now=AFTER)


def test_what_is_not_ours_is_given_back_in_time():
	assert rules.refusal(AT_WORK, REJECTED, replace(FACTS, now=RETURN_BY), REJECT) is None
	assert rules.refusal(AT_WORK, REJECTED, FACTS, REJECT) is Refusal.RETURN_OVER


def test_where_no_rule_says_until_when_it_is_given_back_at_any_time():
	assert rules.refusal(AT_WORK, REJECTED, replace(FACTS, return_by=None), REJECT) is None


@pytest.mark.parametrize(
	("step", "facts"),
	[
		(Step("Withdraw", needs=rules.REASON, reporter_only=True), replace(FACTS, by_reporter=True)),
		(Step("Merge", needs=rules.DUPLICATE), replace(FACTS, duplicate_of="GI-1")),
		(Step("Issue Moved On", by_rule=rules.MOVED_ON), FACTS),
	],
	ids=["withdrawn", "merged", "called back"],
)
def test_other_ends_are_no_return(step, facts):
	assert rules.refusal(AT_WORK, REJECTED, facts, step) is None


def test_a_handled_end_is_no_return():
	facts = replace(FACTS, result="done", feedback="thanks")
	assert rules.refusal(AT_WORK, CLOSED, facts, REJECT) is None


def test_the_reason_is_asked_for_first():
	assert rules.refusal(AT_WORK, REJECTED, replace(FACTS, said=""), REJECT) is Refusal.NO_REASON


@pytest.mark.parametrize(
	("until", "expected"),
	[
		(datetime(2026, 4, 5, 9, 30), None),
		(datetime(2026, 4, 5, 9, 31), NoExtension.TOO_LONG),
		(datetime(2026, 3, 6, 9, 30), NoExtension.NOT_LATER),
	],
)
def test_one_extension_is_no_longer_than_a_rule_says(until, expected):
	due, latest = datetime(2026, 3, 6, 9, 30), datetime(2026, 4, 5, 9, 30)
	assert rules.no_extension(AT_WORK, True, due, until, "waiting for parts", [], latest) is expected
	free = rules.no_extension(AT_WORK, True, due, until, "waiting for parts", [])
	assert free is (None if expected is NoExtension.TOO_LONG else expected)
