"""What hangs on a resident goes over to another row of the same person: contacts, care, identity, and whoever names her."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, OF_RESIDENT, RESIDENT
from grid_governance.grid_ledger.actions import identities
from grid_governance.grid_ledger.queries import hanging


def move(kept: Document, gone: Document, number_of: str) -> list[str]:
	"""Hang what hangs on *gone* on *kept*, and return what went over, as text."""
	moved = {
		_(CONTACT): _move_contacts(kept, gone),
		_(CARE): _move_care(kept, gone),
		_(IDENTITY): _move_identity(kept, gone, number_of),
	}
	for doctype, field in hanging.links():
		if doctype == HOUSEHOLD or (doctype in OF_RESIDENT and field == "resident"):
			continue
		named = {field: gone.name}
		count = frappe.db.count(doctype, named)
		if count:
			# Past the scope: whoever names the one that goes means this person, wherever the record lies.
			frappe.db.set_value(doctype, named, field, kept.name, update_modified=False)
			if (doctype, field) == (RESIDENT, "guardian"):
				moved[_("Guardian of")] = count
			elif doctype not in (RESIDENT, *OF_RESIDENT):
				moved[_(doctype)] = count
	return [f"{label} {count}" for label, count in moved.items() if count]


def _place(kept: Document) -> dict[str, str]:
	return {
		"resident": kept.name,
		"household": kept.household,
		"grid": kept.grid,
		"grid_path": kept.grid_path,
	}


def _move_contacts(kept: Document, gone: Document) -> int:
	fields = ["name", "kind", "phone", "wechat", "of_whom", "is_main"]
	held, new = (
		frappe.get_all(CONTACT, {"resident": doc.name}, fields, order_by="creation asc")
		for doc in (kept, gone)
	)
	known = {(row.phone or "", row.wechat or "") for row in held}
	has_main = any(row.is_main for row in held)
	count = 0
	for row in new:
		if (row.phone or "", row.wechat or "") in known:
			continue
		main = int(row.is_main and not has_main)
		frappe.db.set_value(CONTACT, row.name, _place(kept) | {"is_main": main})
		count += 1
	return count


def _move_care(kept: Document, gone: Document) -> int:
	"""Of a category in which both are now, the row of *kept* stays, from the earlier day on; the other one ends."""
	fields = ["name", "category", "since", "until"]
	standing = {
		row.category: row
		for row in frappe.get_all(
			CARE, {"resident": kept.name, "until": ["is", "not set"]}, fields, order_by="creation asc"
		)
	}
	count = 0
	for row in frappe.get_all(CARE, {"resident": gone.name}, fields, order_by="creation asc"):
		same = None if row.until else standing.get(row.category)
		if not same:
			frappe.db.set_value(CARE, row.name, _place(kept))
			count += 1
			continue
		frappe.db.set_value(CARE, same.name, "since", min(getdate(same.since), getdate(row.since)))
		ended = {"until": max(getdate(row.since), getdate()), "next_visit_due": None}
		frappe.db.set_value(CARE, row.name, ended)
	return count


def identities_of(*docs: Document) -> dict[str, frappe._dict]:
	"""Return name, resident, id_type and id_number_hash of the identities of *docs*, by resident, past all permissions."""
	rows = frappe.get_all(
		IDENTITY,
		{"resident": ["in", [doc.name for doc in docs]]},
		["name", "resident", "id_type", "id_number_hash"],
		order_by="name asc",
	)
	return {row.resident: row for row in rows}


def _move_identity(kept: Document, gone: Document, number_of: str) -> int:
	"""Leave *kept* with the number that is right; the other one stays, on its own level, on the row that goes."""
	held = identities_of(kept, gone)
	own, new = held.get(kept.name), held.get(gone.name)
	takes = bool(new) and (not own or (number_of == gone.name and own.id_number_hash != new.id_number_hash))
	right = new if takes else own
	if right:
		identities.check_against(right, kept)
	if new and not takes:  # one number stands once in a household: the one that is left as history gives way
		frappe.db.set_value(IDENTITY, new.name, "household", None)
		frappe.db.set_value(IDENTITY, own.name, "household", kept.household)
		return 0
	if own and takes:
		frappe.db.set_value(IDENTITY, own.name, {"resident": None, "household": None})
	if takes:
		frappe.db.set_value(IDENTITY, new.name, _place(kept))
	if own and takes:
		frappe.db.set_value(IDENTITY, own.name, "resident", gone.name)
	return int(takes)
