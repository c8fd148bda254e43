"""What those above do stays within their posts: urging, praising, the list of what is to be watched, and its mail."""

from collections.abc import Iterator

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from grid_governance.grid_issues import supervision
from tests.factories import make_category, make_holder, make_issue, make_township, make_user, seeded
from tests.web import call, request
from tests.world import inside_savepoint, taken_back

METHODS = "grid_governance.grid_issues.supervision."
RUN = "frappe.desk.query_report.run"
MAIL = "Auto Email Report"
SECRET = "机密九九"
"""Stands in the title and the instruction of the issue in the second village."""

UNTOUCHED = ["urged_on", "urged_times", "verdict", "verdict_words", "verdict_by", "verdict_answer"]


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""Two villages with a late issue each, that of the second a secret one; people of both and of another township."""
	with taken_back():
		town, category = make_township(2, 1), make_category()
		late = {"due_by": str(add_to_date(now_datetime(), days=-3))}
		secret = {"instruction": SECRET, "instruction_due": late["due_by"]}
		own, other = (
			make_issue(grids[0].name, "submit-to-village", category=category) for grids in town.grids
		)
		frappe.db.set_value("Grid Issue", own.name, late)
		frappe.db.set_value("Grid Issue", other.name, {**late, **secret, "title": SECRET})
		closed = make_issue(
			town.grids[1][0].name, "submit-to-village", "resolve", "give-feedback", category=category
		)
		elsewhere = make_township(1, 1)
		yield frappe._dict(
			town=town,
			own=own.name,
			other=other.name,
			closed=closed.name,
			secretary=make_holder("Village Secretary", town.villages[0].name),
			office=make_holder("Township Office", town.root.name),
			outsiders={
				"member of the other village": make_holder("Grid Member", town.grids[0][0].name),
				"secretary of the other village": make_holder("Village Secretary", town.villages[0].name),
				"office of another township": make_holder("Township Office", elsewhere.root.name),
				"office whose post is over": make_holder(
					"Township Office", town.root.name, to_date="2020-01-02"
				),
				"somebody without a post": make_user(),
			},
		)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def held(issue: str) -> tuple:
	return frappe.db.get_value("Grid Issue", issue, UNTOUCHED)


def lines(issue: str) -> int:
	return frappe.db.count("Issue Log", {"issue": issue})


@pytest.mark.parametrize(
	("method", "given", "about"),
	[
		("urge", {"words": "快"}, "other"),
		("judge", {"verdict": "Praise", "words": "好"}, "closed"),
		("judge", {"verdict": "Ask to Explain", "words": "为什么"}, "closed"),
		("explain", {"words": "因为"}, "closed"),
		("standing", {}, "other"),
	],
)
def test_nobody_outside_says_a_word(world, method, given, about):
	issue = world[about]
	before = held(issue), lines(issue)
	for who, user in world.outsiders.items():
		answer = call(user, METHODS + method, issue=issue, **given)
		assert answer.status == 403, who
		assert SECRET not in answer.text, who
	assert (held(issue), lines(issue)) == before
	assert call(world.office, METHODS + "standing", issue=issue).status == 200


def test_several_at_once_tell_nothing_of_what_is_not_hers(world):
	before = held(world.other), lines(world.other)
	for who, user in world.outsiders.items():
		answer = call(user, METHODS + "urge_all", issues=[world.other], words="快")
		assert SECRET not in answer.text, who
		assert answer.refused or answer.message["done"] == [], who
	assert (held(world.other), lines(world.other)) == before
	assert call(world.office, METHODS + "urge_all", issues=[world.other]).message["done"] == [world.other]


@pytest.mark.parametrize("method", ["urge", "urge_all", "judge", "explain", "mail_me"])
def test_what_writes_is_no_address_to_open(world, method):
	given = {"issue": world.own, "issues": [world.own], "on": 1, "words": "快", "verdict": "Praise"}
	assert call(world.office, METHODS + method, http="GET", **given).refused
	assert not frappe.db.exists(MAIL, {"user": world.office})


def test_the_list_ends_where_the_post_does(world):
	other, village = world.town.grids[1][0], world.town.villages[1]
	narrowed = (
		{},
		{"show": "By Grid"},
		{"reason": "instruction_over"},
		{"figure": "watched", "node": village.grid_path, "exact": 0},
		{"figure": "watched", "node": "", "exact": 0},
		{"roll_up": world.town.root.grid_level},
	)
	for filters in narrowed:
		answer = call(world.secretary, RUN, report_name=supervision.REPORT, filters=filters)
		assert answer.status == 200, filters
		for secret in (SECRET, world.other, village.grid_name):
			assert secret not in answer.text, filters
	for grid in (other.name, village.name, world.town.root.name):
		answer = call(world.secretary, RUN, report_name=supervision.REPORT, filters={"grid": grid})
		assert answer.status == 403
	assert SECRET in call(world.office, RUN, report_name=supervision.REPORT, filters={}).text


def test_whoever_reports_nothing_has_no_list(world):
	for who in ("member of the other village", "somebody without a post"):
		assert call(world.outsiders[who], RUN, report_name=supervision.REPORT, filters={}).status == 403, who
		for method in ("mails_me", "mail_me"):
			assert call(world.outsiders[who], METHODS + method, on=1).status == 403, who
	for who in ("office of another township", "office whose post is over"):
		answer = call(world.outsiders[who], RUN, report_name=supervision.REPORT, filters={})
		assert SECRET not in answer.text, who


class TestMail:
	@pytest.fixture
	def mail(self, world) -> str:
		"""The mail of the township's office, which tells of all villages."""
		assert call(world.office, METHODS + "mail_me", on=1).message["on"]
		return frappe.db.get_value(MAIL, {"user": world.office})

	def test_nobody_reads_or_sends_that_of_another(self, world, mail):
		for user in (world.secretary, *world.outsiders.values(), world.office):
			stock = "frappe.email.doctype.auto_email_report.auto_email_report."
			for method in ("download", "send_now"):
				answer = call(user, stock + method, name=mail)
				assert answer.refused
				assert SECRET not in answer.text
			assert request(user, "GET", f"/api/resource/{MAIL}/{mail}").refused
			assert request(user, "GET", f"/api/resource/{MAIL}").refused

	def test_nobody_turns_it_to_herself(self, world, mail):
		for user in (world.secretary, world.office):
			answer = request(user, "PUT", f"/api/resource/{MAIL}/{mail}", email_to="someone@example.com")
			assert answer.refused
			values = {"report": supervision.REPORT, "user": world.office, "email_to": "someone@example.com"}
			more = {"format": "CSV", "frequency": "Daily", "filters": "{}"}
			assert request(user, "POST", f"/api/resource/{MAIL}", **values, **more).refused
		address = frappe.db.get_value("User", world.office, "email")
		assert frappe.db.get_value(MAIL, mail, ["user", "email_to"]) == (world.office, address)

	def test_it_is_for_the_one_who_asks(self, world):
		"""Whoever names somebody else, or another address, gets her own list sent to her own address."""
		given = {"on": 1, "user": world.office, "email_to": "someone@example.com"}
		assert call(world.secretary, METHODS + "mail_me", **given).status in (200, 417, 500)
		for row in frappe.get_all(
			MAIL, filters={"report": supervision.REPORT}, fields=["user", "email_to"], order_by="name asc"
		):
			assert row.user == world.secretary
			assert row.email_to == frappe.db.get_value("User", world.secretary, "email")

	def test_what_is_mailed_is_what_she_may_see(self, world, mail):
		call(world.secretary, METHODS + "mail_me", on=1)
		own = frappe.db.get_value(MAIL, {"user": world.secretary})
		texts = {name: frappe.get_doc(MAIL, name).get_report_content() for name in (own, mail)}
		assert frappe.session.user == "Administrator"
		assert SECRET not in texts[own]
		assert SECRET in texts[mail]


