"""Files as townships send them, from the bytes to what becomes of each row: mistakes are refused, slips are understood."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import frappe
import pytest

from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.importing import columns
from grid_governance.grid_ledger.importing.columns.recognising import recognise
from grid_governance.grid_ledger.importing.families import families
from grid_governance.grid_ledger.importing.lines import reader
from grid_governance.grid_ledger.importing.plan import Planner
from grid_governance.grid_ledger.importing.shapes import Line, Outcome, Part, Verdict
from grid_governance.grid_ledger.rules import numbers
from grid_governance.spreadsheet import book, headings
from tests.factories import make_holder, make_township, seeded
from tests.ledger_files import Look, Sheet, csv_text, one_sheet, two_sheets, xlsx
from tests.ledger_homes import CARE, Home, Place, everybody, homes, let_live_elsewhere, spoil
from tests.ledger_mistakes import NUMBER, Mistake, Slip
from tests.world import inside_savepoint, taken_back

TODAY = date(2026, 3, 1)

AT_FAULT = {
	Mistake.ROUNDED: NUMBER,
	Mistake.SCIENTIFIC: NUMBER,
	Mistake.CHECK_DIGIT: NUMBER,
	Mistake.SHORT_NUMBER: NUMBER,
	Mistake.BORN_OTHERWISE: NUMBER,
	Mistake.SEX_OTHERWISE: NUMBER,
	Mistake.NUMBER_TWICE: NUMBER,
	Mistake.BORN_AHEAD: "Resident.birth_date",
	Mistake.NO_SUCH_DAY: "Resident.birth_date",
	Mistake.MONTH_ONLY: "Resident.birth_date",
	Mistake.NO_NAME: "Resident.resident_name",
	Mistake.LONG_NAME: "Resident.resident_name",
	Mistake.NO_RELATION: "Resident.relation_to_head",
	Mistake.UNKNOWN_RELATION: "Resident.relation_to_head",
	Mistake.NO_HEAD: "Resident.relation_to_head",
	Mistake.TWO_HEADS: "Resident.relation_to_head",
	Mistake.UNKNOWN_WORD: "Resident.education",
	Mistake.PHONE_OF_WORDS: "Resident Contact.phone",
	Mistake.GONE_WITHOUT_DAY: "Resident.status_date",
}
"""The cell that is marked; of a grid it is the name or the code, as the file has it."""


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""A township of two villages of two grids each, its secretary, and the grids as the files name them."""
	with taken_back():
		town = make_township(2, 2)
		for at, village in enumerate(town.villages):
			frappe.db.set_value("Grid", village.name, "grid_name", f"{'东西'[at]}里村")
		grids = [
			Place(f"{'东西'[at]}里村", grid.grid_name, grid.grid_code)
			for at, of in enumerate(town.grids)
			for grid in of
		]
		secretary = make_holder("Village Secretary", town.root.name)
		care = {seed: frappe._(seeded(f"care_category/{seed}"), lang="zh") for seed in CARE}
		yield frappe._dict(town=town, grids=grids, secretary=secretary, care=care)


@pytest.fixture(autouse=True)
def _on_site(world: frappe._dict) -> Iterator[None]:
	yield from inside_savepoint(world)


def plan(world: frappe._dict, content: bytes, name: str) -> Part:
	"""What the file *content* would do, as the secretary of the township who reads Chinese."""
	frappe.set_user(world.secretary)
	frappe.local.lang = "zh"
	targets = columns.targets(columns.PEOPLE)
	lines: list[Line] = []
	taken = {}
	for at, sheet in enumerate(book.read(content, name).sheets):
		heading, found = recognise(sheet, columns.PEOPLE)
		places = {each.index: targets[each.key] for each in found if each.taken}
		taken |= {target.key: target for target in places.values()}
		of = reader(places, TODAY)
		for number, cells in enumerate(sheet.rows[heading.first :], start=heading.first + 1):
			if not headings.is_total(cells) and (line := of(at, number, cells)):
				lines.append(line)
	part = Planner(world.town.root.name, taken, {}, TODAY).part(families(lines))
	assert len(part.outcomes) == len(lines)
	return part


def drawn(world: frappe._dict, households: int = 60, people: int = 200, seed: int = 1) -> list[Home]:
	return homes(world.grids, households, people, seed, TODAY, world.care)


def of_rows(part: Part, sheet: Sheet, at: int = 0) -> Iterator[tuple[Any, Outcome]]:
	"""Each person of *sheet*, the one *at* that place, with what becomes of her row."""
	found = {(each.line.sheet, each.line.number): each for each in part.outcomes}
	for row, person in sheet.people.items():
		yield person, found[at, row]


