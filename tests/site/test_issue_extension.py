"""More time for an issue: asked for at one level, decided one level up; and how long a closed one may be reopened."""

import frappe
import pytest
from frappe.utils import add_to_date, get_datetime

from grid_governance.grid_issues import extensions, referrals, steps
from tests.factories import make_department, make_holder, make_issue, make_township, seeded

pytestmark = pytest.mark.usefixtures("site")

REASON = "等待配件到货"


def action(key: str) -> str:
	return seeded(f"workflow_action_master/{key}")


@pytest.fixture
def town() -> frappe._dict:
	"""An issue that a village works on, with the people who may ask and decide, and some who may not."""
	town = make_township(1, 1)
	grid = town.grids[0][0].name
	town.member = make_holder("Grid Member", grid)
	town.secretary = make_holder("Village Secretary", town.villages[0].name)
	town.office = make_holder("Township Office", town.root.name)
	town.elsewhere = make_holder("Township Office", make_township(1, 1).root.name)
	town.issue = make_issue(grid, "submit-to-village", "start")
	town.until = str(add_to_date(town.issue.due_by, days=5))
	return town


@pytest.fixture
def request_(town, as_user) -> str:
	"""The secretary's request."""
	with as_user(town.secretary):
		return extensions.ask(town.issue.name, town.until, REASON)


def last_line(issue: str) -> frappe._dict:
	return frappe.get_all(
		"Issue Log",
		filters={"issue": issue},
		fields=["from_state", "to_state", "action", "opinion", "changed", "by_user"],
		order_by="at desc, creation desc",
		limit_page_length=1,
	)[0]


def test_granted_it_moves_the_due_time_and_the_log_tells_both(town, request_, as_user):
	asked = last_line(town.issue.name)
	assert REASON in asked.opinion
	assert (asked.by_user, asked.changed) == (town.secretary, None)
	assert str(frappe.db.get_value("Grid Issue", town.issue.name, "due_by")) == str(town.issue.due_by)
	with as_user(town.office):
		assert extensions.standing(town.issue.name)["waiting"].may_decide
		extensions.decide(request_, True, "同意")
	issue = frappe.get_doc("Grid Issue", town.issue.name)
	assert issue.due_by == issue.extended_until == issue.next_escalation_at == get_datetime(town.until)
	told = last_line(issue.name)
	assert (told.opinion, told.by_user) == ("同意", town.office)
	assert told.from_state == told.to_state == issue.workflow_state
	assert told.changed.endswith(get_datetime(town.until).strftime("%Y-%m-%d %H:%M"))
	issue.update({"urgency": "Urgent"}).save()
	assert issue.due_by == get_datetime(town.until), "a granted time stays"


def test_refused_it_says_why_and_may_be_asked_again(town, request_, as_user):
	with as_user(town.office):
		with pytest.raises(extensions.DecidedError):
			extensions.decide(request_, False)
		extensions.decide(request_, False, "时间足够")
		with pytest.raises(extensions.DecidedError):
			extensions.decide(request_, True)
	assert "时间足够" in last_line(town.issue.name).opinion
	assert str(frappe.db.get_value("Grid Issue", town.issue.name, "due_by")) == str(town.issue.due_by)
	with as_user(town.secretary):
		assert extensions.standing(town.issue.name)["may_ask"]
		extensions.ask(town.issue.name, town.until, REASON)


def test_once_per_level_and_once_more_at_the_next(town, request_, as_user):
	with as_user(town.secretary):
		assert not extensions.standing(town.issue.name)["may_ask"]
		with pytest.raises(extensions.NoMoreTimeError):
			extensions.ask(town.issue.name, town.until, REASON)
	with as_user(town.office):
		extensions.decide(request_, True)
	department = make_department(town.root.name).name
	with as_user(town.secretary):
		steps.take_step(town.issue.name, action("refer"), lead_department=department)
		later = str(add_to_date(town.until, days=5))
		second = extensions.ask(town.issue.name, later, REASON)
	with as_user(town.office):
		extensions.decide(second, True)
	due = frappe.db.get_value("Issue Referral", {"issue": town.issue.name}, "due_by")
	assert due == get_datetime(later), "the department's time moves with the issue's"
	assert referrals.name_of(department)


def test_only_who_handles_it_asks_and_only_one_level_up_decides(town, request_, as_user):
	for user in (town.member, town.elsewhere):
		with as_user(user), pytest.raises(frappe.PermissionError):
			extensions.ask(town.issue.name, town.until, REASON)
	for user in (town.member, town.secretary, town.elsewhere):
		with as_user(user), pytest.raises(frappe.PermissionError):
			extensions.decide(request_, True)
	with as_user(town.elsewhere):
		with pytest.raises(frappe.PermissionError):
			extensions.standing(town.issue.name)
		assert frappe.get_list("Issue Extension", pluck="name") == []


def test_nobody_grants_what_she_asked_for_herself(town, as_user):
	frappe.db.set_value(
		"Resolution Level", seeded("resolution_level/village"), "extension_role", "Village Secretary"
	)
	frappe.clear_document_cache("Resolution Level", seeded("resolution_level/village"))
	with as_user(town.secretary):
		own = extensions.ask(town.issue.name, town.until, REASON)
		with pytest.raises(extensions.NotYoursToDecideError):
			extensions.decide(own, True)


def test_what_is_resolved_gets_no_more_time(town, request_, as_user):
	steps.take_step(town.issue.name, action("resolve"), result="修好了")
	with as_user(town.office), pytest.raises(extensions.DecidedError):
		extensions.decide(request_, True)
	with pytest.raises(extensions.NoMoreTimeError):
		extensions.ask(town.issue.name, town.until, REASON)


@pytest.mark.parametrize(
	"tamper",
	[
		lambda doc: doc.update({"decision": "Granted"}).save(ignore_permissions=True),
		lambda doc: doc.delete(ignore_permissions=True, force=True),
		lambda doc: frappe.copy_doc(doc).insert(ignore_permissions=True),
	],
	ids=["change", "delete", "forge"],
)
def test_a_request_is_neither_written_nor_taken_away_by_hand(request_, tamper):
	with pytest.raises(extensions.ExtensionByHandError):
		tamper(frappe.get_doc("Issue Extension", request_))


def test_a_closed_issue_is_reopened_within_the_townships_days(town):
	frappe.get_doc(doctype="Township Profile", grid=town.root.name, reopen_days=10).insert()
	issue = make_issue(town.grids[0][0].name, "settle-on-the-spot", "give-feedback")
	closed = issue.closed_at
	frappe.db.set_value("Grid Issue", issue.name, "closed_at", add_to_date(closed, days=-11))
	with pytest.raises(steps.ReopenedTooLateError):
		steps.take_step(issue.name, action("reopen"), opinion="又坏了")
	frappe.db.set_value("Grid Issue", issue.name, "closed_at", add_to_date(closed, days=-9))
	steps.take_step(issue.name, action("reopen"), opinion="又坏了")
	issue.reload()
	assert issue.reopened_count == 1
