"""Petitioners are told in time that their matter is in hand, what is not ours is said in time, and an extension has an end."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from unittest.mock import patch

import frappe
import pytest
from frappe.query_builder import DocType
from frappe.utils import add_to_date, get_datetime, now_datetime
from frappe.www.printview import get_html_and_style

from grid_governance.grid_issues import answers, extensions, informing, referrals, sheets, steps
from grid_governance.grid_issues.report.online_referrals import online_referrals
from grid_governance.setup.seeds import name_of
from tests.factories import (
	make_category,
	make_department,
	make_holder,
	make_issue,
	make_officer,
	make_township,
	seeded,
)
from tests.world import inside_savepoint, taken_back

ONLINE = "Online Referral"
FOUND = "2026-01-05 09:30:00"
"""A Monday, followed by five working days in the state's calendar of 2026 until Monday the 12th."""
WORDS = "已受理，由村委会办理，预计十日内答复"
RULES = (
	("Finish", 60, "Calendar Days"),
	("Inform", 15, "Calendar Days"),
	("Return", 5, "Working Days"),
	("Extend", 30, "Calendar Days"),
)


def action(key: str) -> str:
	return seeded(f"workflow_action_master/{key}")


def build_town(site: str) -> Iterator[frappe._dict]:
	"""A township with the times of D7 for online referrals, the site with none, and its people."""
	with taken_back():
		frappe.db.delete("Clock Rule", {"parent": "Governance Settings"})
		frappe.clear_document_cache("Governance Settings", "Governance Settings")
		town = make_township(1, 1)
		rows = [
			{"purpose": purpose, "source": ONLINE, "span": span, "unit": "Days", "counted": counted}
			for purpose, span, counted in RULES
		]
		frappe.get_doc(doctype="Township Profile", grid=town.root.name, clock_rules=rows).insert()
		town.grid = town.grids[0][0].name
		town.member = make_holder("Grid Member", town.grid)
		town.secretary = make_holder("Village Secretary", town.villages[0].name)
		town.office = make_holder("Township Office", town.root.name)
		town.elsewhere = make_holder("Township Office", make_township(1, 1).root.name)
		town.department = make_department(town.root.name).name
		town.officer = make_officer("Department Officer", town.department)
		town.category = make_category()
		yield town


town = pytest.fixture(scope="module")(build_town)
_on_site = pytest.fixture(autouse=True)(lambda town: (yield from inside_savepoint(town)))


@pytest.fixture
def petition(town) -> Callable[..., frappe.model.document.Document]:
	"""`petition(*steps, **fields)` makes an issue that was referred online and is worked on in the village."""

	def make(*taken: str, **fields: object) -> frappe.model.document.Document:
		return make_issue(
			town.grid,
			*(taken or ("submit-to-village", "start")),
			**{"source": ONLINE, "category": town.category, **fields},
		)

	return make


def last_line(issue: str) -> frappe._dict:
	return frappe.get_all(
		"Issue Log",
		filters={"issue": issue},
		fields=["from_state", "to_state", "action", "opinion", "by_user"],
		order_by="creation desc",
		limit_page_length=1,
	)[0]


def is_late(issue: str, moment: datetime) -> bool:
	row = DocType("Grid Issue")
	query = frappe.qb.from_(row).select(row.name).where(row.name == issue)
	return bool(query.where(informing.late(row, moment)).run())


def test_the_times_of_the_law_run_from_when_it_came_in(petition):
	issue = petition(found_at=FOUND)
	assert issue.due_by == datetime(2026, 3, 6, 9, 30)
	assert issue.inform_by == datetime(2026, 1, 20, 9, 30)
	assert issue.return_by == datetime(2026, 1, 12, 9, 30), "five working days"


def test_they_are_set_anew_with_the_source_and_other_sources_have_none(petition):
	issue = petition(source="Patrol", found_at=FOUND)
	assert (issue.inform_by, issue.return_by) == (None, None)
	issue.update({"source": ONLINE}).save()
	assert issue.inform_by == datetime(2026, 1, 20, 9, 30)
	issue.update({"source": "Visit"}).save()
	issue.reload()
	assert (issue.inform_by, issue.return_by) == (None, None)


def test_whoever_handles_it_notes_that_the_petitioner_was_told(town, petition, as_user):
	issue = petition()
	with as_user(town.secretary):
		assert informing.may_tell(issue.name)
		informing.tell(issue.name, "On the Phone", f" {WORDS} ")
		assert not informing.may_tell(issue.name)
	issue.reload()
	assert issue.informed_at and issue.informed_way == "On the Phone"
	line = last_line(issue.name)
	assert WORDS in line.opinion and line.by_user == town.secretary
	assert (line.from_state, line.to_state, line.action) == (issue.workflow_state, issue.workflow_state, None)
	with as_user(town.secretary), pytest.raises(informing.NotToBeToldError):
		informing.tell(issue.name, "On the Phone", WORDS)


