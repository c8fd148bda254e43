"""What an import changes goes as documents through the actions that people use, so that every rule and every log is kept."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import groupby

import frappe
from frappe.model.document import Document
from frappe.utils import strip_html

from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.actions import comings, households
from grid_governance.grid_ledger.importing.shapes import Line, Part, Problem, Update, Values
from grid_governance.grid_ledger.rules.households import DECEASED, HEAD, MOVED_OUT

REFUSALS = (frappe.ValidationError, frappe.PermissionError, frappe.NameError)
"""What a document is refused with; everything else is a fault and ends the part."""

SAVEPOINT = "ledger_import_row"

NAMED_LATER = {HOUSEHOLD: ("group_rep",), RESIDENT: ("guardian",)}
"""Fields of a new document that name people who may still be to come."""

FOLLOWING = {HOUSEHOLD: ("head",)}
"""Fields of a new document that follow from others that are still to come."""

GOING = {MOVED_OUT: comings.move_out, DECEASED: comings.record_death}
"""What is done when somebody goes, by her new status."""


class FamilyRefusedError(frappe.ValidationError):
	"""The new rows of a household are refused as documents."""


def save(updates: Iterable[Update], reason: str) -> bool:
	"""Save *updates*, all those of a row or none; say whether all rows were taken. *reason* stands in what is logged.

	One that is refused is taken back, and its row is told why (`Line.problems`): planned anew, it counts as refused.
	"""
	taken = True
	for _row, group in groupby(updates, key=lambda update: (update.line.sheet, update.line.number)):
		of_row = list(group)
		frappe.db.savepoint(SAVEPOINT)
		frappe.clear_messages()
		try:
			for update in of_row:
				_save(update, reason)
		except REFUSALS as error:
			frappe.db.rollback(save_point=SAVEPOINT)
			refuse([of_row[0].line], said(error))
			taken = False
	return taken


def _save(update: Update, reason: str) -> None:
	"""Save one record with the rights of the session user: another head, and who goes as head, by their actions."""
	values = dict(update.values)
	if update.name is None:
		frappe.new_doc(update.doctype, **values).insert()
		return
	relations = values.pop("relations", None)
	if update.doctype == HOUSEHOLD and relations is not None:
		households.change_head(update.name, values.pop("head"), relations, reason)
	elif relations is not None:
		go = GOING[values.pop("status")]
		on = values.pop("status_date", None) or frappe.db.get_value(RESIDENT, update.name, "status_date")
		go(update.name, on, reason, values.pop("next_head"), relations)
	if values:
		doc = frappe.get_doc(update.doctype, update.name)
		doc.flags.reason = reason
		for fieldname, value in values.items():
			doc.set(fieldname, _linked(doc, fieldname, value) if isinstance(value, list) else value)
		doc.save()


def _linked(doc: Document, fieldname: str, names: list[str]) -> list[Values]:
	"""Return the rows of the table of links *fieldname* that name the records *names*."""
	table = frappe.get_meta(doc.meta.get_field(fieldname).options)
	link = next(df.fieldname for df in table.fields if df.fieldtype == "Link")
	return [{link: name} for name in names]


def insert(part: Part) -> None:
	"""Save the new rows of *part*, those of one household, as documents. Raises FamilyRefusedError.

	For DocTypes of which `needs.documents` says so: what hangs on saving a document then happens. Each is named as its
	DocType names it now.
	"""
	given: dict[str, Values] = defaultdict(dict)
	for secret in part.secrets:
		given[secret.name][secret.fieldname] = secret.plain
	for row in (row for rows in part.new.values() for row in rows if row.get("parenttype")):
		given[row["parent"]].setdefault(row["parentfield"], []).append(row)
	to_come = {row["name"] for rows in part.new.values() for row in rows}
	names: dict[str, str] = {}
	later: list[tuple[str, str, Values]] = []
	frappe.clear_messages()
	try:
		for doctype, rows in part.new.items():
			for row in sorted(rows, key=_turn):
				if row.get("parenttype"):
					continue
				named = {
					field: row[field]
					for field in NAMED_LATER.get(doctype, ())
					if row.get(field) in to_come and row[field] not in names
				}
				name = names[row["name"]] = _insert(doctype, row | given[row["name"]], names, set(named))
				if named:
					later.append((doctype, name, named))
		for doctype, name, named in later:
			doc = frappe.get_doc(doctype, name)
			doc.update({field: names[value] for field, value in named.items()})
			doc.save()
	except REFUSALS as error:
		raise FamilyRefusedError(said(error)) from error


def _turn(row: Values) -> tuple[bool, bool]:
	"""The head comes first, without whom nobody is a member; who has a guardian comes last, whose consent is the guardian's."""
	return (row.get("relation_to_head") != HEAD, bool(row.get("guardian")))


def _insert(doctype: str, row: Values, names: Mapping[str, str], without: set[str]) -> str:
	left_out = {"name", *without, *FOLLOWING.get(doctype, ())}
	values = {
		field: names.get(value, value) if isinstance(value, str) else value
		for field, value in row.items()
		if field not in left_out
	}
	return frappe.get_doc({"doctype": doctype, **values}).insert().name


def refuse(lines: Iterable[Line], message: str) -> None:
	"""Note on *lines* that they are refused as a whole, with *message*."""
	for line in lines:
		line.problems.append(Problem("", message))


def said(error: BaseException) -> str:
	"""Return what Frappe told of *error*, as a sentence without markup, and forget its messages."""
	told = [message.get("message") or "" for message in map(frappe.parse_json, frappe.local.message_log)]
	frappe.clear_messages()
	sentences = dict.fromkeys(strip_html(text).strip() for text in [*told, str(error)][: max(len(told), 1)])
	return " ".join(filter(None, sentences)) or type(error).__name__
