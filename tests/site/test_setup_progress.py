"""How far a township has come in setting itself up."""

import frappe
import pytest

from grid_governance.grid_structure.queries.progress import setup_progress, townships
from tests.factories import make_assignment, make_holder, make_post, make_role, make_township, make_worker

pytestmark = pytest.mark.usefixtures("site")


def test_each_step_has_its_figures():
	town = make_township(2, 0)
	assert setup_progress(town.root.name) == {
		"villages": 2,
		"grids": 0,
		"villages_without_grids": 2,
		"outside_size": 0,
		"profile": False,
		"holders": 0,
		"grids_without_lead": 2,
		"without_account": 0,
	}
	other = make_township(1, 2)
	grid = other.grids[0][0]
	lead = make_post(make_role(), is_lead=1)
	for node in (other.villages[0], grid):
		make_assignment(make_worker(node.name, user=None).name, lead.name, node.name)
	make_holder(make_role(), grid.name)
	figures = setup_progress(other.root.name)
	assert (figures["villages_without_grids"], figures["grids"]) == (0, 2)
	assert (figures["holders"], figures["grids_without_lead"], figures["without_account"]) == (3, 1, 2)


def test_figures_of_another_township_are_not_told():
	own, other = make_township(1, 0), make_township(1, 0)
	role = make_role()
	frappe.permissions.add_permission("Grid", role)
	frappe.set_user(make_holder(role, own.root.name))
	assert [grid.name for grid in townships()] == [own.root.name]
	assert setup_progress(own.root.name)["villages"] == 1
	with pytest.raises(frappe.PermissionError):
		setup_progress(other.root.name)
