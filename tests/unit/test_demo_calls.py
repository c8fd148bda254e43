"""On which days a demo's households are called on."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from grid_governance.setup.demo.calls import MET, NOBODY_HOME, calls

LAST, PRESENT = (date(2024, 1, 1), date(2024, 1, 31)), (date(2024, 2, 1), date(2024, 2, 29))


def days(made, outcome=MET):
	return [call.at.date() for call in made if call.outcome == outcome]


@pytest.mark.parametrize("every", [None, 7, 15, 30, 90])
@pytest.mark.parametrize("seed", range(40))
def test_somebody_is_met_in_every_round_that_is_over(every, seed):
	now = datetime(2024, 2, 1, 0, 5)
	made = calls([LAST, PRESENT], every, now, Random(seed))
	assert any(LAST[0] < day <= LAST[1] for day in days(made))
	assert all(call.at <= now for call in made)
	assert made == sorted(made, key=lambda call: call.at)


def test_in_the_present_round_as_many_are_met_as_days_are_gone():
	now = datetime(2024, 2, 15, 23, 59)
	met = sum(bool(days(calls([PRESENT], None, now, Random(seed)))) for seed in range(1000))
	assert 430 < met < 570
	first = datetime(2024, 2, 1, 23, 59)
	assert not any(days(calls([PRESENT], None, first, Random(seed))) for seed in range(100))


@pytest.mark.parametrize("seed", range(40))
def test_who_must_be_visited_is_visited_as_often_as_that(seed):
	met = days(calls([LAST, PRESENT], 7, datetime(2024, 2, 29, 23, 59), Random(seed)))
	between = [later - earlier for earlier, later in pairwise(met)]
	assert len(met) >= 7
	assert max(between) <= timedelta(days=7)


def test_sometimes_nobody_is_home_and_it_is_tried_again():
	now = datetime(2024, 2, 29, 23, 59)
	tried = [calls([LAST, PRESENT], None, now, Random(seed)) for seed in range(200)]
	vain = [made for made in tried if days(made, NOBODY_HOME)]
	assert 20 < len(vain) < 90
	for made in vain:
		for day in days(made, NOBODY_HOME):
			assert day + timedelta(days=1) in days(made)
