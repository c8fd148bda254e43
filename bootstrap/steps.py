"""Steps that know whether they are done.

A step is done when its stamp holds the digest of everything that it was made from. Stamps are written
after the work, so an interrupted step runs again.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


def digest(*parts: str | bytes | Path) -> str:
	"""SHA-256 (hex) over texts, bytes and the contents of files and folders, each with its length.

	A folder counts with the relative path and content of every file below it; a path that is not
	there counts as absent, which differs from an empty file.
	"""
	result = hashlib.sha256()
	for part in parts:
		for piece in _pieces(part):
			result.update(str(len(piece)).encode() + b":" + piece)
	return result.hexdigest()


def files_below(folder: Path, skip: Iterable[str] = ("node_modules", "__pycache__")) -> Iterator[Path]:
	"""Every regular file below a folder in a fixed order, without folders of the names in ``skip``."""
	skipped = set(skip)
	for base, folders, names in os.walk(folder):
		folders[:] = sorted(name for name in folders if name not in skipped)
		for name in sorted(names):
			yield Path(base, name)


class Stamps:
	"""Remembers, one small file a step, from what a step's result was made."""

	def __init__(self, folder: Path) -> None:
		self.folder = folder

	def matches(self, name: str, value: str) -> bool:
		"""Whether the step was finished with exactly this digest."""
		return self.read(name) == value

	def read(self, name: str) -> str | None:
		"""The digest of the last finished run, None when there was none."""
		try:
			return (self.folder / name).read_text().strip()
		except FileNotFoundError:
			return None

	def write(self, name: str, value: str) -> None:
		"""Note that the step is finished."""
		write_whole(self.folder / name, value + "\n")

	def drop(self, name: str) -> None:
		"""Forget the step, so that it runs again."""
		(self.folder / name).unlink(missing_ok=True)


def write_whole(path: Path, text: str, mode: int = 0o644) -> None:
	"""Write a file so that a reader sees the old text or the new one, never half of it.

	The file has ``mode`` from its first byte on, so a secret is never readable by others for a moment.
	"""
	path.parent.mkdir(parents=True, exist_ok=True)
	handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
	try:
		os.fchmod(handle, mode)
		with os.fdopen(handle, "w", encoding="utf-8") as sink:
			sink.write(text)
		os.replace(temporary, path)
	except BaseException:
		Path(temporary).unlink(missing_ok=True)
		raise


@contextmanager
def built_beside(target: Path) -> Iterator[Path]:
	"""A fresh folder beside ``target`` that takes its place when the block ends well.

	When the block fails the folder goes and the target stays as it was: there is never a half-built
	tree. Leftovers of a run that was killed are removed first.
	"""
	target.parent.mkdir(parents=True, exist_ok=True)
	building = target.with_name(f".{target.name}.building")
	previous = target.with_name(f".{target.name}.previous")
	for leftover in (building, previous):
		shutil.rmtree(leftover, ignore_errors=True)
	building.mkdir()
	try:
		yield building
		if target.exists():
			target.rename(previous)
		building.rename(target)
	except BaseException:
		if previous.exists() and not target.exists():
			previous.rename(target)
		shutil.rmtree(building, ignore_errors=True)
		raise
	shutil.rmtree(previous, ignore_errors=True)


def _pieces(part: str | bytes | Path) -> Iterator[bytes]:
	if isinstance(part, str):
		yield part.encode()
	elif isinstance(part, bytes):
		yield part
	elif part.is_dir():
		for file in files_below(part):
			yield file.relative_to(part).as_posix().encode()
			yield file.read_bytes()
	elif part.exists():
		yield b"file"
		yield part.read_bytes()
	else:
		yield b"absent"
