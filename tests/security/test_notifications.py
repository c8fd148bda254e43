"""A notification tells nobody of a record that she may not read, whoever its recipients are said to be."""

from datetime import datetime
from unittest.mock import patch

import frappe
import pytest

from grid_governance.grid_issues import extensions
from grid_governance.grid_issues.steps import take_step
from grid_governance.grid_structure.overrides.notification import (
	ChannelReachesEveryoneError,
	ScopedNotification,
)
from grid_governance.grid_structure.telling import actions, digest, queries
from grid_governance.setup import seeds
from tests.factories import make_department, make_holder, make_issue, make_officer, make_township, make_user

SECRETARY, MEMBER, OFFICE, OFFICER = (
	"Village Secretary",
	"Grid Member",
	"Township Office",
	"Department Officer",
)


@pytest.fixture
def place() -> frappe._dict:
	"""Two villages, each with a secretary; a member in a grid of the first. Nothing is kept for anybody yet."""
	frappe.db.delete("Digest Entry")
	make_user(roles=[{"role": "System Manager"}])  # or the next user is made one
	town = make_township(2, 1)
	return frappe._dict(
		town=town.root.name,
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
	"""Everyone told at once by the shipped notifications, as (user, subject), in order; jobs run at once."""
	seen = []

	def run(method: object, enqueue_after_commit: bool = False, **kwargs: object) -> None:
		if method in (actions.ring, actions.mail_urgent):
			assert enqueue_after_commit
			method(**kwargs)

	def keep(log: dict, addresses: list[str]) -> None:
		seen.extend((user, log["subject"]) for user in sorted(addresses))

	with patch.object(frappe, "enqueue", run), patch.object(actions, "make_notification_logs", keep):
		yield seen


def kept() -> set[tuple[str, str]]:
	"""Everyone for whose digest something is kept, as (user, record)."""
	return set(frappe.get_all("Digest Entry", fields=["for_user", "document_name"], as_list=True))


def step(user_context: object, issue: str, action: str, **words: str) -> None:
	"""Take the seeded *action* on *issue* as somebody."""
	with user_context:
		take_step(issue, seeds.name_of(f"workflow_action_master/{action}"), **words)


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


class TestWhoActsNext:
	def test_it_is_the_holder_of_the_states_role_over_the_grid(self, place):
		alert = notice({"grid_acts_next": 1})
		assert addressed(alert, make_issue(place.grid, "submit-to-village")) == {place.secretary}

	def test_nobody_acts_on_what_is_over(self, place):
		alert = notice({"grid_acts_next": 1})
		assert addressed(alert, make_issue(place.grid, "settle-on-the-spot", "give-feedback")) == set()

	def test_a_post_that_has_ended_acts_no_more(self, place):
		gone = make_holder(SECRETARY, place.grid, to_date="2020-12-31")
		alert = notice({"grid_acts_next": 1})
		assert gone not in addressed(alert, make_issue(place.grid, "submit-to-village"))


class TestBadlyWrittenRecipients:
	@pytest.mark.parametrize(
		"row",
		[
			{"receiver_by_document_field": "owner,no_such_table"},
			{"receiver_by_role": OFFICE, "condition": "doc.no_such_field > 1"},
			{"receiver_by_role": OFFICE, "condition": "1 +"},
			{"cc": "{{ doc.title.no_such() }}"},
			{"bcc": "{% for %}"},
		],
	)
	def test_one_reaches_nobody_and_the_others_hold(self, place, row):
		office = make_holder(OFFICE, place.town)
		alert = notice(row, {"receiver_by_role": SECRETARY})
		assert addressed(alert, make_issue(place.grid)) == {place.secretary}
		assert office not in addressed(notice(row), make_issue(place.grid))

	@pytest.mark.parametrize(
		"row",
		[
			{"receiver_by_document_field": "title"},
			{"cc": "{{ doc.location_note }}"},
			{"bcc": "{{ doc.title }}, someone@elsewhere.example"},
		],
	)
	def test_an_address_typed_into_a_record_opens_nothing(self, place, row):
		issue = make_issue(place.grid)
		issue.title = issue.location_note = place.stranger
		assert addressed(notice(row), issue) == set()

	@pytest.mark.parametrize("told_when", ["At Once", "Daily Digest"])
	def test_nor_does_a_role_of_everybody(self, place, told, told_when):
		issue = make_issue(place.grid)
		told.clear()
		frappe.db.delete("Digest Entry")
		notice({"receiver_by_role": "All"}, {"receiver_by_role": MEMBER}, grid_told=told_when).send(issue)
		reached = {user for user, _subject in told} | {user for user, _record in kept()}
		assert place.member in reached
		assert not {place.stranger, "someone@elsewhere.example"} & reached


class TestTheShippedOnes:
	def test_the_secretary_of_the_village_hears_of_a_new_issue_and_nobody_else(self, place, told, as_user):
		with as_user(place.member):
			issue = make_issue(place.grid, urgency="General")
			urgent = make_issue(place.grid, title="路灯不亮", urgency="Urgent")
		assert kept() == {(place.secretary, issue.name)}
		((user, subject),) = told
		assert user == place.secretary and urgent.title in subject

	def test_which_urgency_is_told_at_once_is_the_administrators(self, place, told):
		for urgency, told_at_once in (("Urgent", 0), ("General", 1)):
			frappe.get_doc("Issue Urgency", urgency).update({"told_at_once": told_at_once}).save()
		make_issue(place.grid, urgency="Urgent", title="一")
		make_issue(place.grid, urgency="General", title="二")
		assert ["二" in subject for _user, subject in told] == [True]

	def test_who_reported_hears_what_becomes_of_it(self, place, told, as_user):
		with as_user(place.member):
			issue = make_issue(place.grid, "submit-to-village")
		assert place.member not in {user for user, _subject in told}, "she did that herself"
		told.clear()
		step(as_user(place.secretary), issue.name, "start")
		state = frappe.db.get_value("Grid Issue", issue.name, "workflow_state")
		assert [user for user, _subject in told] == [place.member]
		assert issue.title in told[0][1] and state in told[0][1]

	def test_who_reported_and_has_no_post_any_more_hears_nothing(self, place, told, as_user):
		with as_user(place.member):
			issue = make_issue(place.grid, "submit-to-village")
		post = frappe.db.get_value("Grid Post Assignment", {"user": place.member})
		frappe.get_doc("Grid Post Assignment", post).update({"to_date": "2020-12-31"}).save()
		told.clear()
		step(as_user(place.secretary), issue.name, "start")
		assert not told

	def test_the_departments_officers_hear_of_their_referral(self, place, told, as_user):
		mine, other = (make_department(place.town).name for _ in range(2))
		officer, colleague = make_officer(OFFICER, mine), make_officer(OFFICER, mine)
		elsewhere = make_officer(OFFICER, other)
		issue = make_issue(place.grid, "submit-to-village")
		told.clear()
		step(as_user(place.secretary), issue.name, "refer", lead_department=mine)
		assert {user for user, subject in told if issue.title in subject} == {officer, colleague}
		assert elsewhere not in {user for user, _record in kept()}
		told.clear()
		due = datetime(2031, 1, 2, 3, 4)
		referral = frappe.get_last_doc("Issue Referral", {"issue": issue.name})
		with as_user(place.secretary):
			referral.db_set("due_by", due)
		assert {user for user, subject in told if "2031-01-02 03:04" in subject} == {officer, colleague}

	def test_who_decides_hears_of_the_request_and_who_asked_of_the_answer(self, place, told, as_user):
		office = make_holder(OFFICE, place.town)
		with as_user(place.member):
			issue = make_issue(place.grid, "submit-to-village", urgency="General")
		told.clear()
		with as_user(place.secretary):
			request = extensions.ask(issue.name, "2032-01-01 08:00:00", "等待配件")
		assert [user for user, _subject in told] == [office]
		told.clear()
		with as_user(office):
			extensions.decide(request, True)
		assert {user for user, _subject in told} == {place.secretary, place.member}
		assert ["2032-01-01 08:00" in subject for user, subject in told if user == place.member] == [True]

	def test_a_message_about_a_request_opens_the_issue(self, place):
		issue = make_issue(place.grid, "submit-to-village")
		request = frappe.new_doc("Issue Extension", issue=issue.name)
		assert queries.opens(request) == ("Grid Issue", issue.name)

	def test_markup_in_a_title_is_no_markup_in_the_message(self, place, told):
		issue = make_issue(place.grid)
		issue.update({"title": "<b>x</b>", "urgency": "Urgent"})
		alert = frappe.get_doc("Notification", seeds.name_of("notification/issue-reported"))
		alert.send(issue)
		assert told
		assert all("<b>" not in subject for _user, subject in told)

	def test_an_urgent_one_goes_by_mail_too_to_those_with_a_mailbox(self, place, told):
		sent = []
		with (
			patch.object(actions, "sends_mail", lambda: True),
			patch.object(frappe, "sendmail", lambda **kwargs: sent.append(kwargs)),
		):
			make_issue(place.grid, urgency="General")
			assert not sent
			issue = make_issue(place.grid, urgency="Urgent", description="电话 13900000009")
			frappe.db.set_value("Notification Settings", place.secretary, "enable_email_notifications", 0)
			make_issue(place.grid, urgency="Urgent")
		(mail,) = sent
		assert mail["recipients"] == [place.secretary]
		text = frappe.render_template(f"templates/emails/{mail['template']}.html", mail["args"])
		assert issue.name in text and "13900000009" not in text


class TestTheDigest:
	"""It tells what the reader's own list tells, whatever was kept for her."""

	DAY, MORNING = "2030-05-06", datetime(2030, 5, 6, 7)

	def tell(self) -> None:
		frappe.get_doc(doctype=digest.DIGEST, day=self.DAY, until=self.MORNING, status="Running").insert()
		with patch.object(actions, "sends_mail", lambda: False), patch.object(frappe, "enqueue"):
			digest.run(self.DAY)

	def told(self, user: str) -> str:
		return "".join(frappe.get_all("Notification Log", {"for_user": user}, pluck="email_content"))

	def test_what_was_kept_and_lies_out_of_scope_is_not_told(self, place):
		mine, other = make_issue(place.grid), make_issue(place.other_grid)
		for issue in (mine, other):
			actions.keep(
				seeds.name_of("notification/issue-reported"), ("Grid Issue", issue.name), [place.secretary]
			)
		self.tell()
		assert mine.name in self.told(place.secretary)
		assert other.name not in self.told(place.secretary)

	def test_its_rows_are_those_of_the_readers_list(self, place, as_user):
		for grid in (place.grid, place.other_grid):
			make_issue(grid, "submit-to-village")
		states = [seeds.name_of("workflow_state/with-village")]
		(source,) = [each for each in queries.sources() if each.doctype == "Grid Issue"]
		for user in (place.secretary, place.stranger, place.member, make_user()):
			rows = queries.due(user, source, states, datetime(2040, 1, 1).date())
			with as_user(user):
				try:
					listed = frappe.get_list("Grid Issue", {"workflow_state": states[0]}, pluck="name")
				except frappe.PermissionError:
					listed = []
			assert {row.name for row in rows} == set(listed)

	def test_whose_post_ended_yesterday_is_told_nothing(self, place, as_user):
		with as_user(place.member):
			issue = make_issue(place.grid, "submit-to-village")
		issue.db_set("due_by", datetime(2030, 5, 5))
		assert (place.secretary, issue.name) in kept()
		post = frappe.db.get_value("Grid Post Assignment", {"user": place.secretary})
		yesterday = frappe.utils.add_days(frappe.utils.getdate(), -1)
		frappe.get_doc("Grid Post Assignment", post).update({"to_date": yesterday}).save()
		self.tell()
		assert not self.told(place.secretary)
		assert place.secretary not in {user for user, _record in kept()}, "nor is she told later"

	def test_nobody_reads_what_is_kept_for_another(self, place, as_user):
		make_issue(place.grid)
		with as_user(place.stranger), pytest.raises(frappe.PermissionError):
			frappe.get_list("Digest Entry")
