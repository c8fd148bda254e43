"""Rules of seeds: reading the files, rendering, comparing, deciding. Pure Python.

A *normal form* is what two versions of a record are compared by: ``{fieldname: value}`` for the fields
that the seed names, values as JSON scalars, and for a child table a list of ``{fieldname: value}`` that
leaves out what is empty or at its default.
"""

import difflib
import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
LINK = "seed:"
"""In a normal form, a link to a seeded record is written with its key after this, not by its name."""
NO_FILE = "permission/"
"""Keys of the ledger's rows that stand for permission rules, which no file of seeds holds."""
TEXT_MARK, SEED_MARK, JSON_MARK, FILE_MARK = "_", "seed", "json", "file"
WHOLE_NUMBERS = frozenset({"Check", "Int", "Long Int"})
NUMBERS = frozenset({"Float", "Currency", "Percent", "Rating", "Duration"})
JSON_TEXTS = frozenset({"JSON", "Code", "Long Text"})

Normal = dict[str, Any]


class SeedFileError(ValueError):
	"""A seed file does not have the shape that README.md describes."""


class Action(Enum):
	"""What a sync does with one seed."""

	INSERT = "insert"
	UPDATE = "update"
	ADOPT = "adopt"
	KEEP = "keep"
	REMOVE = "remove"


class State(str, Enum):
	"""How a seeded record stands against what the app ships. The values are stored."""

	UNTOUCHED = "Untouched"
	CHANGED = "Changed Here"
	DELETED = "Deleted Here"
	WAITING = "Update Waiting"
	MISSING = "Reference Missing"
	REFUSED = "Could Not Be Written"
	WITHDRAWN = "No Longer Shipped"


@dataclass(frozen=True)
class Kind:
	"""One folder of seeds and the DocType its records belong to.

	*unordered*: child tables whose order means nothing and which an editor stores in any.
	"""

	kind: str
	doctype: str
	unordered: Sequence[str] = ()


@dataclass(frozen=True)
class Seed:
	"""One record as the app ships it. *values* still hold the marks for texts, seeds and JSON."""

	key: str
	doctype: str
	values: Mapping[str, Any]


def kinds(folder: Path | None = None) -> list[Kind]:
	"""Return the kinds in the order in which they are inserted. *folder* defaults to the app's own."""
	text = ((folder or FOLDER) / "kinds.json").read_text("utf-8")
	return [Kind(**row) for row in json.loads(text)]


def load(folder: Path | None = None) -> list[Seed]:
	"""Return every seed in the order of insertion: by kind, by file name, as listed in the file.

	*folder* defaults to the app's own. Raises SeedFileError naming the file for a wrong shape or a key that
	stands twice.
	"""
	folder = folder or FOLDER
	seeds: dict[str, Seed] = {}
	for kind in kinds(folder):
		for path in sorted((folder / kind.kind).glob("*.json")):
			for seed in _read(path, kind):
				if seed.key in seeds:
					raise SeedFileError(f"{path}: the key {seed.key} stands twice")
				seeds[seed.key] = seed
	return list(seeds.values())


def _read(path: Path, kind: Kind) -> Iterator[Seed]:
	try:
		records = json.loads(path.read_text("utf-8"))
		for record in records:
			values = {field: _whole(value, path.parent) for field, value in record["values"].items()}
			yield Seed(f"{kind.kind}/{record['key']}", kind.doctype, values)
	except (AttributeError, KeyError, TypeError, OSError, json.JSONDecodeError) as error:
		raise SeedFileError(f"{path}: a seed file is a list of {{key, values}} ({error!r})") from error


def _whole(value: Any, folder: Path) -> Any:
	"""Return the text of the file that *value* names, of several one after another, or *value* itself."""
	if not _mark(value, FILE_MARK):
		return value
	names = [value[FILE_MARK]] if isinstance(value[FILE_MARK], str) else value[FILE_MARK]
	return "".join((folder / name).read_text("utf-8") for name in names)


def _mark(value: Any, mark: str) -> bool:
	return isinstance(value, dict) and len(value) == 1 and mark in value


