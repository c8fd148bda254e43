"""What the columns of a file mean: fields, headings, words, those that were learned, and who may fill what."""

from collections import Counter
from datetime import date

import frappe
import pytest

from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.importing import columns, lines
from grid_governance.grid_ledger.importing.columns import SINCE, synonyms, word
from grid_governance.spreadsheet import headings
from grid_governance.spreadsheet.book import Sheet
from tests.factories import make_holder, make_township, make_user, seeded
from tests.world import inside_savepoint, taken_back

MEMBER, SECRETARY, OFFICIAL, ADMINISTRATOR = (
	*("Grid Member", "Village Secretary", "Township Office"),
	"Governance Administrator",
)
NAME, RELATION, BIRTH = f"{RESIDENT}.resident_name", f"{RESIDENT}.relation_to_head", f"{RESIDENT}.birth_date"
NUMBER, EDUCATION, STATUS = f"{IDENTITY}.id_number", f"{RESIDENT}.education", f"{RESIDENT}.status"
SPECIMEN = "11010519491231002X"
"""The example that GB 11643-1999 gives."""


@pytest.fixture(scope="module")
def world(site):
	with taken_back():
		make_user()  # Frappe makes the first user of a site its System Manager
		town = make_township(1, 1)
		grid, village = town.grids[0][0].name, town.villages[0].name
		administrator = make_user()
		frappe.get_doc("User", administrator).add_roles(ADMINISTRATOR)
		yield frappe._dict(
			grid=grid,
			member=make_holder(MEMBER, grid),
			secretary=make_holder(SECRETARY, village),
			administrator=administrator,
		)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


@pytest.fixture(autouse=True)
def _in_chinese(monkeypatch):
	monkeypatch.setattr(frappe.local, "lang", "zh")


@pytest.fixture
def field():
	"""Makes a field as Customize Form does, without a column in the database, which would commit."""
	made = []

	def make(doctype: str, **values: object) -> str:
		name = f"own_{frappe.generate_hash(length=8)}"
		values = {"dt": doctype, "fieldname": name, "label": "最近体检", "fieldtype": "Data", **values}
		frappe.get_doc(doctype="Custom Field", name=f"{doctype}-{name}", **values).db_insert()
		frappe.clear_cache(doctype=doctype)
		made.append((doctype, name))
		return f"{doctype}.{name}"

	yield make
	for doctype, name in made:
		frappe.db.delete("Custom Field", {"dt": doctype, "fieldname": name})
		frappe.clear_cache(doctype=doctype)


def sheet(*rows: list[object], name: str = "人口") -> Sheet:
	return Sheet(name, [list(row) for row in rows])


def recognised(*names: str, kind: str = columns.PEOPLE) -> dict[str, str]:
	"""What each of the headings *names* comes to, in a sheet with a row below."""
	_heading, found = columns.recognise(sheet(list(names), [f"x{at}" for at in range(len(names))]), kind)
	return {each.heading: each.key for each in found}


def test_people_who_may_fill_everything_fill_the_fields_of_five_doctypes_and_a_column_for_each_category(
	world,
):
	frappe.set_user(world.secretary)
	found = columns.targets(columns.PEOPLE)
	assert {target.doctype for target in found.values()} == {
		"Grid",
		HOUSEHOLD,
		RESIDENT,
		IDENTITY,
		CONTACT,
		CARE,
	}
	assert all(target.may_write for target in found.values())
	assert {
		NAME,
		RELATION,
		NUMBER,
		"Household.household_no",
		"Resident.guardian",
		"Resident Contact.phone",
	} <= set(found)
	categories = frappe.get_all("Care Category", pluck="name")
	assert all(found[f"{CARE}.{category}"].fieldtype == SINCE for category in categories)
	assert set(found[columns.CARE_CATEGORIES].labels) == set(categories)


