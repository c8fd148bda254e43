"""A household at the door and at the desk: its page, each of its buttons, and nothing lost when one is refused."""

import re
from collections.abc import Callable

import pytest
from frappe import _
from frappe.utils import add_days, getdate

from tests.browser.screen import Screen, until
from tests.factories import make_household, make_identity, make_resident, seeded

pytestmark = pytest.mark.commits

HERE = {"latitude": 36.612345, "longitude": 112.345678}
SMALLEST = 44
"""Pixels of a target that a thumb meets."""


@pytest.fixture
def member(township):
	return township.holder("Grid Member")


@pytest.fixture
def secretary(township, member):
	return township.holder("Village Secretary", above=member.grid_path)


@pytest.fixture
def home(member) -> dict[str, str]:
	"""A household of the member's grid, late for its visit: a head, his wife, their grown son. The demo's end takes it."""
	import frappe

	frappe.set_user("Administrator")
	household = make_household(member.grid, household_no="8801", address="村东头")
	head = make_resident(household.name, resident_name="甲一")
	wife = make_resident(household.name, "Spouse", resident_name="乙二", sex="Female")
	son = make_resident(household.name, "Son", resident_name="丙三", birth_date="2000-05-06")
	frappe.get_doc(doctype="Resident Contact", resident=head.name, phone="13900000001").insert()
	frappe.db.set_value("Household", household.name, "next_visit_due", add_days(getdate(), -12))
	make_identity(head.name)
	frappe.db.commit()
	yield {"household": household.name, "head": head.name, "wife": wife.name, "son": son.name}
	frappe.db.rollback()
	frappe.db.set_value("Household", household.name, "household_no", None)
	frappe.db.commit()


@pytest.fixture
def opened(home) -> Callable[[Screen], Screen]:
	"""`opened(screen)`: the page of the household stands."""

	def go(screen: Screen) -> Screen:
		screen.data.add("Administrator")  # who has entered it
		screen.go(f"household/{home['household']}")
		drawn(screen)
		return screen

	return go


def drawn(screen: Screen) -> None:
	screen.page.locator(".household-page .household-side").wait_for()
	screen.settle()


def words(screen: Screen) -> str:
	return screen.page.locator(".household-page").inner_text()


def press(screen: Screen, label: str, of: str | None = None) -> None:
	"""Press a button of the page, or of the member *of*; what stands behind "more" is opened first."""
	box = screen.page.locator(f'.household-member[data-name="{of}"]' if of else ".household-buttons")
	wanted = box.locator("button", has_text=label)
	if not wanted.count():
		screen.tap(box.locator(".household-member-more button" if of else ".household-more"))
	screen.tap(wanted.first)
	screen.page.locator(".modal.show .modal-title:visible").last.wait_for()
	screen.settle()


def select(screen: Screen, fieldname: str, value: str) -> None:
	screen.control(fieldname).locator("select").select_option(value)


def done(screen: Screen) -> None:
	"""Press the dialog's main button; the page is drawn anew."""
	screen.confirm()
	drawn(screen)


def refused(screen: Screen) -> str:
	"""Press the dialog's main button; the dialog stays, and the words of the refusal are returned and put away."""
	screen.allow("417")
	dialog = screen.page.locator(".household-dialog.show")
	screen.tap(dialog.locator(".modal-footer .btn-primary:visible, .modal-header .btn-primary:visible").first)
	message = screen.page.locator(".msgprint:visible")
	message.wait_for()
	screen.settle()
	told = message.inner_text()
	screen.dismiss(message)
	assert dialog.count() == 1
	return told


def small_targets(screen: Screen) -> list[str]:
	"""Buttons and calls of the page that are too small for a thumb."""
	return screen.page.locator(".household-page .btn:visible").evaluate_all(
		"(all, least) => all.filter((each) => each.getBoundingClientRect().height < least)"
		".map((each) => each.textContent)",
		SMALLEST,
	)


