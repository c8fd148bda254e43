"""A notification tells nobody of a record that she may not read, whoever its recipients are said to be."""

from unittest.mock import patch

import frappe
import pytest
from frappe.email.doctype.notification import notification

from grid_governance.grid_issues.steps import take_step
from grid_governance.grid_structure.overrides.notification import (
	ChannelReachesEveryoneError,
	ScopedNotification,
)
from grid_governance.setup import seeds
from tests.factories import make_holder, make_issue, make_township, make_user

SECRETARY, MEMBER = "Village Secretary", "Grid Member"


@pytest.fixture
def place() -> frappe._dict:
	"""Two villages, each with a secretary; a member in a grid of the first."""
	make_user(roles=[{"role": "System Manager"}])  # or the next user is made one
	town = make_township(2, 1)
	return frappe._dict(
		grid=town.grids[0][0].name,
		other_grid=town.grids[1][0].name,
		member=make_holder(MEMBER, town.grids[0][0].name),
		secretary=make_holder(SECRETARY, town.villages[0].name),
		stranger=make_holder(SECRETARY, town.villages[1].name),
	)


def notice(*recipients: dict, **fields: object) -> ScopedNotification:
	"""A notification about new issues, not enabled, so that only the test sends it."""
	values = {
		"name": f"Notice {frappe.generate_hash(length=8)}",
		"enabled": 0,
		"document_type": "Grid Issue",
		"event": "New",
		"channel": "System Notification",
		"subject": "New",
		"message": "New",
		**fields,
	}
	return frappe.get_doc({"doctype": "Notification", "recipients": recipients, **values}).insert()


def addressed(alert: ScopedNotification, doc: frappe.model.document.Document) -> set[str]:
	"""Everyone to whom *alert* would be sent."""
	return set().union(*alert.get_list_of_recipients(doc, {"doc": doc}))


@pytest.fixture
def told():
	"""Everyone told by the shipped notifications, as (user, subject), in order."""
	seen = []

	def keep(users: list[str], doc: dict) -> None:
		seen.extend((user, doc["subject"]) for user in sorted(users))

	with patch.object(notification, "enqueue_create_notification", keep):
		yield seen


def test_a_role_means_its_holder_over_the_grid(place):
	alert = notice({"receiver_by_role": SECRETARY})
	assert addressed(alert, make_issue(place.grid)) == {place.secretary}
	assert addressed(alert, make_issue(place.other_grid)) == {place.stranger}


def test_a_post_that_gives_the_role_elsewhere_does_not_count(place):
	both = make_holder(SECRETARY, place.other_grid)
	worker = frappe.db.get_value("Grid Worker", {"user": both})
	post = frappe.db.get_value("Grid Post Assignment", {"user": place.member}, "post")
	frappe.get_doc(
		doctype="Grid Post Assignment", worker=worker, post=post, grid=place.grid, from_date="2020-01-01"
	).insert()
	assert both not in addressed(notice({"receiver_by_role": SECRETARY}), make_issue(place.grid))


def test_a_post_that_has_ended_does_not_count(place):
	gone = make_holder(SECRETARY, place.grid, to_date="2020-12-31")
	assert gone not in addressed(notice({"receiver_by_role": SECRETARY}), make_issue(place.grid))


@pytest.mark.parametrize("field", ["cc", "bcc"])
def test_an_address_of_someone_outside_is_dropped(place, field):
	alert = notice({field: f"{place.stranger}, {place.secretary}, someone@elsewhere.example"})
	assert addressed(alert, make_issue(place.grid)) == {place.secretary}


def test_a_field_of_the_record_opens_nothing(place):
	issue = make_issue(place.grid)
	issue.db_set("owner", place.stranger)
	assert addressed(notice({"receiver_by_document_field": "owner"}), issue) == set()


def test_a_locked_account_is_told_nothing(place):
	frappe.db.set_value("User", place.secretary, "enabled", 0)
	assert addressed(notice({"receiver_by_role": SECRETARY}), make_issue(place.grid)) == set()


def test_text_messages_go_to_readers_only(place):
	numbers = {place.secretary: "13900000001", place.stranger: "13900000002"}
	for user, number in numbers.items():
		frappe.db.set_value("User", user, "mobile_no", number)
	issue = make_issue(place.grid)
	alert = notice({"receiver_by_role": SECRETARY}, channel="SMS")
	assert alert.get_receiver_list(issue, {"doc": issue}) == ["13900000001"]
	issue.db_set("owner", place.stranger)
	alert = notice({"receiver_by_document_field": "owner"}, channel="SMS")
	assert alert.get_receiver_list(issue, {"doc": issue}) == []


def test_a_channel_that_everybody_reads_is_refused(place):
	with pytest.raises(ChannelReachesEveryoneError):
		notice(channel="Slack")


def test_a_doctype_that_lies_in_no_grid_is_left_to_frappe(place):
	alert = notice({"cc": "someone@elsewhere.example"}, document_type="Grid Level")
	assert addressed(alert, frappe.get_last_doc("Grid Level")) == {"someone@elsewhere.example"}


class TestTheShippedOnes:
	def test_the_secretary_of_the_village_hears_of_a_new_issue_and_nobody_else(self, place, told, as_user):
		with as_user(place.member):
			issue = make_issue(place.grid, title="路灯不亮")
		assert [user for user, _subject in told] == [place.secretary]
		assert issue.title in told[0][1]

	def test_who_reported_hears_what_becomes_of_it(self, place, told, as_user):
		with as_user(place.member):
			issue = make_issue(place.grid, "submit-to-village")
		assert place.member not in {user for user, _subject in told}, "she did that herself"
		told.clear()
		with as_user(place.secretary):
			take_step(issue.name, seeds.name_of("workflow_action_master/start"))
		state = frappe.db.get_value("Grid Issue", issue.name, "workflow_state")
		assert [user for user, _subject in told] == [place.member]
		assert issue.title in told[0][1] and state in told[0][1]

	def test_markup_in_a_title_is_no_markup_in_the_message(self, place, told, as_user):
		issue = make_issue(place.grid)
		issue.title = "<b>x</b>"
		alert = frappe.get_doc("Notification", seeds.name_of("notification/issue-reported"))
		alert.send(issue)
		assert told
		assert all("<b>" not in subject for _user, subject in told)
