"""Without code: an administrator adds a county level in the Workflow Builder, and everything follows.

She adds a level, a role with its rights, a state and an action of the clock's on the screen and draws them into the
workflow; people and the clock then take the new step, the report has its column, the county hears of it, and an upgrade
leaves it alone. Then the other way round: what she takes out is said in numbers before it is saved. Last, an urgency of
her own and a department for a category. The tests are the steps of one story and run in their order, on a small county
of their own. With GUIDE_PICTURES set to a folder, the pictures of the guide for administrators are written there.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator

from tests.browser.conftest import SHOTS, Person
from tests.browser.screen import DESK, Screen, until

pytestmark = pytest.mark.commits

USER, PASSWORD = "zhou.guanli@example.com", "Guanli-2026-county"
ROLES = ("Governance Administrator", "System Manager")
COUNTY, LEVEL, STATE, ACTION = "县网格中心", "县级", "县级协调", "报请县级"
CATEGORY, SUBJECT = "桥梁隐患", "请尽快办理"
URGENCY, CODE, DEPARTMENT = "特急", "Critical", "交通运输站"
WORKFLOW = "workflow/grid-issue"
QUEUED = 300
"""Seconds that a bell may take: one worker rings those of both test sites, in their order."""


@dataclass
class Story:
	"""Her window, the county's people and what one step leaves to the next."""

	screen: Screen
	township: str
	village: str
	grid: str
	category: str
	official: Person
	secretary: Person
	people: dict[str, Person] = field(default_factory=dict)
	issues: dict[str, str] = field(default_factory=dict)

	def open(self, *route: str, **options: object) -> None:
		"""Go to a place of the desk without loading the desk again."""
		self.screen.page.evaluate(
			"([route, options]) => { frappe.route_options = options; return frappe.set_route(route); }",
			[list(route), options],
		)
		self.screen.page.wait_for_timeout(300)
		self.screen.settle()

	def word(self, text: str) -> str:
		"""A text of the desk in her language."""
		return self.screen.page.evaluate("text => __(text)", text)

	def new(self, doctype: str, **texts: str) -> None:
		"""Make a record, in the short dialog where the desk has one."""
		page, first = self.screen.page, next(iter(texts))
		page.evaluate("doctype => { frappe.new_doc(doctype) }", doctype)
		page.locator(f'[data-fieldname="{first}"] input:visible').last.wait_for()
		self.screen.settle()
		for name, text in texts.items():
			self.screen.type(name, text)
		short = page.locator(".modal.show").count()
		self.screen.confirm() if short else self.screen.save()

	def picture(self, name: str) -> None:
		"""Keep a picture, and one for the guide when that is asked for."""
		self.screen.settle()
		path = self.screen.shot(f"county-{name}")
		if folder := os.environ.get("GUIDE_PICTURES"):
			image = Image.open(path).convert("RGB").resize((1000, 625), Image.Resampling.LANCZOS)
			image.save(Path(folder) / f"{name}.webp", "WEBP", quality=72, method=6)


@pytest.fixture(scope="module")
def story(site, browser, address) -> Iterator[Story]:
	"""The administrator at her desk, in a county with a township; afterwards everything is as it was."""
	import frappe

	_leave_no_trace()
	user = frappe.get_doc(
		doctype="User",
		email=USER,
		first_name="周管理",
		language="zh",
		send_welcome_email=0,
		new_password=PASSWORD,
		roles=[{"role": role} for role in ROLES],
	)
	user.flags.no_welcome_mail = True
	user.flags.ignore_password_policy = True
	user.insert(ignore_permissions=True)
	place = _make_county()
	frappe.db.commit()
	screen = Screen(browser, DESK, address, SHOTS)
	screen.allow("browser's own dialog")  # the Builder thinks that it is unsaved
	try:
		screen.login(USER, PASSWORD)
		yield Story(screen, **place)
	finally:
		screen.close()
		_leave_no_trace()
	assert not screen.faults, "\n".join(dict.fromkeys(screen.faults))


def _make_county() -> dict[str, object]:
	from grid_governance.grid_structure import rules
	from tests.factories import make_category, make_grid

	county = make_grid(None, 1, grid_name=COUNTY)
	township = make_grid(county.name, rules.TOWNSHIP, grid_name="柳河镇")
	village = make_grid(township.name, rules.VILLAGE, grid_name="柳河村")
	grid = make_grid(village.name, rules.GRID, grid_name="柳河一组")
	return {
		"township": township.name,
		"village": village.name,
		"grid": grid.name,
		"category": make_category(category_name=CATEGORY),
		"official": _appoint("Township Office", township),
		"secretary": _appoint("Village Secretary", village),
	}


