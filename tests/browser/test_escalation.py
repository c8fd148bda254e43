"""A village without water, and nobody moves: the clock takes the matter to the village, and the phone says why.

Time is moved by `tests.clock`; the job of the clock runs here, as the scheduler would start it.
"""

import frappe
import pytest

from grid_governance.grid_issues import escalation
from tests.clock import pass_time

pytestmark = pytest.mark.commits


def test_nobody_touches_it_and_it_climbs_to_the_village(township, phone, records):
	escalation.run()  # what the loading of the demo, or a migration, has left to do
	frappe.db.commit()
	member = township.holder("Grid Member")
	screen = phone(member)
	made = screen.call(
		"frappe.client.insert",
		doc={
			"doctype": "Grid Issue",
			"title": "泵房跳闸，全组停水",
			"category": records.seeded("issue_category/0103"),
			"urgency": records.seeded("issue_urgency/urgent"),
			"grid": member.grid,
		},
	)
	assert made["status"] == 200
	issue = made["message"]["name"]
	pass_time(issue, hours=24, minutes=10)
	frappe.db.commit()
	escalation.run()
	frappe.db.commit()
	state = records.one("Grid Issue", {"name": issue}, "workflow_state")["workflow_state"]
	assert state == records.seeded("workflow_state/with-village")
	screen.go(f"grid-issue/{issue}")
	screen.data.add("Administrator")  # in whose session the job runs: Frappe says who changed the record last
	screen.look("clock-member-escalated")
	line = records.one("Issue Log", {"issue": issue, "by_clock": 1}, "opinion", "by_worker")
	assert line["opinion"] and not line["by_worker"]
	assert line["opinion"].split()[0] in screen.page.locator(".form-layout").inner_text()
