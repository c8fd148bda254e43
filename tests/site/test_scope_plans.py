"""A list in scope is served by an index in the order it is shown in, whatever the size of the scope.

Which index the optimiser takes depends on the rows that happen to be there (the benchmark `scope` looks at
that on 200,000 of them); that there is one which gives the rows in order without sorting does not.
"""

import frappe
import pytest

from grid_governance import scope
from grid_governance.scope.custom_fields import BY_POST
from grid_governance.scope.schema import LEVEL_COLUMNS
from grid_governance.setup import install
from tests import factories

DOCTYPE = "Grid Issue"
PAGE = 20


@pytest.fixture
def township():
	return factories.make_township(villages=2, grids=3)


@pytest.fixture
def reading_role():
	"""A role that posts give and that reads issues."""
	reading = [row.role for row in frappe.get_meta(DOCTYPE).permissions if row.read and not row.permlevel]
	return frappe.get_all("Role", {"name": ("in", reading), BY_POST: 1}, pluck="name", order_by="name asc")[0]


def list_as_shipped(user: str, as_user) -> str:
	"""The SQL of the first page of the list as it is shipped, for a user."""
	meta = frappe.get_meta(DOCTYPE)
	with as_user(user):
		return frappe.get_list(
			DOCTYPE,
			fields=["name", "title", "grid"],
			order_by=f"`tab{DOCTYPE}`.`{meta.sort_field}` {meta.sort_order}",
			limit_page_length=PAGE,
			run=False,
		)


def with_index(sql: str, index: str) -> str:
	return sql.replace(f"from `tab{DOCTYPE}`", f"from `tab{DOCTYPE}` force index (`{index}`)")


@pytest.mark.parametrize(("node", "position"), [("root", 2), ("villages", 3), ("grids", 5)])
def test_one_node_is_served_in_order(township, reading_role, as_user, explain, node, position):
	nodes = {"root": township.root, "villages": township.villages[0], "grids": township.grids[0][0]}
	user = factories.make_holder(reading_role, nodes[node].name)
	sql = list_as_shipped(user, as_user)
	assert f"`_path_{position}`='{nodes[node].grid_path}'" in sql
	(plan,) = explain(with_index(sql, f"_path_{position}_modified_index"))
	assert plan["key"] == f"_path_{position}_modified_index"
	assert "filesort" not in (plan["Extra"] or "")


def test_a_range_over_the_paths_would_sort(township, explain):
	"""Why there are columns of levels: the same list by a range of paths is sorted after it is read."""
	lo = township.root.grid_path
	(plan,) = explain(
		"select name from `tabGrid Issue` force index (grid_path_modified_index) "
		"where grid_path >= %s and grid_path < %s order by modified desc limit 20",
		(lo, f"{lo}z"),
	)
	assert "filesort" in plan["Extra"]


def test_many_nodes_of_a_level_are_one_list_of_values(township, reading_role, as_user, explain):
	grids = [grid for village in township.grids for grid in village][:4]
	sql = list_as_shipped(factories.make_holder(reading_role, *(grid.name for grid in grids)), as_user)
	assert " OR " not in sql.upper().split("WHERE", 1)[1]
	(plan,) = explain(with_index(sql, "_path_5_modified_index"))
	assert plan["key"] == "_path_5_modified_index"
	assert plan["type"] == "range"


def test_queries_of_a_list_do_not_grow_with_the_posts(township, reading_role, as_user, count_queries):
	grids = [grid.name for village in township.grids for grid in village]
	counts = []
	for held in (grids[:1], grids):
		user = factories.make_holder(reading_role, *held)
		list_as_shipped(user, as_user)  # what Frappe reads once is read
		frappe.local.grid_rights = {}
		with as_user(user), count_queries() as seen:
			frappe.get_list(DOCTYPE, pluck="name", order_by="modified desc", limit_page_length=PAGE)
		counts.append(seen.count)
	assert counts[0] == counts[1] <= 3


@pytest.mark.commits
def test_an_index_of_a_report_follows_its_declaration(site, count_queries):
	"""One of the same name with other columns gives way; what is as declared is left alone."""

	def columns() -> list[str]:
		rows = frappe.db.sql("show index from `tabIssue Extension` where key_name = 'probe'", as_dict=True)
		return [row.Column_name for row in rows]

	levels = list(LEVEL_COLUMNS.values())
	try:
		scope.index_report("Issue Extension", "probe", "grid_path", "modified")
		assert columns() == ["grid_path", "modified", *levels]
		scope.index_report("Issue Extension", "probe", "modified", "grid_path")
		assert columns() == ["modified", "grid_path", *levels]
		with count_queries() as seen:
			scope.index_report("Issue Extension", "probe", "modified", "grid_path")
		assert seen.count == 1
	finally:
		frappe.db.sql_ddl("alter table `tabIssue Extension` drop index if exists `probe`")


@pytest.mark.commits
def test_migrating_brings_an_index_that_changed_in_the_code_alone(site):
	table, index = "tabGrid Issue", "found_in_grid"

	def columns() -> list[str]:
		rows = frappe.db.sql(f"show index from `{table}` where key_name = '{index}'", as_dict=True)
		return [row.Column_name for row in rows]

	declared = columns()
	assert declared
	frappe.db.sql_ddl(f"alter table `{table}` drop index `{index}`, add index `{index}` (`found_at`)")
	try:
		install.bring_indexes()
	finally:
		assert columns() == declared