@pytest.mark.parametrize(
	("way", "words"), [("", WORDS), ("By Pigeon", WORDS), ("With the Result", WORDS), ("In Writing", "  ")]
)
def test_how_and_what_has_to_be_said(town, petition, as_user, way, words):
	issue = petition()
	with as_user(town.secretary), pytest.raises(informing.HowToldError):
		informing.tell(issue.name, way, words)
	assert frappe.db.get_value("Grid Issue", issue.name, "informed_at") is None


def test_nobody_else_notes_it(town, petition, as_user):
	issue = petition()
	for user in (town.member, town.elsewhere):
		with as_user(user), pytest.raises(frappe.PermissionError):
			informing.tell(issue.name, "On the Phone", WORDS)
	with as_user(town.member):
		assert not informing.may_tell(issue.name)
	with as_user(town.elsewhere), pytest.raises(frappe.PermissionError):
		informing.may_tell(issue.name)


def test_where_no_rule_asks_for_it_and_when_it_is_over_nothing_is_noted(town, petition, as_user):
	plain = petition(source="Patrol")
	over = petition("submit-to-village", "reject")
	for issue in (plain, over):
		with pytest.raises(informing.NotToBeToldError):
			informing.tell(issue.name, "On the Phone", WORDS)


def test_who_has_had_the_result_knows(petition):
	issue = petition("settle-on-the-spot", "give-feedback")
	assert issue.informed_at == issue.feedback_at
	assert issue.informed_way == informing.WITH_THE_RESULT
	assert petition("settle-on-the-spot", "give-feedback", source="Patrol").informed_at is None


def test_what_was_told_before_the_result_stays(petition):
	issue = petition("submit-to-village", "start", "resolve")
	frappe.db.set_value(
		"Grid Issue", issue.name, {"informed_at": "2026-01-06 10:00:00", "informed_way": "In Writing"}
	)
	steps.take_step(issue.name, action("give-feedback"), feedback="好")
	issue.reload()
	assert (str(issue.informed_at), issue.informed_way) == ("2026-01-06 10:00:00", "In Writing")


def test_late_is_who_still_waits_after_the_time(petition):
	issue = petition(found_at=FOUND)
	assert not is_late(issue.name, datetime(2026, 1, 20, 9, 30))
	assert is_late(issue.name, datetime(2026, 1, 20, 9, 31))
	informing.tell(issue.name, "In Writing", WORDS)
	assert not is_late(issue.name, datetime(2026, 1, 20, 9, 31))
	assert not is_late(petition("withdraw").name, datetime(2040, 1, 1))


def test_that_it_is_not_ours_is_said_in_time(petition):
	issue = petition("submit-to-village")
	frappe.db.set_value("Grid Issue", issue.name, "return_by", add_to_date(now_datetime(), hours=-1))
	with pytest.raises(steps.ReturnedTooLateError):
		steps.take_step(issue.name, action("reject"), opinion="不属本村")
	frappe.db.set_value("Grid Issue", issue.name, "return_by", add_to_date(now_datetime(), hours=1))
	steps.take_step(issue.name, action("reject"), opinion="不属本村")
	issue.reload()
	assert issue.closed_at


def test_who_reported_it_takes_it_back_and_one_that_repeats_is_merged_at_any_time(petition):
	mine, repeated = petition("withdraw"), petition("submit-to-village")
	assert mine.closed_at
	frappe.db.set_value("Grid Issue", repeated.name, "return_by", "2020-01-01 00:00:00")
	steps.take_step(repeated.name, action("merge"), duplicate_of=petition().name)
	repeated.reload()
	assert repeated.closed_at


def test_a_department_says_it_in_time_counted_from_when_it_was_asked(town, petition, as_user):
	issue = petition(found_at=FOUND)
	with (
		patch.object(referrals, "now_datetime", return_value=datetime(2026, 4, 29, 15)),
		as_user(town.secretary),
	):
		steps.take_step(issue.name, action("refer"), lead_department=town.department)
	referral = frappe.get_doc("Issue Referral", {"issue": issue.name})
	assert referral.return_by == datetime(2026, 5, 9, 15), (
		"over the first of May; the 9th makes up for a day of it"
	)
	frappe.db.set_value("Issue Referral", referral.name, "return_by", add_to_date(now_datetime(), hours=-1))
	with as_user(town.officer), pytest.raises(steps.ReturnedTooLateError):
		answers.take_step(referral.name, action("referral-return"), opinion="不属本部门")
	frappe.db.set_value("Issue Referral", referral.name, "return_by", add_to_date(now_datetime(), hours=1))
	with as_user(town.officer):
		answers.take_step(referral.name, action("referral-return"), opinion="不属本部门")
	assert frappe.db.get_value("Issue Referral", referral.name, "returned_reason") == "不属本部门"


