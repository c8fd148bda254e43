"""The search for people, abused: to reach other villages, other DocTypes, other levels, and to keep what was typed."""

import json

import frappe
import pytest

from tests.factories import (
	make_care,
	make_citizen_number,
	make_holder,
	make_household,
	make_identity,
	make_resident,
	make_township,
	make_user,
)
from tests.web import call
from tests.world import inside_savepoint, taken_back

FIND = "grid_governance.grid_ledger.queries.find."
LINK, WIDGET = "frappe.desk.search.search_link", "frappe.desk.search.search_widget"
NAME, KEY, NUMBER, ADDRESS = "机密欧", "jmo", "77007700", "机密巷一号"
WAYS = ("residents", "homes", "for_search_bar", "filters_for Resident", "filters_for Household")


@pytest.fixture(scope="module")
def world(site):
	"""Two villages; in the second a household and a person whom the first one's people are after."""
	with taken_back():
		make_user()  # Frappe makes the first user of a site its System Manager
		town = make_township(2, 1)
		near, far = town.grids[0][0].name, town.grids[1][0].name
		number = make_citizen_number()
		household = make_household(far, household_no=NUMBER, address=ADDRESS)
		person = make_resident(household.name, resident_name=NAME)
		identity = make_identity(person.name, id_number=number)
		make_care(person.name, "disabled")
		own = make_resident(make_household(near, household_no="5").name, resident_name="王国军")
		yield frappe._dict(
			town=town,
			number=number,
			secret={NAME, person.name, household.name, ADDRESS, identity.name},
			person=person.name,
			household=household.name,
			own=own.name,
			hash=identity.id_number_hash,
			far_grid=far,
			outside=make_holder("Village Secretary", town.villages[0].name),
			member=make_holder("Grid Member", far),
			inside=make_holder("Village Secretary", town.villages[1].name),
			ended=make_holder("Village Secretary", town.villages[1].name, to_date="2020-01-02"),
			bare=make_user(),
		)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def asked(user, way, text, **more):
	"""The answer of one of the `WAYS` to *text*."""
	method, _, doctype = way.partition(" ")
	given = {"doctype": doctype} if doctype else {}
	return call(user, FIND + method, txt=text, **given, **more)


def tells(answer, world, typed=""):
	"""What of the far village stands in the answer; what was typed may come back as a filter."""
	return {secret for secret in world.secret - {typed} if secret in answer.text}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
	"text", [NAME, "机", KEY, "jimi", NUMBER, "77", ADDRESS, "number", "", "%", "_", "％"]
)
def test_nothing_of_another_village_is_found(world, way, text):
	answer = asked(world.outside, way, world.number if text == "number" else text)
	assert answer.status == 200
	assert tells(answer, world, text if "filters_for" in way else "") == set()


@pytest.mark.parametrize("way", WAYS[:3])
@pytest.mark.parametrize("text", [NAME, KEY, NUMBER])
def test_inside_it_is(world, way, text):
	"""So that the tests around find something when a door is open."""
	assert tells(asked(world.inside, way, text), world)


@pytest.mark.parametrize("way", WAYS)
def test_who_has_no_post_finds_nobody(world, way):
	for user in (world.bare, world.ended, "Guest"):
		answer = asked(user, way, NAME)
		assert tells(answer, world) == set()
		assert answer.status == 403 or answer.message in ([], None)


@pytest.mark.parametrize("way", WAYS)
def test_a_number_is_no_oracle_for_who_may_not_read_numbers(world, way):
	there = asked(world.member, way, world.number)
	nowhere = asked(world.member, way, make_citizen_number(born="19490101"))
	assert there.status == nowhere.status == 200
	assert there.message == nowhere.message
	assert tells(there, world) == set()


@pytest.mark.parametrize("way", WAYS)
def test_nor_outside_ones_village(world, way):
	there = asked(world.outside, way, world.number)
	assert there.message == asked(world.outside, way, make_citizen_number(born="19490101")).message


@pytest.mark.parametrize("way", WAYS[:3])
@pytest.mark.parametrize(
	"text", ["机%欧", "机_欧", "%欧", "__欧", "\\%", "' or '1'='1", '" or ""="', "机密欧\x00"]
)
def test_wildcards_and_quotes_stand_for_nothing(world, way, text):
	answer = asked(world.outside, way, text)
	assert answer.status == 200
	assert tells(answer, world) == set()
	inside = asked(world.inside, way, text)
	assert inside.status == 200
	if text in ("机%欧", "机_欧"):
		assert tells(inside, world) == set(), "not by what stands around a letter"


