"""What a row of the file says, column by column, and what is wrong with its cells.

A reader is compiled once for the columns of a sheet from what the fields themselves ask for (type, length, options, custom
fields included); a text that comes again is not read again. What a row means beside others is the plan's.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, validate_email_address, validate_name, validate_phone_number, validate_url

from grid_governance.grid_ledger.importing.changes import listed
from grid_governance.grid_ledger.importing.columns import SINCE, Target, word
from grid_governance.grid_ledger.importing.shapes import Line, Problem
from grid_governance.grid_ledger.rules import numbers
from grid_governance.grid_structure.rules import mobile_number
from grid_governance.spreadsheet import cells
from grid_governance.spreadsheet.problems import CellProblem

BLANK = frozenset(("", "-", "--", "/", "//", "\\", "—", "——", "…", "……", "#N/A", "#REF!", "#VALUE!"))
"""What people write into a cell that stays empty, and what Excel shows where a formula finds nothing."""

NOTHING = BLANK | frozenset(("无", "暂无", "没有", "不详", "未知", "不清楚", "空", "null", "none", "n/a"))
"""The same where no text is wanted: who has no telephone has "无"."""

CONTACT_PHONE = "Resident Contact.phone"
"""Several telephones may stand in one cell: the value is a list."""

REMEMBERED = 20_000
"""Texts of one column that are read once."""

CHOICES = 30
"""Words that are offered where one was not understood."""

TEXT_BYTES = 65_535
"""What MariaDB keeps of a text (`frappe.db.type_map`), in bytes."""

_BETWEEN = re.compile(r"[、,，;；/|\n]+")
_BETWEEN_PHONES = re.compile(r"[、,，;；/|\s]+")

Read = Callable[[Any], Any]
"""Returns the value of a cell, None for an empty one; raises CellProblem or WordProblem."""


class WordProblem(ValueError):
	"""A cell does not say what its column needs; the text says what is wrong, in the reader's language."""


def reader(columns: Mapping[int, Target], today: date) -> Callable[[int, int, Sequence[Any]], Line | None]:
	"""Return what makes a Line of (sheet, row number, cells), None for a row in which none of *columns* says anything.

	*columns*: the target of each column that is taken, by its index from 0. Those that the session user may not write are
	left out. Of several columns for one target the first that is filled counts; telephones are gathered.
	"""
	taken = [
		(at, target.key, _remembering(_read_of(target, today)))
		for at, target in sorted(columns.items())
		if target.may_write
	]

	def read(sheet: int, number: int, row: Sequence[Any]) -> Line | None:
		values: dict[str, Any] = {}
		problems: list[Problem] = []
		width = len(row)
		for at, key, of in taken:
			cell = row[at] if at < width else None
			if cell is None or cell == "":
				continue
			try:
				value = of(cell)
			except CellProblem as problem:
				problems.append(Problem(key, _(problem.message).format(*problem.values)))
				continue
			except WordProblem as problem:
				problems.append(Problem(key, str(problem)))
				continue
			if value is None:
				continue
			if key not in values:
				values[key] = value
			elif key == CONTACT_PHONE:
				values[key] = list(dict.fromkeys((*values[key], *value)))
		return Line(sheet, number, row, values, problems) if values or problems else None

	return read


def _remembering(read: Read) -> Read:
	known: dict[str, Any] = {}

	def remembered(cell: Any) -> Any:
		if type(cell) is not str:
			return read(cell)
		if cell in known:
			return known[cell]
		value = read(cell)
		if len(known) < REMEMBERED:
			known[cell] = value
		return value

	return remembered


def _read_of(target: Target, today: date) -> Read:
	"""What reads the cells of *target*, by the type of its field."""
	if target.key == CONTACT_PHONE:
		return _with(_phones, NOTHING)
	if target.key == "Resident.birth_date":
		return _with(lambda cell: _past(cells.day(cell), today), NOTHING)
	if target.key == "Resident.resident_name":
		return _with(_short(_person, _length(target)), BLANK)
	by_type: dict[str, Read] = {
		"Check": lambda cell: int(cells.yes(cell)),
		"Int": _number(target, cells.whole, 2**31 - 1),
		"Float": _number(target, cells.decimal, 10**12),
		"Currency": _number(target, cells.decimal, 10**12),
		"Percent": _number(target, cells.decimal, 10**12),
		"Date": cells.day,
		"Datetime": _moment,
		"Time": _time,
		"Password": lambda cell: numbers.clean(cells.digits(cell)) or None,
		"Select": _choice(target),
		"Link": _choice(target),
		"Table MultiSelect": _choices(target),
		"Phone": _with_country_code,
		SINCE: _since,
	}
	if target.fieldtype in ("Check", SINCE):
		return _with(by_type[target.fieldtype], BLANK)
	if target.fieldtype in ("Select", "Link", "Table MultiSelect"):
		return by_type[target.fieldtype]
	if target.fieldtype in by_type:
		return _with(by_type[target.fieldtype], NOTHING)
	return _with(_short(_plain(target), _length(target)), BLANK)


