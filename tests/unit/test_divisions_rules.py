"""Names and codes of divisions: literal cases from the published list, and what holds for every name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_governance.setup.divisions import rules

NAMES = {
	"金庄村村委会": "金庄村",
	"土岭底村村委会": "土岭底村",
	"魏村委会": "魏村",
	"新民村委会": "新民村",
	"李家村民委员会": "李家村",
	"邓村村村民委员会": "邓村村",
	"高家会村委会": "高家会村",
	"居民村民委员会": "居民村",
	"铁西社区居委会": "铁西社区",
	"万达社区委员会": "万达社区",
	"绿洲第四居委会": "绿洲第四社区",
	"新民居委会": "新民社区",
	"安居居委会": "安居社区",
	"幸福村居委会": "幸福村社区",
	"人民村居民委员会": "人民村社区",
	"亚星社区居民管理委员会": "亚星社区",
	"东沟社区村民委员会": "东沟社区",
	"第七居民委员会社区": "第七社区",
	"额很乌苏村委会社区": "额很乌苏村",
	"红港家属委员会居委会": "红港社区",
	"师大家委会": "师大社区",
	"茂力格尔嘎查委会": "茂力格尔嘎查",
	"巴彦芒哈嘎查村民委员会": "巴彦芒哈嘎查",
	"伊力特嘎查人民委员会": "伊力特嘎查",
	"哈夏图牧委会": "哈夏图村",
	"江龙牧业村牧委会": "江龙牧业村",
	# remarks in brackets
	"红光村委会（三叉河）": "红光村",
	"国家屯村委会（合隆经济开发区）（省级）": "国家屯村",
	"虎山院社区居委会（筹备组））": "虎山院社区",
	"月明社区居委会(筹备组）": "月明社区",
	"扎玛村（一村）委会": "扎玛村（一村）",
	"郭庄村（居）委会": "郭庄村",
	"塘基上（青山里）村": "塘基上（青山里）村",
	# slips of the list
	"闫庄村民委员会会": "闫庄村",
	"石村村委会委会": "石村",
	"沟口子村村民委会": "沟口子村",
	"城东社区居居委员会": "城东社区",
	"凤凰社区居名委员会": "凤凰社区",
	"北泽沟村民会员会": "北泽沟村",
	# no office: left as they are
	"三坪一连队": "三坪一连队",
	"卜尔汉图嘎查": "卜尔汉图嘎查",
	"经开区管委会虚拟社区": "经开区管委会虚拟社区",
	"王庄": "王庄",
}


@pytest.mark.parametrize(("listed", "name"), NAMES.items())
def test_a_village_is_named_without_its_office(listed, name):
	assert rules.village_name(listed) == name


PLACES = st.text(st.sampled_from("东西南北王李张金土岭底坪沟庄新民安居家会村"), min_size=1, max_size=5)
OFFICES = st.sampled_from(["村委会", "村民委员会", "居委会", "居民委员会", "社区居委会", "村村委会", ""])


@given(PLACES, OFFICES)
def test_naming_is_done_once(place, office):
	name = rules.village_name(place + office)
	assert rules.village_name(name) == name


@given(PLACES.filter(lambda place: not place.endswith(("村", "居", "家", "会", "委"))), OFFICES)
def test_the_place_is_kept_whole(place, office):
	assert rules.village_name(place + office).startswith(place)


def test_a_township_code_has_nine_digits_or_twelve():
	assert rules.township_code(" 140431203 ") == "140431203"
	assert rules.township_code("140431203000") == "140431203"


@pytest.mark.parametrize(
	"code", ["", "140431", "140431203206", "14043120a", "1404312030", "１４０４３１２０３"]
)
def test_anything_else_is_no_township_code(code):
	with pytest.raises(ValueError, match="township"):
		rules.township_code(code)


@pytest.mark.parametrize(
	("number", "text"),
	[
		(1, "一"),
		(9, "九"),
		(10, "十"),
		(11, "十一"),
		(20, "二十"),
		(21, "二十一"),
		(99, "九十九"),
		(100, "100"),
	],
)
def test_grids_are_numbered_as_people_write(number, text):
	assert rules.ordinal(number, "zh") == text
	assert rules.ordinal(number, "en") == str(number)


def test_no_two_grids_of_a_village_have_one_number():
	assert len({rules.ordinal(number, "zh-TW") for number in range(1, 200)}) == 199
