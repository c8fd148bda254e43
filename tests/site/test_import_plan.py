"""What a file would do to the ledger: new, changed, unchanged, refused, asked; nothing is written by asking."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import frappe
import pytest

from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.importing import columns, documents
from grid_governance.grid_ledger.importing.families import families
from grid_governance.grid_ledger.importing.plan import Planner
from grid_governance.grid_ledger.importing.shapes import Answer, Choice, Line, Outcome, Part, Verdict
from tests.factories import (
	make_care,
	make_citizen_number,
	make_grid,
	make_holder,
	make_household,
	make_identity,
	make_resident,
	make_township,
	seeded,
)
from tests.world import inside_savepoint, taken_back

SHORT = {
	"village": "Grid.village",
	"grid": "Grid.name",
	"code": "Grid.code",
	"no": "Household.household_no",
	"address": "Household.address",
	"head": "Household.head_name",
	"name": "Resident.resident_name",
	"rel": "Resident.relation_to_head",
	"born": "Resident.birth_date",
	"sex": "Resident.sex",
	"status": "Resident.status",
	"since": "Resident.status_date",
	"guardian": "Resident.guardian",
	"apart": "Resident.household_consistent",
	"consent": "Resident.consent_on",
	"skills": "Resident.skills",
	"id": "Resident Identity.id_number",
	"phone": "Resident Contact.phone",
	"wechat": "Resident Contact.wechat",
	"care": "Resident Care.category",
}
BORN = date(1980, 1, 1)
TODAY = date(2024, 5, 6)


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""A township with two villages of two grids; a secretary of the first village, an office and a member of a grid."""
	with taken_back():
		town = make_township(2, 2)
		yield frappe._dict(
			town=town,
			village=town.villages[0],
			grid=town.grids[0][0],
			other_grid=town.grids[0][1],
			far_grid=town.grids[1][0],
			secretary=make_holder("Village Secretary", town.villages[0].name),
			office=make_holder("Township Office", town.root.name),
			member=make_holder("Grid Member", town.grids[0][0].name),
		)


@pytest.fixture(autouse=True)
def _on_site(world: frappe._dict) -> Iterator[None]:
	yield from inside_savepoint(world)


def as_lines(rows: list[Mapping[str, Any]]) -> list[Line]:
	return [
		Line(0, number, (), {SHORT[key]: value for key, value in row.items() if value is not None})
		for number, row in enumerate(rows, start=2)
	]


def plan(
	world: frappe._dict,
	*rows: Mapping[str, Any],
	answers: Mapping[int, Answer] | None = None,
	user: str | None = None,
	root: str | None = None,
) -> Part:
	"""What *rows* (by `SHORT`, the first in row 2) would do as *user*, by default the secretary's."""
	frappe.set_user(user or world.secretary)
	try:
		targets = columns.targets(columns.PEOPLE)
		said = {(0, row): answer for row, answer in (answers or {}).items()}
		planner = Planner(root or world.village.name, targets, said, TODAY)
		return planner.part(families(as_lines(list(rows))))
	finally:
		frappe.set_user("Administrator")


def by_row(part: Part) -> dict[int, Outcome]:
	return {outcome.line.number: outcome for outcome in part.outcomes}


def verdicts(part: Part) -> list[Verdict]:
	return [outcome.verdict for _number, outcome in sorted(by_row(part).items())]


def reasons(part: Part, row: int) -> str:
	return " ".join(problem.message for problem in by_row(part)[row].line.problems)


def one(world: frappe._dict, **values: Any) -> dict[str, Any]:
	"""A head in the first grid."""
	return {"grid": world.grid.grid_name, "name": "甲一", "rel": "Head", **values}


def write(part: Part) -> None:
	"""Write the new rows of *part*, without any of the writer's care."""
	for doctype, rows in part.new.items():
		for row in rows:
			doc = frappe.get_doc({"doctype": doctype, **row})
			doc.name = row["name"]
			doc.db_insert()


