"""Grid Staffing by figures: posts and people side by side, vacancies, units without a leader."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from grid_governance.grid_structure import rules
from grid_governance.grid_structure.report.grid_staffing.grid_staffing import execute
from tests.factories import (
	level_at,
	make_assignment,
	make_holder,
	make_post,
	make_role,
	make_township,
	make_worker,
)

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def town():
	"""Two villages with four and three grids.

	Leaders: five grids of seven, by four people, one of whom leads a grid in each village. Members: the first
	village 3, 2, 1, 0; the second 2, 1, 0; the same person in two grids of the first.
	"""
	frappe.db.sql("update `tabGrid Post` set applies_to_level = null, min_per_grid = 0, is_lead = 0")
	made = make_township(2, 0)
	from tests.factories import make_grid

	made.grids = [
		[make_grid(village.name, rules.GRID) for _ in range(n)]
		for village, n in zip(made.villages, (4, 3), strict=True)
	]
	at = level_at(rules.GRID)
	made.leader = make_post(make_role(), applies_to_level=at, is_lead=1, min_per_grid=1).name
	made.member = make_post(make_role(), applies_to_level=at, min_per_grid=2).name
	made.guide = make_post(make_role()).name
	(a1, a2, a3, _a4), (b1, b2, _b3) = made.grids
	both = make_worker(a1.name, user=None).name
	for worker, grids in ((both, (a1, b1)), (None, (a2,)), (None, (a3,)), (None, (b2,))):
		name = worker or make_worker(a1.name, user=None).name
		for grid in grids:
			make_assignment(name, made.leader, grid.name)
	twice = make_worker(a1.name, user=None).name
	for grid, count in ((a1, 2), (a2, 1), (a3, 1), (b1, 2), (b2, 1)):
		for _number in range(count):
			make_assignment(make_worker(grid.name, user=None).name, made.member, grid.name)
	for grid in (a1, a2):
		make_assignment(twice, made.member, grid.name)
	make_assignment(twice, made.guide, made.villages[0].name)
	gone = make_worker(a1.name, user=None).name
	make_assignment(gone, made.leader, made.grids[1][2].name, to_date=add_days(nowdate(), -1))
	return made


def figures(rows, label: str, post: str | None = None) -> tuple:
	"""Units, posts held, people, in several grids, per unit, vacancies, units without a leader."""
	inside = [row for row in rows if row["key"].split(" ", 1)[0] == label]
	row = next(row for row in inside if row["post"] == post)
	keys = ("units", "assignments", "people", "several", "per_unit", "vacancies", "leaderless")
	return tuple(row[key] for key in keys)


def run(town, **filters):
	return execute({"grid": town.root.name, **filters})


def test_posts_and_people_stand_side_by_side(town):
	rows = run(town)[1]
	first, second = (village.grid_path for village in town.villages)
	assert figures(rows, first, town.leader) == (4, 3, 3, 0, 0.8, 1, 1)
	assert figures(rows, second, town.leader) == (3, 2, 2, 0, 0.7, 1, 1)
	assert figures(rows, first, town.member) == (4, 6, 5, 1, 1.5, 3, 0)
	assert figures(rows, second, town.member) == (3, 3, 3, 0, 1.0, 3, 0)
	assert figures(rows, first, town.guide) == (None, 1, 1, 0, None, 0, 0)


def test_in_the_total_people_are_counted_anew(town):
	rows = run(town)[1]
	assert figures(rows, "total", town.leader) == (7, 5, 4, 1, 0.7, 2, 2)
	assert figures(rows, "total", town.member) == (7, 9, 8, 1, 1.3, 6, 0)
	assert figures(rows, "total") == (None, 15, 12, 2, None, 8, 2)
	cards = {card["label"]: card["value"] for card in run(town)[4]}
	assert list(cards.values()) == [15, 12, 2, 8, 2]


def test_rows_by_another_level(town):
	level = level_at(rules.GRID)
	rows = run(town, roll_up=level)[1]
	a1 = town.grids[0][0].grid_path
	assert figures(rows, a1, town.member) == (1, 3, 3, 0, 3.0, 0, 0)
	assert figures(rows, town.villages[0].grid_path) == (None, 1, 1, 0, None, 0, 0)  # held at the village
	assert figures(rows, "total") == (None, 15, 12, 2, None, 8, 2)


def test_the_lists_behind_the_figures(town):
	vacancies = run(town, show="Vacancies")[1]
	assert sum(row["missing"] for row in vacancies) == 8
	assert [(row["grid"], row["missing"]) for row in vacancies if row["post"] == town.leader] == [
		(town.grids[0][3].name, 1),
		(town.grids[1][2].name, 1),
	]
	leaderless = run(town, show="Units without a Leader")[1]
	assert [row["grid"] for row in leaderless] == [town.grids[0][3].name, town.grids[1][2].name]
	assert leaderless[0]["village"] == town.villages[0].grid_name


def test_another_day_is_another_state(town):
	assert figures(run(town, day=add_days(nowdate(), -1))[1], "total", town.leader) == (7, 6, 5, 1, 0.9, 1, 1)


def test_one_post_only(town):
	rows = run(town, post=town.leader)[1]
	assert figures(rows, "total") == (None, 5, 4, 1, None, 2, 2)
	assert {row["post"] for row in rows} == {None, town.leader}


def test_two_leading_posts_of_a_level_are_one_leader(town):
	deputy = make_post(make_role(), applies_to_level=level_at(rules.GRID), is_lead=1).name
	make_assignment(make_worker(town.root.name, user=None).name, deputy, town.grids[0][3].name)
	assert figures(run(town)[1], "total")[-1] == 1


def test_it_stays_in_the_reader_s_scope(town, as_user):
	role = make_role()
	for doctype in ("Grid Post Assignment", "Grid"):
		frappe.permissions.add_permission(doctype, role)
		frappe.permissions.update_permission_property(doctype, role, 0, "report", 1)
	reader = make_holder(role, town.villages[1].name)
	with as_user(reader):
		rows = execute({"post": town.leader})[1]
		assert figures(rows, "total", town.leader) == (3, 2, 2, 0, 0.7, 1, 1)
		assert {row["grid"] for row in execute({"show": "Vacancies"})[1]} <= {
			grid.name for grid in town.grids[1]
		}
		with pytest.raises(frappe.PermissionError):
			run(town)


def test_without_the_right_to_report_nothing_is_shown(town, as_user):
	role = make_role()
	frappe.permissions.add_permission("Grid Post Assignment", role)
	with as_user(make_holder(role, town.villages[1].name)), pytest.raises(frappe.PermissionError):
		execute({})


def test_the_number_of_queries_does_not_grow_with_the_units(town, count_queries):
	with count_queries() as small:
		execute({"grid": town.grids[0][0].name})
	with count_queries() as large:
		run(town)
	assert large.count <= small.count + 2
