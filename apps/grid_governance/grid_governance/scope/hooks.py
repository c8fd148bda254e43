"""The functions that Frappe's permission hooks call, one pair for every DocType of the registry."""

from collections.abc import Callable
from functools import partial

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType
from pypika.terms import Criterion, EmptyCriterion

from grid_governance.scope import attached, queries, rules
from grid_governance.scope.branches import Branch, Reader
from grid_governance.scope.custom_fields import BY_POST, SITE_WIDE
from grid_governance.scope.registry import BRANCHES, GRID_DOCTYPES, attachment, limiting_field

MODULE = __name__

DOOR_EVENTS = {
	"*": {
		"before_rename": "grid_governance.scope.doors.core.check_rename",
		"before_validate": [
			"grid_governance.scope.doors.core.check_children",
			"grid_governance.scope.doors.links.check_people",
			"grid_governance.scope.doors.texts.make_plain",
		],
		"validate": "grid_governance.scope.doors.links.check_files",
	},
	"File": {"before_validate": "grid_governance.scope.doors.core.keep_file_private"},
	"Kanban Board": {"validate": "grid_governance.scope.doors.core.forget_cards"},
}
"""Document events of stock DocTypes that keep a door shut."""

HELD_EVENTS = {
	"Grid Post Assignment": {
		"on_update": f"{MODULE}.forget_changed",
		"on_trash": f"{MODULE}.forget",
		"after_rename": f"{MODULE}.forget",
	},
	"Role": {"on_update": f"{MODULE}.forget_changed"},
	"Township Department": {"after_rename": f"{MODULE}.forget"},
	"User": {"after_rename": f"{MODULE}.forget"},
}
"""Document events that change what is remembered of posts. What is written by sets calls `queries.forget` itself."""

HELD_FIELDS = {
	"Grid Post Assignment": ("user", "role", "grid_path", "department", "from_date", "to_date"),
	"Role": (BY_POST, SITE_WIDE),
}
"""What of a document is remembered; other fields of it change nothing."""


def forget_changed(doc: Document, method: str | None = None) -> None:
	"""Drop what is remembered of posts when a field of `HELD_FIELDS` has changed, or the document is new."""
	if any(doc.has_value_changed(field) for field in HELD_FIELDS[doc.doctype]):
		queries.forget()


def forget(doc: Document, method: str | None = None, *args: object) -> None:
	"""Drop what is remembered of posts when a document is deleted or has another name."""
	queries.forget()


def list_condition(doctype: str, user: str | None = None) -> str:
	"""Return the SQL that restricts every list of *doctype* to the scope of *user*.

	Empty only for a user who sees everything, ``1=0`` for one who sees nothing.
	"""
	condition = queries.criterion(doctype, user)
	if isinstance(condition, EmptyCriterion):
		return ""
	return f"({condition.get_sql(quote_char='`', with_namespace=True)})"


def has_permission(doc: Document, ptype: str | None = None, user: str | None = None) -> bool:
	"""Say whether *user* has the right *ptype* on *doc*, as far as its place in the grid tree goes.

	The stored row is judged, by the very condition the lists use; what the client sent counts only for
	where a row is to move.
	"""
	user, ptype = user or frappe.session.user, ptype or "read"
	ways = queries.conditions(doc.doctype, user, ptype)
	if not ways:
		return ways is None
	branches = [branch for branch in BRANCHES.get(doc.doctype, ()) if branch.field()]
	fields = [limiting_field(doc.doctype), *(branch.field() for branch in branches)]
	row = DocType(doc.doctype)
	stored = (
		frappe.qb.from_(row)
		.select(Criterion.any(ways), *(row[field] for field in fields))
		.where(row.name == doc.name)
		.run()
		if doc.name
		else ()
	)
	sent = [doc.get(field) or None for field in fields]
	held = partial(_held, queries.reader(user, doc.doctype, ptype), branches)
	if not stored:
		if sent[0]:
			return held(sent, in_grid=True)
		# Without a grid a shipped one is refused by its mandatory field; a root grid needs a site-wide right.
		return doc.doctype != "Grid" if doc.doctype in GRID_DOCTYPES else held(sent)
	allowed, *before = stored[0]
	before = [value or None for value in before]
	if not allowed or sent == before:
		return bool(allowed)
	# Moved: only by those who have it where it lies and where it is to lie; into another grid, by the grids.
	to_grid = sent[0] != before[0]
	return held(before, in_grid=to_grid) and held(sent, in_grid=to_grid)


def _held(reader: Reader, branches: list[Branch], values: list[str | None], in_grid: bool = False) -> bool:
	"""Say whether a row with these *values* of its grid and of the fields of *branches* is the reader's."""
	grid, *others = values
	path = frappe.db.get_value("Grid", grid, "grid_path") if grid else None
	roots = reader.holding.roots
	if roots is None or (path and rules.covers(tuple(map(rules.subtree, roots)), path)):
		return True
	return not in_grid and any(
		branch.leads_to(value, reader) for branch, value in zip(branches, others, strict=True)
	)


def generic_list_condition(doctype: str, user: str) -> str:
	"""Return the SQL that restricts lists of a DocType which `hooks.py` cannot name; empty for all others.

	That is a row that hangs on a document, and a DocType that an administrator limited by grid.
	"""
	if attachment(doctype):
		return attached.list_condition(doctype, user)
	if doctype not in GRID_DOCTYPES and limiting_field(doctype):
		return list_condition(doctype, user)
	return ""


def generic_has_permission(doc: Document, ptype: str | None, user: str) -> bool:
	"""Say whether *user* has the right *ptype* on *doc*, for the DocTypes of `generic_list_condition`."""
	if attachment(doc.doctype):
		return attached.has_permission(doc, user, ptype)
	if doc.doctype not in GRID_DOCTYPES and limiting_field(doc.doctype):
		return has_permission(doc, ptype, user)
	return True


def permission_query_conditions() -> dict[str, str]:
	"""Return the list hooks for `hooks.py`. Frappe 15.0 does not pass the DocType, so each has its own."""
	return {doctype: f"{MODULE}.{_name(doctype)}" for doctype in GRID_DOCTYPES}


def permission_hooks() -> dict[str, str]:
	"""Return the document hooks for `hooks.py`."""
	return dict.fromkeys(GRID_DOCTYPES, f"{MODULE}.has_permission")


def stamping_events() -> dict[str, dict[str, str]]:
	"""Return the document events for `hooks.py` that keep grid paths right; a Grid makes its own."""
	stamped = [doctype for doctype, field in GRID_DOCTYPES.items() if field == "grid"]
	return {doctype: {"before_validate": "grid_governance.scope.actions.stamp"} for doctype in stamped}


def document_events() -> dict[str, dict[str, str | list[str]]]:
	"""Return all document events of this room for `hooks.py`."""
	merged: dict[str, dict[str, str | list[str]]] = {}
	for events in (stamping_events(), DOOR_EVENTS, HELD_EVENTS):
		for doctype, functions in events.items():
			merged[doctype] = {**merged.get(doctype, {}), **functions}
	return merged


def _name(doctype: str) -> str:
	return f"list_condition_{doctype.lower().replace(' ', '_')}"


def __getattr__(name: str) -> Callable[..., str]:
	"""Give `list_condition_<doctype>` of every registered DocType."""
	for doctype in GRID_DOCTYPES:
		if name == _name(doctype):
			return partial(list_condition, doctype)
	raise AttributeError(name)
