"""A day of an administrator: she changes the product on the screen, the app is upgraded, and hers stays hers.

The tests of this file are the steps of one story and run in their order, in one window. The upgrade is a folder of
newer seeds and one newer permission rule, taken up by the hooks that `bench migrate` calls; no file of the app is
changed. With GUIDE_PICTURES set to a folder, the pictures of the guide for administrators are written there.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
from PIL import Image
from playwright.sync_api import Locator

from tests.browser.conftest import SHOTS
from tests.browser.screen import DESK, Screen, until

pytestmark = pytest.mark.commits

USER, PASSWORD = "chen.guanli@example.com", "Guanli-2026-day"
ROLES = ("Governance Administrator", "System Manager", "Workspace Manager")
STATE, FIELD, LABEL, REPORT = "待复核", "特长", "现工作单位", "路灯事项一览"
CARD = "number_card/issues-closed-this-month"
WORKSPACE, HIDDEN = "workspace/township-work", "workspace/my-grid"
GOES = "issue_category/0404"
HERS = (
	"workflow/grid-issue",
	"notification/issue-reported",
	"print_format/grid-notice-board",
	"issue_category/0101",
	WORKSPACE,
)


@dataclass
class Day:
	"""Her window, and ways to walk in it."""

	screen: Screen

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

	def picture(self, name: str) -> None:
		"""Keep a picture, and one for the guide when that is asked for."""
		self.screen.settle()
		path = self.screen.shot(f"day-{name}")
		if folder := os.environ.get("GUIDE_PICTURES"):
			image = Image.open(path).convert("RGB").resize((1000, 625), Image.Resampling.LANCZOS)
			image.save(Path(folder) / f"{name}.webp", "WEBP", quality=72, method=6)

	def decide(self, choice: str) -> None:
		"""Press a button of a seed's record and confirm."""
		page = self.screen.page
		page.locator(".page-actions:visible button", has_text=self.word(choice)).first.click()
		self.screen.confirm()


@pytest.fixture(scope="module")
def day(site, browser, address) -> Iterator[Day]:
	"""The administrator at her desk; afterwards everything is as it was."""
	import frappe

	if frappe.db.exists("User", USER):  # left over from a run that was killed
		_leave_no_trace()
	_remove_her()
	user = frappe.get_doc(
		doctype="User",
		email=USER,
		first_name="陈管理",
		language="zh",
		send_welcome_email=0,
		new_password=PASSWORD,
		roles=[{"role": role} for role in ROLES],
	)
	user.flags.no_welcome_mail = True
	user.flags.ignore_password_policy = True
	user.insert(ignore_permissions=True)
	frappe.db.commit()
	screen = Screen(browser, DESK, address, SHOTS)
	screen.allow("browser's own dialog")  # Customize Form and the builder think that they are unsaved
	try:
		screen.login(USER, PASSWORD)
		yield Day(screen)
	finally:
		screen.close()
		_leave_no_trace()
	assert not screen.faults, "\n".join(dict.fromkeys(screen.faults))


def _leave_no_trace() -> None:
	import frappe

	from grid_governance.setup.seeds import ledger, permissions, rules

	frappe.db.rollback()
	frappe.set_user("Administrator")
	ledger.sync()
	for doctype, filters in (
		("Custom Field", {"dt": "Grid Worker", "label": FIELD}),
		("Property Setter", {"doc_type": "Grid Worker", "property": ("in", ["label", "field_order"])}),
		("Report", {"name": REPORT}),
	):
		for name in frappe.get_all(doctype, filters=filters, pluck="name"):
			frappe.delete_doc(doctype, name, force=True)
	_remove_her()
	permissions.take_shipped("Grid Worker")
	frappe.db.delete("DocPerm", {"parent": "Grid Worker", "role": "Guest"})
	settled = [rules.State.UNTOUCHED, rules.State.MISSING]
	rows = frappe.get_all(
		"Seed Record", {"state": ("not in", settled)}, pluck="name", order_by="sort_order asc"
	)
	for key in rows:
		ledger.take_shipped(key)
	frappe.db.set_value("Workspace", ledger.name_of(HIDDEN), "is_hidden", 0)
	frappe.delete_doc_if_exists("Workflow State", STATE, force=True)
	ledger.sync()
	frappe.db.commit()
	frappe.clear_cache()


