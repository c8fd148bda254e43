"""Residents and households are found by what people know of them."""

import frappe
import pytest

from grid_governance.grid_ledger.queries import find
from tests.factories import (
	make_citizen_number,
	make_holder,
	make_household,
	make_identity,
	make_resident,
	make_township,
	make_user,
)
from tests.world import inside_savepoint, taken_back


@pytest.fixture(scope="module")
def world(site):
	"""Two grids: 王国军 twice, 王冠杰, 汪安, 韦安娜 and 欧阳·安; households 12, 120 and 7."""
	with taken_back():
		make_user()  # Frappe makes the first user of a site its System Manager
		town = make_township(1, 2)
		(first, second) = town.grids[0]
		number = make_citizen_number()
		twelve = make_household(first.name, household_no="12", address="柳树巷甲一号")
		old = make_resident(twelve.name, resident_name="王国军", birth_date="1950-03-04")
		wife = make_resident(twelve.name, "Spouse", resident_name="李梅", sex="Female")
		hundred = make_household(second.name, household_no="120", address="1号楼")
		young = make_resident(hundred.name, resident_name="王国军")
		seven = make_household(second.name, household_no="7", address="柳树巷乙二号")
		make_identity(young.name, id_number=number)
		jie = make_resident(seven.name, resident_name="王冠杰")
		wang_an = make_resident(seven.name, "Other Relative", resident_name="汪安")
		anna = make_resident(seven.name, "Other Relative", resident_name="韦安娜")
		yield frappe._dict(
			town=town,
			number=number,
			old=old.name,
			wife=wife.name,
			young=young.name,
			jie=jie.name,
			wang_an=wang_an.name,
			anna=anna.name,
			twelve=twelve.name,
			hundred=hundred.name,
			seven=seven.name,
			member=make_holder("Grid Member", second.name),
			secretary=make_holder("Village Secretary", town.villages[0].name),
		)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def found(text, filters=None):
	return {row.name for row in find.people(text, filters, limit=50)}


def listed(doctype, text):
	"""The names that the list shows with the filters that stand for *text*."""
	answer = find.filters_for(doctype, text)
	assert not answer["more"]
	return set(frappe.get_list(doctype, filters=answer["filters"], pluck="name", limit_page_length=0))


@pytest.mark.parametrize(
	("text", "who"),
	[
		("王国军", {"old", "young"}),
		("王", {"old", "young", "jie"}),
		("wgj", {"old", "young", "jie"}),
		("WGJ", {"old", "young", "jie"}),
		("wangguojun", {"old", "young"}),
		("wang g", {"old", "young", "jie"}),
		("wa", {"old", "young", "jie", "wang_an", "anna"}),
		("12", {"old", "wife", "young"}),
		("120", {"young"}),
		("国军", {"old", "young"}),
		("安", {"wang_an", "anna"}),
		("军国", set()),
		("zzz", set()),
	],
)
def test_people_by_name_pinyin_initials_and_house_number(world, as_user, text, who):
	with as_user(world.secretary):
		assert found(text) == {world[each] for each in who}
		assert listed("Resident", text) == {world[each] for each in who}


@pytest.mark.parametrize(
	("text", "homes"),
	[
		("12", {"twelve", "hundred"}),
		("7", {"seven"}),
		("王国军", {"twelve", "hundred"}),
		("wgj", {"twelve", "hundred", "seven"}),
		("wangguan", {"seven"}),
		("柳树巷", {"twelve", "seven"}),
		("1", {"twelve", "hundred"}),
		("李梅", set()),
	],
)
def test_households_by_head_number_and_address(world, as_user, text, homes):
	with as_user(world.secretary):
		assert {name for name, *_ in find.homes(txt=text)} == {world[each] for each in homes}
		assert listed("Household", text) == {world[each] for each in homes}


def test_a_whole_number_finds_for_the_secretary_alone(world, as_user):
	for text in (world.number, f" {world.number[:6]} {world.number[6:]}"):
		with as_user(world.secretary):
			assert found(text) == listed("Resident", text) == {world.young}
			assert listed("Household", text) == {world.hundred}
			assert {row["name"] for row in find.for_search_bar(text)} == {world.young, world.hundred}
		with as_user(world.member):
			assert found(text) == listed("Resident", text) == listed("Household", text) == set()
			assert find.for_search_bar(text) == []
	with as_user(world.secretary):
		assert found(world.number[:-1]) == set()


def test_a_number_goes_into_no_statement_and_no_filter(world, as_user, count_queries):
	with as_user(world.secretary), count_queries() as seen:
		assert found(world.number) == {world.young}
		answers = [find.filters_for(doctype, world.number) for doctype in ("Resident", "Household")]
	assert seen.count
	assert not [query for query in seen.queries if world.number in query]
	assert world.number not in frappe.as_json(answers)


def test_those_of_one_name_are_told_apart(world, as_user):
	with as_user(world.secretary):
		told = {name: told for name, _, told in find.residents(txt="王国军")}
	grids = [grid.grid_name for grid in world.town.grids[0]]
	assert len(set(told.values())) == 2
	assert [part in told[world.old] for part in (grids[0], "王国军 · 12")] == [True, True]
	assert [part in told[world.young] for part in (grids[1], "王国军 · 120")] == [True, True]
	ages = {row.name: row.age for row in find.people("王国军")}
	assert all(str(ages[name]) in told[name] for name in told)
	assert ages[world.old] > ages[world.young]


def test_a_link_field_takes_the_forms_filters(world, as_user):
	with as_user(world.secretary):
		assert found("wgj", {"household": world.seven}) == {world.jie}
		assert found("", {"household": world.seven, "name": ["!=", world.jie]}) == {world.wang_an, world.anna}
		assert [name for name, *_ in find.homes(filters={"name": ["!=", world.seven], "status": "Active"})]
		assert found("wgj", {"status": ["in", ["Deceased"]]}) == set()


def test_somebody_merged_away_is_not_offered(world, as_user):
	frappe.db.set_value("Resident", world.old, "merged_into", world.young)
	with as_user(world.secretary):
		assert found("王国军") == {world.young}


def test_of_many_the_first_are_shown_and_it_is_said(world, as_user, monkeypatch):
	monkeypatch.setattr(find, "MOST", 2)
	with as_user(world.secretary):
		answer = find.filters_for("Resident", "wa")
		assert answer["more"]
		assert len(answer["filters"][0][3]) == 2
		assert find.filters_for("Household", "wgj")["more"]
		assert not find.filters_for("Resident", "王")["more"], "one column says it all, however many they are"


def test_a_search_costs_a_few_statements(world, as_user, count_queries):
	with as_user(world.secretary):
		find.for_search_bar("wgj")
		with count_queries() as seen:
			assert len(find.for_search_bar("wgj")) == 6
	assert seen.count <= 12, "\n".join(seen.queries)
