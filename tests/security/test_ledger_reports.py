"""Reports on the ledger tell nobody of people outside her grids or above her level: not in a row, a figure, a total, a
chart, an option, nor by what a filter answers."""

import re
from collections.abc import Iterator
from typing import Any

import frappe
import pytest
from frappe.desk import query_report

from grid_governance.grid_ledger.report.data_quality import data_quality
from grid_governance.grid_structure.rules import MICRO_GRID, TOWNSHIP
from grid_governance.scope.doors import ClosedDoorError
from tests.factories import (
	level_at,
	make_care,
	make_department,
	make_grid,
	make_holder,
	make_household,
	make_identity,
	make_officer,
	make_resident,
	make_township,
	make_user,
	make_worker,
	seeded,
)
from tests.world import as_text, inside_savepoint, taken_back

SIZES, CENTRES, PATCHES = "Grid Structure and Size", "Party Centre Households", "Patch Responsibility"
SKILLS, ELEMENTS, QUALITY = "Skills Finder", "Element Ledger", "Data Quality"
REPORTS = (SIZES, CENTRES, PATCHES, SKILLS, ELEMENTS, QUALITY)
OF_PEOPLE = (CENTRES, PATCHES, SKILLS, QUALITY)
EACH = pytest.mark.parametrize("report", REPORTS)
VARIANTS = [
	(SIZES, {}),
	(CENTRES, {}),
	(CENTRES, {"show": "Each Centre"}),
	(PATCHES, {}),
	(PATCHES, {"show": "Each Patch"}),
	(SKILLS, {}),
	(ELEMENTS, {}),
	(QUALITY, {}),
]
SECRET, PHONE = "张秘密", "13912345678"
PERIOD = {"from_date": "2020-01-01", "to_date": "2099-12-31"}


def settle(grid: Any, name: str, phone: str) -> frappe._dict:
	"""A micro grid with a centre and a patch below *grid*; in them people with a skill, a phone, care, and things wrong."""
	circle, patch = make_grid(grid.name, MICRO_GRID), make_grid(grid.name, MICRO_GRID)
	home = make_household(circle.name, latitude=36.62, longitude=112.33)
	head = make_resident(home.name, resident_name=name, sex="")
	head.append("skills", {"skill": seeded("skill/doctor"), "note": name})
	head.save()
	frappe.get_doc(doctype="Resident Contact", resident=head.name, phone=phone).insert()
	identity = make_identity(head.name)
	frappe.db.set_value("Resident Identity", identity.name, "number_birth_date", "1970-01-01")
	care = make_care(head.name, "allowance")
	frappe.db.set_value("Resident Care", care.name, {"since": "2020-01-01", "until": "2020-02-01"})
	frappe.db.set_value("Resident Care", care.name, "next_visit_due", "2020-03-01")
	other = make_household(patch.name, household_no="")
	make_resident(other.name, resident_name=f"{name}二", sex="")
	keeper = make_worker(grid.name, user=None, is_party_member=1, worker_name=f"{name}党员")
	centre = frappe.get_doc(
		doctype="Party Centre Household",
		centre_name=f"{name}中心户",
		party_member=keeper.name,
		grid=circle.name,
		household=home.name,
	).insert()
	for doctype, field in (
		("Grid Place", "place"),
		("Grid Facility", "facility"),
		("Grid Organization", "org"),
	):
		meta = frappe.get_meta(doctype)
		kind = next(df for df in meta.fields if df.fieldname.endswith("_type")).fieldname
		values = {f"{field}_name": name, kind: "Other", "grid": grid.name}
		frappe.get_doc(doctype=doctype, **values).insert()
	return frappe._dict(circle=circle, patch=patch, home=home, head=head, centre=centre)


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""Two townships; in the first two villages with two grids each. The secrets lie in the second village and township."""
	with taken_back():
		town, far = make_township(2, 2), make_township(1, 1)
		town.far = far
		town.own = settle(town.grids[0][0], "甲自己", "13900000001")
		town.beside = settle(town.grids[0][1], "乙邻格", "13900000002")
		town.secret = settle(town.grids[1][0], SECRET, PHONE)
		settle(far.grids[0][0], SECRET, PHONE)
		village, grid = town.villages[0].name, town.grids[0][0].name
		town.readers = frappe._dict(
			official=make_holder("Township Office", far.root.name, town.villages[0].name),
			secretary=make_holder("Village Secretary", village),
			leader=make_holder("Grid Leader", grid),
			member=make_holder("Grid Member", grid),
			instructor=make_holder("Grid Instructor", village),
			patch=make_holder("Party Patch Member", town.own.circle.name),
			officer=make_officer("Department Officer", make_department(town.root.name).name),
			auditor=make_user(),
			nobody=make_worker(grid).user,
		)
		frappe.get_doc("User", town.readers.auditor).add_roles("Governance Auditor")
		yield town


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def run(report: str, **filters: object) -> dict[str, Any]:
	return query_report.run(report, filters={**PERIOD, **filters})


def told(report: str, **filters: object) -> str:
	"""All that the report answers with, as one text."""
	return as_text(run(report, **filters))


def tells_of(text: str, path: str) -> bool:
	"""Say whether *text* names the node of *path* or one below it. The same digits further on in a longer path are another's."""
	return re.search(rf"(?<!\d){path}", text) is not None


