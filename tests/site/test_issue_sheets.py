"""The sheets of an issue and of a referral on paper: the whole log, for readers in scope only, and inert."""

from pathlib import Path

import frappe
import pytest
from frappe.custom.doctype.property_setter.property_setter import make_property_setter
from frappe.utils import add_to_date, get_datetime
from frappe.www.printview import get_html_and_style

from grid_governance.grid_issues import answers, extensions, sheets, steps
from grid_governance.setup.seeds import name_of
from tests.factories import (
	make_category,
	make_department,
	make_holder,
	make_issue,
	make_officer,
	make_photo,
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


def test_its_own_photos_are_printed_and_no_other_file(town):
	issue = make_issue(town.grids[0][0].name, photo_before=make_photo().file_url)
	(photo,) = sheets.issue_handling_form(issue.name).photos
	assert photo.label == frappe._("Photo of the Scene")
	assert photo.data.startswith("data:image/jpeg;base64,")
	assert f'src="{photo.data}"' in printed(issue.name)
	other = make_issue(town.grids[0][0].name, photo_before=make_photo().file_url)
	frappe.db.set_value("Grid Issue", issue.name, "photo_before", other.photo_before)
	assert not sheets.issue_handling_form(issue.name).photos


def test_a_photo_that_is_gone_from_the_disk_is_left_out(town):
	issue = make_issue(town.grids[0][0].name, photo_before=make_photo().file_url)
	Path(frappe.get_doc("File", {"file_url": issue.photo_before}).get_full_path()).unlink()
	assert not sheets.issue_handling_form(issue.name).photos
	assert issue.title in printed(issue.name)


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


def action(key: str) -> str:
	return seeded(f"workflow_action_master/{key}")


@pytest.fixture
def referred(town) -> frappe._dict:
	"""An issue that a village has referred to two departments, one of which has taken it on."""
	lead, other = (make_department(town.root.name) for _at in range(2))
	issue = make_issue(town.grids[0][0].name, "submit-to-village")
	steps.take_step(
		issue.name,
		action("refer"),
		opinion="请当日断电抢修",
		lead_department=lead.name,
		other_departments=[other.name],
	)
	referral = frappe.db.get_value("Issue Referral", {"issue": issue.name, "lead": 1})
	answers.take_step(referral, action("referral-take-on"), opinion="已派人到场")
	return frappe._dict(town=town, issue=issue, referral=referral, lead=lead, other=other)


def printed_referral(referral: str) -> str:
	return get_html_and_style("Issue Referral", referral, name_of("print_format/issue-referral-form"))["html"]


def test_the_handling_form_tells_of_departments_and_of_more_time(referred, as_user):
	issue = make_issue(referred.town.grids[0][0].name, "submit-to-village", "start")
	with as_user(make_holder("Village Secretary", referred.town.villages[0].name)):
		extensions.ask(issue.name, str(add_to_date(issue.due_by, days=3)), "等待配件到货")
	told = sheets.issue_handling_form(issue.name).steps[-1]
	assert "等待配件到货" in told.words
	assert told.done
	assert told.done not in (step.done for step in sheets.issue_handling_form(issue.name).steps[:-1])
	html = printed(referred.issue.name)
	for text in (
		"请当日断电抢修",
		"已派人到场",
		referred.lead.department_name,
		referred.other.department_name,
	):
		assert text in html


def test_the_referral_form_says_what_is_asked_of_whom_and_until_when(referred):
	form = sheets.issue_referral_form(referred.referral)
	assert (form.department, form.lead) == (referred.lead.department_name,) * 2
	assert form.others == [referred.other.department_name]
	assert "请当日断电抢修" in form.asked.words
	assert [step.to_state for step in form.steps] == [
		step.to_state for step in sheets.issue_handling_form(referred.issue.name).steps
	]
	html = printed_referral(referred.referral)
	due = frappe.utils.format_datetime(form.referral.due_by, "yyyy-MM-dd HH:mm")
	for text in (referred.referral, referred.issue.name, referred.issue.title, due, "已派人到场"):
		assert text in html


def test_each_round_prints_what_was_asked_in_it(town):
	department = make_department(town.root.name).name
	issue = make_issue(town.grids[0][0].name, "submit-to-village").name
	for asked in ("请当日断电抢修", "改由你们继续"):
		steps.take_step(issue, action("refer"), opinion=asked, lead_department=department)
		referral = frappe.db.get_value("Issue Referral", {"issue": issue}, order_by="round desc")
		answers.take_step(referral, action("referral-return"), opinion="不归我们")
	first, second = frappe.get_all(
		"Issue Referral", filters={"issue": issue}, pluck="name", order_by="round asc"
	)
	assert "请当日断电抢修" in sheets.issue_referral_form(first).asked.words
	assert "改由你们继续" in sheets.issue_referral_form(second).asked.words


def test_the_referral_form_is_for_its_department_and_for_readers_in_scope(referred, as_user):
	readers = (
		make_officer("Department Officer", referred.lead.name),
		make_holder("Village Secretary", referred.town.villages[0].name),
	)
	strangers = (
		make_officer("Department Officer", make_department(referred.town.root.name).name),
		make_officer("Department Officer", referred.other.name),
		make_holder("Village Secretary", referred.town.villages[1].name),
	)
	for reader in readers:
		with as_user(reader):
			assert referred.issue.title in printed_referral(referred.referral)
	for stranger in strangers:
		with as_user(stranger):
			for read in (printed_referral, sheets.issue_referral_form):
				with pytest.raises(frappe.PermissionError):
					read(referred.referral)


def test_what_a_department_has_returned_it_prints_no_more(referred, as_user):
	officer = make_officer("Department Officer", referred.lead.name)
	with as_user(officer):
		answers.take_step(referred.referral, action("referral-return"), opinion="不归我们")
		with pytest.raises(frappe.PermissionError):
			printed_referral(referred.referral)


def test_a_field_above_the_readers_level_is_on_no_sheet(referred, as_user):
	frappe.db.set_value("Grid Issue", referred.issue.name, "location_note", "秘密地点")
	reader = make_holder("Village Secretary", referred.town.villages[0].name)
	with as_user(reader):
		assert "秘密地点" in printed(referred.issue.name)
		assert "秘密地点" in printed_referral(referred.referral)
	try:
		for field in ("location_note", "reporter_worker"):
			make_property_setter("Grid Issue", field, "permlevel", 8, "Int")
		frappe.clear_cache(doctype="Grid Issue")
		with as_user(reader):
			for html in (printed(referred.issue.name), printed_referral(referred.referral)):
				assert "秘密地点" not in html
			assert sheets.issue_handling_form(referred.issue.name).reporter == ""
	finally:
		frappe.clear_cache(doctype="Grid Issue")


def test_script_in_a_referral_stays_text(referred):
	frappe.db.set_value("Issue Referral", referred.referral, dict.fromkeys(("opinion", "title"), SCRIPT))
	for doctype, filters, *fields in (
		("Grid Issue", referred.issue.name, "title", "description", "location_note"),
		("Issue Log", {"issue": referred.issue.name}, "opinion", "changed"),
		("Township Department", referred.lead.name, "department_name"),
		("Grid", referred.issue.grid, "grid_name"),
	):
		frappe.db.set_value(doctype, filters, dict.fromkeys(fields, SCRIPT))
	html = printed_referral(referred.referral)
	assert "&lt;script&gt;" in html
	assert "<script>alert" not in html
	assert "<img src=x" not in html
