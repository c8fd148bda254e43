"""Phones, numbers and their hashes are not guessed by filters, sorts, groups, counts, duplicates or errors."""

import json
from collections.abc import Callable

import frappe
import pytest

from grid_governance.grid_ledger.actions import identities
from tests.factories import make_citizen_number, make_household, make_identity, make_resident
from tests.security.ledger.conftest import (
	CARE,
	CONTACT,
	HOUSEHOLD,
	IDENTITY,
	ORGANIZATION,
	PHONE,
	PLACE,
	RESIDENT,
	SECRET,
	SENSITIVE,
)
from tests.web import Answer, call, request

Guess = Callable[[frappe._dict, str, str], Answer]

HASH = "id_number_hash"
HASHES: dict[str, Guess] = {
	"filter": lambda w, user, guess: call(
		user, "frappe.client.get_list", doctype=IDENTITY, filters={HASH: guess}
	),
	"other filter": lambda w, user, guess: call(
		user,
		"frappe.client.get_list",
		doctype=IDENTITY,
		or_filters=[[IDENTITY, HASH, "like", f"{guess[:9]}%"]],
	),
	"count": lambda w, user, guess: call(
		user, "frappe.client.get_count", doctype=IDENTITY, filters={HASH: guess}
	),
	"count of the desk": lambda w, user, guess: call(
		user,
		"frappe.desk.reportview.get_count",
		doctype=IDENTITY,
		filters=[[IDENTITY, HASH, "=", guess]],
		fields=[],
	),
	"value": lambda w, user, guess: call(
		user, "frappe.client.get_value", doctype=IDENTITY, fieldname="name", filters={HASH: guess}
	),
	"link search": lambda w, user, guess: call(
		user, "frappe.desk.search.search_link", doctype=IDENTITY, txt="", filters={HASH: guess}
	),
	"search in the field": lambda w, user, guess: call(
		user, "frappe.desk.search.search_widget", doctype=IDENTITY, txt=guess, searchfield=HASH
	),
	"sort": lambda w, user, guess: call(
		user,
		"frappe.client.get_list",
		doctype=IDENTITY,
		order_by=f"`tab{IDENTITY}`.`{HASH}` = '{guess}' desc",
	),
	"case": lambda w, user, guess: call(
		user, "frappe.client.get_list", doctype=IDENTITY, fields=[f"max({HASH}) as m"]
	),
	"group": lambda w, user, guess: call(
		user,
		"frappe.desk.reportview.get",
		doctype=IDENTITY,
		fields=[f"count(`tab{IDENTITY}`.name) as n"],
		group_by=f"`tab{IDENTITY}`.`{HASH}`",
	),
	"card": lambda w, user, guess: call(
		user,
		"frappe.desk.doctype.number_card.number_card.get_result",
		doc={"name": "x", "document_type": IDENTITY, "function": "Count"},
		filters=[[IDENTITY, HASH, "=", guess]],
	),
	"people": lambda w, user, guess: call(
		user,
		"frappe.client.get_list",
		doctype=RESIDENT,
		filters=[[IDENTITY, HASH, "=", guess]],
	),
}


@pytest.mark.parametrize("way", HASHES)
def test_nobody_compares_hashes(world, way):
	"""Not even the secretary, who may see each of her numbers for a reason."""
	for user in (world.inside["Village Secretary"], world.secretary, world.inside["Grid Member"]):
		right, wrong = (HASHES[way](world, user, guess) for guess in (world.hash, "0" * 64))
		assert right.status < 500, right.fault
		assert (right.status, right.body) == (wrong.status, wrong.body)
		assert world.hash not in right.text


