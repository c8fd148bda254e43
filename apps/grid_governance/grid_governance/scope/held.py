"""Which nodes and departments a user holds, remembered between requests and never older than the database.

What was read is kept in Redis under a token that stands in the database. A transaction that changes posts, paths
or the marks of roles (`renew`) writes a new token as the last thing before its commit, and until then reads
without what is remembered; a reader compares with the token of its own snapshot. So what is remembered is as
fresh as the reader's own view of the database, without a race between a commit and the cache. The row of the
token is locked for the moment of a commit only. Tokens are drawn, so that two transactions never write the same.
"""

import secrets
from typing import NamedTuple

import frappe
from frappe.query_builder import DocType
from frappe.utils import getdate

from grid_governance.scope import rules
from grid_governance.scope.custom_fields import BY_POST, SITE_WIDE

TOKEN = "GRID-SCOPE"
"""Name of the row of Frappe's table of counters that holds the token."""

CACHE = "grid_holdings"
LARGEST = 2**31 - 1


class Holding(NamedTuple):
	"""What some roles give a user today.

	`roots`: the paths of the highest nodes in which posts give one of them, in order, none below another; None when
	one holds in every grid. `departments`: those in which posts give one of them. `own`: one is the user's by no
	post, and no post may give it.
	"""

	roots: tuple[str, ...] | None
	departments: tuple[str, ...]
	own: bool


EVERYTHING = Holding(None, (), True)


def holding(user: str, granting: frozenset[str]) -> Holding:
	"""Return what *user* holds today by any of the roles *granting*."""
	roles = tuple(sorted(frappe.get_roles(user)))
	if _changing():
		return _read(user, granting, roles)
	stamp = (_token(), str(getdate()), roles)
	field = f"{user}|{','.join(sorted(granting))}"
	known = frappe.cache.hget(CACHE, field)
	if known and known[0] == stamp:
		return Holding(*known[1])
	found = _read(user, granting, roles)
	frappe.cache.hset(CACHE, field, (stamp, tuple(found)))
	return found


def renew() -> None:
	"""Make everything forget what was remembered: here at once, elsewhere with the commit of this transaction.

	Called after each change of an assignment, of the tree or of a role's marks, set-based ones included.
	"""
	if _changing():
		return
	frappe.db.grid_scope_changing = True
	frappe.db.before_commit.add(_write_token)
	frappe.db.after_commit.add(_settle)
	frappe.db.after_rollback.add(_settle)


def _changing() -> bool:
	"""Say whether the transaction of this connection has changed something that is remembered."""
	return getattr(frappe.db, "grid_scope_changing", False)


def _settle() -> None:
	frappe.db.grid_scope_changing = False
	frappe.local.grid_scope_token = None


def _write_token() -> None:
	frappe.db.sql(
		"""insert into `tabSeries` (name, current) values (%(name)s, %(token)s)
		on duplicate key update current = %(token)s""",
		{"name": TOKEN, "token": 1 + secrets.randbelow(LARGEST)},
	)


def _token() -> int:
	# Once a request: its snapshot does not change.
	known: int | None = getattr(frappe.local, "grid_scope_token", None)
	if known is None:
		series = DocType("Series")
		row = frappe.qb.from_(series).select(series.current).where(series.name == TOKEN).run()
		known = frappe.local.grid_scope_token = row[0][0] if row else 0
	return known


def _read(user: str, granting: frozenset[str], roles: tuple[str, ...]) -> Holding:
	role, post, today = DocType("Role"), DocType("Grid Post Assignment"), getdate()
	mine = granting & set(roles)
	marks = (
		frappe.qb.from_(role).select(role[SITE_WIDE], role[BY_POST]).where(role.name.isin(sorted(mine))).run()
		if mine
		else ()
	)
	if any(site_wide for site_wide, _by_post in marks):
		return EVERYTHING
	posts = (
		frappe.qb.from_(post)
		.select(post.grid_path, post.department)
		.distinct()
		.where((post.user == user) & (post.from_date <= today))
		.where(post.to_date.isnull() | (post.to_date >= today))
		.where(post.role.isin(sorted(granting) or [""]))
		.run()
	)
	roots = rules.merge(rules.subtree(path) for path, department in posts if not department)
	return Holding(
		roots=tuple(lo for lo, _hi in roots),
		departments=tuple(sorted({department for _path, department in posts if department})),
		own=any(not by_post for _site_wide, by_post in marks),
	)
