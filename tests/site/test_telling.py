"""What telling costs whoever makes a change: no more for four who are told than for two; and when the bell rings."""

from unittest.mock import patch

import frappe
import pytest

from grid_governance.grid_issues.steps import take_step
from grid_governance.grid_structure.telling import actions
from grid_governance.setup import seeds
from tests.factories import (
	make_category,
	make_department,
	make_holder,
	make_issue,
	make_officer,
	make_township,
	make_user,
)

SECRETARY, MEMBER, OFFICER = "Village Secretary", "Grid Member", "Department Officer"
FEW, MANY = 2, 4


@pytest.fixture
def jobs():
	"""The bells that were ordered, as the arguments of their jobs; none runs by itself."""
	ordered: list[dict] = []

	def order(method: object, **given: object) -> None:
		if method is actions.ring:
			assert given.pop("enqueue_after_commit")
			ordered.append(given)

	with patch.object(frappe, "enqueue", order):
		yield ordered


@pytest.fixture
def towns() -> list[frappe._dict]:
	"""Two townships that differ in how many hold each post in them, `people` in each."""
	make_user(roles=[{"role": "System Manager"}])  # or the next user is made one
	return [_town(FEW), _town(MANY)]


@pytest.fixture
def town() -> frappe._dict:
	"""A township with two secretaries of its one village."""
	make_user(roles=[{"role": "System Manager"}])  # or the next user is made one
	return _town(FEW)


def _town(people: int) -> frappe._dict:
	town = make_township(1, 1)
	grid, village = town.grids[0][0].name, town.villages[0].name
	department = make_department(town.root.name).name
	return frappe._dict(
		people=people,
		grid=grid,
		member=make_holder(MEMBER, grid),
		secretaries=[make_holder(SECRETARY, village) for _ in range(people)],
		department=department,
		officers=[make_officer(OFFICER, department) for _ in range(people)],
	)


def rows(doctype: str, **filters: str) -> set[str]:
	return set(frappe.get_all(doctype, filters=filters, pluck="for_user"))


def step(issue: str, action: str, **words: str) -> None:
	take_step(issue, seeds.name_of(f"workflow_action_master/{action}"), **words)


def test_a_report_and_a_step_take_as_many_statements_for_two_as_for_four(towns, jobs, as_user, count_queries):
	category = make_category()
	for urgency in ("General", "Urgent"):
		seen: dict[int, tuple[int, int]] = {}
		for town in (*towns, *towns):  # the second time without what Frappe remembers
			jobs.clear()
			with as_user(town.member), count_queries() as report:
				issue = make_issue(town.grid, title="路灯不亮", category=category, urgency=urgency)
			with as_user(town.member):
				step(issue.name, "submit-to-village")
			with as_user(town.secretaries[0]), count_queries() as refer:
				step(issue.name, "refer", lead_department=town.department)
			seen[town.people] = report.count, refer.count
			told = {user for job in jobs for user in job["users"]} | rows(
				"Digest Entry", document_name=issue.name
			)
			assert told >= {*town.secretaries[1:], *town.officers}, "or it costs little for a bad reason"
		assert seen[FEW] == seen[MANY], urgency


class TestTheBell:
	def test_it_rings_for_those_who_may_read_the_record_when_the_job_runs(self, town, jobs, as_user):
		gone, *others = town.secretaries
		with as_user(town.member):
			issue = make_issue(town.grid, urgency="Urgent")
		(job,) = jobs
		assert set(job["users"]) == {gone, *others}
		post = frappe.db.get_value("Grid Post Assignment", {"user": gone})
		frappe.get_doc("Grid Post Assignment", post).update({"to_date": "2020-12-31"}).save()
		with as_user(town.member):
			actions.ring(**job)
		assert rows("Notification Log", document_name=issue.name) == set(others)

	def test_many_are_told_in_chunks_and_each_once(self, town, jobs, as_user):
		with patch.object(actions, "CHUNK", 1), as_user(town.member):
			issue = make_issue(town.grid, urgency="Urgent")
		assert [len(job["users"]) for job in jobs] == [1, 1]
		with as_user(town.member):
			for job in jobs:
				actions.ring(**job)
		told = frappe.get_all("Notification Log", {"document_name": issue.name}, pluck="for_user")
		assert sorted(told) == sorted(town.secretaries)

	def test_it_rings_where_the_issue_lies_when_the_job_runs(self, town, jobs, as_user):
		elsewhere = make_township(1, 1).grids[0][0]
		with as_user(town.member):
			issue = make_issue(town.grid, urgency="Urgent")
		(job,) = jobs
		moved = {"grid": elsewhere.name, "grid_path": elsewhere.grid_path}
		frappe.db.set_value("Grid Issue", issue.name, moved)
		with as_user(town.member):
			actions.ring(**job)
		assert not rows("Notification Log", document_name=issue.name)

	def test_a_locked_account_hears_nothing(self, town, jobs, as_user):
		with as_user(town.member):
			issue = make_issue(town.grid, urgency="Urgent")
		locked, other = town.secretaries
		frappe.db.set_value("User", locked, "enabled", 0)
		with as_user(town.member):
			actions.ring(**jobs[0])
		assert rows("Notification Log", document_name=issue.name) == {other}

	def test_it_rings_in_the_words_of_the_moment_of_the_change(self, town, jobs, as_user):
		with as_user(town.member):
			issue = make_issue(town.grid, urgency="Urgent", title="路灯不亮")
			state = issue.workflow_state
			jobs.clear()
			step(issue.name, "submit-to-village")
		before = frappe.db.get_value("Grid Issue", issue.name, "workflow_state")
		with as_user(town.secretaries[0]):
			step(issue.name, "start")
		with as_user(town.member):
			actions.ring(**jobs[0])
		(subject,) = set(frappe.get_all("Notification Log", {"document_name": issue.name}, pluck="subject"))
		assert before in subject and before != state
