"""Whose household an issue concerns is known to those who look after households, and to no other reader of the issue."""

import json
from collections.abc import Iterator

import frappe
import pytest

from grid_governance.grid_issues import households, log, steps
from grid_governance.setup.seeds import name_of
from tests.factories import (
	make_assignment,
	make_department,
	make_holder,
	make_household,
	make_issue,
	make_officer,
	make_post,
	make_resident,
	make_township,
	make_user,
	make_worker,
	seeded,
)
from tests.web import Answer, call, request
from tests.world import inside_savepoint, taken_back

SECRET = "机密八八"
STRANGERS = ("Department Officer", "Governance Administrator", "Governance Auditor")
"""Roles that read issues and no households."""
KEEPERS = ("Village Secretary", "Grid Leader", "Grid Instructor", "Grid Member")


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""An issue that concerns a household and is with a department, and another one that concerns nobody's."""
	with taken_back():
		town = make_township(2, 1)
		grid = town.grids[0][0].name
		household = make_household(grid)
		make_resident(household.name, resident_name=SECRET)
		department = make_department(town.root.name).name
		issue, plain = (
			make_issue(grid, "submit-to-village", **more) for more in ({"household": household.name}, {})
		)
		for each in (issue, plain):
			steps.take_step(each.name, seeded("workflow_action_master/refer"), lead_department=department)
		users = {"Department Officer": make_officer("Department Officer", department)}
		for role in STRANGERS[1:]:
			users[role] = make_user()
			frappe.get_doc("User", users[role]).add_roles(role)
		for role in KEEPERS:
			users[role] = make_holder(role, grid)
		yield frappe._dict(
			town=town,
			grid=grid,
			household=household.name,
			issue=issue.name,
			plain=plain.name,
			department=department,
			users=users,
		)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def tells(world: frappe._dict, answer: Answer) -> bool:
	return any(secret in answer.text + answer.fault for secret in (SECRET, world.household))


LIST = "frappe.desk.reportview.get"
COLUMN = "`tabGrid Issue`.`household`"
READS = {
	"form": ("frappe.desk.form.load.getdoc", {"doctype": "Grid Issue", "name": "ISSUE"}),
	"history": ("frappe.desk.form.load.get_docinfo", {"doctype": "Grid Issue", "name": "ISSUE"}),
	"document": ("frappe.client.get", {"doctype": "Grid Issue", "name": "ISSUE"}),
	"value": (
		"frappe.client.get_value",
		{"doctype": "Grid Issue", "fieldname": ["name", "household"], "filters": "ISSUE"},
	),
	"title by a dot": (
		"frappe.client.get_list",
		{"doctype": "Grid Issue", "fields": ["name", "household.title as title"]},
	),
	"head by a dot": (LIST, {"doctype": "Grid Issue", "fields": ["name", "household.head"]}),
	"list": (LIST, {"doctype": "Grid Issue", "fields": ["`tabGrid Issue`.`name`", COLUMN]}),
	"filter": (
		LIST,
		{"doctype": "Grid Issue", "fields": ["name"], "filters": [["Grid Issue", "household", "is", "set"]]},
	),
	"filter by a dot": (
		LIST,
		{"doctype": "Grid Issue", "fields": ["name"], "filters": [["household.title", "like", "机%"]]},
	),
	"filter of the household": (
		LIST,
		{"doctype": "Grid Issue", "fields": ["name"], "filters": [["Household", "title", "like", "机%"]]},
	),
	"sort": (LIST, {"doctype": "Grid Issue", "fields": ["name"], "order_by": f"{COLUMN} desc"}),
	"group": (LIST, {"doctype": "Grid Issue", "fields": ["count(name) as n"], "group_by": COLUMN}),
	"count": (
		"frappe.desk.reportview.get_count",
		{"doctype": "Grid Issue", "filters": [["Grid Issue", "household", "=", "HOUSEHOLD"]]},
	),
	"group of the sidebar": (
		"frappe.desk.listview.get_group_by_count",
		{"doctype": "Grid Issue", "current_filters": "[]", "field": "household"},
	),
	"export": (
		"frappe.desk.reportview.export_query",
		{
			"doctype": "Grid Issue",
			"fields": [COLUMN],
			"file_format_type": "CSV",
			"title": "x",
			"view": "Report",
		},
	),
	"data export": (
		"frappe.core.doctype.data_export.exporter.export_data",
		{
			"doctype": "Grid Issue",
			"select_columns": '{"Grid Issue": ["name", "household"]}',
			"with_data": 1,
			"file_type": "CSV",
		},
	),
	"print": ("frappe.www.printview.get_html_and_style", {"doc": "Grid Issue", "name": "ISSUE"}),
	"print of a made-up issue": (
		"frappe.www.printview.get_html_and_style",
		{"doc": '{"doctype": "Grid Issue", "name": "ISSUE", "household": "HOUSEHOLD", "grid": "GRID"}'},
	),
	"title": ("frappe.desk.search.get_link_title", {"doctype": "Household", "docname": "HOUSEHOLD"}),
	"link search": ("frappe.desk.search.search_link", {"doctype": "Household", "txt": "机"}),
	"link fields": (
		"frappe.client.validate_link",
		{"doctype": "Household", "docname": "HOUSEHOLD", "fields": ["title", "head"]},
	),
	"links": ("frappe.desk.form.linked_with.get", {"doctype": "Household", "docname": "HOUSEHOLD"}),
	"household": ("grid_governance.grid_ledger.queries.page.page", {"household": "HOUSEHOLD"}),
	"near": (
		"grid_governance.grid_issues.duplicates.near",
		{"grid": "GRID", "category": "CATEGORY"},
	),
}


