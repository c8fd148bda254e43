"""Who stands above a matter, and what she may do about it: urge it, praise or query how it was settled. Pure Python."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from grid_governance.grid_issues.rules import FINAL, OPEN, Level, State, higher

PRAISE, QUERY = VERDICTS = ("Praise", "Ask to Explain")
"""What is said from above of a matter that was settled; what is asked is answered."""


@dataclass(frozen=True)
class Desk:
	"""A state of the workflow, the roles that act in it and those of them that the workflow lets edit."""

	state: State
	acting: frozenset[str]
	editing: frozenset[str] = frozenset()


class NoUrge(Enum):
	"""Why a matter cannot be urged."""

	NOT_OPEN = "not open"
	NOT_ABOVE = "not above"
	TODAY = "urged today"


class NoVerdict(Enum):
	"""Why a matter cannot be praised or queried, or a query not be answered."""

	NOT_CLOSED = "not closed"
	NOT_ABOVE = "not above"
	GIVEN = "given before"
	NO_WORDS = "no words"
	NO_QUERY = "no query"
	NOT_ASKED = "not asked"


def above(state: State, desks: Iterable[Desk]) -> frozenset[str]:
	"""Return the roles that stand above a matter in *state*: they act at a higher level, and edit none at its own."""
	desks = list(desks)
	higher_up = {role for desk in desks if higher(state.level, desk.state.level) for role in desk.acting}
	here = {role for desk in desks if desk.state.level == state.level for role in desk.editing}
	return frozenset(higher_up - here)


def supervising(desks: Iterable[Desk]) -> frozenset[str]:
	"""Return the roles that stand above some state of *desks*."""
	desks = list(desks)
	return frozenset(role for desk in desks for role in above(desk.state, desks))


def no_urge(state: State | None, is_above: bool, urged_on: date | None, today: date) -> NoUrge | None:
	"""Return why a matter in *state* is not urged *today*, None when it may be: once a day, and from above."""
	if not state or state.stage != OPEN:
		return NoUrge.NOT_OPEN
	if not is_above:
		return NoUrge.NOT_ABOVE
	return NoUrge.TODAY if urged_on and urged_on >= today else None


def no_verdict(
	state: State | None, is_above: bool, verdict: str, answer: str, words: str
) -> NoVerdict | None:
	"""Return why a matter in *state* is not praised or queried with *words*, None when it may be.

	Only what was handled and is over, by those above whoever settled it, and once; but anew when a query has its *answer*.
	"""
	if not state or not state.closes:
		return NoVerdict.NOT_CLOSED
	if not is_above:
		return NoVerdict.NOT_ABOVE
	if verdict and not (verdict == QUERY and answer.strip()):
		return NoVerdict.GIVEN
	return None if words.strip() else NoVerdict.NO_WORDS


def no_answer(state: State | None, is_asked: bool, verdict: str, answer: str, words: str) -> NoVerdict | None:
	"""Return why a query is not answered with *words*, None when it may be: once, by those who settled the matter."""
	if not state or state.stage != FINAL or verdict != QUERY or answer.strip():
		return NoVerdict.NO_QUERY
	if not is_asked:
		return NoVerdict.NOT_ASKED
	return None if words.strip() else NoVerdict.NO_WORDS


def settled_at(state: State | None, reached: Level | None) -> State:
	"""Return the *state* from which a matter was settled; where the log does not tell, one of the level it *reached*."""
	return state or State("", level=reached)
