"""Rounds: who counts, what a visit marks, whom must be visited, and that none of it is lost when grids and people move."""

from datetime import date

import frappe
import pytest
from frappe.utils import add_days, get_datetime, getdate, now_datetime

from grid_governance.grid_ledger.actions import care as caring
from grid_governance.grid_ledger.actions import comings, households, merging
from grid_governance.grid_visits import due, must_visits, rounds, rules, sets
from tests.factories import make_care, make_household, make_resident, make_township
from tests.visit_rows import make_old_care
from tests.world import inside_savepoint, taken_back

STATES = ("Residing", "Residing", "Rental", "Away", "Registered Only")
ORDINARY = 3
"""Of `STATES`, those that a round counts."""


@pytest.fixture(scope="module")
def world(site):
	"""Two villages with two grids each; in the first grid a household of each of `STATES`, one in the second."""
	with taken_back():
		town = make_township(2, 2)
		town.village, town.grid, town.other = town.villages[0], town.grids[0][0], town.grids[0][1]
		town.homes = [make_household(town.grid.name, residence_state=state).name for state in STATES]
		town.home, town.second, town.rented, town.away, town.registered = town.homes
		town.neighbour = make_household(town.other.name).name
		town.head = make_resident(town.home, resident_name="王国军").name
		town.wife = make_resident(town.home, "Spouse", resident_name="李梅", sex="Female").name
		yield town


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def opened(town: frappe._dict, day: date | None = None) -> frappe._dict:
	"""The round of the first grid, opened on *day* (default: today)."""
	rounds.open_in(town.village.grid_path, day or getdate())
	return round_of(town.grid.name, day)


def round_of(grid: str, day: date | None = None) -> frappe._dict:
	day = day or getdate()
	(row,) = frappe.get_all(
		"Visit Round",
		filters={"grid": grid, "period_start": ["<=", day], "period_end": [">=", day]},
		fields=["*"],
	)
	return row


def row_of(household: str, day: date | None = None) -> frappe._dict | None:
	start = rules.period("Monthly", day or getdate())[0]
	found = frappe.get_all(
		"Round Household", filters={"household": household, "period_start": start}, fields=["*"]
	)
	return found[0] if found else None


def visit(household: str, outcome: str = "Met", met: tuple[str, ...] = ()) -> frappe.model.document.Document:
	return new_visit(household, outcome, now_datetime(), met).insert()


def visit_at(
	household: str, moment: str, outcome: str = "Met", met: tuple[str, ...] = ()
) -> frappe.model.document.Document:
	"""A visit that happened at *moment*, however long ago: marked as the form does it, which takes in a month's only."""
	doc = new_visit(household, outcome, get_datetime(moment), met)
	doc.grid, doc.grid_path = frappe.db.get_value("Household", household, ["grid", "grid_path"])
	doc.set_new_name()
	doc.db_insert()
	rounds.mark(doc)
	return doc


def new_visit(
	household: str, outcome: str, at: object, met: tuple[str, ...]
) -> frappe.model.document.Document:
	values = {"household": household, "outcome": outcome, "visited_at": at}
	return frappe.get_doc(
		doctype="Household Visit", residents_met=[{"resident": name} for name in met], **values
	)


def open_row(resident: str) -> frappe._dict | None:
	found = frappe.get_all(
		"Must Visit", filters={"resident": resident, "done_at": ["is", "not set"]}, fields=["*"]
	)
	assert len(found) <= 1
	return found[0] if found else None


def done_rows(resident: str) -> list[str]:
	return frappe.get_all(
		"Must Visit", filters={"resident": resident, "done_at": ["is", "set"]}, pluck="visit"
	)


def set_township(town: frappe._dict, **values: str) -> None:
	"""Let the township have settings of its own."""
	name = frappe.db.exists("Township Profile", {"grid": town.root.name})
	doc = (
		frappe.get_doc("Township Profile", name)
		if name
		else frappe.new_doc("Township Profile", grid=town.root.name)
	)
	doc.update(values)
	doc.save()


