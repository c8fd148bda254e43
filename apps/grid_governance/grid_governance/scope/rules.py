"""Ranges of grid paths, and text without markup. Pure Python."""

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

_WIDE = str.maketrans('<>"', "＜＞＂")
_WIDE_QUOTES = str.maketrans("<>\"'", "＜＞＂＇")
_IN_ADDRESS = str.maketrans({sign: f"%{ord(sign):02X}" for sign in "<>\"'\\"})


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


def plain(text: str) -> str:
	"""Return *text* with wide signs in the place of those that make elements and end their attributes."""
	return text.translate(_WIDE)


def plain_name(text: str) -> str:
	"""Return the name of a person or a file, which stands in attributes of every kind: no narrow quotation mark is left."""
	return text.translate(_WIDE_QUOTES)


def plain_address(text: str) -> str:
	"""Return the address of a picture with what could end it written as an address has it: ``%22`` for a quote."""
	return text.translate(_IN_ADDRESS)
