"""Writing in bulk past Frappe: the floor that MariaDB sets, indexes that are built later, traces that are cleared away.

The floor is rows that stand already, written once more by MariaDB's own bulk load over its C connector. Nothing is read from
a file of people, checked, encrypted or named here: texts that are ready go into the same tables with the same indexes, in
one transaction. Faster does not go with this database.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import frappe
import MySQLdb
from MySQLdb.connections import Connection
from MySQLdb.cursors import Cursor

from bootstrap import paths, settings

PATIENCE, FEW = 10, 50
"""Seconds, and transactions whose traces are no burden."""

ROOT = Path(__file__).parent.parent
NEWLINE, TAB, ESCAPE, NULL = "\n", "\t", "\\", r"\N"
ESCAPED = str.maketrans({ESCAPE: ESCAPE * 2, TAB: r"\t", NEWLINE: r"\n", "\r": r"\r"})


@dataclass(frozen=True)
class Dump:
	"""The rows of a table in a file, and its columns in their order."""

	table: str
	columns: tuple[str, ...]
	file: Path
	rows: int


def dump(tables: Mapping[str, str], folder: Path) -> list[Dump]:
	"""Write the rows of *tables* (a condition by table) into files of *folder*, as LOAD DATA reads them."""
	found = []
	with closing(_connection()) as connection:
		for table, condition in tables.items():
			file = folder / f"{table}.tsv"
			with (
				closing(connection.cursor()) as cursor,
				file.open("w", encoding="utf-8", newline="") as lines,
			):
				columns = _columns(cursor, table)
				listed = ", ".join(f"`{column}`" for column in columns)
				cursor.execute(f"select {listed} from `{table}` where {condition} order by name")  # noqa: S608
				for row in cursor:
					lines.write(TAB.join(map(_written, row)) + NEWLINE)
				found.append(Dump(table, columns, file, cursor.rowcount))
	return found


def load(dumps: list[Dump]) -> float:
	"""Load *dumps* into their tables, whose rows are gone, in one transaction; return the seconds."""
	with _allowed(), closing(_connection()) as connection, closing(connection.cursor()) as cursor:
		begin = time.perf_counter()
		for each in dumps:
			columns = ", ".join(f"`{column}`" for column in each.columns)
			cursor.execute(
				f"load data local infile %s into table `{each.table}` character set utf8mb4 ({columns})",
				(str(each.file),),
			)
			if cursor.rowcount != each.rows:
				raise AssertionError(f"{each.table}: {cursor.rowcount} of {each.rows} rows were loaded")
		connection.commit()
		return time.perf_counter() - begin


def settle(few: int = FEW) -> None:
	"""Wait until MariaDB has cleared away what was deleted, but for *few* transactions, of which one may have deleted much:
	it would be counted with whatever comes next.

	Not for ever, since others may go on deleting.
	"""
	with closing(_root()) as root, closing(root.cursor()) as cursor:
		for _second in range(PATIENCE):
			cursor.execute(
				"select count from information_schema.innodb_metrics where name = 'trx_rseg_history_len'"
			)
			(waiting,) = cursor.fetchone()
			if waiting <= few:
				return
			time.sleep(1)


@contextmanager
def indexes_later(doctype: str, unique: bool = True) -> Iterator[None]:
	"""Take the indexes of an empty table away, without *unique* only those that keep no rows unique, and build them when it is
	full: sorted once, not a million times."""
	found = frappe.db.sql(
		"""select index_name, if(max(non_unique), 'index', 'unique index'),
			group_concat(concat('`', column_name, '`') order by seq_in_index)
		from information_schema.statistics where table_schema = database() and table_name = %s
			and index_name != 'PRIMARY' and non_unique >= %s group by index_name""",
		(f"tab{doctype}", not unique),
	)
	gone = ", ".join(f"drop index `{name}`" for name, _kind, _columns in found)
	made = ", ".join(f"add {kind} `{name}` ({columns})" for name, kind, columns in found)
	frappe.db.sql_ddl(f"alter table `tab{doctype}` {gone}")
	try:
		yield
	finally:
		frappe.db.sql_ddl(f"alter table `tab{doctype}` {made}")


def _columns(cursor: Cursor, table: str) -> tuple[str, ...]:
	"""The columns of *table* that are not made from others."""
	cursor.execute(
		"""select column_name from information_schema.columns where table_schema = database()
		and table_name = %s and is_generated = 'NEVER' order by ordinal_position""",
		(table,),
	)
	return tuple(column for (column,) in cursor.fetchall())


def _written(value: object) -> str:
	return NULL if value is None else str(value).translate(ESCAPED)


def _connection() -> Connection:
	conf = frappe.conf
	return MySQLdb.connect(
		host=conf.db_host or "127.0.0.1",
		port=int(conf.db_port or 3306),
		user=conf.db_user or conf.db_name,
		password=conf.db_password,
		database=conf.db_name,
		charset="utf8mb4",
		local_infile=1,
	)


@contextmanager
def _allowed() -> Iterator[None]:
	"""Let the bench's MariaDB take files from its clients for a while, which its configuration forbids."""
	with closing(_root()) as root, closing(root.cursor()) as cursor:
		cursor.execute("set global local_infile = 1")
		try:
			yield
		finally:
			cursor.execute(
				"set global local_infile = 0"
			)  # as configured, also where a run that was killed left it


def _root() -> Connection:
	"""The root of the bench's own MariaDB."""
	bench = paths.Bench(ROOT)
	password = settings.load(bench.settings_file).db_root_password
	return MySQLdb.connect(unix_socket=str(bench.run / "mariadb.sock"), user="root", password=password)
