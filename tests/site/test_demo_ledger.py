"""The households and people of the demos: as many as they say, like those that people enter, and gone without a trace."""

import json
from collections import Counter
from datetime import datetime
from itertools import combinations

import frappe
import pytest
from frappe.utils import getdate
from frappe.utils.password import get_decrypted_password

from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.actions import identities
from grid_governance.grid_ledger.rules import ages, households, numbers
from grid_governance.setup import demo, seeds
from grid_governance.setup.demo.load import TOWNSHIPS
from tests import demos, factories
from tests.world import inside_savepoint, taken_back

VILLAGE, OTHER_VILLAGE, TOWNSHIP = "140431203206", "140431203201", "140431203"
LITAN = "420984204"
ELEMENTS = ("Grid Place", "Grid Facility", "Grid Organization")


@pytest.fixture(scope="module")
def tulingdi(site):
	"""The demo, loaded once, and what its file says."""
	with taken_back():
		for name in demo.names():
			demo.remove(name)
		demo.load("tulingdi")
		yield frappe._dict(json.loads((TOWNSHIPS / "tulingdi.json").read_text("utf-8")))


@pytest.fixture(autouse=True)
def _on_site(tulingdi):
	yield from inside_savepoint(tulingdi)


def test_85_households_256_people_3_grids(tulingdi):
	grids = frappe.get_all(
		"Grid", {"parent_grid": VILLAGE}, ["name", "planned_households"], order_by="name asc"
	)
	counts = (len(demos.rows(HOUSEHOLD, VILLAGE)), len(demos.rows(RESIDENT, VILLAGE)), len(grids))
	assert counts == (85, 256, 3)
	for grid in grids:
		path = frappe.db.get_value("Grid", grid.name, "grid_path")
		standing = [home for home in demos.rows(HOUSEHOLD, VILLAGE) if home.grid_path.startswith(path)]
		assert len(standing) == grid.planned_households
	people = tulingdi["ledger"]["people"][OTHER_VILLAGE]
	assert (len(demos.rows(HOUSEHOLD, OTHER_VILLAGE)), len(demos.rows(RESIDENT, OTHER_VILLAGE))) == (
		62,
		people,
	)


def test_patches_of_5_to_10_households_each_have_one_party_member(tulingdi):
	level = seeds.name_of("grid_level/micro-grid")
	patches = [
		grid
		for grid in frappe.get_all(
			"Grid", {"name": ["like", f"{VILLAGE}%"]}, ["*"], order_by="grid_path asc", limit_page_length=0
		)
		if grid.grid_level == level
	]
	standing = Counter(home.grid for home in demos.rows(HOUSEHOLD, VILLAGE))
	assert len(patches) == 12
	assert set(standing) == {patch.name for patch in patches}
	assert all(5 <= standing[patch.name] == patch.planned_households <= 10 for patch in patches)
	keepers = {}
	for patch in patches:
		(worker,) = frappe.get_all("Grid Post Assignment", {"grid": patch.name}, pluck="worker")
		keepers[patch.name] = worker
		assert frappe.db.get_value("Grid Worker", worker, "is_party_member") == 1
	assert len(set(keepers.values())) == len(patches)


def test_households_and_people_obey_the_rules(tulingdi):
	members: dict[str, list[frappe._dict]] = {}
	for resident in demos.rows(RESIDENT, TOWNSHIP):
		members.setdefault(resident.household, []).append(resident)
	homes = demos.rows(HOUSEHOLD, TOWNSHIP)
	assert {home.name for home in homes} == set(members)
	for home in homes:
		family = members[home.name]
		assert home.member_count == len(family)
		assert households.head_problem({each.name: each.relation_to_head for each in family}) is None
		(head,) = [each for each in family if each.relation_to_head == households.HEAD]
		assert (home.head, home.title) == (head.name, f"{head.resident_name} · {home.household_no}")
		assert {(each.grid, each.grid_path) for each in family} == {(home.grid, home.grid_path)}
		for each in family:
			minor = bool(each.birth_date) and ages.age(each.birth_date, getdate()) < 18
			assert bool(each.guardian) == minor
			assert not minor or each.guardian in {other.name for other in family}
	for village in (VILLAGE, OTHER_VILLAGE):
		given = [home.household_no for home in demos.rows(HOUSEHOLD, village)]
		assert len(set(given)) == len(given)


def test_numbers_are_encrypted_hashed_and_masked_as_those_that_people_enter(tulingdi):
	born = {resident.name: resident for resident in demos.rows(RESIDENT, TOWNSHIP)}
	found = demos.rows(IDENTITY, TOWNSHIP)
	assert len(found) > 400
	for identity in found[:40]:
		number = get_decrypted_password(IDENTITY, identity.name, "id_number")
		assert number not in json.dumps(identity, default=str)
		assert identity.id_number_hash == identities.keyed_hash(number)
		assert identity.id_number_masked == numbers.masked(number)
		read, bearer = numbers.citizen(number, getdate()), born[identity.resident]
		assert (read.birth_date, read.sex) == (bearer.birth_date, bearer.sex)