@pytest.mark.parametrize("device", ["phone", "desk"])
def test_a_persons_form_begins_with_what_one_needs_of_her(request, device, secretary, home, opened, records):
	screen = opened(request.getfixturevalue(device)(secretary))
	screen.tap(screen.page.locator(f'.household-member[data-name="{home["head"]}"] .household-who a'))
	page = screen.page.locator(".person-page .household-side")
	page.wait_for()
	screen.settle()
	screen.look("resident")
	shown = screen.page.locator('.form-links:visible [data-doctype="Resident Care"]:visible').count()
	assert bool(shown) == (device == "desk")  # on a phone the person comes first
	text = screen.page.locator(".person-page").inner_text()
	for told in ("甲一 · 8801", "13900000001", "***"):
		assert told in text
	assert small_targets(screen) == []
	assert not screen.page.locator('[data-fieldname="guardian"]:visible').count()  # he is of age
	screen.tap(screen.page.locator(".person-page .household-buttons button", has_text="登记监护人"))
	screen.control("guardian").wait_for()
	screen.type("birth_date", add_days(getdate(), -3000).strftime("%Y-%m-%d"))
	screen.settle()
	assert screen.control("guardian").is_visible()


@pytest.mark.parametrize("device", ["phone", "desk"])
def test_it_is_read_at_a_glance(request, device, member, home, opened):
	screen = opened(request.getfixturevalue(device)(member))
	screen.look("household")
	text = words(screen)
	for told in ("甲一", "乙二", "丙三", "13900000001", "12", member.full_name):
		assert told in text
	assert text.index("甲一") < text.index("乙二")
	assert "逾期" in text  # in words, not by a colour
	assert screen.page.locator('.household-page a[href="tel:13900000001"]').count() == 2
	assert "***" not in text  # a grid member sees no number, masked or not
	assert small_targets(screen) == []
	screen.tap(screen.page.locator(".household-more"))
	screen.tap(screen.page.locator(".household-member-more button").first)
	screen.look("household-opened")
	assert small_targets(screen) == []


def test_people_are_entered_at_the_door(phone, member, home, opened, records):
	screen = opened(phone(member))
	press(screen, "新增成员")
	screen.type("resident_name", "丁四")
	select(screen, "relation_to_head", "Daughter")
	screen.type("birth_date", add_days(getdate(), 40).strftime("%Y-%m-%d"))
	screen.look("household-member")
	assert refused(screen)
	assert screen.control("resident_name").locator("input").input_value() == "丁四"
	screen.type("birth_date", "2001-02-03")
	done(screen)
	(daughter,) = records.rows("Resident", {"household": home["household"], "relation_to_head": "Daughter"})
	assert "丁四" in words(screen)

	press(screen, "添加电话", daughter["name"])
	screen.look("household-contact")
	assert refused(screen)
	screen.type("phone", "13900000004")
	done(screen)
	assert screen.page.locator('a[href="tel:13900000004"]').count() == 1

	press(screen, "添加关爱", daughter["name"])
	screen.shot("household-care")
	category = seeded("care_category/migrant")
	screen.choose("category", category[:3], category)
	screen.data.add(category)  # in the language that the site was made in
	screen.look("household-care-chosen")
	done(screen)
	card = screen.page.locator(f'.household-member[data-name="{daughter["name"]}"]')
	assert _(category, lang="zh") in card.locator(".household-marks").inner_text()


def test_the_position_is_taken_on_the_spot(phone, member, home, opened, records):
	screen = phone(member)
	screen.page.context.grant_permissions(["geolocation"])
	screen.page.context.set_geolocation({**HERE, "accuracy": 12})
	opened(screen)
	press(screen, "在此定位")
	screen.look("household-position")
	screen.tap(screen.page.locator(".modal.show .btn-primary:visible").last)
	until(lambda: "36.61" in words(screen), screen.page)
	kept = records.one("Household", {"name": home["household"]}, "latitude", "longitude")
	assert (round(kept["latitude"], 4), round(kept["longitude"], 4)) == (36.6123, 112.3457)


def test_a_matter_is_reported_from_the_page(phone, member, home, opened, records):
	screen = opened(phone(member))
	screen.tap(screen.page.locator(".household-buttons button", has_text="上报"))
	screen.page.locator(".report-send").wait_for()
	screen.settle()
	assert "甲一" in screen.page.locator(".report-place").inner_text()
	screen.look("household-report")
	category = records.seeded("issue_category/0101")
	screen.tap(screen.page.locator(".report-category button", has_text="全部").first)
	screen.tap(screen.page.locator(f'.report-category [data-category="{category}"]').first)
	screen.page.fill("[data-fieldname='location_note'].form-control", "屋后水沟")
	with screen.page.expect_response("**/grid_governance.grid_issues.doorstep.report"):
		screen.tap(screen.page.locator(".report-send"))
	screen.page.locator(".report-done").wait_for()
	issue = records.one("Grid Issue", {"location_note": "屋后水沟"}, "name", "household", "grid", "title")
	assert (issue["household"], issue["grid"]) == (home["household"], member.grid)
	screen.tap(screen.page.locator(".report-done button", has_text="返回"))
	drawn(screen)
	assert issue["title"] in screen.page.locator(".household-matters").inner_text()


