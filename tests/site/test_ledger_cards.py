"""Number cards and shortcuts of the ledger: the number is that of the rows a click leads to, in each reader's scope."""

import json

import frappe
import pytest
from frappe.desk.doctype.number_card.number_card import get_result
from frappe.utils import add_days, get_last_day, getdate

from grid_governance.setup import seeds
from grid_governance.setup.seeds import rules
from tests.factories import (
	make_care,
	make_grid,
	make_holder,
	make_household,
	make_resident,
	make_township,
	make_user,
	make_worker,
)
from tests.world import inside_savepoint, taken_back

KEYS = [
	seed.key
	for seed in rules.load()
	if seed.key.startswith("number_card/") and dict(seed.values)["module"] == "Grid Ledger"
]
WORKSPACES = ("my-grid", "village-work", "township-work", "grid-ledger")


def build_town() -> frappe._dict:
	"""Two villages: households with and without head, visited or not; people of every status; care late, due, ended."""
	make_user()  # Frappe makes the first user of a site its System Manager
	town = make_township(2, 1)
	today = getdate()
	for number, (grid,) in enumerate(town.grids):
		home = make_household(grid.name)
		head = make_resident(home.name)
		others = [
			make_resident(home.name, "Son", status="Away"),
			make_resident(home.name, "Spouse", birth_date=None),
			make_resident(home.name, "Parent"),
		]
		frappe.db.set_value("Resident", others[2].name, {"status": "Deceased", "status_date": today})
		frappe.db.set_value("Resident", make_resident(home.name, "Sibling").name, "merged_into", head.name)
		frappe.db.set_value("Household", home.name, "last_visit_on", today)
		make_household(grid.name)
		frappe.db.set_value("Household", make_household(grid.name).name, "status", "Dissolved")
		cares = [
			make_care(head.name, key, since=today)
			for key in ("elder", "elder-alone", "empty-nest", "left-behind-elder")
		]
		due = (add_days(today, -1), get_last_day(today), add_days(get_last_day(today), 1), None)
		for care, day in list(zip(cares, due, strict=True))[number:]:
			frappe.db.set_value("Resident Care", care.name, "next_visit_due", day)
		ended = make_care(others[0].name, "elder", since=today)
		frappe.db.set_value("Resident Care", ended.name, {"until": today, "next_visit_due": today})
		make_care(others[0].name, "disabled")
		circle = make_grid(grid.name, 6)
		frappe.get_doc(
			doctype="Party Centre Household",
			centre_name="甲",
			grid=circle.name,
			party_member=make_worker(grid.name, is_party_member=1).name,
			opened_on=today,
		).insert()
	town.members = [make_holder("Grid Member", grid.name) for (grid,) in town.grids]
	town.secretary = make_holder("Village Secretary", town.villages[0].name)
	town.official = make_holder("Township Office", town.root.name)
	return town


@pytest.fixture(scope="module")
def world(site):
	with taken_back():
		yield build_town()


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


@pytest.fixture
def town(world):
	return world


def moving(text):
	"""What an expression of the desk's stands for today."""
	today = getdate()
	for said, day in (
		("frappe.datetime.add_days(frappe.datetime.get_today(), -1)", add_days(today, -1)),
		("frappe.datetime.month_end()", get_last_day(today)),
	):
		text = text.replace(said, f'"{day}"')
	return json.loads(text.replace("'", '"'))


def card_of(key):
	return frappe.get_doc("Number Card", seeds.name_of(key))


def asked(card):
	"""The filters with which the desk asks for the number, and with which a click opens the list."""
	today = [[*row[:3], moving(row[3])] for row in json.loads(card.dynamic_filters_json or "[]")]
	return json.loads(card.filters_json) + today


def shown(key):
	card = card_of(key)
	return get_result(card.as_json(), asked(card))


@pytest.mark.parametrize("reader", ["member", "secretary", "official"])
@pytest.mark.parametrize("key", KEYS)
def test_the_number_is_that_of_the_rows_behind_it(town, as_user, key, reader):
	user = town.members[0] if reader == "member" else town[reader]
	card = card_of(key)
	filters = [row[:4] for row in asked(card)]
	with as_user(user):
		listed = frappe.get_list(card.document_type, filters=filters, pluck="name", limit_page_length=0)
		assert shown(key) == len(listed) > 0
	inside = frappe.get_all(
		card.document_type, filters=filters, fields=["name", "grid_path"], limit_page_length=0
	)
	root = {"member": town.grids[0][0], "secretary": town.villages[0], "official": town.root}[reader]
	own = {row.name for row in inside if row.grid_path.startswith(root.grid_path)}
	hidden = own - set(listed)
	assert set(listed) <= own
	assert not hidden or card.document_type == "Resident Care", "what is sensitive is not counted either"


def test_the_figures_are_right(town, as_user):
	expected = {
		"households-here": (2, 4),
		"people-here": (3, 6),
		"households-never-visited": (1, 2),
		"households-without-a-head": (1, 2),
		"people-without-a-birth-date": (1, 2),
		"party-centre-households": (1, 2),
		"care-going-on": (4, 8),
		"care-visits-late": (1, 1),
	}
	for key, (one, both) in expected.items():
		with as_user(town.members[0]):
			assert shown(f"number_card/{key}") == one, key
		with as_user(town.official):
			assert shown(f"number_card/{key}") == both, key
	with as_user(town.secretary):
		assert shown("number_card/care-going-on") == 5, "she sees the sensitive one, too"


def test_what_falls_due_to_the_end_of_the_month_is_to_make(town, as_user):
	with as_user(town.members[0]):
		assert shown("number_card/care-visits-to-make") == 2


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_shortcuts_of_the_ledger_count_what_their_list_shows(town, as_user, workspace):
	doc = frappe.get_doc("Workspace", seeds.name_of(f"workspace/{workspace}"))
	rows = [
		row
		for row in doc.shortcuts
		if row.stats_filter and frappe.get_meta(row.link_to).module == "Grid Ledger"
	]
	assert rows
	for row in rows:
		with as_user(town.members[0]):
			assert frappe.get_list(row.link_to, filters=moving(row.stats_filter), limit_page_length=0), (
				row.label
			)
