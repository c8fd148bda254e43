"""The small world of the abuses on the ledger: built once for the folder, each test inside its own savepoint."""

from collections.abc import Iterator

import frappe
import pytest

from grid_governance.grid_ledger.actions import households, identities, merging
from grid_governance.grid_structure import rules
from tests.factories import (
	make_care,
	make_citizen_number,
	make_department,
	make_grid,
	make_holder,
	make_household,
	make_identity,
	make_officer,
	make_photo,
	make_resident,
	make_township,
	make_user,
	make_worker,
)
from tests.world import inside_savepoint, taken_back

SECRET = "机密八八"
"""Stands in every text of the household that is not for the readers outside."""

SENSITIVE = "机密九九"
"""Stands in the row of care of a sensitive category."""

PHONE = "13911112222"

HOUSEHOLD, RESIDENT = "Household", "Resident"
IDENTITY, CONTACT, CARE = "Resident Identity", "Resident Contact", "Resident Care"
CHANGE, CENTRE = "Household Change", "Party Centre Household"
PLACE, FACILITY, ORGANIZATION = "Grid Place", "Grid Facility", "Grid Organization"
ACCESS, ASKED, COMPARED = "Personal Data Access", "Personal Data Request", "Resident Comparison"
IMPORT, LINE, COLUMN = "Ledger Import", "Ledger Import Line", "Ledger Import Column"

WORDS = {
	HOUSEHOLD: "address",
	RESIDENT: "resident_name",
	IDENTITY: "id_number_masked",
	CONTACT: "note",
	CARE: "note",
	CHANGE: "reason",
	CENTRE: "centre_name",
	PLACE: "place_name",
	FACILITY: "facility_name",
	ORGANIZATION: "org_name",
	ACCESS: "reason",
	ASKED: "asked",
	COMPARED: "reason",
	IMPORT: "file_name",
	LINE: "who",
}
"""The DocTypes of the ledger whose rows lie in a grid, each with a field in which a secret stands."""


def build(site: str) -> Iterator[frappe._dict]:
	"""A township of two villages. In the grid of the second live the people of a household with all that is kept of them.

	`kept` gives the name of one row by DocType, `sensitive` the care of a sensitive category. `inside` are those who
	work there by role, `outsiders` have nothing to do with it. `own` is a household in the first village with its
	head `own_head`, who has an identity, a contact and care of her own (`own_rows`). `uploader` is a second secretary
	of the village, who has brought a file (`file` and, with its bad rows, `refused`) and is in the middle of it.
	"""
	with taken_back():
		town, elsewhere = make_township(2, 1), make_township(1, 0)
		village, grid, near = town.villages[1].name, town.grids[1][0].name, town.grids[0][0].name
		circle = make_grid(grid, rules.MICRO_GRID).name
		bare = make_user()
		frappe.get_doc("User", bare).add_roles("Village Secretary", "Township Office", "Grid Member")
		world = frappe._dict(
			town=town,
			village=village,
			grid=grid,
			near=near,
			near_village=town.villages[0].name,
			number=make_citizen_number(),
			inside={
				role: make_holder(role, village if role == "Village Secretary" else grid)
				for role in (
					"Village Secretary",
					"Grid Leader",
					"Grid Instructor",
					"Grid Member",
					"Party Patch Member",
				)
			},
			office=make_holder("Township Office", town.root.name),
			outsiders={
				"secretary of the next village": make_holder("Village Secretary", town.villages[0].name),
				"member of the next village": make_holder("Grid Member", near),
				"official of the next township": make_holder("Township Office", elsewhere.root.name),
				"officer of a department": make_officer(
					"Department Officer", make_department(town.root.name).name
				),
				"somebody without a post": bare,
			},
		)
		world.secretary, world.member = list(world.outsiders.values())[:2]
		_keep(world, circle)
		_keep_own(world)
		_keep_import(world)
		yield world


world = pytest.fixture(scope="package")(build)
_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def _keep(world: frappe._dict, circle: str) -> None:
	household = make_household(world.grid, address=SECRET)
	head = make_resident(household.name, resident_name=SECRET)
	guest = make_resident(household.name, "Not Related", resident_name=f"{SECRET}客")
	identity = make_identity(head.name, id_number=world.number)
	contact = frappe.get_doc(doctype=CONTACT, resident=head.name, phone=PHONE, note=SECRET).insert()
	care = make_care(head.name, "elder", note=SECRET)
	sensitive = make_care(head.name, "disabled", note=SENSITIVE)
	households.note(
		households.HEAD, household, reason=SECRET, members=[{"resident": head.name, "relation_after": "Head"}]
	)
	identities.reveal(identity.name, SECRET)
	worker = make_worker(world.grid, worker_name=f"{SECRET}员", is_party_member=1)
	centre = frappe.get_doc(
		doctype=CENTRE, centre_name=SECRET, party_member=worker.name, grid=circle
	).insert()
	place = frappe.get_doc(
		doctype=PLACE, place_name=SECRET, place_type="Shop", grid=world.grid, owner_resident=head.name
	).insert()
	facility = frappe.get_doc(
		doctype=FACILITY, facility_name=SECRET, facility_type="Bin", grid=world.grid, place=place.name
	).insert()
	organization = frappe.get_doc(
		doctype=ORGANIZATION, org_name=SECRET, org_type="School", grid=world.grid, contact=PHONE
	).insert()
	asked = frappe.get_doc(
		doctype=ASKED,
		resident=head.name,
		kind="See",
		asked_by=SECRET,
		asked=SECRET,
		received_on=frappe.utils.nowdate(),
	).insert()
	world.kept = {
		HOUSEHOLD: household.name,
		RESIDENT: head.name,
		IDENTITY: identity.name,
		CONTACT: contact.name,
		CARE: care.name,
		CHANGE: frappe.db.get_value(CHANGE, {"household": household.name}),
		CENTRE: centre.name,
		PLACE: place.name,
		FACILITY: facility.name,
		ORGANIZATION: organization.name,
		ACCESS: frappe.db.get_value(ACCESS, {"reference_name": identity.name}),
		ASKED: asked.name,
		COMPARED: merging.distinguish(head.name, guest.name, reason=SECRET),
	}
	world.guest, world.sensitive, world.worker, world.circle = guest.name, sensitive.name, worker.name, circle
	world.masked, world.hash = frappe.db.get_value(
		IDENTITY, identity.name, ["id_number_masked", "id_number_hash"]
	)
	world.secrets = (SECRET, SENSITIVE, PHONE, world.number, world.hash, world.masked)
	_attach(world)


