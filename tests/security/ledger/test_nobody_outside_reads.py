"""Every way of reading over HTTP, tried on households and people by those who have nothing to do with them."""

import json
from collections.abc import Iterator

import frappe
import frappe.api
import pytest

from tests.security import ways
from tests.security.ledger.conftest import (
	CARE,
	CHANGE,
	CONTACT,
	HOUSEHOLD,
	IDENTITY,
	PLACE,
	RESIDENT,
	SECRET,
	WORDS,
)
from tests.security.ways import Way
from tests.web import call, request

ATTACHED = {
	"Comment": ("reference_name", "content"),
	"Communication": ("reference_name", "subject"),
	"ToDo": ("reference_name", "description"),
	"Tag Link": ("document_name", "tag"),
	"File": ("attached_to_name", "file_url"),
	"Version": ("docname", "data"),
	"View Log": ("reference_name", "viewed_by"),
}
"""Stock DocTypes whose rows hang on the head: the field with her name, and one to look at."""

SEARCHED = (HOUSEHOLD, RESIDENT)
"""DocTypes with a standard query of their own; what it finds is tried below."""

LISTS: dict[str, Way] = {}
BY_NAME: dict[str, Way] = {}

for each, word in WORDS.items():
	LISTS |= ways.lists(each, word, lambda w, dt=each: w.kept[dt])
	if each in SEARCHED:
		del LISTS[f"search widget {each}"]  # asks a query that knows no names of records
	BY_NAME |= ways.by_name(each, word, lambda w, dt=each: w.kept[dt], printed=each in (HOUSEHOLD, RESIDENT))
for each in ATTACHED:
	LISTS[f"attached {each}"] = lambda w, user, dt=each: request(
		user,
		"GET",
		f"/api/resource/{dt}",
		fields=["name", *ATTACHED[dt]],
		filters={ATTACHED[dt][0]: w.kept[RESIDENT]},
		limit_page_length=0,
	)


def rows(doctype: str, *fields: str, **given: object) -> Way:
	"""The list of *doctype* as a client asks for it."""
	return lambda w, user: call(
		user,
		"frappe.client.get_list",
		doctype=doctype,
		fields=["name", *fields],
		limit_page_length=0,
		**given,
	)


LISTS |= {
	"head of the household": rows(HOUSEHOLD, "head.resident_name"),
	"resident of a contact": rows(CONTACT, "resident.resident_name"),
	"resident of an identity": rows(IDENTITY, "resident.resident_name"),
	"household of a change": rows(CHANGE, "household.address"),
	"owner of a place": rows(PLACE, "owner_resident.resident_name"),
	"place of a facility": rows("Grid Facility", "place.place_name"),
	"household of a resident": rows(RESIDENT, "household.address", order_by="`tabResident`.`creation` asc"),
	"members of a change": rows("Household Change Member", "resident", parent=CHANGE),
	"sort by the phone": rows(CONTACT, "phone", order_by="phone asc"),
	"either of two filters": rows(
		CONTACT, "phone", or_filters=[[CONTACT, "phone", "like", "139%"], [CONTACT, "phone", "is", "set"]]
	),
	"calendar of care": lambda w, user: call(
		user,
		"frappe.desk.calendar.get_events",
		doctype=CARE,
		start="2000-01-01",
		end="2100-01-01",
		field_map=json.dumps({"start": "since", "end": "next_visit_due", "id": "name", "title": "note"}),
		fields=json.dumps(["name", "note", "since", "next_visit_due"]),
	),
	"groups of the sidebar": lambda w, user: call(
		user,
		"frappe.desk.listview.get_group_by_count",
		doctype=CONTACT,
		current_filters=json.dumps([[CONTACT, "phone", "like", "139%"]]),
		field="phone",
	),
	"counts by state, of any field": lambda w, user: call(
		user,
		"frappe.workflow.doctype.workflow.workflow.get_workflow_state_count",
		doctype=CONTACT,
		workflow_state_field="phone",
		states="[]",
	),
	"documents of a tag": lambda w, user: call(
		user, "frappe.desk.doctype.tag.tag.get_documents_for_tag", tag=f"#{SECRET} 标签"
	),
	"tagged documents": lambda w, user: call(
		user, "frappe.desk.doctype.tag.tag.get_tagged_docs", doctype=RESIDENT, tag=f"%{SECRET} 标签%"
	),
	"numbers of the tags": lambda w, user: call(
		user,
		"frappe.desk.reportview.get_sidebar_stats",
		doctype=RESIDENT,
		stats='["_user_tags"]',
		filters="[]",
	),
	"files by a text": lambda w, user: call(
		user, "frappe.core.api.file.get_files_by_search_text", text=SECRET
	),
	"files of a folder": lambda w, user: call(
		user, "frappe.core.api.file.get_files_in_folder", folder="Home/Attachments", page_length=1000
	),
	"what hangs on the grid": lambda w, user: call(
		user, "frappe.desk.form.linked_with.get", doctype="Grid", docname=w.grid
	),
	"page of the website": lambda w, user: call(user, "frappe.www.list.get_list_data", doctype=RESIDENT),
	"rows of the website": lambda w, user: call(user, "frappe.www.list.get", doctype=RESIDENT),
	"export for an import": lambda w, user: call(
		user,
		"frappe.core.doctype.data_import.data_import.download_template",
		doctype=RESIDENT,
		export_fields=json.dumps({RESIDENT: ["name", "resident_name", "birth_date"]}),
		export_records="all",
		file_type="CSV",
	),
	"export of data": lambda w, user: call(
		user,
		"frappe.core.doctype.data_export.exporter.export_data",
		doctype=RESIDENT,
		parent_doctype="Grid Place",  # whose export a grid leader may
		all_doctypes=False,
		select_columns={RESIDENT: ["name", "resident_name", "birth_date"]},
		with_data=1,
		file_type="CSV",
	),
	"people found by name": lambda w, user: call(
		user, "grid_governance.grid_ledger.queries.find.residents", txt=SECRET
	),
	"people found by a phone": lambda w, user: call(
		user,
		"grid_governance.grid_ledger.queries.find.residents",
		txt="",
		filters=[[RESIDENT, "resident_name", "like", f"{SECRET}%"]],
	),
}

