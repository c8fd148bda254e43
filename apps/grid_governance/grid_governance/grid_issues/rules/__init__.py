"""Rules of an issue's way through the workflow. Pure Python.

A workflow state is known here by its markers alone: the stage it stands for and the level that acts
in it. An administrator who adds a state or a level with its markers is served by the same rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from math import asin, cos, degrees, radians, sin, sqrt
from typing import Any

OPEN, RESOLVED, FINAL, PAUSED = STAGES = ("Open", "Resolved", "Final", "Paused")
"""What a state stands for: being worked on, done but not yet confirmed, over, waiting for others."""

CLOCK_TOLERANCE = timedelta(minutes=10)
"""How far the clock of a phone may run ahead."""


@dataclass(frozen=True)
class Level:
	"""A resolution level: its name, its rank (higher acts above lower) and whether it yields to those above."""

	name: str
	rank: int
	untouched_only: bool = False


@dataclass(frozen=True)
class State:
	"""A workflow state by its markers; a state without a stage is one in which the issue is worked on.

	*unhandled*: a final state in which an issue ends without having been handled.
	"""

	name: str
	stage: str = OPEN
	level: Level | None = None
	unhandled: bool = False

	@property
	def closes(self) -> bool:
		"""Whether an issue ends here handled and answered."""
		return self.stage == FINAL and not self.unhandled


REASON, DUPLICATE, DEPARTMENTS, INSTRUCTION = NEEDS = ("Reason", "Duplicate", "Departments", "Instruction")
"""What an action may ask for."""

LEAD_RESOLVED, ALL_RETURNED, MOVED_ON, PAUSE_OVER = BY_RULE = (
	"Lead Resolved",
	"All Returned",
	"Issue Moved On",
	"Pause Over",
)
"""When an action is taken without anybody choosing it."""


@dataclass(frozen=True)
class Step:
	"""An action of the workflow by its markers: what it needs, who may take it and whether the clock does."""

	name: str
	needs: str = ""
	reporter_only: bool = False
	by_clock: bool = False
	by_rule: str = ""


@dataclass(frozen=True)
class Referral:
	"""What one department was asked: whether it is in the lead, and the state of its answer."""

	name: str
	lead: bool
	state: State


class Outcome(Enum):
	"""What the answers of the departments mean for the issue."""

	RESOLVED = LEAD_RESOLVED
	RETURNED = ALL_RETURNED


@dataclass(frozen=True)
class Facts:
	"""What is known of an issue when a step is to be taken."""

	result: str = ""
	feedback: str = ""
	photo_after: str = ""
	needs_photo: bool = False
	highest: Level | None = None
	reopened_count: int = 0
	said: str = ""
	duplicate_of: str = ""
	by_reporter: bool = False
	acted_upon: bool = False
	clock_acts: bool = False
	departments: int = 0
	closed_at: datetime | None = None
	reopen_days: int = 0
	now: datetime | None = None
	escalation_level: int = 0
	instruction: str = ""
	instruction_due: datetime | None = None
	return_by: datetime | None = None


class Refusal(Enum):
	"""Why a step is not possible."""

	TAKEN_UP_ABOVE = "taken up above"
	NO_RESULT = "no result"
	NO_PHOTO = "no photo of the result"
	NO_FEEDBACK = "no feedback"
	TOO_LATE = "too late to take it up again"
	NO_REASON = "no reason"
	NO_DUPLICATE = "no issue that it repeats"
	NO_DEPARTMENT = "no department"
	NOT_REPORTER = "not the reporter"
	ACTED_UPON = "somebody has acted"
	NO_INSTRUCTION = "no instruction with a date"
	INSTRUCTION_OVER = "the date of the instruction is over"
	RETURN_OVER = "too late to say that it is not ours"


FROM_ABOVE = (
	"instruction",
	"instruction_due",
	"verdict",
	"verdict_words",
	"verdict_answer",
	"verdict_by",
)
"""What those above have said of an issue: it holds until the issue is taken up again."""


@dataclass(frozen=True)
class Effects:
	"""Field values that a step sets, and the text of the step for the log when nothing else was said."""

	values: Mapping[str, Any] = field(default_factory=dict)
	said: str = ""


def refusal(before: State | None, after: State, facts: Facts, step: Step | None = None) -> Refusal | None:
	"""Return why the *step* from *before* (None for a new issue) to *after* is refused, None when it is not.

	A level that yields to those above resolves only what no higher level has had. Resolving needs a
	result, and its photo where the category asks for one; every matter handled is answered, so its end needs
	the feedback of whoever reported it. *step* (None where no action is known) asks for what its markers say.
	"""
	if step and (why := step_refusal(step, facts)):
		return why
	if step and too_late_to_return(after, step, facts):
		return Refusal.RETURN_OVER
	if after.stage == RESOLVED and (before is None or before.stage != FINAL):
		if before and before.level and before.level.untouched_only and higher(before.level, facts.highest):
			return Refusal.TAKEN_UP_ABOVE
		if not facts.result.strip():
			return Refusal.NO_RESULT
		if facts.needs_photo and not facts.photo_after:
			return Refusal.NO_PHOTO
	if before and before.closes and after.stage != FINAL and not reopens(facts):
		return Refusal.TOO_LATE
	if after.closes and not facts.feedback.strip():
		return Refusal.NO_FEEDBACK
	return None


def too_late_to_return(after: State, step: Step, facts: Facts) -> bool:
	"""Say whether *step* gives the matter back as not ours, an end without handling with a reason, after its time (D7).

	Who reported it may take it back at any time.
	"""
	returns = after.stage == FINAL and after.unhandled and step.needs == REASON and not step.reporter_only
	return bool(returns and facts.return_by and facts.now and facts.now > facts.return_by)


def reopens(facts: Facts) -> bool:
	"""Say whether a closed issue may still be taken up again: within the days set, 0 for always."""
	if not facts.reopen_days or not facts.closed_at or not facts.now:
		return True
	return facts.now <= facts.closed_at + timedelta(days=facts.reopen_days)


def step_refusal(step: Step, facts: Facts) -> Refusal | None:
	"""Return what *step* asks for by its markers and does not get. The clock gives no reasons."""
	if step.reporter_only and not facts.by_reporter:
		return Refusal.NOT_REPORTER
	if step.reporter_only and facts.acted_upon:
		return Refusal.ACTED_UPON
	if step.needs == REASON and not facts.said.strip() and not facts.clock_acts:
		return Refusal.NO_REASON
	if step.needs == DUPLICATE and not facts.duplicate_of:
		return Refusal.NO_DUPLICATE
	if step.needs == DEPARTMENTS and not facts.departments:
		return Refusal.NO_DEPARTMENT
	if step.needs == INSTRUCTION and not facts.clock_acts:
		return no_instruction(facts)
	return None


def no_instruction(facts: Facts) -> Refusal | None:
	"""Return why what is said is no instruction: it says what is to be done, and by when."""
	if not facts.instruction.strip() or not facts.instruction_due:
		return Refusal.NO_INSTRUCTION
	return Refusal.INSTRUCTION_OVER if facts.now and facts.instruction_due <= facts.now else None


def instructs(before: State | None, after: State, facts: Facts, step: Step | None) -> bool:
	"""Say whether *step* gives an instruction: it asks for one, or refers down to departments with words and a date."""
	if not step or no_instruction(facts):
		return False
	down = before is not None and higher(after.level, before.level)
	return step.needs == INSTRUCTION or (step.needs == DEPARTMENTS and down)


def outcome(referrals: Sequence[Referral]) -> Outcome | None:
	"""Return what the *referrals* of one round mean for their issue, None as long as it stays with departments.

	The department in the lead resolves it. When nobody is at work any more and the lead has not resolved it,
	it goes back to whoever referred it.
	"""
	if any(each.lead and each.state.stage == RESOLVED for each in referrals):
		return Outcome.RESOLVED
	return None if any(map(at_work, referrals)) else Outcome.RETURNED


def next_lead(referrals: Sequence[Referral]) -> Referral | None:
	"""Return the department that takes over when the one in the lead has returned the issue: the first at work."""
	if any(each.lead and not each.state.unhandled for each in referrals):
		return None
	return next(filter(at_work, referrals), None)


def at_work(referral: Referral) -> bool:
	"""Say whether the department has still to answer."""
	return referral.state.stage in (OPEN, PAUSED)


def effects(
	before: State | None, after: State, facts: Facts, now: datetime, step: Step | None = None
) -> Effects:
	"""Return what the *step* from *before* to *after* at *now* sets on the issue.

	A step of the clock's counts as an escalation, whoever takes it. An issue taken up again starts anew: result, feedback and their times are emptied (the log keeps
	them), so that the next end needs words of its own.
	"""
	old = before.stage if before else OPEN
	values: dict[str, Any] = {
		"resolution_level": highest(facts.highest, after.level),
	}
	said = ""
	if after.stage == RESOLVED and old not in (RESOLVED, FINAL):
		values["resolved_at"] = now
		said = facts.result
	if after.stage == FINAL and old != FINAL:
		values["closed_at"] = now
		if after.closes:
			values["feedback_at"] = now
			said = facts.feedback
	if old == FINAL and after.stage != FINAL:
		values |= {"feedback": None, "feedback_at": None, "satisfaction": 0, "closed_at": None}
		if before and before.unhandled:
			values["duplicate_of"] = None
	if step and step.by_clock:
		values["escalation_level"] = facts.escalation_level + 1
	if old in (RESOLVED, FINAL) and after.stage not in (RESOLVED, FINAL):
		said = facts.feedback if old == RESOLVED else ""
		values |= {
			"result": None,
			"photo_after": None,
			"resolved_at": None,
			"feedback": None,
			"satisfaction": 0,
			"reopened_count": facts.reopened_count + 1,
			**dict.fromkeys(FROM_ABOVE),
		}
	if instructs(before, after, facts, step):
		values |= {"instruction": facts.instruction.strip(), "instruction_due": facts.instruction_due}
	return Effects(values, said.strip())


def higher(level: Level | None, than: Level | None) -> bool:
	"""Say whether *than* is a higher level than *level*; no level at all is the lowest."""
	return than is not None and (level is None or than.rank > level.rank)


def highest(one: Level | None, other: Level | None) -> str | None:
	"""Return the name of the higher of two levels, None when there is neither."""
	level = other if higher(one, other) else one
	return level.name if level else None


WAITING, GRANTED, REFUSED = DECISIONS = ("Waiting", "Granted", "Refused")
"""What has become of a request for more time."""


@dataclass(frozen=True)
class Request:
	"""A request for more time: the level that asked, and what has become of it."""

	level: str
	decision: str


class NoExtension(Enum):
	"""Why more time cannot be asked for."""

	NOT_OPEN = "not open"
	NOBODY_ABOVE = "nobody above decides"
	NO_REASON = "no reason"
	NOT_LATER = "not later than it is due"
	ASKED_BEFORE = "asked before at this level"
	TOO_LONG = "longer than one extension may be"


def no_extension(
	state: State,
	decided_above: bool,
	due: datetime | None,
	until: datetime,
	reason: str,
	before: Sequence[Request],
	latest: datetime | None = None,
) -> NoExtension | None:
	"""Return why a level may not ask for more time *until* then, None when it may.

	Only on an issue at work, with a reason, for a later time than it is *due*, where somebody one level up
	decides (*decided_above*), not beyond *latest* where a rule says how long one extension may be, and once per
	level: a request that was refused is none.
	"""
	if state.stage != OPEN or not state.level:
		return NoExtension.NOT_OPEN
	if not decided_above:
		return NoExtension.NOBODY_ABOVE
	if not reason.strip():
		return NoExtension.NO_REASON
	if not due or until <= due:
		return NoExtension.NOT_LATER
	if latest and until > latest:
		return NoExtension.TOO_LONG
	if any(each.level == state.level.name and each.decision != REFUSED for each in before):
		return NoExtension.ASKED_BEFORE
	return None


EARTH_RADIUS = 6_371_000
"""Metres."""


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> int:
	"""Return how far two points (latitude, longitude in degrees) lie apart, along the ground."""
	(south, west), (north, east) = (tuple(map(radians, point)) for point in (one, other))
	half = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin((east - west) / 2) ** 2
	return round(2 * EARTH_RADIUS * asin(sqrt(min(1.0, half))))


def box_around(point: tuple[float, float], metres: float) -> tuple[tuple[float, float], tuple[float, float]]:
	"""Return the least and the greatest latitude, and longitude, of what lies within *metres* of *point*."""
	latitude, longitude = point
	high = degrees(metres / EARTH_RADIUS)
	wide = high / max(cos(radians(latitude)), 0.01)  # near the poles no box is small
	return (latitude - high, latitude + high), (longitude - wide, longitude + wide)


def lies_ahead(moment: datetime, now: datetime) -> bool:
	"""Say whether *moment* is in the future of *now* by more than a phone's clock may be wrong."""
	return moment > now + CLOCK_TOLERANCE


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
	"""Return the keys whose values differ, in the order of *after*; empty, zero and missing are the same."""
	return [key for key, value in after.items() if (value or None) != (before.get(key) or None)]
