"""Demo townships: the same every time, invented people only once, steps in order and by day."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grid_governance.setup.demo import rules

DATA = json.loads((Path(rules.__file__).parent / "tulingdi.json").read_text("utf-8"))
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1))
EDGES = [
	datetime(2024, 2, 29, 0, 5),
	datetime(2025, 1, 31, 23, 59),
	datetime(2025, 3, 1),
	datetime(2026, 1, 1, 7),
]


def at_edges(test: Callable) -> Callable:
	"""Have *test* meet midnights, month ends and the leap day beside what is drawn."""
	for moment in EDGES:
		test = example(moment, 1)(test)
	return test


def test_people_are_the_same_for_a_seed_and_never_twice():
	first = list(rules.people(DATA["names"], Random(7)))
	assert first == list(rules.people(DATA["names"], Random(7)))
	assert first != list(rules.people(DATA["names"], Random(8)))
	assert len({person.login for person in first}) == len(first)
	assert all(person.login.isascii() and person.login.isalpha() for person in first)


def test_there_are_names_for_every_post():
	# three grids and two grids in the two villages, and two officials of the township
	assert len(list(rules.people(DATA["names"], Random(1)))) >= 50


@given(MOMENTS)
def test_matters_are_the_same_for_a_seed_and_a_moment(now):
	assert rules.matters(DATA["issues"], now, Random(3)) == rules.matters(DATA["issues"], now, Random(3))


@given(MOMENTS, st.integers(0, 2**32))
@at_edges
def test_each_course_is_taken_as_often_as_said_and_to_its_end(now, seed):
	made = rules.matters(DATA["issues"], now, Random(seed))
	said = Counter()
	for course in DATA["issues"]["courses"]:
		said[tuple(action for action, _least, _most in course["steps"])] += course["count"]
	assert Counter(tuple(step.action for step in matter.steps) for matter in made) == said


@given(MOMENTS, st.integers(0, 2**32))
@at_edges
def test_nothing_lies_in_the_future_and_steps_follow_each_other(now, seed):
	data = DATA["issues"]
	made = rules.matters(data, now, Random(seed))
	assert [matter.found_at for matter in made] == sorted(matter.found_at for matter in made)
	longest = max(sum(step[-1] / 24 + 1 for step in course["steps"]) for course in data["courses"])
	for matter in made:
		moments = [matter.found_at, *(step.at for step in matter.steps)]
		assert all(earlier < later for earlier, later in pairwise(moments))
		assert now - timedelta(days=data["days"] + longest + 1) < moments[0] <= moments[-1] <= now
		assert all(rules.DAY_BEGINS <= moment.hour < rules.DAY_ENDS for moment in moments)


@given(MOMENTS, st.integers(0, 2**32))
@at_edges
def test_unfinished_matters_are_fresh(now, seed):
	data = DATA["issues"]
	limits = {
		tuple(action for action, _least, _most in course["steps"]): course["days"]
		for course in data["courses"]
		if "days" in course
	}
	for matter in rules.matters(data, now, Random(seed)):
		days = limits.get(tuple(step.action for step in matter.steps))
		if days:
			last = matter.steps[-1].at if matter.steps else matter.found_at
			assert last > now - timedelta(days=days + 1)


@given(st.integers(0, 5000), st.lists(st.integers(0, 90), min_size=1).filter(any))
def test_what_is_apportioned_adds_up_and_is_never_off_by_one(total, weights):
	counts = rules.apportioned(total, weights)
	assert sum(counts) == total
	for count, weight in zip(counts, weights, strict=True):
		assert abs(count - total * weight / sum(weights)) < 1 + 1e-9


def test_shares_come_out_exactly():
	assert rules.apportioned(2100, [35, 63, 2]) == [735, 1323, 42]
	assert rules.apportioned(7, [1, 1, 1]) == [3, 2, 2]


@given(MOMENTS)
def test_kinds_places_and_sources_are_shared_out_by_weight(now):
	data = DATA["issues"]
	made = rules.matters(data, now, Random(5))
	for found, weights in (
		(Counter(matter.source for matter in made), data["sources"]),
		(Counter(matter.place for matter in made), data["places"]),
		(
			Counter(matter.kind["category"] for matter in made),
			{kind["category"]: kind["weight"] for kind in data["kinds"]},
		),
	):
		shares = rules.apportioned(len(made), list(weights.values()))
		assert found == Counter(dict(zip(weights, shares, strict=True)))


@pytest.mark.parametrize("course", DATA["issues"]["courses"])
def test_courses_name_seeds_of_actions_and_hours(course):
	for action, least, most in course["steps"]:
		assert action.startswith("workflow_action_master/")
		assert 0 < least < most


def test_only_reserved_domains_are_used():
	assert DATA["mail_domain"].endswith(".example")
