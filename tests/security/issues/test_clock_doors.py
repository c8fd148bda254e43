"""What the clock is set by and what it leaves: who reads it, and that nobody else turns it or acts in its name."""

from collections.abc import Callable, Iterator
from unittest.mock import patch

import frappe
import pytest

from grid_governance.grid_issues import escalation, offered
from tests.clock import pass_time
from tests.factories import make_issue, make_user, seeded
from tests.security import ways
from tests.security.issues.conftest import SECRET, TAKE_STEP, TRACE, step
from tests.security.test_parity import agree
from tests.web import Answer, call, request

ISSUE, FAILURE, URGENCY, DAY = "Grid Issue", "Clock Failure", "Issue Urgency", "Calendar Day"
OFFICE, SECRETARY, LEADER = "Township Office", "Village Secretary", "Grid Leader"
INSTRUCTOR, MEMBER, OFFICER = "Grid Instructor", "Grid Member", "Department Officer"
AUDITOR, ADMINISTRATOR = "Governance Auditor", "Governance Administrator"
ALL_OF_IT = "read write create delete report export print"

RIGHTS: dict[str, dict[str, str]] = {
	FAILURE: {ADMINISTRATOR: "read report export delete", OFFICE: "read report"},
	URGENCY: {
		ADMINISTRATOR: ALL_OF_IT,
		**dict.fromkeys((OFFICE, SECRETARY, LEADER, INSTRUCTOR, MEMBER, OFFICER, AUDITOR), "read"),
	},
	DAY: {ADMINISTRATOR: ALL_OF_IT, OFFICE: "read"},
}
"""Rights on the ordinary fields, by DocType and role. Who is missing has none."""

ASKED = (
	*("read", "write", "create", "delete", "report", "export"),
	*("print", "email", "share", "import", "submit", "cancel", "amend"),
)


@pytest.fixture(autouse=True)
def _as_text() -> Iterator[None]:
	with ways.papers_as_text():
		yield


@pytest.fixture
def administrator() -> str:
	user = make_user()
	frappe.get_doc("User", user).add_roles(ADMINISTRATOR)
	return user


def named(world: frappe._dict) -> str:
	return world.failure


LISTS = ways.lists(FAILURE, "reason", named)
OF_FAILURES = LISTS | ways.by_name(FAILURE, "reason", named)
TRACES = ways.lists(FAILURE, "trace", named) | ways.by_name(FAILURE, "trace", named)


@pytest.mark.parametrize("doctype", sorted(RIGHTS))
def test_the_rights_are_these(doctype):
	"""Whoever gives one more role something changes this table and says why."""
	given = {
		rule.role: {right for right in ASKED if rule.get(right)}
		for rule in frappe.get_meta(doctype).permissions
		if not rule.permlevel
	}
	assert given == {role: set(rights.split()) for role, rights in RIGHTS[doctype].items()}


def test_above_the_ordinary_fields_an_administrator_reads_alone():
	rules = [rule for rule in frappe.get_meta(FAILURE).permissions if rule.permlevel]
	assert [(rule.role, rule.read, rule.write) for rule in rules] == [(ADMINISTRATOR, 1, 0)]


@pytest.mark.parametrize("way", OF_FAILURES)
def test_of_those_who_handle_it_only_the_office_reads_what_failed(world, way):
	below = {who: user for who, user in world.people.items() if who != "office"}
	secrets = [f"{SECRET} 原因"] + [world.failure] * (way in LISTS)
	assert ways.found(OF_FAILURES[way], world, below, *secrets) == {}


def test_whichever_way_they_look_they_see_the_same_failures(world, administrator):
	for user in (*world.people.values(), *world.outsiders.values(), administrator):
		agree(user, FAILURE)


@pytest.mark.parametrize("way", TRACES)
def test_where_the_programme_broke_the_administrator_reads_alone(world, way):
	if not ways.told(TRACES[way](world, "Administrator"), TRACE):
		pytest.skip("this way shows no such field to anybody")
	assert ways.found(TRACES[way], world, {**world.people, **world.outsiders}, TRACE) == {}


def test_nobody_guesses_where_it_broke(world):
	"""A field that one does not see is not filtered by either."""
	for filters in ([["trace", "like", f"%{TRACE}%"]], {"trace": ["like", f"%{TRACE}%"]}):
		answer = call(world.office, "frappe.client.get_list", doctype=FAILURE, filters=filters)
		assert answer.refused or world.failure not in answer.text
		answer = call(world.office, "frappe.client.get_count", doctype=FAILURE, filters=filters)
		assert answer.refused or not answer.message


def _row(doctype: str, name: str) -> dict[str, object]:
	return {**frappe.db.get_value(doctype, name, "*", as_dict=True), "doctype": doctype}


