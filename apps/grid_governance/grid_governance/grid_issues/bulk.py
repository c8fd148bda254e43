"""One step on several issues: each is judged for itself, the good ones are done, the others come back with the reason."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

import frappe
from frappe import _
from frappe.model.workflow import get_common_transition_actions as stock_common_actions
from frappe.model.workflow import get_workflow, get_workflow_name
from frappe.translate import get_user_lang, print_language
from frappe.utils import strip_html

from grid_governance import scope
from grid_governance.grid_issues import ISSUE, markers, pauses, rules, steps
from grid_governance.grid_structure.rules import TOWNSHIP, ancestor_path

AT_ONCE = 20
"""Issues that take a step while the user waits; more are a job."""

AT_MOST = 500
"""Issues that take a step in one go, as many as a list can show."""

KEPT = 24 * 60 * 60
"""Seconds for which the outcome of a job can be read."""

TOGETHER = (
	"opinion",
	"result",
	"feedback",
	"satisfaction",
	"lead_department",
	"other_departments",
	"answer_by",
	"instruction",
	"instruction_due",
)
"""What may be said for several issues at once; a photo, or the issue that one repeats, is each issue's own."""


class TooManyError(frappe.ValidationError):
	"""More issues are to take a step in one go than `AT_MOST`, or none."""


class OneByOneError(frappe.ValidationError):
	"""A step is to be taken on several issues that only makes sense for one."""


@frappe.whitelist()
def steps_for(issues: str | list[str]) -> list[dict[str, str]]:
	"""Return the steps that the session's user may take on all of *issues* (names or their JSON), at most `AT_MOST`.

	Each with `action`, `next_state` and `needs`. None where one of them is not hers to read, or no step is common.
	Whether an issue fulfils the rules of a step is seen when it takes it.
	"""
	frappe.has_permission(ISSUE, "read", throw=True)
	names = _bounded(frappe.parse_json(issues))
	rows = frappe.get_list(
		ISSUE,
		filters={"name": ["in", names]},
		fields=["workflow_state", "grid_path"],
		order_by="name asc",
		limit_page_length=0,
	)
	if len(rows) != len(names) or not get_workflow_name(ISSUE):
		return []
	roles_at = {path: scope.roles_at(path or "") for path in {row.grid_path for row in rows}}
	townships = {path: ancestor_path(path or "", TOWNSHIP) or "" for path in roles_at}
	paused = {township: pauses.days(township) > 0 for township in set(townships.values())}
	offered = [
		_offered(state, roles_at[path], paused[townships[path]])
		for state, path in sorted({(row.workflow_state, row.grid_path) for row in rows})
	]
	common = set.intersection(*map(set, offered))
	return [each for key, each in offered[0].items() if key in common]


@frappe.whitelist()
def common_actions(docs: str | list[dict[str, Any]], doctype: str) -> list[str]:
	"""Return the actions that a list offers for the ticked rows *docs*, as Frappe's own endpoint of this name does.

	For issues only what counts where they lie and what makes sense for several.
	"""
	if doctype != ISSUE:
		return stock_common_actions(docs, doctype)
	names = [doc.get("name") for doc in frappe.parse_json(docs)]
	return list(dict.fromkeys(step["action"] for step in steps_for(names))) if names else []


@frappe.whitelist(methods=["POST"])
def take_step(issues: str | dict[str, str], action: str, words: str | dict[str, Any] = "") -> dict[str, Any]:
	"""Take the workflow's *action* on each of *issues*: a dict (or its JSON) of names and the states they were seen in.

	*words* (a dict or its JSON) holds what is said for all, fields of `TOGETHER`. An issue that is no longer in the
	state in which it was seen is left alone, so that running it once more does nothing twice. Returns `done` (names)
	and `left` (each with `issue`, `title`, `why`); for more than `AT_ONCE` issues `job`, with which `outcome` tells
	how far it is.
	"""
	frappe.has_permission(ISSUE, "write", throw=True)
	seen = frappe.parse_json(issues)
	_bounded(list(seen))
	_check_together(action)
	said = frappe.parse_json(words) if words else {}
	said = {field: said[field] for field in TOGETHER if said.get(field)}
	if len(seen) <= AT_ONCE:
		return _report(_take_each(seen, action, said))
	order = frappe.as_json([sorted(seen.items()), action, said])
	job = hashlib.sha256(order.encode()).hexdigest()[:16]
	_keep(job, {"total": len(seen), "at": 0, "finished": False, "done": [], "left": []})
	frappe.enqueue(
		run,
		queue="long",
		timeout=3600,
		job_id=f"issue-steps-{frappe.session.user}-{job}",
		deduplicate=True,
		enqueue_after_commit=True,
		job=job,
		seen=seen,
		action=action,
		said=said,
	)
	return {"job": job, "total": len(seen), "done": [], "left": []}


