"""People move, die, come back and grow up; who consents for a child, and what ends when a consent is withdrawn."""

import frappe
import pytest
from frappe.utils import add_days, add_years, getdate

from grid_governance.grid_ledger.actions import care, comings, consents, households, residents
from tests.factories import (
	make_care,
	make_citizen_number,
	make_holder,
	make_household,
	make_identity,
	make_resident,
	make_township,
	seeded,
)
from tests.web import call

DAY = "2024-03-01"


@pytest.fixture
def home(site):
	"""A household of three: a head, a wife, a child of ten years whose guardian is the head."""
	town = make_township(2, 2)
	household = make_household(town.grids[0][0].name)
	head = make_resident(household.name, resident_name="王国军")
	wife = make_resident(household.name, "Spouse", resident_name="李梅", sex="Female")
	born = add_years(getdate(), -10)
	child = make_resident(household.name, "Son", resident_name="王小明", birth_date=born, guardian=head.name)
	return frappe._dict(
		town=town, household=household.name, head=head.name, wife=wife.name, child=child.name, born=born
	)


def of(doctype: str, name: str, *fields: str) -> tuple | str:
	return frappe.db.get_value(doctype, name, list(fields) if len(fields) > 1 else fields[0])


def lines(household: str) -> list[tuple[str, str, str | None, str]]:
	rows = frappe.get_all(
		"Household Change",
		{"household": household},
		["kind", "happened_on", "other_household", "reason"],
		order_by="at asc, creation asc",
	)
	return [(row.kind, str(row.happened_on), row.other_household, row.reason) for row in rows]


class TestChatGroup:
	"""A household is in the chat group by the member who is there for it."""

	def elsewhere(self, home):
		other = make_household(home.town.grids[0][1].name)
		make_resident(other.name)
		return other.name

	@pytest.mark.parametrize(
		("what", "stays"),
		[
			(lambda self, home: comings.move(home.wife, self.elsewhere(home), "Sibling", DAY), False),
			(lambda self, home: comings.move_out(home.wife, DAY), False),
			(lambda self, home: comings.record_death(home.wife, DAY), False),
			(lambda self, home: households.split(home.household, [home.wife], home.wife, {}), False),
			(
				lambda self, home: households.merge(
					home.household,
					self.elsewhere(home),
					dict.fromkeys((home.head, home.wife, home.child), "Sibling"),
				),
				False,
			),
			(lambda self, home: comings.move_out(home.child, DAY), True),
		],
	)
	def test_it_leaves_with_her(self, home, what, stays):
		frappe.db.set_value("Household", home.household, {"in_wechat_group": 1, "group_rep": home.wife})
		what(self, home)
		stands = of("Household", home.household, "in_wechat_group", "group_rep")
		assert stands == ((1, home.wife) if stays else (0, None))

	def test_those_who_left_before_are_taken_out(self, home):
		from grid_governance.setup.patches import members_who_left_chat_groups as patch

		other = make_household(home.town.grids[0][1].name)
		resident = make_resident(other.name).name
		for household, member in ((home.household, home.wife), (other.name, resident)):
			frappe.db.set_value("Household", household, {"in_wechat_group": 1, "group_rep": member})
		frappe.db.set_value("Resident", home.wife, "status", "Deceased")
		patch.execute()
		assert of("Household", home.household, "in_wechat_group", "group_rep") == (0, None)
		assert of("Household", other.name, "in_wechat_group", "group_rep") == (1, resident)