def ask(world: frappe._dict, user: str, door: str) -> Answer:
	method, given = READS[door]
	known = {
		"ISSUE": world.issue,
		"HOUSEHOLD": world.household,
		"GRID": world.grid,
		"CATEGORY": frappe.db.get_value("Grid Issue", world.issue, "category"),
	}
	text = json.dumps(given, ensure_ascii=False)
	for word, value in known.items():
		text = text.replace(word, value)
	http = "GET" if door == "data export" else "POST"
	return call(user, method, http=http, **json.loads(text))


@pytest.mark.parametrize("role", STRANGERS)
@pytest.mark.parametrize("door", READS)
def test_no_door_tells_it_to_who_reads_issues_only(world, role, door):
	answer = ask(world, world.users[role], door)
	if "HOUSEHOLD" in str(READS[door][1]):  # the answer may name what she sent herself
		assert SECRET not in answer.text + answer.fault
		return
	assert not tells(world, answer)


@pytest.mark.parametrize("role", STRANGERS)
def test_nor_is_it_guessed_from_how_many_there_are(world, role):
	"""A filter by the household is refused, whether it fits or not."""
	for door in ("filter", "filter by a dot", "filter of the household", "sort", "count"):
		assert ask(world, world.users[role], door).refused, door


@pytest.mark.parametrize("role", KEEPERS)
def test_those_who_look_after_it_read_it(world, role):
	"""So that what is refused above is not refused for a typing error."""
	for door in ("form", "document", "value", "list"):
		assert tells(world, ask(world, world.users[role], door)), door
	assert SECRET in ask(world, world.users[role], "form").text
	assert not ask(world, world.users[role], "filter").refused


def test_a_correction_is_logged_without_its_words(world):
	other = make_household(world.grid)
	make_resident(other.name, resident_name=f"{SECRET}二")
	issue = frappe.get_doc("Grid Issue", world.plain)
	for household in (other.name, world.household, None):
		issue.household = household
		issue.save()
	frappe.set_user(world.users["Department Officer"])
	told = str(log.handling(world.plain))
	assert SECRET not in told
	assert other.name not in told
	assert frappe._("Household Concerned") in told
	frappe.set_user("Administrator")
	for door in ("form", "history"):
		method, _given = READS[door]
		answer = call(world.users["Department Officer"], method, doctype="Grid Issue", name=world.plain)
		assert not answer.refused
		assert not tells(world, answer)


def test_an_officer_who_also_keeps_households_elsewhere_is_not_told_the_name(world):
	"""Her role shows the field; the household it names lies outside her grids."""
	both = make_officer("Department Officer", world.department)
	make_member(both, world.town.grids[1][0].name)
	for door in ("form", "print", "title by a dot", "title", "link fields"):
		assert SECRET not in ask(world, both, door).text, door
	assert ask(world, both, "form").status == 200


def make_member(user: str, grid: str) -> None:
	"""Give *user* a post as grid member of *grid*, too."""
	worker = frappe.db.get_value("Grid Worker", {"user": user}) or make_worker(grid, user=user).name
	make_assignment(worker, make_post("Grid Member").name, grid)


def test_nobody_names_a_household_outside_her_grids(world):
	"""Neither by making an issue, nor by correcting one, nor on the spot; the refusal does not tell whose it is."""
	member = make_holder("Grid Member", world.town.grids[1][0].name)
	frappe.set_user(member)
	own = make_issue(world.town.grids[1][0].name)
	frappe.set_user("Administrator")
	category = frappe.db.get_value("Grid Issue", world.issue, "category")
	made = {"category": category, "grid": world.town.grids[1][0].name, "household": world.household}
	for answer in (
		request(member, "POST", "/api/resource/Grid Issue", title="x", **made),
		request(member, "PUT", f"/api/resource/Grid Issue/{own.name}", household=world.household),
		call(member, "grid_governance.grid_issues.doorstep.report", client_key="k" * 32, **made),
	):
		assert answer.status == 403
		assert SECRET not in answer.text
		assert frappe._("Household without a Head") not in answer.text
	assert not frappe.db.exists("Grid Issue", {"household": world.household, "name": ["!=", world.issue]})


@pytest.mark.parametrize("role", STRANGERS)
def test_nor_does_whoever_may_not_see_the_field_write_it(world, role):
	answer = request(
		world.users[role], "PUT", f"/api/resource/Grid Issue/{world.plain}", household=world.household
	)
	assert SECRET not in answer.text
	assert not frappe.db.get_value("Grid Issue", world.plain, "household")


def test_what_is_open_of_a_household_is_told_inside_the_scope(world):
	household = frappe.get_doc("Household", world.household)
	for role in KEEPERS:
		frappe.set_user(world.users[role])
		assert [row["name"] for row in households.open_matters(household)] == [world.issue], role
	for user in (
		*(world.users[role] for role in STRANGERS),
		make_holder("Party Patch Member", world.grid),
	):
		frappe.set_user(user)
		assert households.open_matters(household) == []


def test_the_sheet_for_a_department_does_not_name_it(world):
	secretary = world.users["Village Secretary"]
	for print_format in ("print_format/issue-handling-form", None):
		answer = call(
			secretary,
			"frappe.www.printview.get_html_and_style",
			doc="Grid Issue",
			name=world.issue,
			**({"print_format": name_of(print_format)} if print_format else {}),
		)
		assert answer.status == 200
		assert not tells(world, answer)