def test_numbers_are_entered_verified_and_shown_for_a_reason(desk, secretary, home, opened, records):
	from tests.factories import make_citizen_number

	number = make_citizen_number(born="20000506")
	screen = opened(desk(secretary))
	assert len(re.findall(r"\*{3,}", words(screen))) == 1
	press(screen, "登记证件", home["son"])
	screen.type("id_number", number[:-1] + ("1" if number[-1] != "1" else "2"))
	screen.look("household-number")
	assert refused(screen)
	screen.type("id_number", number)
	done(screen)
	until(lambda: number not in screen.page.content(), screen.page, seconds=10)
	assert number not in screen.page.content()
	press(screen, "核验", home["son"])
	done(screen)
	(identity,) = records.rows("Resident Identity", {"resident": home["son"]}, "name", "verified_on")
	assert identity["verified_on"] == getdate()
	press(screen, "查看", home["son"])
	screen.type("reason", "办理医保")
	screen.tap(screen.page.locator(".modal.show .btn-primary:visible").last)
	shown = screen.page.locator(".identity-number")
	shown.wait_for()
	assert shown.inner_text() == number
	screen.dismiss(shown)
	until(lambda: number not in screen.page.content(), screen.page, seconds=10)
	assert number not in screen.page.content()
	logged = records.rows(
		"Personal Data Access", {"reference_name": identity["name"], "kind": "Reveal"}, "reason", "user"
	)
	assert [(row["reason"], row["user"]) for row in logged] == [("办理医保", secretary.user)]


def test_what_becomes_of_it_is_done_and_read(desk, secretary, member, township, home, opened, records):
	screen = opened(desk(secretary))
	press(screen, "变更户主")
	select(screen, "head", home["wife"])
	screen.type("reason", "家庭商定")
	screen.look("household-head")
	select(screen, f"relation_{home['head']}", "")
	assert refused(screen)
	assert screen.control("reason").locator("textarea").input_value() == "家庭商定"
	select(screen, f"relation_{home['head']}", "Spouse")
	done(screen)
	assert "乙二" in screen.page.locator(".page-head .title-text").inner_text()

	press(screen, "分户")
	assert not screen.control(f"relation_{home['son']}").is_visible()
	screen.control("members").locator(f'input[data-unit="{home["son"]}"]').check()
	select(screen, "head", home["son"])
	screen.type("household_no", "8802")
	screen.look("household-split")
	done(screen)
	new = records.one("Household", {"household_no": "8802"}, "name", "head")
	assert new["head"] == home["son"]

	press(screen, "迁到")
	other = township.stranger(member)
	if other.grid_path[: len(secretary.grid_path)] == secretary.grid_path:
		screen.choose("grid", other.grid_name, other.grid_name)
		screen.type("reason", "搬到新屋")
		done(screen)
		assert records.one("Household", {"name": home["household"]}, "grid")["grid"] == other.grid
	press(screen, "变动记录")
	history = screen.page.locator(".household-history")
	told = history.inner_text()
	assert told.index("8802") > 0
	for each in ("乙二", "家庭商定", secretary.full_name):
		assert each in told
	screen.look("household-history")
	screen.dismiss(history)

	screen.go(f"household/{new['name']}")
	drawn(screen)
	press(screen, "并入")
	screen.choose("into", "乙二", "乙二")
	select(screen, f"relation_{home['son']}", "Son")
	screen.look("household-merge")
	done(screen)
	assert records.one("Household", {"name": new["name"]}, "status")["status"] == "Dissolved"
	assert not screen.page.locator(".household-member button").count()


def test_the_card_is_printed_at_the_desk_and_not_by_a_member(desk, member, secretary, home, opened):
	screen = opened(desk(secretary))
	screen.tap(screen.page.locator(".household-more"))
	screen.tap(screen.page.locator(".household-buttons button", has_text="打印"))
	sheet = screen.page.frame_locator("iframe.print-format-container").locator(".household-sheet")
	sheet.wait_for()
	assert "甲一" in sheet.inner_text()
	assert not re.search(r"\*{3}", sheet.inner_text())
	screen.shot("household-card")
	own = opened(desk(member))
	own.tap(own.page.locator(".household-more"))
	assert not own.page.locator(".household-buttons button", has_text="打印").count()
