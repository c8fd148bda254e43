"""Every way of writing over HTTP, tried on households and people by those who have nothing to do with them.

What hangs on a row is looked at as well: remarks, files, tags, tasks, followers.
"""

from collections.abc import Callable

import frappe
import pytest

from tests.security.ledger.conftest import (
	ACCESS,
	ASKED,
	CARE,
	CENTRE,
	CHANGE,
	COMPARED,
	CONTACT,
	FACILITY,
	HOUSEHOLD,
	IDENTITY,
	IMPORT,
	LINE,
	ORGANIZATION,
	PLACE,
	RESIDENT,
	WORDS,
)
from tests.web import Answer, call, request

FORGED = "改写"
WRITTEN = {
	HOUSEHOLD: ("address", FORGED),
	RESIDENT: ("employer", FORGED),
	IDENTITY: ("verified_on", "2020-01-01"),
	CONTACT: ("note", FORGED),
	CARE: ("note", FORGED),
	CHANGE: ("reason", FORGED),
	CENTRE: ("note", FORGED),
	PLACE: ("address", FORGED),
	FACILITY: ("note", FORGED),
	ORGANIZATION: ("legal_person", FORGED),
	ACCESS: ("reason", FORGED),
	ASKED: ("asked", FORGED),
	COMPARED: ("reason", FORGED),
	IMPORT: ("state", "Done"),
	LINE: ("answer", "Leave Out"),
}
"""A field of each DocType with what one would like to have there."""

HANGING = {
	"Comment": ("reference_doctype", "reference_name"),
	"Communication": ("reference_doctype", "reference_name"),
	"Communication Link": ("link_doctype", "link_name"),
	"DocShare": ("share_doctype", "share_name"),
	"Document Follow": ("ref_doctype", "ref_docname"),
	"Event Participants": ("reference_doctype", "reference_docname"),
	"File": ("attached_to_doctype", "attached_to_name"),
	"Reminder": ("reminder_doctype", "reminder_docname"),
	"Tag Link": ("document_type", "document_name"),
	"ToDo": ("reference_type", "reference_name"),
}

Way = Callable[[frappe._dict, str, str, str], Answer]


def stored(doctype: str, name: str) -> frappe._dict:
	return frappe.db.get_value(doctype, name, "*", as_dict=True) or frappe._dict()


def sent(w: frappe._dict, doctype: str, name: str, **more: object) -> dict[str, object]:
	"""The row as a form sends it back, with the forged value and the writer's own grid."""
	field, value = WRITTEN[doctype]
	row = stored(doctype, name)
	return {
		**row,
		field: value,
		"doctype": doctype,
		"grid": w.near,
		"modified": str(row.modified),
		"flags": {"ignore_permissions": 1, "by_room": 1, "by_household": 1},
		**more,
	}


def value(doctype: str) -> dict[str, object]:
	field, given = WRITTEN[doctype]
	return {field: given}