def render(value: Any, translate: Callable[[str], str], resolve: Callable[[str], str]) -> Any:
	"""Return *value* with its marks replaced: texts by *translate*, seeds by the name *resolve* gives."""
	if _mark(value, TEXT_MARK):
		return translate(value[TEXT_MARK])
	if _mark(value, SEED_MARK):
		return resolve(value[SEED_MARK])
	if _mark(value, JSON_MARK):
		return json.dumps(render(value[JSON_MARK], translate, resolve), ensure_ascii=False)
	if isinstance(value, dict):
		return {key: render(each, translate, resolve) for key, each in value.items()}
	if isinstance(value, list):
		return [render(each, translate, resolve) for each in value]
	return value


def references(value: Any) -> set[str]:
	"""Return the keys of the seeds that *value* refers to."""
	if _mark(value, SEED_MARK):
		return {value[SEED_MARK]}
	if isinstance(value, dict):
		value = list(value.values())
	if isinstance(value, list):
		return set().union(*map(references, value))
	return set()


def without(values: Mapping[str, Any], gone: Collection[str]) -> dict[str, Any]:
	"""Return the values of a seed without the rows and blocks that refer to a seed in *gone*.

	A row is an object in a list: a row of a child table, a block of a workspace; a block that shows a row by its
	label goes with the row. What refers to a seed in *gone* in any other place stays: a filter that lost its
	condition would show what it should not.
	"""
	kept: dict[str, Any] = _without(dict(values), lambda row: bool(_row_references(row) & set(gone)))
	labels = {
		(field, serialise(row["label"]))
		for field, rows in values.items()
		if isinstance(rows, list)
		for row in rows
		if "label" in row and row not in kept[field]
	}
	shown: dict[str, Any] = _without(kept, lambda row: _shown_label(row) in labels)
	return shown


def _without(value: Any, drop: Callable[[dict[str, Any]], bool]) -> Any:
	if isinstance(value, list):
		return [_without(row, drop) for row in value if not (isinstance(row, dict) and drop(row))]
	if isinstance(value, dict):
		return {key: _without(each, drop) for key, each in value.items()}
	return value


def _shown_label(block: Mapping[str, Any]) -> tuple[str, str] | None:
	"""Return the child table and the label of the row that a workspace's block shows."""
	kind, data = block.get("type"), block.get("data")
	label = data.get(f"{kind}_name") if isinstance(data, dict) else None
	return (f"{kind}s", serialise(label)) if label else None


def _row_references(row: Any) -> set[str]:
	"""Return the seeds that a row refers to by itself, not in rows of its own."""
	if not isinstance(row, dict) or _mark(row, SEED_MARK):
		return set()
	return {each[SEED_MARK] for each in row.values() if _mark(each, SEED_MARK)}.union(
		*(_row_references(each) for each in row.values())
	)


def texts(value: Any) -> list[str]:
	"""Return the English texts in *value* that are marked for translation, in order."""
	if _mark(value, TEXT_MARK):
		return [value[TEXT_MARK]]
	if isinstance(value, dict):
		value = list(value.values())
	return [text for each in value for text in texts(each)] if isinstance(value, list) else []


def canonical(value: Any, fieldtype: str) -> Any:
	"""Return *value* as it is compared: what a form, the database and a file write differently is one."""
	if fieldtype in WHOLE_NUMBERS:
		return int(value or 0)
	if fieldtype in NUMBERS:
		return round(float(value or 0), 6)
	text = "" if value is None else str(value).replace("\r\n", "\n").strip()
	if fieldtype in JSON_TEXTS and text[:1] in ("[", "{"):
		try:
			return json.dumps(_unnumbered(json.loads(text)), ensure_ascii=False, sort_keys=True, indent=1)
		except json.JSONDecodeError:
			return text
	return text


def _unnumbered(value: Any) -> Any:
	"""Return a list of an editor's blocks without the numbers that the editor gives them anew."""
	if not isinstance(value, list):
		return value
	return [
		{key: each for key, each in row.items() if key != "id"}
		if isinstance(row, dict) and {"id", "type", "data"} <= set(row)
		else row
		for row in value
	]


def serialise(normal: Any) -> str:
	"""Return the one text of a normal form, for the ledger."""
	return json.dumps(normal, ensure_ascii=False, sort_keys=True)


def digest(normal: Normal) -> str:
	"""Return the SHA-256 of a normal form as 64 hexadecimal digits."""
	return hashlib.sha256(serialise(normal).encode()).hexdigest()