BAD_FILTERS = (
	[["Resident Identity", "id_number_hash", "=", "hash"]],
	[["Resident Care", "is_sensitive", "=", 1]],
	[["Resident Contact", "phone", "like", "1%"]],
	[["User", "name", "like", "%"]],
	[["Grid", "grid_name", "like", "%"]],
	[["household.address", "like", "机%"]],
	[["`tabResident Identity`.id_number_hash", "like", "%"]],
	[["1=1) or (1", "=", 1]],
	[["initials", "like' or 1=1 -- ", "j%"]],
	[["initials", "=", {"a": 1}]],
	[["grid_path", "descendants of", ""]],
	{"or": [["initials", "like", "j%"]]},
	["initials", "like", "j%"],
	"1=1",
	"not json",
	7,
)


@pytest.mark.parametrize("given", BAD_FILTERS, ids=str)
@pytest.mark.parametrize("way", ["residents", "homes", LINK, WIDGET])
def test_filters_on_anything_else_are_refused(world, way, given):
	given = json.loads(json.dumps(given).replace('"hash"', f'"{world.hash}"'))
	if way in (LINK, WIDGET):
		answer = call(world.inside, way, doctype="Resident", txt="", filters=given)
	else:
		answer = asked(world.inside, way, "", filters=given)
	assert answer.refused
	assert tells(answer, world) == set()
	assert "tabResident" not in answer.text, "no SQL is shown"


@pytest.mark.parametrize(
	"given",
	[
		{"initials": ["like", "j%"]},
		{"grid": "far"},
		{"household": "far"},
		[["Resident", "grid_path", "like", "%"]],
		[["name", "!=", "x"]],
		[["status", "in", ["Living Here"]]],
	],
	ids=str,
)
def test_filters_on_own_fields_reach_no_further_than_the_scope(world, given):
	given = json.loads(json.dumps(given).replace('"far"', f'"{world.far_grid}"'))
	for method, more in (
		(FIND + "residents", {}),
		(LINK, {"ignore_user_permissions": 1, "reference_doctype": "User"}),
		(WIDGET, {"searchfield": "name"}),
	):
		answer = call(world.outside, method, doctype="Resident", txt="", filters=given, **more)
		assert answer.status == 200
		assert tells(answer, world) == set()


@pytest.mark.parametrize(
	"more", [{"or_filters": [["Resident", "name", "like", "%"]]}, {"ignore_permissions": 1}]
)
def test_what_a_client_sends_beside_changes_nothing(world, more):
	for way in WAYS:
		answer = asked(world.outside, way, KEY, **more)
		assert tells(answer, world) == set()


@pytest.mark.parametrize(
	("start", "page_len"),
	[(-5, 10), (0, -1), (0, 0), (10**12, 10), (0, 10**9), ("0 union select 1", 5), (0, "20; drop")],
)
def test_pages_are_bounded(world, start, page_len):
	answer = asked(world.outside, "residents", "", start=start, page_len=page_len)
	assert answer.status in (200, 417, 500) and "tabResident" not in answer.text
	assert tells(answer, world) == set()
	if answer.status == 200:
		assert len(answer.message) <= 500


@pytest.mark.parametrize(
	"doctype", ["User", "Resident Identity", "Resident Care", "DocType", "No Such", "Resident` --"]
)
def test_another_doctype_is_not_searched(world, doctype):
	assert asked(world.inside, f"filters_for {doctype}", NAME).refused
	for way in ("residents", "homes"):
		answer = call(world.outside, FIND + way, doctype=doctype, txt=NAME)
		assert tells(answer, world) == set()


@pytest.mark.parametrize("searchfield", ["id_number_hash", "grid_path", "name from tabUser -- ", "initials"])
def test_another_search_field_changes_nothing(world, searchfield):
	for method, given in ((LINK, {}), (WIDGET, {}), (FIND + "residents", {})):
		answer = call(world.outside, method, doctype="Resident", txt="机", searchfield=searchfield, **given)
		assert tells(answer, world) == set()


@pytest.mark.parametrize("way", WAYS)
def test_what_is_typed_cannot_stand_in_an_address(world, way):
	method, _, doctype = way.partition(" ")
	assert call(
		world.inside, FIND + method, http="GET", txt=world.number, doctype=doctype or "Resident"
	).refused


def test_a_search_keeps_nothing_of_the_number(world):
	kept = ("Error Log", "Access Log", "View Log", "Activity Log", "Route History", "Comment", "Version")
	before = {doctype: frappe.db.count(doctype) for doctype in kept}
	for way in WAYS:
		asked(world.inside, way, world.number)
		asked(world.member, way, world.number)
		asked(world.bare, way, world.number)
	assert {doctype: frappe.db.count(doctype) for doctype in kept} == before


def test_nobody_stands_in_the_global_search(world):
	rows = frappe.db.sql("select content, title from `__global_search`")
	assert not [row for row in rows if any(secret in str(row) for secret in (NAME, ADDRESS, world.number))]
