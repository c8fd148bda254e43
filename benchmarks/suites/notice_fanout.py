"""A notice for a township: 60,000 households in 33 villages, each with a delivery of its own that a code confirms.

Ours is what happens when it is approved: the request, and the job that writes the deliveries village by village, with the
progress that it shows. Stock is one `insert()` for each delivery of one grid, into the same table with the same indexes,
in one transaction, hooks, scope and links checked as Frappe does; without codes, and without asking which households are
meant. Its time is told for a delivery and for all. The two take turns; other notices are in the table already.

Rows: the deliveries of the township; a delivery; the request that approves, against all deliveries made in it.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from statistics import median
from unittest.mock import patch

import frappe
from frappe.model.workflow import apply_workflow
from frappe.utils import background_jobs
from rq import Queue

from benchmarks import bulk_load
from benchmarks import round_open_data as data
from benchmarks.pairing import MILLISECONDS, Row, fewer_is_better, take_turns
from benchmarks.site import Bench
from grid_governance.grid_ledger import HOUSEHOLD
from grid_governance.grid_visits.doctype.notice_delivery.notice_delivery import NoticeDelivery
from grid_governance.grid_visits.notices import DELIVERY, NOTICE, sending
from grid_governance.scope import doors
from grid_governance.setup import seeds

TITLE = "基准测试：眼科义诊"
STANDING = 2
"""Notices whose deliveries are in the table before the clock runs."""

ROUNDS, WARM_UP = 3, 0
OURS, STOCK = "ours", "stock"
SHOWN = "{:,.0f} ms for the request, {:,.2f} s for {:,} deliveries"


def run(bench: Bench) -> list[Row]:
	"""Measure on the benchmark site and return the rows. Takes a few minutes."""
	data.ensure()
	doors.install()  # as before every request
	_forget()
	requests: list[float] = []
	try:
		with _own_queue():
			for _notice in range(STANDING):
				_send(bench)
			contenders = {OURS: lambda: _ours(bench, requests), STOCK: lambda: _stock(bench)}
			series = take_turns(contenders, ROUNDS, WARM_UP)
	finally:
		_drop_jobs()
		bench.open()
		_forget()
	ours, stock = (median(series[name]) for name in (OURS, STOCK))
	request = median(requests[WARM_UP:])
	return [
		fewer_is_better("60,000 deliveries", "s", ours, stock * data.HOMES, ROUNDS),
		fewer_is_better("a delivery", "ms", ours * MILLISECONDS / data.HOMES, stock * MILLISECONDS, ROUNDS),
		fewer_is_better(
			"the request that approves", "ms", request, stock * data.HOMES * MILLISECONDS, ROUNDS
		),
	]


def _ours(bench: Bench, requests: list[float]) -> float:
	request, seconds, notice = _send(bench)
	requests.append(request * MILLISECONDS)
	count = frappe.db.count(DELIVERY, {"notice": notice})
	if count != data.HOMES:
		raise AssertionError(f"{count} of {data.HOMES} deliveries were written")
	print(SHOWN.format(request * MILLISECONDS, seconds, count), flush=True)
	_forget(notice)
	return seconds


def _send(bench: Bench) -> tuple[float, float, str]:
	"""Approve a notice and do its job; return the seconds of the request and of the job, and the notice."""
	bench.open()
	notice = _notice()
	bench.open()
	request = _seconds(lambda: _approve(notice))
	bench.open()
	return request, _seconds(lambda: sending.fan_out(notice)), notice


def _stock(bench: Bench) -> float:
	"""Return the seconds of one insert, taken over the households of one grid."""
	bench.open()
	notice = _notice()
	_approve(notice)
	bench.open()
	where = {"grid_path": data.grids()[0]}
	homes = frappe.get_all(HOUSEHOLD, where, ["name", "grid"], order_by="name asc", limit_page_length=0)
	with patch.object(
		NoticeDelivery, "validate", lambda self: None
	):  # which refuses what is not sent by sets
		seconds = _seconds(lambda: _insert(notice, homes)) / len(homes)
	_forget(notice)
	return seconds


def _insert(notice: str, homes: list[frappe._dict]) -> None:
	due = sending.door_time(frappe.get_doc(NOTICE, notice))
	for home in homes:
		values = {"notice": notice, "household": home.name, "resident": "", "grid": home.grid}
		frappe.get_doc({"doctype": DELIVERY, **values, "state": "Waiting", "doorstep_at": due}).insert()
	frappe.db.commit()


def _notice() -> str:
	values = {
		"notice_title": TITLE,
		"notice_type": seeds.name_of("notice_type/service"),
		"grid": frappe.db.get_value("Grid", {"grid_code": data.CODE}),
		"content": "八月十日上午九点，眼科医生在村卫生室义诊。",
		"by_desk": 0,
	}
	name = frappe.get_doc({"doctype": NOTICE, **values}).insert().name
	frappe.db.commit()
	return name


def _approve(notice: str) -> None:
	apply_workflow(frappe.get_doc(NOTICE, notice), seeds.name_of("workflow_action_master/notice-send"))
	frappe.db.commit()


def _seconds(work: Callable[[], object]) -> float:
	begin = time.perf_counter()
	work()
	return time.perf_counter() - begin


def _forget(notice: str | None = None) -> None:
	"""Take a notice of this suite away with its deliveries, by default all of them, and wait until the database has really
	done so: rows that it still throws away are no part of what is measured next."""
	names = (
		[notice] if notice else frappe.get_all(NOTICE, {"notice_title": TITLE}, pluck="name", order_by="name")
	)
	for name in names:
		frappe.db.delete(DELIVERY, {"notice": name})
		for doctype, field in (("Version", "docname"), ("Comment", "reference_name"), (NOTICE, "name")):
			frappe.db.delete(doctype, {field: name})
		frappe.db.delete("Workflow Action", {"reference_name": name})
		frappe.db.commit()
	bulk_load.settle(few=0)


def _own_queue() -> AbstractContextManager:
	"""Let background jobs wait where no worker looks, so that none works while the clock runs."""
	return patch.object(background_jobs, "generate_qname", lambda kind: f"benchmark:{kind}")


def _drop_jobs() -> None:
	for kind in background_jobs.get_queues_timeout():
		Queue(f"benchmark:{kind}", connection=background_jobs.get_redis_conn()).delete(delete_jobs=True)