FETCHES: dict[str, Callable[[frappe._dict, str], Answer]] = {
	"document": lambda w, user: request(user, "GET", f"/api/resource/{IDENTITY}/{w.kept[IDENTITY]}"),
	"all fields": lambda w, user: request(user, "GET", f"/api/resource/{IDENTITY}", fields=["*"]),
	"form": lambda w, user: call(
		user, "frappe.desk.form.load.getdoc", doctype=IDENTITY, name=w.kept[IDENTITY]
	),
	"value": lambda w, user: call(
		user,
		"frappe.client.get_value",
		doctype=IDENTITY,
		fieldname=[HASH, "id_number"],
		filters=w.kept[IDENTITY],
	),
	"fetched": lambda w, user: call(
		user,
		"frappe.client.validate_link",
		doctype=IDENTITY,
		docname=w.kept[IDENTITY],
		fields=json.dumps([HASH, "id_number"]),
	),
	"report": lambda w, user: call(
		user,
		"frappe.desk.reportview.get",
		doctype=IDENTITY,
		fields=[f"`tab{IDENTITY}`.`{HASH}`", f"`tab{IDENTITY}`.`id_number`"],
	),
	"added column": lambda w, user: call(
		user, "frappe.desk.query_report.get_data_for_custom_field", doctype=IDENTITY, field=HASH
	),
	"password": lambda w, user: call(
		user,
		"frappe.client.get_password",
		doctype=IDENTITY,
		name=w.kept[IDENTITY],
		fieldname="id_number",
	),
	"answer to a save": lambda w, user: request(
		user, "PUT", f"/api/resource/{IDENTITY}/{w.kept[IDENTITY]}", verified_on="2020-01-01"
	),
	"saved by the form": lambda w, user: call(
		user,
		"frappe.desk.form.save.savedocs",
		doc={
			**frappe.db.get_value(IDENTITY, w.kept[IDENTITY], "*", as_dict=True),
			"doctype": IDENTITY,
			"id_number": w.number,
		},
		action="Save",
	),
	"rows of passwords": lambda w, user: call(user, "frappe.client.get_list", doctype="__Auth", fields=["*"]),
}


@pytest.mark.parametrize("way", FETCHES)
def test_neither_hash_nor_number_is_sent(world, way):
	answer = FETCHES[way](world, world.inside["Village Secretary"])
	assert answer.status < 500, answer.fault
	assert world.hash not in answer.text
	assert world.number not in answer.text


def test_a_hash_is_not_written(world):
	secretary = world.inside["Village Secretary"]
	answer = request(
		secretary, "PUT", f"/api/resource/{IDENTITY}/{world.kept[IDENTITY]}", id_number_hash="0" * 64
	)
	assert answer.status == 200
	assert frappe.db.get_value(IDENTITY, world.kept[IDENTITY], HASH) == world.hash
	answer = request(
		secretary,
		"POST",
		f"/api/resource/{IDENTITY}",
		resident=world.guest,
		id_number=world.number[:-4],
		id_type="Other",
		id_number_hash=world.hash,
	)
	assert answer.status == 200, answer.text
	stored = frappe.db.get_value(IDENTITY, {"resident": world.guest}, HASH)
	assert stored == identities.keyed_hash(world.number[:-4])


def test_the_hash_needs_the_key_of_the_site(world, monkeypatch):
	before = identities.keyed_hash(world.number)
	monkeypatch.setattr(identities, "get_encryption_key", lambda: "another")
	assert identities.keyed_hash(world.number) != before


ABOVE = {
	"Grid Instructor": {CONTACT: ("phone", PHONE), IDENTITY: ("id_number_masked", "%")},
	"Grid Member": {IDENTITY: ("id_number_masked", "%"), CARE: ("note", f"{SENSITIVE}%")},
	"Party Patch Member": {CONTACT: ("phone", PHONE), CARE: ("note", "%")},
}
"""By role: DocTypes above its level with a field and what would be found there."""

JOINS: dict[str, Callable[[str, str, str, str, str], Answer]] = {
	"filter": lambda user, base, dt, field, guess: call(
		user, "frappe.client.get_list", doctype=base, filters=[[dt, field, "like", guess]]
	),
	"either filter": lambda user, base, dt, field, guess: call(
		user, "frappe.client.get_list", doctype=base, or_filters=[[dt, field, "like", guess]]
	),
	"field": lambda user, base, dt, field, guess: call(
		user, "frappe.client.get_list", doctype=base, fields=["name", f"`tab{dt}`.`{field}`"]
	),
	"column of the report": lambda user, base, dt, field, guess: call(
		user,
		"frappe.desk.reportview.get",
		doctype=base,
		fields=[f"`tab{base}`.`name`", f"`tab{dt}`.`{field}`"],
	),
	"sort": lambda user, base, dt, field, guess: call(
		user, "frappe.client.get_list", doctype=base, order_by=f"`tab{dt}`.`{field}` asc"
	),
	"group": lambda user, base, dt, field, guess: call(
		user,
		"frappe.desk.reportview.get",
		doctype=base,
		fields=[f"count(`tab{base}`.name) as n"],
		group_by=f"`tab{dt}`.`{field}`",
	),
	"count": lambda user, base, dt, field, guess: call(
		user, "frappe.client.get_count", doctype=base, filters=[[dt, field, "like", guess]]
	),
	"subquery": lambda user, base, dt, field, guess: call(
		user,
		"frappe.client.get_list",
		doctype=base,
		filters=[[base, "name", "in", f"(select resident from `tab{dt}` where {field} like '{guess}')"]],  # noqa: S608
	),
	"piece of SQL": lambda user, base, dt, field, guess: call(
		user,
		"frappe.client.get_list",
		doctype=base,
		filters=[f"exists(select 1 from `tab{dt}` where {field} like '{guess}')"],  # noqa: S608
	),
	"its own list": lambda user, base, dt, field, guess: call(
		user,
		"frappe.client.get_list",
		doctype=dt,
		filters=[[dt, field, "like", guess], [dt, "is_sensitive", "=", 1]]
		if dt == CARE
		else [[dt, field, "like", guess]],
	),
}


