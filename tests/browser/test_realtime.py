"""What one person does shows on another's screen without a reload."""

import pytest

from tests.browser.screen import until

pytestmark = pytest.mark.commits

TITLE = "村委会门前井盖松动"


def test_a_report_and_a_step_show_on_other_screens(township, phone, desk, records, admin_password):
	"""A list follows for whoever sees every grid; an open form for everyone in whose grids it lies."""
	member = township.holder("Grid Member")
	secretary = township.holder("Village Secretary", above=member.grid_path)
	lists = desk()
	lists.login("Administrator", admin_password)
	lists.go("grid-issue")
	_connected(lists)

	at_hand = phone(member)
	made = at_hand.call(
		"frappe.client.insert",
		doc={
			"doctype": "Grid Issue",
			"title": TITLE,
			"category": records.seeded("issue_category/0102"),
			"grid": member.grid,
		},
	)
	issue = made["message"]["name"]
	assert until(lambda: issue in lists.rows(), lists.page), "the list did not follow"

	at_hand.go(f"grid-issue/{issue}")
	_connected(at_hand)
	at_desk = desk(secretary)
	answer = at_desk.call(
		"grid_governance.grid_issues.steps.take_step",
		issue=issue,
		action=records.seeded("workflow_action_master/escalate"),
		opinion="已超出网格能力。",
	)
	assert answer["status"] == 200
	state = records.seeded("workflow_state/with-village")
	pill = at_hand.page.locator(".page-head:visible .indicator-pill")
	assert until(lambda: state in " ".join(pill.all_inner_texts()), at_hand.page), "the form did not follow"


def _connected(screen) -> None:
	screen.page.wait_for_function("frappe.realtime.socket && frappe.realtime.socket.connected")
	screen.page.wait_for_timeout(1000)  # the rooms are asked for after the connection stands
