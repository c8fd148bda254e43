"""The reports on visits and notices: figures counted by hand, the rows behind them, and what they cost."""

from collections.abc import Iterator
from typing import Any

import frappe
import pytest
from frappe.desk import query_report
from frappe.utils import add_days, get_first_day, get_last_day, getdate

from grid_governance.grid_structure.rules import GRID, VILLAGE
from grid_governance.grid_visits import cards, charts
from grid_governance.grid_visits.notices import stages
from tests.factories import (
	level_at,
	make_care,
	make_holder,
	make_household,
	make_resident,
	make_township,
	make_user,
)
from tests.visit_rows import (
	deliver,
	insert,
	make_due,
	make_homes,
	make_notice,
	make_round,
	place,
	put_in_round,
)
from tests.world import inside_savepoint, taken_back

COVERAGE, MUST, LEFT = "Visit Coverage", "Must-Visit Status", "Households Not Visited"
REACH, WECHAT = "Notice Reach", "WeChat Coverage"
MARCH = {"from_date": "2024-03-01", "to_date": "2024-03-31"}
SEEN, TRIED, NOT_YET = ("2024-03-05 10:00:00", None), (None, "2024-03-06 19:00:00"), (None, None)
OF_MARCH = ("2024-03-01", "2024-03-31")


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""Two villages with two grids each: five, two, four and no households; who reads."""
	with taken_back():
		make_user()  # Frappe makes the first user of a site its System Manager
		town = make_township(2, 2)
		(town.one, town.two), (town.three, town.four) = town.grids
		town.homes = [
			make_homes(town.one, "甲一", "甲二", "甲三", "甲四", "甲五"),
			make_homes(town.two, "乙一", "乙二"),
			make_homes(town.three, "丙一", "丙二", "丙三", "丙四"),
		]
		town.official = make_holder("Township Office", town.root.name)
		town.secretary = make_holder("Village Secretary", town.villages[0].name)
		town.other = make_holder("Village Secretary", town.villages[1].name)
		town.member = make_holder("Grid Member", town.one.name)
		for doctype in ("Round Household", "Visit Round", "Must Visit"):
			frappe.db.delete(doctype, {"grid_path": ["like", f"{town.root.grid_path}%"]})
		yield town


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


@pytest.fixture
def town(world: frappe._dict) -> frappe._dict:
	return world


def run(report: str, town: frappe._dict, **filters: object) -> dict[str, Any]:
	return query_report.run(report, filters={"grid": town.root.name, "roll_up": level_at(VILLAGE), **filters})


def figures(answer: dict[str, Any], *names: str) -> dict[str, tuple]:
	"""The figures of each row by its first cell's words, the total by ""."""
	first = answer["columns"][0]["fieldname"]
	return {
		"" if row.get("is_total") else row[first]: tuple(row[name] for name in names)
		for row in answer["result"]
	}


def named(town: frappe._dict, *grids: object) -> list[str]:
	return [frappe.db.get_value("Grid", grid.name, "grid_name") for grid in grids]


