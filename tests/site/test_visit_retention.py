"""What visits say goes when its time is over; that they were made stays and is counted."""

import frappe
import pytest
from frappe.utils import add_days, add_months, getdate

from grid_governance import photos
from grid_governance.grid_ledger.actions import retention
from grid_governance.grid_ledger.rules import retention as kinds
from grid_governance.grid_visits import actions, must_visits
from tests.factories import (
	make_care,
	make_holder,
	make_household,
	make_picture,
	make_resident,
	make_township,
	make_user,
	seeded,
)
from tests.visit_rows import make_due

SECRET = "血压偏高，儿子欠债"
MONTHS = 24


@pytest.fixture(autouse=True)
def _chunks_are_not_committed(monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)


@pytest.fixture
def town(site: str, as_user) -> frappe._dict:
	"""A visit that met somebody, with everything that a visit can say."""
	make_user()
	town = make_township(1, 1)
	town.grid = town.grids[0][0].name
	town.home = make_household(town.grid).name
	town.head = make_resident(town.home, resident_name="王国军").name
	town.member = make_holder("Grid Member", town.grid)
	with as_user(town.member):
		visit = frappe.get_doc(
			doctype="Household Visit",
			household=town.home,
			outcome="Met",
			visited_at=frappe.utils.now(),
			residents_met=[{"resident": town.head}],
			companions=[{"companion_name": SECRET}],
			topics=[{"topic": seeded("visit_topic/health")}],
			note=SECRET,
			return_on=add_days(getdate(), 7),
			return_note=SECRET,
			latitude=36.5,
			longitude=112.25,
			photo_1=photos.keep(make_picture()).file_url,
		).insert()
		visit = frappe.get_doc("Household Visit", visit.name)
		visit.note = f"{SECRET}，已更正"
		visit.save()
	visit.add_comment("Comment", SECRET)
	town.visit = visit.name
	return town


def age(town: frappe._dict, day: object) -> None:
	frappe.db.set_value("Household Visit", town.visit, "visited_at", f"{day} 10:00:00")


def children(town: frappe._dict) -> int:
	tables = ("Visit Person", "Visit Companion", "Visit Subject", "Visit Effect")
	return sum(frappe.db.count(table, {"parent": town.visit}) for table in tables)


def test_the_words_go_and_the_visit_is_counted(town):
	before = frappe.get_doc("Household Visit", town.visit)
	age(town, add_months(getdate(), -MONTHS - 1))
	assert retention.run()[kinds.VISITS] >= 1
	visit = frappe.get_doc("Household Visit", town.visit)
	assert (visit.household, visit.outcome, visit.worker, visit.grid, visit.grid_path) == (
		town.home,
		"Met",
		before.worker,
		town.grid,
		before.grid_path,
	)
	assert visit.anonymised_on == getdate()
	emptied = ("note", "return_on", "return_note", "photo_1", "client_key", "latitude", "longitude")
	assert not any(visit.get(field) for field in emptied)
	assert visit.owner == "Administrator"
	assert children(town) == 0
	about = {"reference_doctype": "Household Visit", "reference_name": town.visit}
	assert not frappe.db.exists("Comment", about)
	assert not frappe.db.exists("Version", {"ref_doctype": "Household Visit", "docname": town.visit})
	assert not frappe.db.exists("File", {"attached_to_name": town.visit})


def test_a_month_earlier_all_of_it_stands(town):
	age(town, add_days(add_months(getdate(), -MONTHS), 1))
	retention.run()
	assert frappe.db.get_value("Household Visit", town.visit, "note").startswith(SECRET)
	assert children(town) == 3


def test_run_again_it_finds_nothing(town):
	age(town, add_months(getdate(), -MONTHS - 1))
	retention.run()
	assert kinds.VISITS not in retention.run()


def test_must_visits_that_were_made_go_and_open_ones_stay(town):
	long_ago = add_months(getdate(), -MONTHS - 1)
	make_due(
		town.head,
		(str(long_ago), f"{long_ago} 10:00:00"),
		(str(add_days(getdate(), -30)), f"{add_days(getdate(), -30)} 10:00:00"),
		(str(long_ago), None),
	)
	retention.run()
	left = frappe.get_all("Must Visit", {"resident": town.head}, pluck="done_at")
	assert sorted(map(str, left)) == sorted(["None", f"{add_days(getdate(), -30)} 10:00:00"])


def test_what_is_emptied_is_not_filled_again(town, as_user):
	age(town, add_months(getdate(), -MONTHS - 1))
	retention.run()
	visit = frappe.get_doc("Household Visit", town.visit)
	visit.note = SECRET
	with as_user(town.member), pytest.raises(actions.VisitSettledError):
		visit.save()


def test_who_was_seen_long_ago_is_still_to_be_visited_after_each_visit(town):
	"""The next row has a name of its own, however many of the first ones are gone."""
	make_care(town.head, "elder-alone", since=add_days(getdate(), -90))
	for days in (-60, -40, -20):
		visit = frappe.get_doc("Household Visit", town.visit)
		visit.visited_at = f"{add_days(getdate(), days)} 10:00:00"
		must_visits.serve(visit)
	made = {"resident": town.head, "done_at": ["is", "set"]}
	assert frappe.db.count("Must Visit", made) == 3
	first = frappe.db.get_value("Must Visit", made, order_by="done_at asc")
	long_ago = add_months(getdate(), -MONTHS - 1)
	frappe.db.set_value("Must Visit", first, "done_at", f"{long_ago} 10:00:00")
	retention.run()
	assert not frappe.db.exists("Must Visit", first)
	must_visits.serve(frappe.get_doc("Household Visit", town.visit))
	assert frappe.db.exists("Must Visit", {"resident": town.head, "done_at": ["is", "not set"]})
