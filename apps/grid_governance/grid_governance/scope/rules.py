"""Ranges of grid paths. Pure Python."""

from collections.abc import Iterable
from typing import NamedTuple

from grid_governance.grid_structure.rules import AFTER_DIGITS, SEGMENT


class Range(NamedTuple):
	"""A half-open range of grid paths: every path p with ``lo <= p < hi``."""

	lo: str
	hi: str

	@property
	def root(self) -> str | None:
		"""The path of the one node whose subtree this range is, None when it spans several."""
		return self.lo if self.hi == self.lo + AFTER_DIGITS else None


EVERYWHERE = (Range("", AFTER_DIGITS),)


def subtree(path: str) -> Range:
	"""Return the range that holds *path* and everything below it."""
	return Range(path, path + AFTER_DIGITS)


def merge(ranges: Iterable[Range]) -> tuple[Range, ...]:
	"""Return the fewest ranges that hold the same nodes, in order.

	A subtree inside another disappears; neighbouring siblings (serials that follow each other under
	one parent) join, since no path can lie between them.
	"""
	merged: list[Range] = []
	for current in sorted(set(ranges)):
		if merged and current.hi <= merged[-1].hi:
			continue
		if merged and (current.lo <= merged[-1].hi or _follows(merged[-1].hi, current.lo)):
			merged[-1] = Range(merged[-1].lo, current.hi)
		else:
			merged.append(current)
	return tuple(merged)


def covers(ranges: Iterable[Range], path: str) -> bool:
	"""Say whether *path* lies in one of *ranges*."""
	return any(lo <= path < hi for lo, hi in ranges)


def _follows(hi: str, lo: str) -> bool:
	"""Say whether *lo* is the sibling right after the subtree that ends at *hi*."""
	last = hi.removesuffix(AFTER_DIGITS)
	if len(last) != len(lo) or last[:-SEGMENT] != lo[:-SEGMENT]:
		return False
	return int(lo[-SEGMENT:]) == int(last[-SEGMENT:]) + 1