class TestOpening:
	def test_ordinary_households_are_counted_and_have_a_row_each(self, world):
		held = opened(world)
		start, end = rules.period("Monthly", getdate())
		assert (held.period_start, held.period_end, held.status) == (start, end, "Open")
		assert (held.ordinary_households, held.ordinary_visited, held.later_households) == (ORDINARY, 0, 0)
		rows = frappe.get_all("Round Household", filters={"round": held.name}, fields=["*"])
		assert {row.household for row in rows} == set(world.homes[:ORDINARY])
		for row in rows:
			assert (row.grid, row.grid_path, row.counted) == (world.grid.name, world.grid.grid_path, 1)
			assert row.owner == "Administrator" and row.creation and row.modified
			assert row.visited_at is None and row.tries == 0

	def test_a_round_stands_in_every_grid_even_an_empty_one(self, world):
		rounds.open_in(world.root.grid_path, getdate())
		assert round_of(world.other.name).ordinary_households == 1
		assert round_of(world.grids[1][0].name).ordinary_households == 0

	def test_a_second_run_writes_nothing(self, world):
		held = opened(world)
		before = rows_below(world)
		again = opened(world)
		assert again == held
		assert rows_below(world) == before

	def test_the_next_month_has_its_own_and_the_last_one_is_closed(self, world):
		october, november = date(2025, 10, 31), date(2025, 11, 1)
		first = opened(world, october)
		visit_at(world.home, "2025-10-31 23:59:00")
		second = opened(world, november)
		rounds._close(november)
		assert round_of(world.grid.name, october).status == "Closed"
		assert round_of(world.grid.name, october).closed_at
		assert (second.status, second.ordinary_visited) == ("Open", 0)
		assert round_of(world.grid.name, october).ordinary_visited == 1
		assert first.name != second.name

	def test_a_leap_day_is_the_last_day_of_its_month(self, world):
		assert opened(world, date(2028, 2, 29)).period_end == date(2028, 2, 29)
		assert opened(world, date(2028, 3, 1)).period_start == date(2028, 3, 1)

	def test_a_township_has_its_own_cycle(self, world):
		set_township(world, visit_cycle="Quarterly")
		held = opened(world, date(2025, 11, 20))
		assert (held.period_start, held.period_end) == (date(2025, 10, 1), date(2025, 12, 31))

	def test_rounds_do_not_overlap_when_the_cycle_is_changed(self, world):
		opened(world, date(2025, 10, 10))
		set_township(world, visit_cycle="Quarterly")
		assert opened(world, date(2025, 10, 11)).period_end == date(2025, 10, 31)
		held = opened(world, date(2025, 11, 1))
		assert (held.period_start, held.period_end) == (date(2025, 11, 1), date(2025, 12, 31))
		set_township(world, visit_cycle="Monthly")
		assert opened(world, date(2025, 12, 5)).name == held.name

	def test_it_takes_as_many_statements_for_few_as_for_many(self, world, count_queries):
		with count_queries() as few:
			rounds.open_in(world.grids[1][0].grid_path, getdate())
		for _home in range(8):
			make_household(world.grids[1][1].name)
		with count_queries() as many:
			rounds.open_in(world.grids[1][1].grid_path, getdate())
		assert round_of(world.grids[1][1].name).ordinary_households == 8
		assert many.count <= few.count

	def test_every_update_is_of_one_table(self, world, count_queries):
		"""One of several would lock what it reads too, and visits would wait: see the faults of rounds."""
		make_care(world.head, "elder-alone", since=add_days(getdate(), -7))
		with count_queries() as seen:
			opened(world)
			frappe.db.set_value("Household", world.home, "next_visit_due", None)
			later = make_household(world.grid.name).name
			frappe.db.delete("Round Household", {"household": later})
			opened(world)
		updates = [query for query in seen.queries if query.startswith("UPDATE") and " SET " in query]
		for table in ("Household", "Must Visit", "Visit Round"):
			assert any(query.startswith(f"UPDATE `tab{table}` SET") for query in updates), "\n".join(updates)
		assert [query for query in updates if " JOIN " in query.partition(" SET ")[0]] == []


def rows_below(town: frappe._dict) -> list[tuple]:
	row = frappe.qb.DocType("Round Household")
	query = frappe.qb.from_(row).select(row.name, row.modified, row.counted).orderby(row.name)
	return query.where(sets.within(row, town.root.grid_path)).run()


