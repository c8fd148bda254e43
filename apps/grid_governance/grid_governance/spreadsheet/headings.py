"""Finds the row that names the columns, and tells rows of data from what stands around them. Pure Python."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from grid_governance.spreadsheet.cells import fold, text

ROWS = 15
"""Headings are looked for among so many rows; titles and remarks may stand above them."""

LOOKED_AT = 200
"""Rows of data in which a column without a heading must have a cell to be one."""

FIRST = 5
"""Columns by which headings are told from data at a glance."""

LONGEST_GROUP = 12
"""Signs of a heading over several others; what is longer is a title."""

_REMARK = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
_BEHIND_STAR = re.compile(r"(?<=.)\*.*")
_NUMBERED = re.compile(r"^(\d{1,2}[.、]|[一二三四五六七八九十]{1,3}、)")
_SIGNS = re.compile(r"[\s*_\-—/\\|、，,。.·:：;；'\"＂‘’“”?？!！]")

_SAYS_SOMETHING = re.compile(r"[:：\d]")
_FILLING = re.compile(r"(基本|个人|主要|详细|登记)?(信息|情况|资料|数据|登记)$")
_OF_OTHERS = re.compile(
	r"户主|配偶|父亲|母亲|父母|子女|监护|家属|亲属|亲戚|邻居|房东|承租|联系人|紧急|经办|代办|申请|介绍|见证"
	r"|包保|帮扶|结对|负责|责任|网格员|网格长|干部|书记|主任|组长|楼长|单元长|医生|民警|志愿者"
)
"""Above a heading, these make of it one of another person: the name below 监护人 is not the resident's."""

_TOTAL = re.compile(
	r"(本[页组村]|本网格|本片区|本社区|全[村组]|以上)?(合计|总计|小计|共计|累计)[\d户人口个名处家]*"
)
_BELOW = re.compile(
	r"(制表|填表|填报|审核|复核|审批|校对|统计|登记|经办|主管|报送|(单位|村|社区)?负责)"
	r"(人员|人|员|单位|日期|时间|领导)?(签字|签名|签章|盖章)?:.*"
	r"|(制表|填表|填报|审核|报送)(人|单位|日期|时间)"
	r"|(注|备注|说明|填表说明|注意事项):.*"
)
_MAY_STAND_BELOW = re.compile("[:：人位期间]")
"""What every text that `_BELOW` matches has; most cells have none of it."""


@dataclass(frozen=True, slots=True)
class Heading:
	"""Where the headings stand: `first` is the place of the first row of data in the sheet's rows, from 0.

	`columns` has the place of each column that has a heading or cells, its heading as it stands (two that stand over each
	other with a space between), and the key of what it is known as, or an empty text.
	"""

	first: int
	columns: list[tuple[int, str, str]]

	def repeats(self, cells: Sequence[Any]) -> bool:
		"""Say whether *cells* are the headings once more, as they stand on every printed page."""
		looks_so = 0
		for at, heading, _key in self.columns[:FIRST]:
			cell = cells[at] if at < len(cells) else ""
			looks_so += isinstance(cell, str) and bool(cell) and cell.rstrip()[-1:] == heading[-1:]
		if looks_so < min(2, len(self.columns)):
			return False  # as nearly every row, at a glance
		named = [(at, fold(heading)) for at, heading, _key in self.columns if heading]
		said = [(heading, fold(cells[at]) if at < len(cells) else "") for at, heading in named]
		same = sum(bool(cell) and heading.endswith(cell) for heading, cell in said)
		return same > 1 and same > len(named) / 2


@dataclass(frozen=True, slots=True)
class _Reading:
	"""A way to read one row or two as headings: how many different keys they have, and whether two must be one."""

	at: int
	rows: int
	names: list[str]
	keys: list[str]
	is_certain: bool = False

	@property
	def rank(self) -> tuple[bool, int, int, int]:
		known = len({key for key in self.keys if key})
		return self.is_certain and known > 0, known, self.rows, -self.at


def find(rows: Sequence[Sequence[Any]], known: Mapping[str, str]) -> Heading | None:
	"""Return where the headings of *rows* stand, None where there are none.

	*known* are the keys of columns by the normal form (see `key`) of each heading they are known by. Of the first rows
	it is the one, or the two over each other, that names most of them; of equals the first.
	"""
	shown = [[text(cell) for cell in row] for row in rows[: ROWS + 1]]
	readings = [reading for at in range(min(ROWS, len(shown))) for reading in _readings(shown, at, known)]
	found = max(readings, key=lambda reading: reading.rank, default=None)
	if not found or not any(found.keys):
		return None
	first = found.at + found.rows
	while first < len(shown) and _only_numbers_columns(shown[first]):
		first += 1
	sample = rows[first : first + LOOKED_AT]
	columns = [
		(at, name, key)
		for at, (name, key) in enumerate(zip(found.names, found.keys, strict=True))
		if name or any(text(row[at]) for row in sample if at < len(row))
	]
	return Heading(first, columns)


