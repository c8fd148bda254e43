"""What the job of the clock costs: statements for each issue that climbs, and a look for what is due that reads nothing else."""

from collections.abc import Callable
from unittest.mock import patch

import frappe
import pytest
from frappe.utils import now_datetime

from grid_governance.grid_issues import escalation
from grid_governance.grid_issues.escalation import sweep
from tests.clock import pass_time
from tests.factories import make_holder, make_issue, make_township
from tests.world import inside_savepoint, taken_back

ISSUE = "Grid Issue"
FEW, MANY = 2, 12
STATEMENTS = 19
"""For each issue that climbs, with its log, whom it is for and who reported it. Fewer is better, and then to be written here."""


@pytest.fixture(scope="module")
def world(site):
	"""A village and a grid with their people."""
	with taken_back():
		town = make_township(1, 1)
		town.grid = town.grids[0][0].name
		town.member = make_holder("Grid Member", town.grid)
		make_holder("Village Secretary", town.villages[0].name)
		make_holder("Township Office", town.root.name)
		yield town


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def due(town: frappe._dict, number: int, as_user: Callable) -> list[str]:
	"""Names of *number* issues whose time has run out, reported by the grid's member."""
	with as_user(town.member):
		made = [make_issue(town.grid, urgency="General").name for _number in range(number)]
	for issue in made:
		pass_time(issue, days=8)
	return made


def run() -> dict[str, int]:
	with patch.object(frappe.db, "commit", lambda: None):
		return escalation.run()


def climbed(issues: list[str]) -> int:
	return frappe.db.count(ISSUE, {"name": ["in", issues], "escalation_level": 1})


def test_an_issue_that_climbs_takes_so_many_statements(world, as_user, count_queries):
	run()
	figures = {}
	for number in (FEW, MANY):
		issues = due(world, number, as_user)
		with count_queries() as seen:
			done = run()
		assert done["done"] == climbed(issues) == number
		figures[number] = seen
	each = (figures[MANY].count - figures[FEW].count) / (MANY - FEW)
	assert each <= STATEMENTS, "\n".join(figures[MANY].queries)


def test_the_look_for_what_is_due_reads_its_index_alone(world, explain):
	sweep._due(now_datetime())
	(plan,) = explain(str(frappe.db.last_query))
	assert plan["key"] == "clock_at_index" and plan["Extra"].count("filesort") == 0, plan
