"""The clock in a process of its own, for `at_work.py call`: it can be killed, or kills itself on its way, and two can run at once."""

import itertools
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import frappe
from frappe.utils import background_jobs

from grid_governance.grid_issues import escalation
from grid_governance.grid_issues.escalation import sweep as clock
from tests.clock import pass_time
from tests.factories import make_category, make_holder, make_issue, make_township, make_user, seeded

GO, SECONDS = Path("go"), 120
"""A file for which a process waits inside its transaction, so that another one runs into it; and how long at most."""

ISSUE = "Grid Issue"


def build(count: str) -> dict[str, Any]:
	"""Make a village with its people and *count* urgent issues whose time is over, committed; return their names."""
	_drop_jobs()
	GO.unlink(missing_ok=True)
	make_user()
	frappe.db.sql("update `tabGrid Issue` set clock_at = null, next_escalation_at = null")
	frappe.db.delete("DefaultValue", {"parent": clock.changes.ORDERS})
	frappe.db.delete("Clock Failure")
	town = make_township(1, 1)
	make_holder("Township Office", town.root.name)
	secretary = make_holder("Village Secretary", town.villages[0].name)
	category = make_category()
	issues = [
		make_issue(town.grids[0][0].name, urgency="Urgent", category=category).name
		for _each in range(int(count))
	]
	for issue in issues:
		pass_time(issue, hours=25)
	frappe.db.delete("Digest Entry")
	frappe.db.commit()
	return {"issues": sorted(issues), "secretary": secretary}


def sweep(trap: str = "", at: str = "0") -> dict[str, int]:
	"""Do the job of the clock, and walk into the *trap* when the *at*-th issue has climbed."""
	_drop_jobs()
	if trap == "lost":
		_queue(_die)
	elif trap:
		_spring(int(at), TRAPS[trap])
	return escalation.run()


def later(hours: str, *issues: str) -> None:
	"""Let *hours* go by for *issues*."""
	_drop_jobs()
	for issue in issues:
		pass_time(issue, hours=float(hours))
	frappe.db.commit()


def spoil(issue: str) -> None:
	"""Let *issue* hold what its own rules refuse."""
	frappe.db.set_value(ISSUE, issue, {"latitude": 999, "longitude": 1}, update_modified=False)
	frappe.db.commit()


def hold(issue: str) -> None:
	"""Save *issue* as somebody at her desk does, and take her time before it is committed."""
	_drop_jobs()
	frappe.get_doc(ISSUE, issue, for_update=True).update({"title": "换一个标题"}).save()
	_linger()
	frappe.db.commit()


def take_away() -> None:
	"""Let the workflow have no step of the clock's from its first state any more, as an administrator does who saves it."""
	_lead_to(seeded("workflow_state/reported"))


def give_back() -> None:
	"""Put right what `take_away` has changed."""
	_lead_to(seeded("workflow_state/with-village"))


def _lead_to(state: str) -> None:
	_drop_jobs()
	parent = frappe.db.get_value("Workflow", {"document_type": ISSUE, "is_active": 1})
	step = {
		"parent": parent,
		"state": seeded("workflow_state/reported"),
		"action": seeded("workflow_action_master/escalate"),
	}
	frappe.db.set_value("Workflow Transition", step, "next_state", state)
	frappe.clear_document_cache("Workflow", parent)
	escalation.rearm()
	frappe.db.commit()


def _spring(at: int, trap: Callable[[], None]) -> None:
	climb, counter = clock.climb, itertools.count(1)

	def trapped(doc: object, step: tuple[str, str]) -> None:
		climb(doc, step)
		if next(counter) == at:
			trap()

	clock.climb = trapped


def _die(*_of: object, **_more: object) -> None:
	os.kill(os.getpid(), signal.SIGKILL)


def _linger() -> None:
	print(json.dumps("there"), flush=True)
	until = time.monotonic() + SECONDS
	while not GO.exists() and time.monotonic() < until:
		time.sleep(0.05)


def _deadlock() -> None:
	frappe.db.rollback()  # as the database does with the one that it gives up
	raise frappe.QueryDeadlockError(1213, "Deadlock found when trying to get lock")


def _drop_jobs() -> None:
	"""Keep jobs from the workers of the bench, which know no such site."""
	_queue(lambda *of, **more: None)


def _queue(take: Callable[..., None]) -> None:
	background_jobs.get_queue = lambda *args, **kwargs: SimpleNamespace(enqueue_call=take)


TRAPS = {"killed": _die, "slow": _linger, "deadlock": _deadlock}
