"""What statements that write many rows have in common: names, the stamps of a row, who wrote it, and a second try."""

from collections.abc import Callable
from typing import Any

import frappe
from frappe.query_builder import CustomFunction, DocType
from frappe.query_builder.functions import Coalesce
from frappe.utils import now_datetime
from pypika.queries import QueryBuilder, Table
from pypika.terms import Criterion, Term, ValueWrapper

from grid_governance.scope.rules import subtree

KEY_LENGTH, SHARED = 20, 8
"""Characters of a name, of the 64 of a digest: 80 bits, so that the rows of a county and ten years have one each; and
how many of them are shared by rows that belong together."""

TRIES = 3
"""How often a chunk is begun that the database gave up for the sake of another transaction."""

digest = CustomFunction("SHA2", ["text", "bits"])
joined = CustomFunction("CONCAT_WS", ["between", "one", "other", "third"])
left = CustomFunction("LEFT", ["text", "length"])
greatest = CustomFunction("GREATEST", ["one", "other"])
least = CustomFunction("LEAST", ["one", "other"])


def name_of(doctype: str, *parts: Term, below: Term | None = None) -> Term:
	"""Return the name of a row of *doctype* that is known by two *parts*: the same for the same, and none can be guessed
	by whoever does not know the names of what it is made of.

	*below*: the name of a row to which many belong. Theirs begin alike, so that they are written side by side.
	"""
	own = digest(joined("|", doctype, *parts), 256)
	if below is None:
		return left(own, KEY_LENGTH)
	return joined("", left(below, SHARED), left(own, KEY_LENGTH - SHARED), "")


def insert(doctype: str, values: dict[str, Any], source: QueryBuilder) -> int:
	"""Write a row of *doctype* with *values* (terms and constants) for each row of *source*, a query without columns, and
	return how many there are of them.

	What is there already by a unique key stays as it is. The rows carry what Frappe stamps on a new document.
	"""
	now = now_datetime()
	user = frappe.session.user
	values = {"owner": user, "modified_by": user, "creation": now, "modified": now, "docstatus": 0} | values
	terms = [value if isinstance(value, Term) else ValueWrapper(value) for value in values.values()]
	run(
		frappe.qb.into(DocType(doctype)).columns(*values).ignore().from_(_selected(source, terms)).select("*")
	)
	return changed()


def run(query: QueryBuilder) -> int:
	"""Run *query*, which changes rows, and return how many it changed."""
	query.run()
	return changed()


def changed() -> int:
	"""Return how many rows the last statement wrote."""
	return frappe.db._cursor.rowcount


def within(table: Table, path: str) -> Criterion:
	"""Return the condition of the rows of *table* that lie in the node at *path* and below."""
	lo, hi = subtree(path)
	return (table.grid_path >= lo) & (table.grid_path < hi)


def number(term: Term) -> Term:
	"""Return *term*, 0 where it is nothing."""
	return Coalesce(term, 0)


def again(work: Callable[..., Any], *args: object, tries: int = TRIES) -> Any:
	"""Do *work*, a whole transaction, commit it and return what it returned; begin anew when another transaction was in the
	way.

	Statements that read many rows to write others lock none of those they read, so that visits go on being saved meanwhile. Raises what stands in the way at the last of *tries*.
	"""
	frappe.db.sql("set session transaction isolation level read committed")
	frappe.db.commit()  # a level holds from the next transaction on
	try:
		done = work(*args)
		frappe.db.sql("set session tx_isolation = default")
		frappe.db.commit()  # a job's own: what is written stays when a later chunk fails
		return done
	except Exception as error:
		frappe.db.sql("set session tx_isolation = default")
		frappe.db.rollback()
		if tries == 1 or not isinstance(error, frappe.QueryDeadlockError | frappe.QueryTimeoutError):
			raise
		return again(work, *args, tries=tries - 1)


def _selected(source: QueryBuilder, terms: list[Term]) -> QueryBuilder:
	return source.select(*(term.as_(f"value_{at}") for at, term in enumerate(terms))).as_("made")
