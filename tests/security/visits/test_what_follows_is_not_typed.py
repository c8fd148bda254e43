"""What follows from a visit or from the way of a notice stays as it is, whoever writes it and by whichever way.

Each way is proven by a field that its writer does change.
"""

import json

import frappe
import pytest

from grid_governance.grid_visits.notices import stages
from tests.factories import make_household, make_resident, seeded
from tests.security.visits.conftest import DELIVERY, MUST, NOTICE, ROUND, ROW, VISIT
from tests.security.writes import WAYS as EVERY_WAY
from tests.security.writes import Way, sent, stored
from tests.web import Answer, call, request

DOOR = "grid_governance.grid_visits.door.save"
CHANGED = "改过的话"
EDITS = ("PUT", "set_value", "save", "form", "bulk update", "edit of a list")

WAYS: dict[str, Way] = {
	**EVERY_WAY,
	"save": lambda w, user, dt, name, to: call(
		user, "frappe.client.save", doc=sent(w, dt, name, to, **{"grid": w.grid, **dict([to])})
	),
	"form": lambda w, user, dt, name, to: call(
		user,
		"frappe.desk.form.save.savedocs",
		doc=sent(w, dt, name, to, **{"grid": w.grid, **dict([to])}),
		action="Save",
	),
}
"""The writer's own row lies in her own grid, and stays there."""

FORGED = {
	VISIT: {
		"outcome": "Would Not Talk",
		"visited_at": "2020-01-01 00:00:00",
		"entered_at": "2020-01-01 00:00:00",
		"returned_on": "2020-01-01",
		"taken_back_at": "2020-01-01 00:00:00",
		"taken_back_why": "改了",
		"taken_back_did": "改了",
		"outcome_before": "By Phone",
		"last_visit_before": "2020-01-01",
		"anonymised_on": "2020-01-01",
		"worker": None,
		"grid_path": "",
		"client_key": "x" * 20,
		"owner": "Guest",
		"creation": "2020-01-01 00:00:00",
	},
	NOTICE: {
		"recipients": 7,
		"sent_to": 7,
		"confirmed": 7,
		"told": 7,
		"approved_by": "Administrator",
		"sent_at": "2020-01-01 00:00:00",
		"reached_at": "2020-01-01 00:00:00",
		"announced_at": "2020-01-01 00:00:00",
		"posted_at": "2020-01-01 00:00:00",
		"public_code": "X" * 24,
		"grid_path": "",
		"owner": "Guest",
	},
}
SAID = {VISIT: "note", NOTICE: "content"}


@pytest.fixture
def written(world) -> dict[str, tuple[str, str]]:
	"""A visit of the grid's member and a draft of its village's secretary, each with its writer: (name, user)."""
	member, secretary = world.inside["Grid Member"], world.inside["Village Secretary"]
	visit = visited(member, world.household)
	assert visit.status == 200, visit.fault or visit.text
	return {VISIT: (visit.message["name"], member), NOTICE: (drafted(secretary, world), secretary)}


def visited(user: str, household: str, outcome: str = "Met", **values: object) -> Answer:
	"""The answer to a visit as the form at the door sends it."""
	return call(
		user,
		DOOR,
		client_key=frappe.generate_hash(length=24),
		household=household,
		outcome=outcome,
		values=json.dumps(values),
	)


@pytest.mark.parametrize("way", EDITS)
@pytest.mark.parametrize("doctype", sorted(FORGED))
def test_a_writer_changes_what_she_said(world, written, doctype, way):
	name, user = written[doctype]
	answer = WAYS[way](world, user, doctype, name, (SAID[doctype], CHANGED))
	if way == "bulk update":  # which takes whole rows
		return
	assert stored(doctype, name)[SAID[doctype]] == CHANGED, answer.fault or answer.text


