"""When rows cannot be written in bulk: somebody has hung something on the saving of documents."""

from collections.abc import Iterator

import frappe
from frappe import _

from grid_governance.grid_ledger import HOUSEHOLD, OF_RESIDENT, RESIDENT
from grid_governance.grid_ledger.importing.uploads import PEOPLE

KNOWN_APPS = ("frappe", "grid_governance")
"""Apps whose own document events are known: what Frappe's do is told by `RECORDS`, what ours do the importer does."""

RECORDS = (
	("Server Script", {"script_type": "DocType Event", "disabled": 0}, "reference_doctype"),
	("Webhook", {"enabled": 1}, "webhook_doctype"),
	(
		"Notification",
		{"enabled": 1, "event": ["in", ("New", "Save", "Value Change", "Method", "Custom")]},
		"document_type",
	),
	("Assignment Rule", {"disabled": 0}, "document_type"),
	("Workflow", {"is_active": 1}, "document_type"),
	("Document Naming Rule", {"disabled": 0}, "document_type"),
	("Milestone Tracker", {"disabled": 0}, "document_type"),
	("Energy Point Rule", {"enabled": 1}, "reference_doctype"),
)
"""Records that do something when a document is saved: their DocType, which of them count, their field with its DocType."""

CONDITIONS = ("mandatory_depends_on", "fetch_from", "unique", "in_global_search")
"""What a custom field may ask of a document that no row can be asked."""


def of_kind(kind: str) -> str | None:
	"""Return why the new rows of a file of *kind* (of `columns.KINDS`) are saved as documents; None where they go in bulk.

	All of them or none: what is written in bulk and what is saved would not see each other. The flat kinds are always saved,
	and slow for no reason of anybody's.
	"""
	if kind != PEOPLE:
		return None
	return next(filter(None, map(documents, (HOUSEHOLD, RESIDENT, *OF_RESIDENT))), None)


def documents(doctype: str) -> str | None:
	"""Return why new rows of *doctype* are saved as documents, one by one; None where they are written in bulk.

	A sentence in the reader's language that names what hangs on the saving, for whoever may want to switch it off.
	"""
	return next(_reasons(doctype), None)


def _reasons(doctype: str) -> Iterator[str]:
	for kind, filters, field in RECORDS:
		if not frappe.db.table_exists(kind):
			continue
		found = frappe.get_all(
			kind, filters={**filters, field: doctype}, pluck="name", order_by="name asc", limit_page_length=1
		)
		if found:
			yield _("{0} {1} acts on each {2} that is saved.").format(_(kind), found[0], _(doctype))
	for app in sorted(_apps(doctype)):
		yield _("The app {0} acts on each {1} that is saved.").format(app, _(doctype))
	meta = frappe.get_meta(doctype)
	if meta.autoname != "hash":
		yield _("{0} is given its name by another rule than that of the app.").format(_(doctype))
	for df in meta.get("fields", {"is_custom_field": 1}):
		if any(df.get(condition) for condition in CONDITIONS):
			yield _("The custom field {0} of {1} asks something of each record.").format(
				_(df.label or df.fieldname), _(doctype)
			)


def _apps(doctype: str) -> set[str]:
	"""Other apps that have document events for *doctype*, or put a class of their own in its place."""
	paths = list(frappe.get_hooks("override_doctype_class", {}).get(doctype, ()))
	for key in (doctype, "*"):
		for handlers in frappe.get_doc_hooks().get(key, {}).values():
			paths += handlers
	return {path.partition(".")[0] for path in paths} - set(KNOWN_APPS)
