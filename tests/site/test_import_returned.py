"""What is refused comes back, is corrected where it is marked, and is then in the ledger: nobody is lost, nobody is there twice."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import frappe
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.importing import columns
from grid_governance.grid_ledger.importing.uploads import IMPORT
from grid_governance.spreadsheet import book
from tests import import_town, ledger_files, ledger_homes
from tests.ledger_files import Look
from tests.ledger_homes import Home, Person
from tests.ledger_mistakes import Mistake, Slip

pytestmark = pytest.mark.commits

TODAY = date(2026, 3, 1)
HOUSEHOLDS, PEOPLE = 60, 200
LOOKS = {
	"a list": Look(grids="code"),
	"a printed form": Look(
		title=True, two_rows=True, totals=True, first_only=True, colloquial=True, dates="text", grids="code"
	),
}


@pytest.fixture
def town(site: str) -> Iterator[frappe._dict]:
	with import_town.taken_away(1, 2) as town:
		yield town


@pytest.fixture
def homes(town) -> list[Home]:
	made = ledger_homes.homes(town.places, HOUSEHOLDS, PEOPLE, 7, TODAY)
	ledger_homes.spoil(made, [*Mistake, *Slip], seed=7)
	return made


def refused_sheet(name: str) -> Worksheet:
	"""The file of refused rows of the import *name*, opened."""
	url = frappe.db.get_value(IMPORT, name, "refused_file")
	return load_workbook(BytesIO(frappe.get_doc("File", {"file_url": url}).get_content())).worksheets[0]


def saved(sheet: Worksheet) -> bytes:
	out = BytesIO()
	sheet.parent.save(out)
	return out.getvalue()


def places(content: bytes) -> dict[str, int]:
	"""Where the columns of a file stand, from 1, by target."""
	_heading, found = columns.recognise(book.read(content, "x.xlsx").sheets[0], columns.PEOPLE)
	return {each.key: each.index + 1 for each in found if each.key}


def written(key: str, value: Any) -> Any:
	"""*value* of the target *key* as people write it."""
	if isinstance(value, date):
		return value.isoformat()
	return columns.targets(columns.PEOPLE)[key].labels.get(value, value)


def correct(sheet: Worksheet, row: int, at: dict[str, int], person: Person, homes: list[Home]) -> None:
	"""Write into the cells of *person* what she and her household really have."""
	home = next(home for home in homes if person in home.people)
	for key in person.cells.keys() & at.keys():
		sheet.cell(row, at[key]).value = written(key, (home.values | person.values).get(key))


@pytest.mark.parametrize("look", LOOKS)
def test_every_mistake_comes_back_and_once_corrected_everybody_is_there_once(town, homes, look):
	sheet = ledger_files.one_sheet(homes, LOOKS[look])
	wrong = {row: person for row, person in sheet.people.items() if person.mistake}
	first = import_town.imported(town, ledger_files.xlsx(sheet))
	told = {line.row_no: line for line in import_town.lines(first.name, "Refused")}
	assert told.keys() == wrong.keys(), {row: wrong[row].mistake for row in wrong.keys() - told.keys()}
	assert (first.rows_refused, first.rows_new) == (len(wrong), PEOPLE - len(wrong))

	with import_town.speaking_chinese(town.user):
		back = refused_sheet(first.name)
		at = places(saved(back))
	assert back.max_row == len(wrong) + 1
	for row, number in enumerate(wrong, start=2):
		*cells, reason = back[row]
		assert reason.value, f"row {number} says nothing"
		at_fault = {problem["target"] for problem in told[number].details["problems"]} & at.keys()
		assert {at[key] for key in at_fault} == {cell.column for cell in cells if cell.fill.fill_type}
		assert all(cell.comment for cell in cells if cell.fill.fill_type)

	as_it_is = import_town.imported(town, saved(back))
	assert (as_it_is.rows_refused, as_it_is.rows_new, as_it_is.rows_changed) == (len(wrong), 0, 0), [
		line for line in import_town.lines(as_it_is.name) if line.verdict != "Refused"
	]

	for row, person in enumerate(wrong.values(), start=2):
		correct(back, row, at, person, homes)
	last = import_town.imported(town, saved(back))
	assert (last.state, last.rows_refused, last.rows_to_decide) == ("Done", 0, 0), [
		line.details for line in import_town.lines(last.name)
	]
	assert import_town.count(town, RESIDENT) == PEOPLE
	assert import_town.count(town, HOUSEHOLD) == HOUSEHOLDS
	whole = import_town.imported(town, ledger_files.xlsx(_clean(homes, LOOKS[look])))
	assert (whole.rows_new, whole.rows_refused, whole.rows_unchanged) == (0, 0, PEOPLE)


def _clean(homes: list[Home], look: Look) -> ledger_files.Sheet:
	for home in homes:
		for person in home.people:
			person.cells = {} if person.mistake else person.cells
	return ledger_files.one_sheet(homes, look)
