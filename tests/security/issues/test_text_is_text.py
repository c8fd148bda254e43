"""What people type stays what they typed: no script and no template, wherever it is shown."""

from unittest.mock import patch

import frappe
import pytest
from bs4 import BeautifulSoup

from grid_governance.grid_structure.telling import actions
from tests.factories import make_department, make_issue
from tests.security.issues.conftest import ANSWER, ASK, TAKE_STEP, step
from tests.web import call

MARKUP = (
	"<script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>"
	"<iframe src='file:///etc/passwd'></iframe><a href='javascript:alert(4)'>点这里</a>"
	'" onmouseover="alert(5)\' x'
)
TEMPLATE = "{{ 7 * 191 }}{% for each in [1] %}{{ frappe.session.user }}{% endfor %}${7*191}"
CALCULATED = str(7 * 191)
LIVE = ("script", "iframe", "object", "embed", "form")


@pytest.fixture
def bells():
	"""Bells ring at once instead of by a job after the commit."""
	enqueue = frappe.enqueue

	def ring(method: object, **given: object) -> object:
		if method is not actions.ring:
			return enqueue(method, **given)
		del given["enqueue_after_commit"]
		return method(**given)

	with patch.object(frappe, "enqueue", ring):
		yield


@pytest.fixture
def issue(world, bells) -> str:
	"""An urgent issue with a referral, a request and an answer, each of whose texts is an attack."""
	text = f"{TEMPLATE}{MARKUP}"
	frappe.set_user(world.member)
	# As something that writes past the cleaning of a save might leave them.
	frappe.db.set_value("Grid", world.grid, "grid_name", text[:140], update_modified=False)
	frappe.db.set_value("Issue Category", world.category, "category_name", text[:140], update_modified=False)
	department = make_department(world.town.root.name, department_name=text[:140]).name
	name = make_issue(
		world.grid,
		title=text[:140],
		description=text,
		location_note=text[:140],
		category=world.category,
		urgency="Urgent",
	).name
	frappe.set_user("Administrator")
	due = frappe.utils.add_days(frappe.db.get_value("Grid Issue", name, "due_by"), 3)
	for user, method, given in (
		(world.member, TAKE_STEP, {"action": step("submit-to-village"), "opinion": text}),
		(world.secretary, ASK, {"until": str(due), "reason": text}),
		(
			world.secretary,
			TAKE_STEP,
			{"action": step("refer"), "lead_department": department, "opinion": text},
		),
		("Administrator", ANSWER, {"action": step("referral-answer"), "opinion": text}),
	):
		of = {"issue": name}
		if method == ANSWER:
			of = {"referral": frappe.db.get_value("Issue Referral", {"issue": name})}
		answer = call(user, method, **of, **given)
		assert answer.status == 200, answer.fault or answer.text
	for field, words in (("title", text[:140]), ("description", text), ("location_note", text[:140])):
		frappe.db.set_value("Grid Issue", name, field, words, update_modified=False)
	return name


def live(page: str) -> list[str]:
	"""What of the attack would run in *page*; its own scripts are the desk's."""
	soup = BeautifulSoup(page, "html.parser")
	found = [str(tag) for tag in soup.find_all(LIVE) if "alert(" in str(tag) or "passwd" in str(tag)]
	for tag in soup.find_all(True):
		found += [
			f"{name}={value}"
			for name, value in tag.attrs.items()
			if name.startswith("on") or "javascript:" in str(value)
		]
		if tag.name == "img" and tag.get("src") == "x":
			found.append(str(tag))
	return found


def prints(doctype: str) -> list[str]:
	"""The shipped formats. Frappe's own relies on what it takes out of a text when it is saved."""
	return frappe.get_all("Print Format", {"doc_type": doctype, "disabled": 0}, pluck="name")


def test_no_print_runs_it(world, issue):
	referral = frappe.db.get_value("Issue Referral", {"issue": issue})
	log = frappe.get_all("Issue Log", {"issue": issue}, pluck="name", order_by="at desc", limit=1)[0]
	shown = 0
	for doctype, name in (("Grid Issue", issue), ("Issue Referral", referral), ("Issue Log", log)):
		for print_format in prints(doctype):
			answer = call(
				"Administrator",
				"frappe.www.printview.get_html_and_style",
				doc=doctype,
				name=name,
				print_format=print_format,
			)
			assert answer.status == 200, answer.fault
			page = answer.message["html"]
			assert live(page) == [], (doctype, print_format)
			assert CALCULATED not in page, (doctype, print_format)
			shown += "{{ 7 * 191 }}" in page
	assert shown, "the texts of the attack stand in no print"


def test_no_notification_runs_it(world, issue):
	logs = frappe.get_all(
		"Notification Log", {"document_name": issue}, ["subject", "email_content"], limit_page_length=0
	)
	mails = frappe.get_all("Email Queue", {"reference_name": issue}, ["message"], limit_page_length=0)
	assert logs, "nobody was told of the issue"
	for text in [str(value) for row in (*logs, *mails) for value in row.values()]:
		assert live(text) == []
		assert CALCULATED not in text


def test_a_message_that_refuses_runs_nothing(world, issue):
	"""Messages name grids, categories and departments."""
	for answer in (
		call(world.member, TAKE_STEP, issue=issue, action=step("settle-on-the-spot"), result=MARKUP),
		call(world.secretary, TAKE_STEP, issue=issue, action=MARKUP),
		call("Administrator", ASK, issue=issue, until=MARKUP, reason=MARKUP),
		call(
			world.secretary,
			TAKE_STEP,
			issue=issue,
			action=step("not-solved"),
			opinion=MARKUP,
			lead_department=MARKUP,
		),
	):
		assert answer.status < 500, answer.fault
		assert live(answer.told if answer.refused else "") == []
