"""Two reports over 1,000,000 issues: ours against Query Reports written the usual way, on the same rows.

The stock side joins the issue to its grid and the grid to its village, groups by village, has an index on each
day that is asked for, and leaves it to Frappe's User Permissions on villages to take away the rows that are not
the reader's. Both are run as the Desk runs a report, each time as a fresh request, and have to count the same.
Rows: one for each report, reader and period, in milliseconds. The readers: of everything, a township, a village.
"""

from collections.abc import Callable

import frappe
from frappe.desk import query_report

from benchmarks import issue_reports_data, scope_data
from benchmarks.issue_reports_data import PERIODS
from benchmarks.pairing import Row, compare, take_turns, timed
from benchmarks.scope_data import STOCK, STOCK_ROLE, Case
from benchmarks.site import Bench
from grid_governance.grid_issues import markers
from grid_governance.grid_structure.rules import VILLAGE

ROUNDS = 5
URGENCIES = ("Urgent", "General", "Complex")
"""Those of the rows."""

READERS = ("unrestricted", "subtree 20 %", "subtree 0.5 %")
LEVELS, TIMELINESS = "Issue Resolution Levels", "Issue Closing and Timeliness"
REPORTS = (LEVELS, TIMELINESS)
STOCK_VILLAGE = "Plain Village"
FROM = """
	from `tabPlain Issue` issue
	join `tabGrid` grid on grid.name = issue.grid
	join `tabPlain Village` village on village.name = grid.parent_grid
	where issue.{dated} >= %(from_date)s and issue.{dated} < %(to_date)s + interval 1 day {more}
	group by village.name order by village.name"""


def run(bench: Bench) -> list[Row]:
	"""Load the data when it is not there, measure each report for each reader and return the rows."""
	issue_reports_data.ensure()
	cases = [case for case in scope_data.cases() if case.name in READERS]
	_make_stock_villages(cases)
	_make_stock_reports()
	rows = []
	for case in cases:
		for report in REPORTS:
			for name, period in PERIODS.items():
				_same_answers(bench, case, report, period)
				sides = {side: _contender(bench, case, report, period, side) for side in ("ours", "stock")}
				series = take_turns(sides, ROUNDS, warm_up=1)
				rows.append(compare(f"{report}, {case.name}, {name}", "ms", series["ours"], series["stock"]))
	return rows


def _make_stock_villages(cases: list[Case]) -> None:
	"""A DocType of villages that has none of our hooks, and each reader's User Permissions on it."""
	if not frappe.db.exists("DocType", STOCK_VILLAGE):
		frappe.get_doc(
			{
				"doctype": "DocType",
				"name": STOCK_VILLAGE,
				"custom": 1,
				"module": "Custom",
				"autoname": "hash",
				"fields": [{"fieldname": "village_name", "fieldtype": "Data", "label": "Village"}],
				"permissions": [{"role": STOCK_ROLE, "read": 1}],
			}
		).insert()
	frappe.db.delete(STOCK_VILLAGE)
	frappe.db.delete("User Permission", {"allow": STOCK_VILLAGE})
	level = frappe.db.get_value("Grid Level", {"position": VILLAGE})
	villages = frappe.get_all(
		"Grid", filters={"grid_level": level}, fields=["name", "grid_name", "grid_path"], order_by="name asc"
	)
	rows = [(village.name, village.grid_name) for village in villages]
	frappe.db.bulk_insert(STOCK_VILLAGE, ["name", "village_name"], rows)
	for case in cases:
		roots = tuple(frappe.db.get_value("Grid", node, "grid_path") for node in case.nodes)
		own = [village.name for village in villages if roots and village.grid_path.startswith(roots)]
		fields = ["name", "user", "allow", "for_value", "apply_to_all_doctypes"]
		given = [(f"{case.stock}-{name}-village", case.stock, STOCK_VILLAGE, name, 1) for name in own]
		if given:
			frappe.db.bulk_insert("User Permission", fields, given)
	frappe.db.commit()
	frappe.clear_cache()


