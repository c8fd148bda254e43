"""Households and people: what a record has to hold, and what becomes of a household."""

from datetime import timedelta

import frappe
import pytest

from grid_governance.grid_ledger.actions import care, contacts, households, identities, residents
from tests.factories import (
	make_care,
	make_citizen_number,
	make_grid,
	make_household,
	make_identity,
	make_resident,
	make_township,
	seeded,
)


@pytest.fixture
def town(site):
	return make_township(2, 2)


@pytest.fixture
def home(town):
	"""A household of three in the first grid: a head, a wife, a son."""
	household = make_household(town.grids[0][0].name)
	head = make_resident(household.name, resident_name="王国军")
	wife = make_resident(household.name, "Spouse", resident_name="李梅", sex="Female")
	son = make_resident(household.name, "Son", resident_name="王小明", birth_date="2010-05-06")
	return frappe._dict(household=fresh(household), head=head.name, wife=wife.name, son=son.name)


def fresh(doc):
	doc.reload()
	return doc


def of(resident: str, *fields: str) -> tuple:
	return frappe.db.get_value("Resident", resident, list(fields))


def changes(household: str) -> list[frappe._dict]:
	return frappe.get_all(
		"Household Change", {"household": household}, ["name", "kind", "reason"], order_by="at asc"
	)


class TestHousehold:
	def test_its_head_its_members_and_its_title_follow_the_people(self, home):
		assert home.household.head == home.head
		assert home.household.member_count == 3
		assert home.household.title == f"王国军 · {home.household.household_no}"

	def test_a_village_gives_a_number_once(self, town):
		first = make_household(town.grids[0][0].name, household_no="7")
		with pytest.raises(households.NumberTakenError):
			make_household(town.grids[0][1].name, household_no=" 7 ")
		assert make_household(town.grids[1][0].name, household_no="7").household_no == first.household_no

	def test_the_database_keeps_numbers_apart_too(self, town):
		make_household(town.grids[0][0].name, household_no="7")
		other = make_household(town.grids[0][1].name)
		with pytest.raises(Exception, match=r"Duplicate entry") as raised:
			frappe.db.set_value("Household", other.name, "household_no", "7")
		assert frappe.db.is_duplicate_entry(raised.value)

	def test_households_without_a_number_are_as_many_as_there_are(self, town):
		for _ in range(2):
			assert make_household(town.grids[0][0].name, household_no="").household_no is None

	def test_it_lies_in_a_grid_and_not_on_a_village(self, town):
		with pytest.raises(households.LevelError):
			make_household(town.villages[0].name)
		micro = make_grid(town.grids[0][0].name, 6)
		assert make_household(micro.name).grid_path.startswith(town.grids[0][0].grid_path)

	def test_a_stranger_is_not_its_head_nor_its_member_in_the_chat(self, town, home):
		stranger = make_resident(make_household(town.grids[0][0].name).name)
		home.household.group_rep = stranger.name
		with pytest.raises(households.MemberError):
			home.household.save()

	def test_it_moves_with_all_that_hangs_on_its_people(self, town, home):
		hanging = [make_identity(home.head), make_care(home.head, "elder")]
		home.household.grid = town.grids[1][0].name
		home.household.save()
		place = (town.grids[1][0].name, town.grids[1][0].grid_path)
		for name in (home.head, home.wife, home.son):
			assert of(name, "grid", "grid_path") == place
		for doc in hanging:
			assert frappe.db.get_value(doc.doctype, doc.name, ["grid", "grid_path"]) == place
		assert [line.kind for line in changes(home.household.name)] == [households.MOVE]


class TestHead:
	def test_the_head_is_entered_first(self, town):
		with pytest.raises(residents.HeadError):
			make_resident(make_household(town.grids[0][0].name).name, "Spouse")

	def test_there_is_no_second_one(self, home):
		with pytest.raises(residents.HeadError):
			make_resident(home.household.name)

	def test_she_stays_while_others_do(self, home):
		head = frappe.get_doc("Resident", home.head)
		head.update({"status": "Deceased", "status_date": "2024-01-01"})
		with pytest.raises(residents.GoneError):
			head.save()
		with pytest.raises(residents.HeadError):
			frappe.delete_doc("Resident", home.head)

	def test_she_is_changed_with_all_relations_and_it_is_noted(self, home):
		households.change_head(
			home.household.name, home.wife, {home.head: "Spouse", home.son: "Son"}, reason="分家析产"
		)
		home.household.reload()
		assert home.household.head == home.wife
		assert home.household.title.startswith("李梅")
		assert [of(name, "relation_to_head") for name in (home.head, home.wife, home.son)] == [
			"Spouse",
			"Head",
			"Son",
		]
		(line,) = changes(home.household.name)
		assert (line.kind, line.reason) == (households.HEAD, "分家析产")
		members = frappe.get_doc("Household Change", line.name).members
		assert {row.resident: (row.relation_before, row.relation_after) for row in members} == {
			home.head: ("Head", "Spouse"),
			home.wife: ("Spouse", "Head"),
			home.son: ("Son", "Son"),
		}

	@pytest.mark.parametrize(
		"relations", [{}, {"son": "Son"}, {"head": "Head", "son": "Son"}, {"head": "Boss", "son": "Son"}]
	)
	def test_nobody_is_left_without_a_relation(self, home, relations):
		with pytest.raises(residents.HeadError):
			households.change_head(
				home.household.name, home.wife, {home[key]: value for key, value in relations.items()}
			)

	def test_nor_does_she_change_by_writing_a_field(self, home):
		home.household.head = home.wife
		with pytest.raises(residents.HeadError):
			home.household.save()


