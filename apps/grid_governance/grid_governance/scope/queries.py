"""What a user may see: ranges of grid paths, and the conditions made from them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import frappe
from frappe.query_builder import DocType
from frappe.utils import getdate
from pypika.queries import Table
from pypika.terms import Criterion, EmptyCriterion, LiteralValue, Term, ValueWrapper

from grid_governance.grid_structure.rules import position
from grid_governance.scope import held, rules
from grid_governance.scope.branches import DEPARTMENT, HOUSEHOLD, NAMED, Reader, quoted
from grid_governance.scope.custom_fields import BY_POST, SITE_WIDE
from grid_governance.scope.registry import (
	BRANCHES,
	BY_PLACE,
	GRID_DOCTYPES,
	GUARDED,
	is_about_persons,
	limited_doctypes,
	limiting_field,
)
from grid_governance.scope.schema import LEVEL_COLUMNS

READING = ("read", "select")
RIGHTS = ("read", "write", "create", "delete", "report", "export", "print", "import")


def ranges(user: str, doctype: str, ptype: str = "read") -> tuple[rules.Range, ...]:
	"""Return the parts of the grid tree in which *user* has the right *ptype* on *doctype*.

	Made from the posts the user holds today whose role grants that right; merged, in order, empty for
	a user without such a post, and for one who works for a department. A site-wide role gives `rules.EVERYWHERE`.
	"""
	roots = reader(user, doctype, ptype).holding.roots
	return rules.EVERYWHERE if roots is None else tuple(map(rules.subtree, roots))


def covers(path: str, user: str, doctype: str, ptype: str = "read") -> bool:
	"""Say whether *user* has the right *ptype* on rows of *doctype* that lie at *path*."""
	return rules.covers(ranges(user, doctype, ptype), path)


def roles_at(path: str, user: str | None = None, department: str | None = None) -> set[str]:
	"""Return the roles of *user* (default: the session's) that count at *path*, or in *department*.

	A role that posts give counts only where a post held today gives it: a secretary of one village who is
	a member in another takes a secretary's steps in the first only, and an officer hers on what was given to her
	department. Other roles count everywhere.
	"""
	user = user or frappe.session.user
	rights = _rights(user)
	if user == "Administrator":
		return rights.roles
	here = {
		role
		for role, root, works_for in rights.posts
		if (works_for == department if works_for else path.startswith(root))
	}
	return rights.roles - (rights.post_roles - here)


def criterion(
	doctype: str, user: str | None = None, ptype: str = "read", table: Table | None = None
) -> Criterion:
	"""Return the condition that keeps a query on *doctype* inside the scope of *user*.

	*user* defaults to the session's, *table* to the DocType's own. Always safe to put in a `where`: it is
	empty for a user who sees everything and false for one who sees nothing.
	"""
	found = conditions(doctype, user, ptype, table)
	if found is None:
		return EmptyCriterion()
	return Criterion.any(found) if found else _literal(1) == _literal(0)


def conditions(
	doctype: str, user: str | None = None, ptype: str = "read", table: Table | None = None
) -> list[Criterion] | None:
	"""Return what `criterion` is made of: one condition for each way to a row that the user has.

	None for a user who sees everything, empty for one who sees nothing.
	"""
	table, right = table or DocType(doctype), _taken(doctype, ptype)
	who = reader(user or frappe.session.user, doctype, right)
	ways, guard = _ways(doctype, table, who), _guard(doctype, who.user, ptype, table)
	if (
		who.user != "Administrator"
		and ptype != "create"
		and frappe.get_meta(doctype).get("permissions", {"if_owner": 1})
	):
		ways = _with_own_rows(doctype, table, who, right, ways)
	if guard is None:
		return ways
	return [guard] if ways is None else [way & guard for way in ways]


def _ways(doctype: str, table: Table, who: Reader) -> list[Criterion] | None:
	roots = who.holding.roots
	if roots is None:
		return None
	ways = [branch.condition(doctype, table, who) for branch in BRANCHES.get(doctype, ())]
	ways.insert(0, _in_grids(doctype, table, roots) if roots else None)
	return [way for way in ways if way is not None]


def _with_own_rows(
	doctype: str, table: Table, who: Reader, right: str, ways: list[Criterion] | None
) -> list[Criterion] | None:
	"""Return *ways* as far as rules give them for anybody's rows, and for what the user made herself where they do not.

	Frappe asks a document for its owner as the client sent it; here it is the stored one.
	"""
	anybodys = _holder(who.user, _granting_roles(doctype, right, also_own_rows=False))
	free, own = _ways(doctype, table, anybodys), table.owner == quoted(who.user)
	if free is None:
		return None
	return [*free, *([own] if ways is None else (way & own for way in ways))]


@contextmanager
def taking(right: str) -> Iterator[None]:
	"""Let *right* ("export") count for reading people as long as the context lasts: what is taken out of the house is
	taken only from grids in which the user has it."""
	before = frappe.local.flags.grid_taking
	frappe.local.flags.grid_taking = right
	try:
		yield
	finally:
		frappe.local.flags.grid_taking = before


def _taken(doctype: str, ptype: str) -> str:
	right = frappe.local.flags.grid_taking
	return right if right and ptype in (*READING, "report") and is_about_persons(doctype) else ptype


def open_rows(doctype: str, ptype: str = "read", table: Table | None = None) -> Criterion:
	"""Return the condition of the rows of *doctype* that no guard keeps from the session's user, wherever they lie.

	For what is counted by the place of another row; `criterion` says this too. Empty where nothing is kept from her.
	"""
	guard = _guard(doctype, frappe.session.user, ptype, table or DocType(doctype))
	return EmptyCriterion() if guard is None else guard


def _guard(doctype: str, user: str, ptype: str, table: Table) -> Criterion | None:
	"""Return the condition for the rows that no guard keeps from *user*, None when there is nothing to keep."""
	guard = GUARDED.get(doctype)
	roots = reader(user, guard.doctype, ptype).holding.roots if guard else None
	if not guard or roots is None:
		return None
	open_to_all = table[guard.field] == _literal(0)
	return open_to_all | _in_grids(doctype, table, roots) if roots else open_to_all


def reader(user: str, doctype: str, ptype: str = "read") -> Reader:
	"""Return *user* with what her posts and roles give her for the right *ptype* on *doctype*."""
	if user == "Administrator":
		return Reader(user, held.EVERYTHING)
	return _holder(user, _granting_roles(doctype, ptype))


def _holder(user: str, roles: set[str]) -> Reader:
	return Reader(user, held.holding(user, frozenset(roles)))


def role_rights() -> list[frappe._dict]:
	"""Return what each role may do on the app's own DocTypes and on those an administrator limited by grid.

	One row for each permission rule: `role`, `doctype`, `permlevel`, `if_owner`, the rights of `RIGHTS` (0 or 1)
	and `where` the rule holds, one or more of "everywhere"; "post", in the grids of the post that gives the role;
	"department", for what is given to the department of the post; "named", where the reader stands in the row;
	"household", for her own household; or alone "nowhere", for a role that opens no row, and "unlimited", for a
	DocType whose rows lie in no grid.
	"""
	modules = frappe.get_all(
		"Module Def", filters={"app_name": "grid_governance"}, pluck="name", order_by="name asc"
	)
	own = frappe.get_all(
		"DocType", filters={"module": ["in", modules], "istable": 0}, pluck="name", order_by="name asc"
	)
	limited = set(limited_doctypes())
	marks = {
		role.name: role
		for role in frappe.get_all(
			"Role", fields=["name", BY_POST, SITE_WIDE], order_by="name asc", limit_page_length=0
		)
	}
	posts: dict[str, set[bool]] = {}
	for post in frappe.get_all("Grid Post", fields=["role", "works_for_department"], order_by="name asc"):
		posts.setdefault(post.role, set()).add(bool(post.works_for_department))
	found = []
	for doctype in sorted(limited | set(own)):
		for rule in frappe.get_meta(doctype).permissions:
			role = marks.get(rule.role) or frappe._dict()
			where = _places(doctype, role, posts.get(rule.role, {False}))
			found.append(
				frappe._dict(
					role=rule.role,
					doctype=doctype,
					permlevel=rule.permlevel or 0,
					if_owner=rule.if_owner or 0,
					where=where if doctype in limited else ("unlimited",),
					**{right: int(bool(rule.get(right))) for right in RIGHTS},
				)
			)
	return sorted(found, key=lambda row: (row.role, row.doctype, row.permlevel))


def _places(doctype: str, role: frappe._dict, of_departments: set[bool]) -> tuple[str, ...]:
	if role.get(SITE_WIDE):
		return ("everywhere",)
	ways = {branch.kind for branch in BRANCHES.get(doctype, ())}
	by_post = bool(role.get(BY_POST))
	open_ = {
		"post": by_post and False in of_departments,
		DEPARTMENT: by_post and True in of_departments and DEPARTMENT in ways,
		NAMED: NAMED in ways,
		HOUSEHOLD: not by_post and HOUSEHOLD in ways,
	}
	return tuple(way for way, is_open in open_.items() if is_open) or ("nowhere",)


def forget() -> None:
	"""Drop what was read of posts, paths and marks of roles; called after each change of an assignment, the
	tree or a role's marks, set-based ones included."""
	frappe.local.grid_rights = {}
	held.renew()


class _Rights:
	"""What a user holds: roles, which of them hold everywhere or only by a post, and today's posts.

	`posts` are (role, grid path, department or None).
	"""

	def __init__(self, user: str, roles: frozenset[str]) -> None:
		self.roles = set(roles)
		marked = frappe.get_all(
			"Role",
			filters={"name": ["in", sorted(self.roles)]},
			fields=["name", BY_POST, SITE_WIDE],
			order_by="name asc",
		)
		self.site_wide_roles = {role.name for role in marked if role[SITE_WIDE]}
		self.post_roles = {role.name for role in marked if role[BY_POST]} - self.site_wide_roles
		self.posts = _current_posts(user)


def _rights(user: str) -> _Rights:
	# For the length of one request.
	known: dict[tuple, _Rights] = getattr(frappe.local, "grid_rights", None) or {}
	key = (user, frozenset(frappe.get_roles(user)))
	if key not in known:
		known[key] = _Rights(*key)
		frappe.local.grid_rights = known
	return known[key]


def _current_posts(user: str) -> tuple[tuple[str, str, str | None], ...]:
	post, today = DocType("Grid Post Assignment"), getdate()
	return (
		frappe.qb.from_(post)
		.select(post.role, post.grid_path, post.department)
		.where((post.user == user) & (post.from_date <= today))
		.where(post.to_date.isnull() | (post.to_date >= today))
		.orderby(post.grid_path)
		.run()
	)


def _granting_roles(doctype: str, ptype: str, also_own_rows: bool = True) -> set[str]:
	"""The roles that have the right *ptype*; without those that have it on rows of their own only, if asked."""
	wanted = READING if ptype in READING else (ptype,)
	return {
		permission.role
		for permission in frappe.get_meta(doctype).permissions
		if not permission.permlevel
		and any(permission.get(right) for right in wanted)
		and (also_own_rows or not permission.if_owner)
	}


def _in_grids(doctype: str, table: Table, roots: tuple[str, ...]) -> Criterion:
	if doctype in GRID_DOCTYPES:
		return _below(table, roots)
	grid = DocType("Grid")
	link = table[limiting_field(doctype) or "grid"]
	return link.isin(frappe.qb.from_(grid).select(grid.name).where(_below(grid, roots)))


def _below(table: Table, roots: tuple[str, ...]) -> Criterion:
	levels = set(map(position, roots))
	column = LEVEL_COLUMNS.get(levels.pop()) if len(levels) == 1 else None
	if column and not _is_by_place(table):
		return (
			table[column] == _literal(roots[0]) if len(roots) == 1 else table[column].isin(_literals(roots))
		)
	# Nodes of several levels: all ranges on the one column, since an OR over several columns is slow.
	return _between(table, roots)


def _is_by_place(table: Table) -> bool:
	"""Say whether *table*, whatever the condition of which DocType is put on it, has no columns for the levels."""
	return getattr(table, "_table_name", "").removeprefix("tab") in BY_PLACE


def _between(table: Table, roots: tuple[str, ...]) -> Criterion:
	return Criterion.any(
		(table.grid_path >= _literal(lo)) & (table.grid_path < _literal(hi))
		for lo, hi in map(rules.subtree, roots)
	)


def _literal(value: str | int) -> Term:
	"""A path or a number as SQL text: list hooks return text, and paths are made of digits by rule."""
	return ValueWrapper(value)


def _literals(paths: Iterable[str]) -> Term:
	"""Paths as the text of an SQL list. As single terms, two thousand of them cost more than the query."""
	return LiteralValue("('" + "','".join(paths) + "')")
