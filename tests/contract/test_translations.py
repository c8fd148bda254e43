"""Everything that the app says is there in Chinese, and translations/zh.csv is in order."""

import ast

import pytest

from tests.contract.checkers import translations
from tests.contract.checkers.files import APP
from tests.contract.checkers.translations import Row, Text

ZH = APP / "translations" / "zh.csv"

SAME_IN_CHINESE = frozenset({"ID", "URL", "12345"})
"""What is written the same way in Chinese."""

FILLED_IN_ENGLISH = frozenset({"{0} View", "{0} Chart", "Creating {0}", "Go to {0} List"})
"""What Frappe fills in here it does not translate: the Chinese does without."""


@pytest.fixture(scope="module")
def rows() -> list[Row]:
	return translations.read_rows(ZH.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def texts() -> list[Text]:
	return translations.app_texts(APP)


def test_every_text_of_the_app_is_found(texts):
	sources = {text.source for text in texts}
	module, doctype, label, option, role = (
		"Grid Structure",
		"Grid Worker",
		"Planned Households",
		"Patrol",
		"Grid Member",
	)
	report, seed, message = "Issue Resolution Levels", "Street Lamps", "Import a Township"
	assert {module, doctype, label, option, role, report, seed, message} <= sources


def test_every_text_of_the_app_has_its_chinese(texts, rows):
	assert translations.missing(texts, rows) == []


def test_placeholders_agree(rows):
	assert translations.unequal_placeholders(rows, FILLED_IN_ENGLISH) == []


def test_no_source_stands_twice(rows):
	assert translations.doubled(rows) == []


def test_nothing_is_left_in_english(rows):
	assert translations.untranslated(rows, SAME_IN_CHINESE) == []


def test_file_is_sorted_and_plainly_written(rows):
	assert translations.out_of_order(rows) == []
	assert ZH.read_bytes().decode("utf-8") == translations.written(rows)


def test_a_missing_text_is_seen():
	said = [Text("Street Lamp", "", "a.py"), Text("Open", "a door", "a.js"), Text("Open", "a file", "b.js")]
	known = [Row("Open", "开门", "a door"), Row("Street Lamp", "")]
	problems = translations.missing(said, known)
	assert problems == ["'Street Lamp' has no Chinese: a.py", "'Open' has no Chinese: b.js"]
	assert translations.missing(said, [Row("Street Lamp", "路灯"), Row("Open", "打开")]) == []


@pytest.mark.parametrize(
	("check", "row"),
	[
		(translations.unequal_placeholders, Row("{0} of {1}", "{0}，共 {2}")),
		(translations.unequal_placeholders, Row("<b>All</b>", "全部")),
		(lambda rows: translations.untranslated(rows, SAME_IN_CHINESE), Row("Street Lamp", "Street Lamp")),
		(lambda rows: translations.untranslated(rows, SAME_IN_CHINESE), Row("Street Lamp", "")),
		(lambda rows: translations.doubled([*rows, *rows]), Row("Street Lamp", "路灯")),
		(lambda rows: translations.out_of_order([Row("b", "乙"), *rows]), Row("a", "甲")),
	],
)
def test_a_bad_row_is_seen(check, row):
	assert check([row])


def test_texts_of_python():
	code = """
_("Settled by {0}").format(name)
_("<b>Careful</b> with it ")
_(state or "No State")
_("Open", context="a door")
_(variable)
FIELD = {"fieldname": "stage", "fieldtype": "Select", "label": "Stage", "options": "\\nNew\\nOld", "insert_after": "a"}
"""
	assert set(translations.python_texts(ast.parse(code))) - {("", "")} == {
		("Settled by {0}", ""),
		("Careful with it", ""),
		("No State", ""),
		("Open", "a door"),
		("Stage", ""),
		("New", ""),
		("Old", ""),
	}


def test_texts_of_javascript():
	code = """
// __("in a comment")
__("Say \\"yes\\"");  __('{0} of {1}', [a, b]); __(`Line
two`); __("long " +
	"text"); __("Open", null, "a door"); __("Open", [name], "a file"); object.__("not ours"); __(variable);
"""
	assert list(translations.script_texts(code)) == [
		('Say "yes"', ""),
		("{0} of {1}", ""),
		("Line\ntwo", ""),
		("long text", ""),
		("Open", "a door"),
		("Open", "a file"),
	]


def test_texts_of_json():
	doctype = {
		"doctype": "DocType",
		"name": "Lamp",
		"fields": [
			{"fieldtype": "Select", "label": "State", "options": "On\nOff", "description": "Is it lit?"}
		],
		"permissions": [{"role": "Lamp Keeper"}],
	}
	assert {source for source, _ in translations.json_texts(doctype)} - {""} == {
		"Lamp",
		"State",
		"On",
		"Off",
		"Is it lit?",
		"Lamp Keeper",
	}
	seed = [
		{
			"key": "a",
			"values": {"name": {"_": "Lit"}, "content": {"json": [{"text": {"_": "Lamps"}}]}, "code": "x"},
		}
	]
	assert [source for source, _ in translations.json_texts(seed)] == ["Lit", "Lamps"]
	assert [source for source, _ in translations.json_texts([{"role_name": "Lamp Keeper"}])] == [
		"Lamp Keeper"
	]
