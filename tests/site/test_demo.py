"""A demo township on a real site: the same rules and log as real rows, loaded once, removed without a trace."""

from collections import Counter, defaultdict
from pathlib import Path

import frappe
import pytest
from frappe.model.workflow import get_workflow
from frappe.utils import get_datetime
from frappe.utils.password import check_password

from grid_governance.grid_issues import markers, offered, rules
from grid_governance.grid_issues.rules import deadlines
from grid_governance.grid_issues.steps import take_step
from grid_governance.grid_structure import actions
from grid_governance.grid_structure.actions import batches
from grid_governance.grid_structure.queries import accounts as queries_of_accounts
from grid_governance.grid_structure.report.grid_staffing.grid_staffing import execute as staffing_report
from grid_governance.grid_structure.report.grid_structure_and_size.grid_structure_and_size import (
	execute as structure_report,
)
from grid_governance.scope.held import TOKEN
from grid_governance.setup import demo, seeds
from grid_governance.setup.demo import issues, manifest
from grid_governance.setup.demo.load import description
from grid_governance.setup.divisions import actions as divisions
from tests.factories import make_assignment, make_issue, make_user, make_worker

pytestmark = pytest.mark.usefixtures("site", "demos_without_households")

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
	for name in demo.names():
		demo.remove(name)


@pytest.fixture
def loaded(not_loaded):
	demo.load()


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


def test_departments_answer_for_the_categories_they_take(loaded):
	"""So that a matter of the demo proposes the department it leads to, as in a township that has said so."""
	takes = {
		(each["name"], code) for each in description("tulingdi")["departments"] for code in each["takes"]
	}
	row, department = frappe.qb.DocType("Department Category"), frappe.qb.DocType("Township Department")
	category = frappe.qb.DocType("Issue Category")
	said = (
		frappe.qb.from_(row)
		.join(department)
		.on(row.parent == department.name)
		.join(category)
		.on(row.category == category.name)
		.select(department.department_name, category.code)
		.where(department.grid == TOWNSHIP)
		.run()
	)
	assert takes
	assert set(said) == takes


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


MOMENTS = (
	"2024-02-29 00:05:00",
	"2025-01-31 23:59:59",
	"2025-12-31 12:00:00",
	"2026-06-15 08:00:00",  # a Monday
)


def own_steps(lines):
	"""The lines of a log that tell of the issue's own steps: no answers of departments, no notes, no corrections."""
	return [line for line in lines if not line.department and line.from_state != line.to_state]


@pytest.mark.parametrize("moment", MOMENTS)
def test_every_issue_has_the_log_that_handling_it_would_have_left(moment):
	demo.load(now=get_datetime(moment))
	check_logs(TOWNSHIP)


def test_logs_of_departments_and_of_more_time_are_whole():
	demo.load("yidukou", now=get_datetime(MOMENTS[0]))
	check_logs("371403109")
	referrals = frappe.get_all(
		"Issue Referral", {"grid": ("like", "371403109%")}, ["*"], order_by="name asc", limit_page_length=0
	)
	assert {markers.state(each.workflow_state).stage for each in referrals} == {
		rules.OPEN,
		rules.RESOLVED,
		rules.FINAL,
	}
	due = dict(frappe.get_all("Grid Issue", fields=["name", "due_by"], as_list=True, limit_page_length=0))
	assert any(each.due_by != due[each.issue] for each in referrals)
	assert any(each.due_by == due[each.issue] for each in referrals)
	for each in referrals:
		stage = markers.state(each.workflow_state).stage
		assert bool(each.opinion and each.answered_at) == (stage == rules.RESOLVED)
	decisions = frappe.get_all("Issue Extension", {"grid": ("like", "371403109%")}, pluck="decision")
	assert set(decisions) == set(rules.DECISIONS)
	states = {row.state for row in get_workflow("Grid Issue").states}
	paused = {state for state in states if markers.state(state).stage == rules.PAUSED}
	of_issues = frappe.get_all("Grid Issue", {"grid": ("like", "371403109%")}, pluck="workflow_state")
	assert set(of_issues) == states - paused, "no township allows pauses unasked"


