"""One issue of a demo on its way: the rules and the lines of the log of people's own steps, gathered as rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import frappe
from frappe import _

from grid_governance.grid_issues import ISSUE, REFERRAL, clocks, informing, markers, referrals, steps
from grid_governance.grid_issues import rules as handling
from grid_governance.grid_issues.escalation import arming, sweep
from grid_governance.grid_issues.rules import clock as timing
from grid_governance.grid_issues.rules import supervision as watching
from grid_governance.setup.demo.photos import after as photo_after

LOG, EXTENSION = "Issue Log", "Issue Extension"

AT_ONCE = timedelta(milliseconds=40)
"""How long after an answer of a department its issue follows."""


@dataclass(frozen=True)
class Holder:
	"""Someone with an account who holds a post: acts in the steps that its *role* allows, perhaps for a *department*."""

	grid: str
	grid_path: str
	user: str
	worker: str
	role: str
	department: str | None = None


THE_CLOCK = Holder("", "", "Administrator", "", "")
"""In whose session the job of the clock runs; the log bears no name."""


@dataclass(frozen=True)
class Clock:
	"""How long issues of the township may take, for how many days after its end one may be taken up again, and after how
	many *percents* of its time it is reminded of."""

	path: str
	reopen_days: int
	percents: tuple[int, ...]

	@classmethod
	def of(cls, path: str) -> "Clock":
		"""Return what the township that *path* lies in has set."""
		return cls(path, clocks.reopen_days(path), arming.reminders(path))

	def due_by(self, values: Mapping[str, Any], at: datetime) -> datetime:
		"""Return until when an issue of *values* found *at* that moment is to be resolved."""
		return clocks.due_by(self.path, values["urgency"], at, values.get("source", ""))

	def duties(self, values: Mapping[str, Any], at: datetime) -> dict[str, datetime | None]:
		"""Return until when its petitioner is to be told of it and it may be returned, by field."""
		given = self.path, values["urgency"], values.get("source", "")
		return {field: clocks.moment_for(purpose, *given, at) for field, purpose in informing.TIMES.items()}


@dataclass
class Rows:
	"""What is to be written, by DocType. An issue, referral or request is named last: others point to its row."""

	of: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

	def add(self, doctype: str, actor: Holder, at: datetime, /, **values: Any) -> dict[str, Any]:
		"""Add the row that *actor* makes *at* that moment, and return it."""
		stamps = {"owner": actor.user, "creation": at, "modified_by": actor.user, "modified": at}
		row = {**stamps, **values}
		self.of.setdefault(doctype, []).append(row)
		return row


class Case:
	"""An issue being made, in the grid of *reporter* or below: its row, and what its steps leave in *rows*."""

	def __init__(
		self, rows: Rows, clock: Clock, values: Mapping[str, Any], reporter: Holder, at: datetime
	) -> None:
		self.rows, self.clock, self.reporter = rows, clock, reporter
		self.asked: list[dict[str, Any]] = []
		self.request: dict[str, Any] | None = None
		self.acted_upon = False
		self.began: datetime | None = None
		self.settled_in: handling.State | None = None
		self._settled: set[tuple[int, str]] = set()
		self.path = values["grid_path"]
		self.category = frappe.get_cached_doc("Issue Category", values["category"])
		self.row = rows.add(ISSUE, reporter, at, **values, reporter_worker=reporter.worker, found_at=at)
		due = clock.due_by(values, at)
		# What nobody has chosen yet is nothing there, not an empty choice.
		self.row |= {"due_by": due, "verdict": None, "informed_way": None, **clock.duties(values, at)}
		self._enter(None, markers.state(markers.first_state()), None, reporter, at, {}, "")

	@property
	def state(self) -> handling.State:
		"""The state in which the issue is."""
		return markers.state(self.row["workflow_state"])

	def state_of(self, party: int) -> handling.State:
		"""Return the state of the answer of the department *party* of the last round."""
		return markers.state(self._round()[party]["workflow_state"])

	def department(self, party: int) -> str:
		"""Return the department *party* of the last round."""
		return self._round()[party]["department"]

	def step(self, action: str, to: str, actor: Holder, at: datetime, said: str, **words: Any) -> None:
		"""Take the step *action* to the state *to* with *words* in its fields, by the rules of handling."""
		wanted: referrals.Order | None = words.pop("order", None)
		before = self.state
		self._enter(before, markers.state(to), action, actor, at, words, said, wanted)
		if wanted:
			self._ask(wanted, actor, at)
		else:
			self._call_back(actor, at)

	def climb(self, at: datetime) -> None:
		"""Let the clock take its step. Raises when the site's workflow has none for it here."""
		found = markers.clock_step(self.state.name)
		if not found:
			frappe.throw(f"{self.row['title']}: {self.state.name}")
		said = sweep.why(frappe._dict(self.row))
		self._enter(self.state, markers.state(found[1]), found[0], THE_CLOCK, at, {}, said)

	def urge(self, actor: Holder, at: datetime, words: str) -> None:
		"""Urge those who have it in hand."""
		self.row["urged_times"] = (self.row.get("urged_times") or 0) + 1
		self.row |= {"urged_on": at.date(), "modified_by": actor.user, "modified": at}
		self._note(actor, at, _("Urged from above: {0}").format(words))

	def judge(self, verdict: str, actor: Holder, at: datetime, words: str) -> None:
		"""Praise how it was settled, or ask for an explanation."""
		said = {
			watching.PRAISE: _("Praised from above: {0}"),
			watching.QUERY: _("Asked from above to explain: {0}"),
		}
		given = {"verdict": verdict, "verdict_words": words, "verdict_by": actor.user}
		self.row |= {**given, "modified_by": actor.user, "modified": at}
		self._note(actor, at, said[verdict].format(words))

	def explain(self, actor: Holder, at: datetime, words: str) -> None:
		"""Answer what was asked from above."""
		self.row |= {"verdict_answer": words, "modified_by": actor.user, "modified": at}
		self._note(actor, at, _("Explained: {0}").format(words))

	def tell(self, way: str, actor: Holder, at: datetime, words: str) -> None:
		"""Tell the petitioner that the matter is in hand."""
		given = {"informed_at": at, "informed_way": way}
		self.row |= {**given, "modified_by": actor.user, "modified": at}
		self._note(actor, at, _("Petitioner told ({0}): {1}").format(_(way), words))

	def wind(self, now: datetime) -> None:
		"""Set the clock as it stands at *now*: what was to be reminded of before has been."""
		row = self.row
		until = row.get("resolved_at") or row.get("closed_at") or now
		row["reminded"] = timing.reminders_due(row["found_at"], row["due_by"], self.clock.percents, until)
		row["clock_at"] = timing.acts_at(self._clock(), row["next_escalation_at"], now)

	def _clock(self) -> timing.Clock:
		return arming.facts(self.row, self.began, self.clock.percents)

	def answer(self, party: int, action: str, to: str, actor: Holder, at: datetime, said: str) -> None:
		"""Let the department *party* of the last round take a step of its referral; the issue follows."""
		referral = self._round()[party]
		before, after = markers.state(referral["workflow_state"]), markers.state(to)
		facts = handling.Facts(result=said, said=said, needs_photo=False)
		if why := handling.refusal(before, after, facts, markers.step(action)):
			frappe.throw(f"{self.row['title']}: {action}: {why.value}")
		if after.unhandled:
			referral["returned_reason"] = said
		elif after.stage == handling.RESOLVED:
			photo = photo_after(self.row["photo_before"]) if self._needs_photo() and referral["lead"] else ""
			referral |= {"opinion": said, "photo": photo, "answered_at": at}
		self._move(REFERRAL, referral, before, after, action, actor, at, said)
		self._follow(referral, actor, at + AT_ONCE)

	def ask_time(self, until: datetime, actor: Holder, at: datetime, reason: str) -> None:
		"""Ask for more time, as the rules allow it."""
		state, due = self.state, self.row["due_by"]
		if why := handling.no_extension(state, True, due, until, reason, ()):
			frappe.throw(f"{self.row['title']}: {why.value}")
		self.request = self.rows.add(
			EXTENSION,
			actor,
			at,
			issue=self.row,
			grid=self.row["grid"],
			grid_path=self.path,
			level=state.level.name,
			due_before=due,
			until=until,
			reason=reason,
			asked_by=actor.user,
			decision=handling.WAITING,
		)
		self._note(actor, at, _("More time until {0}: {1}").format(_shown(until), reason))

	def decide_time(self, granted: bool, actor: Holder, at: datetime, words: str) -> None:
		"""Decide the request for more time."""
		request, before = self.request, self.row["due_by"]
		request |= {
			"decision": handling.GRANTED if granted else handling.REFUSED,
			"words": words,
			"decided_by": actor.user,
			"decided_at": at,
			"modified_by": actor.user,
			"modified": at,
		}
		if not granted:
			self._note(actor, at, _("No more time: {0}").format(words))
			return
		until = request["until"]
		stamps = {"modified_by": actor.user, "modified": at}
		self.row |= {"due_by": until, "extended_until": until, **stamps}
		self.row["next_escalation_at"] = timing.escalation_of(self._clock())
		for referral in self.asked:
			if referral["due_by"] == before and not referral.get("answered_at"):
				referral["due_by"] = until
		label = _(frappe.get_meta(ISSUE).get_label("due_by"))
		self._note(actor, at, words or None, f"{label}: {_shown(before)} → {_shown(until)}")

	def _enter(
		self,
		before: handling.State | None,
		after: handling.State,
		action: str | None,
		actor: Holder,
		at: datetime,
		words: Mapping[str, Any],
		said: str,
		wanted: referrals.Order | None = None,
	) -> None:
		row, step = self.row, markers.step(action)
		told = {key: words[key] for key in ("instruction", "instruction_due") if key in words}
		row.update({key: value for key, value in words.items() if key not in told})
		facts = handling.Facts(
			result=row.get("result") or "",
			feedback=row.get("feedback") or "",
			photo_after=row.get("photo_after") or "",
			needs_photo=self._needs_photo(),
			highest=markers.level(row.get("resolution_level")),
			reopened_count=row.get("reopened_count") or 0,
			said=said,
			duplicate_of=row["duplicate_of"]["title"] if row.get("duplicate_of") else "",
			by_reporter=actor.user == self.reporter.user,
			acted_upon=self.acted_upon,
			departments=len(referrals.departments(wanted)),
			closed_at=row.get("closed_at"),
			reopen_days=self.clock.reopen_days,
			now=at,
			escalation_level=row.get("escalation_level") or 0,
			return_by=row.get("return_by"),
			clock_acts=actor is THE_CLOCK,
			**told,
		)
		if before and (why := handling.refusal(before, after, facts, step)):
			frappe.throw(f"{row['title']}: {before.name} – {after.name}: {why.value}")
		effects = handling.effects(before, after, facts, at, step)
		row.update(effects.values)
		said = said or effects.said
		if wanted:
			said = referrals.wording(wanted, said)
		if effects.values.get("instruction_due"):
			said = steps.with_instruction(said, effects.values, step)
		self._follow_clock(before, after, step, at)
		self.acted_upon = bool(before)
		self._move(ISSUE, row, before, after, action, actor, at, said)

	def _follow_clock(
		self, before: handling.State | None, after: handling.State, step: handling.Step | None, at: datetime
	) -> None:
		"""After a step: when its time began anew, when it climbs, where it was settled, and that its result was told."""
		if before and timing.starts_anew(before, after, bool(step and step.by_clock)):
			self.began = at
		if before and after.stage == handling.RESOLVED:
			self.settled_in = before
		self.row["workflow_state"] = after.name
		self.row["next_escalation_at"] = timing.escalation_of(self._clock())
		if self.row["inform_by"] and self.row.get("feedback_at") and not self.row.get("informed_at"):
			given = {"informed_at": self.row["feedback_at"], "informed_way": informing.WITH_THE_RESULT}
			self.row.update(given)

	def _move(
		self,
		doctype: str,
		row: dict[str, Any],
		before: handling.State | None,
		after: handling.State,
		action: str | None,
		actor: Holder,
		at: datetime,
		said: str,
	) -> None:
		"""Bring *row* into the state *after*, with the line of the log and the traces that Frappe's workflow leaves."""
		row |= {"workflow_state": after.name, "modified_by": actor.user, "modified": at}
		line = {"from_state": before.name if before else None, "to_state": after.name, "action": action}
		department = row["department"] if doctype == REFERRAL else None
		self._log(actor, at, opinion=said or None, department=department, **line)
		self._settle(doctype, row, actor, at)
		by_rule = action and markers.step(action).by_rule
		if before and not by_rule and actor is not THE_CLOCK:
			self.rows.add(
				"Comment",
				actor,
				at,
				comment_type="Workflow",
				comment_email=actor.user,
				reference_doctype=doctype,
				reference_name=row,
				content=_(after.name),
			)

	def _settle(self, doctype: str, row: dict[str, Any], actor: Holder, at: datetime) -> None:
		"""Note the state as done, once: see `steps.settle_workflow_action`."""
		state = (id(row), row["workflow_state"])
		if state in self._settled:
			return
		self._settled.add(state)
		self.rows.add(
			"Workflow Action",
			actor,
			at,
			status="Completed",
			completed_by=actor.user,
			reference_doctype=doctype,
			reference_name=row,
			workflow_state=row["workflow_state"],
		)

	def _ask(self, wanted: referrals.Order, actor: Holder, at: datetime) -> None:
		last = max((referral["round"] for referral in self.asked), default=0)
		for department in referrals.departments(wanted):
			referral = self.rows.add(
				REFERRAL,
				actor,
				at,
				issue=self.row,
				title=self.row["title"],
				grid=self.row["grid"],
				grid_path=self.path,
				department=department,
				lead=int(department == wanted.lead),
				round=last + 1,
				due_by=wanted.answer_by or self.row["due_by"],
				workflow_state=markers.first_state(REFERRAL),
			)
			self.asked.append(referral)
			self._settle(REFERRAL, referral, actor, at)

	def _round(self) -> list[dict[str, Any]]:
		last = max((referral["round"] for referral in self.asked), default=0)
		return [referral for referral in self.asked if referral["round"] == last]

	def _follow(self, answered: dict[str, Any], actor: Holder, at: datetime) -> None:
		"""Let the issue follow from what its departments have said, as after a real answer."""
		facts = [
			handling.Referral(str(number), bool(each["lead"]), markers.state(each["workflow_state"]))
			for number, each in enumerate(self._round())
		]
		outcome = handling.outcome(facts)
		if outcome:
			found = markers.step_by_rule(ISSUE, self.state.name, outcome.value)
			solved = outcome is handling.Outcome.RESOLVED
			words = {"result": answered["opinion"], "photo_after": answered["photo"]} if solved else {}
			if found:
				self.step(*found, actor, at, "", **{key: value for key, value in words.items() if value})
		elif lead := handling.next_lead(facts):
			answered["lead"], other = 0, self._round()[int(lead.name)]
			other["lead"] = 1
			self._log(
				actor,
				at,
				from_state=other["workflow_state"],
				to_state=other["workflow_state"],
				department=other["department"],
				opinion=_("In the lead: {0}").format(referrals.name_of(other["department"])),
			)

	def _call_back(self, actor: Holder, at: datetime) -> None:
		"""End what departments still have in hand of an issue that has moved on, as `referrals.call_back`."""
		if not self.asked or markers.step_by_rule(ISSUE, self.state.name, handling.LEAD_RESOLVED):
			return
		for referral in self._round():
			before = markers.state(referral["workflow_state"])
			at_work = handling.at_work(handling.Referral("", False, before))
			found = at_work and markers.step_by_rule(REFERRAL, before.name, handling.MOVED_ON)
			if found:
				action, to = found
				referral |= {"workflow_state": to, "modified_by": actor.user, "modified": at}
				line = {"from_state": before.name, "to_state": to, "action": action}
				self._log(actor, at, department=referral["department"], **line)

	def _note(self, actor: Holder, at: datetime, said: str | None, changed: str | None = None) -> None:
		state = self.row["workflow_state"]
		self._log(actor, at, from_state=state, to_state=state, opinion=said, changed=changed)

	def _log(self, actor: Holder, at: datetime, **line: Any) -> None:
		by = {"at": at, "by_user": actor.user, "by_worker": actor.worker}
		if actor is THE_CLOCK:
			by |= {"by_user": None, "by_worker": None, "by_clock": 1}
		self.rows.add(
			LOG, actor, at, issue=self.row, grid=self.row["grid"], grid_path=self.path, **by, **line
		)

	def _needs_photo(self) -> bool:
		return bool(self.category.needs_photo)


def _shown(moment: datetime) -> str:
	return moment.strftime("%Y-%m-%d %H:%M")
