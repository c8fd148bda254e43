"""Which rows of a file make one household: by its number, by its head, or as they stand below each other."""

from itertools import groupby
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from grid_governance.grid_ledger.importing.families import families, in_turns, place
from grid_governance.grid_ledger.importing.shapes import Family, Line

SHORT = {
	"village": "Grid.village",
	"grid": "Grid.name",
	"code": "Grid.code",
	"no": "Household.household_no",
	"address": "Household.address",
	"head": "Household.head_name",
	"head_id": "Household.head_number",
	"name": "Resident.resident_name",
	"rel": "Resident.relation_to_head",
	"id": "Resident Identity.id_number",
}


def sheet(*rows: dict[str, str], sheet: int = 0) -> list[Line]:
	"""Lines of *rows*, which name their values by `SHORT`."""
	return [
		Line(sheet, number, (), {SHORT[key]: value for key, value in row.items()})
		for number, row in enumerate(rows, start=2)
	]


def names(found: list[Family]) -> set[tuple[str, ...]]:
	"""The people of each household, in the order of the file."""
	return {tuple(line.values.get("Resident.resident_name", "") for line in each.people) for each in found}


def test_rows_of_one_number_are_one_household_wherever_they_stand():
	found = families(
		sheet(
			{"no": "1", "name": "甲", "rel": "Head"},
			{"no": "2", "name": "乙", "rel": "Head"},
			{"no": "1", "name": "丙", "rel": "Son"},
		)
	)
	assert names(found) == {("甲", "丙"), ("乙",)}


def test_one_number_in_two_villages_is_two_households():
	found = families(
		sheet(
			{"village": "东村", "no": "1", "name": "甲", "rel": "Head"},
			{"village": "西村", "no": "1", "name": "乙", "rel": "Head"},
			{"village": "东村村民委员会", "no": "1", "name": "丙", "rel": "Son"},
		)
	)
	assert names(found) == {("甲", "丙"), ("乙",)}


def test_a_number_that_only_the_first_row_has_counts_for_those_below():
	found = families(
		sheet(
			{"village": "东村", "no": "1", "name": "甲", "rel": "Head"},
			{"name": "丙", "rel": "Son"},
			{"no": "2", "name": "乙", "rel": "Head"},
			{"name": "丁", "rel": "Spouse"},
		)
	)
	assert names(found) == {("甲", "丙"), ("乙", "丁")}


def test_a_head_without_a_number_begins_a_household():
	found = families(
		sheet(
			{"name": "甲", "rel": "Head"},
			{"name": "丙", "rel": "Son"},
			{"name": "乙", "rel": "Head"},
			{"name": "丁", "rel": "Spouse"},
		)
	)
	assert names(found) == {("甲", "丙"), ("乙", "丁")}


def test_members_name_their_head_and_need_not_stand_below_her():
	found = families(
		sheet(
			{"grid": "一", "head": "甲", "name": "丙", "rel": "Son"},
			{"grid": "一", "head": "乙", "name": "乙", "rel": "Head"},
			{"grid": "一", "head": "甲", "name": "甲"},
			{"grid": "二", "head": "甲", "name": "戊", "rel": "Son"},
		)
	)
	assert names(found) == {("丙", "甲"), ("乙",), ("戊",)}


def test_the_number_of_the_head_goes_before_her_name():
	found = families(
		sheet(
			{"name": "甲", "rel": "Head", "id": "A"},
			{"name": "甲", "rel": "Head", "id": "B"},
			{"name": "丙", "rel": "Son", "head": "甲", "head_id": "A"},
			{"name": "丁", "rel": "Son", "head": "甲"},
		)
	)
	assert names(found) == {("甲", "丙", "丁"), ("甲",)}  # 丁 names one of two, and stands below the first's


def test_a_sheet_of_households_is_joined_by_number_or_head():
	homes = sheet({"no": "1", "address": "路1号"}, {"head": "乙", "address": "路2号"}, sheet=1)
	people = sheet({"no": "1", "name": "甲", "rel": "Head"}, {"name": "乙", "rel": "Head"})
	found = families([*homes, *people])
	assert {
		(each.home.values["Household.address"], each.people[0].values["Resident.resident_name"])
		for each in found
	} == {
		("路1号", "甲"),
		("路2号", "乙"),
	}


