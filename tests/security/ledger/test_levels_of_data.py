"""Who works in the grid does not read what stands above her level: numbers, phones, sensitive care, logs, requests."""

import json
from collections.abc import Iterator

import frappe
import pytest

from tests.factories import make_assignment, make_care, make_holder, make_post, seeded
from tests.security import ways
from tests.security.ledger.conftest import (
	ACCESS,
	ASKED,
	CARE,
	CONTACT,
	HOUSEHOLD,
	IDENTITY,
	IMPORT,
	LINE,
	PHONE,
	RESIDENT,
	SECRET,
	SENSITIVE,
	WORDS,
)
from tests.security.ways import Way
from tests.web import call, request

BELOW = ("Grid Leader", "Grid Instructor", "Grid Member", "Party Patch Member")
CLOSED = {
	IDENTITY: BELOW,
	CONTACT: ("Grid Instructor", "Party Patch Member"),
	CARE: ("Party Patch Member",),
	ACCESS: ("Village Secretary", *BELOW),
	ASKED: BELOW,
	IMPORT: ("Village Secretary", *BELOW),
	LINE: ("Village Secretary", *BELOW),
}
"""DocTypes with the roles that know nothing of their rows: what a colleague has imported is hers alone."""

LISTS: dict[str, tuple[str, Way]] = {}
BY_NAME: dict[str, tuple[str, Way]] = {}

for each in CLOSED:
	found = ways.lists(each, WORDS[each], lambda w, dt=each: w.kept[dt])
	LISTS |= {name: (each, way) for name, way in found.items()}
	found = ways.by_name(each, WORDS[each], lambda w, dt=each: w.kept[dt])
	BY_NAME |= {name: (each, way) for name, way in found.items()}


@pytest.fixture(autouse=True)
def _as_text() -> Iterator[None]:
	with ways.papers_as_text():
		yield


def people(world: frappe._dict, *roles: str) -> dict[str, str]:
	return {role: world.inside[role] for role in roles}


@pytest.mark.parametrize("way", {**LISTS, **BY_NAME})
def test_what_a_role_may_not_read_it_is_not_told(world, way):
	doctype, walk = {**LISTS, **BY_NAME}[way]
	name = world.kept[doctype]
	word = frappe.db.get_value(doctype, name, WORDS[doctype])
	secrets = (word, world.hash, world.number, *([name] if way in LISTS else []))
	if doctype == CONTACT:
		secrets = (PHONE, f"{SECRET} 单位", *secrets[3:])
	assert ways.found(walk, world, people(world, *CLOSED[doctype]), *secrets) == {}


SENSITIVE_WAYS: dict[str, Way] = {
	**ways.lists(CARE, "note", lambda w: w.sensitive),
	**ways.by_name(CARE, "note", lambda w: w.sensitive),
	"kind of care": lambda w, user: call(
		user,
		"frappe.desk.reportview.get",
		doctype=CARE,
		fields=json.dumps([f"`tab{CARE}`.`note`", "count(`tabResident Care`.name) as n"]),
		filters=json.dumps([[CARE, "is_sensitive", "=", 1]]),
		group_by=f"`tab{CARE}`.`category`",
	),
	"care by either filter": lambda w, user: call(
		user,
		"frappe.client.get_list",
		doctype=CARE,
		fields=["note"],
		or_filters=[[CARE, "is_sensitive", "=", 1], [CARE, "name", "=", w.sensitive]],
	),
	"care that hangs on her": lambda w, user: call(
		user, "frappe.desk.form.linked_with.get", doctype=RESIDENT, docname=w.kept[RESIDENT]
	),
	"page of the household": lambda w, user: call(
		user, "grid_governance.grid_ledger.queries.page.page", http="GET", household=w.kept[HOUSEHOLD]
	),
}


@pytest.mark.parametrize("way", SENSITIVE_WAYS)
def test_a_sensitive_category_is_told_to_nobody_below_the_secretary(world, way):
	category = seeded("care_category/disabled")
	users = {**people(world, *BELOW), "official of the township": world.office}
	if "household" in way:
		assert category in SENSITIVE_WAYS[way](world, world.inside["Village Secretary"]).text
		for who, user in users.items():
			assert category not in SENSITIVE_WAYS[way](world, user).text, who
		return
	names = [world.sensitive] if "hangs" in way or way in ways.lists(CARE, "note", str) else []
	assert ways.found(SENSITIVE_WAYS[way], world, users, SENSITIVE, *names) == {}


