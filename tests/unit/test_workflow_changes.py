"""What a change of a workflow means, and the drawing that the Workflow Builder keeps of it."""

from dataclasses import replace

import pytest

from grid_governance.grid_issues.rules import FINAL, PAUSED, RESOLVED, Level, State, Step
from grid_governance.grid_issues.rules.changes import (
	Change,
	Kind,
	Shape,
	Standing,
	Way,
	changes,
	standing,
	told,
)
from grid_governance.grid_issues.rules.drawing import drawn

VILLAGE, TOWN = Level("village", 20), Level("town", 30)
NEW = State("new", level=VILLAGE)
ABOVE = State("above", level=TOWN)
DONE = State("done", RESOLVED)
OVER = State("over", FINAL)
CLIMB = Step("climb", by_clock=True)
SETTLE, ANSWER = Step("settle"), Step("answer")
BACK = Step("back", by_rule="All Returned")
WITHDRAW = Step("withdraw", reporter_only=True)

SHAPE = Shape(
	(NEW, ABOVE, DONE, OVER),
	(
		Way("new", CLIMB, "above", "leader"),
		Way("new", CLIMB, "above", "secretary"),
		Way("new", SETTLE, "done", "leader", "doc.title"),
		Way("new", WITHDRAW, "over", "member"),
		Way("above", SETTLE, "done", "office"),
		Way("above", BACK, "new", "office"),
		Way("done", ANSWER, "over", "leader"),
	),
)


def without(shape: Shape, *steps: Step, state: str | None = None) -> Shape:
	"""The shape without the transitions of *steps*, those from *state* alone where it is given."""
	ways = [way for way in shape.ways if way.step not in steps or state not in (None, way.state)]
	return replace(shape, ways=tuple(ways))


def with_state(shape: Shape, **markers: object) -> Shape:
	"""The shape in which "new" has other *markers*."""
	return replace(shape, states=(replace(NEW, **markers), *shape.states[1:]))


def with_step(shape: Shape, step: Step, **markers: object) -> Shape:
	"""The shape in which *step* has other *markers*."""
	ways = [replace(way, step=replace(step, **markers)) if way.step == step else way for way in shape.ways]
	return replace(shape, ways=tuple(ways))


def test_what_stays_is_no_change():
	assert changes(SHAPE, SHAPE) == []
	assert changes(None, SHAPE) == []
	assert changes(None, None) == []


def test_without_a_workflow_nothing_that_has_not_ended_moves():
	assert changes(SHAPE, None) == [Change(Kind.NO_WORKFLOW, ("new", "above", "done"))]


def test_a_state_that_is_taken_out_or_named_otherwise_is_gone():
	other = State("renamed", level=VILLAGE)
	ways = tuple(replace(way, state="renamed") if way.state == "new" else way for way in SHAPE.ways)
	ways = tuple(replace(way, next_state="renamed") if way.next_state == "new" else way for way in ways)
	found = changes(SHAPE, Shape((other, *SHAPE.states[1:]), ways))
	assert Change(Kind.STATE_GONE, ("new",)) in found
	assert Change(Kind.FIRST_STATE, ("renamed",)) in found
	assert not [change for change in found if change.kind in (Kind.NO_CLOCK, Kind.NO_WAY_OUT)]


def test_one_of_two_transitions_of_the_clock_is_enough():
	assert changes(SHAPE, replace(SHAPE, ways=SHAPE.ways[1:])) == []


def test_where_the_clock_stops_and_where_none_is_left():
	further = replace(SHAPE, ways=(*SHAPE.ways, Way("above", CLIMB, "done", "office")))
	assert changes(further, without(further, CLIMB, state="new")) == [Change(Kind.CLOCK_STOPS, ("new",))]
	assert changes(SHAPE, without(SHAPE, CLIMB)) == [Change(Kind.NO_CLOCK, ("new",))]
	assert changes(SHAPE, with_step(SHAPE, CLIMB, by_clock=False)) == [Change(Kind.NO_CLOCK, ("new",))]