def check_logs(township):
	"""Assert that every issue below *township* is in the state that its log leads to, with what that state asks for."""
	issues = frappe.get_all(
		"Grid Issue", {"grid": ("like", f"{township}%")}, ["*"], order_by="name asc", limit_page_length=0
	)
	logs = defaultdict(list)
	names = ("in", [issue.name for issue in issues])
	for line in frappe.get_all("Issue Log", {"issue": names}, ["*"], order_by="at asc", limit_page_length=0):
		logs[line.issue].append(line)
	transitions = {(row.state, row.action, row.next_state) for row in get_workflow("Grid Issue").transitions}
	stages = Counter()
	late = 0
	for issue in issues:
		lines = logs[issue.name]
		steps = own_steps(lines)
		assert [line.from_state for line in steps] == [None, *(line.to_state for line in steps[:-1])]
		assert steps[0].to_state == markers.first_state()
		assert steps[-1].to_state == issue.workflow_state
		assert all((line.from_state, line.action, line.to_state) in transitions for line in steps[1:])
		assert {(line.grid, line.grid_path) for line in lines} == {(issue.grid, issue.grid_path)}
		assert (lines[0].at, lines[0].by_worker) == (issue.found_at, issue.reporter_worker)
		assert steps[-1].at <= issue.modified <= lines[-1].at
		highest = None
		for line in steps:
			highest = markers.level(rules.highest(highest, markers.state(line.to_state).level))
		assert issue.resolution_level == highest.name
		state = markers.state(issue.workflow_state)
		stages[state.stage] += 1
		assert bool(issue.closed_at) == (state.stage == rules.FINAL)
		assert bool(issue.feedback_at and issue.feedback) == state.closes
		assert bool(issue.resolved_at) == (state.stage == rules.RESOLVED or state.closes)
		assert issue.due_by
		assert bool(issue.duplicate_of) == any(
			line.action and markers.step(line.action).needs == rules.DUPLICATE for line in steps
		)
		late += deadlines.on_time(issue.due_by, issue.resolved_at) is False
	assert set(stages) == {rules.OPEN, rules.RESOLVED, rules.FINAL}
	assert any(issue.reopened_count for issue in issues)
	assert len({issue.resolution_level for issue in issues}) >= 3
	assert 0 < late < len(issues) / 3


def test_some_matters_have_climbed_by_the_clock_and_what_became_of_them_is_told(loaded):
	below = {"grid": ("like", f"{TOWNSHIP}%")}
	lines = frappe.get_all("Issue Log", {**below, "by_clock": 1}, ["*"], order_by="at asc")
	assert len({line.issue for line in lines}) == len(lines) == 2
	for line in lines:
		assert (line.by_user, line.by_worker) == (None, None)
		assert line.opinion
		issue = frappe.get_doc("Grid Issue", line.issue)
		assert 0 <= (line.at - issue.due_by).total_seconds() < 600, "the clock looks every ten minutes"
		assert (issue.escalation_level, issue.reminded) == (1, 2)
	instructed = frappe.get_all("Grid Issue", {**below, "instruction": ("is", "set")}, ["*"])
	assert [bool(issue.instruction_due and issue.verdict_words) for issue in instructed] == [True]
	(urged,) = frappe.get_all("Grid Issue", {**below, "urged_times": (">", 0)}, ["*"])
	assert frappe.utils.getdate() >= urged.urged_on


def test_what_is_loaded_wakes_nobody_but_what_is_overdue(loaded):
	"""What was to be reminded of before the loading has been."""
	now = frappe.utils.now_datetime()
	for issue in frappe.get_all("Grid Issue", {"grid": ("like", f"{TOWNSHIP}%")}, ["*"], limit_page_length=0):
		state = markers.state(issue.workflow_state)
		climbs = state.stage == rules.OPEN and markers.clock_step(state.name)
		assert bool(issue.next_escalation_at) == bool(climbs), issue.name
		if issue.clock_at and issue.clock_at <= now:
			assert issue.next_escalation_at == issue.clock_at
			assert issue.due_by <= now


def test_steps_are_taken_by_holders_of_the_role_where_the_issue_lies(loaded):
	held = defaultdict(set)
	for post in frappe.get_all(
		"Grid Post Assignment", fields=["user", "role", "grid_path"], limit_page_length=0
	):
		held[post.user].add((post.role, post.grid_path))
	allowed = defaultdict(set)
	for row in get_workflow("Grid Issue").transitions:
		allowed[row.state, row.action, row.next_state].add(row.allowed)
	lines = frappe.get_all(
		"Issue Log",
		{"grid": ("like", f"{TOWNSHIP}%"), "from_state": ("is", "set"), "by_clock": 0},
		["by_user", "from_state", "action", "to_state", "grid_path", "department"],
		limit_page_length=0,
	)
	assert own_steps(lines)
	for line in own_steps(lines):
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
			for step in offered.get_transitions(frappe.get_doc("Grid Issue", name))
			if markers.state(step["next_state"]).stage == rules.OPEN
		)
		take_step(name, step["action"], opinion="On our way")
	line = frappe.get_last_doc("Issue Log", {"issue": name}, order_by="at desc")
	assert (line.by_user, line.to_state, line.opinion) == (secretary, step["next_state"], "On our way")


