"""How people's names are looked up: by pinyin and by initials."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT

SURNAMES = {
	"不": "fou", "单": "shan", "乐": "yue", "乜": "nie", "仇": "qiu", "佴": "nai", "便": "pian",
	"区": "ou", "卜": "bu", "厘": "xi", "召": "shao", "句": "gou", "员": "yun", "孛": "bo",
	"库": "she", "度": "duo", "折": "she", "曾": "zeng", "朴": "piao", "查": "zha", "洗": "xian",
	"炅": "gui", "盖": "ge", "祭": "zhai", "种": "chong", "秘": "bi", "繁": "po", "缪": "miao",
	"翟": "zhai", "蕃": "pi", "覃": "qin", "角": "jue", "解": "xie", "适": "kuo", "都": "du",
	"重": "chong", "阚": "kan", "隗": "wei", "颉": "xie", "黑": "he",
}  # fmt: skip
"""Characters that are read otherwise when they are a surname."""

CHINESE = re.compile(r"[\u4e00-\u9fff]{1,6}")
"""Names of characters that each are one syllable; they are read one by one unless they make a phrase."""

NO_LETTER = re.compile(r"[^a-z0-9]")


def keys(name: str) -> tuple[str, str]:
	"""Return (pinyin, initials) of *name*, in small letters without tones: 王国军 gives wangguojun and wgj.

	The first character is read as a surname; ü is v, as it is typed. Names written in other letters keep them, one
	word as one syllable; what is no letter is left out.
	"""
	is_chinese = CHINESE.fullmatch(name)
	text = name if is_chinese else unicodedata.normalize("NFKC", name).strip()
	surname = SURNAMES.get(text[:1])
	if is_chinese and not _has_phrase(text[1:] if surname else text):
		syllables = list(filter(None, (surname or _of_character(text[0]), *map(_of_character, text[1:]))))
	else:
		read = [surname, *lazy_pinyin(text[1:])] if surname else lazy_pinyin(text)
		syllables = _syllables(read)
	return "".join(syllables), "".join(syllable[0] for syllable in syllables)


def _has_phrase(text: str) -> bool:
	"""Whether characters of *text* stand together in the dictionary of phrases, in which they may be read otherwise."""
	return any(
		text[start:end] in PHRASES_DICT
		for start in range(len(text) - 1)
		for end in range(start + 2, len(text) + 1)
	)


@cache
def _of_character(character: str) -> str:
	return "".join(_syllables(lazy_pinyin(character)))


def _syllables(read: Iterable[str]) -> list[str]:
	return [
		plain for part in read for word in part.split() if (plain := NO_LETTER.sub("", _unaccented(word)))
	]


def _unaccented(text: str) -> str:
	split = unicodedata.normalize("NFD", text.lower())
	return "".join(letter for letter in split if not unicodedata.combining(letter))