def test_a_path_is_known_wherever_it_begins():
	other, own = "000000010002", "000000010001000000010002"
	assert own.endswith(other) and not tells_of(as_text({"path": own}), other)
	for told_of in (
		{"path": other},
		{"path": f"{other}0001"},
		{"text": f"in\n{other}"},
		{"route": f"?path={other}"},
	):
		assert tells_of(as_text(told_of), other)


@pytest.mark.parametrize(("report", "filters"), VARIANTS)
@pytest.mark.parametrize("reader", ["secretary", "leader"])
def test_nothing_of_another_village_is_told(world, as_user, report, filters, reader):
	with as_user(world.readers[reader]):
		text = told(report, **filters)
	for secret in (SECRET, PHONE, world.secret.home.name, world.secret.head.name, world.secret.centre.name):
		assert secret not in text
	assert not tells_of(text, world.villages[1].grid_path)


@pytest.mark.parametrize(("report", "filters"), VARIANTS)
def test_a_leader_is_told_of_her_grid_and_not_of_the_one_beside(world, as_user, report, filters):
	with as_user(world.readers.leader):
		text = told(report, **filters)
	assert "乙邻格" not in text and world.beside.home.name not in text
	assert not tells_of(text, world.grids[0][1].grid_path)


@pytest.mark.parametrize(("report", "filters"), VARIANTS)
def test_figures_totals_and_charts_do_not_move_with_what_lies_outside(world, as_user, report, filters):
	with as_user(world.readers.secretary):
		before = told(report, **filters)
	settle(world.grids[1][1], SECRET, PHONE)
	frappe.db.set_value("Resident", world.secret.head.name, "status", "Moved Out")
	frappe.db.delete("Party Centre Household", {"name": world.secret.centre.name})
	with as_user(world.readers.secretary):
		after = told(report, **filters)
	cut = lambda text: text[: text.find('"execution_time"')]  # noqa: E731
	assert cut(before) == cut(after)


@pytest.mark.parametrize(("report", "filters"), VARIANTS)
def test_an_official_of_two_townships_is_told_of_her_parts_of_both_only(world, as_user, report, filters):
	with as_user(world.readers.official):
		text = told(report, **filters)
	assert not tells_of(text, world.villages[1].grid_path) and world.secret.home.name not in text


@EACH
def test_a_grid_that_is_not_hers_is_refused(world, as_user, report):
	for reader in ("secretary", "leader"):
		with as_user(world.readers[reader]):
			for foreign in (world.villages[1], world.grids[1][0], world.root, world.far.root):
				with pytest.raises(frappe.PermissionError):
					run(report, grid=foreign.name)


@pytest.mark.parametrize("report", [CENTRES, PATCHES, ELEMENTS])
def test_rows_above_her_own_node_are_not_made(world, as_user, report):
	with as_user(world.readers.secretary):
		rows = run(report, roll_up=level_at(TOWNSHIP))["result"]
	assert {row["path"] for row in rows} == {world.villages[0].grid_path}


FIGURES = {
	CENTRES: ("centres", "Too Small", "in_circles", "outside", "linked"),
	PATCHES: ("patches", "Too Small", "Nobody in Charge", "held", "outside"),
	ELEMENTS: ("grid_place", "grid_facility_changed", "grid_organization"),
}


@pytest.mark.parametrize(
	("report", "figure"), [(report, each) for report in FIGURES for each in FIGURES[report]]
)
def test_nothing_foreign_stands_behind_a_figure(world, as_user, report, figure):
	"""The node behind whose figure to look comes from the client."""
	own = world.villages[0].grid_path
	with as_user(world.readers.secretary):
		for node in ("", own, world.villages[1].grid_path, world.far.root.grid_path, "' or 1=1 -- "):
			for exact in (0, 1):
				answer = run(report, figure=figure, node=node, exact=exact)
				text = as_text(answer)
				assert SECRET not in text
				if node not in ("", own):
					assert not [row for row in answer["result"] if row]


def test_people_behind_the_elements_are_not_shown(world, as_user):
	"""It is a report that counts people; who prints and exports it takes nobody's name."""
	with as_user(world.readers.secretary):
		for figure in ("resident", "resident_changed"):
			with pytest.raises(frappe.ValidationError):
				run(ELEMENTS, figure=figure)


@EACH
@pytest.mark.parametrize("figure", ["name", "1", "' or 1=1", "id_number_hash"])
def test_a_figure_that_is_none_shows_nothing(world, as_user, report, figure):
	with as_user(world.readers.secretary):
		try:
			text = told(report, figure=figure)
		except frappe.ValidationError:
			return
		assert SECRET not in text


