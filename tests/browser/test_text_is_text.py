"""What people type is shown as they typed it: on no screen does it run, and no element is made of it.

The texts are attacks, not words of the desk, so these screens are not searched for English.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.browser.conftest import Person, Records, Township, _people
from tests.browser.screen import Screen
from tests.factories import make_category, make_department, make_issue, seeded
from tests.world import REPORTS

pytestmark = pytest.mark.commits

DEMO = "jinzhuang"
MARK = "注入"
"""Begins every attack, so that a screen can be asked whether it shows one."""

ATTACKS = (
	f"{MARK}<img src=x onerror=__hit=1><script>__hit=2</script>\"'><svg onload=__hit=3>",
	f'["{MARK}<img src=x onerror=__hit=4>"]',
	f"{MARK}<img src=x onerror=__hit=5 ",
	f"{MARK}\" onmouseover=\"__hit=6\" x=' onmouseover='__hit=7' y='",
	f"{MARK}{{{{ 7*11000191 }}}}{{% for (;;) %}}<a href=javascript:__hit=8>x</a>",
)
"""Elements, elements that read as JSON or never end, attributes, templates of the server and of the desk."""

CALCULATED = "77001337"
CLOSED = 4
"""Which of the issues is handled to the end, so that a report on what was closed counts it."""

FOUND = """(selector) => {
	const found = window.__hit ? [`script ${window.__hit} ran`] : [];
	const look = (root) => {
		for (const element of root.querySelectorAll("*")) {
			if (element.shadowRoot) look(element.shadowRoot);
			const made = [...element.attributes].filter(
				({ name, value }) => value.includes("__hit") && (/^on/i.test(name) || /^\\\\s*javascript:/i.test(value))
			);
			const bare = element.matches("img[src='x']") && !element.closest(".new-timeline"); // a comment may hold pictures
			if (made.length || bare) found.push(element.outerHTML.slice(0, 200));
			if (element.localName === "script" && element.textContent.trim().startsWith("__hit=")) found.push("a script");
		}
	};
	document.querySelectorAll(selector).forEach(look);
	return found;
}"""

SHOWN = """([selector, mark]) => [...document.querySelectorAll(selector)].some(
	(element) => element.checkVisibility() && (element.value || element.textContent).includes(mark)
)"""

BLOCKS = tuple(f"[data-fieldname='{field}_html']" for field in ("referrals", "extension", "process"))
ROW, CELL, FORM = (
	".list-row",
	".dt-cell",
	".page-container .form-page, .page-container .title-text, .form-page input",
)


@dataclass
class Attacked:
	"""Who looks, and what has attacks for texts."""

	member: Person
	secretary: Person
	category: str
	issues: list[str]
	referral: str


def write(doctype: str, filters: object, *fields: str, first: int = 0, saved: bool = False) -> None:
	"""Write the attacks, from the *first* on, into *fields* of the rows: *saved* like a form, else past all cleaning."""
	import frappe

	for at, name in enumerate(frappe.get_all(doctype, filters, pluck="name", order_by="name asc"), first):
		text = ATTACKS[at % len(ATTACKS)]
		if saved:
			frappe.get_doc(doctype, name).update(dict.fromkeys(fields, text)).save()
		else:  # some names are unique in their township
			values = dict.fromkeys(fields, f"{text}{at}")
			frappe.db.set_value(doctype, name, values, update_modified=False)


@pytest.fixture(scope="module")
def attacked(site: str, records: Records) -> Iterator[Attacked]:
	"""A second demo township in which everything is called by an attack; it goes with all that was made in it."""
	import frappe

	from grid_governance.setup import demo

	frappe.set_user("Administrator")
	demo.remove(DEMO)  # left over from a run that was killed
	demo.load(DEMO)
	frappe.db.commit()
	township = Township(_people(records, demo.accounts(DEMO)))
	member = township.holder("Grid Member")
	secretary = township.holder("Village Secretary", above=member.grid_path)
	group = make_category(is_group=1, category_name=ATTACKS[0])
	category = make_category(parent_category=group, category_name=ATTACKS[3])
	try:
		yield _attacked(member, secretary, category)
	finally:
		frappe.db.rollback()
		frappe.set_user("Administrator")
		demo.remove(DEMO)
		frappe.db.delete("Issue Category", {"name": ["in", [category, group]]})
		frappe.db.commit()
		frappe.clear_cache()


def _attacked(member: Person, secretary: Person, category: str) -> Attacked:
	import frappe

	from grid_governance.grid_issues import extensions, steps

	root = frappe.db.get_value("Grid", {"grid_path": member.grid_path[:8]})
	departments = [make_department(root, department_name=text).name for text in ATTACKS]
	for text in ATTACKS:
		for use in ("Opinion", "Result", "Reason", "Feedback"):
			values = {"text": text, "used_for": use, "grid": root, "active": 1}
			frappe.get_doc(doctype="Standard Answer", **values).insert()
	people = ["in", [member.user, secretary.user]]
	write("Grid", of_township(member), "grid_name", "boundary_note", saved=True)
	write("Grid Worker", {"user": people}, "worker_name", "employer", first=3, saved=True)
	write("User", {"name": people}, "first_name", "location", first=3, saved=True)
	issues = [_issue(member, category, at) for at in range(len(ATTACKS))]
	frappe.set_user(secretary.user)
	for name, text in zip(issues[:2], ATTACKS[2:4], strict=True):
		due = frappe.utils.add_days(frappe.db.get_value("Grid Issue", name, "due_by"), 3)
		extensions.ask(name, str(due), text)
		lead, other = departments[0], departments[3]
		action = seeded("workflow_action_master/refer")
		steps.take_step(name, action, opinion=text, lead_department=lead, other_departments=[other])
	frappe.set_user("Administrator")
	bell = {"for_user": secretary.user, "from_user": member.user, "type": "Alert"}
	about = {"document_type": "Grid Issue", "document_name": issues[0]}
	subject = frappe.utils.escape_html(ATTACKS[0])
	frappe.get_doc(doctype="Notification Log", subject=subject, **bell, **about).insert()
	frappe.db.commit()
	frappe.clear_cache()
	referral = frappe.db.get_value("Issue Referral", {"issue": issues[0], "lead": 1})
	return Attacked(member, secretary, category, issues, referral)


def of_township(member: Person) -> dict[str, list[str]]:
	"""The filter of all that lies in her township."""
	return {"grid_path": ["like", f"{member.grid_path[:8]}%"]}


def name_of(doctype: str, issue: str) -> str:
	"""The first row of a DocType that is about an issue."""
	import frappe

	return frappe.get_all(doctype, {"issue": issue}, pluck="name", order_by="creation asc", limit=1)[0]


def _issue(member: Person, category: str, at: int) -> str:
	import frappe

	from grid_governance.grid_issues import steps

	frappe.set_user(member.user)
	text = ATTACKS[at]
	issue = make_issue(
		member.grid,
		category=category,
		urgency="Urgent",
		source="Online Referral" if at == CLOSED else "Patrol",
		latitude=31.05 + at * 0.003,
		longitude=121.3,
		**dict.fromkeys(("title", "description", "location_note"), text),
	)
	issue.add_comment("Comment", text)
	named = {"file_name": f"{text.replace('/', '')}.txt", "content": text, "is_private": 1}
	place = {"attached_to_doctype": "Grid Issue", "attached_to_name": issue.name}
	frappe.get_doc(doctype="File", **named, **place).insert()
	ways = ("settle-on-the-spot", "give-feedback") if at == CLOSED else ("submit-to-village",)
	for way, user in zip(ways, (member.user, "Administrator"), strict=False):
		frappe.set_user(user)
		words = dict.fromkeys(("opinion", "result", "feedback"), text)
		steps.take_step(issue.name, seeded(f"workflow_action_master/{way}"), **words)
	return issue.name


def inert(screen: Screen, where: str) -> None:
	"""Fail when something of an attack has run, or has become an element, in the window or a frame of it."""
	for frame in screen.page.frames:
		assert frame.evaluate(FOUND, "html") == [], where
		assert CALCULATED not in frame.evaluate("document.documentElement.textContent"), where


def looked_at(screen: Screen, where: str, selector: str, route: list[str] | None = None) -> None:
	"""Go to a *route*, wait until *selector* shows an attack, and look whether it has done something."""
	shown(screen, selector, route)
	inert(screen, where)


def shown(screen: Screen, selector: str, route: list[str] | None = None) -> None:
	"""Go to a *route* and wait until *selector* shows an attack."""
	if route:
		screen.page.evaluate("route => frappe.set_route(route)", route)
		screen.settle()
	screen.page.wait_for_function(SHOWN, arg=[selector, MARK])
	screen.settle()


def dialog_of(screen: Screen, where: str, *selectors: str) -> None:
	"""Look at the dialog that stands open, in which each of *selectors* shows an attack, and close it."""
	for selector in selectors:
		looked_at(screen, where, f".modal.show {selector}")
	screen.page.keyboard.press("Escape")
	screen.page.locator(".modal.show").wait_for(state="hidden")


def walk(screen: Screen) -> None:
	"""The screens that are this app's own, as a secretary sees them."""
	looked_at(screen, "calendar", ".fc-event", ["List", "Grid Issue", "Calendar", "default"])
	looked_at(screen, "map", ".point-grid", ["List", "Grid Issue", "Map"])
	screen.page.evaluate("cur_list.points.map.setView([31.05, 121.3], 18)")
	screen.page.locator(".points-map .point-one").first.click()
	looked_at(screen, "popup of the map", ".leaflet-popup .point-about")
	for report in REPORTS:
		looked_at(screen, report, CELL, ["query-report", report])


