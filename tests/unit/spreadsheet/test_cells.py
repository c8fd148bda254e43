"""A cell is understood however it was typed, and what would have to be guessed is refused."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_governance.spreadsheet import cells, problems
from grid_governance.spreadsheet.problems import CellProblem

DAY = date(1980, 1, 31)


def kind(read, value: object) -> str:
	with pytest.raises(CellProblem) as caught:
		read(value)
	assert caught.value.message.format(*caught.value.values)
	assert caught.value.shown == caught.value.values[0]
	return caught.value.kind


class TestText:
	@pytest.mark.parametrize(
		("value", "meant"),
		[
			(None, ""),
			("", ""),
			(" 　\n", ""),
			("张　 三\n", "张 三"),
			("１３８Ａｂ", "138Ab"),
			("⾼⽟", "高玉"),  # radicals, as a PDF gives them
			("\ufeff张\u200b三\u202c", "张三"),
			("三组（东），“乙”：12号", "三组（东），“乙”：12号"),
			("<b>&\"甲'", "＜b＞&＂甲'"),
			("＜script＞", "＜script＞"),
			(13800000000.0, "13800000000"),
			(-3.0, "-3"),
			(0.1 + 0.2, "0.3"),
			(1.23e17, "1.23E+17"),
			(DAY, "1980-01-31"),
			(datetime(1980, 1, 31), "1980-01-31"),
			(datetime(1980, 1, 31, 8, 5), "1980-01-31 08:05"),
			(True, "True"),
		],
	)
	def test_it_is_what_was_meant(self, value: object, meant: str):
		assert cells.text(value) == meant

	@settings(deadline=None)  # a busy machine is no fault
	@given(st.text())
	def test_it_does_not_change_again(self, value: str):
		once = cells.text(value)
		assert cells.text(once) == once
		assert not set(once) & set('<>"\n\t\x00')

	@pytest.mark.parametrize("other", ["第一网格(东)", "第一 网格（东）", "第一网格（东） "])
	def test_names_are_compared_without_what_a_keyboard_adds(self, other: str):
		assert cells.fold(other) == cells.fold("第一网格（东）")


class TestDay:
	@pytest.mark.parametrize(
		"value",
		[
			DAY,
			datetime(1980, 1, 31, 8),
			29251,
			29251.0,
			29251.5,
			"29251",
			19800131,
			19800131.0,
			"19800131",
			"1980-1-31",
			"1980-01-31",
			"1980/1/31",
			"1980.01.31",
			"1980．1．31",
			"1980 1 31",
			"１９８０年１月３１日",
			"1980 年 1 月 31 日",
			"1980年1月31",
			"1980–1–31",
			"1980-01-31 00:00:00",
			"1980-01-31T08:30",
		],
	)
	def test_a_day_is_read_however_it_was_typed(self, value: object):
		assert cells.day(value) == DAY

	@pytest.mark.parametrize(
		"value",
		["1980-1", "1980年1月", "1980.01", 1980.01, 1980.1, "198001", 198001.0, 1980, 1980.0, "1980年"],
	)
	def test_a_month_alone_is_no_day(self, value: object):
		assert kind(cells.day, value) == problems.MONTH

	@pytest.mark.parametrize(
		"value",
		[
			"1980-02-30",
			"1980-13-01",
			19801301,
			"19800230",
			"1/2/1980",
			"80-1-31",
			"农历1980年正月初一",
			"1980-1-31（农历）",
			"1850-01-01",
			"去年",
			"-",
			date(1899, 12, 31),
			time(8, 30),
			timedelta(days=1),
			True,
			0,
			-1.0,
			5,
			1e18,
			float("inf"),
			float("nan"),
		],
	)
	def test_nothing_is_guessed(self, value: object):
		assert kind(cells.day, value) == problems.DAY

	@settings(deadline=None)  # a busy machine is no fault
	@given(st.dates(date(1901, 1, 1), date(2199, 12, 31)))
	def test_every_way_of_writing_says_the_same(self, day: date):
		serial = (day - cells.EPOCH).days
		for value in (f"{day:%Y-%m-%d}", f"{day.year}年{day.month}月{day.day}日", f"{day:%Y%m%d}"):
			assert cells.day(value) == day
		if serial not in range(1900, 2100):  # which is a year
			assert cells.day(float(serial)) == day


class TestNumbers:
	@pytest.mark.parametrize(
		("value", "meant"),
		[
			("310116198001011234", "310116198001011234"),
			("31011619800101123x", "31011619800101123x"),
			(" ３１０１１６ 19800101 1234 ", "310116198001011234"),
			("'310116198001011234", "310116198001011234"),
			("\t‘310116198001011234’", "310116198001011234"),
			(310116800101123.0, "310116800101123"),
			(13800000000.0, "13800000000"),
			("021－5812—3456", "021-5812-3456"),
			("E12345678", "E12345678"),
			("", ""),
			(None, ""),
		],
	)
	def test_digits_stay_as_they_were_typed(self, value: object, meant: str):
		assert cells.digits(value) == meant

	@pytest.mark.parametrize(
		"value",
		[1.23e17, 310116198001011234.0, 310116198001011234, "1.23E+17", "3.10116E+17", "３Ｅ＋１７", 1e15],
	)
	def test_what_excel_has_rounded_is_refused(self, value: object):
		assert kind(cells.digits, value) == problems.ROUNDED

	def test_the_refusal_shows_what_excel_shows(self):
		with pytest.raises(CellProblem) as caught:
			cells.digits(1.23e17)
		assert caught.value.shown == "1.23E+17"

	@pytest.mark.parametrize(
		("number", "seems"),
		[("310116198001011000", True), ("310116198001011234", False), ("13800000000", False)],
	)
	def test_a_rounded_number_typed_as_text_gives_itself_away(self, number: str, seems: bool):
		assert cells.seems_rounded(number) is seems

	@pytest.mark.parametrize("value", [1200, 1200.0, "1200", "1,200", "１２００", "1200.0", " 1200 "])
	def test_a_whole_number(self, value: object):
		assert cells.whole(value) == 1200

	@pytest.mark.parametrize("value", [1.5, "1.5", "约30", "3人", "1,20", True, "", 1e18, "一"])
	def test_what_is_no_whole_number(self, value: object):
		assert kind(cells.whole, value) == problems.WHOLE

	@pytest.mark.parametrize(
		("value", "meant"), [(1.5, 1.5), ("1,200.5", 1200.5), ("-3", -3), ("－３．５", -3.5)]
	)
	def test_a_decimal(self, value: object, meant: float):
		assert cells.decimal(value) == meant

	@pytest.mark.parametrize("value", ["120㎡", "12%", "nan", "inf", "1e5", False, float("nan"), DAY])
	def test_what_is_no_decimal(self, value: object):
		assert kind(cells.decimal, value) == problems.NUMBER


class TestYes:
	@pytest.mark.parametrize("value", ["是", "√", "有", 1.0, "1", True, "Ｙ", "yes", " 是 ", "✔️", "V"])
	def test_yes(self, value: object):
		assert cells.yes(value) is True

	@pytest.mark.parametrize("value", ["否", "×", "无", 0.0, "0", False, "N", "没有"])
	def test_no(self, value: object):
		assert cells.yes(value) is False

	@pytest.mark.parametrize("value", ["", None, "不详", "2", "群众", 2.0])
	def test_neither(self, value: object):
		assert kind(cells.yes, value) == problems.YES