class TestMove:
	def test_she_moves_with_all_that_hangs_on_her_and_both_households_remember(self, home):
		other = make_household(home.town.grids[0][1].name)
		make_resident(other.name)
		hanging = [
			make_identity(home.wife, id_number=make_citizen_number(male=False)),
			make_care(home.wife, "migrant"),
		]
		comings.move(home.wife, other.name, "Sibling", DAY, "回娘家")
		place = (other.name, other.grid, other.grid_path)
		for doctype, name in (("Resident", home.wife), *((doc.doctype, doc.name) for doc in hanging)):
			assert of(doctype, name, "household", "grid", "grid_path") == place
		assert of("Household", home.household, "member_count") == 2
		assert of("Household", other.name, "member_count") == 2
		assert lines(home.household) == [("Move Out", DAY, other.name, "回娘家")]
		assert lines(other.name) == [("Move In", DAY, home.household, "回娘家")]

	def test_another_village_is_not_told_where_she_came_from(self, home):
		other = make_household(home.town.grids[1][0].name)
		make_resident(other.name)
		comings.move(home.wife, other.name, "Sibling", DAY)
		assert lines(home.household) == [("Move Out", DAY, None, "")]
		assert lines(other.name) == [("Move In", DAY, None, "")]

	def test_to_another_village_by_who_may_write_in_both(self, home, as_user):
		other = make_household(home.town.grids[1][0].name)
		make_resident(other.name)
		here, there = (make_holder("Village Secretary", village.name) for village in home.town.villages)
		for user in (here, there):
			with as_user(user), pytest.raises(frappe.PermissionError):
				comings.move(home.wife, other.name, "Sibling", DAY)
		with as_user(make_holder("Township Office", home.town.root.name)):
			comings.move(home.wife, other.name, "Sibling", DAY)
		assert of("Resident", home.wife, "household") == other.name

	def test_the_head_goes_when_another_one_is_named(self, home):
		other = make_household(home.town.grids[0][1].name)
		with pytest.raises(comings.NextHeadError):
			comings.move(home.head, other.name, "Head", DAY)
		with pytest.raises(residents.HeadError):
			comings.move(home.head, other.name, "Head", DAY, next_head=home.wife)
		comings.move(home.head, other.name, "Head", DAY, next_head=home.wife, relations={home.child: "Son"})
		assert of("Household", home.household, "head", "member_count") == (home.wife, 2)
		assert of("Household", other.name, "head") == home.head
		assert [line[0] for line in lines(home.household)] == ["Head", "Move Out"]

	def test_nor_does_she_go_by_writing_the_field(self, home):
		doc = frappe.get_doc("Resident", home.head)
		doc.household = make_household(home.town.grids[0][1].name).name
		with pytest.raises(residents.GoneError):
			doc.save()

	def test_who_leaves_nobody_behind_leaves_a_household_without_a_head(self, home):
		single = make_household(home.town.grids[0][1].name)
		guest = make_resident(single.name)
		comings.move(guest.name, home.household, "Sibling", DAY)
		assert of("Household", single.name, "head", "member_count") == (None, 0)

	@pytest.mark.parametrize("relation", ["", "Boss"])
	def test_she_joins_in_some_relation(self, home, relation):
		other = make_household(home.town.grids[0][1].name)
		make_resident(other.name)
		with pytest.raises(comings.RelationError):
			comings.move(home.wife, other.name, relation, DAY)
		with pytest.raises(residents.HeadError):
			comings.move(home.wife, other.name, "Head", DAY)

	def test_not_into_a_household_that_is_no_more(self, home):
		other = make_household(home.town.grids[0][1].name)
		households.dissolve(other.name, "空户")
		with pytest.raises(households.MergeError):
			comings.move(home.wife, other.name, "Head", DAY)

	@pytest.mark.parametrize("day", [lambda: add_days(getdate(), 1), lambda: "1979-12-31"])
	def test_the_day_is_one_of_her_life(self, home, day):
		with pytest.raises(comings.DayError):
			comings.move_out(home.wife, day())

	def test_a_number_that_is_there_already_is_told_to_nobody(self, home):
		number = make_citizen_number()
		other = make_household(home.town.grids[0][1].name)
		double = make_resident(other.name)
		mine, hers = (make_identity(name, id_number=number) for name in (home.head, double.name))
		comings.move(double.name, home.household, "Sibling", DAY)
		assert of("Resident Identity", mine.name, "household") == home.household
		assert of("Resident Identity", hers.name, "household", "grid") == (None, home.town.grids[0][0].name)
		doc = frappe.get_doc("Resident Identity", hers.name)
		doc.verified_on = DAY
		doc.save()
		moved = frappe.get_doc("Household", home.household)
		moved.grid = home.town.grids[0][1].name
		moved.save()
		for identity in (mine, hers):
			assert of("Resident Identity", identity.name, "grid") == home.town.grids[0][1].name