def test_screens_of_frappe(attacked, desk, admin_password):
	screen = desk()
	screen.login("Administrator", admin_password)
	for doctype in (
		"Grid Issue",
		"Issue Referral",
		"Standard Answer",
		"Township Department",
		"Grid",
		"Grid Worker",
	):
		# Of the attacked township, whose rows need not stand on the first page of all.
		screen.page.evaluate(
			"path => { frappe.route_options = { grid_path: ['like', `${path}%`] } }",
			attacked.member.grid_path[:8],
		)
		looked_at(screen, f"list of {doctype}", ROW, ["List", doctype, "List"])
	for doctype in ("Grid Issue", "Issue Referral"):
		looked_at(screen, f"report of {doctype}", CELL, ["List", doctype, "Report"])
	for doctype, name in (
		("Issue Referral", attacked.referral),
		("Issue Log", name_of("Issue Log", attacked.issues[0])),
		("Issue Extension", name_of("Issue Extension", attacked.issues[0])),
		("Issue Category", attacked.category),
		*(("Grid Issue", name) for name in attacked.issues),
	):
		looked_at(screen, f"form of {doctype}", FORM, ["Form", doctype, name])
	looked_at(screen, "files of an issue", ".form-attachments")
	looked_at(screen, "comments of an issue", ".new-timeline")


