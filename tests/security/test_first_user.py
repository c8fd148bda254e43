"""Who becomes a system manager on a site that has none yet: nobody who was not made one."""

import frappe
import pytest

from grid_governance.grid_structure.actions import stock_users
from tests.factories import make_holder, make_township

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def member() -> str:
	"""A grid member on a site where nobody but Administrator is a system manager."""
	stock_users.install()
	member = make_holder("Grid Member", make_township(1, 1).grids[0][0].name)
	frappe.db.delete("Has Role", {"role": "System Manager", "parent": ["!=", "Administrator"]})
	return member


def test_the_first_member_who_is_saved_stays_a_member(member):
	user = frappe.get_doc("User", member)
	assert not user.get_other_system_managers()
	user.save(ignore_permissions=True)  # as when she has chosen a password
	assert "System Manager" not in {row.role for row in frappe.get_doc("User", member).roles}


def test_administrator_stays_a_system_manager():
	stock_users.install()
	frappe.get_doc("User", "Administrator").save()
	assert "System Manager" in frappe.get_roles("Administrator")


def test_an_administrator_makes_another(member):
	frappe.get_doc("User", member).add_roles("System Manager")
	assert "System Manager" in frappe.get_roles(member)


def test_a_member_is_locked_where_nobody_else_is_a_system_manager(member):
	frappe.get_doc("User", member).update({"enabled": 0}).save()
	assert frappe.db.get_value("User", member, "enabled") == 0


def test_the_last_system_manager_is_not_locked(member):
	frappe.get_doc("User", member).add_roles("System Manager")
	with pytest.raises(frappe.ValidationError):
		frappe.get_doc("User", member).update({"enabled": 0}).save()
