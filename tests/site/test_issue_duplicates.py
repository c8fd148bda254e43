"""What may be the same matter is shown before it is reported, and what is merged is told to the other."""

import io

import frappe
import pytest
from PIL import Image

from grid_governance.grid_issues import duplicates, steps
from tests.factories import make_category, make_holder, make_issue, make_township, seeded

pytestmark = pytest.mark.usefixtures("site")

HERE = {"latitude": 31.2304, "longitude": 121.4737}
CLOSE_BY = {"latitude": 31.2313, "longitude": 121.4737}  # 100 metres north
FAR = {"latitude": 31.2604, "longitude": 121.4737}


@pytest.fixture
def town() -> frappe._dict:
	town = make_township(1, 2)
	town.here, town.there = (grid.name for grid in town.grids[0])
	town.category = make_category()
	return town


def names(found: list[dict]) -> list[str]:
	return [each["name"] for each in found]


def test_open_issues_of_the_category_in_the_grid_are_shown(town):
	old, new = (make_issue(town.here, category=town.category) for _at in range(2))
	old.db_set("found_at", "2020-01-01 08:00:00", update_modified=False)
	make_issue(town.here)
	make_issue(town.there, category=town.category)
	make_issue(town.here, "settle-on-the-spot", "give-feedback", category=town.category)
	make_issue(town.here, "reject", category=town.category)
	found = duplicates.near(town.here, town.category)
	assert names(found) == [new.name, old.name]
	assert found[1] == {
		"name": old.name,
		"title": old.title,
		"state": old.workflow_state,
		"reported_on": frappe.utils.getdate("2020-01-01"),
		"distance_m": None,
	}


def test_with_points_what_is_near_counts_whatever_its_grid(town):
	frappe.db.set_single_value("Governance Settings", "duplicate_metres", 200)
	pointless = make_issue(town.here, category=town.category)
	far = make_issue(town.here, category=town.category, **FAR)
	close = make_issue(town.there, category=town.category, **CLOSE_BY)
	make_issue(town.there, category=town.category, **FAR)
	make_issue(town.there, **CLOSE_BY)
	found = duplicates.near(town.here, town.category, **HERE)
	assert names(found) == [close.name, far.name, pointless.name]
	assert found[0]["distance_m"] == pytest.approx(100, abs=2)
	frappe.db.set_single_value("Governance Settings", "duplicate_metres", 0)
	assert names(duplicates.near(town.here, town.category, **HERE)) == [far.name, pointless.name]


def test_not_more_than_a_screen_holds(town, monkeypatch, count_queries):
	for _at in range(3):
		make_issue(town.here, category=town.category)
	monkeypatch.setattr(duplicates, "SHOWN", 2)
	with count_queries() as seen:
		assert len(duplicates.near(town.here, town.category, **HERE)) == 2
	assert seen.count < 10


def test_a_merged_report_is_told_to_the_other_with_its_photo(town, as_user):
	member, leader = (make_holder(role, town.here) for role in ("Grid Member", "Grid Leader"))
	kept = make_issue(town.here, title="街灯不亮")
	with as_user(member):
		stored = io.BytesIO()
		Image.new("RGB", (8, 8), (200, 30, 30)).save(stored, "PNG")
		photo = frappe.get_doc(
			doctype="File", file_name="lamp.png", is_private=1, content=stored.getvalue()
		).insert()
		again = make_issue(town.here, title="路口灯坏了", description="一直闪", photo_before=photo.file_url)
	with as_user(leader):
		steps.take_step(again.name, seeded("workflow_action_master/merge"), duplicate_of=kept.name)
	line = frappe.get_last_doc("Issue Log", {"issue": kept.name})
	worker = frappe.db.get_value("Grid Worker", {"user": member}, "worker_name")
	assert worker in line.opinion
	assert "路口灯坏了" in line.opinion
	assert "一直闪" in line.opinion
	assert line.from_state == line.to_state == kept.workflow_state
	assert line.by_user == leader
	again.reload()
	shown = {"attached_to_doctype": "Grid Issue", "attached_to_name": kept.name}
	assert frappe.get_all("File", {**shown, "file_url": again.photo_before}, pluck="is_private") == [1]


def merged_into(issue: str, text: str = "", start: int = 0, page: int = 10) -> list[tuple]:
	return duplicates.same_matter("Grid Issue", text, "name", start, page, {"issue": issue})


def test_an_issue_is_merged_into_a_near_one_first(town, as_user):
	own = make_issue(town.here, category=town.category)
	near_by = make_issue(town.here, category=town.category, title="路灯不亮")
	other = make_issue(town.there, title="路灯歪了")
	make_issue(town.here, "reject", category=town.category)
	elsewhere = make_issue(make_township(1, 1).grids[0][0].name, title="路灯")
	with as_user(make_holder("Village Secretary", town.villages[0].name)):
		assert [row[0] for row in merged_into(own.name)] == [near_by.name, other.name]
		assert [row[0] for row in merged_into(own.name, "歪")] == [other.name]
		assert [row[0] for row in merged_into(own.name, near_by.name)] == [near_by.name]
		assert merged_into(own.name, start=1) == []
		_name, title, told_apart = merged_into(own.name)[0]
		with pytest.raises(frappe.PermissionError):
			merged_into(elsewhere.name)
	category = frappe.db.get_value("Issue Category", town.category, "category_name")
	grid = frappe.db.get_value("Grid", town.here, "grid_name")
	assert title == "路灯不亮"
	assert told_apart.startswith(f"{category} · {grid} · ")
