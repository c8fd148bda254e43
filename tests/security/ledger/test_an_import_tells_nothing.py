"""Whoever imports learns nothing of people whom she does not see: not by names, numbers, questions, remarks or refusals."""

import json
from typing import Any

import frappe
import pytest
from stdnum.cn import uscc

from grid_governance.grid_ledger.actions import households
from grid_governance.grid_ledger.importing import columns
from grid_governance.grid_ledger.importing.shapes import Answer, Choice
from tests.factories import (
	make_assignment,
	make_care,
	make_citizen_number,
	make_holder,
	make_household,
	make_identity,
	make_post,
	make_resident,
	seeded,
)
from tests.security.ledger.conftest import FACILITY, HOUSEHOLD, ORGANIZATION, PHONE, PLACE, RESIDENT, SECRET
from tests.security.ledger.imports import head, planned, planned_flat, told, written

BORN = "1980-01-01"
"""Of `make_resident`."""

STRANGER = "巫马新"


@pytest.fixture
def both(world) -> str:
	"""Secretary of the next village who is a mere member in the grid of the household."""
	user = make_holder("Village Secretary", world.near_village)
	worker = frappe.db.get_value("Grid Worker", {"user": user})
	make_assignment(worker, make_post("Grid Member").name, world.grid)
	return user


@pytest.fixture
def wide(world) -> str:
	"""Secretary of both villages."""
	return make_holder("Village Secretary", world.near_village, world.village)


def text(answer: object) -> str:
	return json.dumps(answer, ensure_ascii=False, default=str)


ALIKE: dict[str, dict[str, Any]] = {
	"number": {"Resident Identity.id_number": "number"},
	"name and birth": {"Resident.resident_name": SECRET, "Resident.birth_date": BORN},
	"name": {"Resident.resident_name": SECRET},
	"name and number": {"Resident.resident_name": SECRET, "Resident Identity.id_number": "number"},
	"phone": {"Resident Contact.phone": PHONE},
	"head's name": {"Household.head_name": SECRET, "Resident.relation_to_head": "Son"},
	"head's number": {"Household.head_number": "number", "Resident.relation_to_head": "Son"},
	"guardian": {"Resident.guardian": SECRET},
	"speaker of the group": {"Household.group_rep": SECRET},
	"record of the guardian": {"Resident.guardian": "record"},
	"record of the speaker": {"Household.group_rep": "record"},
}
"""What a row of her own grid says that fits somebody elsewhere."""


def other(values: dict[str, Any], world: frappe._dict) -> tuple[dict[str, Any], dict[str, Any]]:
	"""The values as they fit somebody, and such as fit nobody."""
	right = {"number": world.number, "record": world.kept[RESIDENT]}
	wrong = {
		"number": make_citizen_number(),
		"record": frappe.generate_hash(length=10),
		SECRET: "无此人",
		PHONE: "13911119999",
	}
	return (
		{key: right.get(value, value) for key, value in values.items()},
		{key: wrong.get(value, value) for key, value in values.items()},
	)


@pytest.mark.parametrize("fits", ALIKE)
def test_a_row_that_fits_somebody_elsewhere_does_as_any_other(world, fits):
	right, wrong = other(ALIKE[fits], world)
	for user, root in ((world.secretary, world.near_village), (world.member, world.near)):
		parts = [planned(user, root, head(world.near) | values) for values in (right, wrong)]
		answers = [text(told(part)) for part in parts]
		for named in (SECRET, STRANGER, "无此人", *right.values(), *wrong.values()):
			answers = [answer.replace(str(named), "x") for answer in answers]
		assert answers[0] == answers[1]
		assert written(parts[0]) == written(parts[1])


@pytest.mark.parametrize("fits", ["number", "name and birth"])
def test_and_is_told_of_where_both_are_seen(world, wide, fits):
	"""Or else that nobody is told elsewhere proves nothing."""
	right, _wrong = other(ALIKE[fits], world)
	(row,) = told(planned(wide, world.near_village, head(world.near) | right))
	assert SECRET in row["alike"]


LEVELS: dict[str, dict[str, Any]] = {
	"number": {"Resident Identity.id_number": "number"},
	"head's number": {"Household.head_number": "number"},
	"sensitive care": {"care": "是"},
	"sensitive care since a day": {"care": "2020-01-01"},
	"sensitive care by name": {"Resident Care.category": "category"},
}
"""What a row about somebody in the grid where she is a mere member says, above that level."""