def test_photos_can_be_opened_by_those_who_see_the_issue(loaded, as_user):
	issue = frappe.get_all("Grid Issue", {"photo_after": ("is", "set")}, ["name", "photo_after"], limit=1)[0]
	file = frappe.get_all(
		"File",
		{"attached_to_name": issue.name, "attached_to_field": "photo_after"},
		["name", "attached_to_name", "file_url"],
	)[0]
	assert file.file_url == issue.photo_after
	assert photo_path(file.file_url).read_bytes().startswith(b"\x89PNG")
	grid = frappe.db.get_value("Grid Issue", file.attached_to_name, "grid")
	for account in demo.accounts():
		with as_user(account["user"]):
			expected = grid.startswith(account["grid"])
			assert frappe.get_doc("File", file.name).has_permission("read") == expected, account


def photo_path(url):
	return Path(frappe.get_site_path(url.lstrip("/")))


def test_a_second_load_changes_nothing(loaded):
	before = checksums()
	demo.load()
	assert changed(before) == []


def test_people_of_a_demo_have_their_roles_though_somebody_asked_for_them_before():
	"""As a job does that runs late: it asks for a member of the demo while that is removed."""
	demo.load()
	user = demo.accounts()[0]["user"]
	roles = set(frappe.get_roles(user))
	demo.remove()
	assert roles - set(frappe.get_roles(user))
	demo.load()
	assert set(frappe.get_roles(user)) == roles


def test_it_is_removed_without_a_trace():
	before = checksums()
	demo.load()
	assert {"tabGrid", "tabUser", "tabGrid Issue", "tabIssue Log", "tabFile", "tabSeries"} <= set(
		changed(before)
	)
	photos = {
		photo_path(url) for url in frappe.get_all("File", {"file_url": ("like", "%演示%")}, pluck="file_url")
	}
	assert photos
	assert all(photo.exists() for photo in photos)
	demo.remove()
	assert changed(before) == []
	assert demo.accounts() == []
	frappe.db.after_commit.run()
	assert not any(photo.exists() for photo in photos)


def test_what_was_done_in_its_grids_goes_with_it():
	before = checksums()
	demo.load()
	grid = frappe.get_all("Grid", {"parent_grid": VILLAGE}, pluck="name")[0]
	issue = frappe.get_doc("Grid Issue", make_issue(grid).name)
	issue.add_comment("Comment", "Seen")
	issue.add_tag("lamp")
	worker = make_worker(grid, user=None, phone="13900000000").name
	make_assignment(worker, post("grid-member"), grid)
	path = frappe.db.get_value("Grid", grid, "grid_path")
	due, _problems = batches.sort_out(queries_of_accounts.workers_without_account(path), "Administrator")
	actions.insert_accounts(due)
	demo.remove()
	left = set(changed(before))
	# A tag that was made by hand is everybody's, and numbers that were given after the load are not given again.
	assert left <= {"tabTag", "tabSeries", "tabIssue Category", "tabDocType"}
	assert not frappe.db.exists("Grid Issue", issue.name)
	assert worker in {one.name for one in due}
	assert not frappe.db.exists("User", batches.user_name(worker))


def test_a_township_that_was_there_before_stays_as_it_was():
	divisions.import_division(TOWNSHIP)
	frappe.db.set_value("Grid", VILLAGE, "planned_households", 7)
	before = checksums()
	demo.load()
	demo.remove()
	assert changed(before) == []
	assert frappe.db.get_value("Grid", VILLAGE, "planned_households") == 7


def test_an_unknown_demo_is_refused():
	with pytest.raises(frappe.DoesNotExistError):
		demo.load("../tulingdi/nowhere")


def size(township):
	"""Rows, chart and summary of the report on structure and size below *township*, summary by label."""
	_columns, rows, _message, _chart, summary = structure_report({"grid": township})
	return rows, {figure["label"]: figure["value"] for figure in summary}


def staffing(township):
	"""The totals of the report on staffing below *township*: by post, and all of them under None."""
	_columns, rows, *_rest = staffing_report({"grid": township})
	return {row["post"]: row for row in rows if row["key"].startswith("total")}