def _remove_her() -> None:
	"""Delete her account past its own code, which would keep her as the site's last System Manager."""
	import frappe

	frappe.db.delete("DocShare", {"user": USER})
	frappe.db.delete("DocShare", {"share_name": USER})
	frappe.delete_doc("Notification Settings", USER, force=True)
	frappe.delete_doc("User", USER, force=True, ignore_on_trash=True)
	frappe.db.commit()


@pytest.fixture
def failed_picture(day, request) -> Iterator[None]:
	"""Keep a last picture of a step that failed."""
	yield
	if getattr(request.node, "failed", False):
		day.screen.shot(f"failed-{request.node.name}")


pytestmark = [pytestmark, pytest.mark.usefixtures("failed_picture")]


def test_she_adds_a_field_and_renames_a_label(day, records):
	page = day.screen.page
	day.open("customize-form", doc_type="Grid Worker")
	page.locator(".form-tabs .nav-link:visible", has_text=day.word("Form")).first.click()
	day.screen.settle()
	employer = page.locator('.column-container:visible [data-fieldname="employer"]').first
	employer.wait_for()
	new = page.locator(f'.column-container:visible .frappe-control:has-text("{day.word("No Label")}")')
	for _ in range(3):
		if not new.count():
			_drag(day, page.get_by_text("Data", exact=True).first, employer)
	for field, label in (
		(f'.frappe-control:has-text("{day.word("No Label")}")', FIELD),
		('[data-fieldname="employer"]', LABEL),
	):
		page.locator(f".column-container:visible {field}").first.locator(".field-label").click()
		day.screen.settle()
		box = page.locator('.control-data:visible [data-fieldname="label"] input').first
		box.fill(label)
		box.blur()
		day.screen.settle()
	day.picture("customize-form")
	day.screen.save()
	assert records.rows("Custom Field", {"dt": "Grid Worker", "label": FIELD})
	assert records.rows("Property Setter", {"doc_type": "Grid Worker", "property": "label", "value": LABEL})


def test_she_changes_a_permission(day, records):
	day.open("permission-manager", doctype="Grid Worker")
	box = day.screen.page.locator(
		'input[type=checkbox][data-role="Grid Member"][data-ptype="export"]:visible'
	)
	box.click()
	day.screen.settle()
	day.picture("permissions")
	assert records.rows("Custom DocPerm", {"parent": "Grid Worker", "role": "Grid Member", "export": 1})


def test_she_adds_a_state_to_the_workflow(day, records):
	page = day.screen.page
	page.evaluate("frappe.new_doc('Workflow State')")
	page.locator(".modal.show [data-fieldname=workflow_state_name] input:visible").wait_for()
	day.screen.type("workflow_state_name", STATE)
	day.screen.confirm()
	day.open("Form", "Workflow", records.seeded("workflow/grid-issue"))
	table = page.locator('.frappe-control[data-fieldname="states"]:visible')
	table.locator(".grid-add-row").click()
	day.screen.settle()
	row = table.locator(".grid-row[data-idx]").last
	for column, text in (("state", STATE), ("allow_edit", day.word("Township Office"))):
		row.locator(f'[data-fieldname="{column}"]').first.click()
		box = row.locator(f'[data-fieldname="{column}"] input:visible').first
		box.fill("")
		box.press_sequentially(text, delay=30)
		entry = page.locator(".awesomplete > ul:visible > li", has_text=text).first
		entry.wait_for()
		entry.click()
		day.screen.settle()
	day.picture("workflow")
	day.screen.save()
	assert records.rows("Workflow Document State", {"state": STATE})


def test_she_rewrites_a_notification(day, records):
	day.open("Form", "Notification", records.seeded("notification/issue-reported"))
	day.screen.type("subject", "请速看：{{ doc.title | e }}")
	day.picture("notification")
	day.screen.save()
	name = records.seeded("notification/issue-reported")
	assert records.one("Notification", {"name": name}, "subject")["subject"].startswith("请速看")


def test_she_adds_a_line_to_a_print_format(day, records):
	page = day.screen.page
	name = records.seeded("print_format/grid-notice-board")
	day.open("Form", "Print Format", name)
	page.evaluate("cur_frm.reload_doc()")  # Frappe may open it with a copy that its editor does not write to
	day.screen.settle()
	page.locator('.frappe-control[data-fieldname="html"] .ace_content:visible').click()
	page.keyboard.press("Control+End")
	page.keyboard.insert_text("\n<p>本镇便民热线</p>")
	page.wait_for_function("cur_frm.doc.html.includes('本镇便民热线')")
	day.picture("print-format")
	day.screen.save()
	assert "本镇便民热线" in records.one("Print Format", {"name": name}, "html")["html"]


