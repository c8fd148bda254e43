"""The digest of a day: one for each person, of what is new, due today and late; nobody twice, nobody forgotten."""

from datetime import datetime, timedelta
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

import frappe
import pytest
from bs4 import BeautifulSoup

from grid_governance.grid_issues.steps import take_step
from grid_governance.grid_issues.telling import acting
from grid_governance.grid_structure.telling import actions, digest, queries, rules
from grid_governance.setup import seeds
from tests.factories import (
	make_department,
	make_holder,
	make_issue,
	make_officer,
	make_township,
	make_user,
)

SECRETARY, MEMBER, LEADER, OFFICE = "Village Secretary", "Grid Member", "Grid Leader", "Township Office"
MORNING = datetime(2030, 5, 6, 7, 0)
DAY = "2030-05-06"
LATE, TODAY, TOMORROW = datetime(2030, 5, 5, 18), datetime(2030, 5, 6, 18), datetime(2030, 5, 7, 0)


@pytest.fixture
def place() -> frappe._dict:
	"""A township of two villages with somebody in each part of the first; the site has nothing else to tell of."""
	for doctype in ("Digest Entry", "Issue Extension", "Issue Referral", "Grid Issue"):
		frappe.db.delete(doctype)
	make_user(roles=[{"role": "System Manager"}])  # or the next user is made one
	town = make_township(2, 1)
	return frappe._dict(
		town=town.root.name,
		grid=town.grids[0][0].name,
		other_grid=town.grids[1][0].name,
		member=make_holder(MEMBER, town.grids[0][0].name),
		secretary=make_holder(SECRETARY, town.villages[0].name),
		stranger=make_holder(SECRETARY, town.villages[1].name),
		office=make_holder(OFFICE, town.root.name),
	)


@pytest.fixture(autouse=True)
def ordered():
	"""The jobs that were ordered, as their keyword arguments; none runs by itself."""
	orders: list[dict] = []
	with patch.object(
		frappe, "enqueue", lambda method, **kwargs: orders.append({"method": method, **kwargs})
	):
		yield orders


@pytest.fixture
def no_mail():
	with patch.object(actions, "sends_mail", lambda: False):
		yield


def issue_due(grid: str, due: datetime, *steps: str) -> frappe.model.document.Document:
	issue = make_issue(grid, *steps)
	issue.db_set("due_by", due)
	return issue


def begin() -> frappe.model.document.Document:
	"""The digest of the day, begun and not yet told to anybody."""
	doc = frappe.get_doc(doctype=digest.DIGEST, day=DAY, until=MORNING, status=digest.RUNNING)
	return doc.insert(ignore_permissions=True)


def tell_all() -> frappe.model.document.Document:
	"""Run the digest of the day to its end, one job after the other."""
	doc = begin()
	while frappe.db.get_value(digest.DIGEST, doc.name, "status") == digest.RUNNING:
		digest.run(doc.name)
	doc.reload()
	return doc


def told(user: str) -> list[frappe._dict]:
	return frappe.get_all(
		"Notification Log",
		filters={"for_user": user, "document_type": ["is", "not set"]},
		fields=["subject", "email_content", "owner"],
		order_by="creation asc",
	)


def entries(user: str) -> list[str]:
	return frappe.get_all("Digest Entry", {"for_user": user}, pluck="document_name", order_by="creation asc")


