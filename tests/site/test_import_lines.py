"""What the cells of a row say, by what the fields themselves ask for; what is wrong is told with the cell."""

from datetime import date, datetime
from typing import Any

import frappe
import pytest

from grid_governance.grid_ledger.importing import columns
from grid_governance.grid_ledger.importing.columns import Target
from grid_governance.grid_ledger.importing.lines import reader
from grid_governance.grid_ledger.importing.shapes import Line
from tests.factories import make_holder, make_township, seeded

TODAY = date(2024, 5, 6)


@pytest.fixture(scope="module")
def targets(site: str) -> dict[str, Target]:
	frappe.set_user("Administrator")
	return columns.targets(columns.PEOPLE)


def read(targets: dict[str, Target], key: str, cell: Any) -> Line | None:
	return reader({0: targets[key]}, TODAY)(0, 2, [cell])


def value(targets: dict[str, Target], key: str, cell: Any) -> Any:
	line = read(targets, key, cell)
	assert not line or not line.problems, line.problems
	return line.values[key] if line else None


def problem(targets: dict[str, Target], key: str, cell: Any) -> str:
	line = read(targets, key, cell)
	assert line
	assert [each.target for each in line.problems] == [key]
	return line.problems[0].message


@pytest.mark.parametrize(
	("key", "cell", "said"),
	[
		("Resident.resident_name", " 王　国 军 ", "王国军"),
		("Resident.resident_name", "José  Silva", "José Silva"),
		("Resident.birth_date", "1980年1月31日", date(1980, 1, 31)),
		("Resident.birth_date", datetime(1980, 1, 31), date(1980, 1, 31)),
		("Resident.birth_date", "不详", None),
		("Resident.sex", "Male", "Male"),
		("Resident.sex", " MALE ", "Male"),
		("Resident.sex", "/", None),
		("Household.address", "路１号", "路1号"),
		("Household.address", "/", None),
		("Household.household_no", 12.0, "12"),
		("Household.in_wechat_group", "是", 1),
		("Household.in_wechat_group", "无", 0),
		("Household.latitude", "34.5", 34.5),
		("Resident Identity.id_number", " 11010519491231002x", "11010519491231002X"),
		("Resident Identity.id_number", "'110105194912310 02X", "11010519491231002X"),
		("Resident Identity.id_number", 110105491231002.0, "110105491231002"),
		("Resident Identity.id_number", "无", None),
		("Resident Contact.phone", 13800000000.0, ["13800000000"]),
		("Resident Contact.phone", "+86 138-0000-0000", ["13800000000"]),
		("Resident Contact.phone", "13800000000、13900000000", ["13800000000", "13900000000"]),
		("Resident Contact.phone", "029-88886666/13900000000", ["029-88886666", "13900000000"]),
		("Resident Contact.phone", "暂无", None),
	],
)
def test_what_a_cell_says(targets, key, cell, said):
	assert value(targets, key, cell) == said


@pytest.mark.parametrize(
	("key", "cell", "says"),
	[
		("Resident.birth_date", "1980年1月", "does not say the day"),
		("Resident.birth_date", "昨天", "no date"),
		("Resident.birth_date", date(2024, 5, 7), "lies ahead"),
		("Resident.sex", "雄", "Choose one of these"),
		("Resident.resident_name", "甲" * 61, "61 characters are too many: at most 60"),
		("Household.household_no", "1" * 41, "at most 40"),
		("Resident Identity.id_number", 1.1010519491231e17, "lost its last digits"),
		("Resident Identity.id_number", "1.10105E+17", "lost its last digits"),
		("Resident Contact.phone", "见村主任", "no telephone number"),
		("Resident Contact.phone", "120", "no telephone number"),
		("Household.in_wechat_group", "也许", "neither yes nor no"),
		("Household.latitude", "北纬34度", "no number"),
	],
)
def test_what_is_wrong_with_a_cell(targets, key, cell, says):
	assert says in problem(targets, key, cell)


def test_care_is_a_yes_or_a_day(targets):
	key = f"Resident Care.{seeded('care_category/elder')}"
	assert value(targets, key, "√") is True
	assert value(targets, key, 1) is True
	assert value(targets, key, "2020-03-01") == date(2020, 3, 1)
	assert value(targets, key, "否") is None
	assert "2020" in problem(targets, key, "2020")


