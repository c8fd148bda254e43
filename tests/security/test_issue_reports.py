"""Reports on issues stay inside the reader's scope, whatever the filters name."""

from collections.abc import Iterator

import frappe
import pytest
from frappe.desk import query_report

from grid_governance.grid_structure import rules
from grid_governance.scope.doors import ClosedDoorError
from tests.factories import level_at, make_category, make_holder, make_issue, make_township
from tests.world import REPORTS, inside_savepoint, taken_back

EACH = pytest.mark.parametrize("report", REPORTS)
PERIOD = {"from_date": "2024-03-01", "to_date": "2024-03-31"}
STEPS = ("settle-on-the-spot", "give-feedback")


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""Two villages, in each one issue of each source that a report is about; a secretary of the first village."""
	with taken_back():
		town = make_township(2, 1)
		category = make_category(parent_category=make_category(is_group=1))
		for source in ("Superior Assignment", "Online Referral", "Patrol"):
			for grids in town.grids:
				issue = make_issue(grids[0].name, *STEPS, source=source, category=category)
				moments = dict.fromkeys(("found_at", "resolved_at", "closed_at"), "2024-03-05 09:00:00")
				frappe.db.set_value("Grid Issue", issue.name, moments)
		town.secretary = make_holder("Village Secretary", town.villages[0].name)
		town.member = make_holder("Grid Member", town.grids[0][0].name)
		yield town


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def run(report: str, **filters: object) -> list[dict]:
	return query_report.run(report, filters={**PERIOD, **filters})["result"]


def figure_of(report: str) -> str:
	return {"Issue Closing and Timeliness": "found", "Superior Tasks": "received"}.get(
		report, "closed" if report == "Online Referrals" else "total"
	)


def expected(report: str) -> int:
	return 3 if report in ("Issue Resolution Levels", "Issue Closing and Timeliness") else 1


@EACH
def test_the_secretary_gets_her_village_only(world, as_user, report):
	with as_user(world.secretary):
		rows = run(report)
	assert rows[-1][figure_of(report)] == expected(report)
	assert all(row["path"].startswith(world.villages[0].grid_path) for row in rows)


@EACH
def test_a_grid_that_is_not_hers_is_refused(world, as_user, report):
	with as_user(world.secretary):
		for foreign in (world.villages[1], world.grids[1][0], world.root):
			with pytest.raises(frappe.PermissionError):
				run(report, grid=foreign.name)


@EACH
def test_rows_above_her_own_node_are_not_made(world, as_user, report):
	with as_user(world.secretary):
		for position in (rules.COUNTY, rules.TOWNSHIP):
			rows = run(report, roll_up=level_at(position))
			assert [(row["path"], row[figure_of(report)]) for row in rows] == [
				(world.villages[0].grid_path, expected(report))
			] * 2
			assert world.root.grid_name not in {row["node"] for row in rows}


@EACH
@pytest.mark.parametrize("exact", [0, 1])
def test_nothing_foreign_stands_behind_a_figure(world, as_user, report, exact):
	"""The node behind whose figure to look comes from the client."""
	own = world.villages[0].grid_path
	with as_user(world.secretary):
		for node in ("", world.villages[1].grid_path, world.grids[1][0].grid_path, "' or 1=1 -- "):
			rows = run(report, figure=figure_of(report), node=node, exact=exact)
			paths = frappe.get_all(
				"Grid Issue",
				filters={"name": ["in", [row["name"] for row in rows] or [""]]},
				pluck="grid_path",
				order_by="name asc",
			)
			assert all(path.startswith(own) for path in paths)
			assert len(paths) == (expected(report) if node == "" and not exact else 0)


@EACH
def test_who_may_not_report_gets_no_report(world, as_user, report):
	with as_user(world.member), pytest.raises(frappe.PermissionError):
		run(report)


@EACH
def test_it_is_never_prepared(world, as_user, report):
	"""A prepared result is served by name, whoever asks."""
	assert not frappe.db.get_value("Report", report, "prepared_report")
	make = frappe.get_attr("frappe.core.doctype.prepared_report.prepared_report.make_prepared_report")
	with as_user(world.secretary), pytest.raises(ClosedDoorError):
		make(report, filters=frappe.as_json(PERIOD))