class TestAsTheDeskCalls:
	"""Lists and relations come as JSON."""

	def test_the_head_is_changed_a_part_leaves_and_joins_again(self, home):
		room = "grid_governance.grid_ledger.actions.households"
		answer = call(
			"Administrator",
			f"{room}.change_head",
			household=home.household,
			head=home.wife,
			relations={home.head: "Spouse", home.child: "Son"},
		)
		assert answer.status == 200, answer.text
		answer = call(
			"Administrator",
			f"{room}.split",
			household=home.household,
			members=[home.head, home.child],
			head=home.head,
			relations={home.child: "Son"},
		)
		assert answer.status == 200, answer.text
		relations = {home.head: "Spouse", home.child: "Son"}
		joined = call(
			"Administrator",
			f"{room}.merge",
			household=answer.message,
			into=home.household,
			relations=relations,
		)
		assert joined.status == 200, joined.text
		assert of("Household", home.household, "head", "member_count") == (home.wife, 3)

	def test_the_head_dies(self, home):
		answer = call(
			"Administrator",
			"grid_governance.grid_ledger.actions.comings.record_death",
			resident=home.head,
			on=DAY,
			next_head=home.wife,
			relations={home.child: "Son"},
		)
		assert (answer.status, answer.message) == (200, ["王小明"])


class TestGone:
	def test_a_death_ends_care_and_keeps_the_person(self, home):
		seen = make_care(home.wife, "elder-alone", since="2023-01-01")
		hidden = make_care(home.wife, "disabled", since=getdate())
		with_member = make_holder("Grid Member", home.town.grids[0][0].name)
		frappe.set_user(with_member)  # she sees the one, and both end
		comings.record_death(home.wife, DAY, "病故")
		frappe.set_user("Administrator")
		assert of("Resident", home.wife, "status", "status_date") == ("Deceased", getdate(DAY))
		assert of("Resident Care", seen.name, "until", "next_visit_due") == (getdate(DAY), None)
		assert of("Resident Care", hidden.name, "until", "next_visit_due") == (getdate(), None)
		assert of("Household", home.household, "member_count") == 2
		assert lines(home.household) == [("Death", DAY, None, "病故")]
		with pytest.raises(care.CareGoneError):
			make_care(home.wife, "migrant")

	def test_minors_whose_guardian_died_are_named(self, home):
		grown = make_resident(home.household, "Daughter", resident_name="王大明", guardian=home.head)
		left = comings.record_death(
			home.head, DAY, next_head=home.wife, relations={home.child: "Son", grown.name: "Daughter"}
		)
		assert left == ["王小明"]
		assert of("Household", home.household, "head") == home.wife

	def test_by_whatever_way_it_is_saved(self, home):
		row = make_care(home.wife, "migrant", since="2023-01-01")
		doc = frappe.get_doc("Resident", home.wife)
		doc.update({"status": "Moved Out", "status_date": DAY})
		doc.save()
		assert of("Resident Care", row.name, "until") == getdate(DAY)
		assert lines(home.household) == [("Move Out", DAY, None, "")]

	def test_who_is_gone_does_not_go_again(self, home):
		comings.move_out(home.wife, DAY)
		with pytest.raises(comings.GoneAlreadyError):
			comings.record_death(home.wife, DAY)

	def test_the_last_one_leaves_a_door_that_others_can_open(self, home):
		single = make_household(home.town.grids[0][1].name)
		last = make_resident(single.name)
		comings.record_death(last.name, DAY)
		newcomer = make_resident(single.name, resident_name="新户主")
		assert of("Household", single.name, "head", "member_count") == (newcomer.name, 1)

	def test_she_comes_back(self, home):
		comings.move_out(home.wife, DAY, "外出")
		with pytest.raises(residents.HeadError):
			comings.come_back(home.wife, "2024-05-01", "Head")
		comings.come_back(home.wife, "2024-05-01", "Spouse", reason="返乡")
		assert of("Resident", home.wife, "status", "status_date") == ("Living Here", None)
		assert of("Household", home.household, "member_count") == 3
		assert lines(home.household)[-1] == ("Move In", "2024-05-01", None, "返乡")
		with pytest.raises(comings.GoneAlreadyError):
			comings.come_back(home.wife, "2024-05-01", "Spouse")

	def test_a_death_is_taken_back_with_a_reason(self, home):
		comings.record_death(home.wife, DAY)
		with pytest.raises(comings.GoneAlreadyError):
			comings.come_back(home.wife, DAY, "Spouse")
		comings.come_back(home.wife, DAY, "Spouse", reason="误登记")
		assert of("Resident", home.wife, "status") == "Living Here"