WRITING: dict[str, Callable[[str, str, str, dict], Answer]] = {
	"PUT": lambda user, dt, name, given: request(user, "PUT", f"/api/resource/{dt}/{name}", **given),
	"set_value": lambda user, dt, name, given: call(
		user, "frappe.client.set_value", doctype=dt, name=name, fieldname=given
	),
	"save": lambda user, dt, name, given: call(user, "frappe.client.save", doc={**_row(dt, name), **given}),
	"form": lambda user, dt, name, given: call(
		user, "frappe.desk.form.save.savedocs", doc={**_row(dt, name), **given}, action="Save"
	),
	"bulk update": lambda user, dt, name, given: call(
		user, "frappe.client.bulk_update", docs=[{"doctype": dt, "docname": name, **given}]
	),
	"DELETE": lambda user, dt, name, given: request(user, "DELETE", f"/api/resource/{dt}/{name}"),
	"delete from the list": lambda user, dt, name, given: call(
		user, "frappe.desk.reportview.delete_items", doctype=dt, items=[name]
	),
	"rename": lambda user, dt, name, given: call(
		user, "frappe.rename_doc", doctype=dt, old=name, new="TAKEN", force=True
	),
}
FORGED: dict[str, dict[str, object]] = {
	FAILURE: {"reason": "改写", "flags": {"by_clock": 1, "by_room": 1}},
	URGENCY: {"span": 9999, "told_at_once": 0},
	DAY: {"kind": "Working Day", "note": "改写"},
}


def _kept(world: frappe._dict) -> dict[str, str]:
	day = frappe.get_doc(doctype=DAY, day="2031-06-12", kind="Holiday").insert()
	return {FAILURE: world.failure, URGENCY: seeded("issue_urgency/urgent"), DAY: day.name}


@pytest.mark.parametrize("way", WRITING)
def test_who_handles_matters_does_not_set_the_clock(world, way):
	kept = _kept(world)
	before = {doctype: _row(doctype, name) for doctype, name in kept.items()}
	for who, user in {**world.people, **world.outsiders, "nobody": "Guest"}.items():
		for doctype, name in kept.items():
			answer = WRITING[way](user, doctype, name, FORGED[doctype])
			assert answer.status < 500, (who, doctype, answer.fault)
			assert frappe.db.exists(doctype, name), (who, doctype)
			assert _row(doctype, name) == before[doctype], (who, doctype)


@pytest.mark.parametrize("way", ["PUT", "set_value", "save", "form", "bulk update", "rename"])
def test_a_failure_is_no_text_that_an_administrator_writes(world, administrator, way):
	before = _row(FAILURE, world.failure)
	WRITING[way](administrator, FAILURE, world.failure, FORGED[FAILURE])
	assert _row(FAILURE, world.failure) == before


def test_nobody_makes_a_failure_an_urgency_or_a_day(world):
	name = _report(world)
	made = (
		{"doctype": FAILURE, "issue": name, "grid": world.grid, "reason": "伪造"},
		{"doctype": URGENCY, "code": "Forged", "urgency_name": "伪造", "span": 1, "unit": "Hours"},
		{"doctype": DAY, "day": "2031-06-13", "kind": "Holiday"},
	)
	counts = {doc["doctype"]: frappe.db.count(doc["doctype"]) for doc in made}
	for doc in made:
		for who, user in {**world.people, **world.outsiders, "nobody": "Guest"}.items():
			for answer in (
				call(user, "frappe.client.insert", doc=doc),
				call(user, "frappe.client.insert_many", docs=[doc]),
				call(user, "frappe.desk.form.save.savedocs", doc={**doc, "__islocal": 1}, action="Save"),
				request(user, "POST", f"/api/resource/{doc['doctype']}", **doc),
			):
				assert answer.refused, (who, doc["doctype"])
				assert answer.status < 500, (who, answer.fault)
	assert {doctype: frappe.db.count(doctype) for doctype in counts} == counts


def test_the_times_of_a_township_are_set_by_no_one_below(world):
	"""The profile is written by those whose right it is; a rule is none of its own."""
	for who, user in {**world.people, **world.outsiders}.items():
		if who == "office":
			continue
		answer = call(
			user,
			"frappe.client.insert",
			doc={
				"doctype": "Clock Rule",
				"parent": "Governance Settings",
				"parenttype": "Governance Settings",
				"parentfield": "clock_rules",
				"purpose": "Finish",
				"span": 9999,
				"unit": "Days",
			},
		)
		assert answer.refused, who
		answer = call(
			user,
			"frappe.client.set_value",
			doctype="Governance Settings",
			name="Governance Settings",
			fieldname={"first_reminder": 99, "pause_days": 9999},
		)
		assert answer.refused, who
	assert not frappe.db.exists("Clock Rule", {"span": 9999})


