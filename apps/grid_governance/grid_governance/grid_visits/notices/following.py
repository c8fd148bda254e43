"""What has not reached anybody follows the ledger: to another grid, to another door with its person, or nowhere any more.

A delivery to a household that is dissolved, or to somebody who moved out, died or was merged into another record, cannot be
told to anybody: it stays on record, and no longer stands among the recipients. What has reached somebody stays where it was, and so
does what a notice that is over or withdrawn has left.
"""

from collections import defaultdict
from collections.abc import Collection

import frappe
from frappe.query_builder import DocType
from frappe.query_builder.functions import Coalesce
from frappe.utils import now
from pypika.terms import ExistsCriterion

from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.rules.households import GONE
from grid_governance.grid_visits.notices import DELIVERY, LEFT, NOTICE, SENT, UNREACHABLE, stages, telling


def follow(homes: Collection[str] | None = None) -> None:
	"""Let what has not reached the households *homes*, or people who were to be told there, follow them. One statement finds
	that all is as it should be.

	A person who joined another household is told at its door; who is gone is told nowhere. Without *homes* all are followed,
	daily: of a household that was dissolved while a job wrote its delivery no event has told.
	"""
	lost, moved = defaultdict(list), defaultdict(list)
	for name, notice, is_lost, *place in _astray(homes):
		if is_lost:
			lost[notice].append(name)
		else:
			moved[tuple(place)].append(name)
	for notice in sorted(lost):
		_give_up(notice, lost[notice])
	for place, names in moved.items():
		_bring(names, *place)


def _astray(homes: Collection[str] | None) -> list[tuple[str, ...]]:
	"""The deliveries that have reached nobody and lie where nobody can be told: name, notice, whether nobody can be told
	anywhere, and household, grid and path of where the household or person is."""
	row, notice, person, home = DocType(DELIVERY), DocType(NOTICE), DocType(RESIDENT), DocType(HOUSEHOLD)
	twin = DocType(DELIVERY).as_("twin")
	# A job that was begun again after she moved has written her another one.
	told_there = (
		frappe.qb.from_(twin)
		.select(twin.name)
		.where((twin.household == home.name) & (twin.notice == row.notice))
		.where((twin.resident == row.resident) & (twin.name != row.name))
	)
	is_gone = (home.status != "Active") | person.status.isin(GONE) | (person.merged_into != "")
	is_elsewhere = (home.name != row.household) | (home.grid_path != row.grid_path)
	query = (
		frappe.qb.from_(row)
		.join(notice)
		.on(notice.name == row.notice)
		.left_join(person)
		.on(person.name == row.resident)
		.join(home)
		.on(home.name == Coalesce(person.household, row.household))
		.select(row.name, row.notice, is_gone | ExistsCriterion(told_there))
		.select(home.name, home.grid, home.grid_path)
		.where(row.state.isin(LEFT) & notice.workflow_state.isin(stages.going() or [""]))
		.where(is_gone | is_elsewhere)
	)
	if homes is not None:
		query = query.where(row.household.isin(homes))
	return query.orderby(row.name).run()


def _give_up(notice: str, names: list[str]) -> None:
	"""Take the deliveries *names* from the recipients of *notice*, which may have reached everybody without them.

	The notice first, then its deliveries, as whoever tells does.
	"""
	frappe.db.get_value(NOTICE, notice, "name", for_update=True)
	row, doc = DocType(DELIVERY), DocType(NOTICE)
	still = row.name.isin(names) & row.state.isin(LEFT)
	states = frappe.qb.from_(row).select(row.state).where(still).for_update().run(pluck=True)
	frappe.qb.update(row).set(row.state, UNREACHABLE).set(row.modified, now()).where(still).run()
	(
		frappe.qb.update(doc)
		.set(doc.recipients, doc.recipients - len(states))
		.set(doc.sent_to, doc.sent_to - states.count(SENT))
		.where(doc.name == notice)
		.run()
	)
	telling.settle(notice)


def _bring(names: list[str], household: str, grid: str, path: str) -> None:
	"""Put the deliveries *names* where they are told now. Their codes stay those of the household they were made for."""
	row = DocType(DELIVERY)
	(
		frappe.qb.update(row)
		.set(row.code_household, Coalesce(row.code_household, row.household))  # first: it is what stood there
		.set(row.household, household)
		.set(row.grid, grid)
		.set(row.grid_path, path)
		.where(row.name.isin(names) & row.state.isin(LEFT))
		.run()
	)
