"""Files as townships send them: a row for each person, clean or with what goes wrong in them.

    from tests.ledger_homes import Place, homes, spoil
    from tests.ledger_mistakes import Mistake, Slip

    place = Place(village="里溪村", grid="第一网格", code="990101100001001")
    township = homes([place], households=20, people=60, seed=1, today=date(2026, 3, 1))
    spoil(township, [Mistake.CHECK_DIGIT, Slip.WIDE_DIGITS], seed=1)
    file = one_sheet(township, Look(title=True))
    xlsx(file), csv_text(file, "gb18030")

Everything follows from the seed. Nobody of it lives: see `grid_governance/setup/demo/families.py`. What a heading or a word
is called here is what the desk calls it, or (`Look(colloquial=True)`) what people write instead.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet.cell_range import CellRange

import grid_governance
from tests.ledger_homes import Home, Person, Values
from tests.ledger_mistakes import COLLOQUIAL

APP = Path(grid_governance.__file__).parent

HEADINGS = {
	"": "序号",
	"Grid.village": "村居",
	"Grid.name": "网格",
	"Grid.code": "网格编码",
	"Household.household_no": "户号",
	"Household.address": "地址",
	"Household.residence_state": "居住情况",
	"Resident.resident_name": "姓名",
	"Resident.relation_to_head": "与户主关系",
	"Resident.sex": "性别",
	"Resident Identity.id_number": "公民身份号码",
	"Resident.birth_date": "出生日期",
	"Resident.ethnicity": "民族",
	"Resident.education": "教育",
	"Resident.political_status": "政治面貌",
	"Resident.occupation": "职业",
	"Resident.population_type": "人口类别",
	"Resident.status": "状态",
	"Resident.status_date": "起始日期",
	"Resident Contact.phone": "电话",
}
"""Heading by the key of the target (see `importing/columns.py`); the first is nothing's."""

GROUPS = {
	"Grid.village": "所在网格",
	"Household.household_no": "农户",
	"Resident.resident_name": "人员基本情况",
}
"""The upper of two rows of headings: what begins at a column."""

EXCEL_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True)
class Look:
	"""How a sheet looks: a title above, two rows of merged headings, sums below, cells merged down over a household.

	*dates*: "date", "text" (a different form from row to row) or "serial"; *grids*: by "name" or "code"; *first_only*: what is
	said of the household stands in its first row only.
	"""

	title: bool = False
	two_rows: bool = False
	totals: bool = False
	merged_down: bool = False
	first_only: bool = False
	colloquial: bool = False
	dates: str = "date"
	grids: str = "name"


@dataclass
class Sheet:
	"""Rows of cells, the merged ranges (first row, first column, last row, last column; from 1), and who stands in which row."""

	name: str
	rows: list[list[Any]] = field(default_factory=list)
	merged: list[tuple[int, int, int, int]] = field(default_factory=list)
	people: dict[int, Person] = field(default_factory=dict)
	"""By the number of the row as Excel shows it."""


def one_sheet(homes: Sequence[Home], look: Look | None = None, name: str = "人口台账") -> Sheet:
	"""Return households and people in one sheet, a row for each person."""
	look = look or Look()
	keys = _columns(homes, look)
	sheet = _begin(name, keys, look)
	for home in homes:
		first = len(sheet.rows) + 1
		for at, person in enumerate(home.people):
			once = at and (look.first_only or look.merged_down)
			values = person.values | ({} if once else home.values)
			_add(sheet, keys, {"": len(sheet.people) + 1, **values}, look, person)
		if look.merged_down and len(home.people) > 1:
			sheet.merged += [
				(first, column, len(sheet.rows), column)
				for column, key in enumerate(keys, start=1)
				if key in home.values
			]
	return _end(sheet, keys, look)


def two_sheets(homes: Sequence[Home], look: Look | None = None) -> list[Sheet]:
	"""Return a sheet of households, with their heads, and one of people, who name village and number of the household."""
	look = look or Look()
	keys = _columns(homes, look)
	of_home = [key for key in keys if key in ("", *homes[0].values)]
	of_people = [key for key in keys if key not in of_home]
	joined = ["", "Grid.village", "Household.household_no"]
	households, people = _begin("农户", of_home, look), _begin("人员", [*joined, *of_people], look)
	for number, home in enumerate(homes, start=1):
		wrong = {key: cell for key, cell in home.people[0].cells.items() if key in home.values}
		_add(households, of_home, {"": number, **home.values}, look, cells=wrong)
		for person in home.people:
			values = person.values | {key: home.values[key] for key in joined[1:]}
			_add(people, [*joined, *of_people], {"": len(people.people) + 1, **values}, look, person)
	return [_end(households, of_home, look), _end(people, [*joined, *of_people], look)]


