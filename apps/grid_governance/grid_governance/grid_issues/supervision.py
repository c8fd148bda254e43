"""What those above do about issues: urge them, praise or query how they were settled, have the list sent every week.

Who stands above an issue is read from the active Workflow and the resolution levels of its states: see
`rules.supervision`. Her post counts where the issue lies.
"""

from collections.abc import Iterable
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.model.workflow import get_workflow, get_workflow_name
from frappe.utils import getdate, strip_html

from grid_governance import scope
from grid_governance.grid_issues import ISSUE, log, markers, telling
from grid_governance.grid_issues.rules import supervision as rules
from grid_governance.grid_structure.telling import actions as mail
from grid_governance.grid_structure.telling.rules import has_mailbox
from grid_governance.scope.rules import plain

REPORT = "Issue Supervision"
MAIL = "Auto Email Report"
DAY = "Monday"

AT_MOST = 100
"""Issues that are urged in one go, while whoever urges them waits."""

MAILED_ROWS = 1000


class NoUrgeError(frappe.ValidationError):
	"""An issue is to be urged that is not at work, has been urged today, or by somebody who does not stand above it."""


class NoVerdictError(frappe.ValidationError):
	"""An issue is to be praised, queried or explained that it cannot be, or by somebody whose affair it is not."""


class TooManyToUrgeError(frappe.ValidationError):
	"""More issues are to be urged in one go than `AT_MOST`, or none."""


class NoMailboxError(frappe.ValidationError):
	"""The list is to be sent to somebody whose account has no e-mail address."""


@frappe.whitelist(methods=["POST"])
def urge(issue: str, words: str = "") -> None:
	"""Urge those who have *issue* in hand, once a day. For whoever stands above it; *words* are told with it."""
	doc = frappe.get_doc(ISSUE, issue, for_update=True)
	doc.check_permission("write")
	if why := rules.no_urge(
		markers.state(doc.workflow_state), _stands_above(doc), _day(doc.urged_on), getdate()
	):
		frappe.throw(_why_no_urge(why, doc), NoUrgeError)
	said = _plain(words)
	doc.flags.urge_words = said
	# Set on the document and not by a statement: its notification tells those who have it in hand.
	doc.db_set({"urged_on": getdate(), "urged_times": (doc.urged_times or 0) + 1})
	log.remark(doc, _("Urged from above: {0}").format(said) if said else _("Urged from above."))


@frappe.whitelist(methods=["POST"])
def urge_all(issues: str | list[str], words: str = "") -> dict[str, Any]:
	"""Urge each of *issues* (names or their JSON), at most `AT_MOST`.

	Each is judged for itself: returns `done` (names) and `left`, each with `issue`, `title` and `why`.
	"""
	frappe.has_permission(ISSUE, "write", throw=True)
	names = list(dict.fromkeys(frappe.parse_json(issues)))
	if not 0 < len(names) <= AT_MOST:
		frappe.throw(_("Choose between one and {0} issues.").format(AT_MOST), TooManyToUrgeError)
	report: dict[str, Any] = {"done": [], "left": []}
	for at, name in enumerate(sorted(names)):
		if why := _urge_one(name, words, f"urge_{at}"):
			title = why[1] or name
			report["left"].append({"issue": name, "title": title, "why": why[0]})
		else:
			report["done"].append(name)
	return report


@frappe.whitelist(methods=["POST"])
def judge(issue: str, verdict: str, words: str) -> None:
	"""Say of a closed *issue* how it was settled: *verdict* is one of `rules.VERDICTS`. For whoever stands above it."""
	doc = frappe.get_doc(ISSUE, issue, for_update=True)
	doc.check_permission("write")
	if verdict not in rules.VERDICTS:
		frappe.throw(_("Praise it, or ask for an explanation."), NoVerdictError)
	if why := rules.no_verdict(
		markers.state(doc.workflow_state),
		_stands_above(doc),
		doc.verdict or "",
		doc.verdict_answer or "",
		words,
	):
		frappe.throw(_why_no_verdict(why, doc), NoVerdictError)
	# Set on the document and not by a statement: a closed issue is frozen, and its notification tells who settled it.
	doc.db_set(
		{
			"verdict": verdict,
			"verdict_words": _plain(words),
			"verdict_answer": None,
			"verdict_by": frappe.session.user,
		}
	)
	said = {rules.PRAISE: _("Praised from above: {0}"), rules.QUERY: _("Asked from above to explain: {0}")}
	log.remark(doc, said[verdict].format(_plain(words)))