class TestNew:
	def test_a_household_with_its_people(self, world):
		part = plan(
			world,
			one(world, no="7", address="路1号", born=BORN),
			{"no": "7", "name": "乙二", "rel": "Spouse"},
		)
		(home,) = part.new[HOUSEHOLD]
		head, wife = part.new[RESIDENT]
		assert verdicts(part) == [Verdict.NEW, Verdict.NEW]
		assert (home["head"], home["member_count"], home["title"]) == (head["name"], 2, "甲一 · 7")
		assert (home["address"], home["grid"], home["grid_path"]) == (
			"路1号",
			world.grid.name,
			world.grid.grid_path,
		)
		assert (wife["household"], wife["relation_to_head"], wife["pinyin"]) == (
			home["name"],
			"Spouse",
			"yier",
		)
		assert (head["birth_date"], head["status"], head["population_type"]) == (
			BORN,
			"Living Here",
			"Registered",
		)

	def test_nothing_is_written_by_asking(self, world, count_queries):
		before = frappe.db.count(HOUSEHOLD), frappe.db.count(RESIDENT)
		plan(world, one(world, id=make_citizen_number()))
		assert (frappe.db.count(HOUSEHOLD), frappe.db.count(RESIDENT)) == before

	def test_what_hangs_on_a_person_goes_to_doctypes_of_its_own(self, world):
		number = make_citizen_number()
		elders = seeded("care_category/elder")
		part = plan(world, one(world, id=number, phone=["13800000000", "029-88886666"], care=[elders]))
		(person,) = part.new[RESIDENT]
		(identity,) = part.new[IDENTITY]
		assert identity["resident"] == person["name"]
		assert number not in str(identity.values())
		assert [(each.name, each.plain) for each in part.secrets] == [(identity["name"], number)]
		assert (person["birth_date"], person["sex"]) == (BORN, "Male")  # as the number says
		assert [row["phone"] for row in part.new[CONTACT]] == ["13800000000", "029-88886666"]
		(care,) = part.new[CARE]
		assert (care["category"], care["since"], care["source"]) == (elders, TODAY, "Import")

	def test_a_household_without_people(self, world):
		part = plan(world, {"grid": world.grid.grid_name, "no": "7", "address": "路1号"})
		assert verdicts(part) == [Verdict.NEW]
		assert part.new[HOUSEHOLD][0]["member_count"] == 0

	def test_the_guardian_is_named(self, world):
		child = seeded("care_category/left-behind-child")
		born = date(2015, 1, 1)
		rows = [
			one(world, no="7", born=BORN),
			{"no": "7", "name": "乙二", "rel": "Son", "born": born, "care": [child], "guardian": "甲一"},
		]
		part = plan(world, *rows)
		assert verdicts(part) == [Verdict.NEW, Verdict.NEW]
		assert part.new[RESIDENT][1]["guardian"] == part.new[RESIDENT][0]["name"]
		rows[1] |= {"guardian": None}
		assert "guardian" in reasons(plan(world, *rows), 3)

	def test_skills_are_rows_of_their_table(self, world):
		skill = frappe.get_all("Skill", pluck="name", limit=2)
		part = plan(world, one(world, skills=skill))
		rows = part.new["Resident Skill"]
		assert [(row["parent"], row["skill"], row["idx"]) for row in rows] == [
			(part.new[RESIDENT][0]["name"], name, at) for at, name in enumerate(skill, start=1)
		]


class TestTwice:
	def test_the_same_file_twice_changes_nothing(self, world):
		elders = seeded("care_category/elder")
		rows = [
			one(
				world, no="7", address="路1号", id=make_citizen_number(), phone=["13800000000"], care=[elders]
			),
			{
				"no": "7",
				"name": "乙二",
				"rel": "Spouse",
				"born": date(1982, 3, 4),
				"skills": frappe.get_all("Skill", pluck="name", limit=1),
			},
			{"grid": world.grid.grid_name, "name": "丙三", "rel": "Head"},
		]
		write(plan(world, *rows))
		part = plan(world, *rows)
		assert verdicts(part) == [Verdict.UNCHANGED] * 3
		assert not any(part.new.values())
		assert not (part.updates or part.secrets or part.grown)

	def test_an_empty_cell_changes_nothing(self, world):
		write(plan(world, one(world, no="7", address="路1号", sex="Male", born=BORN)))
		assert verdicts(plan(world, one(world, no="7"))) == [Verdict.UNCHANGED]

	def test_a_change_says_what_was_and_what_will_be(self, world):
		write(plan(world, one(world, no="7", sex="Male", address="路1号")))
		part = plan(world, one(world, no="7", sex="Female", address="路2号"))
		changes = by_row(part)[2].changes
		assert {(each.fieldname, each.old, each.new) for each in changes} == {
			("sex", "Male", "Female"),
			("address", "路1号", "路2号"),
		}
		assert {each.doctype: each.values for each in part.updates} == {
			HOUSEHOLD: {"address": "路2号"},
			RESIDENT: {"sex": "Female"},
		}

	def test_new_members_make_the_household_grow(self, world):
		write(plan(world, one(world, no="7")))
		part = plan(world, one(world, no="7"), {"no": "7", "name": "乙二", "rel": "Son"})
		assert verdicts(part) == [Verdict.UNCHANGED, Verdict.NEW]
		home = frappe.db.get_value(HOUSEHOLD, {"household_no": "7", "grid": world.grid.name})
		assert part.grown == {home}
		assert not part.new[HOUSEHOLD]

	def test_a_part_may_be_planned_again(self, world):
		frappe.set_user(world.secretary)
		planner = Planner(world.village.name, columns.targets(columns.PEOPLE), {}, TODAY)
		found = families(
			as_lines([one(world, id=make_citizen_number()), one(world, name="丙三", born=date(2090, 1, 1))])
		)
		first, again = planner.part(found), planner.part(found)
		assert verdicts(first) == verdicts(again) == [Verdict.NEW, Verdict.REFUSED]
		assert reasons(first, 3) == reasons(again, 3)

	def test_a_second_telephone_is_added(self, world):
		write(plan(world, one(world, no="7", phone=["13800000000"])))
		part = plan(world, one(world, no="7", phone=["13900000000"]))
		assert [row["phone"] for row in part.new[CONTACT]] == ["13900000000"]
		assert [(each.doctype, each.new) for each in by_row(part)[2].changes] == [(CONTACT, "13900000000")]

	def test_a_number_for_who_had_none(self, world):
		write(plan(world, one(world, no="7")))
		number = make_citizen_number()
		part = plan(world, one(world, no="7", id=number))
		assert len(part.new[IDENTITY]) == 1
		(added,) = (each for each in by_row(part)[2].changes if each.doctype == IDENTITY)
		assert "*" in added.new
		assert {each.fieldname for each in by_row(part)[2].changes} == {"id_number", "birth_date", "sex"}