def test_she_renames_a_category(day, records):
	name = records.seeded("issue_category/0101")
	day.open("Form", "Issue Category", name)
	day.screen.type("category_name", "路灯与照明")
	day.picture("category")
	day.screen.save()
	assert records.one("Issue Category", {"name": name}, "category_name")["category_name"] == "路灯与照明"


def test_she_moves_a_block_and_takes_a_card_away(day, records):
	card = records.seeded(CARD)
	first = records.seeded(WORKSPACE)
	rows = records.rows("Workspace Number Card", {"number_card_name": card}, "parent")
	for place in dict.fromkeys([first, *(row["parent"] for row in rows)]):
		_edit_workspace(day, place)
		if place == first:
			block = _block(day, day.word("Grid Tree"))
			_choose(block, day.word("Move Up"))
			day.screen.settle()
		if any(row["parent"] == place for row in rows):
			block = _block(day, day.word(card))
			if place == first:
				day.picture("workspace")
			_choose(block, day.word("Delete"))
		_save_workspace(day)
	assert not records.rows("Workspace Number Card", {"number_card_name": card})


def test_she_deletes_the_card(day, records):
	card = records.seeded(CARD)
	day.open("Form", "Number Card", card)
	_menu(day, day.word("Delete"))
	day.screen.confirm()
	assert until(lambda: not records.rows("Number Card", {"name": card}), day.screen.page)


def test_she_hides_a_workspace(day, records):
	page = day.screen.page
	name = records.seeded(HIDDEN)
	_edit_workspace(day, name)
	item = page.locator(f'.sidebar-item-container[item-name="{name}"] .desk-sidebar-item').first
	item.hover()
	item.locator(".setting-btn").click()
	day.picture("hide-workspace")
	item.locator(".dropdown-item", has_text=day.word("Hide")).click()
	assert until(lambda: records.one("Workspace", {"name": name}, "is_hidden")["is_hidden"], page)
	page.locator(".page-actions:visible button", has_text=day.word("Discard")).first.click()
	day.screen.settle()


def test_she_saves_a_report(day, records):
	page = day.screen.page
	day.open("List", "Grid Issue", "Report")
	page.locator(".report-view:visible, .frappe-list:visible, .report-wrapper:visible").first.wait_for()
	_menu(day, day.word("Save As"))
	page.locator(".modal.show input:visible").first.fill(REPORT)
	day.picture("report-builder")
	day.screen.confirm()
	assert until(lambda: records.rows("Report", {"name": REPORT}), page)


def test_the_app_is_upgraded(day, records, tmp_path, monkeypatch):
	import frappe

	from grid_governance.setup import install
	from grid_governance.setup.seeds import rules

	folder = tmp_path / "seeds"
	shutil.copytree(rules.FOLDER, folder)
	_ship_newer(folder)
	monkeypatch.setattr(rules, "FOLDER", folder)
	install.before_migrate()
	frappe.get_doc(
		doctype="DocPerm",
		parent="Grid Worker",
		parenttype="DocType",
		parentfield="permissions",
		role="Guest",
		select=1,
	).db_insert()
	install.after_migrate()
	frappe.db.commit()
	frappe.clear_cache()

	states = {row["name"]: row["state"] for row in records.rows("Seed Record", {}, "name", "state")}
	assert {key: states[key] for key in HERS} == dict.fromkeys(HERS, "Update Waiting")
	assert states["permission/Grid Worker"] == "Update Waiting"
	assert states[CARD] == "Deleted Here"


