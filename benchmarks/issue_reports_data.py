"""The data of the suite `issue_reports`: the tree and the users of `scope_data`, with 1,000,000 issues.

Spread evenly over the grids and over two years. 19 of 20 are resolved and closed, after up to 200 hours; of ten,
two are urgent, seven general and one complex. The same rows stand in `Plain Issue`, which has indexes on both
days that reports ask for.
"""

import hashlib
from pathlib import Path

import frappe

from benchmarks import scope_data
from benchmarks.bulk_load import indexes_later
from benchmarks.scope_data import GRIDS, OURS, STOCK
from grid_governance.grid_issues import markers

ROWS = 1_000_000
PART = 50_000
"""Rows to a transaction."""

PERIODS = {
	"two years": {"from_date": "2024-01-01", "to_date": "2025-12-31"},
	"one month": {"from_date": "2025-03-01", "to_date": "2025-03-31"},
}
STRIDE = scope_data.STRIDE


def ensure() -> None:
	"""Load the data unless this very data is there. Takes several minutes."""
	sources = b"".join(Path(module).read_bytes() for module in (__file__, scope_data.__file__))
	scope_data.load(hashlib.sha256(sources).hexdigest(), _fill)


def states() -> tuple[str, str]:
	"""Return the states that closed and open issues are in."""
	return markers.final_states()[0], markers.first_state() or ""


def _fill() -> None:
	frappe.db.sql_ddl("drop temporary table if exists bench_leaves")
	frappe.db.sql_ddl(
		"create temporary table bench_leaves (place int primary key, name varchar(140), path varchar(32))"
	)
	leaves = [(place, name, path) for place, (name, path) in enumerate(scope_data.lowest_grids())]
	frappe.db.sql(f"insert into bench_leaves values {', '.join(['%s'] * len(leaves))}", leaves)  # noqa: S608
	closed, opened = states()
	values = {
		"category": scope_data.any_of("Issue Category"),
		"closed": closed,
		"opened": opened,
		"levels": [level.name for level in markers.levels()][:3],
	}
	for day in ("found_at", "closed_at"):
		frappe.db.add_index(STOCK, [day])
	frappe.db.updatedb(OURS)  # whatever indexes an interrupted load has left
	frappe.get_doc("DocType", OURS).run_module_method("on_doctype_update")
	for doctype in (OURS, STOCK):
		with indexes_later(doctype):
			for start in range(0, ROWS, PART):
				_insert(doctype, start, values)
				frappe.db.commit()


def _insert(doctype: str, start: int, values: dict[str, object]) -> None:
	"""Write the rows from *start* on, in the order of the tree."""
	spot, village, above = values["levels"]
	frappe.db.sql(
		f"""insert into `tab{doctype}` (name, creation, modified, modified_by, owner, title, category, urgency,
			source, grid, grid_path, location_note, description, found_at, due_by, workflow_state, result,
			resolved_at, feedback, feedback_at, closed_at, resolution_level)
		select concat('GI-2025-', lpad(number, 7, '0')), found, found, 'Administrator', 'Administrator',
			concat('村口路灯不亮 ', number), %(category)s, urgency, if(mod(number, 25), 'Patrol', 'Online Referral'),
			grid, grid_path, '村口', '村口的路灯坏了三天，晚上老人走路不便，请尽快安排维修。', found,
			found + interval if(urgency = 'Urgent', 24, if(urgency = 'General', 168, 720)) hour,
			if(ended, %(closed)s, %(opened)s), if(ended, '已更换灯泡，恢复照明。', null),
			if(ended, found + interval taken hour, null), if(ended, '满意', null),
			if(ended, found + interval (taken + 4) hour, null), if(ended, found + interval (taken + 4) hour, null),
			case when dealt < 35 then %(spot)s when dealt < 98 then %(village)s else %(above)s end
		from (
			select straight_join seq as number, leaf.name as grid, leaf.path as grid_path,
				timestamp('2024-01-01') + interval mod(seq * {STRIDE}, {ROWS}) minute as found,
				mod(seq, 20) > 0 as ended, mod(seq * {STRIDE}, 200) as taken, mod(seq div 20, 100) as dealt,
				case mod(seq div 3, 10) when 0 then 'Urgent' when 1 then 'Urgent' when 2 then 'Complex'
					else 'General' end as urgency
			from seq_{start}_to_{start + PART - 1} numbers
			join bench_leaves leaf on leaf.place = seq * {GRIDS} div {ROWS}
		) row order by number""",  # noqa: S608
		{**values, "spot": spot, "village": village, "above": above},
	)
