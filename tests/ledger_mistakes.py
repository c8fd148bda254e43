"""What goes wrong in files of townships: mistakes, for which a row is refused, and slips, which are understood."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
	from tests.ledger_files import Person

NAME, RELATION, SEX, BORN = (
	f"Resident.{field}" for field in ("resident_name", "relation_to_head", "sex", "birth_date")
)
STATUS, EDUCATION, NUMBER = "Resident.status", "Resident.education", "Resident Identity.id_number"
PHONE, GRID, CODE = "Resident Contact.phone", "Grid.name", "Grid.code"

COLLOQUIAL: Mapping[str, Mapping[str, str]] = {
	"": {"": "序号"},
	"Grid.village": {"": "所属村"},
	"Grid.name": {"": "所属网格"},
	"Household.address": {"": "家庭住址"},
	"Resident.relation_to_head": {
		"": "与户主关系", "Spouse": "夫/妻", "Son": "子", "Daughter": "女", "Grandchild": "孙子/孙女", "Parent": "父亲/母亲",
		"Sibling": "弟/妹",
	},
	"Resident Identity.id_number": {"": "身份证号"},
	"Resident.birth_date": {"": "出生年月日"},
	"Resident.education": {"": "文化程度", "Primary School": "小学", "Junior Middle School": "初中", "College": "大专"},
	"Resident.political_status": {"": "政治面貌", "Party Member": "党员", "No Party": "群众"},
	"Resident.population_type": {"": "人口类型", "Registered": "户籍"},
	"Resident Contact.phone": {"": "联系电话"},
}  # fmt: skip
"""What people write: by target, the heading under "" and words by the code that they mean, of men and of women."""


class Mistake(Enum):
	"""Why a row is refused."""

	ROUNDED = "the number is a number, of which Excel keeps 15 digits"
	SCIENTIFIC = "the number is the text 1.23E+17"
	CHECK_DIGIT = "the last character of the number does not fit"
	SHORT_NUMBER = "the number lacks a digit"
	BORN_OTHERWISE = "the date of birth is not that of the number"
	SEX_OTHERWISE = "the sex is not that of the number"
	BORN_AHEAD = "born in a year to come"
	NO_SUCH_DAY = "born on 30 February"
	MONTH_ONLY = "the date of birth has no day"
	NO_NAME = "the name is missing"
	LONG_NAME = "the name is longer than its field"
	NO_RELATION = "the relation to the head is missing"
	UNKNOWN_RELATION = "a relation that nobody knows"
	UNKNOWN_WORD = "an education that nobody knows"
	PHONE_OF_WORDS = "the phone is a sentence"
	UNKNOWN_GRID = "a grid that the village does not have"
	GONE_WITHOUT_DAY = "moved out, nobody says when"
	NUMBER_TWICE = "two members with one number"
	NO_HEAD = "a household without a head"
	TWO_HEADS = "a household with two heads"


class Slip(Enum):
	"""What looks wrong and is understood."""

	SPACES = "spaces in and around the name"
	WIDE_DIGITS = "the number in full-width digits"
	SMALL_X = "the number with a small x, or a space in it"
	PHONE_OF_EXCEL = "the phone as a number, with a fraction"
	FORMULA = "an occupation that begins like a formula"
	MARKUP = "an occupation with markup in it"
	NO_NUMBER = "no number"
	NO_BIRTH = "no date of birth: the number says it"


def spoil_row(kind: Mistake | Slip, people: Sequence["Person"]) -> list["Person"]:
	"""Do *kind* to one of *people*, a household with its head first; return who is hit, nobody where it does not fit."""
	if kind in OF_HOUSEHOLD:
		if len(people) < 2:
			return []
		return OF_HOUSEHOLD[kind](people)
	person = people[-1]
	cells = OF_PERSON[kind](person)
	# Where the head is refused, so are the others: only someone besides the head shows what becomes of one row.
	if cells is None or len(people) < 2:
		return []
	person.cells.update(cells)
	return [person]


def _no_head(people: Sequence["Person"]) -> list["Person"]:
	people[0].cells[RELATION] = "非亲属"
	return list(people)


def _two_heads(people: Sequence["Person"]) -> list["Person"]:
	people[1].cells[RELATION] = "户主"
	return list(people)


def _number_twice(people: Sequence["Person"]) -> list["Person"]:
	"""The second has the number of the first, and says nothing that contradicts it."""
	people[1].cells.update({NUMBER: people[0].values[NUMBER], BORN: None, SEX: None})
	return [people[1]]


def _unknown_grid(people: Sequence["Person"]) -> list["Person"]:
	for person in people:
		person.cells.update({GRID: "第九十九网格", CODE: "990101999999999"})
	return list(people)


def _later_year(person: "Person") -> dict[str, Any]:
	born: date = person.values[BORN]
	return {BORN: f"{born.year + 200}-{born.month}-{born.day}", NUMBER: None}


def _other_check(person: "Person") -> str:
	number = person.values[NUMBER]
	return number[:-1] + ("1" if number[-1] != "1" else "2")


def _as_excel_has(person: "Person") -> float:
	return float(person.values[NUMBER].replace("X", "0"))


OF_HOUSEHOLD: Mapping[Mistake | Slip, Callable[[Sequence["Person"]], list["Person"]]] = {
	Mistake.NO_HEAD: _no_head,
	Mistake.TWO_HEADS: _two_heads,
	Mistake.NUMBER_TWICE: _number_twice,
	Mistake.UNKNOWN_GRID: _unknown_grid,
}

OF_PERSON: Mapping[Mistake | Slip, Callable[["Person"], dict[str, Any] | None]] = {
	Mistake.ROUNDED: lambda person: {NUMBER: _as_excel_has(person)},
	Mistake.SCIENTIFIC: lambda person: {NUMBER: f"{_as_excel_has(person):.5E}"},
	Mistake.CHECK_DIGIT: lambda person: {NUMBER: _other_check(person)},
	Mistake.SHORT_NUMBER: lambda person: {NUMBER: person.values[NUMBER][:-1]},
	Mistake.BORN_OTHERWISE: lambda person: {BORN: person.values[BORN].replace(year=person.values[BORN].year - 1, day=1)},
	Mistake.SEX_OTHERWISE: lambda person: {SEX: "女" if person.values[SEX] == "Male" else "男"},
	Mistake.BORN_AHEAD: _later_year,
	Mistake.NO_SUCH_DAY: lambda person: {BORN: "1987-02-30", NUMBER: None},
	Mistake.MONTH_ONLY: lambda person: {BORN: f"{person.values[BORN].year}年{person.values[BORN].month}月", NUMBER: None},
	Mistake.NO_NAME: lambda person: {NAME: None},
	Mistake.LONG_NAME: lambda person: {NAME: person.name * 40},
	Mistake.NO_RELATION: lambda person: {RELATION: None},
	Mistake.UNKNOWN_RELATION: lambda person: {RELATION: "干爹的邻居"},
	Mistake.UNKNOWN_WORD: lambda person: {EDUCATION: "读过几年书"},
	Mistake.PHONE_OF_WORDS: lambda person: {PHONE: "欠费停机"},
	Mistake.GONE_WITHOUT_DAY: lambda person: {STATUS: "已迁出"},
	Slip.SPACES: lambda person: {NAME: f" {person.name[:1]}　{person.name[1:]} "},
	Slip.WIDE_DIGITS: lambda person: {NUMBER: person.values[NUMBER].translate(_WIDE)},
	Slip.SMALL_X: lambda person: {NUMBER: f"{person.values[NUMBER][:6]} {person.values[NUMBER][6:].lower()}"},
	Slip.PHONE_OF_EXCEL: lambda person: {PHONE: float(person.values[PHONE])} if person.values[PHONE] else None,
	Slip.FORMULA: lambda person: {"Resident.occupation": '=HYPERLINK("http://x.example";"务工")'},
	Slip.MARKUP: lambda person: {"Resident.occupation": "<b>务工</b><script>alert(1)</script>"},
	Slip.NO_NUMBER: lambda person: {NUMBER: None},
	Slip.NO_BIRTH: lambda person: {BORN: None},
}  # fmt: skip

_WIDE = {ord("0") + digit: chr(0xFF10 + digit) for digit in range(10)}
