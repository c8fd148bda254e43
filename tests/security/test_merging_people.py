"""Nobody learns of a person, a phone or a number by likeness, and no merge takes or overwrites another grid's people."""

import frappe
import pytest

from tests.factories import (
	make_citizen_number,
	make_holder,
	make_household,
	make_identity,
	make_resident,
	make_township,
	make_user,
)
from tests.web import Answer, call, request
from tests.world import inside_savepoint, taken_back

SECRET = "机密八八"
BORN = {"resident_name": SECRET, "birth_date": "1980-01-01"}
PHONE = "13900000017"
MERGE = "grid_governance.grid_ledger.actions.merging.merge"
DISTINGUISH = "grid_governance.grid_ledger.actions.merging.distinguish"
COMPARE = "grid_governance.grid_ledger.queries.comparison.compare"
ELSEWHERE = "grid_governance.grid_ledger.queries.likeness.elsewhere"


@pytest.fixture(scope="module")
def world(site):
	"""Two villages. A person in each grid; one name in both grids of the first village and in the second one."""
	with taken_back():
		town = make_township(2, 2)
		here, beside, far = town.grids[0][0].name, town.grids[0][1].name, town.grids[1][0].name
		people = {
			key: make_resident(make_household(grid).name, **values).name
			for key, grid, values in (
				("own", here, BORN),
				("double", here, BORN),
				("beside", beside, BORN),
				("far", far, BORN),
				("phone_here", here, {"resident_name": "甲", "birth_date": "1971-01-01"}),
				("phone_beside", beside, {"resident_name": "乙", "birth_date": "1972-01-01"}),
				("number_here", here, {"resident_name": "丙"}),
				("number_beside", here, {"resident_name": "丁"}),
				("number_far", far, {"resident_name": "丙"}),
			)
		}
		for key in ("phone_here", "phone_beside"):
			frappe.get_doc(doctype="Resident Contact", resident=people[key], phone=PHONE).insert()
		number = make_citizen_number()
		for key in ("number_here", "number_beside", "number_far"):
			make_identity(people[key], id_number=number)
		yield frappe._dict(
			people,
			town=town,
			here=here,
			far_village=town.villages[1].name,
			number=number,
			member=make_holder("Grid Member", here),
			both_grids=make_holder("Grid Member", here, beside),
			leader=make_holder("Grid Leader", here, beside),
			instructor=make_holder("Grid Instructor", here, beside),
			secretary=make_holder("Village Secretary", town.villages[0].name),
			other_secretary=make_holder("Village Secretary", town.villages[1].name),
			of_both=make_holder("Village Secretary", *(village.name for village in town.villages)),
			office=make_holder("Township Office", town.root.name),
			bare=make_user(),
		)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def report(user: str, **filters: object) -> Answer:
	return call(
		user,
		"frappe.desk.query_report.run",
		report_name="Likely the Same Person",
		filters=filters,
		ignore_prepared_report=True,
	)


def pairs(user: str, **filters: object) -> set[frozenset]:
	answer = report(user, **filters)
	assert answer.status == 200, answer.text
	return {frozenset((row["resident"], row["other"])) for row in answer.message["result"]}


def two(*names: str) -> frozenset:
	return frozenset(names)


def merged(user: str, stays: str, goes: str, **more: object) -> Answer:
	return call(user, MERGE, stays=stays, goes=goes, taken=["resident_name"], **more)


def untouched(world: frappe._dict) -> bool:
	names = [world[key] for key in ("own", "double", "beside", "far", "number_here", "number_far")]
	rows = frappe.get_all("Resident", {"name": ["in", names], "merged_into": ["is", "not set"]}, pluck="name")
	return len(rows) == len(names) and not frappe.db.count("Resident Comparison")


