"""Rules of telling: what waits for the digest, when the digest goes out, whom it concerns. Pure Python."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from grid_governance.grid_structure.rules import SEGMENT

AT_ONCE, URGENT_AT_ONCE, DAILY = TIMES = ("At Once", "Urgent at Once", "Daily Digest")
"""When a notification is told: each at once; urgent ones at once and the others in the digest; all in the digest."""

NO_MAILBOX = ".invalid"
"""How the addresses end to which no mail goes (RFC 2606): accounts made from a list of posts have such."""


def waits(told: str | None, urgent: bool) -> bool:
	"""Say whether a message waits for the daily digest. A notification that does not say is told at once."""
	return told == DAILY or (told == URGENT_AT_ONCE and not urgent)


def has_come(now: datetime, at: timedelta) -> bool:
	"""Say whether the time of the day *at* has come at *now*."""
	return now - now.replace(hour=0, minute=0, second=0, microsecond=0) >= at


def above(path: str) -> list[str]:
	"""Return *path* and the paths of all nodes that may lie above it, the highest first."""
	return [path[:end] for end in range(SEGMENT, len(path) + 1, SEGMENT)]


def nearest(posts: Iterable[tuple[str, str]], path: str) -> set[str]:
	"""Return the users of those *posts* (user, grid path) that lie nearest above *path*; a post at *path* itself is none."""
	above_it = [(user, place) for user, place in posts if len(place) < len(path)]
	depth = max((len(place) for _user, place in above_it), default=0)
	return {user for user, place in above_it if len(place) == depth}


def places_of(
	rows: Iterable[tuple[str, str, str | None]], acting: Mapping[str, frozenset[str]]
) -> set[tuple[str, str]]:
	"""Return (place, role) of every post whose holder acts on one of *rows*: (grid path, state, department or None).

	The place is a grid path, or the department where one acts.
	"""
	return {
		(place, role)
		for path, state, department in set(rows)
		for role in acting.get(state, ())
		for place in ([department] if department else above(path))
	}


def has_mailbox(address: str | None) -> bool:
	"""Say whether mail can be sent to *address*."""
	return address is not None and "@" in address and not address.lower().endswith(NO_MAILBOX)
