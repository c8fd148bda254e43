"""People who stand in the ledger twice: who is listed, what a merge does with what hangs on them, what can be read of it."""

import frappe
import pytest
from stdnum.iso7064 import mod_11_2

from grid_governance.grid_ledger.actions import identities, merging, residents
from grid_governance.grid_ledger.queries import comparison, hanging, likeness
from grid_governance.grid_ledger.report.likely_the_same_person import likely_the_same_person as report
from grid_governance.grid_ledger.rules import likeness as rules
from tests.factories import (
	make_care,
	make_citizen_number,
	make_household,
	make_identity,
	make_resident,
	make_township,
)

BORN = {"resident_name": "王国军", "birth_date": "1980-01-01"}


@pytest.fixture
def town(site):
	return make_township(2, 2)


@pytest.fixture
def twice(town):
	"""王国军, the head of a household of two, and once more, alone in another grid of the village."""
	home, other_home = (make_household(grid.name) for grid in town.grids[0])
	stays = make_resident(home.name, **BORN, occupation="木工")
	child = make_resident(home.name, "Son", resident_name="王小明", birth_date="2015-05-06")
	goes = make_resident(other_home.name, **BORN, occupation="瓦工", employer="建筑队")
	return frappe._dict(
		town=town,
		home=home.name,
		other_home=other_home.name,
		stays=stays.name,
		child=child.name,
		goes=goes.name,
	)


def contact(resident: str, phone: str, **fields: object) -> str:
	return frappe.get_doc(doctype="Resident Contact", resident=resident, phone=phone, **fields).insert().name


def pairs(**filters: object) -> dict[frozenset, str]:
	found = likeness.listed(**filters)
	return {frozenset((pair.one.name, pair.other.name)): pair.reason for pair in found.pairs}


def of(doctype: str, name: str, *fields: str) -> tuple | str:
	return frappe.db.get_value(doctype, name, list(fields) if len(fields) > 1 else fields[0])


def merge(twice: frappe._dict, *taken: str, **more: object) -> frappe.model.document.Document:
	return frappe.get_doc("Resident Comparison", merging.merge(twice.stays, twice.goes, list(taken), **more))


