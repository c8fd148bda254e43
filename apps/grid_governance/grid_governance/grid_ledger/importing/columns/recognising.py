"""What the headings of a sheet come to, for those who import to confirm."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from frappe import _
from openpyxl.utils import get_column_letter

from grid_governance.grid_ledger import CONTACT, IDENTITY
from grid_governance.grid_ledger.importing.columns import synonyms
from grid_governance.grid_ledger.importing.columns.targets import HEAD_NUMBER, SEVERAL, Target, word
from grid_governance.grid_ledger.rules import numbers
from grid_governance.spreadsheet import cells, headings
from grid_governance.spreadsheet.book import Sheet
from grid_governance.spreadsheet.headings import Heading

EXAMPLES = 3
"""Different cells of a column that are shown; looked for in as many rows as `LOOKED_AT`."""

LOOKED_AT = 200
LONGEST = 30
MONTH = re.compile(r"\d{4}[-./年]?(0?[1-9]|1[0-2])月?", re.ASCII)
DIGITS = re.compile(r"[\dXx]{7,}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
	"""What a column of a sheet comes to.

	`index` counts from 0, `letter` is what Excel shows. `key` is the target that it fills, "" for none; `found` says how
	it is known (Heading, Synonym), also where nothing is to be filled. A column that is not `taken` has the reason in `note`. `example` has some of its
	cells, numbers masked.
	"""

	index: int
	letter: str
	heading: str
	key: str
	found: str
	taken: bool
	note: str
	example: str


def recognise(sheet: Sheet, kind: str) -> tuple[Heading | None, list[Found]]:
	"""Return the heading of *sheet* and what each of its columns comes to in a file of *kind*, for the session user.

	Without a heading, and of the template's own sheet of examples, there is none and nothing is read.
	"""
	targets = synonyms.targets(kind)
	known = synonyms.known_headings(targets)
	heading = _heading(sheet, known)
	return heading, _columns(sheet, heading, targets, known) if heading else []


def heading_of(sheet: Sheet, kind: str) -> Heading | None:
	"""Return the heading of *sheet* alone, as `recognise` finds it."""
	return _heading(sheet, synonyms.known_headings(synonyms.targets(kind)))


def _heading(sheet: Sheet, known: Mapping[str, tuple[str, str]]) -> Heading | None:
	if is_example(sheet.name):
		return None
	return headings.find(sheet.rows, {said: key for said, (key, how) in known.items()})


def _columns(
	sheet: Sheet, heading: Heading, targets: Mapping[str, Target], known: Mapping[str, tuple[str, str]]
) -> list[Found]:
	rows = sheet.rows[heading.first : heading.first + LOOKED_AT]
	found: list[Found] = []
	taken: dict[str, str] = {}
	for index, text, key in heading.columns:
		letter = get_column_letter(index + 1)
		target = targets.get(key)
		values = [row[index] for row in rows if index < len(row) and cells.text(row[index])]
		note = _note(text, key, target, taken.get(key), values)
		if target and not note:
			taken[key] = letter
		found.append(
			Found(
				index,
				letter,
				text,
				target.key if target else "",
				_how(text, known) if key or is_reason(text) else "",
				bool(target and not note),
				note,
				"、".join(_examples(values, target)),
			)
		)
	return found


def is_example(name: str) -> bool:
	"""Say whether *name* is that of a sheet with an example in a template, which is not read back."""
	return word(name).startswith((word("Filled-in Example"), word(_("Filled-in Example"))))


def is_reason(heading: str) -> bool:
	"""Say whether *heading* is that of the column of reasons in a file of refused rows, which is not read back."""
	return word(heading) in {word("Why It Is Refused"), word(_("Why It Is Refused"))}


def _how(text: str, known: Mapping[str, tuple[str, str]]) -> str:
	"""Return how the heading *text* is known; of two over each other the lower one may say it alone."""
	said = known.get(headings.key(text)) or known.get(headings.key(text.rpartition(" ")[2]))
	return said[1] if said else synonyms.FOUND_SYNONYM


def _note(text: str, key: str, target: Target | None, before: str | None, values: Sequence[Any]) -> str:
	"""Return why a column is not taken, empty for one that is."""
	if is_reason(text):
		return _("The reasons from the last time are not read again.")
	if key == synonyms.NEEDLESS:
		return _("Not needed: the system counts or computes this itself.")
	if not target:
		return _("Unknown heading. Choose what it stands for, or leave the column out.")
	if not target.may_write:
		return _("Your posts do not let you enter this.")
	if before and key not in SEVERAL:
		return _("Column {0} says this already.").format(before)
	if target.fieldtype == "Date" and values and all(MONTH.fullmatch(cells.text(value)) for value in values):
		return _(
			"Only months stand here, no days. Write whole dates; a date of birth is also taken from the ID number."
		)
	return ""


def _examples(values: Sequence[Any], target: Target | None) -> list[str]:
	"""Return a few different ones of *values* as people read them; what may be somebody's number is masked."""
	shown: list[str] = []
	for value in values:
		text = value.isoformat()[:10] if isinstance(value, date) else cells.text(value)
		if target and (target.doctype in (IDENTITY, CONTACT) or target.key == HEAD_NUMBER):
			text = text if target.fieldtype == "Select" else numbers.masked(text)
		elif target and target.fieldtype == "Date":
			text = numbers.hidden_in(text)
		else:
			text = DIGITS.sub(lambda found: numbers.masked(found[0]), text)
		text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
		if text not in shown:
			shown.append(text)
		if len(shown) == EXAMPLES:
			break
	return shown
