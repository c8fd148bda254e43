"""What only a step may set stays as it is, whoever writes it and by whichever way of the desk or of REST.

The secretary may edit the issue in this state, so each way is proven by a field that she does change.
"""

from collections.abc import Callable

import frappe
import pytest

from grid_governance.grid_issues import corrections
from tests.factories import make_issue, seeded
from tests.security.issues.conftest import TAKE_STEP, step
from tests.web import Answer, call, request

ISSUE = "Grid Issue"
FORGED = {
	"resolved_at": "2020-01-01 00:00:00",
	"feedback_at": "2020-01-01 00:00:00",
	"closed_at": "2020-01-01 00:00:00",
	"due_by": "2099-01-01 00:00:00",
	"extended_until": "2099-01-01 00:00:00",
	"next_escalation_at": "2099-01-01 00:00:00",
	"reopened_count": 7,
	"escalation_level": 7,
	"inform_by": "2099-01-01 00:00:00",
	"informed_at": "2020-01-01 00:00:00",
	"return_by": "2099-01-01 00:00:00",
	"instruction": "伪造的批示",
	"instruction_due": "2099-01-01 00:00:00",
	"verdict": "Praise",
	"verdict_words": "伪造的表扬",
	"verdict_answer": "伪造的答复",
	"paused_at": "2020-01-01 00:00:00",
	"paused_until": "2099-01-01 00:00:00",
	"paused_for": 86400,
	"informed_way": "In Writing",
	"urged_on": "2099-01-01",
	"urged_times": 7,
	"reminded": 2,
	"clock_at": "2099-01-01 00:00:00",
	"grid_path": "",
}
STOCK = ({"owner": "Guest"}, {"creation": "2020-01-01 00:00:00"}, {"docstatus": 1})
"""What Frappe itself writes; each is sent alone, since it refuses some of them."""

CHANGING = ("modified", "modified_by", "_user_tags", "_comments", "_assign", "_liked_by")

Way = Callable[[str, frappe._dict, dict], Answer]

WAYS: dict[str, Way] = {
	"PUT": lambda user, row, given: request(user, "PUT", f"/api/resource/{ISSUE}/{row.name}", **given),
	"set_value": lambda user, row, given: call(
		user, "frappe.client.set_value", doctype=ISSUE, name=row.name, fieldname=given
	),
	"save": lambda user, row, given: call(user, "frappe.client.save", doc={**row, **given, "doctype": ISSUE}),
	"form": lambda user, row, given: call(
		user, "frappe.desk.form.save.savedocs", doc={**row, **given, "doctype": ISSUE}, action="Save"
	),
	"bulk update": lambda user, row, given: call(
		user,
		"frappe.client.bulk_update",
		docs=[{**row, **given, "doctype": ISSUE, "docname": row.name}],
	),
	"edit of a list": lambda user, row, given: call(
		user,
		"frappe.desk.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs",
		doctype=ISSUE,
		docnames=[row.name],
		action="update",
		data=given,
	),
}


@pytest.fixture
def issue(world) -> frappe._dict:
	"""An issue with the village, which its secretary may edit."""
	frappe.set_user(world.member)
	name = make_issue(world.grid, category=world.category).name
	frappe.set_user("Administrator")
	assert call(world.member, TAKE_STEP, issue=name, action=step("submit-to-village")).status == 200
	return stored(name)


def stored(name: str) -> frappe._dict:
	return frappe.db.get_value(ISSUE, name, "*", as_dict=True)


def forged(world: frappe._dict) -> dict[str, object]:
	found = {
		**FORGED,
		"resolution_level": seeded("resolution_level/department"),
		"reporter_worker": frappe.db.get_value("Grid Worker", {"user": world.secretary}),
		"duplicate_of": world.issue,
		"verdict_by": world.secretary,
	}
	assert set(corrections.COMPUTED) <= set(found), "a field of steps without its abuse"
	return found


@pytest.mark.parametrize("way", WAYS)
def test_they_stay_as_the_steps_have_set_them(world, issue, way):
	answer = WAYS[way](world.secretary, issue, {**forged(world), "location_note": "北门"})
	assert answer.status == 200, answer.fault or answer.text
	after = stored(issue.name)
	assert after.location_note == "北门", "this way changes nothing at all"
	assert {field: after[field] for field in forged(world)} == {
		field: issue[field] for field in forged(world)
	}
	for given in STOCK:
		answer = WAYS[way](world.secretary, after, given)
		assert answer.status < 500, answer.fault
		assert {field: stored(issue.name)[field] for field in given} == {
			field: issue[field] for field in given
		}


def test_the_calendar_moves_no_due_time(world, issue):
	call(
		world.secretary,
		"frappe.desk.calendar.update_event",
		args={
			"doctype": ISSUE,
			"name": issue.name,
			"due_by": "2099-01-01 00:00:00",
			"closed_at": "2020-01-01",
		},
		field_map={"start": "due_by", "end": "closed_at"},
	)
	assert (stored(issue.name).due_by, stored(issue.name).closed_at) == (issue.due_by, None)


