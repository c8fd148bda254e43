"""One step on several issues: the good ones are done, the others come back with reasons, nothing is done twice."""

import frappe
import pytest

from grid_governance.grid_issues import bulk
from tests.factories import make_department, make_holder, make_issue, make_township, seeded

pytestmark = pytest.mark.usefixtures("site")


def action(key: str) -> str:
	return seeded(f"workflow_action_master/{key}")


def state(key: str) -> str:
	return seeded(f"workflow_state/{key}")


@pytest.fixture
def village() -> frappe._dict:
	"""A secretary and three issues of her two grids: two with the village, one just reported."""
	town = make_township(1, 2)
	first, second = (grid.name for grid in town.grids[0])
	issues = [
		make_issue(first, "submit-to-village"),
		make_issue(second, "submit-to-village"),
		make_issue(second),
	]
	return frappe._dict(
		secretary=make_holder("Village Secretary", town.villages[0].name),
		issues=issues,
		names=[issue.name for issue in issues],
		seen={issue.name: issue.workflow_state for issue in issues},
		department=make_department(town.root.name).name,
	)


def states(village: frappe._dict) -> list[str]:
	return [frappe.db.get_value("Grid Issue", name, "workflow_state") for name in village.names]


def lines(village: frappe._dict) -> int:
	return frappe.db.count("Issue Log", {"issue": ["in", village.names]})


def test_the_good_ones_are_done_and_the_others_come_back(village, as_user):
	frappe.clear_messages()
	with as_user(village.secretary):
		answer = bulk.take_step(village.seen, action("start"))
	assert answer["done"] == village.names[:2]
	(left,) = answer["left"]
	assert (left["issue"], left["title"]) == (village.names[2], village.issues[2].title)
	assert left["why"]
	assert states(village) == [state("in-progress"), state("in-progress"), state("reported")]
	assert not frappe.message_log


def test_run_again_it_does_nothing_twice(village, as_user):
	"""Escalating is open in the next state too, so only the state that was seen keeps it from going up again."""
	with as_user(village.secretary):
		bulk.take_step(village.seen, action("escalate"), {"opinion": "请镇里协调"})
		before = states(village), lines(village)
		again = bulk.take_step(village.seen, action("escalate"), {"opinion": "请镇里协调"})
	assert again["done"] == []
	assert [each["issue"] for each in again["left"]] == village.names
	assert (states(village), lines(village)) == before


def test_the_rules_hold_for_each(village, as_user):
	with as_user(village.secretary):
		answer = bulk.take_step(village.seen, action("reject"), {"opinion": " "})
		assert answer["done"] == []
		assert {each["why"] for each in answer["left"]} == {
			frappe._("This step needs a reason. Write it down under Opinion.")
		}
		answer = bulk.take_step(dict(list(village.seen.items())[:2]), action("resolve"), {"result": "已处理"})
	assert answer["done"] == village.names[:2]
	assert frappe.db.get_value("Grid Issue", village.names[0], "result") == "已处理"


def test_several_are_referred_to_one_department(village, as_user):
	two = dict(list(village.seen.items())[:2])
	with as_user(village.secretary):
		answer = bulk.take_step(two, action("refer"), {"lead_department": village.department})
	assert answer["done"] == list(two)
	asked = {"issue": ["in", list(two)], "department": village.department}
	assert frappe.db.count("Issue Referral", asked) == 2


def test_one_that_fails_leaves_nothing_behind(village, as_user, monkeypatch):
	"""A step that is refused after it has written something is undone, and the next one is taken."""
	take_step, first = bulk.steps.take_step, village.names[0]

	def refused_late(issue: str, *args: object, **words: object) -> dict:
		answer = take_step(issue, *args, **words)
		if issue == first:
			frappe.throw("zu spät")
		return answer

	monkeypatch.setattr(bulk.steps, "take_step", refused_late)
	with as_user(village.secretary):
		answer = bulk.take_step(dict(list(village.seen.items())[:2]), action("start"))
	assert answer["done"] == [village.names[1]]
	assert answer["left"] == [{"issue": first, "title": village.issues[0].title, "why": "zu spät"}]
	assert states(village)[:2] == [state("with-village"), state("in-progress")]


def test_many_are_a_job_with_progress(village, as_user, monkeypatch):
	monkeypatch.setattr(bulk, "AT_ONCE", 2)
	ordered, commits = [], []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **order: ordered.append((method, order)))
	monkeypatch.setattr(frappe.db, "commit", lambda: commits.append(bulk.outcome(answer["job"])["at"]))
	with as_user(village.secretary):
		answer = bulk.take_step(village.seen, action("start"))
		assert answer["total"] == 3
		assert states(village)[0] == state("with-village")
		assert bulk.outcome(answer["job"])["finished"] is False
		((method, order),) = ordered
		assert (order["deduplicate"], order["enqueue_after_commit"]) == (True, True)
		given = {key: order[key] for key in ("job", "seen", "action", "said")}
		method(**given)
		told = bulk.outcome(answer["job"])
		method(**given)  # killed after its last issue and started again
	assert (told["finished"], told["at"], told["done"]) == (True, 3, village.names[:2])
	assert [each["issue"] for each in told["left"]] == village.names[2:]
	assert commits[:3] == [0, 1, 2]
	assert lines(village) == 2 * 3 + 1
	with as_user(make_holder("Village Secretary", village.issues[0].grid)):
		assert bulk.outcome(answer["job"]) is None


def test_steps_common_to_all_are_offered(village, as_user):
	with as_user(village.secretary):
		both = {step["action"] for step in bulk.steps_for(village.names[:2])}
		all_three = {step["action"] for step in bulk.steps_for(village.names)}
		listed = bulk.common_actions([{"name": name} for name in village.names], "Grid Issue")
	assert both == {action(key) for key in ("start", "resolve", "escalate", "reject", "refer")}
	assert all_three == {action("reject")}, "escalating leads to another state from each"
	assert set(listed) == all_three
	assert action("merge") not in both


def test_a_step_of_one_issue_is_not_taken_on_several(village, as_user):
	with as_user(village.secretary):
		for key in ("merge", "withdraw", "department-resolves"):
			with pytest.raises(bulk.OneByOneError):
				bulk.take_step(village.seen, action(key))
		with pytest.raises(bulk.TooManyError):
			bulk.take_step({}, action("start"))
		with pytest.raises(bulk.TooManyError):
			bulk.take_step({str(at): "x" for at in range(bulk.AT_MOST + 1)}, action("start"))
