"""Reads the tables of a file, whatever kind it is: what is in it decides, not what it is called. Pure Python."""

import pickle
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from typing import IO, Any

from grid_governance.spreadsheet import delimited
from grid_governance.spreadsheet.problems import DAMAGED, EMPTY, NO_TABLE, PASSWORD, TOO_LARGE, FileProblem

ZIP, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""What the containers of .xlsx, .xlsb and .ods and of .xls begin with."""

UNPACKED = 512 << 20
"""Bytes that a workbook may unpack to; 180,000 rows of 30 columns take half of it."""

READER = "grid_governance.spreadsheet.reader"


@dataclass(frozen=True, slots=True)
class Sheet:
	"""A sheet: its cells from A1 on, in rows of the same length; an empty cell is an empty text.

	A row's place in `rows` is its number in Excel less one. Cells are texts, floats, booleans, dates, datetimes, times
	or timedeltas; those of a merged range all have its value.
	"""

	name: str
	rows: list[list[Any]]


@dataclass(frozen=True, slots=True)
class Book:
	"""The sheets of a file that have cells, in their order, without the hidden ones."""

	sheets: tuple[Sheet, ...]


def read(content: bytes, filename: str) -> Book:
	"""Return the tables in *content*: a workbook of Excel, WPS or LibreOffice, or a CSV, whose sheet is called as *filename*.

	Raises FileProblem for what is no table, is empty, protected, damaged or too large to be one of a township.
	"""
	if content.startswith(ZIP):
		_check_archive(content)
		sheets = _of_workbook(content)
	elif content.startswith(COMPOUND):
		_check_compound(content)
		sheets = _of_workbook(content)
	else:
		sheets = [Sheet(PurePath(filename).stem, delimited.rows(content))]
	found = tuple(sheet for sheet in sheets if sheet.rows)
	if not found:
		raise FileProblem(EMPTY)
	return Book(found)


def _check_archive(content: bytes) -> None:
	try:
		with zipfile.ZipFile(BytesIO(content)) as archive:
			parts = archive.infolist()
	except (zipfile.BadZipFile, ValueError, OSError) as error:
		raise FileProblem(DAMAGED) from error
	if not any(part.filename.lower().startswith(("xl/", "content.xml")) for part in parts):
		raise FileProblem(NO_TABLE)
	if sum(part.file_size for part in parts) > UNPACKED:
		raise FileProblem(TOO_LARGE)


def _check_compound(content: bytes) -> None:
	"""Raise FileProblem for what Office keeps in the container of .xls beside tables: locked .xlsx, documents, slides."""

	def has(*streams: str) -> bool:
		return any(stream.encode("utf-16-le") in content for stream in streams)

	if has("EncryptedPackage"):
		raise FileProblem(PASSWORD)
	if has("WordDocument", "PowerPoint Document") and not has("Workbook", "Book"):
		raise FileProblem(NO_TABLE)


def _of_workbook(content: bytes) -> list[Sheet]:
	"""Read a workbook in a process of its own, which may be killed by what it reads, and only that."""
	with subprocess.Popen(
		[sys.executable, "-I", "-m", READER],
		stdin=subprocess.PIPE,
		stdout=subprocess.PIPE,
		stderr=subprocess.DEVNULL,
	) as process:
		assert process.stdin and process.stdout
		try:
			process.stdin.write(content)
			process.stdin.close()
			return list(_received(process.stdout))
		except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
			# a signal stops what takes more memory or time than there is; what it reads itself it answers
			raise FileProblem(TOO_LARGE if process.wait() < 0 else DAMAGED) from error
		finally:
			process.kill()


def _received(stream: IO[bytes]) -> Iterator[Sheet]:
	"""Yield the sheets that the reader sends: the name of each, its rows in blocks, an empty block; at the end None."""
	messages = _Values(stream)
	while (name := messages.load()) is not None:
		if isinstance(name, tuple):
			raise FileProblem(*name)
		rows: list[list[Any]] = []
		while block := messages.load():
			if isinstance(block, tuple):
				raise FileProblem(*block)
			rows += block
		yield Sheet(name, rows)


class _Values(pickle.Unpickler):
	"""Takes dates and times beside plain values, and nothing else."""

	def find_class(self, module: str, name: str) -> Any:
		if module == "datetime" and name in {"date", "datetime", "time", "timedelta"}:
			return super().find_class(module, name)
		raise pickle.UnpicklingError(f"{module}.{name}")
