"""A demo township on a real site: the same rules and log as real rows, loaded once, removed without a trace."""

from collections import Counter, defaultdict
from pathlib import Path

import frappe
import pytest
from frappe.utils import get_datetime
from frappe.utils.password import check_password

from grid_governance.grid_issues import queries, rules
from grid_governance.grid_issues.actions import take_step
from grid_governance.scope.held import TOKEN
from grid_governance.setup import demo, seeds
from grid_governance.setup.demo import photos
from grid_governance.setup.demo.load import description
from tests.factories import make_issue

pytestmark = pytest.mark.usefixtures("site")

TOWNSHIP, VILLAGE = "140431203", "140431203206"


def checksums() -> dict[str, object]:
	"""The checksum of every table; of the counters, the rows without the token of who holds what: it is drawn anew.

	Sequences are left out: what they have given they never take back.
	"""
	tables = frappe.db.sql(
		"""select table_name from information_schema.tables
		where table_schema = database() and table_type = 'BASE TABLE'""",
		pluck=True,
	)
	listed = ", ".join(f"`{table}`" for table in tables)
	sums = {table.rpartition(".")[2]: found for table, found in frappe.db.sql(f"checksum table {listed}")}
	counters = frappe.db.sql("select name, current from `tabSeries` where name <> %s", TOKEN)
	return {**sums, "tabSeries": dict(counters)}


def changed(before: dict[str, object]) -> list[str]:
	return sorted(table for table, found in checksums().items() if before.get(table) != found)


@pytest.fixture(autouse=True)
def not_loaded():
	demo.remove()


@pytest.fixture
def loaded(not_loaded):
	demo.load()


def stages_said(issues):
	"""How many issues the courses of *issues* bring to each stage: that of the state where the last step leads."""
	leads_to = {row.action: row.next_state for row in queries.get_workflow("Grid Issue").transitions}
	said = Counter()
	for course in issues["courses"]:
		actions = [seeds.name_of(action) for action, *_hours in course["steps"]]
		state = leads_to[actions[-1]] if actions else queries.first_state()
		said[queries.state(state).stage] += course["count"]
	return said


def test_the_village_has_its_grids_and_its_people(loaded):
	data = description("tulingdi")
	grids = frappe.get_all(
		"Grid", {"parent_grid": VILLAGE}, ["name", "planned_households"], order_by="grid_path asc"
	)
	assert sum(grid.planned_households for grid in grids) == data["households"][VILLAGE]
	assert [grid.planned_households for grid in grids] == [29, 28, 28]
	assert frappe.db.get_value("Grid", VILLAGE, ["grid_name", "parent_grid"]) == ("土岭底村", TOWNSHIP)
	held = frappe.get_all(
		"Grid Post Assignment", {"grid": ("like", f"{TOWNSHIP}%")}, ["post", "grid", "role", "user"]
	)
	for grid in grids:
		assert len([post for post in held if post.grid == grid.name and post.user]) >= 2
	assert all(post.role in frappe.get_roles(post.user) for post in held if post.user)


def test_accounts_are_listed_with_passwords_that_work(loaded):
	accounts = demo.accounts()
	assert len(accounts) == len({account["user"] for account in accounts}) >= 10
	for account in accounts[:3]:
		assert account["user"].endswith(".example")
		assert check_password(account["user"], account["password"]) == account["user"]
		assert account["post"]
		assert account["grid_name"]


def test_passwords_are_the_sites_own(loaded, monkeypatch):
	before = demo.accounts()[0]["password"]
	monkeypatch.setitem(frappe.local.conf, "encryption_key", "another site's key")
	assert demo.accounts()[0]["password"] != before


def test_a_member_of_one_grid_sees_nothing_of_another(loaded, as_user):
	seen = {}
	for account in demo.accounts():
		with as_user(account["user"]):
			seen[account["user"]] = (
				account["grid"],
				set(frappe.get_list("Grid Issue", pluck="grid", limit_page_length=0)),
			)
	for grid, of_issues in seen.values():
		assert all(issue_grid.startswith(grid) for issue_grid in of_issues)
	assert any(len(of_issues) > 1 for _grid, of_issues in seen.values())


@pytest.mark.parametrize("moment", ["2024-02-29 00:05:00", "2025-01-31 23:59:59", "2026-06-15 13:30:00"])
def test_every_issue_has_the_log_that_handling_it_would_have_left(moment):
	demo.load(now=get_datetime(moment))
	fields = [
		"name",
		"grid",
		"grid_path",
		"workflow_state",
		"resolution_level",
		"reopened_count",
		"found_at",
		"owner",
	]
	fields += ["result", "resolved_at", "feedback", "feedback_at", "closed_at", "modified", "reporter_worker"]
	issues = frappe.get_all("Grid Issue", {"grid": ("like", f"{TOWNSHIP}%")}, fields, limit_page_length=0)
	logs = defaultdict(list)
	names = ("in", [issue.name for issue in issues])
	for line in frappe.get_all("Issue Log", {"issue": names}, ["*"], order_by="at asc", limit_page_length=0):
		logs[line.issue].append(line)
	offered = {
		(row.state, row.action, row.next_state) for row in queries.get_workflow("Grid Issue").transitions
	}
	stages = Counter()
	for issue in issues:
		lines = logs[issue.name]
		assert [line.from_state for line in lines] == [None, *(line.to_state for line in lines[:-1])]
		assert lines[0].to_state == queries.first_state()
		assert lines[-1].to_state == issue.workflow_state
		assert all((line.from_state, line.action, line.to_state) in offered for line in lines[1:])
		assert {(line.grid, line.grid_path) for line in lines} == {(issue.grid, issue.grid_path)}
		assert (lines[0].at, lines[0].by_worker) == (issue.found_at, issue.reporter_worker)
		assert lines[-1].at == issue.modified
		levels = [queries.state(line.to_state).level for line in lines]
		highest = None
		for level in levels:
			highest = queries.level(rules.highest(highest, level))
		assert issue.resolution_level == highest.name
		stage = queries.state(issue.workflow_state).stage
		stages[stage] += 1
		assert bool(issue.closed_at) == (stage == rules.FINAL)
		assert bool(issue.feedback_at and issue.feedback) == (stage == rules.FINAL)
		assert bool(issue.resolved_at) == (stage in (rules.RESOLVED, rules.FINAL))
	assert stages == stages_said(description("tulingdi")["issues"])
	assert set(stages) == {rules.OPEN, rules.RESOLVED, rules.FINAL}
	assert any(issue.reopened_count for issue in issues)
	assert len({issue.resolution_level for issue in issues}) >= 2