class TestRefused:
	@pytest.mark.parametrize(
		("values", "says"),
		[
			({"id": "110105194912310021"}, "last character"),
			({"id": "110105198001010000"}, "lost its last digits"),
			({"id": make_citizen_number(), "born": date(1981, 1, 1)}, "was born on"),
			({"id": make_citizen_number(male=False), "sex": "Male"}, "Correct the number or the sex"),
			({"status": "Deceased"}, "since when"),
			({"born": date(2030, 1, 1)}, "lies ahead"),
			({"consent": date(2030, 1, 1)}, "consent lies ahead"),
			({"consent": date(2024, 1, 1), "born": date(2020, 1, 1)}, "Enter the guardian"),
			({"guardian": "丁四"}, "nobody of this household"),
			({"grid": "没有这个"}, "no grid"),
			({"grid": None}, "Write the grid"),
			({"village": "没有这个村"}, "another village"),
			({"name": None}, "name of the person is missing"),
		],
	)
	def test_a_row_with_its_reason(self, world, values, says):
		part = plan(world, one(world) | values)
		assert verdicts(part) == [Verdict.REFUSED]
		assert says in reasons(part, 2)
		assert not any(part.new.values())

	def test_a_member_without_a_relation(self, world):
		part = plan(world, one(world, no="7"), {"no": "7", "name": "乙二"})
		assert verdicts(part) == [Verdict.NEW, Verdict.REFUSED]
		assert part.new[HOUSEHOLD][0]["member_count"] == 1

	def test_who_rests_on_a_refused_head_waits(self, world):
		part = plan(world, one(world, no="7", id="1"), {"no": "7", "name": "乙二", "rel": "Son"})
		assert verdicts(part) == [Verdict.REFUSED, Verdict.REFUSED]
		assert "Row 2" in reasons(part, 3)

	def test_a_household_has_one_head(self, world):
		two = plan(world, one(world, no="7"), {"no": "7", "name": "乙二", "rel": "Head"})
		none = plan(world, one(world, no="7", rel="Son"), {"no": "7", "name": "乙二", "rel": "Son"})
		assert set(verdicts(two)) == set(verdicts(none)) == {Verdict.REFUSED}
		assert "2, 3" in reasons(two, 2)
		assert "is its head" in reasons(none, 2)

	def test_the_same_person_twice(self, world):
		part = plan(
			world,
			one(world, no="7"),
			{"no": "7", "name": "乙二", "rel": "Son"},
			{"no": "7", "name": "乙二", "rel": "Son"},
		)
		assert verdicts(part) == [Verdict.NEW, Verdict.NEW, Verdict.REFUSED], reasons(part, 3)

	def test_one_number_twice_in_a_household(self, world):
		number = make_citizen_number()
		part = plan(
			world, one(world, no="7", id=number), {"no": "7", "name": "乙二", "rel": "Son", "id": number}
		)
		assert verdicts(part) == [Verdict.NEW, Verdict.REFUSED]

	def test_rows_that_disagree_about_their_household(self, world):
		part = plan(
			world,
			one(world, no="7", address="路1号"),
			{"no": "7", "name": "乙二", "rel": "Son", "address": "路2号"},
			{"no": "7", "name": "丙三", "rel": "Son", "grid": world.other_grid.grid_name},
		)
		assert verdicts(part) == [Verdict.NEW, Verdict.REFUSED, Verdict.REFUSED]

	def test_a_deceased_is_not_taken_into_care(self, world):
		part = plan(
			world, one(world, status="Deceased", since=date(2020, 1, 1), care=[seeded("care_category/elder")])
		)
		assert "not taken into care" in reasons(part, 2)

	def test_a_number_that_the_village_has_given_elsewhere(self, world):
		make_household(world.other_grid.name, household_no="7")
		part = plan(world, one(world, no="7"), user=world.member, root=world.grid.name)
		assert "given the number 7" in reasons(part, 2)
		assert world.other_grid.grid_name not in str(part)


