"""The files that tests and benchmarks import: as wrong as they say, and otherwise right."""

import io
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from grid_governance.grid_ledger.rules import households, numbers
from tests import ledger_files as files
from tests import ledger_homes as town
from tests.ledger_mistakes import NUMBER, Mistake, Slip

TODAY = date(2026, 3, 1)
PLACES = [
	town.Place(f"里溪{village}村", f"第{grid}网格", f"9901011000{village:02}00{grid}")
	for village in (1, 2)
	for grid in (1, 2)
]
LOOKS = [
	files.Look(),
	files.Look(title=True, two_rows=True, totals=True, merged_down=True, colloquial=True, dates="text"),
	files.Look(title=True, first_only=True, dates="serial", grids="code"),
]


def made(seed: int = 1) -> list[town.Home]:
	return town.homes(PLACES, 60, 200, seed, TODAY, {key: key for key in town.CARE})


def test_a_clean_file_obeys_the_rules():
	homes = made()
	people = list(town.everybody(homes))
	assert (len(homes), len(people)) == (60, 200)
	for home in homes:
		relations = {person.name: person.values["Resident.relation_to_head"] for person in home.people}
		assert len(relations) == len(home.people), "nobody is called like somebody else in the house"
		assert households.head_problem(relations) is None
		assert home.people[0].values["Resident.relation_to_head"] == households.HEAD
	for person in people:
		says = numbers.citizen(person.values[NUMBER], TODAY)
		assert (says.birth_date, says.sex) == (
			person.values["Resident.birth_date"],
			person.values["Resident.sex"],
		)
	assert len({person.values[NUMBER] for person in people}) == 200
	assert len({(home.values["Grid.village"], home.values["Household.household_no"]) for home in homes}) == 60


def test_the_same_seed_gives_the_same_file():
	assert files.one_sheet(made()).rows == files.one_sheet(made()).rows
	assert files.one_sheet(made()).rows != files.one_sheet(made(2)).rows


@pytest.mark.parametrize("look", LOOKS)
def test_everybody_stands_in_the_row_that_the_file_says(look):
	homes = made()
	sheet = files.one_sheet(homes, look)
	read = CalamineWorkbook.from_filelike(io.BytesIO(files.xlsx(sheet))).get_sheet_by_index(0)
	rows = read.to_python(skip_empty_area=False)
	assert len(rows) == len(sheet.rows)
	column = next(at for row in sheet.rows for at, cell in enumerate(row) if cell == "姓名")
	assert len(sheet.people) == 200
	for number, person in sheet.people.items():
		assert rows[number - 1][column] == person.name
	assert len(read.merged_cell_ranges or []) == len(sheet.merged)


def test_every_mistake_and_every_slip_is_somewhere():
	homes = made()
	hit = town.spoil(homes, [*Mistake, *Slip])
	assert set(hit) == {*Mistake, *Slip}
	everywhere = [id(person) for people in hit.values() for person in people]
	assert len(everywhere) == len(set(everywhere))
	clean = files.one_sheet(made()).rows[1:]
	spoilt = files.one_sheet(homes)
	differ = {
		number for number, person in spoilt.people.items() if spoilt.rows[number - 1] != clean[number - 2]
	}
	told = {number for number, person in spoilt.people.items() if person.mistake or person.slip}
	assert differ <= told
	households_hit = {Mistake.NO_HEAD, Mistake.TWO_HEADS}  # where one row is at fault and all are told
	assert all(spoilt.people[number].mistake in households_hit for number in told - differ)


def test_a_number_of_excel_has_lost_digits():
	homes = made()
	(person,) = town.spoil(homes, [Mistake.ROUNDED])[Mistake.ROUNDED]
	assert isinstance(person.cells[NUMBER], float)
	text = files.csv_text(files.one_sheet(homes), "gb18030", ";").decode("gb18030")
	assert str(person.cells[NUMBER]) in text


def test_what_begins_like_a_formula_is_a_text():
	homes = made()
	(person,) = town.spoil(homes, [Slip.FORMULA])[Slip.FORMULA]
	rows = CalamineWorkbook.from_filelike(io.BytesIO(files.xlsx(files.one_sheet(homes)))).get_sheet_by_index(
		0
	)
	assert person.cells["Resident.occupation"] in [cell for row in rows.to_python() for cell in row]


def test_two_sheets_name_the_household_in_both():
	homes = made()
	homes_hit = town.spoil(homes, [Mistake.UNKNOWN_GRID])[Mistake.UNKNOWN_GRID]
	households_, people = files.two_sheets(homes)
	assert (len(households_.rows), len(people.rows)) == (61, 201)
	number = households_.rows[0].index("户号")
	assert {row[number] for row in households_.rows[1:]} == {row[2] for row in people.rows[1:]}
	assert sum(homes_hit[0].cells["Grid.name"] in row for row in households_.rows) == 1


def test_who_lives_elsewhere_too_has_one_number():
	homes = made()
	for here, there in town.let_live_elsewhere(homes, 5):
		assert here.values[NUMBER] == there.values[NUMBER]
	assert sum(len(home.people) for home in homes) == 205
