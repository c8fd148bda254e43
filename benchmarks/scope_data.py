"""The data of the suite `scope`: a county, its issues and the users who read them.

One county with five townships, 205 villages and 2,031 grids at the lowest level. 200,000 issues, imported
area by area and never touched since: first those of a village (0.5 % of all rows), then those of two
townships (20 and 50 %), then those of all other grids, mixed with each other. So a list of one of these
subtrees, sorted by `modified`, begins behind 199,000, 159,000 or 59,000 newer rows.

The same rows stand in `Plain Issue`, a custom DocType with the same fields, an index on its Link `grid`
and otherwise what Frappe makes by itself.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import frappe
from frappe.utils import today

from grid_governance import scope
from grid_governance.grid_structure import actions
from grid_governance.grid_structure.rules import COUNTY, GRID, TOWNSHIP, VILLAGE
from grid_governance.scope.custom_fields import BY_POST, SITE_WIDE

OURS = "Grid Issue"
STOCK = "Plain Issue"
STOCK_ROLE = "Plain Reader"
LOADED = "grid_benchmark_scope"

GRIDS_PER_VILLAGE = 10
COUNTY_CODE = "990101"


@dataclass(frozen=True)
class Part:
	"""A part of the tree: so many grids below one node, so many rows in them."""

	name: str
	township: int
	first_village: int
	grids: int
	rows: int


HALF = Part("50 %", township=1, first_village=1, grids=1016, rows=100_000)
FIFTH = Part("20 %", township=2, first_village=1, grids=406, rows=40_000)
SMALL = Part("0.5 %", township=3, first_village=1, grids=10, rows=1_000)
REST = (
	Part("rest 1", township=3, first_village=2, grids=200, rows=19_800),
	Part("rest 2", township=4, first_village=1, grids=200, rows=19_600),
	Part("rest 3", township=5, first_village=1, grids=199, rows=19_600),
)
OLD = (SMALL, FIFTH, HALF)
PARTS = (*OLD, *REST)
GRIDS = sum(part.grids for part in PARTS)
ROWS = sum(part.rows for part in PARTS)
SINGLE_GRIDS = (10, 200, GRIDS - 1)
STRIDE = 7919
"""A prime that divides none of the counts: multiples of it, taken modulo a count, visit everything once."""


@dataclass(frozen=True)
class Case:
	"""Who reads: a user of ours, a user of stock Frappe, and the nodes both are bound to (none: everything)."""

	name: str
	ours: str
	stock: str
	nodes: tuple[str, ...]


def cases() -> list[Case]:
	"""Return the cases, the unrestricted one first. Needs the tree."""
	leaves = [name for name, _path in lowest_grids()]
	few = [
		Case(f"{count:,} grids", *_users(f"{count}-grids"), tuple(sorted(_spread(leaves, count))))
		for count in SINGLE_GRIDS
	]
	subtrees = [
		Case(f"subtree {part.name}", *_users(f"subtree-{index}"), (_root_of(part),))
		for index, part in enumerate(OLD, start=1)
	]
	return [Case("unrestricted", *_users("unrestricted"), ()), *few, *subtrees]


def ensure() -> None:
	"""Load the data unless this very data is there. Takes about a minute."""
	load(hashlib.sha256(Path(__file__).read_bytes()).hexdigest(), _fill_issues)


def load(version: str, fill: Callable[[], None]) -> None:
	"""Make tree, stock DocType and users and let *fill* write the issues, unless *version* is what is there."""
	if frappe.db.get_global(LOADED) == version:
		return
	for step in (_remove, _make_tree, _make_stock_doctype, fill, _make_users):
		step()
		scope.forget()
		frappe.db.commit()
	frappe.clear_cache()
	for doctype in (OURS, STOCK, "Grid", "Grid Post Assignment"):
		frappe.db.sql_ddl(f"analyze table `tab{doctype}`")
	frappe.db.set_global(LOADED, version)
	frappe.db.commit()


def _remove() -> None:
	"""Empty everything that the suite fills, whatever was left of an interrupted or older load."""
	frappe.db.set_global(LOADED, "")
	for doctype in (OURS, "Issue Log", "Grid Post Assignment", "Grid Worker", "Grid"):
		frappe.db.truncate(doctype)
	frappe.db.delete("Series", {"name": ("like", "GRID-%")})
	frappe.db.delete("User Permission", {"allow": "Grid"})
	if frappe.db.exists("DocType", STOCK):
		frappe.delete_doc("DocType", STOCK, force=True)
	frappe.db.sql_ddl(f"drop table if exists `tab{STOCK}`")


def _make_tree() -> None:
	actions.insert_nodes(list(_nodes()))


def _nodes() -> Iterator[dict[str, object]]:
	level = {position: name for name, position in _levels()}
	yield _node(COUNTY_CODE, level[COUNTY], None)
	villages: dict[int, int] = {}
	for township in sorted({part.township for part in PARTS}):
		yield _node(_township_code(township), level[TOWNSHIP], COUNTY_CODE)
	for part in sorted(PARTS, key=lambda part: (part.township, part.first_village)):
		for start in range(0, part.grids, GRIDS_PER_VILLAGE):
			villages[part.township] = villages.get(part.township, 0) + 1
			code = f"{_township_code(part.township)}{villages[part.township]:03}"
			yield _node(code, level[VILLAGE], _township_code(part.township))
			for number in range(1, 1 + min(GRIDS_PER_VILLAGE, part.grids - start)):
				yield {
					"grid_name": f"{code}-{number}",
					"grid_code": f"{code}{number:03}",
					"grid_level": level[GRID],
					"parent_grid": code,
				}


def _node(code: str, level: str, parent: str | None) -> dict[str, object]:
	return {
		"grid_name": code,
		"grid_code": code,
		"division_code": code,
		"grid_level": level,
		"parent_grid": parent,
	}


def _township_code(township: int) -> str:
	return f"{COUNTY_CODE}{100 + township}"


def _root_of(part: Part) -> str:
	"""The node whose subtree the part is: a township when the part is all of it, else its village."""
	whole = sum(other.township == part.township for other in PARTS) == 1
	return _township_code(part.township) + ("" if whole else f"{part.first_village:03}")


def _levels() -> list[tuple[str, int]]:
	return frappe.get_all("Grid Level", fields=["name", "position"], as_list=True, order_by="position asc")


def lowest_grids() -> list[tuple[str, str]]:
	"""The grids of the lowest level as (name, path), in the order of their paths."""
	level = {position: name for name, position in _levels()}[GRID]
	return frappe.get_all(
		"Grid",
		filters={"grid_level": level, "grid_code": ("like", f"{COUNTY_CODE}%")},
		fields=["name", "grid_path"],
		order_by="grid_path asc",
		as_list=True,
	)


def _spread(leaves: list[str], count: int) -> list[str]:
	"""`count` of the grids, spread over the whole tree."""
	return [leaves[(index * STRIDE) % len(leaves)] for index in range(count)]


def _make_stock_doctype() -> None:
	fields = [
		{
			key: field.get(key)
			for key in ("fieldname", "fieldtype", "label", "options", "length", "in_list_view", "default")
		}
		| {"search_index": int(field.fieldname == "grid")}
		for field in frappe.get_meta(OURS).fields
		if not field.get("is_custom_field")
	]
	if not frappe.db.exists("Role", STOCK_ROLE):
		frappe.get_doc({"doctype": "Role", "role_name": STOCK_ROLE, "desk_access": 1}).insert()
	frappe.get_doc(
		{
			"doctype": "DocType",
			"name": STOCK,
			"custom": 1,
			"module": "Custom",
			"autoname": "hash",
			"title_field": "title",
			"sort_field": "modified",
			"sort_order": "DESC",
			"fields": fields,
			"permissions": [{"role": STOCK_ROLE, "read": 1, "report": 1}],
		}
	).insert()


def _fill_issues() -> None:
	"""Write the rows of both DocTypes, each with one statement."""
	frappe.db.sql_ddl("drop temporary table if exists bench_rows")
	frappe.db.sql_ddl(
		"""create temporary table bench_rows (
			number int primary key, part int not null, place int not null, grid varchar(140), grid_path varchar(32))"""
	)
	frappe.db.sql_ddl("drop temporary table if exists bench_leaves")
	frappe.db.sql_ddl(
		"create temporary table bench_leaves (part int, place int, name varchar(140), path varchar(32), primary key (part, place))"
	)
	_place_leaves()
	_place_rows()
	frappe.db.sql(
		"""update bench_rows row join bench_leaves leaf on leaf.part = row.part and leaf.place = row.place
		set row.grid = leaf.name, row.grid_path = leaf.path"""
	)
	category, state, level = (
		any_of(name) for name in ("Issue Category", "Workflow State", "Resolution Level")
	)
	for doctype in (OURS, STOCK):
		frappe.db.sql(
			f"""insert into `tab{doctype}` (name, creation, modified, modified_by, owner, title, category, urgency,
				source, grid, grid_path, location_note, description, found_at, workflow_state, result, resolved_at,
				feedback, feedback_at, closed_at, resolution_level)
			select concat('GI-2025-', lpad(number, 6, '0')), at, at, 'Administrator', 'Administrator',
				concat('村口路灯不亮 ', number), %(category)s, 'General', 'Patrol', grid, grid_path, '村口',
				'村口的路灯坏了三天，晚上老人走路不便，请尽快安排维修。', at, %(state)s, '已更换灯泡，恢复照明。',
				at + interval 1 day, '满意', at + interval 2 day, at + interval 2 day, %(level)s
			from (select *, timestamp('2024-01-01') + interval number minute as at from bench_rows) row
			order by number""",  # noqa: S608
			{"category": category, "state": state, "level": level},
		)


def _place_leaves() -> None:
	"""Number the grids within their parts."""
	leaves = iter(lowest_grids())
	ordered = sorted(enumerate(PARTS), key=lambda entry: (entry[1].township, entry[1].first_village))
	rows = [(index, place, *next(leaves)) for index, part in ordered for place in range(part.grids)]
	frappe.db.sql(
		f"insert into bench_leaves values {', '.join(['%s'] * len(rows))}",  # noqa: S608
		[tuple(row) for row in rows],
	)


def _place_rows() -> None:
	"""Deal the numbers out: the old parts one after another, then the others, which share the last numbers."""
	start = 0
	for group in (*((part,) for part in OLD), REST):
		total = sum(part.rows for part in group)
		bounds, first = [], 0
		for part in group:
			bounds.append((PARTS.index(part), first, first + part.rows, part.grids))
			first += part.rows
		index = " ".join(f"when dealt < {upto} then {number}" for number, _first, upto, _grids in bounds)
		place = " ".join(
			f"when dealt < {upto} then mod(dealt - {first}, {grids})"
			for _number, first, upto, grids in bounds
		)
		frappe.db.sql(
			f"""insert into bench_rows (number, part, place)
			select {start} + seq, case {index} end, case {place} end
			from (select seq, mod(seq * {STRIDE}, {total}) as dealt from seq_1_to_{total}) numbers"""  # noqa: S608
		)
		start += total


def any_of(doctype: str) -> str | None:
	names = frappe.get_all(doctype, pluck="name", order_by="name asc", limit_page_length=1)
	return names[0] if names else None


def _make_users() -> None:
	post, role = _reading_post()
	site_wide = frappe.get_all(
		"Role", filters={SITE_WIDE: 1}, pluck="name", order_by="name asc", limit_page_length=1
	)
	paths = dict(frappe.get_all("Grid", fields=["name", "grid_path"], as_list=True, order_by="name asc"))
	for case in cases():
		_make_user(case.ours, [role] if case.nodes else site_wide)
		_make_user(case.stock, [STOCK_ROLE])
		if case.nodes:
			_give_posts(case, post, role, paths)
			_give_user_permissions(case)


def _users(name: str) -> tuple[str, str]:
	return f"ours-{name}@example.com", f"stock-{name}@example.com"


def _make_user(email: str, roles: list[str]) -> None:
	if frappe.db.exists("User", email):
		user = frappe.get_doc("User", email)
	else:
		user = frappe.new_doc("User", email=email, first_name=email, send_welcome_email=0)
	user.set("roles", [{"role": role} for role in roles])
	user.save()


def _reading_post() -> tuple[str, str]:
	"""A post whose role may read issues and report on them, and that role."""
	rules = frappe.get_meta(OURS).permissions
	reading = {row.role for row in rules if row.read and row.report and not row.permlevel}
	by_post = set(frappe.get_all("Role", filters={BY_POST: 1}, pluck="name", order_by="name asc"))
	posts = frappe.get_all("Grid Post", fields=["name", "role"], order_by="name asc")
	return next((post.name, post.role) for post in posts if post.role in reading & by_post)


def _give_posts(case: Case, post: str, role: str, paths: dict[str, str]) -> None:
	worker = frappe.get_doc(
		{"doctype": "Grid Worker", "worker_name": case.name, "grid": COUNTY_CODE, "user": case.ours}
	).insert()
	values = {
		"docstatus": 0, "worker": worker.name, "worker_name": case.name, "post": post, "role": role, "user": case.ours,
		"from_date": today(), "owner": "Administrator", "modified_by": "Administrator",
	}  # fmt: skip
	_insert(
		"Grid Post Assignment",
		[
			{"name": f"{case.ours}-{node}", "grid": node, "grid_path": paths[node], **values}
			for node in case.nodes
		],
	)


def _give_user_permissions(case: Case) -> None:
	values = {
		"docstatus": 0, "user": case.stock, "allow": "Grid", "apply_to_all_doctypes": 1,
		"owner": "Administrator", "modified_by": "Administrator",
	}  # fmt: skip
	_insert(
		"User Permission",
		[{"name": f"{case.stock}-{node}", "for_value": node, **values} for node in case.nodes],
	)


def _insert(doctype: str, rows: list[dict[str, object]]) -> None:
	now = frappe.utils.now()
	fields = ["creation", "modified", *rows[0]]
	frappe.db.bulk_insert(doctype, fields, [(now, now, *row.values()) for row in rows])
