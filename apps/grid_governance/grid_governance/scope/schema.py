"""What the database needs so that a scope is answered from an index."""

import frappe

from grid_governance.grid_structure.rules import COUNTY, MICRO_GRID, SEGMENT, VILLAGE

LEVEL_COLUMNS = {position: f"_path_{position}" for position in range(COUNTY, MICRO_GRID)}
"""Generated columns with the path of the ancestor at a level, by position, from county to grid.

A range on `grid_path` finds a subtree, but cannot deliver its rows in another order: a list of twenty
sorted by time then either sorts the whole subtree or walks the time index past everything outside it.
An equality on one of these columns, indexed together with the sort column, does neither, and many nodes
of one level are one IN. Frappe leaves columns alone whose names begin with an underscore.

They are stored, not virtual: when MariaDB 10.11 takes an index on a virtual column and sorts by another one,
it computes the column anew without having read `grid_path`, and the rows are lost.
"""


def index_path(doctype: str, *sort_columns: str) -> None:
	"""Give the table of *doctype* its path column and the indexes that serve lists in scope.

	For `on_doctype_update`. `grid_path` becomes ascii_bin, so that digits compare as bytes and a range ends where it
	should (Frappe's own changes of a column do not write a collation, so this is looked at each time). Then
	one index `(path, sort column)` for `grid_path` and for each level column. Can be run any number of times: a table
	that has all of it is not touched, so that a transaction goes on.
	"""
	_make_path_binary(doctype)
	for sort_column in sort_columns:
		frappe.db.add_index(doctype, ["grid_path", sort_column])
	there = _columns(doctype)
	for position, column in LEVEL_COLUMNS.items():
		if column not in there:
			_add_level_column(doctype, column, SEGMENT * position)
		for sort_column in sort_columns:
			frappe.db.add_index(doctype, [column, sort_column])


def index_place(doctype: str, *columns: str) -> None:
	"""Give the table of *doctype* its path column and one index `(grid_path, *columns)`, for lists in the order of places.

	For `on_doctype_update`, instead of `index_path`, where many rows are written at once: a range of paths comes out of
	this index in the order of the paths for a reader of any level, so that it takes the place of the level columns and
	their indexes. The DocType stands in `registry.BY_PLACE` and its `sort_field` is `grid_path`. Frappe's own index on
	`modified` goes: no list is in that order. Can be run any number of times.
	"""
	_make_path_binary(doctype)
	frappe.db.add_index(doctype, ["grid_path", *columns], "by_place")
	if frappe.db.has_index(f"tab{doctype}", "modified"):
		frappe.db.sql_ddl(f"alter table `tab{doctype}` drop index `modified`")


def index_report(doctype: str, name: str, *columns: str) -> None:
	"""Give the table of *doctype* the index *name*, from which a report is answered without reading the rows.

	For `on_doctype_update`, after `index_path`: the level columns follow *columns*, for the scope's condition.
	Their order is what makes a report fast: its groups first (`reporting.count`), in the order in which it
	groups. An index of this name with other columns is replaced. Can be run any number of times.
	"""
	wanted = (*columns, *LEVEL_COLUMNS.values())
	found = frappe.db.sql(
		"""select column_name from information_schema.statistics
		where table_schema = database() and table_name = %s and index_name = %s order by seq_in_index""",
		(f"tab{doctype}", name),
	)
	if tuple(column for (column,) in found) != wanted:
		listed = ", ".join(f"`{column}`" for column in wanted)
		frappe.db.sql_ddl(
			f"alter table `tab{doctype}` drop index if exists `{name}`, add index `{name}` ({listed})"
		)


def unique_in_village(doctype: str, column: str) -> None:
	"""Let *column* of *doctype* stand once in a village; empty ones, which have to be NULL, as often as they like.

	For `on_doctype_update`, after `index_path`. Can be run any number of times; a table that has it is not touched.
	"""
	index = f"{column}_in_village"
	if not frappe.db.has_index(f"tab{doctype}", index):
		frappe.db.sql_ddl(
			f"alter table `tab{doctype}` add unique index `{index}` (`{LEVEL_COLUMNS[VILLAGE]}`, `{column}`)"
		)


def _make_path_binary(doctype: str) -> None:
	collation = frappe.db.sql(
		"""select collation_name from information_schema.columns
		where table_schema = database() and table_name = %s and column_name = 'grid_path'""",
		f"tab{doctype}",
	)
	if collation and collation[0][0] != "ascii_bin":
		frappe.db.sql_ddl(
			f"alter table `tab{doctype}` modify `grid_path` varchar(32) character set ascii collate ascii_bin"
		)


def _columns(doctype: str) -> set[str]:
	"""Asked of the database: what Frappe remembers of a table does not know the columns made here."""
	rows = frappe.db.sql(
		"select column_name from information_schema.columns where table_schema = database() and table_name = %s",
		f"tab{doctype}",
	)
	return {column for (column,) in rows}


def _add_level_column(doctype: str, column: str, length: int) -> None:
	frappe.db.sql_ddl(
		f"""alter table `tab{doctype}` add column `{column}` varchar({length})
		character set ascii collate ascii_bin generated always as (left(`grid_path`, {length})) stored"""
	)
