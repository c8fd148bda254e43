"""The reports on issues beside that of the levels: figures, totals that add up, and the rows behind each figure."""

from collections.abc import Iterator
from datetime import datetime

import frappe
import pytest
from frappe.desk.query_report import get_script
from frappe.utils import add_to_date, get_datetime

from grid_governance import reporting
from grid_governance.grid_issues.report.issue_closing_and_timeliness import (
	issue_closing_and_timeliness as timeliness,
)
from grid_governance.grid_issues.report.issue_resolution_levels import issue_resolution_levels as levels
from grid_governance.grid_issues.report.livelihood_problems_solved import livelihood_problems_solved as solved
from grid_governance.grid_issues.report.online_referrals import online_referrals as referrals
from grid_governance.grid_issues.report.superior_tasks import superior_tasks as superior
from grid_governance.grid_structure import rules
from tests.factories import (
	level_at,
	make_category,
	make_holder,
	make_issue,
	make_township,
	make_user,
)
from tests.world import inside_savepoint, taken_back

REPORTS = (levels, timeliness, superior, solved, referrals)
EACH = pytest.mark.parametrize(
	"report", REPORTS, ids=[report.__name__.rpartition(".")[2] for report in REPORTS]
)
INDEXES = {
	levels: "closed_in_grid",
	timeliness: "found_in_grid",
	superior: "source_in_grid",
	solved: "closed_in_grid",
	referrals: "source_in_grid",
}
PERIOD = {"from_date": "2024-03-01", "to_date": "2024-03-31"}
CLOSED = ("settle-on-the-spot", "give-feedback")
RESOLVED = ("settle-on-the-spot",)
WITHDRAWN = ("withdraw",)
URGENT, GENERAL, COMPLEX = "Urgent", "General", "Complex"
SUPERIOR, ONLINE = superior.SOURCE, referrals.SOURCE