def test_hers_is_hers(day, records):
	states = {row["state"] for row in records.rows("Workflow Document State", {}, "state")}
	assert STATE in states
	name = records.seeded("notification/issue-reported")
	assert records.one("Notification", {"name": name}, "subject")["subject"].startswith("请速看")
	name = records.seeded("print_format/grid-notice-board")
	html = records.one("Print Format", {"name": name}, "html")["html"]
	assert "本镇便民热线" in html
	assert "newer" not in html
	name = records.seeded("issue_category/0101")
	assert records.one("Issue Category", {"name": name}, "category_name")["category_name"] == "路灯与照明"
	assert records.rows("Custom Field", {"dt": "Grid Worker", "label": FIELD})
	assert records.rows("Property Setter", {"doc_type": "Grid Worker", "property": "label", "value": LABEL})
	assert records.rows("Custom DocPerm", {"parent": "Grid Worker", "role": "Grid Member", "export": 1})
	assert records.rows("Report", {"name": REPORT})
	hidden = records.one("Workspace", {"name": records.seeded(HIDDEN)}, "is_hidden", "icon")
	assert (hidden["is_hidden"], hidden["icon"]) == (1, "star"), (
		"hidden by her, and new where she changed nothing"
	)
	stored = records.one("Workspace", {"name": records.seeded(WORKSPACE)}, "content")["content"]
	now, shipped = _shortcuts(json.loads(stored)), _shortcuts(_shipped(WORKSPACE)["content"]["json"])
	before = shipped[shipped.index("Grid Tree") - 1]
	assert now.index("Grid Tree") < now.index(before)


def test_the_untouched_is_new_and_the_deleted_stays_away(day, records):
	name = records.seeded("notification/issue-moved")
	assert records.one("Notification", {"name": name}, "subject")["subject"].endswith("(newer)")
	name = records.seeded("print_format/grid-worker-card")
	assert "newer" in records.one("Print Format", {"name": name}, "html")["html"]
	name = records.seeded("issue_category/0102")
	assert records.one("Issue Category", {"name": name}, "default_urgency")["default_urgency"] == "Complex"
	name = records.seeded("workflow_state/with-village")
	assert records.one("Workflow State", {"name": name}, "style")["style"] == "Inverse"
	assert records.rows("Number Card", {"name": "Newly Shipped"})
	assert not records.rows("Number Card", {"label": "Issues Closed This Month"})
	assert not records.rows("Seed Record", {"name": GOES}), "no longer shipped and untouched: gone"


def test_the_differences_are_listed_on_the_screen(day, records):
	page = day.screen.page
	day.open("List", "Seed Record", "List")
	page.locator(".list-row-container:visible").first.wait_for()
	day.picture("differences")
	listed = page.locator(".frappe-list:visible").inner_text()
	rows = {unquote(name) for name in day.screen.rows()}
	assert {*HERS, "permission/Grid Worker", CARD} <= rows
	assert day.word("Update Waiting") in listed
	day.open("Form", "Seed Record", "workflow/grid-issue")
	shown = page.locator('[data-fieldname="difference_view"]:visible').inner_text()
	assert STATE in shown
	assert day.word("Township Office") in shown
	day.open("Form", "Seed Record", "notification/issue-reported")
	day.picture("difference")


def test_she_takes_what_is_new_beside_hers(day, records):
	import frappe

	day.open("Form", "Seed Record", "permission/Grid Worker")
	day.picture("difference-permissions")
	day.decide("Add What Is New")
	rules = records.rows("Custom DocPerm", {"parent": "Grid Worker"}, "role", "select", "export")
	assert any(rule["role"] == "Guest" and rule["select"] for rule in rules)
	assert any(rule["role"] == "Grid Member" and rule["export"] for rule in rules)
	frappe.db.rollback()


def test_she_keeps_her_workflow_and_takes_the_card_back(day, records):
	day.open("Form", "Seed Record", "workflow/grid-issue")
	day.decide("Keep Our Version")
	kept = {"name": "workflow/grid-issue", "state": "Changed Here"}
	assert until(lambda: records.rows("Seed Record", kept), day.screen.page)
	day.open("Form", "Seed Record", CARD)
	day.decide("Take the Shipped Version")
	back = {"name": CARD, "state": "Untouched"}
	assert until(lambda: records.rows("Seed Record", back), day.screen.page)
	assert records.rows("Number Card", {"name": records.seeded(CARD)})


def _drag(day: Day, what: Locator, below: Locator) -> None:
	"""Drag with the mouse, as the form's builder wants it, to the lower edge of another element."""
	page = day.screen.page
	page.evaluate("window.scrollTo(0, 0)")
	day.screen.settle()
	start, end = what.bounding_box(), below.bounding_box()
	page.mouse.move(start["x"] + 20, start["y"] + 10)
	page.mouse.down()
	page.mouse.move(start["x"] + 60, start["y"] + 20, steps=5)
	for up in (8, 4):
		page.mouse.move(end["x"] + 100, end["y"] + end["height"] - up, steps=8)
		page.wait_for_timeout(300)
	page.mouse.up()
	day.screen.settle()


