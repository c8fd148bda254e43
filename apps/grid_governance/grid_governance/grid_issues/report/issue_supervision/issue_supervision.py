"""Issue Supervision: what those above watch of the issues at work now, village by village (D1a Art. 12).

The state of today: issues in a state that is open or paused, and of these those that have been escalated, are overdue, have
an instruction that was to be done by now, or whose petitioner was to be told by now and was not. One issue may stand
there for several reasons; it counts once in the first figure. Filters: `grid`, `roll_up`; `show`: "Each Issue" (at most
`SHOWN_MAX` rows, by village and the longest due first; the summary tells of all) or "By Grid"; `reason`: one of `REASONS`.
"""

from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from pypika.terms import Case, Criterion, EmptyCriterion

from grid_governance import reporting
from grid_governance.grid_issues import ISSUE, clocks, informing, markers, supervision
from grid_governance.grid_structure.queries import GridNames
from grid_governance.grid_structure.rules import SEGMENT, VILLAGE
from grid_governance.reporting import Figure, FigureError, Question, Tally
from grid_governance.reporting.question import below

BY_GRID = "By Grid"
WATCHED = "watched"
ESCALATED, OVERDUE, INSTRUCTION, UNTOLD = REASONS = ("escalated", "overdue", "instruction_over", "untold")

SHOWN_MAX = 1000
"""How many issues are shown; the summary tells of all."""


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, how it is counted, chart and summary, as Frappe's script reports do."""
	question = reporting.ask(filters, ISSUE)
	asked = frappe._dict(filters or {})
	reasons = reasons_at(question)
	watched = at_work() & (
		reasons[asked.reason] if asked.reason in reasons else Criterion.any(reasons.values())
	)
	figures = figures_of(reasons)
	if question.figure:
		return behind(question, watched, reasons, figures)
	tallies = reporting.count(question, watched, None, sums=reasons)
	note = _("Issues that nobody has settled yet, as things stand now.")
	if not tallies:
		return columns_each(), [], f"{note} {_('There are none.')}", None, None, True
	said = summary(reporting.total(tallies, question), figures)
	if asked.show == BY_GRID:
		return (
			reporting.columns(question, *figures),
			reporting.data(question, tallies, lambda tally: cells(tally, figures)),
			note,
			reporting.chart(question, tallies, figures[:1]),
			said,
			True,
		)
	rows = each(question, watched, reasons)
	whole = reporting.total(tallies, question).number()
	if whole > len(rows):
		note += " " + _("The first {0} of {1} are shown.").format(len(rows), whole)
	rows[0]["place"] = reporting.place_of(question)
	return columns_each(), rows, note, None, said, True


def number() -> int:
	"""Return how many issues are to be watched now, in the reader's scope; for one who may report them."""
	question = reporting.ask(None, ISSUE)
	watched = at_work() & Criterion.any(reasons_at(question).values())
	return reporting.total(reporting.count(question, watched, None), question).number()


def at_work() -> Criterion:
	"""Return the condition of an issue that somebody has in hand, or that waits for others."""
	return DocType(ISSUE).workflow_state.isin(markers.unsettled_states() or [""])


def reasons_at(question: Question) -> dict[str, Criterion]:
	"""Return the conditions for which an issue is watched, by name."""
	issue = DocType(ISSUE)
	return {
		ESCALATED: issue.escalation_level > 0,
		OVERDUE: clocks.overdue(issue, question.now),
		INSTRUCTION: issue.instruction_due < question.now,
		UNTOLD: informing.late(issue, question.now),
	}


def labels() -> dict[str, str]:
	"""Return what the reasons are called."""
	return {
		ESCALATED: _("Escalated"),
		OVERDUE: _("Overdue"),
		INSTRUCTION: _("Instruction Not Done in Time"),
		UNTOLD: _("Not Told in Time"),
	}


def figures_of(reasons: dict[str, Criterion]) -> list[Figure]:
	"""Return the figures of a node: all that is watched, and how much of it for each reason."""
	return [
		Figure(WATCHED, _("To Be Watched"), Tally.number, EmptyCriterion(), color="#C0392B"),
		*(
			Figure(name, label, lambda tally, name=name: tally.number(name), reasons[name])
			for name, label in labels().items()
		),
	]


