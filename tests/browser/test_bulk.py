"""A secretary resolves several issues in one go from her list; the one that lacks a photo stays, and she is told why."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.browser.conftest import Person
from tests.browser.screen import until
from tests.factories import make_issue

pytestmark = pytest.mark.commits

DONE = ("广场石凳松动", "健身器材螺丝脱落")
REFUSED = "公厕水龙头漏水"
RESULT = "已派人现场修好"


@dataclass
class Several:
	"""The secretary, and the issues that lie with her village: two plain ones and one that asks for a photo."""

	secretary: Person
	done: list[str]
	refused: str


@pytest.fixture(scope="module")
def several(township) -> Iterator[Several]:
	"""Three issues in a grid of the demo township, submitted to the village; they go with it."""
	import frappe

	member = township.holder("Grid Member")
	plain, with_photo = (
		frappe.get_all(
			"Issue Category",
			{"is_group": 0, "active": 1, "needs_photo": needs},
			pluck="name",
			order_by="name asc",
			limit=1,
		)[0]
		for needs in (0, 1)
	)
	frappe.set_user(member.user)
	done = [make_issue(member.grid, "submit-to-village", title=title, category=plain).name for title in DONE]
	refused = make_issue(member.grid, "submit-to-village", title=REFUSED, category=with_photo).name
	frappe.set_user("Administrator")
	for issue in (*done, refused):
		frappe.db.set_value("Grid Issue", issue, "result", "")
	frappe.db.commit()
	yield Several(township.holder("Village Secretary", above=member.grid_path), done, refused)


def states(records, issues: list[str]) -> set[str]:
	return {
		row["workflow_state"]
		for row in records.rows("Grid Issue", {"name": ["in", issues]}, "workflow_state")
	}


def test_the_good_ones_are_done_and_the_refused_one_stays_with_its_reason(several, desk, records):
	screen = desk(several.secretary)
	screen.go("grid-issue")
	for issue in (*several.done, several.refused):
		screen.tap(screen.page.locator(f'.list-row-checkbox[data-name="{issue}"]:visible'))
	screen.settle()
	action = records.seeded("workflow_action_master/resolve")
	screen.tap(screen.page.locator(".actions-btn-group:visible > button").first)
	screen.look("bulk-actions")
	item = screen.page.locator(".actions-btn-group:visible .dropdown-item:visible", has_text=action)
	item.first.wait_for()
	offered = screen.page.locator(".actions-btn-group:visible .dropdown-item:visible")
	assert all(text.strip() for text in offered.all_inner_texts()), "a step that is not open leaves a gap"
	screen.tap(item.first)
	screen.page.locator(".modal.show .modal-footer .btn-primary:visible").wait_for()
	screen.type("result", RESULT)
	screen.look("bulk-asked")
	screen.tap(screen.page.locator(".modal.show .modal-footer .btn-primary:visible").last)
	outcome = screen.page.locator(".msgprint:visible")
	outcome.wait_for()
	screen.look("bulk-outcome")
	said = outcome.inner_text()
	assert REFUSED in said
	assert "照片" in said
	assert not any(title in said for title in DONE)
	assert states(records, several.done) == {records.seeded("workflow_state/resolved")}
	assert states(records, [several.refused]) == {records.seeded("workflow_state/with-village")}
	results = records.rows("Grid Issue", {"name": ["in", several.done]}, "result")
	assert {row["result"] for row in results} == {RESULT}
	screen.tap(outcome.locator("a", has_text=REFUSED))
	assert until(lambda: screen.page.url.endswith(f"/app/grid-issue/{several.refused}"), screen.page)


def test_the_dialog_fits_a_phone(several, phone, records):
	screen = phone(several.secretary)
	screen.go("grid-issue")
	screen.tap(screen.page.locator(f'.list-row-checkbox[data-name="{several.refused}"]:visible'))
	screen.settle()
	screen.step(records.seeded("workflow_action_master/refer"))
	screen.look("bulk-refer")
	assert screen.control("lead_department").is_visible()
