"""What an import spends its time on, taken away one after another: each obstacle is a patch that leaves the rest as it is."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from types import SimpleNamespace
from unittest.mock import patch

from grid_governance.grid_ledger.importing import lines, rows, uploads, writer
from grid_governance.grid_ledger.importing.shapes import Line

Obstacle = Callable[[], AbstractContextManager[object]]

_books: dict[str, object] = {}
_lines: dict[tuple[int, int], Line | None] = {}
"""What was read and understood the first time: of one file, in all runs."""


@contextmanager
def _reading() -> Iterator[None]:
	"""The file is read before."""
	read = uploads.read

	def remembered(content: bytes, name: str) -> object:
		if name not in _books:
			_books[name] = read(content, name)
		return _books[name]

	with patch.object(uploads, "read", remembered):
		yield


@contextmanager
def _validation() -> Iterator[None]:
	"""What the cells say is known from the time before, and nothing of it is missing."""
	compile_ = lines.reader

	def reader(*given: object) -> Callable[[int, int, list[object]], Line | None]:
		of = compile_(*given)

		def read(sheet: int, number: int, cells: list[object]) -> Line | None:
			if (sheet, number) not in _lines:
				_lines[sheet, number] = of(sheet, number, cells)
			return _lines[sheet, number]

		return read

	with patch.object(lines, "reader", reader), patch.object(rows.Maker, "problems", lambda *_given: []):
		yield


def _numbered() -> Callable[[rows.Maker], str]:
	numbers = count()
	return lambda _maker: f"b{next(numbers):09d}"


OBSTACLES: dict[str, Obstacle] = {
	"reading": _reading,
	"validation": _validation,
	"pinyin": lambda: patch.object(rows, "keys_of", lambda _name: ("pinyin", "p")),
	"naming": lambda: patch.object(rows.Maker, "_name", _numbered()),
	"encryption": lambda: patch.object(
		writer, "Fernet", lambda _key: SimpleNamespace(encrypt=lambda _plain: b"0" * 120)
	),
	"hashing": lambda: patch.object(rows.identities, "hasher", lambda: lambda number: number.rjust(64, "0")),
	"writing": lambda: patch.object(writer.Rows, "statements", lambda _rows, _part: []),
}
"""In the order in which they are taken away. What the first two take away is done in the run before."""
