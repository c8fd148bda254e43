"""The data of the suite `escalation`: the tree and the users of `scope_data`, with 1,000,000 open issues, and those due.

The million are spread evenly over the grids. Half their time is over in decades, so that the clock has nothing to do on any
of them whenever this is run. Over each village and each township somebody holds the post of whoever acts there, and each
issue was reported by somebody. Of ten that are due two are urgent, seven general and one complex, as of all.

The same number of due rows stands in `Plain Issue`, which has a workflow of its own.
"""

import hashlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import frappe
from frappe.utils import today

from benchmarks import scope_data
from benchmarks.bulk_load import indexes_later
from benchmarks.issue_save_data import insert
from benchmarks.scope_data import GRIDS, OURS, STOCK, STRIDE
from grid_governance import scope
from grid_governance.grid_issues import markers, telling
from grid_governance.grid_issues.escalation import changes
from grid_governance.scope.custom_fields import BY_POST

OPEN, DUE = 1_000_000, 1_000
PART = 50_000
"""Rows to a transaction."""

PREFIX = "GI-CLOCK-"
"""How the names of those begin that are due."""

PEOPLE = "%-clock@example.com"
REPORTER = "reporter-clock@example.com"

STATES = ("Plain Open", "Plain Above", "Plain Over")
ACTION = "Plain Escalate"
STOCK_HOLDER = "System Manager"
"""Who takes the steps of the stock workflow; hardly anybody is, so that there are few for Frappe to look at."""

LEFT_BEHIND = (
	("Issue Log", "issue"),
	("Workflow Action", "reference_name"),
	("Comment", "reference_name"),
	("Version", "docname"),
	("Digest Entry", "document_name"),
	("Notification Log", "document_name"),
	("Clock Failure", "name"),
)
"""What a step leaves, and the field that names its issue."""


def ensure() -> None:
	"""Load the data unless this very data is there. Takes several minutes."""
	sources = b"".join(Path(module).read_bytes() for module in (__file__, scope_data.__file__))
	scope_data.load(hashlib.sha256(sources).hexdigest(), _fill)
	frappe.db.delete("DefaultValue", {"parent": changes.ORDERS})  # of a migration, to look through all issues
	_make_workflow()
	if not frappe.db.exists("User", REPORTER):
		insert("User", ("email", "first_name", "full_name", "enabled", "user_type"),
			[(REPORTER, REPORTER, "网格员", "网格员", 1, "System User")])  # fmt: skip
	if not frappe.db.exists("Grid Post Assignment", {"user": ("like", PEOPLE)}):
		_make_people()
		scope.forget()
	frappe.db.commit()
	frappe.clear_cache()


def names() -> list[str]:
	"""Return the names of the rows that are due, of ours as of stock."""
	return [f"{PREFIX}{number:07}" for number in range(DUE)]


def renew() -> None:
	"""Let all of `names` be due that the clock takes up first, with nothing behind them."""
	forget()
	_place_leaves()
	for doctype in (OURS, STOCK):
		_insert(doctype, 0, DUE, due=True)
	frappe.db.commit()


def forget() -> None:
	"""Take away those that are due, and what their steps have left."""
	made = {"like": f"{PREFIX}%"}
	permitted, action = (
		frappe.qb.DocType("Workflow Action Permitted Role"),
		frappe.qb.DocType("Workflow Action"),
	)
	held = frappe.qb.from_(action).select(action.name).where(action.reference_name.like(made["like"]))
	frappe.qb.from_(permitted).delete().where(permitted.parent.isin(held)).run()
	for doctype, field in (*LEFT_BEHIND, (OURS, "name"), (STOCK, "name")):
		frappe.db.delete(doctype, {field: ("like", made["like"])})
	frappe.db.commit()


def moved(doctype: str) -> int:
	"""Return how many of the rows that were due have taken a step."""
	first = markers.first_state() if doctype == OURS else STATES[0]
	return frappe.db.count(doctype, {"name": ("like", f"{PREFIX}%"), "workflow_state": ("!=", first)})


def _fill() -> None:
	_place_leaves()
	frappe.db.updatedb(OURS)  # whatever indexes an interrupted load has left
	frappe.get_doc("DocType", OURS).run_module_method("on_doctype_update")
	with indexes_later(OURS):
		for start in range(0, OPEN, PART):
			_insert(OURS, start, PART, due=False)
			frappe.db.commit()


def _place_leaves() -> None:
	frappe.db.sql_ddl("drop temporary table if exists bench_leaves")
	frappe.db.sql_ddl(
		"create temporary table bench_leaves (place int primary key, name varchar(140), path varchar(32))"
	)
	leaves = [(place, name, path) for place, (name, path) in enumerate(scope_data.lowest_grids())]
	frappe.db.sql(f"insert into bench_leaves values {', '.join(['%s'] * len(leaves))}", leaves)  # noqa: S608


