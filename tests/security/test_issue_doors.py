"""A member of another grid, by every stock way to an issue: list, form, search, export, REST, files, report."""

from collections.abc import Iterator

import frappe
import pytest
from frappe import client
from frappe.desk import query_report, reportview
from frappe.desk.form import load
from frappe.model.workflow import WorkflowPermissionError, apply_workflow
from frappe.utils import nowdate
from frappe.utils.response import download_private_file
from werkzeug.exceptions import Forbidden

from grid_governance import photos
from grid_governance.grid_issues import log, steps
from grid_governance.grid_issues import offered as open_steps
from grid_governance.scope import OutOfScopeError
from tests.factories import (
	make_assignment,
	make_holder,
	make_issue,
	make_photo,
	make_post,
	make_township,
	make_user,
	seeded,
)
from tests.world import offered

pytestmark = pytest.mark.usefixtures("site")
REPORT = "Issue Resolution Levels"


@pytest.fixture
def case() -> frappe._dict:
	"""A closed issue and an open one with a photo in one grid; a member of the grid beside it looks."""
	make_user()  # Frappe makes the first user of a site its System Manager
	town = make_township(2, 2)
	grid, other = town.grids[0][0], town.grids[0][1]
	photo = make_photo()
	secret = make_issue(grid.name, title="王家门前路灯不亮", photo_before=photo.file_url)
	closed = make_issue(grid.name, "settle-on-the-spot", "give-feedback", category=secret.category)
	outsider = make_holder("Grid Member", other.name)
	frappe.set_user(outsider)
	own = make_issue(other.name, category=secret.category)
	return frappe._dict(
		town=town,
		grid=grid,
		other=other,
		photo=photo,
		secret=secret,
		closed=closed,
		own=own,
		outsider=outsider,
	)


@pytest.fixture(autouse=True)
def _request() -> Iterator[None]:
	"""An empty request and response before each test."""
	frappe.local.response = frappe._dict(docs=[])
	frappe.local.form_dict = frappe._dict()
	yield
	frappe.local.form_dict = frappe._dict()


def test_lists_show_the_own_grid_alone(case):
	assert frappe.get_list("Grid Issue", pluck="name") == [case.own.name]
	assert [row.name for row in client.get_list("Grid Issue", limit_page_length=0)] == [case.own.name]
	of_secret = {"filters": {"name": case.secret.name}}
	assert client.get_list("Grid Issue", **of_secret) == []


def test_the_desk_list_and_its_groups_and_stats(case):
	frappe.local.form_dict = frappe._dict(
		doctype="Grid Issue", fields='["name"]', start=0, page_length=20, order_by="modified desc", cmd="x"
	)
	assert reportview.get()["values"] == [[case.own.name]]
	frappe.local.form_dict = frappe._dict(doctype="Grid Issue", filters="[]", fields="[]", distinct="false")
	assert reportview.get_count() == 1


def test_the_log_shows_the_own_grid_alone(case):
	assert set(frappe.get_list("Issue Log", pluck="issue", limit_page_length=0)) == {case.own.name}
	foreign = frappe.get_all("Issue Log", filters={"issue": case.secret.name}, pluck="name")[0]
	with pytest.raises(frappe.PermissionError):
		client.get("Issue Log", foreign)


def test_the_document_is_refused(case):
	step = seeded("workflow_action_master/submit-to-village")
	named = {"doctype": "Grid Issue", "name": case.secret.name}
	for way in (
		lambda: frappe.get_doc(named["doctype"], named["name"]).check_permission("read"),
		lambda: load.getdoc(named["doctype"], named["name"]),
		lambda: client.get(named["doctype"], named["name"]),
		lambda: log.handling(case.secret.name),
		lambda: open_steps.get_transitions(named),
		lambda: steps.take_step(case.secret.name, step),
		lambda: apply_workflow(named, step),
		lambda: frappe.delete_doc("Grid Issue", case.secret.name),
	):
		with pytest.raises(frappe.PermissionError):
			way()


def test_single_values_are_refused(case):
	assert not client.get_value("Grid Issue", "title", case.secret.name)
	assert not client.get_value("Grid Issue", "title", {"name": case.secret.name})
	assert not client.get_value("Grid Issue", "name", {"title": ["like", "王家%"]})
	with pytest.raises(frappe.PermissionError):
		client.set_value("Grid Issue", case.secret.name, "title", "mine")


def test_search_finds_the_own_grid_alone(case):
	assert offered("Grid Issue") == {case.own.name}
	assert offered("Grid Issue", "王家") == set()


def test_export_is_off_for_a_member(case, monkeypatch):
	monkeypatch.setattr(reportview, "make_access_log", lambda **_of: None)  # commits
	frappe.local.form_dict = frappe._dict(
		doctype="Grid Issue",
		file_format_type="CSV",
		fields='["name", "title"]',
		filters="[]",
		cmd="frappe.desk.reportview.export_query",
		title="Grid Issue",
	)
	with pytest.raises(frappe.PermissionError):
		reportview.export_query()


def test_export_of_a_leader_holds_her_grid_alone(case, monkeypatch):
	frappe.set_user(make_leader(case.other.name))
	monkeypatch.setattr(reportview, "make_access_log", lambda **_of: None)  # commits
	frappe.local.form_dict = frappe._dict(
		doctype="Grid Issue",
		file_format_type="CSV",
		fields='["`tabGrid Issue`.`name`", "`tabGrid Issue`.`title`"]',
		filters="[]",
		cmd="frappe.desk.reportview.export_query",
		title="Grid Issue",
	)
	reportview.export_query()
	content = frappe.local.response["filecontent"]
	content = content.decode() if isinstance(content, bytes) else content
	assert case.own.name in content
	assert case.secret.name not in content
	assert case.closed.name not in content


