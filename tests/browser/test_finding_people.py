"""People and households are found in the search bar, in link fields and over their lists; what is typed is kept nowhere."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.browser.screen import Screen, until

pytestmark = pytest.mark.commits

NAME, KEY, PINYIN = "王国军", "wgj", "wangguojun"
NUMBERS = ("990001", "990002")


@dataclass(frozen=True)
class Found:
	"""Two people of one name in two households of the member's grid; the younger one's number is known."""

	people: tuple[str, str]
	households: tuple[str, str]
	number: str
	others: frozenset[str]
	"""People of the grid with the same initials."""
	homes: frozenset[str]
	"""Households of the grid whose head's pinyin begins alike, with the two."""


@pytest.fixture(scope="module")
def people(township, records) -> Iterator[Found]:
	"""The two, and whoever of the township has the same initials; both are removed afterwards."""
	import frappe

	from tests.factories import make_citizen_number, make_household, make_identity, make_resident

	frappe.set_user("Administrator")
	_remove()
	grid = township.holder("Grid Member").grid
	number = make_citizen_number(born="19910203")
	homes = [make_household(grid, household_no=each).name for each in NUMBERS]
	old = make_resident(homes[0], resident_name=NAME, birth_date="1950-03-04").name
	young = make_resident(homes[1], resident_name=NAME, birth_date="1991-02-03").name
	make_identity(young, id_number=number)
	frappe.db.commit()
	keyed = records.rows("Resident", {"initials": ["like", f"{KEY}%"], "grid": grid}, "name")
	others = frozenset(row["name"] for row in keyed) - {old, young}
	alike = {"pinyin": ["like", f"{PINYIN}%"], "relation_to_head": "Head", "grid": grid}
	headed = frozenset(row["household"] for row in records.rows("Resident", alike, "household"))
	try:
		yield Found((old, young), (homes[0], homes[1]), number, others, headed)
	finally:
		frappe.db.rollback()
		frappe.set_user("Administrator")
		_remove()


def _remove() -> None:
	import frappe

	homes = frappe.get_all("Household", {"household_no": ["in", NUMBERS]}, pluck="name")
	for name in frappe.get_all("Resident", {"household": ["in", homes or [""]]}, pluck="name"):
		frappe.delete_doc("Resident", name, force=True)
	for name in homes:
		frappe.db.delete("Household Change", {"household": name})
		frappe.delete_doc("Household", name, force=True)
	frappe.db.commit()


def in_the_bar(screen: Screen, text: str) -> list[str]:
	"""The people and households that the search bar offers for *text*."""
	bar = screen.page.locator("#navbar-search")
	screen.tap(bar)
	bar.fill("")
	with screen.page.expect_response(lambda answer: "find.for_search_bar" in answer.url):
		bar.press_sequentially(text, delay=30)
	screen.settle()
	entries = screen.page.locator(".search-bar .awesomplete > ul > li:has(.found-where)")
	return entries.all_inner_texts()


def over_the_list(screen: Screen, text: str, expected: set[str]) -> bool:
	"""Whether the list comes to show the rows *expected* for *text*, and no others."""
	screen.page.locator(".people-search input:visible").fill(text)
	return until(lambda: set(screen.rows()) == expected, screen.page)


def in_a_link_field(screen: Screen, fieldname: str, text: str) -> list[str]:
	"""The entries that a link field offers for *text*."""
	box = screen.control(fieldname).locator("input:visible").first
	screen.tap(box)
	box.fill("")
	with screen.page.expect_response(lambda answer: "search_link" in answer.url):
		box.press_sequentially(text, delay=30)
	screen.settle()
	entries = screen.page.locator(".awesomplete > ul:visible > li:not(:has(.link-option))")
	return [entry for entry in entries.all_inner_texts() if "·" in entry]


@pytest.mark.parametrize("device", ["phone", "desk"])
def test_in_the_search_bar(device, people, township, request):
	screen = request.getfixturevalue(device)(township.holder("Grid Member"))
	for text in (KEY, PINYIN, NAME, NUMBERS[0]):
		offered = in_the_bar(screen, text)
		persons = [entry for entry in offered if entry.count(NAME) and "岁" in entry]
		assert len(persons) == (1 if text == NUMBERS[0] else 2), text
		assert len(set(persons)) == len(persons), "those of one name are told apart"
		assert all(any(number in entry for number in NUMBERS) for entry in persons)
		assert len([entry for entry in offered if NAME in entry and "岁" not in entry]) == len(persons)
	screen.look("finding-bar")
	screen.page.locator(".search-bar .awesomplete li:has(.found-where)").first.click()
	screen.page.wait_for_url(f"**/app/resident/{people.people[0]}")
	screen.settle()