@pytest.mark.parametrize("doctype", [HOUSEHOLD, RESIDENT, IDENTITY, CONTACT, CARE, *ELEMENTS])
def test_a_row_of_the_demo_is_like_one_that_people_save(tulingdi, doctype):
	"""Saving it changes nothing: the rules accept it, and what is made from other fields is as they make it."""
	found = demos.rows(doctype, TOWNSHIP)
	for name in (found[0].name, found[len(found) // 2].name, found[-1].name):
		before = frappe.get_doc(doctype, name).as_dict()
		frappe.get_doc(doctype, name).save()
		after = frappe.get_doc(doctype, name).as_dict()
		for key in ("modified", "modified_by"):
			before.pop(key), after.pop(key)
		assert {key: value or None for key, value in after.items()} == {
			key: value or None for key, value in before.items()
		}


def test_a_new_row_has_the_columns_that_the_demo_leaves_empty(tulingdi):
	"""What the set-based rows leave to the database has the value that Frappe writes for a new document."""
	home = factories.make_household(demos.rows(HOUSEHOLD, TOWNSHIP)[0].grid)
	resident = factories.make_resident(home.name)
	for doctype, name in ((HOUSEHOLD, home.name), (RESIDENT, resident.name)):
		saved, made = frappe.db.get_value(doctype, name, "*", as_dict=True), demos.rows(doctype, TOWNSHIP)[0]
		differing = {
			key
			for key in saved
			if not key.startswith("_") and bool(saved[key]) and not made[key] and made[key] != 0
		}
		assert differing <= {"modified_by"}


def test_some_are_registered_here_and_live_there(tulingdi):
	by_number: dict[str, list[str]] = {}
	for identity in demos.rows(IDENTITY, TOWNSHIP):
		by_number.setdefault(identity.id_number_hash, []).append(identity.resident)
	pairs = [found for found in by_number.values() if len(found) > 1]
	assert len(pairs) == sum(tulingdi["ledger"]["pairs"].values())
	people = {resident.name: resident for resident in demos.rows(RESIDENT, TOWNSHIP)}
	for pair in pairs:
		one, other = (people[name] for name in pair)
		assert {one.population_type, other.population_type} == {"Registered", "Migrant"}
		assert one.household != other.household
		assert (one.resident_name, one.birth_date) == (other.resident_name, other.birth_date)
		assert one.household_consistent == other.household_consistent == "Not Consistent"
		assert {one.status, other.status} == {households.LIVING_HERE, households.AWAY}


def test_some_stand_there_twice_and_can_be_found(tulingdi):
	people = demos.rows(RESIDENT, OTHER_VILLAGE)
	named = {identity.resident: identity for identity in demos.rows(IDENTITY, OTHER_VILLAGE)}
	alike = []
	for one, other in combinations(people, 2):
		if one.resident_name != other.resident_name or one.birth_date != other.birth_date:
			continue
		if other.relation_to_head == "Spouse" and one.relation_to_head == "Daughter":
			alike.append((one, other))
		elif one.relation_to_head == "Spouse" and other.relation_to_head == "Daughter":
			alike.append((other, one))
	assert len(alike) == tulingdi["ledger"]["alike"][OTHER_VILLAGE]
	whole = [get_decrypted_password(IDENTITY, named[one.name].name, "id_number") for one, _wife in alike]
	wives = [named.get(wife.name) for _one, wife in alike]
	assert [bool(wife) for wife in wives].count(True) == 1
	for number, wife in zip(whole, wives, strict=True):
		if wife:
			mistyped = get_decrypted_password(IDENTITY, wife.name, "id_number")
			assert numbers.one_apart(number, mistyped)


def test_changes_tell_of_households_as_they_stand(tulingdi):
	changes = demos.rows("Household Change", TOWNSHIP)
	assert Counter(change.kind for change in changes) == tulingdi["ledger"]["changes"]
	for change in changes:
		assert change.at <= datetime.now()
		assert change.happened_on == change.at.date()
		assert change.reason
		stands = change.other_household or change.household
		lines = frappe.get_all(
			"Household Change Member",
			{"parent": change.name},
			["resident", "relation_before", "relation_after"],
			order_by="idx asc",
		)
		family = {
			each.name: each.relation_to_head
			for each in demos.rows(RESIDENT, TOWNSHIP)
			if each.household == stands
		}
		assert {line.resident: line.relation_after for line in lines} == family
		before = Counter(line.relation_before for line in lines)
		assert before[households.HEAD] == (change.kind == "Head")
		assert set(before) <= set(households.RELATIONS)
		path = frappe.db.get_value(HOUSEHOLD, change.household, "grid_path")
		assert change.grid_path == path
		held = frappe.get_all("Grid Post Assignment", {"user": change.changed_by}, pluck="grid_path")
		assert any(path.startswith(each) for each in held)


def test_some_have_skills(tulingdi):
	found = frappe.get_all(
		"Resident Skill",
		{"parenttype": RESIDENT, "parentfield": "skills"},
		["parent", "skill"],
		limit_page_length=0,
	)
	people = {resident.name: resident for resident in demos.rows(RESIDENT, TOWNSHIP)}
	assert len([row for row in found if row.parent in people]) > 10
	assert {row.skill for row in found} <= set(frappe.get_all("Skill", pluck="name"))
	doc = frappe.get_doc(RESIDENT, next(row.parent for row in found if row.parent in people))
	assert len(doc.skills) == 1


def test_organisations_have_codes_in_form_only(tulingdi):
	found = demos.rows("Grid Organization", TOWNSHIP)
	coded = [row for row in found if row.uscc]
	assert len(coded) > 4
	for row in coded:
		assert numbers.organisation(row.uscc) == row.uscc
		assert row.uscc[2:4] == "99"
	assert {row.org_type for row in found} >= {"Party Branch", "Self-governing", "Economic", "Social"}
