"""Files of places, facilities and organisations: which record a row means, and what becomes of it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import frappe
import pytest

from grid_governance.grid_ledger.importing import columns, documents, flat, lines
from grid_governance.grid_ledger.importing.shapes import Answer, Choice, Part, Verdict
from tests.factories import make_holder, make_household, make_resident, make_township
from tests.world import inside_savepoint, taken_back

PLACE, FACILITY, ORGANIZATION = columns.FLAT
TODAY = date(2026, 3, 1)
CODE, OTHER_CODE = "91350100M000100Y43", "52420000MJH23339XT"
"""Two codes that GB 32100-2015 and its readers give as examples."""


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	with taken_back():
		town = make_township(2, 2)
		grid, other = town.grids[0]
		home = make_household(grid.name)
		owner = make_resident(home.name, resident_name="张业主")
		make_resident(make_household(town.grids[1][0].name).name, resident_name="李在外")
		yield frappe._dict(
			town=town,
			village=town.villages[0],
			grid=grid,
			other=other,
			far=town.grids[1][0],
			owner=owner.name,
			secretary=make_holder("Village Secretary", town.villages[0].name),
			office=make_holder("Township Office", town.root.name),
			member=make_holder("Grid Member", grid.name),
			instructor=make_holder("Grid Instructor", town.villages[0].name),
		)


@pytest.fixture(autouse=True)
def _on_site(world: frappe._dict, monkeypatch) -> Iterator[None]:
	monkeypatch.setattr(frappe.local, "lang", "zh")
	yield from inside_savepoint(world)


def plan(
	world: frappe._dict,
	kind: str,
	*rows: Mapping[str, Any],
	user: str | None = None,
	answers: Mapping[int, Answer] | None = None,
	root: str | None = None,
) -> Part:
	"""What *rows*, cells by fieldname ("grid" is where they lie), the first in row 2, would do as *user*, by default the
	secretary's."""
	frappe.set_user(user or world.secretary)
	targets = columns.targets(kind)
	keys = [columns.GRID_NAME, *(key for key, target in targets.items() if target.doctype == kind)]
	read = lines.reader({at: targets[key] for at, key in enumerate(keys)}, TODAY)
	found = []
	for number, row in enumerate(rows, start=2):
		row = {"name": world.grid.grid_name, **row}
		if "grid" in row:
			row["name"] = row["grid"]
		found.append(read(0, number, [row.get(key.partition(".")[2], "") for key in keys]))
	said = {(0, number): answer for number, answer in (answers or {}).items()}
	taken = {key: targets[key] for key in keys}
	return flat.Planner(kind, root or world.village.name, taken, said).part(flat.together(kind, found))


def verdicts(part: Part) -> list[Verdict]:
	return [each.verdict for each in sorted(part.outcomes, key=lambda each: each.line.number)]


def reasons(part: Part) -> list[tuple[str, str]]:
	return [(problem.target, problem.message) for each in part.outcomes for problem in each.line.problems]


def write(part: Part) -> None:
	assert documents.save(part.updates, "x"), [update.line.problems for update in part.updates]


def lamp(name: str = "村口路灯", **cells: Any) -> dict[str, Any]:
	return {"facility_name": name, "facility_type": "路灯", **cells}


def company(name: str = "里溪合作社", **cells: Any) -> dict[str, Any]:
	return {"org_name": name, "org_type": "合作社", **cells}


def test_looking_writes_nothing_and_writing_makes_what_was_said(world):
	rows = (lamp(condition="待修", last_check_on="2026.2.3"), lamp("东头路灯", grid=world.other.grid_name))
	before = frappe.db.count(FACILITY)
	part = plan(world, FACILITY, *rows)
	assert verdicts(part) == [Verdict.NEW, Verdict.NEW]
	assert frappe.db.count(FACILITY) == before
	write(part)
	made = frappe.get_last_doc(FACILITY, {"facility_name": "村口路灯", "grid": world.grid.name})
	assert (made.grid, made.grid_path, made.condition, made.facility_type, made.owner) == (
		*(world.grid.name, world.grid.grid_path, "Needs Repair", "Street Lamp", world.secretary),
	)
	assert made.last_check_on == date(2026, 2, 3)
	assert frappe.db.count(FACILITY, {"facility_name": "东头路灯", "grid": world.other.name}) == 1