ON_HEAD: dict[str, Way] = {
	"title of a link": lambda w, user: call(
		user, "frappe.desk.search.get_link_title", doctype=RESIDENT, docname=w.kept[RESIDENT]
	),
	"timeline": lambda w, user: call(
		user, "frappe.desk.form.load.get_docinfo", doctype=RESIDENT, name=w.kept[RESIDENT]
	),
	"communications": lambda w, user: call(
		user, "frappe.desk.form.load.get_communications", doctype=RESIDENT, name=w.kept[RESIDENT]
	),
	"connections": lambda w, user: call(
		user, "frappe.desk.form.linked_with.get", doctype=RESIDENT, docname=w.kept[RESIDENT]
	),
	"tags": lambda w, user: call(
		user,
		"frappe.client.get_value",
		doctype=RESIDENT,
		fieldname="_user_tags",
		filters=w.kept[RESIDENT],
	),
	"page of the household": lambda w, user: call(
		user,
		"grid_governance.grid_ledger.queries.page.page",
		http="GET",
		household=w.kept[HOUSEHOLD],
	),
}
if hasattr(frappe.api, "v2"):
	ON_HEAD |= {
		"document of the second kind of REST": lambda w, user: request(
			user, "GET", f"/api/v2/document/{RESIDENT}/{w.kept[RESIDENT]}"
		),
		"list of the second kind of REST": lambda w, user: request(
			user, "GET", f"/api/v2/document/{RESIDENT}", fields=["*"], limit=1000
		),
	}

REFUSED: dict[str, Way] = {
	"method of a document": lambda w, user: call(
		user, "run_doc_method", dt=RESIDENT, dn=w.kept[RESIDENT], method="add_comment", args={"text": "x"}
	),
	"paper of the other kind": lambda w, user: call(
		user,
		"frappe.utils.weasyprint.download_pdf",
		http="GET",
		doctype=RESIDENT,
		name=w.kept[RESIDENT],
		print_format="x",
	),
	"room of a person": lambda w, user: call(
		user, "frappe.realtime.can_subscribe_doc", http="GET", doctype=RESIDENT, docname=w.kept[RESIDENT]
	),
	"room of all people": lambda w, user: call(
		user, "frappe.realtime.can_subscribe_doctype", http="GET", doctype=RESIDENT
	),
	"followers": lambda w, user: call(
		user,
		"frappe.desk.form.document_follow.get_follow_users",
		doctype=RESIDENT,
		doc_name=w.kept[RESIDENT],
	),
	"next one": lambda w, user: call(
		user, "frappe.desk.form.utils.get_next", doctype=RESIDENT, value=w.kept[RESIDENT], prev=0
	),
	"heat map": lambda w, user: call(
		user,
		"frappe.desk.doctype.dashboard_chart.dashboard_chart.get",
		chart={
			"name": "x",
			"document_type": RESIDENT,
			"chart_type": "Count",
			"type": "Heatmap",
			"based_on": "creation",
			"filters_json": "[]",
			"heatmap_year": 2026,
		},
		refresh=1,
	),
	"sum of all": lambda w, user: call(
		user,
		"frappe.utils.goal.get_monthly_goal_graph_data",
		title="x",
		doctype=RESIDENT,
		docname=w.kept[RESIDENT],
		goal_value_field="age",
		goal_total_field="age",
		goal_history_field="employer",
		goal_doctype=RESIDENT,
		goal_doctype_link="household",
		goal_field="age",
		date_field="creation",
		filter_str="1=1",
	),
}
"""Ways that are refused outright, whatever they would tell."""


@pytest.fixture(autouse=True)
def _as_text() -> Iterator[None]:
	with ways.papers_as_text():
		yield


@pytest.mark.parametrize("way", LISTS)
def test_no_list_holds_them(world, way):
	assert ways.found(LISTS[way], world, world.outsiders, *world.secrets, *world.names) == {}


@pytest.mark.parametrize("way", BY_NAME)
def test_a_name_opens_nothing(world, way):
	assert ways.found(BY_NAME[way], world, world.outsiders, *world.secrets) == {}


@pytest.mark.parametrize("way", ON_HEAD)
def test_nothing_is_told_of_the_head(world, way):
	assert ways.found(ON_HEAD[way], world, world.outsiders, *world.secrets) == {}


@pytest.mark.parametrize("way", REFUSED)
def test_they_are_refused(world, way):
	for who, user in [*world.outsiders.items(), ("nobody", "Guest")]:
		answer = REFUSED[way](world, user)
		assert 400 <= answer.status < 500, (who, answer.fault or answer.text)
		assert ways.told(answer, *world.secrets) == [], who
