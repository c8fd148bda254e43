"""What stands in a row of the sheet of grids and people."""

from datetime import date, datetime

import pytest

from grid_governance.grid_structure.workbook import rules

CHINESE = {"village": "村（社区）", "grid": "网格", "name": "姓名", "phone": "工作电话", "post": "岗位"}
PLACES = {column.key: at for at, column in enumerate(rules.COLUMNS)}


def line(**cells: object) -> rules.Line:
	return rules.parse(2, [cells.get(column.key) for column in rules.COLUMNS], PLACES)


@pytest.mark.parametrize(
	"cells",
	[
		["村（社区）", "网格", "姓名"],
		["村", "网格名称", "人员姓名"],
		["Village or Community", "Grid", "Name of the Person"],
		[" 村居 ", "网　格", "姓 名"],
	],
)
def test_a_heading_row_is_known_by_its_words(cells: list[str]):
	assert rules.header([["2026年网格员花名册", None], cells], CHINESE) == (
		2,
		{"village": 0, "grid": 1, "name": 2},
	)


@pytest.mark.parametrize("cells", [["2026年网格员花名册", None, None], ["姓名", "电话"], [None, None]])
def test_a_title_is_no_heading_row(cells: list[object]):
	assert rules.header([cells], CHINESE) is None


def test_an_empty_row_is_left_out():
	assert line() is None
	assert line(village="  ", grid="　") is None


def test_a_total_is_no_row():
	assert line(village="合计", households=28) is None
	assert line(village="东村", grid="第一网格", name="制表") is not None


@pytest.mark.parametrize(
	"phone", [13800000000, 13800000000.0, "１３８００００００００", "138 0000 0000", "+86 138-0000-0000"]
)
def test_a_phone_number_is_read_however_it_was_typed(phone: object):
	row = line(village="东村", phone=phone, name="甲", post="网格员")
	assert (row.phone, row.problems) == ("13800000000", [])


@pytest.mark.parametrize("phone", ["1380000000", "23800000000", "座机 5812345", 1.38e15])
def test_a_number_that_is_no_mobile_is_refused(phone: object):
	assert [
		problem.column for problem in line(village="东村", phone=phone, name="甲", post="网格员").problems
	] == ["phone"]


@pytest.mark.parametrize(
	"value", [date(2026, 1, 5), datetime(2026, 1, 5, 8), "2026-01-05", "2026/1/5", "2026.1.5", "2026年1月5日"]
)
def test_a_day_is_read_however_it_was_typed(value: object):
	assert line(village="东村", from_date=value).from_date == date(2026, 1, 5)


@pytest.mark.parametrize("value", ["2026-13-05", "去年", "2026", "2026年1月"])
def test_what_is_no_day_is_refused(value: str):
	assert [problem.column for problem in line(village="东村", from_date=value).problems] == ["from_date"]


def test_a_person_needs_a_name_and_a_post():
	assert [problem.column for problem in line(village="东村", name="甲").problems] == ["post"]
	assert [problem.column for problem in line(village="东村", post="网格员").problems] == ["name"]
	assert [problem.column for problem in line(village="东村", phone="13800000000").problems] == [
		"name",
		"post",
	]


def test_choices_are_those_of_the_list():
	row = line(village="东村", sex="女", party_member="是", name="甲", post="网格员")
	assert (row.sex, row.party_member, row.problems) == ("Female", True, [])
	assert [p.column for p in line(village="东村", sex="女士", party_member="群众").problems] == [
		"sex",
		"party_member",
	]


def test_a_post_does_not_end_before_it_begins():
	row = line(village="东村", name="甲", post="网格员", from_date="2026-02-01", to_date="2026-01-31")
	assert [problem.column for problem in row.problems] == ["to_date"]


def test_households_are_a_number():
	assert line(village="东村", households=28.0).households == 28
	assert [p.column for p in line(village="东村", households="约30").problems] == ["households"]
	assert [p.column for p in line(village="东村", households=-3).problems] == ["households"]


@pytest.mark.parametrize(
	("name", "key"),
	[
		("土岭底村", "土岭底"),
		("土岭底村村委会", "土岭底"),
		("金庄村村民委员会", "金庄"),
		("金湾居委会", "金湾"),
		("村", "村"),
		("东社区", "东"),
	],
)
def test_villages_are_compared_without_their_kind(name: str, key: str):
	assert rules.village_key(name) == key