WAYS: dict[str, Way] = {
	"PUT": lambda w, user, dt, name: request(user, "PUT", f"/api/resource/{dt}/{name}", **value(dt)),
	"PUT with the own grid": lambda w, user, dt, name: request(
		user,
		"PUT",
		f"/api/resource/{dt}/{name}",
		grid=w.near,
		household=w.own,
		resident=w.own_head,
		**value(dt),
	),
	"set_value": lambda w, user, dt, name: call(
		user, "frappe.client.set_value", doctype=dt, name=name, fieldname=value(dt)
	),
	"save": lambda w, user, dt, name: call(user, "frappe.client.save", doc=sent(w, dt, name)),
	"form": lambda w, user, dt, name: call(
		user, "frappe.desk.form.save.savedocs", doc=sent(w, dt, name), action="Save"
	),
	"form of a new one": lambda w, user, dt, name: call(
		user, "frappe.desk.form.save.savedocs", doc=sent(w, dt, name, __islocal=1), action="Save"
	),
	"insert by its name": lambda w, user, dt, name: call(
		user, "frappe.client.insert", doc=sent(w, dt, name, amended_from=name)
	),
	"bulk update": lambda w, user, dt, name: call(
		user, "frappe.client.bulk_update", docs=[{"doctype": dt, "docname": name, **value(dt)}]
	),
	"edit of a list": lambda w, user, dt, name: call(
		user,
		"frappe.desk.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs",
		doctype=dt,
		docnames=[name],
		action="update",
		data=value(dt),
	),
	"calendar": lambda w, user, dt, name: call(
		user,
		"frappe.desk.calendar.update_event",
		args={"doctype": dt, "name": name, **value(dt)},
		field_map={"start": WRITTEN[dt][0], "end": WRITTEN[dt][0]},
	),
	"delete": lambda w, user, dt, name: call(user, "frappe.client.delete", doctype=dt, name=name),
	"DELETE": lambda w, user, dt, name: request(user, "DELETE", f"/api/resource/{dt}/{name}"),
	"delete from the list": lambda w, user, dt, name: call(
		user, "frappe.desk.reportview.delete_items", doctype=dt, items=[name]
	),
	"rename": lambda w, user, dt, name: call(
		user, "frappe.client.rename_doc", doctype=dt, old_name=name, new_name="TAKEN"
	),
	"rename by force": lambda w, user, dt, name: call(
		user, "frappe.rename_doc", doctype=dt, old=name, new="TAKEN", force=True
	),
	"another title": lambda w, user, dt, name: call(
		user,
		"frappe.model.rename_doc.update_document_title",
		doctype=dt,
		docname=name,
		title=FORGED,
		name="TAKEN",
	),
	"merge into the own": lambda w, user, dt, name: call(
		user, "frappe.rename_doc", doctype=dt, old=name, new=w.own_rows.get(dt, "x"), force=True, merge=True
	),
	"merge the own into it": lambda w, user, dt, name: call(
		user, "frappe.rename_doc", doctype=dt, old=w.own_rows.get(dt, "x"), new=name, force=True, merge=True
	),
	"tag": lambda w, user, dt, name: call(
		user, "frappe.desk.doctype.tag.tag.add_tag", tag=FORGED, dt=dt, dn=name
	),
	"like": lambda w, user, dt, name: call(
		user, "frappe.desk.like.toggle_like", doctype=dt, name=name, add="Yes"
	),
	"assignment": lambda w, user, dt, name: call(
		user, "frappe.desk.form.assign_to.add", doctype=dt, name=name, assign_to=[user], description="x"
	),
	"share": lambda w, user, dt, name: call(
		user, "frappe.share.add", doctype=dt, name=name, user=user, read=1, write=1
	),
	"follow": lambda w, user, dt, name: call(
		user,
		"frappe.desk.form.document_follow.follow_document",
		doctype=dt,
		doc_name=name,
		user=user,
	),
	"comment": lambda w, user, dt, name: call(
		user,
		"frappe.desk.form.utils.add_comment",
		reference_doctype=dt,
		reference_name=name,
		content=FORGED,
		comment_email=user,
		comment_by=user,
	),
	"letter": lambda w, user, dt, name: call(
		user,
		"frappe.core.doctype.communication.email.make",
		doctype=dt,
		name=name,
		content=FORGED,
		subject=FORGED,
		recipients="a@example.com",
	),
	"file": lambda w, user, dt, name: call(
		user, "upload_file", files={"file": ("a.txt", b"x")}, doctype=dt, docname=name, is_private="1"
	),
	"file by the client": lambda w, user, dt, name: call(
		user,
		"frappe.client.attach_file",
		filename="a.txt",
		filedata="x",
		doctype=dt,
		docname=name,
	),
	"task": lambda w, user, dt, name: request(
		user,
		"POST",
		"/api/resource/ToDo",
		description=FORGED,
		reference_type=dt,
		reference_name=name,
		allocated_to=user,
	),
	"day in the calendar": lambda w, user, dt, name: call(
		user,
		"frappe.client.insert",
		doc={
			"doctype": "Event",
			"subject": FORGED,
			"starts_on": "2020-01-01 00:00:00",
			"event_participants": [{"reference_doctype": dt, "reference_docname": name}],
		},
	),
	"reminder": lambda w, user, dt, name: call(
		user,
		"frappe.automation.doctype.reminder.reminder.create_new_reminder",
		remind_at="2090-01-01 00:00:00",
		description=FORGED,
		reminder_doctype=dt,
		reminder_docname=name,
	),
}

GONE = {
	"delete",
	"DELETE",
	"delete from the list",
	"rename by force",
	"merge into the own",
	"merge the own into it",
}
UNPROVEN = {"insert by its name", "form of a new one", "rename", "another title", "share", "follow", "letter"}
"""Ways that leave no trace even for the Administrator, here where names are fixed and no mail is set up."""

PROVEN = {RESIDENT: set(WAYS) - GONE - UNPROVEN - {"calendar", "PUT with the own grid"}, CONTACT: GONE}
"""Ways by which the Administrator leaves a trace on a row of the DocType: the others cannot be proven here."""


def trace(doctype: str, name: str) -> dict[str, object]:
	"""The row, and how much hangs on it."""
	row = {key: value for key, value in stored(doctype, name).items() if key != "_seen"}
	hanging = {
		each: frappe.db.count(each, {type_field: doctype, name_field: name})
		for each, (type_field, name_field) in HANGING.items()
	}
	return {**row, **hanging}


def writers(world: frappe._dict) -> dict[str, str]:
	"""Those outside who may write most where they work, and somebody whose roles count nowhere."""
	return {who: world.outsiders[who] for who in ("secretary of the next village", "somebody without a post")}


@pytest.mark.parametrize(
	("doctype", "way"), [(dt, way) for dt, ways in PROVEN.items() for way in sorted(ways)]
)
def test_the_way_leads_there(world, doctype, way):
	"""Or else that nobody outside gets along it proves nothing."""
	name = world.kept[doctype]
	before = trace(doctype, name)
	answer = WAYS[way](world, "Administrator", doctype, name)
	assert trace(doctype, name) != before, answer.fault or answer.text


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_written_outside(world, way):
	before = {dt: trace(dt, world.kept[dt]) for dt in WORDS}
	own = {dt: stored(dt, name) for dt, name in world.own_rows.items()}
	broken = {}
	for who, user in writers(world).items():
		for doctype in WORDS:
			answer = WAYS[way](world, user, doctype, world.kept[doctype])
			if answer.status >= 500:
				broken[who, doctype] = answer.fault or answer.text
			assert trace(doctype, world.kept[doctype]) == before[doctype], (who, doctype)
	assert broken == {}
	if "own" in way and "merge" in way:
		assert {dt: stored(dt, name) for dt, name in world.own_rows.items()} == own
