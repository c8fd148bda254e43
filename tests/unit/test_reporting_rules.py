"""Arithmetic of reports."""

import pytest

from grid_governance.reporting.rules import median, reached, share


@pytest.mark.parametrize(
	("count", "total", "percent"),
	[
		(0, 0, None),
		(0, 5, 0.0),
		(5, 5, 100.0),
		(2, 3, 66.7),
		(1999, 2000, 99.9),
		(59_999, 60_000, 99.9),
		(60_000, 60_000, 100.0),
		(1, 60_000, 0.1),
	],
)
def test_all_is_said_of_all_only_and_none_of_none_only(count, total, percent):
	assert reached(count, total) == percent


def test_a_share_is_rounded_and_of_nothing_zero():
	assert (share(2, 3), share(59_999, 60_000), share(0, 0)) == (66.7, 100.0, 0.0)


def test_the_middle_of_an_even_number_lies_between_two():
	assert median({}) is None
	assert (median({1: 1, 2: 1, 9: 1}), median({1: 2, 4: 2})) == (2, 2.5)
