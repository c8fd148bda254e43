"""Every way of reading over HTTP, tried on an issue by those who have nothing to do with it.

Each way is first walked by the Administrator, who must find the secret there: a way that leads nowhere proves nothing.
"""

import json
from collections.abc import Callable
from unittest.mock import patch

import frappe
import pytest

from tests.security.issues.conftest import SECRET
from tests.web import Answer, call, request

ISSUE, LOG, REFERRAL, EXTENSION = "Grid Issue", "Issue Log", "Issue Referral", "Issue Extension"
KEPT = {ISSUE: "issue", REFERRAL: "referral", EXTENSION: "extension"}
WORDS = {ISSUE: "title", LOG: "opinion", REFERRAL: "title", EXTENSION: "reason"}
ATTACHED = {
	"Comment": ("reference_name", "content"),
	"Communication": ("reference_name", "subject"),
	"ToDo": ("reference_name", "description"),
	"Tag Link": ("document_name", "tag"),
	"File": ("attached_to_name", "file_url"),
	"Workflow Action": ("reference_name", "reference_name"),
}
"""Stock DocTypes whose rows hang on the issue: the field with its name, and one to look at."""

Way = Callable[[frappe._dict, str], Answer]


def _named(world: frappe._dict, doctype: str) -> str:
	return world.log[-1] if doctype == LOG else world[KEPT[doctype]]


def _of(doctype: str, *fields: str) -> str:
	return json.dumps([f"`tab{doctype}`.`{field}`" for field in ("name", *fields)])


LISTS: dict[str, Way] = {}
"""Ways that answer with rows: neither a secret nor a name may be among them."""

for each in WORDS:
	LISTS |= {
		f"resource {each}": lambda w, user, dt=each: request(
			user, "GET", f"/api/resource/{dt}", fields=["*"], limit_page_length=0
		),
		f"get_list {each}": lambda w, user, dt=each: call(
			user, "frappe.client.get_list", doctype=dt, fields=["*"], limit_page_length=0
		),
		f"list view {each}": lambda w, user, dt=each: call(
			user, "frappe.desk.reportview.get_list", doctype=dt, fields=_of(dt, WORDS[dt])
		),
		f"report view {each}": lambda w, user, dt=each: call(
			user, "frappe.desk.reportview.get", doctype=dt, fields=_of(dt, WORDS[dt]), view="Report"
		),
		f"export {each}": lambda w, user, dt=each: call(
			user,
			"frappe.desk.reportview.export_query",
			doctype=dt,
			fields=_of(dt, WORDS[dt]),
			file_format_type="CSV",
			title=dt,
			view="Report",
		),
		f"link search {each}": lambda w, user, dt=each: call(
			user,
			"frappe.desk.search.search_link",
			doctype=dt,
			txt="",
			page_length=10000,
			ignore_user_permissions=1,
		),
		f"search widget {each}": lambda w, user, dt=each: call(
			user, "frappe.desk.search.search_widget", doctype=dt, txt=_named(w, dt), page_length=1000
		),
		f"added column {each}": lambda w, user, dt=each: call(
			user, "frappe.desk.query_report.get_data_for_custom_field", doctype=dt, field=WORDS[dt]
		),
		f"group by {each}": lambda w, user, dt=each: call(
			user,
			"frappe.desk.reportview.get",
			doctype=dt,
			fields=json.dumps([f"`tab{dt}`.`{WORDS[dt]}`", "count(`tab" + dt + "`.name) as n"]),
			group_by=f"`tab{dt}`.`{WORDS[dt]}`",
		),
		f"chart {each}": lambda w, user, dt=each: call(
			user,
			"frappe.desk.doctype.dashboard_chart.dashboard_chart.get",
			chart=json.dumps(
				{
					"chart_type": "Group By",
					"document_type": dt,
					"group_by_based_on": WORDS[dt],
					"group_by_type": "Count",
					"number_of_groups": 0,
					"filters_json": "[]",
					"name": "x",
					"chart_name": "x",
				}
			),
			filters="[]",
			refresh=1,
		),
	}
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