@frappe.whitelist()
def outcome(job: str) -> dict[str, Any] | None:
	"""Return how far a *job* of the session's user is: `total`, `at`, `finished`, `done`, `left`; None for no such job."""
	frappe.has_permission(ISSUE, "write", throw=True)
	return frappe.cache().get_value(_key(job), expires=True)


def run(job: str, seen: dict[str, str], action: str, said: dict[str, Any]) -> None:
	"""Take a step on many issues in the background, one transaction each. Can be started again after it was killed."""

	def progress(report: dict[str, Any]) -> None:
		frappe.db.commit()  # a job of its own: what is taken stays when it is killed
		_keep(job, {**report, "total": len(seen), "finished": report["at"] == len(seen)})

	with print_language(get_user_lang(frappe.session.user)):  # a job has none of its own
		_report(_take_each(seen, action, said), progress)


def _take_each(seen: dict[str, str], action: str, said: dict[str, Any]) -> Iterable[dict[str, str]]:
	"""Take the step on one issue after the other, each in a savepoint of its own; say of each what became of it."""
	for at, (name, state) in enumerate(seen.items()):
		place = f"issue_step_{at}"
		frappe.db.savepoint(place)
		told = len(frappe.message_log)
		try:
			why, title = _take(name, state, action, said)
		except (frappe.ValidationError, frappe.PermissionError) as refused:
			frappe.db.rollback(save_point=place)
			why, title = strip_html(str(refused)) or _("You may not take this step here."), _title(name)
		del frappe.message_log[told:]
		yield {"issue": name, "title": title, "why": why}


def _take(name: str, seen_in: str, action: str, said: dict[str, Any]) -> tuple[str, str]:
	"""Take the step and return why it was not taken (empty when it was), with the title of the issue."""
	doc = frappe.db.exists(ISSUE, name) and frappe.get_doc(ISSUE, name, for_update=True)
	if not doc or not doc.has_permission("read"):
		return _("There is no such issue in your grids."), name
	if doc.workflow_state != seen_in:
		return _("It has moved on and is {0} now.").format(_(doc.workflow_state)), doc.title
	steps.take_step(name, action, **said)
	return "", doc.title


def _title(name: str) -> str:
	return frappe.db.get_value(ISSUE, name, "title") or name


def _report(
	taken: Iterable[dict[str, str]], progress: Callable[[dict[str, Any]], None] | None = None
) -> dict[str, Any]:
	report: dict[str, Any] = {"at": 0, "done": [], "left": []}
	for each in taken:
		report["at"] += 1
		if each["why"]:
			report["left"].append(each)
		else:
			report["done"].append(each["issue"])
		if progress:
			progress(report)
	return report


def _offered(state: str, roles: set[str], pause: bool) -> dict[tuple[str, str], dict[str, str]]:
	offered = {}
	for transition in get_workflow(ISSUE).transitions:
		if transition.state != state or transition.allowed not in roles:
			continue
		if _for_several(transition.action) and (pause or not _stops_clock(transition.next_state)):
			step = {
				"action": transition.action,
				"next_state": transition.next_state,
				"needs": markers.step(transition.action).needs,
			}
			offered[(transition.action, transition.next_state)] = step
	return offered


def _stops_clock(state: str) -> bool:
	return markers.state(state).stage == rules.PAUSED


def _for_several(action: str) -> bool:
	step = markers.step(action)
	return not (step.by_rule or step.reporter_only or step.needs == rules.DUPLICATE)


def _check_together(action: str) -> None:
	if not _for_several(action):
		frappe.throw(
			_("{0} is a step of one issue. Take it on its own form.").format(_(action)), OneByOneError
		)


def _bounded(names: list[str]) -> list[str]:
	if not 0 < len(names) <= AT_MOST:
		frappe.throw(_("Choose between one and {0} issues.").format(AT_MOST), TooManyError)
	return names


def _key(job: str) -> str:
	return f"issue_steps|{frappe.session.user}|{job}"


def _keep(job: str, report: dict[str, Any]) -> None:
	frappe.cache().set_value(_key(job), report, expires_in_sec=KEPT)
