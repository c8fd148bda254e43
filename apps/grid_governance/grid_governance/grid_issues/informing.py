"""Telling the petitioner that a matter is in hand, where a rule says until when; and until when it is not ours (D7)."""

from datetime import datetime

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import get_datetime, now_datetime
from pypika.queries import Table
from pypika.terms import Criterion

from grid_governance.grid_issues import ISSUE, clocks, log, markers, offered, rules
from grid_governance.grid_issues.rules import deadlines

TIMES = {"inform_by": deadlines.INFORM, "return_by": deadlines.RETURN}
"""Moments of an issue that run from when it was found, and what each is for."""

WITH_THE_RESULT = "With the Result"
"""How a petitioner was told who heard nothing before the feedback."""


class NotToBeToldError(frappe.ValidationError):
	"""A petitioner is to be told of a matter for which no rule asks it, that she knows of, or that is over."""


class HowToldError(frappe.ValidationError):
	"""A petitioner is said to have been told, but not how, or not what."""


@frappe.whitelist(methods=["POST"])
def tell(issue: str, way: str, words: str) -> None:
	"""Note that the petitioner was told now that the matter is in hand: in which *way*, in which *words*.

	*way* is an option of the field `informed_way`. For whoever may edit the issue now.
	"""
	doc = frappe.get_doc(ISSUE, issue, for_update=True)
	doc.check_permission("write")
	if not offered.may_edit(doc):
		raise frappe.PermissionError
	if not _to_be_told(doc):
		frappe.throw(_refusal(doc), NotToBeToldError)
	if way not in ways(doc) or not words.strip():
		frappe.throw(_("Say how the petitioner was told, and what."), HowToldError)
	doc.db_set({"informed_at": now_datetime(), "informed_way": way})
	log.remark(doc, _("Petitioner told ({0}): {1}").format(_(way), words.strip()))


@frappe.whitelist()
def may_tell(issue: str) -> bool:
	"""Say whether the session's user may note that the petitioner of *issue* was told. Needs read permission on it."""
	doc = frappe.get_doc(ISSUE, issue)
	doc.check_permission("read")
	return bool(_to_be_told(doc) and doc.has_permission("write") and offered.may_edit(doc))


def ways(doc: Document) -> list[str]:
	"""Return how a petitioner can be told before the result is there."""
	options = (doc.meta.get_options("informed_way") or "").split("\n")
	return [option for option in options if option and option != WITH_THE_RESULT]


def set_times(doc: Document) -> None:
	"""Set until when the petitioner is to be told and the matter may be returned; anew when what they are made from changes.

	None where no rule asks for it. Once the issue is resolved they stand.
	"""
	if not (doc.found_at and doc.grid_path) or doc.resolved_at:
		return
	if not any(map(doc.has_value_changed, clocks.CLOCK_FIELDS)):
		return
	start = get_datetime(doc.found_at)
	for fieldname, purpose in TIMES.items():
		doc.set(fieldname, clocks.moment_for(purpose, doc.grid_path, doc.urgency, doc.source, start))


def settle(doc: Document) -> None:
	"""After a step: who has had the result knows that the matter was in hand."""
	if doc.inform_by and doc.feedback_at and not doc.informed_at:
		doc.update({"informed_at": doc.feedback_at, "informed_way": WITH_THE_RESULT})


def late(table: Table | None = None, now: datetime | None = None) -> Criterion:
	"""Return the condition of an issue whose petitioner was not told in time and still waits, at *now* (this moment)."""
	table = table or DocType(ISSUE)
	return table.informed_at.isnull() & table.closed_at.isnull() & (table.inform_by < (now or now_datetime()))


def in_time(table: Table | None = None) -> Criterion:
	"""Return the condition of an issue whose petitioner was told in time."""
	table = table or DocType(ISSUE)
	return table.informed_at <= table.inform_by


def _to_be_told(doc: Document) -> bool:
	state = markers.state(doc.workflow_state)
	return bool(doc.inform_by and not doc.informed_at and not (state and state.stage == rules.FINAL))


def _refusal(doc: Document) -> str:
	if not doc.inform_by:
		return _("No rule asks to tell the petitioner of {0}; its result is told at its end.").format(
			doc.name
		)
	if not doc.informed_at:
		return _("{0} is over; its petitioner has had the result.").format(doc.name)
	told = get_datetime(doc.informed_at).strftime("%Y-%m-%d %H:%M")
	return _("The petitioner of {0} was told on {1}.").format(doc.name, told)