def _appoint(role: str, grid: object) -> Person:
	"""Somebody with an account who holds a post with *role*."""
	import frappe
	from frappe.utils.password import update_password

	from tests.factories import make_holder

	user = make_holder(role, grid.name)
	frappe.db.set_value("User", user, "language", "zh")
	update_password(user, PASSWORD)
	return Person(user, PASSWORD, "", role, grid.name, grid.grid_name, grid.grid_path)


def _leave_no_trace() -> None:
	"""Remove what the story made, past the rules that protect records, and put the seeds as they were."""
	import frappe

	from grid_governance.grid_structure import queries
	from grid_governance.setup.seeds import ledger, permissions, rules

	frappe.db.rollback()
	frappe.set_user("Administrator")
	path = frappe.db.get_value("Grid", {"grid_name": COUNTY}, "grid_path")
	if path:
		below = {"grid_path": ["like", f"{path}%"]}
		users = frappe.get_all("Grid Worker", {**below, "user": ["is", "set"]}, pluck="user")
		posts = frappe.get_all("Grid Post Assignment", below, pluck="post")
		issues = frappe.get_all("Grid Issue", below, pluck="name")
		for doctype, named in (
			("Notification Log", "document_name"),
			("Digest Entry", "document_name"),
			("Workflow Action", "reference_name"),
		):
			frappe.db.delete(doctype, {named: ["in", issues or [""]]})
		for doctype in queries.doctypes_with_path():
			frappe.db.delete(doctype, below)
		frappe.db.delete("Grid Post", {"name": ["in", posts or [""]]})
		for user in users:
			frappe.delete_doc("User", user, force=True, ignore_permissions=True)
	permissions.take_shipped("Grid Issue")
	settled = [rules.State.UNTOUCHED, rules.State.MISSING]
	for key in frappe.get_all(
		"Seed Record", {"state": ("not in", settled)}, pluck="name", order_by="sort_order asc"
	):
		ledger.take_shipped(key)
	for doctype, name in (
		("Workflow State", STATE),
		("Workflow Action Master", ACTION),
		("Resolution Level", LEVEL),
		("Issue Urgency", CODE),
		("Role", COUNTY),
	):
		frappe.delete_doc_if_exists(doctype, name, force=True)
	for name in frappe.get_all("Issue Category", {"category_name": CATEGORY}, pluck="name"):
		frappe.delete_doc("Issue Category", name, force=True)
	frappe.db.delete("DocShare", {"user": USER})
	frappe.db.delete("DocShare", {"share_name": USER})
	frappe.delete_doc("Notification Settings", USER, force=True)
	frappe.delete_doc("User", USER, force=True, ignore_on_trash=True)
	frappe.db.commit()
	frappe.clear_cache()


@pytest.fixture
def failed_picture(story, request) -> Iterator[None]:
	"""Keep a last picture of a step that failed."""
	yield
	if getattr(request.node, "failed", False):
		story.screen.shot(f"failed-{request.node.name}")


pytestmark = [pytestmark, pytest.mark.usefixtures("failed_picture")]


def test_she_adds_the_level(story, records):
	story.new("Resolution Level", level=LEVEL, sequence="50")
	assert records.one("Resolution Level", {"name": LEVEL}, "sequence")["sequence"] == 50


def test_she_adds_the_role_and_its_rights(story, records):
	page = story.screen.page
	story.new("Role", role_name=COUNTY)
	story.open("Form", "Role", COUNTY)
	story.screen.control("grid_by_post").locator("input.input-with-feedback").check()
	story.screen.save()
	story.open("permission-manager", doctype="Grid Issue")
	page.locator(".page-actions:visible .primary-action").click()
	page.locator(".modal.show select[data-fieldname=role]").wait_for()
	for name, value in (("role", COUNTY), ("permlevel", "0")):
		page.locator(f".modal.show select[data-fieldname={name}]").select_option(value)
	story.screen.confirm()
	box = page.locator(f'input[type=checkbox][data-role="{COUNTY}"][data-ptype="write"]:visible')
	box.check()
	story.screen.settle()
	granted = {"parent": "Grid Issue", "role": COUNTY, "read": 1, "write": 1}
	assert until(lambda: records.rows("Custom DocPerm", granted), page)


def test_she_adds_the_state_with_its_level(story, records):
	story.new("Workflow State", workflow_state_name=STATE)
	story.open("Form", "Workflow State", STATE)
	story.screen.control("grid_stage").locator("select").select_option("Open")
	story.screen.choose("grid_resolution_level", LEVEL, LEVEL)
	story.picture("builder-state")
	story.screen.save()
	row = records.one("Workflow State", {"name": STATE}, "grid_stage", "grid_resolution_level")
	assert row == {"grid_stage": "Open", "grid_resolution_level": LEVEL}


