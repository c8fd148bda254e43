"""The report of resolution levels: figures, totals, and the list behind each figure."""

from collections import Counter

import frappe
import pytest
from frappe.utils import add_days, nowdate

from grid_governance import reporting
from grid_governance.grid_issues.report.issue_resolution_levels import issue_resolution_levels as report
from grid_governance.grid_structure import rules
from grid_governance.reporting import Tally, share
from grid_governance.reporting.answer import COUNTED
from tests.factories import (
	level_at,
	make_category,
	make_grid,
	make_holder,
	make_issue,
	make_township,
	make_user,
	seeded,
)

pytestmark = pytest.mark.usefixtures("site")
SPOT = ("settle-on-the-spot", "give-feedback")
VILLAGE = ("submit-to-village", "start", "resolve", "give-feedback")


@pytest.fixture
def town() -> frappe._dict:
	"""Two villages with two grids; closed: 2 on the spot, 3 by the villages; not closed: 3."""
	make_user()  # Frappe makes the first user of a site its System Manager
	town = make_township(2, 2)
	category = make_category()
	first, second = town.grids
	for grid, steps in (
		(first[0], SPOT),
		(first[0], VILLAGE),
		(first[1], VILLAGE),
		(second[0], SPOT),
		(town.villages[1], VILLAGE),
		(first[0], ()),
		(first[0], ("submit-to-village",)),
		(second[0], (*SPOT, "reopen")),
	):
		make_issue(grid.name, *steps, category=category)
	return town


def today() -> dict[str, str]:
	return {"from_date": nowdate(), "to_date": nowdate()}


def run(**filters: object) -> frappe._dict:
	columns, data, _message, chart, summary, _skip_total = report.execute({**today(), **filters})
	return frappe._dict(columns=columns, data=data, chart=chart, summary=summary)


def column_of(level: str, columns: list[dict]) -> str:
	return next(c["fieldname"] for c in columns if c["label"] == seeded(f"resolution_level/{level}"))


def test_rows_by_village_add_up_to_the_total(town):
	made = run(grid=town.root.name, roll_up=level_at(rules.VILLAGE))
	spot, village = column_of("on-the-spot", made.columns), column_of("village", made.columns)
	figures = [(row["node"], row[spot], row[village], row["total"]) for row in made.data]
	assert figures == [
		(town.villages[0].grid_name, 1, 2, 3),
		(town.villages[1].grid_name, 1, 1, 2),
		(figures[-1][0], 2, 3, 5),
	]
	counts = [c["fieldname"] for c in made.columns if c["fieldname"].startswith(("count_", "total"))]
	for fieldname in counts:
		assert sum(row[fieldname] for row in made.data[:-1]) == made.data[-1][fieldname]


def test_shares_come_from_the_counts_beside_them(town):
	made = run(grid=town.root.name, roll_up=level_at(rules.VILLAGE))
	share = column_of("village", made.columns).replace("count", "share")
	assert [row[share] for row in made.data] == [66.7, 50.0, 60.0]


def test_the_figure_of_the_account():
	"""Of 2,100 matters found on patrol about 35 % were settled on the spot, 63 % by the village, 2 % via departments."""
	levels = {"spot": 735, "village": 1323, "department": 42}
	tally = Tally("", Counter({(level, COUNTED): count for level, count in levels.items()}))
	assert tally.number() == 2100
	shares = [share(tally.number(groups=[level]), tally.number()) for level in levels]
	assert shares == [35.0, 63.0, 2.0]


def test_the_roll_up_switches_between_levels(town):
	by_township = run(grid=town.root.name, roll_up=level_at(rules.TOWNSHIP))
	assert [row["total"] for row in by_township.data] == [5, 5]
	by_grid = run(grid=town.root.name, roll_up=level_at(rules.GRID))
	assert [(row["path"], row["exact"], row["total"]) for row in by_grid.data[:-1]] == [
		(town.grids[0][0].grid_path, 0, 2),
		(town.grids[0][1].grid_path, 0, 1),
		(town.villages[1].grid_path, 1, 1),
		(town.grids[1][0].grid_path, 0, 1),
	]


def test_without_a_level_the_next_one_with_several_grids_is_taken(town):
	assert [row["path"] for row in run(grid=town.root.name).data[:-1]] == [
		village.grid_path for village in town.villages
	]
	assert len(run(grid=town.grids[0][0].name).data) == 2


def test_a_level_that_is_skipped_has_a_row_of_its_own(town):
	area = make_grid(town.villages[0].name, rules.AREA)
	make_issue(make_grid(area.name, rules.GRID).name, *SPOT)
	made = run(grid=town.villages[0].name, roll_up=level_at(rules.AREA))
	assert [(row["path"], row["total"]) for row in made.data[:-1]] == [
		(town.villages[0].grid_path + rules.SKIPPED, 3),
		(area.grid_path, 1),
	]
	assert town.villages[0].grid_name in made.data[0]["node"]


