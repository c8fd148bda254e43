"""The drawing that Frappe's Workflow Builder keeps of a workflow: its elements and where they stand. Pure Python.

The shapes are Frappe's (`workflow_builder/utils.js`): a node of type "state" or "action" has `id`, `position` in
pixels and `data`; a "transition" leads from a node (`source`) to another (`target`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
Element = dict[str, Any]

STATUS = {"0": "Draft", "1": "Submitted", "2": "Cancelled"}
OF_STATE = (
	"state",
	"allow_edit",
	"update_field",
	"update_value",
	"is_optional_state",
	"next_action_email_template",
	"message",
)
OF_ACTION = {
	"from": "state",
	"to": "next_state",
	"action": "action",
	"allowed": "allowed",
	"allow_self_approval": "allow_self_approval",
	"condition": "condition",
}
"""What the Builder keeps of a transition, by the field of the row."""

FIRST_ACTION, BESIDE, UNDER, BELOW = 300, 180, 48, 105
"""Pixels: where the first action of a state stands, how far to the next pair, within it, and from state to state."""


def drawn(
	states: Sequence[Row], ways: Sequence[Row], held: Iterable[Element], renamed: Mapping[str, str]
) -> list[Element]:
	"""Return the elements for the rows *states* and *ways* of a workflow.

	What *held*, the present drawing, has of the same state or transition keeps its id, its place and its lines;
	*renamed* leads from names in it to those of today. What is new stands in the row of its state: the states one
	below the other, each with the actions that lead out of it beside it, in two lines.
	"""
	held = [element for element in held if isinstance(element, dict)]
	known = {key: element for element in held if (key := _key(element, renamed))}
	lines = {
		(element.get("source"), element.get("target")): element
		for element in held
		if element.get("type") == "transition"
	}
	ids = _numbers(known)
	nodes: dict[str, Element] = {}
	rows: dict[str, int] = {}
	for at, row in enumerate(states):
		data = {field: row.get(field) for field in OF_STATE}
		data["doc_status"] = STATUS.get(str(row.get("doc_status") or 0), STATUS["0"])
		node = _node("state", data, {"x": 0, "y": at * BELOW}, known.get(_state_key(data)), ids)
		nodes[row["state"]] = node
		rows[row["state"]] = at
	actions: list[Element] = []
	edges: list[Element] = []
	beside: dict[str, int] = {}
	for row in ways:
		if row["state"] not in nodes or row["next_state"] not in nodes:
			continue
		data = {key: row.get(field) for key, field in OF_ACTION.items()}
		at = beside[row["state"]] = beside.get(row["state"], -1) + 1
		place = {
			"x": FIRST_ACTION + at // 2 * BESIDE,
			"y": rows[row["state"]] * BELOW + at % 2 * UNDER,
		}
		action = _node("action", data, place, known.pop(_action_key(data), None), ids)
		actions.append(action)
		for source, target in (
			(nodes[row["state"]]["id"], action["id"]),
			(action["id"], nodes[row["next_state"]]["id"]),
		):
			edges.append(lines.get((source, target)) or _line(source, target))
	return [*nodes.values(), *actions, *edges]


def _node(kind: str, data: Element, place: Element, before: Element | None, ids: dict[str, int]) -> Element:
	if before:
		return {"id": before["id"], "type": kind, "position": before.get("position") or place, "data": data}
	ids[kind] += 1
	number = str(ids[kind])
	return {
		"id": number if kind == "state" else f"action-{number}",
		"type": kind,
		"position": place,
		"data": data,
	}


def _line(source: str, target: str) -> Element:
	return {
		"id": f"edge-{source}-{target}",
		"type": "transition",
		"source": source,
		"target": target,
		"sourceHandle": "right",
		"targetHandle": "left",
		"updatable": True,
		"animated": True,
	}


def _key(element: Element, renamed: Mapping[str, str]) -> tuple[str, ...] | None:
	"""Return by what an element of a drawing is known again, None for a line and for one without its data."""
	data = element.get("data")
	if element.get("type") not in ("state", "action") or not isinstance(data, dict) or not element.get("id"):
		return None
	today = {key: renamed.get(value, value) for key, value in data.items() if isinstance(value, str)}
	return _state_key(today) if element["type"] == "state" else _action_key(today)


def _state_key(data: Row) -> tuple[str, ...]:
	return ("state", data.get("state") or "")


def _action_key(data: Row) -> tuple[str, ...]:
	return ("action", *(data.get(key) or "" for key in ("from", "action", "to", "allowed")))


def _numbers(known: Mapping[tuple[str, ...], Element]) -> dict[str, int]:
	"""Return the highest number that an element of each kind has; the Builder's own names of actions have none."""
	highest = {"state": 0, "action": 0}
	for (kind, *_name), element in known.items():
		number = str(element["id"]).removeprefix("action-")
		highest[kind] = max(highest[kind], int(number) if number.isdecimal() else 0)
	return highest
