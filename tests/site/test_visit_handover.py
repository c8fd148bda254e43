"""What a hand-over says of the doors: who must be visited and what was promised, in the reader's scope."""

import json
from urllib.parse import parse_qsl, urlsplit

import frappe
import pytest
from frappe.utils import add_days, getdate

from grid_governance.grid_structure.queries.handover import open_under
from tests.factories import make_holder, make_household, make_resident, make_township, make_user
from tests.visit_rows import insert, make_due, place


@pytest.fixture
def town(site: str) -> frappe._dict:
	"""In the first grid two people due, one late; one in the other; three promises, one kept, two of them hers."""
	make_user()
	town = make_township(2, 1)
	town.near, town.far = town.grids[0][0], town.grids[1][0]
	town.holder = make_holder("Grid Member", town.near.name)
	worker = frappe.db.get_value("Grid Worker", {"user": town.holder})
	town.post = frappe.db.get_value("Grid Post Assignment", {"worker": worker})
	homes = [make_household(grid.name).name for grid in (town.near, town.near, town.far)]
	for home, due in zip(homes, (-1, 5, -1), strict=True):
		make_due(make_resident(home).name, (str(add_days(getdate(), due)), None))
	promises = ((worker, None), (worker, getdate()), (None, None))
	insert(
		"Household Visit",
		[
			{
				"name": frappe.generate_hash(length=10),
				"household": homes[0],
				**place(town.near),
				"outcome": "Met",
				"visited_at": f"{add_days(getdate(), -3)} 10:00:00",
				"worker": by,
				"return_on": getdate(),
				"returned_on": kept,
			}
			for by, kept in promises
		],
	)
	return town


def said(town: frappe._dict) -> dict[str, int]:
	return {line["label"]: line["count"] for line in open_under(town.post)}


def test_people_and_promises_of_her_grid_are_listed(town):
	assert said(town) == {
		"People who must be visited": 2,
		"Of these late": 1,
		"Promised to come again": 2,
		"Of these promised by this person": 1,
	}


def test_each_line_leads_to_exactly_its_rows(town):
	for line in open_under(town.post):
		address = urlsplit(line["route"])
		doctype = {"must-visit": "Must Visit", "household-visit": "Household Visit"}[
			address.path.split("/")[2]
		]
		filters = {
			field: json.loads(value) if value.startswith("[") else value
			for field, value in parse_qsl(address.query)
		}
		assert len(frappe.get_list(doctype, filters=filters)) == line["count"]


def test_a_reader_sees_what_is_hers(town, as_user):
	with as_user(make_holder("Village Secretary", town.villages[0].name)):
		assert said(town)["People who must be visited"] == 2
	stranger = make_holder("Village Secretary", town.villages[1].name)
	with as_user(stranger), pytest.raises(frappe.PermissionError):
		open_under(town.post)
	with as_user(stranger):
		from grid_governance.grid_visits import handover

		worker = frappe.db.get_value("Grid Worker", {"user": town.holder})
		assert handover.open_under(worker, town.near.name) == []


def test_what_is_done_is_not_listed(town):
	below = {"grid": town.near.name}
	frappe.db.set_value("Must Visit", below, "done_at", frappe.utils.now())
	frappe.db.set_value("Household Visit", below, "returned_on", getdate())
	assert said(town) == {}
