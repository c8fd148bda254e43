"""A file that is sent to do harm is refused in words: it takes no memory, no time, no other file, and breaks nothing."""

import contextlib
import io
import math
import resource
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_governance.spreadsheet import book, cells, writing
from grid_governance.spreadsheet.problems import CellProblem, FileProblem

SECONDS = 90
"""What no refusal may take, on a busy machine."""

ROOM = 1 << 30
"""Bytes that reading may take beside what the process has: files come up to some ten megabytes."""

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
STRINGS = f"{HEAD}<sst {MAIN}><si><t>姓名</t></si><si><t>张三</t></si></sst>"
ROWS = '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>1</v></c></row>'


def plain_workbook() -> dict[str, bytes]:
	"""The parts of a small workbook, by their names."""
	workbook = openpyxl.Workbook()
	workbook.active.append(["姓名"])
	workbook.active.append(["张三"])
	file = io.BytesIO()
	workbook.save(file)
	with zipfile.ZipFile(file) as archive:
		return {name: archive.read(name) for name in archive.namelist()}


def packed(**changed: str | bytes) -> bytes:
	"""A workbook with other *strings* or another *sheet*."""
	parts = plain_workbook()
	for part, name in (("strings", "xl/sharedStrings.xml"), ("sheet", "xl/worksheets/sheet1.xml")):
		if part in changed:
			text = changed[part]
			parts[name] = text.encode() if isinstance(text, str) else text
	return zipped(parts)


def zipped(parts: dict[str, bytes]) -> bytes:
	file = io.BytesIO()
	with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
		for name, content in parts.items():
			archive.writestr(name, content)
	return file.getvalue()


def sheet(data: str = ROWS, before: str = "", after: str = "", kind: str = "") -> str:
	return f"{HEAD}{kind}<worksheet {MAIN}>{before}<sheetData>{data}</sheetData>{after}</worksheet>"


def far_cell(dimension: str = "") -> bytes:
	data = ROWS + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
	return packed(sheet=sheet(data, f'<dimension ref="{dimension}"/>' if dimension else ""))


def merged(*ranges: str) -> bytes:
	cells_ = "".join(f'<mergeCell ref="{each}"/>' for each in ranges)
	return packed(sheet=sheet(after=f'<mergeCells count="{len(ranges)}">{cells_}</mergeCells>'))


def wide_and_long() -> bytes:
	rows = "".join(f'<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>' for row in range(1, 2001))
	return packed(sheet=sheet(rows))


def lying_size() -> bytes:
	"""A part that unpacks to a gibibyte and says that it is small."""
	content = bytearray(packed(strings=STRINGS.encode() + b" " * (1 << 28)))
	size = (len(STRINGS.encode()) + (1 << 28)).to_bytes(4, "little")
	assert size in content
	return bytes(content.replace(size, (1000).to_bytes(4, "little")))


def laughing(system: str = "") -> bytes:
	"""Entities that double thirty times, or one that is a file of this machine."""
	entities = f'<!ENTITY a0 SYSTEM "{system}">' if system else '<!ENTITY a0 "哈">'
	entities += "".join(f'<!ENTITY a{at} "&a{at - 1};&a{at - 1};">' for at in range(1, 31))
	name = "&a0;" if system else "&a30;"
	return packed(
		strings=f"{HEAD}<!DOCTYPE sst [{entities}]><sst {MAIN}><si><t>姓名</t></si><si><t>{name}</t></si></sst>"
	)


def many_strings() -> bytes:
	return packed(strings=f"{HEAD}<sst {MAIN}>".encode() + b"<si><t/></si>" * 10_000_000 + b"</sst>")


HARMFUL: dict[str, Callable[[], bytes]] = {
	"a cell in the last corner": far_cell,
	"a cell in the last corner, said to be small": lambda: far_cell("A1:A2"),
	"two thousand rows to the last column": wide_and_long,
	"two gibibytes of blanks": lambda: zipped(plain_workbook() | {"xl/x.xml": b" " * (2 << 30)}),
	"a size that lies": lying_size,
	"separators": lambda: b"," * 14_000_000,
	"lines of separators": lambda: b",,,,,,,,,\n" * 1_400_000,
	"a wide line among many": lambda: b"," * 5_000_000 + b"\nx" * 2_000_000,
	"a quotation that never ends": lambda: '姓名\n"张三\n'.encode() + b"x\n" * 3_000_000,
	"a cell of ten megabytes": lambda: "姓名\n".encode() + b"x" * 10_000_000,
	"a quoted cell of ten megabytes": lambda: '姓名\n"'.encode() + b"x" * 10_000_000 + b'"',
	"program": lambda: b"\x7fELF" + bytes(range(256)) * 1000,
	"page of the web": lambda: "<table><tr><td>姓名</td></tr></table>".encode(),
}
"""Files that are refused."""

