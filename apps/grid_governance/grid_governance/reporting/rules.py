"""Arithmetic of reports. Pure Python."""

from collections.abc import Mapping

from grid_governance.grid_structure.rules import SEGMENT, SKIPPED


def share(count: int, total: int) -> float:
	"""Return *count* as a percentage of *total*, to one decimal; 0 of nothing."""
	return round(100 * count / total, 1) if total else 0.0


def reached(count: int, total: int) -> float | None:
	"""Return *count* as a percentage of *total* for what is meant to reach all; None of nothing.

	100 means every one: as long as one is missing it is at most 99.9, and as long as one is there at least 0.1.
	"""
	if not total:
		return None
	return 100.0 if count >= total else min(max(share(count, total), 0.1 if count else 0.0), 99.9)


def median(histogram: Mapping[int, int]) -> float | None:
	"""Return the middle of the values that *histogram* says how often there are, None of nothing.

	Of an even number it is the mean of the two in the middle.
	"""
	size = sum(histogram.values())
	if not size:
		return None
	return (_at(histogram, (size - 1) // 2) + _at(histogram, size // 2)) / 2


def width_of(label: str) -> int:
	"""Return the pixels that a column needs to show its *label* whole: 13 for a Chinese character, 8 for another."""
	return 30 + sum(13 if character >= "\u2e80" else 8 for character in label)


def node_path(path: str) -> str:
	"""Return the path of the node that a row belongs to: the levels skipped at its end are cut off."""
	while path.endswith(SKIPPED):
		path = path[:-SEGMENT]
	return path


def _at(histogram: Mapping[int, int], rank: int) -> int:
	"""Return the value at *rank* (from 0) when all are put in order."""
	for value in sorted(histogram):
		rank -= histogram[value]
		if rank < 0:
			return value
	raise IndexError(rank)
