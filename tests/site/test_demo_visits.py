"""The visits and notices of the demos: every household of Tulingdi called on, everyone reached, all from rows of visits."""

from collections import Counter, defaultdict
from datetime import timedelta

import frappe
import pytest
from frappe.utils import get_datetime, getdate, now_datetime

from grid_governance.grid_ledger import CARE, HOUSEHOLD, RESIDENT
from grid_governance.grid_visits import (
	CHAT_GROUP,
	DELIVERY,
	MUST_VISIT,
	NOTICE,
	ROUND,
	ROUND_HOUSEHOLD,
	VISIT,
	must_visits,
)
from grid_governance.grid_visits.notices import stages
from grid_governance.setup import demo
from tests import demos
from tests.world import inside_savepoint, taken_back

VILLAGE, TOWNSHIP = "140431203206", "140431203"
MOMENTS = ("2024-02-29 23:50:00", "2025-03-01 00:05:00", "2026-01-15 08:00:00")
"""The end of a leap day, the first minutes of a round, the middle of one."""


@pytest.fixture(scope="module", params=MOMENTS)
def tulingdi(site, request):
	"""The demo as it stands at a moment."""
	with taken_back():
		for name in demo.names():
			demo.remove(name)
		moment = get_datetime(request.param)
		demo.load("tulingdi", now=moment)
		yield frappe._dict(now=moment)


@pytest.fixture(autouse=True)
def _on_site(tulingdi):
	yield from inside_savepoint(tulingdi)


def rounds(status: str) -> list[frappe._dict]:
	return demos.rows(ROUND, VILLAGE, status=status)


def children(doctype: str, parentfield: str) -> dict[str, list[frappe._dict]]:
	found: dict[str, list[frappe._dict]] = defaultdict(list)
	for row in frappe.get_all(
		doctype,
		filters={"parenttype": VISIT, "parentfield": parentfield},
		fields=["*"],
		order_by="idx asc",
		limit_page_length=0,
	):
		found[row.parent].append(row)
	return found


def test_every_household_was_visited_in_the_last_round(tulingdi):
	closed = rounds("Closed")
	assert sum(each.ordinary_households for each in closed) == 85
	assert sum(each.ordinary_visited for each in closed) == 85
	first, last = closed[0].period_start, closed[0].period_end
	met = {
		visit.household
		for visit in demos.rows(VISIT, VILLAGE, outcome="Met")
		if first <= getdate(visit.visited_at) <= last
	}
	assert len(met) == 85


def test_the_present_round_is_under_way(tulingdi):
	under_way = rounds("Open")
	assert sum(each.ordinary_households for each in under_way) == 85
	start, end = under_way[0].period_start, under_way[0].period_end
	assert start <= tulingdi.now.date() <= end
	visited = sum(each.ordinary_visited for each in under_way)
	gone = (tulingdi.now.date() - start).days / ((end - start).days + 1)
	assert 85 * gone * 0.6 <= visited <= 85
	assert (visited == 0) == (gone == 0)


def test_rows_of_rounds_say_what_the_visits_say(tulingdi):
	visits = {visit.name: visit for visit in demos.rows(VISIT, TOWNSHIP)}
	homes = {home.name: home for home in demos.rows(HOUSEHOLD, TOWNSHIP)}
	periods = {each.name: each for each in demos.rows(ROUND, TOWNSHIP)}
	rows = demos.rows(ROUND_HOUSEHOLD, TOWNSHIP)
	assert Counter(row.household for row in rows) == dict.fromkeys(homes, 2)
	by_household = defaultdict(list)
	for visit in visits.values():
		by_household[visit.household].append(visit)
	for row in rows:
		period = periods[row.round]
		assert (row.grid, row.grid_path, row.period_start) == (
			period.grid,
			period.grid_path,
			period.period_start,
		)
		there = [
			visit
			for visit in by_household[row.household]
			if period.period_start <= getdate(visit.visited_at) <= period.period_end
		]
		met = [visit for visit in there if visit.outcome == "Met"]
		assert row.tries == len(there) - len(met)
		first = min(met, key=lambda visit: visit.visited_at, default=None)
		assert (row.visit, row.visited_at) == ((first.name, first.visited_at) if first else (None, None))