def build_town() -> frappe._dict:
	"""Two villages with a grid each and two groups of categories; issues of March 2024 at fixed moments.

	Each line: grid, urgency, steps, source, group, days from finding to due, days from finding to the end (None: not
	yet). Not yet ended are one due in 2024 and one due in 2124. Three more were found in February and closed in March.
	"""
	make_user()  # Frappe makes the first user of a site its System Manager
	town = make_township(2, 1)
	town.groups = sorted(make_category(is_group=1) for _group in range(2))
	for at, group in enumerate(town.groups, 1):
		frappe.db.set_value("Issue Category", group, "category_name", f"Group {at}")
	categories = [make_category(parent_category=group) for group in town.groups]
	first, second = (grids[0].name for grids in town.grids)
	for grid, urgency, steps, source, group, due, ended in (
		(first, URGENT, CLOSED, SUPERIOR, 0, 1, 0.5),
		(first, URGENT, CLOSED, ONLINE, 0, 1, 2.0),
		(first, GENERAL, RESOLVED, "Patrol", 1, 7, 3.0),
		(first, GENERAL, (), SUPERIOR, 1, 7, None),
		(first, COMPLEX, (), "Patrol", 1, 36525, None),
		(first, GENERAL, WITHDRAWN, SUPERIOR, 1, 7, None),
		(second, GENERAL, CLOSED, ONLINE, 1, 7, 5.0),
		(second, GENERAL, CLOSED, ONLINE, 1, 7, 10.0),
		(town.villages[1].name, GENERAL, CLOSED, "Resident", 0, 7, 7.0),
	):
		issue = make_issue(grid, *steps, urgency=urgency, source=source, category=categories[group])
		found = get_datetime("2024-03-05 09:00:00")
		end = add_to_date(found, hours=int(24 * ended)) if ended else None
		moments = {"found_at": found, "due_by": add_to_date(found, days=due)}
		moments |= {field: end for field in ("resolved_at", "closed_at") if issue.get(field) and end}
		if steps == WITHDRAWN:
			moments["closed_at"] = add_to_date(found, days=1)
		frappe.db.set_value("Grid Issue", issue.name, moments)
	for grid, group in ((first, 0), (first, 1), (second, 1)):
		issue = make_issue(grid, *CLOSED, source="Visit", category=categories[group])
		moments = {"found_at": "2024-02-20 09:00:00", "due_by": "2024-02-27 09:00:00"}
		moments |= dict.fromkeys(("resolved_at", "closed_at"), "2024-03-02 09:00:00")
		frappe.db.set_value("Grid Issue", issue.name, moments)
	return town


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""The town, built once for the module, with an `official` who reads all of it."""
	with taken_back():
		town = build_town()
		town.official = make_holder("Township Office", town.root.name)
		yield town


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


@pytest.fixture
def town(world: frappe._dict) -> frappe._dict:
	return world


def run(report: object, **filters: object) -> frappe._dict:
	columns, data, message, chart, summary, _skip_total = report.execute({**PERIOD, **filters})
	return frappe._dict(columns=columns, data=data, message=message, chart=chart, summary=summary)


def by_village(report: object, town: frappe._dict, *fieldnames: str) -> list[tuple]:
	made = run(report, grid=town.root.name, roll_up=level_at(rules.VILLAGE))
	return [tuple(row[fieldname] for fieldname in fieldnames) for row in made.data]


def test_what_was_found_is_closed_open_or_overdue(town):
	assert by_village(timeliness, town, "found", "closed", "open", "overdue") == [
		(5, 2, 3, 1),
		(3, 3, 0, 0),
		(8, 5, 3, 1),
	]


def test_the_on_time_share_stands_beside_its_number(town):
	"""Late without having been resolved counts as not in time; what is not due yet does not count."""
	columns = [f"{kind}judged_{name}" for name in ("urgent", "general", "complex") for kind in ("share_", "")]
	assert by_village(timeliness, town, *columns) == [
		(50.0, 2, 50.0, 2, None, 0),
		(None, 0, 66.7, 3, None, 0),
		(50.0, 2, 60.0, 5, None, 0),
	]
	assert by_village(timeliness, town, "share_judged_all", "judged_all")[-1] == (57.1, 7)


def test_superior_tasks_come_in_and_are_closed(town):
	assert by_village(superior, town, "received", "closed", "open", "rate") == [(2, 1, 1, 50.0)] * 2


def test_the_figure_of_superior_tasks_in_the_account():
	"""Twelve tasks from above, twelve closed: a hundred per cent."""
	assert reporting.share(12, 12) == 100.0


def test_solved_problems_by_group_of_categories(town):
	made = run(solved, grid=town.root.name, roll_up=level_at(rules.VILLAGE))
	assert [column["label"] for column in made.columns[1:-1]] == ["Group 1", "Group 2"]
	names = [column["fieldname"] for column in made.columns[1:]]
	assert [[row[name] for name in names] for row in made.data] == [[1, 1, 2], [1, 1, 2], [2, 2, 4]]


def test_a_group_shows_its_categories(town):
	made = run(solved, grid=town.root.name, category_group=town.groups[1])
	assert len(made.columns) == 3
	assert made.data[-1]["total"] == 2


def test_online_referrals_take_the_days_in_the_middle(town):
	assert by_village(referrals, town, "closed", "days") == [(1, 2.0), (2, 7.5), (3, 5.0)]


@EACH
@pytest.mark.parametrize("level", [rules.VILLAGE, rules.GRID])
def test_each_figure_has_exactly_its_rows_behind_it(town, report, level, as_user):
	"""In the list with the filters that the report's script puts into its address, and in the report itself."""
	with as_user(town.official):
		made = run(report, roll_up=level_at(level))
		figures = [column for column in made.columns if column.get("is_figure")]
		assert figures and made.data[-1]["is_total"]
		for row in made.data:
			for column in figures:
				said = (row["node"], column["label"])
				where = {"figure": column["fieldname"], "node": row["path"], "exact": row["exact"]}
				behind = {issue.name for issue in run(report, roll_up=level_at(level), **where).data}
				assert len(behind) == row[column["fieldname"]], said
				if column["filters"] is None:
					continue
				filters = [[field, *wanted] for field, wanted in column["filters"].items()]
				filters.append(
					["grid_path", "=", row["path"]]
					if row["exact"]
					else ["grid_path", "like", f"{row['path']}%"]
				)
				listed = frappe.get_list("Grid Issue", filters=filters, pluck="name", limit_page_length=0)
				assert set(listed) == behind, said


