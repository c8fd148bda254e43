"""Counts, sums and yes-or-no answers are the same of what is secret as of what does not exist."""

import json
from collections.abc import Callable

import frappe
import pytest

from tests.security.issues.conftest import SECRET
from tests.web import Answer, call, request

NOWHERE = "查无此事"
Guess = Callable[[str, str], Answer]


def _like(field: str, text: str) -> str:
	return json.dumps([["Grid Issue", field, "like", f"%{text}%"]])


GUESSES: dict[str, Guess] = {
	"count": lambda user, text: call(
		user, "frappe.client.get_count", doctype="Grid Issue", filters={"title": ["like", f"%{text}%"]}
	),
	"count of the list": lambda user, text: call(
		user, "frappe.desk.reportview.get_count", doctype="Grid Issue", filters=_like("description", text)
	),
	"rows by a filter": lambda user, text: call(
		user, "frappe.client.get_list", doctype="Grid Issue", filters=_like("location_note", text)
	),
	"rows by another filter": lambda user, text: request(
		user, "GET", "/api/resource/Grid Issue", or_filters=_like("title", text)
	),
	"rows by a field of a linked document": lambda user, text: call(
		user,
		"frappe.client.get_list",
		doctype="Issue Log",
		filters=json.dumps([["Issue Log", "opinion", "like", f"%{text}%"]]),
	),
	"number card": lambda user, text: call(
		user,
		"frappe.desk.doctype.number_card.number_card.get_result",
		doc=json.dumps({"document_type": "Grid Issue", "function": "Count"}),
		filters=_like("title", text),
	),
	"numbers of a sidebar group": lambda user, text: call(
		user,
		"frappe.desk.listview.get_group_by_count",
		doctype="Grid Issue",
		current_filters=_like("title", text),
		field="assigned_to",
	),
	"numbers of the tags": lambda user, text: call(
		user,
		"frappe.desk.reportview.get_sidebar_stats",
		doctype="Grid Issue",
		stats='["_user_tags"]',
		filters=_like("title", text),
	),
	"value by a filter": lambda user, text: call(
		user,
		"frappe.client.get_value",
		doctype="Grid Issue",
		fieldname="creation",
		filters={"title": ["like", f"%{text}%"]},
	),
	"search": lambda user, text: call(user, "frappe.desk.search.search_link", doctype="Grid Issue", txt=text),
	"counts by state": lambda user, text: call(
		user,
		"frappe.desk.reportview.get",
		doctype="Grid Issue",
		fields=json.dumps(["workflow_state", "count(`tabGrid Issue`.name) as n"]),
		filters=_like("title", text),
		group_by="workflow_state",
	),
}


def said(guess: Guess, user: str, text: str) -> tuple[int, str]:
	answer = guess(user, text)
	assert answer.status < 500, answer.fault
	return answer.status, answer.text.replace(text, "")


@pytest.mark.parametrize("guess", GUESSES)
def test_a_good_guess_is_told_nothing(world, guess):
	ask = GUESSES[guess]
	assert said(ask, "Administrator", SECRET) != said(ask, "Administrator", NOWHERE), (
		"nobody is told anything"
	)
	for who, user in world.outsiders.items():
		assert said(ask, user, SECRET) == said(ask, user, NOWHERE), who


@pytest.mark.parametrize("doctype", ["Grid Issue", "Issue Referral", "Issue Extension"])
def test_no_link_tells_that_a_name_is_taken(world, doctype):
	name = {"Grid Issue": world.issue, "Issue Referral": world.referral}.get(doctype, world.extension)

	def valid(user: str, name: str) -> object:
		answer = call(user, "frappe.client.validate_link", doctype=doctype, docname=name)
		return answer.refused or not answer.message.get("name")

	assert not valid("Administrator", name)
	for who, user in world.outsiders.items():
		assert valid(user, name), who


def test_no_room_for_what_changes_is_open(world):
	"""A room of the realtime server names every row that is changed."""
	for user, opens in [("Administrator", True), *((user, False) for user in world.outsiders.values())]:
		for method, given in (
			("can_subscribe_doctype", {"doctype": "Grid Issue"}),
			("can_subscribe_doc", {"doctype": "Grid Issue", "docname": world.issue}),
		):
			answer = call(user, f"frappe.realtime.{method}", http="GET", **given)
			assert (answer.status == 200 and bool(answer.message)) is opens, (user, method)


def test_reports_count_what_is_ones_own(world):
	period = {"from_date": frappe.utils.nowdate(), "to_date": frappe.utils.nowdate()}
	found = {
		user: call(
			user,
			"frappe.desk.query_report.run",
			report_name="Issue Closing and Timeliness",
			filters=period,
		)
		for user in (world.office, *world.outsiders.values())
	}
	assert found.pop(world.office).message["result"][-1]["found"] == 1
	for answer in found.values():
		assert answer.refused or not answer.message["result"]
