"""What handles issues together shows and changes nothing outside one's grids: near ones, bulk steps, answers."""

import json

import frappe
import pytest
from frappe.model.workflow import bulk_workflow_approval

from grid_governance.grid_issues import bulk, duplicates, standard_answers
from tests.factories import (
	make_category,
	make_holder,
	make_issue,
	make_township,
	make_user,
	seeded,
)

pytestmark = pytest.mark.usefixtures("site")

POINT = {"latitude": 31.2304, "longitude": 121.4737}


def action(key: str) -> str:
	return seeded(f"workflow_action_master/{key}")


@pytest.fixture
def town() -> frappe._dict:
	"""Two villages with an issue each, of one category and at one point."""
	frappe.db.set_single_value("Governance Settings", "duplicate_metres", 200)
	town = make_township(2, 1)
	town.grid, town.foreign_grid = (grids[0].name for grids in town.grids)
	town.category = make_category()
	town.issue, town.foreign = (
		make_issue(grid, "submit-to-village", category=town.category, title=title, **POINT)
		for grid, title in ((town.grid, "街灯不亮"), (town.foreign_grid, "机密事项"))
	)
	town.member = make_holder("Grid Member", town.grid)
	town.secretary = make_holder("Village Secretary", town.villages[0].name)
	town.office = make_holder("Township Office", town.root.name)
	return town


def near(town: frappe._dict, grid: str) -> list[str]:
	return [each["name"] for each in duplicates.near(grid, town.category, **POINT)]


def test_near_shows_what_lies_in_ones_own_grids(town, as_user):
	with as_user(town.member):
		assert near(town, town.grid) == [town.issue.name]
		assert near(town, town.foreign_grid) == [town.issue.name], "the point is hers, the other grid is not"
	with as_user(town.office):
		assert set(near(town, town.grid)) == {town.issue.name, town.foreign.name}


@pytest.mark.parametrize("posts", ["elsewhere", "ended", "none"])
def test_near_shows_nothing_to_strangers(town, as_user, posts):
	if posts == "elsewhere":
		user = make_holder("Grid Member", make_township(1, 1).grids[0][0].name)
	elif posts == "ended":
		user = make_holder("Grid Member", town.grid, to_date="2020-12-31")
	else:
		user = make_user()
	with as_user(user):
		try:
			assert near(town, town.grid) == []
		except (
			frappe.PermissionError,
			frappe.ValidationError,
		):  # how some versions say that a role gives no right
			assert posts != "elsewhere"


def test_bulk_steps_change_and_tell_nothing_of_the_others(town, as_user):
	seen = {each.name: each.workflow_state for each in (town.issue, town.foreign)}
	seen["GI-none"] = town.issue.workflow_state
	with as_user(town.secretary):
		answer = bulk.take_step(seen, action("start"))
		assert bulk.steps_for([town.issue.name, town.foreign.name]) == []
		assert bulk.common_actions([{"name": town.foreign.name}], "Grid Issue") == []
	assert answer["done"] == [town.issue.name]
	assert [each["issue"] for each in answer["left"]] == [town.foreign.name, "GI-none"]
	assert len({each["why"] for each in answer["left"]}) == 1, (
		"one that is not hers is like one that is not there"
	)
	assert "机密" not in frappe.as_json(answer)
	assert (
		frappe.db.get_value("Grid Issue", town.foreign.name, "workflow_state") == town.foreign.workflow_state
	)


def test_bulk_steps_are_for_whoever_may_take_them(town, as_user):
	"""A member reads the issue of her grid, but it is with the village now."""
	with as_user(town.member):
		answer = bulk.take_step({town.issue.name: town.issue.workflow_state}, action("start"))
	assert answer["done"] == []
	assert frappe.db.get_value("Grid Issue", town.issue.name, "workflow_state") == town.issue.workflow_state


@pytest.mark.parametrize(("key", "whose"), [("reject", "issue"), ("resolve", "issue"), ("start", "foreign")])
def test_frappes_own_bulk_approval_is_no_way_around(town, as_user, monkeypatch, key, whose):
	"""No reason, no result, not her grid: refused there as well."""
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	monkeypatch.setattr(frappe.db, "rollback", lambda **_point: None)
	issue = town[whose]
	issue.db_set("result", None)
	with as_user(town.secretary):
		bulk_workflow_approval(json.dumps([issue.name]), "Grid Issue", action(key))
	frappe.clear_messages()
	assert frappe.db.get_value("Grid Issue", issue.name, "workflow_state") == issue.workflow_state


def test_a_townships_standard_answers_are_its_peoples(town, as_user):
	elsewhere = make_township(1, 1)
	frappe.get_doc(
		doctype="Standard Answer", text="本镇内部口径", used_for="Result", grid=town.root.name
	).insert()
	with as_user(town.member):
		assert "本镇内部口径" in standard_answers.offered(town.issue.name)["Result"]
		with pytest.raises(frappe.PermissionError):
			standard_answers.offered(town.foreign.name)
		with pytest.raises(frappe.PermissionError):
			frappe.get_list("Standard Answer")
	with as_user(make_holder("Township Office", elsewhere.root.name)):
		assert "本镇内部口径" not in frappe.get_list("Standard Answer", pluck="text")
		with pytest.raises(frappe.PermissionError):
			standard_answers.offered(town.issue.name)
	issue = make_issue(elsewhere.grids[0][0].name, category=town.category)
	assert "本镇内部口径" not in standard_answers.offered(issue.name).get("Result", [])


def test_an_official_keeps_her_own_townships_answers_only(town, as_user):
	def answer(grid: str | None) -> frappe.model.document.Document:
		return frappe.get_doc(doctype="Standard Answer", text="已办结", used_for="Result", grid=grid)

	shared = answer(None).insert()
	with as_user(town.office):
		own = answer(town.root.name).insert()
		with pytest.raises(frappe.PermissionError):
			answer(make_township(0, 0).root.name).insert()
		with pytest.raises(standard_answers.AnswerForAllError):
			answer(None).insert()
		with pytest.raises(frappe.PermissionError):
			own.update({"grid": None}).save()
		with pytest.raises(frappe.PermissionError):
			shared.update({"text": "x"}).save()
		with pytest.raises(frappe.PermissionError):
			frappe.get_doc("Standard Answer", shared.name).delete()
	with as_user(town.secretary), pytest.raises(frappe.PermissionError):
		answer(town.root.name).insert()