def test_a_village_that_fails_keeps_no_other_back(world, monkeypatch):
	failing, others = world.villages[0].grid_path, []

	def open_in(path: str, day: date) -> None:
		if path == failing:
			raise frappe.QueryDeadlockError
		others.append(path)

	monkeypatch.setattr(rounds, "open_in", open_in)
	monkeypatch.setattr(rounds, "_villages", lambda: [village.grid_path for village in world.villages])
	monkeypatch.setattr(sets, "again", lambda work, *args: work(*args))
	rounds.open_all()
	assert others == [world.villages[1].grid_path]
	assert frappe.db.exists("Error Log", {"method": f"Visit Round {failing}"})


class TestWhoComesLater:
	def test_a_new_household_is_outside_the_frozen_figure(self, world):
		opened(world)
		new = make_household(world.grid.name).name
		assert row_of(new).counted == 0
		held = round_of(world.grid.name)
		assert (held.ordinary_households, held.later_households) == (ORDINARY, 1)
		visit(new)
		assert row_of(new).visited_at
		assert round_of(world.grid.name).ordinary_visited == 0

	def test_one_that_begins_to_live_here_too(self, world):
		opened(world)
		home = frappe.get_doc("Household", world.away)
		home.residence_state = "Residing"
		home.save()
		assert row_of(world.away).counted == 0
		home.residence_state = "Away"
		home.save()
		assert row_of(world.away) is None
		assert round_of(world.grid.name).later_households == 0

	def test_what_was_written_in_bulk_is_found_by_the_job(self, world):
		opened(world)
		frappe.db.set_value("Household", world.registered, "residence_state", "Rental")
		held = opened(world)
		assert row_of(world.registered).counted == 0
		assert (held.ordinary_households, held.later_households) == (ORDINARY, 1)

	def test_a_dissolved_one_stays_in_the_figure_and_is_due_no_more(self, world):
		opened(world)
		households.dissolve(world.second, "搬走了")
		assert row_of(world.second).counted == 1
		assert round_of(world.grid.name).ordinary_households == ORDINARY
		assert frappe.db.get_value("Household", world.second, "next_visit_due") is None

	def test_nothing_is_opened_by_a_household_that_is_saved(self, world):
		make_household(world.grid.name)
		assert not frappe.db.exists("Visit Round", {"grid": world.grid.name})

	def test_one_that_is_deleted_never_was_in_a_round(self, world):
		opened(world)
		frappe.delete_doc("Household", world.second)
		assert row_of(world.second) is None
		assert round_of(world.grid.name).ordinary_households == ORDINARY - 1


