"""The row that names the columns is found under titles, in two rows, and again on every page; rows below it are told apart."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_governance.spreadsheet import headings

KEYS = {
	"姓名": "name",
	"户主姓名": "head",
	"户主身份证号": "head_number",
	"身份证号": "number",
	"性别": "sex",
	"电话": "phone",
	"家庭住址": "address",
	"与户主关系": "relation",
	"监护人姓名": "guardian",
	"户主": "head",
	"残疾人": "disabled",
	"低保": "relief",
}
KNOWN = {headings.key(heading): key for heading, key in KEYS.items()}


def found(*rows: list[object]) -> tuple[int, dict[str, str]] | None:
	"""Where the data begin, and the key of each heading."""
	heading = headings.find(rows, KNOWN)
	return heading and (heading.first, {said: key for _at, said, key in heading.columns})


class TestKey:
	@pytest.mark.parametrize(
		"heading",
		[
			"家庭住址",
			" 家 庭\n住址 ",
			"*家庭住址",
			"家庭住址*",
			"* 家庭住址（组、号）",
			"家庭住址：",
			"【必填】家庭住址",
			"5.家庭住址",
			"五、家庭住址",
			"家庭住址*必须填写",
			"家庭住址(到门牌)【必填】",
		],
	)
	def test_what_stands_around_a_heading_is_left_out(self, heading: str):
		assert headings.key(heading) == "家庭住址"

	@pytest.mark.parametrize(
		("heading", "key"),
		[
			("Resident Name", "residentname"),
			("resident_name", "residentname"),
			("ＩＤ　Ｎｕｍｂｅｒ", "idnumber"),
			("65岁以上老人", "65岁以上老人"),
			("（户主）", "(户主)"),
			(None, ""),
			("*", ""),
			(2026.0, "2026"),
		],
	)
	def test_key(self, heading: object, key: str):
		assert headings.key(heading) == key

	def test_brackets_keep_a_heading_that_has_nothing_else(self):
		assert headings.key("（户主）") and headings.key("（户主）") == headings.key("(户主)")


class TestFind:
	def test_the_first_row(self):
		assert found(["姓名", "性别", "备注"], ["张三", "男", "户主"]) == (
			1,
			{"姓名": "name", "性别": "sex", "备注": ""},
		)

	def test_titles_stand_above(self):
		title, form = ["2026年花名册"] * 4, ["填报单位：东村", "填报单位：东村", "日期：1月", "日期：1月"]
		first, keys = found(
			title, [""] * 4, form, ["姓名", "*性别", "电话（手机）", "家庭住址"], ["张三"] * 4
		)
		assert first == 4
		assert list(keys.values()) == ["name", "sex", "phone", "address"]

	def test_a_title_in_one_cell(self):
		assert found(["东村花名册", "", ""], ["姓名", "性别", "电话"])[0] == 2

	def test_data_with_the_words_of_headings_are_no_heading(self):
		rows = [["姓名", "性别", "人员类别", "类别二"], ["张三", "男", "残疾人", "低保"]]
		assert found(*rows)[0] == 1

	def test_a_column_of_its_own(self):
		assert found(["姓名"], ["张三"]) == (1, {"姓名": "name"})

	def test_nothing_known_is_no_heading(self):
		assert found(["甲", "乙"], ["丙", "丁"]) is None
		assert headings.find([], KNOWN) is None
		assert headings.find([[""]], KNOWN) is None

	def test_only_the_first_rows_are_looked_at(self):
		assert found(*[["x", "y"]] * headings.ROWS, ["姓名", "性别"]) is None

	def test_numbers_of_columns_are_no_data(self):
		assert found(["姓名", "性别", "电话"], [1.0, 2.0, 3.0], ["张三", "男", "1"])[0] == 2
		assert found(["姓名", "性别", "电话"], ["(1)", "(2)", "(3)"], ["张三", "男", "1"])[0] == 2

	def test_a_column_without_a_heading_is_shown_where_it_has_cells(self):
		heading = headings.find([["姓名", "", "", "性别"], ["张三", "", "村民", "男"]], KNOWN)
		assert heading.columns == [(0, "姓名", "name"), (2, "", ""), (3, "性别", "sex")]

	@settings(deadline=None)  # a busy machine is no fault
	@given(
		st.lists(
			st.lists(st.sampled_from([*KEYS, "", "张三", "户主信息", 5.0, None]), max_size=6), max_size=5
		)
	)
	def test_whatever_stands_there_each_column_comes_once(self, rows: list[list[object]]):
		heading = headings.find(rows, KNOWN)
		if not heading:
			return
		places = [at for at, _said, _key in heading.columns]
		assert places == sorted(set(places))
		assert 0 < heading.first <= len(rows)
		assert any(key for _at, _said, key in heading.columns)


class TestTwoRows:
	def test_merged_groups(self):
		assert found(
			["序号", "户主信息", "户主信息", "家庭成员基本情况", "家庭成员基本情况", "监护人", "监护人"],
			["序号", "姓名", "身份证号", "姓名", "性别", "姓名", "电话"],
			["1", "甲", "3", "乙", "男", "丙", "13800000000"],
		) == (
			2,
			{
				"序号": "",
				"户主信息 姓名": "head",
				"户主信息 身份证号": "head_number",
				"家庭成员基本情况 姓名": "name",
				"家庭成员基本情况 性别": "sex",
				"监护人 姓名": "guardian",
				"监护人 电话": "",  # not the resident's
			},
		)

	def test_what_two_rows_were_joined_to_is_known_in_one(self):
		rows = [
			["户主信息", "家庭成员", "家庭成员", "监护人"],
			["姓名", "姓名", "性别", "电话"],
			["甲", "乙", "男", "1"],
		]
		joined = headings.find(rows, KNOWN)
		again = headings.find([[said for _at, said, _key in joined.columns], *rows[2:]], KNOWN)
		assert again.columns == joined.columns
		assert [key for _at, _said, key in again.columns] == ["head", "name", "sex", ""]

	def test_groups_of_a_text_file(self):
		first, keys = found(
			["序号", "户主", "", "家庭成员", "", "", "65岁以上老人"],
			["", "姓名", "身份证号", "姓名", "性别", "电话", ""],
			["1", "甲", "3", "乙", "男", "13800000000", "是"],
		)
		assert first == 2
		assert list(keys.values()) == ["", "head", "head_number", "name", "sex", "phone", ""]
		assert list(keys)[-1] == "65岁以上老人"

	def test_below_a_title(self):
		first, keys = found(
			["花名册"] * 4,
			["姓名", "住处", "住处", "性别"],
			["姓名", "家庭住址", "电话", "性别"],
			["张三", "三组", "1", "男"],
		)
		assert (first, list(keys.values())) == (3, ["name", "address", "phone", "sex"])

	def test_a_heading_over_two_columns_takes_no_row_of_data(self):
		assert found(["姓名", "住址", "住址", "性别"], ["张三", "三组", "12号", "男"])[0] == 1
		assert found(["姓名", "户主", "户主", "性别"], ["张三", "户主", "12号", "男"])[0] == 1
		assert found(["姓名", "性别", "", "电话"], ["张三", "男", "村民", "1"])[0] == 1

	def test_parts_that_nobody_knows_still_make_one_heading(self):
		rows = [
			["姓名", "住址", "住址", "性别"],
			["姓名", "组", "门牌", "性别"],
			["张三", "三组", "12号", "男"],
		]
		assert found(*rows) == (2, {"姓名": "name", "住址 组": "", "住址 门牌": "", "性别": "sex"})


class TestOtherRows:
	@pytest.mark.parametrize(
		"cells",
		[
			["合计", "", "35"],
			["", "总 计：35人", ""],
			["东村", "小计", 35.0],
			["本页合计", 3.0, ""],
			["制表人：张三", "", "审核人："],
			["填表日期: 2026年1月5日"],
			["村负责人签字：", "", ""],
			["说明：本表一式两份", ""],
			["以下为第二网格"] * 6,
		],
	)
	def test_what_is_no_data(self, cells: list[object]):
		assert headings.is_total(cells)

	@pytest.mark.parametrize(
		"cells",
		[
			[],
			["", None],
			["张三", "男", "合作社会计"],
			["张三", "男", "汉族", "合计"],
			["总会计师", "张三"],
			["是", "是", "是"],
			["1", "1", "1"],
			["20260101", "20260101", "20260101"],
			["张三"],
			["说明", "张三"],
			["备注", "男", "1"],
		],
	)
	def test_what_is_data(self, cells: list[object]):
		assert not headings.is_total(cells)

	def test_headings_once_more(self):
		heading = headings.find([["姓名", "性别", "电话", "备注"]], KNOWN)
		assert heading.repeats(["姓 名", "性别", "电话", "备注"])
		assert heading.repeats(["姓名", "性别", "电话", ""])
		assert not heading.repeats(["张三", "男", "1", "备注"])
		assert not heading.repeats(["", "", "", ""])

	def test_both_rows_of_headings_once_more(self):
		rows = [["姓名", "住处", "住处"], ["姓名", "家庭住址", "电话"]]
		heading = headings.find(rows, KNOWN)
		assert heading.repeats(rows[1])
