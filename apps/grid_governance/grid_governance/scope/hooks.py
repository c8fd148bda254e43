"""The functions that Frappe's permission hooks call, one pair for every DocType of the registry."""

from collections.abc import Callable
from functools import partial

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType
from pypika.terms import EmptyCriterion

from grid_governance.scope import attached, queries, rules
from grid_governance.scope.registry import GRID_DOCTYPES, attachment, limiting_field

MODULE = __name__

DOOR_EVENTS = {
	"*": {
		"before_rename": "grid_governance.scope.doors.core.check_rename",
		"before_validate": "grid_governance.scope.doors.core.check_children",
	},
	"Role": {"on_update": "grid_governance.scope.queries.forget_role"},
	"File": {"before_validate": "grid_governance.scope.doors.core.keep_file_private"},
	"Kanban Board": {"validate": "grid_governance.scope.doors.core.forget_cards"},
}
"""Document events of stock DocTypes that keep a door shut."""


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
	the grid a row is to move to.
	"""
	user, ptype = user or frappe.session.user, ptype or "read"
	field = limiting_field(doc.doctype)
	within = queries.ranges(user, doc.doctype, ptype)
	if within == rules.EVERYWHERE:
		return True
	if not within:
		return False
	row = DocType(doc.doctype)
	stored = (
		frappe.qb.from_(row)
		.select(row[field], queries.criterion(doc.doctype, user, ptype))
		.where(row.name == doc.name)
		.run()
		if doc.name
		else ()
	)
	if stored and not stored[0][1]:
		return False
	wanted_grid = doc.get(field) or None
	if stored and (stored[0][0] or None) == wanted_grid:
		return True
	if not wanted_grid:
		# A new row without a grid is refused by its mandatory field, which only the shipped DocTypes are sure
		# to have; a root grid needs a site-wide right.
		return not stored and doc.doctype != "Grid" and doc.doctype in GRID_DOCTYPES
	path = frappe.db.get_value("Grid", wanted_grid, "grid_path")
	return bool(path) and rules.covers(within, path)


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
		return attached.has_permission(doc, user)
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


def _name(doctype: str) -> str:
	return f"list_condition_{doctype.lower().replace(' ', '_')}"


def __getattr__(name: str) -> Callable[..., str]:
	"""Give `list_condition_<doctype>` of every registered DocType."""
	for doctype in GRID_DOCTYPES:
		if name == _name(doctype):
			return partial(list_condition, doctype)
	raise AttributeError(name)
