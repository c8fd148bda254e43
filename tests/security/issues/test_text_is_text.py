"""What people type stays what they typed: no script, no template, no formula, wherever it is shown."""

import csv
import io
import json
from unittest.mock import patch

import frappe
import openpyxl
import pytest
from bs4 import BeautifulSoup
from frappe.desk.doctype.notification_log.notification_log import make_notification_logs

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
FORMULAS = ("=1+1", "+SUM(A1)", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", '=HYPERLINK("http://x.example","点")')
LIVE = ("script", "iframe", "object", "embed", "form")


@pytest.fixture
def bells():
	"""Bells ring at once instead of by a job after the commit."""
	enqueue = frappe.enqueue

	def ring(method: object, **given: object) -> object:
		if method is not make_notification_logs:
			return enqueue(method, **given)
		return make_notification_logs(given["doc"], given["users"])

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


def exported(doctype: str, kind: str, *fields: str) -> bytes:
	answer = call(
		"Administrator",
		"frappe.desk.reportview.export_query",
		doctype=doctype,
		fields=json.dumps([f"`tab{doctype}`.`{field}`" for field in fields]),
		file_format_type=kind,
		title=doctype,
		view="Report",
		page_length=0,
	)
	assert answer.status == 200, answer.fault
	return answer.body


@pytest.fixture
def calculating(world) -> list[str]:
	"""Issues whose titles a spreadsheet would calculate."""
	frappe.set_user(world.member)
	names = [make_issue(world.grid, title="x", category=world.category).name for _ in FORMULAS]
	for name, formula in zip(names, FORMULAS, strict=True):
		frappe.db.set_value("Grid Issue", name, "description", formula)
	frappe.set_user("Administrator")
	return names


def test_no_workbook_calculates_it(world, calculating):
	content = exported("Grid Issue", "Excel", "name", "description")
	cells = {row[1].value: row[2] for row in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows()}
	for name, formula in zip(calculating, FORMULAS, strict=True):
		assert cells[name].data_type == "s", formula
		assert cells[name].value.strip() == formula.strip()


def test_no_csv_calculates_it(world, calculating):
	content = exported("Grid Issue", "CSV", "name", "description").decode("utf-8-sig")
	cells = {row[1]: row[2] for row in csv.reader(io.StringIO(content))}
	for name, formula in zip(calculating, FORMULAS, strict=True):
		assert cells[name] == f"'{formula}"


def test_numbers_stay_numbers():
	get_csv_bytes = frappe.get_attr("frappe.desk.utils.get_csv_bytes")
	written = get_csv_bytes(
		[["-5", "+8613800000000", "-3.5%", -2, "-", "- x"]], {"quoting": csv.QUOTE_MINIMAL}
	)
	assert written.decode().strip() == "-5,+8613800000000,-3.5%,-2,-,'- x"