def test_screens_of_a_secretary(attacked, desk):
	screen = desk(attacked.secretary)
	inert(screen, "workspace")
	screen.page.locator(".dropdown-notifications .notifications-icon").click()
	looked_at(screen, "bell", ".notification-item")
	screen.page.keyboard.press("Escape")
	walk(screen)
	looked_at(screen, "referrals", BLOCKS[0], ["Form", "Grid Issue", attacked.issues[0]])
	looked_at(screen, "more time", BLOCKS[1])
	looked_at(screen, "handling", BLOCKS[2], ["Form", "Grid Issue", attacked.issues[2]])
	screen.step(seeded("workflow_action_master/refer"))
	dialog_of(screen, "dialog to refer", "select", ".checkbox", ".standard-answers")
	screen.step(seeded("workflow_action_master/merge"))
	screen.page.locator(".modal.show input[data-fieldname='duplicate_of']").click()
	dialog_of(screen, "dialog to merge", ".awesomplete li")


def test_screens_of_a_member(attacked, phone):
	screen = phone(attacked.member)
	inert(screen, "workspace")
	looked_at(screen, "page to report", ".report-issue", ["report-issue"])
	screen.tap(screen.page.get_by_text("全部类别").first)
	screen.tap(screen.page.locator(f"[data-category='{attacked.category}']").first)
	looked_at(screen, "what was reported near", ".report-known")
	looked_at(screen, "list", ROW, ["List", "Grid Issue", "List"])


def test_what_no_save_has_cleaned(attacked, desk):
	"""Rows may come from a backup, from another program or from an older version."""
	import frappe

	of_issues = {"issue": ["in", attacked.issues]}
	write("Grid", of_township(attacked.member), "grid_name")
	write("Grid Issue", {"name": ["in", attacked.issues]}, "title", "description", "location_note", "result")
	write("Issue Log", of_issues, "opinion", "changed")
	write("Issue Referral", of_issues, "title", "opinion", "returned_reason")
	write("Issue Extension", of_issues, "reason")
	write("Issue Category", {"name": attacked.category}, "category_name")
	write("Township Department", {"grid_path": attacked.member.grid_path[:8]}, "department_name")
	write("Standard Answer", {"grid_path": attacked.member.grid_path[:8]}, "text")
	frappe.db.commit()
	frappe.clear_cache()
	walk(desk(attacked.secretary))