@pytest.mark.parametrize("level", [rules.VILLAGE, rules.AREA, rules.GRID])
def test_the_list_behind_each_figure_holds_as_many(town, level, as_user):
	"""With the filters that the report's script puts into the address of the list."""
	level_name = level_at(level)
	with as_user(make_holder("Township Office", town.root.name)):
		made = run(roll_up=level_name)
		assert made.data[-1]["total"] == 5
		for row in made.data:
			for column in made.columns:
				if not column.get("is_figure"):
					continue
				filters = [
					*([field, *wanted] for field, wanted in column["filters"].items()),
					["grid_path", "=", row["path"]]
					if row["exact"]
					else ["grid_path", "like", f"{row['path']}%"],
				]
				behind = frappe.get_list("Grid Issue", filters=filters, pluck="name", limit_page_length=0)
				assert len(behind) == row[column["fieldname"]], (row["node"], column["label"])


def test_the_period_is_that_of_the_closing(town):
	yesterday = add_days(nowdate(), -1)
	closed = frappe.get_all(
		"Grid Issue",
		filters={"closed_at": ["is", "set"], "grid": town.grids[0][1].name},
		pluck="name",
		order_by="name asc",
	)
	frappe.db.set_value("Grid Issue", closed[0], "closed_at", f"{yesterday} 23:59:59.999999")
	assert run(grid=town.root.name).data[-1]["total"] == 4
	before = run(grid=town.root.name, from_date=yesterday, to_date=yesterday)
	assert before.data[-1]["total"] == 1
	assert run(grid=town.root.name, from_date=yesterday).data[-1]["total"] == 5


def test_a_period_that_ends_before_it_begins_is_refused():
	with pytest.raises(reporting.PeriodError):
		run(from_date=nowdate(), to_date=add_days(nowdate(), -1))


def test_an_empty_period_has_no_rows_and_no_chart(town):
	made = run(grid=town.root.name, from_date="2001-01-01", to_date="2001-01-31")
	assert (made.data, made.chart, made.summary) == ([], None, None)


def test_a_closed_issue_without_a_level_is_counted_too(town):
	frappe.db.set_value(
		"Grid Issue", {"grid": town.grids[1][0].name, "closed_at": ["is", "set"]}, "resolution_level", None
	)
	made = run(grid=town.root.name)
	none = next(c for c in made.columns if c["label"] == frappe._("No Level"))
	assert made.data[-1][none["fieldname"]] == 1
	assert made.data[-1]["total"] == 5


def test_the_chart_shows_rows_or_the_total(town):
	bars = run(grid=town.root.name).chart
	assert (bars["type"], bars["barOptions"]) == ("bar", {"stacked": 1})
	assert bars["data"]["labels"] == [village.grid_name for village in town.villages]
	assert [sorted(part["values"]) for part in bars["data"]["datasets"]] == [[1, 1], [1, 2]]
	donut = run(grid=town.root.name, roll_up=level_at(rules.TOWNSHIP)).chart
	assert donut["type"] == "donut"
	assert donut["data"]["datasets"] == [{"values": [2, 3]}]


def test_the_summary_shows_the_number_beside_each_share(town):
	summary = run(grid=town.root.name).summary
	assert [part["value"] for part in summary] == [5, 40.0, 60.0]
	assert all(str(count) in part["label"] for count, part in zip((2, 3), summary[1:], strict=True))


def test_a_leader_gets_her_own_grid_by_default(town, as_user):
	with as_user(make_holder("Grid Leader", town.grids[0][0].name)):
		made = run()
	assert [(row["path"], row["total"]) for row in made.data] == [(town.grids[0][0].grid_path, 2)] * 2


def test_posts_in_two_villages_count_together(town, as_user):
	holder = make_holder("Grid Leader", town.grids[0][0].name, town.grids[1][0].name)
	with as_user(holder):
		made = run(roll_up=level_at(rules.VILLAGE))
	assert [row["total"] for row in made.data] == [2, 1, 3]


def test_one_statement_answers_it_from_its_index(town, as_user, count_queries, explain):
	with as_user(make_holder("Township Office", town.root.name)):
		run()
		with count_queries() as seen:
			run()
	statements = [query for query in seen.queries if "tabGrid Issue" in query]
	assert len(statements) == 1
	forced = statements[0].replace(
		"FROM `tabGrid Issue`", "FROM `tabGrid Issue` FORCE INDEX (`closed_in_grid`)"
	)
	plan = explain(forced)
	assert plan[0]["key"] == "closed_in_grid"
	assert "Using index" in plan[0]["Extra"], plan