def xlsx(*sheets: Sheet) -> bytes:
	"""Return *sheets* as an Excel file."""
	book = Workbook(write_only=True)
	for sheet in sheets:
		page = book.create_sheet(sheet.name)
		for row in sheet.rows:
			page.append([_text(page, cell) if isinstance(cell, str) else cell for cell in row])
		for top, left, bottom, right in sheet.merged:
			page.merged_cells.add(CellRange(min_row=top, min_col=left, max_row=bottom, max_col=right))
	file = io.BytesIO()
	book.save(file)
	return file.getvalue()


def _text(page: Any, value: str) -> Any:
	"""A text that begins like a formula, as Excel keeps one that was typed after an apostrophe."""
	if not value.startswith("="):
		return value
	cell = WriteOnlyCell(page, value)
	cell.data_type = "s"
	return cell


def csv_text(sheet: Sheet, encoding: str = "utf-8-sig", separator: str = ",") -> bytes:
	"""Return *sheet* as text with a separator; merged cells say their value in the first of them alone, as Excel does it."""
	text = io.StringIO()
	csv.writer(text, delimiter=separator).writerows(sheet.rows)
	return text.getvalue().encode(encoding)


def _columns(homes: Sequence[Home], look: Look) -> list[str]:
	"""The keys of the columns that the sheet has, in the order of `HEADINGS`, then those of care."""
	used = {key for home in homes for person in home.people for key in (*person.values, *person.cells)}
	used |= {"", *homes[0].values}
	used.discard("Grid.code" if look.grids == "name" else "Grid.name")
	return [key for key in HEADINGS if key in used] + sorted(used.difference(HEADINGS))


def _begin(name: str, keys: Sequence[str], look: Look) -> Sheet:
	sheet, width = Sheet(name), len(keys)
	if look.title:
		sheet.rows += [
			[f"{name}登记表", *[None] * (width - 1)],
			["填报单位：（盖章）", *[None] * (width - 1)],
		]
		sheet.merged.append((1, 1, 1, width))
	headings = [_heading(key, look) for key in keys]
	if look.two_rows:
		upper = len(sheet.rows) + 1
		starts = [at for at, key in enumerate(keys) if key in GROUPS]
		sheet.rows.append([GROUPS.get(key) for key in keys])
		for start, end in zip(starts, [*starts[1:], width], strict=True):
			if end - start > 1:
				sheet.merged.append((upper, start + 1, upper, end))
		if starts and starts[0]:  # what stands before the first group is as high as both rows
			for at in range(starts[0]):
				sheet.rows[-1][at], headings[at] = headings[at], None
				sheet.merged.append((upper, at + 1, upper + 1, at + 1))
	sheet.rows.append(headings)
	return sheet


def _end(sheet: Sheet, keys: Sequence[str], look: Look) -> Sheet:
	if look.totals:
		blank = [None] * (len(keys) - 2)
		sheet.rows += [
			["合计", f"{len(sheet.people)}人", *blank],
			[None] * len(keys),
			["制表人：", "审核人：", *blank],
		]
	return sheet


def _add(
	sheet: Sheet,
	keys: Sequence[str],
	values: Values,
	look: Look,
	person: Person | None = None,
	cells: Values | None = None,
) -> None:
	number, male = len(sheet.rows) + 1, values.get("Resident.sex") != "Female"
	cells = person.cells if person else cells or {}
	sheet.rows.append(
		[cells[key] if key in cells else _cell(key, values.get(key), look, number, male) for key in keys]
	)
	if person:
		sheet.people[number] = person


def _heading(key: str, look: Look) -> str:
	if look.colloquial and key in COLLOQUIAL:
		return COLLOQUIAL[key][""]
	return HEADINGS.get(key) or key.partition(".")[2]


def _cell(key: str, value: Any, look: Look, number: int, male: bool) -> Any:
	"""What stands in the cell of a *value* of a man or a woman: dates and words as *look* has them."""
	if isinstance(value, date):
		if look.dates == "serial":
			return (value - EXCEL_EPOCH) // timedelta(days=1)
		if look.dates == "text":
			forms = ("{0:%Y}-{0.month}-{0.day}", "{0:%Y.%m.%d}", "{0:%Y}年{0.month}月{0.day}日", "{0:%Y%m%d}")
			return forms[number % len(forms)].format(value)
		return value
	if isinstance(value, str) and value.isascii() and value[:1].isalpha():
		words = COLLOQUIAL.get(key, {}).get(value, "").split("/") if look.colloquial else []
		return (words[0 if male else -1] if words else "") or _desk().get(value, value)
	return value


@cache
def _desk() -> dict[str, str]:
	"""What the desk calls the codes, in Chinese."""
	with (APP / "translations" / "zh.csv").open(encoding="utf-8", newline="") as file:
		return {row[0]: row[1] for row in csv.reader(file) if len(row) > 1 and row[1]}
