"""Households and people are seen in one's own grids, and sensitive things on their own level."""

import frappe
import pytest

from grid_governance.grid_ledger.actions import care, identities
from tests.factories import (
	make_care,
	make_citizen_number,
	make_holder,
	make_household,
	make_identity,
	make_resident,
	make_township,
	make_user,
)
from tests.web import call, request
from tests.world import inside_savepoint, taken_back

SECRET = "机密八八"
PERSONS = (
	"Household",
	"Resident",
	"Resident Identity",
	"Resident Contact",
	"Resident Care",
	"Household Change",
)


@pytest.fixture(scope="module")
def world(site):
	"""Two villages; in the second a household with everything the ledger keeps of a person."""
	with taken_back():
		town = make_township(2, 1)
		grid = town.grids[1][0].name
		number = make_citizen_number()
		household = make_household(grid, address=SECRET)
		head = make_resident(household.name, resident_name=SECRET)
		identity = make_identity(head.name, id_number=number)
		contact = frappe.get_doc(
			doctype="Resident Contact", resident=head.name, phone="13900000001", note=SECRET
		).insert()
		open_care, sensitive = make_care(head.name, "elder"), make_care(head.name, "disabled", note=SECRET)
		yield frappe._dict(
			town=town,
			household=household.name,
			head=head.name,
			identity=identity.name,
			contact=contact.name,
			care=open_care.name,
			sensitive=sensitive.name,
			number=number,
			inside={
				role: make_holder(role, grid if role != "Village Secretary" else town.villages[1].name)
				for role in (
					"Grid Member",
					"Grid Leader",
					"Village Secretary",
					"Grid Instructor",
					"Party Patch Member",
				)
			},
			office=make_holder("Township Office", town.root.name),
			outside=make_holder("Village Secretary", town.villages[0].name),
			bare=make_user(),
		)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def listed(user: str, doctype: str) -> object:
	"""The names that the list gives, or the status with which it is refused."""
	answer = request(user, "GET", f"/api/resource/{doctype}", limit_page_length=0)
	return {row["name"] for row in answer.message} if answer.status == 200 else answer.status


@pytest.mark.parametrize("doctype", PERSONS)
def test_nobody_outside_lists_them(world, doctype):
	assert listed(world.outside, doctype) == set()
	assert listed(world.bare, doctype) == 403


@pytest.mark.parametrize("role", ["Grid Member", "Grid Leader", "Grid Instructor"])
def test_a_sensitive_category_is_not_seen_below_the_secretary(world, role):
	user = world.inside[role]
	assert listed(user, "Resident Care") == {world.care}
	assert call(user, "frappe.client.get", doctype="Resident Care", name=world.sensitive).status == 403
	assert (
		SECRET
		not in call(
			user, "frappe.client.get_list", doctype="Resident Care", fields=["*"], filters={"is_sensitive": 1}
		).text
	)


def test_the_secretary_sees_it(world):
	assert listed(world.inside["Village Secretary"], "Resident Care") == {world.care, world.sensitive}


def test_nor_does_the_township_whose_role_has_no_identities(world):
	assert listed(world.office, "Resident Care") == {world.care}


def test_a_member_enters_no_sensitive_category(world):
	frappe.set_user(world.inside["Grid Member"])
	with pytest.raises(care.CareLevelError):
		make_care(world.head, "hardship")
	assert make_care(world.head, "empty-nest")


@pytest.mark.parametrize("role", ["Grid Member", "Grid Leader", "Grid Instructor", "Party Patch Member"])
@pytest.mark.parametrize("doctype", ["Resident Identity"])
def test_identities_are_the_secretarys(world, role, doctype):
	user = world.inside[role]
	assert listed(user, doctype) == 403
	assert (
		call(
			user,
			"grid_governance.grid_ledger.actions.identities.reveal",
			identity=world.identity,
			reason="看看",
		).status
		== 403
	)
	frappe.set_user(user)
	assert frappe.db.count("Personal Data Access", {"reference_name": world.identity}) == 0


def test_a_number_is_revealed_inside_the_scope_only(world):
	method = "grid_governance.grid_ledger.actions.identities.reveal"
	given = {"identity": world.identity, "reason": "办理医保"}
	assert call(world.outside, method, **given).status == 403
	assert call("Guest", method, **given).status == 403
	assert call(world.inside["Village Secretary"], method, **given).message == world.number


def test_no_stock_door_gives_the_number(world):
	user = world.inside["Village Secretary"]
	for answer in (
		request(user, "GET", f"/api/resource/Resident Identity/{world.identity}"),
		call(user, "frappe.client.get", doctype="Resident Identity", name=world.identity),
		call(
			user,
			"frappe.client.get_password",
			doctype="Resident Identity",
			name=world.identity,
			fieldname="id_number",
		),
		call(user, "frappe.desk.form.load.getdoc", doctype="Resident Identity", name=world.identity),
		call(
			user,
			"frappe.client.get_value",
			doctype="Resident Identity",
			fieldname="id_number",
			filters=world.identity,
		),
		call(
			user,
			"frappe.desk.reportview.get",
			doctype="Resident Identity",
			fields=["`tabResident Identity`.`id_number`"],
		),
		call(user, "frappe.www.printview.get_html_and_style", doc="Resident Identity", name=world.identity),
		call(
			user,
			"frappe.utils.print_format.download_pdf",
			http="GET",
			doctype="Resident Identity",
			name=world.identity,
		),
	):
		assert world.number not in answer.text


def test_the_same_number_elsewhere_is_told_to_nobody(world):
	"""Neither by a message nor by a refusal: it is kept apart in one household only."""
	frappe.set_user(world.outside)
	household = make_household(world.town.grids[0][0].name)
	guest = make_resident(household.name)
	assert make_identity(guest.name, id_number=world.number)
	assert identities.of_number(world.number) == [guest.name]


def test_a_person_is_not_taken_over_by_putting_her_into_ones_own_household(world):
	frappe.set_user(world.outside)
	household = make_household(world.town.grids[0][0].name)
	frappe.set_user("Administrator")
	answer = request(world.outside, "PUT", f"/api/resource/Resident/{world.head}", household=household.name)
	assert answer.status == 403
	assert frappe.db.get_value("Resident", world.head, "household") == world.household


@pytest.mark.parametrize("doctype", ["Resident Identity", "Resident Contact", "Resident Care"])
def test_nothing_is_hung_on_a_person_outside(world, doctype):
	values = {
		"Resident Identity": {"id_number": make_citizen_number()},
		"Resident Contact": {"phone": "13900000002"},
	}
	values["Resident Care"] = {"category": frappe.db.get_value("Resident Care", world.care, "category")}
	answer = request(
		world.outside, "POST", f"/api/resource/{doctype}", resident=world.head, **values[doctype]
	)
	assert answer.status == 403
	assert SECRET not in answer.text


@pytest.mark.parametrize("role", ["Grid Member", "Grid Instructor", "Party Patch Member"])
@pytest.mark.parametrize("doctype", ["Household", "Resident"])
def test_members_export_and_print_nobody(world, role, doctype):
	user, name = world.inside[role], world.household if doctype == "Household" else world.head
	export = call(
		user,
		"frappe.desk.reportview.export_query",
		doctype=doctype,
		fields=[f"`tab{doctype}`.`name`"],
		file_format_type="CSV",
		title=doctype,
		view="Report",
	)
	printed = call(user, "frappe.utils.print_format.download_pdf", http="GET", doctype=doctype, name=name)
	assert export.status == 403
	assert printed.status == 403