def _ship_newer(folder: Path) -> None:
	"""Change the copies of the seed files as a later version of the app would."""

	def put(field: str, value: object) -> Callable[[dict], None]:
		return lambda values: values.update({field: value})

	def lengthen(field: str) -> Callable[[dict], None]:
		def change(values: dict) -> None:
			path = folder / "print_format" / values[field]["file"]
			path.write_text(path.read_text("utf-8") + "\n<!-- newer -->\n", "utf-8")

		return change

	_change(folder, "workflow/grid-issue", put("override_status", 1))
	_change(folder, "notification/issue-reported", put("message", "<p>newer</p>"))
	_change(folder, "notification/issue-moved", put("subject", "{{ doc.title | e }} (newer)"))
	_change(folder, "print_format/grid-notice-board", lengthen("html"))
	_change(folder, "print_format/grid-worker-card", lengthen("html"))
	_change(folder, "issue_category/0101", put("category_name", "道路照明"))
	_change(folder, "issue_category/0102", put("default_urgency", "Complex"))
	_change(folder, "workflow_state/with-village", put("style", "Inverse"))
	_change(folder, WORKSPACE, put("icon", "star"))
	_change(folder, HIDDEN, put("icon", "star"))
	_change(folder, CARD, put("color", "#000000"))
	_change(folder, GOES, None)
	path = folder / "number_card" / "newer.json"
	card = {"name": "Newly Shipped", "label": "Newly Shipped", "type": "Document Type", "function": "Count"}
	card |= {"document_type": "Grid Issue", "is_public": 0, "filters_json": "[]"}
	path.write_text(json.dumps([{"key": "newer", "values": card}]), "utf-8")


def _change(folder: Path, key: str, change: Callable[[dict], None] | None) -> None:
	"""Change the values of the seed *key* in its file; None takes the seed out of it."""
	kind, name = key.split("/")
	for path in (folder / kind).glob("*.json"):
		seeds = json.loads(path.read_text("utf-8"))
		found = [seed for seed in seeds if seed["key"] == name]
		if found:
			if change:
				change(found[0]["values"])
			else:
				seeds.remove(found[0])
			path.write_text(json.dumps(seeds, ensure_ascii=False), "utf-8")
			return
	raise AssertionError(f"the app ships no {key}")


def _shortcuts(blocks: list[dict]) -> list[str]:
	"""The shortcuts of a workspace, in the order of its blocks."""
	return [block["data"]["shortcut_name"] for block in blocks if block["type"] == "shortcut"]


def _shipped(key: str) -> dict:
	"""The values of a seed as the app ships it."""
	from grid_governance.setup.seeds import rules

	return next(dict(seed.values) for seed in rules.load() if seed.key == key)


def _edit_workspace(day: Day, name: str) -> None:
	page = day.screen.page
	day.screen.go(page.evaluate("name => frappe.router.slug(name)", name))
	page.locator(".ce-block:visible").first.wait_for()
	page.locator(".page-actions:visible button", has_text=day.word("Edit")).first.click()
	page.locator(".page-actions:visible button.primary-action:visible", has_text=day.word("Save")).wait_for()
	day.screen.settle()


def _save_workspace(day: Day) -> None:
	page = day.screen.page
	page.locator(".page-actions:visible button.primary-action:visible", has_text=day.word("Save")).click()
	page.locator(".page-actions:visible button", has_text=day.word("Edit")).first.wait_for()
	day.screen.settle()


def _block(day: Day, text: str) -> Locator:
	"""The block of a workspace that shows *text*, with its menu open."""
	block = day.screen.page.locator(".ce-block:visible", has_text=text).first
	block.hover()
	block.locator(".setting-btn").first.click()
	day.screen.settle()
	return block


def _choose(block: Locator, entry: str) -> None:
	block.locator(".dropdown-item:visible", has_text=entry).first.click()


def _menu(day: Day, entry: str) -> None:
	page = day.screen.page
	page.locator(".menu-btn-group:visible > button").first.click()
	page.locator(".menu-btn-group:visible .dropdown-item:visible", has_text=entry).first.click()
	page.locator(".modal.show").wait_for()
	day.screen.settle()
