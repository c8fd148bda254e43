"""What a visit does elsewhere: each room registers what can be done from the one form at the door.

A module under the hook key `grid_visit_effects` has

* `KIND`: the word by which a form asks for it,
* `offer(household: Document) -> dict | None`: what the form shows, with a `label`; None for a reader who may not do it,
* `apply(visit: Document, wanted: dict) -> dict`: does it, inside the reader's rights, and returns `summary` (in words,
  without anything that a reader of the visit may not know), `reference_doctype` and `reference_name`; raises to refuse
  the whole visit,
* `SHARED`, if it has one and it is true: it writes a row that visits elsewhere write too. It is done last, so that they wait
  for each other as shortly as can be,
* `take_back(visit: Document) -> str | None`, if it has one: puts back all that *visit* did by this module, and says so in
  words; None where there was nothing. What a module without it has done stays when a visit is taken back.
"""

from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document

HOOK = "grid_visit_effects"

LONGEST = 140
"""Characters of a summary."""

AT_MOST = 50
"""What one visit may do; more is no visit."""


class UnknownEffectError(frappe.ValidationError):
	"""A visit is to do what no room has registered, or more than a visit does."""


def modules() -> dict[str, ModuleType]:
	"""Return what is registered, by kind."""
	found = (frappe.get_module(path) for path in frappe.get_hooks(HOOK))
	return {module.KIND: module for module in found}


def offers(household: Document) -> dict[str, dict[str, Any]]:
	"""Return what a visit to *household* may do, for the session's user: what each room offers, by kind."""
	offered = {kind: module.offer(household) for kind, module in modules().items()}
	return {kind: offer for kind, offer in offered.items() if offer is not None}


def carry_out(visit: Document, wanted: Iterable[Mapping[str, Any]]) -> None:
	"""Do what is *wanted*, in its order and what is shared last, and note it on *visit*, which is stored already.

	Raises whatever a room refuses; the caller's transaction then takes back the visit and everything before it.
	"""
	asked = [dict(each) for each in wanted]
	known = modules() if asked else {}
	if len(asked) > AT_MOST or any(each.get("kind") not in known for each in asked):
		frappe.throw(_("This form is out of date. Load the page again."), UnknownEffectError)
	for each in sorted(asked, key=lambda each: getattr(known[each["kind"]], "SHARED", False)):
		done = known[each["kind"]].apply(visit, each)
		visit.append("effects", {"kind": each["kind"], **done, "summary": done["summary"][:LONGEST]})
	_note(visit)


def take_back(visit: Document) -> tuple[list[str], list[str]]:
	"""Put back what *visit* has done, as far as its rooms can; return what was put back and what stays, in words."""
	done = {row.kind for row in visit.effects}
	able = {kind: each for kind, each in modules().items() if kind in done and hasattr(each, "take_back")}
	said = (module.take_back(visit) for module in able.values())
	return [each for each in said if each], [row.summary for row in visit.effects if row.kind not in able]


def _note(visit: Document) -> None:
	"""Store what *visit*, which is stored itself, has done: in one statement, with the stamps of the visit."""
	stamps = ("owner", "modified_by", "creation", "modified")
	said = ("kind", "summary", "reference_doctype", "reference_name")
	placed = ("idx", "parent", "parentfield", "parenttype")
	rows = [row for row in visit.effects if not row.name]
	for row in rows:
		row.name = frappe.generate_hash(length=10)
		row.update({field: visit.get(field) for field in stamps})
	if rows:
		fields = ["name", *stamps, *placed, *said]
		frappe.db.bulk_insert(
			"Visit Effect", fields, [tuple(row.get(field) for field in fields) for row in rows]
		)
