"""Whoever changes a workflow, a state or an action is told first, in numbers, what that means."""

import frappe
import pytest
from frappe import client
from frappe.utils import add_to_date, now_datetime

from grid_governance.grid_issues import ISSUE, REFERRAL, clocks, workflow_changes
from grid_governance.grid_issues.workflow_changes import ChangeNotConfirmedError, WorkflowInForceError
from grid_governance.setup.seeds import ledger
from tests.factories import make_issue, make_township, seeded

pytestmark = pytest.mark.usefixtures("site")


def state(key: str) -> str:
	return seeded(f"workflow_state/{key}")


def action(key: str) -> str:
	return seeded(f"workflow_action_master/{key}")


def handling() -> frappe.model.document.Document:
	"""The workflow of issues, as it is stored."""
	return frappe.get_doc("Workflow", seeded("workflow/grid-issue"))


def make_late(issue: str) -> None:
	frappe.db.set_value(ISSUE, issue, "due_by", add_to_date(now_datetime(), hours=-1))


@pytest.fixture
def issues() -> list[str]:
	"""Three issues that were reported, the first of them overdue, and one at the village."""
	town = make_township(1, 1)
	grid = town.grids[0][0].name
	found = [make_issue(grid).name for _ in range(3)]
	make_late(found[0])
	return [*found, make_issue(grid, "submit-to-village").name]


def numbers(key: str) -> tuple[int, int]:
	"""How many issues of the site stand in a seeded state, and how many of them are overdue."""
	table = frappe.qb.DocType(ISSUE)
	late = frappe.qb.from_(table).select(table.name).where(clocks.overdue(table))
	late = late.where(table.workflow_state == state(key)).run()
	return frappe.db.count(ISSUE, {"workflow_state": state(key)}), len(late)


def refusal(save: object) -> frappe._dict:
	"""What the refused *save* said: `message` without markup, and `answer`, which lets it pass."""
	frappe.local.message_log = []
	with pytest.raises(ChangeNotConfirmedError):
		save()
	if doc := getattr(save, "__self__", None):
		doc.modified = doc._original_modified  # as a client sends it that has not read it anew
	said = frappe.parse_json(frappe.local.message_log[-1])
	args = said["primary_action"]["args"]
	assert said["primary_action"]["client_action"] == "frappe.grid_save_anyway"
	return frappe._dict(
		message=frappe.utils.strip_html(said["message"]), answer=args["accepted_changes"], args=args
	)


def without_clock(doc: frappe.model.document.Document, *states: str) -> None:
	"""Take the clock's transitions out of these states, or of all."""
	doc.transitions = [
		row
		for row in doc.transitions
		if row.action != action("escalate") or (states and row.state not in states)
	]


def test_a_clock_that_stops_is_told_with_its_numbers(issues):
	doc = handling()
	without_clock(doc, state("reported"))
	said = refusal(doc.save)
	number, overdue = numbers("reported")
	assert overdue >= 1
	assert number >= 3
	assert (
		f"The clock no longer moves on what is overdue in {state('reported')}. {number} records stand there, "
		f"{overdue} of them overdue." in said.message
	)
	assert [row for row in handling().transitions if row.state == state("reported")], "nothing was saved"
	doc.accepted_changes = said.answer
	doc.save()
	left = [row for row in handling().transitions if row.state == state("reported")]
	assert left
	assert action("escalate") not in [row.action for row in left]


def test_a_workflow_without_any_step_of_the_clock(issues):
	doc = handling()
	without_clock(doc)
	assert "The clock takes no step any more" in refusal(doc.save).message


def test_a_state_in_use_is_not_taken_out_unsaid(issues):
	doc = handling()
	_take_out(doc, state("with-village"))
	said = refusal(doc.save)
	number, _overdue = numbers("with-village")
	assert f"{number} records stand in it and can take no step." in said.message
	assert state("with-village") in said.message


def test_a_state_in_use_is_not_named_otherwise_unsaid(issues):
	other = frappe.get_doc(doctype="Workflow State", workflow_state_name="村里办", grid_stage="Open").insert()
	doc = handling()
	for row in doc.states:
		row.state = other.name if row.state == state("with-village") else row.state
	for row in doc.transitions:
		row.state = other.name if row.state == state("with-village") else row.state
		row.next_state = other.name if row.next_state == state("with-village") else row.next_state
	assert f"{state('with-village')} is no state of the workflow any more" in refusal(doc.save).message


def test_a_state_that_nothing_stands_in_goes_quietly(issues):
	assert not frappe.db.count(ISSUE, {"workflow_state": state("on-hold")})
	doc = handling()
	_take_out(doc, state("on-hold"))
	doc.save()
	assert state("on-hold") not in [row.state for row in handling().states]