class TestWhoIsListed:
	def test_by_name_and_birth_by_phone_and_by_number(self, town, twice):
		grid = town.root.name
		loner = make_resident(make_household(town.grids[1][0].name).name, resident_name="李四", sex="Female")
		contact(loner.name, "13900000007")
		contact(twice.child, "13900000007")
		number = make_citizen_number()
		near = number[:16] + str((int(number[16]) + 2) % 10)
		make_identity(twice.goes, id_number=number)
		twin = make_resident(make_household(town.grids[1][1].name).name, resident_name="王国君")
		make_identity(twin.name, id_number=_with_check(near))
		assert pairs(grid=grid) == {
			frozenset((twice.stays, twice.goes)): rules.SAME_NAME_AND_BIRTH,
			frozenset((loner.name, twice.child)): rules.SAME_PHONE,
			frozenset((twice.goes, twin.name)): rules.NUMBER_ONE_APART,
		}
		assert set(pairs(grid=grid, reason=rules.SAME_PHONE).values()) == {rules.SAME_PHONE}
		assert set(pairs(grid=town.villages[0].name)) == {frozenset((twice.stays, twice.goes))}

	def test_whoever_was_anonymised_is_like_nobody(self, twice):
		frappe.db.set_value("Resident", twice.goes, "anonymised_on", "2024-01-01")
		assert pairs(grid=twice.town.root.name) == {}

	def test_the_phone_of_a_family_says_nothing(self, twice):
		contact(twice.stays, "13900000007")
		contact(twice.child, "13900000007")
		assert pairs(grid=twice.town.root.name) == {
			frozenset((twice.stays, twice.goes)): rules.SAME_NAME_AND_BIRTH
		}

	def test_where_people_are_too_many_the_rest_is_still_found(self, town, twice, monkeypatch):
		for limit in ("NUMBERS_AT_ONCE", "WIDE"):
			monkeypatch.setattr(likeness, limit, 0)
		number = make_citizen_number()
		for resident in (twice.stays, twice.goes):
			make_identity(resident, id_number=number)
		found = likeness.listed(grid=town.root.name)
		assert ([pair.reason for pair in found.pairs], found.numbers_left_out) == ([rules.SAME_NUMBER], True)
		assert report.execute({"grid": town.root.name})[2]

	def test_different_people_are_not_listed_again_but_can_be_looked_up(self, town, twice):
		grid = town.root.name
		name = merging.distinguish(twice.goes, twice.stays, "堂兄弟")
		assert merging.distinguish(twice.stays, twice.goes) == name
		assert pairs(grid=grid) == {}
		assert pairs(grid=grid, with_judged=True) == {
			frozenset((twice.stays, twice.goes)): rules.SAME_NAME_AND_BIRTH
		}
		(row,) = report.execute({"grid": grid, "judged": 1})[1]
		assert frappe.utils.get_fullname("Administrator") in row["judged"]
		assert of("Resident Comparison", name, "verdict", "judged_by", "reason") == (
			"Different People",
			"Administrator",
			"堂兄弟",
		)
		shown = comparison.compare(twice.stays, twice.goes)
		assert shown["judged"]["judged_by"] == "Administrator"

	def test_a_list_asks_the_database_as_often_for_many_as_for_few(self, town, twice, count_queries):
		likeness.listed(grid=town.root.name)
		with count_queries() as few:
			likeness.listed(grid=town.root.name)
		for at in range(6):
			home = make_household(town.grids[1][at % 2].name)
			make_identity(make_resident(home.name, resident_name=f"赵{at // 2}").name)
			contact(frappe.db.get_value("Household", home.name, "head"), "13900000008")
		with count_queries() as many:
			assert len(likeness.listed(grid=town.root.name).pairs) > 6
		assert many.count <= few.count + 1


class TestPreview:
	def test_it_tells_what_differs_and_what_hangs_on_each(self, twice):
		contact(twice.goes, "13900000007")
		frappe.db.set_value("Resident", twice.child, "guardian", twice.goes)
		make_care(twice.goes, "migrant")
		shown = comparison.compare(twice.goes, twice.stays)
		fields = {row["fieldname"]: row for row in shown["fields"]}
		assert (fields["occupation"]["shown"], fields["occupation"]["differs"]) == (["瓦工", "木工"], True)
		assert not fields["birth_date"]["differs"]
		assert fields["employer"]["suggested"] == 0  # only that one has a value
		assert shown["stays"] == twice.stays  # the head of a household
		assert shown["reason"] == rules.SAME_NAME_AND_BIRTH
		hangs = {row["label"]: row["lines"] for row in shown["hangs"]}
		assert any("13900000007" in lines[0][0] for lines in hangs.values() if lines[0])
		assert ["王小明"] in [lines[0] for lines in hangs.values()]
		assert [person["problem"] for person in shown["people"]][1] is None
		assert shown["people"][0][
			"problem"
		]  # the head of a household with a child cannot go into the other one

	def test_a_record_is_not_compared_with_itself(self, twice):
		with pytest.raises(merging.SamePersonError):
			merging.merge(twice.stays, twice.stays, [])
		with pytest.raises(merging.SamePersonError):
			merging.distinguish(twice.stays, twice.stays)


