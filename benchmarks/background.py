"""Background jobs that a benchmark orders: they wait where no worker looks, so that none works while the clock runs."""

from contextlib import AbstractContextManager
from functools import partial
from unittest.mock import patch

from frappe.utils import background_jobs
from rq import Queue

from benchmarks.pairing import timed
from benchmarks.site import Bench


def own_queue() -> AbstractContextManager:
	"""Let what is ordered wait in queues that no worker reads."""
	return patch.object(background_jobs, "generate_qname", lambda kind: f"benchmark:{kind}")


def work_off(bench: Bench, dry: bool) -> float:
	"""Run the background jobs that wait and return the milliseconds; *dry* only drops them."""
	total = 0.0
	for kind in background_jobs.get_queues_timeout():
		queue = Queue(background_jobs.generate_qname(kind), connection=background_jobs.get_redis_conn())
		for job in [] if dry else queue.jobs:
			bench.request(job.kwargs["user"], {})()
			total += timed(partial(background_jobs.execute_job, **{**job.kwargs, "is_async": False}))()
		queue.delete(delete_jobs=True)
	return total
