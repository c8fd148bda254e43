"""Who is told that a notice waits for approval, and what its author hears of it."""

from unittest.mock import patch

import frappe
import pytest
from frappe.model.workflow import apply_workflow
from frappe.utils import add_days, getdate

from grid_governance.grid_structure.telling import actions, queries
from grid_governance.grid_visits.notices import codes, expiry, sending, telling
from tests.factories import make_holder, make_household, make_notice, make_township, make_user, seeded


@pytest.fixture
def jobs():
	"""The bells that were ordered: (who is meant, what the line in the bell says, what stands below it)."""
	ordered: list[tuple[set[str], str, str]] = []

	def order(method: object, **given: object) -> None:
		if method is actions.ring:
			log = given["log"]
			ordered.append((set(given["users"]), log["subject"], log["email_content"]))

	with patch.object(frappe, "enqueue", order):
		yield ordered


@pytest.fixture
def town() -> frappe._dict:
	"""Two villages with a grid each; in the first a leader and two secretaries, in the other one; the township's."""
	make_user(roles=[{"role": "System Manager"}])  # or the next user is made one
	town = make_township(2, 1)
	grid, village = town.grids[0][0].name, town.villages[0].name
	make_household(grid)
	return frappe._dict(
		grid=grid,
		village=village,
		leader=make_holder("Grid Leader", grid),
		secretaries={make_holder("Village Secretary", village) for _ in range(2)},
		other=make_holder("Village Secretary", town.villages[1].name),
		official=make_holder("Township Office", town.root.name),
	)


def take(name: str, step: str) -> None:
	apply_workflow(frappe.get_doc("Notice", name), seeded(f"workflow_action_master/{step}"))


def test_the_secretaries_are_told_that_a_notice_waits(town, jobs, as_user):
	with as_user(town.leader):
		notice = make_notice(town.grid)
		assert jobs == [], "a draft is nobody's but its author's"
		take(notice.name, "notice-submit")
	((users, subject, _text),) = jobs
	assert users == town.secretaries
	text = frappe.db.get_value("Notification", seeded("notification/notice-waits"), "subject")
	assert subject == frappe.render_template(text, {"doc": notice})
	assert notice.notice_title in subject


def test_the_township_is_told_where_the_village_has_nobody(town, jobs, as_user):
	ended = {"user": ["in", sorted(town.secretaries)]}
	frappe.db.set_value("Grid Post Assignment", ended, "to_date", add_days(getdate(), -1))
	with as_user(town.leader):
		take(make_notice(town.grid).name, "notice-submit")
	assert [users for users, *_words in jobs] == [{town.official}]


def test_who_submits_herself_does_not_wait_for_herself(town, jobs, as_user):
	"""A secretary who leads a grid too hands her notice in: another secretary approves it."""
	one, two = sorted(town.secretaries)
	from tests.factories import make_assignment, make_post

	worker = frappe.db.get_value("Grid Worker", {"user": one})
	make_assignment(worker, make_post("Grid Leader").name, town.grid)
	with as_user(one):
		take(make_notice(town.grid).name, "notice-submit")
	assert [users for users, *_words in jobs] == [{two}]


@pytest.mark.parametrize(
	("step", "state", "words"),
	[
		("notice-return", "notice-draft", "It was sent back to you"),
		("notice-approve", "notice-sending", "It was approved and is going out"),
		("notice-withdraw", "notice-withdrawn", ""),
	],
)
def test_its_author_hears_what_became_of_it(town, jobs, as_user, step, state, words):
	with as_user(town.leader):
		notice = make_notice(town.grid, "notice-submit")
	jobs.clear()
	with as_user(min(town.secretaries)):
		take(notice.name, step)
	((users, subject, text),) = jobs
	assert users == {town.leader}
	assert subject.startswith(seeded(f"workflow_state/{state}")) and notice.notice_title in subject
	assert words in text


def test_and_what_became_of_it_by_itself(town, jobs, as_user, monkeypatch):
	"""Sent by the job, told to the last one by a code without a log-in; another is over before it has reached anybody."""
	monkeypatch.setattr(frappe.local.db, "commit", lambda: None)
	jobs.clear()
	for ends in (_confirmed, _over):
		with as_user(town.leader):
			notice = make_notice(town.grid, "notice-submit", expires_on=getdate())
		with as_user(min(town.secretaries)):
			take(notice.name, "notice-approve")
			jobs.clear()
			sending.fan_out(notice.name)
		with as_user("Guest"):
			ends(notice.name)
		steps = (
			seeded("workflow_state/notice-sent"),
			frappe.db.get_value("Notice", notice.name, "workflow_state"),
		)
		assert [users for users, *_words in jobs] == [{town.leader}] * len(steps)
		for step, (_users, subject, _text) in zip(steps, jobs, strict=True):
			assert subject.startswith(step)
		assert steps[0] != steps[1]


def _confirmed(notice: str) -> None:
	row = frappe.db.get_value("Notice Delivery", {"notice": notice}, ["household", "resident"], as_dict=True)
	assert telling.confirm(codes.code_of(notice, row.household, row.resident))


def _over(_notice: str) -> None:
	expiry.run(add_days(getdate(), 1))


def test_who_takes_the_step_is_told_nothing(town, jobs, as_user):
	with as_user(min(town.secretaries)):
		make_notice(town.grid, "notice-send")
	assert jobs == []


def test_whoever_approves_follows_the_workflow(town, jobs, as_user):
	"""An administrator lets the township alone approve: its office is told, without a word in the code."""
	workflow = frappe.get_doc("Workflow", seeded("workflow/notice"))
	approve = seeded("workflow_action_master/notice-approve")
	gone = [row for row in workflow.transitions if row.action == approve and row.allowed != "Township Office"]
	for row in gone:
		workflow.remove(row)
	workflow.save()
	with as_user(town.leader):
		take(make_notice(town.grid).name, "notice-submit")
	assert [users for users, *_words in jobs] == [{town.official}]


def test_only_notices_are_the_rooms_own(town):
	assert queries.acting_roles(frappe.get_doc("Grid", town.grid)) == set()
