"""The data of the suite `import_residents`: a town without people, its secretary, and files of those who live there.

33 villages with six grids each. 25,000 people in 8,000 households fill ten of the villages, 180,000 in 60,000 all of them;
another village is there for Frappe's Data Import. The files come from the generator that the tests use, with the words of
the desk, a number for everybody, phones and care; they stay beside the site and are made once.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import frappe
from openpyxl import Workbook

import tests
from grid_governance import scope
from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_structure.actions import tree
from grid_governance.grid_structure.rules import GRID, TOWNSHIP, VILLAGE
from grid_governance.setup import seeds

tests.__path__.insert(
	0, str(Path(__file__).parent.parent / "tests")
)  # another distribution has a package of that name

from tests import ledger_files, ledger_homes  # noqa: E402

TOWN = "990201100"
TOWN_NAME = "基准镇"
VILLAGES, GRIDS = 33, 6
SECRETARY = "secretary-import@example.com"
ROLE = "Village Secretary"
DAY = date(2026, 3, 1)
"""On which the people of the files are as old as they are."""

WRITTEN = (CARE, CONTACT, IDENTITY, RESIDENT, HOUSEHOLD)
Rows = list[dict[str, Any]]


def ensure() -> None:
	"""Make the town and its secretary unless they are there; take away whoever lives in it."""
	if not frappe.db.exists("Grid", TOWN):
		tree.insert_nodes(list(_nodes()))
		scope.forget()
	if not frappe.db.exists("User", SECRETARY):
		_make_secretary()
	empty()
	frappe.clear_cache()


def empty() -> None:
	"""Take away the people of the town, what hangs on them, and the imports that brought them."""
	path = frappe.db.get_value("Grid", TOWN, "grid_path")
	within = {"grid_path": ["like", f"{path}%"]}
	frappe.db.sql(
		"""delete auth from `__Auth` auth join `tabResident Identity` identity on identity.name = auth.name
		where auth.doctype = 'Resident Identity' and identity.grid_path like %s""",
		f"{path}%",
	)
	for doctype in (*WRITTEN, "Ledger Import Line", "Ledger Import"):
		frappe.db.delete(doctype, within)
	frappe.db.delete("Data Import", {"owner": SECRETARY})
	frappe.db.commit()


def town(
	households: int, people: int, villages: int, first: int = 0, seed: int = 1
) -> list[ledger_homes.Home]:
	"""Return households with their people, spread over so many *villages* from the *first* on."""
	places = [
		ledger_homes.Place(_village_name(village), _grid_name(grid), _grid_code(village, grid))
		for village in range(first, first + villages)
		for grid in range(GRIDS)
	]
	care = {key: seeds.name_of(f"care_category/{key}") for key in ledger_homes.CARE}
	return ledger_homes.homes(places, households, people, seed=seed, today=DAY, care=care)


def file(households: int, people: int, villages: int) -> Path:
	"""Return an Excel file of so many, a row for each person; made once."""
	sources = [Path(module.__file__) for module in (ledger_files, ledger_homes)]
	version = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:8]
	path = _folder() / f"{people}-{households}-{villages}-{version}.xlsx"
	if not path.exists():
		path.write_bytes(ledger_files.xlsx(ledger_files.one_sheet(town(households, people, villages))))
	return path


def plain_file(households: int, people: int, villages: int) -> Path:
	"""Return a file of the same people as Data Import wants it, without their households; made once."""
	path = file(households, people, villages).with_suffix(".stock.xlsx")
	if not path.exists():
		found = ledger_homes.everybody(town(households, people, villages))
		_write([_fields(person.values, RESIDENT) for person in found], path)
	return path


def sheets_for_stock(homes: list[ledger_homes.Home]) -> Iterator[tuple[str, Callable[[], Rows]]]:
	"""Yield the DocTypes that Data Import fills one after another, each with what makes its rows of what stands by then.

	Its user looks up in between how the households and the people were named.
	"""
	yield (
		HOUSEHOLD,
		lambda: [_fields(home.values, HOUSEHOLD) | {"grid": home.values["Grid.code"]} for home in homes],
	)
	yield RESIDENT, lambda: _with("household", _household_names(homes), [
		_fields(person.values, RESIDENT) for person in ledger_homes.everybody(homes)
	])  # fmt: skip
	for doctype, extra in (
		(IDENTITY, {"id_type": "Citizen Number"}),
		(CONTACT, {"kind": "Own", "is_main": 1}),
	):
		yield doctype, lambda doctype=doctype, extra=extra: _with("resident", _resident_names(homes), [
			fields | extra if (fields := _fields(person.values, doctype)) else {}
			for person in ledger_homes.everybody(homes)
		])  # fmt: skip
	yield (
		CARE,
		lambda: [
			{"resident": name, "category": key.partition(".")[2], "since": DAY}
			for name, person in zip(_resident_names(homes), ledger_homes.everybody(homes), strict=True)
			for key in person.values
			if key.startswith(f"{CARE}.")
		],
	)


def excel(rows: Rows, name: str) -> str:
	"""Write *rows* into a private Excel file of the site, as Data Import wants it, and return its address."""
	path = _folder() / f"{name}.xlsx"
	_write(rows, path)
	return uploaded(path)


def uploaded(path: Path) -> str:
	"""Bring *path* to the site as a private file, the way Data Import finds it, and return its address."""
	values = {"doctype": "File", "file_name": path.name, "is_private": 1, "content": path.read_bytes()}
	return frappe.get_doc(values).insert().file_url


def _write(rows: Rows, path: Path) -> None:
	"""Write *rows* with their fieldnames as headings."""
	book = Workbook()  # not the one that only writes: its rows end at the last cell that is filled
	page = book.active
	headings = list(dict.fromkeys(key for row in rows for key in row))
	page.append(headings)
	for row in rows:
		page.append([row.get(heading) for heading in headings])
	book.save(path)


def _fields(values: dict[str, Any], doctype: str) -> dict[str, Any]:
	begin = f"{doctype}."
	return {
		key.removeprefix(begin): value
		for key, value in values.items()
		if key.startswith(begin) and value is not None
	}


def _with(field: str, names: list[str], rows: Rows) -> Rows:
	return [{field: name} | row for name, row in zip(names, rows, strict=True) if row]


def _household_names(homes: list[ledger_homes.Home]) -> list[str]:
	"""The name of the household of each person."""
	numbers = [home.values["Household.household_no"] for home in homes]
	grids = [home.values["Grid.code"] for home in homes]
	found = {
		(row.grid, row.household_no): row.name
		for row in frappe.get_all(
			HOUSEHOLD,
			filters={"grid": ["in", sorted(set(grids))]},
			fields=["name", "grid", "household_no"],
			order_by="name asc",
			limit_page_length=0,
		)
	}
	return [
		found[grid, number]
		for grid, number, home in zip(grids, numbers, homes, strict=True)
		for _person in home.people
	]


def _resident_names(homes: list[ledger_homes.Home]) -> list[str]:
	"""The name of each person, nobody of whose household is called like her."""
	households = _household_names(homes)
	found = {
		(row.household, row.resident_name): row.name
		for row in frappe.get_all(
			RESIDENT,
			filters={"household": ["in", sorted(set(households))]},
			fields=["name", "household", "resident_name"],
			order_by="name asc",
			limit_page_length=0,
		)
	}
	people = ledger_homes.everybody(homes)
	return [found[household, person.name] for household, person in zip(households, people, strict=True)]


def _nodes() -> Iterator[dict[str, object]]:
	level = dict(
		frappe.get_all("Grid Level", fields=["position", "name"], as_list=True, order_by="position asc")
	)
	yield _node(TOWN, TOWN_NAME, level[TOWNSHIP], None) | {"division_code": TOWN}
	for village in range(VILLAGES + 1):
		code = _village_code(village)
		yield _node(code, _village_name(village), level[VILLAGE], TOWN) | {"division_code": code}
		for grid in range(GRIDS):
			yield _node(_grid_code(village, grid), _grid_name(grid), level[GRID], code)


def _node(code: str, name: str, level: str, parent: str | None) -> dict[str, object]:
	return {"grid_name": name, "grid_code": code, "grid_level": level, "parent_grid": parent}


def _village_code(village: int) -> str:
	return f"{TOWN}{village + 200:03}"


def _village_name(village: int) -> str:
	return f"里溪{village + 1}村"


def _grid_name(grid: int) -> str:
	return f"第{grid + 1}网格"


def _grid_code(village: int, grid: int) -> str:
	return f"{_village_code(village)}{grid + 1:03}"


def _make_secretary() -> None:
	"""Somebody who may enter all that the files hold, in the whole town: her post has no level."""
	user = frappe.new_doc(
		"User", email=SECRETARY, first_name=SECRETARY, language="zh", send_welcome_email=0
	).insert()
	post = {"doctype": "Grid Post", "post_name": SECRETARY, "role": ROLE}
	worker = {"doctype": "Grid Worker", "worker_name": SECRETARY, "grid": TOWN, "user": user.name}
	held = {"worker": frappe.get_doc(worker).insert().name, "post": frappe.get_doc(post).insert().name}
	frappe.get_doc(
		{"doctype": "Grid Post Assignment", "grid": TOWN, "from_date": "2020-01-01", **held}
	).insert()
	frappe.db.commit()


def _folder() -> Path:
	folder = Path(frappe.get_site_path("private", "benchmarks"))
	folder.mkdir(parents=True, exist_ok=True)
	return folder