class TestTheList:
	def test_each_sees_pairs_of_her_own_grids(self, world):
		assert pairs(world.member) == {two(world.own, world.double)}
		same_village = {
			two(world.own, world.double),
			two(world.own, world.beside),
			two(world.double, world.beside),
		}
		assert same_village <= pairs(world.secretary)
		assert not any(world.far in pair for pair in pairs(world.secretary))
		assert two(world.own, world.far) in pairs(world.office)

	@pytest.mark.parametrize("who", ["bare", "instructor"])
	def test_nobody_without_the_right_to_reports_has_it(self, world, who):
		assert report(world[who]).status == 403

	def test_a_grid_outside_is_no_filter(self, world):
		assert report(world.member, grid=world.far_village).status == 403

	def test_a_phone_counts_where_she_reads_contacts_of_both(self, world):
		pair = two(world.phone_here, world.phone_beside)
		assert pair in pairs(world.both_grids)
		assert not any(world.phone_here in each for each in pairs(world.member))
		frappe.permissions.update_permission_property("Resident Contact", "Grid Member", 0, "read", 0)
		world.changed_rights = "Resident Contact"
		assert pair not in pairs(world.both_grids)

	@pytest.mark.parametrize("who", ["member", "leader", "office"])
	def test_a_number_is_no_reason_for_who_reads_no_identities(self, world, who):
		answer = report(world[who])
		assert two(world.number_here, world.number_beside) not in pairs(world[who])
		assert not answer.message.get("message")

	def test_it_is_for_the_secretary_of_both(self, world):
		assert two(world.number_here, world.number_beside) in pairs(world.secretary)
		assert not any(world.number_far in each for each in pairs(world.secretary))
		assert two(world.number_here, world.number_far) in pairs(world.of_both)

	def test_the_number_itself_is_nowhere(self, world):
		for answer in (
			report(world.of_both),
			call(world.of_both, COMPARE, resident=world.number_here, other=world.number_far),
		):
			assert world.number not in answer.text

	def test_the_stock_door_of_reports_gives_no_more(self, world):
		answer = call(
			world.member,
			"frappe.desk.query_report.export_query",
			report_name="Likely the Same Person",
			file_format_type="CSV",
			filters={},
		)
		assert answer.status == 403


class TestThePreview:
	@pytest.mark.parametrize("who", ["member", "secretary", "other_secretary", "bare"])
	def test_both_lie_in_ones_own_scope(self, world, who):
		for pair in ((world.own, world.far), (world.far, world.own)):
			answer = call(world[who], COMPARE, resident=pair[0], other=pair[1])
			assert answer.status == 403
			assert SECRET not in answer.text

	@pytest.mark.parametrize("who", ["leader", "office"])
	def test_it_tells_nothing_of_numbers_to_who_reads_none(self, world, who):
		answers = [
			call(world[who], COMPARE, resident=world.number_here, other=other).message
			for other in (world.number_beside, world.phone_here)
		]
		assert [answer["number"] for answer in answers] == [None, None]
		assert [answer["reason"] for answer in answers] == [None, None]
		problems = {person["problem"] for answer in answers for person in answer["people"]}
		assert len(problems) == 1  # equal and different numbers are refused with the same words

	def test_an_instructor_reads_no_phones_in_it(self, world):
		answer = call(world.instructor, COMPARE, resident=world.phone_here, other=world.phone_beside)
		assert answer.status == 200
		assert PHONE not in answer.text
		assert answer.message["reason"] is None