@frappe.whitelist(methods=["POST"])
def explain(issue: str, words: str) -> None:
	"""Answer what was asked from above about a closed *issue*. For those who act where it was settled."""
	doc = frappe.get_doc(ISSUE, issue, for_update=True)
	doc.check_permission("write")
	if why := rules.no_answer(
		markers.state(doc.workflow_state), _is_asked(doc), doc.verdict or "", doc.verdict_answer or "", words
	):
		frappe.throw(_why_no_verdict(why, doc), NoVerdictError)
	doc.db_set({"verdict_answer": _plain(words)})
	log.remark(doc, _("Explained: {0}").format(_plain(words)))


@frappe.whitelist()
def standing(issue: str) -> dict[str, bool]:
	"""Return what the form offers: `may_urge`, `urged_today`, `may_judge`, `may_explain`.

	Needs read permission on the issue.
	"""
	doc = frappe.get_doc(ISSUE, issue)
	doc.check_permission("read")
	state, given, answer = (
		markers.state(doc.workflow_state),
		doc.verdict or "",
		doc.verdict_answer or "",
	)
	writes = bool(doc.has_permission("write"))
	is_above = writes and _stands_above(doc)
	no_urge = rules.no_urge(state, is_above, _day(doc.urged_on), getdate())
	return {
		"may_urge": no_urge is None,
		"urged_today": no_urge == rules.NoUrge.TODAY,
		"may_judge": rules.no_verdict(state, is_above, given, answer, "…") is None,
		"may_explain": given == rules.QUERY
		and writes
		and rules.no_answer(state, _is_asked(doc), given, answer, "…") is None,
	}


@frappe.whitelist()
def supervises() -> bool:
	"""Say whether the session's user stands above any issue: whether a list offers to urge."""
	frappe.has_permission(ISSUE, "read", throw=True)
	return bool(
		frappe.has_permission(ISSUE, "write") and rules.supervising(desks()) & set(frappe.get_roles())
	)


@frappe.whitelist(methods=["POST"])
def mail_me(on: bool) -> dict[str, bool]:
	"""Have the list of what is to be watched sent to the session's user every Monday, or no longer.

	What it holds is made in her name at that moment, so it is what she may see then. Returns `mails_me`.
	"""
	_check_report()
	user = frappe.session.user
	held = _mail_of(user)
	address = frappe.db.get_value("User", user, "email")
	if on and not has_mailbox(address):
		frappe.throw(
			_("Your account has no e-mail address. Ask the administrator to enter one."), NoMailboxError
		)
	if not on and not held:
		return mails_me()
	doc = (
		frappe.get_doc(MAIL, held) if held else frappe.new_doc(MAIL).update({"user": user, "report": REPORT})
	)
	doc.update(
		{
			"enabled": int(on),
			"report_type": "Script Report",
			"email_to": address,
			"frequency": "Weekly",
			"day_of_week": DAY,
			"format": "HTML",
			"filters": "{}",
			"no_of_rows": MAILED_ROWS,
			"send_if_data": 1,
		}
	)
	doc.save(ignore_permissions=True)  # her own and no other; what it holds is judged when it is made
	return mails_me()


@frappe.whitelist()
def mails_me() -> dict[str, bool]:
	"""Return whether the list is sent to the session's user (`on`) and whether this site sends mail (`sends`)."""
	_check_report()
	held = _mail_of(frappe.session.user)
	return {
		"on": bool(held and frappe.db.get_value(MAIL, held, "enabled")),
		"sends": mail.sends_mail(),
	}


def stop_mails() -> None:
	"""Send the list no longer to those who may not have it any more: a daily job."""
	rows = frappe.get_all(
		MAIL,
		filters={"report": REPORT, "enabled": 1},
		fields=["name", "user"],
		order_by="name asc",
		limit_page_length=0,
	)
	users = sorted({row.user for row in rows})
	enabled = frappe.get_all(
		"User", filters={"name": ["in", users or [""]], "enabled": 1}, pluck="name", order_by="name asc"
	)
	for row in rows:
		if row.user not in enabled or not scope.ranges(row.user, ISSUE, "report"):
			frappe.db.set_value(MAIL, row.name, "enabled", 0)


