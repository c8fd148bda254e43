"""What the app says to people, and whether translations/zh.csv says it in Chinese.

The file is read the way Frappe reads it: `source,translation` or `source,translation,context`, later rows win,
and Frappe strips tags and blanks from what Python looks up but not from what JavaScript looks up.
"""

import ast
import csv
import io
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.contract.checkers.files import parsed

PLACEHOLDER = re.compile(r"\{\{\s*\w.*?\}\}|\{\w*\}|%s|%\(\w+\)s", re.DOTALL)
TAG = re.compile(r"</?[A-Za-z][^>]*>")
LETTER = re.compile(r"[A-Za-z]")

# What the desk translates when it shows a seeded record, without a mark in the seed.
SHOWN = ("label", "title", "description", "text", "format", "role_name")

# __("…"), __('…'), __(`…`) or _("…") in a template, with the rest of a text put together with +
LITERAL = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)"""
CALL = re.compile(rf"(?<![\w$.])_{{1,2}}\(\s*({LITERAL}(?:\s*\+\s*{LITERAL})*)\s*([,)])", re.DOTALL)
CONTEXT = re.compile(rf"""\s*(?:null|undefined|\[[^\]]*\])\s*,\s*({LITERAL})\s*,?\s*\)""", re.DOTALL)
COMMENT = re.compile(rf"({LITERAL})|//[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, order=True)
class Text:
	"""A text of ours that people read: the key that Frappe looks up, its context, and where it stands."""

	source: str
	context: str
	where: str


@dataclass(frozen=True)
class Row:
	"""A row of a translation file."""

	source: str
	translation: str
	context: str = ""


def app_texts(app: Path) -> list[Text]:
	"""Return every text that the app in the folder *app* shows to people, once per place."""
	texts = {
		Text(module, "", "modules.txt")
		for module in (app / "modules.txt").read_text("utf-8").split("\n")
		if module
	}
	for file in sorted(app.rglob("*")):
		where = file.relative_to(app).as_posix()
		if "node_modules" in file.parts or "dist" in file.parts:
			continue
		found: Iterable[tuple[str, str]] = ()
		if file.suffix == ".py":
			found = python_texts(parsed(file))
		elif file.suffix in {".js", ".vue", ".html"}:
			found = script_texts(file.read_text(encoding="utf-8"))
		elif file.suffix == ".json":
			found = json_texts(json.loads(file.read_text(encoding="utf-8")))
		texts |= {Text(source, context, where) for source, context in found if LETTER.search(source)}
	return sorted(texts)


def python_texts(tree: ast.Module) -> Iterator[tuple[str, str]]:
	"""Yield (key, context) of `_("…")` and of fields written as dicts with a plain label, as custom fields are."""
	for node in ast.walk(tree):
		if isinstance(node, ast.Call) and _called(node) in {"_", "_lt"} and node.args:
			context = next((k.value for k in node.keywords if k.arg == "context"), None)
			for source in _literals(node.args[0]):
				yield python_key(source), "".join(_literals(context)) if context else ""
		elif isinstance(node, ast.Dict):
			values = {
				key.value: value.value
				for key, value in zip(node.keys, node.values, strict=True)
				if isinstance(key, ast.Constant) and isinstance(value, ast.Constant)
			}
			if "fieldtype" in values and isinstance(values.get("label"), str):
				yield from ((source, "") for source in _field_texts(values))


def python_key(source: str) -> str:
	"""Return what `frappe._` looks up for *source*."""
	return TAG.sub("", source).strip() if TAG.search(source) else source.strip()


def script_texts(code: str) -> Iterator[tuple[str, str]]:
	"""Yield (key, context) of `__("…")` in JavaScript and Vue, and of `_("…")` in templates."""
	code = COMMENT.sub(lambda found: found[1] or " ", code)
	for call in CALL.finditer(code):
		source = "".join(_unquoted(part) for part in re.findall(LITERAL, call[1], re.DOTALL))
		context = CONTEXT.match(code, call.end()) if call[2] == "," else None
		yield source, _unquoted(context[1]) if context else ""


def json_texts(content: Any) -> Iterator[tuple[str, str]]:
	"""Yield the texts of a DocType, of a Report, or of seeds and settings: marked `{"_": text}`, or shown as `SHOWN`."""
	if isinstance(content, dict) and content.get("doctype") == "DocType":
		yield from ((source, "") for source in _doctype_texts(content))
	elif isinstance(content, dict) and content.get("doctype") == "Report":
		yield content["name"], ""
		for part in [*content.get("columns", []), *content.get("filters", [])]:
			yield part.get("label") or "", ""
	else:
		yield from ((source, "") for source in _marked(content))


def read_rows(text: str) -> list[Row]:
	"""Return the rows of a translation file; a row that Frappe would refuse becomes one without translation."""
	rows = []
	for cells in csv.reader(io.StringIO(text, newline="")):
		if len(cells) in {2, 3}:
			rows.append(Row(cells[0], cells[1].strip(), cells[2] if len(cells) == 3 else ""))
		elif cells:
			rows.append(Row(cells[0], ""))
	return rows


def missing(texts: Iterable[Text], rows: Iterable[Row]) -> list[str]:
	"""Every text has a row with its context, or one without."""
	known = {(row.source, row.context) for row in rows if row.translation}
	places: dict[tuple[str, str], list[str]] = {}
	for text in texts:
		if (text.source, text.context) not in known and (text.source, "") not in known:
			places.setdefault((text.source, text.context), []).append(text.where)
	return [f"{source!r} has no Chinese: {', '.join(where)}" for (source, _context), where in places.items()]


def unequal_placeholders(rows: Iterable[Row], dropped: Collection[str] = ()) -> list[str]:
	"""A translation fills in the same values and keeps the same tags as its source, but for those *dropped*."""
	problems = []
	for row in rows:
		if row.source in dropped:
			continue
		for kind, pattern in (("values", PLACEHOLDER), ("tags", TAG)):
			wanted, got = (set(_plain(pattern.findall(text))) for text in (row.source, row.translation))
			if wanted != got:
				problems.append(f"{row.source!r}: {kind} differ: {sorted(wanted ^ got)}")
	return problems


def doubled(rows: Iterable[Row]) -> list[str]:
	"""No source stands twice: only one of its translations would ever be read."""
	seen = Counter((row.source, row.context) for row in rows)
	return [f"{source!r} stands {count} times" for (source, _context), count in seen.items() if count > 1]


def untranslated(rows: Iterable[Row], same: Collection[str]) -> list[str]:
	"""No translation is empty or says just what its source says, but for the texts in *same*."""
	return [
		f"{row.source!r} is not translated"
		for row in rows
		if not row.translation or (row.translation == row.source.strip() and row.source not in same)
	]


def out_of_order(rows: Iterable[Row]) -> list[str]:
	"""Rows are in the order of their sources, so that a change shows as a change and merges."""
	keys = [(row.source, row.context) for row in rows]
	return [f"{after[0]!r} stands after {before[0]!r}" for before, after in pairwise(keys) if after < before]


def written(rows: Iterable[Row]) -> str:
	"""Return the file as it has to look: quoted where needed, lines ended with a line feed, no header."""
	made = io.StringIO(newline="")
	writer = csv.writer(made, lineterminator="\n")
	for row in rows:
		writer.writerow(
			[row.source, row.translation, row.context] if row.context else [row.source, row.translation]
		)
	return made.getvalue()


def _called(call: ast.Call) -> str:
	function = call.func
	return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _literals(node: ast.expr) -> Iterator[str]:
	"""Yield the texts that an expression can come to: itself, or what stands in its branches."""
	if isinstance(node, ast.Constant) and isinstance(node.value, str):
		yield node.value
	elif isinstance(node, ast.BoolOp):
		for value in node.values:
			yield from _literals(value)
	elif isinstance(node, ast.IfExp):
		yield from _literals(node.body)
		yield from _literals(node.orelse)


def _doctype_texts(doctype: dict[str, Any]) -> Iterator[str]:
	yield from (doctype["name"], doctype.get("description") or "")
	for field in doctype.get("fields", []):
		yield from _field_texts(field)
	for permission in doctype.get("permissions", []):
		yield permission["role"]
	for action in doctype.get("actions", []):
		yield from (action.get("label") or "", action.get("group") or "")
	for link in doctype.get("links", []):
		yield link.get("group") or ""
	for state in doctype.get("states", []):
		yield state.get("title") or ""


def _field_texts(field: dict[str, Any]) -> Iterator[str]:
	yield from (field.get("label") or "", field.get("description") or "")
	options = field.get("options") or ""
	if field.get("fieldtype") == "Select":
		yield from options.split("\n")
	elif field.get("fieldtype") == "HTML":
		yield options


def _marked(content: Any) -> Iterator[str]:
	if isinstance(content, list):
		for part in content:
			yield from _marked(part)
	elif isinstance(content, dict):
		if set(content) == {"_"}:
			yield content["_"]
			return
		for key in SHOWN:
			if isinstance(content.get(key), str):
				yield python_key(content[key])
		for part in content.values():
			yield from _marked(part)


def _unquoted(literal: str) -> str:
	"""Return the text of a JavaScript literal."""
	plain = {"n": "\n", "t": "\t"}
	return re.sub(r"\\(.)", lambda found: plain.get(found[1], found[1]), literal[1:-1], flags=re.DOTALL)


def _plain(found: Iterable[str]) -> list[str]:
	return [" ".join(part.split()) for part in found]