def unlike(part: Part, sheet: Sheet, at: int = 0) -> list[Any]:
	"""Whose row did not become what was to become of it, and why."""
	return [
		(
			person.mistake or person.slip,
			outcome.verdict.value,
			[each.message for each in outcome.line.problems],
		)
		for person, outcome in of_rows(part, sheet, at)
		if outcome.verdict != (Verdict.REFUSED if person.mistake else Verdict.NEW)
	]


LOOKS = {
	"plain": Look(),
	"title, totals, two rows of headings": Look(title=True, two_rows=True, totals=True),
	"merged over each household": Look(merged_down=True, title=True),
	"said in the first row only": Look(first_only=True, dates="text"),
	"as people write": Look(colloquial=True, dates="serial", grids="code"),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS.keys())
def test_a_clean_file_is_new_to_its_last_row(world, look):
	town = drawn(world)
	sheet = one_sheet(town, look)
	part = plan(world, xlsx(sheet), "a.xlsx")
	assert not unlike(part, sheet)
	assert len(part.new[HOUSEHOLD]) == len(town)
	assert sorted(row["member_count"] for row in part.new[HOUSEHOLD]) == sorted(
		len(home.people) for home in town
	)
	assert all(row["head"] for row in part.new[HOUSEHOLD])


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS.keys())
def test_every_mistake_is_refused_and_every_slip_understood(world, look):
	town = drawn(world)
	spoil(town, [*Mistake, *Slip])
	sheet = one_sheet(town, look)
	part = plan(world, xlsx(sheet), "a.xlsx")
	assert not unlike(part, sheet)
	for person, outcome in of_rows(part, sheet):
		if person.mistake:
			grid = "Grid.code" if look.grids == "code" else "Grid.name"
			targets = [each.target for each in outcome.line.problems]
			assert AT_FAULT.get(person.mistake, grid) in targets, (person.mistake, outcome.line.problems)


def test_slips_are_stored_as_they_were_meant(world):
	town = drawn(world)
	hit = spoil(town, list(Slip))
	sheet = one_sheet(town)
	part = plan(world, xlsx(sheet), "a.xlsx")
	made = {row["resident_name"]: row for row in part.new[RESIDENT]}
	numbers_of = {each.plain for each in part.secrets}
	for slip in (Slip.SPACES, Slip.WIDE_DIGITS, Slip.SMALL_X, Slip.NO_BIRTH):
		person = hit[slip][0]
		assert made[person.name]["birth_date"] == person.values["Resident.birth_date"]
		assert person.values[NUMBER] in numbers_of
	assert all("<" not in (row["occupation"] or "") for row in part.new[RESIDENT])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_text_file(world, encoding):
	sheet = one_sheet(drawn(world))
	assert not unlike(plan(world, csv_text(sheet, encoding), "a.csv"), sheet)


def test_two_sheets(world):
	town = drawn(world)
	sheets = two_sheets(town)
	part = plan(world, xlsx(*sheets), "a.xlsx")
	assert not unlike(part, sheets[1], at=1)
	assert len(part.new[HOUSEHOLD]) == len(town)
	assert {each.verdict for each in part.outcomes} == {Verdict.NEW}


def test_who_lives_elsewhere_than_she_is_registered_is_asked_about_in_her_village_alone(world):
	town = drawn(world)
	pairs = let_live_elsewhere(town, 5)
	sheet = one_sheet(town)
	part = plan(world, xlsx(sheet), "a.xlsx")
	lodgers = {id(lodger): person for person, lodger in pairs}
	for person, outcome in of_rows(part, sheet):
		if id(person) not in lodgers and all(person is not first for first, _lodger in pairs):
			assert outcome.verdict == Verdict.NEW
	asked = [outcome for _person, outcome in of_rows(part, sheet) if outcome.verdict == Verdict.TO_DECIDE]
	assert 0 < len(asked) <= len(pairs)


def test_no_number_is_told(world):
	town = drawn(world)
	spoil(town, [*Mistake, *Slip])
	part = plan(world, xlsx(one_sheet(town)), "a.xlsx")
	whole = {numbers.clean(str(person.values[NUMBER])) for person in everybody(town)}
	said = str([[each.alike, each.question, each.candidates, each.changes] for each in part.outcomes])
	rows: Sequence[Any] = [list(row.values()) for made in part.new.values() for row in made]
	assert not [number for number in whole if number and (number in said or number in str(rows))]