class TestCoverage:
	NAMES = ("due", "visited", "rate", "left", "tried", "later", "later_visited")

	@pytest.fixture
	def town(self, town):
		"""March: of five visited three, one tried, one more came and was visited; both; none of four. February: all five."""
		one, two, three = town.homes
		moments = (SEEN, SEEN, SEEN, TRIED, NOT_YET)
		march = [make_round(grid, *OF_MARCH) for grid in (town.one, town.two, town.three)]
		put_in_round(march[0], town.one, dict(zip(one, moments, strict=True)))
		put_in_round(march[0], town.one, {make_household(town.one.name).name: SEEN}, counted=0)
		put_in_round(march[1], town.two, dict.fromkeys(two, SEEN))
		put_in_round(march[2], town.three, dict.fromkeys(three, NOT_YET))
		february = make_round(town.one, "2024-02-01", "2024-02-29")
		put_in_round(february, town.one, dict.fromkeys(one, SEEN))
		return town

	def test_each_grid_has_its_households_and_the_total_is_their_sum(self, town):
		one, two, three = named(town, town.one, town.two, town.three)
		found = figures(run(COVERAGE, town, roll_up=level_at(GRID), **MARCH), *self.NAMES)
		assert found == {
			one: (5, 3, 60.0, 2, 1, 1, 1),
			two: (2, 2, 100.0, 0, 0, 0, 0),
			three: (4, 0, 0.0, 4, 0, 0, 0),
			"": (11, 5, 45.5, 6, 1, 1, 1),
		}

	def test_villages_add_their_grids_up(self, town):
		first, second = named(town, *town.villages)
		found = figures(run(COVERAGE, town, **MARCH), *self.NAMES)
		assert found[first] == (7, 5, 71.4, 2, 1, 1, 1)
		assert found[second] == (4, 0, 0.0, 4, 0, 0, 0)

	def test_a_part_of_a_month_asks_about_its_round_and_two_months_about_both(self, town):
		part = run(COVERAGE, town, from_date="2024-03-20", to_date="2024-03-25")
		assert figures(part, "due", "visited")[""] == (11, 5)
		both = run(COVERAGE, town, from_date="2024-02-29", to_date="2024-03-01")
		assert figures(both, "due", "visited")[""] == (16, 10)

	def test_a_month_that_is_over_is_not_counted_with_a_quarter_that_began_on_its_first_day(self, town):
		quarter = make_round(town.four, "2024-01-01", "2024-03-31")
		put_in_round(quarter, town.four, {make_household(town.four.name).name: SEEN})
		january = make_round(town.one, "2024-01-01", "2024-01-31")
		put_in_round(january, town.one, dict.fromkeys(town.homes[0], SEEN))
		answer = run(COVERAGE, town, **MARCH)
		assert figures(answer, "due", "visited")[""] == (12, 6)
		self.assert_lists_hold_what_is_counted(answer, town)

	def test_a_list_holds_what_a_figure_counts(self, town, as_user):
		with as_user(town.official):
			self.assert_lists_hold_what_is_counted(run(COVERAGE, town, **MARCH), town)

	def assert_lists_hold_what_is_counted(self, answer, town):
		linked = [column for column in answer["columns"] if column.get("is_figure")]
		assert len(linked) == 6
		for row in answer["result"]:
			for column in linked:
				path = ["=", row["path"]] if row["exact"] else ["like", f"{row['path'] or ''}%"]
				listed = frappe.get_list(
					column["doctype"], filters={**column["filters"], "grid_path": path}, limit_page_length=0
				)
				assert len(listed) == row[column["fieldname"]]

	def test_one_household_missing_of_many_is_not_all(self, town):
		big = make_round(town.four, *OF_MARCH)
		homes = {frappe.generate_hash(length=10): SEEN for _ in range(4999)}
		put_in_round(big, town.four, homes)
		whole = run(COVERAGE, town, grid=town.four.name, roll_up=level_at(GRID), **MARCH)
		assert figures(whole, "due", "rate")[""] == (4999, 100.0)
		put_in_round(big, town.four, {frappe.generate_hash(length=10): NOT_YET})
		short = run(COVERAGE, town, grid=town.four.name, roll_up=level_at(GRID), **MARCH)
		assert figures(short, "due", "rate")[""] == (5000, 99.9)

	def test_the_chart_has_a_bar_for_each_grid_in_the_band_of_its_rate(self, town):
		chart = run(COVERAGE, town, roll_up=level_at(GRID), **MARCH)["chart"]
		assert chart["data"]["labels"] == named(town, town.one, town.two, town.three)
		assert [band["values"] for band in chart["data"]["datasets"]] == [
			[0, 100.0, 0],
			[0, 0, 0],
			[60.0, 0, 0],
			[0, 0, 0.0],
		]

	def test_what_lies_outside_the_reader_is_not_counted(self, town, as_user):
		for reader, expected in (
			(town.secretary, (7, 5, 71.4)),
			(town.other, (4, 0, 0.0)),
			(town.member, (5, 3, 60.0)),
		):
			with as_user(reader):
				answer = query_report.run(COVERAGE, filters=dict(MARCH))
			assert figures(answer, "due", "visited", "rate")[""] == expected

	def test_nothing_of_another_month_is_there(self, town):
		answer = run(COVERAGE, town, from_date="2023-05-01", to_date="2023-05-31")
		assert answer["result"] == [] and "2023" in answer["message"]

	def test_it_takes_as_many_statements_for_many_grids_as_for_few(self, town, count_queries):
		run(COVERAGE, town, **MARCH)
		with count_queries() as few:
			run(COVERAGE, town, grid=town.two.name, roll_up=level_at(GRID), **MARCH)
		with count_queries() as many:
			run(COVERAGE, town, roll_up=level_at(GRID), **MARCH)
		assert many.count <= few.count + 1

	def test_it_counts_from_its_index(self, town, count_queries, explain):
		with count_queries() as seen:
			run(COVERAGE, town, **MARCH)
		(counting,) = [
			query for query in seen.queries if "COUNT(*)" in query and "tabRound Household" in query
		]
		(row,) = explain(counting)
		assert row["key"] == "covered" and "Using index" in row["Extra"]


