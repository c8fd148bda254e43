"""Numbers of people and of organisations: GB 11643 with its 15-digit forerunner, GB 32100."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

MALE, FEMALE = "Male", "Female"

LENGTH, CHARACTERS, BIRTH, FUTURE, CHECK = "Length", "Characters", "Birth", "Future", "Check"
"""What may be wrong with a number."""

CITIZEN = re.compile(r"\d{17}[\dX]", re.ASCII)
OLD_CITIZEN = re.compile(r"\d{15}", re.ASCII)
ORGANISATION = re.compile(r"[\dA-HJ-NPQRTUWXY]{2}\d{6}[\dA-HJ-NPQRTUWXY]{10}", re.ASCII)
WITHIN = re.compile(
	r"(?<!\d)\d{6}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)", re.ASCII
)
"""A citizen number among other text."""

CENTURY_OF_OLD = "19"
"""Numbers of 15 digits were given until 1999 and write the year of birth with two digits."""

SHOWN_BEFORE, SHOWN_AFTER = 2, 1


class NumberProblem(ValueError):
	"""A number is not what its standard says; *kind* names what is wrong with it."""

	def __init__(self, kind: str) -> None:
		super().__init__(kind)
		self.kind = kind


@dataclass(frozen=True)
class Citizen:
	"""What a citizen number says: itself with 18 characters, the day of birth, the sex."""

	number: str
	birth_date: date
	sex: str


def clean(number: str) -> str:
	"""Return *number* as it is stored: half-width, in capitals, without spaces and hyphens."""
	if number.isascii() and number.isalnum():
		return number.upper()
	return re.sub(r"[\s\-‐-―−]", "", unicodedata.normalize("NFKC", number)).upper()


def citizen(number: str, today: date) -> Citizen:
	"""Return what the citizen number *number* says (GB 11643-1999; domain D11).

	Six digits of the division where it was first given, eight of the birth, three of a serial (odd for men), and
	a check character by ISO 7064 MOD 11-2. An old number of 15 digits is brought to 18 characters. Which divisions
	there are is not asked: numbers outlive them. Raises NumberProblem, also for a birth after *today*.
	"""
	number = clean(number)
	if OLD_CITIZEN.fullmatch(number):
		number = number[:6] + CENTURY_OF_OLD + number[6:]
		number += mod_11_2.calc_check_digit(number)
	if len(number) != 18:
		raise NumberProblem(LENGTH)
	if not CITIZEN.fullmatch(number):
		raise NumberProblem(CHARACTERS)
	try:
		born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
	except ValueError:
		raise NumberProblem(BIRTH) from None
	if born > today:
		raise NumberProblem(FUTURE)
	if not mod_11_2.is_valid(number):
		raise NumberProblem(CHECK)
	return Citizen(number, born, MALE if int(number[16]) % 2 else FEMALE)


def organisation(code: str) -> str:
	"""Return the unified social credit code *code* as it is stored (GB 32100-2015; domain D12).

	The first two characters name who registered it and what it is; those of rural collective economic organisations begin
	with N1, N2 or N3 (agricultural departments, since 2018). Raises NumberProblem.
	"""
	code = clean(code)
	if len(code) != 18:
		raise NumberProblem(LENGTH)
	if not ORGANISATION.fullmatch(code):
		raise NumberProblem(CHARACTERS)
	if code[-1] != uscc.calc_check_digit(code):
		raise NumberProblem(CHECK)
	return code


def masked(number: str) -> str:
	"""Return *number* with all but the province and the last character hidden.

	The day of birth and the sex stand beside it for everyone in scope, the division is that of the neighbours:
	with the usual six and four characters shown, a mask would hide nothing.
	"""
	hidden = max(len(number) - SHOWN_BEFORE - SHOWN_AFTER, 0)
	return number[:SHOWN_BEFORE] + "*" * hidden + number[SHOWN_BEFORE + hidden :]


def hidden_in(text: str) -> str:
	"""Return *text*, what is said of a cell that may hold anything, with each citizen number in it masked."""
	return WITHIN.sub(lambda found: masked(found[0]), text)


def one_apart(number: str, other: str) -> bool:
	"""Say whether two citizen numbers differ in exactly one character, the check character aside.

	It follows from the others, so two valid numbers never differ in one place alone.
	"""
	if len(number) != len(other) or number == other:
		return False
	return sum(a != b for a, b in zip(number[:-1], other[:-1], strict=True)) == 1