def test_the_same_file_twice_changes_nothing_though_many_lamps_have_one_name(world):
	rows = (
		lamp("路灯"),
		lamp("路灯", note="桥头"),
		lamp("路灯", note="校门口", condition="损坏"),
		lamp("书屋", facility_type="农家书屋"),
	)
	write(plan(world, FACILITY, *rows))
	again = plan(world, FACILITY, *rows)
	assert verdicts(again) == [Verdict.UNCHANGED] * 4
	assert not again.updates
	assert verdicts(plan(world, FACILITY, *reversed(rows))) == [Verdict.UNCHANGED] * 4


def test_two_rows_that_say_the_same_are_not_two_records(world):
	part = plan(world, FACILITY, lamp("路灯"), lamp("路灯"))
	assert verdicts(part) == [Verdict.NEW, Verdict.REFUSED]
	assert "2" in reasons(part)[0][1]


def test_what_is_otherwise_is_told_and_an_empty_cell_changes_nothing(world):
	write(plan(world, FACILITY, lamp(note="新装")))
	part = plan(world, FACILITY, lamp(condition="损坏"))
	assert verdicts(part) == [Verdict.CHANGED]
	assert [(each.label, each.old, each.new) for each in part.outcomes[0].changes] == [
		("状况", "良好", "已损坏")
	]
	write(part)
	made = frappe.get_last_doc(FACILITY, {"facility_name": "村口路灯", "grid": world.grid.name})
	assert (made.condition, made.note) == ("Out of Order", "新装")


def test_which_of_several_is_meant_is_asked_and_answered(world):
	write(plan(world, FACILITY, lamp("路灯", note="桥头"), lamp("路灯", note="校门口")))
	first, second = frappe.get_all(
		FACILITY, {"facility_name": "路灯", "grid": world.grid.name}, pluck="name", order_by="name asc"
	)
	row = lamp("路灯", condition="损坏")
	asked = plan(world, FACILITY, row)
	assert verdicts(asked) == [Verdict.TO_DECIDE]
	assert {each.name for each in asked.outcomes[0].candidates} == {first, second}
	assert not asked.updates
	chosen = plan(world, FACILITY, row, answers={2: Answer(Choice.RECORD, second)})
	assert (verdicts(chosen), chosen.updates[0].name) == ([Verdict.CHANGED], second)
	new = plan(world, FACILITY, row, answers={2: Answer(Choice.NEW)})
	assert (verdicts(new), new.updates[0].name) == ([Verdict.NEW], None)
	left = plan(world, FACILITY, row, answers={2: Answer(Choice.LEAVE_OUT)})
	assert (verdicts(left), left.updates) == ([Verdict.UNCHANGED], [])
	foreign = plan(world, FACILITY, row, answers={2: Answer(Choice.RECORD, "GF-00000")})
	assert verdicts(foreign) == [Verdict.TO_DECIDE]


def test_one_of_the_name_in_another_grid_is_another(world):
	write(plan(world, FACILITY, lamp()))
	assert verdicts(plan(world, FACILITY, lamp(grid=world.other.grid_name))) == [Verdict.NEW]


def test_an_organisation_is_known_by_its_code_wherever_it_moves_and_however_it_is_called(world):
	write(plan(world, ORGANIZATION, company(uscc=CODE.lower())))
	part = plan(world, ORGANIZATION, company("里溪果蔬合作社", uscc=CODE, grid=world.other.grid_name))
	assert verdicts(part) == [Verdict.CHANGED]
	assert {(each.old, each.new) for each in part.outcomes[0].changes} == {
		("里溪合作社", "里溪果蔬合作社"),
		(world.grid.grid_name, world.other.grid_name),
	}
	write(part)
	assert frappe.db.count(ORGANIZATION, {"uscc": CODE, "grid": world.other.name}) == 1
	other = plan(world, ORGANIZATION, company("里溪果蔬合作社", uscc=OTHER_CODE, grid=world.other.grid_name))
	assert verdicts(other) == [Verdict.NEW]