@pytest.mark.parametrize("way", EDITS)
@pytest.mark.parametrize("doctype", sorted(FORGED))
def test_she_does_not_change_what_follows(world, written, doctype, way):
	name, user = written[doctype]
	before = stored(doctype, name)
	for field, value in FORGED[doctype].items():
		answer = WAYS[way](world, user, doctype, name, (field, value))
		assert answer.status < 500, (field, answer.fault)
		assert stored(doctype, name)[field] == before[field], field


@pytest.mark.parametrize("way", ["POST", "insert", "form"])
def test_a_new_visit_takes_nothing_from_the_client_that_follows_from_it(world, way):
	user = world.inside["Grid Member"]
	doc = {
		"doctype": VISIT,
		"household": world.household,
		"outcome": "Met",
		"visit_kind": "Ordinary",
		"visited_at": frappe.utils.now(),
		"note": CHANGED,
		"worker": world.worker,
		"entered_at": "2020-01-01 00:00:00",
		"returned_on": "2020-01-01",
		"grid": world.grid,
		"grid_path": "",
		"client_key": "y" * 20,
		"effects": [
			{"kind": "issue", "summary": "伪造", "reference_doctype": "User", "reference_name": "Guest"}
		],
		"flags": {"ignore_permissions": 1, "at_the_door": 1},
	}
	of_values = {field: value for field, value in doc.items() if field not in ("effects", "flags")}
	ways = {
		"POST": lambda: request(user, "POST", f"/api/resource/{VISIT}", **of_values),
		"insert": lambda: call(user, "frappe.client.insert", doc=doc),
		"form": lambda: call(
			user,
			"frappe.desk.form.save.savedocs",
			doc={**doc, "__islocal": 1, "name": "new-1"},
			action="Save",
		),
	}
	answer = ways[way]()
	elsewhere = call(user, "frappe.client.insert", doc={**doc, "grid": world.near})
	assert elsewhere.refused
	made = frappe.get_all(VISIT, filters={"note": CHANGED}, pluck="name", order_by="name asc")
	assert len(made) == 1, answer.fault or answer.text
	visit = frappe.get_doc(VISIT, made[0])
	assert (visit.grid, visit.effects, visit.returned_on) == (world.grid, [], None)
	assert visit.worker == frappe.db.get_value("Grid Worker", {"user": user})
	assert visit.grid_path == frappe.db.get_value("Grid", world.grid, "grid_path")
	assert visit.client_key != "y" * 20
	assert visit.entered_at.year > 2020


def test_nobody_else_corrects_a_visit(world, written):
	name, _user = written[VISIT]
	for role in ("Township Office", "Village Secretary", "Grid Leader", "Party Patch Member"):
		answer = WAYS["set_value"](world, world.inside[role], VISIT, name, ("note", CHANGED))
		assert answer.refused, role
		assert stored(VISIT, name).note != CHANGED


def test_a_visit_is_entered_by_those_who_work_there(world):
	for who, user in {**world.outsiders, "auditor": world.site_wide["Governance Auditor"]}.items():
		before = frappe.db.count(VISIT)
		answer = visited(user, world.household, note=CHANGED)
		assert answer.refused, who
		assert answer.status < 500, answer.fault
		assert frappe.db.count(VISIT) == before
		looked = call(user, "grid_governance.grid_visits.door.start", household=world.household)
		assert looked.refused, who
		assert not any(secret in looked.text for secret in world.secrets)


def test_nobody_of_another_household_is_met(world):
	"""Or the visit would tell whether a name exists, and serve what was never done."""
	user = world.inside["Grid Member"]
	neighbour = make_resident(make_household(world.grid).name, resident_name="邻居").name
	for stranger in (neighbour, world.own_head):
		answer = visited(user, world.household, residents_met=[stranger])
		assert answer.refused
		assert answer.status < 500, answer.fault
	assert not frappe.db.exists(
		"Visit Person",
		{"resident": ["in", [neighbour, world.own_head]], "parent": ["!=", world.own_rows[VISIT]]},
	)


