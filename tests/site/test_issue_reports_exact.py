"""The reports against the same rows counted one by one in Python: drawn issues, moments on the borders of the period,
and the same again after ten of them are deleted and others have changed."""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from unittest.mock import patch

import frappe
import pytest
from frappe.utils import get_datetime

from grid_governance import reporting
from grid_governance.grid_issues import clocks
from grid_governance.grid_issues.report.issue_closing_and_timeliness import (
	issue_closing_and_timeliness as timeliness,
)
from grid_governance.grid_issues.report.issue_resolution_levels import issue_resolution_levels as levels
from grid_governance.grid_issues.report.superior_tasks import superior_tasks as superior
from grid_governance.grid_issues.rules import deadlines
from grid_governance.grid_structure.rules import SEGMENT, VILLAGE
from grid_governance.reporting import question
from tests.factories import level_at, make_category, make_issue, make_township, seeded

ISSUES = 300
PERIOD = {"from_date": "2024-03-01", "to_date": "2024-03-31"}
BEGIN, END = datetime(2024, 3, 1), datetime(2024, 4, 1)
NOW = datetime(2024, 4, 10, 12)
MOMENTS = tuple(
	map(
		get_datetime,
		(
			"2024-02-29 23:59:59.999999",
			"2024-03-01 00:00:00",
			"2024-03-01 00:00:00.000001",
			"2024-03-15 09:30:00",
			"2024-03-31 00:00:00",
			"2024-03-31 23:59:59.999999",
			"2024-04-01 00:00:00",
			"2024-04-10 11:59:59",
			"2024-04-10 12:00:00",
			"2024-04-10 12:00:01",
		),
	)
)
"""The last moment before the period and its first, its last and the first after it, and those around NOW."""


@pytest.fixture(params=[1, 2, 3])
def town(request) -> frappe._dict:
	"""Two villages with grids and `ISSUES` issues in them, drawn with a seed; `rows` are read back from the database."""
	town = make_township(2, 2)
	town.draw = random.Random(request.param)
	closed, merged, working = (seeded(f"workflow_state/{key}") for key in ("closed", "merged", "in-progress"))
	town.closed, town.unhandled = closed, merged
	nodes = [*town.villages, *(grid for grids in town.grids for grid in grids)]
	pattern = make_issue(nodes[-1].name, category=make_category()).as_dict()
	names = [row.name for row in frappe.get_all("Resolution Level", order_by="sequence asc")]
	drawn = []
	for number in range(ISSUES):
		node = town.draw.choice(nodes)
		drawn.append(
			{
				"name": f"{pattern.name}-{number}",
				"title": pattern.title,
				"category": pattern.category,
				"grid": node.name,
				"grid_path": node.grid_path,
				"urgency": town.draw.choice([row.name for row in clocks.urgencies()]),
				"source": town.draw.choice(("Patrol", superior.SOURCE)),
				"workflow_state": town.draw.choice((closed, closed, merged, working, None)),
				"resolution_level": town.draw.choice((*names, None)),
				"found_at": town.draw.choice(MOMENTS),
				**{
					field: town.draw.choice((None, *MOMENTS))
					for field in ("due_by", "resolved_at", "closed_at")
				},
			}
		)
	frappe.db.delete("Grid Issue", {"name": pattern.name})
	frappe.db.bulk_insert("Grid Issue", list(drawn[0]), [tuple(row.values()) for row in drawn])
	with patch.object(question, "now_datetime", lambda: NOW):
		yield town


def rows_of(town: frappe._dict) -> list[frappe._dict]:
	"""The issues as they now stand in the database."""
	inside = {"grid_path": ["like", f"{town.root.grid_path}%"]}
	return frappe.get_all(
		"Grid Issue", filters=inside, fields=["*"], order_by="name asc", limit_page_length=0
	)


def counted(rows: Iterable[frappe._dict], of: Callable[[frappe._dict], Iterable[str]]) -> dict[str, Counter]:
	"""What *of* says of each row, counted by village and for all ("")."""
	found: dict[str, Counter] = {"": Counter()}
	for row in rows:
		for place in (row.grid_path[: SEGMENT * VILLAGE], ""):
			found.setdefault(place, Counter()).update(of(row))
	return {place: counts for place, counts in found.items() if counts}