class TestRights:
	def test_outside_the_scope_nothing_is_made(self, world):
		part = plan(
			world,
			one(world, village=world.town.villages[1].grid_name, grid=world.far_grid.grid_name),
			root=world.town.root.name,
		)
		assert "outside the grids you work in" in reasons(part, 2)

	def test_columns_above_the_level_are_left_alone(self, world):
		number = make_citizen_number()
		part = plan(
			world,
			one(world, id=number, care=[seeded("care_category/disabled")]),
			user=world.member,
			root=world.grid.name,
		)
		assert not part.new[IDENTITY]
		assert not part.secrets
		assert not part.new[CARE]
		assert number not in str(part.new)

	def test_whom_the_reader_does_not_see_she_is_not_told_of(self, world):
		number = make_citizen_number()
		home = make_household(world.far_grid.name)
		make_identity(make_resident(home.name, resident_name="甲一").name, id_number=number)
		assert by_row(plan(world, one(world, id=number, born=BORN)))[2].alike == ""
		above = make_holder("Village Secretary", world.town.root.name)
		told = by_row(plan(world, one(world, id=number, born=BORN), user=above))[2].alike
		assert "Same Number" in told
		assert number not in told


class TestAlike:
	def test_name_and_birth_elsewhere_is_a_remark(self, world):
		home = make_household(world.other_grid.name)
		make_resident(home.name)
		make_resident(home.name, "Son", resident_name="甲一", birth_date=BORN)
		outcome = by_row(plan(world, one(world, born=BORN)))[2]
		assert (outcome.verdict, outcome.alike.split(":")[0]) == (Verdict.NEW, "Same Name and Birth")

	def test_registered_here_and_living_there(self, world):
		number = make_citizen_number()
		home = make_household(world.other_grid.name)
		make_identity(make_resident(home.name, resident_name="甲一").name, id_number=number)
		outcome = by_row(plan(world, one(world, id=number, apart="Not Consistent")))[2]
		assert (outcome.verdict, outcome.alike.split(":")[0]) == (
			Verdict.NEW,
			"Registered Here, Living There",
		)