def test_a_notice_of_another_household_is_not_told(world):
	user = world.inside["Grid Member"]
	for delivery in (world.own_rows[DELIVERY], "0" * 20):
		answer = visited(user, world.household, effects=[{"kind": "notice", "delivery": delivery}])
		assert answer.refused
		assert answer.status < 500, answer.fault
		assert "自己的" not in answer.text
	assert stored(DELIVERY, world.own_rows[DELIVERY]).state == "Sent"


def drafted(user: str, world: frappe._dict) -> str:
	"""The name of a notice that *user* has drafted."""
	draft = {
		"doctype": NOTICE,
		"notice_title": "通知",
		"notice_type": frappe.db.get_value(NOTICE, world.kept[NOTICE], "notice_type"),
		"grid": world.grid,
		"content": "内容",
	}
	made = call(user, "frappe.client.insert", doc=draft)
	assert made.status == 200, made.fault or made.text
	return made.message["name"]


@pytest.mark.parametrize("way", EDITS)
def test_a_leader_does_not_approve_her_own(world, way):
	"""Neither does the state as a value, whichever it is."""
	leader = world.inside["Grid Leader"]
	name = drafted(leader, world)
	row = stored(NOTICE, name)
	for state in frappe.get_all("Workflow Document State", {"parent": _workflow()}, pluck="state"):
		answer = WAYS[way](world, leader, NOTICE, name, ("workflow_state", state))
		assert answer.status < 500, answer.fault
		found = stored(NOTICE, name)
		assert stages.of(found.workflow_state) in (stages.DRAFT, stages.APPROVAL, stages.WITHDRAWN), state
		assert not found.approved_by
		frappe.db.set_value(NOTICE, name, "workflow_state", row.workflow_state)
	assert not frappe.db.exists(DELIVERY, {"notice": name})


def test_a_leader_takes_no_step_of_others(world):
	leader = world.inside["Grid Leader"]
	name = drafted(leader, world)
	for action in frappe.get_all(
		"Workflow Transition", {"parent": _workflow(), "allowed": ["!=", "Grid Leader"]}, pluck="action"
	):
		doc = frappe.as_json(frappe.get_doc(NOTICE, name).as_dict())
		answer = call(leader, "frappe.model.workflow.apply_workflow", doc=doc, action=action)
		assert answer.status < 500, answer.fault
		assert not stored(NOTICE, name).approved_by
	assert not frappe.db.exists(DELIVERY, {"notice": name})


def _workflow() -> str:
	return frappe.db.get_value("Workflow", {"document_type": NOTICE, "is_active": 1})


def test_a_leader_writes_to_nobody_by_care_that_she_may_not_read(world):
	"""The count, and then the deliveries, would tell who is in a sensitive category."""
	category = seeded("care_category/disabled")
	for role, user in world.inside.items():
		if role not in ("Township Office", "Village Secretary", "Grid Leader"):
			continue
		draft = {
			"doctype": NOTICE,
			"notice_title": f"通知{role}",
			"notice_type": frappe.db.get_value(NOTICE, world.kept[NOTICE], "notice_type"),
			"grid": world.grid,
			"content": "内容",
			"audience_rows": [{"care_category": category}],
		}
		answer = call(user, "frappe.client.insert", doc=draft)
		assert answer.status < 500, answer.fault
		assert answer.refused == (role != "Village Secretary"), (role, answer.text)


def test_rounds_and_must_visits_move_with_the_visit_alone(world, written):
	"""Rows put there by hand would move the figures: nobody has a way to them."""
	for doctype in (ROUND, ROW, MUST, DELIVERY):
		for role, user in {**world.inside, **world.site_wide}.items():
			row = {**stored(doctype, world.kept[doctype]), "doctype": doctype, "name": None}
			answer = call(user, "frappe.client.insert", doc=row)
			assert answer.refused, (doctype, role)
			assert answer.status < 500, answer.fault