@pytest.mark.parametrize("above", LEVELS)
def test_what_stands_above_her_level_there_is_not_asked_by_a_row(world, both, above):
	"""Her other post opens it in her own village only: right and wrong are refused with the same words."""
	category = seeded("care_category/disabled")
	keys = {"care": f"Resident Care.{category}"}
	number = frappe.db.get_value(HOUSEHOLD, world.kept[HOUSEHOLD], "household_no")
	answers = []
	for who, guess in (("right", world.number), ("wrong", make_citizen_number())):
		fits = {"number": guess, "category": category}
		values = {keys.get(key, key): fits.get(value, value) for key, value in LEVELS[above].items()}
		name = SECRET if who == "right" or "number" in above else f"{SECRET}客"
		row = head(world.grid, number) | {"Resident.resident_name": name, "Resident.birth_date": BORN}
		if name != SECRET:
			del row["Resident.relation_to_head"]
		part = planned(both, world.grid, row | values)
		assert not part.secrets
		assert not [each for each in part.updates if each.doctype in ("Resident Identity", "Resident Care")]
		answers.append(text(told(part)).replace(name, "x").replace(guess, "n"))
	assert answers[0] == answers[1]
	for secret in (world.masked, world.hash, "2019"):
		assert secret not in answers[0]


def test_nor_are_phones_by_whoever_reads_none(world):
	"""A grid's instructor sees no phones: none of her rows says whether one fits."""
	instructor = world.inside["Grid Instructor"]
	number = frappe.db.get_value(HOUSEHOLD, world.kept[HOUSEHOLD], "household_no")
	answers = []
	for phone in (PHONE, "13911119999"):
		row = head(world.grid, number) | {"Resident.resident_name": SECRET, "Resident Contact.phone": phone}
		answers.append(text(told(planned(instructor, world.grid, row))).replace(phone, "n"))
	assert answers[0] == answers[1]


def test_a_household_number_of_the_village_is_taken_and_no_more_is_said(world):
	"""By a member who sees one grid of two: as the form says it, without a name, a grid or a record."""
	other_grid = make_household(world.near)
	near = frappe.get_doc("Grid", world.near)
	sibling = frappe.copy_doc(near).update({"grid_name": "旁格", "grid_code": None})
	sibling.insert()
	member = make_holder("Grid Member", sibling.name)
	make_resident(other_grid.name, resident_name=SECRET)
	(row,) = told(planned(member, sibling.name, head(sibling.name, other_grid.household_no)))
	assert row["verdict"] == "Refused"
	assert row["problems"] == [
		("Household.household_no", households.number_taken(other_grid.household_no)),
	]
	for secret in (SECRET, other_grid.name, near.grid_name):
		assert secret not in text(row)


ANSWERS = ("resident", "household", "guest", "identity")


@pytest.mark.parametrize("named", ANSWERS)
def test_no_answer_names_somebody_elsewhere(world, named):
	"""An answer that came past the list of candidates, or whose record has moved away since."""
	record = {
		"resident": world.kept[RESIDENT],
		"household": world.kept[HOUSEHOLD],
		"guest": world.guest,
		"identity": world.kept["Resident Identity"],
	}[named]
	home = make_household(world.near)
	make_resident(home.name, resident_name=STRANGER, birth_date="1950-01-01")
	for year in ("1980", "1970"):
		make_resident(home.name, "Son", resident_name=STRANGER, birth_date=f"{year}-01-01")
	row = head(world.near, home.household_no) | {"Resident.relation_to_head": "Son"}
	(asked,) = told(planned(world.secretary, world.near_village, row))
	assert asked["verdict"] == "To Be Decided"
	answers = {(0, 2): Answer(Choice.RECORD, record)}
	part = planned(world.secretary, world.near_village, row, answers=answers)
	assert told(part) == [asked]
	assert written(part) == {}


def test_people_merged_away_or_anonymised_are_not_found(world, wide):
	home = make_household(world.near)
	make_resident(home.name, resident_name="端木户")
	gone = make_resident(home.name, "Son", resident_name="端木无", birth_date=BORN)
	number = make_citizen_number()
	make_identity(gone.name, id_number=number)
	frappe.db.set_value(RESIDENT, gone.name, {"merged_into": world.own_head})
	row = head(world.near, "990002") | {
		"Resident.resident_name": "端木无",
		"Resident.birth_date": BORN,
		"Resident Identity.id_number": number,
	}
	(found,) = told(planned(wide, world.near_village, row))
	assert (found["verdict"], found["alike"], found["candidates"]) == ("New", "", [])


