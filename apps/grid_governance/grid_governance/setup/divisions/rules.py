"""Rules for statistical divisions: codes, names of villages, names of grids drawn by rule. Pure Python.

Statistical codes (统计用区划代码) have six digits for a county (GB/T 2260), three more for the township
and three more for the village: 001–199 and 400–499 are residents' communities and what counts as one,
200–399 and 500–599 villages and what counts as one.
"""

import re
from dataclasses import dataclass

TOWNSHIP_DIGITS, CODE_DIGITS = 9, 12
VILLAGE, COMMUNITY, BANNER_VILLAGE = "村", "社区", "嘎查"

_REMARK = re.compile(r"(?<=[会处])[（(][^（）()]*[）)]+(?:[（(][^（）()]*[）)]+)*$")
"""A remark in brackets after the office: 红光村委会（三叉河）."""
_OFFICE_COMMUNITY = re.compile(r"(?:(?<=委员会)|(?<=[村居]委会))社区$")
"""Some communities are listed as 第七居民委员会社区."""
_OFFICE = re.compile(
	r"(?P<place>.+?)"
	r"(?:(?P<kind>[村居牧渔家])(?:民|名|员|属)*(?:管理)?(?:[民名员委会]*[委员]会+|民会)"
	r"|(?:人民|管理)?(?:委员会|委会))"
)
"""What a place is called, and after it the committee with its kind: villagers' (村), herders' (牧) or
fishers' (渔), residents' (居) or families' (家). The tail allows for the slips of the published list, such
as 村民委员会会, 居委会会 or 村民民委员会."""
_BRACKETED_KIND = re.compile(r"[（(][村居][）)]$")
_DOUBLED = re.compile(r"(?<=社区)居$")
_NUMERALS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Division:
	"""A township as the divisions list has it: nine-digit code, name, and its villages as (12-digit code, name)."""

	code: str
	name: str
	villages: tuple[tuple[str, str], ...]


def township_code(given: str) -> str:
	"""Return the nine-digit code of a township, given with nine digits or with twelve that end in 000.

	Nine digits are kept, because the code of a village begins with that of its township. Raises
	ValueError for anything else.
	"""
	code = given.strip()
	if len(code) == CODE_DIGITS and code.endswith("000"):
		code = code[:TOWNSHIP_DIGITS]
	if not re.fullmatch(r"\d{9}", code, re.ASCII):
		raise ValueError(f"{given!r} is not the code of a township")
	return code


def village_name(listed: str) -> str:
	"""Return the name of a village or community without the office that the list names it by.

	金庄村村委会 → 金庄村, 王庄村民委员会 → 王庄村, 铁西社区居委会 → 铁西社区, 绿洲居委会 → 绿洲社区,
	卜尔汉图嘎查村民委员会 → 卜尔汉图嘎查. A name without an office, such as 三坪一连队, stays.
	"""
	name = _REMARK.sub("", listed.strip())
	name = _OFFICE_COMMUNITY.sub("", name)
	kind = ""
	while match := _OFFICE.fullmatch(name):
		name = _BRACKETED_KIND.sub("", match["place"])
		kind = kind or match["kind"] or ""
		if not name.endswith(("委员会", "委会")):
			break
	name = _DOUBLED.sub("", name)
	if kind in ("居", "家") and not name.endswith(COMMUNITY):
		return name + COMMUNITY
	if kind in ("村", "牧", "渔") and not name.endswith((VILLAGE, COMMUNITY, BANNER_VILLAGE)):
		return name + VILLAGE
	return name


def ordinal(number: int, language: str) -> str:
	"""Return the number of a grid as it is written in *language*: Chinese numerals up to 99, else digits."""
	if not language.startswith("zh") or not 0 < number < 100:
		return str(number)
	tens, ones = divmod(number, 10)
	text = ("" if tens < 2 else _NUMERALS[tens]) + ("十" if tens else "")
	return text + (_NUMERALS[ones] if ones else "")