@dataclass(frozen=True)
class Ledger:
	"""What the ledger remembers of a seed.

	*shipped* is the normal form the app shipped when the record was last written or accepted here,
	*stored* the normal form in which the record then stood.
	"""

	shipped: Normal
	stored: Normal


@dataclass(frozen=True)
class Decision:
	"""What to do with one seed, and the state to show."""

	action: Action
	state: State


def decide(ledger: Ledger | None, current: Normal | None, shipped: Normal) -> Decision:
	"""Decide what becomes of a seed, the way a package manager decides about a configuration file.

	*current* is the record as it stands (None: there is none), *shipped* what the app ships now.
	"""
	if ledger is None:
		if current is None:
			return Decision(Action.INSERT, State.UNTOUCHED)
		return Decision(Action.ADOPT, State.UNTOUCHED if current == shipped else State.CHANGED)
	if current is None:
		return Decision(Action.KEEP, State.DELETED)
	news = shipped != ledger.shipped
	if not touched(ledger.stored, current, shipped):
		return Decision(Action.UPDATE if news else Action.KEEP, State.UNTOUCHED)
	if news and current == shipped:
		return Decision(Action.ADOPT, State.UNTOUCHED)
	return Decision(Action.KEEP, State.WAITING if news else State.CHANGED)


def decide_withdrawn(ledger: Ledger, current: Normal | None) -> Decision:
	"""Decide what becomes of a record whose seed the app ships no more."""
	if current is None:
		return Decision(Action.KEEP, State.DELETED)
	if any(value != ledger.stored.get(field) for field, value in current.items()):
		return Decision(Action.KEEP, State.WITHDRAWN)
	return Decision(Action.REMOVE, State.WITHDRAWN)


def merge(ledger: Ledger, current: Normal, shipped: Normal) -> Normal:
	"""Return *current* with every field as shipped that was not changed here since *ledger*.

	What one of the two does not have counts as empty.
	"""
	merged: Normal = {}
	for field in {*current, *shipped}:
		here = current.get(field, "")
		merged[field] = here if touched(ledger.stored, {field: here}, {}) else shipped.get(field, "")
	return merged


def touched(stored: Normal, current: Normal, shipped: Normal) -> bool:
	"""Say whether a record that once stood as *stored* was changed here.

	A field that the seed did not name then and names now was the administrator's: it counts when it holds
	something of her own.
	"""
	return any(
		value != stored[field] if field in stored else value not in ("", 0, [], shipped.get(field))
		for field, value in current.items()
	)


def difference(
	before: Normal,
	after: Normal,
	label: Callable[[str], str] = str,
	show: Callable[[Any], Any] = str,
) -> str:
	"""Return how *after* differs from *before*, as lines that begin with ``-`` and ``+``; "" when it does not.

	*label* turns a field name (``field`` or ``table.field``) and *show* a value into what a reader knows it by.
	"""
	one, other = (list(_lines(normal, label, show)) for normal in (before, after))
	lines = difflib.unified_diff(one, other, n=0, lineterm="")
	return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def _lines(normal: Normal, label: Callable[[str], str], show: Callable[[Any], Any]) -> Iterable[str]:
	for field, value in sorted(normal.items()):
		if isinstance(value, list):
			for row in value:
				cells = (
					f"{label(f'{field}.{column}')}: {_on_one_line(show(cell))}"
					for column, cell in sorted(row.items())
				)
				yield f"{label(field)}: {'; '.join(cells)}"
		else:
			for line in _parts(show(value)):
				yield f"{label(field)}: {line}"


def _parts(value: Any) -> Iterable[str]:
	"""Return the lines in which a value is compared: those of a text, the entries of a list written as JSON."""
	text = str(value)
	if text[:1] == "[":
		try:
			return [_flat(entry) for entry in json.loads(text)]
		except json.JSONDecodeError:
			pass
	return text.split("\n")


def _on_one_line(value: Any) -> str:
	return " ".join(str(value).split())


def _flat(entry: Any) -> str:
	"""Return one entry of a JSON list on one line: the words of a block, the parts of a filter."""
	if isinstance(entry, dict):
		return "; ".join(_flat(each) for key, each in entry.items() if key != "id" and each not in ("", None))
	if isinstance(entry, list):
		return " ".join(_flat(each) for each in entry)
	return str(entry)