def test_a_department_answers_and_is_called_back_after_that_time(town, petition, as_user):
	issue = petition()
	steps.take_step(issue.name, action("refer"), lead_department=town.department)
	referral = frappe.db.get_value("Issue Referral", {"issue": issue.name})
	frappe.db.set_value("Issue Referral", referral, "return_by", "2020-01-01 00:00:00")
	with as_user(town.officer):
		answers.take_step(referral, action("referral-answer"), opinion="已办结")
	issue.reload()
	assert issue.result == "已办结"


def test_one_extension_lasts_no_longer_than_the_rule_says(town, petition, as_user):
	issue = petition()
	latest = get_datetime(issue.due_by) + timedelta(days=30)
	with as_user(town.secretary):
		assert extensions.standing(issue.name)["latest"] == latest
		with pytest.raises(extensions.NoMoreTimeError):
			extensions.ask(issue.name, str(latest + timedelta(minutes=1)), "等待鉴定")
		extensions.ask(issue.name, str(latest), "等待鉴定")
	plain = petition(source="Patrol")
	with as_user(town.secretary):
		assert extensions.standing(plain.name)["latest"] is None
		extensions.ask(plain.name, str(add_to_date(plain.due_by, days=400)), "等待鉴定")


@pytest.mark.parametrize(
	("key", "days"), [("petitioner-to-be-told", 3), ("petitioner-not-told", -1)], ids=["before", "after"]
)
def test_who_handles_it_is_reminded_while_the_petitioner_waits(town, petition, key, days):
	notification = frappe.get_doc("Notification", seeded(f"notification/{key}"))
	issue, told = petition(), petition()
	informing.tell(told.name, "In Writing", WORDS)
	for each in (issue, told):
		frappe.db.set_value("Grid Issue", each.name, "inform_by", add_to_date(now_datetime(), days=days))
	found = {doc.name: doc for doc in notification.get_documents_for_today()}
	assert issue.name in found and told.name not in found
	meant = notification._everybody_meant(found[issue.name], {"doc": found[issue.name]})
	assert town.secretary in meant
	assert (town.office in meant) == (days < 0)
	assert town.elsewhere not in meant


def test_the_report_says_how_many_were_told_in_time_of_how_many(town, petition):
	closed = "2024-03-20 10:00:00"
	for informed in ("2024-03-10 09:00:00", "2024-03-16 09:00:00", "2024-03-15 09:00:00", None):
		issue = petition("settle-on-the-spot", "give-feedback")
		frappe.db.set_value(
			"Grid Issue",
			issue.name,
			{
				"found_at": "2024-03-01 09:00:00",
				"inform_by": informed and "2024-03-15 09:00:00",
				"informed_at": informed,
				"closed_at": closed,
			},
		)
	period = {"from_date": "2024-03-01", "to_date": "2024-03-31", "grid": town.root.name}
	_columns, rows, _note, _chart, summary, _more = online_referrals.execute(period)
	total = rows[-1]
	assert (total["closed"], total["informed"], total["to_inform"], total["rate"]) == (4, 2, 3, 66.7)
	assert summary[-1]["value"] == 66.7 and "3" in summary[-1]["label"]
	behind = online_referrals.execute({**period, "figure": "informed", "node": total["path"], "exact": 0})
	assert len(behind[1]) == 2


def test_the_handling_form_shows_it(town, petition, as_user):
	issue = petition(found_at=FOUND)
	informing.tell(issue.name, "In Writing", WORDS)
	html = get_html_and_style("Grid Issue", issue.name, name_of("print_format/issue-handling-form"))["html"]
	for text in ("2026-01-20 09:30", frappe._("In Writing"), WORDS, frappe._("Petitioner to Be Told by")):
		assert text in html
	plain = petition(source="Patrol").name
	html = get_html_and_style("Grid Issue", plain, name_of("print_format/issue-handling-form"))["html"]
	assert frappe._("Petitioner to Be Told by") not in html
	assert sheets.issue_handling_form(plain).pauses == ""