NOT_THEIRS = [
	*((reader, report) for reader in ("patch", "officer", "nobody", "instructor") for report in REPORTS),
	*(("member", report) for report in (SIZES, CENTRES, PATCHES, ELEMENTS)),
	*(("auditor", report) for report in (CENTRES, PATCHES, SKILLS, QUALITY)),
]


@pytest.mark.parametrize(("reader", "report"), NOT_THEIRS)
def test_who_may_not_report_gets_no_report(world, as_user, reader, report):
	with as_user(world.readers[reader]), pytest.raises(frappe.PermissionError):
		run(report)


@pytest.mark.parametrize("report", REPORTS)
def test_the_code_of_a_report_asks_for_the_right_itself(world, as_user, report):
	"""Not the roles in the report's record alone, which an administrator may change."""
	module = frappe.scrub(report)
	room = "grid_structure" if report == SIZES else "grid_ledger"
	execute = frappe.get_attr(f"grid_governance.{room}.report.{module}.{module}.execute")
	for reader in ("officer", "nobody"):
		with as_user(world.readers[reader]), pytest.raises(frappe.PermissionError):
			execute(dict(PERIOD))


def test_an_auditor_counts_neither_households_nor_people(world, as_user):
	with as_user(world.readers.auditor):
		sizes, elements = run(SIZES), run(ELEMENTS)
	names = {column["fieldname"] for answer in (sizes, elements) for column in answer["columns"]}
	assert not names & {"households", "present_households", "people", "resident", "resident_changed"}
	assert "甲自己" not in as_text([sizes, elements])


def test_a_grid_member_learns_of_her_own_grid_what_she_may_know(world, as_user):
	with as_user(world.readers.member):
		skills, quality = run(SKILLS)["result"], run(QUALITY)["result"]
		kinds = {kind["value"] for kind in data_quality.kinds()}
	assert [row["resident_name"] for row in skills] == ["甲自己"]
	found = {row["narrow"] for row in quality if row.get("narrow")}
	assert "no-sex" in found
	assert not found & {"other-birth", "no-identity", "ended-but-due"}, "numbers and sensitive care"
	assert not kinds & {"other-birth", "other-sex", "same-number", "no-identity"}
	with as_user(world.readers.secretary):
		found = {row["narrow"] for row in run(QUALITY)["result"] if row.get("narrow")}
	assert {"other-birth", "no-identity", "ended-but-due", "no-sex"} <= found


@pytest.mark.parametrize("kind", ["other-birth", "no-identity", "same-number", "ended-but-due", "bad-phone"])
def test_a_kind_that_she_may_not_know_of_finds_nothing_when_it_is_named(world, as_user, kind):
	with as_user(world.readers.member):
		assert not run(QUALITY, kind=kind)["result"]


def test_a_phone_neither_finds_nor_sorts(world, as_user):
	with as_user(world.readers.secretary):
		for text in ("13900000001", "139", "1390000"):
			assert run(SKILLS, text=text)["result"] == []
			assert run(SKILLS, phone=text)["result"] == run(SKILLS)["result"]


def test_distance_is_not_measured_from_a_household_she_may_not_see(world, as_user):
	with as_user(world.readers.secretary), pytest.raises(frappe.PermissionError):
		run(SKILLS, near=world.secret.home.name)


@pytest.mark.parametrize(
	"bad", ["' or 1=1 -- ", "%", "\\", '"', "\x00", "张' union select name from tabUser -- "]
)
def test_what_is_typed_into_a_filter_is_only_compared(world, as_user, bad):
	with as_user(world.readers.secretary):
		for filters in ({"text": bad}, {"skill": bad}, {"skill_group": bad}):
			assert run(SKILLS, **filters)["result"] == []
		with pytest.raises(data_quality.KindError):
			run(QUALITY, kind=bad)
		assert SECRET not in told(PATCHES, show="Each Patch", kind=bad)


@pytest.mark.parametrize("report", OF_PEOPLE)
def test_a_report_of_people_is_known_as_one(report):
	takings = frappe.get_attr("grid_governance.scope.doors.takings.shown_by")
	assert takings(report) in ("Household", "Resident")


@pytest.mark.parametrize("report", (SKILLS, QUALITY))
def test_a_grid_member_exports_none(world, as_user, report):
	with as_user(world.readers.member):
		frappe.local.form_dict = frappe._dict(
			report_name=report, file_format_type="CSV", filters=frappe.as_json(PERIOD), visible_idx="[]"
		)
		with pytest.raises(frappe.PermissionError):
			frappe.get_attr("frappe.desk.query_report.export_query")()


@EACH
def test_it_is_never_prepared(world, as_user, report):
	"""A prepared result is served by name, whoever asks."""
	assert not frappe.db.get_value("Report", report, "prepared_report")
	make = frappe.get_attr("frappe.core.doctype.prepared_report.prepared_report.make_prepared_report")
	with as_user(world.readers.secretary), pytest.raises(ClosedDoorError):
		make(report, filters=frappe.as_json(PERIOD))
