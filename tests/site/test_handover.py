"""A post handed over: one ends, the next begins, nothing is lost in between."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from grid_governance.grid_issues import markers
from grid_governance.grid_structure.actions.handover import HandOverError, hand_over
from grid_governance.grid_structure.queries.handover import open_under
from tests.factories import (
	make_assignment,
	make_holder,
	make_issue,
	make_post,
	make_role,
	make_township,
	make_user,
	make_worker,
)

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def town() -> frappe._dict:
	return make_township(2, 2)


@pytest.fixture
def held(town):
	"""A post of one place in the first grid and who holds it; `successor` holds none."""
	make_user(roles=[{"role": "System Manager"}])
	grid, role = town.grids[0][0].name, make_role(desk_access=1)
	post = make_post(role, max_per_grid=1, min_per_grid=1)
	holder, successor = make_worker(grid), make_worker(grid)
	return frappe._dict(
		role=role,
		grid=grid,
		holder=holder,
		successor=successor,
		post=make_assignment(holder.name, post.name, grid, is_primary=1, responsibility_note="一组"),
	)


def test_one_post_ends_and_the_next_begins_the_day_after(held):
	new = frappe.get_doc("Grid Post Assignment", hand_over(held.post.name, held.successor.name, getdate()))
	held.post.reload()
	assert held.post.to_date == getdate()
	assert new.from_date == getdate(add_days(nowdate(), 1))
	assert (new.worker, new.post, new.grid) == (held.successor.name, held.post.post, held.grid)
	assert (new.to_date, new.is_primary, new.responsibility_note) == (None, 1, "一组")
	assert held.role in frappe.get_roles(held.holder.user)
	assert held.role not in frappe.get_roles(held.successor.user)


def test_a_hand_over_of_yesterday_counts_at_once(held):
	hand_over(held.post.name, held.successor.name, getdate(add_days(nowdate(), -1)), "调任")
	assert held.role in frappe.get_roles(held.successor.user)
	assert held.role not in frappe.get_roles(held.holder.user)
	assert frappe.db.get_value("User", held.holder.user, "enabled") == 0
	said = frappe.get_all(
		"Comment", {"reference_name": held.post.name, "comment_type": "Info"}, pluck="content"
	)
	assert any("调任" in words for words in said)


def test_other_posts_of_the_holder_stay(held, town):
	other = make_assignment(held.holder.name, held.post.post, town.grids[0][1].name)
	hand_over(held.post.name, held.successor.name, getdate(add_days(nowdate(), -1)))
	other.reload()
	assert other.to_date is None
	assert held.role in frappe.get_roles(held.holder.user)


def test_who_holds_the_post_who_left_and_days_outside_are_refused(held):
	gone = make_worker(held.grid, active=0)
	for successor, day in (
		(held.holder.name, nowdate()),
		(gone.name, nowdate()),
		(held.successor.name, "2019-12-31"),
	):
		with pytest.raises(HandOverError):
			hand_over(held.post.name, successor, getdate(day))
	assert frappe.db.count("Grid Post Assignment", {"post": held.post.post}) == 1


def test_nothing_changes_when_the_successor_cannot_be_appointed(held, monkeypatch):
	level = frappe.db.get_value("Grid", held.grid, "grid_level")
	other = frappe.get_all(
		"Grid Level", {"name": ["!=", level]}, pluck="name", order_by="position asc", limit=1
	)
	frappe.db.set_value("Grid Post", held.post.post, "applies_to_level", other[0])
	frappe.clear_document_cache("Grid Post", held.post.post)
	frappe.db.savepoint("before_it")
	with pytest.raises(frappe.ValidationError):
		hand_over(held.post.name, held.successor.name, getdate())
	frappe.db.rollback(save_point="before_it")
	held.post.reload()
	assert held.post.to_date is None


def test_a_reader_of_the_post_may_not_hand_it_over(held, town, as_user):
	role = make_role()
	frappe.permissions.add_permission("Grid Post Assignment", role)
	frappe.permissions.add_permission("Grid Worker", role)
	reader = make_holder(role, town.root.name)
	with as_user(reader), pytest.raises(frappe.PermissionError):
		hand_over(held.post.name, held.successor.name, getdate())


def test_what_is_open_is_counted_in_the_grid_and_below_with_its_list(held, town):
	make_issue(held.grid)
	make_issue(held.grid).db_set("reporter_worker", held.holder.name)
	closed = make_issue(held.grid)
	closed.db_set("workflow_state", markers.final_states()[0])
	make_issue(town.grids[0][1].name)
	assert [(line["label"], line["count"]) for line in open_under(held.post.name)] == [
		(frappe._("Issues not closed yet"), 2),
		(frappe._("Of these reported by this person"), 1),
	]
	at_village = make_assignment(held.holder.name, make_post(make_role()).name, town.villages[0].name)
	assert open_under(at_village.name)[0]["count"] == 3
	route = open_under(held.post.name)[1]["route"]
	assert route.startswith("/app/grid-issue/view/list?grid_path=")
	assert f"reporter_worker={held.holder.name}" in route


def test_where_nothing_is_open_nothing_is_listed(held):
	assert open_under(held.post.name) == []


def test_only_issues_in_the_reader_s_scope_are_counted(held, as_user):
	make_issue(held.grid)
	role = make_role()
	frappe.permissions.add_permission("Grid Post Assignment", role)
	reader = make_holder(role, held.grid)
	with as_user(reader):
		assert open_under(held.post.name) == []
