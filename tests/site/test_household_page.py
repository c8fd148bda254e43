"""A household on one page, its history in words, its card on paper, and the issues about it."""

import frappe
import frappe.client
import pytest
from frappe.utils import add_days, getdate
from frappe.www.printview import get_html_and_style

from grid_governance.grid_issues import households as issue_households
from grid_governance.grid_ledger.actions import households
from grid_governance.grid_ledger.queries.card import household_card
from grid_governance.grid_ledger.queries.history import history
from grid_governance.grid_ledger.queries.page import page
from grid_governance.grid_ledger.queries.person import person
from grid_governance.setup.seeds import name_of
from tests.factories import (
	make_assignment,
	make_care,
	make_holder,
	make_household,
	make_identity,
	make_issue,
	make_post,
	make_resident,
	make_township,
	make_user,
	make_worker,
	seeded,
)

pytestmark = pytest.mark.usefixtures("site")

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture
def town() -> frappe._dict:
	make_user()  # Frappe makes the first user of a site its System Manager
	return make_township(2, 2)


@pytest.fixture
def home(town) -> frappe._dict:
	"""A household of four: a head with a phone and a number, a wife, a child, and a father who is gone."""
	household = make_household(town.grids[0][0].name, address="村东头 8 号")
	head = make_resident(household.name, resident_name="王国军")
	wife = make_resident(household.name, "Spouse", resident_name="李梅", sex="Female")
	child = make_resident(
		household.name,
		"Son",
		resident_name="王小明",
		birth_date=add_days(getdate(), -3000),
		guardian=wife.name,
	)
	father = make_resident(
		household.name, "Parent", resident_name="王大山", status="Deceased", status_date="2020-01-01"
	)
	frappe.get_doc(doctype="Resident Contact", resident=head.name, phone="13900000001").insert()
	return frappe._dict(
		household=household.name,
		head=head.name,
		wife=wife.name,
		child=child.name,
		father=father.name,
		identity=make_identity(head.name).name,
	)


def holder(role: str, town: frappe._dict) -> str:
	return make_holder(role, town.grids[0][0].name)


class TestPage:
	def test_the_head_comes_first_and_those_who_are_gone_last(self, home):
		members = page(home.household)["members"]
		assert [row.name for row in members] == [home.head, home.wife, home.child, home.father]
		assert [row.status for row in members][-1] == "Deceased"

	def test_a_minor_stands_there_with_the_guardian(self, home):
		members = {row.name: row for row in page(home.household)["members"]}
		assert members[home.child].is_minor
		assert members[home.child].guardian == "李梅"
		assert not members[home.head].is_minor

	def test_a_late_visit_is_counted_in_days(self, home):
		for due, late in ((-21, 21), (-1, 1), (0, 0), (5, 0)):
			frappe.db.set_value("Household", home.household, "next_visit_due", add_days(getdate(), due))
			assert page(home.household)["days_late"] == late
		frappe.db.set_value("Household", home.household, "next_visit_due", None)
		assert page(home.household)["days_late"] == 0

	def test_a_household_without_a_point_is_not_on_the_equator(self, home):
		assert not page(home.household)["located"]
		frappe.db.set_value("Household", home.household, {"latitude": 31.2, "longitude": 121.4})
		assert page(home.household)["located"]

	@pytest.mark.parametrize("point", [(91, 112), (36, 181), (36, 0), (0, 112)])
	def test_a_point_lies_on_the_earth(self, home, point):
		household = frappe.get_doc("Household", home.household)
		household.latitude, household.longitude = point
		with pytest.raises(households.PointError):
			household.save()

	def test_what_stands_on_a_level_is_left_out_below_it(self, town, home, as_user):
		make_care(home.head, "disabled")
		make_care(home.head, "elder")
		sees = {}
		for role in (
			"Village Secretary",
			"Grid Leader",
			"Grid Member",
			"Grid Instructor",
			"Party Patch Member",
		):
			with as_user(holder(role, town)):
				head = page(home.household)["members"][0]
				sees[role] = (len(head.care), bool(head.phone), bool(head.identity))
		assert sees == {
			"Village Secretary": (2, True, True),
			"Grid Leader": (1, True, False),
			"Grid Member": (1, True, False),
			"Grid Instructor": (1, False, False),
			"Party Patch Member": (0, False, False),
		}

	def test_it_offers_what_its_reader_may_do_and_says_nothing_of_the_rest(self, town, home, as_user):
		offered = {}
		for role in ("Village Secretary", "Grid Member", "Grid Instructor"):
			with as_user(holder(role, town)):
				frappe.local.message_log = []
				offered[role] = {right for right, given in page(home.household)["may"].items() if given}
				assert not frappe.local.message_log  # no right is asked for aloud
		assert offered == {
			"Village Secretary": {
				"write",
				"print",
				"Resident",
				"Resident Contact",
				"Resident Care",
				"Resident Identity",
			},
			"Grid Member": {"write", "Resident", "Resident Contact", "Resident Care"},
			"Grid Instructor": set(),
		}

	def test_nothing_is_offered_once_it_is_dissolved(self, town):
		empty = make_household(town.grids[0][0].name)
		households.dissolve(empty.name, "空户")
		assert {right for right, given in page(empty.name)["may"].items() if given} == {"print"}

	def test_nobody_outside_opens_it(self, town, home, as_user):
		for reader in (make_holder("Grid Member", town.grids[0][1].name), make_user()):
			with as_user(reader):
				for read in (page, history, household_card):
					with pytest.raises(frappe.PermissionError):
						read(home.household)

	def test_it_takes_as_many_statements_for_ten_people_as_for_one(self, town, home, count_queries):
		alone = make_household(town.grids[0][0].name)
		make_care(make_resident(alone.name).name, "elder")
		for at in range(8):
			person = make_resident(home.household, "Other Relative", resident_name=f"亲属{at}")
			make_care(person.name, "elder")
			make_identity(person.name)
			frappe.get_doc(doctype="Resident Contact", resident=person.name, phone="13900000002").insert()
		counts = []
		for household in (alone.name, home.household):
			page(household)  # what is kept afterwards is read once
			with count_queries() as seen:
				page(household)
			counts.append(seen.count)
		assert counts[1] <= counts[0] + 1  # the names of guardians, where there are any
		assert counts[1] <= 30