def test_she_adds_an_action_that_the_clock_takes(story, records):
	story.new("Workflow Action Master", workflow_action_name=ACTION)
	story.open("Form", "Workflow Action Master", ACTION)
	story.screen.control("grid_by_clock").locator("input.input-with-feedback").check()
	story.picture("builder-action")
	story.screen.save()
	assert records.one("Workflow Action Master", {"name": ACTION}, "grid_by_clock")["grid_by_clock"] == 1


def test_she_draws_the_state_into_the_workflow(story, records):
	page = story.screen.page
	supervised, resolved = (
		records.seeded(f"workflow_state/{key}") for key in ("township-supervision", "resolved")
	)
	_open_builder(story, records)
	page.locator(".drag-handle").drag_to(
		page.locator(".vue-flow__pane"), target_position={"x": 700, "y": 470}
	)
	story.screen.settle()
	_set(story, "state", STATE)
	_set(story, "allow_edit", COUNTY)
	_connect(story, supervised, STATE, ACTION, "Township Office")
	_connect(story, STATE, resolved, records.seeded("workflow_action_master/resolve"), COUNTY)
	story.picture("builder")
	saved = {"parent": records.seeded(WORKFLOW), "state": STATE}
	_save(story, lambda: records.rows("Workflow Document State", saved))
	row = records.one("Workflow Document State", saved, "allow_edit", "doc_status")
	assert row == {"allow_edit": COUNTY, "doc_status": "0"}
	ways = records.rows("Workflow Transition", {"action": ACTION}, "state", "next_state", "allowed")
	assert ways == [{"state": supervised, "next_state": STATE, "allowed": "Township Office"}]
	rows = {"parent": records.seeded(WORKFLOW)}
	assert len(records.rows("Workflow Document State", rows)) == len(_shipped(WORKFLOW, "states")) + 1
	assert len(records.rows("Workflow Transition", rows)) == len(_shipped(WORKFLOW, "transitions")) + 2


def test_she_rewrites_the_text_for_those_who_act_next(story, records):
	name = records.seeded("notification/issue-next")
	story.open("Form", "Notification", name)
	story.screen.type("subject", SUBJECT + "：{{ doc.title | e }}")
	story.screen.save()
	assert records.one("Notification", {"name": name}, "subject")["subject"].startswith(SUBJECT)


def test_the_township_takes_the_new_step(story, desk, records):
	import frappe

	frappe.set_user("Administrator")
	county = frappe.get_doc("Grid", {"grid_name": COUNTY})
	story.people["county"] = _appoint(COUNTY, county)
	frappe.db.commit()
	issue = story.issues["by hand"] = _make_issue(story, "桥面有裂缝")
	screen = desk(story.official)
	screen.go(f"grid-issue/{issue}")
	assert ACTION in screen.steps()
	screen.step(ACTION)
	screen.confirm()
	assert records.one("Grid Issue", {"name": issue}, "workflow_state")["workflow_state"] == STATE
	last = records.rows("Issue Log", {"issue": issue}, "action", "to_state", "by_user", order_by="at asc")[-1]
	assert last == {"action": ACTION, "to_state": STATE, "by_user": story.official.user}


def test_the_clock_takes_it_too_and_tells_the_county(story, records):
	from grid_governance.grid_issues import escalation

	issue = story.issues["by clock"] = _make_issue(story, "桥栏杆松动", urgency="Urgent", late=True)
	escalation.run()
	row = records.one("Grid Issue", {"name": issue}, "workflow_state", "escalation_level")
	assert row == {"workflow_state": STATE, "escalation_level": 2}
	last = records.rows("Issue Log", {"issue": issue}, "action", "by_clock", "by_user", order_by="at asc")[-1]
	assert last == {"action": ACTION, "by_clock": 1, "by_user": None}
	told = {"document_name": issue, "for_user": story.people["county"].user}
	page = story.screen.page
	assert until(lambda: records.rows("Notification Log", told), page, QUEUED)
	(bell,) = records.rows("Notification Log", told, "subject")
	assert bell["subject"].startswith(SUBJECT)


