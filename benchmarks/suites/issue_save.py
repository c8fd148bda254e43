"""Reporting an issue and each step of its way, with 1,280 people holding the next role.

Ours against the very same document with stock workflow actions: the one line of ours that notes a step as done is
left out, and Frappe does what it does for every workflow (without e-mails, which the workflow as shipped does not
send). Each step is a request of its own with its commit, on an issue that was brought there before the clock ran.
Ours is the median of some runs; stock, which takes minutes, is run once for each step, with its caches warm.

Rows: for each step milliseconds, and the statements sent to the database. Before them are printed where the time
of stock went, and what ours left to a worker: background jobs go to a queue that no worker reads and are run here.
"""

from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from statistics import median
from unittest.mock import patch

import frappe

from benchmarks import issue_save_data
from benchmarks.background import own_queue, work_off
from benchmarks.issue_save_data import NEAR, TITLE, Cast
from benchmarks.pairing import Row, fewer_is_better, timed
from benchmarks.sampling import Sampler
from benchmarks.site import Bench
from benchmarks.statements import counted, shape
from grid_governance.grid_issues import ISSUE, steps
from grid_governance.scope import doors
from grid_governance.setup import seeds

ROUNDS, WARM_UP = 3, 1
REPORT = "report"
WAY = (REPORT, "submit-to-village", "start", "refer", "escalate", "resolve", "give-feedback")
SHORT_WAY = (REPORT, "submit-to-village", "resolve", "give-feedback", "reopen")
"""Of the last step. Frappe does nothing for a state that an issue has been in before, so each is a new one."""

WAYS = {step: WAY[: WAY.index(step)] for step in WAY} | {"reopen": SHORT_WAY[:-1]}
"""What an issue has behind it before each step."""

STOCK_ENTRY = "workflow_action/workflow_action.py:process_workflow_actions"
SHOWN = 16


@dataclass
class Where:
	"""What is gathered beside the rows: what stock was doing, and which statements it sent."""

	sampler: Sampler = field(default_factory=lambda: Sampler(below=STOCK_ENTRY, within="/apps/"))
	statements: Counter[str] = field(default_factory=Counter)


def run(bench: Bench) -> list[Row]:
	"""Make the people when they are not there, measure each step on both sides and return the rows."""
	casts = issue_save_data.ensure()
	doors.install()  # as before every request
	rows, stock = [], Where()
	try:
		with own_queue():
			for place, cast in casts.items():
				_warm_up(bench, cast)
				for step in WAYS if place == NEAR else (REPORT,):
					rows += _measured(bench, cast, step, f"{step}, {place}", stock)
	finally:
		bench.open()
		issue_save_data.forget_issues()
	_show(stock)
	return rows


def _warm_up(bench: Bench, cast: Cast) -> None:
	"""Let Frappe remember of everybody what it remembers between requests."""
	doc = frappe.get_doc(ISSUE, _brought_before(bench, cast, WAY[1]))
	for user in issue_save_data.everybody():
		frappe.has_permission(ISSUE, "read", doc=doc, user=user)


def _measured(bench: Bench, cast: Cast, step: str, name: str, where: Where) -> list[Row]:
	times, statements, background = [], 0, 0.0
	for _round in range(WARM_UP + ROUNDS):
		issue = _brought_before(bench, cast, step)
		ms, sent = _cost(bench, cast, step, issue)
		times.append(ms)
		statements, background = len(sent), work_off(bench, dry=_round < WARM_UP + ROUNDS - 1)
	issue = _brought_before(bench, cast, step)
	with patch.object(steps, "settle_workflow_action", lambda doc: None):
		stock, sent = _cost(bench, cast, step, issue, where.sampler)
	work_off(bench, dry=True)
	where.statements.update(map(shape, sent))
	print(f"{name}: ours leaves {background:,.0f} ms to a worker", flush=True)
	return [
		fewer_is_better(name, "ms", median(times[WARM_UP:]), stock, 1),
		fewer_is_better(f"{name}, statements", "", statements, len(sent), 1),
	]


def _brought_before(bench: Bench, cast: Cast, step: str) -> str | None:
	"""Return an issue that has taken the steps before *step*, None for the report."""
	issue = None
	for earlier in WAYS[step]:
		_request(bench, cast, earlier)
		issue = _take(cast, earlier, issue)
	work_off(bench, dry=True)
	return issue


def _cost(
	bench: Bench, cast: Cast, step: str, issue: str | None, sampler: Sampler | None = None
) -> tuple[float, list[str]]:
	"""Take *step* as a request and return the milliseconds and the statements that it took."""
	_request(bench, cast, step)
	with counted() as statements, sampler or nullcontext():
		return timed(lambda: _take(cast, step, issue))(), statements


def _request(bench: Bench, cast: Cast, step: str) -> None:
	bench.request(cast.reporter if step in WAY[:2] else cast.handler, {})()


def _take(cast: Cast, step: str, issue: str | None) -> str:
	if step == REPORT:
		values = {
			"title": TITLE,
			"category": cast.category,
			"grid": cast.grid,
			"description": "村口的路灯坏了三天。",
		}
		issue = frappe.get_doc({"doctype": ISSUE, **values}).insert().name
	else:
		steps.take_step(
			issue,
			seeds.name_of(f"workflow_action_master/{step}"),
			opinion="请尽快办理",
			result="已更换灯泡，恢复照明。" if step == "resolve" else "",
			feedback="满意" if step == "give-feedback" else "",
			lead_department=cast.department if step == "refer" else "",
		)
	frappe.db.commit()
	return issue


def _show(stock: Where) -> None:
	"""Print where the time of stock went."""
	print(f"\nstock, {stock.sampler.seconds:,.0f} s in all; share of time in a function and what it calls:")
	for name, share in stock.sampler.top(SHOWN):
		print(f"  {share:6.1%}  {name}")
	print(f"of {stock.statements.total():,} statements:")
	for statement, count in stock.statements.most_common(SHOWN // 2):
		print(f"  {count:7,}  {statement}")
