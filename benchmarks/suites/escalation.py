"""The job of the clock: a county's 1,000,000 open issues with nothing due, and 1,000 that are.

Ours is the job itself: it finds what is due, lets each issue climb through the workflow, writes the log and its moments,
orders who is told, and commits. Stock is the barest loop that takes a step: Frappe's own `apply_workflow` on a custom
DocType with the same fields, no code, no notification and no version behind it, whose next step hardly anybody holds, one
commit each. Both stand in a site with the app installed and take turns; who is told is ordered, and told by workers later.

Rows: documents a second; statements to a document; the whole job, and its look for what is due, when nothing is, against
the 10 ms that it may take. The plan of that look is printed and has to use its own index. So are the statements of both.
"""

import time
from collections import Counter
from collections.abc import Callable
from statistics import median

import frappe
from frappe.model.workflow import apply_workflow

from benchmarks import bulk_load
from benchmarks import escalation_data as data
from benchmarks.background import own_queue, work_off
from benchmarks.pairing import Row, fewer_is_better, more_is_better, take_turns, timed
from benchmarks.site import Bench
from benchmarks.statements import counted, shape
from grid_governance.grid_issues import escalation
from grid_governance.grid_issues.escalation import sweep
from grid_governance.scope import doors

OURS, STOCK = "ours", "stock"
ROUNDS, WARM_UP = 3, 1
LOOKS = 21
ALLOWED = 10.0
"""Milliseconds that the job may take when nothing is due."""

INDEX = "clock_at"
SHOWN = 40


def run(bench: Bench) -> list[Row]:
	"""Load the data when it is not there, measure and return the rows."""
	data.ensure()
	doors.install()  # as before every job
	with own_queue():
		data.forget()
		rows = _nothing_due(bench)
		try:
			contenders = {OURS: lambda: _turn(bench, _ours), STOCK: lambda: _turn(bench, _stock)}
			series = take_turns(contenders, ROUNDS, WARM_UP)
			sent = {name: _statements(bench, work) for name, work in ((OURS, _ours), (STOCK, _stock))}
		finally:
			bench.open()
			data.forget()
			work_off(bench, dry=True)
	rates = {name: data.DUE / median(seconds) for name, seconds in series.items()}
	return [
		more_is_better(f"documents a second, {data.DUE:,} due", "1/s", rates[OURS], rates[STOCK], ROUNDS),
		fewer_is_better("statements to a document", "", sent[OURS], sent[STOCK], 1),
		*rows,
	]


def _nothing_due(bench: Bench) -> list[Row]:
	"""Measure the job that finds nothing to do. Raises AssertionError when its look does not use its own index."""
	bench.open()
	moment = frappe.utils.now_datetime()
	with counted() as sent:
		found = sweep._due(moment)
	plan = frappe.db.sql(f"explain {frappe.db.last_query}", as_dict=True)
	print(f"\n{sent[0]}\n{plan}")
	if found or [row["key"] for row in plan] != [f"{INDEX}_index"] or plan[0]["type"] not in ("range", "ref"):
		raise AssertionError(f"{len(found)} due, by {plan}")
	looks = [timed(lambda: sweep._due(moment))() for _look in range(LOOKS)]
	jobs = [timed(_check_idle)() for _look in range(LOOKS)]
	label = f"among {data.OPEN:,} open ones, against what it may take"
	return [
		fewer_is_better(f"the job with nothing due {label}", "ms", median(jobs), ALLOWED, LOOKS),
		fewer_is_better(f"its look for what is due {label}", "ms", median(looks), ALLOWED, LOOKS),
	]


def _check_idle() -> None:
	if any(escalation.run().values()):
		raise AssertionError("The clock had something to do.")


def _turn(bench: Bench, work: Callable[[], None]) -> float:
	"""Let *work* be done on rows that are due again, and return the seconds."""
	_prepare(bench)
	begin = time.perf_counter()
	work()
	seconds = time.perf_counter() - begin
	work_off(bench, dry=True)
	return seconds


def _prepare(bench: Bench) -> None:
	bench.open()
	data.renew()
	bulk_load.settle(few=0)


def _ours() -> None:
	done = escalation.run()
	if done[sweep.DONE] != data.DUE or data.moved(data.OURS) != data.DUE:
		raise AssertionError(f"{done} instead of {data.DUE} that climbed")


def _stock() -> None:
	for name in data.names():
		apply_workflow({"doctype": data.STOCK, "name": name}, data.ACTION)
		frappe.db.commit()
	if data.moved(data.STOCK) != data.DUE:
		raise AssertionError("Not every row of stock has taken its step.")


def _statements(bench: Bench, work: Callable[[], None]) -> float:
	"""Return how many statements *work* sends for a document, and print which."""
	_prepare(bench)
	with counted() as sent:
		work()
	work_off(bench, dry=True)
	print(f"\n{work.__name__.strip('_')}: {len(sent):,} statements for {data.DUE:,} documents")
	for statement, count in Counter(map(shape, sent)).most_common(SHOWN):
		print(f"  {count / data.DUE:7.2f}  {statement}")
	return len(sent) / data.DUE
