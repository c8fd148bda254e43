"""What is remembered of posts between requests: as fresh as the database, and no transaction leaves a trace."""

from collections.abc import Iterator

import frappe
import pytest

from grid_governance import scope
from grid_governance.scope import held
from grid_governance.scope.rules import subtree
from tests.factories import make_assignment, make_holder, make_post, make_role, make_township

pytestmark = [pytest.mark.usefixtures("site"), pytest.mark.commits]


class Town:
	"""A township with a reader in its first village, committed, and what is needed to take it away again."""

	def __init__(self) -> None:
		self.counts = {
			doctype: set(frappe.get_all(doctype, pluck="name", order_by="name asc")) for doctype in self.MADE
		}
		self.tree = make_township(2, 0)
		self.role = make_role()
		frappe.permissions.add_permission("Grid", self.role)
		self.user = make_holder(self.role, self.tree.villages[0].name)
		frappe.db.commit()

	MADE = (
		"Account Log",
		"Grid Post Assignment",
		"Grid Worker",
		"Grid Post",
		"Grid",
		"Custom DocPerm",
		"User",
		"Role",
	)

	def give(self, village: int) -> None:
		"""Give the reader a second post."""
		worker = frappe.db.get_value("Grid Worker", {"user": self.user})
		make_assignment(worker, make_post(self.role).name, self.tree.villages[village].name)

	def remove(self) -> None:
		"""Delete what was made, set-based: the log of accounts deletes nothing by itself."""
		frappe.db.rollback()
		for doctype in self.MADE:
			made = set(frappe.get_all(doctype, pluck="name", order_by="name asc")) - self.counts[doctype]
			if made:
				frappe.db.delete(doctype, {"name": ["in", sorted(made)]})
		for child, parents in {
			"Has Role": "User",
			"DocShare": "User",
			"Notification Settings": "User",
		}.items():
			field = {"Has Role": "parent", "DocShare": "user", "Notification Settings": "name"}[child]
			frappe.db.delete(child, {field: self.user})
			assert parents
		scope.forget()
		frappe.db.commit()
		frappe.clear_cache()


@pytest.fixture
def town() -> Iterator[Town]:
	made = Town()
	yield made
	made.remove()


def as_the_next_request() -> None:
	frappe.local.grid_rights = {}
	frappe.local.grid_scope_token = None


def test_the_second_request_asks_the_database_for_the_token_only(town, count_queries):
	scope.ranges(town.user, "Grid")
	as_the_next_request()
	with count_queries() as seen:
		scope.ranges(town.user, "Grid")
	assert seen.count == 1
	assert "tabSeries" in seen.queries[0]


def test_a_commit_makes_everybody_forget_and_a_rollback_nobody(town):
	before = (subtree(town.tree.villages[0].grid_path),)
	assert scope.ranges(town.user, "Grid") == before
	town.give(1)
	assert len(scope.ranges(town.user, "Grid")) == 2
	assert all(len(found[0]) < 2 for _stamp, found in frappe.cache.hgetall(held.CACHE).values()), (
		"not remembered yet"
	)
	frappe.db.rollback()
	as_the_next_request()
	assert scope.ranges(town.user, "Grid") == before
	town.give(1)
	frappe.db.commit()
	as_the_next_request()
	assert len(scope.ranges(town.user, "Grid")) == 2