class TestSplitAndMerge:
	def test_those_who_leave_found_a_household_of_their_own(self, town, home):
		identity = make_identity(home.son, id_number=make_citizen_number(born="20100506"))
		name = households.split(
			home.household.name, [home.son, home.wife], home.wife, {home.son: "Son"}, "88"
		)
		new = frappe.get_doc("Household", name)
		assert (new.head, new.member_count, new.grid) == (home.wife, 2, town.grids[0][0].name)
		home.household.reload()
		assert (home.household.head, home.household.member_count) == (home.head, 1)
		assert frappe.db.get_value("Resident Identity", identity.name, "household") == name
		assert [line.kind for line in changes(home.household.name)] == [households.SPLIT]

	def test_the_head_does_not_leave(self, home):
		with pytest.raises(residents.HeadError):
			households.split(home.household.name, [home.head], home.head, {})

	def test_all_of_one_join_another_and_it_stays_as_history(self, town, home):
		other = make_household(town.grids[0][1].name)
		guest = make_resident(other.name, resident_name="张三")
		number = other.household_no
		households.merge(other.name, home.household.name, {guest.name: "Sibling"}, "并户")
		other.reload()
		assert (other.status, other.merged_into, other.head, other.member_count) == (
			"Dissolved",
			home.household.name,
			None,
			0,
		)
		assert of(guest.name, "household", "grid") == (home.household.name, town.grids[0][0].name)
		assert fresh(home.household).member_count == 4
		assert make_household(town.grids[0][0].name, household_no=number)
		with pytest.raises(households.MergeError):
			households.dissolve(other.name, "again")

	def test_it_is_not_merged_into_itself_nor_dissolved_with_people(self, home):
		with pytest.raises(households.MergeError):
			households.merge(home.household.name, home.household.name, {})
		with pytest.raises(households.MergeError):
			households.dissolve(home.household.name, "empty?")

	def test_its_history_is_not_rewritten(self, home):
		households.change_head(home.household.name, home.wife, {home.head: "Spouse", home.son: "Son"})
		line = frappe.get_doc("Household Change", changes(home.household.name)[0].name)
		for attempt in (line.save, line.delete):
			with pytest.raises(frappe.ValidationError, match=r"cannot be changed|不能"):
				attempt()


class TestIdentity:
	def test_it_is_encrypted_masked_and_hashed(self, home):
		number = make_citizen_number()
		doc = make_identity(home.head, id_number=number)
		stored = frappe.db.sql(
			"select * from `tabResident Identity` where name = %s", doc.name, as_dict=True
		)[0]
		assert number not in str(stored)
		assert number not in str(frappe.db.sql("select * from `__Auth` where name = %s", doc.name))
		assert stored.id_number_masked == f"{number[:2]}{'*' * 15}{number[-1]}"
		assert stored.id_number_hash == identities.keyed_hash(number)
		assert doc.get_password("id_number") == number

	def test_it_fills_what_the_ledger_does_not_know(self, home):
		newcomer = make_resident(home.household.name, "Sibling", birth_date=None, sex="")
		make_identity(newcomer.name, id_number="11010519491231002X")
		born, sex = of(newcomer.name, "birth_date", "sex")
		assert (str(born), sex) == ("1949-12-31", "Female")

	@pytest.mark.parametrize("number", ["110105194912310021", "11010519491231002X", "1101", ""])
	def test_a_wrong_one_or_another_persons_is_refused(self, home, number):
		with pytest.raises((identities.NumberError, frappe.MandatoryError)):
			make_identity(home.head, id_number=number)

	def test_once_in_a_household_and_again_in_another(self, town, home):
		number = make_citizen_number()
		make_identity(home.head, id_number=number)
		twin = make_resident(home.household.name, "Sibling")
		with pytest.raises(identities.NumberKnownError):
			make_identity(twin.name, id_number=number)
		elsewhere = make_resident(make_household(town.grids[1][0].name).name)
		assert make_identity(elsewhere.name, id_number=number)

	def test_saving_it_again_keeps_the_number(self, home):
		doc = frappe.get_doc("Resident Identity", make_identity(home.head).name)
		number = doc.get_password("id_number")
		doc.verified_on = "2024-01-01"
		doc.save()
		assert doc.get_password("id_number") == number
		assert doc.id_number_hash == identities.keyed_hash(number)

	def test_it_is_revealed_for_a_reason_that_is_logged(self, home):
		number = make_citizen_number()
		doc = make_identity(home.head, id_number=number)
		with pytest.raises(identities.ReasonError):
			identities.reveal(doc.name, " ")
		assert identities.reveal(doc.name, "办理医保") == number
		(line,) = frappe.get_all(
			"Personal Data Access", {"reference_name": doc.name}, ["kind", "user", "reason"]
		)
		assert (line.kind, line.user, line.reason) == ("Reveal", "Administrator", "办理医保")

	def test_it_is_found_by_the_whole_number_only(self, home):
		number = make_citizen_number()
		make_identity(home.head, id_number=number)
		assert identities.of_number(f" {number.lower()} ") == [home.head]
		assert identities.of_number(number[:-1]) == []