def test_a_further_level_is_added_quietly(issues):
	frappe.db.set_value(ISSUE, {"workflow_state": state("township-supervision")}, "due_by", None)
	above = frappe.get_doc(
		doctype="Workflow State", workflow_state_name="县级协调", grid_stage="Open"
	).insert()
	doc = handling()
	doc.append("states", {"state": above.name, "doc_status": "0", "allow_edit": "Township Office"})
	for source, target in ((state("township-supervision"), above.name), (above.name, state("resolved"))):
		step = action("escalate") if target == above.name else action("resolve")
		row = {"state": source, "action": step, "next_state": target, "allowed": "Township Office"}
		doc.append("transitions", row)
	doc.save()
	assert above.name in [row.state for row in handling().states]


def test_a_clock_that_starts_is_told_where_something_is_overdue(issues):
	waits = make_issue(frappe.db.get_value(ISSUE, issues[0], "grid"), "submit-to-village", "escalate")
	assert waits.workflow_state == state("township-supervision")
	make_late(waits.name)
	doc = handling()
	row = {"state": waits.workflow_state, "action": action("escalate"), "next_state": state("resolved")}
	doc.append("transitions", {**row, "allowed": "Township Office"})
	number, overdue = numbers("township-supervision")
	said = refusal(doc.save).message
	assert f"from {waits.workflow_state} to {state('resolved')}. {number} records stand there" in said
	assert f"the {overdue} of them that are overdue already" in said


def test_a_workflow_is_not_put_out_of_force_unsaid(issues):
	doc = handling()
	doc.is_active = 0
	said = refusal(doc.save)
	assert "No workflow is in force any more" in said.message
	doc.accepted_changes = said.answer
	doc.save()
	assert not handling().is_active


def test_another_workflow_that_takes_its_place_is_compared_with_it(issues):
	other = frappe.copy_doc(handling())
	other.workflow_name = "另一套流程"
	without_clock(other)
	said = refusal(other.insert)
	assert "The clock takes no step any more" in said.message
	assert handling().is_active
	other = frappe.copy_doc(handling())
	other.workflow_name = "同样的流程"
	other.insert()
	assert not handling().is_active


def test_a_workflow_in_force_is_not_deleted(issues):
	name = seeded("workflow/grid-issue")
	with pytest.raises(WorkflowInForceError):
		frappe.delete_doc("Workflow", name)
	assert frappe.db.exists("Workflow", name)


def test_the_mark_of_the_clock_is_not_taken_away_unsaid(issues):
	doc = frappe.get_doc("Workflow Action Master", action("escalate"))
	doc.grid_by_clock = 0
	said = refusal(doc.save)
	assert "The clock takes no step any more" in said.message
	doc.accepted_changes = said.answer
	doc.save()
	assert not frappe.db.get_value("Workflow Action Master", doc.name, "grid_by_clock")


def test_what_is_taken_by_rule_is_told(issues):
	doc = frappe.get_doc("Workflow Action Master", action("settle-on-the-spot"))
	doc.grid_needs = "Reason"
	doc.save()  # asks more of people, and takes nothing away
	doc.grid_by_rule = "All Returned"
	number, _overdue = numbers("reported")
	assert f"to those who handle it. {number} records stand there" in refusal(doc.save).message
	doc = frappe.get_doc("Workflow Action Master", action("departments-return"))
	doc.grid_by_rule = ""
	assert "The rule All Returned no longer leads anything out of" in refusal(doc.save).message


def test_markers_of_a_state_are_told(issues):
	doc = frappe.get_doc("Workflow State", state("with-village"))
	number, _overdue = numbers("with-village")
	doc.grid_resolution_level = seeded("resolution_level/township")
	said = refusal(doc.save).message
	assert f"{number} records stand in it and keep the level that they have" in said
	doc.grid_stage = "Final"
	assert f"{number} records stand in it" in refusal(doc.save).message
	doc = frappe.get_doc("Workflow State", state("on-hold"))
	doc.grid_stage = "Open"
	doc.save()  # nothing stands in it
	doc = frappe.get_doc("Workflow State", state("with-village"))
	doc.style = "Info"
	doc.save()  # a colour moves nobody