def test_one_that_had_no_code_gets_the_one_of_the_row(world):
	write(plan(world, ORGANIZATION, company()))
	part = plan(world, ORGANIZATION, company(uscc=CODE))
	assert (verdicts(part), part.updates[0].values) == ([Verdict.CHANGED], {"uscc": CODE})


def test_a_code_that_is_none_is_refused_at_its_cell_before_anything_is_written(world):
	part = plan(world, ORGANIZATION, company(uscc=f"{CODE[:-1]}4"))
	assert verdicts(part) == [Verdict.REFUSED]
	assert reasons(part)[0][0] == "Grid Organization.uscc"
	assert not part.updates


def test_the_code_of_one_outside_the_import_is_told_to_whom_it_is_shown_alone(world):
	write(plan(world, ORGANIZATION, company("外村合作社", uscc=CODE, grid=world.far.grid_name),
		user=world.office, root=world.town.root.name))  # fmt: skip
	of_office = plan(world, ORGANIZATION, company(uscc=CODE), user=world.office)
	assert (verdicts(of_office), "外村合作社" in of_office.outcomes[0].alike) == ([Verdict.NEW], True)
	of_secretary = plan(world, ORGANIZATION, company(uscc=CODE))
	assert (verdicts(of_secretary), of_secretary.outcomes[0].alike) == ([Verdict.NEW], "")


def test_what_is_missing_and_what_is_not_understood_is_refused_at_its_cell(world):
	part = plan(
		world,
		FACILITY,
		{"facility_name": "路灯"},
		{"facility_type": "路灯"},
		lamp("灯", condition="亮得很"),
		lamp("灯二", grid="没有的网格"),
	)
	assert verdicts(part) == [Verdict.REFUSED] * 4
	assert [target for target, _message in reasons(part)] == [
		*("Grid Facility.facility_type", "Grid Facility.facility_name"),
		*("Grid Facility.condition", columns.GRID_NAME),
	]


def test_an_owner_and_a_place_are_found_by_their_names_and_only_where_they_are_near(world):
	shop = {"place_name": "小卖部", "place_type": "商店", "owner_resident": "张业主"}
	write(plan(world, PLACE, shop))
	made = frappe.get_last_doc(PLACE, {"place_name": "小卖部", "grid": world.grid.name})
	assert made.owner_resident == world.owner
	assert verdicts(plan(world, PLACE, shop)) == [Verdict.UNCHANGED]
	foreign = plan(world, PLACE, {**shop, "owner_resident": "李在外"}, user=world.office)
	assert reasons(foreign)[0][0] == "Grid Place.owner_resident"
	write(plan(world, FACILITY, lamp(place="小卖部")))
	assert frappe.db.count(FACILITY, {"facility_name": "村口路灯", "place": made.name}) == 1
	elsewhere = plan(world, FACILITY, lamp(place="小卖部", grid=world.other.grid_name))
	assert reasons(elsewhere)[0][0] == "Grid Facility.place"


def test_of_two_residents_of_one_name_none_is_guessed(world):
	twin = make_resident(make_household(world.other.name).name, resident_name="张业主")
	part = plan(world, PLACE, {"place_name": "小卖部", "place_type": "商店", "owner_resident": "张业主"})
	assert verdicts(part) == [Verdict.REFUSED]
	assert "2" in reasons(part)[0][1]
	assert twin.name not in reasons(part)[0][1]


@pytest.mark.parametrize("who", ["instructor", "member"])
def test_nobody_brings_what_she_may_not_enter_there(world, who):
	user = world[who]
	part = plan(world, FACILITY, lamp(grid=world.other.grid_name), user=user)
	assert verdicts(part) == [Verdict.REFUSED]
	assert not part.updates


def test_a_row_that_saving_refuses_is_told_why_and_the_others_are_written(world):
	part = plan(world, FACILITY, lamp("甲灯"), lamp("乙灯"))
	part.updates[1].values["facility_type"] = "No Such Kind"
	assert not documents.save(part.updates, "x")
	assert frappe.db.exists(FACILITY, {"facility_name": "甲灯", "grid": world.grid.name})
	assert not frappe.db.exists(FACILITY, {"facility_name": "乙灯", "grid": world.grid.name})
	assert part.updates[1].line.problems
