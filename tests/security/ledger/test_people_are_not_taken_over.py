"""Nobody gets another grid's people into her own, hangs anything on them, or learns their names by pointing at them."""

import csv
import io
from collections.abc import Callable

import frappe
import pytest
from frappe.core.doctype.data_import import importer

from tests import web
from tests.factories import make_citizen_number, make_photo, seeded
from tests.security.ledger.conftest import (
	ASKED,
	CARE,
	CENTRE,
	CONTACT,
	FACILITY,
	HOUSEHOLD,
	IDENTITY,
	PLACE,
	RESIDENT,
	SECRET,
)
from tests.web import Answer, call, request
from tests.world import give

Save = Callable[[str, str, str, dict], Answer]

SAVES: dict[str, Save] = {
	"PUT": lambda user, dt, name, given: request(user, "PUT", f"/api/resource/{dt}/{name}", **given),
	"set_value": lambda user, dt, name, given: call(
		user, "frappe.client.set_value", doctype=dt, name=name, fieldname=given
	),
	"form": lambda user, dt, name, given: call(
		user, "frappe.desk.form.save.savedocs", doc={**_row(dt, name), **given}, action="Save"
	),
	"edit of a list": lambda user, dt, name, given: call(
		user,
		"frappe.desk.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs",
		doctype=dt,
		docnames=[name],
		action="update",
		data=given,
	),
}


def _row(doctype: str, name: str) -> dict[str, object]:
	row = frappe.db.get_value(doctype, name, "*", as_dict=True)
	return {**row, "doctype": doctype, "modified": str(row.modified)}


def values(doctype: str, name: str) -> dict[str, object]:
	"""The row without what a save that changes nothing leaves."""
	return {**frappe.db.get_value(doctype, name, "*", as_dict=True), "modified": None, "modified_by": None}


def where(world: frappe._dict) -> list[tuple]:
	"""Where each of the two villages' people, and what hangs on them, lie."""
	return [
		frappe.db.get_value(dt, name, ["grid", "grid_path"] + (["household"] if dt != HOUSEHOLD else []))
		for rows in (world.kept, world.own_rows)
		for dt, name in rows.items()
		if dt in world.own_rows
	]


MOVES = {
	"her household": (RESIDENT, "own_head", lambda w: {"household": w.kept[HOUSEHOLD]}),
	"their household": (RESIDENT, RESIDENT, lambda w: {"household": w.own}),
	"the grid of her household": (HOUSEHOLD, "own", lambda w: {"grid": w.grid}),
	"the grid of theirs": (HOUSEHOLD, HOUSEHOLD, lambda w: {"grid": w.near}),
	"the grid of a person": (RESIDENT, RESIDENT, lambda w: {"grid": w.near, "grid_path": ""}),
	"another's name": (RESIDENT, "own_head", lambda w: {"name": w.kept[RESIDENT], "resident_name": "改名"}),
	"of whom a contact is": (CONTACT, CONTACT, lambda w: {"resident": w.own_head}),
	"of whom her contact is": (CONTACT, "own", lambda w: {"resident": w.kept[RESIDENT]}),
	"of whom her care is": (CARE, "own", lambda w: {"resident": w.kept[RESIDENT]}),
	"of whom her identity is": (IDENTITY, "own", lambda w: {"resident": w.kept[RESIDENT]}),
	"the grid of her contact": (CONTACT, "own", lambda w: {"grid": w.grid, "household": w.kept[HOUSEHOLD]}),
}
"""What is written: the DocType, whose row, and the values."""


def _chosen(world: frappe._dict, doctype: str, of: str) -> str:
	if of == "own":
		return world.own_rows[doctype]
	return world.own_head if of == "own_head" else world.kept[doctype]


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("save", SAVES)
def test_nobody_is_moved_across(world, save, move):
	doctype, of, given = MOVES[move]
	before = where(world)
	names = {name: values(dt, name) for dt, name in world.kept.items() if dt in world.own_rows}
	for user in (world.secretary, world.member):
		answer = SAVES[save](user, doctype, _chosen(world, doctype, of), given(world))
		assert answer.status < 500, answer.fault
		assert SECRET not in answer.text
		assert where(world) == before
		assert {name: values(dt, name) for dt, name in world.kept.items() if dt in world.own_rows} == names


HUNG = {
	CONTACT: lambda: {"phone": "13900000009"},
	CARE: lambda: {"category": seeded("care_category/empty-nest")},
	IDENTITY: lambda: {"id_number": make_citizen_number()},
	ASKED: lambda: {"kind": "See", "asked_by": "x", "received_on": frappe.utils.nowdate()},
}


