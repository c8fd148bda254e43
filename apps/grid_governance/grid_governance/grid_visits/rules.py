"""Rules of rounds and visits: which period a day lies in, what counts for coverage, when a visit happened."""

from calendar import monthrange
from datetime import date, datetime, timedelta

MONTHS = {"Monthly": 1, "Quarterly": 3, "Half-yearly": 6}
"""Months of a round, by the cycle that a township has chosen (domain B1, `visit_cycle`)."""

LONGEST_PERIOD = timedelta(days=184)
"""No round takes longer: the second half of a year."""

ORDINARY = ("Residing", "Rental")
"""States of residence of the households that a round counts; the others are registered here and live elsewhere."""

MET, NOBODY_HOME, WOULD_NOT_TALK, BY_PHONE = "Met", "Nobody Home", "Would Not Talk", "By Phone"
OUTCOMES = (MET, NOBODY_HOME, WOULD_NOT_TALK, BY_PHONE)
"""What may come of a visit."""

OLD_NAMES = {"Refused": WOULD_NOT_TALK}
"""What visits say that were entered on a phone before the app was brought up to date."""

TAKEN_BACK = "Taken Back"
"""What a visit says that its author has taken back: it counts for nothing."""

REACHING = (MET, WOULD_NOT_TALK, BY_PHONE)
"""Outcomes in which somebody was spoken to."""

LONGEST_WAIT = timedelta(days=30)
"""How long a visit may have waited on a phone before it was sent; what claims more has a wrong clock."""


def period(cycle: str, day: date) -> tuple[date, date]:
	"""Return the first and the last day of the round of *cycle* that *day* lies in. Raises KeyError for another cycle."""
	months = MONTHS[cycle]
	first = (day.month - 1) // months * months + 1
	last = first + months - 1
	return date(day.year, first, 1), date(day.year, last, monthrange(day.year, last)[1])


def next_period(cycle: str, day: date) -> tuple[date, date]:
	"""Return the first and the last day of the round that follows the one *day* lies in."""
	return period(cycle, period(cycle, day)[1] + timedelta(days=1))


def counts_for_coverage(outcome: str, phone_counts: bool) -> bool:
	"""Say whether a visit that ended in *outcome* covers an ordinary household.

	Who opened the door was reached, whether she wanted to talk or not; nobody home is no visit and is tried again.
	"""
	return outcome in (MET, WOULD_NOT_TALK) or (outcome == BY_PHONE and phone_counts)


def serves_must_visit(outcome: str) -> bool:
	"""Say whether somebody who must be visited was seen: by telephone or through the door nobody is."""
	return outcome == MET


def reached(outcome: str) -> bool:
	"""Say whether anybody of the household was spoken to: the household's last visit moves."""
	return outcome in REACHING


def visited_at(claimed: datetime | None, now: datetime, waited: float = 0) -> datetime:
	"""Return when a visit happened, which the phone *claims*, or that *waited* seconds on it until it was sent.

	The server's clock holds: a phone's may be wrong. A time ahead of *now* is now; nothing is older than `LONGEST_WAIT`. A wait
	that is longer, runs backwards or is no number tells of a clock that was set meanwhile: the visit was now.
	"""
	if claimed is None:
		claimed = now - timedelta(seconds=waited if 0 < waited <= LONGEST_WAIT.total_seconds() else 0)
	return min(max(claimed, now - LONGEST_WAIT), now)


def may_be_taken_back(entered_at: datetime, now: datetime, hours: int) -> bool:
	"""Say whether a visit that was entered at *entered_at* may still be taken back: for so many *hours*, with 0 never."""
	return hours > 0 and now - entered_at <= timedelta(hours=hours)