class TestVisits:
	def test_each_household_counts_once(self, world):
		opened(world)
		first = visit(world.home)
		visit(world.home)
		visit(world.second, "Would Not Talk")
		assert row_of(world.home).visit == first.name
		assert round_of(world.grid.name).ordinary_visited == 2

	def test_nobody_home_is_no_visit(self, world):
		opened(world)
		visit(world.home, "Nobody Home")
		visit(world.home, "Nobody Home")
		row = row_of(world.home)
		assert (row.visited_at, row.visit, row.tries) == (None, None, 2)
		assert row.tried_at
		assert round_of(world.grid.name).ordinary_visited == 0
		assert frappe.db.get_value("Household", world.home, "last_visit_on") is None
		visit(world.home)
		assert round_of(world.grid.name).ordinary_visited == 1

	@pytest.mark.parametrize(
		("setting", "counted"), [("Counts for Ordinary Households", 1), ("Counts for Nobody", 0)]
	)
	def test_a_call_counts_where_the_township_says_so(self, world, setting, counted):
		set_township(world, phone_visits=setting)
		opened(world)
		visit(world.home, "By Phone")
		assert round_of(world.grid.name).ordinary_visited == counted
		assert frappe.db.get_value("Household", world.home, "last_visit_on") == getdate()

	def test_one_that_lives_elsewhere_is_visited_outside_all_figures(self, world):
		opened(world)
		visit(world.away)
		assert row_of(world.away) is None
		assert round_of(world.grid.name).ordinary_visited == 0
		assert frappe.db.get_value("Household", world.away, "last_visit_on") == getdate()

	def test_the_first_visit_opens_the_round_that_no_job_has_opened(self, world):
		visit(world.home)
		held = round_of(world.grid.name)
		assert (held.ordinary_households, held.ordinary_visited, held.later_households) == (ORDINARY, 1, 0)
		assert opened(world).ordinary_households == ORDINARY

	def test_a_visit_marks_the_period_in_which_it_happened(self, world):
		opened(world, date(2025, 10, 31))
		opened(world, date(2025, 11, 1))
		rounds._close(date(2025, 11, 1))
		visit_at(world.home, "2025-10-31 20:15:00")
		assert round_of(world.grid.name, date(2025, 10, 31)).ordinary_visited == 1
		assert round_of(world.grid.name, date(2025, 11, 1)).ordinary_visited == 0

	def test_one_from_before_all_rounds_marks_none(self, world):
		opened(world)
		visit_at(world.home, "2020-05-05 10:00:00")
		assert not frappe.db.exists("Visit Round", {"grid": world.grid.name, "period_start": "2020-05-01"})
		assert frappe.db.get_value("Household", world.home, "last_visit_on") == date(2020, 5, 5)

	def test_an_earlier_visit_that_arrives_later_is_the_first_one_and_counts_nothing(self, world):
		opened(world, date(2025, 10, 1))
		visit_at(world.home, "2025-10-20 10:00:00")
		early = visit_at(world.home, "2025-10-12 10:00:00")
		assert row_of(world.home, date(2025, 10, 1)).visit == early.name
		assert round_of(world.grid.name, date(2025, 10, 1)).ordinary_visited == 1
		assert frappe.db.get_value("Household", world.home, "last_visit_on") == date(2025, 10, 20)

	def test_it_takes_a_fixed_number_of_statements(self, world, count_queries):
		opened(world)
		make_care(world.head, "elder")
		doc = visit(world.second)
		doc.household = world.home
		doc.residents_met = []
		doc.append("residents_met", {"resident": world.head})
		with count_queries() as seen:
			rounds.mark(doc)
		assert open_row(world.head).due_on == add_days(getdate(), 30)
		assert seen.count <= 14, "\n".join(seen.queries)


class TestNextVisit:
	def next_due(self, household: str) -> date | None:
		return frappe.db.get_value("Household", household, "next_visit_due")

	def test_the_end_of_the_round_then_of_the_next_one(self, world):
		opened(world)
		_start, end = rules.period("Monthly", getdate())
		assert self.next_due(world.home) == end
		assert self.next_due(world.away) is None
		visit(world.home)
		assert self.next_due(world.home) == rules.next_period("Monthly", getdate())[1]
		assert self.next_due(world.second) == end

	def test_somebody_who_must_be_visited_is_due_before(self, world):
		opened(world)
		make_care(world.head, "elder-alone", since=add_days(getdate(), -7))
		assert self.next_due(world.home) == getdate()
		visit(world.home, met=(world.head,))
		assert self.next_due(world.home) == min(
			getdate(add_days(getdate(), 7)), rules.next_period("Monthly", getdate())[1]
		)

	def test_the_job_brings_it_up_to_date(self, world):
		opened(world)
		frappe.db.set_value("Household", world.home, "next_visit_due", None)
		opened(world)
		assert self.next_due(world.home) == rules.period("Monthly", getdate())[1]

	def test_opening_comes_to_the_same_as_the_hour_after(self, world):
		make_care(world.head, "elder-alone", since=add_days(getdate(), -7))
		make_care(make_resident(world.away).name, "elder-alone", since=add_days(getdate(), -7))
		opened(world)
		begun = [self.next_due(home) for home in world.homes]
		assert begun == [getdate(), *[rules.period("Monthly", getdate())[1]] * 2, getdate(), None]
		due.refresh_below(world.village.grid_path, getdate())
		assert [self.next_due(home) for home in world.homes] == begun

	def test_one_that_is_in_another_round_of_the_period_keeps_its_day(self, world):
		"""It was visited in its old grid, and the round of the new one had not opened yet."""
		rounds.open_in(world.grid.grid_path, getdate())
		visit(world.home)
		households.move(world.home, world.other.name)
		rounds.open_in(world.other.grid_path, getdate())
		assert round_of(world.other.name).ordinary_households == 1
		assert self.next_due(world.home) == rules.next_period("Monthly", getdate())[1]
		assert self.next_due(world.neighbour) == rules.period("Monthly", getdate())[1]

	def test_the_round_after_next_is_the_township_s(self, world):
		set_township(world, visit_cycle="Half-yearly")
		assert due.following(world.grid.grid_path, date(2025, 6, 30)) == date(2025, 12, 31)


