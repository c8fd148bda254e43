"""What a cell means, however it was typed. Pure Python.

Each function takes what `book.read` gives (a text, a float, a bool, a date …) and raises CellProblem where the cell does
not say what is wanted; whether it may be empty is asked before, by `text`.
"""

import math
import re
from datetime import date, datetime, time, timedelta
from typing import Any
from unicodedata import is_normalized, normalize

from grid_governance.scope.rules import plain
from grid_governance.spreadsheet.problems import DAY, MONTH, NUMBER, ROUNDED, WHOLE, YES, CellProblem

YES_WORDS = frozenset(("是", "有", "对", "已", "√", "✓", "✔", "☑", "v", "y", "yes", "true", "1"))
NO_WORDS = frozenset(
	("否", "无", "没有", "不是", "未", "×", "✗", "✘", "✕", "☐", "□", "n", "no", "false", "0")
)

EXACT = 10**15
"""From here on Excel no longer keeps every digit of a number."""

EPOCH = date(1899, 12, 30)
"""Day 0 of Excel's serial numbers, after the 29 February 1900 that it believes in."""
SERIALS = range(367, 109_575)
"""Serial numbers that are taken for days: 1901 to 2199."""
MISTAKEN = range(1900, 2100)
"""Serial numbers, of days in 1905, that are more likely years."""
YEARS = range(1900, 2200)

PUNCTUATION = "，。、；：？！（）【】《》“”‘’…—～·"
"""Chinese signs that stay as they are; others that only look wide become narrow."""
_OTHER = re.compile(f"[^{PUNCTUATION}]+")
_UNSEEN = re.compile(
	"[\x00-\x08\x0e-\x1b\x7f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff\ufffe\uffff]"
)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－", "-"))

_EXPONENT = re.compile(r"\d(\.\d+E\+?|E\+)\d\d", re.ASCII | re.IGNORECASE)
_QUOTES = re.compile(r"[\s'\"`´‘’＇＂]")
_DAY = re.compile(
	r"(\d{4})(?: ?[-/.,年] ?| )(\d{1,2})(?: ?[-/.,月] ?| )(\d{1,2}) ?[日号]?(?:[ T]?\d{1,2}:\d\d(:\d\d(\.\d+)?)?)?",
	re.ASCII,
)
_EIGHT = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_MONTH = re.compile(r"(?:19|20)\d\d ?(?:年|[-/.,年] ?\d{1,2} ?月?|(?:0[1-9]|1[0-2]))?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?", re.ASCII)


def text(value: Any) -> str:
	"""Return *value* as it was meant: wide letters and digits narrow, spaces folded, nothing unseen, 5.0 as 5.

	Signs that make markup are wide, as they are stored; the punctuation of Chinese stays. A number of more digits than
	Excel keeps comes as Excel shows it, 1.23E+17: the digits that it would have are not the ones that were typed.
	"""
	if isinstance(value, str):
		return _line(value)
	if value is None:
		return ""
	if isinstance(value, float):
		return f"{value:.15g}".upper()
	if isinstance(value, datetime):
		shown = value.isoformat(" ", "minutes")
		return shown.removesuffix(" 00:00")
	return _line(str(value))


def _line(value: str) -> str:
	if not value.isascii() and not is_normalized("NFKC", value):
		value = _OTHER.sub(lambda run: normalize("NFKC", run[0]), value)
	if not value.isprintable():
		value = _UNSEEN.sub("", value)
	value = " ".join(value.split())
	return plain(value) if "<" in value or ">" in value or '"' in value else value


def fold(value: Any) -> str:
	"""Return *value* for comparing with another: without spaces, small, also its punctuation narrow."""
	return normalize("NFKC", text(value)).translate(_DASHES).replace(" ", "").casefold()


def digits(value: Any) -> str:
	"""Return a number that is not counted with, of a person or a telephone, as it was typed, without spaces and quotes.

	Raises CellProblem(ROUNDED) where Excel has taken it for a number of more than 15 digits: the last are lost for good.
	"""
	if isinstance(value, (int, float)) and abs(value) >= EXACT:
		raise CellProblem(ROUNDED, text(float(value)))
	shown = text(value)
	found = shown if shown.isascii() else normalize("NFKC", shown).translate(_DASHES)
	if not found.isalnum():
		found = _QUOTES.sub("", found)
	if _EXPONENT.fullmatch(found):
		raise CellProblem(ROUNDED, shown)
	return found if found.isalnum() else plain(found)


def seems_rounded(number: str) -> bool:
	"""Say whether *number*, which its check character refuses, is most likely one that Excel has rounded: 18 digits, 000 last."""
	return len(number) == 18 and number.isdecimal() and number.endswith("000")


def day(value: Any) -> date:
	"""Return the day that *value* says: a date, a serial number of Excel, or a text with the year first, as 1980年1月31日.

	Raises CellProblem(MONTH) for a year or a month alone, else CellProblem(DAY), also for years before 1900 and
	for days whose order of numbers must be guessed, as 1/2/1980.
	"""
	if isinstance(value, datetime):
		value = value.date()
	if isinstance(value, date):
		if value.year in YEARS:
			return value
	elif isinstance(value, (int, float)) and not isinstance(value, bool):
		return _day_of_number(value)
	elif not isinstance(value, (bool, time, timedelta)):
		return _day_of_text(text(value))
	raise CellProblem(DAY, text(value))


def _day_of_number(value: float) -> date:
	number = int(value) if math.isfinite(value) else 0
	if number in SERIALS and number not in MISTAKEN:  # also one with a time of day behind its point
		return EPOCH + timedelta(days=number)
	return _day_of_text(text(value))


def _day_of_text(shown: str) -> date:
	typed = shown if shown.isascii() else normalize("NFKC", shown).translate(_DASHES)
	found = _EIGHT.fullmatch(typed) or _DAY.fullmatch(typed)
	if found:
		year, month, of_month = (int(found[at]) for at in (1, 2, 3))
		try:
			if year in YEARS:
				return date(year, month, of_month)
		except ValueError:
			pass
	elif _MONTH.fullmatch(typed):
		raise CellProblem(MONTH, shown)
	elif typed.isdecimal() and len(typed) == 5 and int(typed) in SERIALS:
		return EPOCH + timedelta(days=int(typed))
	raise CellProblem(DAY, shown)


def whole(value: Any) -> int:
	"""Return the whole number that *value* says: 3, 3.0, "1,200". Raises CellProblem(WHOLE)."""
	try:
		number = decimal(value)
	except CellProblem as problem:
		raise CellProblem(WHOLE, problem.shown) from None
	if not number.is_integer() or abs(number) >= EXACT:
		raise CellProblem(WHOLE, text(value))
	return int(number)


def decimal(value: Any) -> float:
	"""Return the number that *value* says: 1.5, "1,200.5". Raises CellProblem(NUMBER), also for one with a unit behind it."""
	if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
		return float(value)
	shown = text(value)
	typed = normalize("NFKC", shown).translate(_DASHES)
	if not _NUMBER.fullmatch(typed) or not math.isfinite(number := float(typed.replace(",", ""))):
		raise CellProblem(NUMBER, shown)
	return number


def yes(value: Any) -> bool:
	"""Return whether *value* says yes: 是, 有, √, 1 …, or no: 否, 无, ×, 0 …. Raises CellProblem(YES) for anything else."""
	if isinstance(value, bool):
		return value
	word = fold(value).rstrip("\ufe0f")  # which makes a coloured tick of a plain one
	if word in YES_WORDS:
		return True
	if word in NO_WORDS:
		return False
	raise CellProblem(YES, text(value))
