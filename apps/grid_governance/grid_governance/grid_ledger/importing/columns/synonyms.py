"""The words of the field: headings and values as village files write them, shipped and learned from those who import.

The shipped ones stand in `synonyms.csv`, a row each: the key of a target, the word, and the code it stands for; without
a code it is a heading. `{care_category/elder}` is the record made from that seed, whatever it is called now. The target
`-` has headings of columns that nobody has to bring. The learned ones are records of Import Synonym, of the same form.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.translate import print_language

from grid_governance.grid_ledger import CARE
from grid_governance.grid_ledger.importing.columns.targets import KINDS, Target, of_kind, word
from grid_governance.setup.seeds.ledger import LEDGER
from grid_governance.spreadsheet import headings

SYNONYM = "Import Synonym"
NEEDLESS = "-"
"""What stands for a target in the headings of columns that the ledger counts or computes itself."""

HEADING, FOUND_SYNONYM = "Heading", "Synonym"
"""How a heading was understood: it is the label of a field, or a word that stands for one."""

SEED = re.compile(r"\{(\w+/[\w-]+)\}")
SEEDED_CODE = re.compile(r"(?:care_category|skill)/[\w-]+")
LONGEST = 60
NUMBER = re.compile(r"\d{7}")
"""What may be somebody's number is not learned."""


class MeaningError(frappe.ValidationError):
	"""A word stands for nothing, or for something else already."""


def targets(kind: str) -> dict[str, Target]:
	"""Return what the columns of a file of *kind* (one of `KINDS`) can fill, by key, in the order of a template.

	For the session user: in her language, with the fields and the catalogues that she may write and read. `words` has
	the shipped and the learned ones; what stands on the form of a field is never another value's word.
	"""
	found = of_kind(kind)
	for key, target in _in_language_of_site(kind).items():
		words = target.words | found[key].words
		found[key] = replace(found[key], words=words, local=target.label)
	meant: dict[str, dict[str, str]] = defaultdict(dict)
	for key, said, code in (*_shipped(), *_learned()):
		if code and key in found:
			meant[key].setdefault(word(said), code)
	for key, words in meant.items():
		target = found[key]
		known = {said: code for said, code in words.items() if code in target.labels}
		found[key] = replace(target, words=known | target.words)
	return found


def known_headings(found: Mapping[str, Target]) -> dict[str, tuple[str, str]]:
	"""Return the targets that headings stand for: by the normal form of a heading the key and how it is known.

	What an administrator or a form calls a field comes before what others call it, and that before what was learned.
	"""
	known = _shipped_headings(found)
	for key, said, code in _learned():
		if not code and key in found:
			known.setdefault(headings.key(said), (key, FOUND_SYNONYM))
	return known


def _shipped_headings(found: Mapping[str, Target]) -> dict[str, tuple[str, str]]:
	known: dict[str, tuple[str, str]] = {}
	for target in found.values():
		known.setdefault(headings.key(target.label), (target.key, HEADING))
	for target in found.values():
		known.setdefault(headings.key(target.local), (target.key, HEADING))
		if target.df and not target.df.get("is_custom_field"):
			known.setdefault(headings.key(_(target.df.label or "")), (target.key, HEADING))
	for key, said, code in _shipped():
		if not code and (key in found or key == NEEDLESS):
			known.setdefault(headings.key(said), (key, FOUND_SYNONYM))
	for target in found.values():
		for said in (target.key, target.fieldname, target.df.label if target.df else ""):
			known.setdefault(headings.key(said or ""), (target.key, HEADING))
	known.pop("", None)
	return known


def learn_heading(kind: str, heading: str, key: str) -> None:
	"""Keep that *heading* stands for the target *key* in files of *kind*, for whoever imports the next one.

	Says nothing where the heading stands for a target by itself, or is too long to be one. Raises PermissionError for
	what the session user may not write.
	"""
	found = targets(kind)
	_authorise(found, key)
	said = headings.key(heading)
	if _is_kept(said) and said not in _shipped_headings(found):
		_keep(key, said, "", others=[each for each in found if each != key])


def learn_word(kind: str, key: str, value: str, code: str) -> None:
	"""Keep that *value* stands for *code* in columns of the target *key*, for whoever imports the next file of *kind*.

	Says nothing where the word stands for a value by itself, or is too long to be one. Raises PermissionError for what
	the session user may not write or choose.
	"""
	found = targets(kind)
	_authorise(found, key)
	if code not in found[key].labels:
		raise frappe.PermissionError
	said = word(value)
	if _is_kept(said) and said not in found[key].words:
		_keep(key, said, code)