def post(seed):
	return seeds.name_of(f"grid_post/{seed}")


def level(seed):
	return seeds.name_of(f"grid_level/{seed}")


def test_shanyang_by_the_reports():
	demo.load("shanyang")
	rows, counts = size("310116113")
	assert (counts[level("village")], counts[level("grid")]) == (33, 200)
	assert {row["planned_households"] for row in rows if row["grid_level"] == level("grid")} == {300}
	assert len([row for row in rows if row["grid"].startswith("310116113019") and row["indent"] == 2]) == 7
	assert not [row for row in rows if row["verdict_code"] in ("Too Small", "Too Large")]
	total = staffing("310116113")
	for seed, held, people, several in (
		("general-grid-leader", 33, 33, 0),
		("grid-leader", 200, 174, 26),
		("grid-instructor", 130, 130, 0),
		("grid-member", 1280, 1280, 0),
	):
		figures = total[post(seed)]
		assert (figures["assignments"], figures["people"], figures["several"]) == (held, people, several)
	assert total[post("grid-member")]["per_unit"] == 6.4
	assert (total[None]["vacancies"], total[None]["leaderless"]) == (0, 0)
	of_grid = Counter(
		frappe.get_all(
			"Grid Post Assignment",
			{"post": post("grid-member"), "grid": ("like", "310116113%")},
			pluck="grid",
			limit_page_length=0,
		)
	)
	assert set(of_grid.values()) == {6, 7}
	led = defaultdict(set)
	for row in frappe.get_all(
		"Grid Post Assignment",
		{"post": post("grid-leader"), "grid": ("like", "310116113%")},
		["worker", "grid_path", "is_primary"],
		limit_page_length=0,
	):
		led[row.worker].add(row.grid_path[:12])
	assert all(len(villages) == 1 for villages in led.values())
	assert_accounts("shanyang", accounts=3 + 33 + 174 + 130 + 1280 + 24)
	assert frappe.db.count("Township Department", {"grid": "310116113"}) == 24


def assert_accounts(name, accounts):
	users = manifest.stored(name).rows["User"]
	assert len(users) == len(set(users)) == accounts
	shown = demo.accounts(name)
	auth = frappe.db.sql(
		"select name from `__Auth` where doctype = 'User' and name in %s", [users], pluck=True
	)
	assert sorted(auth) == sorted(account["user"] for account in shown)
	assert len(shown) == len({account["user"] for account in shown}) > 0
	assert check_password(shown[-1]["user"], shown[-1]["password"])
	stored = frappe.get_all(
		"User", {"name": ("in", users)}, ["name", "username", "enabled"], limit_page_length=0
	)
	assert all(user.enabled and user.username == user.name.partition("@")[0] for user in stored)
	assert queries_of_accounts.users_out_of_step() == []


def test_litan_by_the_reports():
	demo.load("litan")
	_rows, counts = size("420984204")
	levels = ("township", "village", "area", "grid", "micro-grid")
	assert [counts[level(seed)] for seed in levels] == [1, 12, 12, 12, 6]
	total = staffing("420984204")
	assert (total[None]["assignments"], total[None]["people"]) == (56, 56)
	assert (total[None]["vacancies"], total[None]["leaderless"]) == (0, 0)
	held = frappe.get_all("Grid Post Assignment", {"grid": ("like", "420984204%")}, pluck="grid_path")
	assert len({len(path) for path in held}) == 5
	assert_accounts("litan", accounts=56)


def test_jinzhuang_by_the_reports():
	demo.load("jinzhuang")
	rows, counts = size("320481116")
	assert counts[level("grid")] == 4
	assert sorted(
		frappe.get_all("Grid", {"parent_grid": "320481116217"}, pluck="basis", order_by="name asc")
	) == ["Estate", "Hamlet", "Hamlet", "Hamlet"]
	assert len(rows) == 6
	seven = ("grid-liaison", "grid-leader", "grid-member", "ten-household-head", "building-head")
	seven += ("grid-volunteer", "villagers-representative")
	total = staffing("320481116")
	assert all(total[post(seed)]["people"] for seed in seven)
	assert (total[None]["vacancies"], total[None]["leaderless"]) == (0, 0)