def _report(world: frappe._dict) -> str:
	frappe.set_user(world.member)
	name = make_issue(world.grid, "submit-to-village", category=world.category).name
	frappe.set_user("Administrator")
	return name


AS_THE_CLOCK = {
	"flags": {"by_clock": 1, "step_by_rule": 1, "ignore_permissions": 1, "clock_acts": 1},
	"by_clock": 1,
}


def test_nobody_acts_in_the_name_of_the_clock(world):
	"""The clock gives no reason and needs no post; whoever is not the clock does."""
	name = _report(world)
	before = frappe.db.get_value(ISSUE, name, "workflow_state")
	escalated = seeded("workflow_state/township-supervision")
	for who, user in {**world.people, **world.outsiders}.items():
		for answer in (
			call(user, TAKE_STEP, issue=name, action=step("escalate"), **AS_THE_CLOCK),
			call(
				user,
				"frappe.model.workflow.apply_workflow",
				doc={**_row(ISSUE, name), **AS_THE_CLOCK},
				action=step("escalate"),
			),
			call(
				user,
				"frappe.client.save",
				doc={**_row(ISSUE, name), "workflow_state": escalated, **AS_THE_CLOCK},
			),
			request(user, "PUT", f"/api/resource/{ISSUE}/{name}", workflow_state=escalated, **AS_THE_CLOCK),
		):
			assert answer.refused, who
			assert answer.status < 500, (who, answer.fault)
	assert frappe.db.get_value(ISSUE, name, ["workflow_state", "escalation_level"]) == (before, 0)
	assert not frappe.db.exists("Issue Log", {"issue": name, "by_clock": 1})


def test_who_escalates_by_hand_stands_in_the_log(world):
	name = _report(world)
	answer = call(world.secretary, TAKE_STEP, issue=name, action=step("escalate"), opinion="请镇里协调")
	assert answer.status == 200, answer.fault or answer.text
	line = frappe.get_last_doc("Issue Log", {"issue": name, "action": step("escalate")})
	assert (line.by_user, line.by_clock) == (world.secretary, 0)


def test_the_step_of_the_clock_bears_nobodys_name(world):
	with patch.object(frappe.db, "commit", lambda: None):
		escalation.run()  # what a migration has ordered
		name = _report(world)
		pass_time(name, days=8)
		escalation.run()
	assert frappe.db.get_value(ISSUE, name, "workflow_state") == seeded("workflow_state/township-supervision")
	line = frappe.get_last_doc("Issue Log", {"issue": name, "by_clock": 1})
	assert (line.by_user, line.by_worker) == (None, None)
	administrator = frappe.db.get_value("User", "Administrator", "full_name")
	for user in (world.secretary, world.office):
		handling = call(user, "grid_governance.grid_issues.log.handling", http="GET", issue=name).message
		step_ = next(each for each in handling if each["by_clock"])
		assert step_["opinion"]
		assert not (step_["worker_name"] or step_["full_name"] or step_["department"])
		paper = call(user, "frappe.www.printview.get_html_and_style", doc=ISSUE, name=name)
		assert paper.status == 200, paper.fault
		assert administrator not in paper.text


def test_the_end_of_a_pause_is_nobodys_step(world):
	"""Whoever may resume takes that step, under her own name, whatever she calls it; to all others nothing is open."""
	name, ends = _report(world), step("pause-ends")
	resuming = {"office"}  # to whom Frappe would offer both
	for who, user in {**world.people, **world.outsiders, "nobody": "Guest"}.items():
		frappe.db.set_value(ISSUE, name, "workflow_state", seeded("workflow_state/on-hold"))
		frappe.set_user(user)
		if frappe.has_permission(ISSUE, doc=name):
			steps = [row["action"] for row in offered.get_transitions({"doctype": ISSUE, "name": name})]
			assert ends not in steps, who
		frappe.set_user("Administrator")
		answer = call(user, TAKE_STEP, issue=name, action=ends, opinion="x")
		assert answer.refused == (who not in resuming), who
		if answer.refused:
			assert frappe.db.get_value(ISSUE, name, "workflow_state") == seeded("workflow_state/on-hold")
	lines = frappe.get_all("Issue Log", {"issue": name}, ["action", "by_user", "by_clock"])
	assert ends not in {line.action for line in lines}
	resumed = [line for line in lines if line.action == step("resume")]
	assert {line.by_user for line in resumed} == {world.office}
	assert not any(line.by_clock for line in lines)
