"""Whom a notice is for: grids, groups of people, saved filters; in literal figures."""

import frappe
import pytest
from frappe.utils import add_days, add_years, getdate

from grid_governance.grid_visits.notices import audience
from tests.factories import (
	make_care,
	make_holder,
	make_household,
	make_notice,
	make_resident,
	make_township,
	make_user,
	seeded,
)
from tests.world import inside_savepoint, taken_back

DOCTOR = "skill/doctor"


def build(site):
	"""Two villages. In the first grid: an old couple, a family with a child, a doctor alone, a household that is gone.
	In the second grid of the village an old man; in the other village an old woman who is a doctor."""
	with taken_back():
		make_user()
		town = make_township(2, 2)
		first, second = (grid.name for grid in town.grids[0])
		other = town.grids[1][0].name
		world = frappe._dict(town=town, first=first, second=second, other=other, homes={}, people={})
		for home, grid, people in (
			("old", first, [("he", 70, "Male"), ("she", 68, "Female")]),
			("family", first, [("mother", 35, "Female"), ("child", 9, "Male")]),
			("doctor", first, [("physician", 45, "Male")]),
			("gone", first, [("last", 80, "Male")]),
			("near", second, [("neighbour", 66, "Male")]),
			("far", other, [("aunt", 75, "Female")]),
		):
			world.homes[home] = make_household(grid).name
			for place, (name, age, sex) in enumerate(people):
				born = add_years(getdate(), -age)
				relation = "Head" if place == 0 else "Other Relative"
				values = {"resident_name": "张三", "birth_date": born, "sex": sex}
				world.people[name] = make_resident(world.homes[home], relation, **values).name
		for name in ("physician", "aunt"):
			person = frappe.get_doc("Resident", world.people[name])
			person.append("skills", {"skill": seeded(DOCTOR)})
			person.save()
		frappe.db.set_value("Household", world.homes["gone"], "status", "Dissolved")
		yield world


world = pytest.fixture(scope="module")(build)
_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def meant(world, grid=None, **fields) -> tuple[list[str], list[str]]:
	"""The households and the people that a notice with *fields* is for, by the names of the world, sorted."""
	notice = make_notice(grid or world.town.root.name, **fields)
	found = []
	for deliver_to, known, column in (
		("Household", world.homes, "household"),
		("Person", world.people, "resident"),
	):
		notice.deliver_to = deliver_to
		names = {name: key for key, name in known.items()}
		rows = audience.select(notice).run(as_dict=True)
		found.append(sorted(names[row[column]] for row in rows))
	assert audience.count(notice) == {"households": len(found[0]), "persons": len(found[1])}
	return tuple(found)


def row(**values) -> dict:
	return {"doctype": "Audience Row", **values}


class TestGroups:
	def test_without_groups_everybody_is_meant_who_is_there(self, world):
		assert meant(world) == (
			["doctor", "family", "far", "near", "old"],
			["aunt", "child", "he", "mother", "neighbour", "physician", "she"],
		)

	def test_a_household_counts_once_however_many_of_it_are_meant(self, world):
		assert meant(world, audience=[row(age_from=65)]) == (
			["far", "near", "old"],
			["aunt", "he", "neighbour", "she"],
		)

	def test_what_stands_in_one_row_holds_together(self, world):
		assert meant(world, audience=[row(age_from=65, sex="Female")]) == (["far", "old"], ["aunt", "she"])

	def test_who_is_in_any_row_is_meant(self, world):
		rows = [row(age_to=9), row(skill=seeded(DOCTOR))]
		assert meant(world, audience=rows) == (["doctor", "family", "far"], ["aunt", "child", "physician"])

	@pytest.mark.parametrize(
		("bounds", "people"),
		[
			({"age_from": 70, "age_to": 70}, ["he"]),
			({"age_from": 69, "age_to": 71}, ["he"]),
			({"age_from": 71, "age_to": 74}, []),
			({"age_to": 8}, []),
		],
	)
	def test_both_ages_are_meant_themselves(self, world, bounds, people):
		assert meant(world, audience=[row(**bounds)])[1] == people

	def test_a_birthday_tomorrow_has_not_been(self, world):
		born = add_days(add_years(getdate(), -65), 1)
		frappe.db.set_value("Resident", world.people["neighbour"], "birth_date", born)
		assert "neighbour" not in meant(world, audience=[row(age_from=65)])[1]

	def test_care_that_has_ended_counts_no_more(self, world):
		category = seeded("care_category/elder-alone")
		open_, ended = (make_care(world.people[name], "elder-alone") for name in ("he", "aunt"))
		assert meant(world, audience=[row(care_category=category)])[1] == ["aunt", "he"]
		frappe.db.set_value("Resident Care", ended.name, "until", getdate())
		frappe.db.set_value("Resident Care", open_.name, "until", add_days(getdate(), 1))
		assert meant(world, audience=[row(care_category=category)])[1] == ["he"]
		assert open_.resident == world.people["he"]

	@pytest.mark.parametrize("status", ["Moved Out", "Deceased"])
	def test_who_is_gone_is_not_meant(self, world, status):
		frappe.db.set_value("Resident", world.people["physician"], "status", status)
		assert meant(world, audience=[row(skill=seeded(DOCTOR))]) == (["far"], ["aunt"])

	def test_who_was_merged_into_another_row_is_not_meant(self, world):
		frappe.db.set_value("Resident", world.people["she"], "merged_into", world.people["he"])
		assert meant(world, audience=[row(age_from=65, sex="Female")]) == (["far"], ["aunt"])


