"""What stands in a row of the sheet. Pure Python."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from grid_governance.spreadsheet import cells as read
from grid_governance.spreadsheet import headings
from grid_governance.spreadsheet.problems import CellProblem

MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
SEXES = {"男": "Male", "male": "Male", "女": "Female", "female": "Female"}
NOT_UNDERSTOOD = "{0} is not understood here. Choose from the list."
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


def header(rows: Sequence[Sequence[Any]], labels: Mapping[str, str]) -> tuple[int, dict[str, int]] | None:
	"""Return where the data of a sheet with *rows* begin and where each column stands, None for a sheet of something else.

	*labels* are the labels of `COLUMNS` in the reader's language, by key. The headings name the village or the grid
	and at least one more column.
	"""
	known: dict[str, str] = {}
	for column in COLUMNS:
		for said in (column.label, labels.get(column.key, ""), *column.synonyms):
			known.setdefault(headings.key(said), column.key)
	known.pop("", None)
	heading = headings.find(rows, known)
	if not heading:
		return None
	places: dict[str, int] = {}
	for at, _said, key in heading.columns:
		if key:
			places.setdefault(key, at)
	return (heading.first, places) if len(places) > 1 and {"village", "grid"} & set(places) else None


def parse(number: int, cells: Sequence[Any], places: Mapping[str, int]) -> Line | None:
	"""Return the row *number* with *cells*, whose columns stand at *places*; None for one that is empty or no data."""
	raw = {key: cells[at] if at < len(cells) else None for key, at in places.items()}
	if not any(read.text(value) for value in raw.values()) or headings.is_total(cells):
		return None
	line = Line(number, cells)
	for key in ("village", "area", "grid", "grid_code", "post", "name", "employer"):
		setattr(line, key, read.text(raw.get(key)))
	_read_households(line, raw.get("households"))
	_read_phone(line, raw.get("phone"))
	_read_sex(line, read.text(raw.get("sex")))
	_read_party_member(line, raw.get("party_member"))
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


def _read_households(line: Line, value: Any) -> None:
	shown = read.text(value)
	if not shown:
		return
	try:
		line.households = read.whole(value)
	except CellProblem:
		line.households = -1
	if line.households < 0:
		line.households = 0
		line.problems.append(Problem("households", "{0} is no number of households.", (shown,)))


def _read_phone(line: Line, value: Any) -> None:
	try:
		shown = read.digits(value)
	except CellProblem as problem:
		line.problems.append(Problem("phone", problem.message, problem.values))
		return
	line.phone = re.sub(r"[\-+]", "", shown).removeprefix("86") if len(shown) > 11 else shown
	if line.phone and not MOBILE.fullmatch(line.phone):
		line.problems.append(
			Problem("phone", "{0} is no mobile number: 11 digits that begin with 1.", (shown,))
		)


def _read_sex(line: Line, shown: str) -> None:
	line.sex = SEXES.get(shown.lower(), "")
	if shown and not line.sex:
		line.problems.append(Problem("sex", NOT_UNDERSTOOD, (shown,)))


def _read_party_member(line: Line, value: Any) -> None:
	if not read.text(value):
		return
	try:
		line.party_member = read.yes(value)
	except CellProblem as problem:
		line.problems.append(Problem("party_member", NOT_UNDERSTOOD, problem.values))


def _read_day(line: Line, key: str, value: Any) -> None:
	if not read.text(value):
		return
	try:
		setattr(line, key, read.day(value))
	except CellProblem as problem:
		line.problems.append(Problem(key, problem.message, problem.values))


def _check(line: Line) -> None:
	if line.has_person and not line.name:
		line.problems.append(Problem("name", "The name of the person is missing."))
	if line.has_person and not line.post:
		line.problems.append(Problem("post", "The post of the person is missing."))
	if line.from_date and line.to_date and line.to_date < line.from_date:
		line.problems.append(Problem("to_date", "The post ends before it begins."))
