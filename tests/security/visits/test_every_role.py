"""What each role may do with visits and notices, and that whichever way it looks, it sees the same rows."""

import frappe
import pytest

from tests.security.test_parity import ROLES, agree
from tests.security.visits.conftest import (
	DELIVERY,
	FILTER,
	GROUP,
	MUST,
	NOTICE,
	ROUND,
	ROW,
	VISIT,
	WORDS,
	put,
)

READ = "read"
PAPER = "read report print"
TAKEN = "read report export print"

OFFICE, SECRETARY, LEADER = "Township Office", "Village Secretary", "Grid Leader"
INSTRUCTOR, MEMBER, PATCH = "Grid Instructor", "Grid Member", "Party Patch Member"
AUDITOR, ADMINISTRATOR, OFFICER = "Governance Auditor", "Governance Administrator", "Department Officer"

COUNTED = {
	OFFICE: TAKEN,
	SECRETARY: TAKEN,
	LEADER: PAPER,
	INSTRUCTOR: READ,
	MEMBER: "read report",
	PATCH: READ,
}
"""Of what the system counts: nobody writes it."""

RIGHTS: dict[str, dict[str, str]] = {
	ROUND: {**COUNTED, AUDITOR: "read report"},
	ROW: COUNTED,
	MUST: COUNTED,
	DELIVERY: COUNTED,
	VISIT: {
		OFFICE: f"{TAKEN} write",
		SECRETARY: f"{TAKEN} write create",
		LEADER: f"{PAPER} write create",
		INSTRUCTOR: READ,
		MEMBER: "read report write create",
		PATCH: "read write create",
	},
	NOTICE: {
		OFFICE: f"{TAKEN} write create",
		SECRETARY: f"{TAKEN} write create",
		LEADER: f"{PAPER} write create",
		INSTRUCTOR: READ,
		MEMBER: READ,
		PATCH: READ,
		AUDITOR: "read report",
	},
	FILTER: {
		OFFICE: "read write create delete",
		SECRETARY: "read write create delete",
		LEADER: READ,
	},
	GROUP: {
		OFFICE: f"{TAKEN} write create delete",
		SECRETARY: f"{TAKEN} write create delete",
		LEADER: f"{PAPER} write create",
		INSTRUCTOR: READ,
		MEMBER: "read write create",
		PATCH: READ,
		AUDITOR: "read report",
	},
}
"""Rights on the ordinary fields, by DocType and role. Who is missing has none."""

ASKED = (
	"read",
	"write",
	"create",
	"delete",
	"report",
	"export",
	"print",
	"email",
	"share",
	"import",
	"submit",
)


@pytest.mark.parametrize("doctype", sorted(RIGHTS))
def test_the_rights_are_these(doctype):
	"""Whoever gives one more role something changes this table and says why."""
	given = {
		rule.role: {right for right in ASKED if rule.get(right)}
		for rule in frappe.get_meta(doctype).permissions
		if not rule.permlevel
	}
	assert given == {role: set(rights.split()) for role, rights in RIGHTS[doctype].items()}


@pytest.mark.parametrize("role", [role["role_name"] for role in ROLES])
@pytest.mark.parametrize("doctype", sorted(WORDS))
def test_every_way_shows_the_same(world, role, doctype):
	"""List, form, counts, criterion, link search, report view, export; and each right its own part."""
	user = {**world.inside, **world.site_wide, OFFICER: world.officer}[role]
	agree(user, doctype)
	frappe.set_user(user)
	readable = bool(RIGHTS[doctype].get(role))
	assert frappe.has_permission(doctype, "read", doc=world.kept[doctype]) == readable
	own = world.own_rows[doctype]
	everywhere = readable and role in (OFFICE, AUDITOR)
	assert frappe.has_permission(doctype, "read", doc=own) == everywhere


@pytest.mark.parametrize("who", ["leader of the next grid", "secretary of the next village"])
@pytest.mark.parametrize("doctype", sorted(WORDS))
def test_who_works_next_door_sees_her_own_alone(world, who, doctype):
	agree(world.outsiders[who], doctype)
	frappe.set_user(world.outsiders[who])
	assert frappe.has_permission(doctype, "read", doc=world.own_rows[doctype])
	assert not frappe.has_permission(doctype, "read", doc=world.kept[doctype])


def test_a_delivery_made_by_sensitive_care_is_read_by_those_who_read_the_care(world):
	"""Its row would tell who is in the category: the secretary sees it, who sees the care itself."""
	name = put(
		DELIVERY,
		grid=world.grid,
		household=world.household,
		notice=world.kept[NOTICE],
		resident=world.head,
		state="Sent",
		is_sensitive=1,
	)
	seen = {}
	for role, user in {**world.inside, **world.site_wide}.items():
		frappe.set_user(user)
		seen[role] = frappe.has_permission(DELIVERY, "read", doc=name)
		if frappe.has_permission(DELIVERY, "read"):
			assert (name in frappe.get_list(DELIVERY, pluck="name", limit_page_length=0)) == seen[role]
	assert {role for role, may in seen.items() if may} == {SECRETARY}