class TestMustVisits:
	NAMES = ("people", "due", "done", "in_time", "late", "open", "rate")

	@pytest.fixture
	def town(self, town):
		"""In the first grid one elder who lives alone, one other, one with sensitive care only; in the third an elder."""
		alone, elder, secret = (make_resident(town.homes[0][at], "Parent") for at in range(3))
		far = make_resident(town.homes[2][0], "Parent")
		for person, key in (
			(alone, "elder"),
			(alone, "elder-alone"),
			(elder, "elder"),
			(secret, "disabled"),
			(far, "elder"),
		):
			make_care(person.name, key, since="2024-01-01")
		make_due(
			alone.name,
			("2024-03-05", "2024-03-04 09:00:00"),
			("2024-03-12", "2024-03-14 09:00:00"),
			("2024-03-21", None),
		)
		make_due(elder.name, ("2024-03-10", "2024-03-10 23:30:00"))
		make_due(secret.name, ("2024-03-15", None))
		make_due(far.name, ("2024-02-20", None), ("2024-02-01", "2024-02-01 10:00:00"))
		town.people = frappe._dict(alone=alone, elder=elder, secret=secret, far=far)
		return town

	def by_category(self, answer):
		return {
			row.get("narrow", ""): tuple(row[name] for name in self.NAMES)
			for row in answer["result"]
			if row["people"] or row["due"]
		}

	def category(self, key):
		from tests.factories import seeded

		return seeded(f"care_category/{key}")

	def test_each_category_has_its_people_and_a_person_of_two_stands_once_in_the_total(self, town, as_user):
		with as_user(town.secretary):
			found = self.by_category(run(MUST, town, grid=town.villages[0].name, **MARCH))
		assert found == {
			self.category("elder"): (2, 4, 3, 2, 1, 0, 75.0),
			self.category("elder-alone"): (1, 3, 2, 1, 1, 0, 66.7),
			self.category("disabled"): (1, 1, 0, 0, 1, 0, 0.0),
			"": (3, 5, 3, 2, 2, 0, 60.0),
		}

	def test_by_grid_everybody_stands_once(self, town):
		one, three = named(town, town.one, town.three)
		found = figures(run(MUST, town, show="By Grid", roll_up=level_at(GRID), **MARCH), *self.NAMES)
		assert found == {
			one: (3, 5, 3, 2, 2, 0, 60.0),
			three: (1, 1, 0, 0, 1, 0, 0.0),
			"": (4, 6, 3, 2, 3, 0, 50.0),
		}

	def test_what_was_due_before_and_done_before_is_not_of_this_month(self, town):
		found = figures(run(MUST, town, show="By Grid", grid=town.three.name, **MARCH), *self.NAMES)
		assert found[""] == (1, 1, 0, 0, 1, 0, 0.0), "the one still open, not the one done in February"

	def test_what_is_still_to_come_is_not_late(self, town):
		today = getdate()
		for person, days in ((town.people.elder, 2), (town.people.alone, 0), (town.people.secret, -1)):
			make_due(person.name, (str(add_days(today, days)), None))
		period = {
			"from_date": str(add_days(today, -1)),
			"to_date": str(add_days(today, 2)),
			"show": "By Grid",
		}
		found = figures(run(MUST, town, grid=town.one.name, **period), "due", "late", "open")
		assert found[""] == (3, 1, 2)
		alone = run(MUST, town, category=self.category("elder-alone"), **period)
		assert figures(alone, "due", "late", "open")[""] == (1, 0, 1)

	def test_care_that_ended_before_the_month_makes_nobody_due(self, town):
		frappe.db.set_value("Resident Care", {"resident": town.people.far.name}, "until", "2024-02-25")
		assert run(MUST, town, grid=town.three.name, **MARCH)["result"] == []

	def test_who_has_moved_away_since_stays_where_she_was_visited(self, town, as_user):
		"""Her care lies where she lives now; nobody is counted there for what was done here."""
		care = frappe.qb.DocType("Resident Care")
		moved = (
			frappe.qb.update(care).set(care.grid, town.three.name).set(care.grid_path, town.three.grid_path)
		)
		moved.where(care.resident == town.people.alone.name).run()
		with as_user(town.secretary):
			asked = {"grid": town.villages[0].name, **MARCH}
			found = self.by_category(run(MUST, town, **asked))
			by_grid = figures(run(MUST, town, show="By Grid", roll_up=level_at(GRID), **asked), *self.NAMES)
		assert found[self.category("elder")] == (1, 4, 3, 2, 1, 0, 75.0)
		assert found[self.category("elder-alone")] == (0, 3, 2, 1, 1, 0, 66.7)
		assert found[""] == by_grid[""] == (2, 5, 3, 2, 2, 0, 60.0)
		there = figures(run(MUST, town, show="By Grid", grid=town.three.name, **MARCH), *self.NAMES)
		assert there[""] == (2, 1, 0, 0, 1, 0, 0.0)

	def test_behind_each_figure_stand_as_many_rows(self, town, as_user):
		with as_user(town.secretary):
			for filters in ({}, {"show": "By Grid"}, {"category": self.category("elder")}):
				answer = run(MUST, town, grid=town.villages[0].name, **MARCH, **filters)
				for row in answer["result"]:
					for column in answer["columns"]:
						if column.get("is_figure") and row[column["fieldname"]]:
							asked = {
								"figure": column["fieldname"],
								"node": row["path"],
								"exact": row["exact"],
							}
							rows = run(
								MUST,
								town,
								grid=town.villages[0].name,
								of=row.get("of", ""),
								**MARCH,
								**filters,
								**asked,
							)["result"]
							assert len(rows) == row[column["fieldname"]]

	def test_who_stands_behind_a_figure_is_called_by_name(self, town, as_user):
		with as_user(town.secretary):
			rows = run(MUST, town, grid=town.one.name, figure="done", node=town.one.grid_path, **MARCH)[
				"result"
			]
		assert {row["resident"] for row in rows} == {"甲乙"}


