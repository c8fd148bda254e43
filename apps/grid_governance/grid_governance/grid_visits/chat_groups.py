"""How far the chat groups of a grid reach: one member of each household in it (domain a13, d12)."""

from typing import Any

import frappe
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from pypika.functions import Length
from pypika.queries import QueryBuilder, Table
from pypika.terms import Case, Criterion

from grid_governance import scope
from grid_governance.grid_ledger import HOUSEHOLD
from grid_governance.grid_visits import CHAT_GROUP
from grid_governance.reporting.question import below

SHOWN = 300
"""Households that are listed: those of a large grid."""


@frappe.whitelist()
def coverage(group: str) -> dict[str, Any]:
	"""Return how far the chat groups of the grid of *group* reach. Needs read permission on the group.

	`households` and `covered` (those with a member in a group) of the active ones that the reader sees; `missing`: the others
	by number, with `name`, `title`, `household_no`, `address`. Two statements.
	"""
	doc = frappe.get_doc(CHAT_GROUP, group)
	doc.check_permission("read")
	home = DocType(HOUSEHOLD)
	((households, covered),) = (
		_active(home, doc.grid_path).select(Count("*"), Count(Case().when(is_covered(home), 1))).run()
	)
	missing = (
		_active(home, doc.grid_path)
		.select(home.name, home.title, home.household_no, home.address)
		.where(is_covered(home).negate())
		.orderby(home.grid_path, Length(home.household_no), home.household_no)
		.limit(SHOWN)
		.run(as_dict=True)
	)
	return {"households": households, "covered": covered, "missing": missing}


def is_covered(home: Table) -> Criterion:
	"""Return the condition of the households that have a member in a chat group."""
	return (home.in_wechat_group == 1) | (home.group_rep.isnotnull() & (home.group_rep != ""))


def _active(home: Table, path: str) -> QueryBuilder:
	return (
		frappe.qb.from_(home)
		.where(below(home.grid_path, path) & (home.status == "Active"))
		.where(home.merged_into.isnull())
		.where(scope.criterion(HOUSEHOLD, table=home))
	)
