"""What a file asks of the database: as many statements for a part of hundreds of rows as for one of a few."""

from collections.abc import Iterator, Sequence
from datetime import date

import frappe
import pytest

from benchmarks.import_residents_obstacles import OBSTACLES
from grid_governance.grid_ledger.importing import columns, lines
from grid_governance.grid_ledger.importing.families import families
from grid_governance.grid_ledger.importing.plan import Planner
from grid_governance.grid_ledger.importing.shapes import Part, Verdict
from grid_governance.grid_ledger.importing.writer import Rows
from grid_governance.spreadsheet.book import Sheet
from tests.factories import make_holder, make_township
from tests.ledger_files import one_sheet
from tests.ledger_homes import Home, Place, homes
from tests.world import inside_savepoint, taken_back

TODAY = date(2026, 3, 1)
FEW, MANY = 4, 80
"""Households."""


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""A village of two grids and its secretary."""
	with taken_back():
		town = make_township(1, 2)
		village, grids = town.villages[0], town.grids[0]
		yield frappe._dict(
			village=village,
			places=[Place(village.grid_name, grid.grid_name, grid.grid_code) for grid in grids],
			secretary=make_holder("Village Secretary", village.name),
		)


@pytest.fixture(autouse=True)
def _on_site(world: frappe._dict) -> Iterator[None]:
	yield from inside_savepoint(world)


def households(world: frappe._dict, count: int) -> list[Home]:
	return homes(world.places, count, 3 * count, 1, TODAY)


def plan(world: frappe._dict, town: Sequence[Home]) -> Part:
	"""What a file of *town* would do, uploaded by the secretary who reads Chinese."""
	frappe.set_user(world.secretary)
	language, frappe.local.lang = frappe.local.lang, "zh"
	try:
		file = one_sheet(town)
		heading, found = columns.recognise(Sheet(file.name, file.rows), columns.PEOPLE)
		known = columns.targets(columns.PEOPLE)
		taken = {each.index: known[each.key] for each in found if each.taken}
		read = lines.reader(taken, TODAY)
		rows = enumerate(file.rows[heading.first :], start=heading.first + 1)
		said = families(line for number, cells in rows if (line := read(0, number, cells)))
		targets = {target.key: target for target in taken.values()}
		return Planner(world.village.name, targets, {}, TODAY).part(said)
	finally:
		frappe.local.lang = language
		frappe.set_user("Administrator")


def verdicts(part: Part) -> set[Verdict]:
	return {outcome.verdict for outcome in part.outcomes}


def write(part: Part) -> int:
	"""Write the new rows of *part* and return how many statements the writer has for them."""
	statements = Rows().statements(part)
	for statement in statements:
		for row in statement.rows:
			frappe.db.sql(statement.query, row)
	return len(statements)


def asked(world: frappe._dict, count_queries, town: Sequence[Home], verdict: Verdict) -> int:
	"""How many statements planning *town* takes, of whose rows all come to *verdict*."""
	plan(world, town)  # what Frappe remembers of DocTypes and users is read
	with count_queries() as seen:
		part = plan(world, town)
	assert verdicts(part) == {verdict}
	assert len(part.outcomes) == 3 * len(town)
	return seen.count


def test_new_rows_cost_no_statements_of_their_own(world, count_queries):
	few, many = households(world, FEW), households(world, MANY)
	assert asked(world, count_queries, few, Verdict.NEW) == asked(world, count_queries, many, Verdict.NEW)
	assert len(Rows().statements(plan(world, few))) == len(Rows().statements(plan(world, many)))


def test_rows_that_stand_already_cost_none_either(world, count_queries):
	few, many = households(world, FEW), households(world, MANY)
	counts = []
	for town in (few, many):
		frappe.db.savepoint("ledger_of_one_size")
		write(plan(world, town))
		counts.append(asked(world, count_queries, town, Verdict.UNCHANGED))
		frappe.db.rollback(save_point="ledger_of_one_size")
	assert counts[0] == counts[1]


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_what_the_benchmark_takes_away_is_there(world, obstacle):
	whole = plan(world, households(world, FEW))
	with OBSTACLES[obstacle]():
		part = plan(world, households(world, FEW))
	assert {doctype: len(rows) for doctype, rows in part.new.items()} == {
		doctype: len(rows) for doctype, rows in whole.new.items()
	}
