"""People and households who are no longer needed by name: what tells who they were goes, what is counted stays.

By sets: one statement for each thing that hangs on them. What is done cannot be undone (PIPL Art. 47 and 73). The logs
of who had access stay: they name records, not people.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.model import no_value_fields, table_fields
from frappe.query_builder import CustomFunction, DocType
from pypika.functions import Extract

from grid_governance.grid_ledger import HOUSEHOLD, IDENTITY, OF_RESIDENT, RESIDENT
from grid_governance.grid_ledger.actions.residents import entitle, recount
from grid_governance.grid_ledger.importing import uploads
from grid_governance.scope.registry import ATTACHED

REQUEST = "Personal Data Request"
CHANGE, CHANGE_MEMBER = "Household Change", "Household Change Member"
COMPARISON, COMPARED = "Resident Comparison", "Resident Comparison Value"
KEPT = {
	RESIDENT: frozenset(
		("sex", "birth_date", "status", "status_date", "population_type", "merged_into", "grid", "grid_path")
	),
	HOUSEHOLD: frozenset(("status", "merged_into", "residence_state", "house_type", "grid", "grid_path")),
}
"""What statistics need; of the birth date the year. Every other field is emptied, those made on the screen too."""
STANDING = ("Access Log", "View Log", "File")
"""What hangs on a record and stays: the logs. Files are deleted one by one, with what lies on the disk."""
NOTED = ("_user_tags", "_comments", "_assign", "_liked_by", "_seen")


def residents(names: list[str], today: date) -> list[frappe._dict]:
	"""Anonymise those of the residents *names* who are not yet; return them as dicts `name`, `grid_path`.

	Their identities, contacts and care are deleted, with the numbers; files, comments, versions, deleted copies and what
	the search keeps go. The head's or guardian's place that one had in another record is left empty.
	"""
	people = _still(RESIDENT, names, ["name", "household", "grid_path", "resident_name"])
	names = [person.name for person in people]
	if not names:
		return []
	for doctype in OF_RESIDENT:
		_delete(
			doctype, frappe.get_all(doctype, {"resident": ["in", names]}, pluck="name", order_by="name asc")
		)
	_forget_deleted(names)
	_forget_imported(names)
	homes = _leave(people)
	_forget(RESIDENT, names)
	resident = DocType(RESIDENT)
	year = CustomFunction("MAKEDATE", ["year", "day"])(Extract("year", resident.birth_date), 1)
	frappe.qb.update(resident).set(resident.birth_date, year).where(resident.name.isin(names)).run()
	_empty(RESIDENT, names, today, resident_name=_("Anonymised"), relation_to_head="Not Related")
	entitle(homes)
	recount(homes)
	return people


def households(names: list[str], today: date) -> list[frappe._dict]:
	"""Anonymise those of the households *names* that are not yet; return them as dicts `name`, `grid_path`."""
	homes = _still(HOUSEHOLD, names, ["name", "grid_path"])
	names = [home.name for home in homes]
	if names:
		_forget(HOUSEHOLD, names)
		frappe.db.set_value(CHANGE, {"household": ["in", names]}, "reason", None, update_modified=False)
		_empty(HOUSEHOLD, names, today, title=_("Anonymised"))
	return homes


def requests(names: list[str]) -> None:
	"""Empty answered requests: who asked, what, the answer and its file; kind, days and outcome stay to be counted."""
	_forget(REQUEST, names)
	told = ("asked", "wrong", "right_value", "answer", "file")
	emptied = {**dict.fromkeys(told), "asked_by": "", "holds_identity": 0}
	frappe.db.set_value(REQUEST, {"name": ["in", names]}, emptied, update_modified=False)
	log = DocType("Personal Data Access")
	frappe.qb.update(log).set(log.reason, None).where(
		(log.reference_doctype == REQUEST) & log.reference_name.isin(names)
	).run()


def hanging(rows: dict[str, list[str]]) -> None:
	"""Delete *rows* (names by DocType) that hang on somebody who stays, with all that hangs on them."""
	for doctype, names in rows.items():
		_delete(doctype, names)


def partly(resident: str, fields: Iterable[str]) -> None:
	"""Empty *fields* of a *resident* who stays, and delete her skills and files and what told of them."""
	_forget(RESIDENT, [resident])
	frappe.db.delete("Resident Skill", {"parenttype": RESIDENT, "parent": resident})
	frappe.db.set_value(RESIDENT, resident, dict.fromkeys(fields))
	frappe.clear_document_cache(RESIDENT, resident)


def records(doctype: str, names: list[str], kept: frozenset[str], today: date) -> None:
	"""Empty the records *names* of another room but for the fields *kept*, delete their rows and all that hangs on them."""
	_forget(doctype, names)
	_empty(doctype, names, today, kept)


def _still(doctype: str, names: list[str], fields: list[str]) -> list[frappe._dict]:
	filters = {"name": ["in", names or [""]], "anonymised_on": ["is", "not set"]}
	return frappe.get_all(doctype, filters=filters, fields=fields, order_by="name asc", limit_page_length=0)


def _leave(people: list[frappe._dict]) -> set[str]:
	"""Take *people* out of what other records say of them; return their households, whose titles follow."""
	names = [person.name for person in people]
	homes = {person.household for person in people if person.household}
	for field in ("head", "group_rep"):
		homes |= set(frappe.get_all(HOUSEHOLD, {field: ["in", names]}, pluck="name", order_by="name asc"))
		frappe.db.set_value(HOUSEHOLD, {field: ["in", names]}, field, None, update_modified=False)
	frappe.db.set_value(RESIDENT, {"guardian": ["in", names]}, "guardian", None, update_modified=False)
	told = frappe.get_all(CHANGE_MEMBER, {"resident": ["in", names]}, pluck="parent", order_by="parent asc")
	if told:
		frappe.db.set_value(CHANGE, {"name": ["in", told]}, "reason", None, update_modified=False)
	for field in ("resident", "other_resident"):
		found = frappe.get_all(COMPARISON, {field: ["in", names]}, pluck="name", order_by="name asc")
		if found:
			frappe.db.delete(COMPARED, {"parent": ["in", found]})
			cleared = {"reason": None, "moved": None}
			frappe.db.set_value(COMPARISON, {"name": ["in", found]}, cleared, update_modified=False)
	_forget_titles(people, homes)
	return homes


def _forget_titles(people: list[frappe._dict], homes: set[str]) -> None:
	"""Delete the versions of *homes* that hold the name of one of *people*: a household is called by its head."""
	called = {person.resident_name for person in people}
	versions = frappe.get_all(
		"Version",
		filters={"ref_doctype": HOUSEHOLD, "docname": ["in", sorted(homes) or [""]]},
		fields=["name", "data"],
		order_by="name asc",
		limit_page_length=0,
	)
	# Frappe writes the data with characters as they are, or as \u and four digits.
	spoken = {name: frappe.as_json(name).strip('"') for name in called}
	old = [each.name for each in versions if any(n in each.data or s in each.data for n, s in spoken.items())]
	if old:
		frappe.db.delete("Version", {"name": ["in", old]})


def _delete(doctype: str, names: list[str]) -> None:
	"""Delete rows that hang on people, with their passwords, and with all that hangs on them."""
	if not names:
		return
	_forget(doctype, names)
	if doctype == IDENTITY:
		auth = frappe.qb.Table("__Auth")
		frappe.qb.from_(auth).delete().where((auth.doctype == doctype) & auth.name.isin(names)).run()
	frappe.db.delete(doctype, {"name": ["in", names]})


def _forget_deleted(names: list[str]) -> None:
	"""Delete the copies that Frappe keeps of rows which hung on people and were deleted before."""
	copy = DocType("Deleted Document")
	frappe.qb.from_(copy).delete().where(copy.deleted_doctype.isin([RESIDENT, *OF_RESIDENT])).where(
		copy.data.regexp("|".join(names))
	).run()


def _forget_imported(names: list[str]) -> None:
	"""Delete what imports have kept of the residents *names*: rows that mean them, examples, and the lists of what was changed.

	The uploaded file, which may hold anybody, goes with its import (retention rule "Imported File").
	"""
	line = DocType(uploads.LINE)
	of_them = line.details.regexp("|".join(names))
	found = frappe.qb.from_(line).select(line.ledger_import).distinct().where(of_them).run(pluck=True)
	if found:
		frappe.qb.from_(line).delete().where(of_them).run()
		examples = {"parenttype": uploads.IMPORT, "parent": ["in", found]}
		frappe.db.set_value(uploads.COLUMN, examples, "example", None, update_modified=False)
	for name in found:
		uploads.delete_files(frappe.get_doc(uploads.IMPORT, name), ("outcome_file",))
		frappe.db.set_value(uploads.IMPORT, name, "outcome_file", None, update_modified=False)


def _forget(doctype: str, names: list[str]) -> None:
	"""Delete all that hangs on the records *names*: files, comments, versions, notices, what the search keeps."""
	attached = {"attached_to_doctype": doctype, "attached_to_name": ["in", names]}
	for file in frappe.get_all("File", filters=attached, pluck="name", order_by="name asc"):
		# Who anonymises was asked before, and a file goes with its record.
		frappe.delete_doc("File", file, ignore_permissions=True, force=True, delete_permanently=True)
	for hanging, (type_field, name_field) in ATTACHED.items():
		if hanging not in STANDING:
			frappe.db.delete(hanging, {type_field: doctype, name_field: ["in", names]})
	search = frappe.qb.Table("__global_search")
	frappe.qb.from_(search).delete().where((search.doctype == doctype) & search.name.isin(names)).run()


def _empty(
	doctype: str, names: list[str], today: date, kept: frozenset[str] | None = None, **instead: str
) -> None:
	"""Empty every field of the records *names* but those *kept*, by default `KEPT`, and those that get a value *instead*;
	delete their rows."""
	kept = kept or KEPT[doctype]
	values: dict[str, Any] = {}
	columns = set(frappe.db.get_table_columns(doctype))
	for df in frappe.get_meta(doctype).fields:
		if df.fieldtype in table_fields:
			frappe.db.delete(df.options, {"parenttype": doctype, "parent": ["in", names]})
		elif df.fieldtype not in no_value_fields and df.fieldname in columns - kept:
			values[df.fieldname] = (
				0 if df.fieldtype in ("Check", "Int", "Float", "Currency", "Percent") else None
			)
	values |= {column: None for column in NOTED if column in columns}
	values |= instead | {"anonymised_on": today, "owner": "Administrator", "modified_by": "Administrator"}
	frappe.db.set_value(doctype, {"name": ["in", names]}, values, update_modified=False)
	for name in names:
		frappe.clear_document_cache(doctype, name)