def test_the_report_has_the_countys_column(story, desk, records):
	issue = story.issues["by hand"]
	screen = desk(story.people["county"])
	screen.go(f"grid-issue/{issue}")
	screen.step(records.seeded("workflow_action_master/resolve"))
	screen.type("result", "县里已派队加固桥面。")
	screen.confirm()
	screen = desk(story.secretary)
	screen.go(f"grid-issue/{issue}")
	screen.step(records.seeded("workflow_action_master/give-feedback"))
	screen.type("feedback", "已告知村民。")
	screen.confirm()
	assert records.one("Grid Issue", {"name": issue}, "resolution_level")["resolution_level"] == LEVEL
	screen = desk(story.official)
	screen.go("query-report/Issue Resolution Levels")
	table = screen.page.locator(".report-wrapper:visible")
	table.locator(".dt-cell__content:visible", has_text=LEVEL).first.wait_for()
	screen.look("county-report")


def test_she_is_told_before_the_clocks_step_goes(story, records):
	"""She takes it out in the Builder, reads what that means, and leaves it; then she takes it out all the same."""
	page = story.screen.page
	story.screen.allow("417")  # the refused save
	story.screen.allow("Failed to load resource")
	story.screen.allow("console")
	_make_issue(story, "桥头路灯不亮", late=True)
	before = _stored(records)
	_open_builder(story, records)
	node = page.locator(".vue-flow__node-action", has_text=ACTION).first
	node.click()
	story.screen.settle()
	page.keyboard.press("Backspace")
	node.wait_for(state="detached")
	story.screen.save()
	message = page.locator(".msgprint:visible")
	message.wait_for()
	supervised = records.seeded("workflow_state/township-supervision")
	number = len(records.rows("Grid Issue", {"workflow_state": supervised}))
	assert number
	text = message.inner_text()
	assert f"“{supervised}”中逾期的事项不再自动上报" in text
	assert f"现有 {number} 条处在这一状态" in text
	assert _stored(records) == before, "nothing is saved yet"
	story.picture("builder-told")
	_save_anyway(story)
	gone = {"parent": records.seeded(WORKFLOW), "action": ACTION}
	assert until(lambda: not records.rows("Workflow Transition", gone), page)
	story.screen.settle()


def test_she_is_told_before_the_workflow_stops(story, records):
	page = story.screen.page
	name = records.seeded(WORKFLOW)
	story.open("Form", "Workflow", name)
	page.evaluate("cur_frm.reload_doc()")
	story.screen.settle()
	story.screen.control("is_active").locator("input.input-with-feedback").uncheck()
	story.screen.save()
	message = page.locator(".msgprint:visible")
	message.wait_for()
	assert "没有启用的流程了" in message.inner_text()
	story.picture("workflow-told")
	story.screen.dismiss(message)
	assert records.one("Workflow", {"name": name}, "is_active")["is_active"] == 1


def test_an_upgrade_leaves_it_alone(story, records):
	import frappe

	from grid_governance.setup import install

	before = _stored(records)
	install.before_migrate()
	install.after_migrate()
	frappe.db.commit()
	frappe.clear_cache()
	assert _stored(records) == before
	assert records.one("Seed Record", {"name": WORKFLOW}, "state")["state"] == "Changed Here"
	assert (
		records.one("Workflow State", {"name": STATE}, "grid_resolution_level")["grid_resolution_level"]
		== LEVEL
	)
	name = records.seeded("notification/issue-next")
	assert records.one("Notification", {"name": name}, "subject")["subject"].startswith(SUBJECT)


def test_a_new_urgency_needs_no_code(story, desk, records):
	story.new("Issue Urgency", urgency_name=URGENCY, code=CODE, sequence="5", span="2")
	story.open("Form", "Issue Urgency", CODE)
	story.screen.control("unit").locator("select").select_option("Hours")
	story.picture("urgency")
	story.screen.save()
	issue = _make_issue(story, "桥墩被撞", urgency=CODE)
	row = records.one("Grid Issue", {"name": issue}, "found_at", "due_by")
	assert (row["due_by"] - row["found_at"]).total_seconds() == 2 * 3600
	screen = desk(story.official)
	screen.go("query-report/Issue Closing and Timeliness")
	screen.page.locator(
		".report-wrapper:visible .dt-cell__content:visible", has_text=URGENCY
	).first.wait_for()
	screen.go(f"grid-issue/{issue}")
	assert screen.control("urgency").locator("input").input_value() == URGENCY


