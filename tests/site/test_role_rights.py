"""The report of what each role may do says what the permission rules say."""

import frappe
import pytest

from grid_governance.grid_structure.report.what_each_role_may_do import what_each_role_may_do as report
from grid_governance.scope import role_rights
from tests.factories import make_post, make_role, make_user


def row(role: str, record: str) -> dict:
	_columns, rows = report.execute({"role": role, "record": record})
	return rows[0] if rows else {}


def test_a_rule_is_a_row_with_its_rights_and_its_place():
	role = make_role()
	assert not row(role, "Grid Worker")
	frappe.permissions.add_permission("Grid Worker", role)
	frappe.permissions.update_permission_property("Grid Worker", role, 0, "export", 1)
	found = row(role, "Grid Worker")
	assert (found["read"], found["write"], found["export"]) == (1, 0, 1)
	assert found["where"] == frappe._("In the grids of the post that gives the role")
	frappe.clear_cache(doctype="Grid Worker")


def test_the_place_follows_the_role_and_the_record():
	places = {(rule.role, rule.doctype): rule.where for rule in role_rights()}
	assert places["Grid Member", "Grid Issue"] == ("post",)
	assert places["Governance Auditor", "Grid Issue"] == ("everywhere",)
	assert places["Grid Member", "Grid Level"] == ("unlimited",)
	assert places["Department Officer", "Township Department"] == ("department",)


def test_a_department_post_opens_what_has_a_way_by_department_and_nothing_else():
	role = make_role()
	make_post(role, works_for_department=1)
	for record in ("Township Department", "Grid Worker"):
		frappe.permissions.add_permission(record, role)
	assert row(role, "Township Department")["where"] == frappe._(
		"What is given to the department of the post"
	)
	assert row(role, "Grid Worker")["where"] == frappe._("Nowhere: no post opens it")
	make_post(role)
	assert row(role, "Grid Worker")["where"] == frappe._("In the grids of the post that gives the role")
	frappe.clear_cache(doctype="Grid Worker")
	frappe.clear_cache(doctype="Township Department")


def test_every_rule_of_every_record_in_a_grid_is_there():
	wanted = {
		(rule.role, doctype, rule.permlevel)
		for doctype in ("Grid", "Grid Worker", "Grid Issue", "Issue Log")
		for rule in frappe.get_meta(doctype).permissions
	}
	assert wanted <= {(rule.role, rule.doctype, rule.permlevel) for rule in role_rights()}


def test_whoever_may_not_report_on_posts_is_refused():
	frappe.set_user(make_user())
	with pytest.raises(frappe.PermissionError):
		report.execute({})