class TestNotVisited:
	@pytest.fixture
	def town(self, town):
		"""This month: of five in the first grid two are left, one of them tried; of four in the third all; one is away."""
		today = getdate()
		town.period = (get_first_day(today), get_last_day(today))
		one, two, three = town.homes
		rounds = [make_round(grid, *town.period, "Open") for grid in (town.one, town.two, town.three)]
		now = frappe.utils.now()
		put_in_round(
			rounds[0], town.one, dict(zip(one, [(now, None)] * 3 + [(None, now), NOT_YET], strict=True))
		)
		put_in_round(rounds[1], town.two, dict.fromkeys(two, (now, None)))
		put_in_round(rounds[2], town.three, dict.fromkeys(three, NOT_YET))
		for home, days in ((one[3], 40), (one[4], 70), (three[0], 10), (three[1], 100)):
			frappe.db.set_value("Household", home, "last_visit_on", add_days(today, -days))
		frappe.db.set_value("Household", three[3], "residence_state", "Away")
		return town

	def test_the_longest_unvisited_stand_first_and_those_never_visited_before_them(self, town):
		rows = run(LEFT, town)["result"]
		one, _two, three = town.homes
		assert [(row["name"], row["days"], row["tries"]) for row in rows] == [
			(three[2], None, 0),
			(three[1], 100, 0),
			(one[4], 70, 0),
			(one[3], 40, 1),
			(three[0], 10, 0),
		]

	def test_by_grid(self, town):
		first, second = named(town, *town.villages)
		found = figures(run(LEFT, town, show="By Grid"), "left", "tried", "untried", "never")
		assert found == {first: (2, 1, 1, 0), second: (3, 0, 3, 1), "": (5, 1, 4, 1)}

	def test_only_those_without_a_visit_for_so_many_days(self, town):
		found = figures(run(LEFT, town, show="By Grid", days=70), "left")
		assert found[""] == (3,)

	def test_behind_each_figure_stand_as_many_households(self, town):
		answer = run(LEFT, town, show="By Grid")
		for row in answer["result"]:
			for name in ("left", "tried", "untried", "never"):
				asked = {"figure": name, "node": row["path"], "exact": row["exact"]}
				assert len(run(LEFT, town, show="By Grid", **asked)["result"]) == row[name]

	def test_the_cards_say_what_the_reports_say(self, town, as_user):
		with as_user(town.secretary):
			left, coverage = cards.households_not_visited(), cards.visit_coverage()
			total = query_report.run(LEFT, filters={"show": "By Grid"})["result"][-1]
			covered = query_report.run(COVERAGE, filters=coverage["filters"])["result"][-1]
		assert left["value"] == total["left"] == 2
		assert coverage["value"] == covered["rate"] == 71.4
		assert "7" in coverage["note"] and "5" in coverage["note"]