def test_the_answer_is_for_this_change_alone(issues):
	doc = handling()
	doc.is_active = 0
	answer = refusal(doc.save).answer
	doc = handling()
	without_clock(doc)
	doc.accepted_changes = answer
	answer = refusal(doc.save).answer
	doc.accepted_changes = answer
	doc.save()
	back = handling()
	back.append("transitions", _escalation())
	frappe.db.set_value(ISSUE, {"workflow_state": state("reported")}, "due_by", add_to_date(None, days=9))
	back.save()
	again = handling()
	without_clock(again)
	again.accepted_changes = answer
	assert refusal(again.save).answer != answer, "another version of the workflow asks again"


def test_it_is_asked_of_programs_too(issues):
	name = seeded("workflow/grid-issue")
	refusal(lambda: client.set_value("Workflow", name, "is_active", 0))
	sent = handling().as_dict(convert_dates_to_str=True)
	sent["is_active"] = 0
	said = refusal(lambda: client.save(frappe.as_json(sent)))
	assert said.args["name"] == name
	client.save(frappe.as_json({**sent, "accepted_changes": said.answer}))
	assert not handling().is_active


def test_the_apps_own_seeds_are_not_asked(issues):
	doc = frappe.get_doc("Workflow Action Master", action("escalate"))
	doc.grid_by_clock = 0
	doc.accepted_changes = refusal(doc.save).answer
	doc.save()
	make_late(issues[1])
	ledger.take_shipped("workflow_action_master/escalate")
	assert frappe.db.get_value("Workflow Action Master", doc.name, "grid_by_clock")


def test_a_workflow_of_another_app_is_not_looked_at(issues, count_queries):
	doc = frappe.get_doc(
		doctype="Workflow",
		workflow_name="待办流程",
		document_type="ToDo",
		workflow_state_field="workflow_state",
		is_active=0,
		states=[{"state": state("reported"), "doc_status": "0", "allow_edit": "System Manager"}],
	)
	workflow_changes.check_workflow(doc)
	assert not doc.workflow_data


def test_referrals_have_no_clock(issues):
	doc = frappe.get_doc("Workflow", seeded("workflow/issue-referral"))
	assert doc.document_type == REFERRAL
	frappe.db.set_value("Workflow Action Master", action("referral-answer"), "grid_by_clock", 1)
	frappe.clear_document_cache("Workflow Action Master", action("referral-answer"))
	doc.transitions = [row for row in doc.transitions if row.action != action("referral-answer")]
	doc.append(
		"transitions", {**_escalation(), "state": doc.states[0].state, "next_state": doc.states[1].state}
	)
	doc.save()


def test_the_drawing_follows_the_rows_and_their_names(issues):
	doc = handling()
	doc.save()
	drawing = frappe.parse_json(handling().workflow_data)
	drawing[0]["position"] = {"x": 5, "y": 6}
	frappe.db.set_value("Workflow", doc.name, "workflow_data", frappe.as_json(drawing))
	doc = handling()
	doc.append("transitions", _escalation() | {"allowed": "Department Officer"})
	doc.save()
	drawing = frappe.parse_json(handling().workflow_data)
	assert drawing[0]["position"] == {"x": 5, "y": 6}
	assert _shown(drawing) == _stored(handling())
	frappe.rename_doc("Workflow Action Master", action("escalate"), "上报上级", show_alert=False)
	drawing = frappe.parse_json(handling().workflow_data)
	assert "上报上级" in {action for _from, action, _to, _allowed in _shown(drawing)}
	assert _shown(drawing) == _stored(handling())


def test_asking_costs_the_same_however_much_changes(issues, count_queries):
	little, much = handling(), handling()
	without_clock(little, state("reported"))
	without_clock(much)
	for key in ("with-village", "on-hold", "in-progress"):
		_take_out(much, state(key))
	counts = []
	for doc in (little, little, much):
		doc._doc_before_save = handling()
		with count_queries() as seen, pytest.raises(ChangeNotConfirmedError):
			workflow_changes.check_workflow(doc)
		counts.append(seen.count)
	assert counts[2] <= counts[1], counts


def _take_out(doc: frappe.model.document.Document, name: str) -> None:
	doc.states = [row for row in doc.states if row.state != name]
	doc.transitions = [row for row in doc.transitions if name not in (row.state, row.next_state)]


def _escalation() -> dict:
	"""A transition of the clock's from the first state."""
	return {
		"state": state("reported"),
		"action": action("escalate"),
		"next_state": state("with-village"),
		"allowed": "Grid Leader",
	}


def _shown(drawing: list[dict]) -> list[tuple]:
	return sorted(
		tuple(element["data"][key] for key in ("from", "action", "to", "allowed"))
		for element in drawing
		if element["type"] == "action"
	)


def _stored(doc: frappe.model.document.Document) -> list[tuple]:
	return sorted((row.state, row.action, row.next_state, row.allowed) for row in doc.transitions)