def test_a_person_made_in_bulk_is_like_one_made_by_saving():
	make_user(roles=[{"role": "System Manager"}])  # Frappe makes the first user of a site one
	demo.load("litan")
	worker = frappe.get_last_doc("Grid Worker", {"grid": ("like", "420984204%"), "user": ("is", "set")})
	held = frappe.get_doc("Grid Post Assignment", {"worker": worker.name})
	made = frappe.get_doc("User", worker.user)
	user = frappe.get_doc(
		doctype="User",
		email="saved@litan.example",
		username="saved",
		first_name=worker.worker_name,
		language=made.language,
		send_welcome_email=0,
	)
	user.flags.no_welcome_mail = True
	user.insert()
	own = frappe.get_doc(
		doctype="Grid Worker",
		worker_name=worker.worker_name,
		sex=worker.sex,
		is_party_member=worker.is_party_member,
		grid=worker.grid,
		user=user.name,
	).insert()
	frappe.db.delete("Grid Post Assignment", {"name": held.name})  # room in the grid
	appointed = frappe.get_doc(
		doctype="Grid Post Assignment",
		worker=own.name,
		worker_name=worker.worker_name,
		post=held.post,
		grid=held.grid,
		from_date=held.from_date,
		is_primary=1,
	).insert()
	held.db_insert()

	names = {"name", "creation", "modified", "user", "worker", "parent", "share_name", "email", "username"}
	names |= {"userid", "last_password_reset_date"}

	def rows(doctype, filters):
		found = frappe.get_all(doctype, filters, ["*"], order_by="idx asc", limit_page_length=0)
		return [{key: value for key, value in row.items() if key not in names} for row in found]

	for bulk, saved in ((worker, own), (held, appointed)):
		assert rows(bulk.doctype, {"name": bulk.name}) == rows(saved.doctype, {"name": saved.name}) != []
		assert len(bulk.name) == len(saved.name)
	assert rows("User", {"name": made.name}) == rows("User", {"name": user.name})
	assert rows("Has Role", {"parent": made.name}) == rows("Has Role", {"parent": user.name}) != []
	for doctype, field in (
		("Block Module", "parent"),
		("DefaultValue", "parent"),
		("Notification Settings", "name"),
		("DocShare", "share_name"),
	):
		assert rows(doctype, {field: made.name}) == rows(doctype, {field: user.name}), doctype
	names.add("owner")  # Frappe leaves it out in rows that it adds on saving
	assert rows("User Social Login", {"parent": made.name}) == rows(
		"User Social Login", {"parent": user.name}
	)
	events = frappe.get_all("Account Log", {"user": made.name}, ["event", "worker", "grid"])
	assert events == [{"event": "Created", "worker": worker.name, "grid": worker.grid}]


def test_demos_stand_side_by_side_and_go_in_any_order():
	before = checksums()
	for name in ("litan", "jinzhuang", "tulingdi"):
		demo.load(name)
	usernames = frappe.get_all("User", {"name": ("like", "%.example")}, pluck="username", limit_page_length=0)
	assert len(usernames) == len(set(usernames))
	people = frappe.db.count("Grid Worker", {"grid": ("like", "420984204%")})
	demo.remove("jinzhuang")
	assert frappe.db.count("Grid Worker", {"grid": ("like", "420984204%")}) == people
	assert demo.accounts("litan")
	for name in ("litan", "tulingdi"):
		demo.remove(name)
	assert changed(before) == []


def test_shanyang_is_removed_without_a_trace_and_loaded_once():
	before = checksums()
	demo.load("shanyang")
	loaded = checksums()
	demo.load("shanyang")
	assert changed(loaded) == []
	demo.remove("shanyang")
	assert changed(before) == []


def test_a_load_that_is_cut_off_leaves_nothing(monkeypatch):
	frappe.db.savepoint("before_the_load")
	before = checksums()
	monkeypatch.setattr(issues, "make", lambda *_: 1 / 0)
	with pytest.raises(ZeroDivisionError):
		demo.load("tulingdi")
	assert changed(before)
	frappe.db.rollback(save_point="before_the_load")
	assert changed(before) == []
	monkeypatch.undo()
	demo.load("tulingdi")
	assert demo.accounts("tulingdi")


def test_an_unknown_name_is_refused_before_anything_is_loaded():
	from click.testing import CliRunner

	from grid_governance import commands

	before = checksums()
	done = []
	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(commands, "_on_site", lambda _context, work: done.append(work))
		for command in (commands.load_demo, commands.remove_demo):
			CliRunner().invoke(command, ["litan", "nowhere"], obj={"profile": False})
	assert len(done) == 2
	for work in done:
		with pytest.raises(frappe.DoesNotExistError):
			work()
	assert changed(before) == []