class TestWhatItHolds:
	def test_an_ordinary_new_issue_waits_for_the_morning(self, place, as_user, no_mail):
		with as_user(place.member):
			issue = make_issue(place.grid)
		assert entries(place.secretary) == [issue.name]
		tell_all()
		(log,) = told(place.secretary)
		assert issue.name in log.email_content
		assert seeds.name_of("notification/issue-reported") in log.email_content
		assert entries(place.secretary) == []

	def test_what_is_late_is_told_apart_from_what_is_due_today(self, place, no_mail):
		with patch.object(actions, "keep"):
			issue_due(place.grid, LATE, "submit-to-village")
			issue_due(place.grid, LATE, "submit-to-village")
			issue_due(place.grid, TODAY, "submit-to-village")
			issue_due(place.grid, TOMORROW, "submit-to-village")
		waits = queries.waiting(MORNING.date(), MORNING)[place.secretary]
		(source,) = [each for each in queries.sources() if each.doctype == "Grid Issue"]
		rows = queries.due(place.secretary, source, waits.states["Grid Issue"], MORNING.date())
		assert sorted(row.due for row in rows) == [LATE, LATE, TODAY]
		tell_all()
		(log,) = told(place.secretary)
		assert log.subject.index("2") < log.subject.index("1"), "what is late comes first"

	def test_who_does_not_act_on_it_is_not_reminded(self, place, no_mail):
		issue_due(place.grid, LATE, "submit-to-village")
		waits = queries.waiting(MORNING.date(), MORNING)
		assert place.secretary in waits
		assert not {place.stranger, place.member, place.office} & set(waits)

	def test_a_level_above_is_reminded_of_what_it_has_taken_over(self, place, no_mail):
		issue_due(place.grid, LATE, "submit-to-village", "escalate")
		assert "Grid Issue" in queries.waiting(MORNING.date(), MORNING)[place.office].states

	def test_what_is_resolved_is_late_for_nobody(self, place, no_mail):
		issue_due(place.grid, LATE, "settle-on-the-spot")
		assert not any(each.states for each in queries.waiting(MORNING.date(), MORNING).values())

	def test_officers_are_reminded_of_their_departments_referrals(self, place, as_user, no_mail):
		mine, other = (make_department(place.town).name for _ in range(2))
		officer, colleague = (
			make_officer("Department Officer", mine),
			make_officer("Department Officer", other),
		)
		issue = make_issue(place.grid, "submit-to-village")
		with as_user(place.secretary):
			take_step(issue.name, seeds.name_of("workflow_action_master/refer"), lead_department=mine)
		referral = frappe.get_last_doc("Issue Referral", {"issue": issue.name})
		referral.db_set("due_by", LATE)
		waits = queries.waiting(MORNING.date(), MORNING)
		assert set(waits[officer].states) == {"Issue Referral"}
		assert colleague not in waits
		tell_all()
		assert len(told(officer)) == 1

	def test_the_link_opens_the_same_rows_as_are_counted(self, place, as_user, no_mail):
		issue_due(place.grid, TODAY, "submit-to-village")
		issue_due(place.grid, LATE, "submit-to-village")
		issue_due(place.other_grid, LATE, "submit-to-village")
		tell_all()
		(log,) = told(place.secretary)
		links = BeautifulSoup(log.email_content, "html.parser").find_all("a")
		assert len(links) >= 2
		for link in links:
			filters = {
				field: frappe.parse_json(value) for field, value in parse_qsl(urlsplit(link["href"]).query)
			}
			with as_user(place.secretary):
				listed = frappe.get_list("Grid Issue", filters=filters, pluck="name", limit_page_length=0)
			assert f"({len(listed)} " in link.parent.get_text()
			assert listed

	def test_who_has_nothing_is_told_nothing(self, place, no_mail):
		doc = tell_all()
		assert doc.told == 0
		assert not told(place.secretary)

	def test_states_that_an_administrator_adds_are_told_by_their_markers(self, place, no_mail):
		states = acting("Grid Issue", at_work=True)
		for key, roles in {
			"reported": {MEMBER, LEADER, SECRETARY},
			"with-village": {SECRETARY},
			"township-supervision": {OFFICE},
		}.items():
			assert states[seeds.name_of(f"workflow_state/{key}")] == roles
		assert seeds.name_of("workflow_state/closed") not in acting("Grid Issue")
		assert acting("Grid Issue")[seeds.name_of("workflow_state/resolved")] == {LEADER}


class TestOncePerDay:
	def test_it_begins_when_its_time_has_come(self, ordered):
		with patch.object(queries, "digest_time", lambda: timedelta(hours=7)):
			with patch.object(digest, "now_datetime", lambda: MORNING - timedelta(seconds=1)):
				digest.tick()
			assert not ordered
			with patch.object(digest, "now_datetime", lambda: MORNING):
				digest.tick()
		assert [order["day"] for order in ordered] == [DAY]
		assert frappe.db.get_value(digest.DIGEST, DAY, "status") == digest.RUNNING

	def test_a_later_hour_begins_no_second_one(self, ordered, place, no_mail):
		issue_due(place.grid, LATE, "submit-to-village")
		tell_all()
		ordered.clear()
		issue_due(place.grid, LATE, "submit-to-village")
		for hours in range(1, 16):
			with patch.object(digest, "now_datetime", lambda hours=hours: MORNING + timedelta(hours=hours)):
				digest.tick()
		digest.run(DAY)
		assert not ordered
		assert len(told(place.secretary)) == 1

	def test_a_job_that_dies_is_gone_on_with_and_nobody_gets_two(self, place, ordered, no_mail):
		for grid in (place.grid, place.other_grid):
			issue_due(grid, LATE, "submit-to-village")
		both = {place.secretary, place.stranger}
		doc = begin()
		with patch.object(digest, "CHUNK", 1):
			digest.run(doc.name)
			assert sum(len(told(user)) for user in both) == 1
			assert ordered[-1]["day"] == DAY, "the next job is ordered; suppose that it dies"
			frappe.db.savepoint("job")
			digest.run(doc.name)
			frappe.db.rollback(save_point="job")
			ordered.clear()
			begun = frappe.utils.get_datetime(frappe.db.get_value(digest.DIGEST, DAY, "modified"))
			for minutes, orders in ((5, 0), (20, 1)):
				later = begun + timedelta(minutes=minutes)
				with (
					patch.object(digest, "now_datetime", lambda later=later: later),
					patch.object(digest, "getdate", lambda *_args: MORNING.date()),
					patch.object(queries, "digest_time", lambda: timedelta()),
				):
					digest.tick()
				assert len(ordered) == orders
			while frappe.db.get_value(digest.DIGEST, DAY, "status") == digest.RUNNING:
				digest.run(doc.name)
		assert [len(told(user)) for user in sorted(both)] == [1, 1]
		assert frappe.db.get_value(digest.DIGEST, DAY, "told") == 2

	def test_a_second_job_of_the_same_digest_leaves_it_to_the_first(self, place, no_mail):
		issue_due(place.grid, LATE, "submit-to-village")
		doc = begin()
		with patch.object(digest, "_overtaken", lambda doc: True):
			digest.run(doc.name)
		assert not told(place.secretary)

	def test_one_person_failing_stops_nobody_and_loses_nothing(self, place, as_user, no_mail):
		with as_user(place.member):
			issue = make_issue(place.grid)
		issue_due(place.other_grid, LATE, "submit-to-village")
		tell = digest._tell

		def failing(person: queries.Person, *args: object) -> bool:
			if person.user == place.secretary:
				frappe.new_doc("Notification Log", for_user=person.user, subject="half").insert(
					ignore_permissions=True
				)
				raise ZeroDivisionError
			return tell(person, *args)

		with patch.object(digest, "_tell", failing):
			doc = tell_all()
		assert (doc.status, doc.failed) == (digest.DONE, 1)
		assert len(told(place.stranger)) == 1
		assert not told(place.secretary), "the half of hers is rolled back"
		assert entries(place.secretary) == [issue.name], "it waits for the next digest"

	def test_one_that_was_broken_off_on_another_day_is_left(self, ordered):
		begin()
		with (
			patch.object(queries, "digest_time", lambda: timedelta(hours=7)),
			patch.object(digest, "now_datetime", lambda: MORNING + timedelta(days=1)),
		):
			digest.tick()
		assert frappe.db.get_value(digest.DIGEST, DAY, "status") == digest.BROKEN_OFF
		assert [order["day"] for order in ordered] == ["2030-05-07"]
		ordered.clear()
		digest.run(DAY)
		assert not ordered


