"""What a change of a workflow or of its markers means for the documents that stand in it. Pure Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from grid_governance.grid_issues.rules import FINAL, OPEN, State, Step


@dataclass(frozen=True)
class Way:
	"""A transition of a workflow, with the markers of its action."""

	state: str
	step: Step
	next_state: str
	role: str = ""
	condition: str = ""


@dataclass(frozen=True)
class Shape:
	"""A workflow as its documents meet it: its states, the one in which they start first, and its transitions."""

	states: Sequence[State]
	ways: Sequence[Way] = ()

	@cached_property
	def by_name(self) -> dict[str, State]:
		"""The states by name."""
		return {state.name: state for state in self.states}

	@cached_property
	def clock(self) -> dict[str, str]:
		"""Where the clock takes a document, by the state in which it stands; the first such transition counts."""
		return {way.state: way.next_state for way in reversed(self.ways) if way.step.by_clock}

	@cached_property
	def by_rule(self) -> set[tuple[str, str]]:
		"""The states with the rules by which a document leaves them."""
		return {(way.state, way.step.by_rule) for way in self.ways if way.step.by_rule}

	@cached_property
	def offered(self) -> set[tuple[str, str]]:
		"""The states with the actions that are offered to those who handle a document."""
		return {
			(way.state, way.step.name)
			for way in self.ways
			if not way.step.by_rule and not way.step.reporter_only
		}

	@cached_property
	def left_by_people(self) -> set[str]:
		"""The states that somebody can lead a document out of; what only its reporter may do is no handling."""
		return {state for state, _action in self.offered}

	@cached_property
	def conditions(self) -> dict[tuple[str, str, str, str], str]:
		"""The conditions of transitions, by (state, action, next state, role)."""
		return {(way.state, way.step.name, way.next_state, way.role): way.condition for way in self.ways}


class Kind(Enum):
	"""What a change means."""

	NO_WORKFLOW = "no workflow"
	STATE_GONE = "state gone"
	NO_WAY_OUT = "no way out"
	NOT_OFFERED = "not offered"
	NO_CLOCK = "no clock"
	CLOCK_STOPS = "clock stops"
	CLOCK_STARTS = "clock starts"
	RULE_STOPS = "rule stops"
	CONDITION_LOST = "condition lost"
	STAGE = "stage"
	LEVEL = "level"
	UNHANDLED = "unhandled"
	FIRST_STATE = "first state"


@dataclass(frozen=True)
class Change:
	"""One thing that a change means: in which *states*, and *what* is new there."""

	kind: Kind
	states: tuple[str, ...] = ()
	what: str = ""


@dataclass(frozen=True)
class Standing:
	"""How many documents stand somewhere, and how many of them are overdue."""

	number: int = 0
	overdue: int = 0


_BY_NUMBER = {Kind.NO_WORKFLOW, Kind.STATE_GONE, Kind.STAGE, Kind.LEVEL, Kind.UNHANDLED}
"""What concerns only the documents that are there now; all else holds for those to come as well."""


def changes(before: Shape | None, after: Shape | None) -> list[Change]:
	"""Return what it means that the workflow in force was *before* and will be *after* (None: none is in force)."""
	if before is None:
		return []
	if after is None:
		return [
			Change(Kind.NO_WORKFLOW, tuple(state.name for state in before.states if state.stage != FINAL))
		]
	kept = [name for name in before.by_name if name in after.by_name]
	found = [Change(Kind.STATE_GONE, (name,)) for name in before.by_name if name not in after.by_name]
	found += [
		Change(Kind.NO_WAY_OUT, (name,))
		for name in kept
		if name in before.left_by_people - after.left_by_people and after.by_name[name].stage != FINAL
	]
	there = {(way.state, way.step.name) for way in after.ways if way.state in after.left_by_people}
	found += [
		Change(Kind.NOT_OFFERED, (state,), action)
		for state, action in sorted(before.offered - after.offered)
		if (state, action) in there
	]
	found += _of_clock(before, after, kept)
	found += [
		Change(Kind.RULE_STOPS, (state,), rule)
		for state, rule in sorted(before.by_rule - after.by_rule)
		if state in kept
	]
	found += [
		Change(Kind.CONDITION_LOST, (key[0],), key[1])
		for key, condition in before.conditions.items()
		if condition and not after.conditions.get(key, condition)
	]
	found += [change for name in kept for change in _of_markers(before.by_name[name], after.by_name[name])]
	if after.states and before.states[:1] and after.states[0].name != before.states[0].name:
		found.append(Change(Kind.FIRST_STATE, (after.states[0].name,)))
	return found


def _of_clock(before: Shape, after: Shape, kept: Sequence[str]) -> list[Change]:
	stops = [name for name in kept if name in before.clock and name not in after.clock]
	starts = [
		Change(Kind.CLOCK_STARTS, (name,), after.clock[name])
		for name in kept
		if name in after.clock and name not in before.clock and after.by_name[name].stage == OPEN
	]
	if before.clock and not after.clock:
		return [Change(Kind.NO_CLOCK, tuple(stops))]
	return [Change(Kind.CLOCK_STOPS, (name,)) for name in stops] + starts


def _of_markers(before: State, after: State) -> list[Change]:
	"""Return what the new markers of one state mean; an end without handling counts only for final states."""
	if before.stage != after.stage:
		return [Change(Kind.STAGE, (after.name,), after.stage)]
	found = []
	if (before.level and before.level.name) != (after.level and after.level.name):
		found.append(Change(Kind.LEVEL, (after.name,), after.level.name if after.level else ""))
	if after.stage == FINAL and before.unhandled != after.unhandled:
		found.append(Change(Kind.UNHANDLED, (after.name,), "1" if after.unhandled else ""))
	return found


def standing(change: Change, numbers: Mapping[str, Standing]) -> Standing:
	"""Return how many documents *change* concerns, of those that stand in each state (*numbers*)."""
	counted = [numbers.get(state, Standing()) for state in change.states]
	return Standing(sum(each.number for each in counted), sum(each.overdue for each in counted))


def told(change: Change, concerned: Standing) -> bool:
	"""Say whether *change* has to be known before it is made, when it concerns so many documents.

	A clock that starts hurts only what is late already.
	"""
	if change.kind is Kind.CLOCK_STARTS:
		return concerned.overdue > 0
	return concerned.number > 0 or change.kind not in _BY_NUMBER
