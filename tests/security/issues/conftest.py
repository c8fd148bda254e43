"""The small world of the abuses on issues: built once for the folder, each test inside its own savepoint."""

import base64
from collections.abc import Iterator

import frappe
import pytest

from tests.factories import (
	make_category,
	make_department,
	make_holder,
	make_issue,
	make_officer,
	make_township,
	make_user,
	seeded,
)
from tests.web import call
from tests.world import inside_savepoint, taken_back

SECRET = "机密七七"
"""Stands in every text of the issue that is not for the readers outside."""

TRACE = "机密八八"
"""Stands in what only administrators read."""

TAKE_STEP = "grid_governance.grid_issues.steps.take_step"
ANSWER = "grid_governance.grid_issues.answers.take_step"
ASK = "grid_governance.grid_issues.extensions.ask"
DECIDE = "grid_governance.grid_issues.extensions.decide"

PIXEL = base64.b64decode(
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def step(key: str) -> str:
	return seeded(f"workflow_action_master/{key}")


def build(site: str) -> Iterator[frappe._dict]:
	"""A township of two villages. In the grid of the second lies `issue`, with all that hangs on one.

	`people` of its own handle it: `member`, `leader`, `secretary`, `office` (the township's), `officer` (of the
	department that it was referred to). `outsiders` have nothing to do with it.
	"""
	with taken_back():
		town = make_township(2, 1)
		village, grid, near = town.villages[1].name, town.grids[1][0].name, town.grids[0][0].name
		asked = make_department(town.root.name, department_name=f"{SECRET} 司法所").name
		other = make_department(town.root.name).name
		elsewhere = make_township(1, 0)
		people = {
			"member": make_holder("Grid Member", grid),
			"leader": make_holder("Grid Leader", grid),
			"secretary": make_holder("Village Secretary", village),
			"office": make_holder("Township Office", town.root.name),
			"officer": make_officer("Department Officer", asked),
		}
		bare = make_user()
		frappe.get_doc("User", bare).add_roles("Village Secretary", "Township Office")
		found = frappe._dict(
			town=town,
			village=village,
			grid=grid,
			near=near,
			department=asked,
			other_department=other,
			foreign_department=make_department(elsewhere.root.name).name,
			category=make_category(),
			**people,
			people=people,
			outsiders={
				"leader of the next village": make_holder("Grid Leader", town.villages[0].name),
				"official of the next township": make_holder("Township Office", elsewhere.root.name),
				"officer of another department": make_officer("Department Officer", other),
				"somebody without a post": bare,
			},
		)
		_secret_issue(found)
		yield found


world = pytest.fixture(scope="package")(build)
_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def _secret_issue(world: frappe._dict) -> None:
	"""Report and handle an issue over HTTP as its people do, each with words that hold `SECRET`."""
	said = {"opinion": f"{SECRET} 意见"}
	photo = call(
		world.member,
		"upload_file",
		files={"file": ("门前.png", PIXEL)},
		doctype="Grid Issue",
		docname="new-grid-issue-1",
		fieldname="photo_before",
		is_private="1",
	).message["file_url"]
	frappe.set_user(world.member)
	issue = make_issue(
		world.grid,
		title=f"{SECRET} 路灯",
		description=f"{SECRET} 经过",
		location_note=f"{SECRET} 门前",
		photo_before=photo,
		category=world.category,
	)
	for user, method, given in (
		(world.member, TAKE_STEP, {"action": step("submit-to-village"), **said}),
		(
			world.secretary,
			ASK,
			{"until": str(frappe.utils.add_days(issue.due_by, 3)), "reason": f"{SECRET} 等材料"},
		),
		(
			world.secretary,
			TAKE_STEP,
			{"action": step("refer"), "lead_department": world.department, **said},
		),
	):
		answer = call(user, method, issue=issue.name, **given)
		assert answer.status == 200, answer.fault or answer.text
	frappe.set_user("Administrator")
	for attached in (
		{"doctype": "Comment", "comment_type": "Comment", "content": f"{SECRET} 批注"},
		{"doctype": "Communication", "subject": f"{SECRET} 来信", "content": f"{SECRET} 来信"},
	):
		frappe.get_doc({**attached, "reference_doctype": "Grid Issue", "reference_name": issue.name}).insert()
	issue.add_tag(f"{SECRET} 标签")
	frappe.get_doc(
		doctype="ToDo",
		description=f"{SECRET} 待办",
		reference_type="Grid Issue",
		reference_name=issue.name,
		allocated_to=world.secretary,
	).insert()
	frappe.db.set_value(
		"Grid Issue",
		issue.name,
		{field: f"{SECRET} {field}" for field in ("instruction", "verdict_words", "verdict_answer")},
	)
	world.failure = _clock_failure(world, issue)
	world.issue, world.photo = issue.name, photo
	world.referral = frappe.db.get_value("Issue Referral", {"issue": issue.name})
	world.extension = frappe.db.get_value("Issue Extension", {"issue": issue.name})
	world.log = frappe.get_all("Issue Log", {"issue": issue.name}, pluck="name", order_by="at asc")
	world.names = (issue.name, world.referral, world.extension, *world.log, photo)


def _clock_failure(world: frappe._dict, issue: frappe.model.document.Document) -> str:
	"""Let the clock have failed on *issue*; put into the database as it is, as nobody writes it by hand."""
	failure = frappe.get_doc(
		doctype="Clock Failure",
		issue=issue.name,
		title=issue.title,
		grid=world.grid,
		grid_path=issue.grid_path,
		from_state=frappe.db.get_value("Grid Issue", issue.name, "workflow_state"),
		failed_at=frappe.utils.now(),
		first_failed_at=frappe.utils.now(),
		tries=1,
		reason=f"{SECRET} 原因",
		trace=f"{TRACE} 出错处",
	)
	failure.name = issue.name
	failure.db_insert()
	return failure.name