class TestAsked:
	def stands(self, world, number: str = "", **fields: Any) -> tuple[str, str]:
		"""Household and resident 甲一 of the first grid, with the number 7."""
		home = make_household(world.grid.name, household_no="7")
		head = make_resident(home.name, resident_name="甲一", **{"birth_date": BORN, **fields})
		if number:
			make_identity(head.name, id_number=number)
		return home.name, head.name

	def test_another_number_of_one_name(self, world):
		_home, head = self.stands(world, make_citizen_number())
		rows = one(world, no="7", born=BORN, id=make_citizen_number("440524"))
		asked = by_row(plan(world, rows))[2]
		assert asked.verdict == Verdict.TO_DECIDE
		assert [each.name for each in asked.candidates] == [head]
		said = plan(world, rows, answers={2: Answer(Choice.RECORD, head)})
		assert [(each.doctype, sorted(each.values)) for each in said.updates] == [
			(IDENTITY, ["id_number", "id_type"])
		]
		assert verdicts(said) == [Verdict.CHANGED]

	def test_only_a_candidate_is_an_answer(self, world):
		self.stands(world, make_citizen_number())
		stranger = make_resident(make_household(world.far_grid.name).name, resident_name="甲一")
		rows = one(world, no="7", born=BORN, id=make_citizen_number("440524"))
		part = plan(world, rows, answers={2: Answer(Choice.RECORD, stranger.name)})
		assert verdicts(part) == [Verdict.TO_DECIDE]
		assert not part.updates

	def test_left_out(self, world):
		self.stands(world, make_citizen_number())
		rows = one(world, no="7", born=BORN, id=make_citizen_number("440524"))
		part = plan(world, rows, answers={2: Answer(Choice.LEAVE_OUT)})
		assert verdicts(part) == [Verdict.UNCHANGED]
		assert not (part.updates or part.new[RESIDENT])

	def test_a_number_in_use_by_another_family(self, world):
		home, _head = self.stands(world)
		rows = [one(world, no="7", name="乙二"), {"no": "7", "name": "丙三", "rel": "Son"}]
		asked = by_row(plan(world, *rows))
		assert [each.verdict for each in asked.values()] == [Verdict.TO_DECIDE] * 2
		assert [each.name for each in asked[2].candidates] == [home]
		assert not asked[3].candidates
		new = plan(world, *rows, answers={2: Answer(Choice.NEW)})
		assert "given the number 7" in reasons(new, 2)
		same = plan(world, *rows, answers={2: Answer(Choice.RECORD, home)})
		assert "甲一 is the head" in reasons(same, 2)

	def test_somebody_of_the_village_with_this_number_may_move_here(self, world):
		number = make_citizen_number()
		home, _head = self.stands(world)
		head = make_resident(home, "Son", resident_name="甲一新").name
		make_identity(head, id_number=number)
		rows = one(world, no="8", id=number, grid=world.other_grid.grid_name, name="甲一新")
		asked = by_row(plan(world, rows))[2]
		assert (asked.verdict, [each.name for each in asked.candidates]) == (Verdict.TO_DECIDE, [head])
		moved = plan(world, rows, answers={2: Answer(Choice.RECORD, head)})
		(home,) = moved.new[HOUSEHOLD]
		(update,) = moved.updates
		assert (update.doctype, update.name, update.values["household"]) == (RESIDENT, head, home["name"])
		assert not moved.new[RESIDENT]
		stays = plan(world, rows, answers={2: Answer(Choice.NEW)})
		assert verdicts(stays) == [Verdict.NEW]
		assert "Same Number" in by_row(stays)[2].alike

	def test_a_number_in_two_households_of_the_file(self, world):
		number = make_citizen_number()
		rows = [one(world, no="7", id=number), one(world, no="8", id=number)]
		part = plan(world, *rows)
		assert verdicts(part) == [Verdict.NEW, Verdict.TO_DECIDE]
		assert "Row 2" in by_row(part)[3].question
		both = plan(world, *rows, answers={3: Answer(Choice.NEW)})
		assert verdicts(both) == [Verdict.NEW, Verdict.NEW]

	def test_who_was_gone(self, world):
		home, _head = self.stands(world)
		gone = make_resident(home, "Son", resident_name="乙二", status="Moved Out", status_date="2020-01-01")
		rows = [one(world, no="7"), {"no": "7", "name": "乙二", "rel": "Son", "born": BORN}]
		asked = by_row(plan(world, *rows))[3]
		assert (asked.verdict, [each.name for each in asked.candidates]) == (Verdict.TO_DECIDE, [gone.name])
		back = plan(world, *rows, answers={3: Answer(Choice.RECORD, gone.name)})
		(update,) = back.updates
		assert update.values["status"] == "Living Here"

	def test_a_household_of_another_grid_with_the_same_head(self, world):
		home, _head = self.stands(world)
		rows = one(world, grid=world.other_grid.grid_name, born=BORN)
		asked = by_row(plan(world, rows))[2]
		assert (asked.verdict, [each.name for each in asked.candidates]) == (Verdict.TO_DECIDE, [home])
		(update,) = plan(world, rows, answers={2: Answer(Choice.RECORD, home)}).updates
		assert update.values == {"grid": world.other_grid.name}
		new = plan(world, rows, answers={2: Answer(Choice.NEW)})
		assert verdicts(new) == [Verdict.NEW]
		assert not new.updates

	def test_a_family_that_lives_under_another_head(self, world):
		home, _head = self.stands(world)
		make_resident(home, "Spouse", resident_name="乙二", birth_date="1981-01-01")
		make_resident(home, "Son", resident_name="丙三", birth_date="2001-01-01")
		rows = [
			one(world, name="乙二", born=date(1981, 1, 1)),
			{"name": "丙三", "rel": "Son", "born": date(2001, 1, 1)},
		]
		asked = by_row(plan(world, *rows))
		assert [each.name for each in asked[2].candidates] == [home]
		new = plan(world, *rows, answers={2: Answer(Choice.NEW)})
		assert len(new.new[HOUSEHOLD]) == 1
		assert [each.values["household"] for each in new.updates] == [new.new[HOUSEHOLD][0]["name"]] * 2


