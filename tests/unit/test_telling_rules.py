"""When a message waits, when the digest goes out, whom a row concerns."""

from datetime import datetime, timedelta

import pytest

from grid_governance.grid_structure.telling import rules


@pytest.mark.parametrize(
	("told", "urgent", "waits"),
	[
		(rules.AT_ONCE, False, False),
		(rules.URGENT_AT_ONCE, True, False),
		(rules.URGENT_AT_ONCE, False, True),
		(rules.DAILY, True, True),
		("", False, False),
		(None, False, False),
	],
)
def test_what_waits_for_the_digest(told, urgent, waits):
	assert rules.waits(told, urgent) is waits


@pytest.mark.parametrize(
	("clock", "come"), [("06:59:59", False), ("07:00:00", True), ("23:59:59", True), ("00:00:00", False)]
)
def test_when_its_time_has_come(clock, come):
	now = datetime.fromisoformat(f"2030-05-06 {clock}")
	assert rules.has_come(now, timedelta(hours=7)) is come


def test_midnight_is_a_time_of_the_day():
	assert rules.has_come(datetime(2030, 5, 6), timedelta())


def test_a_row_concerns_the_posts_at_its_grid_and_above():
	acting = {"reported": frozenset({"member", "secretary"}), "above": frozenset({"office"})}
	rows = [("00010002", "reported", None), ("00010003", "above", None), ("0009", "ended", None)]
	assert rules.places_of(rows, acting) == {
		("0001", "member"),
		("00010002", "member"),
		("0001", "secretary"),
		("00010002", "secretary"),
		("0001", "office"),
		("00010003", "office"),
	}


def test_a_row_of_a_department_concerns_its_posts_alone():
	acting = {"waiting": frozenset({"officer"})}
	assert rules.places_of([("00010002", "waiting", "TD-1")], acting) == {("TD-1", "officer")}


@pytest.mark.parametrize(
	("address", "has"),
	[
		("li@example.com", True),
		("gw-1@workers.invalid", False),
		("gw-1@workers.INVALID", False),
		("", False),
		(None, False),
		("Administrator", False),
	],
)
def test_who_has_a_mailbox(address, has):
	assert rules.has_mailbox(address) is has
