"""Rules of the grid tree: paths, positions and codes. Pure Python.

A grid path has one four-digit segment per level position (1 county, 2 township, 3 village, 4 area,
5 grid, 6 micro grid, 7 and 8 spare). A level that is skipped is ``0000``. The prefix of length
``4 × position`` therefore names the ancestor at that level, for every node and every record that
hangs on one, and a subtree is one range of paths.
"""

import re
from collections.abc import Callable
from datetime import date

SEGMENT = 4
POSITIONS = range(1, 9)
COUNTY, TOWNSHIP, VILLAGE, AREA, GRID, MICRO_GRID = range(1, 7)
MAX_SERIAL = 10**SEGMENT - 1
SKIPPED = "0" * SEGMENT
AFTER_DIGITS = "z"
"""A character that sorts after every digit in ascii_bin and in every other collation."""

TOO_SMALL, WITHIN, TOO_LARGE = "Too Small", "Within", "Too Large"

DIVISION_CODE = re.compile(r"\d{6}(\d{3}(\d{3})?)?", re.ASCII)
DIVISION_CODE_LENGTH = {COUNTY: 6, TOWNSHIP: 9, VILLAGE: 12}
"""Digits of a statistical division code (GB/T 2260 and the statistical codes below it) by position."""


def position(path: str) -> int:
	"""Return the level position (1–8) of the node that *path* names."""
	return len(path) // SEGMENT


def child_path(parent_path: str, child_position: int, serial: int) -> str:
	"""Return the path of the child with *serial* (1–9999) at *child_position* below *parent_path*.

	*parent_path* is ``""`` for a root. Raises ValueError when the position is not below the parent's
	or the serial does not fit a segment.
	"""
	if child_position not in POSITIONS or child_position <= position(parent_path):
		raise ValueError(f"position {child_position} is not below {parent_path!r}")
	if not 1 <= serial <= MAX_SERIAL:
		raise ValueError(f"serial {serial} does not fit {SEGMENT} digits")
	return parent_path.ljust(SEGMENT * (child_position - 1), "0") + f"{serial:0{SEGMENT}d}"


def ancestor_path(path: str, at_position: int) -> str | None:
	"""Return the prefix of *path* that names its ancestor (or itself) at *at_position*.

	None when the path ends above that position or skips it.
	"""
	prefix = path[: SEGMENT * at_position]
	if len(prefix) < SEGMENT * at_position or prefix.endswith(SKIPPED):
		return None
	return prefix


def paths_above(path: str) -> list[str]:
	"""Return the paths of the nodes that may lie above *path*, from the top down; skipped levels are left out."""
	return [above for at in range(1, position(path)) if (above := ancestor_path(path, at))]


def moved_path(path: str, old_root: str, new_root: str) -> str:
	"""Return *path*, which lies in the subtree of *old_root*, as it is after the root became *new_root*."""
	if not path.startswith(old_root):
		raise ValueError(f"{path!r} does not lie below {old_root!r}")
	return new_root + path[len(old_root) :]


def is_division_code(code: str, at_position: int) -> bool:
	"""Say whether *code* has the form of a statistical division code for a node at *at_position*."""
	return bool(DIVISION_CODE.fullmatch(code)) and len(code) == DIVISION_CODE_LENGTH.get(at_position)


def sits_in_village(path: str) -> bool:
	"""Say whether a node below the village level belongs to a village.

	Every grid belongs to exactly one village or community, never directly to a township or county
	(DB6101/T 3185-2024). Nodes at or above the village level are right by themselves.
	"""
	return position(path) <= VILLAGE or ancestor_path(path, VILLAGE) is not None


def split_households(households: int, target: int) -> list[int]:
	"""Split *households* (≥ 0) into grids of about *target* households each, sizes as even as possible.

	The sum of the result is *households*; a village with any household has at least one grid. The
	larger grids come first: ``split_households(85, 25) == [29, 28, 28]``.
	"""
	if target < 1:
		raise ValueError("the size aimed at must be at least one household")
	if households < 1:
		return []
	grids = max(1, round(households / target))
	size, rest = divmod(households, grids)
	return [size + 1] * rest + [size] * (grids - rest)


def is_current(from_date: date, to_date: date | None, today: date) -> bool:
	"""Say whether a post held from *from_date* to *to_date* (inclusive, None: open end) is held *today*."""
	return from_date <= today and (to_date is None or today <= to_date)


def standing(path: str, leads: bool, is_primary: bool) -> tuple[int, bool, bool, str]:
	"""Return what posts of one person are sorted by, the highest first.

	A post stands higher the nearer to the root its grid lies at *path*; in one grid its lead comes first, then the
	main post.
	"""
	return position(path), not leads, not is_primary, path


def periods_overlap(a_from: date, a_to: date | None, b_from: date, b_to: date | None) -> bool:
	"""Say whether two inclusive periods (None: open end) share a day."""
	return (b_to is None or a_from <= b_to) and (a_to is None or b_from <= a_to)


def rising(*numbers: int | None) -> bool:
	"""Say whether those of *numbers* that are given (not 0 or None) do not fall."""
	given = [number for number in numbers if number]
	return given == sorted(given)


def size_verdict(size: int, least: int | None, most: int | None) -> str:
	"""Say how *size* lies to its bounds, both inclusive; 0 or None is no bound."""
	if least and size < least:
		return TOO_SMALL
	if most and size > most:
		return TOO_LARGE
	return WITHIN


MOBILE_NUMBER = re.compile(r"1[3-9]\d{9}", re.ASCII)
"""A mobile number of the mainland: eleven digits (numbering plan of the ministry, 2017)."""

PASSWORD_LETTERS = "abcdefghijkmnpqrstuvwxyz"
PASSWORD_DIGITS = "23456789"
"""What first passwords are made of: nothing that is mistaken for something else on paper (l 1, o 0)."""


def mobile_number(text: str | None) -> str | None:
	"""Return *text* as eleven digits, without spaces, dashes and the country code; None for no mobile number."""
	digits = re.sub(r"[\s\-()]", "", text or "")
	digits = re.sub(r"^(\+86|0086)", "", digits)
	return digits if MOBILE_NUMBER.fullmatch(digits) else None


def masked_number(number: str | None) -> str:
	"""Return *number* with its middle hidden, as it may stand in a log: 138****0001."""
	return f"{number[:3]}****{number[-4:]}" if number and MOBILE_NUMBER.fullmatch(number) else (number or "")


def first_password(choice: Callable[[str], str]) -> str:
	"""Return six letters and four digits; *choice* takes one character of a text at random.

	With an even choice one of 783 thousand million.
	"""
	letters = "".join(choice(PASSWORD_LETTERS) for _ in range(6))
	return letters + "".join(choice(PASSWORD_DIGITS) for _ in range(4))


TILE_ADDRESS = re.compile(r"(?:https?://[^\s/@\"'<>]+/|/(?!/))[^\s\"'<>]*", re.ASCII)
"""An address on a server of its own or on this site, without a name and a password in it."""


def is_tile_address(text: str) -> bool:
	"""Say whether *text* is an address of map tiles: with the places of zoom, column and row, as Leaflet fills them."""
	plain = text.isascii() and TILE_ADDRESS.fullmatch(text)
	return bool(plain) and all(place in text for place in ("{z}", "{x}", "{y}"))
