"""Where time goes: what the program is doing, looked at many times a second, with little cost of its own."""

import signal
import time
from collections import Counter
from pathlib import Path
from types import FrameType

EVERY = 0.005
"""Seconds between two looks."""

ALIKE = 0.005
"""Shares that are so near each other count as one: a function and the one that it does little but call."""


class Sampler:
	"""Looks at what runs below one function, as long as it is entered; may be entered again and adds up.

	The function is named as "folder/file:function". Only code in files whose path has *within* is named. Looks from a timer signal, so only in the main thread: a thread
	of its own would wake up where Python waits for the database, and see nothing else.
	"""

	def __init__(self, below: str, within: str = "") -> None:
		self.seconds = 0.0
		self._below, self._within = below, within
		self._seen: Counter[str] = Counter()
		self._looks = 0

	def __enter__(self) -> "Sampler":
		self._begin = time.perf_counter()
		self._handler = signal.signal(signal.SIGALRM, self._look)
		signal.setitimer(signal.ITIMER_REAL, EVERY, EVERY)
		return self

	def __exit__(self, *_error: object) -> None:
		signal.setitimer(signal.ITIMER_REAL, 0)
		signal.signal(signal.SIGALRM, self._handler)
		self.seconds += time.perf_counter() - self._begin

	def top(self, count: int) -> list[tuple[str, float]]:
		"""Return the *count* functions in which most time was spent, by themselves and by what they called.

		Each with its share of all the time (0 to 1), the largest first; of one that only passes a call on and the one
		that it calls, the outer is shown.
		"""
		shares = [(name, looks / self._looks) for name, looks in self._seen.items()]
		found: list[tuple[str, float]] = []
		for name, share in sorted(shares, key=lambda entry: -entry[1]):
			if not found or found[-1][1] - share > ALIKE:
				found.append((name, share))
		return found[:count]

	def _look(self, _signal: int, frame: FrameType | None) -> None:
		stack = []
		while frame:
			if self._within in frame.f_code.co_filename:
				stack.append(_name(frame))
			frame = frame.f_back
		self._looks += 1
		stack.reverse()
		if self._below in stack:
			self._seen.update(dict.fromkeys(stack[stack.index(self._below) :]).keys())  # the outer first


def _name(frame: FrameType) -> str:
	code = frame.f_code
	path = Path(code.co_filename)
	return f"{path.parent.name}/{path.name}:{code.co_name}"
