"""Demo townships: the same every time, invented people only once, steps in order and by day."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_governance.setup.demo import rules

DATA = json.loads((Path(rules.__file__).parent / "tulingdi.json").read_text("utf-8"))
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1))


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
def test_nothing_lies_in_the_future_and_steps_follow_each_other(now, seed):
	made = rules.matters(DATA["issues"], now, Random(seed))
	assert len(made) == DATA["issues"]["count"]
	assert [matter.found_at for matter in made] == sorted(matter.found_at for matter in made)
	for matter in made:
		moments = [matter.found_at, *(step.at for step in matter.steps)]
		assert moments == sorted(moments)
		assert moments[-1] <= now
		assert matter.found_at > now - timedelta(days=DATA["issues"]["days"] + 2)
		assert all(rules.DAY_BEGINS <= moment.hour < rules.DAY_ENDS for moment in moments)


@pytest.mark.parametrize("course", DATA["issues"]["courses"])
def test_courses_name_seeds_of_actions_and_hours(course):
	for action, least, most in course["steps"]:
		assert action.startswith("workflow_action_master/")
		assert 0 < least < most


def test_only_reserved_domains_are_used():
	assert DATA["mail_domain"].endswith(".example")
