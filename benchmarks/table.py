"""What a benchmark shows and leaves behind."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.pairing import Row

COLUMNS = ("name", "unit", "ours", "stock", "ratio", "n")


def render(rows: Sequence[Row]) -> str:
	"""Return the rows as a text table with a heading."""
	cells = [
		COLUMNS,
		*((r.name, r.unit, _figure(r.ours), _figure(r.stock), _figure(r.ratio), str(r.n)) for r in rows),
	]
	widths = [max(len(line[column]) for line in cells) for column in range(len(COLUMNS))]
	lines = ["  ".join(_aligned(line, widths)).rstrip() for line in cells]
	return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def write(rows: Iterable[Row], folder: Path, name: str) -> Path:
	"""Write the rows to `<folder>/<name>.json` as a list of objects and return the file."""
	folder.mkdir(parents=True, exist_ok=True)
	file = folder / f"{name}.json"
	building = file.with_suffix(".building")
	building.write_text(json.dumps([_rounded(row) for row in rows], ensure_ascii=False, indent="\t") + "\n")
	os.replace(building, file)
	return file


def _rounded(row: Row) -> dict[str, object]:
	return {key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(row).items()}


def _aligned(line: Sequence[str], widths: Sequence[int]) -> list[str]:
	return [
		cell.ljust(width) if column < 2 else cell.rjust(width)
		for column, (cell, width) in enumerate(zip(line, widths, strict=True))
	]


def _figure(value: float) -> str:
	return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}" if value >= 10 else f"{value:,.2f}"