def test_over_the_lists(people, township, phone):
	screen = phone(township.holder("Grid Member"))
	screen.go("resident")
	both = set(people.people)
	for text, who in ((KEY, both | people.others), (NAME, both), (NUMBERS[1], {people.people[1]})):
		assert over_the_list(screen, text, who), text
	screen.look("finding-list")
	screen.go("household")
	assert over_the_list(screen, PINYIN, people.homes)
	assert over_the_list(screen, NUMBERS[0], {people.households[0]})
	assert over_the_list(screen, "zzzz", set())
	screen.page.locator(".no-result:visible", has_text="没有找到").first.wait_for()


def test_the_search_goes_with_pages_count_sidebar_and_report(people, township, desk):
	screen = desk(township.holder("Village Secretary", above=township.holder("Grid Member").grid_path))
	page = screen.page
	screen.go("resident")
	page.locator(".list-count:visible").wait_for()
	page.locator(".people-search input:visible").fill("王")
	page.wait_for_function("cur_list.get_filters_for_args().some(([, , , value]) => value === '王%')")
	page.wait_for_function("cur_list.data.every((row) => row.resident_name.startsWith('王'))")
	total = page.evaluate("cur_list.get_count_str().then(() => cur_list.total_count)")
	assert total == page.evaluate(
		"""frappe.db.count("Resident", { filters: [["Resident", "resident_name", "like", "王%"],
			["Resident", "merged_into", "is", "not set"]] })"""
	)
	shown = len(screen.rows())
	more = page.locator(".list-paging-area .btn-more:visible")
	if more.count():
		more.click()
		assert until(lambda: len(screen.rows()) > shown, page)
	names = page.locator(".frappe-list:visible .list-subject a.ellipsis").all_inner_texts()
	assert names
	assert all(name.strip().startswith("王") for name in names)
	groups = page.evaluate(
		"""frappe.xcall("frappe.desk.listview.get_group_by_count", {
			doctype: "Resident", current_filters: cur_list.get_filters_for_args(), field: "sex" })"""
	)
	assert sum(group["count"] for group in groups) == total
	assert "王" not in page.evaluate("decodeURIComponent(location.href)")
	assert "王" not in page.evaluate("JSON.stringify(cur_list.filter_area.get())"), "nor in a saved filter"
	screen.go("resident/view/report")
	page.locator(".people-search input:visible").fill(NAME)
	assert until(lambda: page.evaluate("cur_list.data.length") == 2, page)
	assert {row["name"] for row in page.evaluate("cur_list.data")} == set(people.people)


def test_in_link_fields(people, township, desk):
	screen = desk(township.holder("Grid Member"))
	screen.allow("browser's own dialog")  # forms are left that were not saved
	screen.go("resident-care/new")
	for text in (KEY, NAME):
		persons = [entry for entry in in_a_link_field(screen, "resident", text) if NAME in entry]
		assert len(set(persons)) == len(persons) == 2
	screen.choose("resident", KEY, NUMBERS[1])
	value = screen.page.evaluate("cur_frm.doc.resident")
	assert value == people.people[1]
	screen.go("resident/new")
	assert len([entry for entry in in_a_link_field(screen, "household", KEY) if NAME in entry]) == 2
	screen.choose("household", NUMBERS[0], NAME)
	assert screen.page.evaluate("cur_frm.doc.household") == people.households[0]


@pytest.mark.parametrize(("role", "finds"), [("Village Secretary", True), ("Grid Member", False)])
def test_by_the_whole_number_and_it_is_kept_nowhere(role, finds, people, township, desk):
	import frappe

	screen = desk(township.holder(role, above=township.holder("Grid Member").grid_path))
	screen.allow("browser's own dialog")  # a form is left that was not saved
	page = screen.page
	addresses: list[str] = []
	page.on("request", lambda request: addresses.append(request.url))
	young = {people.people[1]} if finds else set()

	offered = in_the_bar(screen, people.number)
	assert len([entry for entry in offered if "岁" in entry]) == len(young)
	options = page.evaluate(
		"[...document.querySelectorAll('.search-bar .awesomplete li')].map((entry) => entry.textContent)"
	)
	assert not [option for option in options if people.number in option], "nothing offers to keep it"
	page.locator("#navbar-search").fill("")
	page.keyboard.press("Escape")
	screen.go("resident")
	assert over_the_list(screen, people.number, young)
	page.evaluate("cur_list.list_sidebar && cur_list.list_sidebar.get_stats()")
	screen.settle()
	kept = page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state])")
	assert people.number not in kept
	screen.go("resident-care/new")
	assert len(in_a_link_field(screen, "resident", people.number)) == len(young)

	assert not [address for address in addresses if people.number in address]
	frappe.db.rollback()
	settings = frappe.cache.hgetall("_user_settings").values()
	stored = frappe.db.sql("select data from `__UserSettings`", pluck=True)
	routes = frappe.get_all("Route History", pluck="route")
	assert not [text for text in map(str, [*settings, *stored, *routes]) if people.number in text]
	assert not [text for text in map(str, [*stored, *routes]) if NAME in text]