class TestHead:
	@pytest.fixture
	def home(self, world) -> frappe._dict:
		"""甲一, head; 乙二, spouse; 丙三, son; in household 7."""
		doc = make_household(world.grid.name, household_no="7")
		people = [
			make_resident(doc.name, relation, resident_name=name).name
			for name, relation in (("甲一", "Head"), ("乙二", "Spouse"), ("丙三", "Son"))
		]
		return frappe._dict(name=doc.name, people=people)

	def test_another_head_with_all_relations(self, world, home):
		part = plan(
			world,
			one(world, no="7", rel="Spouse"),
			{"no": "7", "name": "乙二", "rel": "Head"},
			{"no": "7", "name": "丙三", "rel": "Son"},
		)
		(update,) = part.updates
		assert (update.doctype, update.name) == (HOUSEHOLD, home.name)
		assert update.values == {
			"head": home.people[1],
			"relations": {home.people[0]: "Spouse", home.people[2]: "Son"},
		}
		assert verdicts(part) == [Verdict.CHANGED, Verdict.CHANGED, Verdict.UNCHANGED]

	def test_another_head_of_whom_not_all_is_said(self, world, home):
		part = plan(
			world,
			one(world, no="7", name="乙二", rel="Head"),
			{"no": "7", "name": "丙三", "rel": "Grandchild"},
		)
		assert verdicts(part) == [Verdict.REFUSED, Verdict.REFUSED]
		assert not part.updates

	def test_the_head_dies_and_another_follows(self, world, home):
		part = plan(
			world,
			one(world, no="7", status="Deceased", since=date(2024, 1, 1)),
			{"no": "7", "name": "乙二", "rel": "Son"},
			{"no": "7", "name": "丙三", "rel": "Grandchild"},
		)
		assert "is its head" in reasons(part, 2)
		part = plan(
			world,
			{
				"grid": world.grid.grid_name,
				"no": "7",
				"name": "甲一",
				"status": "Deceased",
				"since": date(2024, 1, 1),
			},
			{"no": "7", "name": "乙二", "rel": "Head"},
			{"no": "7", "name": "丙三", "rel": "Son"},
		)
		(update,) = part.updates
		assert update.values["next_head"] == home.people[1]
		assert update.values["relations"] == {home.people[2]: "Son"}

	def test_a_stranger_is_no_head(self, world, home):
		part = plan(world, one(world, no="7", name="丁四"), {"no": "7", "name": "丙三", "rel": "Son"})
		assert by_row(part)[2].verdict == Verdict.REFUSED


class TestCarriedOut:
	"""What is asked, answered and written leaves nothing to do when the same file comes again."""

	def carry_out(self, world, *rows: Mapping[str, Any], answers: Mapping[int, Answer] | None = None) -> Part:
		part = plan(world, *rows, answers=answers)
		assert not set(verdicts(part)) & {Verdict.REFUSED, Verdict.TO_DECIDE}
		write(part)
		frappe.set_user(world.secretary)
		assert documents.save(part.updates, "Import")
		frappe.set_user("Administrator")
		again = plan(world, *rows, answers=answers)
		assert set(verdicts(again)) == {Verdict.UNCHANGED}
		assert not (again.updates or any(again.new.values()))
		return part

	@pytest.fixture
	def home(self, world) -> str:
		"""甲一, head; 乙二, spouse; 丙三, son; in household 7."""
		self.carry_out(
			world,
			one(world, no="7", born=BORN),
			{"no": "7", "name": "乙二", "rel": "Spouse", "born": date(1981, 1, 1)},
			{"no": "7", "name": "丙三", "rel": "Son", "born": date(2001, 1, 1)},
		)
		return frappe.db.get_value(HOUSEHOLD, {"household_no": "7", "grid": world.grid.name})

	def head_of(self, household: str) -> str:
		return frappe.db.get_value(
			RESIDENT, frappe.db.get_value(HOUSEHOLD, household, "head"), "resident_name"
		)

	def test_values(self, world, home):
		skills = frappe.get_all("Skill", pluck="name", limit=3)
		self.carry_out(world, one(world, no="7", skills=skills[:1], address="路2号", phone=["13800000000"]))
		self.carry_out(world, one(world, no="7", skills=skills[1:], wechat="甲一", id=make_citizen_number()))
		head = frappe.get_doc(RESIDENT, frappe.db.get_value(HOUSEHOLD, home, "head"))
		assert {row.skill for row in head.skills} == set(skills)

	def test_another_head(self, world, home):
		self.carry_out(
			world,
			one(world, no="7", rel="Spouse"),
			{"no": "7", "name": "乙二", "rel": "Head"},
			{"no": "7", "name": "丙三", "rel": "Son"},
			{"no": "7", "name": "丁四", "rel": "Daughter"},
		)
		assert self.head_of(home) == "乙二"
		assert frappe.db.exists("Household Change", {"household": home, "kind": "Head"})

	def test_the_head_died(self, world, home):
		self.carry_out(
			world,
			one(world, no="7", rel=None, status="Deceased", since=date(2024, 1, 1)),
			{"no": "7", "name": "乙二", "rel": "Head"},
			{"no": "7", "name": "丙三", "rel": "Son"},
		)
		assert self.head_of(home) == "乙二"
		assert frappe.db.exists("Household Change", {"household": home, "kind": "Death"})

	def test_a_family_splits_its_members_before_its_head(self, world, home):
		rows = [
			{
				"grid": world.other_grid.grid_name,
				"no": "8",
				"name": "丙三",
				"rel": "Son",
				"born": date(2001, 1, 1),
			},
			{"no": "8", "name": "乙二", "rel": "Head", "born": date(1981, 1, 1)},
		]
		asked = by_row(plan(world, *rows))
		assert [each.name for each in asked[3].candidates] == [home]
		self.carry_out(world, *rows, answers={3: Answer(Choice.NEW)})
		new = frappe.db.get_value(HOUSEHOLD, {"household_no": "8", "grid": world.other_grid.name})
		assert self.head_of(new) == "乙二"
		assert frappe.db.get_value(HOUSEHOLD, new, "title") == "乙二 · 8"
		assert [frappe.db.get_value(HOUSEHOLD, each, "member_count") for each in (home, new)] == [1, 2]

	def test_who_was_gone_is_back(self, world, home):
		gone = one(world, no="7", name="丙三", rel="Son", status="Moved Out", since=date(2024, 1, 1))
		self.carry_out(world, gone)
		record = frappe.db.get_value(RESIDENT, {"household": home, "resident_name": "丙三"})
		back = one(world, no="7", name="丙三", rel="Son")
		self.carry_out(world, back, answers={2: Answer(Choice.RECORD, record)})
		assert frappe.db.get_value(RESIDENT, record, "status") == "Living Here"

	def test_a_household_that_moves_and_gets_a_number(self, world, home):
		rows = one(world, name="戊五", born=BORN)
		self.carry_out(world, rows)
		self.carry_out(world, rows | {"no": "9"})
		self.carry_out(world, rows | {"no": "9", "grid": world.other_grid.grid_name})
		assert frappe.db.get_value(HOUSEHOLD, {"household_no": "9"}, "grid") == world.other_grid.name