BY_NAME: dict[str, Way] = {}
"""Ways that are given a name, which the answer may say again; the secret it may not."""

for each in WORDS:
	BY_NAME |= {
		f"resource {each}": lambda w, user, dt=each: request(
			user, "GET", f"/api/resource/{dt}/{_named(w, dt)}"
		),
		f"get {each}": lambda w, user, dt=each: call(
			user, "frappe.client.get", doctype=dt, name=_named(w, dt)
		),
		f"form {each}": lambda w, user, dt=each: call(
			user, "frappe.desk.form.load.getdoc", doctype=dt, name=_named(w, dt)
		),
		f"value {each}": lambda w, user, dt=each: call(
			user, "frappe.client.get_value", doctype=dt, fieldname=WORDS[dt], filters=_named(w, dt)
		),
		f"value by a filter {each}": lambda w, user, dt=each: call(
			user, "frappe.client.get_value", doctype=dt, fieldname=WORDS[dt], filters={"name": _named(w, dt)}
		),
		f"print {each}": lambda w, user, dt=each: call(
			user, "frappe.www.printview.get_html_and_style", doc=dt, name=_named(w, dt)
		),
		f"PDF {each}": lambda w, user, dt=each: call(
			user, "frappe.utils.print_format.download_pdf", http="GET", doctype=dt, name=_named(w, dt)
		),
		f"validated link {each}": lambda w, user, dt=each: call(
			user,
			"frappe.client.validate_link",
			doctype=dt,
			docname=_named(w, dt),
			fields=json.dumps([WORDS[dt]]),
		),
	}
for each in (ISSUE, REFERRAL):
	BY_NAME |= {
		f"print page {each}": lambda w, user, dt=each: request(
			user, "GET", "/printview", doctype=dt, name=_named(w, dt)
		),
		f"several PDFs {each}": lambda w, user, dt=each: call(
			user,
			"frappe.utils.print_format.download_multi_pdf",
			http="GET",
			doctype=dt,
			name=json.dumps([_named(w, dt)]),
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
def _as_text() -> object:
	"""A PDF is its page; nothing is to be read in a finished one."""
	pages = "frappe.utils.pdf.get_pdf"

	def page(html: str, *args: object, output: object = None, **of: object) -> object:
		if output is None:
			return html.encode()
		output.add_metadata({"/Title": html.encode().hex()})
		return output

	with patch(pages, page):
		yield


def told(answer: Answer, *secrets: str) -> list[str]:
	"""The secrets in an answer, as they are or as `_as_text` writes them into a PDF."""
	return [each for each in secrets if each in answer.text or each.encode().hex() in answer.text]


def found(way: Way, world: frappe._dict, *secrets: str) -> dict[str, object]:
	"""Walk a way as each of the outsiders; return who was told what."""
	assert told(way(world, "Administrator"), *secrets), "even the Administrator finds nothing this way"
	answers = {who: way(world, user) for who, user in [*world.outsiders.items(), ("nobody", "Guest")]}
	broken = {who: answer.text for who, answer in answers.items() if answer.status >= 500}
	assert broken == {}
	return {who: told(answer, *secrets) for who, answer in answers.items() if told(answer, *secrets)}


@pytest.mark.parametrize("way", LISTS)
def test_no_list_holds_it(world, way):
	assert found(LISTS[way], world, SECRET, *world.names) == {}


@pytest.mark.parametrize("way", BY_NAME)
def test_its_name_does_not_open_it(world, way):
	assert found(BY_NAME[way], world, SECRET) == {}


@pytest.mark.parametrize("way", FILES)
def test_its_photo_is_not_given(world, way):
	answer = FILES[way](world, "Administrator")
	assert answer.status == 200
	assert answer.body
	for user in (*world.outsiders.values(), "Guest"):
		answer = FILES[way](world, user)
		assert answer.refused or world.photo not in answer.text, user
		assert b"PNG" not in answer.body