def _insert(doctype: str, start: int, count: int, due: bool) -> None:
	"""Write *count* rows from number *start* on, in the order of the tree; *due*: spread over it, an hour late."""
	span = DUE if due else OPEN
	armed = doctype == OURS
	frappe.db.sql(
		f"""insert into `tab{doctype}` (name, creation, modified, modified_by, owner, title, category, urgency, source,
			grid, grid_path, location_note, description, found_at, due_by, workflow_state, resolution_level
			{", reminded, next_escalation_at, clock_at" if armed else ""})
		select concat(%(prefix)s, lpad(number, 7, '0')), found, found, %(reporter)s, %(reporter)s,
			concat('村口路灯不亮 ', number), %(category)s, urgency, 'Patrol', grid, grid_path, '村口',
			'村口的路灯坏了三天，晚上老人走路不便，请尽快安排维修。', found, due_by, %(state)s, %(level)s
			{", if(%(due)s, 2, 0), due_by, if(%(due)s, due_by, found + interval 40 year)" if armed else ""}
		from (
			select straight_join seq as number, leaf.name as grid, leaf.path as grid_path,
				if(%(due)s, now() - interval 40 day, now() - interval mod(seq * {STRIDE}, 40000) minute) as found,
				if(%(due)s, now() - interval (60 + mod(seq, 60)) minute,
					now() + interval 80 year + interval mod(seq * {STRIDE}, 40000) minute) as due_by,
				case mod(seq, 10) when 0 then 'Urgent' when 1 then 'Urgent' when 2 then 'Complex'
					else 'General' end as urgency
			from seq_{start}_to_{start + count - 1} numbers
			join bench_leaves leaf on leaf.place = seq * {GRIDS} div {span}
		) row order by number""",  # noqa: S608
		{
			"prefix": PREFIX if due else "GI-2025-",
			"reporter": REPORTER,
			"category": scope_data.any_of("Issue Category"),
			"state": markers.first_state() if armed else STATES[0],
			"level": markers.state(markers.first_state()).level.name,
			"due": int(due),
		},
	)


def _make_workflow() -> None:
	"""Give `Plain Issue` a workflow in which it can be led upwards twice, as Frappe's own form would make it."""
	if frappe.db.exists("Workflow", {"document_type": STOCK, "is_active": 1}):
		return
	for state in STATES:
		if not frappe.db.exists("Workflow State", state):
			frappe.get_doc(doctype="Workflow State", workflow_state_name=state).insert()
	if not frappe.db.exists("Workflow Action Master", ACTION):
		frappe.get_doc(doctype="Workflow Action Master", workflow_action_name=ACTION).insert()
	frappe.get_doc(
		doctype="Workflow",
		workflow_name=STOCK,
		document_type=STOCK,
		workflow_state_field="workflow_state",
		is_active=1,
		send_email_alert=0,
		states=[{"state": state, "doc_status": "0", "allow_edit": STOCK_HOLDER} for state in STATES],
		transitions=[
			{"state": state, "action": ACTION, "next_state": above, "allowed": STOCK_HOLDER}
			for state, above in pairwise(STATES)
		],
	).insert()


def _make_people() -> None:
	"""Let somebody hold each post that acts where the clock takes an issue, over each node where such a post is held."""
	posts = [(user, post, role, *node) for user, post, role, node in _held()]
	users = sorted({(user, role) for user, _post, role, _grid, _path in posts})
	insert("User", ("email", "first_name", "full_name", "enabled", "user_type"),
		((user, user, "干部", "干部", 1, "System User") for user, _role in users))  # fmt: skip
	insert("Notification Settings", ("enabled", "enable_email_notifications", "user"),
		((user, 1, 1, user) for user, _role in users))  # fmt: skip
	insert("Has Role", ("parent", "parenttype", "parentfield", "role"),
		((f"{user}-{role}", user, "User", "roles", role) for user, role in users))  # fmt: skip
	insert("Grid Worker", ("worker_name", "user", "grid", "grid_path", "active"),
		((user, "干部", user, grid, path, 1) for user, _post, _role, grid, path in posts))  # fmt: skip
	insert("Grid Post Assignment",
		("worker", "worker_name", "user", "from_date", "post", "role", "grid", "grid_path"),
		((user, user, "干部", user, today(), post, role, grid, path) for user, post, role, grid, path in posts))  # fmt: skip


def _held() -> Iterator[tuple[str, str, str, tuple[str, str]]]:
	"""Yield (user, post, role, (grid, its path))."""
	for role in _roles():
		post = frappe.get_all(
			"Grid Post",
			filters={"role": role, "works_for_department": 0, "applies_to_level": ("is", "set")},
			fields=["name", "applies_to_level"],
			order_by="part_time asc, name asc",
			limit_page_length=1,
		)[0]
		nodes = frappe.get_all(
			"Grid",
			filters={
				"grid_level": post.applies_to_level,
				"grid_code": ("like", f"{scope_data.COUNTY_CODE}%"),
			},
			fields=["name", "grid_path"],
			order_by="grid_path asc",
			as_list=True,
			limit_page_length=0,
		)
		for node in nodes:
			yield f"{frappe.scrub(role)}-{node[0]}{PEOPLE[1:]}", post.name, role, node


def _roles() -> list[str]:
	"""Return the roles given by posts that act where the clock takes an issue from its first state on."""
	acting, state, found = telling.acting(OURS), markers.first_state(), set()
	while step := markers.clock_step(state):
		state = step[1]
		found |= acting.get(state, frozenset())
	return frappe.get_all(
		"Role", filters={"name": ["in", sorted(found)], BY_POST: 1}, pluck="name", order_by="name asc"
	)