class TestContact:
	def test_a_mobile_number_is_written_one_way(self, home):
		doc = frappe.get_doc(
			doctype="Resident Contact", resident=home.head, phone="+86 139-0000-0001"
		).insert()
		assert (doc.phone, doc.grid) == ("13900000001", home.household.grid)

	def test_it_reaches_somebody(self, home):
		with pytest.raises(contacts.ContactEmptyError):
			frappe.get_doc(doctype="Resident Contact", resident=home.head).insert()

	def test_one_is_first_to_call(self, home):
		first, second = (
			frappe.get_doc(
				doctype="Resident Contact", resident=home.head, phone=f"1390000000{n}", is_main=1
			).insert()
			for n in (1, 2)
		)
		assert (fresh(first).is_main, fresh(second).is_main) == (0, 1)


class TestCare:
	def test_a_category_is_entered_once_while_it_lasts(self, home):
		first = make_care(home.head, "migrant")
		with pytest.raises(care.CareTwiceError):
			make_care(home.head, "migrant")
		first.until = frappe.utils.today()
		first.save()
		assert make_care(home.head, "migrant")

	def test_what_a_category_asks_for_is_there(self, home):
		with pytest.raises(care.CareConsentError):
			make_care(home.son, "left-behind-child", since="2024-01-01")
		frappe.db.set_value("Resident", home.son, "guardian", home.wife)
		assert make_care(home.son, "left-behind-child", since="2024-01-01").is_sensitive

	def test_consent_is_asked_for_where_it_is_the_basis(self, home):
		frappe.db.set_value("Care Category", seeded("care_category/migrant"), "legal_basis", "Consent")
		frappe.clear_document_cache("Care Category", seeded("care_category/migrant"))
		with pytest.raises(care.CareConsentError):
			make_care(home.head, "migrant")
		assert make_care(home.head, "migrant", consent_on="2024-01-01")

	def test_the_next_visit_is_due_by_the_interval(self, home):
		since = frappe.utils.getdate(frappe.utils.add_days(None, -2))
		assert make_care(home.head, "elder-alone", since=since).next_visit_due == since + timedelta(days=7)

	def test_nobody_is_late_when_she_is_entered(self, home):
		doc = make_care(home.head, "elder-alone", since="2018-03-01")
		assert doc.next_visit_due == frappe.utils.getdate()

	@pytest.mark.commits
	def test_those_of_age_are_taken_in_on_the_day_once_and_never_taken_out(self, site):
		today = frappe.utils.getdate("2024-05-06")
		frappe.db.rollback()
		town = make_township(1, 1)
		household = make_household(town.grids[0][0].name)
		people = {
			born: make_resident(household.name, relation, birth_date=born).name
			for born, relation in (("1959-05-06", "Head"), ("1959-05-07", "Spouse"), ("1950-01-01", "Parent"))
		}
		ended = make_care(people["1950-01-01"], "elder", since="2020-01-01", until="2020-02-01")
		frappe.db.commit()

		def taken_in() -> set[str]:
			rows = {"resident": ["in", list(people.values())], "source": care.BY_AGE}
			return set(frappe.get_all("Resident Care", rows, pluck="resident"))

		try:
			care.apply_age_rules(today)
			assert taken_in() == {people["1959-05-06"]}
			care.apply_age_rules(today)
			assert frappe.db.count("Resident Care", {"resident": people["1959-05-06"]}) == 1
			care.apply_age_rules(frappe.utils.add_days(today, 1))
			assert taken_in() == {people["1959-05-06"], people["1959-05-07"]}
			assert frappe.get_all("Resident Care", {"resident": people["1950-01-01"]}, pluck="name") == [
				ended.name
			]
		finally:
			for doctype in ("Resident Care", "Resident", "Household"):
				frappe.db.delete(doctype, {"grid": town.grids[0][0].name})
			for grid in (*town.grids[0], *town.villages, town.root):
				frappe.db.delete("Grid", grid.name)
			frappe.db.commit()
