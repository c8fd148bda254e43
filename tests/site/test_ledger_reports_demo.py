"""The figures of a demo come out of the reports on the ledger."""

import frappe

from grid_governance.grid_structure.report.grid_structure_and_size import grid_structure_and_size as structure
from grid_governance.grid_structure.rules import GRID
from grid_governance.setup import demo
from tests.factories import level_at


def test_tulingdi_has_85_households_256_people_and_3_grids(site):
	for name in demo.names():
		demo.remove(name)
	demo.load("tulingdi", now=frappe.utils.get_datetime("2025-01-31 23:59:00"))
	_columns, rows, *_rest = structure.execute({"grid": "140431203206"})
	village = rows[0]
	assert (village["households"], village["people"]) == (85, 256)
	grids = [row for row in rows if row["grid_level"] == level_at(GRID)]
	assert len(grids) == 3
	assert sum(row["households"] for row in grids) == 85
	assert sum(row["people"] for row in grids) == 256
