"""Reads CSV and text with tabs: encoding and separator are found out. Pure Python."""

import codecs
import csv
import re
from io import StringIO

from grid_governance.spreadsheet.problems import (
	EMPTY,
	ENCODING,
	NO_TABLE,
	PAGE,
	QUOTES,
	TOO_LARGE,
	FileProblem,
)

MARKS = (
	(codecs.BOM_UTF8, "utf-8-sig"),
	(codecs.BOM_UTF16_LE, "utf-16"),
	(codecs.BOM_UTF16_BE, "utf-16"),
)
SEPARATORS = ",\t;"
SAMPLE = 50
SAMPLE_SIGNS = 1 << 16
"""Lines by which the separator is chosen, and how much of them at most: less than `csv` takes for one cell."""
CELLS = 12_000_000

CHINESE = re.compile("[\u4e00-\u9fff]")
NOT_TEXT = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f]")
TYPED_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)
"""How other programs keep Excel from taking digits for a number."""


def rows(content: bytes) -> list[list[str]]:
	"""Return the cells of a text, in rows of the same length, without the empty ones at its end. Raises FileProblem."""
	text = decoded(content)
	if not text.strip():
		raise FileProblem(EMPTY)
	if NOT_TEXT.search(text) or text.startswith(("%PDF", "{\\rtf")):
		raise FileProblem(NO_TABLE)
	if text.lstrip().startswith("<"):
		raise FileProblem(PAGE)
	found = _divided(text, _separator(text))
	while found and not any(map(str.strip, found[-1])):
		found.pop()
	width = max(map(len, found), default=0)
	if width * len(found) > CELLS:
		raise FileProblem(TOO_LARGE)
	return [[*row, *[""] * (width - len(row))] for row in found]


def decoded(content: bytes) -> str:
	"""Return *content* as text: UTF-16 where its mark stands, else UTF-8, else GB18030, which Excel writes in China.

	No character is guessed: raises FileProblem where an encoding does not fit from end to end.
	"""
	for mark, encoding in MARKS:
		if content.startswith(mark):
			return _strictly(content, encoding)
	try:
		return content.decode("utf-8")
	except UnicodeDecodeError:
		pass
	# one broken character would turn a whole file of UTF-8 into others of GB18030
	nearly = content.decode("utf-8", "replace")
	if len(CHINESE.findall(nearly)) > nearly.count("\ufffd"):
		raise FileProblem(ENCODING)
	return _strictly(content, "gb18030")


def _strictly(content: bytes, encoding: str) -> str:
	try:
		return content.decode(encoding)
	except UnicodeDecodeError as error:
		raise FileProblem(NO_TABLE if b"\0" in content and encoding == "gb18030" else ENCODING) from error


def _separator(text: str) -> str:
	"""Return what divides most of the first lines into the most cells."""
	sample = "\n".join(text[:SAMPLE_SIGNS].splitlines()[:SAMPLE])

	def cells(separator: str) -> int:
		return sum(len(row) - 1 for row in csv.reader(StringIO(sample, newline=""), delimiter=separator))

	return max(SEPARATORS, key=cells)


def _divided(text: str, separator: str) -> list[list[str]]:
	lines = csv.reader(StringIO(text.rstrip("\x1a"), newline=""), delimiter=separator, strict=True)
	found: list[list[str]] = []
	begun, cells = 1, 0
	try:
		for row in lines:
			cells += len(row)
			if cells > CELLS:
				raise FileProblem(TOO_LARGE)
			found.append([_meant(cell) for cell in row])
			begun = lines.line_num + 1
	except csv.Error as error:
		raise FileProblem(QUOTES, begun) from error
	return found


def _meant(cell: str) -> str:
	typed = TYPED_AS_TEXT.fullmatch(cell) if cell.startswith("=") else None
	return typed[1].replace('""', '"') if typed else cell
