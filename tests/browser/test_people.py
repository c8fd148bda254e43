"""A post passes to a successor in one step, and a leader above resets a password and corrects a number."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest

from tests.browser.conftest import Person

pytestmark = pytest.mark.commits

PASSWORD = "Xun-Fang-2026"


@dataclass
class Grid:
	"""A grid of its own with a secretary above it, a member, and somebody who has no post yet."""

	path: str
	secretary: Person
	member: Person
	member_file: str
	successor_file: str
	assignment: str


@pytest.fixture(scope="module")
def grid(records) -> Iterator[Grid]:
	"""The people, made for these tests and removed after them."""
	import frappe
	from frappe.utils.password import update_password

	from grid_governance.grid_structure import actions, queries
	from grid_governance.grid_structure.actions import stock_users
	from tests.factories import make_assignment, make_township, make_worker

	frappe.set_user("Administrator")
	stock_users.install()  # as before every request: nobody becomes a system manager by being the first user
	town = make_township(1, 1)
	village, place = town.villages[0], town.grids[0][0]
	held = {}
	for post, at in (("general-grid-leader", village), ("grid-member", place)):
		worker = make_worker(at.name)
		assignment = make_assignment(worker.name, records.seeded(f"grid_post/{post}"), at.name)
		update_password(worker.user, PASSWORD)
		held[post] = (worker, assignment)
	worker, assignment = held["grid-member"]
	frappe.db.set_value("Grid Worker", worker.name, {"worker_name": "原网格员", "phone": "13900000301"})
	frappe.db.set_value("User", worker.user, "mobile_no", "13900000301")
	successor = make_worker(place.name, user=None, worker_name="接任者")
	frappe.db.commit()

	def person(which) -> Person:
		return Person(which.user, PASSWORD, which.worker_name, "", which.grid, "", which.grid_path)

	yield Grid(
		path=place.grid_path,
		secretary=person(held["general-grid-leader"][0]),
		member=person(worker),
		member_file=worker.name,
		successor_file=successor.name,
		assignment=assignment.name,
	)
	frappe.db.rollback()
	below = {"grid_path": ["like", f"{town.root.grid_path}%"]}
	for doctype in queries.doctypes_with_path():
		frappe.db.delete(doctype, below)
	for made, _assignment in held.values():
		frappe.delete_doc("User", made.user, force=True, ignore_permissions=True)
	actions.renumber()
	frappe.clear_cache()
	frappe.db.commit()


def test_the_secretary_corrects_the_number_she_signs_in_with(grid, desk, records):
	screen = desk(grid.secretary)
	screen.go(f"grid-worker/{grid.member_file}")
	screen.type("phone", "13900000302")
	screen.save()
	screen.shot("people-number")
	user = records.one("User", {"name": grid.member.user}, "mobile_no")
	assert user["mobile_no"] == "13900000302"
	logged = {"user": grid.member.user, "event": "Number Changed"}
	assert "139****0302" in records.one("Account Log", logged, "note")["note"]


def test_the_secretary_resets_a_password_and_it_works_on_the_phone(grid, desk, phone):
	screen = desk(grid.secretary)
	screen.go(f"grid-worker/{grid.member_file}")
	screen.tap(screen.page.locator("button:visible", has_text="重置密码"))
	screen.tap(screen.page.locator(".modal.show .modal-footer .btn-primary:visible"))
	shown = screen.page.locator('.modal.show [data-fieldname="made"] p').first
	shown.wait_for()
	screen.settle()
	screen.shot("people-reset")
	password = shown.inner_text().strip()
	assert re.fullmatch(r"[a-z]{6}\d{4}", password)

	member = phone()
	member.page.goto("/login")
	member.page.fill("#login_email", "13900000302")
	member.page.fill("#login_password", password)
	member.tap(member.page.locator(".form-login .btn-login"))
	member.page.wait_for_url("**/update-password*")


def test_a_post_passes_to_a_successor_in_one_step(grid, desk, records):
	screen = desk(grid.secretary)
	screen.go(f"grid-post-assignment/{grid.assignment}")
	screen.tap(screen.page.locator("button:visible", has_text="工作交接").first)
	screen.page.locator(".modal.show").wait_for()
	screen.settle()
	screen.choose("successor", "接任", "接任者")
	screen.shot("people-hand-over")
	screen.confirm()
	ended = records.one("Grid Post Assignment", {"name": grid.assignment}, "to_date")["to_date"]
	begun = records.one(
		"Grid Post Assignment", {"worker": grid.successor_file}, "post", "grid", "from_date", "to_date"
	)
	assert isinstance(ended, date)
	assert (begun["from_date"] - ended).days == 1
	assert (begun["grid"], begun["to_date"]) == (grid.member.grid, None)