class TestMinors:
	def test_a_guardian_is_of_full_age_and_alive(self, home):
		doc = frappe.get_doc("Resident", home.wife)
		for guardian in (home.wife, home.child):
			doc.reload()
			doc.guardian = guardian
			with pytest.raises(residents.GuardianError):
				doc.save()
		comings.record_death(home.wife, DAY)
		child = frappe.get_doc("Resident", home.child)
		child.guardian = home.wife
		with pytest.raises(residents.GuardianError):
			child.save()

	def test_a_category_for_minors_is_for_minors_with_a_guardian(self, home):
		with pytest.raises(care.CareAgeError):
			make_care(home.wife, "left-behind-child")
		assert make_care(home.child, "left-behind-child")
		comings.record_death(home.head, DAY, next_head=home.wife, relations={home.child: "Son"})
		sibling = make_resident(home.household, "Daughter", birth_date=home.born, sex="Female")
		frappe.db.set_value("Resident", sibling.name, "guardian", home.head)
		with pytest.raises(residents.GuardianError):
			make_care(sibling.name, "left-behind-child")

	def test_on_her_eighteenth_birthday_she_is_a_minor_no_more(self, home):
		doc = make_resident(home.household, "Daughter", birth_date="2000-05-06", guardian=home.wife)
		with pytest.raises(care.CareAgeError):
			make_care(doc.name, "left-behind-child", since="2018-05-06")
		row = make_care(doc.name, "left-behind-child", since="2018-05-05")
		row.note = "成年后保留"
		assert row.save()


@pytest.fixture
def by_consent(home):
	"""Two categories of which one rests on consent."""
	category = seeded("care_category/migrant")
	frappe.db.set_value("Care Category", category, "legal_basis", "Consent")
	frappe.clear_document_cache("Care Category", category)
	yield category
	frappe.clear_document_cache("Care Category", category)


class TestConsent:
	def test_for_a_child_under_14_the_guardian_consents(self, home, by_consent):
		with pytest.raises(consents.ConsentError):
			make_care(home.child, "migrant", consent_on=getdate(), consent_given_by="In Person")
		row = make_care(home.child, "migrant", consent_on=getdate())
		assert (row.consent_given_by, row.consent_guardian) == ("Guardian", home.head)
		frappe.db.set_value("Resident", home.child, "guardian", None)
		row.consent_guardian = None
		with pytest.raises(consents.ConsentError):
			row.save()

	def test_from_14_on_she_consents_herself(self, home, by_consent):
		doc = make_resident(home.household, "Daughter", birth_date="2010-05-06", guardian=home.wife)
		row = make_care(doc.name, "migrant", since="2024-05-06", consent_on="2024-05-06")
		assert (row.consent_given_by, row.consent_guardian) == ("In Person", None)
		row.consent_on = "2024-05-05"
		with pytest.raises(consents.ConsentError):
			row.save()

	def test_it_does_not_lie_ahead(self, home):
		doc = frappe.get_doc("Resident", home.wife)
		doc.consent_on = add_days(getdate(), 1)
		with pytest.raises(consents.ConsentError):
			doc.save()

	def test_what_rests_on_it_ends_when_it_is_withdrawn(self, home, by_consent):
		doc = frappe.get_doc("Resident", home.wife)
		doc.consent_on = "2023-01-01"
		doc.save()
		resting = make_care(home.wife, "migrant", since="2023-01-01", consent_on="2023-01-01")
		legal = make_care(home.wife, "elder-alone", since="2023-01-01")
		consents.withdraw(home.wife, DAY, "本人要求")
		assert of("Resident Care", resting.name, "until", "consent_withdrawn_on") == (getdate(DAY),) * 2
		assert of("Resident Care", resting.name, "next_visit_due") is None
		assert of("Resident Care", legal.name, "until", "consent_withdrawn_on") == (None, None)
		assert of("Resident", home.wife, "consent_withdrawn_on") == getdate(DAY)
		(line,) = frappe.get_all("Personal Data Access", {"reference_name": home.wife}, ["kind", "reason"])
		assert (line.kind, line.reason) == ("Request", "本人要求")
		doc.reload()
		doc.consent_on = DAY
		doc.save()
		assert of("Resident", home.wife, "consent_withdrawn_on") is None

	def test_of_one_category_alone(self, home, by_consent):
		doc = frappe.get_doc("Resident", home.wife)
		doc.consent_on = "2023-01-01"
		doc.save()
		row = make_care(home.wife, "migrant", since="2023-01-01", consent_on="2023-01-01")
		consents.withdraw(home.wife, DAY, category=by_consent)
		assert of("Resident Care", row.name, "until") == getdate(DAY)
		assert of("Resident", home.wife, "consent_withdrawn_on") is None
