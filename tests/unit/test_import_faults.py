"""What is done about an error, whichever driver raises it and whatever Frappe wraps around it."""

import errno

import MySQLdb
import pymysql
import pytest

from grid_governance.grid_ledger.importing import faults


@pytest.mark.parametrize(
	("error", "kind"),
	[
		(MySQLdb.OperationalError(1213, "Deadlock found"), faults.AGAIN),
		(MySQLdb.IntegrityError(1062, "Duplicate entry"), faults.AGAIN),
		(pymysql.err.OperationalError(1205, "Lock wait timeout exceeded"), faults.AGAIN),
		(MySQLdb.OperationalError(2013, "Lost connection"), faults.LOST),
		(pymysql.err.OperationalError(2003, "Can't connect"), faults.LOST),
		(pymysql.err.InterfaceError(0, ""), faults.LOST),
		(MySQLdb.OperationalError(1114, "The table is full"), faults.FULL),
		(OSError(errno.ENOSPC, "No space left on device"), faults.FULL),
		(OSError(errno.EACCES, "Permission denied"), None),
		(MySQLdb.ProgrammingError(1146, "No such table"), None),
		(KeyError(1213), None),
		(KeyError(0), None),
		(ValueError(), None),
		(None, None),
	],
)
def test_kinds(error, kind):
	assert faults.kind(error) == kind


def test_what_is_wrapped_is_known_by_its_cause():
	try:
		try:
			raise pymysql.err.OperationalError(1213, "Deadlock found")
		except pymysql.err.OperationalError as error:
			raise RuntimeError("wrapped") from error
	except RuntimeError as error:
		assert faults.kind(error) == faults.AGAIN
		assert not faults.is_of_rows(error)


def test_rows_that_do_not_fit():
	assert faults.is_of_rows(MySQLdb.DataError(1406, "Data too long"))
	assert not faults.is_of_rows(MySQLdb.OperationalError(1114, "The table is full"))
	assert not faults.is_of_rows(ValueError(1406))
	assert not faults.is_of_rows(None)