class TestTheMerge:
	@pytest.mark.parametrize("who", ["member", "both_grids", "leader", "instructor", "office", "bare"])
	def test_who_may_not_write_all_that_hangs_on_them_merges_nobody(self, world, who):
		assert merged(world[who], world.own, world.double).status == 403
		assert untouched(world)

	@pytest.mark.parametrize("who", ["member", "leader", "secretary", "other_secretary", "office"])
	def test_nobody_is_pulled_out_of_another_grid_or_overwritten_there(self, world, who):
		for stays, goes in ((world.own, world.far), (world.far, world.own)):
			answer = merged(world[who], stays, goes)
			assert answer.status == 403
			assert SECRET not in answer.text
		assert untouched(world)

	def test_the_secretary_merges_in_her_village_and_it_is_read_there_only(self, world):
		answer = merged(world.secretary, world.own, world.beside, reason="同一个人")
		assert answer.status == 200
		path = f"/api/resource/Resident Comparison/{answer.message}"
		assert request(world.secretary, "GET", path).status == 200
		assert request(world.leader, "GET", path).status == 403  # it lies on the village, above both grids
		assert request(world.other_secretary, "GET", path).status == 403
		logged = frappe.get_all("Personal Data Access", {"reference_name": world.own}, ["kind", "user"])
		assert [(line.kind, line.user) for line in logged] == [("Merge", world.secretary)]

	def test_the_secretary_of_both_villages_merges_over_their_border(self, world):
		assert merged(world.of_both, world.own, world.far).status == 200

	def test_it_is_no_get(self, world):
		answer = call(world.secretary, MERGE, http="GET", stays=world.own, goes=world.double, taken=[])
		assert answer.status == 403
		assert untouched(world)

	@pytest.mark.parametrize(
		"fieldname", ["household", "grid", "grid_path", "relation_to_head", "owner", "merged_into", "pinyin"]
	)
	def test_no_field_is_taken_that_was_not_offered(self, world, fieldname):
		before = frappe.get_doc("Resident", world.own).get(fieldname)
		answer = call(world.secretary, MERGE, stays=world.own, goes=world.beside, taken=[fieldname])
		assert answer.status == 200
		assert frappe.db.get_value("Resident", world.own, fieldname) == before

	def test_merged_into_is_not_written_by_hand(self, world):
		for values in ({"merged_into": world.own}, {"merged_into": world.far}):
			request(world.member, "PUT", f"/api/resource/Resident/{world.double}", **values)
			assert not frappe.db.get_value("Resident", world.double, "merged_into")
		call(
			world.member,
			"frappe.client.set_value",
			doctype="Resident",
			name=world.double,
			fieldname="merged_into",
			value=world.own,
		)
		assert not frappe.db.get_value("Resident", world.double, "merged_into")

	def test_the_stock_merge_of_records_is_closed(self, world):
		answer = call(
			world.secretary,
			"frappe.model.rename_doc.update_document_title",
			doctype="Resident",
			docname=world.double,
			name=world.own,
			merge=True,
		)
		assert answer.refused
		assert untouched(world)

	def test_a_record_of_it_is_not_written_by_hand(self, world):
		answer = request(
			world.secretary,
			"POST",
			"/api/resource/Resident Comparison",
			verdict="Different People",
			resident=world.own,
			other_resident=world.double,
			grid=world.here,
		)
		assert answer.refused
		assert untouched(world)


class TestDifferentPeople:
	@pytest.mark.parametrize("who", ["instructor", "secretary", "other_secretary", "bare"])
	def test_it_is_said_by_who_may_change_both(self, world, who):
		assert call(world[who], DISTINGUISH, resident=world.own, other=world.far).status == 403
		assert not frappe.db.count("Resident Comparison")

	def test_a_verdict_is_read_where_both_are_seen(self, world):
		answer = call(world.office, DISTINGUISH, resident=world.own, other=world.far, reason=SECRET)
		assert answer.status == 200
		for who in ("member", "leader", "secretary", "other_secretary"):
			listed = request(world[who], "GET", "/api/resource/Resident Comparison")
			assert listed.status == 403 or listed.message == []


class TestRegisteredHereLivingThere:
	@pytest.fixture(autouse=True)
	def _apart(self, world):
		"""She is registered in the first village and away, and lives in the second."""
		frappe.db.set_value("Resident", world.number_here, "status", "Away")

	def test_who_reads_both_sees_the_pair_on_the_record_and_in_the_list(self, world):
		answer = call(world.of_both, ELSEWHERE, resident=world.number_here)
		assert {row["name"] for row in answer.message} == {world.number_beside, world.number_far}
		listed = pairs(world.of_both, reason="Registered Here, Living There")
		assert two(world.number_here, world.number_far) in listed

	@pytest.mark.parametrize("who", ["member", "leader", "instructor", "office"])
	def test_who_reads_no_identities_sees_none(self, world, who):
		assert call(world[who], ELSEWHERE, resident=world.number_here).message == []

	def test_the_secretary_of_one_side_is_told_nothing(self, world):
		told = call(world.other_secretary, ELSEWHERE, resident=world.number_far)
		nobody = call(world.other_secretary, ELSEWHERE, resident=world.far)
		assert (told.status, told.body) == (nobody.status, nobody.body)
		assert call(world.other_secretary, ELSEWHERE, resident=world.number_here).status == 403
		assert pairs(world.other_secretary) == set()

	def test_who_leaves_on_one_side_is_no_news_on_the_other(self, world):
		def of_far() -> tuple:
			doc = frappe.get_doc("Resident", world.number_far)
			return doc.modified, doc.status, doc.household_consistent, frappe.db.count("Notification Log")

		before = of_far()
		answer = call(
			world.secretary,
			"grid_governance.grid_ledger.actions.comings.move_out",
			resident=world.number_here,
			on="2024-01-01",
			reason="迁出",
		)
		assert answer.status == 200
		assert "number_far" not in answer.text
		assert world.number_far not in answer.text
		assert of_far() == before