HARMLESS: dict[str, Callable[[], bytes]] = {
	"a sheet merged whole": lambda: merged("A1:XFD1048576"),
	"merged over and over": lambda: merged(*["A1:Z1000"] * 100_000),
	"ten million texts": many_strings,
	"merged backwards": lambda: merged("Z9:A1", "A0:B0", "A1:"),
	"entities": laughing,
	"a file of the machine": lambda: laughing("file:///etc/passwd"),
	"a text that is not there": lambda: packed(sheet=sheet(ROWS.replace("<v>1</v>", "<v>99999999</v>"))),
	"a text with a negative number": lambda: packed(sheet=sheet(ROWS.replace("<v>1</v>", "<v>-1</v>"))),
	"numbers out of this world": lambda: packed(
		sheet=sheet(
			'<row r="1"><c r="A1"><v>1E999</v></c><c r="B1"><v>-1E999</v></c><c r="C1"><v>NaN</v></c></row>'
		)
	),
	"row and cell without a place": lambda: packed(sheet=sheet("<row><c><v>1</v></c><c><v>2</v></c></row>")),
	"no strings": lambda: packed(strings=""),
	"half of a workbook": lambda: packed()[:2000],
	"half of an old workbook": lambda: (
		b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") * 99
	),
	"names that lead out": lambda: zipped(plain_workbook() | {"../../../tmp/x": b"x", "/etc/x": b"x"}),
}
"""Files that may be read, or refused; nothing else comes of them."""


@pytest.fixture
def bounded() -> Iterator[None]:
	"""Let the process have no more than `ROOM` for what the test does, and look at the clock."""
	with open("/proc/self/statm") as file:
		used = int(file.read().split()[0]) * resource.getpagesize()
	before = resource.getrlimit(resource.RLIMIT_AS)
	resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, before[1]))
	begun = time.monotonic()
	try:
		yield
	finally:
		resource.setrlimit(resource.RLIMIT_AS, before)
	assert time.monotonic() - begun < SECONDS


@pytest.fixture
def content(request: pytest.FixtureRequest) -> bytes:
	return request.param()


def of(files: dict[str, Callable[[], bytes]]) -> pytest.MarkDecorator:
	return pytest.mark.parametrize("content", files.values(), ids=files, indirect=True)


@of(HARMFUL)
def test_it_is_refused(content, bounded):
	with pytest.raises(FileProblem):
		book.read(content, "村民.csv")


@of(HARMLESS)
def test_nothing_comes_of_it(content, bounded):
	try:
		found = book.read(content, "村民.xlsx")
	except FileProblem:
		return
	with open("/etc/passwd") as file:
		stranger = file.readline().strip()
	assert stranger not in repr(found)
	assert sum(map(len, repr(found.sheets))) < 10_000_000


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_whatever_bytes_are_sent(content):
	"""But for workbooks, which cost a process each: those are cut up below."""
	if content.startswith((book.ZIP, book.COMPOUND)):
		return
	with contextlib.suppress(FileProblem):
		book.read(content, "x")


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_whatever_becomes_of_a_workbook_on_its_way(data):
	parts = plain_workbook()
	name = data.draw(st.sampled_from(sorted(parts)))
	part = bytearray(parts[name])
	for _time in range(data.draw(st.integers(1, 8))):
		part[data.draw(st.integers(0, len(part) - 1))] = data.draw(st.integers(0, 255))
	with contextlib.suppress(FileProblem):
		book.read(zipped(parts | {name: bytes(part)}), "x")


CELL = st.one_of(
	st.text(max_size=40),
	st.text(alphabet="0123456789.,-+eE年月日/:Xx万一²①٣ 　'\"=", max_size=40),
	st.from_regex(r"\d{4300,5000}", fullmatch=True),
	st.floats(),
	st.integers(-(10**20), 10**20),
	st.booleans(),
	st.dates(),
	st.datetimes(),
	st.times(),
	st.timedeltas(),
	st.none(),
)


@given(CELL)
@settings(max_examples=600, deadline=None)
def test_whatever_stands_in_a_cell(value):
	for read, kind in (
		(cells.text, str),
		(cells.digits, str),
		(cells.day, date),
		(cells.whole, int),
		(cells.decimal, float),
		(cells.yes, bool),
	):
		try:
			found = read(value)
		except CellProblem as problem:
			assert "<" not in problem.shown
			continue
		assert isinstance(found, kind), read
		if read is cells.text:
			assert not set(found) & set('<>"'), "markup is kept wide"
		if read in (cells.decimal, cells.whole):
			assert math.isfinite(found), "no column of the database holds it"


def test_a_day_is_a_day():
	assert not isinstance(cells.day(datetime(2020, 1, 2, 3)), datetime)
	assert cells.text(timedelta(days=1))


@given(st.text(alphabet=st.characters(exclude_categories=()), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_is_read_again(text):
	"""As a name of a sheet, a heading, a choice, a cell and its note; and it is text."""
	column = writing.Column(text, choices=(text, "二"), note=text)
	made = writing.workbook([writing.Page(text, [column], [[text], [text]], {(0, 0): text})])
	read = openpyxl.load_workbook(io.BytesIO(made))
	assert {cell.data_type for page in read for row in page.iter_rows() for cell in row} <= {
		"s",
		"n",
		"inlineStr",
	}
	assert len(read.worksheets) == 2