def key(value: Any) -> str:
	"""Return the normal form of a heading: small, without remarks in brackets, stars, signs and a number before it."""
	shown = normalize("NFKC", text(value)).lower().strip().lstrip("* ")
	shown = _NUMBERED.sub("", _BEHIND_STAR.sub("", shown))
	return _SIGNS.sub("", _REMARK.sub("", shown)) or _SIGNS.sub("", shown)


def is_total(cells: Sequence[Any]) -> bool:
	"""Say whether *cells* are no data but what stands below or between: a total, who made the list, a text over all cells."""
	filled = [cell for cell in cells if cell is not None and cell != ""]
	if not filled:
		return False
	if len(filled) > 2 and filled.count(filled[0]) == len(filled):
		said = text(filled[0])
		return len(said) > 3 and not said.isdecimal()
	if (
		isinstance(filled[0], str)
		and _MAY_STAND_BELOW.search(filled[0])
		and _BELOW.fullmatch(fold(filled[0]))
	):
		return True
	return any(
		isinstance(cell, str) and "计" in cell and bool(_TOTAL.fullmatch(key(cell))) for cell in filled[:3]
	)


def _readings(shown: list[list[str]], at: int, known: Mapping[str, str]) -> Iterator[_Reading]:
	names = shown[at]
	different = {name for name in names if name}
	if len(different) < 2 and len(names) > 1:
		return  # a title
	yield _Reading(at, 1, names, [_key_of(name, known) for name in names])
	if at + 1 < len(shown):
		yield from _over_each_other(at, names, shown[at + 1], known)


def _over_each_other(
	at: int, upper: list[str], lower: list[str], known: Mapping[str, str]
) -> Iterator[_Reading]:
	"""Yield the reading of *upper* as groups over *lower*, if they are.

	A cell that is merged over both rows has its text in both; in a text file only the first cell of a group has one.
	"""
	over = [name if len(name) <= LONGEST_GROUP and not _SAYS_SOMETHING.search(name) else "" for name in upper]
	for column in range(1, min(len(over), len(lower))):
		if not upper[column] and over[column - 1] and lower[column] and lower[column - 1]:
			over[column] = over[column - 1]
	pairs = [
		(group if below else above, below) for group, above, below in zip(over, upper, lower, strict=False)
	]
	grouped: set[int] = set()
	for at_left, ((before, beside), (above, below)) in enumerate(itertools.pairwise(pairs)):
		if above and above == before and below and beside and below != beside and above != below:
			grouped |= {at_left, at_left + 1}
	if not grouped or len({above for above, _below in pairs if above}) < 2:
		return
	merged = sum(bool(above) and above == below for above, below in pairs)
	known_above, known_below = (
		len({known.get(key(name)) for name in row} - {None}) for row in (upper, lower)
	)
	names_columns = known_below > max(1, known_above)
	# else under a heading that is no group stands data
	apart = sum(
		bool(above and below) and above != below and column not in grouped
		for column, (above, below) in enumerate(pairs)
	)
	if apart > len(pairs) // 4 and not names_columns:
		return
	named = [_named(above, below, known) for above, below in pairs]
	names, keys = [name for name, _key in named], [key for _name, key in named]
	yield _Reading(at, 2, names, keys, is_certain=names_columns or bool(merged and not apart))


def _key_of(name: str, known: Mapping[str, str]) -> str:
	"""Return the key of a heading of one row, which may be what two rows were joined to when the file was made."""
	above, _space, below = name.rpartition(" ")
	found = known.get(key(name), "")
	return found if found or not above or above.isascii() else _named(above, below, known)[1]


def _named(above: str, below: str, known: Mapping[str, str]) -> tuple[str, str]:
	"""Return the heading of a column with *above* over *below*, and its key."""
	if not above or not below or above == below:
		name = above or below
		return name, known.get(key(name), "")
	said, group = key(below), key(above)
	forms = [group + said, _FILLING.sub("", group) + said]
	if not _OF_OTHERS.search(group):
		forms.append(said)
	return f"{above} {below}", next((known[form] for form in forms if form in known), "")


def _only_numbers_columns(cells: Sequence[str]) -> bool:
	"""Say whether *cells* number the columns: 1, 2, 3 …"""
	shown = [cell.strip("()（） ") for cell in cells if cell]
	return len(shown) > 2 and shown == [str(number) for number in range(1, len(shown) + 1)]
