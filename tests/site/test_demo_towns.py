"""Demos of other sizes: as many people as they say, by sets, without touching what people made themselves."""

import json
from datetime import datetime
from pathlib import Path

import frappe
import pytest
from frappe.utils.password import get_decrypted_password

from grid_governance.grid_ledger import CARE, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_structure.rules import GRID, MICRO_GRID, position
from grid_governance.setup import demo
from grid_governance.setup.demo.load import description, make
from grid_governance.setup.divisions import actions as divisions
from tests import factories
from tests.demos import rows

VILLAGE, OTHER_VILLAGE, TOWNSHIP, LITAN = "140431203206", "140431203201", "140431203", "420984204"
CHUNKS = 12
"""Statements by which loads may differ: people, and each table with what hangs on them, may take one chunk more."""

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture(autouse=True)
def not_loaded(_on_site):
	for name in demo.names():
		demo.remove(name)


def test_a_load_at_any_moment_finds_a_household_for_everything():
	"""Ages are reckoned from the day of the load; who fits whom does not hang on it."""
	for moment in (datetime(2024, 2, 29), datetime(2025, 12, 31, 23, 59), datetime(2026, 3, 1)):
		demo.load("tulingdi", now=moment)
		assert len(rows(RESIDENT, VILLAGE)) == 256
		demo.remove("tulingdi")


def test_shanyang_is_sixty_thousand_households_and_a_hundred_and_eighty_thousand_people():
	data = description("shanyang")
	assert sum(data["households"].values()) == 60_000
	assert data["ledger"]["people"] == 180_000


def small_town() -> dict[str, object]:
	"""Shanyang with a hundredth of its households, in as many villages."""
	data = description("shanyang")
	data["centre"] = data.pop("issues")["centre"]
	data["households"] = {code: number // 100 for code, number in data["households"].items()}
	data["households_a_grid"] = 3
	data["posts"] = [
		each | {"shown": 0} for each in data["posts"] if each["post"].endswith("general-grid-leader")
	]
	data["ledger"] |= {"people": 1800, "pairs": 6, "alike": 5, "changes": {"Split": 5, "Head": 5}}
	return data


def test_a_town_has_as_many_people_as_it_says_in_every_village(site):
	made = make(small_town(), datetime(2026, 3, 1))
	data = small_town()
	assert len(rows(HOUSEHOLD, data["township"])) == sum(data["households"].values())
	assert len(rows(RESIDENT, data["township"])) == 1800
	for code, number in data["households"].items():
		assert len(rows(HOUSEHOLD, code)) == number
	assert not [name for doctype in made.rows for name in made.rows[doctype] if doctype == RESIDENT]


def test_a_load_writes_by_sets(site, count_queries):
	"""As many statements for twice the people, but for the chunks; the first load reads what is read once."""
	counts = []
	for people in (1200, 1200, 2400):
		data = small_town()
		data["ledger"] |= {"people": people, "pairs": 0, "alike": 0, "changes": {}}
		frappe.db.savepoint("town")
		with count_queries() as seen:
			make(data, datetime(2026, 3, 1))
		counts.append(seen.count)
		frappe.db.rollback(save_point="town")
	assert abs(counts[2] - counts[1]) <= CHUNKS


def test_litan_has_party_centre_households_in_its_micro_grids(site):
	data = description("litan")
	data["centre"] = data.pop("issues")["centre"]
	for node in data["nodes"]:
		if "households" in node:
			node["households"] = min(node["households"], 40)
	data["ledger"] |= {"people": 1500, "pairs": 3, "alike": 3, "changes": {"Split": 2, "Head": 2}}
	make(data, datetime.now())
	centres = rows("Party Centre Household", LITAN)
	assert len(centres) == 6
	for centre in centres:
		assert position(centre.grid_path) == MICRO_GRID
		assert 5 <= frappe.db.count(HOUSEHOLD, {"grid": centre.grid}) <= 15
		frappe.get_doc("Party Centre Household", centre.name).save()
	planned = {
		node["key"]: node["households"] for node in data["nodes"] if node["level"] == "grid_level/grid"
	}
	assert len(rows(HOUSEHOLD, LITAN)) == sum(planned.values())


def test_what_people_entered_in_its_grids_goes_and_what_they_entered_elsewhere_stays(site):
	town = factories.make_township(1, 1)
	own = factories.make_household(town.grids[0][0].name)
	demo.load("tulingdi")
	there = factories.make_household(rows(HOUSEHOLD, TOWNSHIP)[0].grid)
	kept, gone = [], []
	for home, list_ in ((own, kept), (there, gone)):
		resident = factories.make_resident(home.name)
		identity = factories.make_identity(resident.name)
		care = factories.make_care(resident.name, "disabled")
		comment = resident.add_comment("Comment", "Seen")
		resident.add_tag("neighbour")
		list_ += [
			(HOUSEHOLD, home.name),
			(RESIDENT, resident.name),
			(IDENTITY, identity.name),
			(CARE, care.name),
		]
		list_ += [("Comment", comment.name)]
	secret = frappe.db.get_value(IDENTITY, {"household": own.name})
	demo.remove("tulingdi")
	for doctype, name in kept:
		assert frappe.db.exists(doctype, name), doctype
	for doctype, name in gone:
		assert not frappe.db.exists(doctype, name), doctype
	assert get_decrypted_password(IDENTITY, secret, "id_number")
	left = frappe.db.sql("select name from `__Auth` where doctype = %s", IDENTITY, pluck=True)
	assert set(left) <= set(frappe.get_all(IDENTITY, pluck="name", limit_page_length=0))
	tags = frappe.get_all("Tag Link", {"document_type": RESIDENT}, pluck="document_name")
	assert kept[1][1] in tags
	assert gone[1][1] not in tags


def test_grids_that_people_drew_themselves_get_no_households(site):
	divisions.import_division(TOWNSHIP)
	own = factories.make_grid(VILLAGE, GRID, planned_households=30)
	demo.load("tulingdi")
	assert not frappe.db.exists(HOUSEHOLD, {"grid": own.name})
	assert rows(HOUSEHOLD, VILLAGE) == []
	assert len(rows(HOUSEHOLD, OTHER_VILLAGE)) == 62


def test_removing_takes_no_statement_a_row(site, count_queries):
	counts = []
	for more in (0, 0, 40):
		demo.load("tulingdi")
		grid = rows(HOUSEHOLD, TOWNSHIP)[0].grid
		for _number in range(more):
			factories.make_household(grid)
		with count_queries() as seen:
			demo.remove("tulingdi")
		counts.append(seen.count)
	assert counts[2] == counts[1]


def test_texts_of_elements_say_their_kinds():
	"""Every kind is one that the DocType knows, and every skill a seeded one."""
	texts = json.loads((Path(demo.__file__).parent / "elements.json").read_text("utf-8"))
	seeded = json.loads(
		(Path(demo.__file__).parents[1] / "seeds" / "skill" / "skills.json").read_text("utf-8")
	)
	assert set(texts["skills"]) <= {each["key"] for each in seeded}