@EACH
def test_the_total_adds_up_and_says_so_in_the_chart(town, report):
	made = run(report, grid=town.root.name, roll_up=level_at(rules.VILLAGE))
	for column in made.columns:
		if column.get("is_figure"):
			name = column["fieldname"]
			assert sum(row[name] for row in made.data[:-1]) == made.data[-1][name], name
	assert made.message
	assert made.summary
	assert made.chart["data"]["datasets"]


@EACH
def test_an_empty_period_has_columns_only(town, report):
	made = run(report, grid=town.root.name, from_date="2001-01-01", to_date="2001-01-31")
	assert (made.data, made.chart, made.summary) == ([], None, None)
	assert made.columns


@EACH
def test_an_empty_period_is_told_with_what_it_means(town, report):
	"""The same words as over the figures, and which days were asked for."""
	counted = run(report, grid=town.root.name).message
	said = run(report, grid=town.root.name, from_date="1999-01-01", to_date="1999-12-31").message
	assert counted
	assert said.startswith(counted)
	assert frappe.format(get_datetime("1999-12-31").date()) in said


def test_a_list_is_asked_for_whole_seconds(town):
	"""The desk refuses a filter with a part of a second and shows the list without it."""
	(late,) = [
		column for column in run(timeliness, grid=town.root.name).columns if column["fieldname"] == "overdue"
	]
	_operator, moment = late["filters"]["due_by"]
	assert datetime.strptime(moment, "%Y-%m-%d %H:%M:%S")


def test_a_column_is_as_wide_as_its_label():
	assert reporting.rules.width_of("土地建设与农业生产") > reporting.rules.width_of("总数") > 0


@EACH
def test_one_statement_answers_from_an_index(town, report, as_user, count_queries, explain):
	"""However many nodes and issues there are. Those asked for most get their groups from it in order, too."""
	with as_user(town.official):
		run(report)
		with count_queries() as seen:
			run(report)
	statements = [query for query in seen.queries if "FROM `tabGrid Issue`" in query]
	assert len(statements) == 1
	plan = explain(statements[0])
	assert plan[0]["key"] == INDEXES[report]
	assert "Using index" in plan[0]["Extra"] and "Using index condition" not in plan[0]["Extra"], plan
	if report in (levels, timeliness, superior):
		assert "Using temporary" not in plan[0]["Extra"] and "Using filesort" not in plan[0]["Extra"], plan


def test_a_figure_that_is_none_is_refused(town):
	with pytest.raises(reporting.FigureError):
		run(timeliness, figure="share_judged_all", node=town.root.grid_path)


def test_behind_a_figure_links_are_called_by_their_titles(town):
	made = run(timeliness, grid=town.root.name, figure="found", node=town.grids[1][0].grid_path)
	assert {row["grid"] for row in made.data} == {town.grids[1][0].grid_name}


@EACH
def test_its_script_and_its_print_are_the_shared_ones(report):
	name = frappe.unscrub(report.__name__.rpartition(".")[2]).replace(" And ", " and ")
	sent = get_script(name)
	for text in (sent["script"], sent["html_format"]):
		assert "{% include" not in text
	assert "grid_governance.reports.define = " in sent["script"]
	assert f'grid_governance.reports.define("{name}"' in sent["script"]
	assert "Opinion of the Level Above" in sent["html_format"]


@EACH
def test_the_total_says_of_what_it_is(town, report):
	assert run(report, grid=town.root.name).data[-1]["place"] == town.root.grid_name
