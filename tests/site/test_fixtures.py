"""The fixtures that site tests stand on do what they promise."""

import frappe
import pytest

from tests import conftest


@pytest.fixture(scope="module")
def left_behind():
	"""Descriptions that tests of this module wrote, to be looked for after their rollback."""
	return []


def test_a_row_is_written_here(left_behind):
	left_behind.append(frappe.get_doc({"doctype": "ToDo", "description": "rolled back"}).insert().name)
	assert frappe.db.exists("ToDo", left_behind[0])
	frappe.cache.hset("user_permissions", "nobody@example.com", {"stale": []})


def test_and_is_gone_in_the_next_test_with_all_caches(left_behind):
	assert left_behind
	assert not frappe.db.exists("ToDo", left_behind[0])
	assert frappe.cache.hget("user_permissions", "nobody@example.com") is None


def test_a_commit_fails_the_test():
	with pytest.raises(conftest.CommittedError):
		frappe.db.commit()


@pytest.mark.commits
def test_a_marked_test_may_commit():
	frappe.db.commit()


def test_acting_as_somebody_ends_with_the_block(as_user):
	with pytest.raises(ZeroDivisionError), as_user("Guest"):
		assert frappe.session.user == "Guest"
		raise ZeroDivisionError
	assert frappe.session.user == "Administrator"


def test_queries_of_a_block_are_counted(count_queries):
	frappe.get_all("ToDo", pluck="name", order_by="name asc")  # what Frappe reads once is read
	with count_queries() as seen:
		frappe.db.sql("select 1")
		frappe.get_all("ToDo", pluck="name", order_by="name asc")
	frappe.db.sql("select 2")
	assert seen.count == len(seen.queries) == 2
	assert "tabToDo" in seen.queries[1]


def test_a_plan_names_the_index(explain):
	(row,) = explain("select name from `tabUser` where name = %s", ("Administrator",))
	assert row["key"] == "PRIMARY"


def test_a_site_that_people_work_on_is_refused(tmp_path, monkeypatch):
	assert frappe.conf.allow_tests
	assert not frappe.conf.developer_mode
	monkeypatch.setattr(conftest, "SITES", tmp_path)
	monkeypatch.delenv("TEST_SITE", raising=False)
	with pytest.raises(conftest.NotATestSiteError, match="There is no site"):
		conftest.site_to_test_on()
	(tmp_path / "test.localhost").mkdir()
	for config in ("{}", '{"allow_tests": true, "developer_mode": 1}'):
		(tmp_path / "test.localhost" / "site_config.json").write_text(config)
		with pytest.raises(conftest.NotATestSiteError, match="is no test site"):
			conftest.site_to_test_on()
	(tmp_path / "test.localhost" / "site_config.json").write_text('{"allow_tests": true}')
	assert conftest.site_to_test_on() == "test.localhost"


def test_each_process_takes_a_site_of_its_own(monkeypatch):
	monkeypatch.setenv("TEST_SITE", "one.localhost two.localhost")
	monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
	assert conftest.of_this_process("TEST_SITE") == "one.localhost"
	monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw1")
	assert conftest.of_this_process("TEST_SITE") == "two.localhost"
	monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw2")
	with pytest.raises(conftest.NotATestSiteError, match="use fewer"):
		conftest.of_this_process("TEST_SITE")
