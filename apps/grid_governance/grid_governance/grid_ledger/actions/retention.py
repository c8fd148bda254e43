"""Personal data whose time is over: anonymised or deleted, by the retention rules (PIPL Art. 19 and 47).

By sets, a chunk at a time, each committed: run again, it goes on where it ended, and what is done is not found again.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count, Min
from frappe.translate import print_language
from frappe.utils import add_months, getdate
from pypika.queries import Table
from pypika.terms import Criterion, Field

from grid_governance.grid_ledger import CARE, HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.actions import accesses, anonymising
from grid_governance.grid_ledger.importing import uploads
from grid_governance.grid_ledger.queries.accesses import SEEN
from grid_governance.grid_ledger.rules import households, retention
from grid_governance.grid_ledger.rules.requests import OPEN

RULE, REQUEST = "Retention Rule", "Personal Data Request"
CHUNK = 500
"""People, or lines of a log times `LINES`, that one transaction does."""
LINES = 20


class RetentionError(frappe.ValidationError):
	"""A rule keeps data for a shorter time than a law asks for."""


class Due(NamedTuple):
	"""Where rows of a kind are found: their DocType, the field that says since when they wait, and which they are."""

	doctype: str
	since: str
	which: Callable[[Table], Criterion]
	act: Callable[[list[str], date], Any]


def _gone(status: str) -> Callable[[Table], Criterion]:
	return lambda row: (row.status == status) & row.anonymised_on.isnull() & row.merged_into.isnull()


def _delete_care(names: list[str], today: date) -> None:
	anonymising.hanging({CARE: names})


def _forget_requests(names: list[str], today: date) -> None:
	anonymising.requests(names)


def _forget_imports(names: list[str], today: date) -> None:
	uploads.forget(names)


def _delete_lines(doctype: str) -> Callable[[list[str], date], None]:
	def delete(names: list[str], today: date) -> None:
		frappe.db.delete(doctype, {"name": ["in", names]})

	return delete


FOUND = {
	retention.MOVED_OUT: Due(RESIDENT, "status_date", _gone(households.MOVED_OUT), anonymising.residents),
	retention.DECEASED: Due(RESIDENT, "status_date", _gone(households.DECEASED), anonymising.residents),
	retention.MERGED: Due(
		RESIDENT,
		"modified",
		lambda row: row.merged_into.isnotnull() & row.anonymised_on.isnull(),
		anonymising.residents,
	),
	retention.DISSOLVED: Due(
		HOUSEHOLD,
		"modified",
		lambda row: (row.status == "Dissolved") & row.anonymised_on.isnull(),
		anonymising.households,
	),
	retention.CARE_ENDED: Due(CARE, "until", lambda row: row.until.isnotnull(), _delete_care),
	retention.REQUESTS: Due(
		REQUEST,
		"answered_on",
		lambda row: (row.status != OPEN) & (row.asked_by != ""),
		_forget_requests,
	),
	retention.IMPORTS: Due(
		uploads.IMPORT,
		"modified",
		lambda row: row.cleared_on.isnull() & row.state.notin(uploads.RUNNING),
		_forget_imports,
	),
	retention.ACCESSES: Due(
		accesses.ACCESS, "at", lambda row: row.name.isnotnull(), _delete_lines(accesses.ACCESS)
	),
	retention.VIEWS: Due(
		"View Log", "creation", lambda row: row.reference_doctype.isin(SEEN), _delete_lines("View Log")
	),
}

HOOK = "grid_retained"
"""Hook key: dicts like `FOUND`, of rooms that keep personal data of their own."""


def found() -> dict[str, Due]:
	"""Return where rows of each kind are found: the ledger's own, and what the rooms have registered."""
	return {
		**FOUND,
		**{kind: due for path in frappe.get_hooks(HOOK) for kind, due in frappe.get_attr(path).items()},
	}


def check(rule: Any) -> None:
	"""Set what becomes of the rule's kind; refuse a time that is too short. Raises RetentionError."""
	kind = retention.KINDS[rule.kind]
	rule.action = kind.action
	if retention.is_too_short(rule.kind, rule.months or 0):
		least = max(kind.least, 1)
		law = _("The Cybersecurity Law (Article 21) asks for six months.") if kind.least else ""
		said = _("{0} is kept for {1} months at the least.").format(_(rule.kind), least)
		frappe.throw(f"{said} {law}".strip(), RetentionError)


def run(today: date | None = None) -> dict[str, int]:
	"""Do what the rules ask on the day *today* (default: today); return how many rows of each kind. Runs daily."""
	today = today or getdate()
	done: dict[str, int] = {}
	with print_language(frappe.get_system_settings("language")):  # a job has none of its own
		for rule, due, before in _rules(today):
			done[rule.kind] = sum(_do(rule, due, names, today) for names in _chunks(due, before))
	return {kind: number for kind, number in done.items() if number}


@frappe.whitelist(methods=["POST"])
def preview(day: str | None = None) -> list[dict[str, Any]]:
	"""Return what a run on *day* (default: today) would do: `rule`, `action`, `before` (a date), `number`, `oldest`."""
	if not frappe.has_permission(RULE, "write"):
		raise frappe.PermissionError
	listed = []
	for rule, due, before in _rules(getdate(day)):
		row = DocType(due.doctype)
		number, oldest = _due(due, row, before).select(Count("*"), Min(row[due.since])).run()[0]
		listed.append(
			{
				"rule": rule.rule_name,
				"action": _(retention.KINDS[rule.kind].action),
				"before": str(before),
				"number": number,
				"oldest": str(getdate(oldest)) if oldest else "",
			}
		)
	return listed


def _rules(today: date) -> Iterator[tuple[frappe._dict, Due, date]]:
	kinds = found()
	for rule in frappe.get_all(
		RULE, filters={"enabled": 1}, fields=["rule_name", "kind", "months"], order_by="kind asc"
	):
		yield rule, kinds[rule.kind], getdate(add_months(today, -rule.months))


def _due(due: Due, row: Table, before: date) -> Any:
	since: Field = row[due.since]
	return frappe.qb.from_(row).where(due.which(row)).where(since < before)


def _chunks(due: Due, before: date) -> Iterator[list[str]]:
	"""Give the names of what is due, a chunk at a time; each is done before the next is looked for."""
	row = DocType(due.doctype)
	size = CHUNK * LINES if due.doctype in (accesses.ACCESS, "View Log") else CHUNK
	last: list[str] = []
	while names := _due(due, row, before).select(row.name).orderby(row.name).limit(size).run(pluck=True):
		if names == last:  # nothing was done: rather stop than turn in a circle
			return
		yield names
		last = names


def _do(rule: frappe._dict, due: Due, names: list[str], today: date) -> int:
	places = ()
	if frappe.get_meta(due.doctype).has_field("grid_path"):
		rows = frappe.get_all(due.doctype, {"name": ["in", names]}, pluck="grid_path", order_by="name asc")
		places = [path for path in rows if path]
	due.act(names, today)
	kind = accesses.DELETE if retention.KINDS[rule.kind].action == retention.DELETE else accesses.ANONYMISE
	path = accesses.common_path(places)
	accesses.taken(
		kind, due.doctype, len(names), path, detail=_("Retention rule: {0}").format(rule.rule_name)
	)
	frappe.db.commit()  # a job's own: what is done stays when a later chunk fails
	return len(names)
