"""The periods that the reports on visits are asked about: the month by default, and the rounds that touch it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import frappe
from frappe.query_builder import DocType
from frappe.utils import getdate
from pypika.queries import Table
from pypika.terms import Criterion

from grid_governance.grid_visits import ROUND
from grid_governance.reporting import Question

LONGEST = timedelta(days=190)
"""No round lasts longer: half a year."""

STRAY_MAX = 20
"""Of more rounds than this a list has no words: an address holds no more names."""


def this_month(filters: dict[str, Any] | None) -> dict[str, Any]:
	"""Return *filters* that begin with the first of the month where they do not say when."""
	asked = dict(filters or {})
	asked["from_date"] = asked.get("from_date") or str(getdate(asked.get("to_date")).replace(day=1))
	return asked


@dataclass(frozen=True)
class Rounds:
	"""The rounds that touch a period: those that begin on one of the days *starts*, save the rounds *stray*.

	Townships have rounds of different lengths: one of a month that is over begins on the day of one of a quarter
	that still goes on.
	"""

	starts: tuple[str, ...]
	stray: tuple[str, ...]

	def rows(self, table: Table) -> Criterion:
		"""Return the condition of the rows of *table*, Round Household, that belong to these rounds."""
		inside = table.period_start.isin(self.starts or ("0001-01-01",))
		return inside & table.round.notin(self.stray) if self.stray else inside

	def filters(self) -> dict[str, Any] | None:
		"""Return the same as filters of the list, None where it has no words for it."""
		if len(self.stray) > STRAY_MAX:
			return None
		found: dict[str, Any] = {"period_start": ["in", list(self.starts)]}
		return found | {"round": ["not in", list(self.stray)]} if self.stray else found


def touched(question: Question) -> Rounds:
	"""Return the rounds that touch the period of *question*, in the reader's scope."""
	table = DocType(ROUND)
	near = (
		frappe.qb.from_(table)
		.where(question.where(table))
		.where(table.period_start <= question.to_date)
		.where(table.period_start >= question.from_date - LONGEST)
	)
	starts = (
		near.where(table.period_end >= question.from_date)
		.select(table.period_start)
		.distinct()
		.orderby(table.period_start)
		.run(pluck=True)
	)
	if not starts:
		return Rounds((), ())
	stray = (
		near.where(table.period_end < question.from_date)
		.where(table.period_start.isin(starts))
		.select(table.name)
		.orderby(table.name)
		.run(pluck=True)
	)
	return Rounds(tuple(map(str, starts)), tuple(stray))