def check(doc: Document) -> None:
	"""Bring the word of an Import Synonym to how words are compared, and say beside it what it stands for.

	Raises MeaningError for a field or a value that there is not, and where the word stands for something already.
	"""
	fields = {key: target for kind in KINDS for key, target in targets(kind).items()}
	target = fields.get(doc.target)
	if not target or (doc.code and doc.code not in target.labels):
		frappe.throw(_("Choose the field, and the value if the word is one, from the lists."), MeaningError)
	doc.code = doc.code or ""
	doc.word = word(doc.word) if doc.code else headings.key(doc.word)
	if not doc.word:
		frappe.throw(_("Enter the word as files write it."), MeaningError)
	doc.means_column, doc.means_value = f"{_(target.doctype)} {target.label}", target.labels.get(doc.code)
	same = {"target": doc.target, "word": doc.word, "name": ["!=", doc.name]}
	other = frappe.db.get_value(SYNONYM, {**same, "code": ["is", "set" if doc.code else "not set"]}, "code")
	if other is not None:
		frappe.throw(
			_("{0} stands for {1} already.").format(doc.word, target.labels.get(other) or doc.means_column),
			MeaningError,
		)


@frappe.whitelist()
def choices() -> list[dict[str, Any]]:
	"""Return the fields that a word can stand for, each with its values: `value` and `label`, for the form."""
	if not frappe.has_permission(SYNONYM, "read"):
		raise frappe.PermissionError
	fields = {key: target for kind in KINDS for key, target in targets(kind).items()}
	return [
		{
			"value": key,
			"label": f"{_(target.doctype)} {target.label}",
			"values": [{"value": code, "label": label} for code, label in target.labels.items()],
		}
		for key, target in fields.items()
	]


def _in_language_of_site(kind: str) -> dict[str, Target]:
	"""The targets as the files of the site call them, for whoever reads another language; nothing for all others."""
	language = frappe.get_system_settings("language")
	if not language or language == frappe.local.lang:
		return {}
	with print_language(language):
		return of_kind(kind)


def _authorise(found: Mapping[str, Target], key: str) -> None:
	if key not in found or not found[key].may_write:
		raise frappe.PermissionError


def _is_kept(said: str) -> bool:
	return 0 < len(said) <= LONGEST and not NUMBER.search(said)


def _keep(key: str, said: str, code: str, others: list[str] | None = None) -> None:
	for other in frappe.get_all(
		SYNONYM,
		filters={"target": ["in", others or [""]], "word": said, "code": code},
		pluck="name",
		order_by="name asc",
	):
		# A heading stands for one target: the last one that was chosen.
		frappe.delete_doc(SYNONYM, other, ignore_permissions=True)
	if frappe.db.exists(SYNONYM, {"target": key, "word": said, "code": code}):
		return
	made = frappe.get_doc(doctype=SYNONYM, target=key, word=said, code=code)
	made.insert(ignore_permissions=True)  # whoever imports teaches; the list belongs to administrators


@lru_cache(maxsize=1)
def _rows() -> tuple[tuple[str, str, str], ...]:
	with (Path(__file__).parent / "synonyms.csv").open(encoding="utf-8", newline="") as file:
		return tuple((row["target"], row["word"], row["code"]) for row in csv.DictReader(file))


def _shipped() -> Iterator[tuple[str, str, str]]:
	"""The shipped words, with the present names of what was seeded; what was deleted here has none."""
	seeded = dict(
		frappe.get_all(
			LEDGER,
			filters={"reference_doctype": ["in", ["Care Category", "Skill"]]},
			fields=["name", "reference_name"],
			order_by="name asc",
			limit_page_length=0,
			as_list=True,
		)
	)
	for key, said, code in _rows():
		if seed := SEED.search(key):
			if not seeded.get(seed[1]):
				continue
			key = f"{CARE}.{seeded[seed[1]]}"
		if SEEDED_CODE.fullmatch(code):
			code = seeded.get(code) or ""
			if not code:
				continue
		yield key, said, code


def _learned() -> list[tuple[str, str, str]]:
	"""The learned words, those that were learned last first."""
	return frappe.get_all(
		SYNONYM,
		fields=["target", "word", "code"],
		order_by="modified desc",
		limit_page_length=0,
		as_list=True,
	)