class TestMustVisits:
	def test_care_opens_a_row_and_its_end_takes_it_away(self, world):
		care = make_care(world.head, "elder", since=getdate())
		row = open_row(world.head)
		assert (row.household, row.grid, row.grid_path) == (
			world.home,
			world.grid.name,
			world.grid.grid_path,
		)
		assert (row.due_on, row.interval_days) == (getdate(add_days(getdate(), 30)), 30)
		care.until = getdate()
		care.save()
		assert open_row(world.head) is None

	def test_care_that_is_to_end_asks_for_visits_until_then(self, world):
		today, last = getdate(), getdate(add_days(getdate(), 10))
		care = make_care(world.head, "elder-alone", since=today)
		care.until = last
		care.save()
		assert open_row(world.head).due_on == getdate(add_days(today, 7))
		done = visit(world.home, met=(world.head,))
		assert done_rows(world.head) == [done.name]
		must_visits.ensure(world.village.grid_path, day=add_days(last, -1))
		assert open_row(world.head)
		must_visits.ensure(world.village.grid_path, day=last)
		assert open_row(world.head) is None
		caring.ask_no_more(add_days(last, -1))
		assert frappe.db.get_value("Resident Care", care.name, "next_visit_due")
		caring.ask_no_more(last)
		assert frappe.db.get_value("Resident Care", care.name, "next_visit_due") is None

	def test_a_category_without_visits_opens_none(self, world):
		make_care(world.head, "migrant")
		assert open_row(world.head) is None

	def test_the_shortest_interval_holds_and_one_visit_serves_all(self, world):
		today = getdate()
		elder = make_care(world.head, "elder", since=today)
		alone = make_care(world.head, "elder-alone", since=today)
		row = open_row(world.head)
		assert (row.due_on, row.interval_days) == (add_days(today, 7), 7)
		done = visit(world.home, met=(world.head,))
		assert done_rows(world.head) == [done.name]
		dues = {
			name: frappe.db.get_value("Resident Care", name, "next_visit_due")
			for name in (elder.name, alone.name)
		}
		assert dues == {elder.name: add_days(today, 30), alone.name: add_days(today, 7)}
		assert open_row(world.head).due_on == add_days(today, 7)

	@pytest.mark.parametrize("outcome", ["By Phone", "Would Not Talk", "Nobody Home"])
	def test_only_who_was_met_was_visited(self, world, outcome):
		make_care(world.head, "elder")
		before = open_row(world.head)
		visit(world.home, outcome, met=(world.head,))
		assert open_row(world.head) == before
		make_care(world.wife, "elder")
		visit(world.home, met=(world.wife,))
		assert open_row(world.head) == before
		assert len(done_rows(world.wife)) == 1

	def test_a_round_counts_people_once_however_often_they_are_visited(self, world):
		make_care(world.head, "elder-alone", since=add_days(getdate(), -30))
		make_care(world.wife, "entitled", since=getdate())  # due in the next quarter of a year
		held = opened(world)
		assert (held.must_due, held.must_done) == (1, 0)
		visit(world.home, met=(world.head, world.wife))
		visit(world.home, met=(world.head,))
		assert len(done_rows(world.head)) == 2
		assert round_of(world.grid.name).must_done == 1

	def test_who_became_due_after_the_opening_is_outside_the_figure(self, world):
		opened(world)
		make_care(world.head, "elder-alone", since=add_days(getdate(), -30))
		visit(world.home, met=(world.head,))
		held = round_of(world.grid.name)
		assert (held.must_due, held.must_done) == (0, 0)

	def test_who_is_late_is_due_in_the_next_round_too(self, world):
		make_old_care(world.head, "elder", since=date(2025, 9, 1))
		assert opened(world, date(2025, 10, 1)).must_due == 1
		assert opened(world, date(2025, 11, 1)).must_due == 1
		visit_at(world.home, "2025-11-05 09:00:00", met=(world.head,))
		assert round_of(world.grid.name, date(2025, 10, 1)).must_done == 0
		assert round_of(world.grid.name, date(2025, 11, 1)).must_done == 1

	def test_a_visit_that_arrives_when_the_next_round_is_open_counts_where_it_happened(self, world):
		october, november = date(2025, 10, 1), date(2025, 11, 1)
		make_old_care(world.head, "elder", since=date(2025, 9, 15))
		opened(world, october)
		assert opened(world, november).must_due == 1
		visit_at(world.home, "2025-10-31 23:59:00", met=(world.head,))
		assert round_of(world.grid.name, october).must_done == 1
		assert round_of(world.grid.name, november).must_done == 0

	def test_an_earlier_visit_that_arrives_later_serves_nobody(self, world):
		make_care(world.head, "elder", since=date(2025, 9, 1))
		visit_at(world.home, "2025-10-20 10:00:00", met=(world.head,))
		before = open_row(world.head)
		visit_at(world.home, "2025-10-12 10:00:00", met=(world.head,))
		assert open_row(world.head) == before
		assert before.due_on == date(2025, 11, 19)

	def test_one_visited_before_she_was_taken_into_care_is_not_served(self, world):
		make_care(world.head, "elder", since=getdate())
		visit_at(world.home, add_days(now_datetime(), -3), met=(world.head,))
		assert done_rows(world.head) == []

	def test_visited_early_and_again_on_the_old_day(self, world):
		"""Two rows of a person may be due on one day: she was visited early, and care ended and began again."""
		care = make_care(world.head, "elder", since=add_days(getdate(), -30))
		assert open_row(world.head).due_on == getdate()
		visit(world.home, met=(world.head,))
		frappe.db.set_value("Resident Care", care.name, "next_visit_due", getdate())
		must_visits.ensure(residents=[world.head])
		assert open_row(world.head).due_on == getdate()
		visit(world.home, met=(world.head,))
		assert len(done_rows(world.head)) == 2

	def test_the_job_follows_what_was_written_in_bulk(self, world):
		make_care(world.head, "elder")
		care = frappe.qb.DocType("Resident Care")
		frappe.qb.update(care).set(care.until, getdate()).where(care.resident == world.head).run()
		category = make_category(must_visit=0)
		frappe.get_doc(doctype="Resident Care", resident=world.wife, category=category).insert()
		assert open_row(world.wife) is None
		frappe.db.set_value("Care Category", category, {"must_visit": 1, "visit_interval_days": 10})
		must_visits.ensure(world.village.grid_path)
		assert open_row(world.head) is None
		assert open_row(world.wife).due_on == getdate(add_days(getdate(), 10))

	def test_where_all_is_as_it_should_be_one_statement_finds_that(self, world, count_queries):
		make_care(world.head, "elder")
		with count_queries() as seen:
			must_visits.ensure(world.village.grid_path)
		assert seen.count == 1, "\n".join(seen.queries)

	def test_each_persons_row_is_looked_up_by_her(self, world, count_queries, explain):
		"""Not among all that is open, which a table that was filled a moment ago is taken to hardly have."""
		make_care(world.head, "elder")
		frappe.db.set_value("Must Visit", open_row(world.head).name, "interval_days", 99)
		with count_queries() as seen:
			must_visits.ensure(world.village.grid_path)
		joined = [query for query in seen.queries if "LEFT JOIN `tabMust Visit`" in query]
		assert len(joined) == 2, "\n".join(seen.queries)
		for query in joined:
			rows = explain(query[query.index("SELECT") :])
			(row,) = [each for each in rows if each["table"] == "tabMust Visit"]
			assert (row["key"], row["type"]) == ("one_open_row", "eq_ref"), rows

	@pytest.mark.parametrize(
		"spoiled",
		[{"due_on": "2030-01-01"}, {"interval_days": 99}, {"grid_path": "00010002"}, {"resident": "?"}],
	)
	def test_an_open_row_that_is_not_as_care_says_is_found(self, world, spoiled):
		make_care(world.head, "elder")
		before = open_row(world.head)
		frappe.db.set_value("Must Visit", before.name, spoiled, update_modified=False)
		must_visits.ensure(world.village.grid_path)
		after = open_row(world.head)
		assert [after[field] for field in must_visits.FOLLOWS] == [
			before[field] for field in must_visits.FOLLOWS
		]

	def test_nobody_s_rows_elsewhere_are_touched(self, world):
		make_care(world.head, "elder")
		must = frappe.qb.DocType("Must Visit")
		frappe.qb.update(must).set(must.due_on, "2030-01-01").where(must.resident == world.head).run()
		must_visits.ensure(world.villages[1].grid_path)
		assert open_row(world.head).due_on == date(2030, 1, 1)