@pytest.mark.parametrize("doctype", HUNG)
def test_nothing_is_hung_on_them(world, doctype):
	"""Whatever grid is sent: it follows the person."""
	given = {
		"doctype": doctype,
		"resident": world.guest,
		"grid": world.near,
		"grid_path": world.town.grids[0][0].grid_path,
		"household": world.own,
		**HUNG[doctype](),
	}
	count = frappe.db.count(doctype)
	for user in (world.secretary, world.member):
		for answer in (
			request(user, "POST", f"/api/resource/{doctype}", **given),
			call(user, "frappe.client.insert", doc=given),
			call(user, "frappe.client.insert_many", docs=[given]),
			call(user, "frappe.desk.form.save.savedocs", doc={**given, "__islocal": 1}, action="Save"),
		):
			assert answer.status in (403, 417), answer.text
			assert SECRET not in answer.text
	assert frappe.db.count(doctype) == count


def test_nobody_moves_into_their_household(world):
	given = {"resident_name": "张三", "relation_to_head": "Son", "grid": world.near}
	for user in (world.secretary, world.member):
		answer = request(user, "POST", f"/api/resource/{RESIDENT}", household=world.kept[HOUSEHOLD], **given)
		assert answer.status == 403
		assert SECRET not in answer.text


POINTED = {
	"guardian": (RESIDENT, lambda w: w.own_head, "guardian", lambda w: w.kept[RESIDENT]),
	"merged person": (RESIDENT, lambda w: w.own_head, "merged_into", lambda w: w.kept[RESIDENT]),
	"head": (HOUSEHOLD, lambda w: w.own, "head", lambda w: w.kept[RESIDENT]),
	"speaker of the group": (HOUSEHOLD, lambda w: w.own, "group_rep", lambda w: w.kept[RESIDENT]),
	"merged household": (HOUSEHOLD, lambda w: w.own, "merged_into", lambda w: w.kept[HOUSEHOLD]),
	"owner of a place": (PLACE, lambda w: made(PLACE, w), "owner_resident", lambda w: w.kept[RESIDENT]),
	"place of a facility": (FACILITY, lambda w: made(FACILITY, w), "place", lambda w: w.kept[PLACE]),
}
"""A record of her own, a link of it, and a person of others that it is to name."""


def made(doctype: str, world: frappe._dict) -> str:
	field = {PLACE: "place", FACILITY: "facility"}[doctype]
	kind = {PLACE: "Shop", FACILITY: "Bin"}[doctype]
	return (
		frappe.get_doc(
			{"doctype": doctype, f"{field}_name": "本村", f"{field}_type": kind, "grid": world.near}
		)
		.insert()
		.name
	)


@pytest.mark.parametrize("link", POINTED)
def test_pointing_at_somebody_does_not_tell_her_name(world, link):
	doctype, own, field, target = POINTED[link]
	name = own(world)
	for save in SAVES:
		answer = SAVES[save](world.secretary, doctype, name, {field: target(world)})
		assert answer.status < 500, answer.fault
		assert SECRET not in answer.text, save
		assert frappe.db.get_value(doctype, name, field) != target(world), save
	assert (
		SECRET not in call(world.secretary, "frappe.desk.form.load.getdoc", doctype=doctype, name=name).text
	)


@pytest.mark.parametrize("target", [RESIDENT, HOUSEHOLD])
def test_nor_does_a_record_of_frappes_own(world, target):
	name = world.kept[target]
	for doctype, given in {
		"ToDo": {"description": "x", "reference_type": target, "reference_name": name},
		"Event": {
			"subject": "x",
			"starts_on": "2020-01-01 00:00:00",
			"event_participants": [{"reference_doctype": target, "reference_docname": name}],
		},
	}.items():
		answer = call(world.member, "frappe.client.insert", doc={"doctype": doctype, **given})
		assert answer.status == 403, doctype
		assert SECRET not in answer.text


def test_what_a_link_has_named_before_stays(world):
	"""A guardian who has moved to another grid: the record is saved, and her name is not told."""
	frappe.db.set_value(RESIDENT, world.own_head, "guardian", world.kept[RESIDENT])
	answer = request(world.member, "PUT", f"/api/resource/{RESIDENT}/{world.own_head}", employer="单位")
	assert answer.status == 200, answer.text
	answer = call(world.member, "frappe.desk.form.load.getdoc", doctype=RESIDENT, name=world.own_head)
	assert answer.status == 200
	assert SECRET not in answer.text


def test_the_keeper_of_a_centre_household_is_not_told_by_a_refusal(world):
	given = {"centre_name": "x", "party_member": world.worker, "grid": world.near}
	frappe.db.set_value("Grid Worker", world.worker, "is_party_member", 0)
	answer = request(world.secretary, "POST", f"/api/resource/{CENTRE}", **given)
	assert answer.refused
	assert SECRET not in answer.text