def shown(report: object, town: frappe._dict) -> tuple[dict[str, Counter], list[dict]]:
	"""The figures of *report* by village and for all, without zeros, and its rows."""
	filters = {**PERIOD, "grid": town.root.name, "roll_up": level_at(VILLAGE)}
	columns, data, *_rest = report.execute(filters)
	figures = [column["fieldname"] for column in columns if column.get("is_figure")]
	made = {
		"" if row.get("is_total") else row["path"]: Counter(
			{name: row[name] for name in figures if row[name]}
		)
		for row in data
	}
	return made, data


def in_period(moment: datetime | None) -> bool:
	return moment is not None and BEGIN <= moment < END


def of_levels(town: frappe._dict) -> Callable[[frappe._dict], list[str]]:
	at = [row.name for row in frappe.get_all("Resolution Level", order_by="sequence asc, name asc")]

	def of(row: frappe._dict) -> list[str]:
		if row.workflow_state != town.closed or not in_period(row.closed_at):
			return []
		level = at.index(row.resolution_level) if row.resolution_level else len(at)
		return ["total", f"count_{level}"]

	return of


def of_timeliness(town: frappe._dict) -> Callable[[frappe._dict], list[str]]:
	def of(row: frappe._dict) -> list[str]:
		if row.workflow_state == town.unhandled or not in_period(row.found_at):
			return []
		late = deadlines.overdue(row.due_by, row.resolved_at, row.closed_at, NOW)
		said = ["found", "closed" if row.workflow_state == town.closed else "open"]
		said += ["overdue"] if late else []
		if late or deadlines.on_time(row.due_by, row.resolved_at) is not None:
			said += ["judged_all", f"judged_{row.urgency.lower()}"]
		return said

	return of


def of_superior(town: frappe._dict) -> Callable[[frappe._dict], list[str]]:
	def of(row: frappe._dict) -> list[str]:
		if (
			row.source != superior.SOURCE
			or row.workflow_state == town.unhandled
			or not in_period(row.found_at)
		):
			return []
		return ["received", "closed" if row.workflow_state == town.closed else "open"]

	return of


EACH = pytest.mark.parametrize(
	("report", "of"),
	[(levels, of_levels), (timeliness, of_timeliness), (superior, of_superior)],
	ids=["levels", "timeliness", "superior"],
)


@EACH
def test_the_report_counts_what_is_there(town, report, of):
	made, _data = shown(report, town)
	assert made == counted(rows_of(town), of(town))
	assert made[""], "nothing was counted"


@EACH
def test_ten_deleted_issues_are_missing_at_once_and_nothing_else(town, report, of):
	before, _data = shown(report, town)
	ten = town.draw.sample(rows_of(town), 10)
	frappe.db.delete("Grid Issue", {"name": ["in", [row.name for row in ten]]})
	after, _data = shown(report, town)
	missing = counted(ten, of(town))
	places = before.keys() | missing.keys()
	assert all(
		after.get(place, Counter()) + missing.get(place, Counter()) == before[place] for place in places
	)


@EACH
def test_an_issue_changed_at_any_date_changes_the_figures_at_once(town, report, of):
	for row in town.draw.sample(rows_of(town), 30):
		field = town.draw.choice(("found_at", "due_by", "resolved_at", "closed_at"))
		frappe.db.set_value("Grid Issue", row.name, field, town.draw.choice(MOMENTS))
	made, _data = shown(report, town)
	assert made == counted(rows_of(town), of(town))


def test_the_on_time_share_is_that_of_the_rows(town):
	rows = [
		row
		for row in rows_of(town)
		if row.workflow_state != town.unhandled and in_period(row.found_at) and row.due_by
	]
	_made, data = shown(timeliness, town)
	for urgency in (row.name for row in clocks.urgencies()):
		own = [row for row in rows if row.urgency == urgency]
		kept = sum(deadlines.on_time(row.due_by, row.resolved_at) is True for row in own)
		judged = sum(
			deadlines.on_time(row.due_by, row.resolved_at) is not None
			or deadlines.overdue(row.due_by, row.resolved_at, row.closed_at, NOW)
			for row in own
		)
		name = f"judged_{urgency.lower()}"
		assert judged and (data[-1][name], data[-1][f"share_{name}"]) == (
			judged,
			reporting.share(kept, judged),
		)