def _with(read: Read, nothing: frozenset[str]) -> Read:
	"""Read what is not one of the words for *nothing*."""

	def reading(cell: Any) -> Any:
		if isinstance(cell, str) and cell.strip() in nothing:
			return None
		return read(cell)

	return reading


def _length(target: Target) -> int | None:
	"""How many characters the column of *target* keeps, None for a long text."""
	df = target.df
	kind, default = frappe.db.type_map.get(target.fieldtype, ("varchar", frappe.db.VARCHAR_LEN))
	return (cint(df.length if df else 0) or cint(default)) if kind == "varchar" else None


def _short(read: Read, length: int | None) -> Read:
	"""Refuse a text that is longer than *length* characters, or than a long text may be."""

	def reading(cell: Any) -> str | None:
		text = read(cell)
		if text and len(text) > (length or TEXT_BYTES // 4):
			raise WordProblem(
				_("{0} characters are too many: at most {1} are kept. Shorten it.").format(
					len(text), length or TEXT_BYTES // 4
				)
			)
		return text or None

	return reading


_CHECKS: dict[str, Callable[[str], Any]] = {
	"Phone": validate_phone_number,
	"Email": validate_email_address,
	"Name": validate_name,
	"URL": validate_url,
}
"""What Frappe asks of a Data field by its options."""


def _plain(target: Target) -> Read:
	options = target.df.options if target.df and target.fieldtype == "Data" else None
	check = _CHECKS.get(options or "")
	if not check:
		return cells.text

	def checked(cell: Any) -> str:
		text = cells.digits(cell) if options == "Phone" else cells.text(cell)
		text = (mobile_number(text) or text) if options == "Phone" else text
		if text and not check(text):
			raise WordProblem(_("{0} is not understood here. Write it as {1}.").format(text, _(options)))
		return text

	return checked


def _person(cell: Any) -> str:
	"""A name: 王 军 is 王军, as it is written to fill the width of a column; other letters keep their spaces."""
	text = cells.text(cell)
	return text if text.isascii() else re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", text)


def _past(day: date, today: date) -> date:
	if day > today:
		raise WordProblem(
			_("The date of birth {0} lies ahead. Correct it.").format(frappe.format(day, "Date"))
		)
	return day


def _number(target: Target, read: Read, most: int) -> Read:
	is_positive = bool(target.df and target.df.non_negative)

	def reading(cell: Any) -> Any:
		number = read(cell)
		if is_positive and number < 0:
			raise WordProblem(_("{0} is below zero. Correct it.").format(cells.text(cell)))
		if abs(number) > most:
			raise WordProblem(_("{0} is too large. Correct it.").format(cells.text(cell)))
		return number

	return reading


def _moment(cell: Any) -> datetime:
	day = cells.day(cell)
	return cell if isinstance(cell, datetime) else datetime(day.year, day.month, day.day)


def _time(cell: Any) -> str:
	text = cells.text(cell)
	if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?", text, re.ASCII):
		raise WordProblem(_("{0} is no time. Write it as 08:30.").format(text))
	return text


def _since(cell: Any) -> date | bool | None:
	"""The day since when, True for yes; None for no: nobody is taken out of a category by a file."""
	if isinstance(cell, date):
		return cells.day(cell)
	try:
		return cells.yes(cell) or None
	except CellProblem:
		return cells.day(cell)


def _phones(cell: Any) -> list[str] | None:
	if not isinstance(cell, str):
		return [_phone(cells.digits(cell))]
	whole = mobile_number(cells.digits(cell))
	found = [whole] if whole else _BETWEEN_PHONES.split(cells.text(cell))
	return list(dict.fromkeys(_phone(cells.digits(each)) for each in found if each)) or None


def _phone(text: str) -> str:
	mobile = mobile_number(text)
	if not mobile and (not validate_phone_number(text) or sum(map(str.isdecimal, text)) < 5):
		raise WordProblem(
			_("{0} is no telephone number. Write digits alone; several with a comma between them.").format(
				text
			)
		)
	return mobile or text


def _with_country_code(cell: Any) -> str:
	text = cells.digits(cell)
	mobile = mobile_number(text)
	return f"+86-{mobile}" if mobile else text


def _choice(target: Target) -> Read:
	words = target.words

	def reading(cell: Any) -> str | None:
		text = cells.text(cell)
		code = words.get(word(text))
		if code is None and text not in NOTHING:
			raise WordProblem(_not_known(text, target))
		return code

	return reading


def _choices(target: Target) -> Read:
	words = target.words

	def reading(cell: Any) -> list[str] | None:
		found = []
		for text in filter(None, map(cells.text, _BETWEEN.split(str(cell)))):
			code = words.get(word(text))
			if code is not None:
				found.append(code)
			elif text not in NOTHING:
				raise WordProblem(_not_known(text, target))
		return list(dict.fromkeys(found)) or None

	return reading


def _not_known(text: str, target: Target) -> str:
	"""Say what may be chosen instead of *text*, in the reader's language."""
	allowed = listed(list(target.labels.values())[:CHOICES])
	return _("{0} is not understood here. Choose one of these: {1}.").format(text, allowed)
