"""The process that reads a workbook: takes it from standard input and sends its cells to standard output. Pure Python.

It is apart because what it reads comes from anywhere: one cell in XFD1048576 takes half a terabyte of what calamine
lays out, and a request for memory that is refused ends the process. So it has its bounds, and whoever asked lives on.
"""

import pickle
import resource
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from typing import Any

from python_calamine import (
	CalamineError,
	CalamineSheet,
	CalamineWorkbook,
	PasswordError,
	SheetTypeEnum,
	SheetVisibleEnum,
)

from grid_governance.spreadsheet.problems import DAMAGED, PASSWORD, TOO_LARGE, FileProblem

MEMORY = 1536 << 20
"""Bytes; 180,000 rows of 30 columns take half of it."""
SECONDS = 60
"""Of computing; the same rows take six."""
CELLS = 12_000_000
"""In all sheets, empty ones between others counted."""
BLOCK = 2_000
"""Rows that are sent together."""
REPEATED = (str, date, datetime)
"""Types whose values are kept and sent once."""


def main() -> None:
	"""Send the name of each sheet, its rows in blocks and an empty block, at the end None; or the kind of a FileProblem."""
	for what, most in (
		(resource.RLIMIT_AS, MEMORY),
		(resource.RLIMIT_CPU, SECONDS),
		(resource.RLIMIT_CORE, 0),
	):
		_limit(what, most)
	send = pickle.Pickler(sys.stdout.buffer, pickle.HIGHEST_PROTOCOL).dump
	try:
		for message in _messages(sys.stdin.buffer.read()):
			send(message)
	except FileProblem as problem:
		send((problem.kind,))
	except PasswordError:
		send((PASSWORD,))
	except MemoryError:
		send((TOO_LARGE,))
	except CalamineError:
		send((DAMAGED,))
	sys.stdout.buffer.flush()


def _limit(what: int, most: int) -> None:
	"""Allow this process *most* of *what*, or what the system allows at most."""
	allowed = resource.getrlimit(what)[1]
	most = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
	resource.setrlimit(what, (most, most))


def _messages(content: bytes) -> Iterator[Any]:
	workbook = CalamineWorkbook.from_filelike(BytesIO(content))
	kept: dict[Any, Any] = {}
	cells = 0
	for at, about in enumerate(workbook.sheets_metadata):
		if about.visible != SheetVisibleEnum.Visible or about.typ != SheetTypeEnum.WorkSheet:
			continue
		sheet = workbook.get_sheet_by_index(at)
		if not sheet.end:
			continue
		cells += (sheet.end[0] + 1) * (sheet.end[1] + 1)
		if cells > CELLS:
			raise FileProblem(TOO_LARGE)
		yield about.name
		yield from _blocks(sheet, kept)
		yield []
	yield None


def _blocks(sheet: CalamineSheet, kept: dict[Any, Any]) -> Iterator[list[list[Any]]]:
	"""Yield the rows of *sheet* without the empty ones at its end; what is equal is one object, in all of *kept*."""
	before = [""] * (sheet.start[1] if sheet.start else 0)
	width = sheet.end[1] + 1 if sheet.end else 0
	blank = [""] * width
	fill = _Merged(sheet, width)
	keep = kept.setdefault
	block: list[list[Any]] = []
	blanks = 0
	for number, cells in enumerate(sheet.iter_rows()):
		row = [keep(cell, cell) if isinstance(cell, REPEATED) else cell for cell in cells]
		if before:
			row = before + row
		fill(number, row)
		if row == blank:
			blanks += 1
			continue
		block += [blank] * blanks
		blanks = 0
		block.append(row)
		if len(block) >= BLOCK:
			yield block
			block = []
	if block:
		yield block


class _Merged:
	"""Puts the value of each merged range into all its cells, row by row from the first."""

	def __init__(self, sheet: CalamineSheet, width: int) -> None:
		self._starting: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
		for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
			self._starting[top].append((left, min(right, width - 1), bottom))
		self._open: list[tuple[int, int, int, Any]] = []
		self._filled = 0

	def __call__(self, number: int, row: list[Any]) -> None:
		"""Fill the cells of *row*, the one with *number* from 0."""
		for left, right, bottom in self._starting.get(number, ()):
			if left < len(row) and row[left] != "":
				self._open.append((left, right, bottom, row[left]))
		for left, right, _bottom, value in self._open:
			row[left : right + 1] = [value] * (right + 1 - left)
			self._filled += right + 1 - left
		if self._filled > CELLS:
			raise FileProblem(TOO_LARGE)
		if self._open:
			self._open = [one for one in self._open if one[2] > number]


if __name__ == "__main__":
	main()