def _attach(world: frappe._dict) -> None:
	"""What hangs on the head: a photo, a remark, a letter, something to do, a tag, what was changed of her."""
	head = world.kept[RESIDENT]
	of_head = {"reference_doctype": RESIDENT, "reference_name": head}
	name = f"{SECRET}{frappe.generate_hash(length=8)}.jpg"  # no other world takes it away with its own
	world.photo = make_photo(attached_to_doctype=RESIDENT, attached_to_name=head, file_name=name)
	for attached in (
		{"doctype": "Comment", "comment_type": "Comment", "content": f"{SECRET} 批注"},
		{"doctype": "Communication", "subject": f"{SECRET} 来信", "content": f"{SECRET} 来信"},
	):
		frappe.get_doc({**attached, **of_head}).insert()
	frappe.get_doc(RESIDENT, head).add_tag(f"{SECRET} 标签")
	frappe.get_doc(
		doctype="ToDo",
		description=f"{SECRET} 待办",
		reference_type=RESIDENT,
		reference_name=head,
		allocated_to=world.inside["Village Secretary"],
	).insert()
	for doctype in (RESIDENT, CONTACT):
		changed = frappe.get_doc(doctype, world.kept[doctype])
		changed.set("note" if doctype == CONTACT else "employer", f"{SECRET} 单位")
		changed.save()
		frappe.get_doc(
			doctype="View Log", reference_doctype=doctype, reference_name=changed.name, viewed_by=world.office
		).insert()
		frappe.get_doc(
			doctype="Version",
			ref_doctype=doctype,
			docname=changed.name,
			data=frappe.as_json({"changed": [["employer", SECRET, "x"]]}),
		).insert()


def _keep_own(world: frappe._dict) -> None:
	household = make_household(world.near, address="北门")
	head = make_resident(household.name, resident_name="本户主")
	world.own, world.own_head = household.name, head.name
	world.own_rows = {
		HOUSEHOLD: household.name,
		RESIDENT: head.name,
		IDENTITY: make_identity(head.name, id_number=make_citizen_number("320105")).name,
		CONTACT: frappe.get_doc(doctype=CONTACT, resident=head.name, phone="13900000003").insert().name,
		CARE: make_care(head.name, "elder").name,
	}


def _keep_import(world: frappe._dict) -> None:
	world.uploader = make_holder("Village Secretary", world.village)
	frappe.set_user(world.uploader)
	doc = frappe.get_doc(doctype=IMPORT, grid=world.village).insert()
	doc.file, doc.refused_file = (
		make_photo(
			attached_to_doctype=IMPORT,
			attached_to_name=doc.name,
			attached_to_field=field,
			file_name=f"{SECRET}-{field}.csv",
			content=f"姓名,身份证号\n{SECRET},{world.number}\n{field},\n".encode(),
		).file_url
		for field in ("file", "refused_file")
	)
	column = {"heading": f"{SECRET} 表头", "example": SECRET, "target": "Resident.resident_name", "taken": 1}
	doc.update({"file_name": f"{SECRET}.csv", "state": "Checked", "rows_read": 2, "rows_to_decide": 1})
	doc.append("columns", column)
	doc.flags.by_room = True
	doc.save(ignore_permissions=True)
	line = frappe.get_doc(doctype=LINE, ledger_import=doc.name, sheet=0, row_no=2, who=SECRET)
	line.update({"verdict": "To Be Decided", "grid": world.grid, "owner": world.uploader})
	line.grid_path = frappe.db.get_value("Grid", world.grid, "grid_path")
	candidate = {"doctype": RESIDENT, "name": world.kept[RESIDENT], "label": SECRET}
	line.details = frappe.as_json({"question": SECRET, "candidates": [candidate]})
	line.name = frappe.generate_hash(length=10)
	line.db_insert()
	frappe.set_user("Administrator")
	world.kept |= {IMPORT: doc.name, LINE: line.name}
	world.file, world.refused = doc.file, doc.refused_file
	world.names = (*world.kept.values(), world.guest, world.sensitive, world.worker)