def test_a_department_answers_for_a_category(story, desk, records):
	import frappe

	from tests.factories import make_department

	frappe.set_user("Administrator")
	department = make_department(story.township, department_name=DEPARTMENT)
	frappe.db.commit()
	page = story.screen.page
	story.open("Form", "Township Department", department.name)
	box = story.screen.control("answers_for").locator("input:visible").first
	box.click()
	box.press_sequentially(CATEGORY, delay=30)
	entry = page.locator(".awesomplete > ul:visible > li", has_text=CATEGORY).first
	entry.wait_for()
	entry.click()
	story.picture("department-category")
	story.screen.save()
	issue = _make_issue(story, "桥面坑洼")
	screen = desk(story.official)
	screen.go(f"grid-issue/{issue}")
	screen.step(records.seeded("workflow_action_master/refer"))
	chosen = screen.control("lead_department").locator("select")
	assert chosen.evaluate("select => select.selectedOptions[0].text") == DEPARTMENT


def _make_issue(story: Story, title: str, late: bool = False, **fields: object) -> str:
	"""An issue in the township's hands, overdue for the clock when it is *late*."""
	import frappe
	from frappe.utils import add_to_date, now_datetime

	from tests.factories import make_issue

	frappe.db.rollback()
	frappe.set_user("Administrator")
	steps = () if fields.get("urgency") == CODE else ("submit-to-village", "escalate")
	issue = make_issue(story.grid, *steps, title=title, category=story.category, **fields)
	if late:
		past = add_to_date(now_datetime(), minutes=-5)
		moments = dict.fromkeys(("due_by", "next_escalation_at", "clock_at"), past)
		frappe.db.set_value("Grid Issue", issue.name, moments, update_modified=False)
	frappe.db.commit()
	return issue.name


def _save(story: Story, saved: Callable[[], object]) -> None:
	"""Save, and once more where she is told what that means for matters that other tests have left overdue."""
	page = story.screen.page
	story.screen.save()
	told = page.locator(".msgprint:visible")
	assert until(lambda: saved() or told.count(), page)
	if not saved():
		story.screen.allow("417")
		story.screen.allow("Failed to load resource")
		story.screen.allow("console")
		_save_anyway(story)
	assert until(saved, page)


def _save_anyway(story: Story) -> None:
	story.screen.settle()
	story.screen.page.locator(
		".modal.show .modal-footer .btn-primary:visible, .modal.show .btn-modal-primary:visible"
	).last.click()


def _open_builder(story: Story, records) -> None:
	"""Open the Workflow Builder on the workflow of issues and wait until it is drawn."""
	story.open("workflow-builder", records.seeded(WORKFLOW))
	node = story.screen.page.locator(".vue-flow__node-state")
	node.nth(len(_shipped(WORKFLOW, "states")) - 1).wait_for()
	story.screen.page.wait_for_timeout(800)  # the canvas fits itself to the drawing
	story.screen.settle()


def _set(story: Story, fieldname: str, value: str) -> None:
	"""Choose a record in the Builder's side bar, for the node that is chosen."""
	page = story.screen.page
	box = page.locator(f'.properties [data-fieldname="{fieldname}"] input:visible').first
	box.click()
	box.fill("")
	box.press_sequentially(story.word(value), delay=30)
	entry = page.locator(".awesomplete > ul:visible > li", has_text=story.word(value)).first
	entry.wait_for()
	entry.click()
	story.screen.settle()
	box.blur()  # the list opens anew under the mouse
	story.screen.settle()


def _connect(story: Story, source: str, target: str, action: str, role: str) -> None:
	"""Draw a transition from one state to another with the mouse, and say what it is called and who takes it."""
	page = story.screen.page
	start, end = (_handle(_node(story, name), side) for name, side in ((source, "bottom"), (target, "top")))
	page.mouse.move(*start)
	page.mouse.down()
	page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=6)
	page.mouse.move(*end, steps=6)
	page.mouse.up()
	story.screen.settle()
	_set(story, "action", action)
	_set(story, "allowed", role)


def _node(story: Story, state: str) -> Locator:
	return story.screen.page.locator(".vue-flow__node-state", has_text=state).first


def _handle(node: Locator, side: str) -> tuple[float, float]:
	"""Where the mouse takes hold of a node to draw a line."""
	box = node.locator(f'.vue-flow__handle[data-handlepos="{side}"]').bounding_box()
	return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _shipped(key: str, table: str) -> list[dict]:
	"""The rows of a table of a seed, as the app ships it."""
	from grid_governance.setup.seeds import rules

	return next(seed.values[table] for seed in rules.load() if seed.key == key)


def _stored(records) -> list[tuple]:
	"""The transitions of the workflow of issues."""
	rows = {"parent": records.seeded(WORKFLOW)}
	fields = ("state", "action", "next_state", "allowed", "condition", "allow_self_approval")
	return sorted(
		tuple(str(value) for value in row.values())
		for row in records.rows("Workflow Transition", rows, *fields)
	)
