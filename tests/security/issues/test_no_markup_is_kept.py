"""What is saved holds no markup, however it was disguised: as JSON, as a tag without an end, as an attribute."""

import re

import frappe
import pytest
from bs4 import BeautifulSoup

from grid_governance.grid_structure.actions.tree import insert_nodes
from tests.factories import level_at
from tests.security.issues.conftest import ASK, TAKE_STEP, step
from tests.web import Answer, call, request

DISGUISES = {
	"element": "<img src=x onerror=alert(1)>",
	"element that runs nothing": "<img src=http://127.0.0.1:9/x>",
	"JSON text": '"<img src=x onerror=alert(1)>"',
	"JSON list": '["<img src=x onerror=alert(1)>"]',
	"attribute": '张" onmouseover="alert(1)',
	"tag without an end": "<img src=x onerror=alert(1) ",
	"comment before it": "<!-- markdown --><img src=x onerror=alert(1) ",
}
EACH = pytest.mark.parametrize("text", DISGUISES.values(), ids=DISGUISES)
TAG = re.compile('[<>"]')


def wide(text: str) -> str:
	return text.replace("<", "＜").replace(">", "＞").replace('"', "＂")


def done(answer: Answer) -> object:
	assert answer.status == 200, answer.fault or answer.text
	return answer.message


def stored(doctype: str, name: str) -> str:
	"""All texts of a document, one after the other."""
	return "\n".join(
		value
		for value in frappe.db.get_value(doctype, name, "*", as_dict=True).values()
		if isinstance(value, str)
	)


@EACH
def test_an_issue_says_what_was_typed(world, text):
	told = ("title", "location_note", "description")
	made = done(
		request(
			world.member,
			"POST",
			"/api/resource/Grid Issue",
			category=world.category,
			grid=world.grid,
			**dict.fromkeys(told, text),
		)
	)
	assert [made[field] for field in told] == [wide(text)] * 3
	done(
		call(
			world.member,
			"frappe.client.set_value",
			doctype="Grid Issue",
			name=made["name"],
			fieldname="title",
			value=f"{text}1",
		)
	)
	action = step("submit-to-village")
	done(call(world.member, TAKE_STEP, issue=made["name"], action=action, opinion=text))
	until = str(frappe.utils.add_days(frappe.db.get_value("Grid Issue", made["name"], "due_by"), 2))
	done(call(world.secretary, ASK, issue=made["name"], until=until, reason=text))
	done(call(world.secretary, TAKE_STEP, issue=made["name"], action=step("resolve"), result=text))
	done(call(world.secretary, TAKE_STEP, issue=made["name"], action=step("give-feedback"), feedback=text))
	for doctype in ("Grid Issue", "Issue Log", "Issue Extension"):
		key = "name" if doctype == "Grid Issue" else "issue"
		for name in frappe.get_all(doctype, {key: made["name"]}, pluck="name"):
			assert not TAG.search(stored(doctype, name)), (doctype, stored(doctype, name))


@EACH
def test_nor_do_the_records_that_it_names(world, text):
	for doctype, field, values in (
		("Grid", "grid_name", {"parent_grid": world.village, "grid_level": level_at(4)}),
		("Grid Worker", "worker_name", {"grid": world.grid}),
		("Township Department", "department_name", {"grid": world.town.root.name}),
		("Issue Category", "category_name", {"code": "9" * 8}),
		("Standard Answer", "text", {"used_for": "Result", "grid": world.town.root.name}),
	):
		made = done(request("Administrator", "POST", f"/api/resource/{doctype}", **values, **{field: text}))
		assert not TAG.search(stored(doctype, made["name"])), doctype
		assert made[field].strip() == wide(text).strip()


@EACH
def test_nor_does_a_grid_of_an_import(world, text):
	(name,) = insert_nodes([{"grid_name": text, "grid_level": level_at(4), "parent_grid": world.village}])
	assert frappe.db.get_value("Grid", name, "grid_name") == wide(text)


@EACH
def test_a_comment_makes_no_element_that_runs(world, text):
	made = done(
		call(
			world.secretary,
			"frappe.desk.form.utils.add_comment",
			reference_doctype="Grid Issue",
			reference_name=world.issue,
			content=text,
			comment_email=world.secretary,
			comment_by="x",
		)
	)
	# Followed by what the page has behind it, which ends a tag that has no end.
	page = BeautifulSoup(frappe.db.get_value("Comment", made["name"], "content") + "</div>", "html.parser")
	assert not [tag for tag in page.find_all(True) if any(name.startswith("on") for name in tag.attrs)]


@EACH
def test_a_file_is_named_as_it_was(world, text):
	sent = {"doctype": "Grid Issue", "docname": world.issue, "fieldname": "", "is_private": "1"}
	name = text.replace("/", "")
	answer = call(world.secretary, "upload_file", files={"file": (name + ".txt", b"x")}, **sent)
	assert answer.status < 500, answer.fault
	if not answer.refused:
		file = answer.message
		assert not re.search("[<>\"']", file["file_name"] + file["file_url"])


NAME, PICTURE = '张" onmouseover="alert(1)', "/files/x.png\"'onmouseover='alert(1)"


def test_a_name_and_a_picture_stay_in_their_attribute(world):
	"""Both stand beside everything that the user does, in attributes; a user sets them herself."""
	done(
		call(
			world.member,
			"frappe.desk.page.user_profile.user_profile.update_profile_info",
			profile_info={"user_image": PICTURE, "bio": "<b>x</b>"},
		)
	)
	call(
		world.member,
		"frappe.client.set_value",
		doctype="User",
		name=world.member,
		fieldname="first_name",
		value=NAME,
	)
	user = frappe.db.get_value(
		"User", world.member, ["user_image", "full_name", "first_name", "bio"], as_dict=True
	)
	for text in user.values():
		assert not re.search("[<>\"']", text or ""), user
	assert user.user_image == "/files/x.png%22%27onmouseover=%27alert(1)"