def test_what_the_room_keeps_itself_is_nothing_to_fill(world):
	kept = ("title", "grid", "grid_path", "head", "status", "member_count", "last_visit_on", "merged_into")
	found = columns.targets(columns.PEOPLE)
	assert not {f"{HOUSEHOLD}.{field}" for field in kept} & set(found)
	kept = ("pinyin", "initials", "age", "household", "grid", "anonymised_on", "consent_guardian")
	assert not {f"{RESIDENT}.{field}" for field in kept} & set(found)
	assert [key for key in found if key.startswith(IDENTITY)] == [f"{IDENTITY}.id_type", NUMBER]


@pytest.mark.parametrize("kind", columns.KINDS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_field_is_known_by_its_own_label_which_no_other_has(world, kind, language, monkeypatch):
	monkeypatch.setattr(frappe.local, "lang", language)
	found = columns.targets(kind)
	labels = Counter(headings.key(target.label) for target in found.values())
	assert max(labels.values()) == 1
	known = synonyms.known_headings(found)
	assert {key: known[headings.key(target.label)][0] for key, target in found.items()} == {
		key: key for key in found
	}
	assert {key: known[headings.key(key)][0] for key in found} == {key: key for key in found}


@pytest.mark.parametrize("kind", columns.KINDS)
def test_every_shipped_word_stands_for_one_thing_that_there_is(world, kind):
	found, meant = columns.targets(kind), {}
	known = synonyms.known_headings(found)
	every = {key for each in columns.KINDS for key in columns.targets(each)} | {synonyms.NEEDLESS}
	for key, said, code in synonyms._shipped():
		assert key in every
		if key not in found:
			continue
		if code:
			assert code in found[key].labels, (key, said, code)
			assert found[key].words[word(said)] == code, f"{said} is {found[key].words[word(said)]} already"
		else:
			assert meant.setdefault(headings.key(said), key) == key, f"{said} is a heading of two"
			assert known[headings.key(said)][0] == key, said


@pytest.mark.parametrize(
	("heading", "key"),
	[
		("户主姓名", columns.HEAD_NAME),
		("户主身份证号", columns.HEAD_NUMBER),
		("与户主关系", RELATION),
		("公民身份号码", NUMBER),
		("身份证号码（必填）", NUMBER),
		("＊姓 名", NAME),
		("联系电话", "Resident Contact.phone"),
		("家庭住址", "Household.address"),
		("文化程度", EDUCATION),
		("政治面貌", "Resident.political_status"),
		("户籍所在地", "Resident.registered_division"),
		("所属网格", columns.GRID_NAME),
		("村（社区）", columns.GRID_VILLAGE),
		("Date of Birth", BIRTH),
		("birth_date", BIRTH),
		("重点人群", columns.CARE_CATEGORIES),
	],
)
def test_headings_of_village_files_are_known(world, heading, key):
	assert list(recognised("性别", heading).values()) == ["Resident.sex", key]


def test_a_category_is_known_by_what_it_is_called_here_and_elsewhere(world):
	empty_nest, allowance = (seeded(f"care_category/{key}") for key in ("empty-nest", "allowance"))
	assert recognised("姓名", empty_nest)[empty_nest] == f"{CARE}.{empty_nest}"
	assert recognised("姓名", "是否低保户")["是否低保户"] == f"{CARE}.{allowance}"
	renamed = frappe.rename_doc("Care Category", allowance, "兜底保障")
	found = recognised("姓名", "是否低保户", "兜底保障")
	assert found["兜底保障"] == f"{CARE}.{renamed}"
	frappe.db.set_value("Seed Record", "care_category/allowance", "reference_name", renamed)
	assert recognised("姓名", "是否低保户")["是否低保户"] == f"{CARE}.{renamed}"


@pytest.mark.parametrize(
	("key", "said", "code"),
	[
		(RELATION, "长子", "Son"),
		(RELATION, "妻", "Spouse"),
		(RELATION, "孙 女", "Grandchild"),
		(EDUCATION, "文盲", "None"),
		(EDUCATION, "大学专科", "College"),
		(STATUS, "外出务工", "Away"),
		(STATUS, "死亡", "Deceased"),
		("Resident.sex", "女性", "Female"),
		("Resident.political_status", "中共党员", "Party Member"),
		("Resident.population_type", "流动", "Migrant"),
	],
)
def test_words_of_village_files_stand_for_the_codes_of_the_ledger(world, key, said, code):
	assert columns.targets(columns.PEOPLE)[key].words[word(said)] == code


@pytest.mark.parametrize("said", ["其他", "媳妇"])
def test_what_may_mean_two_relations_is_not_guessed(world, said):
	assert word(said) not in columns.targets(columns.PEOPLE)[RELATION].words


def test_a_field_made_on_the_screen_is_a_column_like_any_other(world, field):
	key = field(RESIDENT, fieldtype="Select", options="\n合格\n待复查")
	assert recognised("姓名", "最近体检")["最近体检"] == key
	found = columns.targets(columns.PEOPLE)[key]
	assert (found.words, found.df.fieldtype) == ({"合格": "合格", "待复查": "待复查"}, "Select")


def test_a_field_that_is_called_as_another_is_told_apart_and_leaves_the_shipped_heading_alone(world, field):
	key = field(HOUSEHOLD, label="文化程度")
	assert recognised("姓名", "文化程度")["文化程度"] == key
	frappe.db.delete("Custom Field", {"dt": HOUSEHOLD, "label": "文化程度"})
	frappe.clear_cache(doctype=HOUSEHOLD)
	assert recognised("姓名", "文化程度")["文化程度"] == EDUCATION
	double = field(HOUSEHOLD, label="民族")
	labels = {
		target.label for key, target in columns.targets(columns.PEOPLE).items() if "民族" in target.label
	}
	assert labels == {"农户 民族", "居民 民族"}
	assert recognised("姓名", "农户民族")["农户民族"] == double
	assert recognised("姓名", "民族")["民族"] == "Resident.ethnicity"


def test_a_field_above_the_level_of_the_user_is_shown_and_left_out(world, field):
	key = field(RESIDENT, permlevel=7)
	frappe.set_user(world.secretary)
	assert not columns.targets(columns.PEOPLE)[key].may_write
	_heading, found = columns.recognise(sheet(["姓名", "最近体检"], ["甲", "是"]), columns.PEOPLE)
	assert [(each.key, each.taken, bool(each.note)) for each in found] == [
		(NAME, True, False),
		(key, False, True),
	]


def test_a_member_of_a_grid_fills_no_numbers_and_nothing_sensitive(world):
	frappe.set_user(world.member)
	found = columns.targets(columns.PEOPLE)
	refused = {key for key, target in found.items() if not target.may_write}
	sensitive = frappe.get_all("Care Category", {"is_sensitive": 1}, pluck="name")
	assert sensitive
	assert refused == {
		f"{IDENTITY}.id_type",
		NUMBER,
		columns.HEAD_NUMBER,
		*(f"{CARE}.{each}" for each in sensitive),
	}
	assert not set(found[columns.CARE_CATEGORIES].labels) & set(sensitive)
	rows = sheet(["姓名", "身份证号", "残疾人"], ["甲", SPECIMEN, "是"])
	_heading, columns_found = columns.recognise(rows, columns.PEOPLE)
	assert [each.taken for each in columns_found] == [True, False, False]
	assert {each.note for each in columns_found[1:]} == {"您的任职没有录入此项的权限。"}


def test_a_catalogue_that_the_user_may_not_read_is_no_column(world, field):
	key = field(RESIDENT, fieldtype="Link", options="Email Account")
	assert key in columns.targets(columns.PEOPLE)
	frappe.set_user(world.member)
	assert key not in columns.targets(columns.PEOPLE)


def test_records_with_one_title_are_told_apart_by_their_names(world, field):
	key = field(RESIDENT, fieldtype="Link", options="Grid Post")
	posts = [
		frappe.get_doc(
			doctype="Grid Post", role=MEMBER, post_name=f"岗位{frappe.generate_hash(length=6)}"
		).insert()
		for _number in range(2)
	]
	found = columns.targets(columns.PEOPLE)[key]
	assert {found.words[word(post.name)] for post in posts} == {post.name for post in posts}


def test_no_link_to_a_person_is_a_column_but_the_guardian_and_who_is_in_the_chat(world, field):
	key = field(RESIDENT, fieldtype="Link", options=RESIDENT)
	found = columns.targets(columns.PEOPLE)
	assert key not in found
	assert {found[key].fieldtype for key in ("Resident.guardian", "Household.group_rep")} == {"Data"}


def test_cells_are_shown_but_no_number_whole_not_even_in_a_column_that_nobody_knows(world):
	rows = sheet(
		["姓名", "证件号码", "电话", "什么", "出生日期", "证件类型"],
		["甲", SPECIMEN, 13800000000.0, f"号{SPECIMEN}", "1949-12-31", "护照"],
		["乙", "", "0533-1234567", "甲", 18263.0, "护照"],
		["甲", "", "", "", "", ""],
	)
	_heading, found = columns.recognise(rows, columns.PEOPLE)
	assert found[0].example == "甲、乙"
	assert found[4].example == "1949-12-31、18263"
	assert found[5].example == "护照"
	shown = " ".join(each.example for each in found)
	assert not {SPECIMEN, "13800000000", "1234567"} & set(shown.replace("、", " ").split())
	assert SPECIMEN[6:14] not in found[1].example + found[3].example
	assert found[3].example.startswith("号11*")


def test_what_is_not_taken_says_why(world):
	rows = sheet(
		["序号", "姓名", "民族", "族别", "出生年月", "备忘", "退回原因"],
		["1", "甲", "1", "2", "1980.01", "x", "y"],
		["2", "乙", "1", "2", "1981年2月", "x", "y"],
	)
	_heading, found = columns.recognise(rows, columns.PEOPLE)
	assert [(each.heading, each.taken) for each in found] == [
		*(("序号", False), ("姓名", True), ("民族", True), ("族别", False)),
		*(("出生年月", False), ("备忘", False), ("退回原因", False)),
	]
	notes = {each.heading: each.note for each in found}
	assert not (notes["姓名"] or notes["民族"])
	assert "C" in notes["族别"]
	assert "年月" in notes["出生年月"]
	assert len({notes[each] for each in ("序号", "族别", "出生年月", "备忘", "退回原因")}) == 5


def test_two_columns_of_telephones_are_both_hers(world):
	rows = sheet(["姓名", "联系电话", "手机号"], ["甲", "0533-1234567", 13800000000.0])
	_heading, found = columns.recognise(rows, columns.PEOPLE)
	assert [each.taken for each in found] == [True, True, True]
	targets = columns.targets(columns.PEOPLE)
	line = lines.reader({each.index: targets[each.key] for each in found}, date(2026, 3, 1))(
		0, 2, rows.rows[1]
	)
	assert line.values["Resident Contact.phone"] == ["0533-1234567", "13800000000"]


def test_a_sheet_of_examples_and_one_without_headings_are_not_read(world):
	assert columns.recognise(sheet(["姓名", "性别"], ["甲", "男"], name="填写示例"), columns.PEOPLE) == (
		None,
		[],
	)
	assert columns.recognise(sheet(["说明"], ["请认真填写"]), columns.PEOPLE) == (None, [])


def test_a_heading_that_somebody_chose_is_known_the_next_time(world):
	frappe.set_user(world.member)
	assert recognised("姓名", "乡亲们的住处")["乡亲们的住处"] == ""
	columns.learn_heading(columns.PEOPLE, "乡亲们的住处", "Household.address")
	columns.learn_heading(columns.PEOPLE, "乡亲们的住处", "Household.address")
	assert recognised("姓名", "乡亲们的住处（如实）")["乡亲们的住处（如实）"] == "Household.address"
	assert frappe.db.count(synonyms.SYNONYM, {"word": "乡亲们的住处"}) == 1
	columns.learn_heading(columns.PEOPLE, "乡亲们的住处", "Resident.registered_division")
	assert recognised("姓名", "乡亲们的住处")["乡亲们的住处"] == "Resident.registered_division"
	assert "乡亲们的住处" not in recognised("场所名称", "网格", kind="Grid Place")


def test_nobody_teaches_another_meaning_of_what_a_field_is_called(world):
	columns.learn_heading(columns.PEOPLE, "身份证号", "Resident Contact.wechat")
	columns.learn_heading(columns.PEOPLE, "姓名", "Household.address")
	columns.learn_word(columns.PEOPLE, RELATION, "长子", "Head")
	assert not frappe.db.count(synonyms.SYNONYM, {"word": ["in", ["身份证号", "姓名", "长子"]]})
	frappe.get_doc(doctype=synonyms.SYNONYM, target=EDUCATION, word="小学", code="College").db_insert()
	assert columns.targets(columns.PEOPLE)[EDUCATION].words["小学"] == "Primary School"


def test_a_word_that_somebody_chose_is_known_the_next_time(world):
	frappe.set_user(world.member)
	columns.learn_word(columns.PEOPLE, EDUCATION, "扫盲班 结业", "None")
	assert columns.targets(columns.PEOPLE)[EDUCATION].words["扫盲班结业"] == "None"


@pytest.mark.parametrize("said", ["", SPECIMEN, "张三13800000000", "一" * 61])
def test_what_may_be_somebodys_number_and_what_is_no_word_is_not_learned(world, said):
	columns.learn_heading(columns.PEOPLE, said, "Household.address")
	columns.learn_word(columns.PEOPLE, EDUCATION, said, "None")
	assert not frappe.db.count(synonyms.SYNONYM)


def test_who_may_not_enter_a_field_teaches_nothing_of_it(world):
	frappe.set_user(world.member)
	with pytest.raises(frappe.PermissionError):
		columns.learn_heading(columns.PEOPLE, "号头", NUMBER)
	with pytest.raises(frappe.PermissionError):
		columns.learn_word(columns.PEOPLE, f"{IDENTITY}.id_type", "红本", "Passport")
	with pytest.raises(frappe.PermissionError):
		columns.learn_word(columns.PEOPLE, EDUCATION, "红本", "No Such Code")
	with pytest.raises(frappe.PermissionError):
		columns.learn_heading(columns.PEOPLE, "号头", f"{RESIDENT}.grid_path")


def test_administrators_keep_the_list_of_words_and_nobody_else_does(world):
	frappe.set_user(world.administrator)
	made = frappe.get_doc(
		doctype=synonyms.SYNONYM, target=EDUCATION, word=" 私 塾 ", code="Primary School"
	).insert()
	assert (made.word, made.means_column, made.means_value) == ("私塾", "居民 教育", "小学")
	assert columns.targets(columns.PEOPLE)[EDUCATION].words["私塾"] == "Primary School"
	with pytest.raises(synonyms.MeaningError, match="小学"):
		frappe.get_doc(doctype=synonyms.SYNONYM, target=EDUCATION, word="私塾", code="None").insert()
	for wrong in ({"target": "Resident.pinyin"}, {"code": "Nothing"}, {"word": "（）"}):
		values = {"target": EDUCATION, "word": "识字班", "code": "None", **wrong}
		if wrong == {"word": "（）"}:
			values["word"] = "  "
		with pytest.raises((synonyms.MeaningError, frappe.MandatoryError)):
			frappe.get_doc(doctype=synonyms.SYNONYM, **values).insert()
	offered = {each["value"]: each for each in synonyms.choices()}
	assert {"value": "Primary School", "label": "小学"} in offered[EDUCATION]["values"]
	frappe.set_user(world.secretary)
	with pytest.raises(frappe.PermissionError):
		synonyms.choices()
	with pytest.raises(frappe.PermissionError):
		frappe.get_doc(doctype=synonyms.SYNONYM, target=EDUCATION, word="识字班", code="None").insert()
	assert not frappe.has_permission(synonyms.SYNONYM, "read")