class TestHistory:
	def test_each_change_is_a_sentence_with_who_when_and_why(self, town, home):
		households.change_head(
			home.household, home.wife, {home.head: "Spouse", home.child: "Son"}, reason="协商更换"
		)
		new = households.split(home.household, [home.head], home.head, {}, "9901", "分家")
		households.move(home.household, town.grids[1][0].name, "搬家")
		households.merge(new, home.household, {home.head: "Spouse"}, "并户")
		lines = history(home.household)
		assert [line["reason"] for line in lines] == ["并户", "搬家", "分家", "协商更换"]
		merged, moved, split, head = (line["what"] for line in lines)
		assert "李梅" in head
		assert town.grids[0][0].grid_name in moved
		assert town.grids[1][0].grid_name in moved
		assert merged
		assert split
		relation = frappe._("Head"), frappe._("Spouse")
		assert f"王国军: {relation[0]} → {relation[1]}" in lines[-1]["people"]
		assert {line["by"] for line in lines} == {frappe.db.get_value("User", "Administrator", "full_name")}

	def test_whoever_lies_outside_is_not_named(self, town, home, as_user):
		new = households.split(home.household, [home.wife], home.wife, {}, "9902", "分家")
		households.move(new, town.grids[1][0].name, "搬家")
		with as_user(holder("Grid Leader", town)):
			told = str(history(home.household))
		assert "李梅" not in told
		assert "9902" not in told
		assert "分家" in told

	def test_it_takes_as_many_statements_for_many_changes_as_for_one(self, town, home, count_queries):
		counts = []
		for times in (1, 4):
			for _at in range(times):
				for grid in (town.grids[1][0], town.grids[0][0]):
					households.move(home.household, grid.name, "搬家")
			history(home.household)
			with count_queries() as seen:
				history(home.household)
			counts.append(seen.count)
		assert counts[0] == counts[1]


class TestPerson:
	def test_it_tells_what_hangs_on_her_as_far_as_the_reader_may_know(self, town, home, as_user):
		make_care(home.head, "disabled")
		make_care(home.head, "elder")
		make_care(home.head, "migrant", since="2020-01-01", until="2020-02-01")
		told = {}
		for role in ("Village Secretary", "Grid Leader", "Grid Instructor", "Party Patch Member"):
			with as_user(holder(role, town)):
				known = person(home.head)
			counts = (len(known[part]) for part in ("contacts", "care", "past_care"))
			told[role] = (*counts, bool(known["identity"]))
		assert told == {
			"Village Secretary": (1, 2, 1, True),
			"Grid Leader": (1, 1, 1, False),
			"Grid Instructor": (0, 1, 1, False),
			"Party Patch Member": (0, 0, 0, False),
		}

	def test_it_tells_what_became_of_her(self, home):
		households.change_head(
			home.household, home.wife, {home.head: "Spouse", home.child: "Son"}, reason="商定"
		)
		for resident in (home.head, home.wife):
			(line,) = person(resident)["history"]
			assert line["reason"] == "商定"
		assert person(home.father)["history"] == []

	def test_nobody_outside_reads_her(self, town, home, as_user):
		with (
			as_user(make_holder("Grid Member", town.grids[0][1].name)),
			pytest.raises(frappe.PermissionError),
		):
			person(home.head)

	def test_who_has_verified_a_number_is_kept_with_the_day(self, town, home, as_user):
		secretary = holder("Village Secretary", town)
		for day, by in ((getdate(), secretary), (None, None)):
			with as_user(secretary):
				frappe.client.set_value("Resident Identity", home.identity, "verified_on", day)
			assert frappe.db.get_value("Resident Identity", home.identity, "verified_by") == by

	def test_nothing_is_entered_for_whoever_is_gone(self, home):
		assert not any(person(home.father)["may"].values())
		assert person(home.head)["may"]["Resident Identity"]


