"""Where the app's source is."""

import ast
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
APP = ROOT / "apps" / "grid_governance" / "grid_governance"
SEEDS = APP / "setup" / "seeds"


@dataclass(frozen=True)
class DocTypeSource:
	"""A DocType as the app ships it: its JSON and the text of its controller, None when it has none."""

	folder: Path
	json: dict[str, Any]
	controller: str | None

	@property
	def name(self) -> str:
		return self.json["name"]

	@property
	def fields(self) -> list[dict[str, Any]]:
		return self.json.get("fields", [])

	def has_field(self, fieldname: str) -> bool:
		"""Say whether the DocType has the field."""
		return any(field.get("fieldname") == fieldname for field in self.fields)


def python_files() -> list[Path]:
	"""Return every Python file of the app."""
	return sorted(APP.rglob("*.py"))


def modules_named(name: str) -> list[str]:
	"""Return the dotted names of every `<name>.py` of the app and of every module of a package of that name."""
	found = (file for file in python_files() if file.stem == name or file.parent.name == name)
	return [
		".".join(file.relative_to(APP.parent).with_suffix("").parts).removesuffix(".__init__")
		for file in found
	]


@cache
def parsed(file: Path) -> ast.Module:
	"""Return the syntax tree of a Python file."""
	return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


@cache
def doctypes() -> tuple[DocTypeSource, ...]:
	"""Return every DocType of the app."""
	return tuple(_doctypes())


def tracked_files() -> list[Path]:
	"""Return the files in the repository's index that are there."""
	listed = subprocess.run(
		["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
	).stdout.split("\0")
	return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def _doctypes() -> Iterator[DocTypeSource]:
	for file in sorted(APP.glob("*/doctype/*/*.json")):
		content = json.loads(file.read_text(encoding="utf-8"))
		if content.get("doctype") != "DocType":
			continue
		controller = file.with_suffix(".py")
		yield DocTypeSource(file.parent, content, controller.read_text() if controller.exists() else None)
