"""Number cards of issues: the same number as the report or the list with the same filters, in each reader's scope."""

import json
from collections.abc import Iterator

import frappe
import pytest
from frappe.desk.doctype.number_card.number_card import get_result
from frappe.desk.query_report import run as run_report
from frappe.utils import add_days, add_to_date, getdate, now_datetime

from grid_governance.grid_issues import cards, clocks
from grid_governance.setup import seeds
from tests.factories import make_department, make_holder, make_issue, make_officer, make_township, make_user
from tests.world import inside_savepoint, taken_back

CLOSED = ("settle-on-the-spot", "give-feedback")
BY_VILLAGE = ("submit-to-village", "resolve", "give-feedback")


def build_town() -> frappe._dict:
	"""Two villages: issues closed in time and late, on the spot and by the village, open, late and due today."""
	make_user()  # Frappe makes the first user of a site its System Manager
	town = make_township(2, 1)
	town.member = make_holder("Grid Member", town.grids[0][0].name)
	town.secretary = make_holder("Village Secretary", town.villages[0].name)
	town.official = make_holder("Township Office", town.root.name)
	town.department = make_department(town.root.name).name
	town.officer = make_officer("Department Officer", town.department)
	now = now_datetime()
	end_of_today = now.replace(hour=23, minute=59, second=59, microsecond=0)
	for number, (grid,) in enumerate(town.grids):
		for steps, due in (
			(CLOSED, add_days(now, 5)),
			(CLOSED, add_days(now, -3)),
			(BY_VILLAGE, add_days(now, 5)),
			((), add_days(now, 5)),
			((), add_days(now, -3)),
			((), add_days(now, -4)),
			((), end_of_today),
		)[number:]:
			issue = make_issue(grid.name, *steps)
			values = {"found_at": add_days(now, -10), "due_by": due}
			if steps:
				values |= {"resolved_at": add_days(now, -2), "closed_at": add_to_date(now, hours=-1)}
			frappe.db.set_value("Grid Issue", issue.name, values)
	return town


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""The town, built once for the module."""
	with taken_back():
		yield build_town()


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


@pytest.fixture
def town(world: frappe._dict) -> frappe._dict:
	return world


def shown(key):
	"""The number of the card made from the seed *key*, as the desk asks for it; moments are this one's."""
	card = frappe.get_doc("Number Card", seeds.name_of(f"number_card/{key}"))
	moving = json.loads(card.dynamic_filters_json or "[]")
	for line in moving:
		assert line[3] == "frappe.datetime.now_datetime()"
		line[3] = str(now_datetime())
	return get_result(card.as_json(), json.loads(card.filters_json) + moving)


def issues_seen(town, user):
	"""The issues below the post of *user*, read past all permissions."""
	prefix = {
		town.member: town.grids[0][0].grid_path,
		town.secretary: town.villages[0].grid_path,
		town.official: town.root.grid_path,
	}[user]
	fields = ["due_by", "resolved_at", "closed_at", "resolution_level"]
	return frappe.get_all("Grid Issue", {"grid_path": ("like", f"{prefix}%")}, fields, limit_page_length=0)


@pytest.mark.parametrize("reader", ["member", "secretary", "official"])
def test_counts_are_those_of_the_readers_issues(town, as_user, reader):
	rows = issues_seen(town, town[reader])
	now = now_datetime()
	unresolved = [row for row in rows if not row.resolved_at and not row.closed_at]
	with as_user(town[reader]):
		assert shown("open-issues") == len(unresolved) > 0
		assert shown("late-issues") == len([row for row in unresolved if row.due_by < now]) > 0
		today = [row for row in unresolved if getdate(row.due_by) == getdate(now)]
		assert shown("issues-due-today") == len(today) > 0
		listed = frappe.get_list("Grid Issue", pluck="name", limit_page_length=0)
		late = frappe.qb.DocType("Grid Issue")
		behind = (
			frappe.qb.from_(late).select(late.name).where(late.name.isin(listed) & clocks.overdue(late, now))
		)
		assert shown("late-issues") == len(behind.run())


@pytest.mark.parametrize("reader", ["secretary", "official"])
def test_shares_are_those_of_the_reports(town, as_user, reader):
	rows = issues_seen(town, town[reader])
	now = now_datetime()
	closed = [row for row in rows if row.closed_at]
	judged = [row for row in rows if row.resolved_at or row.due_by < now]
	in_time = [row for row in judged if row.resolved_at and row.resolved_at <= row.due_by]
	lowest = seeds.name_of("resolution_level/on-the-spot")
	spot = [row for row in closed if row.resolution_level == lowest]
	with as_user(town[reader]):
		for answer, part, whole in (
			(cards.on_time_share(), in_time, judged),
			(cards.share_on_the_spot(), spot, closed),
		):
			assert 0 < len(part) < len(whole)
			assert answer["value"] == round(100 * len(part) / len(whole), 1)
			assert str(len(whole)) in answer["note"]
			total = run(answer["report"], answer["filters"])
			assert answer["value"] in total.values()
			assert len(whole) in total.values()


def run(report, filters):
	return run_report(report, filters, ignore_prepared_report=True)["result"][-1]


def test_nothing_is_told_where_there_is_no_report_right_or_nothing_to_tell(town, as_user):
	for user in (town.member, town.officer):
		with as_user(user):
			for share in (cards.on_time_share, cards.share_on_the_spot):
				assert share()["value"] is None
				assert "report" not in share()
	empty = make_holder("Village Secretary", make_township(1, 1).villages[0].name)
	with as_user(empty):
		assert cards.on_time_share()["value"] is None
		assert cards.share_on_the_spot()["value"] is None


def test_referrals_waiting_are_the_readers_own(town, as_user):
	from grid_governance.grid_issues.answers import take_step as answer
	from grid_governance.grid_issues.steps import take_step

	refer = seeds.name_of("workflow_action_master/refer")
	made = []
	for (grid,) in town.grids:
		issue = make_issue(grid.name, "submit-to-village")
		take_step(issue.name, refer, opinion="x", lead_department=town.department)
		made.append(frappe.get_last_doc("Issue Referral", {"issue": issue.name}).name)
	for reader, expected in (("secretary", 1), ("official", 2), ("officer", 2)):
		with as_user(town[reader]):
			assert shown("referrals-waiting") == expected
	with as_user(town.officer):
		answer(made[0], seeds.name_of("workflow_action_master/referral-answer"), "Done")
	for reader, expected in (("secretary", 0), ("official", 1)):
		with as_user(town[reader]):
			assert shown("referrals-waiting") == expected
