"""What flows through the importer, from a row of the file to what is written. Pure Python."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Values = dict[str, Any]


class Verdict(str, Enum):
	"""What becomes of a row."""

	NEW = "New"
	CHANGED = "Changed"
	UNCHANGED = "Unchanged"
	REFUSED = "Refused"
	TO_DECIDE = "To Be Decided"


class Choice(str, Enum):
	"""What the importer's user answers to a row that is to be decided."""

	RECORD = "This Record"
	NEW = "New Record"
	LEAVE_OUT = "Leave Out"


@dataclass(frozen=True, slots=True)
class Answer:
	"""An answer to a row that is to be decided: `record` is the name of the candidate, for RECORD."""

	choice: Choice
	record: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
	"""Why a row is refused: the key of the target whose cell is at fault, empty for the whole row, and a sentence in
	the language of the one who imports that says what is wrong and what to do."""

	target: str
	message: str


@dataclass(slots=True)
class Line:
	"""A row of the file. `sheet` counts from 0, `number` is the row as Excel shows it; `cells` is what stood there.

	`values` has what is not empty, by the key of its target (see `columns`), in the type of the field: a date, an int,
	a float, the English code of a Select, the name of a linked record, a list of names for a table of links.
	"""

	sheet: int
	number: int
	cells: Sequence[Any]
	values: Values = field(default_factory=dict)
	problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class Family:
	"""The rows that make one household, in the order of the file: what one of a sheet of households says, and the people.

	`key` tells families of one file apart, also in its next run: they are worked through in the order of `keys`.
	"""

	key: tuple[str, ...]
	home: Line | None
	people: list[Line]


@dataclass(frozen=True, slots=True)
class Change:
	"""A field that gets another value: `label` and both values as the reader sees them."""

	doctype: str
	name: str
	fieldname: str
	label: str
	old: str
	new: str


@dataclass(frozen=True, slots=True)
class Candidate:
	"""A record that a row may mean: a Resident or a Household, with what tells it from the others."""

	doctype: str
	name: str
	label: str


@dataclass(slots=True)
class Outcome:
	"""What becomes of a row, and why. `alike` says whom else it resembles; `candidates` are those to choose from."""

	line: Line
	verdict: Verdict
	changes: list[Change] = field(default_factory=list)
	alike: str = ""
	question: str = ""
	candidates: list[Candidate] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Secret:
	"""A value that is kept encrypted beside a new row (Frappe's Password field)."""

	doctype: str
	name: str
	fieldname: str
	plain: str


@dataclass(slots=True)
class Update:
	"""A record that stands and gets other values; saved as a document, so that every rule and every log is kept.

	`name` is None for one that is made as a document as well, since the bulk writer cannot make it by all rules.
	"""

	doctype: str
	name: str | None
	values: Values
	line: Line


@dataclass(slots=True)
class Part:
	"""What a part of the file does: an outcome for each of its rows, and what is to be written.

	`new` has complete rows by DocType in the order of writing, each with its `name`, without the stamps of creation.
	`grown` are standing households that get new members, whose number and title are made anew.
	"""

	outcomes: list[Outcome] = field(default_factory=list)
	new: dict[str, list[Values]] = field(default_factory=lambda: defaultdict(list))
	secrets: list[Secret] = field(default_factory=list)
	updates: list[Update] = field(default_factory=list)
	grown: set[str] = field(default_factory=set)