class TestOnWorkspaces:
	"""What stands on the workspaces of village and township: their figures, and nothing for who reads no people."""

	@pytest.fixture
	def town(self, town):
		"""Today's round in one grid, two of five visited; three people due: late by a day, today, in eight days."""
		one = town.homes[0]
		first, last = get_first_day(getdate()), get_last_day(getdate())
		current = make_round(town.one, str(first), str(last))
		moments = (SEEN, SEEN, TRIED, NOT_YET, NOT_YET)
		put_in_round(current, town.one, dict(zip(one, moments, strict=True)))
		for days in (-1, 0, 8):
			person = make_resident(one[0], "Parent").name
			make_care(person, "elder", since="2024-01-01")
			make_due(person, (str(add_days(getdate(), days)), None))
		return town

	def test_charts_are_those_of_the_reports(self, town, as_user):
		with as_user(town.secretary):
			coverage, due = charts.visit_coverage(), charts.must_visits()
			month = {"from_date": str(get_first_day(getdate())), "to_date": str(getdate())}
			reported = query_report.run(COVERAGE, filters=month)["chart"]["data"]
			whole = month | {"to_date": str(get_last_day(getdate()))}
			care = query_report.run(MUST, filters=whole)["chart"]["data"]
		assert coverage == reported and 40 in [
			value for each in coverage["datasets"] for value in each["values"]
		]
		assert due == care and due["labels"]

	def test_cards_count_people_and_lead_to_their_list(self, town, as_user):
		with as_user(town.secretary):
			for card, expected in ((cards.must_visits_late(), 1), (cards.must_visits_in_a_week(), 1)):
				listed = frappe.get_list(card["doctype"], filters=card["filters"], limit_page_length=0)
				assert (card["value"], len(listed)) == (expected, expected)
		with as_user(town.other):
			assert cards.must_visits_late()["value"] == 0

	def test_an_administrator_reads_nothing_and_has_no_error(self, town, as_user):
		roles = ("Governance Administrator", "System Manager", "Workspace Manager")
		administrator = make_user(roles=[{"role": role} for role in roles])
		frappe.clear_messages()
		with as_user(administrator):
			for method in (charts.visit_coverage, charts.must_visits):
				assert method() == {}
			for method in (cards.must_visits_late, cards.must_visits_in_a_week, cards.visit_coverage):
				assert method()["value"] is None
			assert not frappe.message_log

	def test_every_chart_and_card_of_visits_counts_by_itself(self, town):
		"""Frappe's own ways to count ask for the right to the rows, and say so on an administrator's screen."""
		module = {"module": "Grid Visits"}
		assert set(frappe.get_all("Number Card", filters=module, pluck="type")) == {"Custom"}
		assert set(frappe.get_all("Dashboard Chart", filters=module, pluck="chart_type")) == {"Custom"}