def test_the_words_from_above_do_nothing_on_a_page(world):
	"""A form shows the words of a field as they are stored, and these are set past the document's own checks."""
	typed = '快<img src=x onerror="alert(1)"><script>alert(2)</script>'
	assert call(world.office, METHODS + "urge", issue=world.own, words=typed).status == 200
	assert (
		call(world.office, METHODS + "judge", issue=world.closed, verdict="Praise", words=typed).status == 200
	)
	stored = frappe.get_all(
		"Issue Log",
		filters={"issue": ["in", [world.own, world.closed]]},
		pluck="opinion",
		order_by="creation desc",
		limit=2,
	)
	stored.append(frappe.db.get_value("Grid Issue", world.closed, "verdict_words"))
	watched = make_issue(world.town.grids[0][0].name, "submit-to-village", "escalate").name
	words = {"instruction": typed, "instruction_due": str(add_to_date(now_datetime(), days=2))}
	back = seeded("workflow_action_master/assign-back")
	method = "grid_governance.grid_issues.steps.take_step"
	assert call(world.office, method, issue=watched, action=back, **words).status == 200
	stored.append(frappe.db.get_value("Grid Issue", watched, "instruction"))
	for text in stored:
		assert "快" in text
		assert not {"<", ">", '"'} & set(text)
