"""How long the clock of a matter may stand still, and what that does to its moments. Pure Python."""

from dataclasses import dataclass
from datetime import datetime, timedelta

NONE = timedelta()


@dataclass(frozen=True)
class Pause:
	"""A time in which the clock stands still: since it *began*, and at most until it *ends*."""

	began: datetime
	ends: datetime

	@property
	def whole(self) -> timedelta:
		"""How long it lasts at most."""
		return max(self.ends - self.began, NONE)


def allowed(days: int, used: timedelta) -> timedelta:
	"""Return how much longer the clock may stand still, of *days* over all pauses, when it has for *used*."""
	return max(timedelta(days=days) - used, NONE)


def stood(pause: Pause, now: datetime) -> timedelta:
	"""Return for how long the clock has stood still at *now*; after the end of the pause it goes on by itself."""
	return min(max(now - pause.began, NONE), pause.whole)


def held(moment: datetime, pause: Pause) -> datetime:
	"""Return *moment* as it stands during the pause: as late as it can become, so that nothing runs out meanwhile.

	What had run out before the pause began has run out.
	"""
	return moment if moment < pause.began else moment + pause.whole


def resumed(moment: datetime, pause: Pause, now: datetime) -> datetime:
	"""Return a *moment* that was `held` as it is when the clock goes on at *now*: later by the time it stood still."""
	lasted = stood(pause, now)
	return moment + lasted if moment < pause.began else moment - pause.whole + lasted