def urgeable(rows: Iterable[dict[str, Any]]) -> set[str]:
	"""Return the names of those of *rows* that the session's user may urge now.

	Each with `name`, `workflow_state`, `grid_path` and `urged_on`; what she may write there is asked, too.
	"""
	rows = list(rows)
	known, today = desks(), getdate()
	roles = {path: scope.roles_at(path or "") for path in {row["grid_path"] for row in rows}}
	writes = scope.ranges(frappe.session.user, ISSUE, "write")
	states = {name: markers.state(name) for name in {row["workflow_state"] for row in rows}}
	over = {name: rules.above(state, known) for name, state in states.items() if state}
	return {
		row["name"]
		for row in rows
		if any(limit.lo <= (row["grid_path"] or "") < limit.hi for limit in writes)
		and not rules.no_urge(
			states[row["workflow_state"]],
			bool(over.get(row["workflow_state"], frozenset()) & roles[row["grid_path"]]),
			_day(row["urged_on"]),
			today,
		)
	}


def desks() -> list[rules.Desk]:
	"""Return the states of the active workflow in which somebody works on issues, with the roles that do."""
	if not get_workflow_name(ISSUE):
		return []
	acting = telling.acting(ISSUE, at_work=True)
	return [
		rules.Desk(markers.state(row.state), acting[row.state], frozenset({row.allow_edit}))
		for row in get_workflow(ISSUE).states
		if row.state in acting
	]


def _stands_above(doc: Document) -> bool:
	"""Say whether the session's user stands above those who have the issue in hand, or have settled it."""
	state = markers.state(doc.workflow_state)
	if state and state.closes:
		state = rules.settled_at(markers.state(log.settled_in(doc.name)), markers.level(doc.resolution_level))
	return bool(state and rules.above(state, desks()) & scope.roles_at(doc.grid_path or ""))


def _is_asked(doc: Document) -> bool:
	return bool((telling.acting_roles(doc) or set()) & scope.roles_at(doc.grid_path or ""))


def _urge_one(name: str, words: str, place: str) -> tuple[str, str] | None:
	"""Urge the issue *name* in a savepoint; return why it was not urged with its title, None when it was."""
	frappe.db.savepoint(place)
	told = len(frappe.message_log)
	try:
		if not frappe.db.exists(ISSUE, name) or not frappe.has_permission(ISSUE, "read", doc=name):
			return _("There is no such issue in your grids."), name
		urge(name, words)
	except (frappe.ValidationError, frappe.PermissionError) as refused:
		frappe.db.rollback(save_point=place)
		why = strip_html(str(refused)) or _("You may not urge this issue.")
		return why, frappe.db.get_value(ISSUE, name, "title") or name
	finally:
		del frappe.message_log[told:]
	return None


def _check_report() -> None:
	if not (
		frappe.has_permission(ISSUE, "report") and frappe.get_cached_doc("Report", REPORT).is_permitted()
	):
		raise frappe.PermissionError


def _mail_of(user: str) -> str | None:
	return frappe.db.get_value(MAIL, {"report": REPORT, "user": user}, order_by="creation asc")


def _plain(words: str) -> str:
	"""Return *words* as they are stored: what is set on a document past its saving is made plain here."""
	return plain(words.strip())


def _day(value: Any) -> Any:
	return getdate(value) if value else None


def _why_no_urge(why: rules.NoUrge, doc: Document) -> str:
	return {
		rules.NoUrge.NOT_OPEN: _("{0} is not being worked on now."),
		rules.NoUrge.NOT_ABOVE: _("{0} is urged by those who act at a higher level than it is at."),
		rules.NoUrge.TODAY: _("{0} has been urged today. It is urged once a day."),
	}[why].format(doc.name)


def _why_no_verdict(why: rules.NoVerdict, doc: Document) -> str:
	return {
		rules.NoVerdict.NOT_CLOSED: _("{0} is not closed yet. Say what you think of it when it is."),
		rules.NoVerdict.NOT_ABOVE: _(
			"{0} is praised or queried by those who act at a higher level than it was settled at."
		),
		rules.NoVerdict.GIVEN: _("{0} has had its word from above already."),
		rules.NoVerdict.NO_WORDS: _("Write it down in words."),
		rules.NoVerdict.NO_QUERY: _("Nothing is asked about {0} at present."),
		rules.NoVerdict.NOT_ASKED: _("What is asked about {0} is answered by those who settled it."),
	}[why].format(doc.name)