def test_where_the_clock_starts():
	further = replace(SHAPE, ways=(*SHAPE.ways, Way("above", CLIMB, "done", "office")))
	assert changes(SHAPE, further) == [Change(Kind.CLOCK_STARTS, ("above",), "done")]
	assert changes(without(SHAPE, CLIMB), SHAPE) == [Change(Kind.CLOCK_STARTS, ("new",), "above")]
	paused = replace(further, states=(NEW, replace(ABOVE, stage=PAUSED), DONE, OVER))
	assert changes(SHAPE, paused) == [Change(Kind.STAGE, ("above",), PAUSED)]


def test_a_rule_that_leads_out_no_more():
	assert changes(SHAPE, without(SHAPE, BACK)) == [Change(Kind.RULE_STOPS, ("above",), "All Returned")]
	other = with_step(SHAPE, BACK, by_rule="Lead Resolved")
	assert changes(SHAPE, other) == [Change(Kind.RULE_STOPS, ("above",), "All Returned")]


def test_a_state_that_nobody_leads_out_of():
	"""A rule, and what only the reporter may do, is no way for those who handle it; a final state needs none."""
	assert changes(SHAPE, without(SHAPE, SETTLE, state="above")) == [Change(Kind.NO_WAY_OUT, ("above",))]
	for markers in ({"by_rule": "Lead Resolved"}, {"reporter_only": True}):
		assert Change(Kind.NO_WAY_OUT, ("done",)) in changes(SHAPE, with_step(SHAPE, ANSWER, **markers))
	final = replace(SHAPE, states=(NEW, ABOVE, replace(DONE, stage=FINAL), OVER))
	assert changes(SHAPE, without(final, ANSWER)) == [Change(Kind.STAGE, ("done",), FINAL)]


@pytest.mark.parametrize("markers", [{"by_rule": "Lead Resolved"}, {"reporter_only": True}])
def test_a_step_that_its_new_marker_takes_from_those_who_handle(markers):
	"""One that she takes out of the workflow herself needs no telling, nor does what nobody leads out of any more."""
	further = replace(SHAPE, ways=(*SHAPE.ways, Way("done", Step("again"), "new", "leader")))
	found = changes(further, with_step(further, ANSWER, **markers))
	assert found == [Change(Kind.NOT_OFFERED, ("done",), "answer")]
	assert changes(further, without(further, ANSWER)) == []


def test_a_condition_that_is_lost():
	"""The Workflow Builder of Frappe 15.0 writes transitions without theirs. Another condition is a choice."""
	way = SHAPE.ways[2]
	lost = replace(SHAPE, ways=(*SHAPE.ways[:2], replace(way, condition=""), *SHAPE.ways[3:]))
	assert changes(SHAPE, lost) == [Change(Kind.CONDITION_LOST, ("new",), "settle")]
	other = replace(SHAPE, ways=(*SHAPE.ways[:2], replace(way, condition="doc.grid"), *SHAPE.ways[3:]))
	assert changes(SHAPE, other) == []


@pytest.mark.parametrize(
	("markers", "change"),
	[
		({"stage": RESOLVED, "level": None}, Change(Kind.STAGE, ("new",), RESOLVED)),
		({"level": TOWN}, Change(Kind.LEVEL, ("new",), "town")),
		({"level": None}, Change(Kind.LEVEL, ("new",))),
		({"unhandled": True}, None),
	],
)
def test_markers_of_a_state(markers, change):
	assert changes(SHAPE, with_state(SHAPE, **markers)) == ([change] if change else [])


def test_an_end_without_handling_counts_for_final_states():
	after = replace(SHAPE, states=(*SHAPE.states[:3], replace(OVER, unhandled=True)))
	assert changes(SHAPE, after) == [Change(Kind.UNHANDLED, ("over",), "1")]
	assert changes(after, SHAPE) == [Change(Kind.UNHANDLED, ("over",))]


def test_numbers_of_several_states_add_up():
	numbers = {"new": Standing(3, 1), "above": Standing(4, 2)}
	assert standing(Change(Kind.NO_CLOCK, ("new", "above", "done")), numbers) == Standing(7, 3)


