"""What may go wrong with the database or the disk while an import writes, and what is to be done about it. Pure Python."""

import errno

AGAIN, LOST, FULL = "Again", "Lost", "Full"
"""The part is planned anew; the database is waited for; somebody has to make room first."""

NUMBERS = {
	# a lock was waited for too long, two transactions waited for each other, somebody wrote such a row a moment before
	AGAIN: (1205, 1213, 1020, 1062),
	# the server is not there, goes down, ends the connection or is not to be reached
	LOST: (0, 1040, 1053, 1080, 1152, 1158, 1159, 1160, 1161, 1203, 1226, 1927, 2002, 2003, 2006, 2013, 2055),
	# its disk, its table space or its temporary folder is full
	FULL: (3, 20, 1021, 1026, 1030, 1114, 1878),
}
"""Error numbers of MariaDB and of its client library."""

OF_ROWS = (1048, 1264, 1265, 1292, 1364, 1366, 1406, 1690)
"""A value is missing, out of range, cut off, none of its type, written in signs that the column has not, too long."""


def kind(error: BaseException | None) -> str | None:
	"""Return AGAIN, LOST or FULL for an *error* of the database or of the files, None for every other one.

	By its number: two drivers raise errors, whose classes have nothing in common, and Frappe wraps some of them.
	"""
	if error is None:
		return None
	if isinstance(error, OSError):
		return FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else None
	if "mysql" not in type(error).__module__.lower():
		return kind(error.__cause__)
	number = error.args[0] if error.args else None
	return next((found for found, numbers in NUMBERS.items() if number in numbers), None)


def is_of_rows(error: BaseException | None) -> bool:
	"""Say whether the database refused the rows that it was given: a value that does not fit its column."""
	if error is None:
		return False
	if "mysql" not in type(error).__module__.lower():
		return is_of_rows(error.__cause__)
	return bool(error.args) and error.args[0] in OF_ROWS
