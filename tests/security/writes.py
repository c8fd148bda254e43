"""The ways of writing that Frappe offers over HTTP, for whatever DocType, and the traces that they leave.

Each way is (world, user, DocType, name, (field, value)) -> Answer. The world gives `near`, the writer's own grid, `own` and
`own_head`, a household there and its head, and `own_rows`, a row of hers by DocType.
"""

from collections.abc import Callable

import frappe

from tests.web import Answer, call, request

FORGED = "改写"

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

Way = Callable[[frappe._dict, str, str, str, tuple[str, object]], Answer]


def stored(doctype: str, name: str) -> frappe._dict:
	"""The row as it stands in the database."""
	return frappe.db.get_value(doctype, name, "*", as_dict=True) or frappe._dict()


def sent(
	w: frappe._dict, doctype: str, name: str, to: tuple[str, object], **more: object
) -> dict[str, object]:
	"""The row as a form sends it back, with the forged value and the writer's own grid."""
	row = stored(doctype, name)
	return {
		**row,
		to[0]: to[1],
		"doctype": doctype,
		"grid": w.near,
		"modified": str(row.modified),
		"flags": {"ignore_permissions": 1, "by_room": 1, "by_household": 1},
		**more,
	}


WAYS: dict[str, Way] = {
	"PUT": lambda w, user, dt, name, to: request(user, "PUT", f"/api/resource/{dt}/{name}", **dict([to])),
	"PUT with the own grid": lambda w, user, dt, name, to: request(
		user,
		"PUT",
		f"/api/resource/{dt}/{name}",
		grid=w.near,
		household=w.own,
		resident=w.own_head,
		**dict([to]),
	),
	"set_value": lambda w, user, dt, name, to: call(
		user, "frappe.client.set_value", doctype=dt, name=name, fieldname=dict([to])
	),
	"save": lambda w, user, dt, name, to: call(user, "frappe.client.save", doc=sent(w, dt, name, to)),
	"form": lambda w, user, dt, name, to: call(
		user, "frappe.desk.form.save.savedocs", doc=sent(w, dt, name, to), action="Save"
	),
	"form of a new one": lambda w, user, dt, name, to: call(
		user, "frappe.desk.form.save.savedocs", doc=sent(w, dt, name, to, __islocal=1), action="Save"
	),
	"insert by its name": lambda w, user, dt, name, to: call(
		user, "frappe.client.insert", doc=sent(w, dt, name, to, amended_from=name)
	),
	"bulk update": lambda w, user, dt, name, to: call(
		user, "frappe.client.bulk_update", docs=[{"doctype": dt, "docname": name, **dict([to])}]
	),
	"edit of a list": lambda w, user, dt, name, to: call(
		user,
		"frappe.desk.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs",
		doctype=dt,
		docnames=[name],
		action="update",
		data=dict([to]),
	),
	"calendar": lambda w, user, dt, name, to: call(
		user,
		"frappe.desk.calendar.update_event",
		args={"doctype": dt, "name": name, **dict([to])},
		field_map={"start": to[0], "end": to[0]},
	),
	"delete": lambda w, user, dt, name, to: call(user, "frappe.client.delete", doctype=dt, name=name),
	"DELETE": lambda w, user, dt, name, to: request(user, "DELETE", f"/api/resource/{dt}/{name}"),
	"delete from the list": lambda w, user, dt, name, to: call(
		user, "frappe.desk.reportview.delete_items", doctype=dt, items=[name]
	),
	"rename": lambda w, user, dt, name, to: call(
		user, "frappe.client.rename_doc", doctype=dt, old_name=name, new_name="TAKEN"
	),
	"rename by force": lambda w, user, dt, name, to: call(
		user, "frappe.rename_doc", doctype=dt, old=name, new="TAKEN", force=True
	),
	"another title": lambda w, user, dt, name, to: call(
		user,
		"frappe.model.rename_doc.update_document_title",
		doctype=dt,
		docname=name,
		title=FORGED,
		name="TAKEN",
	),
	"merge into the own": lambda w, user, dt, name, to: call(
		user, "frappe.rename_doc", doctype=dt, old=name, new=w.own_rows.get(dt, "x"), force=True, merge=True
	),
	"merge the own into it": lambda w, user, dt, name, to: call(
		user, "frappe.rename_doc", doctype=dt, old=w.own_rows.get(dt, "x"), new=name, force=True, merge=True
	),
	"tag": lambda w, user, dt, name, to: call(
		user, "frappe.desk.doctype.tag.tag.add_tag", tag=FORGED, dt=dt, dn=name
	),
	"like": lambda w, user, dt, name, to: call(
		user, "frappe.desk.like.toggle_like", doctype=dt, name=name, add="Yes"
	),
	"assignment": lambda w, user, dt, name, to: call(
		user, "frappe.desk.form.assign_to.add", doctype=dt, name=name, assign_to=[user], description="x"
	),
	"share": lambda w, user, dt, name, to: call(
		user, "frappe.share.add", doctype=dt, name=name, user=user, read=1, write=1
	),
	"follow": lambda w, user, dt, name, to: call(
		user,
		"frappe.desk.form.document_follow.follow_document",
		doctype=dt,
		doc_name=name,
		user=user,
	),
	"comment": lambda w, user, dt, name, to: call(
		user,
		"frappe.desk.form.utils.add_comment",
		reference_doctype=dt,
		reference_name=name,
		content=FORGED,
		comment_email=user,
		comment_by=user,
	),
	"letter": lambda w, user, dt, name, to: call(
		user,
		"frappe.core.doctype.communication.email.make",
		doctype=dt,
		name=name,
		content=FORGED,
		subject=FORGED,
		recipients="a@example.com",
	),
	"file": lambda w, user, dt, name, to: call(
		user, "upload_file", files={"file": ("a.txt", b"x")}, doctype=dt, docname=name, is_private="1"
	),
	"file by the client": lambda w, user, dt, name, to: call(
		user,
		"frappe.client.attach_file",
		filename="a.txt",
		filedata="x",
		doctype=dt,
		docname=name,
	),
	"task": lambda w, user, dt, name, to: request(
		user,
		"POST",
		"/api/resource/ToDo",
		description=FORGED,
		reference_type=dt,
		reference_name=name,
		allocated_to=user,
	),
	"day in the calendar": lambda w, user, dt, name, to: call(
		user,
		"frappe.client.insert",
		doc={
			"doctype": "Event",
			"subject": FORGED,
			"starts_on": "2020-01-01 00:00:00",
			"event_participants": [{"reference_doctype": dt, "reference_docname": name}],
		},
	),
	"reminder": lambda w, user, dt, name, to: call(
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
"""Ways that end a row, which the Administrator may not always."""

UNPROVEN = {"insert by its name", "form of a new one", "rename", "another title", "share", "follow", "letter"}
"""Ways that leave no trace even for the Administrator, here where names are fixed and no mail is set up."""


def trace(doctype: str, name: str) -> dict[str, object]:
	"""The row, and how much hangs on it."""
	row = {key: value for key, value in stored(doctype, name).items() if key != "_seen"}
	hanging = {
		each: frappe.db.count(each, {type_field: doctype, name_field: name})
		for each, (type_field, name_field) in HANGING.items()
	}
	return {**row, **hanging}
