"""The secretary finds a person who stands in the ledger twice, merges the two, and reads afterwards what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.browser.conftest import Person

pytestmark = pytest.mark.commits

PASSWORD = "Xun-Fang-2026"
REPORT = "query-report/Likely%20the%20Same%20Person"


@dataclass
class Village:
	"""A village with its secretary; in it one man in two grids, and two brothers who share a phone."""

	secretary: Person
	stays: str
	goes: str
	home: str
	elder: str
	younger: str


@pytest.fixture
def village(records) -> Iterator[Village]:
	"""The people, made for a test and removed after it."""
	import frappe
	from frappe.utils.password import update_password

	from grid_governance.grid_structure import actions, queries
	from grid_governance.grid_structure.actions import stock_users
	from tests.factories import (
		make_assignment,
		make_care,
		make_citizen_number,
		make_household,
		make_identity,
		make_resident,
		make_township,
		make_worker,
	)

	frappe.set_user("Administrator")
	stock_users.install()  # as before every request: nobody becomes a system manager by being the first user
	town = make_township(1, 2)
	for grid, name in zip(
		(town.villages[0], *town.grids[0]), ("和平村", "第一网格", "第二网格"), strict=True
	):
		frappe.db.set_value("Grid", grid.name, "grid_name", name)
	worker = make_worker(town.villages[0].name, worker_name="村书记")
	make_assignment(worker.name, records.seeded("grid_post/general-grid-leader"), town.villages[0].name)
	update_password(worker.user, PASSWORD)

	def person(grid: int, number: str, name: str, **fields: object) -> str:
		home = make_household(town.grids[0][grid].name, household_no=number)
		return make_resident(home.name, resident_name=name, **fields).name

	def phone(resident: str, number: str) -> None:
		frappe.get_doc(doctype="Resident Contact", resident=resident, phone=number).insert()

	stays = person(0, "101", "王国军", occupation="木工")
	home = frappe.db.get_value("Resident", stays, "household")
	make_resident(home, "Son", resident_name="王小明", birth_date="2001-05-06")
	goes = person(1, "202", "王国军", occupation="瓦工", employer="建筑队")
	make_identity(goes, id_number=make_citizen_number())
	make_care(goes, "migrant", since="2024-01-01")
	phone(goes, "13900000401")
	elder = person(0, "103", "李大", birth_date="1970-01-01")
	younger = person(1, "204", "李二", birth_date="1972-01-01")
	for brother in (elder, younger):
		phone(brother, "13900000402")
	frappe.db.commit()
	secretary = Person(worker.user, PASSWORD, "村书记", "", worker.grid, "", worker.grid_path)
	try:
		yield Village(secretary, stays, goes, home, elder, younger)
	finally:
		frappe.db.rollback()
		below = {"grid_path": ["like", f"{town.root.grid_path}%"]}
		for doctype in queries.doctypes_with_path():
			frappe.db.delete(doctype, below)
		frappe.db.delete("Resident Comparison Value", {"parent": ["not in", _comparisons()]})
		frappe.delete_doc("User", worker.user, force=True, ignore_permissions=True)
		actions.renumber()
		frappe.clear_cache()
		frappe.db.commit()


def _comparisons() -> list[str]:
	import frappe

	return frappe.get_all("Resident Comparison", pluck="name") or [""]


def test_one_man_in_two_grids_becomes_one(village, desk, records):
	screen = desk(village.secretary)
	screen.data.add("Administrator")  # who made the records of this test
	screen.go(REPORT)
	lines = screen.page.locator(".dt-row:visible", has_text="王国军")
	lines.first.wait_for()
	screen.look("merging-list")
	screen.tap(lines.first.locator("button[data-compare]"))
	dialog = screen.page.locator(".modal.show")
	dialog.locator(".compare-people").wait_for()
	screen.settle()
	screen.look("merging-preview")
	assert dialog.locator(".compare-row.differs", has_text="木工").locator(".chosen").inner_text() == "木工"
	screen.tap(dialog.locator(".compare-row.differs", has_text="木工").locator("label", has_text="瓦工"))
	dialog.locator('.frappe-control[data-fieldname="reason"] textarea').fill("同一个人，登记了两次")
	screen.confirm()
	screen.page.wait_for_function("() => !document.querySelector('.modal.show')")

	row = records.one("Resident", {"name": village.goes}, "merged_into")
	assert row["merged_into"] == village.stays
	kept = records.one("Resident", {"name": village.stays}, "occupation", "employer")
	assert (kept["occupation"], kept["employer"]) == ("瓦工", "建筑队")
	assert records.one("Resident Identity", {"resident": village.stays})
	assert records.one("Resident Care", {"resident": village.stays})
	screen.settle()
	assert screen.page.locator(".dt-row:visible", has_text="王国军").count() == 0

	told = records.one("Resident Comparison", {"resident": village.stays}, "name")["name"]
	screen.go(f"resident-comparison/{told}")
	screen.page.locator(".form-page:visible", has_text="同一个人，登记了两次").wait_for()
	assert "木工" in screen.page.locator('[data-fieldname="compared_values"]:visible').inner_text()
	screen.look("merging-read-afterwards")
	screen.go(f"resident/{village.goes}")
	screen.page.locator(".form-message:visible a", has_text="打开保留的档案").wait_for()
	screen.look("merging-history")


def test_two_brothers_are_told_apart_on_the_phone(village, phone, records):
	screen = phone(village.secretary)
	screen.go(REPORT)
	line = screen.page.locator(".dt-row:visible", has_text="李大").first
	line.wait_for()
	screen.look("merging-list")
	screen.tap(line.locator("button[data-compare]"))
	dialog = screen.page.locator(".modal.show")
	dialog.locator(".compare-people").wait_for()
	screen.look("merging-preview")
	screen.tap(dialog.locator("button:visible", has_text="不是同一人").first)
	dialog.wait_for(state="hidden")
	said = records.one("Resident Comparison", {"verdict": "Different People"}, "judged_by")
	assert said["judged_by"] == village.secretary.user
	screen.go(REPORT)
	screen.page.locator(".dt-row:visible", has_text="王国军").first.wait_for()
	assert screen.page.locator(".dt-row:visible", has_text="李大").count() == 0


def test_who_dies_is_recorded_with_the_day(village, desk, records):
	screen = desk(village.secretary)
	screen.data.add("Administrator")  # who made the records of this test
	screen.go(f"resident/{village.stays}")
	screen.tap(screen.page.locator("button:visible", has_text="人员变动").first)
	screen.look("comings-menu")
	screen.tap(screen.page.locator(".dropdown-menu.show a:visible", has_text="登记死亡").first)
	dialog = screen.page.locator(".modal.show")
	dialog.wait_for()
	dialog.locator('[data-fieldname="next_head"] select').select_option(label="王小明")
	screen.settle()
	screen.look("comings-death")
	dialog.locator('[data-fieldname="reason"] textarea').fill("病故")
	screen.confirm()
	assert records.one("Resident", {"name": village.stays}, "status")["status"] == "Deceased"
	home = records.one("Household", {"name": village.home}, "head", "member_count")
	assert home["member_count"] == 1
	assert home["head"] != village.stays
	line = {"household": village.home, "kind": "Death"}
	assert records.one("Household Change", line, "reason")["reason"] == "病故"
