"""Mobile numbers and first passwords."""

import random

import pytest

from grid_governance.grid_structure import rules


@pytest.mark.parametrize(
	("text", "number"),
	[
		("13812345678", "13812345678"),
		(" 138-1234 5678", "13812345678"),
		("+86 19912345678", "19912345678"),
		("008613812345678", "13812345678"),
		("12812345678", None),
		("1381234567", None),
		("138123456789", None),
		("0914-4871234", None),
		("１３８１２３４５６７８", None),
		("", None),
		(None, None),
	],
)
def test_a_mobile_number_is_eleven_digits(text, number):
	assert rules.mobile_number(text) == number


def test_a_first_password_has_nothing_that_is_misread():
	choice = random.Random(1).choice
	made = {rules.first_password(choice) for _ in range(500)}
	assert len(made) == 500
	assert {len(password) for password in made} == {10}
	assert not set("".join(made)) & set("lo01LIO")
	assert all(password[:6].isalpha() and password[6:].isdigit() for password in made)


@pytest.mark.parametrize(
	("number", "shown"), [("13812345678", "138****5678"), ("0914-4871234", "0914-4871234"), (None, "")]
)
def test_a_number_in_a_log_hides_its_middle(number, shown):
	assert rules.masked_number(number) == shown
