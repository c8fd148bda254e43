"""The handling form of an issue on paper: the whole log, for readers in scope only, and inert."""

import frappe
import pytest
from frappe.utils import get_datetime
from frappe.www.printview import get_html_and_style

from grid_governance.grid_issues import sheets
from grid_governance.setup.seeds import name_of
from tests.factories import (
	make_category,
	make_department,
	make_holder,
	make_issue,
	make_township,
	make_user,
	seeded,
)

pytestmark = pytest.mark.usefixtures("site")

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"
STEPS = ("submit-to-village", "start", "resolve", "give-feedback")


@pytest.fixture
def town() -> frappe._dict:
	make_user()  # Frappe makes the first user of a site its System Manager
	return make_township(2, 1)


def printed(issue: str) -> str:
	return get_html_and_style("Grid Issue", issue, name_of("print_format/issue-handling-form"))["html"]


def test_it_carries_the_whole_log_first_step_first(town):
	issue = make_issue(town.grids[0][0].name, *STEPS)
	form = sheets.issue_handling_form(issue.name)
	states = ["reported", "with-village", "in-progress", "resolved", "closed"]
	assert [step.to_state for step in form.steps] == [seeded(f"workflow_state/{state}") for state in states]
	assert form.place == [town.root.grid_name, town.villages[0].grid_name, town.grids[0][0].grid_name]
	html = printed(issue.name)
	for text in (issue.name, issue.title, "done", "thanks", *form.place, *(step.done for step in form.steps)):
		assert text in html


def test_a_correction_stands_in_it_too(town):
	issue = make_issue(town.grids[0][0].name)
	issue.location_note = "村口第三根电杆"
	issue.save()
	steps = sheets.issue_handling_form(issue.name).steps
	assert len(steps) == 2
	assert "村口第三根电杆" in steps[-1].words
	assert steps[0].done != steps[1].done


def test_a_line_of_a_department_names_it(town):
	department = make_department(town.root.name)
	issue = make_issue(town.grids[0][0].name)
	frappe.db.set_value("Issue Log", {"issue": issue.name}, "department", department.name)
	assert department.department_name in sheets.issue_handling_form(issue.name).steps[0].who
	assert department.department_name in printed(issue.name)


def test_a_category_stands_with_its_group(town):
	group = make_category(is_group=1, category_name="一类")
	issue = make_issue(
		town.grids[0][0].name, category=make_category(parent_category=group, category_name="一项")
	)
	assert "一类 / 一项" in printed(issue.name)


def test_only_readers_in_scope_get_it(town, as_user):
	issue = make_issue(town.grids[0][0].name)
	with as_user(make_holder("Village Secretary", town.villages[0].name)):
		assert issue.title in printed(issue.name)
	with as_user(make_holder("Village Secretary", town.villages[1].name)):
		for read in (printed, sheets.issue_handling_form):
			with pytest.raises(frappe.PermissionError):
				read(issue.name)


def test_script_in_any_text_stays_text(town):
	"""Whatever way it came into the row."""
	issue = make_issue(town.grids[0][0].name, *STEPS)
	texts = [
		field.fieldname
		for field in issue.meta.fields
		if field.fieldtype in ("Data", "Small Text", "Text", "Link", "Select") and not field.hidden
	]
	kept = ("category", "reporter_worker", "grid", "workflow_state")
	frappe.db.set_value("Grid Issue", issue.name, {field: SCRIPT for field in texts if field not in kept})
	for doctype, filters, *fields in (
		("Issue Log", {"issue": issue.name}, "opinion", "changed", "action", "to_state"),
		("Issue Category", issue.category, "category_name"),
		("Grid", issue.grid, "grid_name"),
		("User", frappe.session.user, "full_name"),
	):
		frappe.db.set_value(doctype, filters, dict.fromkeys(fields, SCRIPT))
	frappe.clear_document_cache("Issue Category", issue.category)
	html = printed(issue.name)
	assert "&lt;script&gt;" in html
	assert "<script>alert" not in html
	assert "<img src=x" not in html


def test_moments_are_to_the_minute(town):
	issue = make_issue(town.grids[0][0].name)
	frappe.db.set_value("Grid Issue", issue.name, "found_at", get_datetime("2024-03-05 09:07:00"))
	assert "2024-03-05 09:07" in printed(issue.name)
