"""Visits whose time is over: what they say goes, that they were made stays and is counted. See the ledger's retention rules."""

from datetime import date

import frappe

from grid_governance.grid_ledger.actions import anonymising
from grid_governance.grid_ledger.actions.retention import Due
from grid_governance.grid_ledger.rules import retention
from grid_governance.grid_visits import MUST_VISIT, VISIT

KEPT = frozenset(
	(
		*("household", "visit_kind", "outcome", "outcome_before", "visited_at", "worker", "entered_at"),
		*("taken_back_at", "grid", "grid_path"),
	)
)
"""What figures need of a visit. Who was met, notes, photos, the place, what was promised and done are emptied."""


def _empty(names: list[str], today: date) -> None:
	anonymising.records(VISIT, names, KEPT, today)


def _delete(names: list[str], today: date) -> None:
	frappe.db.delete(MUST_VISIT, {"name": ["in", names]})


RETAINED = {
	retention.VISITS: Due(VISIT, "visited_at", lambda row: row.anonymised_on.isnull(), _empty),
	retention.MUST_VISITS: Due(MUST_VISIT, "done_at", lambda row: row.done_at.isnotnull(), _delete),
}
"""For `grid_retained`."""