class TestMerge:
	def test_what_was_chosen_stays_and_what_was_given_up_can_be_read(self, twice):
		line = merge(twice, "employer", reason="同一个人")
		assert of("Resident", twice.stays, "occupation", "employer") == ("木工", "建筑队")
		assert of("Resident", twice.goes, "merged_into", "occupation") == (twice.stays, "瓦工")
		values = {(row.kept, row.given_up) for row in line.compared_values}
		assert values == {("木工", "瓦工"), ("建筑队", "")}
		assert (line.verdict, line.judged_by, line.reason) == ("Merged", "Administrator", "同一个人")
		assert line.household == twice.other_home
		(access,) = frappe.get_all(
			"Personal Data Access", {"reference_name": twice.stays}, ["kind", "rows", "user"]
		)
		assert (access.kind, access.rows, access.user) == ("Merge", 2, "Administrator")

	def test_it_is_not_rewritten(self, twice):
		line = merge(twice)
		for attempt in (line.save, line.delete):
			with pytest.raises(frappe.ValidationError, match=r"cannot be changed|不能"):
				attempt()

	def test_she_vanishes_from_lists_and_counts_and_is_history(self, twice):
		merge(twice)
		assert pairs(grid=twice.town.root.name) == {}
		assert of("Household", twice.other_home, "member_count", "head") == (0, None)
		old = frappe.get_doc("Resident", twice.goes)
		old.occupation = "电工"
		with pytest.raises(residents.MergedError):
			old.save()
		for hang in (
			lambda: contact(twice.goes, "13900000009"),
			lambda: make_care(twice.goes, "migrant"),
			lambda: make_identity(twice.goes),
		):
			with pytest.raises(residents.MergedError):
				hang()

	def test_what_hangs_on_her_goes_over_once(self, twice):
		contact(twice.stays, "13900000007")
		main = contact(twice.goes, "13900000008", is_main=1)
		contact(twice.goes, "13900000007")
		earlier = make_care(twice.goes, "migrant", since="2020-01-01")
		kept = make_care(twice.stays, "migrant", since="2022-01-01")
		only = make_care(twice.goes, "elder", since="2021-01-01")
		identity = make_identity(twice.goes)
		merge(twice)
		phones = frappe.get_all("Resident Contact", {"resident": twice.stays}, pluck="phone")
		assert sorted(phones) == ["13900000007", "13900000008"]
		assert of("Resident Contact", main, "is_main", "household") == (1, twice.home)
		assert str(of("Resident Care", kept.name, "since")) == "2020-01-01"
		assert of("Resident Care", earlier.name, "resident", "next_visit_due") == (twice.goes, None)
		assert of("Resident Care", earlier.name, "until")
		assert of("Resident Care", only.name, "resident") == twice.stays
		place = of("Resident", twice.stays, "grid", "grid_path")
		for doc in (identity, only):
			assert of(doc.doctype, doc.name, "resident", "grid", "grid_path") == (twice.stays, *place)

	def test_whoever_names_her_names_the_one_that_stays(self, twice):
		frappe.db.set_value("Resident", twice.child, "guardian", twice.goes)
		frappe.db.set_value("Resident", twice.stays, "guardian", twice.goes)
		place = frappe.get_doc(
			doctype="Grid Place",
			place_name="小卖部",
			place_type="Shop",
			grid=twice.town.grids[0][0].name,
			owner_resident=twice.goes,
		).insert()
		merge(twice)
		assert of("Resident", twice.child, "guardian") == twice.stays
		assert of("Resident", twice.stays, "guardian") is None
		assert of("Grid Place", place.name, "owner_resident") == twice.stays

	def test_whoever_was_merged_into_her_follows(self, twice):
		third = make_resident(make_household(twice.town.grids[0][1].name).name, **BORN)
		merging.merge(twice.goes, third.name, [])
		merge(twice)
		assert of("Resident", third.name, "merged_into") == twice.stays

	def test_the_head_of_one_household_is_replaced_in_it(self, twice):
		double = make_resident(twice.home, "Sibling", **BORN)
		merging.merge(double.name, twice.stays, [])
		assert of("Household", twice.home, "head", "member_count") == (double.name, 2)
		assert of("Resident", double.name, "relation_to_head") == "Head"

	def test_the_head_of_another_household_with_members_stays_its_head(self, twice):
		make_resident(twice.other_home, "Spouse", resident_name="李梅")
		with pytest.raises(merging.TwoHouseholdsError):
			merge(twice)

	def test_one_number_stays_one(self, twice):
		number = make_citizen_number()
		mine, hers = (make_identity(each, id_number=number) for each in (twice.stays, twice.goes))
		merge(twice)
		assert of("Resident Identity", mine.name, "resident", "household") == (twice.stays, twice.home)
		assert of("Resident Identity", hers.name, "resident", "household") == (twice.goes, None)

	def test_of_numbers_one_apart_one_is_chosen(self, twice):
		number = make_citizen_number()
		mine = make_identity(twice.stays, id_number=number)
		hers = make_identity(twice.goes, id_number=_with_check(number[:16] + str((int(number[16]) + 2) % 10)))
		with pytest.raises(merging.TwoNumbersError):
			merge(twice)
		merge(twice, number_of=twice.goes)
		assert of("Resident Identity", hers.name, "resident", "household") == (twice.stays, twice.home)
		assert of("Resident Identity", mine.name, "resident", "household") == (twice.goes, None)
		assert identities.of_number(number) == [twice.goes]

	def test_different_numbers_are_different_people(self, twice):
		for each, division in ((twice.stays, "110105"), (twice.goes, "340524")):
			make_identity(each, id_number=make_citizen_number(division))
		with pytest.raises(merging.TwoNumbersError):
			merge(twice, number_of=twice.stays)

	def test_a_number_does_not_contradict_the_birth_that_was_chosen(self, twice):
		make_identity(twice.stays)
		frappe.db.set_value("Resident", twice.goes, "birth_date", "1981-01-01")
		with pytest.raises(identities.NumberError):
			merge(twice, "birth_date")

	def test_it_is_done_once(self, twice):
		first = merge(twice)
		assert merge(twice).name == first.name
		third = make_resident(make_household(twice.town.grids[0][1].name).name, **BORN)
		with pytest.raises(merging.MergedAlreadyError):
			merging.merge(third.name, twice.goes, [])
		with pytest.raises(merging.MergedAlreadyError):
			merging.merge(twice.goes, third.name, [])
		with pytest.raises(merging.MergedAlreadyError):
			merging.distinguish(twice.goes, third.name)

	def test_not_what_was_changed_after_the_preview(self, twice):
		seen = {
			person["name"]: person["modified"]
			for person in comparison.compare(twice.stays, twice.goes)["people"]
		}
		changed = frappe.get_doc("Resident", twice.goes)
		changed.occupation = "电工"
		changed.save()
		with pytest.raises(merging.ChangedMeanwhileError):
			merge(twice, seen=seen)
		seen = {
			person["name"]: person["modified"]
			for person in comparison.compare(twice.stays, twice.goes)["people"]
		}
		assert merge(twice, seen=seen)

	def test_not_over_the_border_of_a_township(self, twice):
		stranger = make_resident(make_household(make_township(1, 1).grids[0][0].name).name, **BORN)
		with pytest.raises(merging.TownshipError):
			merging.merge(twice.stays, stranger.name, [])

	def test_skills_of_both_are_kept(self, twice):
		skills = frappe.get_all("Skill", pluck="name", order_by="name asc", limit=3)
		for each, held in ((twice.stays, skills[:2]), (twice.goes, skills[1:])):
			doc = frappe.get_doc("Resident", each)
			doc.extend("skills", [{"skill": skill} for skill in held])
			doc.save()
		merge(twice)
		assert [row.skill for row in frappe.get_doc("Resident", twice.stays).skills] == skills

	def test_what_is_chosen_is_what_people_entered(self, site):
		fields = {df.fieldname for df in hanging.choosable(frappe.get_meta("Resident"))}
		assert {"resident_name", "sex", "status", "guardian"} <= fields
		assert (
			not {"household", "relation_to_head", "grid", "pinyin", "status_date", "consent_given_by"}
			& fields
		)


def _with_check(seventeen: str) -> str:
	return seventeen + mod_11_2.calc_check_digit(seventeen)