def test_several_categories_in_a_cell(targets):
	elder, alone = seeded("care_category/elder"), seeded("care_category/elder-alone")
	assert value(targets, "Resident Care.category", f"{elder}、{alone}，{elder}") == [elder, alone]
	assert "Choose" in problem(targets, "Resident Care.category", f"{elder}、皇帝")


def test_a_row_without_a_word_is_none(targets):
	of = reader({0: targets["Resident.resident_name"], 2: targets["Household.address"]}, TODAY)
	assert of(0, 2, [None, "注", ""]) is None
	assert of(0, 2, []) is None
	line = of(1, 7, ["甲"])
	assert (line.sheet, line.number, line.values) == (1, 7, {"Resident.resident_name": "甲"})


def test_telephones_of_two_columns_are_gathered(targets):
	phone = targets["Resident Contact.phone"]
	line = reader({0: phone, 1: phone}, TODAY)(0, 2, ["13800000000", "13900000000"])
	assert line.values["Resident Contact.phone"] == ["13800000000", "13900000000"]


def test_one_wrong_cell_keeps_what_the_others_say(targets):
	of = reader({0: targets["Resident.resident_name"], 1: targets["Resident.birth_date"]}, TODAY)
	line = of(0, 2, ["甲", "昨天"])
	assert line.values == {"Resident.resident_name": "甲"}
	assert [each.target for each in line.problems] == ["Resident.birth_date"]


def test_a_text_that_comes_again_is_read_once(targets, monkeypatch):
	seen = []
	monkeypatch.setattr("grid_governance.spreadsheet.cells.text", lambda cell: seen.append(cell) or cell)
	of = reader({0: targets["Household.address"]}, TODAY)
	assert [of(0, row, ["路1号"]).values["Household.address"] for row in range(3)] == ["路1号"] * 3
	assert seen == ["路1号"]


def test_a_column_that_may_not_be_written_is_left_alone(site):
	frappe.set_user(make_holder("Grid Member", make_township(1, 1).grids[0][0].name))
	own = columns.targets(columns.PEOPLE)
	of = reader({0: own["Resident.resident_name"], 1: own["Resident Identity.id_number"]}, TODAY)
	assert of(0, 2, ["甲", "1.10105E+17"]).values == {"Resident.resident_name": "甲"}
	assert not of(0, 2, ["甲", "1.10105E+17"]).problems


@pytest.mark.parametrize(
	("fields", "cell", "said", "wrong", "says"),
	[
		({"fieldtype": "Int", "non_negative": 1}, "3", 3, "-3", "below zero"),
		({"fieldtype": "Int"}, "1,200", 1200, 3e9, "too large"),
		(
			{"fieldtype": "Data", "options": "Email"},
			"a@example.com",
			"a@example.com",
			"a at b",
			"Write it as",
		),
		({"fieldtype": "Data", "options": "Phone"}, 13800000000.0, "13800000000", "见村主任", "Write it as"),
		({"fieldtype": "Data", "length": 3}, "甲乙丙", "甲乙丙", "甲乙丙丁", "at most 3"),
		({"fieldtype": "Small Text"}, "甲" * 200, "甲" * 200, "甲" * 20_000, "at most"),
		({"fieldtype": "Select", "options": "甲\n乙"}, "乙", "乙", "丁", "Choose one of these: 甲, 乙"),
		({"fieldtype": "Datetime"}, "2024-01-02", datetime(2024, 1, 2), "昨天", "no date"),
		({"fieldtype": "Time"}, "8:30", "8:30", "早上", "no time"),
	],
)
def test_custom_fields_as_they_are_made(site, fields, cell, said, wrong, says):
	df = frappe._dict(fields)
	words = {option: option for option in (df.options or "").split("\n")} if df.fieldtype == "Select" else {}
	own = {
		"Resident.own": Target(
			"Resident.own", "Resident", "own", "Own", df.fieldtype, words=words, labels=words, df=df
		)
	}
	assert value(own, "Resident.own", cell) == said
	assert says in problem(own, "Resident.own", wrong)