def test_nothing_lies_ahead_and_visits_are_made_by_those_who_work_there(tulingdi):
	posts = defaultdict(list)
	for post in frappe.get_all(
		"Grid Post Assignment", fields=["user", "worker", "grid_path"], limit_page_length=0
	):
		posts[post.user, post.worker].append(post.grid_path)
	met = children("Visit Person", "residents_met")
	lives_in = {resident.name: resident.household for resident in demos.rows(RESIDENT, TOWNSHIP)}
	for visit in demos.rows(VISIT, TOWNSHIP):
		assert visit.visited_at <= visit.entered_at <= tulingdi.now
		assert any(visit.grid_path.startswith(path) for path in posts[visit.owner, visit.worker])
		people = [row.resident for row in met[visit.name]]
		assert bool(people) == (visit.outcome == "Met")
		assert {lives_in[name] for name in people} <= {visit.household}
		assert len(set(people)) == len(people)


def test_one_open_must_visit_for_each_in_care_and_its_day_follows_from_the_last(tulingdi):
	wanted = dict(
		frappe.get_all("Care Category", {"must_visit": 1}, ["name", "visit_interval_days"], as_list=True)
	)
	intervals = defaultdict(list)
	due = defaultdict(list)
	for care in demos.rows(CARE, TOWNSHIP):
		if care.category in wanted and not care.until:
			intervals[care.resident].append(wanted[care.category])
			due[care.resident].append(care.next_visit_due)
	rows = demos.rows(MUST_VISIT, TOWNSHIP)
	still_open = {row.resident: row for row in rows if not row.done_at}
	assert set(still_open) == set(intervals)
	assert len(still_open) == len([row for row in rows if not row.done_at])
	done = defaultdict(list)
	for row in rows:
		if row.done_at:
			done[row.resident].append(getdate(row.done_at))
	for resident, row in still_open.items():
		assert row.due_on == min(due[resident])
		assert row.interval_days == min(intervals[resident])
		if done[resident]:
			assert row.due_on == max(done[resident]) + timedelta(days=row.interval_days)


def test_opening_must_visits_again_changes_nothing(tulingdi):
	"""The job finds the demo as it would have left it."""
	before = {row.name: row for row in demos.rows(MUST_VISIT, TOWNSHIP)}
	must_visits.ensure(demos.path_of(TOWNSHIP))
	assert {row.name: row for row in demos.rows(MUST_VISIT, TOWNSHIP)} == before


def test_the_first_notice_has_reached_everybody(tulingdi):
	first = min(demos.rows(NOTICE, VILLAGE), key=lambda notice: notice.sent_at)
	deliveries = demos.rows(DELIVERY, VILLAGE, notice=first.name)
	assert len({row.household for row in deliveries}) == len(deliveries) == 85
	states = Counter(row.state for row in deliveries)
	assert states["Confirmed"] + states["Told"] == 85
	assert states["Told"] > 50
	assert states["Confirmed"] > 5
	assert (first.recipients, first.confirmed, first.told) == (85, states["Confirmed"], states["Told"])
	assert first.reached_at == max(row.confirmed_at or row.told_at for row in deliveries)
	assert stages.of(first.workflow_state) == stages.REACHED


def test_what_was_told_was_told_at_a_visit_to_that_household(tulingdi):
	visits = {visit.name: visit for visit in demos.rows(VISIT, VILLAGE)}
	effects = {
		row.reference_name: row for rows in children("Visit Effect", "effects").values() for row in rows
	}
	told = demos.rows(DELIVERY, VILLAGE, state="Told")
	assert told
	for row in told:
		visit = visits[row.visit]
		assert (visit.household, visit.outcome) == (row.household, "Met")
		assert (visit.visited_at, visit.worker) == (row.told_at, row.told_by)
		assert visit.visited_at > row.sent_at
		assert effects[row.name].parent == row.visit
		assert effects[row.name].kind == "notice"


def test_households_know_their_last_visit(tulingdi):
	last: dict[str, object] = {}
	for visit in demos.rows(VISIT, TOWNSHIP, outcome="Met"):
		day = getdate(visit.visited_at)
		last[visit.household] = max(day, last.get(visit.household, day))
	for home in demos.rows(HOUSEHOLD, TOWNSHIP):
		assert home.last_visit_on == last.get(home.name)
		assert home.next_visit_due


def test_each_grid_has_a_group_and_most_households_are_in_it(tulingdi):
	homes = demos.rows(HOUSEHOLD, VILLAGE)
	inside = [home for home in homes if home.in_wechat_group]
	assert 65 <= len(inside) <= 85
	assert all(home.group_rep == home.head for home in inside)
	assert len(demos.rows(CHAT_GROUP, VILLAGE)) == 3


def test_it_loads_as_of_now_too(tulingdi):
	demo.remove("tulingdi")
	demo.load("tulingdi")
	assert all(visit.visited_at <= now_datetime() for visit in demos.rows(VISIT, TOWNSHIP))
