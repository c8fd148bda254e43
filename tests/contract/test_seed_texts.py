"""No text of a seed is longer than its column, in English and in Chinese: a fresh site could not be installed."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.checkers.files import APP

SEEDS = APP / "setup" / "seeds"
FRAPPE = APP.parent.parent / "frappe" / "frappe"
VARCHAR = {"Data", "Link", "Dynamic Link", "Select", "Read Only", "Color", "Icon"}
LENGTH = 140
"""Characters of a name, and of a field that asks for none."""


def lengths_of(doctype: str) -> dict[str, int]:
	"""Characters that each field of *doctype* takes, of those that take few."""
	folder = doctype.lower().replace(" ", "_")
	(file,) = {
		*FRAPPE.rglob(f"doctype/{folder}/{folder}.json"),
		*APP.rglob(f"doctype/{folder}/{folder}.json"),
	}
	fields = json.loads(file.read_text(encoding="utf-8"))["fields"]
	found = {row["fieldname"]: row.get("length") or LENGTH for row in fields if row["fieldtype"] in VARCHAR}
	return {"name": LENGTH, **found}


def chinese() -> dict[str, str]:
	with (APP / "translations" / "zh.csv").open(encoding="utf-8", newline="") as file:
		return {row[0]: row[1] for row in csv.reader(file) if len(row) > 1}


def texts(file: Path, lengths: dict[str, int]) -> Iterator[tuple[str, str, int]]:
	"""Give (key and field, the text or its English, characters that there are) of each seed of *file*."""
	for seed in json.loads(file.read_text(encoding="utf-8")):
		for field, value in seed["values"].items():
			text = value.get("_") if isinstance(value, dict) else value
			if isinstance(text, str) and field in lengths:
				yield f"{file.stem}/{seed['key']}: {field}", text, lengths[field]


@pytest.mark.parametrize(
	("kind", "doctype"),
	[(row["kind"], row["doctype"]) for row in json.loads((SEEDS / "kinds.json").read_text(encoding="utf-8"))],
)
def test_no_seed_is_longer_than_its_column(kind, doctype):
	lengths, zh = lengths_of(doctype), chinese()
	found = [
		(where, len(said))
		for file in sorted((SEEDS / kind).glob("*.json"))
		for where, text, room in texts(file, lengths)
		for said in (text, zh.get(text, ""))
		if len(said) > room
	]
	assert found == []
