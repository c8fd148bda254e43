"""Changes of the tree as an office decides them."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from grid_governance import scope
from grid_governance.grid_structure import rules
from grid_governance.grid_structure.actions import SuccessorError
from grid_governance.grid_structure.doctype.grid_adjustment.grid_adjustment import (
	AdjustmentFinalError,
	AdjustmentIncompleteError,
)
from grid_governance.scope.actions import GridClosedError
from tests.factories import make_grid, make_holder, make_role, make_township, make_worker

pytestmark = pytest.mark.usefixtures("site")


def make_adjustment(kind: str, grid: str, submit: bool = True, **fields: object):
	values = {"reason": "Other", "approved_by": "乡党委会议", "effective_on": nowdate(), **fields}
	adjustment = frappe.get_doc(doctype="Grid Adjustment", kind=kind, grid=grid, **values)
	adjustment.insert(ignore_permissions=True)
	if submit:
		adjustment.flags.ignore_permissions = True
		adjustment.submit()
	return adjustment


def test_a_rename_is_kept_with_who_decided_it():
	grid = make_township(1, 1).grids[0][0]
	before = grid.grid_name
	adjustment = make_adjustment("Rename", grid.name, new_name="东头网格")
	assert frappe.db.get_value("Grid", grid.name, "grid_name") == "东头网格"
	assert before in adjustment.outcome
	assert adjustment.approved_by == "乡党委会议"


def test_a_move_takes_along_what_hangs_below_and_its_own_record():
	town = make_township(2, 1)
	grid = town.grids[0][0]
	worker = make_worker(grid.name)
	adjustment = make_adjustment("Reassign", grid.name, new_parent=town.villages[1].name)
	path = frappe.db.get_value("Grid", grid.name, "grid_path")
	assert path.startswith(town.villages[1].grid_path)
	assert frappe.db.get_value("Grid Worker", worker.name, "grid_path") == path
	assert frappe.db.get_value("Grid Adjustment", adjustment.name, "grid_path") == path


def test_a_merger_moves_children_and_rows_and_ends_posts():
	town = make_township(1, 3)
	target, source, other = town.grids[0]
	micro = make_grid(source.name, rules.MICRO_GRID)
	worker = make_worker(source.name)
	role = make_role()
	user = make_holder(role, source.name)
	adjustment = frappe.get_doc(
		doctype="Grid Adjustment",
		kind="Merge",
		grid=target.name,
		reason="Better Size",
		approved_by="村民会议",
		effective_on=nowdate(),
		sources=[{"grid": source.name}, {"grid": other.name}],
	)
	adjustment.insert(ignore_permissions=True)
	adjustment.submit()
	target.reload()
	for closed in (source, other):
		assert frappe.db.get_value("Grid", closed.name, "status") == "Closed"
	assert frappe.db.get_value("Grid", micro.name, ["parent_grid", "grid_path"]) == (
		target.name,
		f"{target.grid_path}0001",
	)
	assert frappe.db.get_value("Grid Worker", worker.name, ["grid", "grid_path"]) == (
		target.name,
		target.grid_path,
	)
	held = frappe.get_doc("Grid Post Assignment", {"user": user})
	assert held.to_date == add_days(getdate(), -1)
	assert held.grid == source.name, "the post was held there"
	assert role not in frappe.get_roles(user)
	assert scope.ranges(user, "Grid") == ()
	assert source.grid_name in adjustment.outcome


def test_closing_needs_a_successor_only_when_something_hangs_there():
	town = make_township(1, 3)
	empty, full, successor = town.grids[0]
	make_adjustment("Dissolve", empty.name)
	worker = make_worker(full.name)
	with pytest.raises(SuccessorError):
		make_adjustment("Dissolve", full.name)
	make_adjustment("Dissolve", full.name, successor=successor.name)
	assert frappe.db.get_value("Grid Worker", worker.name, "grid") == successor.name


@pytest.mark.parametrize("wrong", ["itself", "below", "level", "closed"])
def test_a_successor_must_be_able_to_take_over(wrong: str):
	town = make_township(2, 2)
	grid, closed = town.grids[0]
	frappe.db.set_value("Grid", closed.name, "status", "Closed")
	successor = {
		"itself": grid.name,
		"below": make_grid(grid.name, rules.MICRO_GRID).name,
		"level": town.villages[1].name,
		"closed": closed.name,
	}[wrong]
	with pytest.raises(SuccessorError):
		make_adjustment("Dissolve", grid.name, successor=successor)


def test_nothing_new_hangs_on_a_closed_grid():
	grid = make_township(1, 1).grids[0][0]
	make_adjustment("Dissolve", grid.name)
	with pytest.raises(GridClosedError):
		make_worker(grid.name)


def test_a_split_makes_neighbours_under_the_same_parent():
	town = make_township(1, 1)
	grid = town.grids[0][0]
	adjustment = frappe.get_doc(
		doctype="Grid Adjustment",
		kind="Split",
		grid=grid.name,
		reason="Migration",
		approved_by="乡党委会议",
		effective_on=nowdate(),
		remaining_households=25,
		parts=[
			{"grid_name": "新一网格", "planned_households": 24},
			{"grid_name": "新二网格", "planned_households": 26},
		],
	)
	adjustment.insert(ignore_permissions=True)
	adjustment.submit()
	adjustment.reload()
	new = [frappe.get_doc("Grid", part.new_grid) for part in adjustment.parts]
	assert [(one.grid_name, one.parent_grid, one.planned_households) for one in new] == [
		("新一网格", town.villages[0].name, 24),
		("新二网格", town.villages[0].name, 26),
	]
	assert frappe.db.get_value("Grid", grid.name, "planned_households") == 25


def test_what_was_done_cannot_be_undone_by_cancelling():
	adjustment = make_adjustment("Rename", make_township(1, 1).grids[0][0].name, new_name="新名")
	with pytest.raises(AdjustmentFinalError):
		adjustment.cancel()


def test_an_adjustment_says_what_it_needs():
	grid = make_township(1, 1).grids[0][0].name
	for kind in ("Rename", "Reassign", "Merge", "Split"):
		with pytest.raises((AdjustmentIncompleteError, frappe.MandatoryError)):
			make_adjustment(kind, grid, submit=False)
	with pytest.raises(AdjustmentIncompleteError):
		make_adjustment("Dissolve", grid, submit=False, effective_on=add_days(nowdate(), 1))


def test_who_may_not_write_a_grid_cannot_change_it_by_an_adjustment():
	town = make_township(2, 1)
	role = make_role()
	for doctype, rights in {
		"Grid Adjustment": ("read", "write", "create", "submit"),
		"Grid": ("read", "write"),
	}.items():
		frappe.permissions.add_permission(doctype, role)
		for right in rights:
			frappe.permissions.update_permission_property(doctype, role, 0, right, 1)
	frappe.set_user(make_holder(role, town.villages[0].name))
	values = {
		"reason": "Other",
		"approved_by": "村委会",
		"effective_on": nowdate(),
		"doctype": "Grid Adjustment",
	}
	own = frappe.get_doc(
		{**values, "kind": "Rename", "grid": town.grids[0][0].name, "new_name": "新名"}
	).insert()
	own.submit()
	assert frappe.db.get_value("Grid", town.grids[0][0].name, "grid_name") == "新名"
	with pytest.raises(frappe.PermissionError):
		frappe.get_doc(
			{**values, "kind": "Rename", "grid": town.grids[1][0].name, "new_name": "夺名"}
		).insert()
	away = frappe.get_doc(
		{**values, "kind": "Reassign", "grid": town.grids[0][0].name, "new_parent": town.villages[1].name}
	).insert()
	with pytest.raises(frappe.PermissionError):
		away.submit()