def _make_stock_reports() -> None:
	closed, _opened = issue_reports_data.states()
	levels = [level.name for level in markers.levels()]
	by_level = ", ".join(
		f"sum(issue.resolution_level = {frappe.db.escape(level)}) as `{level}:Int:100`" for level in levels
	)
	by_urgency = ", ".join(
		f"""sum(issue.urgency = '{urgency}' and issue.resolved_at <= issue.due_by) as `{urgency} in time:Int:100`,
			sum(issue.urgency = '{urgency}' and (issue.resolved_at is not null or issue.due_by < now()))
				as `{urgency}:Int:100`"""
		for urgency in URGENCIES
	)
	final = f"issue.workflow_state = {frappe.db.escape(closed)}"
	village = "select village.name as `Village:Link/Plain Village:200`, count(*) as `All:Int:100`"
	_make_stock_report(LEVELS, f"{village}, {by_level} {FROM.format(dated='closed_at', more=f'and {final}')}")
	_make_stock_report(
		TIMELINESS,
		f"""{village}, sum({final}) as `Closed:Int:100`, sum(issue.resolved_at is null and issue.closed_at is null
			and issue.due_by < now()) as `Overdue:Int:100`, {by_urgency} {FROM.format(dated="found_at", more="")}""",
	)
	frappe.db.commit()


def _make_stock_report(name: str, query: str) -> None:
	name = _stock(name)
	frappe.db.delete("Report", name)
	frappe.db.delete("Has Role", {"parenttype": "Report", "parent": name})
	frappe.get_doc(
		{
			"doctype": "Report",
			"report_name": name,
			"ref_doctype": STOCK,
			"report_type": "Query Report",
			"is_standard": "No",
			"query": query,
			"roles": [{"role": STOCK_ROLE}],
		}
	).insert()


def _stock(report: str) -> str:
	return f"Plain {report}"


def _contender(
	bench: Bench, case: Case, report: str, period: dict[str, str], side: str
) -> Callable[[], float]:
	"""Return a contender that answers once before it is measured.

	The rows of both sides together are larger than the database's memory here, so each would measure how fast the
	disk brings back what the other has pushed out; on a server of its own neither does.
	"""
	request = _prepared(bench, case, side)

	def prepare() -> None:
		request()
		_answer(report, period, side)
		request()

	return timed(lambda: _answer(report, period, side), before=prepare)


def _prepared(bench: Bench, case: Case, side: str) -> Callable[[], None]:
	request = bench.request(case.ours if side == "ours" else case.stock, {})

	def prepare() -> None:
		request()
		# Frappe turns a report that took 15 seconds into one that is prepared in the background.
		frappe.db.set_value("Report", {"prepared_report": 1}, "prepared_report", 0)

	return prepare


def _answer(report: str, period: dict[str, str], side: str) -> list:
	if side == "stock":
		return query_report.run(_stock(report), filters=dict(period))["result"]
	village = frappe.db.get_value("Grid Level", {"position": VILLAGE})
	return query_report.run(report, filters={**period, "roll_up": village})["result"]


def _same_answers(bench: Bench, case: Case, report: str, period: dict[str, str]) -> None:
	"""Fail unless both sides count the same for every village: only then do their times compare."""
	_prepared(bench, case, "ours")()
	ours = {row["grid"]: _counts(row, report) for row in _answer(report, period, "ours") if row["grid"]}
	_prepared(bench, case, "stock")()
	stock = {row[0]: tuple(map(int, row[1:])) for row in map(_values, _answer(report, period, "stock"))}
	if report == TIMELINESS:  # without those in time, which ours shows as a share
		stock = {village: (*counts[:3], *counts[4::2]) for village, counts in stock.items()}
	if ours != stock or not ours:
		raise AssertionError(f"{report}, {case.name}: ours answers {ours}, stock {stock}")


def _counts(row: dict, report: str) -> tuple[int, ...]:
	if report == LEVELS:
		levels = [name for name in row if name.startswith("count_")]
		return (row["total"], *(row[name] for name in levels))
	urgencies = [f"judged_{urgency.lower()}" for urgency in URGENCIES]
	return (row["found"], row["closed"], row["overdue"], *(row[name] for name in urgencies))


def _values(row: object) -> list:
	return list(row.values()) if isinstance(row, dict) else list(row)