class TestPlaces:
	def test_by_code_by_name_and_by_area(self, world):
		area = make_grid(world.village.name, 4)
		inside = make_grid(area.name, 5, grid_name=world.grid.grid_name)
		code = plan(world, one(world, grid=None, code=inside.grid_code))
		assert code.new[HOUSEHOLD][0]["grid"] == inside.name
		assert "are called" in reasons(plan(world, one(world)), 2)

	def test_the_village_is_known_by_its_short_name(self, world):
		frappe.db.set_value("Grid", world.village.name, "grid_name", "金庄村村民委员会")
		part = plan(world, one(world, village="金庄"), user=world.office, root=world.town.root.name)
		assert verdicts(part) == [Verdict.NEW]

	def test_in_a_grid_nothing_has_to_be_said(self, world):
		part = plan(world, one(world, grid=None), user=world.member, root=world.grid.name)
		assert verdicts(part) == [Verdict.NEW]

	def test_a_village_itself_holds_no_household(self, world):
		part = plan(world, one(world, grid=None, code=world.village.grid_code))
		assert "No households are put on" in reasons(part, 2)

	def test_a_household_that_lies_elsewhere_now(self, world):
		home = make_household(world.other_grid.name, household_no="7")
		make_resident(home.name, resident_name="甲一")
		part = plan(world, one(world, no="7"))
		(update,) = part.updates
		assert (update.doctype, update.name, update.values) == (
			HOUSEHOLD,
			home.name,
			{"grid": world.grid.name},
		)


def test_care_that_stands_is_not_begun_again(world):
	home = make_household(world.grid.name, household_no="7")
	resident = make_resident(home.name, resident_name="甲一")
	make_care(resident.name, "elder", since="2020-01-01")
	part = plan(
		world, one(world, no="7", care=[seeded("care_category/elder"), seeded("care_category/elder-alone")])
	)
	assert [row["category"] for row in part.new[CARE]] == [seeded("care_category/elder-alone")]


def test_queries_do_not_grow_with_the_rows(world, count_queries):
	def rows(count: int) -> list[dict[str, Any]]:
		return [
			one(world, no=str(at), name=f"甲{at}", born=BORN, id=make_citizen_number(f"{110000 + at}"))
			for at in range(count)
		]

	def queries(given: list[dict[str, Any]]) -> int:
		frappe.set_user(world.secretary)
		planner = Planner(world.village.name, columns.targets(columns.PEOPLE), {}, TODAY)
		found = families(as_lines(given))
		with count_queries() as counted:
			planner.part(found)
		return counted.count

	queries(rows(2))
	assert queries(rows(60)) == queries(rows(3))


def test_whoever_leaves_a_household_out_leaves_its_people_out(world):
	make_resident(make_household(world.grid.name, household_no="7").name, resident_name="甲一")
	rows = [one(world, no="7", name="乙二"), {"no": "7", "name": "丙三", "rel": "Son"}]
	part = plan(world, *rows, answers={2: Answer(Choice.LEAVE_OUT)})
	assert verdicts(part) == [Verdict.UNCHANGED] * 2
	assert not (part.updates or any(part.new.values()))


def test_the_head_is_known_without_a_relation(world):
	part = plan(
		world,
		one(world, no="7", rel=None, head="甲一"),
		{"no": "7", "name": "乙二", "rel": "Son", "head": "甲一"},
		one(world, no="8", rel=None, name="丙三"),
	)
	assert verdicts(part) == [Verdict.NEW] * 3
	assert [row["relation_to_head"] for row in part.new[RESIDENT]] == ["Head", "Son", "Head"]


