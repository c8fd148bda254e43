"""Every way of writing over HTTP, tried on visits and notices by those who have nothing to do with them."""

import pytest

from tests.security.visits.conftest import DELIVERY, FILTER, GROUP, MUST, NOTICE, ROUND, ROW, VISIT, WORDS
from tests.security.writes import FORGED, GONE, UNPROVEN, WAYS, stored, trace

WRITTEN = {
	ROUND: ("ordinary_visited", 7),
	ROW: ("visited_at", "2020-01-01 00:00:00"),
	MUST: ("done_at", "2020-01-01 00:00:00"),
	VISIT: ("note", FORGED),
	NOTICE: ("notice_title", FORGED),
	DELIVERY: ("state", "Told"),
	FILTER: ("filter_name", FORGED),
	GROUP: ("group_name", FORGED),
}
"""A field of each DocType with what one would like to have there."""

PROVEN = {GROUP: set(WAYS) - GONE - UNPROVEN - {"calendar", "PUT with the own grid"}, FILTER: GONE}
"""Ways by which the Administrator leaves a trace on a row of the DocType: the others cannot be proven here."""

BY_THE_SYSTEM = (ROUND, ROW, MUST, DELIVERY)
"""What nobody enters: it follows from visits, jobs and codes."""


def writers(world):
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


EDITS = (
	"PUT",
	"set_value",
	"form",
	"bulk update",
	"edit of a list",
	"insert by its name",
	"delete",
	"DELETE",
)
ANSWERED_ROW_BY_ROW = ("bulk update", "edit of a list")
WORKING = ("Township Office", "Village Secretary", "Grid Member")


@pytest.mark.parametrize("way", EDITS)
def test_what_the_system_counts_is_written_by_nobody(world, way):
	"""Not by those who work there, either: coverage and reach cannot be typed."""
	for who in WORKING:
		user = world.inside[who]
		for doctype in BY_THE_SYSTEM:
			before = stored(doctype, world.kept[doctype])
			answer = WAYS[way](world, user, doctype, world.kept[doctype], WRITTEN[doctype])
			assert answer.refused or way in ANSWERED_ROW_BY_ROW, (who, doctype)
			assert stored(doctype, world.kept[doctype]) == before, (who, doctype)