def make_category(**values: object) -> str:
	name = f"Category {frappe.generate_hash(length=8)}"
	doc = frappe.get_doc(doctype="Care Category", category_name=name, legal_basis="Legal Duty", **values)
	return doc.insert().name


class TestPeopleMove:
	def test_who_moves_takes_the_open_row_along_and_leaves_the_history(self, world):
		make_care(world.wife, "elder")
		visit(world.home, met=(world.wife,))
		make_resident(world.neighbour)
		comings.move(world.wife, world.neighbour, "Sibling", getdate())
		row = open_row(world.wife)
		assert (row.household, row.grid, row.grid_path) == (
			world.neighbour,
			world.other.name,
			world.other.grid_path,
		)
		(done,) = frappe.get_all(
			"Must Visit", filters={"resident": world.wife, "done_at": ["is", "set"]}, pluck="grid"
		)
		assert done == world.grid.name

	def test_who_died_is_due_no_more(self, world):
		make_care(world.wife, "elder")
		comings.record_death(world.wife, getdate())
		assert open_row(world.wife) is None

	def test_a_household_that_moves_keeps_its_row_where_it_lay(self, world):
		make_care(world.wife, "elder")
		opened(world)
		households.move(world.home, world.other.name)
		assert open_row(world.wife).grid == world.other.name
		assert row_of(world.home).grid == world.grid.name
		visit(world.home)
		assert round_of(world.grid.name).ordinary_visited == 1
		assert round_of(world.other.name).later_households == 0

	def test_a_household_that_is_split_off_has_its_own_row(self, world):
		make_care(world.wife, "elder")
		opened(world)
		new = households.split(world.home, [world.wife], world.wife, {})
		assert row_of(new).counted == 0
		assert open_row(world.wife).household == new

	def test_two_rows_of_one_person_become_one(self, world):
		other = make_resident(world.neighbour, resident_name="王国军").name
		make_care(world.head, "elder")
		make_care(other, "elder-alone")
		done = visit(world.neighbour, met=(other,))
		merging.merge(world.head, other, [])
		row = open_row(world.head)
		assert (row.interval_days, row.household) == (7, world.home)
		assert done_rows(world.head) == [done.name]
		assert not frappe.db.exists("Must Visit", {"resident": other})

	def test_who_was_entered_by_mistake_can_be_deleted(self, world):
		make_care(world.wife, "elder")
		frappe.delete_doc("Resident", world.wife)
		assert not frappe.db.exists("Must Visit", {"resident": world.wife})


