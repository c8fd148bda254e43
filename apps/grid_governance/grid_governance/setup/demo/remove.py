"""Removing a demo township with everything that was loaded or has been done in it since."""

from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

import frappe
from frappe.query_builder import DocType

from grid_governance import scope
from grid_governance.grid_ledger import IDENTITY
from grid_governance.grid_structure import queries as structure
from grid_governance.grid_structure.actions import renumber
from grid_governance.setup.demo import caches, manifest
from grid_governance.setup.demo.manifest import Manifest

ABOUT_A_ROW = {
	"Activity Log": ("reference_doctype", "reference_name"),
	"Comment": ("reference_doctype", "reference_name"),
	"Communication": ("reference_doctype", "reference_name"),
	"Deleted Document": ("deleted_doctype", "deleted_name"),
	"Digest Entry": ("document_type", "document_name"),
	"DocShare": ("share_doctype", "share_name"),
	"Document Follow": ("ref_doctype", "ref_docname"),
	"File": ("attached_to_doctype", "attached_to_name"),
	"Notification Log": ("document_type", "document_name"),
	"Tag Link": ("document_type", "document_name"),
	"ToDo": ("reference_type", "reference_name"),
	"Version": ("ref_doctype", "docname"),
	"View Log": ("reference_doctype", "reference_name"),
	"Workflow Action": ("reference_doctype", "reference_name"),
}
"""Rows about another row, most of them Frappe's own: the columns with its DocType and its name."""

OF_A_USER = {
	"Access Log": "user",
	"Account Log": "user",
	"Activity Log": "user",
	"Contact": "user",
	"Dashboard Settings": "name",
	"DefaultValue": "parent",
	"DocShare": "user",
	"Document Follow": "user",
	"List Filter": "for_user",
	"Digest Entry": "for_user",
	"Notification Log": "for_user",
	"Notification Settings": "name",
	"Route History": "user",
	"ToDo": "allocated_to",
	"User Permission": "user",
	"View Log": "viewed_by",
	"Workspace": "for_user",
}
"""Rows of one user that do not hang on a grid: the column with the user's name."""


def remove(name: str = "tulingdi") -> None:
	"""Remove the demo *name*: its rows, what was done in its grids, its accounts and its series numbers.

	Nothing is done when it is not loaded. Grids that were there before stay as they were.
	"""
	name = name.lower()
	made = manifest.stored(name)
	if not made:
		return
	gone = _rows_to_remove(made)
	users = gone.get("User", [])
	urls = set(
		frappe.get_all(
			"File", {"name": ("in", gone.get("File") or [""])}, pluck="file_url", order_by="name asc"
		)
	)
	for doctype, names in gone.items():
		_delete(doctype, names)
	_delete_accounts(users)
	manifest.drop(name)
	_restore(made)
	scope.forget()
	frappe.db.after_commit.add(lambda: _delete_files(urls))


def _rows_to_remove(made: Manifest) -> dict[str, list[str]]:
	"""Return the names to remove by DocType: what the load made, what hangs on its grids, and rows about those."""
	gone: dict[str, set[str]] = defaultdict(
		set, {doctype: set(names) for doctype, names in made.rows.items()}
	)
	paths = frappe.get_all(
		"Grid", {"name": ("in", made.rows["Grid"])}, pluck="grid_path", order_by="name asc"
	)
	within = scope.rules.merge(map(scope.rules.subtree, paths))
	for doctype in structure.doctypes_with_path():
		for lo, hi in within:
			below = [["grid_path", ">=", lo], ["grid_path", "<", hi]]
			gone[doctype].update(
				frappe.get_all(doctype, filters=below, pluck="name", order_by="name asc", limit_page_length=0)
			)
	gone["User"].update(_accounts_made(gone["Account Log"]))
	for doctype, names in list(gone.items()):
		for about, (of_doctype, of_name) in ABOUT_A_ROW.items():
			rows = {of_doctype: doctype, of_name: ("in", sorted(names))}
			gone[about].update(
				frappe.get_all(about, filters=rows, pluck="name", order_by="name asc", limit_page_length=0)
			)
	users = ("in", sorted(gone["User"]))
	for doctype, column in OF_A_USER.items():
		gone[doctype].update(
			frappe.get_all(
				doctype, filters={column: users}, pluck="name", order_by="name asc", limit_page_length=0
			)
		)
	return {doctype: sorted(names) for doctype, names in gone.items() if names}


def _accounts_made(log: Collection[str]) -> list[str]:
	"""Return the users whom the lines *log* of the Account Log say to have been made for people of the demo."""
	made = {"name": ("in", sorted(log)), "event": "Created"}
	return frappe.get_all("Account Log", made, pluck="user", order_by="user asc", limit_page_length=0)


def _delete(doctype: str, names: list[str]) -> None:
	frappe.db.delete(doctype, {"name": ("in", names)})
	frappe.db.delete("__global_search", {"doctype": doctype, "name": ("in", names)})
	if doctype == IDENTITY:
		frappe.db.delete("__Auth", {"doctype": doctype, "name": ("in", names)})
	for table in frappe.get_meta(doctype).get_table_fields():
		frappe.db.delete(table.options, {"parenttype": doctype, "parent": ("in", names)})
	caches.forget(
		lambda: frappe.cache.delete_value([frappe.get_document_cache_key(doctype, name) for name in names])
	)


def _delete_accounts(users: list[str]) -> None:
	if not users:
		return
	session = DocType("Sessions")
	of_users = session.user.isin(users)
	sids = frappe.qb.from_(session).select(session.sid).where(of_users).run(pluck=True)
	frappe.qb.from_(session).delete().where(of_users).run()
	frappe.db.delete("__Auth", {"doctype": "User", "name": ("in", users)})
	frappe.db.delete("__UserSettings", {"user": ("in", users)})

	def forget() -> None:
		for sid in sids:
			frappe.cache.hdel("session", sid)
		caches.forget_users()

	caches.forget(forget)


def _restore(made: Manifest) -> None:
	"""Set villages and series that were there before to what they were, where nobody has gone on since."""
	for village, (planned, is_group) in made.villages.items():
		has_grids = frappe.db.exists("Grid", {"parent_grid": village})
		values = {"planned_households": planned, "is_group": is_group or int(bool(has_grids))}
		frappe.db.set_value("Grid", village, values, update_modified=False)
	series = DocType("Series")
	now = manifest.counters()
	for name, (before, after) in made.series.items():
		if now.get(name) != after:
			_hand_over(name, before, after)
		elif before is None:
			frappe.db.delete("Series", {"name": name})
		else:
			frappe.qb.update(series).set(series.current, before).where(series.name == name).run()
	renumber()


def _hand_over(series: str, before: int | None, after: int) -> None:
	"""Let the demo that went on in *series* right *after* this one give back the numbers of both."""
	for name in manifest.loaded():
		other = manifest.stored(name)
		if other.series.get(series, [None])[0] == after:
			other.series[series][0] = before
			manifest.store(name, other)


def _delete_files(urls: set[str]) -> None:
	"""Delete the files of *urls* that no File row names any more; runs after the commit."""
	kept = set(
		frappe.get_all(
			"File", {"file_url": ("in", sorted(urls) or [""])}, pluck="file_url", order_by="name asc"
		)
	)
	for url in urls - kept:
		if url and url.startswith(("/private/files/", "/files/")):
			folder = "" if url.startswith("/private/") else "public/"
			Path(frappe.get_site_path(folder + url.lstrip("/"))).unlink(missing_ok=True)