def test_a_household_that_stands_twice_keeps_both_rows():
	homes = sheet({"no": "1", "address": "路1号"}, {"no": "1", "address": "路2号"})
	(found,) = families(homes)
	assert (found.home, found.people) == (homes[0], [homes[1]])


def test_a_list_of_people_without_households_makes_each_her_own():
	assert len(families(sheet({"name": "甲"}, {"name": "乙"}))) == 2


def test_two_heads_below_one_number_are_one_household():
	rows = [{"no": "1", "name": "甲", "rel": "Head"}, {"name": "乙", "rel": "Son"}]
	once = [
		*rows,
		{"no": "2", "name": "丙", "rel": "Head"},
		{"name": "丁", "rel": "Head"},
		{"name": "戊", "rel": "Son"},
	]
	assert names(families(sheet(*once))) == {("甲", "乙"), ("丙", "丁", "戊")}


def test_a_household_without_a_number_stands_below_numbered_ones():
	each = [{"no": "1", "name": "甲", "rel": "Head"}, {"no": "1", "name": "乙", "rel": "Son"}]
	found = families(sheet(*each, {"name": "丁", "rel": "Head"}, {"name": "戊", "rel": "Son"}))
	assert names(found) == {("甲", "乙"), ("丁", "戊")}


def test_a_grid_is_named_by_one_row_and_the_village_by_another():
	rows = sheet({"village": "东村", "name": "甲"}, {"grid": "一", "name": "乙"}, {"grid": "二", "code": "2"})
	assert place(rows) == ("东村", "", "一", "")


def test_a_household_lies_where_the_first_row_that_says_so_has_it():
	rows = sheet({"no": "1", "name": "甲"}, {"grid": "一", "village": "东村", "name": "乙"})
	assert place(rows) == ("东村", "", "一", "")


numbers = st.lists(st.tuples(st.sampled_from("东西南"), st.integers(1, 4)), max_size=30)


@given(numbers, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing_but_the_order_of_the_people(given_rows, random: Random):
	rows = [
		{"village": f"{village}村", "no": str(number), "name": f"{village}{number}", "rel": "Son"}
		for village, number in given_rows
	]
	shuffled = random.sample(rows, len(rows))
	one, other = families(sheet(*rows)), families(sheet(*shuffled))
	assert [(each.key, len(each.people)) for each in one] == [(each.key, len(each.people)) for each in other]
	assert sum(len(each.people) for each in one) == len(rows)
	assert [each.key for each in one] == sorted(each.key for each in one)


def test_neighbours_come_together():
	found = families(
		sheet(
			*(
				{"village": village, "no": str(number), "name": "甲", "rel": "Head"}
				for number in range(9)
				for village in ("东村", "西村")
			)
		)
	)
	villages = [each.key[0] for each in found]
	assert villages == sorted(villages)


@given(st.lists(st.tuples(st.sampled_from("东西南"), st.integers(1, 7)), max_size=40), st.integers(1, 10))
def test_in_turns_parts_of_one_village_stand_apart(sizes, rows: int):
	given_families = sorted(
		(
			Family((village, f"{at:02}"), None, [Line(0, at, ())] * people)
			for at, (village, people) in enumerate(sizes)
		),
		key=lambda family: family.key,
	)
	found = in_turns(given_families, rows)
	for village in "东西南":
		mine = [family for family in given_families if family.key[0] == village]
		assert [family for family in found if family.key[0] == village] == mine
	parts = [list(part) for _village, part in groupby(found, key=lambda family: family.key[0])]
	left = {village: sum(len(part) for part in parts if part[0].key[0] == village) for village in "东西南"}
	for part in parts:
		left[part[0].key[0]] -= len(part)
		if sum(left[village] > 0 for village in left if village != part[0].key[0]):
			assert len(part) == 1 or sum(len(family.people) for family in part) <= rows