def test_numbers_of_households_are_the_databases(world):
	home = make_household(world.grid.name, household_no="7a")
	make_resident(home.name, resident_name="甲一")
	part = plan(world, one(world, no="7A"), {"no": "7a", "name": "乙二", "rel": "Son"})
	assert part.grown == {home.name}


def test_two_of_a_name_and_birth_in_a_file_are_told_of(world):
	part = plan(world, one(world, no="7", born=BORN), one(world, no="8", born=BORN))
	assert [outcome.alike for outcome in part.outcomes] == ["", "Row 2 has the same name and date of birth."]


def test_a_grid_that_was_moved_or_closed_meanwhile(world):
	frappe.set_user(world.secretary)
	planner = Planner(world.village.name, columns.targets(columns.PEOPLE), {}, TODAY)
	found = families(as_lines([one(world)]))
	assert planner.part(found).new[HOUSEHOLD][0]["grid_path"] == world.grid.grid_path
	frappe.db.set_value("Grid", world.grid.name, "grid_path", f"{world.village.grid_path}00009999")
	assert planner.part(found).new[HOUSEHOLD][0]["grid_path"].endswith("9999")
	frappe.db.set_value("Grid", world.grid.name, "status", "Closed")
	assert "is closed" in reasons(planner.part(found), 2)


def test_care_that_was_ended_is_not_begun_again_without_a_day(world):
	elder = seeded("care_category/elder")
	home = make_household(world.grid.name, household_no="7")
	resident = make_resident(home.name, resident_name="甲一")
	make_care(resident.name, "elder", since="2020-01-01", until="2021-01-01")
	assert "ended on" in reasons(plan(world, one(world, no="7", care=[elder])), 2)


def test_a_number_that_contradicts_what_stands(world):
	home = make_household(world.grid.name, household_no="7")
	head = make_resident(home.name, resident_name="甲一", sex="Female")
	rows = one(world, no="7", id=make_citizen_number())
	assert "Correct the number or the sex" in reasons(plan(world, rows), 2)
	frappe.db.set_value(RESIDENT, head.name, {"sex": "Male", "birth_date": "1979-01-01"})
	assert by_row(plan(world, rows))[2].verdict == Verdict.TO_DECIDE
	chosen = plan(world, rows, answers={2: Answer(Choice.RECORD, head.name)})
	assert [each.values for each in chosen.updates] == [{"birth_date": BORN}]


def test_a_household_that_moves_says_from_where(world):
	home = make_household(world.other_grid.name, household_no="7")
	make_resident(home.name, resident_name="甲一")
	(change,) = by_row(plan(world, one(world, no="7")))[2].changes
	assert (change.old, change.new) == (world.other_grid.grid_name, world.grid.grid_name)


def test_one_household_whose_rows_name_the_village_and_the_code(world):
	number = make_citizen_number()
	part = plan(
		world,
		one(world, no="7", grid=None, code=world.grid.grid_code, id=number),
		{"village": world.village.grid_name, "no": "7", "name": "乙二", "rel": "Son"},
		{"village": world.village.grid_name, "no": "7", "name": "丙三", "rel": "Son", "id": number},
	)
	assert verdicts(part) == [Verdict.NEW, Verdict.NEW, Verdict.REFUSED], reasons(part, 3)
	assert [row["member_count"] for row in part.new[HOUSEHOLD]] == [2]


def test_new_members_stay_out_of_a_household_that_does_not_move(world):
	home = make_household(world.other_grid.name, household_no="7")
	make_identity(make_resident(home.name, resident_name="甲一").name, id_number=make_citizen_number())
	rows = [one(world, no="7", id=make_citizen_number("440524")), {"no": "7", "name": "乙二", "rel": "Son"}]
	part = plan(world, *rows)
	assert verdicts(part) == [Verdict.TO_DECIDE, Verdict.TO_DECIDE]
	assert not (part.updates or any(part.new.values()))


def test_nobody_is_meant_in_two_households(world):
	home = make_household(world.grid.name, household_no="7")
	make_resident(home.name, resident_name="甲一")
	number = make_citizen_number()
	son = make_resident(home.name, "Son", resident_name="乙二").name
	make_identity(son, id_number=number)
	rows = [
		one(world, no="8", name="乙二", id=number),
		one(world, no="7"),
		{"no": "7", "name": "乙二", "rel": "Son", "born": BORN},
	]
	part = plan(world, *rows, answers={2: Answer(Choice.RECORD, son)})
	assert verdicts(part) == [Verdict.REFUSED, Verdict.UNCHANGED, Verdict.UNCHANGED]
	assert "Row 4 means the same person" in reasons(part, 2)


def test_a_consent_that_a_child_of_the_ledger_cannot_give(world):
	home = make_household(world.grid.name, household_no="7")
	make_resident(home.name, resident_name="甲一", birth_date="2020-01-01")
	assert "Enter the guardian" in reasons(plan(world, one(world, no="7", consent=date(2024, 1, 1))), 2)