def counts(user: str, world: frappe._dict) -> list[object]:
	"""What the counts, cards and connections say of care to *user*."""
	card = {"name": "x", "document_type": CARE, "function": "Count"}
	asked = [[CARE, "resident", "=", world.kept[RESIDENT]]]
	opened = call(
		user,
		"frappe.desk.notifications.get_open_count",
		doctype=RESIDENT,
		name=world.kept[RESIDENT],
		items=[CARE],
	)
	return [
		call(
			user, "frappe.client.get_count", doctype=CARE, filters={"resident": world.kept[RESIDENT]}
		).message,
		call(user, "frappe.desk.reportview.get_count", doctype=CARE, filters=asked, fields=[]).message,
		call(
			user,
			"frappe.desk.doctype.number_card.number_card.get_result",
			doc=card,
			filters=asked,
		).message,
		CARE in opened.text and '"count": 2' in opened.text,
	]


def test_nor_is_it_counted(world):
	assert counts(world.inside["Village Secretary"], world)[:3] == [2, 2, 2]
	for role in ("Grid Leader", "Grid Member", "Grid Instructor"):
		assert counts(world.inside[role], world)[:3] == [1, 1, 1], role
		assert not counts(world.inside[role], world)[3], role


def test_a_secretary_elsewhere_is_a_member_here(world):
	"""Whoever holds both posts sees sensitive care in her village, and not in the grid of her other post."""
	user = make_holder("Village Secretary", world.near_village)
	worker = frappe.db.get_value("Grid Worker", {"user": user})
	make_assignment(worker, make_post("Grid Member").name, world.grid)
	own = make_care(world.own_head, "disabled").name
	answer = request(user, "GET", f"/api/resource/{CARE}", limit_page_length=0)
	assert {row["name"] for row in answer.message} == {world.kept[CARE], own, world.own_rows[CARE]}
	assert request(user, "GET", f"/api/resource/{CARE}/{world.sensitive}").status == 403
	assert request(user, "GET", f"/api/resource/{IDENTITY}/{world.kept[IDENTITY]}").status == 403
	entered = {"resident": world.guest, "category": seeded("care_category/disabled")}
	assert request(user, "POST", f"/api/resource/{CARE}", **entered).status == 403


def test_a_category_that_becomes_sensitive_takes_its_rows_along(world):
	member = world.inside["Grid Member"]
	category = frappe.get_doc("Care Category", frappe.db.get_value(CARE, world.kept[CARE], "category"))
	assert request(member, "GET", f"/api/resource/{CARE}/{world.kept[CARE]}").status == 200
	category.is_sensitive = 1
	category.save()
	assert request(member, "GET", f"/api/resource/{CARE}/{world.kept[CARE]}").status == 403
	assert request(member, "GET", f"/api/resource/{CARE}").message == []


def test_who_sees_every_grid_sees_no_more_than_her_level(world):
	"""A site-wide role with care and without identities: neither its rows nor what asks no hook."""
	from grid_governance import scope
	from grid_governance.scope.custom_fields import SITE_WIDE
	from tests.factories import make_role, make_user
	from tests.world import give

	role = make_role(**{SITE_WIDE: 1})
	world.changed_rights = CARE
	give(role, CARE, "read", "report")
	user = make_user()
	frappe.get_doc("User", user).add_roles(role)
	scope.forget()
	names = {
		row["name"] for row in request(user, "GET", f"/api/resource/{CARE}", limit_page_length=0).message
	}
	assert world.kept[CARE] in names
	assert world.sensitive not in names
	chart = {
		"name": "x",
		"document_type": CARE,
		"chart_type": "Count",
		"type": "Heatmap",
		"based_on": "creation",
		"filters_json": "[]",
		"heatmap_year": frappe.utils.now_datetime().year,
	}
	answer = call(user, "frappe.desk.doctype.dashboard_chart.dashboard_chart.get", chart=chart, refresh=1)
	assert answer.status == 403
	assert call(user, "frappe.realtime.can_subscribe_doctype", http="GET", doctype=CARE).status == 403


@pytest.mark.parametrize("name", ["4269035e83", "1234567890"])
def test_a_name_that_reads_as_a_number_is_a_name(world, name):
	frappe.db.set_value(CARE, world.kept[CARE], "name", name)
	for method, given in (
		("frappe.client.get_value", {"fieldname": "note", "filters": name}),
		("frappe.client.validate_link", {"docname": name, "fields": json.dumps(["note"])}),
	):
		told = call(world.inside["Village Secretary"], method, doctype=CARE, **given)
		assert told.message["note"] == SECRET, method
		assert SECRET not in call(world.inside["Party Patch Member"], method, doctype=CARE, **given).text