class TestReach:
	NAMES = ("deliveries", "reached", "rate", "confirmed", "told", "left")

	@pytest.fixture
	def town(self, town):
		"""A notice of the township to four households of two villages; one still going out; one withdrawn."""
		sent, going, withdrawn = (
			stages.states(each)[0] for each in (stages.SENT, stages.SENDING, stages.WITHDRAWN)
		)
		one, _two, three = town.homes
		town.clinic = make_notice(town.root, "义诊", sent, "2024-03-10 09:00:00")
		deliver(town.clinic, town.one, dict(zip(one, ("Confirmed", "Told", "Sent"), strict=False)))
		deliver(town.clinic, town.three, {three[0]: "Told"})
		town.going = make_notice(town.root, "征兵", going, "2024-03-31 23:00:00")
		deliver(town.going, town.one, {one[0]: "Confirmed"})
		deliver(make_notice(town.root, "作废", withdrawn, "2024-03-11 09:00:00"), town.one, {one[0]: "Sent"})
		deliver(make_notice(town.root, "早先", sent, "2024-02-11 09:00:00"), town.one, {one[0]: "Sent"})
		return town

	def test_each_notice_of_the_period_and_no_share_as_long_as_it_goes_out(self, town):
		answer = run(REACH, town, **MARCH)
		assert figures(answer, *self.NAMES) == {
			"征兵": (1, 1, None, 1, 0, 0),
			"义诊": (4, 3, 75.0, 1, 2, 1),
			"": (5, 4, None, 2, 2, 1),
		}

	def test_one_notice_by_village(self, town):
		first, second = named(town, *town.villages)
		found = figures(run(REACH, town, notice=town.clinic), *self.NAMES)
		assert found == {
			first: (3, 2, 66.7, 1, 1, 1),
			second: (1, 1, 100.0, 0, 1, 0),
			"": (4, 3, 75.0, 1, 2, 1),
		}

	def test_a_village_sees_of_the_townships_notice_what_is_its_own(self, town, as_user):
		for reader, expected in ((town.secretary, (3, 2, 66.7)), (town.other, (1, 1, 100.0))):
			with as_user(reader):
				rows = query_report.run(REACH, filters=dict(MARCH))["result"]
			(row,) = [row for row in rows if row.get("notice_title") == "义诊"]
			assert (row["deliveries"], row["reached"], row["rate"]) == expected

	def test_all_is_reached_when_the_last_one_is_told(self, town):
		frappe.db.set_value("Notice Delivery", {"notice": town.clinic, "state": "Sent"}, "state", "Told")
		assert figures(run(REACH, town, notice=town.clinic), "rate", "left")[""] == (100.0, 0)

	def test_who_is_gone_is_counted_nowhere(self, town):
		before = [run(REACH, town, **asked)["result"] for asked in (MARCH, {"notice": town.clinic})]
		deliver(town.clinic, town.three, {town.homes[2][1]: "Unreachable"})
		assert [run(REACH, town, **asked)["result"] for asked in (MARCH, {"notice": town.clinic})] == before

	def test_a_withdrawn_notice_is_not_counted_by_its_name_either(self, town):
		withdrawn = stages.states(stages.WITHDRAWN)[0]
		frappe.db.set_value("Notice", town.clinic, "workflow_state", withdrawn)
		assert run(REACH, town, notice=town.clinic)["result"] == []

	def test_a_list_holds_what_a_figure_counts(self, town, as_user):
		frappe.db.set_value("Notice Delivery", {"notice": town.clinic, "state": "Sent"}, "is_sensitive", 1)
		with as_user(town.official):
			for filters in (MARCH, {"notice": town.clinic}):
				answer = run(REACH, town, **filters)
				for row in answer["result"]:
					for column in answer["columns"]:
						if not column.get("is_figure"):
							continue
						path = {"grid_path": ["like", f"{row['path']}%"]}
						asked = {**column["filters"], **row.get("filters", {}), **path}
						listed = frappe.get_list(column["doctype"], filters=asked, limit_page_length=0)
						assert len(listed) == row[column["fieldname"]]

	def test_the_card_counts_notices_that_not_everybody_has(self, town, as_user):
		sent = stages.states(stages.SENT)[0]
		for title, state in (("全到", "Told"), ("未到", "Waiting")):
			notice = make_notice(town.villages[0], title, sent, frappe.utils.now())
			deliver(notice, town.one, {town.homes[0][0]: state})
		with as_user(town.secretary):
			card = cards.notices_not_reached()
		assert card["value"] == 1 and "2" in card["note"]


class TestWeChat:
	def test_a_household_is_in_when_it_is_marked_or_somebody_is_named(self, town):
		one, two, three = town.homes
		for home in one[:3]:
			frappe.db.set_value("Household", home, "in_wechat_group", 1)
		frappe.db.set_value("Household", two[0], "group_rep", "somebody")
		frappe.db.set_value("Household", two[1], "group_rep", "")
		frappe.db.set_value("Household", three[3], {"status": "Dissolved", "in_wechat_group": 1})
		for at, grid in enumerate((town.one, town.one, town.three)):
			values = {"name": f"{grid.name}-{at}", "group_name": "群", "active": int(at != 1), **place(grid)}
			insert("Grid Chat Group", [values])
		first, second = named(town, *town.villages)
		answer = run(WECHAT, town)
		assert figures(answer, "households", "covered", "rate", "outside", "groups") == {
			first: (7, 4, 57.1, 3, 1),
			second: (3, 0, 0.0, 3, 1),
			"": (10, 4, 40.0, 6, 2),
		}
		for row in answer["result"]:
			for name in ("covered", "outside", "households", "groups"):
				asked = {"figure": name, "node": row["path"], "exact": row["exact"]}
				assert len(run(WECHAT, town, **asked)["result"]) == row[name]
