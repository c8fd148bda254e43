"""Nobody writes, changes, renames or deletes a line of the log, a referral or a request, whatever her role."""

from collections.abc import Callable

import frappe
import pytest

from tests.factories import make_user, seeded
from tests.web import Answer, call, request

KEPT = {"Issue Log": "opinion", "Issue Referral": "opinion", "Issue Extension": "words"}
"""What is evidence, with a field that one would like to have different."""

Way = Callable[[str, str, str, str], Answer]


def _row(doctype: str, name: str) -> frappe._dict:
	found = frappe.db.get_value(doctype, name, "*", as_dict=True)
	return frappe._dict({**found, "modified": str(found.modified)})


WAYS: dict[str, Way] = {
	"PUT": lambda user, dt, name, field: request(
		user,
		"PUT",
		f"/api/resource/{dt}/{name}",
		**{field: "改写", "flags": {"by_workflow": 1, "by_room": 1}},
	),
	"set_value": lambda user, dt, name, field: call(
		user, "frappe.client.set_value", doctype=dt, name=name, fieldname=field, value="改写"
	),
	"save": lambda user, dt, name, field: call(
		user,
		"frappe.client.save",
		doc={**_row(dt, name), field: "改写", "doctype": dt, "flags": {"by_workflow": 1, "by_room": 1}},
	),
	"form": lambda user, dt, name, field: call(
		user,
		"frappe.desk.form.save.savedocs",
		doc={**_row(dt, name), field: "改写", "doctype": dt},
		action="Save",
	),
	"bulk update": lambda user, dt, name, field: call(
		user, "frappe.client.bulk_update", docs=[{"doctype": dt, "docname": name, field: "改写"}]
	),
	"edit of a list": lambda user, dt, name, field: call(
		user,
		"frappe.desk.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs",
		doctype=dt,
		docnames=[name],
		action="update",
		data={field: "改写"},
	),
	"delete": lambda user, dt, name, field: call(user, "frappe.client.delete", doctype=dt, name=name),
	"DELETE": lambda user, dt, name, field: request(user, "DELETE", f"/api/resource/{dt}/{name}"),
	"delete from the list": lambda user, dt, name, field: call(
		user, "frappe.desk.reportview.delete_items", doctype=dt, items=[name]
	),
	"rename": lambda user, dt, name, field: call(
		user, "frappe.client.rename_doc", doctype=dt, old_name=name, new_name="x"
	),
	"another name as its title": lambda user, dt, name, field: call(
		user, "frappe.model.rename_doc.update_document_title", doctype=dt, docname=name, title="x", name="x"
	),
	"cancel": lambda user, dt, name, field: call(user, "frappe.client.cancel", doctype=dt, name=name),
}


@pytest.fixture
def writers(world) -> list[str]:
	"""Who handles the issue, a system manager who governs, too, and the Administrator."""
	manager = make_user()
	frappe.get_doc("User", manager).add_roles("System Manager", "Governance Administrator")
	return [world.secretary, world.office, world.officer, manager, "Administrator"]


def rows(world: frappe._dict) -> dict[str, dict]:
	"""What stands in each row, apart from when a form was saved in which nothing had changed."""
	found = [
		(doctype, name)
		for doctype in KEPT
		for name in frappe.get_all(doctype, {"issue": world.issue}, pluck="name")
	]
	return {name: {**_row(doctype, name), "modified": None, "modified_by": None} for doctype, name in found}


@pytest.mark.parametrize("way", WAYS)
def test_what_stands_there_stays(world, writers, way):
	before = rows(world)
	for doctype, name in (
		("Issue Log", world.log[-1]),
		("Issue Referral", world.referral),
		("Issue Extension", world.extension),
	):
		for user in writers:
			answer = WAYS[way](user, doctype, name, KEPT[doctype])
			assert answer.status < 500, answer.fault
	assert rows(world) == before


@pytest.mark.parametrize("doctype", KEPT)
def test_nothing_is_forged_beside_it(world, writers, doctype):
	state = "referral-answered" if doctype == "Issue Referral" else "closed"
	forged = {
		"doctype": doctype,
		"issue": world.issue,
		"grid": world.grid,
		"at": frappe.utils.now(),
		"by_user": world.leader,
		"to_state": seeded("workflow_state/closed"),
		"workflow_state": seeded(f"workflow_state/{state}"),
		"department": world.department,
		"until": "2099-01-01 00:00:00",
		"reason": "伪造",
		"decision": "Granted",
		"opinion": "伪造",
		"flags": {"by_workflow": 1, "by_room": 1, "by_issue": 1},
	}
	before = rows(world)
	for user in writers:
		for answer in (
			request(user, "POST", f"/api/resource/{doctype}", **forged),
			call(user, "frappe.client.insert", doc=forged),
			call(user, "frappe.client.insert_many", docs=[forged]),
			call(user, "frappe.desk.form.save.savedocs", doc={**forged, "__islocal": 1}, action="Save"),
		):
			assert answer.refused, user
			assert answer.status < 500, answer.fault
	assert rows(world) == before


def test_with_its_issue_nothing_goes_once_it_was_handled(world, writers):
	before = rows(world)
	for user in writers:
		assert request(user, "DELETE", f"/api/resource/Grid Issue/{world.issue}").refused
		call(user, "frappe.desk.reportview.delete_items", doctype="Grid Issue", items=[world.issue])
	assert frappe.db.exists("Grid Issue", world.issue)
	assert rows(world) == before
