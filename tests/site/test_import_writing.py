"""What an import writes: the very rows that saving them would have left, once, whatever happens meanwhile."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import frappe
import pytest
from frappe.utils.password import get_decrypted_password

from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.actions import care
from grid_governance.setup import seeds
from tests import import_town, ledger_homes
from tests.ledger_homes import Home

pytestmark = pytest.mark.commits

TODAY = date(2026, 3, 1)
OWN = {"name", "creation", "modified", "parent"}
"""Columns that differ between two rows that are alike."""


@pytest.fixture(scope="module")
def town(site: str) -> Iterator[frappe._dict]:
	with import_town.taken_away() as town:
		yield town


@pytest.fixture(autouse=True)
def _empty(town: frappe._dict) -> Iterator[None]:
	"""Leave the town to the next test without people."""
	yield
	frappe.db.rollback()
	frappe.set_user("Administrator")
	for doctype in import_town.BY_GRID[:5]:
		frappe.db.delete(doctype, {"grid_path": ["like", f"{town.path}%"]})
	frappe.db.commit()


def homes(town: frappe._dict, households: int, people: int, grid: int = 0, seed: int = 1) -> list[Home]:
	"""So many people in households of one grid, with care."""
	in_care = {key: seeds.name_of(f"care_category/{key}") for key in ledger_homes.CARE}
	return ledger_homes.homes([town.places[grid]], households, people, seed, TODAY, in_care)


class TestTheSameAsSaved:
	def test_a_thousand_rows(self, town):
		"""Imported into one village, saved one by one into the other; then each column of each row is compared."""
		brought = homes(town, 300, 1000)
		import_town.imported(town, import_town.sheet(brought))
		with import_town.speaking_chinese(town.user):
			for home in brought:
				save(home, town.grids[1][0])
		care.apply_age_rules()  # as every day
		written, saved = (people_of(village) for village in town.villages)
		assert len(written[RESIDENT]) == len(saved[RESIDENT]) == 1000
		for doctype, rows in saved.items():
			assert written[doctype].keys() == rows.keys()
			different = [
				(key, field, written[doctype][key][field], value)
				for key, row in rows.items()
				for field, value in row.items()
				if written[doctype][key][field] != value
			]
			assert different == []


def save(home: Home, grid: str) -> None:
	"""Save *home* with its people into *grid* as somebody would who types it in."""
	household = make(HOUSEHOLD, of(home.values, HOUSEHOLD), grid=grid)
	for person in home.people:
		resident = make(RESIDENT, of(person.values, RESIDENT), household=household)
		make(IDENTITY, of(person.values, IDENTITY), resident=resident)
		if said := of(person.values, CONTACT):
			make(CONTACT, said, resident=resident)
		for category in of(person.values, CARE):
			make(CARE, {"category": category}, resident=resident, source=care.IMPORTED)


def make(doctype: str, values: dict[str, Any], **others: Any) -> str:
	return frappe.get_doc({"doctype": doctype, **values, **others}).insert().name


def of(values: dict[str, Any], doctype: str) -> dict[str, Any]:
	"""What *values*, by target, say of *doctype*, by field."""
	return {
		key.partition(".")[2]: value
		for key, value in values.items()
		if key.partition(".")[0] == doctype and value is not None
	}


def people_of(village: str) -> dict[str, dict[str, dict[str, Any]]]:
	"""All rows of *village* by DocType and by what they are known by, links as that instead of names, numbers decrypted."""
	path = frappe.db.get_value("Grid", village, "grid_path")
	found: dict[str, dict[str, dict[str, Any]]] = {}
	known: dict[str, str] = {}
	for doctype in (HOUSEHOLD, RESIDENT, IDENTITY, CONTACT, CARE):
		rows = frappe.get_all(doctype, {"grid_path": ["like", f"{path}%"]}, "*", limit_page_length=0)
		known |= {row.name: _key(doctype, row, known) for row in rows}
		found[doctype] = {known[row.name]: row for row in rows}
		assert len(found[doctype]) == len(rows)
	for doctype, rows in found.items():
		for row in rows.values():
			if doctype == IDENTITY:
				row["plain"] = get_decrypted_password(IDENTITY, row.name, "id_number")
			for field in [field for field in row if field in OWN or field.startswith(("grid", "_path"))]:
				del row[field]
			row.update({field: known[value] for field, value in row.items() if value in known})
	return found


def _key(doctype: str, row: frappe._dict, known: dict[str, str]) -> str:
	if doctype == HOUSEHOLD:
		return row.household_no
	if doctype == RESIDENT:
		return f"{known[row.household]} {row.resident_name}"
	return f"{doctype} {known[row.resident]} {row.get('category') or ''}"
