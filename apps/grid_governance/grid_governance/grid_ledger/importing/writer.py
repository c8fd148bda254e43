"""New rows in bulk, over a connection of their own (the house's decision 5).

Frappe's own connection reads, and saves what is changed as documents. What is new goes over a second one, a part of the file
at a time: its rows, what there is to say of them and how far the import has come, in one transaction. The database writes
one part while the next is planned, so both cores of a small server work.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from operator import itemgetter
from typing import Any, NamedTuple

import frappe
import MySQLdb
from cryptography.fernet import Fernet
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from frappe.utils import now
from frappe.utils.password import get_encryption_key
from pypika import Parameter, Table

from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.importing.shapes import Part, Secret, Values
from grid_governance.grid_ledger.rules.households import GONE

PACKET = 1 << 20
"""Bytes of one statement, well below what any server takes (max_allowed_packet)."""

CONNECT_SECONDS = 10


class OvertakenError(Exception):
	"""Another job has gone on with this import meanwhile, or somebody stopped it: nothing of the part is written."""


class Statement(NamedTuple):
	"""A statement and its rows of values; `changes` is how many rows it has to change, None for any number."""

	query: str
	rows: Sequence[Sequence[Any]]
	changes: int | None = None


class Writer:
	"""The connection that rows are written over. `begin` and `end` go in pairs; between them the database works."""

	def __init__(self) -> None:
		settings = frappe.db.get_connection_settings()
		self._settings = {key: settings[key] for key in settings if key not in ("conv", "local_infile")}
		self._settings |= {"autocommit": False, "connect_timeout": CONNECT_SECONDS}
		self._connection: MySQLdb.Connection | None = None
		self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger-import")
		self._writing: Future[None] | None = None

	def begin(self, statements: Sequence[Statement]) -> None:
		"""Let *statements* be written in one transaction, all or none of them, while the caller does something else."""
		self.end()
		self._writing = self._thread.submit(self._write, statements)

	def end(self) -> None:
		"""Wait until what was begun is written. Raises OvertakenError, MySQLdb.Error: then nothing of it is."""
		writing, self._writing = self._writing, None
		if writing:
			writing.result()

	def abandon(self) -> None:
		"""Wait for what was begun, whatever becomes of it."""
		with suppress(Exception):
			self.end()

	def close(self) -> None:
		"""Wait for what was begun, whatever becomes of it, and let the connection go."""
		self._thread.shutdown()
		self._drop()

	def _write(self, statements: Sequence[Statement]) -> None:
		try:
			if not self._connection:
				self._connection = MySQLdb.connect(**self._settings)
			cursor = self._connection.cursor()
			cursor.max_stmt_length = PACKET
			for query, rows, changes in statements:
				changed = cursor.executemany(query, rows)
				if changes is not None and changed != changes:
					raise OvertakenError
			self._commit()
		except BaseException:
			self._drop()  # the server takes back what was not committed
			raise

	def _commit(self) -> None:
		self._connection.commit()

	def _drop(self) -> None:
		connection, self._connection = self._connection, None
		if connection:
			connection.close()


class Rows:
	"""Makes the statements that write rows as the session user would have saved them: what a row does not say is as in a
	new document."""

	def __init__(self) -> None:
		self._new: dict[str, Values] = {}
		self._cipher = Fernet(
			get_encryption_key().encode()
		)  # made once; `frappe.utils.password` makes one a value

	def statements(self, part: Part) -> list[Statement]:
		"""Return what writes the new rows of *part*, in their order."""
		found = [self.insert(doctype, rows) for doctype, rows in part.new.items() if rows]
		if part.secrets:
			found.append(self._keep(part.secrets))
		if part.grown:
			found.append(_recount(part.grown))
		return found

	def insert(self, doctype: str, rows: Sequence[Values]) -> Statement:
		"""Return what writes *rows*, each with its `name`, into the table of *doctype*.

		In the order of the names: in any other one, hashes go to all pages of the primary key and of each index.
		"""
		new = self._template(doctype)
		stamped = new | dict.fromkeys(("creation", "modified"), now())
		columns = list(stamped)
		values = itemgetter(*columns)
		query = frappe.qb.into(DocType(doctype)).columns(*columns).insert(*_parameters(len(columns)))
		ordered = sorted(rows, key=itemgetter("name"))
		return Statement(query.get_sql(), [values(stamped | row) for row in ordered])

	def _template(self, doctype: str) -> Values:
		if doctype not in self._new:
			doc = frappe.new_doc(doctype)
			doc.set_user_and_timestamp()
			self._new[doctype] = dict(doc.get_valid_dict(convert_dates_to_str=True, ignore_virtual=True))
		return self._new[doctype]

	def _keep(self, secrets: Iterable[Secret]) -> Statement:
		"""Return what keeps *secrets* as `frappe.utils.password.set_encrypted_password` does."""
		auth = Table("__Auth")
		columns = ("doctype", "name", "fieldname", "password", "encrypted")
		query = frappe.qb.into(auth).columns(*columns).insert(*_parameters(len(columns)))
		encrypt = self._cipher.encrypt
		return Statement(
			query.get_sql(),
			[
				(secret.doctype, secret.name, secret.fieldname, encrypt(secret.plain.encode()).decode(), 1)
				for secret in secrets
			],
		)


def _recount(names: Iterable[str]) -> Statement:
	"""Return what counts the members of the households *names* anew, as `residents.recount` does."""
	home, member = DocType(HOUSEHOLD), DocType(RESIDENT)
	counted = (
		frappe.qb.from_(member)
		.select(member.household, Count("*").as_("members"))
		.where(member.household.isin(sorted(names)))
		.where(member.status.notin(GONE) & member.merged_into.isnull())
		.groupby(member.household)
	)
	query = (
		frappe.qb.update(home)
		.join(counted)
		.on(counted.household == home.name)
		.set(home.member_count, counted.members)
	)
	return Statement(query.get_sql(), [()])


def _parameters(count: int) -> list[Parameter]:
	return [Parameter("%s")] * count
