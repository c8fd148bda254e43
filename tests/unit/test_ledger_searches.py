"""What a typed text means, and which filters go with a search."""

import pytest

from grid_governance.grid_ledger.rules import names, searches
from grid_governance.grid_ledger.rules.searches import HOUSE, LETTERS, NUMBER, WORDS


@pytest.mark.parametrize(
	("text", "meant"),
	[
		("wgj", (LETTERS, "wgj")),
		("Wang Guojun", (LETTERS, "wangguojun")),
		("xi'an", (LETTERS, "xian")),
		("LÜ", (LETTERS, "lv")),
		("ｗｇｊ", (LETTERS, "wgj")),
		("王国军", (WORDS, "王国军")),
		(" 王  国军 ", (WORDS, "王 国军")),
		("12", (HOUSE, "12")),
		("3-12", (HOUSE, "3-12")),
		("12345678", (HOUSE, "12345678")),
		("110105 19491231 002x", (NUMBER, "11010519491231002X")),
		("１１０１０５１９４９１２３１００２Ｘ", (NUMBER, "11010519491231002X")),
		("110105491231002", (NUMBER, "110105491231002")),
		("11010519491231002", (HOUSE, "11010519491231002")),
		("%", None),
		("_ \\", None),
		("  ", None),
		("王%军", (WORDS, "王军")),
		("王国军 OR 1=1", (WORDS, "王国军 OR 1=1")),
	],
)
def test_what_a_text_means(text, meant):
	assert searches.kind(text) == meant


OWN = ("name", "household", "status", "age")


@pytest.mark.parametrize(
	("given", "expected"),
	[
		(None, []),
		({}, []),
		({"household": "a"}, [["Resident", "household", "=", "a"]]),
		({"status": ["!=", "Away"]}, [["Resident", "status", "!=", "Away"]]),
		([["status", "in", ["Away"]]], [["Resident", "status", "in", ["Away"]]]),
		([["Resident", "status", "IN", ("Away",), False]], [["Resident", "status", "in", ("Away",)]]),
		({"age": ["between", [1, 2]]}, [["Resident", "age", "between", [1, 2]]]),
	],
)
def test_filters_on_own_fields_are_taken(given, expected):
	assert searches.checked_filters(given, "Resident", OWN) == expected


@pytest.mark.parametrize(
	"given",
	[
		"1=1",
		7,
		[1],
		["status", "=", "Away"],
		[["Resident Identity", "status", "=", "a"]],
		[["Resident", "id_number_hash", "=", "a"]],
		[["household.address", "like", "%"]],
		[["status = 'a' or 1=1 -- ", "=", "a"]],
		[["status", "sounds like", "a"]],
		[["status", "=", ["Away"]]],
		[["status", "in", "Away"]],
		[["status", "in", [["Away"]]]],
		[["status", "in", list("a" * 501)]],
		[["status", "=", {"a": 1}]],
		[["status", ["="], "a"]],
		[[["status"], "=", "a"]],
		[["status", "="]],
		{"or": [["status", "=", "a"]]},
		{"status": ["=", "a", "b", "c"]},
	],
)
def test_other_filters_are_refused(given):
	with pytest.raises(searches.FilterProblem):
		searches.checked_filters(given, "Resident", OWN)


@pytest.mark.parametrize("name", ["王国军", "欧阳·安", "单田芳", "吕布", "Ann Lee"])
def test_a_single_letter_is_looked_for_in_the_initials_alone_and_finds_the_same(name):
	pinyin, initials = names.keys(name)
	assert searches.columns_of(searches.beginning(pinyin[0])) == ("initials",)
	assert pinyin[0] == initials[0]
	assert searches.columns_of(searches.beginning(pinyin[:2])) == ("initials", "pinyin")