@pytest.mark.parametrize(
	("kind", "concerned", "is_told"),
	[
		(Kind.STATE_GONE, Standing(0), False),
		(Kind.STATE_GONE, Standing(1), True),
		(Kind.NO_WORKFLOW, Standing(0), False),
		(Kind.LEVEL, Standing(0), False),
		(Kind.CLOCK_STOPS, Standing(0), True),
		(Kind.NO_CLOCK, Standing(0), True),
		(Kind.NO_WAY_OUT, Standing(0), True),
		(Kind.CLOCK_STARTS, Standing(9, 0), False),
		(Kind.CLOCK_STARTS, Standing(9, 1), True),
	],
)
def test_what_is_told(kind, concerned, is_told):
	assert told(Change(kind, ("new",)), concerned) is is_told


STATES = [
	{"state": "new", "doc_status": "0", "allow_edit": "leader"},
	{"state": "done", "allow_edit": "office"},
]
WAYS = [
	{"state": "new", "action": "settle", "next_state": "done", "allowed": "leader"},
	{"state": "new", "action": "settle", "next_state": "done", "allowed": "office"},
]


def nodes(elements: list[dict], kind: str) -> list[dict]:
	return [element for element in elements if element["type"] == kind]


def test_a_drawing_shows_every_state_and_every_transition_in_a_place_of_its_own():
	elements = drawn(STATES, WAYS, [], {})
	assert [node["data"]["state"] for node in nodes(elements, "state")] == ["new", "done"]
	assert [node["data"]["allowed"] for node in nodes(elements, "action")] == ["leader", "office"]
	assert [node["data"]["from"] for node in nodes(elements, "action")] == ["new", "new"]
	assert nodes(elements, "state")[0]["data"]["doc_status"] == "Draft"
	places = [tuple(element["position"].values()) for element in elements if "position" in element]
	assert len(set(places)) == 4
	lines = [(line["source"], line["target"]) for line in nodes(elements, "transition")]
	assert lines == [("1", "action-1"), ("action-1", "2"), ("1", "action-2"), ("action-2", "2")]
	assert len({element["id"] for element in elements}) == len(elements)


def test_a_drawing_keeps_what_she_placed_and_follows_the_rows():
	held = drawn(STATES, WAYS, [], {})
	held[0]["position"] = {"x": 7, "y": 8}
	held[2]["id"] = "action-x7Yz1"
	held[4] = {**held[4], "target": "action-x7Yz1", "targetHandle": "top"}
	states = [*STATES, {"state": "above", "allow_edit": "county"}]
	ways = [WAYS[0], {"state": "done", "action": "climb", "next_state": "above", "allowed": "county"}]
	elements = drawn(states, ways, held, {})
	first, _second, third = nodes(elements, "state")
	assert (first["id"], first["position"]) == ("1", {"x": 7, "y": 8})
	assert third["id"] == "3"
	assert [node["id"] for node in nodes(elements, "action")] == ["action-x7Yz1", "action-3"]
	assert nodes(elements, "transition")[0]["targetHandle"] == "top"
	assert len(nodes(elements, "transition")) == 4


def test_a_drawing_names_what_was_renamed():
	held = drawn(STATES, WAYS, [], {})
	held[0]["position"] = {"x": 7, "y": 8}
	states = [{**STATES[0], "state": "newer"}, STATES[1]]
	ways = [{**way, "state": "newer"} for way in WAYS]
	elements = drawn(states, ways, held, {"new": "newer"})
	assert [node["data"]["from"] for node in nodes(elements, "action")] == ["newer", "newer"]
	assert nodes(elements, "state")[0]["position"] == {"x": 7, "y": 8}
	assert [node["id"] for node in nodes(elements, "action")] == ["action-1", "action-2"]


@pytest.mark.parametrize("held", [[None, 3], [{"type": "state"}], [{"type": "state", "id": 1, "data": None}]])
def test_a_drawing_that_cannot_be_read_is_made_anew(held):
	assert drawn(STATES, WAYS, held, {}) == drawn(STATES, WAYS, [], {})