class TestMove:
	def test_it_moves_with_its_people_for_a_reason(self, town, home):
		households.move(home.household, town.grids[1][0].name, "搬迁安置")
		assert frappe.db.get_value("Resident", home.child, "grid") == town.grids[1][0].name
		(line,) = frappe.get_all("Household Change", {"household": home.household}, ["kind", "reason"])
		assert (line.kind, line.reason) == ("Move", "搬迁安置")

	def test_it_does_not_move_to_a_village_itself_nor_out_of_ones_grids(self, town, home, as_user):
		with pytest.raises(households.LevelError):
			households.move(home.household, town.villages[0].name)
		with as_user(holder("Grid Leader", town)), pytest.raises(frappe.PermissionError):
			households.move(home.household, town.grids[1][0].name)
		assert frappe.db.get_value("Household", home.household, "grid") == town.grids[0][0].name


class TestIssues:
	def test_what_is_open_stands_on_the_page_until_it_has_ended(self, town, home):
		grid = town.grids[0][0].name
		issue = make_issue(grid, household=home.household, title="屋顶漏雨")
		make_issue(grid)
		(row,) = page(home.household)["matters"]
		assert (row["doctype"], row["name"], row["title"]) == ("Grid Issue", issue.name, "屋顶漏雨")
		assert row["due"]
		frappe.db.set_value("Grid Issue", issue.name, "workflow_state", seeded("workflow_state/closed"))
		assert page(home.household)["matters"] == []

	def test_it_lies_in_the_grid_of_its_household(self, town, home):
		with pytest.raises(issue_households.IssueHouseholdError):
			make_issue(town.grids[0][1].name, household=home.household)
		issue = make_issue(town.grids[0][0].name, household=home.household)
		issue.grid = town.grids[0][1].name
		with pytest.raises(issue_households.IssueHouseholdError):
			issue.save()

	def test_it_stays_where_it_happened_when_the_household_moves(self, town, home):
		issue = make_issue(town.grids[0][0].name, household=home.household)
		households.move(home.household, town.grids[1][0].name, "搬家")
		issue.reload()
		issue.location_note = "老屋"
		issue.save()
		assert issue.grid == town.grids[0][0].name

	def test_the_list_of_one_household_comes_out_of_an_index(self, explain):
		(plan,) = explain(
			"select name from `tabGrid Issue` where household = %s and workflow_state not in ('x')", "y"
		)
		assert "household" in (plan["possible_keys"] or "")


class TestCard:
	def printed(self, household: str) -> str:
		return get_html_and_style("Household", household, name_of("print_format/household-card"))["html"]

	def test_it_carries_the_household_and_no_number(self, town, home):
		make_care(home.head, "elder")
		worker = make_worker(town.grids[0][0].name, worker_name="负责的人", phone="13900000003")
		make_assignment(worker.name, make_post("Grid Member").name, town.grids[0][0].name)
		html = self.printed(home.household)
		masked = frappe.db.get_value("Resident Identity", home.identity, "id_number_masked")
		doc = frappe.get_doc("Household", home.household)
		for text in (
			*(doc.household_no, doc.address, "王国军", "李梅", "王小明", "13900000001"),
			*("负责的人", "13900000003", town.grids[0][0].grid_name, town.villages[0].grid_name),
			frappe._(seeded("care_category/elder")),
		):
			assert text in html
		for text in (
			"王大山",
			masked,
			frappe.get_doc("Resident Identity", home.identity).get_password("id_number"),
		):
			assert text not in html

	def test_it_shows_what_its_reader_may_know(self, town, home, as_user):
		make_care(home.head, "disabled")
		sensitive = frappe._(seeded("care_category/disabled"))
		with as_user(holder("Village Secretary", town)):
			assert sensitive in self.printed(home.household)
		with as_user(holder("Grid Leader", town)):
			assert sensitive not in self.printed(home.household)

	@pytest.mark.parametrize("role", ["Grid Member", "Grid Instructor", "Party Patch Member"])
	def test_whoever_may_not_print_people_prints_no_card(self, town, home, as_user, role):
		with as_user(holder(role, town)), pytest.raises(frappe.PermissionError):
			self.printed(home.household)

	def test_script_in_any_text_stays_text(self, home):
		frappe.db.set_value("Household", home.household, {"address": SCRIPT, "household_no": SCRIPT[:40]})
		frappe.db.set_value("Resident", home.head, "resident_name", SCRIPT[:60])
		frappe.db.set_value("Resident Contact", {"resident": home.head}, "phone", SCRIPT[:40])
		html = self.printed(home.household)
		assert "&lt;script&gt;" in html
		assert "<script>alert" not in html
		assert "<img src=x" not in html