CHANGES = {
	"change_head": lambda w: {"household": w.own, "head": w.kept[RESIDENT], "relations": {w.own_head: "Son"}},
	"split": lambda w: {
		"household": w.own,
		"members": [w.kept[RESIDENT]],
		"head": w.kept[RESIDENT],
		"relations": {},
	},
	"merge": lambda w: {"household": w.own, "into": w.kept[HOUSEHOLD], "relations": {w.own_head: "Son"}},
	"merge theirs": lambda w: {
		"household": w.kept[HOUSEHOLD],
		"into": w.own,
		"relations": {w.kept[RESIDENT]: "Son", w.guest: "Son"},
	},
}


@pytest.mark.parametrize("change", CHANGES)
def test_no_action_on_households_reaches_them(world, change):
	before = where(world)
	method = f"grid_governance.grid_ledger.actions.households.{change.split()[0]}"
	for user in (world.secretary, world.member):
		answer = call(user, method, **CHANGES[change](world))
		assert answer.status in (403, 417), answer.fault or answer.text
		assert SECRET not in answer.text
	assert where(world) == before


def imported(world: frappe._dict, doctype: str, kind: str, **columns: str) -> list[frappe._dict]:
	"""Import one row as the secretary of the next village, who was given the right to; return what the log says."""
	sheet = io.StringIO()
	csv.writer(sheet).writerows([list(columns), list(columns.values())])
	file = make_photo(file_name=f"{frappe.generate_hash(length=8)}.csv", content=sheet.getvalue().encode())
	name = (
		frappe.get_doc(
			doctype="Data Import", reference_doctype=doctype, import_type=kind, import_file=file.file_url
		)
		.insert()
		.name
	)
	frappe.set_user(world.secretary)
	with web._held_back():
		importer.Importer(doctype, data_import=frappe.get_doc("Data Import", name)).import_data()
	frappe.set_user("Administrator")
	return frappe.get_all("Data Import Log", {"data_import": name}, ["success", "exception", "messages"])


def test_an_import_overwrites_nobody(world):
	before = values(RESIDENT, world.kept[RESIDENT])
	log = imported(
		world, RESIDENT, importer.UPDATE, name=world.kept[RESIDENT], resident_name="改写", household=world.own
	)
	assert [row.success for row in log] == [0]
	assert SECRET not in str(log)
	assert values(RESIDENT, world.kept[RESIDENT]) == before
	(own,) = imported(world, RESIDENT, importer.UPDATE, name=world.own_head, resident_name="改写")
	assert own.success, "this way imports nothing at all"


def test_an_import_puts_nobody_into_their_household(world):
	count = frappe.db.count(RESIDENT)
	given = {
		"resident_name": "张三",
		"relation_to_head": "Son",
		"status": "Living Here",
		"population_type": "Registered",
	}
	log = imported(world, RESIDENT, importer.INSERT, household=world.kept[HOUSEHOLD], **given)
	assert [row.success for row in log] == [0]
	assert frappe.db.count(RESIDENT) == count
	(own,) = imported(world, RESIDENT, importer.INSERT, household=world.own, **given)
	assert own.success, own.exception


def test_nobody_imports_at_all(world):
	for user in (*world.inside.values(), world.office, *world.outsiders.values()):
		answer = request(
			user,
			"POST",
			"/api/resource/Data Import",
			reference_doctype=RESIDENT,
			import_type="Update Existing Records",
		)
		assert answer.status == 403


@pytest.mark.parametrize("doctype", [HOUSEHOLD, RESIDENT, CONTACT, CARE, IDENTITY])
def test_frappes_own_merge_of_two_names_is_closed(world, doctype):
	"""Even to whoever may write both: what hangs on the one would be lost without a trace."""
	second = frappe.copy_doc(frappe.get_doc(doctype, world.kept[doctype]))
	second.name = frappe.generate_hash(length=10)
	if doctype == HOUSEHOLD:
		second.household_no = None
	if doctype == IDENTITY:
		second.update({"resident": world.guest, "id_number_hash": "x"})
	second.db_insert()
	world.changed_rights = doctype
	give("Village Secretary", doctype, "read", "write", "create", "delete")
	user = world.inside["Village Secretary"]
	for method in ("frappe.rename_doc", "frappe.model.rename_doc.rename_doc", "frappe.client.rename_doc"):
		names = (
			{"old_name": second.name, "new_name": world.kept[doctype]}
			if method.startswith("frappe.client")
			else {"old": second.name, "new": world.kept[doctype], "force": True}
		)
		answer = call(user, method, doctype=doctype, merge=True, **names)
		assert answer.status < 500, answer.fault
		assert frappe.db.exists(doctype, second.name), method