class TestByMail:
	@pytest.fixture
	def mails(self):
		sent: list[dict] = []
		with (
			patch.object(actions, "sends_mail", lambda: True),
			patch.object(frappe, "sendmail", lambda **kwargs: sent.append(kwargs)),
		):
			yield sent

	def test_it_carries_what_the_list_shows_and_no_more(self, place, mails, as_user):
		with as_user(place.member):
			issue = make_issue(
				place.grid,
				title="路灯不亮",
				description="张某某家门口，电话 13900000009",
				location_note="三组12号",
			)
		tell_all()
		(mail,) = [each for each in mails if each["recipients"] == [place.secretary]]
		text = frappe.render_template(f"templates/emails/{mail['template']}.html", mail["args"])
		assert issue.name in text and "路灯不亮" in text and issue.workflow_state in text
		assert f"/app/grid-issue/{issue.name}" in text
		assert "13900000009" not in text and "三组" not in text

	def test_markup_in_a_title_is_text(self, place, mails):
		make_issue(place.grid, title="<b>路灯</b>")
		tell_all()
		mail = next(each for each in mails if each["recipients"] == [place.secretary])
		text = frappe.render_template(f"templates/emails/{mail['template']}.html", mail["args"])
		assert "<b>" not in text

	def test_who_wants_no_mail_gets_none(self, place, mails):
		frappe.db.set_value("Notification Settings", place.secretary, "enable_email_notifications", 0)
		make_issue(place.grid)
		tell_all()
		assert len(told(place.secretary)) == 1
		assert not [each for each in mails if place.secretary in each["recipients"]]

	def test_who_wants_nothing_is_told_nothing(self, place, mails):
		frappe.db.set_value("Notification Settings", place.secretary, "enabled", 0)
		make_issue(place.grid)
		tell_all()
		assert not told(place.secretary)
		assert not [each for each in mails if place.secretary in each["recipients"]]
		assert entries(place.secretary) == []

	def test_an_account_without_a_mailbox_is_told_in_the_desk(self, place, mails):
		frappe.db.set_value("User", place.secretary, "email", "gw-1@workers.invalid")
		make_issue(place.grid)
		tell_all()
		assert len(told(place.secretary)) == 1
		assert not [each for each in mails if "gw-1@workers.invalid" in each["recipients"]]


def test_the_queries_do_not_grow_with_the_issues(place, count_queries, no_mail):
	"""One reader's share is a handful, however many rows; so is what is looked through first."""

	def cost(issues: int) -> int:
		frappe.db.savepoint("cost")
		for _ in range(issues):
			issue_due(place.grid, LATE, "submit-to-village")
		doc = begin()
		with count_queries() as seen:
			digest.run(doc.name)
		assert len(told(place.secretary)) == 1
		frappe.db.rollback(save_point="cost")
		return seen.count

	cost(1)  # what is read once for all
	assert cost(12) <= cost(2)


def test_a_digest_may_be_set_for_any_time_of_the_day():
	frappe.db.set_single_value("Governance Settings", "digest_time", "06:30:00")
	assert queries.digest_time() == timedelta(hours=6, minutes=30)
	assert rules.has_come(MORNING, queries.digest_time())
