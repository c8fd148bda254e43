"""Ranges of grid paths. Pure Python."""

from collections.abc import Iterable
from typing import NamedTuple

from grid_governance.grid_structure.rules import AFTER_DIGITS


class Range(NamedTuple):
	"""The subtree of the node at *lo* as a half-open range: every path p with ``lo <= p < hi``."""

	lo: str
	hi: str


def subtree(path: str) -> Range:
	"""Return the range that holds *path* and everything below it."""
	return Range(path, path + AFTER_DIGITS)


EVERYWHERE = (subtree(""),)


def merge(ranges: Iterable[Range]) -> tuple[Range, ...]:
	"""Return the fewest subtrees that hold the same nodes, in order: one inside another disappears."""
	merged: list[Range] = []
	for current in sorted(set(ranges)):
		if not merged or current.lo >= merged[-1].hi:
			merged.append(current)
	return tuple(merged)


def covers(ranges: Iterable[Range], path: str) -> bool:
	"""Say whether *path* lies in one of *ranges*."""
	return any(lo <= path < hi for lo, hi in ranges)
