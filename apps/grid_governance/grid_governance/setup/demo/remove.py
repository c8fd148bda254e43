"""Removing a demo township with everything that was loaded or has been done in it since."""

from collections import defaultdict
from pathlib import Path

import frappe
from frappe.query_builder import DocType
from pypika import Table
from pypika.queries import QueryBuilder
from pypika.terms import Criterion

from grid_governance import scope
from grid_governance.grid_ledger import IDENTITY
from grid_governance.grid_structure import queries as structure
from grid_governance.grid_structure.actions import renumber
from grid_governance.scope import Range
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
	within = _within(made)
	gone = _rows_to_remove(made, within)
	users = gone.get("User", [])
	urls = set(
		frappe.get_all(
			"File", {"name": ("in", gone.get("File") or [""])}, pluck="file_url", order_by="name asc"
		)
	)
	for doctype in structure.doctypes_with_path():
		for stretch in within:
			_sweep(doctype, stretch)
	for doctype, names in gone.items():
		_delete(doctype, names)
	_delete_accounts(users)
	manifest.drop(name)
	_restore(made)
	scope.forget()
	frappe.db.after_commit.add(lambda: _delete_files(urls))


def _within(made: Manifest) -> list[Range]:
	"""Return the stretches of paths below the grids that the load made, whatever has been put there since."""
	paths = frappe.get_all(
		"Grid", {"name": ("in", made.rows["Grid"])}, pluck="grid_path", order_by="name asc"
	)
	return scope.rules.merge(map(scope.rules.subtree, paths))


def _rows_to_remove(made: Manifest, within: list[Range]) -> dict[str, list[str]]:
	"""Return the names to remove by DocType: what the load made, accounts, and rows about what lies *within*.

	What lies there itself is not named: it may be a million rows.
	"""
	gone: dict[str, set[str]] = defaultdict(
		set, {doctype: set(names) for doctype, names in made.rows.items()}
	)
	for stretch in within:
		gone["User"].update(_accounts_made(stretch))
		for doctype in structure.doctypes_with_path():
			for about in ABOUT_A_ROW:
				gone[about].update(_about(about, doctype, _standing(doctype, stretch)))
	for doctype, names in {**made.rows, "User": gone["User"]}.items():
		for about in ABOUT_A_ROW:
			gone[about].update(_about(about, doctype, sorted(names) or [""]))
	users = ("in", sorted(gone["User"]))
	for doctype, column in OF_A_USER.items():
		gone[doctype].update(
			frappe.get_all(
				doctype, filters={column: users}, pluck="name", order_by="name asc", limit_page_length=0
			)
		)
	return {doctype: sorted(names) for doctype, names in gone.items() if names}


def _standing(doctype: str, stretch: Range) -> QueryBuilder:
	"""The names of the rows of *doctype* that lie in *stretch*, as a subquery."""
	row = DocType(doctype)
	return frappe.qb.from_(row).select(row.name).where(_lies_in(row, stretch))


def _lies_in(row: Table, stretch: Range) -> Criterion:
	return (row.grid_path >= stretch.lo) & (row.grid_path < stretch.hi)


def _about(about: str, doctype: str, names: QueryBuilder | list[str]) -> list[str]:
	"""Return the rows of *about* that tell of the rows *names* of *doctype*."""
	of_doctype, of_name = ABOUT_A_ROW[about]
	row = DocType(about)
	return (
		frappe.qb.from_(row)
		.select(row.name)
		.where((row[of_doctype] == doctype) & row[of_name].isin(names))
		.run(pluck=True)
	)


def _accounts_made(stretch: Range) -> list[str]:
	"""Return the users whom the Account Log says to have been made for people in *stretch*."""
	log = DocType("Account Log")
	made = frappe.qb.from_(log).select(log.user).where(log.event == "Created")
	return made.where(_lies_in(log, stretch)).run(pluck=True)


def _sweep(doctype: str, stretch: Range) -> None:
	"""Delete the rows of *doctype* that lie in *stretch*, with their own tables, numbers and what search knows of them."""
	standing = _standing(doctype, stretch)
	_delete_hanging(doctype, standing)
	row = DocType(doctype)
	frappe.qb.from_(row).delete().where(_lies_in(row, stretch)).run()
	caches.forget(lambda: frappe.cache.delete_keys(frappe.get_document_cache_key(doctype, "")))


def _delete(doctype: str, names: list[str]) -> None:
	_delete_hanging(doctype, names)
	frappe.db.delete(doctype, {"name": ("in", names)})
	caches.forget(
		lambda: frappe.cache.delete_value([frappe.get_document_cache_key(doctype, name) for name in names])
	)


def _delete_hanging(doctype: str, names: QueryBuilder | list[str]) -> None:
	"""Delete what the rows *names* of *doctype* have in other tables: child rows, numbers, words to search for."""
	search, secret = Table("__global_search"), Table("__Auth")
	frappe.qb.from_(search).delete().where((search.doctype == doctype) & search.name.isin(names)).run()
	if doctype == IDENTITY:
		frappe.qb.from_(secret).delete().where((secret.doctype == doctype) & secret.name.isin(names)).run()
	for field in frappe.get_meta(doctype).get_table_fields():
		child = DocType(field.options)
		frappe.qb.from_(child).delete().where((child.parenttype == doctype) & child.parent.isin(names)).run()


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
