"""Who stands above a matter, and what she may do about it."""

from datetime import date, datetime

import pytest

from grid_governance.grid_issues import rules
from grid_governance.grid_issues.rules import supervision
from grid_governance.grid_issues.rules.supervision import Desk, NoUrge, NoVerdict

GRID, VILLAGE, TOWN, COUNTY = (
	rules.Level(name, rank) for name, rank in zip("gvtc", (10, 20, 40, 50), strict=True)
)
REPORTED = rules.State("reported", level=GRID)
IN_HAND = rules.State("in hand", level=VILLAGE)
ASKED = rules.State("asked", level=rules.Level("d", 30))
WATCHED = rules.State("watched", level=TOWN)
CLOSED = rules.State("closed", rules.FINAL)
PAUSED = rules.State("paused", rules.PAUSED)
MERGED = rules.State("merged", rules.FINAL, unhandled=True)
DESKS = [
	Desk(REPORTED, frozenset({"member", "secretary"}), frozenset({"everyone"})),
	Desk(IN_HAND, frozenset({"secretary"}), frozenset({"secretary"})),
	Desk(ASKED, frozenset({"secretary"}), frozenset({"secretary"})),
	Desk(WATCHED, frozenset({"official"}), frozenset({"official"})),
]
TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9)


@pytest.mark.parametrize(
	("state", "roles"),
	[
		(REPORTED, {"secretary", "official"}),
		(IN_HAND, {"official"}),
		(ASKED, {"official"}),
		(WATCHED, set()),
	],
)
def test_above_are_those_who_act_higher_up_and_have_it_not_in_hand(state, roles):
	assert supervision.above(state, DESKS) == roles


def test_a_new_level_stands_above_at_once():
	county = Desk(rules.State("county", level=COUNTY), frozenset({"county"}), frozenset({"county"}))
	assert supervision.above(WATCHED, [*DESKS, county]) == {"county"}
	assert supervision.supervising(DESKS) == {"secretary", "official"}
	assert supervision.supervising([*DESKS, county]) == {"secretary", "official", "county"}
	assert supervision.supervising([]) == set()


@pytest.mark.parametrize(
	("state", "is_above", "urged_on", "why"),
	[
		(IN_HAND, True, None, None),
		(IN_HAND, True, date(2026, 3, 1), None),
		(IN_HAND, True, TODAY, NoUrge.TODAY),
		(IN_HAND, False, None, NoUrge.NOT_ABOVE),
		(PAUSED, True, None, NoUrge.NOT_OPEN),
		(CLOSED, True, None, NoUrge.NOT_OPEN),
		(None, True, None, NoUrge.NOT_OPEN),
	],
)
def test_urged_once_a_day_and_only_what_is_at_work(state, is_above, urged_on, why):
	assert supervision.no_urge(state, is_above, urged_on, TODAY) == why


@pytest.mark.parametrize(
	("state", "is_above", "verdict", "answer", "words", "why"),
	[
		(CLOSED, True, "", "", "快", None),
		(CLOSED, True, supervision.QUERY, "说明", "快", None),
		(CLOSED, True, supervision.QUERY, " ", "快", NoVerdict.GIVEN),
		(CLOSED, True, supervision.PRAISE, "", "快", NoVerdict.GIVEN),
		(CLOSED, True, "", "", " ", NoVerdict.NO_WORDS),
		(CLOSED, False, "", "", "快", NoVerdict.NOT_ABOVE),
		(MERGED, True, "", "", "快", NoVerdict.NOT_CLOSED),
		(IN_HAND, True, "", "", "快", NoVerdict.NOT_CLOSED),
		(None, True, "", "", "快", NoVerdict.NOT_CLOSED),
	],
)
def test_a_word_from_above_once_on_what_was_settled(state, is_above, verdict, answer, words, why):
	assert supervision.no_verdict(state, is_above, verdict, answer, words) == why


@pytest.mark.parametrize(
	("state", "is_asked", "verdict", "answer", "words", "why"),
	[
		(CLOSED, True, supervision.QUERY, "", "因为", None),
		(CLOSED, True, supervision.QUERY, "因为", "因为", NoVerdict.NO_QUERY),
		(CLOSED, True, supervision.PRAISE, "", "因为", NoVerdict.NO_QUERY),
		(IN_HAND, True, supervision.QUERY, "", "因为", NoVerdict.NO_QUERY),
		(CLOSED, False, supervision.QUERY, "", "因为", NoVerdict.NOT_ASKED),
		(CLOSED, True, supervision.QUERY, "", " ", NoVerdict.NO_WORDS),
	],
)
def test_what_is_asked_is_answered_once_by_those_who_settled_it(state, is_asked, verdict, answer, words, why):
	assert supervision.no_answer(state, is_asked, verdict, answer, words) == why


def test_where_the_log_does_not_tell_the_level_reached_stands_for_the_state():
	assert supervision.settled_at(IN_HAND, TOWN) is IN_HAND
	assert supervision.above(supervision.settled_at(None, VILLAGE), DESKS) == {"official"}


BACK = rules.Step("assign back", rules.INSTRUCTION)
REFER = rules.Step("refer", rules.DEPARTMENTS)


def facts(
	words: str = "三天内修好", due: datetime | None = datetime(2026, 3, 5), **more: object
) -> rules.Facts:
	return rules.Facts(instruction=words, instruction_due=due, departments=1, now=NOW, **more)


@pytest.mark.parametrize(
	("given", "why"),
	[
		(facts(), None),
		(facts(words=" "), rules.Refusal.NO_INSTRUCTION),
		(facts(due=None), rules.Refusal.NO_INSTRUCTION),
		(facts(due=NOW), rules.Refusal.INSTRUCTION_OVER),
		(facts(words="", clock_acts=True), None),
	],
)
def test_an_instruction_says_what_and_by_when(given, why):
	assert rules.refusal(WATCHED, IN_HAND, given, BACK) == why


def test_it_is_kept_and_a_referral_down_with_words_and_a_date_is_one():
	kept = {"instruction": "三天内修好", "instruction_due": datetime(2026, 3, 5)}
	for before, after, step, given, expected in (
		(WATCHED, IN_HAND, BACK, facts(), kept),
		(WATCHED, ASKED, REFER, facts(), kept),
		(WATCHED, ASKED, REFER, facts(due=NOW), {}),
		(IN_HAND, ASKED, REFER, facts(), {}),
		(WATCHED, IN_HAND, rules.Step("other"), facts(), {}),
	):
		values = rules.effects(before, after, given, NOW, step).values
		assert {key: values[key] for key in kept if key in values} == expected


def test_what_was_said_from_above_is_over_when_it_is_taken_up_again():
	values = rules.effects(CLOSED, IN_HAND, rules.Facts(), NOW).values
	assert {key: values[key] for key in rules.FROM_ABOVE} == dict.fromkeys(rules.FROM_ABOVE)
	again = rules.effects(CLOSED, IN_HAND, facts(), NOW, BACK).values
	assert again["instruction"] == "三天内修好"