def test_care_that_one_does_not_see_is_no_change_and_no_duplicate(world, both):
	"""A row that says what stands already in a category she may enter, but whose rows a guard keeps from her."""
	guest = make_resident(world.kept[HOUSEHOLD], "Son", resident_name="公羊甲")
	make_care(guest.name, "disabled", since="2019-05-05")
	number = frappe.db.get_value(HOUSEHOLD, world.kept[HOUSEHOLD], "household_no")
	row = head(world.grid, number) | {"Resident.resident_name": "公羊甲", "Resident.relation_to_head": "Son"}
	category = f"Resident Care.{seeded('care_category/disabled')}"
	found = [
		planned(both, world.grid, row | {"Resident.resident_name": name, category: "是"})
		for name in ("公羊甲", f"{SECRET}客")
	]
	right, wrong = (text([each["problems"] for each in told(part)]) for part in found)
	assert right == wrong
	assert "2019" not in text(told(found[0]))


CLOSED_TO = {
	"Grid Member": {"Resident Identity", "Household.head_number"},
	"Grid Leader": {"Resident Identity", "Household.head_number"},
	"Township Office": {"Resident Identity", "Household.head_number", "Resident Contact"},
	"Grid Instructor": {"Resident Identity", "Resident Contact", "Household.head_number", "Resident"},
}


@pytest.mark.parametrize("role", CLOSED_TO)
def test_columns_above_a_role_are_not_taken(world, role):
	frappe.set_user(world.office if role == "Township Office" else world.inside[role])
	found = columns.targets(columns.PEOPLE)
	open_ = {key for key, target in found.items() if target.may_write}
	for closed in CLOSED_TO[role]:
		assert not {key for key in open_ if key == closed or key.startswith(f"{closed}.")}, closed
	sensitive = set(frappe.get_all("Care Category", {"is_sensitive": 1}, pluck="name", order_by="name asc"))
	assert not {key for key in open_ if key.removeprefix("Resident Care.") in sensitive}
	words = found["Resident Care.category"].words if "Resident Care.category" in found else {}
	assert not sensitive & set(words.values())


FLAT: dict[str, tuple[str, dict[str, str]]] = {
	"owner of a place": (PLACE, {"place_type": "Shop", "place_name": "店", "owner_resident": SECRET}),
	"record of the owner": (PLACE, {"place_type": "Shop", "place_name": "店", "owner_resident": "record"}),
	"name of a place": (PLACE, {"place_type": "Shop", "place_name": SECRET}),
	"place of a facility": (FACILITY, {"facility_type": "Bin", "facility_name": "箱", "place": SECRET}),
	"name of an organisation": (ORGANIZATION, {"org_type": "School", "org_name": SECRET}),
	"code of an organisation": (ORGANIZATION, {"org_type": "School", "org_name": "校", "uscc": "code"}),
}
"""Rows of places, facilities and organisations that fit something elsewhere."""


@pytest.mark.parametrize("fits", FLAT)
def test_nor_does_a_row_of_the_other_kinds(world, fits):
	codes = [body + uscc.calc_check_digit(body) for body in ("9133010675721690A", "9133010675721691B")]
	frappe.db.set_value(ORGANIZATION, world.kept[ORGANIZATION], "uscc", codes[0])
	kind, values = FLAT[fits]
	place = {key: value for key, value in head(world.near).items() if key.startswith("Grid.")}
	answers = []
	for of in (
		{"record": world.kept[RESIDENT], "code": codes[0]},
		{"record": "0123456789", SECRET: "无此", "code": codes[1]},
	):
		row = place | {f"{kind}.{field}": of.get(value, value) for field, value in values.items()}
		part = planned_flat(kind, world.secretary, world.near_village, row)
		said = text(told(part))
		for named in (SECRET, "无此", *of.values()):
			said = said.replace(named, "x")
		answers.append((said, written(part)))
	assert answers[0] == answers[1]
	assert written(part) == {} if {SECRET, "record"} & set(list(values.values())[2:]) else {"updates": 1}
