"""Whoever exports or prints people has that right where they live, and is noted; a grid member does neither."""

import json
from collections.abc import Callable, Iterator

import frappe
import pytest

from tests.factories import (
	make_assignment,
	make_care,
	make_holder,
	make_household,
	make_identity,
	make_resident,
	make_township,
)
from tests.web import API, Answer, call, request
from tests.world import give, inside_savepoint, taken_back

SECRET = "机密九九"
LOG = "Personal Data Access"
REPORTVIEW, QUERY = "frappe.desk.reportview.export_query", "frappe.desk.query_report.export_query"
MAIL = "frappe.email.doctype.auto_email_report.auto_email_report"


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""A village with a household, its people and those who work there."""
	with taken_back():
		town = make_township(2, 1)
		grid = town.grids[0][0]
		household = make_household(grid.name, address=SECRET)
		head = make_resident(household.name, resident_name=SECRET)
		other = make_resident(make_household(grid.name).name, resident_name=SECRET)
		secretary = make_holder("Village Secretary", town.villages[0].name)
		member = make_holder("Grid Member", grid.name)
		for user in (secretary, member):
			frappe.get_doc("User", user).add_roles("Report Manager")
		yield frappe._dict(
			town=town,
			grid=grid,
			household=household.name,
			head=head.name,
			other=other.name,
			identity=make_identity(head.name).name,
			care=make_care(head.name, "elder").name,
			secretary=secretary,
			member=member,
			office=make_holder("Township Office", town.root.name),
			both=_secretary_here_member_there(town),
		)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


@pytest.fixture
def allow() -> Iterator[Callable[..., None]]:
	"""Give a role rights for one test: what is remembered of them is dropped with it."""
	yield give
	for doctype in ("Grid Place", "Resident"):
		frappe.clear_cache(doctype=doctype)


def _secretary_here_member_there(town: frappe._dict) -> str:
	"""Somebody who is secretary of the second village and grid member in the first."""
	user = make_holder("Village Secretary", town.villages[1].name)
	held = frappe.db.get_value("Grid Post Assignment", {"user": user}, "worker")
	post = frappe.db.get_value("Grid Post", {"role": "Grid Member"})
	make_assignment(held, post, town.grids[0][0].name)
	return user


def _builder_report() -> str:
	"""A report of the report builder over residents."""
	report = frappe.get_doc(
		doctype="Report",
		report_name="居民表",
		ref_doctype="Resident",
		report_type="Report Builder",
		is_standard="No",
		json=json.dumps({"fields": [["resident_name", "Resident"]], "filters": [], "order_by": "name asc"}),
	)
	return report.insert().name


def _mail(user: str, report: str) -> str:
	mail = frappe.get_doc(
		doctype="Auto Email Report",
		report=report,
		user=user,
		email_to="someone@example.com",
		format="CSV",
		frequency="Daily",
		filters="{}",
		no_of_rows=100,
	)
	return mail.insert(ignore_mandatory=True).name


def _list(fmt: str) -> Callable[[frappe._dict, str], Answer]:
	def taken(world: frappe._dict, user: str) -> Answer:
		fields = ["`tabResident`.`name`", "`tabResident`.`resident_name`"]
		filters = [
			["Resident", "grid", "=", world.grid.name],
			["Resident", "resident_name", "like", f"%{SECRET}%"],
		]
		given = {
			"fields": fields,
			"filters": filters,
			"file_format_type": fmt,
			"title": "x",
			"view": "Report",
		}
		return call(user, REPORTVIEW, doctype="Resident", **given)

	return taken


EXPORTS: dict[str, Callable[[frappe._dict, str], Answer]] = {
	"list as CSV": _list("CSV"),
	"list as Excel": _list("Excel"),
	"ticked rows": lambda w, user: call(
		user,
		REPORTVIEW,
		doctype="Resident",
		fields=["`tabResident`.`resident_name`"],
		selected_items=[w.head, w.other],
		file_format_type="CSV",
	),
	"child table": lambda w, user: call(
		user,
		REPORTVIEW,
		doctype="Resident Skill",
		parent_doctype="Resident",
		fields=["`tabResident Skill`.`skill`", "`tabResident Skill`.`parent`"],
		file_format_type="CSV",
	),
	"data export": lambda w, user: call(
		user,
		"frappe.core.doctype.data_export.exporter.export_data",
		doctype="Household",
		with_data=1,
		all_doctypes=True,
		file_type="CSV",
	),
	"data export under another name": lambda w, user: call(
		user,
		"frappe.core.doctype.data_export.exporter.export_data",
		doctype="Resident",
		parent_doctype="Note",
		with_data=1,
		select_columns={"Resident": ["resident_name"]},
		file_type="CSV",
	),
	"import template with rows": lambda w, user: call(
		user,
		"frappe.core.doctype.data_import.data_import.download_template",
		doctype="Resident",
		export_fields={"Resident": ["name", "resident_name"]},
		export_records="all",
		file_type="CSV",
	),
	"import template with five rows": lambda w, user: call(
		user,
		"frappe.core.doctype.data_import.data_import.download_template",
		doctype="Resident",
		export_fields={"Resident": ["name", "resident_name"]},
		export_records="5_records",
		file_type="Excel",
	),
	"report by e-mail": lambda w, user: call(user, f"{MAIL}.download", name=_mail(user, _builder_report())),
}

FOR_NOBODY = ("child table", "data export under another name")
"""Nobody has the right to export a child table, or notes of the desk."""

PRINTS: dict[str, Callable[[frappe._dict, str], Answer]] = {
	"PDF": lambda w, user: call(
		user, "frappe.utils.print_format.download_pdf", http="GET", doctype="Resident", name=w.head
	),
	"several as PDF": lambda w, user: call(
		user,
		"frappe.utils.print_format.download_multi_pdf",
		http="GET",
		doctype="Resident",
		name=json.dumps([w.head, w.other]),
	),
	"screen": lambda w, user: call(
		user, "frappe.www.printview.get_html_and_style", doc="Resident", name=w.head
	),
	"what the client sends": lambda w, user: call(
		user,
		"frappe.www.printview.get_html_and_style",
		doc=frappe.as_json(frappe.get_doc("Resident", w.head)),
	),
	"page": lambda w, user: request(user, "GET", "/printview", doctype="Resident", name=w.head),
	"household": lambda w, user: call(
		user, "frappe.utils.print_format.download_pdf", http="GET", doctype="Household", name=w.household
	),
	"care": lambda w, user: call(
		user, "frappe.utils.print_format.download_pdf", http="GET", doctype="Resident Care", name=w.care
	),
}


def lines(user: str, kind: str) -> list[frappe._dict]:
	"""What the log says that *user* took."""
	fields = ["reference_doctype", "reference_name", "rows", "detail", "grid"]
	return frappe.get_all(LOG, filters={"user": user, "kind": kind}, fields=fields, order_by="at asc")


@pytest.fixture
def no_pdf(monkeypatch):
	"""No page is made into a PDF: what is asked and noted is all that matters here."""

	pages = []

	def made(html: str, options: object = None, output: object = None) -> object:
		pages.append(html)
		if output is None:
			return html.encode()
		output.add_blank_page(width=10, height=10)
		return output

	monkeypatch.setattr("frappe.utils.pdf.get_pdf", made)
	monkeypatch.setattr("frappe.utils.print_format.get_pdf", made)
	return pages


@pytest.mark.parametrize("way", EXPORTS)
def test_a_grid_member_exports_nobody(world, way):
	answer = EXPORTS[way](world, world.member)
	assert answer.status == 403
	assert SECRET not in answer.text
	assert not lines(world.member, "Export")


@pytest.mark.parametrize("way", PRINTS)
def test_a_grid_member_prints_nobody(world, way, no_pdf):
	answer = PRINTS[way](world, world.member)
	# Of several, stock makes a PDF in which each page says that it may not be printed.
	assert answer.status == (200 if way == "several as PDF" else 403)
	assert SECRET not in answer.text + "".join(no_pdf)
	assert not lines(world.member, "Print")


@pytest.mark.parametrize("way", [way for way in EXPORTS if way not in FOR_NOBODY])
def test_what_a_secretary_exports_is_noted(world, way):
	answer = EXPORTS[way](world, world.secretary)
	assert answer.status == 200, answer.text + answer.fault
	noted = lines(world.secretary, "Export")
	assert len(noted) == 1
	assert noted[0].grid in (world.grid.name, world.town.villages[0].name)
	assert noted[0].reference_doctype == ("Household" if way == "data export" else "Resident")
	assert noted[0].rows == 2


@pytest.mark.parametrize("way", PRINTS)
def test_what_a_secretary_prints_is_noted(world, way, no_pdf):
	answer = PRINTS[way](world, world.secretary)
	assert answer.status == 200, answer.text + answer.fault
	noted = lines(world.secretary, "Print")
	assert len(noted) == (2 if way == "several as PDF" else 1)
	assert noted[0].grid == world.grid.name
	assert noted[0].reference_name in (world.head, world.other, world.household, world.care)


def test_the_filters_are_told_without_a_name(world):
	EXPORTS["list as CSV"](world, world.secretary)
	(line,) = lines(world.secretary, "Export")
	assert world.grid.name in line.detail
	assert SECRET not in line.detail


def test_what_is_taken_is_taken_where_one_may_take_it(world):
	"""She exports as secretary of one village; what she reads as a member in the other stays."""
	near = make_resident(make_household(world.town.grids[1][0].name).name, resident_name="外村人九九")
	answer = call(
		world.both,
		REPORTVIEW,
		doctype="Resident",
		fields=["`tabResident`.`resident_name`"],
		filters=[],
		file_format_type="CSV",
	)
	assert answer.status == 200
	assert near.resident_name in answer.text
	assert SECRET not in answer.text
	assert [(line.rows, line.grid) for line in lines(world.both, "Export")] == [
		(1, world.town.grids[1][0].name)
	]


def test_people_are_not_taken_through_a_link(world, allow):
	"""A member who may export issues gets no names of residents by a field of what an issue links to."""
	allow("Grid Member", "Grid Place", "read", "report", "export")
	frappe.get_doc(
		doctype="Grid Place",
		place_name="小店九九",
		place_type="Shop",
		grid=world.grid.name,
		owner_resident=world.head,
	).insert()
	given = {
		"doctype": "Grid Place",
		"file_format_type": "CSV",
		"fields": ["name", "owner_resident.resident_name"],
	}
	answer = call(world.member, REPORTVIEW, **given)
	assert answer.status == 403
	assert SECRET not in answer.text


def test_a_report_by_mail_is_made_in_its_users_name(world):
	"""The scheduler runs it as the administrator; what it holds is what its user may export."""
	frappe.set_user("Administrator")
	mail = frappe.get_doc("Auto Email Report", _mail(world.both, _builder_report()))
	assert SECRET not in str(mail.get_report_content())
	assert frappe.session.user == "Administrator"
	mail = frappe.get_doc("Auto Email Report", _mail(world.member, mail.report))
	with pytest.raises(frappe.PermissionError):
		mail.get_report_content()
	assert frappe.session.user == "Administrator"


def test_a_report_over_people_is_printed_by_whoever_may_print_people(world):
	method = "frappe.core.doctype.access_log.access_log.make_access_log"
	given = {"report_name": _builder_report(), "method": "Print", "file_type": "PDF"}
	assert request(world.member, "POST", API + method, **given).status == 403
	assert request(world.secretary, "POST", API + method, **given).status == 200
	assert [line.reference_doctype for line in lines(world.secretary, "Print")] == ["Resident"]


def test_a_print_by_mail_needs_the_right_to_print(world, allow):
	allow("Grid Member", "Resident", "read", "email")
	given = {"doctype": "Resident", "name": world.head, "recipients": "someone@example.com", "content": "x"}
	method = "frappe.core.doctype.communication.email.make"
	assert call(world.member, method, **given, print_format="Standard", send_email=1).status == 403
	assert not lines(world.member, "Print")


def test_nobody_writes_or_removes_lines(world):
	EXPORTS["list as CSV"](world, world.secretary)
	name = frappe.get_all(LOG, filters={"user": world.secretary}, pluck="name", order_by="at asc")[0]
	for user in (world.secretary, world.office, "Administrator"):
		assert request(user, "DELETE", f"/api/resource/{LOG}/{name}").refused
		assert request(user, "PUT", f"/api/resource/{LOG}/{name}", rows=0).refused
		assert request(user, "POST", f"/api/resource/{LOG}", kind="Export", at="2026-01-01").refused
	assert frappe.db.get_value(LOG, name, "rows") == 2


def test_opening_a_person_is_noted(world):
	for doctype, name in (
		("Resident", world.head),
		("Household", world.household),
		("Resident Care", world.care),
	):
		assert (
			call(
				world.secretary, "frappe.desk.form.load.getdoc", http="GET", doctype=doctype, name=name
			).status
			== 200
		)
		seen = {"reference_doctype": doctype, "reference_name": name, "viewed_by": world.secretary}
		assert frappe.db.count("View Log", seen) == 1


@pytest.fixture
def declared(monkeypatch) -> str:
	"""A script report over grids that says that it shows residents."""
	from grid_governance.grid_structure.report.grid_structure_and_size import grid_structure_and_size

	monkeypatch.setattr(grid_structure_and_size, "SHOWS_PERSONS", "Resident", raising=False)
	return "Grid Structure and Size"


def test_a_script_report_that_shows_people_is_exported_by_whoever_may_export_people(world, declared):
	leader = make_holder("Grid Leader", world.grid.name)
	given = {"report_name": declared, "file_format_type": "CSV", "filters": {}, "visible_idx": [0]}
	assert call(leader, QUERY, **given).status == 403
	assert not lines(leader, "Export")
	answer = call(world.secretary, QUERY, **given)
	assert answer.status == 200, answer.text + answer.fault
	(line,) = lines(world.secretary, "Export")
	assert line.reference_doctype == "Resident"
	assert line.rows
	assert line.grid


def test_a_report_that_only_counts_people_is_no_taking(world):
	from grid_governance.scope.doors import takings

	report = _builder_report()
	assert takings.shown_by(report) == "Resident"
	assert takings.shown_by("Grid Structure and Size") == ""
	assert takings.shown_by("Personal-Data Access Log") == ""
	assert takings.shown_by("no such report") == ""


def test_a_report_saved_from_another_shows_what_that_one_does(world, declared):
	from grid_governance.scope.doors import takings

	saved = frappe.get_doc(
		doctype="Report",
		report_name="另存的报表",
		ref_doctype="Grid",
		report_type="Custom Report",
		reference_report=declared,
		is_standard="No",
	).insert()
	assert takings.shown_by(saved.name) == "Resident"