def test_steps_are_taken_by_holders_of_the_role_where_the_issue_lies(loaded):
	held = defaultdict(set)
	for post in frappe.get_all(
		"Grid Post Assignment", fields=["user", "role", "grid_path"], limit_page_length=0
	):
		held[post.user].add((post.role, post.grid_path))
	allowed = defaultdict(set)
	for row in queries.get_workflow("Grid Issue").transitions:
		allowed[row.state, row.action, row.next_state].add(row.allowed)
	lines = frappe.get_all(
		"Issue Log",
		{"grid": ("like", f"{TOWNSHIP}%"), "from_state": ("is", "set")},
		["by_user", "from_state", "action", "to_state", "grid_path"],
		limit_page_length=0,
	)
	for line in lines:
		roles = {role for role, path in held[line.by_user] if line.grid_path.startswith(path)}
		assert roles & allowed[line.from_state, line.action, line.to_state]


def test_an_issue_of_the_demo_can_be_handled_on(loaded, as_user):
	secretary = next(account["user"] for account in demo.accounts() if account["grid"] == VILLAGE)
	open_issues = frappe.get_all(
		"Grid Issue", {"grid": ("like", f"{VILLAGE}%"), "resolved_at": ("is", "not set")}, pluck="name"
	)
	with as_user(secretary):
		name, step = next(
			(name, step)
			for name in open_issues
			for step in queries.get_transitions(frappe.get_doc("Grid Issue", name))
			if queries.state(step["next_state"]).stage == rules.OPEN
		)
		take_step(name, step["action"], opinion="On our way")
	line = frappe.get_last_doc("Issue Log", {"issue": name}, order_by="at desc")
	assert (line.by_user, line.to_state, line.opinion) == (secretary, step["next_state"], "On our way")


def test_photos_can_be_opened_by_those_who_see_the_issue(loaded, as_user):
	file = frappe.get_all("File", {"file_url": photos.AFTER}, ["name", "attached_to_name"])[0]
	assert frappe.db.get_value("Grid Issue", file.attached_to_name, "photo_after") == photos.AFTER
	assert Path(frappe.get_site_path(photos.AFTER.lstrip("/"))).read_bytes().startswith(b"\x89PNG")
	grid = frappe.db.get_value("Grid Issue", file.attached_to_name, "grid")
	for account in demo.accounts():
		with as_user(account["user"]):
			expected = grid.startswith(account["grid"])
			assert frappe.get_doc("File", file.name).has_permission("read") == expected, account


def test_a_second_load_changes_nothing(loaded):
	before = checksums()
	demo.load()
	assert changed(before) == []


def test_it_is_removed_without_a_trace():
	before = checksums()
	demo.load()
	assert {"tabGrid", "tabUser", "tabGrid Issue", "tabIssue Log", "tabFile", "tabSeries"} <= set(
		changed(before)
	)
	demo.remove()
	assert changed(before) == []
	assert demo.accounts() == []
	frappe.db.after_commit.run()
	assert not Path(frappe.get_site_path(photos.BEFORE.lstrip("/"))).exists()


def test_what_was_done_in_its_grids_goes_with_it():
	before = checksums()
	demo.load()
	grid = frappe.get_all("Grid", {"parent_grid": VILLAGE}, pluck="name")[0]
	issue = frappe.get_doc("Grid Issue", make_issue(grid).name)
	issue.add_comment("Comment", "Seen")
	issue.add_tag("lamp")
	demo.remove()
	left = set(changed(before))
	# A tag that was made by hand is everybody's, and numbers that were given after the load are not given again.
	assert left <= {"tabTag", "tabSeries", "tabIssue Category", "tabDocType"}
	assert not frappe.db.exists("Grid Issue", issue.name)


def test_a_township_that_was_there_before_stays_as_it_was():
	from grid_governance.setup.divisions import actions

	actions.import_division(TOWNSHIP)
	frappe.db.set_value("Grid", VILLAGE, "planned_households", 7)
	before = checksums()
	demo.load()
	demo.remove()
	assert changed(before) == []
	assert frappe.db.get_value("Grid", VILLAGE, "planned_households") == 7


def test_an_unknown_demo_is_refused():
	with pytest.raises(frappe.DoesNotExistError):
		demo.load("../tulingdi/nowhere")
