"""A township that files are imported into. Committed, since the jobs of an import commit, and taken away with what they brought."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import frappe

from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.importing import desk, run
from grid_governance.grid_ledger.importing.uploads import IMPORT, LINE
from tests import ledger_files
from tests.factories import make_holder, make_township
from tests.ledger_homes import Home, Place

ROLE = "Village Secretary"
HANGING = (CARE, CONTACT, IDENTITY)
BY_GRID = (*HANGING, RESIDENT, HOUSEHOLD, "Household Change", LINE, IMPORT, "Grid Worker", "Grid")


def build(villages: int = 2, grids: int = 2) -> frappe._dict:
	"""A township with its secretary, committed: `root` and `path`, `places` (of all grids), `villages` (names), `user`."""
	made = make_township(villages, grids)
	user = make_holder(ROLE, made.root.name)
	frappe.db.set_value("User", user, "language", "zh")
	town = frappe._dict(
		root=made.root.name,
		path=made.root.grid_path,
		villages=[village.name for village in made.villages],
		grids=[[grid.name for grid in of_village] for of_village in made.grids],
		places=[
			Place(village.grid_name, grid.grid_name, grid.grid_code)
			for village, of_village in zip(made.villages, made.grids, strict=True)
			for grid in of_village
		],
		user=user,
	)
	frappe.db.commit()
	return town


@contextmanager
def taken_away(villages: int = 2, grids: int = 2) -> Iterator[frappe._dict]:
	"""A township as of `build`, until the end of the block."""
	town = build(villages, grids)
	try:
		yield town
	finally:
		frappe.db.rollback()
		frappe.set_user("Administrator")
		remove(town)


def sheet(homes: Sequence[Home], **look: object) -> bytes:
	"""An Excel file of *homes*, a row for each person, by the codes of their grids."""
	return ledger_files.xlsx(ledger_files.one_sheet(homes, ledger_files.Look(grids="code", **look)))


def bring(town: frappe._dict, content: bytes, grid: str | None = None) -> str:
	"""A new import of the Excel file *content* by the secretary, for the town or for *grid*, about to be checked."""
	with speaking_chinese(town.user):
		doc = frappe.get_doc({"doctype": IMPORT, "grid": grid or town.root}).insert()
		file = frappe.get_doc(
			doctype="File",
			file_name=f"{doc.name}.xlsx",
			attached_to_doctype=IMPORT,
			attached_to_name=doc.name,
			attached_to_field="file",
			is_private=1,
			content=content,
		).insert()
		doc.file = file.file_url
		doc.save()
		desk.look(doc.name)
		desk.ready_to_check(frappe.get_doc(IMPORT, doc.name), "{}")
	frappe.db.commit()
	return doc.name


def make_ready(town: frappe._dict, name: str) -> None:
	"""Let the import *name* be written next, or be gone on with."""
	with speaking_chinese(town.user):
		desk.ready_to_write(frappe.get_doc(IMPORT, name))
	frappe.db.commit()


def check(name: str) -> frappe._dict:
	"""Do the job that checks the import *name*; return its row."""
	run.check(name)
	return row(name)


def write(town: frappe._dict, name: str) -> frappe._dict:
	"""Let the import *name* be written and do the job; return its row."""
	make_ready(town, name)
	run.write(name)
	return row(name)


def imported(town: frappe._dict, content: bytes, grid: str | None = None) -> frappe._dict:
	"""Bring *content*, check and write it; return the row of the import."""
	name = bring(town, content, grid)
	checked = check(name)
	assert checked.state == "Checked", checked.error
	return write(town, name)


def row(name: str) -> frappe._dict:
	"""The row of the import *name* as it stands now."""
	frappe.db.rollback()
	return frappe.db.get_value(IMPORT, name, "*", as_dict=True)


def lines(name: str, verdict: str | None = None) -> list[frappe._dict]:
	"""The lines of the import *name*, of one *verdict* or all, with their `details` as an object."""
	wanted = {"ledger_import": name, **({"verdict": verdict} if verdict else {})}
	found = frappe.get_all(LINE, wanted, "*", order_by="sheet asc, row_no asc")
	for line in found:
		line.details = frappe.parse_json(line.details or "{}")
	return found


def count(town: frappe._dict, doctype: str = RESIDENT, **filters: object) -> int:
	"""How many rows of *doctype* lie in the town."""
	frappe.db.rollback()
	return frappe.db.count(doctype, {"grid_path": ["like", f"{town.path}%"], **filters})


@contextmanager
def speaking_chinese(user: str) -> Iterator[None]:
	"""Act as *user*, whose language is Chinese."""
	before, language = frappe.session.user, frappe.local.lang
	frappe.set_user(user)
	frappe.local.lang = "zh"
	try:
		yield
	finally:
		frappe.set_user(before)
		frappe.local.lang = language


def remove(town: frappe._dict) -> None:
	"""Take the town away with everything that was brought into it."""
	within = {"grid_path": ["like", f"{town.path}%"]}
	for doctype in (RESIDENT, IMPORT):
		names = frappe.get_all(doctype, within, pluck="name")
		for table in ("Resident Skill", "Household Change Member", "Ledger Import Column"):
			frappe.db.delete(table, {"parent": ["in", names or [""]]})
	for doctype in BY_GRID[:5]:
		names = frappe.get_all(doctype, within, pluck="name")
		for table, field in (("Version", "docname"), ("__Auth", "name")):
			frappe.db.delete(table, {field: ["in", names or [""]]})
	for file in frappe.get_all("File", {"attached_to_doctype": IMPORT, "owner": town.user}, pluck="name"):
		frappe.delete_doc("File", file, force=True, ignore_permissions=True)
	workers = frappe.get_all("Grid Worker", within, pluck="name")
	posts = frappe.get_all("Grid Post Assignment", {"worker": ["in", workers or [""]]}, pluck="post")
	frappe.db.delete("Grid Post Assignment", {"worker": ["in", workers or [""]]})
	frappe.db.delete("Grid Post", {"name": ["in", posts or [""]]})
	for doctype in BY_GRID:
		frappe.db.delete(doctype, within)
	frappe.delete_doc("User", town.user, force=True, ignore_permissions=True)
	frappe.db.commit()
