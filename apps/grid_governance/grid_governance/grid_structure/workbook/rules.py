"""What stands in a row of the sheet. Pure Python."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from grid_governance.scope.rules import plain

MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
DAY = re.compile(r"(\d{4})\D+(\d{1,2})\D+(\d{1,2})\D*", re.ASCII)
YES, NO = {"是", "√", "yes", "y", "1", "true"}, {"否", "×", "no", "n", "0", "false"}
SEXES = {"男": "Male", "male": "Male", "女": "Female", "female": "Female"}
VILLAGE_ENDINGS = ("村民委员会", "居民委员会", "村委会", "居委会", "社区", "村")


@dataclass(frozen=True)
class Column:
	"""A column of the sheet: its key, its label in English, other headings it is known by, its width."""

	key: str
	label: str
	width: int
	synonyms: tuple[str, ...] = ()


COLUMNS = (
	Column("village", "Village or Community", 18, ("村", "村居", "村(社区)", "社区", "村名")),
	Column("area", "Grid Area", 14, ("片区",)),
	Column("grid", "Grid", 18, ("网格名称",)),
	Column("grid_code", "Grid Code", 20, ("网格编号",)),
	Column("households", "Planned Households", 10, ("户数",)),
	Column("post", "Grid Post", 14, ("岗位", "职务", "岗位名称")),
	Column("name", "Name of the Person", 12, ("姓名", "人员姓名", "网格员姓名")),
	Column("phone", "Work Phone", 16, ("电话", "联系电话", "手机", "手机号", "手机号码")),
	Column("sex", "Sex", 8, ()),
	Column("party_member", "Party Member", 10, ("是否党员",)),
	Column("employer", "Employer", 18, ("单位",)),
	Column("from_date", "In Office Since", 12, ("任职日期", "任职时间")),
	Column("to_date", "In Office Until", 12, ("离任日期",)),
)


@dataclass(frozen=True)
class Problem:
	"""Why a row is refused: the key of the column, a sentence in English and what to put into it."""

	column: str
	message: str
	values: tuple[Any, ...] = ()


@dataclass
class Line:
	"""A row as it was read. `number` is its row in the sheet, `cells` what stood in it."""

	number: int
	cells: Sequence[Any]
	village: str = ""
	area: str = ""
	grid: str = ""
	grid_code: str = ""
	households: int = 0
	post: str = ""
	name: str = ""
	phone: str = ""
	sex: str = ""
	party_member: bool = False
	employer: str = ""
	from_date: date | None = None
	to_date: date | None = None
	problems: list[Problem] = field(default_factory=list)

	@property
	def has_person(self) -> bool:
		"""Whether the row names a person or a post."""
		return bool(self.name or self.post or self.phone)


def text(value: Any) -> str:
	"""Return *value* as it was meant: full-width characters narrow, spaces folded, 13800000000.0 without its fraction.

	Signs that make markup are wide, as they are stored.
	"""
	if value is None:
		return ""
	if isinstance(value, float) and value.is_integer():
		value = int(value)
	return plain(re.sub(r"\s+", " ", unicodedata.normalize("NFKC", str(value))).strip())


def header(cells: Sequence[Any], labels: Mapping[str, str]) -> dict[str, int] | None:
	"""Return where each column stands in a heading row, None for a row that is none.

	*labels* are the labels of `COLUMNS` in the reader's language, by key. A heading row names the village or the grid
	and at least one more column.
	"""
	known: dict[str, str] = {}
	for column in COLUMNS:
		for heading in (column.label, labels.get(column.key, ""), *column.synonyms):
			known.setdefault(_heading(heading), column.key)
	found: dict[str, int] = {}
	for at, cell in enumerate(cells):
		key = known.get(_heading(cell))
		if key:
			found.setdefault(key, at)
	return found if len(found) > 1 and {"village", "grid"} & set(found) else None


def parse(number: int, cells: Sequence[Any], places: Mapping[str, int]) -> Line | None:
	"""Return the row *number* with *cells*, whose columns stand at *places*; None for an empty one."""
	raw = {key: cells[at] if at < len(cells) else None for key, at in places.items()}
	if not any(text(value) for value in raw.values()):
		return None
	line = Line(number, cells)
	for key in ("village", "area", "grid", "grid_code", "post", "name", "employer"):
		setattr(line, key, text(raw.get(key)))
	_read_households(line, text(raw.get("households")))
	_read_phone(line, text(raw.get("phone")))
	_read_choice(line, "sex", text(raw.get("sex")))
	_read_choice(line, "party_member", text(raw.get("party_member")))
	for key in ("from_date", "to_date"):
		_read_day(line, key, raw.get(key))
	_check(line)
	return line


def village_key(name: str) -> str:
	"""Return *name* without the endings that say what kind of village it is, for comparing.

	What is called 金庄 for short is 金庄村 to its people and 金庄村村民委员会 on its seal.
	"""
	for ending in VILLAGE_ENDINGS:
		if name.endswith(ending) and len(name) > len(ending):
			return village_key(name.removesuffix(ending))
	return name


def _heading(cell: Any) -> str:
	"""Return a heading for comparing: what stands in brackets or behind a star is a remark."""
	return re.sub(r"[*(].*|\s", "", text(cell)).lower()


def _read_households(line: Line, value: str) -> None:
	if not value:
		return
	if value.isdigit():
		line.households = int(value)
	else:
		line.problems.append(Problem("households", "{0} is no number of households.", (value,)))


def _read_phone(line: Line, value: str) -> None:
	line.phone = re.sub(r"[\s\-+]", "", value).removeprefix("86") if len(value) > 11 else value
	if line.phone and not MOBILE.fullmatch(line.phone):
		line.problems.append(
			Problem("phone", "{0} is no mobile number: 11 digits that begin with 1.", (value,))
		)


def _read_choice(line: Line, key: str, value: str) -> None:
	if not value:
		return
	if key == "sex":
		line.sex = SEXES.get(value.lower(), "")
		known = bool(line.sex)
	else:
		line.party_member = value.lower() in YES
		known = value.lower() in YES | NO
	if not known:
		line.problems.append(Problem(key, "{0} is not understood here. Choose from the list.", (value,)))


def _read_day(line: Line, key: str, value: Any) -> None:
	if isinstance(value, datetime):
		setattr(line, key, value.date())
	elif isinstance(value, date):
		setattr(line, key, value)
	elif text(value):
		found = DAY.fullmatch(text(value))
		try:
			setattr(line, key, date(*map(int, found.groups())) if found else None)
		except ValueError:
			found = None
		if not found:
			line.problems.append(Problem(key, "{0} is no date. Write it as 2026-01-31.", (text(value),)))


def _check(line: Line) -> None:
	if line.has_person and not line.name:
		line.problems.append(Problem("name", "The name of the person is missing."))
	if line.has_person and not line.post:
		line.problems.append(Problem("post", "The post of the person is missing."))
	if line.from_date and line.to_date and line.to_date < line.from_date:
		line.problems.append(Problem("to_date", "The post ends before it begins."))