class TestGridsMove:
	def test_a_grid_that_moves_takes_its_rounds_along(self, world):
		opened(world)
		grid = frappe.get_doc("Grid", world.grid.name)
		grid.parent_grid = world.villages[1].name
		grid.save()
		assert grid.grid_path.startswith(world.villages[1].grid_path)
		assert round_of(grid.name).grid_path == grid.grid_path
		assert row_of(world.home).grid_path == grid.grid_path

	def test_a_grid_that_is_merged_leaves_its_history(self, world):
		opened(world)
		visit(world.home)
		merge(world.grid.name, world.other.name)
		assert frappe.db.get_value("Household", world.home, "grid") == world.other.name
		assert row_of(world.home).grid == world.grid.name
		visit(world.second)
		assert round_of(world.grid.name).ordinary_visited == 2
		assert opened(world).name == round_of(world.grid.name).name
		assert round_of(world.other.name).later_households == 0

	def test_an_empty_grid_can_be_deleted_after_its_round_has_opened(self, world):
		rounds.open_in(world.root.grid_path, getdate())
		frappe.delete_doc("Grid", world.grids[1][1].name)
		assert not frappe.db.exists("Visit Round", {"grid": world.grids[1][1].name})


def merge(grid: str, into: str) -> None:
	frappe.get_doc(
		doctype="Grid Adjustment",
		kind="Merge",
		grid=into,
		reason="Better Size",
		approved_by="村民会议",
		effective_on=getdate(),
		sources=[{"grid": grid}],
	).insert().submit()
