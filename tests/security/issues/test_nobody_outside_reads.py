"""Every way of reading over HTTP, tried on an issue by those who have nothing to do with it.

Each way is first walked by the Administrator, who must find the secret there: a way that leads nowhere proves nothing.
"""

import json
from collections.abc import Iterator
from functools import partial

import frappe
import pytest

from tests.security import ways
from tests.security.issues.conftest import SECRET
from tests.security.ways import Way
from tests.web import call, request

ISSUE, LOG, REFERRAL, EXTENSION = "Grid Issue", "Issue Log", "Issue Referral", "Issue Extension"
FAILURE = "Clock Failure"
KEPT = {ISSUE: "issue", REFERRAL: "referral", EXTENSION: "extension", FAILURE: "failure"}
WORDS = {ISSUE: "title", LOG: "opinion", REFERRAL: "title", EXTENSION: "reason", FAILURE: "reason"}
ATTACHED = {
	"Comment": ("reference_name", "content"),
	"Communication": ("reference_name", "subject"),
	"ToDo": ("reference_name", "description"),
	"Tag Link": ("document_name", "tag"),
	"File": ("attached_to_name", "file_url"),
	"Workflow Action": ("reference_name", "reference_name"),
}
"""Stock DocTypes whose rows hang on the issue: the field with its name, and one to look at."""


def _named(world: frappe._dict, doctype: str) -> str:
	return world.log[-1] if doctype == LOG else world[KEPT[doctype]]


LISTS: dict[str, Way] = {}
BY_NAME: dict[str, Way] = {}

for each in WORDS:
	named = partial(_named, doctype=each)
	LISTS |= ways.lists(each, WORDS[each], named)
	BY_NAME |= ways.by_name(each, WORDS[each], named, printed=each in (ISSUE, REFERRAL))
for each in ATTACHED:
	LISTS[f"attached {each}"] = lambda w, user, dt=each: request(
		user,
		"GET",
		f"/api/resource/{dt}",
		fields=["name", *ATTACHED[dt]],
		filters={ATTACHED[dt][0]: w.issue},
		limit_page_length=0,
	)
LISTS |= {
	"calendar": lambda w, user: call(
		user,
		"frappe.desk.calendar.get_events",
		doctype=ISSUE,
		start="2000-01-01",
		end="2100-01-01",
		field_map=json.dumps({"start": "found_at", "end": "due_by", "id": "name", "title": "title"}),
		fields=json.dumps(["name", "title", "found_at", "due_by"]),
	),
	"counts by state, of any field": lambda w, user: call(
		user,
		"frappe.workflow.doctype.workflow.workflow.get_workflow_state_count",
		doctype=ISSUE,
		workflow_state_field="title",
		states="[]",
	),
	"counts of a sidebar group": lambda w, user: call(
		user,
		"frappe.desk.listview.get_group_by_count",
		doctype=ISSUE,
		current_filters=json.dumps([[ISSUE, "grid", "=", w.grid]]),  # fifty groups are all that is answered
		field="description",
	),
	"documents of a tag": lambda w, user: call(
		user, "frappe.desk.doctype.tag.tag.get_documents_for_tag", tag=f"#{SECRET} 标签"
	),
	"tagged documents": lambda w, user: call(
		user, "frappe.desk.doctype.tag.tag.get_tagged_docs", doctype=ISSUE, tag=f"%{SECRET} 标签%"
	),
	"numbers of the tags": lambda w, user: call(
		user, "frappe.desk.reportview.get_sidebar_stats", doctype=ISSUE, stats='["_user_tags"]', filters="[]"
	),
	"files by a text": lambda w, user: call(
		user, "frappe.core.api.file.get_files_by_search_text", text="门前"
	),
	"files of a folder": lambda w, user: call(
		user, "frappe.core.api.file.get_files_in_folder", folder="Home", page_length=1000
	),
	"what hangs on the grid": lambda w, user: call(
		user, "frappe.desk.form.linked_with.get", doctype="Grid", docname=w.grid
	),
	"field of a linked document": lambda w, user: call(
		user, "frappe.client.get_list", doctype=LOG, fields=["name", "issue.title"], limit_page_length=0
	),
}

BY_NAME |= {
	"title of a link": lambda w, user: call(
		user, "frappe.desk.search.get_link_title", doctype=ISSUE, docname=w.issue
	),
	"timeline": lambda w, user: call(user, "frappe.desk.form.load.get_docinfo", doctype=ISSUE, name=w.issue),
	"communications": lambda w, user: call(
		user, "frappe.desk.form.load.get_communications", doctype=ISSUE, name=w.issue
	),
	"connections": lambda w, user: call(
		user, "frappe.desk.form.linked_with.get", doctype=ISSUE, docname=w.issue
	),
	"tags": lambda w, user: call(
		user, "frappe.client.get_value", doctype=ISSUE, fieldname="_user_tags", filters=w.issue
	),
	"handling": lambda w, user: call(
		user, "grid_governance.grid_issues.log.handling", http="GET", issue=w.issue
	),
	"referrals": lambda w, user: call(
		user, "grid_governance.grid_issues.referrals.of_issue", http="GET", issue=w.issue
	),
	"standing": lambda w, user: call(
		user, "grid_governance.grid_issues.extensions.standing", http="GET", issue=w.issue
	),
}

FILES: dict[str, Way] = {
	"address of the photo": lambda w, user: request(user, "GET", w.photo),
	"download": lambda w, user: call(user, "frappe.handler.download_file", http="GET", file_url=w.photo),
	"images attached": lambda w, user: call(
		user, "frappe.core.api.file.get_attached_images", doctype=ISSUE, names=json.dumps([w.issue])
	),
}
"""Ways to the bytes of the photo, or to its address."""


@pytest.fixture(autouse=True)
def _as_text() -> Iterator[None]:
	with ways.papers_as_text():
		yield


@pytest.mark.parametrize("way", LISTS)
def test_no_list_holds_it(world, way):
	assert ways.found(LISTS[way], world, world.outsiders, SECRET, *world.names) == {}


@pytest.mark.parametrize("way", BY_NAME)
def test_its_name_does_not_open_it(world, way):
	assert ways.found(BY_NAME[way], world, world.outsiders, SECRET) == {}


@pytest.mark.parametrize("way", FILES)
def test_its_photo_is_not_given(world, way):
	answer = FILES[way](world, "Administrator")
	assert answer.status == 200
	assert answer.body
	for user in (*world.outsiders.values(), "Guest"):
		answer = FILES[way](world, user)
		assert answer.refused or world.photo not in answer.text, user
		assert b"PNG" not in answer.body