@pytest.mark.parametrize("way", WAYS)
def test_no_state_is_reached_without_its_step(world, issue, way):
	for key in ("resolved", "closed", "township-supervision", "merged"):
		for user in (world.secretary, world.leader):
			before = stored(issue.name).workflow_state
			state = seeded(f"workflow_state/{key}")
			answer = WAYS[way](user, stored(issue.name), {"workflow_state": state})
			assert answer.status < 500, answer.fault
			if stored(issue.name).workflow_state != before:
				(line,) = frappe.get_all(
					"Issue Log",
					{"issue": issue.name},
					["by_user", "from_state", "to_state"],
					order_by="at desc",
					limit=1,
				)
				assert (line.by_user, line.from_state, line.to_state) == (user, before, state)
		if key != "township-supervision":
			assert stored(issue.name).workflow_state != state, "resolved or ended without a word"


def test_a_new_issue_begins_at_the_beginning(world):
	for key in ("closed", "in-progress", "rejected"):
		answer = request(
			world.member,
			"POST",
			f"/api/resource/{ISSUE}",
			title="生来办结",
			category=world.category,
			grid=world.grid,
			workflow_state=seeded(f"workflow_state/{key}"),
		)
		assert answer.refused, key
	values = {**forged(world), "owner": world.secretary, "creation": "2020-01-01 00:00:00"}
	answer = request(
		world.member,
		"POST",
		f"/api/resource/{ISSUE}",
		**{**values, "title": "照实上报", "category": world.category, "grid": world.grid, "name": "GI-1"},
	)
	assert answer.status == 200, answer.fault or answer.text
	made = stored(answer.message["name"])
	assert (made.owner, made.name != "GI-1") == (world.member, True)
	assert {field for field, value in values.items() if str(made[field]) == str(value)} == set()


def test_it_is_neither_submitted_nor_cancelled_nor_amended(world, issue):
	for user in world.people.values():
		for method in ("submit", "cancel"):
			given = (
				{"doc": {**stored(issue.name), "doctype": ISSUE}}
				if method == "submit"
				else {"doctype": ISSUE, "name": issue.name}
			)
			assert call(user, f"frappe.client.{method}", **given).refused
		for action in ("submit", "cancel"):
			call(
				user,
				"frappe.desk.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs",
				doctype=ISSUE,
				docnames=[issue.name],
				action=action,
			)
		assert stored(issue.name).docstatus == 0


def test_it_is_neither_renamed_nor_deleted(world, issue):
	for user in world.people.values():
		for ask in (
			lambda user: call(
				user, "frappe.client.rename_doc", doctype=ISSUE, old_name=issue.name, new_name="GI-1"
			),
			lambda user: call(
				user,
				"frappe.model.rename_doc.update_document_title",
				doctype=ISSUE,
				docname=issue.name,
				name="GI-1",
			),
			lambda user: call(
				user,
				"frappe.model.rename_doc.update_document_title",
				doctype=ISSUE,
				docname=issue.name,
				name=world.issue,
				merge=1,
			),
			lambda user: call(user, "frappe.client.delete", doctype=ISSUE, name=issue.name),
			lambda user: request(user, "DELETE", f"/api/resource/{ISSUE}/{issue.name}"),
			lambda user: call(user, "frappe.desk.reportview.delete_items", doctype=ISSUE, items=[issue.name]),
		):
			ask(user)
			assert frappe.db.exists(ISSUE, issue.name)


def test_it_is_not_moved_to_where_its_editor_holds_nothing(world, issue):
	for grid in (world.near, world.town.root.name):
		for way in WAYS.values():
			answer = way(world.secretary, stored(issue.name), {"grid": grid})
			assert answer.status < 500, answer.fault
			assert stored(issue.name).grid == issue.grid


def test_a_closed_issue_is_frozen_whatever_the_way(world, issue):
	for action, said in (
		("start", {}),
		("resolve", {"result": "已修好"}),
		("give-feedback", {"feedback": "知道了"}),
	):
		user = world.leader if action == "give-feedback" else world.secretary
		answer = call(user, TAKE_STEP, issue=issue.name, action=step(action), **said)
		assert answer.status == 200, answer.fault or answer.text
	for given in ({"result": "改写"}, {"feedback": "改写", "satisfaction": 1}, {"title": "改写"}):
		for way in WAYS.values():
			for user in (world.leader, world.secretary):
				before = stored(issue.name)
				way(user, before, given)
				assert {**stored(issue.name), **dict.fromkeys(CHANGING)} == {
					**before,
					**dict.fromkeys(CHANGING),
				}


def test_an_import_sets_nothing_more_than_a_form_does(world, issue):
	"""Only system managers import; an update by a file goes through the same document."""
	for user in world.people.values():
		answer = call(
			user, "frappe.client.insert", doc={"doctype": "Data Import", "reference_doctype": ISSUE}
		)
		assert answer.refused
	frappe.flags.in_import = True
	try:
		doc = frappe.get_doc(ISSUE, issue.name)
		doc.update({**forged(world), "location_note": "南门"})
		doc.save()
	finally:
		frappe.flags.in_import = False
	after = stored(issue.name)
	assert after.location_note == "南门"
	assert {field: after[field] for field in forged(world)} == {
		field: issue[field] for field in forged(world)
	}
