"""Every way of writing over HTTP, tried on households and people by those who have nothing to do with them.

What hangs on a row is looked at as well: remarks, files, tags, tasks, followers.
"""

import frappe
import pytest

from tests.security.ledger.conftest import (
	ACCESS,
	ASKED,
	CARE,
	CENTRE,
	CHANGE,
	COMPARED,
	CONTACT,
	FACILITY,
	HOUSEHOLD,
	IDENTITY,
	IMPORT,
	LINE,
	ORGANIZATION,
	PLACE,
	RESIDENT,
	WORDS,
)
from tests.security.writes import FORGED, GONE, UNPROVEN, WAYS, stored, trace

WRITTEN = {
	HOUSEHOLD: ("address", FORGED),
	RESIDENT: ("employer", FORGED),
	IDENTITY: ("verified_on", "2020-01-01"),
	CONTACT: ("note", FORGED),
	CARE: ("note", FORGED),
	CHANGE: ("reason", FORGED),
	CENTRE: ("note", FORGED),
	PLACE: ("address", FORGED),
	FACILITY: ("note", FORGED),
	ORGANIZATION: ("legal_person", FORGED),
	ACCESS: ("reason", FORGED),
	ASKED: ("asked", FORGED),
	COMPARED: ("reason", FORGED),
	IMPORT: ("state", "Done"),
	LINE: ("answer", "Leave Out"),
}
"""A field of each DocType with what one would like to have there."""

PROVEN = {RESIDENT: set(WAYS) - GONE - UNPROVEN - {"calendar", "PUT with the own grid"}, CONTACT: GONE}
"""Ways by which the Administrator leaves a trace on a row of the DocType: the others cannot be proven here."""


def writers(world: frappe._dict) -> dict[str, str]:
	"""Those outside who may write most where they work, and somebody whose roles count nowhere."""
	return {who: world.outsiders[who] for who in ("secretary of the next village", "somebody without a post")}


@pytest.mark.parametrize(
	("doctype", "way"), [(dt, way) for dt, ways in PROVEN.items() for way in sorted(ways)]
)
def test_the_way_leads_there(world, doctype, way):
	"""Or else that nobody outside gets along it proves nothing."""
	name = world.kept[doctype]
	before = trace(doctype, name)
	answer = WAYS[way](world, "Administrator", doctype, name, WRITTEN[doctype])
	assert trace(doctype, name) != before, answer.fault or answer.text


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_written_outside(world, way):
	before = {dt: trace(dt, world.kept[dt]) for dt in WORDS}
	own = {dt: stored(dt, name) for dt, name in world.own_rows.items()}
	broken = {}
	for who, user in writers(world).items():
		for doctype in WORDS:
			answer = WAYS[way](world, user, doctype, world.kept[doctype], WRITTEN[doctype])
			if answer.status >= 500:
				broken[who, doctype] = answer.fault or answer.text
			assert trace(doctype, world.kept[doctype]) == before[doctype], (who, doctype)
	assert broken == {}
	if "own" in way and "merge" in way:
		assert {dt: stored(dt, name) for dt, name in world.own_rows.items()} == own