@pytest.mark.parametrize("way", JOINS)
@pytest.mark.parametrize("role", ABOVE)
def test_no_list_tells_of_a_table_above_ones_level(world, role, way):
	user = world.inside[role]
	for doctype, (field, found) in ABOVE[role].items():
		for base in (RESIDENT, HOUSEHOLD):
			right, wrong = (JOINS[way](user, base, doctype, field, guess) for guess in (found, "无此%"))
			assert (
				right.status,
				len(right.message or []) if right.status == 200 and way != "count" else 0,
			) == (
				wrong.status,
				len(wrong.message or []) if wrong.status == 200 and way != "count" else 0,
			)
			assert right.status >= 400 or right.message in ([], 0, {}) or way in ("sort", "subquery"), (
				right.text
			)
			for secret in (PHONE, SENSITIVE, world.masked, world.hash):
				assert secret not in right.text


def test_the_same_phone_and_number_elsewhere_are_told_to_nobody(world):
	"""A number is held apart in one household only, a household's own in its village; a phone nowhere."""
	member = world.outsiders["member of the next village"]
	number = frappe.db.get_value(HOUSEHOLD, world.kept[HOUSEHOLD], "household_no")
	for user, doctype, given in (
		(member, CONTACT, {"resident": world.own_head, "phone": PHONE}),
		(member, HOUSEHOLD, {"grid": world.near, "household_no": number}),
		(
			world.secretary,
			IDENTITY,
			{
				"resident": make_resident(world.own, "Son", sex="Male", birth_date="1980-01-01").name,
				"id_number": world.number,
			},
		),
		(member, PLACE, {"place_name": SECRET, "place_type": "Shop", "grid": world.near}),
		(member, ORGANIZATION, {"org_name": SECRET, "org_type": "School", "grid": world.near}),
	):
		answer = request(user, "POST", f"/api/resource/{doctype}", **given)
		assert answer.status == 200, answer.text
		assert "_server_messages" not in json.loads(answer.body), doctype


def test_who_moves_people_does_not_learn_that_two_have_one_number(world):
	"""A number stands once in a household: what the database says of the second one would tell who has whose, hash included."""
	second = make_household(world.near).name
	make_identity(make_resident(second).name, id_number=world.number)
	member = world.outsiders["member of the next village"]
	answers = []
	for number in (world.number, make_citizen_number()):
		for by_merge in (False, True):
			first = make_household(world.near).name
			head = make_resident(first).name
			make_identity(head, id_number=number)
			answer = (
				call(
					member,
					"grid_governance.grid_ledger.actions.households.merge",
					household=first,
					into=second,
					relations={head: "Sibling"},
				)
				if by_merge
				else request(
					member,
					"PUT",
					f"/api/resource/{RESIDENT}/{head}",
					household=second,
					relation_to_head="Sibling",
				)
			)
			assert answer.status < 500, answer.fault
			for secret in (world.hash, world.number, world.masked, "Duplicate entry", IDENTITY):
				assert secret not in answer.text
			answers.append((answer.status, frappe.db.get_value(RESIDENT, head, "household") == second))
	assert answers[:2] == answers[2:]


def test_a_second_number_of_one_person_is_refused_in_words(world):
	answer = request(
		world.inside["Village Secretary"],
		"POST",
		f"/api/resource/{IDENTITY}",
		resident=world.kept[RESIDENT],
		id_number=make_citizen_number(),
	)
	assert 400 <= answer.status < 500
	for secret in (world.hash, world.number, "Duplicate entry", "Traceback"):
		assert secret not in answer.text
