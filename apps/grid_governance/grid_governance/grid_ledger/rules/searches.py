"""What somebody means who types a text to find people or households by, and which filters she may send with it."""

import re
import unicodedata
from collections.abc import Collection
from typing import Any, TypeGuard

from grid_governance.grid_ledger.rules import numbers

NUMBER, HOUSE, LETTERS, WORDS = "Number", "House", "Letters", "Words"
"""The whole number of somebody's papers, the beginning of a house number, of pinyin or initials, of a name or address."""

WHOLE_NUMBER = re.compile(r"\d{15}|\d{17}[\dX]", re.ASCII)
WILDCARDS = re.compile(r"[\\%_]")
"""What LIKE reads otherwise than as itself; Frappe's own escaping leaves no way to write it."""
PINYIN = re.compile(r"[a-z][a-z ']*", re.ASCII)

OPERATORS = frozenset({"=", "!=", "in", "not in", "like", "not like", "is", "between", ">", "<", ">=", "<="})
OF_MANY = frozenset({"in", "not in", "between"})
MANY = 500
"""Values of one filter."""

Filter = list[Any]


class FilterProblem(ValueError):
	"""A filter is none that may be sent with a search."""


def kind(text: str) -> tuple[str, str] | None:
	"""Return (what *text* is, *text* as it is looked for), None for an empty one.

	15 or 18 characters of a number are a whole one, whatever spaces stand in them; other digits begin a house number;
	letters of pinyin are written small, without spaces and with v for ü; the rest is a name or an address. Wildcards
	are left out, so that nobody finds by the middle of what she knows only in part.
	"""
	text = " ".join(WILDCARDS.sub("", unicodedata.normalize("NFKC", text or "")).split())
	if not text:
		return None
	if WHOLE_NUMBER.fullmatch(number := numbers.clean(text)):
		return NUMBER, number
	if text[0].isdecimal():
		return HOUSE, text
	letters = text.lower().replace("ü", "v")
	if PINYIN.fullmatch(letters):
		return LETTERS, re.sub(r"[ ']", "", letters)
	return WORDS, text


def beginning(text: str) -> str:
	"""Return the LIKE pattern of what begins with *text*, as `kind` gives it."""
	return f"{text}%"


def anywhere(text: str) -> str:
	"""Return the LIKE pattern of what holds *text*, as `kind` gives it."""
	return f"%{text}%"


def columns_of(pattern: str) -> tuple[str, ...]:
	"""Return the columns in which letters are looked for with the LIKE *pattern* of `beginning`.

	A single letter begins the pinyin of those whose initials it begins: looked for in both, half a town is read twice.
	"""
	return ("initials",) if len(pattern) == len(beginning("w")) else ("initials", "pinyin")


def checked_filters(given: object, doctype: str, fields: Collection[str]) -> list[Filter]:
	"""Return *given* as a list of [*doctype*, field, operator, value]: filters on *fields* of *doctype* alone.

	Taken as Frappe's link fields send them: {field: value or [operator, value]}, [field, operator, value] or with the
	DocType in front. Raises FilterProblem for another DocType or field, an operator that is not of `OPERATORS`, and a
	value that is neither plain nor a list of at most `MANY` plain ones.
	"""
	if not given:
		return []
	if isinstance(given, dict):
		given = [[field, *(value if _is_list(value) else ("=", value))] for field, value in given.items()]
	if not _is_list(given):
		raise FilterProblem
	return [_checked(one, doctype, fields) for one in given]


def _checked(one: object, doctype: str, fields: Collection[str]) -> Filter:
	parts = list(one) if _is_list(one) else []
	if len(parts) >= 4:
		of, *parts = parts[:4]
		if of != doctype:
			raise FilterProblem
	if len(parts) != 3:
		raise FilterProblem
	field, operator, value = parts
	if not isinstance(field, str) or field not in fields:
		raise FilterProblem
	operator = operator.lower() if isinstance(operator, str) else None
	if operator not in OPERATORS:
		raise FilterProblem
	many = _is_list(value)
	if many != (operator in OF_MANY) or (many and len(value) > MANY):
		raise FilterProblem
	if not all(each is None or isinstance(each, (str, int, float)) for each in (value if many else [value])):
		raise FilterProblem
	return [doctype, field, operator, value]


def _is_list(value: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
	return isinstance(value, (list, tuple))