def make_leader(grid: str) -> str:
	frappe.set_user("Administrator")
	return make_holder("Grid Leader", grid)


def test_sending_the_own_grid_does_not_take_an_issue_over(case):
	"""As PUT /api/resource/Grid Issue/<name> {"grid": mine}: Frappe's reply would be the whole record."""
	issue = frappe.get_doc("Grid Issue", case.secret.name)
	issue.update({"grid": case.other.name, "grid_path": case.other.grid_path})
	with pytest.raises(frappe.PermissionError):
		issue.save()
	sent = {**issue.as_dict(), "grid": case.other.name, "grid_path": case.other.grid_path}
	with pytest.raises(frappe.PermissionError):
		client.save(frappe.as_json(sent))
	assert frappe.db.get_value("Grid Issue", case.secret.name, "grid") == case.grid.name


def test_an_issue_is_not_reported_into_or_moved_to_another_grid(case):
	values = {"doctype": "Grid Issue", "title": "x", "category": case.secret.category, "grid": case.grid.name}
	with pytest.raises(frappe.PermissionError):
		client.insert({**values, "grid_path": case.other.grid_path})
	case.own.grid = case.grid.name
	with pytest.raises((frappe.PermissionError, OutOfScopeError)):
		case.own.save()


def test_a_photo_is_not_opened_by_its_address(case):
	with pytest.raises(Forbidden):
		download_private_file(case.photo.file_url)
	with pytest.raises(frappe.PermissionError):
		client.get("File", case.photo.name)


def test_naming_a_file_of_others_does_not_open_it(case):
	"""Frappe attaches whatever file a field names, and an attached file is read with its document."""
	frappe.set_user("Administrator")
	public = make_photo(is_private=0)
	frappe.set_user(case.outsider)
	guessed = (
		public.file_url,
		"/private/files/guessed.png",
		"https://example.com/a.png",
		"/api/method/logout",
	)
	for fieldname in ("photo_before", "photo_after"):
		for address in (case.photo.file_url, *guessed):
			issue = frappe.get_doc("Grid Issue", case.own.name)
			issue.set(fieldname, address)
			with pytest.raises(photos.PhotoNotYoursError):
				issue.save()


def test_a_member_does_not_open_the_report(case):
	with pytest.raises(frappe.PermissionError):
		query_report.run(REPORT, {"from_date": nowdate(), "to_date": nowdate()})


def test_the_report_of_a_leader_counts_her_grid_alone(case):
	period = {"from_date": nowdate(), "to_date": nowdate()}
	frappe.set_user(make_leader(case.other.name))
	assert query_report.run(REPORT, period)["result"] == []
	with pytest.raises(frappe.PermissionError):
		query_report.run(REPORT, {**period, "grid": case.grid.name})
	frappe.set_user(make_leader(case.grid.name))
	assert query_report.run(REPORT, period)["result"][-1]["total"] == 1


def test_the_state_is_not_set_past_the_workflow(case):
	for key in ("resolved", "closed", "in-progress"):
		issue = frappe.get_doc("Grid Issue", case.own.name)
		issue.update({"workflow_state": seeded(f"workflow_state/{key}"), "feedback": "thanks"})
		with pytest.raises(frappe.ValidationError):
			issue.save()
	with pytest.raises(WorkflowPermissionError):
		client.set_value("Grid Issue", case.own.name, "workflow_state", seeded("workflow_state/closed"))
	with pytest.raises(WorkflowPermissionError):
		client.insert(
			{
				"doctype": "Grid Issue",
				"title": "born closed",
				"category": case.secret.category,
				"grid": case.other.name,
				"feedback": "thanks",
				"workflow_state": seeded("workflow_state/closed"),
			}
		)


def test_a_post_gives_no_steps_where_it_is_not_held(case):
	"""Frappe's roles are global: a secretary of one village who is a member in another is no secretary there."""
	frappe.set_user("Administrator")
	steps.take_step(case.secret.name, seeded("workflow_action_master/submit-to-village"))
	both = make_holder("Village Secretary", case.town.villages[1].name)
	worker = frappe.db.get_value("Grid Worker", {"user": both})
	make_assignment(worker, make_post("Grid Member").name, case.grid.name)
	frappe.set_user(both)
	start = seeded("workflow_action_master/start")
	assert "Village Secretary" in frappe.get_roles()
	assert open_steps.get_transitions({"doctype": "Grid Issue", "name": case.secret.name}) == []
	with pytest.raises(steps.StepNotAllowedHereError):
		apply_workflow({"doctype": "Grid Issue", "name": case.secret.name}, start)
	with pytest.raises(steps.StepNotAllowedHereError):
		client.set_value(
			"Grid Issue", case.secret.name, "workflow_state", seeded("workflow_state/in-progress")
		)


def test_the_workflow_tells_nobody_of_issues_elsewhere(case):
	"""Stock Workflow Actions are seen by role alone, all over the site."""
	assert frappe.get_list("Workflow Action", filters={"reference_doctype": "Grid Issue"}) == []


def test_nobody_writes_the_log(case):
	for user in (case.outsider, make_leader(case.other.name), "Administrator"):
		frappe.set_user(user)
		with pytest.raises((frappe.PermissionError, frappe.ValidationError)):
			client.insert(
				{
					"doctype": "Issue Log",
					"issue": case.own.name,
					"grid": case.other.name,
					"at": frappe.utils.now(),
					"by_user": user,
					"to_state": seeded("workflow_state/closed"),
				}
			)
	assert frappe.db.count("Issue Log", {"issue": case.own.name}) == 1


def test_nobody_shares_an_issue(case):
	from frappe.share import add as share

	with pytest.raises(frappe.PermissionError):
		share("Grid Issue", case.own.name, "Guest", read=1)