class TestGrids:
	def test_the_notices_own_grid_bounds_it(self, world):
		assert meant(world, world.second) == (["near"], ["neighbour"])

	def test_chosen_grids_are_meant_alone_and_one_inside_another_counts_once(self, world):
		chosen = [{"grid": grid} for grid in (world.second, world.other, world.town.villages[1].name)]
		assert meant(world, audience_grids=chosen)[0] == ["far", "near"]

	def test_a_grid_beside_the_notices_own_is_refused(self, world):
		with pytest.raises(audience.AudienceOutsideError):
			make_notice(world.town.villages[0].name, audience_grids=[{"grid": world.other}])

	def test_the_villages_together_are_the_whole(self, world):
		notice = make_notice(world.town.root.name, audience=[row(age_from=65)])
		paths = audience.villages(notice)
		assert paths == [village.grid_path for village in world.town.villages]
		parts = [{each[0] for each in audience.select(notice, path).run()} for path in paths]
		assert [len(part) for part in parts] == [2, 1]
		assert set.union(*parts) == {each[0] for each in audience.select(notice).run()}


class TestSavedFilters:
	def saved(self, world, *rows):
		values = {"filter_name": "老人", "grid": world.town.root.name, "rows": list(rows)}
		return frappe.get_doc(doctype="Audience Filter", **values).insert().name

	def test_its_rows_count_with_those_of_the_notice(self, world):
		name = self.saved(world, row(age_from=70))
		found = meant(world, audience_filter=name, audience=[row(age_to=9)])
		assert found[1] == ["aunt", "child", "he"]

	def test_what_is_approved_does_not_follow_the_filter(self, world):
		name = self.saved(world, row(age_from=70))
		notice = make_notice(world.town.root.name, "notice-send", audience_filter=name)
		saved = frappe.get_doc("Audience Filter", name)
		saved.rows[0].age_from = 10
		saved.save()
		assert len(audience.select(notice).run()) == 2 == notice.recipients

	def test_an_empty_row_is_refused_here_and_there(self, world):
		with pytest.raises(audience.EmptyRowError):
			self.saved(world, row())
		with pytest.raises(audience.EmptyRowError):
			make_notice(world.first, audience=[row(age_from=65), row()])

	def test_ages_that_run_backwards_are_refused(self, world):
		with pytest.raises(audience.AgeRangeError):
			make_notice(world.first, audience=[row(age_from=65, age_to=60)])


class TestSensitiveCare:
	@pytest.fixture
	def category(self):
		name = seeded("care_category/disabled")
		assert frappe.db.get_value("Care Category", name, "is_sensitive")
		return name

	def test_who_may_not_see_it_makes_no_audience_of_it_and_counts_none(self, world, category, as_user):
		village = world.town.villages[0].name
		notice = make_notice(village, audience=[row(care_category=category)])
		assert notice.is_sensitive
		for role, may in (("Grid Leader", False), ("Village Secretary", True)):
			with as_user(make_holder(role, village)):
				count = audience.count(frappe.get_doc("Notice", notice.name))
				assert (count["persons"] is not None) == may
				if may:
					assert make_notice(village, audience=[row(care_category=category)]).is_sensitive
					continue
				with pytest.raises(audience.SensitiveAudienceError):
					make_notice(village, audience=[row(care_category=category)])

	def test_only_who_is_meant_for_nothing_else_stands_apart(self, world, category):
		village = world.town.villages[0].name
		young, old = (
			make_resident(make_household(world.town.grids[0][0].name).name, birth_date=born)
			for born in ("1990-01-01", "1930-01-01")
		)
		for person in (young, old):
			make_care(person.name, "disabled")
		for deliver_to, field in (("Person", "resident"), ("Household", "household")):
			notice = make_notice(
				village, audience=[row(care_category=category), row(age_from=65)], deliver_to=deliver_to
			)
			found = {each[field]: each.is_sensitive for each in audience.select(notice).run(as_dict=True)}
			known = {young.name: young.household, old.name: old.household}
			assert [found[who if field == "resident" else home] for who, home in known.items()] == [1, 0]

	def test_nor_by_a_saved_filter(self, world, category, as_user):
		village = world.town.villages[0].name
		values = {"filter_name": "残", "grid": village, "rows": [row(care_category=category)]}
		saved = frappe.get_doc(doctype="Audience Filter", **values).insert()
		with as_user(make_holder("Grid Leader", village)), pytest.raises(audience.SensitiveAudienceError):
			make_notice(village, audience_filter=saved.name)


def test_statements_do_not_grow_with_people_and_rows(world, count_queries):
	notice = make_notice(world.town.root.name, audience=[row(age_from=65)])
	more = make_notice(
		world.town.root.name, audience=[row(age_from=65), row(age_to=9), row(skill=seeded(DOCTOR))]
	)
	seen = []
	for each in (notice, more):
		audience.count(each)
		with count_queries() as watched:
			audience.count(each)
		seen.append(watched.count)
	assert seen[0] == seen[1] <= 4