def cells(tally: Tally, figures: list[Figure]) -> dict[str, Any]:
	"""Return the counts of one node."""
	return {figure.fieldname: figure.of(tally) for figure in figures}


def summary(whole: Tally, figures: list[Figure]) -> list[dict[str, Any]]:
	"""Return the counts of all."""
	return [{"label": figure.label, "value": figure.of(whole), "datatype": "Int"} for figure in figures]


def behind(
	question: Question, watched: Criterion, reasons: dict[str, Criterion], figures: list[Figure]
) -> tuple[Any, ...]:
	"""Return the issues that the question's figure counts. Raises FigureError for a figure that is none of *figures*."""
	wanted = {figure.fieldname: figure for figure in figures}.get(question.figure)
	if not wanted:
		frappe.throw(_("This report has no such figure."), FigureError)
	path = DocType(ISSUE).grid_path
	place = path == question.node if question.exact else below(path, question.node)
	rows = each(question, watched & place, reasons, wanted.rows)
	note = reporting.behind_note(wanted.label, len(rows), SHOWN_MAX)
	return columns_each(), rows, note, None, None, True


def each(
	question: Question, watched: Criterion, reasons: dict[str, Criterion], only: Criterion | None = None
) -> list[dict[str, Any]]:
	"""Return a row for each issue, by village and the longest due first; `may_urge` is for the session's user.

	*only*: a further condition, which may be empty.
	"""
	issue = DocType(ISSUE)
	found = (
		frappe.qb.from_(issue)
		.select(issue.name, issue.title, issue.grid_path, issue.urgency, issue.workflow_state, issue.due_by)
		.select(issue.escalation_level, issue.instruction, issue.instruction_due)
		.select(issue.urged_on, issue.urged_times)
		.select(*(Case().when(condition, 1).else_(0).as_(name) for name, condition in reasons.items()))
		.where(question.where(issue))
		.where(watched)
		.where(only or EmptyCriterion())
		.orderby(issue.due_by)
		.orderby(issue.name)
		.limit(SHOWN_MAX)
		.run(as_dict=True)
	)
	names, may_urge, called = GridNames(row.grid_path for row in found), supervision.urgeable(found), labels()
	urgency = {row.name: row.urgency_name for row in clocks.urgencies()}
	rows = [
		{
			**row,
			"village": names.village(row.grid_path) or names.grid(row.grid_path),
			"in_grid": names.grid(row.grid_path),
			"urgency": urgency.get(row.urgency) or row.urgency,
			"state": _(row.workflow_state),
			"days_late": max((question.now - row.due_by).days, 0) if row[OVERDUE] else None,
			"reasons": "、".join(label for name, label in called.items() if row[name]),
			"may_urge": int(row.name in may_urge),
		}
		for row in found
	]
	return sorted(rows, key=lambda row: (row["grid_path"] or "")[: SEGMENT * VILLAGE])


def columns_each() -> list[dict[str, Any]]:
	"""Return the columns of the list of issues."""
	text = {"fieldtype": "Data", "align": "left"}
	return [
		text | {"fieldname": "village", "label": _("Village"), "width": 110},
		text
		| {"fieldname": "title", "label": _("What Is It About"), "width": 230}
		| reporting.opening(ISSUE),
		text | {"fieldname": "reasons", "label": _("Why It Is Watched"), "width": 180},
		{"fieldname": "urged_times", "label": _("Times Urged"), "fieldtype": "Int", "width": 120},
		text | {"fieldname": "state", "label": _("Handling State"), "width": 110},
		text | {"fieldname": "urgency", "label": _("Urgency"), "width": 80},
		{"fieldname": "due_by", "label": _("Due By"), "fieldtype": "Datetime", "width": 150},
		{"fieldname": "days_late", "label": _("Days Late"), "fieldtype": "Int", "width": 90, "is_rate": 1},
		{"fieldname": "escalation_level", "label": _("Times Escalated"), "fieldtype": "Int", "width": 90},
		text | {"fieldname": "instruction", "label": _("Instruction"), "width": 200},
		{"fieldname": "instruction_due", "label": _("To Be Done by"), "fieldtype": "Datetime", "width": 150},
		{"fieldname": "urged_on", "label": _("Last Urged on"), "fieldtype": "Date", "width": 110},
		text | {"fieldname": "in_grid", "label": _("Grid"), "width": 180},
	]
